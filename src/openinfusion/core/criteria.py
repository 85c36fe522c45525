"""The parts of two kinds of tables that judge what is seen in a reaction: criteria of anaphylaxis, and grades of adverse events.

Both are made of marks: words for what was seen, done or answered. Nothing here judges.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from openinfusion.core.figure import Figure
from openinfusion.core.part import Code, Part, Rule

Marks = tuple[tuple[Code, ...], ...]
"""Ways to fulfil something: one of them must be there whole."""


class ChildPressure(Part):
    """The systolic pressure below which it is low from the age `since` up to and without `until`; `per_year` is added for each completed
    year."""

    since: Figure
    until: Figure
    below: Figure
    per_year: Figure | None = None


class LowPressure(Part):
    """When a systolic pressure is low: below the limit of the age, or fallen by more than `fall` of what it was before."""

    adult: Figure
    fall: Figure
    children: tuple[ChildPressure, ...] = ()


class Criterion(Rule):
    """One criterion of a published standard: every group of `all_of`, and `at_least` of the groups of `any_of`. Where `exposures` are
    named, it holds only after one of them."""

    standard: Code
    all_of: tuple[Code, ...] = ()
    any_of: tuple[Code, ...] = Field(min_length=1)
    at_least: int = Field(default=1, ge=1)
    exposures: tuple[Code, ...] = ()


class Bound(Part):
    """What a measure must be; each bound that is there must hold."""

    least: Figure | None = None
    above: Figure | None = None
    below: Figure | None = None
    most: Figure | None = None


class GradeRow(Rule):
    """One grade of a term: given where one way of `any` is there whole, or where every measure of `bounds` is inside."""

    grade: Annotated[int, Field(ge=1, le=5)]
    any: Marks = ()
    bounds: Mapping[Code, Bound] = Field(default_factory=dict)


class GradedTerm(Rule):
    """One adverse event. It is graded only where one way of `asked_if` is there whole; without any, wherever a row holds."""

    meddra: int
    asked_if: Marks = ()
    rows: tuple[GradeRow, ...] = Field(min_length=1)
