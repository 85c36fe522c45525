"""The syringes that a calculator knows by word, and the picture of one with the plunger at the dose. Works nothing out a second time."""

from collections.abc import Mapping

from openinfusion.app.calculators import table_of
from openinfusion.app.present.syringe_picture import syringe_picture
from openinfusion.app.present.words import Translate, plain
from openinfusion.core.calculation import Calculation
from openinfusion.core.calculator import Calculator, InputKind, TimeOfDay, Word
from openinfusion.core.prescribing.syringe import Drawn, Mark
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Syringes

USED = "calc.syringe-used"
"""The finding that names the syringe of a result."""


def words_of(calculator: Calculator, language: str) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """For each input that is a word of a table: the words, each with what it is called."""
    known = tuple(row for name in calculator.tables for row in _syringes(name, language))
    return {one.name: known for one in calculator.inputs if one.kind is InputKind.WORD and known}


def _syringes(name: str, language: str) -> tuple[tuple[str, str], ...]:
    table = table_of(name)
    if not isinstance(table, Syringes):
        return ()
    called = table.wording.get(language) or table.wording.get("en", {})
    return tuple((one.id, called.get(one.id, one.id)) for one in table.syringes)


def picture_of(made: Calculation, language: str, translate: Translate = plain) -> str:
    """The syringe of a result as an SVG, empty text where the result is none."""
    named = next((str(one.params["syringe"]) for one in made.findings if one.code == USED), "")
    for name in made.tables:
        table = table_of(name)
        if named and made.primary is not None and isinstance(table, Syringes):
            syringe = next(one for one in table.syringes if one.id == named)
            mark = _mark(made)
            called = dict(_syringes(name, language))[named]
            volume = mark.volume - mark.residual
            return syringe_picture(Drawn(volume, syringe, mark), called, translate)
    return ""


def _mark(made: Calculation) -> Mark:
    line, volume, reading, residual = (_quantity(made, name) for name in ("line", "volume", "mark", "residual"))
    return Mark(int(line.value), volume, reading, residual)


def _quantity(made: Calculation, name: str) -> Quantity:
    amount = made.results[name].amount
    if isinstance(amount, TimeOfDay | Word):
        raise TypeError(name)
    return amount if isinstance(amount, Quantity) else amount.quantity
