"""The customs of preparing and of plausibility that a site may set: steps of syringes and pumps, what makes a weight doubtful. No therapy's
figure stands here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from openinfusion.core.prescribing.tolerances import Tolerances
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Plausibility, Table

PUMP_STEP = Quantity("0.1", "mL/h")
GREATEST_WEIGHT = Quantity(500, "kg")
GREATEST_HEIGHT = Quantity(300, "cm")
GREATEST_SURFACE = Quantity(3, "m2")


@dataclass(frozen=True, slots=True)
class WeightChange:
    """What makes a weight worth a question against the one before: how much it changed, and how near the ratio is to that of pounds."""

    share: Fraction
    pounds_ratio: Fraction
    pounds_tolerance: Fraction


@dataclass(frozen=True, slots=True)
class Practice:
    """Steps to which amounts can be prepared and pumps be set, and the bounds outside which a weight is asked about again.

    Amounts of at least one unit (mL, mg, ...) go to `coarse_step` of it, smaller ones to `fine_step`."""

    coarse_step: Fraction = Fraction(1, 10)
    fine_step: Fraction = Fraction(1, 100)
    pump_step: Quantity = PUMP_STEP
    greatest_weight: Quantity = GREATEST_WEIGHT
    greatest_height: Quantity = GREATEST_HEIGHT
    greatest_surface: Quantity = GREATEST_SURFACE
    greatest_infusion_number: int = 10_000
    most_portions: int = 100
    weight_change: WeightChange | None = None
    """By the table of plausible values, without which no protocol loads; without it no weight is compared."""
    tolerances: Tolerances | None = None
    """By the consistency table; without it statements are not compared."""

    @classmethod
    def of(cls, table: Plausibility) -> "Practice":
        """The customs of a site by its signed table of plausible values."""
        weights = [row.most.quantity for row in table.ranges if row.field == "weight" and row.most is not None]
        change = WeightChange(
            share=table.weight_change.quantity.to("1").value,
            pounds_ratio=table.pounds_per_kilogram.quantity.value,
            pounds_tolerance=table.pounds_tolerance.quantity.to("1").value,
        )
        return cls(greatest_weight=min(weights, default=GREATEST_WEIGHT), weight_change=change)

    @classmethod
    def among(cls, tables: Iterable[Table]) -> "Practice":
        """The customs by the tables of plausible values and of consistency among some tables; the defaults where there is none."""
        found = tuple(tables)
        made = next((cls.of(table) for table in found if isinstance(table, Plausibility)), DEFAULT_PRACTICE)
        tolerances = Tolerances.among(found)
        return made if tolerances is None else replace(made, tolerances=tolerances, pump_step=tolerances.pump_step)

    def step_for(self, amount: Quantity) -> Quantity:
        """The step to which an amount is prepared, in the amount's unit. Grams are prepared as finely as milligrams."""
        spoken = amount.to("mg") if amount.unit == "g" else amount
        return Quantity(self.coarse_step if abs(spoken.value) >= 1 else self.fine_step, spoken.unit).to(amount.unit)


DEFAULT_PRACTICE = Practice()
