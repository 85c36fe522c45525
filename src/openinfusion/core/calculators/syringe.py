"""A volume in a syringe: the line to which it is drawn, and by how much that misses. Without a syringe, the smallest that will do."""

import re
from collections.abc import Mapping

from openinfusion.core.calculation import SMALL_VOLUME, SMALL_VOLUME_STEP, VOLUME_STEP
from openinfusion.core.calculator import Calculator, Given, Input, InputKind, Result, Worked, lacking, notice
from openinfusion.core.prescribing.citations import INSULIN_SYRINGE
from openinfusion.core.prescribing.syringe import Drawn, ToDraw, choose, draw, in_stock
from openinfusion.core.quantity import Quantity
from openinfusion.core.spelling import spelled
from openinfusion.core.table import Syringe, Syringes

OPERATIONS: Mapping[str, tuple[str, ...]] = {}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.syringe-unknown": ("syringe", "known"),
    "calc.syringe-used": ("syringe", "capacity", "line"),
}
TABLE = "syringes-1"
_INSULIN = re.compile(r"(?:u-?(\d{2,3}))?[ -]*(?:insulin)?[ -]*(?:u-?(\d{2,3}))?")
"""How an insulin syringe is named: U-100, u100 insulin, insulin U-100, insulin."""


def _syringe_mark(given: Given) -> Worked:
    syringes = given.table(Syringes, TABLE).syringes
    named = _named(syringes, given.word("syringe")) if "syringe" in given else syringes
    if not named:
        known = tuple(one.id for one in syringes)
        return Worked({}, findings=(lacking("calc.syringe-unknown", INSULIN_SYRINGE, syringe=given.word("syringe"), known=known),))
    drawn = _drawn(named, _wanted(given, is_insulin=all(one.marks_for is not None for one in named)))
    if drawn.mark is None or drawn.syringe is None:
        return Worked({}, drawn.derivation.steps, drawn.findings)
    mark, capacity = drawn.mark, drawn.syringe.capacity
    used = notice("calc.syringe-used", capacity.sources, syringe=drawn.syringe.id, capacity=capacity.quantity, line=drawn.syringe.step)
    results = {"mark": mark.reading, "volume": mark.volume, "residual": mark.residual, "capacity": capacity.quantity}
    return Worked({**results, "line": Quantity(mark.line, "1")}, drawn.derivation.steps, (used, *drawn.findings))


def _drawn(named: tuple[Syringe, ...], wanted: ToDraw) -> Drawn:
    return draw(named[0], wanted) if len(named) == 1 else choose(named, wanted)


def _wanted(given: Given, *, is_insulin: bool) -> ToDraw:
    """What is drawn up, to be measured to the step that the rounding table has for its volume."""
    volume, concentration = given["volume"], given.get("insulin_concentration")
    step = given.figure(SMALL_VOLUME_STEP if volume < given.figure(SMALL_VOLUME).quantity else VOLUME_STEP).quantity
    return ToDraw(volume.to("mL"), step, is_insulin or concentration is not None, concentration)


def _named(syringes: tuple[Syringe, ...], word: str) -> tuple[Syringe, ...]:
    """The syringes that a word means: one by its id or size, or all for insulin of one concentration. None for a word nobody knows."""
    text = word.strip().lower()
    by_id = tuple(one for one in syringes if one.id == text)
    if by_id:
        return by_id
    insulin = _INSULIN.fullmatch(text)
    marked = insulin and (insulin[1] or insulin[2])
    if insulin is not None and (marked or "insulin" in text):
        return tuple(one for one in syringes if one.marks_for is not None and marked in (None, str(one.marks_for.quantity.value)))
    size = spelled(word, is_activity=False)
    if size.wrong or (size.symbol and not Quantity(1, size.symbol).is_like("mL")):
        return ()
    held = Quantity(size.value, size.symbol or "mL")
    return tuple(one for one in in_stock(syringes) if one.marks_for is None and one.capacity.quantity == held)


CALCULATORS = (
    Calculator(
        "syringe-mark",
        (
            Input("volume", ("mL",)),
            Input("syringe", kind=InputKind.WORD, is_required=False),
            Input("insulin_concentration", ("[iU]/mL",), is_required=False),
        ),
        (Result("mark", "mL"), Result("volume", "mL"), Result("residual", "mL"), Result("capacity", "mL"), Result("line", "1")),
        "the line nearest to the volume, half up; in units on an insulin syringe",
        _syringe_mark,
        INSULIN_SYRINGE,
        tables=(TABLE,),
    ),
)
