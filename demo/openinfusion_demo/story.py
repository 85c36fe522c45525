"""One patient of the demo centre: their written day, and how far it has been played. Kept in a small file, so that a centre that was closed
goes on where it was.

A day goes on by the ordinary use cases; what they refuse stays refused.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import uuid5

from openinfusion.app import bedside
from openinfusion.app.commands import envelope, write_command
from openinfusion.app.ports import Ports
from openinfusion.app.scenario import Played, Player, Scenario
from openinfusion.core.administration import commands as c
from openinfusion.core.administration import events as e
from openinfusion.core.administration.parts import Actor
from openinfusion.core.canonical import sha256
from openinfusion.core.errors import Code, OpenInfusionError
from openinfusion_demo.day import Casting
from openinfusion_demo.people import NURSE, VISITORS
from openinfusion_demo.therapies import THERAPIES

_VISITORS = frozenset(one.name for one in VISITORS)
_LOOKED_IN = (e.AlarmAcknowledged, e.AlarmEnded, e.ObservationRecorded, e.ComplicationRecorded)
"""What a visitor can do at a session without taking it over."""


class Past:
    """A clock that is set to the moment of each step, for what happened before the centre opened."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """The moment of the step that is played."""
        return self._moment

    def set(self, moment: datetime) -> None:
        """Go to the next step."""
        self._moment = moment


@dataclass(slots=True)
class Story:
    """A therapy with its casting; `following` is the next step, counted from 1, 0 before the patient is registered."""

    therapy: str
    casting: Casting
    following: int = 0
    is_over: bool = False

    def player(self, ports: Ports, clock: Past | None = None) -> Player:
        """The player of this day on these ports."""
        return Player(_day_of(self.therapy, self.casting), ports, clock.set if clock is not None else _no_clock)

    @property
    def written(self) -> str:
        """A digest of the written day: steps are known by their place in it, so that a day that reads otherwise cannot be gone on with."""
        return sha256(_day_of(self.therapy, self.casting).model_dump_json())

    def due(self, ports: Ports) -> datetime | None:
        """When the next step happens, None when there is none."""
        player = self.player(ports)
        if self.following > len(player.scenario.steps):
            return None
        return player.moment_of(max(1, self.following))

    def catch_up(self, ports: Ports, clock: Past, until: datetime) -> None:
        """Play every step up to a moment at its own time, devices included. `ports` read `clock`."""
        player = self.player(ports, clock)
        if self.following == 0:
            player.register()
            self.following = 1
        for n in range(self.following, len(player.scenario.steps) + 1):
            if player.moment_of(n) > until:
                return
            self.following = n + 1
            _see_off(ports, player, player.take(n), n)
        self.is_over = True

    def go_on(self, ports: Ports, now: datetime) -> bool:
        """Play what is due now, as people would; the devices speak for themselves. False when nothing was due."""
        player = self.player(ports)
        if self.following == 0:
            player.register()
            self.following = 1
        steps, moved = player.scenario.steps, False
        while self.following <= len(steps) and player.moment_of(self.following) <= now:
            moved = True
            if steps[self.following - 1].message is None and not self._take(player, ports):
                return True
            self.following += 1
        self.is_over = self.following > len(steps)
        return moved

    def _take(self, player: Player, ports: Ports) -> bool:
        """Take one step, or leave the rest of the day to a visitor. False when it is to be tried again, or never."""
        if is_taken_over(ports, player):
            self.is_over = True
            return False
        played = player.take(self.following)
        if played.error == Code.STALE_VIEW:
            return False
        _see_off(ports, player, played, self.following)
        return True


@lru_cache(maxsize=128)
def _day_of(therapy: str, casting: Casting) -> Scenario:
    return THERAPIES[therapy](casting)


def _no_clock(_moment: datetime) -> None:
    """The present needs no setting."""


def _see_off(ports: Ports, player: Player, played: Played, n: int) -> None:
    """A last discharge that is held back is given once more with a reason for each thing that is missing, so that the place is free."""
    missing = [one.code.removeprefix("discharge.") for one in played.findings if one.code.startswith("discharge.")]
    if n < len(player.scenario.steps) or not missing:
        return
    command = c.Discharge(dict.fromkeys(missing, "end of the demonstration"))
    sent = envelope(uuid5(player.session, "end of the demonstration"), write_command(command), NURSE, played.at)
    with suppress(OpenInfusionError):  # what is refused again stays open, for a visitor
        bedside.handle(ports, str(player.session), command, sent, Actor(NURSE, frozenset({"nurse"})))


def is_taken_over(ports: Ports, player: Player) -> bool:
    """Whether a visitor has moved this session, by more than looking in."""
    recorded = ports.log.read(f"session/{player.session}")
    return any(one.actor in _VISITORS and not isinstance(one.event, _LOOKED_IN) for one in recorded)


class Roster:
    """The stories that are not over, and the number of the next patient, in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.stories: list[Story] = []
        self.next_number = 1

    def load(self) -> None:
        """Read the file; a missing one is an empty centre. Days that this release writes otherwise are left to their patients."""
        if not self._file.exists():
            return
        kept = json.loads(self._file.read_text(encoding="utf-8"))
        self.next_number = kept["next_number"]
        for one in kept["stories"]:
            casting = Casting(**{**one["casting"], "start": datetime.fromisoformat(one["casting"]["start"])})
            story = Story(one["therapy"], casting, one["following"], one["is_over"])
            if story.therapy in THERAPIES and story.written == one.get("written"):
                self.stories.append(story)

    def save(self) -> None:
        """Write it as a whole."""
        shown = [
            {**asdict(one), "casting": {**asdict(one.casting), "start": one.casting.start.isoformat()}, "written": one.written}
            for one in self.stories
        ]
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps({"next_number": self.next_number, "stories": shown}), encoding="utf-8")
        beside.replace(self._file)

    def cast(self, therapy: str, start: datetime, chair: str, pump: str = "", monitor: str = "") -> Story:
        """A new patient; the number is written down before anything else is, so that no two patients ever have the same."""
        story = Story(therapy, Casting(self.next_number, start, chair, pump, monitor))
        self.next_number += 1
        self.stories.append(story)
        self.save()
        return story
