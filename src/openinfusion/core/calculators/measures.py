"""Weight, height and concentration as the formulas need them, each with the steps that lead there. Nothing is assumed."""

from collections.abc import Mapping
from dataclasses import dataclass

from openinfusion.core.calculator import DRUGS, Calculator, Given, Input, Way, lacking, notice
from openinfusion.core.finding import Finding, Step
from openinfusion.core.prescribing.citations import POUND
from openinfusion.core.quantity import Quantity, ratio

OPERATIONS: Mapping[str, tuple[str, ...]] = {"calc.kilograms": ("weight",), "calc.concentration": ("amount", "volume")}
CODES: Mapping[str, tuple[str, ...]] = {"calc.in-pounds": ("weight", "kilograms"), "calc.contradictory": ("one", "other")}

WEIGHT = Input("weight", ("kg",))
HEIGHT = Input("height", ("cm",))
CONCENTRATION = Input("concentration", tuple(f"{drug}/mL" for drug in DRUGS), is_required=False)
AMOUNT = Input("amount", DRUGS, is_required=False)
VOLUME = Input("volume", ("mL",), is_required=False)
STRENGTH: tuple[Way, ...] = (("concentration",), ("amount", "volume"))
"""The ways in which a concentration is said; inputs CONCENTRATION, AMOUNT and VOLUME."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity with the steps that led to it; None when the findings refuse it."""

    amount: Quantity | None
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()


def kilograms(given: Given, name: str = "weight") -> Measure:
    """A body mass in kg; pounds are converted in a step of their own, and noticed."""
    weight = given[name]
    if weight.unit != "[lb_av]":
        return Measure(weight)
    converted = weight.to("kg")
    step = Step("calc.kilograms", (("weight", weight),), converted, POUND)
    return Measure(converted, (step,), (notice("calc.in-pounds", POUND, weight=weight, kilograms=converted),))


def concentration(given: Given) -> Measure:
    """The amount in a millilitre, as it was given or as amount / volume; both ways must agree."""
    stated, amount, volume = given.get("concentration"), given.get("amount"), given.get("volume")
    if amount is None or volume is None:
        return Measure(stated)
    made = ratio(f"{amount.unit}/mL", (amount,), (volume,))
    if stated is not None and stated != made:
        return Measure(None, findings=(lacking("calc.contradictory", one=stated, other=made),))
    return Measure(made, (Step("calc.concentration", (("amount", amount), ("volume", volume)), made),))


CALCULATORS: tuple[Calculator, ...] = ()
