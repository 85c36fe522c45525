"""Amounts in free text: what is plainly written is read exactly, what may be misread is marked, everything else is passed over."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.prescribing.dose_text import Look, Use, amounts
from openinfusion.core.quantity import Quantity, decimal_text
from openinfusion.core.table import Consistency
from openinfusion.protocols.load import load_library

TABLE = load_library().reference.tables["consistency-1"]
assert isinstance(TABLE, Consistency)
SPELLINGS = TABLE.spellings


def read(text: str) -> list[str]:
    """The amounts of a text, as exact text."""
    return ["?" if one.amount is None else f"{one.amount.text} {one.amount.unit}" for one in amounts(text, SPELLINGS)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Give 10 mg per hour over 2 hours", ["10 mg/h", "2 h"]),
        ("50 mg/5 mL (10 mg/mL)", ["10 mg/mL", "10 mg/mL"]),
        ("Infuse 250 mL over 120 min at 125 mL/hr", ["250 mL", "120 min", "125 mL/h"]),
        ("10 mcg/kg/min", ["10 ug/kg/min"]),
        ("75 mg/m2 today", ["75 mg/m2"]),
        ("75 mg/m² today", ["75 mg/m2"]),
        ("1-2 mg every 4 hours", ["1 mg", "2 mg", "4 h"]),
        ("5,000 units", ["?"]),
        ("5000 units", ["5000 [iU]"]),
        ("500 mg/dose", ["500 mg"]),
        ("5 cc", ["5 mL"]),
        ("10 U", ["?"]),
        ("2 tablets of vitamin B12 daily", []),
        ("10 mgs of it", []),
        ("12 mg/tablet", ["?"]),
        ("", []),
    ],
)
def test_a_number_with_a_known_unit_is_an_amount_and_nothing_else_is(text, told):
    assert read(text) == told


def test_the_words_before_an_amount_say_whether_it_is_a_ceiling_or_a_time_to_run():
    uses = [one.use for one in amounts("1 g over 30 min, maximum 4 g, not to exceed 2 g, max dose 3 g")]
    assert uses == [Use.PLAIN, Use.OVER, Use.CEILING, Use.CEILING, Use.CEILING]


@pytest.mark.parametrize(
    ("text", "look", "may_be"),
    [
        ("1.0 mg", Look.TRAILING_ZERO, Quantity(10, "mg")),  # read without its point (ISMP: 1.0 mg taken for 10 mg)
        (".5 mg", Look.NAKED_DECIMAL, Quantity(5, "mg")),  # ISMP: .5 mg taken for 5 mg
        ("0.50 mg", Look.TRAILING_ZERO, Quantity(50, "mg")),
        ("5 cc", Look.SPELLING, Quantity(5, "mL")),
        ("10 IU", Look.SPELLING, Quantity(10, "[iU]")),
        ("10 U", Look.SPELLING, Quantity(10, "[iU]")),
        ("100 µg", Look.SPELLING, Quantity(100, "ug")),
    ],
)
def test_what_is_misread_is_marked_with_what_may_be_read(text, look, may_be):
    (one,) = amounts(text, SPELLINGS)
    assert (one.looks, one.may_be, one.text) == ((look,), may_be, text)


@pytest.mark.parametrize("text", ["1 mg", "0.5 mg", "100 mg", "10 units", "1.05 mL"])
def test_a_plainly_written_amount_has_no_mark(text):
    assert amounts(text, SPELLINGS)[0].looks == ()


@given(value=st.decimals("0.001", "99999", places=3), unit=st.sampled_from(["mg", "mcg", "mL", "mg/kg", "mL/h", "mg/mL"]))
def test_what_the_presenter_writes_is_read_back(value, unit):
    number = Fraction(value)
    (one,) = amounts(f"give {decimal_text(number)[0]} {unit}")
    assert (one.amount, one.looks) == (Quantity(number, unit.replace("mcg", "ug")), ())


@given(st.text(max_size=60))
def test_no_text_makes_it_fail(text):
    assert isinstance(amounts(text, SPELLINGS), tuple)
