"""Classifiers of a reaction, side by side and independent: criteria of anaphylaxis, and grades of adverse events.

A criterion that is met opens the emergency path. A grade never opens or closes it, and a grade may be none. The protocol's own rule is
`reaction`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from openinfusion.core.criteria import Bound, Criterion, GradedTerm, GradeRow, LowPressure, Marks
from openinfusion.core.figure import Source
from openinfusion.core.monitoring.signs import Exposure, Signs
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import AdverseEvents, ReactionCriteria

LOW_PRESSURE, LOW_SATURATION, FEVER = "low-pressure", "low-saturation", "fever"


class Met(StrEnum):
    """Whether a criterion is met. It is open where only the exposure is missing, which nobody stated."""

    YES = "yes"
    OPEN = "open"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Judged:
    """One criterion and the signs that it rests on, those that are there."""

    criterion: str
    standard: str
    met: Met
    because: tuple[str, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Graded:
    """One adverse event with its highest grade, and what gave it; no grade where the event does not apply."""

    term: str
    grade: int | None
    row: str
    because: tuple[str, ...]
    sources: tuple[Source, ...]


def anaphylaxis(table: ReactionCriteria, signs: Signs) -> tuple[Judged, ...]:
    """Every criterion of every standard, in the order of the table."""
    groups = _groups(table.groups, _measured(table, signs))
    return tuple(_judged(one, groups, signs.exposure) for one in table.criteria)


def emergency(judged: Iterable[Judged]) -> Met:
    """Whether the emergency path opens: any criterion is enough."""
    found = {one.met for one in judged}
    return next((met for met in (Met.YES, Met.OPEN) if met in found), Met.NO)


def grades(table: AdverseEvents, criteria: ReactionCriteria, signs: Signs) -> tuple[Graded, ...]:
    """Every adverse event of the table with its grade. Low pressure and saturation are those of the criteria, for the terminology has no
    figure of its own for them."""
    marks = _measured(criteria, signs)
    if signs.temperature is not None and signs.temperature >= table.fever.quantity:
        marks = {**marks, FEVER: (FEVER,)}
    found, measures = _groups(table.groups, _groups(criteria.groups, marks)), signs.measures
    return tuple(_graded(term, found, measures) for term in table.terms)


def is_low(limits: LowPressure, systolic: Quantity, baseline: Quantity | None, age: Quantity | None) -> bool:
    """Whether a systolic pressure is low for the age, or against what it was before. Without an age the limit of adults holds; below the
    youngest age of the table only the fall counts."""
    if baseline is not None and systolic < baseline.scaled(1 - limits.fall.quantity.to("1").value):
        return True
    limit = _limit(limits, age)
    return limit is not None and systolic < limit


def _limit(limits: LowPressure, age: Quantity | None) -> Quantity | None:
    if age is None:
        return limits.adult.quantity
    for row in limits.children:
        if row.since.quantity <= age < row.until.quantity:
            years = age.to("a").value.__floor__()
            more = row.per_year.quantity.scaled(years) if row.per_year is not None else None
            return row.below.quantity if more is None else row.below.quantity + more
    oldest = max((row.until.quantity for row in limits.children), default=None)
    return limits.adult.quantity if oldest is None or age >= oldest else None


Found = Mapping[str, tuple[str, ...]]
"""Each mark that is there, with the signs that it rests on."""


def _measured(table: ReactionCriteria, signs: Signs) -> Found:
    """What was seen, done and answered, with what the numbers say."""
    found = {mark: (mark,) for mark in signs.marks}
    if signs.systolic is not None and is_low(table.pressure, signs.systolic, signs.baseline, signs.age):
        found[LOW_PRESSURE] = ("systolic",)
    if signs.saturation is not None and signs.saturation <= table.saturation.quantity:
        found[LOW_SATURATION] = ("saturation",)
    return found


def _groups(groups: Mapping[str, tuple[str, ...]], marks: Found) -> Found:
    """The marks with the groups that they fill; a later group may rest on an earlier one."""
    found = dict(marks)
    for group, members in groups.items():
        signs = tuple(dict.fromkeys(sign for name in (group, *members) for sign in found.get(name, ())))
        if signs:
            found[group] = signs
    return found


def _judged(criterion: Criterion, found: Found, exposure: Exposure | None) -> Judged:
    named = [*criterion.all_of, *criterion.any_of]
    because = tuple(dict.fromkeys(sign for group in named for sign in found.get(group, ())))
    is_whole = all(group in found for group in criterion.all_of) and sum(group in found for group in criterion.any_of) >= criterion.at_least
    return Judged(criterion.id, criterion.standard, _met(criterion, exposure) if is_whole else Met.NO, because, criterion.sources)


def _met(criterion: Criterion, exposure: Exposure | None) -> Met:
    if not criterion.exposures or (exposure is not None and exposure.value in criterion.exposures):
        return Met.YES
    return Met.OPEN if exposure is None else Met.NO


def _graded(term: GradedTerm, found: Found, measures: Mapping[str, Quantity]) -> Graded:
    if not term.asked_if or _ways(term.asked_if, found):
        for row in sorted(term.rows, key=_grade, reverse=True):
            because = _because(row, found, measures)
            if because is not None:
                return Graded(term.id, row.grade, row.id, because, term.sources)
    return Graded(term.id, None, "", (), term.sources)


def _grade(row: GradeRow) -> int:
    return row.grade


def _because(row: GradeRow, found: Found, measures: Mapping[str, Quantity]) -> tuple[str, ...] | None:
    """What gives this grade, None where nothing does."""
    if row.any:
        ways = _ways(row.any, found)
        if ways:
            return tuple(dict.fromkeys(sign for way in ways for mark in way for sign in found[mark]))
    if row.bounds and all(name in measures and _inside(measures[name], bound) for name, bound in row.bounds.items()):
        return tuple(row.bounds)
    return None


def _ways(ways: Marks, found: Found) -> Marks:
    return tuple(way for way in ways if found.keys() >= set(way))


def _inside(amount: Quantity, bound: Bound) -> bool:
    return (
        (bound.least is None or amount >= bound.least.quantity)
        and (bound.above is None or amount > bound.above.quantity)
        and (bound.below is None or amount < bound.below.quantity)
        and (bound.most is None or amount <= bound.most.quantity)
    )
