"""The JSON command API under `/api/`: commands of people, messages of devices, the state of a session. It answers by the acknowledgement
contract and by the error table alone; every rule stands below. 201 is sent after COMMIT, never before.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer, django_auth
from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from openinfusion import wiring
from openinfusion.app import bedside, intake, present, records
from openinfusion.app.access import Action, require
from openinfusion.app.commands import envelope, read_command
from openinfusion.app.judging import scores_of
from openinfusion.app.ports import Ports, Receipt
from openinfusion.core.administration.checklist import stage
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.transitions import allowed
from openinfusion.core.administration.volume import planned_volume
from openinfusion.core.canonical import Json
from openinfusion.core.errors import ERROR_TABLE, CommandRefused, Conflict, Malformed, NotAllowed, NotFound, NotSaved, OpenInfusionError
from openinfusion.web import calculate_api
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of
from openinfusion.web.serving import WATCH
from openinfusion.web.wording import labels

RETRY_AFTER_S = 5
INSUFFICIENT_STORAGE = 507
GATE = intake.SampleGate()


class GatewayToken(HttpBearer):
    """The token of a gateway; what authenticates is the gateway's name."""

    def authenticate(self, request: HttpRequest, token: str) -> str | None:
        """The gateway with this token, None for one that opens nothing."""
        del request
        return wiring.gateways().name_of(token)


api = NinjaAPI(
    title="OpenInfusion",
    version="1",
    description="Commands and messages. Numbers are decimal text with a UCUM unit; moments carry their offset.",
    auth=django_auth,
    urls_namespace="api",
)


class CommandBody(BaseModel):
    """One command of a person: `seen` is the seq of the view on which a control command was given."""

    model_config = ConfigDict(extra="forbid")
    command_id: UUID
    occurred_at: AwareDatetime
    zone: Annotated[str, StringConstraints(max_length=64)] = "UTC"
    seen: int | None = None
    command: dict[str, Any]


