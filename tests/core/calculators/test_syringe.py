"""A volume in a syringe: the nearest line, half up, what it misses by, and the smallest syringe that will do."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value

NAME = "syringe-mark"
# table syringes-1: what each holds and what lies between its lines
LINES = {"1": "0.01", "3": "0.1", "5": "0.2", "10": "0.2", "20": "1", "60": "1"}
thousandths = st.integers(10, 60_000).map(lambda n: Decimal(n) / 1000)


@pytest.mark.parametrize(
    ("volume", "syringe", "mark", "residual"),
    [
        ("0.35 mL", "1 mL", "0.35 mL", "0"),
        ("2.35 mL", "3 mL", "2.4 mL", "0.05"),  # lines at each 0.1 mL, half up
        ("2.34 mL", "3 mL", "2.3 mL", "-0.04"),
        ("4.3 mL", "5 mL", "4.4 mL", "0.1"),  # lines at each 0.2 mL
        ("15.4 mL", "20", "15 mL", "-0.4"),
        ("9.7 mL", "syringe-10-by-half", "9.5 mL", "-0.2"),  # the one of 10 mL with lines at each 0.5 mL
    ],
)
def test_it_is_drawn_to_the_nearest_line(volume, syringe, mark, residual):
    assert text(NAME, volume=volume, syringe=syringe) == mark
    assert openinfusion.calc(NAME, volume=volume, syringe=syringe)["results"]["residual"]["value"] == residual


@pytest.mark.parametrize(
    ("volume", "capacity"),
    [("0.35 mL", 1), ("1 mL", 1), ("1.5 mL", 3), ("3 mL", 3), ("4.2 mL", 5), ("7.4 mL", 10), ("15 mL", 20), ("45 mL", 60)],
)
def test_without_a_syringe_the_smallest_that_holds_and_resolves_is_taken(volume, capacity):
    assert value(NAME, volume=volume, select="capacity") == capacity
    assert "calc.syringe-used" in codes(NAME, volume=volume)


def test_a_line_that_misses_the_dose_is_said():
    assert "syringe.between-lines" in codes(NAME, volume="2.35 mL", syringe="3 mL")
    assert "syringe.between-lines" not in codes(NAME, volume="2.3 mL", syringe="3 mL")


@pytest.mark.parametrize("syringe", ["U-100", "u100 insulin", "U-100 insulin", "insulin U-100", "insulin", "u100-50"])
def test_an_insulin_syringe_is_read_in_units(syringe):
    # 0.35 mL of 100 units/mL are 35 units
    made = openinfusion.calc(NAME, volume="0.35 mL", syringe=syringe, insulin_concentration="100 units/mL")
    assert (made["result"]["value"], made["result"]["unit"]) == ("35", "[iU]")


def test_insulin_without_a_named_syringe_gets_one_of_its_own_concentration():
    assert text(NAME, volume="0.2 mL", insulin_concentration="100 units/mL") == "20 [iU]"
    assert text(NAME, volume="0.2 mL", insulin_concentration="100 units/mL", select="capacity") == "0.3 mL"


REFUSED = [
    ({"volume": "0.35 mL", "syringe": "U-100"}, "syringe.concentration-missing"),
    ({"volume": "0.35 mL", "syringe": "U-100", "insulin_concentration": "200 units/mL"}, "syringe.other-concentration"),
    ({"volume": "0.35 mL", "syringe": "u100-50", "insulin_concentration": "500 units/mL"}, "syringe.other-concentration"),
    ({"volume": "0.35 mL", "insulin_concentration": "300 units/mL"}, "syringe.other-concentration"),
    ({"volume": "0.35 mL", "syringe": "U-500"}, "calc.syringe-unknown"),
    ({"volume": "0.35 mL", "syringe": "2 mL"}, "calc.syringe-unknown"),
    ({"volume": "0.35 mL", "syringe": "3 mg"}, "calc.syringe-unknown"),
    ({"volume": "0.35 mL", "syringe": ""}, "calc.syringe-unknown"),
    ({"volume": "0.35 mL", "syringe": "-"}, "calc.syringe-unknown"),
    ({"volume": "1.2 mL", "syringe": "1 mL"}, "syringe.too-large"),
    ({"volume": "61 mL"}, "syringe.too-large"),
    ({"volume": "0.2 mL", "syringe": "60 mL"}, "syringe.below-first-line"),
    ({"volume": "0 mL"}, "calc.not-positive"),
    ({"volume": "3 mg"}, "calc.other-kind"),
    ({"volume": "3"}, "calc.no-unit"),
    ({}, "calc.missing"),
]


@pytest.mark.parametrize(("entered", "code"), REFUSED)
def test_what_cannot_be_measured_is_refused(entered, code):
    assert code in refused(NAME, **entered)


@given(thousandths, st.sampled_from(sorted(LINES)))
def test_the_line_by_a_second_way(volume, size):
    line = Decimal(LINES[size])
    count = (volume / line).quantize(Decimal(1), ROUND_HALF_UP)
    entered = {"volume": f"{volume} mL", "syringe": f"{size} mL"}
    if volume > int(size) or count == 0:
        refused(NAME, **entered)
        return
    assert Decimal(str(value(NAME, **entered))) == count * line
    assert value(NAME, **entered, select="line") == count
    assert value(NAME, **entered, select="residual") == pytest.approx(float(count * line - volume), abs=1e-12)
    assert abs(value(NAME, **entered, select="residual")) <= float(line) / 2


@given(thousandths)
def test_the_volume_in_another_unit_stands_at_the_same_line(volume):
    assert value(NAME, volume=f"{volume} mL") == value(NAME, volume=f"{volume * 1000} uL")


@given(thousandths, thousandths)
def test_more_volume_never_takes_a_smaller_syringe(one, other):
    small, large = sorted((one, other))
    assert value(NAME, volume=f"{small} mL", select="capacity") <= value(NAME, volume=f"{large} mL", select="capacity")


@given(st.integers(1, 100))
def test_units_of_u100_are_hundredths_of_a_millilitre(units):
    made = openinfusion.calc(NAME, volume=f"{Decimal(units) / 100} mL", syringe="U-100", insulin_concentration="100 units/mL")
    step = 2 if units > 50 else 1  # lines of the 100 unit syringe are two units apart
    assert abs(Decimal(made["result"]["value"]) - units) <= Decimal(step) / 2
