"""The simulated gateway: one clock, many devices, one link. It asks which session each device serves, lets the machines live, and speaks.

It starts and raises no rate of its own will: the hand at each simulated pump follows the chart.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import httpx

from openinfusion.core.canonical import Json
from openinfusion.core.quantity import Quantity
from openinfusion.simulator.keypad import Ordered
from openinfusion.simulator.link import Link, Outbox, Outcome
from openinfusion.simulator.pump import NOTHING
from openinfusion.simulator.script import Incident, What
from openinfusion.simulator.unit import MonitorUnit, PumpUnit, Said, Unit

_TICK_S = 1.0
_AT_PUMP_MS, _ELSEWHERE_MS = 2_000, 10_000
"""How often the chart is looked at: by the nurse of a pump, who keys in what they ordered, and for every other device."""
_AGAIN_S = 2.0
"""How long the gateway waits before it sends what was not confirmed once more."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """What is simulated: the devices by name, what befalls them, what pumps gave before; `run` makes this start's messages its own."""

    devices: tuple[str, ...]
    run: UUID
    seed: str = "0"
    incidents: tuple[Incident, ...] = ()
    given: Mapping[str, Quantity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LivingClock:
    """The fleet's own clock: it starts at a moment and runs `speed` times as fast as the seconds that `elapsed_s` counts."""

    start: datetime
    elapsed_s: Callable[[], float]
    speed: float = 1.0

    def milliseconds(self) -> int:
        """Since the start."""
        return int(self.elapsed_s() * self.speed * 1000)

    def at(self, milliseconds: int) -> datetime:
        """The moment so long after the start."""
        return self.start + timedelta(milliseconds=milliseconds)


class Station:
    """One device, with the session it serves now, if any."""

    def __init__(self, device: str, fleet: Fleet, clock: LivingClock) -> None:
        self.device, self._fleet, self._clock = device, fleet, clock
        self.outbox = Outbox(device, fleet.run)
        self._incidents: list[Incident] = [one for one in fleet.incidents if one.device == device]
        self._unit: Unit | None = None
        self._kind, self._joined_ms, self._times_joined = "", 0, 0

    @property
    def is_pump(self) -> bool:
        """Whether it serves a session as a pump."""
        return isinstance(self._unit, PumpUnit)

    def read_chart(self, ordered: Ordered | None) -> None:
        """The device serves a session, a new one, or none any more."""
        now = self._clock.milliseconds()
        if ordered is None:
            self._unit = None
            return
        if self._unit is None or ordered.kind != self._kind:
            self._join(ordered, now)
        else:
            self._unit.read_chart(ordered, now - self._joined_ms)

    def _join(self, ordered: Ordered, now: int) -> None:
        seed = f"{self._fleet.seed}/{self.device}/{self._times_joined}"
        before = self._fleet.given.get(self.device, NOTHING) if self._times_joined == 0 else NOTHING
        if self._times_joined:
            # What began before this program concerns the session that was found then.
            self._incidents = [one for one in self._incidents if one.at_s >= 0]
        self._kind, self._joined_ms, self._times_joined = ordered.kind, now, self._times_joined + 1
        if ordered.kind == "pump":
            self._unit = PumpUnit(ordered, seed, self._incidents, before)
        else:
            self._unit = MonitorUnit(ordered, seed, self._incidents)

    def live(self) -> None:
        """Let the machine live until now and put what it says into the outbox."""
        if self._unit is None:
            return
        for said in self._unit.live_until(self._clock.milliseconds() - self._joined_ms):
            self.outbox.put(self._dated(said), self._told_time(said.at_ms))

    def _dated(self, said: Said) -> dict[str, Json]:
        content = dict(said.content)
        samples, report = content.get("samples"), content.get("report")
        if isinstance(samples, dict):
            content["samples"] = {"start": self._told_time(said.at_ms).isoformat(), **samples}
        if isinstance(report, dict) and not self.is_connected:
            content["report"] = {**report, "buffered": True}
        return content

    def _told_time(self, at_ms: int) -> datetime:
        """The moment by the device's own clock, which may be wrong."""
        ahead = sum(one.lasts_s for one in self._incidents if one.what is What.CLOCK and one.has_begun(at_ms))
        return self._clock.at(self._joined_ms + at_ms) + timedelta(seconds=ahead)

    def now(self) -> datetime:
        """Its clock now."""
        return self._told_time(self._clock.milliseconds() - self._joined_ms)

    @property
    def is_connected(self) -> bool:
        """Whether anybody hears it now."""
        now = self._clock.milliseconds() - self._joined_ms
        return not any(one.what is What.DISCONNECT and one.holds(now) for one in self._incidents)


async def simulate(fleet: Fleet, clock: LivingClock, link: Link, stop: asyncio.Event, say: Callable[[str], None]) -> None:
    """Let the fleet live until `stop` is set. Raises NotAllowed when the token opens nothing."""
    tasks = []
    for device in fleet.devices:
        station = Station(device, fleet, clock)
        tasks += [asyncio.create_task(_live(station, clock, link)), asyncio.create_task(_speak(station, clock, link, say))]
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            one.result()
    finally:
        for task in (*tasks, stopped):
            task.cancel()
        await asyncio.gather(*tasks, stopped, return_exceptions=True)


async def _live(station: Station, clock: LivingClock, link: Link) -> None:
    look_at_ms = 0
    while True:
        now = clock.milliseconds()
        if now >= look_at_ms:
            look_at_ms = now + (_AT_PUMP_MS if station.is_pump else _ELSEWHERE_MS)
            # When nobody knows what the chart says now, the machine goes on as it was last set.
            with contextlib.suppress(httpx.TransportError, httpx.HTTPStatusError, KeyError, ValueError):
                station.read_chart(await link.ordered(station.device))
        station.live()
        await asyncio.sleep(_TICK_S / clock.speed)


async def _speak(station: Station, clock: LivingClock, link: Link, say: Callable[[str], None]) -> None:
    last = Outcome.CONFIRMED
    while True:
        outcome = last
        if len(station.outbox) and station.is_connected:
            outcome = await link.deliver(station.outbox, station.now)
        if outcome is not last:
            say(f"{station.device}: {outcome.value}")
            last = outcome
        await asyncio.sleep((_AGAIN_S if outcome is Outcome.NOT_CONFIRMED else _TICK_S / 4) / clock.speed)
