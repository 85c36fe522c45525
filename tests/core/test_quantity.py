"""Exact amounts: nothing is lost in conversion, unlike kinds never meet, and text is read as written or not at all."""

import pickle
from fractions import Fraction

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.quantity import ALIASES, UNITS, NumberError, Quantity, Rounding, UnitError, decimal_text, number, unit

SYMBOLS = sorted(UNITS)
values = st.fractions(min_value=-10_000, max_value=10_000, max_denominator=1000)
quantities = st.builds(Quantity, values, st.sampled_from(SYMBOLS))

# The oracle's names of our units. Left out: kinds that it does not know or confuses (activity, drops, cells, sites, counts, percent,
# Celsius).
PINT = {
    "ng": "nanogram", "ug": "microgram", "mg": "milligram", "g": "gram", "kg": "kilogram", "[lb_av]": "pound",
    "umol": "micromole", "mmol": "millimole", "mol": "mole", "uL": "microliter", "mL": "milliliter", "dL": "deciliter", "L": "liter",
    "ms": "millisecond", "s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year",
    "um": "micrometer", "cm": "centimeter", "m": "meter", "[in_i]": "inch", "m2": "meter**2", "mm[Hg]": "mmHg",
}  # fmt: skip


def pint_name(symbol: str) -> str | None:
    """The oracle's expression for a unit, or None when it has none."""
    parts = symbol.lstrip("/").split("/")
    if any(part not in PINT for part in parts):
        return None
    head = f"1/{PINT[parts[0]]}" if symbol.startswith("/") else PINT[parts[0]]
    return "/".join([head, *(PINT[part] for part in parts[1:])])


PAIRS = [(one, other) for one in SYMBOLS for other in SYMBOLS if one < other and unit(one).dimensions == unit(other).dimensions]
KNOWN_PAIRS = [(one, other) for one, other in PAIRS if pint_name(one) and pint_name(other)]


@pytest.fixture(scope="module")
def registry() -> pint.UnitRegistry:
    return pint.UnitRegistry()


def test_every_conversion_agrees_with_an_independent_library(registry: pint.UnitRegistry) -> None:
    theirs = {(one, other): registry.Quantity(1, pint_name(one)).to(pint_name(other)).magnitude for one, other in KNOWN_PAIRS}
    ours = {(one, other): float(Quantity(1, one).to(other).value) for one, other in KNOWN_PAIRS}
    assert ours == pytest.approx({pair: float(size) for pair, size in theirs.items()}, rel=1e-9)


def test_the_oracle_covers_most_of_the_table() -> None:
    assert len(KNOWN_PAIRS) > 80


@given(st.sampled_from(PAIRS), values)
def test_there_and_back_is_the_same_amount(pair: tuple[str, str], value: Fraction) -> None:
    one, other = pair
    assert Quantity(value, one).to(other).to(one).value == value


@given(quantities)
def test_text_reads_back_exactly(quantity: Quantity) -> None:
    assert number(quantity.text) == quantity.value
    assert Quantity.from_json(quantity.to_json()) == quantity


@given(quantities)
def test_equal_amounts_hash_alike_and_survive_pickling(quantity: Quantity) -> None:
    copy = pickle.loads(pickle.dumps(quantity))
    assert copy == quantity
    assert hash(copy) == hash(quantity)


@given(st.sampled_from(PAIRS), values, values)
def test_order_does_not_depend_on_the_unit(pair: tuple[str, str], first: Fraction, second: Fraction) -> None:
    one, other = pair
    left, right = Quantity(first, one), Quantity(second, one)
    assert (left < right) == (left.to(other) < right.to(other)) == (first < second)


@given(st.sampled_from(SYMBOLS), st.sampled_from(SYMBOLS), values)
def test_unlike_kinds_neither_convert_nor_compare_nor_add(one: str, other: str, value: Fraction) -> None:
    if unit(one).dimensions == unit(other).dimensions:
        return
    left, right = Quantity(value, one), Quantity(value, other)
    assert left != right
    for refused in (lambda: left.to(other), lambda: left < right, lambda: left + right, lambda: left - right, lambda: left.rounded(right)):
        with pytest.raises(UnitError):
            refused()


@pytest.mark.parametrize(
    ("one", "other"), [("mg", "kg"), ("g", "kg"), ("mg", "[iU]"), ("mmol", "mg"), ("mg/kg", "mg/m2"), ("mL", "[drp]"), ("{dose}", "1")]
)
def test_drug_body_activity_and_counts_are_different_kinds(one: str, other: str) -> None:
    with pytest.raises(UnitError):
        Quantity(1, one).to(other)


