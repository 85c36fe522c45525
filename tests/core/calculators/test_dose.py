"""Doses of one patient, their volume, their parts and their range, against decimals with units read a second time."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value
from tests.core.calculators.by_hand import FLUID, KINDS, number, texts

kinds = st.sampled_from(KINDS)
kilograms = texts(["kg", "lb"], most=250)
areas = texts(["m2"], most=3)


def of(result):
    """A result as a bare number, by the second reading."""
    return float(number(f"{result['value']} {result['unit']}"))


@st.composite
def alike(draw, *tails):
    """One text for each tail, all of one kind of drug amount."""
    kind = draw(kinds)
    return tuple(draw(texts(kind, tail)) for tail in tails)


# weight-dose
@given(alike("/kg", ""), kilograms)
def test_a_dose_by_weight_agrees_with_decimals_and_never_passes_its_cap(order, weight):
    dose, cap = order
    made = openinfusion.calc("weight-dose", dose=dose, weight=weight, cap=cap)
    whole = number(dose) * number(weight)
    assert of(made["result"]) == pytest.approx(float(min(whole, number(cap))), rel=1e-10)
    assert of(made["results"]["uncapped"]) == pytest.approx(float(whole), rel=1e-10)
    assert ("calc.cap-binds" in {found["code"] for found in made["findings"]}) == (whole > number(cap))


@given(alike("/m2/d"), areas)
def test_a_dose_by_surface_agrees_with_decimals_and_keeps_its_time(order, area):
    made = openinfusion.calc("weight-dose", dose=order[0], area=area)
    assert of(made["result"]) == pytest.approx(float(number(order[0]) * number(area)), rel=1e-10)
    assert made["result"]["unit"].endswith("/d")


@given(alike("/kg", ""), kilograms)
def test_a_dose_grows_with_the_weight_until_the_cap_and_then_stands(order, weight):
    dose, cap = order
    digits, unit = weight.split(" ")
    heavier = f"{float(digits) + 1:f} {unit}"
    less, more = (openinfusion.calc("weight-dose", dose=dose, weight=one, cap=cap) for one in (weight, heavier))
    assert Fraction(less["result"]["value"]) <= Fraction(more["result"]["value"])
    bound = {found["code"] for found in less["findings"]}
    if "calc.cap-binds" in bound:
        assert less["result"]["value"] == more["result"]["value"]


@given(alike("/kg"), kilograms)
def test_ten_times_the_dose_per_kilogram_is_ten_times_the_dose(order, weight):
    digits, unit = order[0].split(" ")
    once = value("weight-dose", dose=order[0], weight=weight)
    assert value("weight-dose", dose=f"{float(digits) * 10:f} {unit}", weight=weight) == pytest.approx(10 * once)


def test_a_dose_of_published_examples():
    # BCcampus, numeracy in nursing, sample exercise 15.1: morphine 0.2 mg/kg, 14 kg: 2.8 mg
    assert text("weight-dose", dose="0.2 mg/kg", weight="14 kg") == "2.8 mg"
    # the same, 15.2: 0.1 to 0.5 mg/kg, 24 kg: 2.4 to 12 mg
    assert text("weight-dose", dose="0.1 mg/kg", weight="24 kg") == "2.4 mg"
    assert text("weight-dose", dose="0.5 mg/kg", weight="24 kg") == "12 mg"


def test_a_cap_that_binds_is_a_step_and_a_caution_with_both_numbers():
    made = openinfusion.calc("weight-dose", dose="15 mg/kg", weight="80 kg", cap="1 g")
    assert made["steps"][-1]["text"] == "1200 mg, at most 1 g = 1000 mg"
    assert [(found["code"], found["level"]) for found in made["findings"]] == [("calc.cap-binds", "caution")]
    assert made["findings"][0]["params"] == {"dose": {"value": "1200", "unit": "mg"}, "cap": {"value": "1", "unit": "g"}}
    assert codes("weight-dose", dose="12.5 mg/kg", weight="80 kg", cap="1 g") == set()  # equality is inside


def test_a_dose_is_never_rounded_past_its_cap():
    entered = {"dose": "1 mg/kg", "cap": "100 mg", "round_to": "15 mg"}
    made = openinfusion.calc("weight-dose", weight="98 kg", **entered)
    assert made["result"]["rounded"] == "90"  # half up would be 105
    assert {found["code"] for found in made["findings"]} == {"calc.rounded-down"}
    assert openinfusion.calc("weight-dose", weight="82 kg", **entered)["result"]["rounded"] == "75"  # 5.47 steps
    assert openinfusion.calc("weight-dose", weight="98 kg", dose="1 mg/kg", round_to="15 mg")["result"]["rounded"] == "105"


def test_a_dose_that_rounds_to_nothing_is_said():
    made = openinfusion.calc("weight-dose", dose="1 mg/kg", weight="10 kg", round_to="50 mg")
    assert made["result"]["rounded"] == "0"
    assert [(found["code"], found["level"]) for found in made["findings"]] == [("calc.rounded-to-nothing", "caution")]
    assert codes("dose-volume", dose="1 mg", concentration="1000 mg/mL") == {"calc.rounded-to-nothing"}  # 0.001 mL


def test_a_dose_by_weight_needs_the_weight_and_one_by_surface_the_area():
    assert refused("weight-dose", dose="1 mg/kg") == {"calc.missing-way"}
    assert refused("weight-dose", dose="1 mg/kg", area="1.8 m2") == {"calc.weight-needed"}
    assert refused("weight-dose", dose="1 mg/m2", weight="70 kg") == {"calc.area-needed"}
    assert codes("weight-dose", dose="1 mg/m2", weight="70 kg", area="1.8 m2") == {"calc.not-used"}
    assert codes("weight-dose", dose="1 mg/kg", weight="70 kg", area="1.8 m2") == {"calc.not-used"}


def test_a_cap_of_another_kind_is_refused():
    assert refused("weight-dose", dose="1 mg/kg/d", weight="70 kg", cap="100 mg") == {"calc.not-of-one-kind"}
    assert refused("weight-dose", dose="1 mg/kg", weight="70 kg", cap="100 [iU]") == {"calc.not-of-one-kind"}


def test_a_dose_that_is_by_neither_is_refused():
    assert refused("weight-dose", dose="500 mg", weight="70 kg") == {"calc.other-kind"}


# dose-volume
@given(alike("/kg/d", "", ""), texts(FLUID), kilograms, st.integers(1, 12))
def test_the_volume_of_one_of_the_doses_of_a_day_agrees_with_decimals(order, volume, weight, count):
    dose, amount, _ = order
    made = openinfusion.calc("dose-volume", dose=dose, amount=amount, volume=volume, weight=weight, doses_per_day=count)
    one = number(dose) * 24 * number(weight) / count  # the second reading counts in hours
    expected = one / (number(amount) / number(volume))
    assert of(made["result"]) == pytest.approx(float(expected), rel=1e-10)
    assert of(made["results"]["dose"]) == pytest.approx(float(one), rel=1e-10)
    assert of(made["results"]["volume_per_day"]) * 24 == pytest.approx(float(expected) * count, rel=1e-10)


@given(alike("", ""), texts(FLUID))
def test_the_volume_of_a_dose_agrees_with_decimals_and_goes_back_to_the_dose(order, volume):
    dose, amount = order
    made = openinfusion.calc("dose-volume", dose=dose, amount=amount, volume=volume)
    assert of(made["result"]) == pytest.approx(float(number(dose) / number(amount) * number(volume)), rel=1e-10)
    assert of(made["result"]) * float(number(amount) / number(volume)) == pytest.approx(float(number(dose)), rel=1e-10)


def test_the_volume_of_published_examples():
    # University of Southern Queensland: chlorpromazine 0.5 mg/kg, 25 kg, 50 mg in 2 mL: 12.5 mg, so 0.5 mL
    assert text("dose-volume", dose="0.5 mg/kg", amount="50 mg", volume="2 mL", weight="25 kg") == "0.5 mL"
    made = openinfusion.calc("dose-volume", dose="45 [iU]", concentration="100 [iU]/mL")
    assert made["result"] == {"value": "0.45", "unit": "mL", "exact": True, "rounded": "0.45"}


def test_a_dose_of_a_day_needs_the_number_of_doses():
    assert refused("dose-volume", dose="40 mg/d", concentration="1 mg/mL") == {"calc.doses-per-day-needed"}
    assert text("dose-volume", dose="40 mg/d", concentration="1 mg/mL", doses_per_day=1) == "40 mL"


def test_a_dose_that_may_be_each_or_the_whole_day_is_refused():
    assert refused("dose-volume", dose="40 mg", concentration="1 mg/mL", doses_per_day=4) == {"calc.dose-or-day"}


@pytest.mark.parametrize("dose", ["10 mg/wk", "10 mg/h", "10 mg/min"])
def test_a_dose_of_a_week_or_an_hour_never_becomes_one_of_a_day(dose):
    assert refused("dose-volume", dose=dose, concentration="1 mg/mL", doses_per_day=1) == {"calc.not-of-a-day"}
    assert refused("split-dose", dose=dose, times=2) == {"calc.not-of-a-day"}


def test_a_number_of_doses_is_whole():
    assert refused("dose-volume", dose="40 mg/d", concentration="1 mg/mL", doses_per_day="1.5") == {"calc.not-whole"}
    assert refused("dose-volume", dose="40 mg/d", concentration="1 mg/mL", doses_per_day=0) == {"calc.not-positive"}


def test_insulin_without_its_concentration_is_refused():
    assert refused("dose-volume", dose="10 units") == {"calc.missing-way"}
    assert refused("dose-volume", dose="10 units", concentration="100 mg/mL") == {"calc.not-of-one-kind"}


def test_a_volume_by_weight_without_the_weight_is_refused_and_a_weight_that_is_not_needed_is_said():
    assert refused("dose-volume", dose="1 mg/kg", concentration="1 mg/mL") == {"calc.weight-needed"}
    assert codes("dose-volume", dose="1 mg", concentration="1 mg/mL", weight="70 kg") == {"calc.not-used"}
    assert refused("dose-volume", dose="1 mg", concentration="1 mg/mL", amount="1 g", volume="1 mL") == {"calc.contradictory"}


# split-dose
@given(alike("/kg/d", "/d"), kilograms, st.integers(1, 24))
def test_equal_parts_agree_with_decimals_and_are_the_whole_together(order, weight, times):
    dose, cap = order
    made = openinfusion.calc("split-dose", dose=dose, weight=weight, cap=cap, times=times)
    whole = min(number(dose) * number(weight), number(cap)) * 24
    assert of(made["result"]) == pytest.approx(float(whole / times), rel=1e-10)
    assert of(made["results"]["total"]) == pytest.approx(float(whole), rel=1e-10)
    assert made["result"]["unit"] == made["results"]["total"]["unit"]


@given(alike(""), st.lists(st.integers(1, 20), min_size=1, max_size=12))
def test_fractions_agree_with_decimals_and_are_the_whole_together(order, shares):
    fractions = ", ".join(f"{share}/{sum(shares)}" for share in shares)
    made = openinfusion.calc("split-dose", dose=order[0], fractions=fractions)
    parts = [of(made["results"][f"part_{place}"]) for place in range(1, len(shares) + 1)]
    assert parts == pytest.approx([float(number(order[0])) * share / sum(shares) for share in shares], rel=1e-10)
    assert sum(parts) == pytest.approx(of(made["results"]["total"]), rel=1e-9)
    assert made["result"] == made["results"]["part_1"]


def test_fractions_may_be_written_as_parts_decimals_percents_a_list_or_with_names():
    written = (
        "1/2, 1/4, 1/4",
        "0.5,0.25,0.25",
        "50 %, 25 %, 25%",
        ["1/2", "1/4", "1/4"],
        {"morning": "1/2", "noon": "1/4", "night": "1/4"},
    )
    made = [openinfusion.calc("split-dose", dose="100 mg", fractions=one)["results"] for one in written]
    assert all(one == made[0] for one in made)
    assert [made[0][f"part_{place}"]["value"] for place in (1, 2, 3)] == ["50", "25", "25"]


def test_fractions_that_are_not_one_together_are_refused():
    assert refused("split-dose", dose="100 mg", fractions="1/2, 1/4") == {"calc.parts-not-whole"}
    assert refused("split-dose", dose="100 mg", fractions="0.333, 0.333, 0.333") == {"calc.parts-not-whole"}
    assert text("split-dose", dose="90 mg", fractions="1/3, 1/3, 1/3") == "30 mg"


@pytest.mark.parametrize("fractions", ["half, half", "1/2,,1/2", "3/2, -1/2", "1, 0", "1/0", "", "NaN"])
def test_what_is_no_fraction_is_refused(fractions):
    assert refused("split-dose", dose="100 mg", fractions=fractions) == {"calc.no-fraction"}


def test_parts_need_a_count_or_fractions_and_both_must_agree():
    assert refused("split-dose", dose="100 mg") == {"calc.missing-way"}
    assert refused("split-dose", dose="100 mg", fractions={}) == {"calc.parts-not-whole"}
    assert refused("split-dose", dose="100 mg", fractions="1/2, 1/2", times=3) == {"calc.contradictory"}
    assert text("split-dose", dose="100 mg", fractions="3/4, 1/4", times=2) == "75 mg"
    assert refused("split-dose", dose="100 mg", fractions=",".join(["1/13"] * 13)) == {"calc.too-many-parts"}
    assert refused("split-dose", dose="100 mg", times="2.5") == {"calc.not-whole"}


def test_the_cap_of_a_split_dose_is_of_the_whole_and_holds_for_the_rounded_parts():
    made = openinfusion.calc("split-dose", dose="40 mg/kg/d", weight="100 kg", cap="1000 mg/d", times=3, round_to="5 mg")
    assert made["result"]["rounded"] == "330"  # 335 three times would be 1005
    assert {found["code"] for found in made["findings"]} == {"calc.cap-binds", "calc.rounded-down"}
    assert refused("split-dose", dose="40 mg/kg/d", weight="100 kg", cap="1000 mg", times=3) == {"calc.not-of-one-kind"}
    assert refused("split-dose", dose="40 mg/kg/d", times=3) == {"calc.weight-needed"}


# range-check
@given(alike("", "/kg", "/kg"), kilograms)
def test_a_dose_stands_in_its_range_as_decimals_say(order, weight):
    dose, *ends = order
    low, high = sorted(ends, key=number)
    made = openinfusion.calc("range-check", dose=dose, low=low, high=high, weight=weight)
    at_low, at_high = number(low) * number(weight), number(high) * number(weight)
    expected = "below-range" if number(dose) < at_low else "above-range" if number(dose) > at_high else "in-range"
    assert f"calc.{expected}" in {found["code"] for found in made["findings"]}
    assert [of(made["results"][name]) for name in ("low", "high")] == pytest.approx([float(at_low), float(at_high)], rel=1e-10)
    assert of(made["result"]) == float(number(dose))
    assert of(made["results"]["dose_per_weight"]) == pytest.approx(float(number(dose) / number(weight)), rel=1e-10)


@given(alike("/kg", "", ""), kilograms)
def test_a_dose_per_kilogram_is_compared_with_amounts_by_the_weight(order, weight):
    dose, *ends = order
    low, high = sorted(ends, key=number)
    made = openinfusion.calc("range-check", dose=dose, low=low, high=high, weight=weight)
    whole = number(dose) * number(weight)
    expected = "below-range" if whole < number(low) else "above-range" if whole > number(high) else "in-range"
    assert f"calc.{expected}" in {found["code"] for found in made["findings"]}
    assert of(made["results"]["high"]) == pytest.approx(float(number(high) / number(weight)), rel=1e-10)


def test_a_range_of_a_published_example():
    # Wisconsin Technical Colleges, safe range, example 1: 100 mg for 7 kg at 10 to 15 mg/kg: 70 to 105 mg, safe
    made = openinfusion.calc("range-check", dose="100 mg", low="10 mg/kg", high="15 mg/kg", weight="7 kg")
    assert made["status"] == "ok"
    assert {name: f"{one['value']} {one['unit']}" for name, one in made["results"].items()} == {
        "dose": "100 mg",
        "low": "70 mg",
        "high": "105 mg",
        "dose_per_weight": "14.2857142857 mg/kg",
    }
    assert [(found["code"], found["level"]) for found in made["findings"]] == [("calc.in-range", "info")]


@pytest.mark.parametrize(
    ("dose", "expected"),
    [("69.9 mg", "calc.below-range"), ("70 mg", "calc.in-range"), ("105 mg", "calc.in-range"), ("105.1 mg", "calc.above-range")],
)
def test_both_ends_are_inside_and_the_dose_is_never_changed(dose, expected):
    entered = {"low": "10 mg/kg", "high": "15 mg/kg", "weight": "7 kg"}
    assert codes("range-check", dose=dose, **entered) == {expected}
    assert text("range-check", dose=dose, **entered) == dose


def test_a_dose_outside_is_a_caution_and_no_refusal():
    made = openinfusion.calc("range-check", dose="1 g", low="0 mg", high="500 mg")
    assert (made["status"], [(found["code"], found["level"]) for found in made["findings"]]) == ("ok", [("calc.above-range", "caution")])


def test_a_range_that_cannot_be_compared_is_refused():
    assert refused("range-check", dose="100 mg", low="10 mg/kg", high="15 mg/kg") == {"calc.weight-needed"}
    assert refused("range-check", dose="100 mg", low="10 mg/kg/d", high="15 mg/kg/d", weight="7 kg") == {"calc.not-of-one-kind"}
    assert refused("range-check", dose="100 mg", low="10 [iU]/kg", high="15 [iU]/kg", weight="7 kg") == {"calc.not-of-one-kind"}
    assert refused("range-check", dose="100 mg", low="10 mg/m2", high="15 mg/m2", weight="7 kg") == {"calc.not-of-one-kind"}
    assert refused("range-check", dose="100 mg", low="200 mg", high="100 mg") == {"calc.range-upside-down"}
    assert refused("range-check", dose="100 mg", low="50 mg") == {"calc.missing"}


def test_a_fluid_has_a_range_too_whatever_its_unit():
    # 20 mL/kg for 7 kg is 140 mL
    assert codes("range-check", dose="1 dL", low="10 mL/kg", high="20 mL/kg", weight="7 kg") == {"calc.in-range"}
    assert refused("range-check", dose="1 mmol/kg/mo", low="12 L/kg", high="7 dL", weight="7 kg") == {"calc.not-of-one-kind"}


def test_a_weight_that_the_range_does_not_need_is_said():
    assert codes("range-check", dose="100 mg", low="50 mg", high="0.2 g", weight="7 kg") == {"calc.in-range", "calc.not-used"}
