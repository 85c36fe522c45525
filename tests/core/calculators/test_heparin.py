"""Heparin by weight: bolus and rate against decimals with units read a second time, and what a cap does."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value
from tests.core.calculators.by_hand import ACTIVITY, number, texts

weights = texts(["kg", "lb"], most=400)
strengths = texts(ACTIVITY, "/mL")
NAMES = {"heparin-bolus": "", "heparin-rate": "/h"}
names = st.sampled_from(sorted(NAMES))


def of(result):
    """A result as a bare number, by the second reading."""
    return float(number(f"{result['value']} {result['unit']}"))


@given(st.data(), names, weights, strengths, st.booleans())
def test_heparin_agrees_with_decimals_and_never_passes_its_cap(data, name, weight, strength, has_cap):
    dose, cap = (data.draw(texts(ACTIVITY, f"{tail}{NAMES[name]}")) for tail in ("/kg", ""))
    made = openinfusion.calc(name, weight=weight, dose=dose, cap=cap if has_cap else None, concentration=strength)
    whole = number(dose) * number(weight)
    kept = min(whole, number(cap)) if has_cap else whole
    assert of(made["results"]["amount"]) == pytest.approx(float(kept), rel=1e-10)
    flow = made["results"]["volume" if name == "heparin-bolus" else "rate"]
    assert of(flow) == pytest.approx(float(kept / number(strength)), rel=1e-10)
    found = {one["code"] for one in made["findings"]}
    assert ("calc.cap-binds" in found) == (has_cap and whole > number(cap))
    assert ("calc.no-cap" in found) == (not has_cap)


@given(weights, texts(["[iU]"], "/kg"), texts(["[iU]"]), strengths)
def test_a_rounded_volume_never_holds_more_than_the_cap(weight, dose, cap, strength):
    made = openinfusion.calc("heparin-bolus", weight=weight, dose=dose, cap=cap, concentration=strength)
    assert Decimal(made["results"]["volume"]["rounded"]) * number(strength) <= number(cap)


@given(names, st.integers(1, 299), st.integers(1, 100), st.integers(100, 20000))
def test_heparin_grows_with_the_weight_until_the_cap_and_then_stands(name, weight, dose, cap):
    entered = {"dose": f"{dose} [iU]/kg{NAMES[name]}", "cap": f"{cap} [iU]{NAMES[name]}", "concentration": "100 [iU]/mL"}
    less, more = (value(name, weight=f"{kilograms} kg", **entered) for kilograms in (weight, weight + 1))
    assert (less == more) if weight * dose >= cap else (less < more)


@given(names, st.integers(1, 300), st.integers(1, 100))
def test_ten_times_the_dose_is_ten_times_the_result(name, weight, dose):
    once, ten = (
        value(name, weight=f"{weight} kg", dose=f"{one} [iU]/kg{NAMES[name]}", concentration="100 [iU]/mL") for one in (dose, 10 * dose)
    )
    assert ten == pytest.approx(10 * once)


def test_the_start_of_a_published_protocol():
    # Raschke 1993: 80 units/kg, then 18 units/kg/h; for 70 kg 5600 units and 1260 units/h. Durham: at most 10,000 units and 2,000 units/h.
    assert text("heparin-bolus", weight="70 kg", dose="80 [iU]/kg", cap="10000 [iU]") == "5600 [iU]"
    assert text("heparin-rate", weight="70 kg", dose="18 [iU]/kg/h", cap="2000 [iU]/h", concentration="50 [iU]/mL") == "25.2 mL/h"
    assert text("heparin-bolus", weight="150 kg", dose="80 units/kg", cap="10000 units") == "10000 [iU]"
    assert text("heparin-rate", weight="150 kg", dose="18 units/kg/h", cap="2000 units/h", concentration="100 units/mL") == "20 mL/h"


def test_a_cap_that_binds_is_a_step_and_a_caution():
    made = openinfusion.calc("heparin-bolus", weight="150 kg", dose="80 [iU]/kg", cap="10000 [iU]")
    assert [step["text"] for step in made["steps"]] == [
        "80 units/kg × 150 kg = 12000 units",
        "12000 units, at most 10000 units = 10000 units",
    ]
    assert [(found["code"], found["level"]) for found in made["findings"]] == [("calc.cap-binds", "caution")]
    assert codes("heparin-bolus", weight="125 kg", dose="80 [iU]/kg", cap="10000 [iU]") == set()  # equality is inside


def test_that_no_cap_was_given_is_a_caution_with_its_source():
    made = openinfusion.calc("heparin-bolus", weight="70 kg", dose="80 [iU]/kg")
    assert [(found["code"], found["level"]) for found in made["findings"]] == [("calc.no-cap", "caution")]
    assert made["findings"][0]["sources"]


def test_a_bolus_without_a_concentration_is_in_units_alone_and_a_rate_is_refused():
    assert set(openinfusion.calc("heparin-bolus", weight="70 kg", dose="80 [iU]/kg", cap="10000 [iU]")["results"]) == {"amount"}
    assert refused("heparin-rate", weight="70 kg", dose="18 [iU]/kg/h", cap="2000 [iU]/h") == {"calc.missing"}


def test_heparin_without_weight_or_dose_or_in_milligrams_is_refused():
    assert refused("heparin-bolus", dose="80 [iU]/kg") == {"calc.missing"}
    assert refused("heparin-bolus", weight="70 kg") == {"calc.missing"}
    assert refused("heparin-bolus", weight="70 kg", dose="1 mg/kg") == {"calc.other-kind"}
    assert refused("heparin-bolus", weight="70 kg", dose="5000 [iU]") == {"calc.other-kind"}
    assert refused("heparin-rate", weight="70 kg", dose="18 [iU]/kg", concentration="100 [iU]/mL") == {"calc.other-kind"}
    assert refused("heparin-bolus", weight="70 kg", dose="80 U/kg") == {"calc.unknown-unit"}
