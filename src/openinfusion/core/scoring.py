"""How a scale is written as a table, and what it says of a value or of signs: points of rows, bands of totals, grades by signs.

A sign that nobody looked for is neither there nor absent: the answer then says what the grade is at least and could be. Reads no file.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from openinfusion.core.figure import Figure, Source
from openinfusion.core.part import Code, Part
from openinfusion.core.quantity import Quantity

Signs = Mapping[str, bool | None]
"""Sign -> whether it is there; None where nobody looked."""


class Points(Part):
    """What a value scores from `least` on (itself inside) or from `above` on (itself outside), up to the next row; or what one of `words`
    scores."""

    least: Figure | None = None
    above: Figure | None = None
    words: tuple[Code, ...] = ()
    points: Figure

    @cached_property
    def since(self) -> tuple[Fraction, bool] | None:
        """Where the row begins, in base units, and whether the beginning itself is outside; None from the very lowest on."""
        bound = self.least or self.above
        return None if bound is None else (bound.quantity.base, self.least is None)


class Parameter(Part):
    """One thing that scores points: a measurement, read to `step` where the scale has steps, or a word."""

    name: Code
    step: Figure | None = None
    rows: tuple[Points, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.rows[0].words:
            return self
        starts = [row.since for row in self.rows]
        later = [start for start in starts[1:] if start is not None]
        if starts[0] is not None or len(later) != len(starts) - 1 or later != sorted(set(later)):
            raise ValueError(f"the rows of {self.name} leave a gap; write the lowest without least or above, then rising ones")
        return self

    def read(self, value: Quantity) -> Quantity:
        """The value to the step of the scale, half up."""
        if self.step is None:
            return value
        step = self.step.quantity
        exact = value.to(step.unit)
        (up, down), (wide, parts) = exact.value.as_integer_ratio(), step.value.as_integer_ratio()
        return exact.rounded(step) if up * parts % (down * wide) else exact

    def points(self, value: Quantity) -> Figure:
        """What a value scores that was read to the step."""
        up, down = value.base.as_integer_ratio()
        found = self.rows[0].points
        for start, parts, is_outside, points in self._starts:
            over = up * parts - start * down  # whole numbers: a score is asked for thousands of times
            if over < 0 or (over == 0 and is_outside):
                break
            found = points
        return found

    @cached_property
    def _starts(self) -> tuple[tuple[int, int, bool, Figure], ...]:
        """Where each row but the lowest begins."""
        later = ((row.since, row.points) for row in self.rows[1:])
        return tuple((*since[0].as_integer_ratio(), since[1], points) for since, points in later if since is not None)

    def points_of_word(self, word: str) -> Figure:
        """What a word scores; raises KeyError."""
        return self._by_word[word]

    @cached_property
    def _by_word(self) -> Mapping[str, Figure]:
        return {word: row.points for row in self.rows for word in row.words}

    @cached_property
    def possible(self) -> frozenset[Fraction]:
        """All points that it can score."""
        return frozenset(row.points.quantity.value for row in self.rows)


class Band(Part):
    """What a total from `lowest` on is called, how often to look again at the least, and what to do."""

    name: Code
    lowest: Figure
    monitor: Code | None = None
    action: Code | None = None


class Need(Part):
    """Of these signs at least so many; without `at_least` all."""

    of: tuple[Code, ...] = Field(min_length=1)
    at_least: int | None = Field(default=None, ge=1)

    def is_met(self, there: frozenset[str]) -> bool:
        """Whether enough of these signs are among those that are there."""
        return len(there.intersection(self.of)) >= (self.at_least or len(self.of))


class Grade(Part):
    """A grade: its name, its number, the signs that make it, and what to do."""

    name: Code
    points: Figure
    needs: tuple[Need, ...] = Field(min_length=1)
    action: Code | None = None

    def is_met(self, there: frozenset[str]) -> bool:
        """Whether each of its needs is met."""
        return all(need.is_met(there) for need in self.needs)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the row comes from."""
        return self.points.sources


@dataclass(frozen=True, slots=True)
class Graded:
    """The highest grade that the signs make (None: none), the highest that they could make, and the signs that would decide."""

    least: Grade | None
    most: Grade | None
    unknown: tuple[str, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Whether nothing that is unknown could change it."""
        return not self.unknown


def graded(grades: Iterable[Grade], signs: Signs) -> Graded:
    """What the signs make. Without any grade it is settled only when every sign was looked for."""
    rising = sorted(grades, key=lambda grade: grade.points.quantity.value)
    there = frozenset(name for name, is_there in signs.items() if is_there)
    unknown = tuple(name for name, is_there in signs.items() if is_there is None)
    least, most = _highest(rising, there), _highest(rising, there.union(unknown))
    if least is None and most is None:
        return Graded(None, None, unknown)
    if least is not None and most is not None and least.points.quantity == most.points.quantity:
        return Graded(least, least)
    higher = {name for grade in rising if _is_above(grade, least) for need in grade.needs for name in need.of}
    return Graded(least, most, tuple(name for name in unknown if name in higher))


def _highest(rising: list[Grade], there: frozenset[str]) -> Grade | None:
    return next((grade for grade in reversed(rising) if grade.is_met(there)), None)


def _is_above(grade: Grade, other: Grade | None) -> bool:
    return other is None or grade.points.quantity > other.points.quantity


def band_of(bands: Iterable[Band], total: Quantity) -> Band:
    """The band of a total: the last that begins at it or below; raises ValueError without bands."""
    begun = [band for band in bands if band.lowest.quantity <= total]
    return max(begun, key=lambda band: band.lowest.quantity.value)
