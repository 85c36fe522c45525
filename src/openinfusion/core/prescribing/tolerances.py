"""How far two statements of one order may lie apart, and which slips a ratio suggests: the figures of the consistency table at hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from openinfusion.core.figure import Source
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Consistency, Fold, Spelling, Table

POUNDS = "pounds"


@dataclass(frozen=True, slots=True)
class Slip:
    """One kind of slip: the factor by which it makes a number wrong, and the band around it."""

    name: str
    factor: Fraction
    within: Fraction
    sources: tuple[Source, ...]

    @classmethod
    def of(cls, name: str, fold: Fold) -> "Slip":
        """The slip of one row of the table."""
        return cls(name, fold.factor.quantity.to("1").value, fold.within.quantity.to("1").value, fold.factor.sources)

    def explains(self, ratio: Fraction) -> bool:
        """Whether a ratio is near the factor, or near one part of it."""
        return any(abs(one / self.factor - 1) <= self.within for one in (ratio, 1 / ratio))


@dataclass(frozen=True, slots=True)
class Tolerances:
    """The customs of one site. `slips` stand in the order in which they are asked; `spellings` by how they are written."""

    share: Fraction
    pump_step: Quantity
    slips: tuple[Slip, ...]
    spellings: tuple[Spelling, ...]
    sources: tuple[Source, ...]
    about_point: tuple[Source, ...]

    @classmethod
    def of(cls, table: Consistency) -> "Tolerances":
        """The figures of a table of this kind."""
        slips = (
            Slip.of("ten-fold", table.ten_fold),
            Slip.of("thousand-fold", table.thousand_fold),
            Slip.of(POUNDS, table.pounds),
        )
        share, step = table.tolerance.quantity.to("1").value, table.pump_step.quantity
        return cls(share, step, slips, table.spellings, table.tolerance.sources, table.decimal_point.sources)

    @classmethod
    def among(cls, tables: Iterable[Table]) -> "Tolerances | None":
        """Those of the consistency table among some tables; None where there is none."""
        return next((cls.of(table) for table in tables if isinstance(table, Consistency)), None)

    def agree(self, one: Quantity, other: Quantity) -> bool:
        """Whether two amounts of one kind are the same within the tolerance."""
        return abs(one.base - other.base) <= self.share * abs(other.base)

    def slip(self, stated: Quantity, expected: Quantity, *, weighed: bool = False) -> Slip | None:
        """The slip that would explain how far two amounts of one kind lie apart; None for equal ones and where none does. Pounds are
        asked about only where the amount follows from a weight."""
        if stated.base <= 0 or expected.base <= 0 or self.agree(stated, expected):
            return None
        ratio = stated.base / expected.base
        return next((slip for slip in self.slips if (weighed or slip.name != POUNDS) and slip.explains(ratio)), None)