@given(values, values)
def test_a_dose_per_body_mass_times_the_mass_is_a_dose_and_back(per_mass: Fraction, mass: Fraction) -> None:
    dose = Quantity(per_mass, "mg/kg").times(Quantity(mass, "kg"), "mg")
    assert dose.value == per_mass * mass
    if mass:
        assert dose.over(Quantity(mass, "kg"), "mg/kg").value == per_mass


def test_pounds_are_body_mass_and_exact() -> None:
    assert Quantity("100", "[lb_av]").to("kg").text == "45.359237"  # the international pound, 0.45359237 kg


@given(quantities, st.fractions(min_value=Fraction(1, 100), max_value=50, max_denominator=100))
def test_rounding_gives_a_multiple_that_is_nearest_below_or_above(quantity: Quantity, step: Fraction) -> None:
    by = Quantity(step, quantity.unit)
    nearest, below, above = (quantity.rounded(by, mode) for mode in (Rounding.HALF_UP, Rounding.DOWN, Rounding.UP))
    for rounded in (nearest, below, above):
        assert (rounded.value / step).denominator == 1
    assert below <= quantity <= above
    assert abs(nearest.value - quantity.value) <= step / 2


@pytest.mark.parametrize(
    ("value", "step", "expected"), [("31.5", "1", "32"), ("2.35", "0.1", "2.4"), ("-2.35", "0.1", "-2.4"), ("266.65", "0.1", "266.7")]
)
def test_a_half_goes_away_from_zero(value: str, step: str, expected: str) -> None:
    # 31.5 drops per minute -> 32 and 2.35 mL -> 2.4: the worked examples of the rounding rule; binary floats give 2.3
    assert Quantity(value, "mL").rounded(Quantity(step, "mL")).text == expected


@pytest.mark.parametrize("text", ["71,5", "1e3", "", " 5", "5 ", ".5", "5.", "--5", "0x10", "NaN", "1/0", "1_000", "\u0665", "\u4e94"])
def test_anything_but_a_plain_decimal_is_refused(text: str) -> None:
    with pytest.raises(NumberError):
        number(text)


@pytest.mark.parametrize("symbol", ["", "U", "IU", "units", "MG", "cc", "mg/lb", "mgkg", "mg//kg", "µg"])
def test_a_unit_outside_the_table_is_refused(symbol: str) -> None:
    with pytest.raises(UnitError):
        Quantity(1, symbol)


@pytest.mark.parametrize("text", ["71.5", "71.5 lbm", "seventy kg", "71,5 kg", "5 mg kg", "5 mg/", "kg 5"])
def test_text_without_a_number_and_a_known_unit_is_refused_or_dimensionless(text: str) -> None:
    if text == "71.5":
        assert Quantity.parse(text).unit == "1"
        return
    with pytest.raises((NumberError, UnitError)):
        Quantity.parse(text)


@pytest.mark.parametrize(
    ("text", "value", "symbol"), [("5 mcg/kg", 5, "ug/kg"), ("150 ml", 150, "mL"), ("120 mmHg", 120, "mm[Hg]"), ("154 lb", 154, "[lb_av]")]
)
def test_spellings_of_people_are_read_and_never_written(text: str, value: int, symbol: str) -> None:
    read = Quantity.parse(text)
    assert (read.value, read.unit) == (Fraction(value), symbol)
    assert not set(ALIASES) & set(UNITS)


def test_a_quantity_cannot_be_changed() -> None:
    quantity = Quantity(5, "mg")
    with pytest.raises(AttributeError):
        quantity.value = Fraction(50)
    with pytest.raises(AttributeError):
        del quantity.unit


@given(values)
def test_decimal_text_is_exact_or_says_so(value: Fraction) -> None:
    text, exact = decimal_text(value)
    assert exact == (Fraction(text) == value)
    if not exact:
        assert float(Fraction(text)) == pytest.approx(float(value), rel=1e-11)
    assert not text.endswith(".")
    assert "." not in text or not text.endswith("0")


def test_division_by_nothing_is_an_error_not_a_number() -> None:
    with pytest.raises(ZeroDivisionError):
        Quantity(5, "mg").over(Quantity(0, "kg"), "mg/kg")


def test_a_terminating_decimal_is_exact_however_many_digits_it_has() -> None:
    value = Fraction(1, 2**41)  # 41 decimal places, 29 significant digits: one more than a Decimal keeps unasked
    text, exact = decimal_text(value)
    assert exact
    assert Fraction(text) == value