def strict_json(request: HttpRequest) -> dict[str, Json]:
    """The body as one JSON object; a number with a point, a name that stands twice, or bytes that are no UTF-8 are refused, never read."""
    try:
        body = json.loads(request.body.decode("utf-8"), parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Malformed("body", str(error), "one JSON object; decimal numbers as text") from error
    if not isinstance(body, dict):
        raise Malformed("body", "it is no JSON object", "one JSON object")
    return body


def _no_float(text: str) -> None:
    raise ValueError(f"{text} is a bare decimal number; write it as text in quotes")


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


_COMMAND_DOCS = {"requestBody": {"required": True, "content": {"application/json": {"schema": CommandBody.model_json_schema()}}}}
_MESSAGE_DOCS = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


@api.post("/sessions/{uuid:session}/commands", openapi_extra=_COMMAND_DOCS, summary="Give one command to a session")
def give_command(request: HttpRequest, session: UUID) -> HttpResponse:
    """201 after COMMIT, 200 for an identical retry, 409 for a reused id or a stale view, 422 with findings, 400 with the raw text kept."""
    house, actor = ports(), actor_of(request)
    try:
        raw = strict_json(request)
        body = _checked(raw)
        command = read_command(body.command)
    except Malformed as error:
        return _kept(request, error, actor.id)
    sent = envelope(body.command_id, {"session": str(session), **raw}, actor.id, body.occurred_at, body.zone)
    try:
        answer = bedside.handle(house, str(session), command, sent, actor, body.seen)
    except Conflict as error:
        shown = {"state": _state(house, str(session), bedside.state_of(house, str(session)))}
        return problem(error, shown)
    WATCH.wake()
    return JsonResponse(_receipt(answer.receipt), status=200 if answer.receipt.repeated else 201)


def _checked(raw: Mapping[str, Json]) -> CommandBody:
    try:
        return CommandBody.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        at = ".".join(str(part) for part in first["loc"])
        raise Malformed(at, first["msg"], "the fields of the command's envelope") from error


def _receipt(receipt: Receipt) -> dict[str, Json]:
    last = receipt.events[-1]
    return {
        "events": [one.id for one in receipt.events],
        "stream": last.stream,
        "seq": last.seq,
        "recorded_at": last.recorded_at.isoformat(),
        "review": [rule for one in receipt.events for rule in getattr(one.event, "rules", ())],
    }


@api.get("/sessions/{uuid:session}", summary="One session as it stands")
def show_session(request: HttpRequest, session: UUID) -> HttpResponse:
    """The state, what may be done now, and the administration record."""
    house = ports()
    require(actor_of(request), Action.READ_CHART)
    return JsonResponse(_state(house, str(session), bedside.state_of(house, str(session))))


def _state(house: Ports, session: str, state: SessionState) -> dict[str, Json]:
    plan, now = state.plan, house.clock.now()
    if plan is None:
        raise NotFound("session", session)
    protocol = house.library.of_hash(plan.content_hash).protocol
    return {
        "session": session,
        "patient": state.patient,
        "course": state.course,
        "number": state.number,
        "seq": state.seq,
        "stage": stage(state, now).value,
        "rate": present.quantity_json(state.rate),
        "allowed": [command.__name__ for command in allowed(state, protocol)],
        "devices": dict(state.devices),
        "record": records.record(state, protocol, now, scores_of(house, state)),
    }


@api.post("/ingest", auth=GatewayToken(), openapi_extra=_MESSAGE_DOCS, summary="One message of a device")
def ingest(request: HttpRequest) -> HttpResponse:
    """201 after COMMIT, 200 for an identical retry, 202 when no open session has the device; see docs/reference/ingest.md."""
    house, gateway = ports(), str(getattr(request, "auth", ""))
    try:
        raw = strict_json(request)
        message = intake.read_message(raw)
    except Malformed as error:
        return _kept(request, error, gateway)
    taken = intake.receive(house, GATE, gateway, message, raw)
    if not taken.session and not taken.repeated:
        held = wiring.quarantine(house.clock).keep(gateway, request.path, "device-without-session", request.body.decode("utf-8"))
        return JsonResponse({"message_id": str(message.message_id), "quarantine": held}, status=202)
    WATCH.wake()
    shown = {"message_id": str(message.message_id), "session": taken.session, "events": [*taken.events], "blocks": [*taken.blocks]}
    return JsonResponse(shown, status=200 if taken.repeated else 201)


@api.get("/devices/{str:device}", auth=GatewayToken(), summary="What the chart orders of a device now")
def show_device(request: HttpRequest, device: str) -> HttpResponse:
    """For a display that compares, and for a simulated keypad; it holds no patient and no session, and is no order to a pump."""
    del request
    house = ports()
    row = house.models.get("devices", device)
    if row is None:
        raise NotFound("device", device)
    state = bedside.state_of(house, str(row.content["session"]))
    return JsonResponse(
        {
            "device": device,
            "kind": row.content["kind"],
            "flow": state.flow.value,
            "rate": present.quantity_json(state.rate),
            "ordered_at": None if state.ordered_at is None else state.ordered_at.isoformat(),
            "volume": present.quantity_json(planned_volume(state)),
            "open": sorted(matter.value for matter in state.open),
        }
    )


@api.post("/v1/calc/{name}", openapi_extra=calculate_api.DOCS, summary="Work out one calculation", description=calculate_api.WORDS)
def calculate(request: HttpRequest, name: str) -> HttpResponse:
    """The object that `openinfusion calc --json` prints; see docs/reference/calc.md."""
    return calculate_api.answer_to(request, name, strict_json(request))


def problem(error: OpenInfusionError, more: Mapping[str, Json] | None = None) -> HttpResponse:
    """The one shape of every failure: its code, its words, the findings that refused, and what the caller may need besides."""
    words = present.error(error, gettext, present.Glossary(fields=labels()))
    shown: dict[str, Any] = {
        "error": {
            "code": error.code.value,
            "text": words.text,
            "what_is_true": words.what_is_true,
            "what_is_safe": words.what_is_safe,
            "what_to_do": words.what_to_do,
        },
        **(more or {}),
    }
    if isinstance(error, CommandRefused):
        shown["findings"] = [present.finding_json(one, gettext, present.Glossary(fields=labels())) for one in error.findings]
    answer = JsonResponse(shown, status=_status(error))
    if isinstance(error, NotSaved):
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _status(error: OpenInfusionError) -> int:
    """The status of the error table; a full disk has its own."""
    if isinstance(error, NotSaved) and ("full" in str(error.params["reason"]) or "53100" in str(error.params["reason"])):
        return INSUFFICIENT_STORAGE
    return ERROR_TABLE[error.code].http


def _kept(request: HttpRequest, error: Malformed, sender: str) -> HttpResponse:
    """What cannot be read is kept as it came, for a person."""
    text = request.body.decode("utf-8", errors="backslashreplace")
    return problem(error, {"quarantine": wiring.quarantine(ports().clock).keep(sender, request.path, str(error.params["at"]), text)})


@api.exception_handler(OpenInfusionError)
def _expected(request: HttpRequest, error: OpenInfusionError) -> HttpResponse:
    del request
    return problem(error)


@api.exception_handler(AuthenticationError)
def _unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    del request, error
    answer = problem(NotAllowed("sign-in", ()))
    answer.status_code = 401
    return answer
