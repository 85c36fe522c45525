"""One audit row for each request that touches patient data or the people of the store, written after the answer was made and before it is
sent. No view can forget it: every address leaves a row unless it is listed here as holding no patient data.

A chart that cannot be audited is not shown. What was stored, what records, and emergency treatment go on; the failure is logged. A row
never holds what a chart says.
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, resolve

from openinfusion import wiring
from openinfusion.app.access import EMERGENCY, Role
from openinfusion.app.ports import AuditOutcome, AuditRow
from openinfusion.core.administration.parts import Actor
from openinfusion.core.errors import NotFound, NotSaved
from openinfusion.web.asked import Asked, asked, command_of_request
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, place_of, refused_name
from openinfusion.web.problems import problem_page
from openinfusion.web.views.stages import REACTION

log = logging.getLogger("openinfusion.audit")

NO_PATIENT_DATA = frozenset(
    {
        *("", "home", "protocols", "protocol", "protocol-version", "protocol-difference", "healthz", "readyz"),
        *("calculators", "calculator", "api:calculate"),
        *("complications", "complication-drill", "kinetics"),
        *("api:openapi-json", "api:openapi-view", "api:api-root"),
    }
)
"""Routes that leave no row. Whatever is not here leaves one."""

_SIGN_IN = ("sign-in", "first-sign-in")
_GATEWAY = ("api:ingest", "api:show_device")
_BY_SCRIPT = ("session-panel", "session-chart")
_BEFORE = "openinfusion.actor-before"
_MOST_OPEN = 10_000
REFRESHED = timedelta(minutes=10)
"""How long the rows of a page that is open cover what it fetches by itself."""


class AuditMiddleware:
    """Writes the rows of each request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, once its rows are stored; without them the words of NotSaved where it would show a chart."""
        answer = self.get_response(request)
        try:
            rows = rows_of(request, answer)
            wiring.audit_trail().write(*rows)
            OPEN.note(rows)
        except (NotSaved, DatabaseError) as error:
            log.error("an audit row was not stored", extra={"code": type(error).__name__})  # noqa: TRY400 - a trace says no more
            if not _goes_on(request, answer):
                answer.close()
                return _not_shown(request, error)
        return answer

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        """Keep who asks, before a sign-out or the end of an idle session."""
        del view, args, kwargs
        if request.user.is_authenticated:
            request.META[_BEFORE] = actor_of(request)


def rows_of(request: HttpRequest, answer: HttpResponseBase) -> tuple[AuditRow, ...]:
    """The rows that a request leaves: its own where it touches patient data or users, and one for each signature that was refused."""
    about = asked(request)
    if about.route in NO_PATIENT_DATA or (about.route in _SIGN_IN and request.method in ("GET", "HEAD")):
        return ()
    actor, outcome = _who(request), _outcome(request, answer)
    if about.route in _GATEWAY and outcome is AuditOutcome.ALLOWED:
        return ()  # what a device reports stands whole in the record, with its gateway; what it may read names no patient
    refused = refused_name(request)
    if about.route in _SIGN_IN:
        about = Asked(about.route, "user", actor.id if refused is None else _known(refused))
    elif about.route == "users":
        about = Asked(about.route, "user", _known(request.POST.get("again") or request.POST.get("name") or ""))
    row = AuditRow(
        actor=actor.id,
        roles=tuple(sorted(actor.roles)),
        action=_action(request, about),
        method=str(request.method),
        resource=about.kind,
        resource_id=about.id,
        outcome=outcome,
        place=place_of(request),
        patient=_patient(about, answer),
    )
    if _is_by_itself(row) and OPEN.is_covered(row):
        return ()
    if refused is None or about.kind == "user":
        return (row,)
    return (row, _signature(row, refused))


def _signature(row: AuditRow, name: str) -> AuditRow:
    """That somebody could not prove to be `name` when this was to be signed."""
    return AuditRow(
        *(row.actor, row.roles, f"{row.action} signature", row.method, "user", AuditOutcome.DENIED, row.place, _known(name), row.patient)
    )


def _who(request: HttpRequest) -> Actor:
    """The person who asked, or the gateway; after a sign-in the person who has come."""
    if asked(request).route in _SIGN_IN:
        return actor_of(request)
    gateway = getattr(request, "auth", None)
    if isinstance(gateway, str) and gateway:
        return Actor(gateway, frozenset({Role.DEVICE.value}))
    before = request.META.get(_BEFORE)
    return before if isinstance(before, Actor) else actor_of(request)


def _outcome(request: HttpRequest, answer: HttpResponseBase) -> AuditOutcome:
    status, match = answer.status_code, request.resolver_match
    to_the_door = 300 <= status < 400 and not request.user.is_authenticated and match is not None and match.view_name != "sign-out"
    if status in (401, 403) or to_the_door:
        return AuditOutcome.DENIED
    if status == 404:
        return AuditOutcome.MISSING
    if 400 <= status < 500:
        return AuditOutcome.REFUSED
    return AuditOutcome.FAILED if status >= 500 else AuditOutcome.ALLOWED


def _action(request: HttpRequest, about: Asked) -> str:
    command = command_of_request(request)
    return f"{about.route} {command.__name__}" if command is not None else about.route


def _known(name: str) -> str:
    """A name that somebody typed, when it is a sign-in name; what else they typed may be a password in the wrong field."""
    return name if name and wiring.users().is_known(name) else ""


def _patient(about: Asked, answer: HttpResponseBase) -> str:
    """The opaque id of the patient, empty where it is not one patient or not a known one."""
    try:
        if about.id and about.kind in ("patient", "order", "session"):
            return _patient_of(about.kind, about.id)
        to = answer.headers.get("Location", "")
        return str(resolve(urlsplit(to).path).kwargs.get("patient", "")) if to else ""
    except (NotFound, Resolver404):
        return ""


@lru_cache(maxsize=4096)
def _patient_of(kind: str, identity: str) -> str:
    """Whose order or session it is, which never changes; raises NotFound, so that a missing one is looked for again."""
    house = ports()
    if kind == "patient":
        return house.identities.get(identity).patient_id
    row = house.models.get("orders" if kind == "order" else "sessions", identity)
    if row is None:
        raise NotFound(kind, identity)
    return str(row.content["patient"])


class Open:
    """Which pages fetched something by themselves of late: the row of the first fetch covers what follows for some minutes."""

    def __init__(self) -> None:
        self._since: OrderedDict[AuditRow, datetime] = OrderedDict()
        self._lock = threading.Lock()

    def is_covered(self, row: AuditRow) -> bool:
        """Whether the same was stored a short time ago."""
        with self._lock:
            since = self._since.get(row)
        return since is not None and wiring.CLOCK.now() - since < REFRESHED

    def forget(self) -> None:
        """Cover nothing any more, as in a new process."""
        with self._lock:
            self._since.clear()

    def note(self, rows: Iterable[AuditRow]) -> None:
        """These rows are stored."""
        with self._lock:
            for row in rows:
                if _is_by_itself(row):
                    self._since[row] = wiring.CLOCK.now()
                    self._since.move_to_end(row)
            while len(self._since) > _MOST_OPEN:
                self._since.popitem(last=False)


OPEN = Open()


def _is_by_itself(row: AuditRow) -> bool:
    return row.action in _BY_SCRIPT and row.outcome is AuditOutcome.ALLOWED


def _goes_on(request: HttpRequest, answer: HttpResponseBase) -> bool:
    """Whether the answer is sent without its row: it shows no chart, it says what was stored, it records, or it treats an emergency."""
    if _outcome(request, answer) not in (AuditOutcome.ALLOWED, AuditOutcome.REFUSED):
        return True
    about = asked(request)
    stored = request.method == "POST" and (
        300 <= answer.status_code < 400 or (about.route == "api:give_command" and answer.status_code < 300)
    )
    command = command_of_request(request)
    records = command is not None and (not command.CONTROL or command in EMERGENCY)
    match = request.resolver_match
    is_reaction = match is not None and match.kwargs.get("stage") == REACTION
    return stored or records or is_reaction or about.route in (*_SIGN_IN, "sign-out")


def _not_shown(request: HttpRequest, error: Exception) -> HttpResponse:
    """The words of NotSaved in the form that was asked for."""
    request.session.modified = False  # it could not be stored either, and its failure would hide these words
    failure = error if isinstance(error, NotSaved) else NotSaved(type(error).__name__)
    if asked(request).route.startswith("api:"):
        from openinfusion.web.api import problem

        return problem(failure)
    return problem_page(request, failure)
