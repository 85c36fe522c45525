"""Titration: a dose to the flow that gives it and back, in every kind of drug amount, against decimals with units read a second time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value
from tests.core.calculators.by_hand import KINDS, number, texts

bodies = texts(["kg", "lb"], most=250)
kinds = st.sampled_from(KINDS)
times = st.sampled_from(["min", "h", "d"])


@st.composite
def orders(draw):
    """A dose, a bag and a body, all of one kind of drug amount."""
    kind = draw(kinds)
    per_kg = draw(st.booleans())
    dose = draw(texts(kind, f"{'/kg' if per_kg else ''}/{draw(times)}"))
    return dose, draw(texts(kind)), draw(texts(["mL", "L"])), draw(bodies) if per_kg else None


@given(orders())
def test_the_flow_of_a_dose_agrees_with_decimals_whatever_the_units(order):
    dose, amount, volume, weight = order
    expected = number(dose) * (number(weight) if weight else 1) / (number(amount) / number(volume))
    assert value("dose-to-rate", dose=dose, amount=amount, volume=volume, weight=weight) == pytest.approx(float(expected), rel=1e-10)


@given(orders(), texts(["mL/h", "mL/min", "L/h"]))
def test_the_dose_of_a_flow_agrees_with_decimals_whatever_the_units(order, rate):
    _, amount, volume, weight = order
    made = openinfusion.calc("rate-to-dose", rate=rate, amount=amount, volume=volume, weight=weight)
    found = number(f"{made['result']['value']} {made['result']['unit']}")
    expected = number(rate) * number(amount) / number(volume)
    assert float(found) == pytest.approx(float(expected / (number(weight) if weight else 1)), rel=1e-10)
    if weight:
        whole = made["results"]["dose_per_time"]
        assert float(number(f"{whole['value']} {whole['unit']}")) == pytest.approx(float(expected), rel=1e-10)


@given(orders())
def test_the_dose_of_the_flow_of_a_dose_is_that_dose(order):
    dose, amount, volume, weight = order
    bag = {"amount": amount, "volume": volume, "weight": weight}
    found, unit = text("dose-to-rate", dose=dose, **bag).split(" ")
    back = value("rate-to-dose", rate=f"{found} {unit}", **bag, as_=dose.partition(" ")[2])
    assert back == pytest.approx(float(dose.partition(" ")[0]), rel=1e-10)  # the flow was cut to twelve digits where it has no end


@given(orders())
def test_ten_times_the_dose_is_ten_times_the_flow_and_half_the_bag_twice(order):
    dose, amount, volume, weight = order
    digits, unit = dose.split(" ")
    once = value("dose-to-rate", dose=dose, amount=amount, volume=volume, weight=weight)
    ten = value("dose-to-rate", dose=f"{float(digits) * 10:f} {unit}", amount=amount, volume=volume, weight=weight)
    assert ten == pytest.approx(10 * once)
    double = volume.replace(volume.split(" ")[0], f"{float(volume.split(' ')[0]) * 2:f}", 1)
    assert value("dose-to-rate", dose=dose, amount=amount, volume=double, weight=weight) == pytest.approx(2 * once)


def test_dopamine_for_5_micrograms_per_kilogram_and_minute():
    # Southern Adventist University, critical care, dopamine: 95 kg, 200 mg in 250 mL, 36 mL/h (printed whole)
    bag = {"amount": "200 mg", "volume": "250 mL", "weight": "95 kg"}
    assert text("dose-to-rate", dose="5 ug/kg/min", **bag) == "35.625 mL/h"
    assert openinfusion.calc("dose-to-rate", dose="5 ug/kg/min", **bag, round_to="1 mL/h")["result"]["rounded"] == "36"
    # the same page, nitroglycerin 10 mcg/min of 50 mg in 250 mL: 3 mL/h; midazolam 0.05 mg/kg/h, 40 kg, 100 mg in 100 mL: 2 mL/h
    assert text("dose-to-rate", dose="10 ug/min", amount="50 mg", volume="250 mL") == "3 mL/h"
    assert text("dose-to-rate", dose="0.05 mg/kg/h", concentration="1 mg/mL", weight="40 kg") == "2 mL/h"


def test_each_step_is_shown_in_the_order_in_which_it_is_worked():
    made = openinfusion.calc(
        "dose-to-rate", dose="5 ug/kg/min", amount="200 mg", volume="250 mL", weight="95 kg", drop_factor="60 [drp]/mL"
    )
    assert [step["text"] for step in made["steps"]] == [
        "200 mg / 250 mL = 0.8 mg/mL",
        "5 mcg/kg/min × 95 kg = 475 mcg/min",
        "475 mcg/min / 0.8 mg/mL = 35.625 mL/h",
        "35.625 mL/h × 60 drops/mL = 35.625 drops/min",
    ]
    assert made["results"]["drop_rate"] == {"value": "35.625", "unit": "[drp]/min", "exact": True, "rounded": "36"}
    assert all(step["sources"] for step in made["steps"][1:])


@given(texts(["mL/h"]), st.sampled_from([10, 15, 20, 60]))
def test_drops_are_those_of_the_flow(rate, factor):
    made = openinfusion.calc("dose-to-rate", dose=rate.replace("mL", "mg"), concentration="1 mg/mL", drop_factor=factor, select="drop_rate")
    assert float(made["result"]["value"]) == pytest.approx(float(number(rate)) * factor / 60)


def test_without_a_drop_factor_there_are_no_drops():
    entered = {"dose": "10 mg/h", "concentration": "1 mg/mL"}
    assert "drop_rate" not in openinfusion.calc("dose-to-rate", **entered)["results"]
    assert refused("dose-to-rate", **entered, select="drop_rate") == {"calc.result-not-given"}


def test_a_dose_per_kilogram_without_the_weight_is_refused():
    assert refused("dose-to-rate", dose="5 ug/kg/min", concentration="1 mg/mL") == {"calc.weight-needed"}


def test_a_weight_that_the_dose_does_not_need_is_said_and_changes_nothing():
    entered = {"dose": "10 [iU]/h", "concentration": "1 [iU]/mL"}
    assert codes("dose-to-rate", **entered, weight="70 kg") == {"calc.not-used"}
    assert text("dose-to-rate", **entered, weight="70 kg") == text("dose-to-rate", **entered)


def test_a_drug_in_units_is_not_one_in_milligrams():
    assert refused("dose-to-rate", dose="10 [iU]/h", concentration="1 mg/mL") == {"calc.not-of-one-kind"}
    assert refused("dose-to-rate", dose="10 meq/h", concentration="1 mmol/mL") == {"calc.not-of-one-kind"}


def test_nothing_is_known_without_a_concentration():
    assert refused("dose-to-rate", dose="10 [iU]/h") == {"calc.missing-way"}
    assert refused("rate-to-dose", rate="10 mL/h", amount="100 mg") == {"calc.missing-way"}


def test_two_concentrations_that_differ_are_refused_and_two_that_agree_are_one():
    bag = {"amount": "100 mg", "volume": "50 mL"}
    for name, entered in (("dose-to-rate", {"dose": "10 mg/h"}), ("rate-to-dose", {"rate": "10 mL/h"})):
        assert refused(name, **entered, **bag, concentration="20 mg/mL") == {"calc.contradictory"}
        assert text(name, **entered, **bag, concentration="2 mg/mL") == text(name, **entered, **bag)


def test_an_amount_without_its_volume_beside_a_concentration_is_said():
    assert codes("dose-to-rate", dose="10 mg/h", concentration="1 mg/mL", amount="100 mg") == {"calc.not-used"}


def test_a_dose_that_is_no_rate_is_refused_and_so_is_one_for_an_area():
    assert refused("dose-to-rate", dose="10 mg", concentration="1 mg/mL") == {"calc.other-kind"}
    assert refused("dose-to-rate", dose="10 mg/m2/h", concentration="1 mg/mL") == {"calc.other-kind"}


@pytest.mark.parametrize("dose", ["0 mg/h", "-1 mg/h", "NaN", "1,500 mg/h", "10", ".5 mg/h", "1e3 mg/h"])
def test_what_is_no_dose_is_refused(dose):
    refused("dose-to-rate", dose=dose, concentration="1 mg/mL")


def test_a_unit_of_the_other_dose_is_refused_with_the_name_to_select():
    entered = {"rate": "36 mL/h", "concentration": "0.8 mg/mL", "weight": "95 kg"}
    made = openinfusion.calc("rate-to-dose", **entered, as_="ug/min")
    assert [found["code"] for found in made["findings"]] == ["calc.as-of-other-result"]
    assert "select: dose_per_time" in made["findings"][0]["text"]
    assert made["result"] is None
    assert text("rate-to-dose", **entered, as_="ug/min", select="dose_per_time") == "480 ug/min"  # 36 * 0.8 * 1000 / 60
    assert refused("rate-to-dose", **entered, as_="mmol/h") == {"calc.as-of-other-kind"}


def test_a_weight_in_pounds_is_converted_in_sight():
    made = openinfusion.calc("dose-to-rate", dose="1 mg/kg/h", concentration="1 mg/mL", weight="100 lb")
    assert made["result"]["value"] == "45.359237"
    assert made["steps"][0]["text"] == "100 lb × 0.45359237 kg/lb = ≈ 45.359 kg"
    assert {found["code"] for found in made["findings"]} == {"calc.in-pounds"}
