"""Whether what an order says twice agrees: each contradiction a finding with both numbers, agreement silent."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.app.present import finding as words
from openinfusion.app.present.findings import MESSAGES
from openinfusion.core.codes import CODES
from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.consistency import Stated, check, notices, settable, suspected, usual
from openinfusion.core.prescribing.tolerances import Tolerances
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Consistency
from openinfusion.protocols.load import load_library

TABLE = load_library().reference.tables["consistency-1"]
assert isinstance(TABLE, Consistency)
BY = Tolerances.of(TABLE)


def q(text: str) -> Quantity:
    return Quantity.parse(text)


def codes(text: str = "", label: str = "", **amounts: str) -> list[str]:
    """The codes that statements come to."""
    told = {name: q(amount) for name, amount in amounts.items()}
    return [one.code.removeprefix("consistency.") for one in check(Stated(**told, text=text, label=label), BY)]


def only(found: tuple[Finding, ...], code: str) -> Finding:
    return next(one for one in found if one.code == f"consistency.{code}")


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        # 125 mL/h for 2 h is 250 mL
        ({"volume": "250 mL", "rate": "125 mL/h", "duration": "2 h"}, []),
        ({"volume": "500 mL", "rate": "125 mL/h", "duration": "2 h"}, ["volume"]),
        ({"volume": "250 mL", "rate": "12.5 mL/h", "duration": "2 h"}, ["volume", "ten-fold"]),
        ({"volume": "250 L", "rate": "125 mL/h", "duration": "2 h"}, ["volume", "thousand-fold"]),
        # 100 mL in 3 h is 33.33 mL/h; the pump takes 33.3, which is half a step off and no contradiction
        ({"volume": "100 mL", "rate": "33.3 mL/h", "duration": "3 h"}, []),
        # 10 mg/mL in 5 mL is 50 mg
        ({"dose": "50 mg", "concentration": "10 mg/mL", "volume": "5 mL"}, []),
        ({"dose": "5 mg", "concentration": "10 mg/mL", "volume": "5 mL"}, ["amount", "ten-fold"]),
        ({"dose": "50 mg", "concentration": "10 ug/mL", "volume": "5 mL"}, ["amount", "thousand-fold"]),
        ({"dose": "50 mg", "concentration": "10 mg/mL", "volume": "6 mL"}, ["amount"]),
        ({"dose": "50 mg", "concentration": "10 [iU]/mL", "volume": "5 mL"}, ["kinds-do-not-meet"]),
        # 5 mg/kg for 71 kg is 355 mg; for 156.5 lb written as kg it is 782.6 mg, 2.2 times as much
        ({"dose": "355 mg", "per_weight": "5 mg/kg", "weight": "71 kg"}, []),
        ({"dose": "355 mg", "per_weight": "5 mg/kg", "weight": "156.5 [lb_av]"}, []),
        ({"dose": "782 mg", "per_weight": "5 mg/kg", "weight": "71 kg"}, ["dose", "pounds"]),
        # 5 mcg/kg/min for 70 kg at 4 mg/mL: 350 mcg/min is 21 mg/h is 5.25 mL/h
        ({"rate": "5.25 mL/h", "dose_rate": "5 ug/kg/min", "weight": "70 kg", "concentration": "4 mg/mL"}, []),
        ({"rate": "52.5 mL/h", "dose_rate": "5 ug/kg/min", "weight": "70 kg", "concentration": "4 mg/mL"}, ["rate", "ten-fold"]),
        ({"rate": "5.25 mL/h", "dose_rate": "5 ug/kg/min", "concentration": "4 mg/mL"}, []),
    ],
)
def test_arithmetic_that_does_not_hold_is_found_and_a_likely_slip_named(stated, found):
    assert codes(**stated) == found


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ({"weight": "3500 g"}, ["unit-of-other-kind"]),
        ({"rate": "125 mL"}, ["unit-of-other-kind"]),
        ({"dose": "71 kg"}, ["unit-of-other-kind"]),
        ({"duration": "2 mL"}, ["unit-of-other-kind"]),
        ({"concentration": "10 mg"}, ["unit-of-other-kind"]),
        ({"dose_rate": "5 mg"}, ["unit-of-other-kind"]),
        ({"volume": "0 mL"}, ["not-above-zero"]),
        ({"dose": "-5 mg"}, ["not-above-zero"]),
        ({"weight": "71 kg", "rate": "125 mL/h", "dose": "5000 [iU]", "concentration": "1000 [iU]/mL"}, []),
    ],
)
def test_a_unit_of_another_kind_and_a_number_that_cannot_be_meant_are_found(stated, found):
    assert codes(**stated) == found


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        ({"dose": "50 mg", "text": "Give 50 mg slowly"}, []),
        ({"dose": "50 mg", "text": "50000 mcg"}, []),
        ({"dose": "50 mg", "text": "Give 500 mg slowly"}, ["text", "ten-fold"]),
        ({"dose": "50 mg", "text": "Give 50 mcg slowly"}, ["text", "thousand-fold"]),
        ({"dose": "50 mg", "text": "Give 60 mg slowly"}, ["text"]),
        ({"dose": "1 g", "text": "1 g, maximum 4 g a day"}, []),
        ({"dose": "50 mg", "text": "from the 100 mg vial give 50 mg"}, []),
        ({"dose": "50 mg", "text": "as directed"}, []),
        ({"dose": "50 mg", "text": "50.0 mg"}, ["trailing-zero"]),
        ({"dose": "0.5 mg", "text": ".5 mg"}, ["naked-decimal"]),
        ({"dose": "1500 mg", "text": "1,500 mg"}, ["comma"]),
        ({"dose": "10 [iU]", "text": "10 U"}, ["unit-not-read"]),
        ({"dose": "10 [iU]", "text": "10 IU"}, ["spelling"]),
        ({"rate": "125 mL/h", "text": "at 12.5 mL/h"}, ["text", "ten-fold"]),
        ({"duration": "2 h", "text": "over 120 minutes every 8 hours"}, []),
        ({"duration": "2 h", "text": "over 20 minutes"}, ["text"]),
    ],
)
def test_text_that_says_otherwise_than_the_code_is_found(stated, found):
    assert codes(**stated) == found


@pytest.mark.parametrize(
    ("label", "concentration", "found"),
    [
        ("Morphine 50 mg/5 mL (10 mg/mL)", None, []),
        ("Morphine 50 mg in 5 mL, 10 mg/mL", None, []),
        ("Morphine 50 mg/5 mL (1 mg/mL)", None, ["label", "ten-fold"]),
        ("Heparin 5000 units, 5 mL, 10000 units/mL", None, ["label", "ten-fold"]),
        ("Morphine 10 mg/mL", "10 mg/mL", []),
        ("Morphine 10 mg/mL", "1 mg/mL", ["label", "ten-fold"]),
        ("Morphine", "1 mg/mL", []),
    ],
)
def test_a_label_that_contradicts_its_own_concentration_is_found(label, concentration, found):
    told = {"label": label} | ({"concentration": concentration} if concentration else {})
    assert codes(**told) == found


def test_a_dose_outside_its_usual_range_that_one_slip_brings_inside_is_suspected():
    low, high = q("5 mg"), q("10 mg")
    assert [one.code for one in usual(q("75 mg"), low, high, BY)] == ["consistency.ten-fold-of-usual"]
    assert [one.code for one in usual(q("0.6 mg"), low, high, BY)] == ["consistency.ten-fold-of-usual"]
    assert [one.code for one in usual(q("7 g"), low, high, BY)] == ["consistency.thousand-fold-of-usual"]
    assert [one.code for one in usual(q("7 ug"), low, high, BY)] == ["consistency.thousand-fold-of-usual"]
    assert [one.code for one in usual(q("18 mg"), low, high, BY)] == ["consistency.pounds-of-usual"]
    assert usual(q("10 mg"), low, high, BY) == ()  # equality is inside
    assert usual(q("30 mg"), low, high, BY) == ()  # outside, but by no slip that is known
    assert usual(q("30 mL"), low, high, BY) == ()


def test_a_dose_against_the_rule_is_suspected_by_its_ratio():
    assert codes(dose="3550 mg", expected="355 mg") == ["ten-fold"]
    assert codes(dose="355 ug", expected="355 mg") == ["thousand-fold"]
    assert codes(dose="780 mg", expected="355 mg") == ["pounds"]
    assert codes(dose="300 mg", expected="355 mg") == []


def test_a_rate_between_two_steps_of_the_pump_names_the_nearest():
    (one,) = settable(q("0.34 mL/h"), q("0.1 mL/h"), BY)
    assert (one.params["nearest"], one.level) == (q("0.3 mL/h"), Level.CAUTION)
    (near,) = settable(q("125.04 mL/h"), q("0.1 mL/h"), BY)
    assert near.level is Level.INFO  # less than 1 % off
    assert settable(q("125 mL/h"), q("0.1 mL/h"), BY) == ()
    assert codes(rate="0.34 mL/h", pump_step="0.1 mL/h") == ["rate-not-settable"]


def test_a_finding_shows_both_numbers_side_by_side():
    found = check(Stated(volume=q("500 mL"), rate=q("125 mL/h"), duration=q("2 h")), BY)
    said = words(only(found, "volume")).text
    assert "500 mL" in said
    assert "250 mL" in said
    assert "125 mL/h" in said
    slip = words(suspected(q("3550 mg"), q("355 mg"), BY)[0]).text
    assert "3550 mg" in slip
    assert "355 mg" in slip
    (zero,) = notices("1.0 mg", BY)
    assert "1.0 mg" in words(zero).text
    assert "10 mg" in words(zero).text


def test_every_code_has_words_that_use_only_its_parameters():
    for code, names in ((code, names) for code, names in CODES.items() if code.startswith("consistency.")):
        message = MESSAGES[code]
        filled = dict.fromkeys(names, "x")
        assert all(text.format(**filled) for text in message.texts)


@pytest.mark.parametrize(
    ("text", "level"),
    [("1,500 mg", Level.INFO), ("1,400 mg", Level.CAUTION), ("1,5 mg", Level.CAUTION), ("15,00 mg", Level.CAUTION)],
)
def test_a_comma_is_only_told_where_it_groups_the_digits_of_the_coded_amount(text, level):
    (one,) = check(Stated(dose=q("1500 mg"), text=text), BY)
    assert (one.code, one.level) == ("consistency.comma", level)


def test_nothing_is_found_where_nothing_is_said():
    assert check(Stated(), BY) == ()


AMOUNTS = st.fractions(Fraction(1, 100), 5000, max_denominator=100)


@given(rate=AMOUNTS, hours=st.fractions(Fraction(1, 10), 48, max_denominator=60))
def test_what_is_worked_out_exactly_never_contradicts(rate, hours):
    flow, duration = Quantity(rate, "mL/h"), Quantity(hours, "h")
    assert check(Stated(volume=flow.times(duration, "mL"), rate=flow, duration=duration), BY) == ()


@given(dose=AMOUNTS, factor=st.sampled_from([10, 1000, Fraction(1, 10), Fraction(1, 1000)]))
def test_a_tenfold_or_thousandfold_dose_is_always_suspected(dose, factor):
    (one,) = suspected(Quantity(dose * factor, "mg"), Quantity(dose, "mg"), BY)
    assert one.code in ("consistency.ten-fold", "consistency.thousand-fold")


@given(dose=AMOUNTS, concentration=AMOUNTS, units=st.sampled_from([("mg", "mg/mL", "mL"), ("ug", "mg/mL", "L"), ("g", "ug/mL", "mL")]))
def test_agreement_does_not_depend_on_the_units(dose, concentration, units):
    amount, strength, volume = units
    held, holds = Quantity(dose, "mg"), Quantity(concentration, "mg/mL")
    filled = held.over(holds, "mL")
    assert check(Stated(dose=held.to(amount), concentration=holds.to(strength), volume=filled.to(volume)), BY) == ()
