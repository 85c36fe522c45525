"""An order's own statements before the consistency check: silent without a table, and never an error in an order that agrees."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.order_check import contradictions
from openinfusion.core.prescribing.plan import plan
from openinfusion.core.prescribing.practice import Practice
from openinfusion.core.prescribing.worked import worked_out
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.load import load_library
from tests.core.prescribing.therapies import FIELDS, FLAT, NOW, RANGE, SOURCE, TWO_HOURS, choice, facts, figure, order, therapy

SITE = Practice.among(load_library().reference.tables.values())


def found(protocol: Protocol, **chosen: object) -> list[Finding]:
    """What the consistency check finds in the plan of an order."""
    made = plan(protocol, "hash", (), facts(), choice(**chosen), FIELDS, NOW, practice=SITE)
    return [one for one in made.findings if one.code.startswith("consistency.")]


def codes(protocol: Protocol, **chosen: object) -> list[str]:
    return [one.code.removeprefix("consistency.") for one in found(protocol, **chosen)]


def test_the_step_of_the_pump_comes_from_the_table():
    assert SITE.pump_step == Quantity("0.1", "mL/h")  # site policy in consistency-1


def test_an_order_that_agrees_is_silent():
    assert codes(therapy()) == []


def test_without_a_table_nothing_is_compared():
    wrong = order(therapy(), dose=Quantity(3550, "mg"))
    assert contradictions(wrong, worked_out(wrong)) == ()


@pytest.mark.parametrize(
    ("dose", "code"),
    [("3550 mg", "ten-fold"), ("35.5 mg", "ten-fold"), ("355 g", "thousand-fold"), ("780 mg", "pounds"), ("50 mg/kg", "ten-fold")],
)
def test_a_chosen_dose_that_a_slip_would_explain_is_asked_about(dose, code):
    # the rule gives 5 mg/kg x 71 kg = 355 mg
    assert codes(therapy(), dose=Quantity.parse(dose)) == [code]


def test_a_dose_outside_the_range_of_the_rule_is_asked_about():
    ranged = therapy(doses=[RANGE])
    (one,) = found(ranged, dose_rule="range", dose=Quantity(30, "mg/kg"))  # 2 to 4 mg/kg
    assert (one.code, one.params["expected"]) == ("consistency.ten-fold-of-usual", Quantity(3, "mg/kg"))
    assert codes(ranged, dose_rule="range", dose=Quantity(3, "mg/kg")) == []


def test_a_chosen_rate_ten_times_the_rules_is_asked_about():
    assert codes(therapy(), rate=Quantity("12.5", "mL/h")) == ["ten-fold"]  # 250 mL / 2 h = 125 mL/h


def test_a_rate_that_the_pump_cannot_be_set_to_is_said_with_the_nearest():
    slow = therapy(rates=[{**TWO_HOURS, "duration": figure("96 h")}], doses=[{**FLAT, "amount": figure("100 mg")}])
    (one,) = found(slow, final_volume=Quantity(25, "mL"))  # 25 mL / 96 h = 0.26 mL/h
    assert (one.code, one.level, one.params["nearest"]) == ("consistency.rate-not-settable", Level.CAUTION, Quantity("0.3", "mL/h"))


def test_a_chosen_rate_between_two_steps_is_said_even_when_it_is_near():
    (one,) = found(therapy(), rate=Quantity("124.96", "mL/h"))
    assert (one.level, one.params["nearest"]) == (Level.INFO, Quantity(125, "mL/h"))


def test_a_vial_whose_concentration_contradicts_what_it_holds_stops_the_order():
    way = {
        "id": "w",
        "holds": figure("1000 mg"),
        "diluent": "saline",
        "add": figure("9 mL"),
        "gives": figure("10 mL"),
        "concentration": figure("10 mg/mL"),
        "sources": [SOURCE],
    }
    broken = therapy(preparation={"diluents": ["saline"], "final_volume": figure("250 mL"), "reconstitutions": [way], "sources": [SOURCE]})
    assert "amount" in codes(broken)  # 10 mg/mL x 10 mL = 100 mg, not 1000 mg


@settings(max_examples=40)
@given(weight=st.integers(3, 150), volume=st.integers(50, 2000))
def test_no_plan_by_the_rule_alone_contradicts_itself(weight, volume):
    made = order(therapy(), facts(weight=Quantity(weight, "kg")), final_volume=Quantity(volume, "mL"))
    assert contradictions(replace(made, practice=SITE), worked_out(replace(made, practice=SITE))) == ()
