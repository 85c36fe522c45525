"""Cockcroft-Gault by each weight rule, and Calvert: against a second implementation, published examples, and refused for children."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value

ADULT = {"sex": "male", "age": "65 y", "weight": "70 kg", "creatinine": "1.4 mg/dL", "weight_rule": "actual"}
sexes = st.sampled_from(["male", "female"])
ages = st.integers(18, 100)
weights = st.decimals("35", "220", places=1)
heights = st.decimals("153", "210", places=1)
creatinines = st.decimals("0.4", "9", places=2)


def clearance(sex: str, age: float, weight: float, creatinine: float) -> float:
    """Cockcroft and Gault in floats."""
    return (140 - age) * weight / creatinine / 72 * (0.85 if sex == "female" else 1)


def devine(sex: str, height: float) -> float:
    """Devine in floats."""
    return (50 if sex == "male" else 45.5) + 2.3 * (height - 152.4) / 2.54


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        (ADULT, 52.08),  # formulas as printed in the appendix of the NCCN copy: 75 * 70 / (72 * 1.4)
        ({**ADULT, "sex": "female", "age": "45 y", "weight": "60 kg", "creatinine": "0.9 mg/dL"}, 74.77),
    ],
)
def test_worked_clearances(entered, expected):
    assert value("creatinine-clearance", **entered) == pytest.approx(expected, abs=0.005)


@given(sexes, ages, weights, heights, creatinines, st.sampled_from(["actual", "ideal", "adjusted", "by-bmi"]))
def test_every_weight_rule_agrees_with_a_second_implementation(sex, age, weight, height, creatinine, rule):
    w, h, index = float(weight), float(height), float(weight) / (float(height) / 100) ** 2
    ideal = devine(sex, h)
    adjusted = ideal + 0.4 * (w - ideal)
    by_index = w if index < 18.5 else min(w, ideal) if index < 25 else adjusted
    used = {"actual": w, "ideal": ideal, "adjusted": adjusted, "by-bmi": by_index}[rule]
    found = value(
        "creatinine-clearance",
        sex=sex,
        age=f"{age} y",
        weight=f"{weight} kg",
        height=f"{height} cm",
        creatinine=f"{creatinine} mg/dL",
        weight_rule=rule,
    )
    assert found == pytest.approx(clearance(sex, age, used, float(creatinine)))


@given(creatinines)
def test_micromoles_and_milligrams_give_one_clearance(creatinine):
    molar = {**ADULT, "creatinine": f"{creatinine * 884 / 10} umol/L"}
    assert text("creatinine-clearance", **molar) == text("creatinine-clearance", **{**ADULT, "creatinine": f"{creatinine} mg/dL"})


@given(ages, creatinines)
def test_the_clearance_falls_with_age_and_with_creatinine(age, creatinine):
    entered = {**ADULT, "age": f"{age} y", "creatinine": f"{creatinine} mg/dL"}
    here = value("creatinine-clearance", **entered)
    assert value("creatinine-clearance", **{**entered, "age": f"{age + 1} y"}) < here
    assert value("creatinine-clearance", **{**entered, "creatinine": f"{creatinine + 1} mg/dL"}) < here


def test_per_standard_surface_is_scaled_by_mosteller():
    entered = {**ADULT, "weight": "80 kg", "height": "180 cm", "per_1_73_m2": "true"}  # 2 m2
    made = openinfusion.calc("creatinine-clearance", **entered)
    assert made["result"]["unit"] == "mL/min/{1.73_m2}"
    assert float(made["result"]["value"]) == pytest.approx(clearance("male", 65, 80, 1.4) * 1.73 / 2)
    assert made["results"]["clearance"]["unit"] == "mL/min"


@pytest.mark.parametrize("change", [{"weight_rule": "ideal"}, {"weight_rule": "by-bmi"}, {"per_1_73_m2": "yes"}])
def test_a_rule_that_needs_the_height_asks_for_it(change):
    assert refused("creatinine-clearance", **{**ADULT, **change}) == {"calc.missing"}


def test_under_eighteen_years_it_is_refused():
    assert refused("creatinine-clearance", **{**ADULT, "age": "17 y"}) == {"calc.below-domain"}
    assert refused("creatinine-clearance", **{**ADULT, "age": "215 mo"}) == {"calc.below-domain"}
    assert value("creatinine-clearance", **{**ADULT, "age": "216 mo"}) > 0


def test_an_age_at_which_the_formula_ends_is_refused():
    assert refused("creatinine-clearance", **{**ADULT, "age": "141 y"}) == {"calc.age-outside"}


def test_a_rule_that_nobody_named_is_told():
    assert codes("creatinine-clearance", **{name: told for name, told in ADULT.items() if name != "weight_rule"}) == {
        "calc.weight-rule-assumed"
    }


@pytest.mark.parametrize(("auc", "dose"), [("4 mg.min/mL", "600 mg"), ("5 mg.min/mL", "750 mg"), ("6 mg.min/mL", "900 mg")])
def test_the_greatest_doses_are_those_of_the_fda(auc, dose):
    # FDA 2010, carboplatin dosing: at most AUC * 150 mg
    made = openinfusion.calc("carboplatin-calvert", target_auc=auc, gfr="180 mL/min")
    assert f"{made['result']['value']} mg" == dose
    assert [found["code"] for found in made["findings"]] == ["calc.gfr-capped"]


@given(st.decimals("1", "8", places=1), st.decimals("33", "125", places=1))
def test_the_dose_is_auc_times_the_rate_and_25(auc, gfr):
    assert value("carboplatin-calvert", target_auc=f"{auc} mg.min/mL", gfr=f"{gfr} mL/min") == pytest.approx(float(auc) * (float(gfr) + 25))


def test_a_measured_rate_may_name_its_own_cap():
    assert text("carboplatin-calvert", target_auc="5", gfr="150 mL/min", gfr_cap="150 mL/min") == "875 mg"
    assert text("carboplatin-calvert", target_auc="4.5 mg.min/mL", gfr="68 mL/min") == "418.5 mg"  # 4.5 * 93


def test_a_rate_outside_those_it_was_found_in_is_told():
    assert codes("carboplatin-calvert", target_auc="5 mg.min/mL", gfr="20 mL/min") == {"calc.gfr-outside"}
