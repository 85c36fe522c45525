"""The dose of one patient: by weight or body surface where it is so ordered, and capped, each step shown. Shared by the rooms that dose.

Takes no weight, surface or cap that was not given, and says when one was given and not used.
"""

from collections.abc import Mapping, Sequence

from openinfusion.core.calculator import DRUGS, Calculator, Given, Input, Worked, lacking, notice
from openinfusion.core.calculators.measures import WEIGHT, Measure, concentration, kilograms
from openinfusion.core.figure import Source
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.prescribing.citations import WEIGHT_DOSE
from openinfusion.core.quantity import Quantity, UnitError, ratio

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.by-weight": ("dose", "weight"),
    "calc.by-area": ("dose", "area"),
    "calc.cap": ("dose", "cap"),
}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.weight-needed": ("dose",),
    "calc.area-needed": ("dose",),
    "calc.not-used": ("name", "value"),
    "calc.cap-binds": ("dose", "cap"),
}

DRUGS_AND_FLUIDS = (*DRUGS, "mL")
MAYBE_WEIGHT = Input("weight", WEIGHT.units, is_required=False)
AREA = Input("area", ("m2",), is_required=False)


def amounts(heads: Sequence[str], *tails: str) -> tuple[str, ...]:
    """Each amount with each tail: `amounts(("mg", "[iU]"), "/kg")` is mg/kg and [iU]/kg."""
    return tuple(f"{head}{tail}" for tail in tails for head in heads)


def head(quantity: Quantity) -> str:
    """The unit of the amount itself: mg of mg/kg/h or of mg/mL."""
    return quantity.unit.partition("/")[0]


def for_patient(given: Given) -> Measure:
    """The dose that one patient gets: multiplied by the weight or the area where it is per kg or per m2, and refused without it."""
    dose = given["dose"]
    if "/kg" in dose.unit:
        if "weight" not in given:
            return Measure(None, findings=(lacking("calc.weight-needed", dose=dose),))
        return _by_weight(given, dose)
    if "/m2" in dose.unit:
        if "area" not in given:
            return Measure(None, findings=(lacking("calc.area-needed", dose=dose),))
        made = ratio(dose.unit.replace("/m2", ""), (dose, given["area"]))
        return Measure(
            made, (Step("calc.by-area", (("dose", dose), ("area", given["area"])), made, WEIGHT_DOSE),), not_used(given, "weight")
        )
    return Measure(dose, findings=not_used(given, "weight", "area"))


def _by_weight(given: Given, dose: Quantity) -> Measure:
    weighed = kilograms(given)
    weight = weighed.amount or given["weight"]
    made = ratio(dose.unit.replace("/kg", ""), (dose, weight))
    step = Step("calc.by-weight", (("dose", dose), ("weight", weight)), made, WEIGHT_DOSE)
    return Measure(made, (*weighed.steps, step), (*weighed.findings, *not_used(given, "area")))


def not_used(given: Given, *names: str) -> tuple[Finding, ...]:
    """A notice for each of these inputs that was given."""
    return tuple(notice("calc.not-used", name=name, value=given[name]) for name in names if name in given)


def capped(dose: Quantity, cap: Quantity | None) -> Measure:
    """The dose, at most the cap. A cap that binds is a step and a caution; one of another kind, such as of a day, is refused."""
    if cap is None:
        return Measure(dose)
    if not cap.is_like(dose):
        return Measure(None, findings=(lacking("calc.not-of-one-kind", one=dose, other=cap),))
    if dose <= cap:
        return Measure(dose)
    step = Step("calc.cap", (("dose", dose), ("cap", cap)), cap.to(dose.unit))
    return Measure(step.result, (step,), (notice("calc.cap-binds", level=Level.CAUTION, dose=dose, cap=cap),))


def strength(given: Given) -> Measure:
    """The concentration, and a notice where half of another way to say it was given too."""
    made, halves = concentration(given), [name for name in ("amount", "volume") if name in given]
    return made if len(halves) != 1 else Measure(made.amount, made.steps, (*made.findings, *not_used(given, *halves)))


def divided(
    operation: str, symbol: str, over: tuple[str, Quantity], under: tuple[str, Quantity], sources: tuple[Source, ...] = ()
) -> Step | None:
    """One named quantity over another as a step, in a named unit; None where their kinds do not give it."""
    try:
        return Step(operation, (over, under), ratio(symbol, (over[1],), (under[1],)), sources)
    except UnitError:
        return None


def without_result(*measures: Measure) -> Worked:
    """Nothing was worked out, with what was done and found until then."""
    return Worked({}, tuple(step for one in measures for step in one.steps), tuple(found for one in measures for found in one.findings))


def other_kind(one: Quantity, other: Quantity) -> Measure:
    """Two quantities that cannot be brought together."""
    return Measure(None, findings=(lacking("calc.not-of-one-kind", one=one, other=other),))


CALCULATORS: tuple[Calculator, ...] = ()
