"""What people write is read exactly, noticed where it is often misread, and refused where it can mean two things."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.quantity import UNITS, Quantity
from openinfusion.core.spelling import DISCOURAGED, OF_ACTIVITY, SPELLINGS, spelled


@pytest.mark.parametrize(
    ("text", "value", "symbol"),
    [
        ("150 mL", 150, "mL"),
        ("150mL", 150, "mL"),
        ("  0.5 mg  ", Fraction(1, 2), "mg"),
        ("10 ug/kg/min", 10, "ug/kg/min"),
        ("10 mcg/kg/min", 10, "ug/kg/min"),
        ("4 [iU]/mL", 4, "[iU]/mL"),
        ("20 gtt/mL", 20, "[drp]/mL"),
        ("20 drops/min", 20, "[drp]/min"),
        ("5 cc", 5, "mL"),
        ("5 ml", 5, "mL"),
        ("2 hr", 2, "h"),
        ("125 mL/hr", 125, "mL/h"),
        ("70 in", 70, "[in_i]"),
        ("154 lb", 154, "[lb_av]"),
        ("40 y", 40, "a"),
        ("5 %", 5, "%"),
        ("-3 mL", -3, "mL"),
        ("72 bpm", 72, "/min"),
        ("3", 3, ""),
    ],
)
def test_usual_spellings_are_read(text, value, symbol):
    read = spelled(text, is_activity=False)
    assert (read.wrong, read.value, read.symbol) == ("", value, symbol)


@pytest.mark.parametrize("text", ["5 IU", "5 units", "5 unit", "5 Units"])
def test_units_are_units_of_activity_only_where_nothing_else_can_be_meant(text):
    assert spelled(text, is_activity=True).symbol == "[iU]"
    assert spelled(text, is_activity=False).wrong == "unit"


@pytest.mark.parametrize("text", ["5 U", "5 u", "10 ?", "10 mL/", "10 /mL/h/x", "10 mLs/h/min"])
def test_what_is_no_unit_of_the_table_is_refused_also_u_which_is_read_as_a_zero(text):
    # ISMP list of error-prone abbreviations: U is mistaken for 0, 4 or cc.
    assert spelled(text, is_activity=True).wrong == "unit"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("1,500 mL", "comma"),
        ("1,5", "comma"),
        (".5 mg", "naked"),
        ("-.5 mg", "naked"),
        ("", "empty"),
        ("   ", "empty"),
        ("NaN", "number"),
        ("inf mL", "number"),
        ("5. mL", "number"),
        ("1.2.3 mL", "number"),
        ("mL", "number"),
        ("٣ mL", "number"),
        ("1e3 mL", "unit"),
        ("1 000 mL", "unit"),
        ("5 to 6 mL", "unit"),
    ],
)
def test_a_number_that_can_mean_two_things_or_none_has_no_reading(text, wrong):
    assert spelled(text, is_activity=False).wrong == wrong


@pytest.mark.parametrize(
    ("text", "is_trailing"), [("1.0 mg", True), ("1.50 mg", True), ("1.05 mg", False), ("10 mg", False), ("1.5 mg", False)]
)
def test_a_zero_at_the_end_after_a_point_is_noticed(text, is_trailing):
    assert spelled(text, is_activity=False).has_trailing_zero is is_trailing


@pytest.mark.parametrize("text", sorted(DISCOURAGED))
def test_each_discouraged_spelling_is_read_and_noticed(text):
    read = spelled(f"5 {text}", is_activity=True)
    assert (read.wrong, read.discouraged) == ("", (text,))


@pytest.mark.parametrize("text", ["ug", "mcg", "mL", "L", "units", "[iU]", "g", "mg"])
def test_a_spelling_that_is_not_on_the_list_is_not_noticed(text):
    assert spelled(f"5 {text}", is_activity=True).discouraged == ()


def test_every_alias_leads_to_a_unit_of_the_table_or_a_part_of_one():
    parts = {part for symbol in UNITS for part in symbol.split("/")}
    assert [text for text, symbol in {**SPELLINGS, **OF_ACTIVITY}.items() if symbol not in parts] == []


@given(st.decimals(min_value="0.001", max_value=100_000, places=3), st.sampled_from(sorted(UNITS)))
def test_a_quantity_as_the_program_writes_it_is_read_back_exactly(value, symbol):
    read = spelled(f"{value} {symbol}", is_activity=False)
    assert (read.wrong, Quantity(read.value, read.symbol)) == ("", Quantity(Fraction(value), symbol))


@given(st.text(max_size=30), st.booleans())
def test_no_text_at_all_breaks_the_reading(text, is_activity):
    read = spelled(text, is_activity=is_activity)
    assert read.wrong or read.symbol in UNITS or read.symbol == ""
