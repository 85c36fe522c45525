"""What can be given of a dose: portions of what is at hand, and never more than a hard limit allows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.core.finding import Level
from openinfusion.core.pharmacokinetics.delivery import Giving, Limits, deliverable
from openinfusion.core.prescribing.flow import Bolus
from openinfusion.core.quantity import Quantity
from tests.core.prescribing.therapies import compare, facts, figure, limit, order, therapy

DAILY = Quantity(24, "h")
TWO_HOURS = Quantity(2, "h")
LIQUID = {"generic": "d", "drug_class": "c", "ingredients": ["drug"], "concentration": figure("5 mg/mL")}


def unlimited(dose):
    return ()


def given_of(text, giving, checked=unlimited):
    return deliverable(Quantity.parse(text), giving, checked)


@pytest.mark.parametrize(
    ("giving", "dose"),
    [
        (Giving(DAILY, step=Quantity(250, "mg")), "1250"),
        (Giving(DAILY, vial=Quantity(500, "mg")), "1000"),
        (Giving(DAILY, step=Quantity("0.5", "g")), "1000"),
        (Giving(DAILY, TWO_HOURS, concentration=Quantity(5, "mg/mL")), "1234"),  # 123.4 mL/h, in tenths of the pump
        (Giving(DAILY, concentration=Quantity(50, "mg/mL")), "1235"),  # 24.7 mL of 24.69, in tenths
        (Giving(DAILY), "1234.4"),  # what can be prepared, in tenths
    ],
)
def test_a_dose_is_brought_to_what_can_be_delivered(giving, dose):
    assert given_of("1234.4 mg", giving).dose == Quantity(dose, "mg")


def test_what_the_pump_is_set_to_follows_from_the_concentration():
    giving = Giving(DAILY, TWO_HOURS, concentration=Quantity(5, "mg/mL"))
    assert giving.flow(Quantity(1234, "mg")) == Quantity("123.4", "mL/h")
    assert Giving(DAILY, TWO_HOURS).flow(Quantity(1234, "mg")) == Quantity(617, "mg/h")
    assert Giving(DAILY).flow(Quantity(1234, "mg")) is None


def test_a_dose_that_rounds_to_nothing_is_none():
    found = given_of("100 mg", Giving(DAILY, vial=Quantity(500, "mg")))
    assert (found.dose, [one.code for one in found.findings]) == (None, ["pk.rounds-to-nothing"])


LIMITED = [
    (limit("l", "dose", "<=", "1100 mg"), "1000"),
    (limit("l", "dose_per_mass", "<=", "15 mg/kg"), "1000"),  # 1065 mg at 71 kg
    (limit("l", "dose_rate", "<=", "400 mg/h"), "750"),  # 800 mg in two hours
    (limit("l", "dose", "<=", "1600 mg", window=figure("48 h")), "750"),  # the third dose is due when the first leaves
    (limit("l", "dose", "<=", "5 g", cumulative=True), "2500"),  # this and one more
    (limit("l", "dose", "<=", "1000 mg", "soft"), "2500"),  # a soft limit asks for a reason
]


@pytest.mark.parametrize(("bound", "dose"), LIMITED)
def test_a_hard_limit_of_an_order_holds_and_is_named(bound, dose):
    held, giving = Limits.of(order(therapy(limits=[bound])), None, ()), Giving(DAILY, TWO_HOURS, step=Quantity(250, "mg"))
    found = given_of("2500 mg", giving, lambda amount: held.check(amount, giving))
    assert found.dose == Quantity(dose, "mg")
    assert not [one for one in held.check(found.dose, giving) if one.level is Level.BANNED]
    codes = [one.code for one in found.findings]
    assert ("pk.lowered-to-limit" in codes) == (dose != "2500")
    if dose == "2500" and bound["strength"] == "soft":
        assert codes == ["dose.above-soft-limit"]


@pytest.mark.parametrize("strength", ["hard", "soft"])
def test_where_a_limit_lies_between_a_dose_and_its_rounding_it_is_rounded_to_the_safe_side(strength):
    held = Limits.of(order(therapy(limits=[limit("l", "dose", "<=", "1150 mg", strength)])), None, ())
    giving = Giving(DAILY, TWO_HOURS, step=Quantity(250, "mg"))
    found = given_of("1140 mg", giving, lambda amount: held.check(amount, giving))
    assert (found.dose, [one.code for one in found.findings]) == (Quantity(1000, "mg"), ["dose.rounded-to-safe-side"])


@settings(max_examples=12)
@given(st.integers(1, 6000), st.integers(50, 3000), st.sampled_from(("dose", "dose_rate", "dose_per_mass")), st.integers(0, 2000))
def test_no_hard_limit_is_ever_passed(dose, most, measure, before):
    unit, size = {"dose": ("mg", most), "dose_rate": ("mg/h", most), "dose_per_mass": ("mg/kg", most / 50)}[measure]
    total = limit("t", "dose", "<=", "4000 mg", window=figure("24 h"))
    protocol = therapy(limits=[limit("l", measure, "<=", f"{size:.3f} {unit}"), total])
    history = (Bolus(Quantity(-1, "h"), Quantity(before, "mg")),)
    held, giving = Limits.of(order(protocol), None, history), Giving(Quantity(12, "h"), TWO_HOURS, step=Quantity(10, "mg"))
    found = given_of(f"{dose} mg", giving, lambda amount: held.check(amount, giving))
    if found.dose is not None:
        assert not [one for one in held.check(found.dose, giving) if one.level is Level.BANNED]
        assert found.dose <= max(found.rounded, Quantity(0, "mg"))
        more = found.dose + Quantity(10, "mg")
        assert more > found.rounded or [one for one in held.check(more, giving) if one.level is Level.BANNED]
    else:
        assert {"pk.rounds-to-nothing", "pk.limits-leave-no-dose"} & {one.code for one in found.findings}


def test_what_no_dose_can_mend_leaves_none_and_says_why():
    slow = Limits.of(order(therapy(limits=[limit("slow", "duration", ">=", "3 h")])), None, ())
    often = Limits.of(order(therapy(limits=[limit("often", "interval", ">=", "48 h")])), None, ())
    giving = Giving(DAILY, TWO_HOURS, step=Quantity(250, "mg"))
    found = given_of("1000 mg", giving, lambda amount: slow.check(amount, giving))
    assert (found.dose, {one.rule for one in found.findings}) == (None, {"", "slow"})
    found = given_of("1000 mg", giving, lambda amount: often.check(amount, giving))
    assert [one.code for one in found.findings] == ["pk.limits-leave-no-dose", "interval.below-hard-limit"]


def test_a_protocol_alone_is_held_to_the_weight_and_says_what_else_it_asks():
    weak_heart = limit("heart", "dose_per_mass", "<=", "5 mg/kg", when=compare("heart_class", ">=", "3"))
    protocol = therapy(limits=[limit("most", "dose_per_mass", "<=", "10 mg/kg"), weak_heart], drug=LIQUID)
    held, giving = Limits.of(protocol, Quantity(80, "kg"), ()), Giving(DAILY, TWO_HOURS, step=Quantity(100, "mg"))
    found = given_of("1000 mg", giving, lambda amount: held.check(amount, giving))
    assert found.dose == Quantity(800, "mg")
    assert {(one.code, one.level) for one in found.findings} == {
        ("pk.lowered-to-limit", Level.CAUTION),
        ("limit.may-apply", Level.MISSING),
    }
    known = Limits.of(order(protocol, facts(heart_class=Quantity(3, "1"), weight=Quantity(80, "kg"))), None, ())
    assert given_of("1000 mg", giving, lambda amount: known.check(amount, giving)).dose == Quantity(400, "mg")
