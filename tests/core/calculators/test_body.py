"""Body measures: each formula against a second implementation in floats, its published example, and where it stops to hold."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value

weights = st.decimals("2", "300", places=1)
heights = st.decimals("45", "220", places=1)
tall = st.decimals("153", "220", places=1)
sexes = st.sampled_from(["male", "female"])

SURFACES = {
    "mosteller": lambda w, h: math.sqrt(w * h) / 60,
    "dubois": lambda w, h: math.exp(math.log(0.007184) + 0.425 * math.log(w) + 0.725 * math.log(h)),
    "haycock": lambda w, h: math.exp(math.log(0.024265) + 0.5378 * math.log(w) + 0.3964 * math.log(h)),
    "gehan-george": lambda w, h: math.exp(math.log(0.0235) + 0.51456 * math.log(w) + 0.42246 * math.log(h)),
    "boyd": lambda w, h: 0.0003207 * (1000 * w) ** (0.7285 - 0.0188 * math.log10(1000 * w)) * h**0.3,
}


@pytest.mark.parametrize("formula", SURFACES)
@given(weights, heights)
def test_a_surface_agrees_with_the_formula_in_logarithms(formula, weight, height):
    found = value("body-surface-area", weight=f"{weight} kg", height=f"{height} cm", formula=formula)
    assert found == pytest.approx(SURFACES[formula](float(weight), float(height)), rel=1e-11)


@pytest.mark.parametrize("formula", SURFACES)
@given(weights, heights)
def test_a_surface_grows_with_weight_and_height(formula, weight, height):
    here = value("body-surface-area", weight=f"{weight} kg", height=f"{height} cm", formula=formula)
    assert value("body-surface-area", weight=f"{weight + 1} kg", height=f"{height} cm", formula=formula) > here
    assert value("body-surface-area", weight=f"{weight} kg", height=f"{height + 1} cm", formula=formula) > here


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("dubois", 1.898), ("mosteller", 1.893), ("haycock", 1.895), ("gehan-george", 1.901), ("boyd", 1.897)],
)
def test_the_surfaces_of_160_lb_and_177_8_cm_are_those_of_a_published_page(formula, expected):
    # numberbench, comparison of formulas: 160 lb (72.57 kg), cut to three places there
    found = value("body-surface-area", weight="160 lb", height="177.8 cm", formula=formula)
    assert found == pytest.approx(expected, abs=1.1e-3)


def test_a_root_that_is_exact_is_said_to_be():
    made = openinfusion.calc("body-surface-area", weight="80 kg", height="180 cm", formula="mosteller")
    assert made["result"] == {"value": "2", "unit": "m2", "exact": True}  # 180 * 80 / 3600 = 4
    assert not openinfusion.calc("body-surface-area", weight="70 kg", height="170 cm", formula="mosteller")["result"]["exact"]


def test_a_formula_that_was_not_named_is_told():
    assert codes("body-surface-area", weight="80 kg", height="180 cm") == {"calc.formula-assumed"}


@given(weights, heights)
def test_centimetres_and_inches_kilograms_and_pounds_give_one_index(weight, height):
    here = value("body-mass-index", weight=f"{weight} kg", height=f"{height} cm")
    assert here == pytest.approx(float(weight) / (float(height) / 100) ** 2)
    pounds, inches = text("weight-conversion", weight=f"{weight} kg", as_="lb"), f"{float(height) / 2.54:.12f} in"
    assert value("body-mass-index", weight=pounds.replace("[lb_av]", "lb"), height=inches) == pytest.approx(here, rel=1e-9)


def test_the_index_of_58_kg_and_1_7_m_is_that_of_who():
    assert value("body-mass-index", weight="58 kg", height="1.7 m") == pytest.approx(20.1, abs=0.05)  # WHO, body mass index: 20.1


def test_a_pound_is_0_45359237_kg_exactly():
    assert text("weight-conversion", weight="1 lb") == "0.45359237 kg"
    assert codes("body-mass-index", weight="154 lb", height="170 cm") == {"calc.in-pounds"}


@given(sexes, tall)
def test_the_ideal_weight_is_a_base_and_2_3_kg_for_each_inch_over_sixty(sex, height):
    expected = (50 if sex == "male" else 45.5) + 2.3 * (float(height) / 2.54 - 60)
    assert value("ideal-body-weight", sex=sex, height=f"{height} cm") == pytest.approx(expected)


def test_below_sixty_inches_the_ideal_weight_goes_on_and_is_told_until_it_fails():
    assert codes("ideal-body-weight", sex="female", height="150 cm") == {"calc.below-sixty-inches"}
    assert refused("ideal-body-weight", sex="female", height="90 cm") == {"calc.formula-fails"}


@given(sexes, tall, weights, st.decimals("0", "1", places=2))
def test_the_adjusted_weight_stands_between_ideal_and_actual_by_its_factor(sex, height, weight, factor):
    ideal = value("ideal-body-weight", sex=sex, height=f"{height} cm")
    found = value("adjusted-body-weight", sex=sex, height=f"{height} cm", weight=f"{weight} kg", factor=str(factor))
    assert found == pytest.approx(float(factor) * float(weight) + (1 - float(factor)) * ideal, rel=1e-9)
    assert min(ideal, float(weight)) - 1e-9 <= found <= max(ideal, float(weight)) + 1e-9


def test_the_usual_factor_is_0_4_and_is_told_and_a_weight_below_the_ideal_too():
    entered = {"sex": "male", "height": "177.8 cm"}  # ideal 73 kg
    assert text("adjusted-body-weight", **entered, weight="123 kg") == "93 kg"  # 73 + 0.4 * 50
    assert codes("adjusted-body-weight", **entered, weight="63 kg") == {"calc.factor-assumed", "calc.below-ideal"}
    assert text("adjusted-body-weight", **entered, weight="63 kg") == "69 kg"  # 73 - 0.4 * 10


@given(sexes, tall, st.decimals("40", "200", places=1))
def test_lean_weight_and_fat_free_mass_agree_with_their_formulas(sex, height, weight):
    w, h = float(weight), float(height)
    entered = {"sex": sex, "height": f"{height} cm", "weight": f"{weight} kg"}
    boer = 0.407 * w + 0.267 * h - 19.2 if sex == "male" else 0.252 * w + 0.473 * h - 48.3
    assert value("lean-body-weight", **entered) == pytest.approx(boer)
    index = w / (h / 100) ** 2
    free = 9.27e3 * w / (6.68e3 + 216 * index) if sex == "male" else 9.27e3 * w / (8.78e3 + 244 * index)
    assert value("fat-free-mass", **entered) == pytest.approx(free)


def test_fat_free_mass_outside_the_people_it_was_found_in_is_told():
    assert codes("fat-free-mass", sex="male", height="180 cm", weight="230 kg") == {"calc.not-validated"}


def test_a_lean_weight_of_nobody_is_refused():
    assert refused("lean-body-weight", sex="female", height="80 cm", weight="10 kg") == {"calc.formula-fails"}


@pytest.mark.parametrize("name", ["body-mass-index", "body-surface-area"])
def test_grams_of_drug_are_no_body_weight(name):
    assert refused(name, weight="3500 g", height="50 cm") == {"calc.other-kind"}


def test_a_sex_is_one_of_two_words():
    assert refused("ideal-body-weight", sex="m", height="170 cm") == {"calc.not-a-choice"}
