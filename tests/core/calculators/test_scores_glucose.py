"""Low glucose: each unit by its own limits; whoever needs help is on the highest level, measured or not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, value

# American Diabetes Association: level 1 below 70 mg/dL (3.9 mmol/L), level 2 below 54 mg/dL (3.0 mmol/L)
EDGES = [
    *(("0 mg/dL", 2), ("53.9 mg/dL", 2), ("54 mg/dL", 1), ("69.9 mg/dL", 1), ("70 mg/dL", 0), ("300 mg/dL", 0)),
    *(("2.99 mmol/L", 2), ("3 mmol/L", 1), ("3.89 mmol/L", 1), ("3.9 mmol/L", 0), ("699 mg/L", 1)),
]


@pytest.mark.parametrize(("glucose", "level"), EDGES)
def test_every_edge_of_the_levels_in_either_unit(glucose, level):
    made = openinfusion.calc("hypoglycaemia", glucose=glucose, needs_help="no")
    assert made["result"] == {"value": str(level), "unit": "{score}", "exact": True}
    assert ("calc.glucose-treat" in {one["code"] for one in made["findings"]}) is (level > 0)


@given(st.integers(0, 600), st.booleans())
def test_a_second_way_agrees(glucose, needs_help):
    expected = 3 if needs_help else (glucose < 70) + (glucose < 54)
    assert value("hypoglycaemia", glucose=f"{glucose} mg/dL", needs_help=needs_help) == expected


def test_whoever_needs_help_is_on_level_three_without_any_measurement():
    made = openinfusion.calc("hypoglycaemia", needs_help="yes")
    assert made["result"]["value"] == "3"
    assert {"calc.glucose-needs-help", "calc.glucose-not-measured"} <= {one["code"] for one in made["findings"]}
    assert made["results"]["action"]["value"] == "glucagon-or-glucose-into-a-vein"


def test_a_glucose_that_cannot_be_read_does_not_hide_that_help_is_needed():
    assert {"calc.no-unit", "calc.glucose-needs-help"} <= refused("hypoglycaemia", glucose="2.1", needs_help="yes")


def test_an_unknown_need_of_help_is_said_and_takes_no_treatment_away():
    # the level stands by the glucose: treatment never waits for an answer
    made = openinfusion.calc("hypoglycaemia", glucose="50 mg/dL")
    assert made["result"]["value"] == "2"
    assert {one["code"]: one["level"] for one in made["findings"]}["calc.glucose-help-unknown"] == "caution"


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({}, "calc.missing"),
        ({"needs_help": "no"}, "calc.missing"),
        ({"glucose": "50"}, "calc.no-unit"),
        ({"glucose": "5 mmol"}, "calc.other-kind"),
    ],
)
def test_without_a_glucose_or_its_unit_there_is_no_level(inputs, code):
    assert code in refused("hypoglycaemia", **inputs)


def test_the_edition_is_named():
    assert "calc.score-edition" in codes("hypoglycaemia", glucose="100 mg/dL")
