"""The page on the calculators says what the registry says, and each has an example that works out."""

from pathlib import Path

import pytest

import openinfusion
from openinfusion.app.calculator_examples import EXAMPLES
from openinfusion.app.calculator_reference import calculators_page
from openinfusion.app.calculators import calculators, rooms
from openinfusion.app.present.calculators.labels import HEADINGS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "calculators.md"


def test_the_page_of_the_calculators_is_current():
    # Made anew by `python scripts/reference.py`.
    assert PAGE.read_text(encoding="utf-8") == calculators_page()


def test_there_is_one_example_for_each_calculator_and_none_for_another():
    assert set(EXAMPLES) == set(calculators())


@pytest.mark.parametrize("name", calculators())
def test_an_example_works_out_and_says_nothing_of_how_it_is_written(name: str):
    made = openinfusion.calc(name, **EXAMPLES[name])
    assert made["status"] == "ok", made["findings"]
    assert {one["code"] for one in made["findings"]}.isdisjoint({"calc.unit-assumed", "calc.discouraged-unit", "calc.trailing-zero"})


def test_every_room_has_a_heading():
    assert set(rooms()) <= set(HEADINGS)
