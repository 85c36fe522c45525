"""The shape of a drug library's lines. Quantities are exact and of the closed table; nothing here reads a file or compares an order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import Field, model_validator

from openinfusion.core.part import Code, Part
from openinfusion.core.prescribing.library_order import AMOUNTS, Measured, Mode
from openinfusion.core.protocol import Strength
from openinfusion.core.quantity import Quantity


class Side(StrEnum):
    """On which side of a bound a value lies."""

    ABOVE = "above"
    BELOW = "below"


class Bounds(Part):
    """Up to four bounds of one measure, all in units of one kind. A bound that is left out does not exist."""

    hard_min: Quantity | None = None
    soft_min: Quantity | None = None
    soft_max: Quantity | None = None
    hard_max: Quantity | None = None

    @model_validator(mode="after")
    def _of_one_kind(self) -> "Bounds":
        if not self.stated:
            raise ValueError("a measure without a bound; write hard_min, soft_min, soft_max or hard_max, or leave the measure out")
        if any(not bound.is_like(self.stated[0]) for bound in self.stated):
            raise ValueError("the bounds of one measure have units of different kinds; write all of them in units that convert")
        if any(bound.value < 0 for bound in self.stated) or any(most is not None and most.value == 0 for most in self.maxima):
            raise ValueError("a bound is below zero, or a maximum is zero; write numbers above zero")
        return self

    @property
    def stated(self) -> tuple[Quantity, ...]:
        """The bounds that exist, lowest side first."""
        return tuple(bound for bound in (self.hard_min, self.soft_min, self.soft_max, self.hard_max) if bound is not None)

    @property
    def maxima(self) -> tuple[Quantity | None, Quantity | None]:
        """The soft and the hard maximum."""
        return self.soft_max, self.hard_max

    @property
    def unit(self) -> str:
        """The unit in which values are shown beside these bounds: that of the highest."""
        return self.stated[-1].unit

    @property
    def each(self) -> Iterator[tuple[Side, Strength, Quantity]]:
        """Every bound that exists with its side and strength, the hard ones first."""
        ways = (
            (Side.ABOVE, Strength.HARD, self.hard_max),
            (Side.ABOVE, Strength.SOFT, self.soft_max),
            (Side.BELOW, Strength.HARD, self.hard_min),
            (Side.BELOW, Strength.SOFT, self.soft_min),
        )
        return ((side, strength, bound) for side, strength, bound in ways if bound is not None)


class Bag(Part):
    """A standard container: how much of the drug in which volume."""

    amount: Quantity
    volume: Quantity

    @model_validator(mode="after")
    def _is_a_mixture(self) -> "Bag":
        if not self.volume.is_like("mL") or self.volume.value <= 0:
            raise ValueError("the volume of a container is not a volume above zero; write it in mL")
        if self.amount.value <= 0 or not (dict(self.amount.dimensions).keys() <= AMOUNTS) or self.amount.is_like("mL"):
            raise ValueError("the amount in a container is not an amount of drug above zero; write it in mg, [iU] or mmol")
        return self


class Unbounded(Part):
    """The signed statement that a line has no hard maximum of dose: why, by which two roles, and on which day."""

    reason: str = Field(min_length=1)
    signed_by: tuple[Code, Code]
    date: date

    @model_validator(mode="after")
    def _by_two(self) -> "Unbounded":
        if self.signed_by[0] == self.signed_by[1]:
            raise ValueError("one role signed twice; write two different roles under signed_by")
        return self


class Origin(Part):
    """Where the figures of a line come from."""

    document: str = Field(min_length=1)
    at: str = Field(min_length=1)


class Line(Part):
    """What a library says of one drug in one care area, given in one way. `example` marks figures that are nobody's."""

    id: Code
    drug: str = Field(min_length=1)
    care_area: Code
    mode: Mode
    use: str = ""
    standard: Bag | None = None
    dose: Bounds | None = None
    rate: Bounds | None = None
    duration: Bounds | None = None
    concentration: Bounds | None = None
    volume: Bounds | None = None
    weight: Bounds | None = None
    no_hard_maximum: Unbounded | None = None
    advisory: str = ""
    example: bool = False
    source: Origin | None = None

    @property
    def measures(self) -> tuple[tuple[Measured, Bounds], ...]:
        """What this line bounds."""
        found = ((measure, getattr(self, measure.value)) for measure in Measured)
        return tuple((measure, bounds) for measure, bounds in found if isinstance(bounds, Bounds))

    @model_validator(mode="after")
    def _units_fit(self) -> "Line":
        for measure, bounds in self.measures:
            wanted = measure.wanted(bounds.stated[0], self.mode)
            if wanted:
                raise ValueError(f'the unit "{bounds.stated[0].unit}" is of another kind than {measure.value}; write a unit like {wanted}')
        return self


@dataclass(frozen=True, slots=True)
class Entry:
    """A line with its place in the file."""

    line: Line
    at: int


def of_kind(quantity: Quantity, kind: str) -> int:
    """The power of a kind in a unit: -1 for body mass in mg/kg, 0 where it does not occur."""
    return dict(quantity.dimensions).get(kind, 0)
