"""Titration: from a dose in a time to the flow that gives it, and back. Any amount of drug, per kg or not, per minute, hour or day.

A dose per kg needs the weight. Without a concentration nothing is known.
"""

from collections.abc import Mapping

from openinfusion.core.calculator import DRUGS, Calculator, Given, Input, Result, Usual, Worked
from openinfusion.core.calculators.dosing import MAYBE_WEIGHT, amounts, divided, for_patient, head, other_kind, strength, without_result
from openinfusion.core.calculators.flow import RATE
from openinfusion.core.calculators.measures import AMOUNT, CONCENTRATION, STRENGTH, VOLUME, kilograms
from openinfusion.core.finding import Step
from openinfusion.core.prescribing.citations import DOSE_RATE, FLOW, RATE_DOSE, WEIGHT_DOSE
from openinfusion.core.quantity import ratio

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.dose-to-rate": ("dose", "concentration"),
    "calc.rate-to-drops": ("rate", "drop_factor"),
    "calc.rate-to-dose": ("rate", "concentration"),
    "calc.per-weight": ("dose", "weight"),
}
CODES: Mapping[str, tuple[str, ...]] = {}

DOSE = Input("dose", amounts(DRUGS, "/h", "/kg/h"))
DROP_FACTOR = Input("drop_factor", ("[drp]/mL",), assumed="[drp]/mL", is_required=False)


def _dose_to_rate(given: Given) -> Worked:
    """dose [× weight] / concentration in mL/h; with a drop factor the drops too."""
    made, dose = strength(given), for_patient(given)
    if made.amount is None or dose.amount is None:
        return without_result(made, dose)
    step = divided("calc.dose-to-rate", "mL/h", ("dose", dose.amount), ("concentration", made.amount), DOSE_RATE)
    if step is None:
        return without_result(made, dose, other_kind(given["dose"], made.amount))
    results, steps = {"rate": step.result}, [*made.steps, *dose.steps, step]
    factor = given.get("drop_factor")
    if factor is not None:
        results["drop_rate"] = ratio("[drp]/min", (step.result, factor))
        steps.append(Step("calc.rate-to-drops", (("rate", step.result), ("drop_factor", factor)), results["drop_rate"], FLOW))
    return Worked(results, tuple(steps), (*made.findings, *dose.findings))


def _rate_to_dose(given: Given) -> Worked:
    """rate × concentration [/ weight], per hour, in the unit of the drug that the concentration has."""
    made, rate = strength(given), given["rate"]
    if made.amount is None:
        return without_result(made)
    drug = head(made.amount)
    total = ratio(f"{drug}/h", (rate, made.amount))
    step = Step("calc.rate-to-dose", (("rate", rate), ("concentration", made.amount)), total, RATE_DOSE)
    if "weight" not in given:
        return Worked({"dose": total}, (*made.steps, step), made.findings)
    weighed = kilograms(given)
    weight = weighed.amount or given["weight"]
    dose = Step("calc.per-weight", (("dose", total), ("weight", weight)), ratio(f"{drug}/kg/h", (total,), (weight,)), WEIGHT_DOSE)
    steps = (*made.steps, step, *weighed.steps, dose)
    return Worked({"dose": dose.result, "dose_per_time": total}, steps, (*made.findings, *weighed.findings))


CALCULATORS = (
    Calculator(
        "dose-to-rate",
        (DOSE, CONCENTRATION, AMOUNT, VOLUME, MAYBE_WEIGHT, DROP_FACTOR),
        (Result("rate", "mL/h"), Result("drop_rate", "[drp]/min", Usual.DROPS)),
        "rate = dose / concentration; concentration = amount / volume; a dose per kg is times weight; drop_rate = rate * drop_factor",
        _dose_to_rate,
        (*DOSE_RATE, *WEIGHT_DOSE),
        ways=(STRENGTH,),
    ),
    Calculator(
        "rate-to-dose",
        (RATE, CONCENTRATION, AMOUNT, VOLUME, MAYBE_WEIGHT),
        (Result("dose", "mg/h"), Result("dose_per_time", "mg/h")),
        "dose_per_time = rate * concentration; concentration = amount / volume; dose = dose_per_time / weight, where weight is given",
        _rate_to_dose,
        (*RATE_DOSE, *WEIGHT_DOSE),
        ways=(STRENGTH,),
    ),
)
