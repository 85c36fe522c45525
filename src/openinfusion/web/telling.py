"""What one event of a session says, as short parts for the record: values through the presenter, names through the wording. It leaves out
nothing that was told.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum

from django.utils.translation import gettext

from openinfusion.app import present
from openinfusion.core.administration.parts import Reading
from openinfusion.core.event import Event
from openinfusion.core.quantity import Quantity
from openinfusion.web.templatetags.clinic import moment
from openinfusion.web.wording import amount_text

_NOT_TOLD = frozenset({"plan", "broke", "historic", "patient", "course", "physiological"})
"""Parts that the page shows elsewhere, or that are not for reading."""


def told(event: Event, wording: Mapping[str, str]) -> tuple[str, ...]:
    """The parts of an event that hold something."""
    return tuple(_parts(event, wording, ""))


def _parts(record: object, wording: Mapping[str, str], prefix: str) -> Iterator[str]:
    if not dataclasses.is_dataclass(record):
        return
    for item in dataclasses.fields(record):
        value = getattr(record, item.name)
        if item.name in _NOT_TOLD or value in ("", None, (), {}):
            continue
        yield from _told(item.name, value, wording, prefix)


def _told(name: str, value: object, wording: Mapping[str, str], prefix: str) -> Iterator[str]:
    label = gettext(present.readable(name))
    match value:
        case Reading():
            yield f"{_named(value.code, wording)} {present.reading_value(value, gettext)}"
        case Quantity() | bool() | int() | str() | date():
            yield f"{prefix}{label} {_plain(value, wording)}"
        case tuple():
            for one in value:
                yield from _told(name, one, wording, prefix)
        case Mapping():
            yield from (f"{_named(str(key), wording)}: {_plain(one, wording)}" for key, one in value.items())
        case _:
            yield from _parts(value, wording, prefix)


def _plain(value: object, wording: Mapping[str, str]) -> str:
    match value:
        case bool():
            return gettext("yes") if value else gettext("no")
        case Quantity():
            return amount_text(value)
        case datetime():
            return moment(value)
        case StrEnum():
            return _named(value.value, wording)
        case str():
            return wording.get(value, value)
        case _:
            return str(value)


def _named(code: str, wording: Mapping[str, str]) -> str:
    return present.code_words(code, wording)
