"""The maternal early warning criteria: each alarms by itself, whatever else is known."""

from collections.abc import Mapping

from openinfusion.core.calculator import Calculator, Given, Input, Result, Word, Worked, lacking, notice
from openinfusion.core.calculators.scores import NONE, POINTS, VITALS, edition, is_share, measured, share_for_percent, truths, yes_or_no
from openinfusion.core.finding import Level
from openinfusion.core.prescribing.citations import MATERNAL_CRITERIA
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Score

OPERATIONS: Mapping[str, tuple[str, ...]] = {}
CODES: Mapping[str, tuple[str, ...]] = {"calc.maternal-met": ("names",), "calc.maternal-open": ("missing",)}
MATERNAL = "maternal-warning-1"


def _maternal(given: Given) -> Worked:
    table = given.table(Score, MATERNAL)
    saturation = given.get("spo2")
    wrong = (share_for_percent(saturation),) if saturation is not None and is_share(saturation) else ()
    signs = {name: _outside(table, name, given.get(name)) for name in ("sbp", "dbp", "hr", "rr", "spo2", "urine")}
    if given.truth("o2") and signs["spo2"] is False:
        signs["spo2"] = None  # the criterion is of room air
    if signs["urine"]:
        over, enough = given.get("urine_over"), table.figures["urine-for"].quantity
        signs["urine"] = None if over is None else over >= enough
    signs |= truths(given, "agitated_or_confused", "preeclampsia_signs")
    met = tuple(name for name, is_met in signs.items() if is_met)
    missing = tuple(name for name, is_met in signs.items() if is_met is None)
    if not met and missing:
        lacks = lacking("calc.score-incomplete", table.sources, least=NONE, count=len(missing), missing=missing)
        return Worked({}, findings=(*wrong, lacks))
    found = [edition(table), *wrong]
    if met:
        found.append(notice("calc.maternal-met", table.sources, level=Level.CAUTION, names=met))
    if missing:
        found.append(notice("calc.maternal-open", table.sources, missing=missing))
    return Worked({"call": Word("bedside-evaluation" if met else "none"), "met": Quantity(len(met), POINTS)}, findings=tuple(found))


def _outside(table: Score, name: str, value: Quantity | None) -> bool | None:
    """Whether a measurement meets its criterion."""
    if value is None or (name == "spo2" and is_share(value)):
        return None
    return table.by_name[name].points(value).quantity.value > 0


CALCULATORS = (
    Calculator(
        "maternal-warning",
        (
            *VITALS,
            measured("dbp", "mm[Hg]"),
            measured("urine", "mL/h"),
            Input("urine_over", ("h",), is_required=False),
            yes_or_no("agitated_or_confused"),
            yes_or_no("preeclampsia_signs"),
        ),
        (Result("call", "1"), Result("met", POINTS)),
        "any one criterion that is met asks for evaluation at the bedside",
        _maternal,
        MATERNAL_CRITERIA,
        tables=(MATERNAL,),
        warns_anyway=True,
    ),
)
