"""A device with its nurse: orders of the chart reach the pump some seconds later, and only by its keys."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from openinfusion.core.administration.parts import Flow
from openinfusion.core.quantity import Quantity
from openinfusion.simulator.keypad import Ordered, follow
from openinfusion.simulator.pump import Fault, Pump, PumpAlarm, PumpState, advance, meet, programme, run
from openinfusion.simulator.script import incident
from openinfusion.simulator.unit import CUFF_EVERY_S, MonitorUnit, PumpUnit

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
RATE = Quantity(60, "mL/h")
WAITING = Ordered("pump", Flow.NONE, None, Quantity(100, "mL"), None)
RUNNING = replace(WAITING, flow=Flow.RUNNING, rate=RATE, ordered_at=NOW)
PAUSED = replace(RUNNING, flow=Flow.PAUSED, rate=None, ordered_at=NOW + timedelta(minutes=1))
STOPPED = replace(PAUSED, flow=Flow.STOPPED)


def said(unit: PumpUnit, until_s: int, start_s: int = 0) -> list[tuple[str, str]]:
    """State and alarm of each report, second by second."""
    reports: list[Any] = [one.content["report"] for second in range(start_s, until_s) for one in unit.live_until(second * 1000)]
    return [(report["state"], report["alarm"]) for report in reports]


def test_the_hand_comes_some_seconds_after_the_order():
    unit = PumpUnit(WAITING, "seed", [])
    assert {state for state, _ in said(unit, 20)} == {"idle"}
    unit.read_chart(RUNNING, 20_000)
    assert said(unit, 21, 20)[-1] == ("idle", "")
    assert said(unit, 24, 21)[-1] == ("infusing", "")


def test_a_pause_is_keyed_in_at_once():
    unit = PumpUnit(RUNNING, "seed", [])
    said(unit, 20)
    unit.read_chart(PAUSED, 20_000)
    assert said(unit, 21, 20) == [("paused", "")]


def test_a_pump_that_ran_before_goes_on_from_what_it_gave():
    unit = PumpUnit(RUNNING, "seed", [], Quantity("52.5", "mL"))
    assert said(unit, 61)[-1] == ("infusing", "")
    assert unit.pump.given == Quantity("53.5", "mL")  # a minute at 60 mL/h


def test_a_pump_that_was_paused_before_says_so():
    unit = PumpUnit(PAUSED, "seed", [], Quantity("52.5", "mL"))
    assert said(unit, 1) == [("paused", "")]


def test_it_speaks_when_something_changes_and_every_ten_seconds():
    assert len(said(PumpUnit(RUNNING, "seed", []), 61)) == 7


def test_a_changed_rate_is_keyed_in():
    assert follow(run(Pump(), RATE), replace(RUNNING, rate=Quantity(90, "mL/h"))).rate == Quantity(90, "mL/h")


def test_a_pump_in_alarm_is_not_restarted_by_an_order_that_still_stands():
    blocked = advance(meet(run(programme(Pump(), Quantity(100, "mL")), RATE), Fault.OCCLUSION), Quantity(1, "min"))
    assert follow(blocked, RUNNING) == blocked


def test_whoever_pauses_at_the_bedside_frees_the_line_too():
    blocked = advance(meet(run(programme(Pump(), Quantity(100, "mL")), RATE), Fault.OCCLUSION), Quantity(1, "min"))
    rested = follow(blocked, PAUSED)
    assert (rested.state, rested.alarm, rested.is_blocked) == (PumpState.PAUSED, None, False)
    assert follow(rested, RUNNING).state is PumpState.INFUSING


def test_a_stop_of_the_chart_stops_it_in_any_state():
    for state in PumpState:
        assert follow(replace(run(Pump(), RATE), state=state), STOPPED).state is PumpState.STOPPED


def test_an_occlusion_that_began_earlier_stands_in_alarm_from_the_first_report():
    unit = PumpUnit(RUNNING, "seed", [incident("pump-1=occlusion@-60")], Quantity(20, "mL"))
    assert said(unit, 1) == [("alarm", PumpAlarm.OCCLUSION.value)]
    assert unit.pump.given == Quantity(20, "mL")


def test_a_fault_that_passes_by_itself_was_looked_after_and_the_flow_goes_on():
    unit = PumpUnit(RUNNING, "seed", [incident("pump-1=door@5+10")])
    states = said(unit, 40)
    assert ("alarm", "door-open") in states
    assert states[-1] == ("infusing", "")


def test_a_monitor_tells_every_second_once_in_blocks_of_ten():
    unit = MonitorUnit(replace(RUNNING, kind="monitor"), "seed", [])
    blocks: list[Any] = [one for second in range(0, 65, 5) for one in unit.live_until(second * 1000) if "samples" in one.content]
    assert [one.at_ms for one in blocks] == [0, 10_000, 20_000, 30_000, 40_000, 50_000]
    assert [len(one.content["samples"]["times_ms"]) for one in blocks] == [10] * 6


def test_the_cuff_measures_now_and_then():
    unit = MonitorUnit(replace(RUNNING, kind="monitor"), "seed", [])
    cuffs = [one.at_ms // 1000 for second in range(900) for one in unit.live_until(second * 1000) if "readings" in one.content]
    assert [later - earlier for earlier, later in pairwise(cuffs)] == [CUFF_EVERY_S] * (len(cuffs) - 1)
    assert len(cuffs) == 3


def test_a_cuff_without_a_result_says_so_instead_of_a_number():
    unit = MonitorUnit(replace(RUNNING, kind="monitor"), "seed", [incident("monitor-1=lead-off@0")])
    readings = [one.content["readings"] for one in unit.live_until(40_000) if "readings" in one.content]
    assert readings == [[{"code": "bp.systolic", "value": False}, {"code": "bp.diastolic", "value": False}]]


def test_a_reaction_is_treated_from_the_moment_at_which_the_chart_holds_the_flow():
    unit = MonitorUnit(replace(RUNNING, kind="monitor"), "seed", [incident("monitor-1=reaction@10")])
    unit.read_chart(replace(PAUSED, kind="monitor"), 5_000)
    assert unit.monitor.treated_s is None
    unit.read_chart(replace(PAUSED, kind="monitor"), 70_000)
    assert unit.monitor.treated_s == 70
