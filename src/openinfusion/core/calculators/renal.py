"""Kidney: creatinine clearance and the carboplatin dose that rests on a filtration rate. Adults only."""

from collections.abc import Mapping
from fractions import Fraction

from openinfusion.core.calculator import (
    Amount,
    Approximate,
    Calculator,
    Given,
    Input,
    InputKind,
    Result,
    Worked,
    choice,
    lacking,
    notice,
    refused,
)
from openinfusion.core.calculators.body import FACTOR as ADJUSTMENT
from openinfusion.core.calculators.body import (
    SEX,
    TABLE,
    adjusted_weight,
    body_mass_index,
    factor_of,
    ideal_weight,
    surface,
)
from openinfusion.core.calculators.measures import HEIGHT, WEIGHT, Measure, kilograms
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.prescribing.citations import CALVERT, CLEARANCE_WEIGHT, COCKCROFT_GAULT, CREATININE_UNITS, FILTRATION_CAP
from openinfusion.core.quantity import Quantity

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.creatinine": ("creatinine",),
    "calc.clearance-male": ("age", "weight", "creatinine"),
    "calc.clearance-female": ("age", "weight", "creatinine"),
    "calc.per-standard-surface": ("clearance", "surface"),
    "calc.filtration-cap": ("gfr", "cap"),
    "calc.calvert": ("target_auc", "gfr"),
}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.weight-rule-assumed": ("rule",),
    "calc.weight-used": ("weight", "index"),
    "calc.age-outside": ("age",),
    "calc.gfr-capped": ("gfr", "cap"),
    "calc.gfr-outside": ("gfr", "least", "most"),
}

RENAL = "renal-1"
_RULES = ("actual", "ideal", "adjusted", "by-bmi")
_DERIVED = (Quantity(33, "mL/min"), Quantity(136, "mL/min"))
"""Filtration rates of the people in whom Calvert 1989 found the formula."""


def _creatinine_clearance(given: Given) -> Worked:
    rule = given.word("weight_rule") if "weight_rule" in given else "actual"
    is_standard = given.truth("per_1_73_m2") is True
    if "height" not in given and (rule != "actual" or is_standard):
        return refused("calc.missing", name="height", wanted=HEIGHT.units)
    mass = kilograms(given)
    used = _weight(given, rule, mass)
    if used.amount is None or mass.amount is None:
        return Worked({}, used.steps, used.findings)
    creatinine, converted = _in_mg_dl(given)
    years = given["age"].to("a")
    sex = given.word("sex")
    value = (140 - years.value) * used.amount.value / (72 * creatinine.value)
    clearance = Quantity(value if sex == "male" else value * Fraction("0.85"), "mL/min")
    inputs = (("age", years), ("weight", used.amount), ("creatinine", creatinine))
    step = Step(f"calc.clearance-{sex}", inputs, clearance, COCKCROFT_GAULT)
    steps = (*used.steps, *converted, step)
    if clearance.value <= 0:
        return Worked({}, steps, (lacking("calc.age-outside", COCKCROFT_GAULT, age=years),))
    assumed = () if "weight_rule" in given else (notice("calc.weight-rule-assumed", rule=rule),)
    found = (*used.findings, *assumed)
    if not is_standard:
        return Worked({"clearance": clearance}, steps, found)
    return _standardised(clearance, mass.amount, given["height"], steps, found)


def _standardised(clearance: Quantity, weight: Quantity, height: Quantity, steps: tuple[Step, ...], found: tuple[Finding, ...]) -> Worked:
    """Per 1.73 m2 of body surface by Mosteller; this is the primary result then."""
    area, of_area = surface(weight, height, "mosteller")
    square = area.quantity if isinstance(area, Approximate) else of_area.result
    standard = Quantity(clearance.value * Fraction("1.73") / square.value, "mL/min/{1.73_m2}")
    step = Step("calc.per-standard-surface", (("clearance", clearance), ("surface", square)), standard)
    shown: Amount = Approximate(standard) if isinstance(area, Approximate) else standard
    return Worked({"clearance_per_1_73_m2": shown, "clearance": clearance}, (*steps, of_area, step), found)


