"""The frame of every calculator: what is missing, unreadable, of another kind or out of bounds is refused by name; wishes; rounding."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.calculation import calculate
from openinfusion.core.calculator import (
    Approximate,
    Calculator,
    Given,
    Input,
    InputKind,
    Result,
    TimeOfDay,
    Usual,
    Worked,
    choice,
    notice,
    refused,
)
from openinfusion.core.figure import Figure, Source, Tier
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.quantity import Quantity

SOURCE = Source(cite="x", at="y", tier=Tier.A)


def figure(value: str, symbol: str) -> Figure:
    return Figure(quantity=Quantity(value, symbol), sources=(SOURCE,))


FIGURES = {
    # The values of rounding-1: whole drops, hundredths of a mL below 1 mL, tenths from there.
    "rounding-1/drops": figure("1", "[drp]"),
    "rounding-1/small-volume": figure("1", "mL"),
    "rounding-1/small-volume-step": figure("0.01", "mL"),
    "rounding-1/volume-step": figure("0.1", "mL"),
    "made-up-1/threshold": figure("5", "mL"),
}


def _run(given: Given) -> Worked:
    volume = given["volume"].to("mL")
    step = Step("calc.made-up", (("volume", volume),), volume)
    found = (notice("calc.over", volume=volume),) if volume > given.figure("made-up-1/threshold").quantity else ()
    return Worked({"volume": volume, "rate": Quantity(volume.value / 2, "mL/h")}, (step,), found)


MADE_UP = Calculator(
    "made-up",
    (
        Input("volume", ("mL",)),
        Input("count", ("1",), is_required=False, assumed="1", is_whole=True, least=Quantity(1, "1"), most=Quantity(9, "1")),
        Input("rest", ("mL",), is_required=False, may_be_zero=True),
        Input("activity", ("[iU]",), is_required=False),
        choice("kind", "plain", "special", is_required=False),
        Input("sure", kind=InputKind.TRUTH, is_required=False),
        Input("start", kind=InputKind.TIME, is_required=False),
        Input("names", kind=InputKind.GROUP, is_required=False),
    ),
    (Result("volume", "mL", Usual.VOLUME), Result("rate", "mL/h"), Result("never", "mL")),
    "volume",
    _run,
    (SOURCE,),
    ("made-up-1",),
)


def work(calculator=MADE_UP, **entered):
    return calculate(calculator, {"as" if key == "as_" else key: value for key, value in entered.items()}, FIGURES)


def codes(made):
    return [one.code for one in made.findings]


# What goes in
@pytest.mark.parametrize(
    ("entered", "code"),
    [
        ({}, "calc.missing"),
        ({"volume": None}, "calc.missing"),
        ({"volume": "5"}, "calc.no-unit"),
        ({"volume": ""}, "calc.not-a-number"),
        ({"volume": "5 mg"}, "calc.other-kind"),
        ({"volume": "5 furlong"}, "calc.unknown-unit"),
        ({"volume": "1,5 mL"}, "calc.comma"),
        ({"volume": ".5 mL"}, "calc.naked-decimal"),
        ({"volume": "NaN mL"}, "calc.not-a-number"),
        ({"volume": float("nan")}, "calc.not-a-number"),
        ({"volume": float("inf")}, "calc.not-a-number"),
        ({"volume": "0 mL"}, "calc.not-positive"),
        ({"volume": "-1 mL"}, "calc.not-positive"),
        ({"volume": True}, "calc.not-a-number"),
        ({"volume": {"value": "5"}}, "calc.not-a-number"),
        ({"volume": "5 mL", "rest": "-1 mL"}, "calc.negative"),
        ({"volume": "5 mL", "count": "1.5"}, "calc.not-whole"),
        ({"volume": "5 mL", "count": "0"}, "calc.below-domain"),
        ({"volume": "5 mL", "count": "10"}, "calc.above-domain"),
        ({"volume": "5 mL", "kind": "Plain"}, "calc.not-a-choice"),
        ({"volume": "5 mL", "sure": "maybe"}, "calc.not-yes-or-no"),
        ({"volume": "5 mL", "start": "7.30"}, "calc.not-a-time"),
        ({"volume": "5 mL", "start": "25:00"}, "calc.not-a-time"),
        ({"volume": "5 mL", "names": "x"}, "calc.not-a-group"),
        ({"volume": "5 mL", "colour": "red"}, "calc.unknown-input"),
        ({"volume": "5 mL", "activity": "5 U"}, "calc.unknown-unit"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name_and_nothing_is_worked_out(entered, code):
    made = work(**entered)
    assert (codes(made), made.primary, made.results, made.steps) == ([code], None, {}, ())
    assert made.findings[0].level is Level.MISSING
    assert made.findings[0].params["name"] in {*entered, "volume"}


def test_everything_that_is_wrong_is_told_at_once():
    assert codes(work(volume="1,5 mL", count="0", colour="red")) == ["calc.comma", "calc.below-domain", "calc.unknown-input"]


@pytest.mark.parametrize("entered", ["0 mL", "0.5 mL"])
def test_an_input_that_may_be_zero_may(entered):
    assert work(volume="5 mL", rest=entered).primary is not None


@pytest.mark.parametrize("count", ["1", "9", 1, 9, Decimal(9), Quantity(9, "1")])
def test_bounds_are_inside_and_numbers_may_come_as_what_they_are(count):
    assert work(volume="5 mL", count=count).primary is not None


@pytest.mark.parametrize("entered", ["5 mL", "0.005 L", "5 ml", "5 cc", Quantity(5, "mL"), Quantity("0.005", "L")])
def test_any_unit_of_the_kind_gives_the_same_result(entered):
    assert work(volume=entered).primary.amount == Quantity(5, "mL")


@pytest.mark.parametrize(
    ("entered", "code"),
    [
        ({"volume": "5.0 mL"}, "calc.trailing-zero"),
        ({"volume": "5 cc"}, "calc.discouraged-unit"),
        ({"volume": "5 mL", "activity": "5 IU"}, "calc.discouraged-unit"),
    ],
)
def test_what_is_easily_misread_is_read_with_a_notice(entered, code):
    made = work(**entered)
    assert codes(made) == [code]
    assert made.findings[0].level is Level.INFO
    assert made.primary is not None


def test_a_bare_number_where_a_unit_is_assumed_is_told_back_and_a_bare_count_is_not():
    assumed = Calculator("a", (Input("volume", ("mL",), assumed="mL"),), MADE_UP.results, "", _run, (), ("made-up-1",))
    made = work(assumed, volume="4")
    assert (codes(made), made.findings[0].params["value"]) == (["calc.unit-assumed"], Quantity(4, "mL"))
    assert codes(work(volume="4 mL", count="3")) == []


@pytest.mark.parametrize(("text", "truth"), [("yes", True), ("true", True), (True, True), ("no", False), ("false", False), (False, False)])
def test_yes_and_no_are_read(text, truth):
    seen = []

    def run(given):
        seen.append(given.truth("sure"))
        return Worked({"volume": Quantity(1, "mL")})

    work(Calculator("a", (Input("sure", kind=InputKind.TRUTH),), (Result("volume", "mL"),), "", run), sure=text)
    assert seen == [truth]


# Ways
WAYS = Calculator(
    "ways",
    tuple(Input(name, ("mL",), is_required=False) for name in ("one", "two", "three")),
    (Result("volume", "mL"),),
    "",
    lambda given: Worked({"volume": Quantity(1, "mL")}),
    ways=((("one",), ("two", "three")),),
)


@pytest.mark.parametrize("entered", [("one",), ("two", "three"), ("one", "two"), ("one", "two", "three")])
def test_one_way_that_is_whole_is_enough(entered):
    assert work(WAYS, **dict.fromkeys(entered, "1 mL")).primary is not None


@pytest.mark.parametrize("entered", [(), ("two",), ("three",)])
def test_without_one_whole_way_all_of_them_are_named(entered):
    made = work(WAYS, **dict.fromkeys(entered, "1 mL"))
    assert codes(made) == ["calc.missing-way"]
    assert made.findings[0].params["ways"] == ("one", "two + three")


def test_a_way_of_which_a_part_cannot_be_read_is_not_called_missing_besides():
    assert codes(work(WAYS, one="1,5 mL")) == ["calc.comma"]


# What comes out
def test_the_first_result_is_primary_and_select_names_another():
    assert work(volume="4 mL").primary.amount == Quantity(4, "mL")
    assert work(volume="4 mL", select="rate").primary.amount == Quantity(2, "mL/h")
    assert set(work(volume="4 mL", select="rate").results) == {"volume", "rate"}


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"select": "nothing"}, "calc.no-such-result"),
        ({"select": "never"}, "calc.result-not-given"),
        ({"as_": "mg"}, "calc.as-of-other-kind"),
        ({"as_": "furlong"}, "calc.as-of-other-kind"),
        ({"as_": "mL/min"}, "calc.as-of-other-result"),
        ({"round_to": "0"}, "calc.not-positive"),
        ({"round_to": "-1"}, "calc.not-positive"),
        ({"round_to": "1 mg"}, "calc.other-kind"),
        ({"round_to": "1,5"}, "calc.comma"),
    ],
)
def test_a_wish_that_cannot_be_met_refuses(wish, code):
    made = work(volume="4 mL", **wish)
    assert (codes(made), made.primary) == ([code], None)


def test_as_gives_another_unit_and_reads_it_as_people_write_it():
    assert work(volume="4 mL", as_="L").primary.amount.to_json() == {"value": "0.004", "unit": "L"}
    assert work(volume="4 mL", as_="cc").primary.amount.unit == "mL"


@pytest.mark.parametrize(
    ("volume", "rounded"),
    [
        # rounding-1: hundredths below 1 mL, tenths from 1 mL; half up
        ("0.994 mL", "0.99"),
        ("0.995 mL", "1"),
        ("0.125 mL", "0.13"),
        ("1 mL", "1"),
        ("1.25 mL", "1.3"),
        ("1.24 mL", "1.2"),
    ],
)
def test_a_volume_is_rounded_to_what_a_syringe_can_show_and_the_exact_value_stays(volume, rounded):
    made = work(volume=volume)
    assert made.primary.amount == Quantity.parse(volume)
    assert made.primary.rounded.value == Fraction(rounded)
    assert "rounding-1" in made.tables


def test_round_to_is_the_step_of_the_primary_result_alone():
    made = work(volume="4.4 mL", round_to="0.25", select="rate")
    assert made.primary.rounded == Quantity("2.25", "mL/h")  # 2.2 lies nearer to 2.25 than to 2
    assert made.results["volume"].rounded == Quantity("4.4", "mL")


def _with(**kept):
    return Calculator("w", (), (Result("volume", "mL", Usual.VOLUME),), "", lambda given: Worked(**kept))


def test_no_result_is_rounded_past_the_most_it_may_be():
    made = work(_with(results={"volume": Quantity("1.25", "mL")}, most={"volume": Quantity("1.26", "mL")}))
    assert (made.primary.rounded, codes(made)) == (Quantity("1.2", "mL"), ["calc.rounded-down"])


def test_a_calculator_that_refuses_keeps_its_steps_and_says_why():
    step = Step("calc.made-up", (), Quantity(1, "mL"))
    made = work(_with(results={}, steps=(step,), findings=refused("calc.over").findings))
    assert (made.primary, made.results, made.steps, codes(made)) == (None, {}, (step,), ["calc.over"])


def test_an_approximate_result_stays_one_in_another_unit():
    made = work(_with(results={"volume": Approximate(Quantity("1.4142135623730950488", "mL"))}), as_="L")
    assert isinstance(made.primary.amount, Approximate)
    assert made.primary.rounded == Quantity("0.0014", "L")


@pytest.mark.parametrize(("at", "rounded"), [("07:30:29", "07:30"), ("07:30:30", "07:31"), ("23:59:30", "00:00"), ("07:30:00", "07:30")])
def test_a_time_is_rounded_to_the_minute_half_up(at, rounded):
    moment = TimeOfDay(datetime.fromisoformat(f"2026-03-01T{at}"), has_date=False)
    made = work(_with(results={"volume": moment}))
    assert made.primary.rounded.at.strftime("%H:%M") == rounded


# Properties
ANYTHING = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.builds("{} {}".format, st.decimals(allow_nan=True), st.sampled_from(["mL", "L", "mg", "cc", "", "x"])),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
)


@given(st.dictionaries(st.sampled_from([*MADE_UP.by_name, "as", "select", "round_to", "other"]), ANYTHING, max_size=6))
def test_whatever_is_entered_is_worked_out_or_refused_with_a_finding_and_never_raises(entered):
    made = calculate(MADE_UP, entered, FIGURES)
    worst = [one for one in made.findings if one.level.rank >= Level.MISSING.rank]
    assert (made.primary is None) == bool(worst)
    assert all(isinstance(one, Finding) for one in made.findings)


@given(st.decimals(min_value="0.001", max_value=10_000, places=3))
def test_ten_times_what_goes_in_is_ten_times_what_comes_out(value):
    one, ten = (work(volume=f"{volume} mL").primary.amount for volume in (f"{value:f}", f"{value * 10:f}"))
    assert ten == one.scaled(10)
