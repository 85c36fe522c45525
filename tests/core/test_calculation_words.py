"""A result that is a word, and a calculator that warns of what could be read even when it must refuse."""

from openinfusion.app.present.calculation import calculation_lines, shown_json
from openinfusion.core.calculation import Calculation, Entered, calculate
from openinfusion.core.calculator import Calculator, Given, Input, Result, Word, Worked, notice
from openinfusion.core.quantity import Quantity


def _run(given: Given) -> Worked:
    if "rate" not in given:
        return Worked({}, findings=(notice("calc.score-red", name="pulse", points=given.get("pulse")),))
    return Worked({"band": Word("low-medium"), "rate": given["rate"]})


def made(entered: dict[str, Entered], *, warns_anyway: bool = False) -> Calculation:
    inputs = (Input("rate", ("mL/h",)), Input("pulse", ("/min",), is_required=False))
    calculator = Calculator("banded", inputs, (Result("band", "1"), Result("rate", "mL/h")), "", _run, warns_anyway=warns_anyway)
    return calculate(calculator, entered, {})


def test_a_word_is_shown_as_it_is_and_read_as_words() -> None:
    done = made({"rate": "5 mL/h"})
    assert done.primary is not None
    assert shown_json(done.primary) == {"value": "low-medium", "unit": "1", "exact": True}
    assert next(iter(calculation_lines(done))) == "banded: low medium"


def test_a_word_is_neither_converted_nor_rounded_and_the_number_beside_it_can_be_chosen() -> None:
    done = made({"rate": "5 mL/h", "select": "rate", "as": "mL/min"})
    assert done.primary is not None
    assert done.primary.amount == Quantity("1/12", "mL/min")
    word = made({"rate": "5 mL/h", "round_to": "1"}).primary
    assert word is not None
    assert (word.amount, word.rounded) == (Word("low-medium"), None)


def test_what_is_refused_warns_only_where_it_is_declared() -> None:
    silent, warned = made({"pulse": "180 /min"}), made({"pulse": "180 /min"}, warns_anyway=True)
    assert [one.code for one in silent.findings] == ["calc.missing"]
    assert [one.code for one in warned.findings] == ["calc.missing", "calc.score-red"]
    assert silent.primary is warned.primary is None
    assert warned.results == {}