def _weight(given: Given, rule: str, mass: Measure) -> Measure:
    """The mass that the clearance is worked out with, by its rule."""
    if mass.amount is None or rule == "actual":
        return mass
    ideal, short = ideal_weight(given.word("sex"), given["height"])
    if ideal.result.value <= 0:
        return Measure(None, (*mass.steps, ideal), (lacking("calc.formula-fails", result=ideal.result),))
    steps, found = (*mass.steps, ideal), (*mass.findings, *short)
    if rule == "ideal":
        return Measure(ideal.result, steps, found)
    if rule == "adjusted":
        factor, assumed = factor_of(given)
        step = adjusted_weight(mass.amount, ideal.result, factor)
        return Measure(step.result, (*steps, step), (*found, *assumed))
    return _by_index(given, mass.amount, ideal.result, Measure(None, steps, found))


def _by_index(given: Given, actual: Quantity, ideal: Quantity, so_far: Measure) -> Measure:
    """Actual below the normal band, the smaller of actual and ideal within it, adjusted from overweight on."""
    index = body_mass_index(actual, given["height"])
    normal, overweight = given.figure(f"{TABLE}/normal-from").quantity, given.figure(f"{TABLE}/overweight-from").quantity
    steps: tuple[Step, ...] = (*so_far.steps, index)
    if index.result < normal:
        used = actual
    elif index.result < overweight:
        used = min(actual, ideal)
    else:
        factor, _ = factor_of(given)
        steps = (*steps, adjusted_weight(actual, ideal, factor))
        used = steps[-1].result
    return Measure(used, steps, (*so_far.findings, notice("calc.weight-used", CLEARANCE_WEIGHT, weight=used, index=index.result)))


def _in_mg_dl(given: Given) -> tuple[Quantity, tuple[Step, ...]]:
    creatinine = given["creatinine"]
    if creatinine.is_like("mg/dL"):
        return creatinine.to("mg/dL"), ()
    one = given.figure(f"{RENAL}/creatinine").quantity
    converted = Quantity(creatinine.to("umol/L").value / one.value, "mg/dL")
    return converted, (Step("calc.creatinine", (("creatinine", creatinine),), converted, CREATININE_UNITS),)


def _carboplatin_calvert(given: Given) -> Worked:
    gfr, told = given["gfr"].to("mL/min"), given.get("gfr_cap")
    cap = told.to("mL/min") if told is not None else given.figure(f"{RENAL}/filtration-cap").quantity
    steps, found = tuple[Step, ...](), tuple[Finding, ...]()
    used = gfr
    if gfr > cap:
        used = cap
        steps = (Step("calc.filtration-cap", (("gfr", gfr), ("cap", cap)), cap, FILTRATION_CAP),)
        found = (notice("calc.gfr-capped", FILTRATION_CAP, level=Level.CAUTION, gfr=gfr, cap=cap),)
    elif not _DERIVED[0] <= gfr <= _DERIVED[1]:
        found = (notice("calc.gfr-outside", CALVERT, level=Level.CAUTION, gfr=gfr, least=_DERIVED[0], most=_DERIVED[1]),)
    target = given["target_auc"]
    dose = Quantity(target.value * (used.value + 25), "mg")
    step = Step("calc.calvert", (("target_auc", target), ("gfr", used)), dose, CALVERT)
    return Worked({"dose": dose}, (*steps, step), found)


CALCULATORS = (
    Calculator(
        "creatinine-clearance",
        (
            SEX,
            Input("age", ("a",), least=Quantity(18, "a")),
            WEIGHT,
            Input("height", ("cm",), is_required=False),
            Input("creatinine", ("mg/dL", "umol/L")),
            choice("weight_rule", *_RULES, is_required=False),
            ADJUSTMENT,
            Input("per_1_73_m2", kind=InputKind.TRUTH, is_required=False),
        ),
        (Result("clearance", "mL/min"), Result("clearance_per_1_73_m2", "mL/min/{1.73_m2}")),
        "(140 - age) * weight / (72 * creatinine in mg/dL), female: * 0.85",
        _creatinine_clearance,
        (*COCKCROFT_GAULT, *CLEARANCE_WEIGHT),
        (RENAL, TABLE),
    ),
    Calculator(
        "carboplatin-calvert",
        (
            Input("target_auc", ("mg.min/mL",), assumed="mg.min/mL"),
            Input("gfr", ("mL/min",)),
            Input("gfr_cap", ("mL/min",), is_required=False),
        ),
        (Result("dose", "mg"),),
        "target_auc * (gfr, at most gfr_cap, + 25)",
        _carboplatin_calvert,
        (*CALVERT, *FILTRATION_CAP),
        (RENAL,),
    ),
)
