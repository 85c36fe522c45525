"""`POST /api/v1/calc/{name}`: one calculation as the JSON object that `openinfusion calc --json` prints. Reads no chart, stores nothing."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from pydantic import BaseModel, ConfigDict

from openinfusion.app import calculators
from openinfusion.app.access import Action, require
from openinfusion.app.present.calculation import calculation_json
from openinfusion.core.calculation import Entered
from openinfusion.core.canonical import Json
from openinfusion.core.errors import Malformed, NotFound
from openinfusion.web.people import actor_of

WORDS = """Inputs are texts with their units; whole numbers, yes or no, and groups of texts may come bare. A bare decimal number is refused:
write it as text in quotes. 200 worked out, 422 refused with findings, 404 no such calculator."""


class CalculationBody(BaseModel):
    """The inputs of one calculation, by name, with `as`, `select` and `round_to` among them; an `id` comes back as it was sent."""

    model_config = ConfigDict(extra="forbid")
    id: object = None
    inputs: dict[str, str | int | bool | list[str | int] | dict[str, str | int] | None] = {}


DOCS = {"requestBody": {"required": True, "content": {"application/json": {"schema": CalculationBody.model_json_schema()}}}}


def answer_to(request: HttpRequest, name: str, body: Mapping[str, Json]) -> HttpResponse:
    """The calculation of a body that was read; raises Malformed, NotFound, NotAllowed."""
    require(actor_of(request), Action.CALCULATE)
    if name not in calculators.calculators():
        raise NotFound("calculator", name)
    made = calculators.calculation(name, _inputs(body))
    told: dict[str, Json] = {"id": body["id"]} if "id" in body else {}
    shown = {**told, **calculation_json(made, gettext)}
    return JsonResponse(shown, status=422 if made.primary is None else 200)


def _inputs(body: Mapping[str, Json]) -> Mapping[str, Entered]:
    unknown = next((name for name in body if name not in ("id", "inputs")), None)
    if unknown is not None:
        raise Malformed(unknown, "it is no part of a calculation", 'one object {"id", "inputs"}')
    inputs = body.get("inputs", {})
    if not isinstance(inputs, dict):
        raise Malformed("inputs", "they are no JSON object", 'one object of the calculator\'s inputs, such as {"volume": "1000 mL"}')
    return {name: _entered(value) for name, value in inputs.items()}


def _entered(value: Json) -> Entered:
    match value:
        case list():
            return [*value]
        case dict():
            return {**value}
        case _:
            return value
