"""Epidural, opioid and pain: motor block, height of block, sedation, pain. The name of the scale is part of each result."""

from collections.abc import Mapping

from openinfusion.core.calculator import Amount, Calculator, Given, Input, InputKind, Result, Word, Worked, choice, notice
from openinfusion.core.calculators.scores import NONE, POINTS, Scored, edition, incomplete, part, staged, total_of
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.prescribing.citations import BLOCK_LEVEL, BROMAGE, FLACC, PAIN_NRS, POSS
from openinfusion.core.quantity import Quantity
from openinfusion.core.scoring import band_of
from openinfusion.core.table import Score

_FLACC = ("face", "legs", "activity", "cry", "consolability")
OPERATIONS: Mapping[str, tuple[str, ...]] = {"calc.flacc-total": _FLACC}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.bromage-no-leg-raise": ("recovered_by",),
    "calc.block-high": ("reached",),
    "calc.block-by": ("method",),
    "calc.poss-licence": (),
}
BROMAGE_TABLE, LEVEL_TABLE, POSS_TABLE, NRS_TABLE, FLACC_TABLE = "bromage-1", "block-level-1", "poss-1", "pain-nrs-1", "flacc-1"
_MOVES = {"raises_leg": "no-leg-raise", "bends_knee": "no-knee-bend", "moves_foot": "no-foot-movement"}
_LEVELS = (
    *(f"C{number}" for number in range(2, 9)),
    *(f"T{number}" for number in range(1, 13)),
    *(f"L{number}" for number in range(1, 6)),
    *(f"S{number}" for number in range(1, 6)),
)


def _bromage(given: Given) -> Worked:
    table = given.table(Score, BROMAGE_TABLE)
    moves = {name: given.truth(name) for name in _MOVES}
    signs = {sign: None if moves[name] is None else not moves[name] for name, sign in _MOVES.items()}
    told: tuple[Finding, ...] = ()
    if moves["raises_leg"] is False:
        limit = table.figures["recovered-by"]
        told = (notice("calc.bromage-no-leg-raise", limit.sources, level=Level.CAUTION, recovered_by=limit.quantity),)
    return staged(table, signs, told)


def _block_level(given: Given) -> Worked:
    table, method = given.table(Score, LEVEL_TABLE), given.word("method")
    left, right = given.word("left"), given.word("right")
    highest = min(left, right, key=_LEVELS.index)
    apart = abs(_LEVELS.index(left) - _LEVELS.index(right))
    found = [edition(table), notice("calc.block-by", table.sources, method=method)]
    high = table.by_name["cold"].points_of_word(highest)
    if method == "cold" and high.quantity.value:
        found.append(notice("calc.block-high", high.sources, level=Level.CAUTION, reached=highest))
    results: dict[str, Amount] = {"height": Word(highest), "left": Word(left), "right": Word(right)}
    return Worked({**results, "dermatomes_apart": Quantity(apart, "1")}, findings=tuple(found))


def _poss(given: Given) -> Worked:
    table = given.table(Score, POSS_TABLE)
    level = given.word("level")
    band = band_of(table.bands, table.by_name["level"].points_of_word(level).quantity)
    named = (("sedation", band.name), ("level", level), ("action", band.action), ("monitoring", band.monitor))
    results: dict[str, Amount] = {name: Word(word) for name, word in named if word is not None}
    return Worked(results, findings=(edition(table), notice("calc.poss-licence", table.sources)))


def _pain(given: Given) -> Worked:
    table = given.table(Score, NRS_TABLE)
    score = given["score"]
    return Worked({"pain": Word(band_of(table.bands, score).name), "score": score}, findings=(edition(table),))


def _flacc(given: Given) -> Worked:
    table = given.table(Score, FLACC_TABLE)
    values = {name: given.get(name) for name in _FLACC}
    parts = [
        Scored(name, None if value is None else table.by_name[name].points_of_word(str(value.value)).quantity)
        for name, value in values.items()
    ]
    lacks = incomplete(table, parts)
    if lacks is not None:
        return Worked({}, findings=(lacks,))
    total = total_of(parts)
    step = Step("calc.flacc-total", tuple((one.name, one.points or NONE) for one in parts), total, table.sources)
    return Worked({"total": total, "pain": Word(band_of(table.bands, total).name)}, (step,), (edition(table),))


CALCULATORS = (
    Calculator(
        "bromage",
        (choice("scale", "modified-0-3"), *(Input(name, kind=InputKind.TRUTH, is_required=False) for name in _MOVES)),
        (Result("grade", POINTS), Result("stage", "1")),
        "by what the leg still does: raise straight, bend the knee, move the foot",
        _bromage,
        BROMAGE,
        tables=(BROMAGE_TABLE,),
        warns_anyway=True,
    ),
    Calculator(
        "block-level",
        (choice("left", *_LEVELS), choice("right", *_LEVELS), choice("method", "cold", "touch", "pinprick")),
        (Result("height", "1"), Result("left", "1"), Result("right", "1"), Result("dermatomes_apart", "1")),
        "the higher of the two sides",
        _block_level,
        BLOCK_LEVEL,
        tables=(LEVEL_TABLE,),
    ),
    Calculator(
        "poss",
        (choice("level", "S", "1", "2", "3", "4"),),
        (Result("sedation", "1"), Result("level", "1"), Result("action", "1"), Result("monitoring", "1")),
        "the level as it was seen",
        _poss,
        POSS,
        tables=(POSS_TABLE,),
    ),
    Calculator(
        "pain",
        (Input("score", (POINTS,), assumed=POINTS, may_be_zero=True, is_whole=True, most=Quantity(10, POINTS)),),
        (Result("pain", "1"), Result("score", POINTS)),
        "the number that the patient gave, from 0 to 10",
        _pain,
        PAIN_NRS,
        tables=(NRS_TABLE,),
    ),
    Calculator(
        "flacc",
        tuple(part(name, 2) for name in _FLACC),
        (Result("total", POINTS), Result("pain", "1")),
        "face + legs + activity + cry + consolability",
        _flacc,
        FLACC,
        tables=(FLACC_TABLE,),
        warns_anyway=True,
    ),
)
