"""The places on the body that a session uses: what lies there, what was found there and when, and the height of a block. Read from the
record; it grades nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from openinfusion.app.present import code_words, reading_value
from openinfusion.app.present.body_picture import LANDMARK_SOURCE, Spot, block_picture, body_picture
from openinfusion.app.records import Entry
from openinfusion.app.scores import LEVEL_LEFT, LEVEL_RIGHT, PLACE_SCALES
from openinfusion.core.administration import events as e
from openinfusion.core.administration.parts import Reading
from openinfusion.web.chairside import Chairside


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at a place: which scale or remark, the grade or words, when, by whom."""

    what: str
    text: str
    at: datetime
    by: str


@dataclass(slots=True)
class Place:
    """One place with its number in the picture; `lies` is what was put there, `is_in_use` whether it still serves."""

    n: int
    code: str
    lies: list[Found] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    is_in_use: bool = False


def places(chair: Chairside) -> dict[str, Any]:
    """The places with their picture, and the newest height of a block with its own."""
    told = [one for one in chair.entries if not one.struck]
    held = _places(told, chair)
    spots = [Spot(one.n, one.code, code_words(one.code, chair.terms)) for one in held]
    left, right = (chair.state.seen.get(code) for code in (LEVEL_LEFT, LEVEL_RIGHT))
    whole = chair.state.seen.get("sensory_level")
    level = {side: str((seen or whole).reading.value).upper() if seen or whole else "" for side, seen in (("left", left), ("right", right))}  # type: ignore[union-attr] # one of the two is there
    method = left.reading.scale if left is not None else right.reading.scale if right is not None else ""
    newest = max((seen.at for seen in (left, right, whole) if seen is not None), default=None)
    looked_at = [(f"readings.site.{one.code}", code_words(one.code, chair.terms)) for one in held if one.is_in_use]
    return {
        "looked_at": looked_at or [("readings.site", gettext("What the site looks like"))],
        "places": held,
        "places_picture": mark_safe(body_picture(spots, gettext)),  # noqa: S308 - made by the presenter, which escapes every word
        "height": level if newest is not None else None,
        "height_at": newest,
        "height_method": method,
        "height_picture": mark_safe(block_picture(level["left"], level["right"], gettext(method), gettext)),  # noqa: S308 - the same
        "height_landmarks": LANDMARK_SOURCE,
    }


def _places(entries: Iterable[Entry], chair: Chairside) -> list[Place]:
    held: dict[str, Place] = {}

    def at(code: str) -> Place:
        return held.setdefault(code, Place(len(held) + 1, code))

    for one in entries:
        for code, thing, is_finding in _told(one, chair.terms):
            (at(code).found if is_finding else at(code).lies).append(thing)
    in_use = {*chair.state.sites, *([chair.state.access.site] if chair.state.access is not None else [])}
    for one_place in held.values():
        one_place.is_in_use = one_place.code in in_use
        one_place.found.reverse()
    return list(held.values())


def _told(one: Entry, terms: Mapping[str, str]) -> Iterator[tuple[str, Found, bool]]:
    """The places an entry speaks of, with what it says of each, and whether that is a finding."""
    event = one.event
    match event:
        case e.AccessRecorded():
            what = code_words(event.access.device, terms)
            yield event.access.site, Found(what, event.access.gauge, one.at, one.by), False
        case e.InfusionStarted():
            yield from ((site, Found(gettext("Infusion"), "", one.at, one.by), False) for site in event.sites if site)
        case e.InjectionGiven():
            yield event.site, Found(gettext("Injection"), "", one.at, one.by), False
        case e.ComplicationRecorded() if event.site:
            grade = gettext("grade %(grade)s") % {"grade": event.grade} if event.grade else ""
            yield event.site, Found(code_words(event.complication, terms), grade, one.at, one.by), True
        case e.ObservationRecorded():
            yield from _graded(event.readings, one, terms)
        case _:
            return


def _graded(readings: Iterable[Reading], one: Entry, terms: Mapping[str, str]) -> Iterator[tuple[str, Found, bool]]:
    for reading in readings:
        scale, _, place = reading.code.partition(".")
        if place and (scale in PLACE_SCALES or scale == "site"):
            yield place, Found(code_words(scale, terms), reading_value(reading, gettext), one.at, one.by), True
