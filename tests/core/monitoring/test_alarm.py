"""What a person must know: limits, channels without a reading, pumps that disagree with the chart; one condition is one alarm."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.administration.commands import EndAlarm, RaiseAlarm
from openinfusion.core.administration.parts import Confirmation, Flow, PumpReport, Reading, SegmentKind, Status
from openinfusion.core.administration.session import Alarm, Seen, Segment, SessionState, Stated
from openinfusion.core.monitoring.alarm import conditions, escalations, overdue, transitions
from openinfusion.core.monitoring.kind import AlarmCondition, AlarmTables, Feed, Sample
from openinfusion.core.monitoring.observation import Due
from openinfusion.core.protocol import AlarmLimit, Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Alarms, Priority, PumpEvents
from tests.core.monitoring.cast import SOURCE, START, after, figure, protocol_with, running, shipped_table


def _tables() -> AlarmTables:
    alarms, pumps = shipped_table("alarms-2"), shipped_table("pump-events-2")
    assert isinstance(alarms, Alarms)
    assert isinstance(pumps, PumpEvents)
    return AlarmTables(alarms, pumps)


TABLES = _tables()
NO_SIGNAL = False


def _limit(**parts: object) -> AlarmLimit:
    fields: dict[str, object] = {
        "id": "low",
        "observation": "bp.systolic",
        "op": "<",
        "figure": figure("90", "mm[Hg]"),
        "priority": "medium",
        "response": "cx.low",
        "sources": (SOURCE,),
    }
    return AlarmLimit.model_validate({**fields, **parts})


def _protocol(*limits: AlarmLimit) -> Protocol:
    return protocol_with(alarms=limits)


def _systolic(value: str) -> Reading:
    return Reading("bp.systolic", Quantity(value, "mm[Hg]"))


def _seen(*values: str | bool, by: str = "nurse") -> dict[str, Seen]:
    readings = [_systolic(value) if isinstance(value, str) else Reading("bp.systolic", value) for value in values]
    return {"bp.systolic": Seen(readings[-1], after(30), by, tuple(reversed(readings[:-1])))}


def _codes(found: tuple[AlarmCondition, ...]) -> list[str]:
    return [one.code for one in found]


def _raised(key: str, code: str, **parts: object) -> dict[str, Alarm]:
    return {key: Alarm(key, code, "medium", physiological=True, raised_at=START, **parts)}  # type: ignore[arg-type]  # named parts of a test


# Limits
def test_a_crossed_limit_is_a_condition_with_its_value_source_and_response():
    (found,) = conditions(_protocol(_limit()), running(seen=_seen("89")), TABLES, after(31))
    assert (found.key, found.priority, found.physiological, found.response) == ("limit:low", Priority.MEDIUM, True, "cx.low")
    assert (found.reading, found.sources) == (_systolic("89"), (SOURCE,))


def test_equality_is_inside_a_limit_written_with_less_than():
    assert conditions(_protocol(_limit()), running(seen=_seen("90")), TABLES, after(31)) == ()


def test_a_limit_in_percent_is_measured_against_the_baseline():
    protocol = _protocol(_limit(figure=figure("80", "%"), of_baseline="true"))
    state = running(seen=_seen("95"), baseline={"bp.systolic": _systolic("120")})
    assert _codes(conditions(protocol, state, TABLES, after(31))) == ["limit-crossed"]  # 80 % of 120 is 96
    assert conditions(protocol, replace(state, seen=_seen("96")), TABLES, after(31)) == ()


def test_without_a_baseline_the_limit_says_that_it_cannot_watch():
    protocol = _protocol(_limit(figure=figure("80", "%"), of_baseline="true"))
    (found,) = conditions(protocol, running(seen=_seen("50")), TABLES, after(31))
    assert (found.code, found.rule, found.physiological) == ("baseline-missing", "low", False)


@pytest.mark.parametrize("value", [False, "0"])
def test_a_zero_or_absent_value_of_a_device_is_technical(value):
    state = running(seen=_seen(value, by="mon-1"), devices={"mon-1": "monitor"})
    (found,) = conditions(_protocol(_limit()), state, TABLES, after(31))
    assert (found.code, found.physiological) == ("no-reading", False)


def test_a_zero_that_a_person_charted_is_a_value():
    assert _codes(conditions(_protocol(_limit()), running(seen=_seen("0")), TABLES, after(31))) == ["limit-crossed"]


def test_a_no_that_a_person_charted_is_an_answer_and_no_lost_reading():
    state = running(seen={"rash": Seen(Reading("rash", value=False), after(30), "nurse")})
    assert conditions(_protocol(), state, TABLES, after(31)) == ()


def test_a_score_of_zero_is_a_value_whoever_sent_it():
    state = running(seen={"pain": Seen(Reading("pain", Quantity(0, "{score}")), after(30), "mon-1")}, devices={"mon-1": "monitor"})
    assert conditions(_protocol(), state, TABLES, after(31)) == ()


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        (("80", "95"), True),  # one inside is not enough
        (("80", "95", "95"), True),
        (("80", "95", "95", "95"), False),  # three in a row inside end it (safety.md 8.2)
        (("95", "95", "80"), True),
    ],
)
def test_a_raised_limit_ends_only_after_three_values_inside(values, holds):
    state = running(seen=_seen(*values), alarms=_raised("limit:low", "limit-crossed"))
    assert bool(conditions(_protocol(_limit()), state, TABLES, after(31))) is holds


def test_losing_the_signal_does_not_end_a_raised_limit():
    state = running(seen=_seen("80", NO_SIGNAL, by="mon-1"), devices={"mon-1": "monitor"}, alarms=_raised("limit:low", "limit-crossed"))
    assert _codes(conditions(_protocol(_limit()), state, TABLES, after(31))) == ["limit-crossed", "no-reading"]


SECOND = timedelta(seconds=1)


def _sample(value: str | None, second: float, unit: str = "mm[Hg]", device: str = "mon-1") -> Sample:
    """A pressure so many seconds after minute 31."""
    return Sample("bp.systolic", None if value is None else Quantity(value, unit), after(31) + second * SECOND, device)


def _watched(*samples: Sample, second: float, **parts: object) -> list[str]:
    state = running(**{"seen": _seen("120"), **parts})
    return _codes(conditions(_protocol(_limit()), state, TABLES, after(31) + second * SECOND, Feed(samples)))


def test_samples_that_are_newer_than_the_chart_are_watched_too():
    assert _watched(_sample("70", 0), second=0) == ["limit-crossed"]
    older = Sample("bp.systolic", Quantity(70, "mm[Hg]"), after(29))
    assert _watched(older, second=3) == []


def test_a_crossed_limit_is_told_with_its_first_sample():
    assert _watched(_sample("120", 0), _sample("70", 1), second=1) == ["limit-crossed"]


def test_an_absent_sample_is_technical_when_it_stays_absent_for_the_time_of_the_table():
    feed = Feed((Sample("spo2", None, after(31)),))
    assert _codes(conditions(_protocol(), running(), TABLES, after(31) + 3 * SECOND, feed)) == ["no-reading"]
    assert conditions(_protocol(), running(), TABLES, after(31) + 2 * SECOND, feed) == ()


def test_a_channel_that_comes_and_goes_is_one_alarm_until_three_readings_in_a_row():
    alarms = _raised("no-reading:bp.systolic", "no-reading")
    flicker = [_sample(None if second % 2 else "120", second) for second in range(4)]
    assert _watched(*flicker, second=4, alarms=alarms) == ["no-reading"]
    assert _watched(*flicker, *(_sample("120", second) for second in (4, 5, 6)), second=7, alarms=alarms) == []


def test_a_raised_limit_ends_only_beyond_its_dead_band():
    alarms = _raised("limit:low", "limit-crossed")
    near = [_sample("91.7", second) for second in range(3)]  # 90 and 2 % of it: 91.8
    assert _watched(*near, second=3, alarms=alarms) == ["limit-crossed"]
    assert _watched(*(_sample("91.8", second) for second in range(3)), second=3, alarms=alarms) == []


def test_silence_of_the_devices_never_ends_a_raised_limit():
    alarms = {"limit:low": replace(_raised("limit:low", "limit-crossed")["limit:low"], raised_at=after(31))}
    state = running(seen=_seen("120", "120", "120"), alarms=alarms)  # charted at minute 30, before it was raised
    assert _codes(conditions(_protocol(_limit()), state, TABLES, after(40))) == ["limit-crossed"]


def test_two_monitors_are_judged_each_by_its_own_values():
    low = [_sample("70", second, device="mon-2") for second in range(4)]
    fine = [_sample("120", second + 0.5) for second in range(4)]
    assert sorted(_watched(*fine, *low, second=4)) == ["limit-crossed", "two-monitors"]
    lost = [_sample(None, second, device="mon-2") for second in range(4)]
    assert _watched(*fine, *lost, second=4) == ["two-monitors"]  # one of them reads the patient


def test_a_value_in_a_unit_of_another_kind_is_told_and_is_no_value():
    assert _watched(_sample("70", 0, "/min"), second=3) == ["other-unit"]


def test_two_limits_that_are_crossed_are_two_alarms_gravest_first():
    protocol = _protocol(_limit(), _limit(id="very-low", figure=figure("70", "mm[Hg]"), priority="high"))
    found = conditions(protocol, running(seen=_seen("65")), TABLES, after(31))
    assert [one.rule for one in found] == ["very-low", "low"]


@given(st.lists(st.integers(min_value=40, max_value=160), min_size=1, max_size=6), st.booleans())
def test_the_newest_value_outside_always_alarms(values, active):
    alarms = _raised("limit:low", "limit-crossed") if active else {}
    state = running(seen=_seen(*map(str, values)), alarms=alarms)
    found = conditions(_protocol(_limit()), state, TABLES, after(31))
    if values[-1] < 90:
        assert _codes(found) == ["limit-crossed"]
    if all(value >= 92 for value in values):  # beyond the dead band of 2 %
        assert found == ()


# Passing on
def _high(**parts: object) -> dict[str, Alarm]:
    return {"k": Alarm("k", "air-in-line", "high", physiological=False, raised_at=START, **parts)}  # type: ignore[arg-type]  # named parts


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(59, []), (60, ["charge-nurse"]), (179, ["charge-nurse"]), (180, ["charge-nurse", "prescriber"])],  # safety.md 8.2
)
def test_a_high_alarm_that_nobody_acknowledged_is_passed_on(seconds, told):
    assert [one.to for one in escalations(_high(shown_at=START), TABLES, START + seconds * SECOND)] == told


def test_each_is_told_once_and_nobody_of_an_alarm_that_is_acknowledged_over_or_less_than_high():
    late = START + 200 * SECOND
    assert [one.to for one in escalations(_high(escalated=("charge-nurse",)), TABLES, late)] == ["prescriber"]
    assert escalations(_high(acknowledged_at=START), TABLES, late) == ()
    assert escalations(_high(ended_at=START), TABLES, late) == ()
    assert escalations(_raised("low", "limit-crossed"), TABLES, late) == ()


def test_an_alarm_that_no_screen_has_shown_is_passed_on_sooner():
    alarms = TABLES.alarms.model_copy(update={"unseen_after": figure("10", "s")})
    tables = AlarmTables(alarms, TABLES.pumps)
    (one,) = escalations(_high(), tables, START + 10 * SECOND)
    assert (one.to, one.reason) == ("charge-nurse", "not-shown")
    assert escalations(_high(), tables, START + 9 * SECOND) == ()
    assert escalations(_high(shown_at=START), tables, START + 10 * SECOND) == ()


# Chart against pump
def _pump(state: str, rate: str = "", alarm: str = "") -> PumpReport:
    return PumpReport(state, Quantity(rate, "mL/h") if rate else None, alarm=alarm)


def _reported(report: PumpReport, minute: float, **parts: object) -> SessionState:
    return running(pump=report, pump_at=after(minute), devices={"pump-1": "pump"}, **parts)


def test_flow_while_charted_as_stopped_or_paused_is_high_within_five_seconds():
    for flow, status, code in (
        (Flow.STOPPED, Status.OBSERVING, "flow-while-stopped"),
        (Flow.PAUSED, Status.ON_HOLD, "flow-while-paused"),
    ):
        state = _reported(_pump("infusing", "50"), 10.02, flow=flow, status=status, ordered_at=after(10))
        (found,) = conditions(_protocol(), state, TABLES, after(10) + timedelta(seconds=5))
        assert (found.code, found.priority, found.latching) == (code, Priority.HIGH, True)


def test_a_report_older_than_the_order_says_nothing():
    state = _reported(_pump("infusing", "50"), 9.9, flow=Flow.STOPPED, status=Status.OBSERVING, ordered_at=after(10))
    assert conditions(_protocol(), state, TABLES, after(10.5)) == ()


@pytest.mark.parametrize(("rate", "alarms"), [("20", []), ("20.1", ["flow-while-paused"]), ("", ["flow-while-paused"])])
def test_keep_open_flow_is_no_flow_up_to_the_configured_rate(rate, alarms):
    state = _reported(_pump("kvo", rate), 11, flow=Flow.PAUSED, status=Status.ON_HOLD, ordered_at=after(10))
    assert _codes(conditions(_protocol(), state, TABLES, after(11))) == alarms


def test_a_charted_flush_explains_the_flow():
    flush = Segment(SegmentKind.FLUSH, after(11), after(11), None, Quantity(10, "mL"))
    state = _reported(_pump("infusing", "100"), 12, flow=Flow.STOPPED, status=Status.OBSERVING, ordered_at=after(10), segments=(flush,))
    assert conditions(_protocol(), state, TABLES, after(12)) == ()


def test_no_flow_while_charted_as_running_is_medium_and_its_own_alarm_replaces_it():
    (found,) = conditions(_protocol(), _reported(_pump("stopped"), 10), TABLES, after(10))
    assert (found.code, found.priority) == ("no-flow-while-running", Priority.MEDIUM)
    (blocked,) = conditions(_protocol(), _reported(_pump("alarm", alarm="occlusion"), 10), TABLES, after(10))
    assert (blocked.code, blocked.priority) == ("occlusion", Priority.MEDIUM)


def test_a_programme_without_basal_flow_may_rest():
    state = _reported(_pump("idle"), 10, rate=Quantity(0, "mL/h"))
    assert conditions(_protocol(), state, TABLES, after(10)) == ()


@pytest.mark.parametrize(
    ("rate", "codes"),
    [("50", []), ("50.5", []), ("51", ["flow-above-order"]), ("49.5", []), ("49", ["flow-below-order"])],  # within 1 % (safety.md 6.3)
)
def test_another_rate_than_ordered_is_a_mismatch(rate, codes):
    assert _codes(conditions(_protocol(), _reported(_pump("infusing", rate), 10), TABLES, after(10))) == codes


def test_flow_before_any_start_is_charted_is_told():
    state = SessionState(status=Status.READY, pump=_pump("infusing", "50"), pump_at=after(-1), devices={"pump-1": "pump"})
    assert _codes(conditions(_protocol(), state, TABLES, START)) == ["flow-not-charted"]


def test_an_unknown_pump_code_is_a_medium_technical_alarm_that_keeps_its_words():
    (found,) = conditions(_protocol(), _reported(_pump("infusing", "50", "E-47 Xq"), 10), TABLES, after(10))
    assert (found.code, found.priority, found.physiological, found.rule) == ("pump-unknown", Priority.MEDIUM, False, "E-47 Xq")


def test_an_unknown_pump_state_is_flagged_and_never_read_as_rest():
    (found,) = conditions(_protocol(), _reported(_pump("Zustand 7"), 10), TABLES, after(10))
    assert (found.code, found.rule) == ("pump-state-unknown", "Zustand 7")


def test_every_pump_event_has_a_priority_from_the_one_matrix_and_words():
    for kind in (*TABLES.pumps.events, TABLES.pumps.unknown, *TABLES.alarms.kinds):
        assert TABLES.alarms.priorities[kind.harm][kind.onset] in Priority
    for table in (TABLES.alarms, TABLES.pumps):
        assert all(sentence.count(". ") >= 1 for sentence in table.wording["en"].values()), "each says the cause, then what to do"


def test_an_order_that_no_pump_confirmed_is_told_after_its_time():
    state = running(devices={"pump-1": "pump"}, delivery=Confirmation.ORDERED, ordered_at=after(10))
    feed = Feed(heard={"pump-1": after(11)})
    assert conditions(_protocol(), state, TABLES, after(11), feed) == ()
    assert _codes(conditions(_protocol(), state, TABLES, after(11.1), feed)) == ["order-not-confirmed"]
    contradicted = replace(state, stated=Stated(Flow.NONE, None, after(10.5), "pump-1"))
    assert conditions(_protocol(), contradicted, TABLES, after(11.1), feed) == ()  # that is a mismatch, told by its own alarm


def test_a_device_is_silent_after_two_of_its_intervals():
    state = running(devices={"pump-1": "pump", "mon-1": "monitor"})
    feed = Feed(heard={"pump-1": after(10), "mon-1": after(8)})
    assert conditions(_protocol(), state, TABLES, after(10), feed) == ()  # 2 x 60 s
    assert _codes(conditions(_protocol(), state, TABLES, after(10.5), feed)) == ["monitor-silent"]


def test_a_session_that_is_over_or_not_begun_alarms_nothing():
    for status in (Status.PLANNED, Status.COMPLETED, Status.STOPPED, Status.NOT_DONE):
        state = _reported(_pump("infusing", "50", "occlusion"), 10, status=status, flow=Flow.STOPPED, seen=_seen("10"))
        assert conditions(_protocol(_limit()), state, TABLES, after(60)) == ()


def test_an_observation_is_overdue_five_minutes_after_it_was_due():
    owed = Due(("bp",), after(30), after(30), "vitals", (SOURCE,), blocks_increase=True)
    assert overdue((owed,), running(), TABLES, after(34.9)) == ()
    (found,) = overdue((owed,), running(), TABLES, after(35))
    assert (found.key, found.rule) == ("observation-overdue:vitals", "vitals")


# From conditions to alarms
def _condition(priority: Priority = Priority.MEDIUM, key: str = "limit:low", code: str = "limit-crossed") -> AlarmCondition:
    return AlarmCondition(key, code, priority, physiological=True)


def test_a_new_condition_is_raised_once():
    (command,) = transitions({}, (_condition(),), TABLES, START)
    assert isinstance(command, RaiseAlarm)
    assert transitions(_raised("limit:low", "limit-crossed"), (_condition(),), TABLES, after(600)) == ()


def test_a_condition_that_is_over_ends_and_may_begin_again():
    assert transitions(_raised("limit:low", "limit-crossed"), (), TABLES, after(1)) == (EndAlarm("limit:low", "condition-over"),)
    ended = _raised("limit:low", "limit-crossed", ended_at=after(1))
    assert transitions(ended, (), TABLES, after(2)) == ()
    assert len(transitions(ended, (_condition(),), TABLES, after(2))) == 1


def test_a_latching_alarm_and_one_of_another_origin_end_only_by_a_person():
    assert transitions(_raised("flow-while-stopped", "flow-while-stopped"), (), TABLES, after(1)) == ()
    assert transitions(_raised("link", "monitoring-interrupted"), (), TABLES, after(1)) == ()


@pytest.mark.parametrize(
    ("priority", "minutes", "again"), [("high", 1.9, 0), ("high", 2, 1), ("medium", 4.9, 0), ("medium", 5, 1), ("low", 60, 0)]
)
def test_an_acknowledged_alarm_that_still_holds_is_raised_again(priority, minutes, again):
    # safety.md 8.2: high after 2 min, medium after 5 min
    alarms = {"limit:low": replace(_raised("limit:low", "limit-crossed")["limit:low"], priority=priority, acknowledged_at=START)}
    assert len(transitions(alarms, (_condition(Priority(priority)),), TABLES, after(minutes))) == again


def test_a_condition_that_got_graver_is_raised_at_once():
    assert len(transitions(_raised("limit:low", "limit-crossed"), (_condition(Priority.HIGH),), TABLES, after(0.1))) == 1


_CONDITIONS = st.lists(
    st.builds(
        AlarmCondition,
        key=st.sampled_from(["limit:a", "limit:b", "pump:occlusion", "flow-while-stopped"]),
        code=st.sampled_from(["limit-crossed", "occlusion", "flow-while-stopped"]),
        priority=st.sampled_from(Priority),
        physiological=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda one: one.key,
)


def _after(alarms: dict[str, Alarm], commands: tuple[RaiseAlarm | EndAlarm, ...], minute: float) -> dict[str, Alarm]:
    """The alarms after their commands, as the session keeps them."""
    for command in commands:
        if isinstance(command, EndAlarm):
            alarms = {**alarms, command.key: replace(alarms[command.key], ended_at=after(minute))}
        else:
            raised = Alarm(command.key, command.code, command.priority, command.physiological, after(minute))
            alarms = {**alarms, command.key: raised}
    return alarms


@given(st.lists(_CONDITIONS, min_size=1, max_size=6))
def test_looking_twice_changes_nothing_and_every_condition_has_its_alarm(looks):
    alarms: dict[str, Alarm] = {}
    for minute, found in enumerate(looks):
        alarms = _after(alarms, transitions(alarms, found, TABLES, after(minute)), minute)
        assert transitions(alarms, found, TABLES, after(minute)) == ()
        lasting = {key for key, alarm in alarms.items() if alarm.ended_at is None}
        assert {one.key for one in found} <= lasting
        kept = {alarms[key].code for key in lasting - {one.key for one in found}}
        assert kept <= {"flow-while-stopped"}  # only what latches outlasts its condition
