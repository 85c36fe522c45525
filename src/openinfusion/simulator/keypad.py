"""The hand at a simulated pump: it keys in what the chart orders, some seconds after the order, as a nurse would. Pure.

It is the only way in which a chart moves a pump here, and no real pump has such a hand.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from openinfusion.core.administration.parts import Flow
from openinfusion.core.quantity import Quantity
from openinfusion.simulator.pump import STILL, Pump, PumpState, attend, end, rest, run


@dataclass(frozen=True, slots=True)
class Ordered:
    """What the chart orders of the session that a device serves; `kind` is pump or monitor, `volume` None on demand."""

    kind: str
    flow: Flow
    rate: Quantity | None
    volume: Quantity | None
    ordered_at: datetime | None


def follow(pump: Pump, ordered: Ordered) -> Pump:
    """The pump after the keys that its nurse presses for this order. One that stands in alarm waits until somebody looks after it."""
    match ordered.flow:
        case Flow.NONE:
            return pump
        case Flow.RUNNING:
            return _running(pump, ordered.rate or STILL)
        case Flow.PAUSED:
            # Whoever pauses at the bedside also frees the line, shuts the door and changes what is empty.
            return rest(attend(pump)) if pump.state in (PumpState.INFUSING, PumpState.KEEP_OPEN, PumpState.ALARM, PumpState.OFF) else pump
        case Flow.STOPPED:
            return end(attend(pump)) if pump.state is not PumpState.STOPPED else pump
        case unknown:
            assert_never(unknown)


def _running(pump: Pump, rate: Quantity) -> Pump:
    match pump.state:
        case PumpState.IDLE | PumpState.PAUSED | PumpState.STOPPED:
            return run(pump, rate)
        case PumpState.INFUSING:
            return run(pump, rate) if rate != pump.rate else pump
        case PumpState.KEEP_OPEN | PumpState.ALARM | PumpState.OFF:
            return pump
        case unknown:
            assert_never(unknown)
