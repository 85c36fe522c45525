"""A bolus of rapid insulin: what the meal asks for, what brings the glucose to its target, less what is still active.

Never for a low glucose, never below zero, and never with a sensitivity or ratio that nobody prescribed.
"""

from collections.abc import Mapping

from openinfusion.core.calculator import Calculator, Given, Input, Result, Worked, lacking, notice
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.prescribing.citations import GLUCOSE_UNITS, INSULIN_BOLUS, INSULIN_SIGNS, LOW_GLUCOSE
from openinfusion.core.quantity import Quantity, ratio

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.glucose-by-mass": ("glucose", "millimole"),
    "calc.glucose-by-substance": ("glucose", "millimole"),
    "calc.correction": ("glucose", "target", "sensitivity"),
    "calc.meal": ("carbohydrate", "ratio"),
    "calc.bolus": ("meal", "correction", "on_board"),
    "calc.no-bolus": ("bolus",),
}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.low-glucose": ("glucose", "low", "treat_with", "again_after"),
    "calc.low-target": ("target", "low"),
    "calc.below-target": ("glucose", "target"),
    "calc.on-board-from-whole": ("on_board",),
    "calc.bolus-below-zero": ("bolus",),
}
TABLE = "insulin-1"
_NONE = Quantity(0, "[iU]")


def _insulin_correction(given: Given) -> Worked:
    problem = _refusal(given)
    if problem is not None:
        return Worked({}, findings=(problem,))
    corrected, steps = _correction(given)
    results, meal, on_board = {"correction": corrected}, _NONE, given.get("on_board") or _NONE
    if "carbohydrate" in given:
        meal = ratio("[iU]", (given["carbohydrate"],), (given["ratio"],))
        steps = (Step("calc.meal", (("carbohydrate", given["carbohydrate"]), ("ratio", given["ratio"])), meal, INSULIN_BOLUS), *steps)
        results["meal"] = meal
    bolus = meal + corrected - on_board
    if "carbohydrate" in given or "on_board" in given:
        steps = (*steps, Step("calc.bolus", (("meal", meal), ("correction", corrected), ("on_board", on_board)), bolus, INSULIN_BOLUS))
    found = _signs(given, corrected, on_board)
    if bolus.value < 0:
        steps = (*steps, Step("calc.no-bolus", (("bolus", bolus),), _NONE, INSULIN_SIGNS))
        found = (*found, notice("calc.bolus-below-zero", INSULIN_SIGNS, level=Level.CAUTION, bolus=bolus))
        bolus = _NONE
    return Worked({"dose": bolus, **results}, steps, found)


def _refusal(given: Given) -> Finding | None:
    """A low glucose is treated before anything else; a target must not be one, and a meal needs its ratio."""
    glucose, target = given["glucose"], given["target"]
    low = _low(given, glucose)
    if glucose < low:
        treat, again = given.figure(f"{TABLE}/treat-with"), given.figure(f"{TABLE}/measure-again-after")
        params = {"glucose": glucose, "low": low, "treat_with": treat.quantity, "again_after": again.quantity}
        return Finding("calc.low-glucose", Level.CONTRAINDICATED, params, (*LOW_GLUCOSE, *treat.sources))
    if target < _low(given, target):
        return lacking("calc.low-target", LOW_GLUCOSE, target=target, low=_low(given, target))
    for name, other, wanted in (("ratio", "carbohydrate", ("g/[iU]",)), ("carbohydrate", "ratio", ("g",))):
        if other in given and name not in given:
            return lacking("calc.missing", name=name, wanted=wanted)
    return None


def _low(given: Given, glucose: Quantity) -> Quantity:
    """The limit in the kind of unit of that glucose: each has its own published number."""
    return given.figure(f"{TABLE}/{'low-glucose' if glucose.is_like('mg/dL') else 'low-glucose-molar'}").quantity


def _correction(given: Given) -> tuple[Quantity, tuple[Step, ...]]:
    """What brings the glucose to its target, below zero for a glucose under it; worked in the unit of the sensitivity."""
    sensitivity = given["sensitivity"]
    symbol = "mg/dL" if sensitivity.is_like("mg/dL/[iU]") else "mmol/L"
    (glucose, first), (target, second) = (_measured_in(given, given[name], symbol) for name in ("glucose", "target"))
    corrected = ratio("[iU]", (glucose - target,), (sensitivity,))
    inputs = (("glucose", glucose), ("target", target), ("sensitivity", sensitivity))
    return corrected, (*first, *second, Step("calc.correction", inputs, corrected, INSULIN_BOLUS))


def _measured_in(given: Given, glucose: Quantity, symbol: str) -> tuple[Quantity, tuple[Step, ...]]:
    if glucose.is_like(symbol):
        return glucose, ()
    millimole = given.figure(f"{TABLE}/millimole-of-glucose").quantity
    if symbol == "mg/dL":
        made, operation = Quantity(glucose.to("mmol/L").value * millimole.value, symbol), "calc.glucose-by-mass"
    else:
        made, operation = Quantity(glucose.to("mg/dL").value / millimole.value, symbol), "calc.glucose-by-substance"
    return made, (Step(operation, (("glucose", glucose), ("millimole", millimole)), made, GLUCOSE_UNITS),)


def _signs(given: Given, corrected: Quantity, on_board: Quantity) -> tuple[Finding, ...]:
    found = []
    if corrected.value < 0:
        found.append(notice("calc.below-target", INSULIN_SIGNS, glucose=given["glucose"], target=given["target"]))
    if on_board.value > 0:
        found.append(notice("calc.on-board-from-whole", INSULIN_BOLUS, on_board=on_board))
    return tuple(found)


_GLUCOSE = ("mg/dL", "mmol/L")

CALCULATORS = (
    Calculator(
        "insulin-correction",
        (
            Input("glucose", _GLUCOSE),
            Input("target", _GLUCOSE),
            Input("sensitivity", ("mg/dL/[iU]", "mmol/L/[iU]"), shorthand={"mg/dL": "mg/dL/[iU]", "mmol/L": "mmol/L/[iU]"}),
            Input("carbohydrate", ("g",), is_required=False, may_be_zero=True),
            Input("ratio", ("g/[iU]",), shorthand={"g": "g/[iU]"}, is_required=False),
            Input("on_board", ("[iU]",), is_required=False, may_be_zero=True),
        ),
        (Result("dose", "[iU]"), Result("correction", "[iU]"), Result("meal", "[iU]")),
        "carbohydrate / ratio + (glucose - target) / sensitivity - on_board, never below zero",
        _insulin_correction,
        INSULIN_BOLUS,
        tables=(TABLE,),
    ),
)
