"""Low glucose by its levels. Whoever needs help from others is on the highest level, whatever was measured."""

from collections.abc import Mapping

from openinfusion.core.calculator import Amount, Calculator, Given, Input, Result, Word, Worked, notice
from openinfusion.core.calculators.scores import POINTS, edition, yes_or_no
from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.citations import LOW_GLUCOSE_LEVELS
from openinfusion.core.quantity import Quantity
from openinfusion.core.scoring import band_of
from openinfusion.core.table import Score

OPERATIONS: Mapping[str, tuple[str, ...]] = {}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.glucose-treat": ("treat_with", "again_after"),
    "calc.glucose-needs-help": (),
    "calc.glucose-help-unknown": (),
    "calc.glucose-not-measured": (),
}
TABLE = "hypoglycaemia-1"
_WORST = Quantity(3, POINTS)


def _hypoglycaemia(given: Given) -> Worked:
    table, glucose, needs_help = given.table(Score, TABLE), given.get("glucose"), given.truth("needs_help")
    if needs_help:
        level = _WORST
    elif glucose is None:
        return Worked({}, findings=(Finding("calc.missing", Level.MISSING, {"name": "glucose", "wanted": ("mg/dL", "mmol/L")}),))
    else:
        parameter = table.by_name["glucose" if glucose.is_like("mg/dL") else "glucose-molar"]
        level = parameter.points(glucose).quantity
    band = band_of(table.bands, level)
    results: dict[str, Amount] = {"level": level, "band": Word(band.name)}
    if band.action is not None:
        results["action"] = Word(band.action)
    return Worked(results, findings=(edition(table), *_told(table, level, glucose, needs_help)))


def _told(table: Score, level: Quantity, glucose: Quantity | None, needs_help: bool | None) -> tuple[Finding, ...]:
    if level == _WORST:
        found = [notice("calc.glucose-needs-help", table.sources, level=Level.CAUTION)]
        return (*found, notice("calc.glucose-not-measured", table.sources)) if glucose is None else tuple(found)
    found = []
    if level.value:
        treat, again = table.figures["treat-with"], table.figures["measure-again-after"]
        params = {"treat_with": treat.quantity, "again_after": again.quantity}
        found.append(Finding("calc.glucose-treat", Level.CAUTION, params, treat.sources))
    if needs_help is None:
        found.append(notice("calc.glucose-help-unknown", table.sources, level=Level.CAUTION if level.value else Level.INFO))
    return tuple(found)


CALCULATORS = (
    Calculator(
        "hypoglycaemia",
        (Input("glucose", ("mg/dL", "mmol/L"), is_required=False, may_be_zero=True), yes_or_no("needs_help")),
        (Result("level", POINTS), Result("band", "1"), Result("action", "1")),
        "level 1 below 70 mg/dL or 3.9 mmol/L, level 2 below 54 mg/dL or 3.0 mmol/L, level 3 with help needed",
        _hypoglycaemia,
        LOW_GLUCOSE_LEVELS,
        tables=(TABLE,),
        warns_anyway=True,
    ),
)
