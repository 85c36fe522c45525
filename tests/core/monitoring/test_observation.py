"""What is owed follows from the protocol's rules and the session alone; the sourced minimum wins over the site's wish for less."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.administration.parts import Flow, SegmentKind, Status
from openinfusion.core.administration.session import Segment, SessionState
from openinfusion.core.monitoring.observation import due
from openinfusion.core.protocol import Moment, Monitoring, Protocol
from openinfusion.core.quantity import Quantity
from tests.core.monitoring.cast import SOURCE, START, after, figure, plan_with, protocol_with, running


def _rule(moment: Moment, every: str = "", lasting: str = "", **parts: object) -> Monitoring:
    fields: dict[str, object] = {
        "id": "vitals",
        "what": ("bp", "pulse"),
        "moment": moment,
        "authority": "protocol_minimum",
        "sources": (SOURCE,),
    }
    if every:
        fields["every"] = figure(every, "min")
    if lasting:
        fields["lasting"] = figure(lasting, "min")
    return Monitoring.model_validate({**fields, **parts})


def _protocol(*rules: Monitoring) -> Protocol:
    return protocol_with(monitoring=rules)


def _charted(*minutes: float) -> tuple[tuple[str, datetime], ...]:
    return tuple((code, after(minute)) for minute in minutes for code in ("bp.systolic", "pulse"))


def _segment(start: float, end: float | None, rate: str) -> Segment:
    return Segment(SegmentKind.FLOW, after(start), None if end is None else after(end), Quantity(rate, "mL/h"), None)


def test_the_baseline_is_owed_from_arrival_until_it_is_charted():
    protocol = _protocol(_rule(Moment.BASELINE))
    waiting = SessionState(status=Status.READY, arrived_at=after(-30))
    (owed,) = due(protocol, waiting, START)
    assert (owed.codes, owed.at, owed.overdue_since) == (("bp", "pulse"), after(-30), after(-30))
    seen = SessionState(status=Status.READY, arrived_at=after(-30), observed_at=_charted(-10))
    assert due(protocol, seen, START) == ()


def test_a_value_charted_before_arrival_is_no_baseline():
    earlier = SessionState(status=Status.ARRIVED, arrived_at=after(-30), observed_at=_charted(-31))
    assert due(_protocol(_rule(Moment.BASELINE)), earlier, START)[0].codes == ("bp", "pulse")


@pytest.mark.parametrize(
    ("charted", "now", "at", "overdue"),
    [
        ((), 10, 30, False),  # first one interval after the start
        ((), 31, 30, True),
        ((28,), 31, 58, False),  # then one interval after the last
        ((-5,), 31, 30, True),  # the baseline does not count for the infusion
    ],
)
def test_during_the_flow_an_observation_is_owed_every_interval(charted, now, at, overdue):
    state = running(observed_at=_charted(*charted))
    (owed,) = due(_protocol(_rule(Moment.DURING, "30")), state, after(now))
    assert (owed.at, owed.overdue_since is not None, owed.blocks_increase) == (after(at), overdue, overdue)


def test_only_the_codes_that_are_missing_are_owed():
    state = running(observed_at=(("pulse", after(29)),))
    (owed,) = due(_protocol(_rule(Moment.DURING, "30")), state, after(31))
    assert owed.codes == ("bp",)


def test_during_ends_with_the_flow_and_after_its_own_time():
    protocol = _protocol(_rule(Moment.DURING, "30"))
    assert due(protocol, running(status=Status.OBSERVING, ended_at=after(60)), after(90)) == ()
    timed = _protocol(_rule(Moment.DURING, "15", "60"))
    assert due(timed, running(observed_at=_charted(15, 30, 45, 60)), after(90)) == ()
    assert due(timed, running(observed_at=_charted(15, 30, 50)), after(90))[0].at == after(60)


def test_each_bolus_and_the_first_filling_begin_a_series_of_their_own():
    protocol = _protocol(_rule(Moment.AFTER_BOLUS, "5", "15"))
    assert due(protocol, running(), after(1))[0].at == after(5)
    assert due(protocol, running(observed_at=_charted(5, 10, 15)), after(30)) == ()
    assert due(protocol, running(observed_at=_charted(5, 10, 15), boluses=(after(40),)), after(41))[0].at == after(45)


def test_continuous_watching_owes_nothing_by_the_clock():
    assert due(_protocol(_rule(Moment.DURING, continuous="true")), running(), after(600)) == ()


def test_before_an_increase_the_values_must_be_newer_than_the_last_change_of_rate():
    protocol = _protocol(_rule(Moment.BEFORE_INCREASE))
    state = running(segments=(_segment(0, None, "50"),), observed_at=_charted(-1))
    (owed,) = due(protocol, state, after(10))
    assert (owed.at, owed.blocks_increase, owed.overdue_since) == (after(30), True, None)  # the first rung lasts 30 min
    fresh = running(segments=(_segment(0, None, "50"),), observed_at=_charted(25))
    assert due(protocol, fresh, after(31)) == ()


def test_a_pause_does_not_count_as_time_at_the_rate():
    state = running(segments=(_segment(0, 10, "50"), _segment(20, None, "50")))
    assert due(_protocol(_rule(Moment.BEFORE_INCREASE)), state, after(25))[0].at == after(40)


def test_at_the_last_rung_and_while_paused_no_increase_is_owed():
    protocol = _protocol(_rule(Moment.BEFORE_INCREASE))
    top = running(rate=Quantity(150, "mL/h"), segments=(_segment(60, None, "150"),))
    assert due(protocol, top, after(90)) == ()
    paused = running(status=Status.ON_HOLD, flow=Flow.PAUSED, segments=(_segment(0, 10, "50"),))
    assert due(protocol, paused, after(90)) == ()


def test_after_the_end_watching_counts_from_the_end_and_closes_with_the_observation():
    protocol = _protocol(_rule(Moment.AFTER_END, "10"))
    state = running(
        status=Status.OBSERVING,
        flow=Flow.STOPPED,
        ended_at=after(60),
        stop_confirmed_at=after(61),
        plan=plan_with(observation=Quantity(30, "min")),
    )
    assert due(protocol, state, after(62))[0].at == after(70)
    watched = running(
        status=Status.OBSERVING,
        flow=Flow.STOPPED,
        ended_at=after(60),
        stop_confirmed_at=after(61),
        plan=plan_with(observation=Quantity(30, "min")),
        observed_at=_charted(70, 80, 91),
    )
    assert due(protocol, watched, after(92)) == ()


def test_a_closed_session_owes_nothing():
    assert due(_protocol(_rule(Moment.DURING, "30")), running(status=Status.COMPLETED), after(600)) == ()


def test_a_rule_that_cannot_hold_for_this_patient_is_left_out():
    assert due(_protocol(_rule(Moment.DURING, "30")), running(), after(31), lambda rule: False) == ()


@given(
    every=st.integers(min_value=1, max_value=120),
    charted=st.lists(st.integers(min_value=-60, max_value=600), max_size=8),
    now=st.integers(min_value=0, max_value=700),
)
def test_charting_now_always_moves_what_is_owed_past_now(every, charted, now):
    protocol = _protocol(_rule(Moment.DURING, str(every)))
    past = [minute for minute in charted if minute <= now]
    (before,) = due(protocol, running(observed_at=_charted(*past)), after(now))
    (later,) = due(protocol, running(observed_at=_charted(*past, now)), after(now))
    assert before.at <= later.at == after(now) + timedelta(minutes=every)
    assert later.overdue_since is None
