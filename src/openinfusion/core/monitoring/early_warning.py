"""Early warning scores of what is charted: NEWS2 of adults, the maternal criteria in pregnancy, and totals that a person charted.

One red value speaks although the rest is missing. It never says that a patient is well, and what is missing stays missing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import Seen, SessionState
from openinfusion.core.figure import Source
from openinfusion.core.quantity import Quantity
from openinfusion.core.scoring import Parameter, band_of
from openinfusion.core.table import Score

NEWS2, MATERNAL, PEWS = "news2-1", "maternal-warning-1", "pews-brighton-1"
POINTS = "{score}"
_NEWS2: Mapping[str, str] = {
    "rr": "resp_rate",
    "spo2-1": "spo2",
    "o2": "oxygen",
    "sbp": "bp.systolic",
    "hr": "pulse",
    "temp": "temp",
    "acvpu": "acvpu",
}
_MATERNAL: Mapping[str, str] = {"sbp": "bp.systolic", "dbp": "bp.diastolic", "hr": "pulse", "rr": "resp_rate", "spo2": "spo2"}
"""The parameters of the tables by the observations of a session. How much urine there was and what a person sees are not among them."""

HIGH, MEDIUM, INTERMEDIATE, RED = "high", "medium", "intermediate", "red"


@dataclass(frozen=True, slots=True)
class Person:
    """What of a patient decides which score holds; None where it is not known."""

    age: Quantity | None = None
    pregnant: bool | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """A score as far as it is known: the points that are certain, the observations that are missing, those that are red, the band that is
    reached, and when the newest of it was charted. A score of single criteria has no total."""

    table: str
    scale: str
    edition: str
    least: Quantity | None
    missing: tuple[str, ...]
    reds: tuple[Seen, ...]
    band: str
    at: datetime
    sources: tuple[Source, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it is missing."""
        return not self.missing


def warned(scores: Mapping[str, Score], state: SessionState, person: Person, within: timedelta) -> tuple[Warned, ...]:
    """Every score that holds for this patient and of which something is charted. Values more than `within` older than the newest are not of
    the same set: they count as missing, and one that is red stays red until it is charted anew."""
    found = (
        _news2(scores.get(NEWS2), state, person, within),
        _maternal(scores.get(MATERNAL), state, person),
        *(_charted(scores.get(name), state) for name in (NEWS2, PEWS, MATERNAL)),
    )
    return tuple(one for one in found if one is not None)


def _news2(table: Score | None, state: SessionState, person: Person, within: timedelta) -> Warned | None:
    """Not under 16 and not in pregnancy, as its report says."""
    if table is None or person.pregnant or (person.age is not None and person.age < table.figures["age-from"].quantity):
        return None
    seen = {name: told for name, code in _NEWS2.items() if (told := state.seen.get(code)) is not None}
    most = table.figures["celsius-most"].quantity
    points = {
        name: found
        for name, told in seen.items()
        if not _is_misread(told, most)
        if (found := _points(table.by_name[name], told.reading)) is not None
    }
    if not points or table.single is None:
        return None
    newest = max(seen[name].at for name in points)
    of_set = {name: value for name, value in points.items() if newest - seen[name].at <= within}
    reds = tuple(seen[name] for name, value in points.items() if value >= table.single.lowest.quantity)
    least = sum(of_set.values(), Quantity(0, POINTS))
    missing = tuple(code for name, code in _NEWS2.items() if name not in of_set)
    return Warned(NEWS2, table.scale, table.edition, least, missing, reds, band_of(table.bands, least).name, newest, table.sources)


def _maternal(table: Score | None, state: SessionState, person: Person) -> Warned | None:
    """Each criterion by itself; the one of saturation is of room air, and is silent where oxygen is charted."""
    if table is None or not person.pregnant:
        return None
    on_oxygen = (told := state.seen.get("oxygen")) is not None and told.reading.value is True
    seen = {name: told for name, code in _MATERNAL.items() if (told := state.seen.get(code)) is not None}
    points = {name: found for name, told in seen.items() if (found := _points(table.by_name[name], told.reading)) is not None}
    if not points:
        return None
    reds = tuple(seen[name] for name, value in points.items() if value.value > 0 and not (name == "spo2" and on_oxygen))
    missing = tuple(code for name, code in _MATERNAL.items() if name not in points)
    newest = max(seen[name].at for name in points)
    return Warned(MATERNAL, table.scale, table.edition, None, missing, reds, "", newest, table.sources)


def _charted(table: Score | None, state: SessionState) -> Warned | None:
    """A total that was charted as such, by the name of its scale or of its table."""
    if table is None:
        return None
    names = {table.scale.lower(), table.name.rpartition("-")[0]}
    totals = [told for code, told in state.seen.items() if names & {code, told.reading.scale.lower()} and _is_total(told)]
    if not totals:
        return None
    last = max(totals, key=lambda told: told.at)
    value = last.reading.value
    if not isinstance(value, Quantity):
        return None
    if not table.bands:  # each criterion speaks by itself, and so many of them are met
        return Warned(table.name, table.scale, table.edition, None, (), (last,) if value.value > 0 else (), "", last.at, table.sources)
    return Warned(table.name, table.scale, table.edition, value, (), (), band_of(table.bands, value).name, last.at, table.sources)


def _is_total(told: Seen) -> bool:
    value = told.reading.value
    return isinstance(value, Quantity) and value.is_like(POINTS) and value.value >= 0


def _is_misread(told: Seen, most: Quantity) -> bool:
    """A number that can only be meant in another unit: a temperature in Fahrenheit, a saturation as a share of one."""
    value = told.reading.value
    if not isinstance(value, Quantity):
        return False
    if told.reading.code == "temp":
        return value.is_like(most) and value > most
    return told.reading.code == "spo2" and value.is_like("%") and value.to("%").value <= 1


def _points(parameter: Parameter, reading: Reading) -> Quantity | None:
    """What a charted value scores; None where it is none of this parameter."""
    value = reading.value
    if isinstance(value, bool):
        value = "oxygen" if value else "air"
    if isinstance(value, str):
        words = {word for row in parameter.rows for word in row.words}
        word = value if value in words else value.upper()
        return parameter.points_of_word(word).quantity if word in words else None
    unit = _unit_of(parameter)
    if unit is None or not value.is_like(unit):
        return None
    return parameter.points(parameter.read(value)).quantity


def _unit_of(parameter: Parameter) -> str | None:
    ends: Iterator[str] = (bound.quantity.unit for row in parameter.rows if (bound := row.least or row.above) is not None)
    return next(ends, None)
