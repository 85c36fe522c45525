"""Handling: pushes, wasted rests and bags to be made, against decimals with units read a second time."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value
from tests.core.calculators.by_hand import FLUID, KINDS, number, texts

kinds = st.sampled_from((*KINDS, FLUID))
drugs = st.sampled_from(KINDS)


@st.composite
def alike(draw, kinds, *tails):
    """One text for each tail, all of one kind."""
    kind = draw(kinds)
    return tuple(draw(texts(kind, tail)) for tail in tails)


def of(result):
    """A result as a bare number, by the second reading."""
    return float(number(f"{result['value']} {result['unit']}"))


# push-time
@given(alike(kinds, "", "/min"), st.booleans())
def test_the_time_of_a_push_agrees_with_decimals(order, is_per_kg):
    dose, rate = order
    if is_per_kg:
        dose, rate = f"{dose}/kg", rate.replace("/min", "/kg/min")
    assert value("push-time", dose=dose, push_rate=rate) == pytest.approx(float(number(dose) / number(rate)) * 60, rel=1e-10)


@given(alike(kinds, "", "/min"))
def test_a_push_of_twice_the_dose_lasts_twice_as_long_and_at_twice_the_rate_half(order):
    dose, rate = order
    once = value("push-time", dose=dose, push_rate=rate)
    double = [one.replace(one.split(" ")[0], f"{float(one.split(' ')[0]) * 2:f}", 1) for one in order]
    assert value("push-time", dose=double[0], push_rate=rate) == pytest.approx(2 * once)
    assert value("push-time", dose=dose, push_rate=double[1]) == pytest.approx(once / 2)


def test_a_push_of_a_volume_goes_by_millilitres_a_minute():
    assert text("push-time", dose="10 mL", push_rate="2 mL/min") == "5 min"
    assert text("push-time", dose="1 g", push_rate="50 mg/min") == "20 min"  # 1000 / 50
    assert text("push-time", dose="2 mg", push_rate="4 mg/min", as_="s") == "30 s"


def test_a_drug_is_not_pushed_in_millilitres_nor_a_dose_per_kilogram_without_it():
    assert refused("push-time", dose="100 mg", push_rate="2 mL/min") == {"calc.not-of-one-kind"}
    assert refused("push-time", dose="20 mg/kg", push_rate="50 mg/min") == {"calc.not-of-one-kind"}
    assert refused("push-time", dose="20 mg", push_rate="50 mg") == {"calc.other-kind"}
    assert refused("push-time", dose="20 mg") == {"calc.missing"}


# waste-volume
@given(alike(drugs, "", "/mL"), texts(FLUID))
def test_what_is_wasted_agrees_with_decimals_and_nothing_is_lost(order, container):
    dose, strength = order
    made = openinfusion.calc("waste-volume", dose=dose, concentration=strength, container=container)
    volume, size = number(dose) / number(strength), number(container)
    results = made["results"]
    count = int(results["containers"]["value"])
    nearly = 1 + Decimal("1e-20")  # decimals have an end, thirds have none
    assert (count - 1) * size < volume * nearly
    assert volume <= count * size * nearly
    assert of(results["volume"]) == pytest.approx(float(volume), rel=1e-10)
    assert of(results["waste"]) == pytest.approx(float(count * size - volume), rel=1e-10, abs=1e-9 * float(count * size))
    assert of(results["waste"]) + of(results["volume"]) == pytest.approx(count * float(size))
    assert of(results["waste_amount"]) == pytest.approx(of(results["waste"]) * float(number(strength)), rel=1e-9, abs=1e-20)
    assert ("calc.more-containers" in {found["code"] for found in made["findings"]}) == (count > 1)


@given(alike(drugs, "", "/mL", ""))
def test_a_container_named_by_what_it_holds_is_the_same_as_by_its_volume(order):
    dose, strength, held = order
    made = openinfusion.calc("waste-volume", dose=dose, concentration=strength, container=held)["results"]
    count = int(made["containers"]["value"])
    assert count in {math.ceil(round(float(number(dose) / number(held)), 9)), math.ceil(float(number(dose) / number(held)))}
    assert of(made["waste_amount"]) == pytest.approx(
        count * float(number(held)) - float(number(dose)), rel=1e-9, abs=1e-9 * count * float(number(held))
    )


def test_the_rest_of_an_ampoule_is_shown_as_volume_and_as_drug():
    made = openinfusion.calc("waste-volume", dose="75 ug", concentration="50 ug/mL", container="2 mL")  # 2 - 75 / 50
    assert made["result"] == {"value": "0.5", "unit": "mL", "exact": True, "rounded": "0.5"}
    assert {name: f"{one['value']} {one['unit']}" for name, one in made["results"].items()} == {
        "waste": "0.5 mL",
        "volume": "1.5 mL",
        "waste_amount": "25 ug",
        "containers": "1 1",
    }
    assert [step["text"] for step in made["steps"]][-1] == "0.5 mL × 50 mcg/mL = 25 mcg"


def test_a_dose_of_just_one_container_wastes_nothing_and_one_of_more_is_said():
    assert text("waste-volume", dose="100 ug", concentration="50 ug/mL", container="2 mL") == "0 mL"
    assert codes("waste-volume", dose="100 ug", concentration="50 ug/mL", container="2 mL") == set()
    assert codes("waste-volume", dose="101 ug", concentration="50 ug/mL", container="2 mL") == {"calc.more-containers"}


def test_waste_of_kinds_that_do_not_meet_is_refused():
    assert refused("waste-volume", dose="100 mg", concentration="50 [iU]/mL", container="2 mL") == {"calc.not-of-one-kind"}
    assert refused("waste-volume", dose="100 mg", concentration="50 mg/mL", container="100 [iU]") == {"calc.not-of-one-kind"}
    assert refused("waste-volume", dose="1 mg/kg", concentration="50 mg/mL", container="2 mL") == {"calc.other-kind"}
    assert refused("waste-volume", dose="1 mg", concentration="50 mg/mL") == {"calc.missing"}


# amount-to-add
@given(alike(drugs, "/kg/min"), texts(["kg", "lb"], most=250), texts(["mL/h"], most=500), texts(FLUID))
def test_the_amount_for_a_bag_agrees_with_decimals_and_gives_the_dose_back(order, weight, rate, volume):
    made = openinfusion.calc("amount-to-add", dose=order[0], weight=weight, rate=rate, volume=volume)
    expected = number(order[0]) * number(weight) * number(volume) / number(rate)
    assert of(made["result"]) == pytest.approx(float(expected), rel=1e-10)
    back = openinfusion.calc("rate-to-dose", rate=rate, amount="{value} {unit}".format(**made["result"]), volume=volume, weight=weight)
    assert of(back["result"]) == pytest.approx(float(number(order[0])), rel=1e-9)


def test_the_rule_of_six_is_its_special_case():
    # Pocket guide, rule of six: 10 kg, 600 mg in 100 mL, 1 mL/h is 10 micrograms/kg/min, so 20 are 2 mL/h
    made = openinfusion.calc("amount-to-add", dose="10 ug/kg/min", weight="10 kg", rate="1 mL/h", volume="100 mL")
    assert made["result"] == {"value": "600", "unit": "mg", "exact": True}
    assert made["results"]["concentration"] == {"value": "6", "unit": "mg/mL", "exact": True}
    assert text("dose-to-rate", dose="20 ug/kg/min", amount="600 mg", volume="100 mL", weight="10 kg") == "2 mL/h"


def test_the_volume_is_said_to_be_that_of_the_whole_bag():
    assert codes("amount-to-add", dose="5 mg/h", rate="10 mL/h", volume="100 mL") == {"calc.final-volume"}
    assert codes("amount-to-add", dose="5 mg/h", rate="10 mL/h", volume="100 mL", weight="70 kg") == {"calc.final-volume", "calc.not-used"}


def test_an_amount_by_weight_needs_the_weight():
    assert refused("amount-to-add", dose="5 mg/kg/h", rate="10 mL/h", volume="100 mL") == {"calc.weight-needed"}
    assert refused("amount-to-add", dose="5 mg", rate="10 mL/h", volume="100 mL") == {"calc.other-kind"}
    assert refused("amount-to-add", dose="5 mg/h", rate="0 mL/h", volume="100 mL") == {"calc.not-positive"}
