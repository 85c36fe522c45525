"""The simulated pump: what goes in is the exact integral of its rate, and each fault does what it does to a real one."""

from datetime import timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.quantity import Quantity
from openinfusion.simulator import pump as p
from openinfusion.simulator.pump import Fault, Pump, PumpAlarm, PumpState

RATE = Quantity(60, "mL/h")  # one millilitre a minute: volumes can be read off the clock


def minutes(count: int | str) -> Quantity:
    return Quantity(count, "min")


def ml(value: int | str) -> Quantity:
    return Quantity(value, "mL")


def infusing(volume: int = 100, rate: Quantity = RATE) -> Pump:
    return p.run(p.programme(Pump(), ml(volume)), rate)


def test_a_programmed_pump_gives_nothing_until_somebody_starts_it():
    assert p.advance(p.programme(Pump(), ml(100)), minutes(30)).given == ml(0)


def test_what_goes_in_is_rate_times_time_exactly():
    # 25 mL/h for 7 minutes is 35/12 mL, which no decimal number holds.
    assert p.advance(infusing(rate=Quantity(25, "mL/h")), minutes(7)).given == Quantity(Fraction(35, 12), "mL")


def test_a_pause_gives_nothing_and_the_next_start_goes_on_from_there():
    paused = p.advance(p.rest(p.advance(infusing(), minutes(5))), minutes(60))
    assert (paused.state, paused.given, paused.flow) == (PumpState.PAUSED, ml(5), Quantity(0, "mL/h"))
    assert p.advance(p.run(paused, RATE), minutes(5)).given == ml(10)


def test_at_the_programmed_volume_it_says_so_and_only_keeps_the_line_open():
    full = p.advance(infusing(10), minutes(10))
    assert (full.state, full.alarm, full.given) == (PumpState.KEEP_OPEN, PumpAlarm.KEEP_OPEN, ml(10))
    later = p.advance(full, minutes(60))
    assert later.given == ml(10) + full.make.keep_open.times(minutes(60), "mL")


def test_a_closed_line_stops_what_goes_in_at_once_and_raises_its_alarm_when_the_pressure_is_reached():
    blocked = p.meet(p.advance(infusing(), minutes(5)), Fault.OCCLUSION)
    pressing = p.advance(blocked, Quantity(3, "s"))  # half of the 0.1 mL that reach the limit, at 1 mL/min
    assert (pressing.state, pressing.given, pressing.pressure) == (PumpState.INFUSING, ml(5), Fraction(1, 2))
    stopped = p.advance(blocked, minutes(30))
    assert (stopped.state, stopped.alarm, stopped.given, stopped.pressure) == (PumpState.ALARM, PumpAlarm.OCCLUSION, ml(5), Fraction(1))


def test_started_against_the_same_closed_line_it_alarms_again():
    stopped = p.advance(p.meet(infusing(), Fault.OCCLUSION), minutes(1))
    assert p.advance(p.run(stopped, RATE), minutes(1)).alarm is PumpAlarm.OCCLUSION


def test_a_freed_line_waits_for_the_key_and_then_flows():
    freed = p.attend(p.advance(p.meet(infusing(), Fault.OCCLUSION), minutes(1)))
    assert (freed.state, freed.alarm) == (PumpState.PAUSED, None)
    assert p.advance(p.run(freed, RATE), minutes(2)).given == ml(2)


def test_air_and_an_open_door_stop_it_and_it_does_not_start_before_somebody_looked():
    for fault, alarm in ((Fault.AIR, PumpAlarm.AIR), (Fault.DOOR, PumpAlarm.DOOR)):
        stopped = p.meet(p.advance(infusing(), minutes(1)), fault)
        assert (stopped.state, stopped.alarm) == (PumpState.ALARM, alarm)
        assert p.run(stopped, RATE) == stopped
        assert p.run(p.attend(stopped), RATE).state is PumpState.INFUSING


