"""Text that a person, a file or a case enters for a field, read by the dictionary. It refuses what is not plain, and guesses nothing."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime

from pydantic import TypeAdapter, ValidationError

from openinfusion.core.errors import Malformed
from openinfusion.core.part import Region
from openinfusion.core.patient import Answer, FactValue, FieldKind, FieldSpec
from openinfusion.core.prescribing.order import Choice
from openinfusion.core.quantity import NumberError, Quantity, UnitError

_ANSWERS = {"unknown": Answer.UNKNOWN, "none": Answer.NONE_KNOWN, "none-known": Answer.NONE_KNOWN}
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_CHOICES = tuple(item.name for item in fields(Choice))
_CHOICE_EXAMPLES = {
    "start_on": "a day such as 2026-01-15",
    "infusion_number": "a whole number such as 2",
    "sites": "a whole number such as 2",
    "region": "one of " + ", ".join(Region),
    "whole_containers": "yes or no",
    "dose": "an amount with a point and its unit, such as 355 mg",
    "rate": "a rate with a point and its unit, such as 50 mL/h",
    "final_volume": "a volume with a point and its unit, such as 250 mL",
}


def read_value(spec: FieldSpec, text: str) -> FactValue:
    """The value that `text` means for a field; raises Malformed that says what to write.

    "unknown" is an answer for every field, "none" for a set of codes. A quantity carries its unit; a number alone is refused: nobody
    knows whether it meant kilograms or pounds.
    """
    plain = text.strip()
    if plain.lower() == "unknown":
        return Answer.UNKNOWN
    match spec.kind:
        case FieldKind.BOOLEAN:
            if plain.lower() not in _TRUTHS:
                raise Malformed(spec.name, f"{text!r} is neither yes nor no", "yes, no or unknown")
            return _TRUTHS[plain.lower()]
        case FieldKind.CODE:
            return _code(spec, plain)
        case FieldKind.CODES:
            if plain.lower() in _ANSWERS:
                return _ANSWERS[plain.lower()]
            return tuple(_code(spec, one.strip()) for one in plain.split(",") if one.strip())
        case FieldKind.QUANTITY:
            return _quantity(spec, plain)
        case FieldKind.DAY:
            return _day(spec, plain)
        case FieldKind.MOMENT:
            return _moment(spec, plain)
        case FieldKind.ELAPSED | FieldKind.AGE:
            raise Malformed(spec.name, "is worked out, not entered", spec.of or "birth_date")


def read_choice(texts: Mapping[str, str], start_on: date) -> Choice:
    """What a prescriber chose, from `name=text`; the course starts on `start_on` unless the texts say otherwise.

    Raises Malformed for a name that no order knows and for a text that cannot be read: nothing that was chosen is passed over.
    """
    for name in texts:
        if name not in _CHOICES:
            raise Malformed(name, "no order knows this choice", "one of " + ", ".join(_CHOICES))
    try:
        choice = TypeAdapter(Choice).validate_python({"start_on": start_on.isoformat(), "indication": "", **texts})
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise Malformed(name, f"{texts[name]!r} cannot be read", _CHOICE_EXAMPLES.get(name, "text")) from error
    for name in texts:
        chosen = getattr(choice, name)
        if isinstance(chosen, Quantity) and chosen.unit == "1":
            raise Malformed(name, f"{texts[name]!r} has no unit", _CHOICE_EXAMPLES[name])
    return choice


def _code(spec: FieldSpec, text: str) -> str:
    if not text or (spec.codes and text not in spec.codes):
        raise Malformed(spec.name, f"{text!r} is not one of the codes", ", ".join(spec.codes) or "a code")
    return text


def _quantity(spec: FieldSpec, text: str) -> Quantity:
    head, _, tail = text.partition(" ")
    example = f"a number with a point and the unit, such as 71.5 {spec.unit}" if spec.unit != "1" else "a number with a point, such as 2"
    if "," in head:
        raise Malformed(spec.name, f"{head!r} has a comma, which some read as a decimal point and some as thousands", example)
    if not tail and spec.unit != "1":
        raise Malformed(spec.name, f"{text!r} has no unit", example)
    try:
        value = Quantity.parse(text)
    except NumberError as error:
        raise Malformed(spec.name, f"{head!r} is not a number", example) from error
    except UnitError as error:
        raise Malformed(spec.name, f"{tail!r} is not a unit that this program knows", example) from error
    if not value.is_like(spec.unit):
        raise Malformed(spec.name, f"{value.unit} is not a unit for this field", example)
    return value


def _day(spec: FieldSpec, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(spec.name, f"{text!r} is not a day", "year-month-day, such as 1980-05-01") from error


def _moment(spec: FieldSpec, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed(spec.name, f"{text!r} is not a time", "such as 2026-01-15T09:00+00:00") from error
    if moment.tzinfo is None:
        raise Malformed(spec.name, f"{text!r} has no zone", "such as 2026-01-15T09:00+00:00")
    return moment.astimezone(UTC)
