"""A simulated infusion pump: keys, faults and the passing of time each lead from one state of it to the next. Pure and exact.

It knows no chart, no clock but the one it is told, and no network. What it gives is the integral of its rate, never rounded inside.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import assert_never

from openinfusion.core.administration.parts import PumpReport
from openinfusion.core.quantity import Quantity, Rounding

NOTHING = Quantity(0, "mL")
STILL = Quantity(0, "mL/h")


class PumpState(StrEnum):
    """What the pump says it does, in its own words."""

    IDLE = "idle"
    INFUSING = "infusing"
    PAUSED = "paused"
    STOPPED = "stopped"
    KEEP_OPEN = "kvo"
    ALARM = "alarm"
    OFF = "off"


class PumpAlarm(StrEnum):
    """The codes of its alarms."""

    OCCLUSION = "occlusion-downstream"
    AIR = "air-in-line"
    DOOR = "door-open"
    NEAR_EMPTY = "near-empty"
    EMPTY = "empty"
    KEEP_OPEN = "keep-open"
    BATTERY_LOW = "battery-low"
    BATTERY_EMPTY = "battery-empty"


class Fault(StrEnum):
    """What can befall it."""

    OCCLUSION = "occlusion"
    AIR = "air"
    DOOR = "door"
    BATTERY = "battery"
    SHORT = "short"
    """The container holds less than was programmed."""


@dataclass(frozen=True, slots=True)
class Make:
    """What kind of pump it is. Made-up figures of no real device."""

    keep_open: Quantity
    near_empty: Quantity
    overfill: Quantity
    """What a container holds beyond the volume that is programmed."""
    pressed_at_alarm: Quantity
    """What it presses into a closed line until its pressure limit is reached."""
    battery_warning: Quantity
    battery: Quantity
    shown: Quantity
    """The step of the volume it tells."""


COMMON = Make(
    keep_open=Quantity(1, "mL/h"),
    near_empty=Quantity(10, "mL"),
    overfill=Quantity(15, "mL"),
    pressed_at_alarm=Quantity("0.1", "mL"),
    battery_warning=Quantity(20, "min"),
    battery=Quantity(30, "min"),
    shown=Quantity("0.01", "mL"),
)


@dataclass(frozen=True, slots=True)
class Pump:
    """One pump as it stands. `given` is what has gone in since it was programmed; `to_give` the programmed volume, None on demand."""

    make: Make = COMMON
    state: PumpState = PumpState.IDLE
    alarm: PumpAlarm | None = None
    rate: Quantity = STILL
    given: Quantity = NOTHING
    to_give: Quantity | None = None
    left: Quantity | None = None
    """What the container still holds, None while none is known."""
    pressed: Quantity = NOTHING
    """What was pressed into a closed line: its pressure, as a volume."""
    is_blocked: bool = False
    has_air: bool = False
    is_open: bool = False
    on_battery: Quantity | None = None
    """How long the battery lasts, None on mains."""
    told_near_empty: bool = False

    @property
    def flow(self) -> Quantity:
        """How fast its motor turns now."""
        match self.state:
            case PumpState.INFUSING:
                return self.rate
            case PumpState.KEEP_OPEN:
                return self.make.keep_open
            case PumpState.IDLE | PumpState.PAUSED | PumpState.STOPPED | PumpState.ALARM | PumpState.OFF:
                return STILL
            case unknown:
                assert_never(unknown)

    @property
    def pressure(self) -> Fraction:
        """The pressure in the line as a share of its limit, 0 to 1."""
        return self.pressed.base / self.make.pressed_at_alarm.base


# Keys
def programme(pump: Pump, volume: Quantity | None, given: Quantity = NOTHING) -> Pump:
    """A new therapy: the volume to give (None on demand), a full container, all counters at their start. `given` is what went in before."""
    left = None if volume is None else volume - given + pump.make.overfill
    return Pump(pump.make, to_give=volume, left=left, given=given, on_battery=pump.on_battery)


def run(pump: Pump, rate: Quantity) -> Pump:
    """Infuse at this rate. An open, airy, empty or powerless pump keeps its alarm and does not start."""
    if pump.state is PumpState.OFF or pump.is_open or pump.has_air or (pump.left is not None and pump.left <= NOTHING):
        return pump
    kept = pump.alarm if pump.alarm in (PumpAlarm.BATTERY_LOW, PumpAlarm.NEAR_EMPTY) else None
    return replace(pump, state=PumpState.INFUSING, alarm=kept, rate=rate.to("mL/h"), pressed=NOTHING)


def rest(pump: Pump) -> Pump:
    """Pause; the rate is kept."""
    return pump if pump.state is PumpState.OFF else replace(pump, state=PumpState.PAUSED, alarm=None)


def end(pump: Pump) -> Pump:
    """Stop for good."""
    return pump if pump.state is PumpState.OFF else replace(pump, state=PumpState.STOPPED, alarm=None, rate=STILL)


def attend(pump: Pump) -> Pump:
    """A person looks after it: the line freed and vented, the door shut, the plug in, an empty container changed. It waits for its next
    key."""
    state = PumpState.PAUSED if pump.state in (PumpState.ALARM, PumpState.OFF) else pump.state
    alarm = None if pump.alarm in (PumpAlarm.BATTERY_LOW, PumpAlarm.BATTERY_EMPTY) or state is not pump.state else pump.alarm
    mended = replace(pump, state=state, alarm=alarm, is_blocked=False, has_air=False, is_open=False, on_battery=None, pressed=NOTHING)
    if pump.left is None or pump.left > NOTHING or pump.to_give is None:
        return mended
    return replace(mended, left=max(pump.to_give - pump.given, NOTHING) + pump.make.overfill, told_near_empty=False)


# Faults
def meet(pump: Pump, fault: Fault) -> Pump:
    """Something befalls it."""
    match fault:
        case Fault.OCCLUSION:
            return replace(pump, is_blocked=True)
        case Fault.AIR:
            return _halted(replace(pump, has_air=True), PumpAlarm.AIR)
        case Fault.DOOR:
            return _halted(replace(pump, is_open=True), PumpAlarm.DOOR)
        case Fault.BATTERY:
            return replace(pump, on_battery=pump.make.battery)
        case Fault.SHORT:
            return replace(pump, left=pump.make.near_empty if pump.left is None else min(pump.left, pump.make.near_empty))
        case unknown:
            assert_never(unknown)


def _halted(pump: Pump, alarm: PumpAlarm) -> Pump:
    return pump if pump.state is PumpState.OFF else replace(pump, state=PumpState.ALARM, alarm=alarm)


# Time
def advance(pump: Pump, span: Quantity) -> Pump:
    """The pump after a time of at least nothing: exact to the moment at which each of its alarms begins."""
    remaining = span.to("s")
    while remaining.value > 0:
        step = min([remaining, *_until_changes(pump)])
        pump = _changed(_flowed(pump, step))
        remaining -= step
    return pump


def _until_changes(pump: Pump) -> Iterator[Quantity]:
    """How long until each thing happens that changes what it does or says."""
    if pump.flow.value > 0:
        yield from (volume.over(pump.flow, "s") for volume in _volumes_until_changes(pump))
    if pump.on_battery is not None and pump.state is not PumpState.OFF:
        yield pump.on_battery
        if pump.on_battery > pump.make.battery_warning:
            yield pump.on_battery - pump.make.battery_warning


def _volumes_until_changes(pump: Pump) -> Iterator[Quantity]:
    if pump.is_blocked:
        yield pump.make.pressed_at_alarm - pump.pressed
        return
    if pump.to_give is not None and pump.state is PumpState.INFUSING:
        yield max(pump.to_give - pump.given, NOTHING)
    if pump.left is not None:
        yield pump.left
        if pump.left > pump.make.near_empty:
            yield pump.left - pump.make.near_empty


def _flowed(pump: Pump, span: Quantity) -> Pump:
    moved = pump.flow.times(span, "mL")
    spends = pump.on_battery is not None and pump.state is not PumpState.OFF
    battery = pump.on_battery - span if spends and pump.on_battery is not None else pump.on_battery
    if pump.is_blocked:
        return replace(pump, pressed=pump.pressed + moved, on_battery=battery)
    left = None if pump.left is None else pump.left - moved
    return replace(pump, given=pump.given + moved, left=left, on_battery=battery)


def _changed(pump: Pump) -> Pump:
    """What follows at this very moment; the gravest comes last and stands."""
    if pump.left is not None and pump.left <= pump.make.near_empty and not pump.told_near_empty and pump.flow.value > 0:
        pump = replace(pump, told_near_empty=True, alarm=pump.alarm or PumpAlarm.NEAR_EMPTY)
    if pump.state is PumpState.INFUSING and pump.to_give is not None and pump.given >= pump.to_give:
        pump = replace(pump, state=PumpState.KEEP_OPEN, alarm=PumpAlarm.KEEP_OPEN)
    if pump.left is not None and pump.left <= NOTHING and pump.flow.value > 0:
        pump = _halted(pump, PumpAlarm.EMPTY)
    if pump.is_blocked and pump.pressed >= pump.make.pressed_at_alarm and pump.flow.value > 0:
        pump = _halted(pump, PumpAlarm.OCCLUSION)
    if pump.on_battery is not None and pump.state is not PumpState.OFF:
        if pump.on_battery.value <= 0:
            return replace(pump, state=PumpState.OFF, alarm=PumpAlarm.BATTERY_EMPTY)
        if pump.on_battery <= pump.make.battery_warning and pump.alarm is None:
            return replace(pump, alarm=PumpAlarm.BATTERY_LOW)
    return pump


def report(pump: Pump) -> PumpReport:
    """What it says of itself. On demand it tells no volume: the boluses of such a programme are not among its keys."""
    volume = None if pump.to_give is None else pump.given.rounded(pump.make.shown, Rounding.DOWN)
    return PumpReport(pump.state.value, pump.flow, volume, "" if pump.alarm is None else pump.alarm.value)