def test_a_short_container_warns_and_then_stops_empty():
    short = p.advance(p.meet(infusing(), Fault.SHORT), minutes(1))
    assert (short.state, short.alarm) == (PumpState.INFUSING, PumpAlarm.NEAR_EMPTY)
    empty = p.advance(short, minutes(60))
    assert (empty.state, empty.alarm, empty.given) == (PumpState.ALARM, PumpAlarm.EMPTY, empty.make.near_empty)
    changed = p.run(p.attend(empty), RATE)
    assert p.advance(changed, minutes(5)).given == empty.given + ml(5)


def test_on_battery_it_warns_then_falls_silent_and_gives_nothing_more():
    on_battery = p.meet(infusing(), Fault.BATTERY)
    warned = p.advance(on_battery, on_battery.make.battery - on_battery.make.battery_warning)
    assert (warned.state, warned.alarm) == (PumpState.INFUSING, PumpAlarm.BATTERY_LOW)
    off = p.advance(p.advance(on_battery, minutes(600)), minutes(1))
    assert (off.state, off.alarm, off.given) == (PumpState.OFF, PumpAlarm.BATTERY_EMPTY, RATE.times(on_battery.make.battery, "mL"))
    assert off.on_battery == minutes(0)
    assert p.run(off, RATE) == p.rest(off) == p.end(off) == off
    assert p.attend(off).state is PumpState.PAUSED


def test_it_tells_a_volume_in_steps_and_never_more_than_went_in():
    told = p.report(p.advance(infusing(rate=Quantity(25, "mL/h")), minutes(7)))
    assert (told.state, told.rate, told.volume) == ("infusing", Quantity(25, "mL/h"), ml("2.91"))  # 35/12 = 2.9166...


def test_on_demand_it_tells_no_volume_since_the_boluses_are_not_its_keys():
    assert p.report(p.run(p.programme(Pump(), None), Quantity(0, "mL/h"))).volume is None


KEYS = st.one_of(
    st.integers(0, 400).map(lambda rate: lambda pump: p.run(pump, Quantity(rate, "mL/h"))),
    st.sampled_from([p.rest, p.end, p.attend]),
    st.sampled_from(Fault).map(lambda fault: lambda pump: p.meet(pump, fault)),
    st.integers(0, 7_200_000).map(lambda span: lambda pump: p.advance(pump, Quantity(span, "ms"))),
)


@given(st.integers(1, 500), st.lists(KEYS, max_size=25))
def test_whatever_happens_the_volume_never_falls_and_nothing_is_negative(volume: int, steps: list):
    pump = p.programme(Pump(), ml(volume))
    for step in steps:
        before, pump = pump, step(pump)
        assert pump.given >= before.given
        assert pump.left is not None
        assert pump.left >= ml(0)
        assert 0 <= pump.pressure <= 1
        assert pump.flow >= Quantity(0, "mL/h")
        assert pump.on_battery is None or pump.on_battery >= minutes(0)


@given(st.integers(1, 500), st.lists(KEYS, max_size=10), st.lists(st.integers(0, 3_600_000), max_size=8))
def test_time_in_pieces_is_the_same_as_time_in_one(volume: int, steps: list, pieces: list[int]):
    pump = p.programme(Pump(), ml(volume))
    for step in steps:
        pump = step(pump)
    in_pieces = pump
    for piece in pieces:
        in_pieces = p.advance(in_pieces, Quantity(piece, "ms"))
    assert in_pieces == p.advance(pump, Quantity(sum(pieces), "ms"))


@given(st.lists(st.integers(0, 400), max_size=10), st.timedeltas(timedelta(0), timedelta(hours=2)))
def test_behind_a_closed_line_nothing_goes_in(rates: list[int], span: timedelta):
    pump = p.meet(p.advance(infusing(500), minutes(3)), Fault.OCCLUSION)
    for rate in rates:
        pump = p.advance(p.run(pump, Quantity(rate, "mL/h")), Quantity(span // timedelta(milliseconds=1), "ms"))
    assert pump.given == ml(3)
