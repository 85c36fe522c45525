"""Maintenance by bands, iron by Ganzoni, burns by Parkland: against a second implementation and published examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value

weights = st.decimals("1", "150", places=1)


def banded(weight: float, first: float, second: float, rest: float) -> float:
    """The bands, summed kilogram by kilogram."""
    total, left = 0.0, weight
    for size, each in ((10, first), (10, second), (float("inf"), rest)):
        part = min(left, size)
        total, left = total + part * each, left - part
    return total


@given(weights)
def test_both_maintenance_rules_agree_with_a_sum_over_the_bands(weight):
    entered = {"weight": f"{weight} kg"}
    assert value("maintenance-fluid", **entered, rule="holliday-segar") == pytest.approx(banded(float(weight), 100, 50, 20))
    assert value("maintenance-fluid", **entered, rule="4-2-1") == pytest.approx(banded(float(weight), 4, 2, 1))
    assert value("maintenance-fluid", **entered, rule="4-2-1", select="volume") == pytest.approx(24 * banded(float(weight), 4, 2, 1))


def test_thirty_kilograms_need_1700_ml_a_day_or_70_ml_an_hour():
    assert text("maintenance-fluid", weight="30 kg", rule="holliday-segar") == "1700 mL/d"  # 1000 + 500 + 200
    assert text("maintenance-fluid", weight="30 kg", rule="4-2-1") == "70 mL/h"  # UTMB: 40 + 20 + 10


def test_a_rule_that_is_not_named_is_refused():
    assert refused("maintenance-fluid", weight="30 kg") == {"calc.missing"}


@pytest.mark.parametrize(
    ("weight", "hemoglobin", "stores", "deficit"),
    [("50 kg", "11 g/dL", "500 mg", "980 mg"), ("70 kg", "9 g/dL", "1000 mg", "2008 mg"), ("90 kg", "10 g/dL", "1000 mg", "2080 mg")],
)
def test_the_iron_deficits_of_the_cadth_report(weight, hemoglobin, stores, deficit):
    # CADTH 2020, table 12 with its worked examples, target 15 g/dL
    assert text("iron-deficit", weight=weight, hemoglobin=hemoglobin, stores=stores, target="15 g/dL") == deficit


@given(st.decimals("35", "150", places=1), st.decimals("3", "14.9", places=1))
def test_iron_agrees_with_a_second_implementation_in_grams_per_litre(weight, hemoglobin):
    found = value("iron-deficit", weight=f"{weight} kg", hemoglobin=f"{hemoglobin * 10} g/L")
    assert found == pytest.approx(float(weight) * (150 - 10 * float(hemoglobin)) * 0.24 + 500)


def test_the_light_have_another_target_and_stores_by_weight_both_told():
    made = openinfusion.calc("iron-deficit", weight="20 kg", hemoglobin="8 g/dL")
    assert made["result"]["value"] == "540"  # 20 * (13 - 8) * 2.4 + 15 * 20
    assert codes("iron-deficit", weight="20 kg", hemoglobin="8 g/dL") == {"calc.target-assumed", "calc.stores-assumed"}


def test_without_a_deficit_there_is_no_dose():
    assert "calc.no-deficit" in refused("iron-deficit", weight="70 kg", hemoglobin="15 g/dL")


@given(st.decimals("5", "150", places=1), st.integers(1, 100))
def test_a_burn_needs_four_millilitres_for_each_kilogram_and_per_cent(weight, burned):
    made = openinfusion.calc("burn-fluid", weight=f"{weight} kg", burned_surface=burned)
    total = 4 * float(weight) * burned
    assert float(made["result"]["value"]) == pytest.approx(total)
    assert float(made["results"]["first_rate"]["value"]) == pytest.approx(total / 16)
    assert float(made["results"]["next_rate"]["value"]) == pytest.approx(total / 32)


def test_the_first_half_runs_in_what_is_left_of_eight_hours():
    entered = {"weight": "70 kg", "burned_surface": "30"}  # 8400 mL: WHO 2024, annex 3
    assert text("burn-fluid", **entered) == "8400 mL"
    assert text("burn-fluid", **entered, elapsed="2 h", select="first_rate") == "700 mL/h"  # 4200 / 6
    assert refused("burn-fluid", **entered, elapsed="8 h") == {"calc.eight-hours-over"}
    assert refused("burn-fluid", weight="70 kg", burned_surface="101") == {"calc.above-domain"}
