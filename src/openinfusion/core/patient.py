"""What is known of a patient, each fact with the moment at which it was true. "Asked, not known" and "not asked" differ; neither is ever
a pass."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Self

from openinfusion.core.quantity import Quantity, unit


class Answer(StrEnum):
    """What may stand in the place of a value."""

    UNKNOWN = "unknown"
    NONE_KNOWN = "none-known"


FactValue = bool | str | Quantity | date | datetime | tuple[str, ...] | Answer


OF_IDENTITY = frozenset({"birth_date", "sex"})
"""Fields that are read from the patient's identity. No event holds them, so that a corrected identity holds at once and the record knows
nobody's birth date."""


class FieldKind(StrEnum):
    """The kinds of field in the dictionary. `elapsed` is the time since the date-time field named by `of`; `age` the time since the
    birth date."""

    BOOLEAN = "boolean"
    CODE = "code"
    CODES = "codes"
    QUANTITY = "quantity"
    MOMENT = "moment"
    DAY = "day"
    ELAPSED = "elapsed"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One row of the closed dictionary `fields.yaml`: what a field is, in which unit, who supplies it, how old it may be, and its label
    on a form."""

    name: str
    kind: FieldKind
    supplied_by: str
    unit: str = ""
    codes: tuple[str, ...] = ()
    of: str = ""
    maximum_age: Quantity | None = None
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its value, when it was true, and who or what said so."""

    field: str
    value: FactValue
    at: datetime
    by: str = ""


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """The newest fact of each field. Allergies are the codes of field `allergy`: `none-known` and absence differ."""

    facts: Mapping[str, Fact] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Self:
        """The newest of each field by the moment it was true; a later one in the iteration wins a tie."""
        newest: dict[str, Fact] = {}
        for fact in facts:
            if fact.field not in newest or newest[fact.field].at <= fact.at:
                newest[fact.field] = fact
        return cls(newest)

    def having(self, *facts: Fact) -> "PatientFacts":
        """These facts with others put in their place, whatever their time."""
        return PatientFacts({**self.facts, **{fact.field: fact for fact in facts}})

    def get(self, name: str) -> Fact | None:
        """The fact of a field, or None when it was never asked."""
        return self.facts.get(name)

    def value(self, spec: FieldSpec, now: datetime) -> FactValue | None:
        """The value that may be used now: None when it was never asked, is unknown, or is older than the field allows."""
        name = {FieldKind.ELAPSED: spec.of, FieldKind.AGE: "birth_date"}.get(spec.kind, spec.name)
        fact = self.facts.get(name)
        if fact is None or fact.value is Answer.UNKNOWN or self.is_stale(spec, now):
            return None
        match spec.kind:
            case FieldKind.ELAPSED | FieldKind.AGE:
                return elapsed(fact.value, now)
            case _:
                return fact.value

    def is_stale(self, spec: FieldSpec, now: datetime) -> bool:
        """Whether the fact is older than its field allows."""
        fact = self.facts.get(spec.name)
        return fact is not None and spec.maximum_age is not None and now - fact.at > duration(spec.maximum_age)


def elapsed(since: FactValue, now: datetime) -> Quantity | None:
    """The time from a day or moment until now, None when it is neither. Ages are counted in completed years up to the last birthday."""
    if isinstance(since, datetime):
        return seconds(now - since)
    if isinstance(since, date):
        years = now.date().year - since.year - ((now.date().month, now.date().day) < (since.month, since.day))
        birthday = _anniversary(since, since.year + years)
        return Quantity(years * unit("a").factor + (now.date() - birthday).days * unit("d").factor, "s").to("a")
    return None


def _anniversary(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def seconds(span: timedelta) -> Quantity:
    """A span as an exact quantity in seconds."""
    return Quantity(Fraction(span // timedelta(microseconds=1), 1_000_000), "s")


def duration(quantity: Quantity) -> timedelta:
    """A time quantity as a span, to the microsecond; raises UnitError for another kind."""
    return _span(quantity.value, quantity.unit)


@lru_cache(maxsize=4096)
def _span(value: Fraction, unit: str) -> timedelta:
    """The same few times of tables and protocols are asked for again and again, while exact fractions take their time."""
    return timedelta(microseconds=round(Quantity(value, unit).to("s").value * 1_000_000))
