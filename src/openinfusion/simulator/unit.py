"""A device at a bedside: the machine, the hand that keys in what the chart orders, and what befalls both. Pure: time is told in
milliseconds since the device was joined to its session, and every answer is something to say.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol as Port

from openinfusion.core.administration.parts import Flow, PumpReport
from openinfusion.core.canonical import Json
from openinfusion.core.forms import form
from openinfusion.core.quantity import Quantity
from openinfusion.simulator import monitor, pump
from openinfusion.simulator.keypad import Ordered, follow
from openinfusion.simulator.monitor import COURSES, LONGEST_BLOCK_S, Artefact, Monitor, Stretch
from openinfusion.simulator.pump import NOTHING, Fault, Pump, PumpState
from openinfusion.simulator.script import Incident, What

REPORT_EVERY_MS = 10_000
CUFF_EVERY_S = 300
_HAND_MS = (1_000, 3_000)
"""How long a nurse takes from the chart to a start or a rate on the keypad, at least and at most; made up."""

_FAULTS = {
    What.OCCLUSION: Fault.OCCLUSION,
    What.AIR: Fault.AIR,
    What.DOOR: Fault.DOOR,
    What.BATTERY: Fault.BATTERY,
    What.SHORT: Fault.SHORT,
}
_ARTEFACTS = {What.ZERO: Artefact.ZERO, What.FROZEN: Artefact.FROZEN, What.LEAD_OFF: Artefact.LEAD_OFF}
_REPORT = form(PumpReport)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a device says: the content of a message, and the moment from which it tells, in milliseconds."""

    at_ms: int
    content: dict[str, Json]


class Unit(Port):
    """A device that serves a session."""

    def read_chart(self, ordered: Ordered, now_ms: int) -> None:
        """Its nurse has looked at the chart."""
        ...

    def live_until(self, now_ms: int) -> Iterator[Said]:
        """What happens until now, and what it says of it."""
        ...


class PumpUnit:
    """A pump with its nurse. `given` is what it gave before it was first looked at."""

    def __init__(self, ordered: Ordered, seed: str, incidents: Sequence[Incident], given: Quantity = NOTHING) -> None:
        self.pump = pump.programme(Pump(), ordered.volume, given)
        if ordered.flow is not Flow.NONE:
            self.pump = pump.rest(self.pump)  # it was in use before this program began
        self._ordered, self._seed = ordered, seed
        # A flow that was ordered before this program began was keyed in back then.
        self._acts_at_ms = 0
        self._at_ms, self._said_at_ms = 0, -REPORT_EVERY_MS
        self._said: PumpReport | None = None
        self._coming = [one for one in incidents if one.what in _FAULTS]
        self._present: list[Incident] = []

    @property
    def is_in_use(self) -> bool:
        """Whether it was ever started for this session."""
        return self.pump.state is not PumpState.IDLE

    def read_chart(self, ordered: Ordered, now_ms: int) -> None:
        """A changed order is keyed in after the time that a nurse takes; a volume that is told only now is programmed before the start."""
        if ordered == self._ordered:
            return
        if ordered.volume != self._ordered.volume and not self.is_in_use:
            self.pump = pump.programme(self.pump, ordered.volume)
        hand = random.Random(f"{self._seed}/{ordered.ordered_at}")  # noqa: S311 - repeatable, not secret
        # Whoever pauses or stops does it at the pump first and charts it then.
        takes = 0 if ordered.flow in (Flow.PAUSED, Flow.STOPPED) else hand.randint(*_HAND_MS)
        self._ordered, self._acts_at_ms = ordered, now_ms + takes

    def live_until(self, now_ms: int) -> Iterator[Said]:
        """Flow, faults and keys until now; a report when something changed, and now and then as a sign of life."""
        self.pump = pump.advance(self.pump, Quantity(max(0, now_ms - self._at_ms), "ms"))
        self._at_ms = max(self._at_ms, now_ms)
        if now_ms >= self._acts_at_ms:
            self.pump = follow(self.pump, self._ordered)
        self._befall(now_ms)
        told = pump.report(self.pump)
        if now_ms - self._said_at_ms >= REPORT_EVERY_MS or self._is_news(told):
            self._said, self._said_at_ms = told, now_ms
            yield Said(now_ms, {"report": _REPORT.write(told)})

    def _is_news(self, told: PumpReport) -> bool:
        return self._said is None or replace(told, volume=self._said.volume) != self._said

    def _befall(self, now_ms: int) -> None:
        for one in [one for one in self._coming if one.has_begun(now_ms)]:
            self._coming.remove(one)
            self._present.append(one)
            self.pump = pump.meet(self.pump, _FAULTS[one.what])
            if one.what is What.OCCLUSION and one.at_s < 0:
                # It was there before this program began: the pressure has risen since.
                self.pump = pump.advance(self.pump, Quantity(-one.at_s, "s"))
        for one in [one for one in self._present if not one.holds(now_ms)]:
            self._present.remove(one)
            self.pump = pump.attend(self.pump)


class MonitorUnit:
    """A monitor at its patient."""

    def __init__(self, ordered: Ordered, seed: str, incidents: Sequence[Incident]) -> None:
        stretches = tuple(Stretch(_ARTEFACTS[one.what], one.at_s, one.end_s) for one in incidents if one.what in _ARTEFACTS)
        reacts = next((one.at_s for one in incidents if one.what is What.REACTION), None)
        self.monitor = Monitor(seed, stretches, reacts)
        self._told_s, self._cuff_s = 0, CUFF_EVERY_S // 10
        self.read_chart(ordered, 0)

    def read_chart(self, ordered: Ordered, now_ms: int) -> None:
        """A reaction is treated from the moment at which the chart holds the flow."""
        begun = self.monitor.reacts_s is not None and self.monitor.reacts_s * 1000 <= now_ms
        if begun and self.monitor.treated_s is None and ordered.flow in (Flow.PAUSED, Flow.STOPPED):
            self.monitor = replace(self.monitor, treated_s=now_ms // 1000)

    def live_until(self, now_ms: int) -> Iterator[Said]:
        """Every second since the last block in blocks of ten seconds, and the cuff when its time has come."""
        second = now_ms // 1000
        while self._told_s + LONGEST_BLOCK_S <= second:
            yield Said(self._told_s * 1000, {"samples": self._samples(self._told_s, self._told_s + LONGEST_BLOCK_S)})
            self._told_s += LONGEST_BLOCK_S
        if second >= self._cuff_s:
            self._cuff_s = second + CUFF_EVERY_S
            yield Said(now_ms, {"readings": self._readings(second)})

    def _samples(self, start_s: int, end_s: int) -> Json:
        values = monitor.block(self.monitor, start_s, end_s)
        channels: dict[str, Json] = {sign.value: {"unit": COURSES[sign].unit, "values": [*shown]} for sign, shown in values.items()}
        times: list[Json] = [1000 * n for n in range(end_s - start_s)]
        noticed: list[Json] = [*monitor.flags(self.monitor, start_s, end_s)]
        # `start` is a moment of the device's clock and is written by whoever reads that clock.
        return {"times_ms": times, "channels": channels, "flags": noticed}

    def _readings(self, second: int) -> list[Json]:
        """What the cuff measured; False says that it came to no result."""
        shown = monitor.cuff(self.monitor, second)
        return [
            {"code": sign.value, "value": False if text is None else {"value": text, "unit": COURSES[sign].unit}}
            for sign, text in shown.items()
        ]
