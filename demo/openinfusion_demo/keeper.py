"""Keeps the demo centre alive: therapies in many states when it opens, new patients when others went home, and always some work for each
visitor. It acts through the use cases, as colleagues in the background, and leaves to a visitor what a visitor has taken in hand.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

from django.db import DatabaseError, connection

from openinfusion.app import bedside
from openinfusion.app.ports import Ports
from openinfusion.app.scenario import Player
from openinfusion.core.administration.parts import OpenMatter, Status
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.volume import NOTHING, delivered, planned_volume
from openinfusion.core.errors import OpenInfusionError
from openinfusion.core.quantity import Quantity
from openinfusion_demo.story import Past, Roster, Story

log = logging.getLogger("openinfusion.demo")

PUMPS = tuple(f"pump-{n}" for n in range(1, 17))
MONITORS = tuple(f"monitor-{n}" for n in range(1, 7))
_CHAIRS = 20

Waits = Callable[[Ports, Player], bool]


@dataclass(frozen=True, slots=True)
class Place:
    """What a therapy needs at its chair."""

    pump: bool = False
    monitor: bool = False


_PUMP, _BOTH, _NEITHER = Place(pump=True), Place(pump=True, monitor=True), Place()
PLACES: Mapping[str, Place] = {
    "rituximab": _BOTH,
    "rituximab_with_reaction": _BOTH,
    "rituximab_to_check": _PUMP,
    "infliximab": _PUMP,
    "infliximab_with_occlusion": _PUMP,
    "infliximab_to_prepare": _NEITHER,
    "infliximab_to_cosign": _NEITHER,
    "labour_epidural": _PUMP,
    "immune_globulin_at_home": _NEITHER,
    "influenza_vaccine": _NEITHER,
    "ceftriaxone_to_verify": _NEITHER,
}

SEEDS: tuple[tuple[str, float], ...] = (
    ("infliximab_to_cosign", 5),
    ("ceftriaxone_to_verify", 4),
    ("infliximab_to_prepare", 26),
    ("rituximab_to_check", 50),
    ("rituximab", 33),  # premedicated and waiting
    ("rituximab", 112),  # on the second rung
    ("rituximab", 222),  # on the fifth
    ("rituximab_with_reaction", 144),  # four minutes after it began
    ("infliximab", 8),  # planned, not here yet
    ("infliximab", 102),  # paused
    ("infliximab", 178),  # observed
    ("infliximab_with_occlusion", 72),
    ("labour_epidural", 110),
    ("immune_globulin_at_home", 40),
    ("influenza_vaccine", 20),
)
"""What is there when the centre opens, with the minutes for which each day has gone on."""

ROTATION = ("rituximab", "influenza_vaccine", "infliximab", "immune_globulin_at_home", "labour_epidural")
ALIVE = 11
"""How many therapies colleagues keep going."""

_SHOWN = Quantity("0.01", "mL")
_SLEPT = timedelta(minutes=3)
"""Steps that are later than this were missed: the machine slept, and they are played at their own times."""


def _order_is(status: str) -> Waits:
    def waits(ports: Ports, player: Player) -> bool:
        row = ports.models.get("orders", player.course)
        return row is not None and row.content["status"] == status

    return waits


def _before_flow(state: SessionState) -> bool:
    return state.status in (Status.PLANNED, Status.ARRIVED, Status.PREPARING)


def _lacks_container(ports: Ports, player: Player) -> bool:
    state = bedside.state_of(ports, str(player.session))
    return _before_flow(state) and not state.containers


def _lacks_witness(ports: Ports, player: Player) -> bool:
    state = bedside.state_of(ports, str(player.session))
    return _before_flow(state) and not state.witness


WAITING: Mapping[str, Waits] = {
    "infliximab_to_cosign": _order_is("awaits-cosignature"),
    "ceftriaxone_to_verify": _order_is("signed"),
    "infliximab_to_prepare": _lacks_container,
    "rituximab_to_check": _lacks_witness,
}
"""The stories that end where a visitor's work begins, and whether that work still waits."""


