"""Totals over every source, looking ahead: no schedule whose every command was accepted ever passes a hard limit."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.context import Begun, Elsewhere
from openinfusion.core.administration.windows import Ahead, passing
from openinfusion.core.finding import Level
from openinfusion.core.patient import seconds
from openinfusion.core.prescribing.flow import Bolus, Segment, window_peak
from openinfusion.core.quantity import Quantity
from tests.core.prescribing.therapies import figure, limit

from .chair import Chair, on_demand, rate

PLAIN = {
    "preparation": {"containers": [figure("250 mg")], "diluents": ["saline"], "final_volume": figure("250 mL"), "sources": []},
    "doses": [{"id": "flat", "basis": "flat", "amount": figure("250 mg"), "sources": []}],
}
"""1 mg in each mL, so that mL read as mg."""


def programme(*limits, basal="3 mL/h", **parts):
    """Boluses of 2 mL on request over a basal flow, in 1 mg/mL."""
    demand = {
        "id": "demand", "shape": "patient_controlled", "bolus": figure("2 mL"), "lockout": figure("5 min"), "most": figure("100 mL"),
        "window": figure("1 h"), "basal": figure(basal), "sources": [],
    }  # fmt: skip
    return on_demand(**PLAIN, rates=[demand], limits=list(limits), **parts)


FOUR_HOURS = limit("four-hours", "dose", "<=", "18 mg", window=figure("4 h"))


@pytest.fixture
def worked() -> Chair:
    """safety.md 6.2, worked example (ours): basal 3 mg/h from 0:00, boluses of 2 mg at 3:30 and 3:50; it is 4:00."""
    chair = Chair(programme(FOUR_HOURS)).running()
    chair.wait(hours=3, minutes=30).do(c.RecordGiven(Quantity(2, "mL")))
    chair.wait(minutes=20).do(c.RecordGiven(Quantity(2, "mL")))
    return chair.wait(minutes=10)


def asking(chair: Chair, text: str):
    """What speaks against this rate for the next day."""
    # The present flow ends where the new one begins.
    chair.do(c.Pause())
    return passing(chair.state, chair.context("anna"), Ahead(flows=((rate(text), Quantity(1, "d")),)))


def test_the_look_ahead_refuses_now_what_would_pass_two_hours_later_and_names_the_time(worked):
    (finding,) = asking(worked, "4")
    assert (finding.code, finding.level) == ("dose.above-hard-window", Level.BANNED)
    # "would pass 18 mg/4 h at 6:00", two hours from now
    assert finding.params["after"] == Quantity(2, "h")


def test_a_rate_that_stays_inside_is_allowed(worked):
    # 16 + 0.5 * 3.5 = 17.75 mg at 7:30
    assert asking(worked, "3.5") == ()


def test_equality_is_inside():
    # 2 mL at once and 4 h of 4 mL/h are 18 mg
    chair = Chair(programme(FOUR_HOURS, basal="4 mL/h")).running()
    assert chair.refused(c.RequestBolus()) == frozenset()
    chair.do(c.RequestBolus())
    assert chair.wait(minutes=5).refused(c.RequestBolus()) == {"dose.above-hard-window"}


def test_what_other_sessions_gave_counts():
    # here 2 mg now and 3 mg/h: with 8 mg an hour ago the window until 3:00 holds 8 + 2 + 9 = 19 mg
    chair = Chair(programme(FOUR_HOURS)).running()
    assert chair.refused(c.RequestBolus()) == frozenset()
    chair.elsewhere = (Elsewhere("session/two", uncertain=False, amounts={"drug": (Bolus(Quantity(-1, "h"), Quantity(8, "mg")),)}),)
    assert chair.refused(c.RequestBolus()) == {"dose.above-hard-window"}


def test_a_volume_of_unknown_strength_elsewhere_cannot_be_compared_and_holds_back():
    chair = Chair(programme(FOUR_HOURS)).running()
    chair.elsewhere = (Elsewhere("session/two", uncertain=False, amounts={"drug": (Bolus(Quantity(-1, "h"), Quantity(5, "mL")),)}),)
    assert chair.refused(c.RequestBolus()) == {"limit.not-comparable"}


def test_other_ingredients_elsewhere_do_not_count():
    chair = Chair(programme(FOUR_HOURS)).running()
    chair.elsewhere = (Elsewhere("session/two", uncertain=False, amounts={"other": (Bolus(Quantity(-1, "h"), Quantity(5, "g")),)}),)
    assert chair.refused(c.RequestBolus()) == frozenset()


def test_a_doubt_elsewhere_holds_every_further_dose_back():
    chair = Chair(programme(FOUR_HOURS)).running()
    chair.elsewhere = (Elsewhere("session/two", uncertain=True, amounts={"drug": ()}),)
    assert chair.refused(c.RequestBolus()) == {"amount.uncertain-elsewhere"}


def test_a_soft_window_asks_for_a_reason():
    soft = limit("soft", "dose", "<=", "13 mg", "soft", window=figure("4 h"))
    chair = Chair(programme(soft)).running()
    assert chair.refused(c.RequestBolus()) == {"dose.above-soft-window"}
    chair.do(c.AcceptFindings({"dose.above-soft-window:soft": "in great pain"}))
    assert chair.refused(c.RequestBolus()) == frozenset()


def test_a_total_over_the_whole_therapy_never_forgets():
    chair = Chair(programme(limit("all", "dose", "<=", "30 mg", cumulative=True), basal="1 mL/h")).running()
    # without a planned end, two windows of the programme (2 h) are looked ahead: 27 + 2 mg are inside, 28.5 + 2 mg are not
    chair.wait(hours=27).do(c.Pause())
    assert chair.refused(c.Resume(rate("1"))) == frozenset()
    chair.do(c.RecordGiven(Quantity("1.5", "mL")))
    assert chair.refused(c.Resume(rate("1"))) == {"dose.above-hard-window"}


@pytest.mark.parametrize(("stream", "codes"), [("session/ours", ["dose.above-hard-window"]), ("session/of-last-year", [])])
def test_a_total_of_the_course_counts_the_other_sessions_of_this_course_only(stream, codes):
    chair = Chair(programme(limit("course", "dose", "<=", "30 mg", course=True), basal="1 mL/h")).running()
    earlier = Elsewhere(stream, uncertain=False, amounts={"drug": (Bolus(Quantity(-7, "d"), Quantity(29, "mg")),)})
    ctx = replace(chair.context("anna"), elsewhere=(earlier,), begun=(Begun("session/ours", 1, chair.now - timedelta(days=7)),))
    found = passing(chair.state, ctx, Ahead(boluses=(Quantity(2, "mL"),)))
    assert [finding.code for finding in found] == codes
    assert [finding.params["window"] for finding in found] == ["this-course"] * len(codes)


def test_a_window_that_was_full_before_and_is_not_any_more_holds_nothing_back():
    chair = Chair(programme(limit("hour", "dose", "<=", "10 mg", window=figure("1 h")))).running()
    chair.do(c.RecordGiven(Quantity(20, "mL")))
    assert chair.wait(hours=2).refused(c.RequestBolus()) == frozenset()


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 90), st.sampled_from(["bolus", "pause", "resume", "chart"])), min_size=3, max_size=14))
def test_no_window_is_ever_passed_by_commands_that_were_accepted(steps):
    """max over all windows (true integral) <= hard limit whenever every command was accepted; what is charted stays inside here."""
    bound, window = Quantity(18, "mg"), Quantity(4, "h")
    chair = Chair(programme(FOUR_HOURS)).running()
    for minutes, what in steps:
        chair.wait(minutes=minutes)
        match what:
            case "bolus" if chair.status == "infusing" and not chair.refused(c.RequestBolus()):
                chair.do(c.RequestBolus())
            case "pause":
                chair.do(c.Pause())
            case "resume" if chair.status == "on_hold" and not chair.refused(c.Resume(rate("3"))):
                chair.do(c.Resume(rate("3")))
            case _:
                chair.do(c.RecordFlush(Quantity(5, "mL")))
    chair.now += timedelta(hours=5)
    begin = chair.history[0].occurred_at
    flowed = [
        Bolus(seconds(one.start - begin), Quantity(one.volume.value, "mg"))
        if one.volume is not None
        else Segment(seconds(one.start - begin), seconds((one.end or chair.now) - begin), Quantity((one.rate or rate("0")).value, "mg/h"))
        for one in chair.state.segments
        if one.kind.value != "flush"
    ]
    assert not flowed or window_peak(flowed, window, "mg").total <= bound
