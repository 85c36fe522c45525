"""The place where a line goes in: phlebitis by two scales, infiltration, extravasation.

A grade never decides what is done for a vesicant.
"""

from collections.abc import Mapping

from openinfusion.core.calculator import Amount, Calculator, Given, Input, Result, Worked, notice
from openinfusion.core.calculators.scores import NONE, POINTS, one_of, staged, truths, yes_or_no
from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.citations import EXTRAVASATION_GRADES, INS_INFILTRATION, INS_PHLEBITIS, VIP_SCORE
from openinfusion.core.scoring import graded
from openinfusion.core.table import Score

OPERATIONS: Mapping[str, tuple[str, ...]] = {}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.infiltration-old-scale": (),
    "calc.infiltration-by-drug": ("leaked", "by_size"),
    "calc.extravasation-class-first": (),
    "calc.cord-contradicts": ("length",),
}
VIP, PHLEBITIS, INFILTRATION, EXTRAVASATION = "vip-1", "phlebitis-1", "infiltration-1", "extravasation-1"
_HARMFUL = ("blood-product", "irritant", "vesicant")
_SWELLING = ("none", "minimal", "mild", "marked")


def _vip(given: Given) -> Worked:
    return staged(given.table(Score, VIP), truths(given, *_VIP_SIGNS))


def _phlebitis(given: Given) -> Worked:
    table = given.table(Score, PHLEBITIS)
    signs = truths(given, "pain", "erythema", "oedema", "streak", "cord", "drainage")
    length = given.get("cord_length")
    if length is not None:
        if signs["cord"] is not None and signs["cord"] is not (length.value > 0):
            return Worked({}, findings=(Finding("calc.cord-contradicts", Level.MISSING, {"length": length}),))
        signs["cord"] = length.value > 0
    is_long = None if length is None else length > table.figures["long-cord"].quantity
    return staged(table, {**signs, "long-cord": False if signs["cord"] is False else is_long})


def _infiltration(given: Given) -> Worked:
    table, extent = given.table(Score, INFILTRATION), given.get("oedema")
    second, third = table.figures["second"].quantity, table.figures["third"].quantity
    size: dict[str, bool | None] = {
        "oedema": None if extent is None else extent.value > 0,
        "oedema-from-1-inch": None if extent is None else extent >= second,
        "oedema-over-6-inches": None if extent is None else extent > third,
        "pitting": given.truth("pitting"),
        "circulation": given.truth("circulation"),
    }
    leaked = given.word("leaked") if "leaked" in given else None
    harmful = None if leaked is None else leaked in _HARMFUL
    by_size = graded(table.grades, {**size, "harmful": False})
    told = [notice("calc.infiltration-old-scale", table.sources, level=Level.CAUTION)]
    size_grade = by_size.least.points.quantity if by_size.least is not None else NONE
    if harmful and leaked is not None:
        told.append(notice("calc.infiltration-by-drug", table.sources, level=Level.CAUTION, leaked=leaked, by_size=size_grade))
    made = staged(table, {**size, "harmful": harmful and size["oedema"] is not False}, tuple(told), is_nested=False)
    if not made.results or not by_size.is_settled:
        return made
    results: dict[str, Amount] = {**made.results, "grade_by_size": size_grade}
    return Worked(results, made.steps, made.findings)


def _extravasation(given: Given) -> Worked:
    table = given.table(Score, EXTRAVASATION)
    swelling = _SWELLING.index(given.word("swelling")) if "swelling" in given else None
    signs: dict[str, bool | None] = {
        "swelling": None if swelling is None else swelling >= 1,
        "mild-swelling": None if swelling is None else swelling >= 2,
        "marked-swelling": None if swelling is None else swelling >= 3,
        "slow-refill": given.truth("slow_refill"),
    }
    class_first = notice("calc.extravasation-class-first", table.sources, level=Level.CAUTION)
    return staged(table, signs | truths(given, "pain", "blanching", "cool", "blistering"), (class_first,), is_nested=False)


_VIP_SIGNS = ("pain", "erythema", "swelling", "induration", "cord", "pyrexia")
_STAGED = (Result("grade", POINTS), Result("stage", "1"))
_LENGTH = ("cm", "[in_i]")

CALCULATORS = (
    Calculator(
        "vip",
        tuple(yes_or_no(name) for name in _VIP_SIGNS),
        (*_STAGED, Result("action", "1")),
        "the highest row of the scale whose signs are all there",
        _vip,
        VIP_SCORE,
        tables=(VIP,),
        warns_anyway=True,
    ),
    Calculator(
        "phlebitis",
        (
            *(yes_or_no(name) for name in ("pain", "erythema", "oedema", "streak", "cord", "drainage")),
            Input("cord_length", _LENGTH, is_required=False, may_be_zero=True),
        ),
        _STAGED,
        "the highest row of the scale whose signs are all there",
        _phlebitis,
        INS_PHLEBITIS,
        tables=(PHLEBITIS,),
        warns_anyway=True,
    ),
    Calculator(
        "infiltration",
        (
            Input("oedema", _LENGTH, is_required=False, may_be_zero=True),
            yes_or_no("pitting"),
            yes_or_no("circulation"),
            one_of("leaked", "other", *_HARMFUL),
        ),
        (*_STAGED, Result("grade_by_size", POINTS)),
        "by the greatest extent of oedema; 4 with deep pitting or bad circulation, and for blood, an irritant or a vesicant",
        _infiltration,
        INS_INFILTRATION,
        tables=(INFILTRATION,),
        warns_anyway=True,
    ),
    Calculator(
        "extravasation",
        (
            one_of("swelling", *_SWELLING),
            *(yes_or_no(name) for name in ("pain", "blanching", "slow_refill", "cool", "blistering")),
        ),
        _STAGED,
        "the highest row of the table of which one sign is there that sets it apart",
        _extravasation,
        EXTRAVASATION_GRADES,
        tables=(EXTRAVASATION,),
        warns_anyway=True,
    ),
)
