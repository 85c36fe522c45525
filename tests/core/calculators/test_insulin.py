"""Insulin: the meal and the excess over the target, less what is active; none for a low glucose, none below zero."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value

NAME = "insulin-correction"
glucoses = st.integers(70, 600)
targets = st.integers(80, 180)
sensitivities = st.integers(5, 200)
carbohydrates = st.integers(0, 200)
ratios = st.integers(2, 60)
tenths = st.integers(0, 200).map(lambda n: n / 10)


def asked(glucose, target, sensitivity, **more):
    return {"glucose": f"{glucose} mg/dL", "target": f"{target} mg/dL", "sensitivity": f"{sensitivity} mg/dL/[iU]", **more}


@pytest.mark.parametrize(
    ("inputs", "dose"),
    [
        # Nationwide Children's Hospital's rule on its two parts, 180/120/50 with 60 g at 10 g a unit: 6 + 1.2
        (asked(180, 120, 50, carbohydrate="60 g", ratio="10 g/[iU]"), "7.2 [iU]"),
        # the same rule, 180/100/40 with 45 g at 12 g a unit: 3.75 + 2
        (asked(180, 100, 40, carbohydrate="45 g", ratio="12 g/[iU]"), "5.75 [iU]"),
        # Omnipod manual UST200, page 140: 200 over 100 by 50 is 2 units, 45 g by 15 are 3 units
        (asked(200, 100, 50, carbohydrate="45 g", ratio="15 g/[iU]"), "5 [iU]"),
        # the same page, 75 under 100 by 50 takes half a unit from the meal
        (asked(75, 100, 50, carbohydrate="45 g", ratio="15 g/[iU]"), "2.5 [iU]"),
        # Medtronic 522 guide, 25: (200 - 110) / 36
        (asked(200, 110, 36), "2.5 [iU]"),
        # Medtronic Veo guide, 43: (11.1 - 6.1) / 2 in mmol/L
        ({"glucose": "11.1 mmol/L", "target": "6.1 mmol/L", "sensitivity": "2 mmol/L/[iU]"}, "2.5 [iU]"),
    ],
)
def test_published_examples_come_out(inputs, dose):
    assert text(NAME, **inputs) == dose


def test_active_insulin_is_taken_from_the_whole_which_is_the_smaller_way_and_said():
    # Ypsomed manual, page 23: correction + meal - on board; Medtronic, page 304, would give the 6 units of the meal
    inputs = asked(180, 120, 50, carbohydrate="60 g", ratio="10 g/[iU]", on_board="2 units")
    assert text(NAME, **inputs) == "5.2 [iU]"
    assert "calc.on-board-from-whole" in codes(NAME, **inputs)
    assert codes(NAME, **asked(180, 120, 50, on_board="0 units")) == set()


def test_what_comes_to_less_than_none_is_none_and_says_so():
    # Omnipod manual, page 264: a bolus is never below zero
    made = openinfusion.calc(NAME, **asked(100, 120, 50))
    assert made["result"]["value"] == "0"
    found = {one["code"]: one for one in made["findings"]}
    assert found["calc.bolus-below-zero"]["params"]["bolus"] == {"value": "-0.4", "unit": "[iU]"}
    assert found["calc.bolus-below-zero"]["level"] == "caution"
    assert [step["operation"] for step in made["steps"]] == ["calc.correction", "calc.no-bolus"]


@pytest.mark.parametrize("glucose", ["69.9 mg/dL", "3.89 mmol/L", "699 mg/L", "40 mg/dL"])
def test_a_low_glucose_is_treated_before_any_insulin(glucose):
    # American Diabetes Association: below 70 mg/dL, 3.9 mmol/L; 15 g of glucose, again after 15 minutes
    inputs = asked(180, 120, 50, carbohydrate="60 g", ratio="10 g/[iU]") | {"glucose": glucose}
    assert refused(NAME, **inputs) == {"calc.low-glucose"}
    found = openinfusion.calc(NAME, **inputs)["findings"][0]
    assert "15 g" in found["text"]
    assert "15 min" in found["text"]
    assert found["level"] == "contraindicated"


@pytest.mark.parametrize("glucose", ["70 mg/dL", "3.9 mmol/L"])
def test_the_limit_itself_is_not_low_in_either_unit(glucose):
    assert "calc.low-glucose" not in codes(NAME, **(asked(180, 120, 50) | {"glucose": glucose}))


REFUSED = [
    ({"target": "60 mg/dL"}, "calc.low-target"),
    ({"target": None}, "calc.missing"),
    ({"sensitivity": None}, "calc.missing"),
    ({"carbohydrate": "60 g"}, "calc.missing"),  # no ratio is ever assumed
    ({"ratio": "10 g/[iU]"}, "calc.missing"),
    ({"glucose": "180"}, "calc.no-unit"),  # 18 mmol/L and 180 mg/dL look alike without a unit
    ({"glucose": "180 mg"}, "calc.other-kind"),
    ({"glucose": "1,800 mg/dL"}, "calc.comma"),
    ({"sensitivity": "50"}, "calc.no-unit"),
    ({"sensitivity": "0 mg/dL/[iU]"}, "calc.not-positive"),
    ({"on_board": "-1 units"}, "calc.negative"),
    ({"on_board": "1 mg"}, "calc.other-kind"),
]


@pytest.mark.parametrize(("change", "code"), REFUSED)
def test_what_cannot_be_known_is_refused(change, code):
    assert code in refused(NAME, **(asked(180, 120, 50) | change))


def second_way(glucose, target, sensitivity, carbohydrate, ratio, on_board):
    """Everything over one denominator, floored at nothing."""
    over = (glucose - target) * ratio + carbohydrate * sensitivity
    return max(0.0, over / (sensitivity * ratio) - on_board)


@given(glucoses, targets, sensitivities, carbohydrates, ratios, tenths)
def test_a_second_way_agrees(glucose, target, sensitivity, carbohydrate, ratio, on_board):
    inputs = asked(glucose, target, sensitivity, carbohydrate=f"{carbohydrate} g", ratio=f"{ratio} g/[iU]", on_board=f"{on_board} units")
    assert value(NAME, **inputs) == pytest.approx(second_way(glucose, target, sensitivity, carbohydrate, ratio, on_board), abs=1e-9)


@given(glucoses, targets, sensitivities)
def test_a_glucose_in_the_other_unit_gives_the_same_dose(glucose, target, sensitivity):
    # 18.0156 mg/dL in one mmol/L: molar mass 180.156 g/mol
    molar = Fraction(glucose) / Fraction("18.0156")
    if molar < Fraction("3.9"):
        return
    inputs = asked(glucose, target, sensitivity)
    mixed = inputs | {"glucose": f"{float(molar):.12f} mmol/L"}
    assert value(NAME, **mixed) == pytest.approx(value(NAME, **inputs), abs=1e-6)
    turned = {"sensitivity": f"{sensitivity / 18.0156:.12f} mmol/L/[iU]"}
    assert value(NAME, **(inputs | turned)) == pytest.approx(value(NAME, **inputs), rel=1e-6)


@given(glucoses, st.integers(0, 100), targets, sensitivities, tenths)
def test_more_glucose_is_never_less_insulin_and_more_on_board_never_more(glucose, more, target, sensitivity, on_board):
    dose = value(NAME, **asked(glucose, target, sensitivity, on_board=f"{on_board} units"))
    assert value(NAME, **asked(glucose + more, target, sensitivity, on_board=f"{on_board} units")) >= dose
    assert value(NAME, **asked(glucose, target, sensitivity, on_board=f"{on_board + more} units")) <= dose
    assert dose >= 0


@given(glucoses, targets, sensitivities)
def test_a_tenth_of_the_sensitivity_is_ten_times_the_correction(glucose, target, sensitivity):
    once = value(NAME, **asked(glucose, target, sensitivity), select="correction")
    assert value(NAME, **asked(glucose, target, sensitivity / 10), select="correction") == pytest.approx(10 * once)


def test_a_sensitivity_and_a_ratio_may_be_said_without_the_unit_of_insulin_and_that_is_told():
    entered = {"glucose": "250 mg/dL", "target": "120 mg/dL", "carbohydrate": "60 g"}
    short = openinfusion.calc("insulin-correction", **entered, sensitivity="50 mg/dL", ratio="10 g")
    whole = openinfusion.calc("insulin-correction", **entered, sensitivity="50 mg/dL/[iU]", ratio="10 g/[iU]")
    assert short["result"] == whole["result"]
    assert [found["code"] for found in short["findings"] if found["code"] == "calc.unit-assumed"] == ["calc.unit-assumed"] * 2
