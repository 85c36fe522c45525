"""Discharge is computed from events: missing is never met, and a reason is the only way past."""

from datetime import timedelta

import pytest

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.checklist import Need, Stage, criteria, observed_until, stage
from openinfusion.core.quantity import Quantity

from .chair import BAG, Chair, injected, stepped

ITEMS = ("access-removed", "site-covered", "teach-back", "leaflet-given", "contact-given")


@pytest.fixture
def chair() -> Chair:
    """The flow was stopped and a nurse saw it stand."""
    chair = Chair(stepped()).running().wait(minutes=30)
    chair.do(c.Stop("enough"))
    chair.wait(minutes=1).do(c.ConfirmFlow(running=False))
    return chair


def unmet(chair: Chair) -> set[str]:
    """The criteria that are not met now."""
    return {one.id.value for one in criteria(chair.state, chair.protocol, chair.now) if not one.met}


def test_before_anything_nothing_is_met_but_that_nothing_is_open():
    chair = Chair(stepped())
    assert unmet(chair) == {need.value for need in Need} - {"nothing-open"}


def test_the_observation_runs_from_the_confirmed_stop(chair):
    assert observed_until(chair.state, chair.protocol) == chair.now + timedelta(minutes=30)
    assert "observed" in unmet(chair)
    assert stage(chair.state, chair.now) is Stage.OBSERVE
    chair.wait(minutes=30)
    assert "observed" not in unmet(chair)
    assert stage(chair.state, chair.now) is Stage.DISCHARGE


def test_a_dose_that_went_in_after_the_stop_is_observed_as_long(chair):
    chair.wait(minutes=29).do(c.RecordGiven(Quantity(1, "mL"), BAG, reason="flushed through"))
    assert observed_until(chair.state, chair.protocol) == chair.now + timedelta(minutes=30)


def test_an_injection_is_observed_from_when_it_was_given_whenever_the_end_is_said_to_have_been():
    chair = Chair(injected()).ready()
    chair.do(c.GiveInjection(BAG, "thigh", Quantity(1, "mL")))
    given = chair.now
    chair.wait(minutes=1).do(c.Stop("enough"), at=chair.now - timedelta(hours=5))
    until = observed_until(chair.state, chair.protocol)
    assert until is not None
    assert until >= given


def test_a_stop_that_nobody_confirmed_starts_no_observation():
    chair = Chair(stepped()).running()
    chair.do(c.Stop("enough"))
    chair.wait(hours=5)
    assert {"stop-confirmed", "observed"} <= unmet(chair)


@pytest.mark.parametrize("left_out", ITEMS)
def test_each_item_is_wanted_and_named(chair, left_out):
    chair.wait(minutes=30)
    for item in set(ITEMS) - {left_out}:
        chair.do(c.TickDischarge(item))
    assert unmet(chair) == {left_out}
    assert chair.refused(c.Discharge()) == {f"discharge.{left_out}"}
    assert chair.refused(c.Discharge({left_out: "  "})) == {f"discharge.{left_out}"}
    chair.do(c.Discharge({left_out: "patient left"}))
    assert chair.state.overrides == {left_out: "patient left"}
    assert chair.status == "stopped"


def test_a_locked_access_is_as_good_as_a_removed_one(chair):
    chair.do(c.TickDischarge("access-locked"))
    assert "access-removed" not in unmet(chair)


def test_a_reason_for_what_is_met_is_not_kept(chair):
    chair.wait(minutes=30)
    for item in ITEMS:
        chair.do(c.TickDischarge(item))
    chair.do(c.Discharge({"teach-back": "why not"}))
    assert chair.state.overrides == {}


@pytest.mark.parametrize(
    ("command", "need"),
    [
        (c.ReportReaction(), "nothing-open"),
        (c.RaiseAlarm("a", "air-in-line", "high", physiological=False), "nothing-open"),
        (c.DeclareAmountUncertain(Quantity(0, "mL"), Quantity(9, "mL"), "leak"), "volume-reconciled"),
        (c.ReportVolume(Quantity(20, "mL")), "volume-reconciled"),
    ],
)
def test_an_open_matter_holds_the_discharge_back(chair, command, need):
    chair.do(command)
    assert need in unmet(chair)


def test_an_injection_asks_for_no_access_to_be_removed():
    chair = Chair(injected()).ready()
    chair.do(c.GiveInjection(BAG, "thigh-left", Quantity(4, "mL")))
    for item in ITEMS[1:]:
        chair.do(c.TickDischarge(item))
    assert unmet(chair) == set()
    chair.do(c.Discharge())
    assert chair.status == "completed"


def test_open_findings_stand_between_check_in_and_access():
    chair = Chair(stepped()).checked_in()
    assert stage(chair.state, chair.now, findings_open=True) is Stage.SCREEN