class Keeper:
    """The colleagues of the demo centre. `ports` read the real clock; `past` makes ports that read another."""

    def __init__(self, roster: Roster, ports: Ports, past: Callable[[Past], Ports]) -> None:
        self._roster, self._ports = roster, ports
        self._clock = Past(ports.clock.now())
        self._past = past(self._clock)
        self._next = cycle(ROTATION)

    def open(self, now: datetime) -> Iterator[tuple[int, int]]:
        """Bring every story to the present and fill the centre; yields how many of how many are done."""
        self._roster.load()
        if self._ports.log.head() == 0:
            self._roster.stories.clear()  # the store was made anew
        known = list(self._roster.stories)
        total = len(known) + len(SEEDS)
        for n, story in enumerate(known, start=1):
            story.catch_up(self._past, self._clock, now)
            yield n, total
        self._drop_what_is_over()
        there = Counter(story.therapy for story in self._roster.stories)
        for n, (therapy, minutes) in enumerate(SEEDS, start=len(known) + 1):
            there[therapy] -= 1
            if there[therapy] < 0:
                self._cast(therapy, now - timedelta(minutes=minutes), until=now)
            yield n, total
        self._drop_what_is_over()
        self._roster.save()

    def run(self, stop: threading.Event, every_s: float = 1.0) -> None:
        """Look round after round until `stop` is set."""
        while not stop.wait(every_s):
            try:
                self.look(self._ports.clock.now())
            except (OpenInfusionError, DatabaseError) as error:
                log.warning("a round of the demo centre failed: %s", type(error).__name__)
        connection.close()

    def look(self, now: datetime) -> None:
        """One round: what is due is done, who went home is replaced, what visitors took is filled up."""
        moved = [story for story in self._roster.stories if not story.is_over and self._go_on(story, now)]
        before = len(self._roster.stories)
        self._drop_what_is_over()
        missing = [name for name in WAITING if all(story.therapy != name for story in self._roster.stories)]
        if sum(story.therapy not in WAITING for story in self._roster.stories) < ALIVE:
            missing.append(next(self._next))
        for therapy in missing:
            self._cast(therapy, now, until=now)
        if moved or missing or before != len(self._roster.stories):
            self._roster.save()

    def _go_on(self, story: Story, now: datetime) -> bool:
        due = story.due(self._ports)
        if due is not None and now - due > _SLEPT:
            story.catch_up(self._past, self._clock, now)
            return True
        return story.go_on(self._ports, now)

    def _drop_what_is_over(self) -> None:
        kept = []
        for story in self._roster.stories:
            waits = WAITING.get(story.therapy)
            if not story.is_over or (waits is not None and waits(self._ports, story.player(self._ports))):
                kept.append(story)
        self._roster.stories = kept

    def _cast(self, therapy: str, start: datetime, until: datetime) -> None:
        """A new patient in a free place; none when no device is free."""
        place = PLACES[therapy]
        pump, monitor = self._free(PUMPS, needed=place.pump), self._free(MONITORS, needed=place.monitor)
        if pump is None or monitor is None:
            return
        taken = {story.casting.chair for story in self._roster.stories}
        chair = next((str(n) for n in range(1, _CHAIRS + 1) if str(n) not in taken), "corridor")
        story = self._roster.cast(therapy, start, "home" if therapy == "immune_globulin_at_home" else chair, pump, monitor)
        if start < until:
            story.catch_up(self._past, self._clock, until)
        else:
            story.go_on(self._ports, until)

    def _free(self, devices: tuple[str, ...], *, needed: bool) -> str | None:
        """A device that no story and no open session has; empty when none is needed, None when none is free."""
        if not needed:
            return ""
        used = {name for story in self._roster.stories for name in (story.casting.pump, story.casting.monitor)}
        return next((name for name in devices if name not in used and self._ports.models.get("devices", name) is None), None)

    def given(self, now: datetime) -> dict[str, Quantity]:
        """What each pump that runs has given so far, for simulated pumps that go on from there."""
        found: dict[str, Quantity] = {}
        for device, state in self._served(PUMPS):
            if state.started_at is not None and planned_volume(state) is not None:
                stands = state.pump is not None and bool(state.pump.alarm)
                given = (state.pump.volume or NOTHING) if stands and state.pump else delivered(state, now)[0]
                found[device] = given.rounded(_SHOWN)
        return found

    def incidents(self, now: datetime) -> Iterator[str]:
        """What began before the simulated devices did: the closed line and the reaction that the chart knows of."""
        for device, state in self._served(PUMPS):
            if state.pump is not None and state.pump.alarm.startswith("occlusion") and state.pump_at is not None:
                yield f"{device}=occlusion@-{_seconds(now - state.pump_at)}"
        for device, state in self._served(MONITORS):
            if OpenMatter.REACTION in state.open and state.reaction is not None:
                yield f"{device}=reaction@-{_seconds(now - state.reaction.reported_at)}"

    def _served(self, devices: tuple[str, ...]) -> Iterator[tuple[str, SessionState]]:
        for device in devices:
            row = self._ports.models.get("devices", device)
            if row is not None:
                yield device, bedside.state_of(self._ports, str(row.content["session"]))


def _seconds(span: timedelta) -> int:
    return max(1, int(span.total_seconds()))
