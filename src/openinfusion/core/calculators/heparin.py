"""Heparin by weight: the loading dose and the infusion, capped where the protocol caps them.

The dose and the cap are the protocol's, never ours; that no cap was given is said.
"""

from collections.abc import Mapping

from openinfusion.core.calculator import Calculator, Given, Input, Result, Usual, Worked, notice
from openinfusion.core.calculators.dosing import capped, for_patient, without_result
from openinfusion.core.calculators.measures import WEIGHT, Measure
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.prescribing.citations import DOSE_RATE, DOSE_VOLUME, HEPARIN_CAPS, HEPARIN_START, WEIGHT_DOSE
from openinfusion.core.quantity import ratio

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.heparin-volume": ("amount", "concentration"),
    "calc.heparin-rate": ("amount", "concentration"),
}
CODES: Mapping[str, tuple[str, ...]] = {"calc.no-cap": ("dose", "weight")}


def _bolus(given: Given) -> Worked:
    """dose × weight, at most cap, in units; with a concentration the volume too."""
    dose, kept, findings = _kept(given)
    if kept.amount is None:
        return without_result(dose, kept)
    amount, strength, cap, steps = kept.amount.to("[iU]"), given.get("concentration"), given.get("cap"), (*dose.steps, *kept.steps)
    most = {} if cap is None else {"amount": cap}
    if strength is None:
        return Worked({"amount": amount}, steps, findings, most)
    volume = ratio("mL", (amount,), (strength,))
    step = Step("calc.heparin-volume", (("amount", amount), ("concentration", strength)), volume, DOSE_VOLUME)
    if cap is not None:
        most["volume"] = ratio("mL", (cap,), (strength,))
    return Worked({"amount": amount, "volume": volume}, (*steps, step), findings, most)


def _rate(given: Given) -> Worked:
    """dose × weight, at most cap, / concentration."""
    dose, kept, findings = _kept(given)
    if kept.amount is None:
        return without_result(dose, kept)
    strength, cap = given["concentration"], given.get("cap")
    rate = ratio("mL/h", (kept.amount,), (strength,))
    step = Step("calc.heparin-rate", (("amount", kept.amount), ("concentration", strength)), rate, DOSE_RATE)
    most = {} if cap is None else {"rate": ratio("mL/h", (cap,), (strength,)), "amount": cap}
    return Worked({"rate": rate, "amount": kept.amount.to("[iU]/h")}, (*dose.steps, *kept.steps, step), findings, most)


def _kept(given: Given) -> tuple[Measure, Measure, tuple[Finding, ...]]:
    """The dose of the patient, what the cap leaves of it, and what was found on the way."""
    dose, cap = for_patient(given), given.get("cap")
    kept = Measure(None) if dose.amount is None else capped(dose.amount, cap)
    findings = (*dose.findings, *kept.findings)
    if cap is not None:
        return dose, kept, findings
    return dose, kept, (*findings, notice("calc.no-cap", HEPARIN_CAPS, level=Level.CAUTION, dose=given["dose"], weight=given["weight"]))


STRENGTH_UNITS = ("[iU]/mL",)

CALCULATORS = (
    Calculator(
        "heparin-bolus",
        (
            WEIGHT,
            Input("dose", ("[iU]/kg",)),
            Input("cap", ("[iU]",), is_required=False),
            Input("concentration", STRENGTH_UNITS, is_required=False),
        ),
        (Result("amount", "[iU]"), Result("volume", "mL", Usual.VOLUME)),
        "amount = dose * weight, at most cap; volume = amount / concentration, where it is given; never rounded past the cap",
        _bolus,
        (*WEIGHT_DOSE, *HEPARIN_START),
    ),
    Calculator(
        "heparin-rate",
        (WEIGHT, Input("dose", ("[iU]/kg/h",)), Input("cap", ("[iU]/h",), is_required=False), Input("concentration", STRENGTH_UNITS)),
        (Result("rate", "mL/h"), Result("amount", "[iU]/h")),
        "rate = amount / concentration; amount = dose * weight, at most cap; never rounded past the cap",
        _rate,
        (*DOSE_RATE, *WEIGHT_DOSE, *HEPARIN_START),
    ),
)
