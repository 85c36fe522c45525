"""The screens on which alarms sound: the result of each self-test, and which screens nobody can hear.

A screen is known by the name that its browser keeps. It is no patient's, and nothing here silences an alarm.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from openinfusion.app.access import Action, require
from openinfusion.app.ports import Document, Envelope, Ports, Receipt
from openinfusion.core.administration.parts import Actor
from openinfusion.core.canonical import Json
from openinfusion.core.errors import Malformed
from openinfusion.core.monitoring.sound import Hearing, hearing
from openinfusion.core.quantity import Quantity
from openinfusion.core.screen_events import SoundTested
from openinfusion.core.table import Alarms

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LONGEST_WHY = 200
LISTED = 500
"""How many screens are looked through at most."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """A screen played its tones, or tried to: whether a person heard them, and what kept it from playing (`blocked`, `no-audio`, the
    browser's own words), empty when it played."""

    screen: str
    heard: bool
    why: str = ""

    @property
    def body(self) -> dict[str, Json]:
        """The body by which "identical" is judged."""
        return {"type": "SelfTest", "screen": self.screen, "heard": self.heard, "why": self.why}


@dataclass(frozen=True, slots=True)
class Screen:
    """A screen with what its last self-test says now, who made it and when."""

    name: str
    hearing: Hearing
    tested_at: datetime | None = None
    by: str = ""
    why: str = ""


def self_test(ports: Ports, test: SelfTest, sent: Envelope, actor: Actor) -> Receipt:
    """Record the result of a self-test; returns after COMMIT. Raises NotAllowed, Malformed for a name that cannot be one, IdReused,
    NotSaved. `sent` is made of `test.body`."""
    require(actor, Action.TEST_SOUND)
    if not _NAME.fullmatch(test.screen):
        raise Malformed("screen", f"{test.screen!r} is no name of a screen", "1 to 64 letters, digits, points, dashes or underlines")
    tested = SoundTested(test.screen, test.heard and not test.why, test.why[:_LONGEST_WHY])
    return ports.log.append(sent, [(f"screen/{test.screen}", tested)], {})


def screen(ports: Ports, name: str) -> Screen:
    """What is known of one screen; a name that was never heard of is an untested screen."""
    row = ports.models.get("screens", name)
    return Screen(name, Hearing.UNTESTED) if row is None else _screen(ports, row)


def silent(ports: Ports) -> tuple[Screen, ...]:
    """The screens of which somebody found, within the time of a self-test, that they cannot be heard, by name."""
    found = (_screen(ports, row) for row in ports.models.listed("screens", "silent/", LISTED))
    return tuple(one for one in found if one.hearing is not Hearing.UNTESTED)


def _screen(ports: Ports, row: Document) -> Screen:
    told: Mapping[str, Json] = row.content
    at, why = datetime.fromisoformat(str(told["at"])), str(told["why"])
    state = hearing(bool(told["heard"]), why, at, ports.clock.now(), _every(ports))
    return Screen(row.key, state, at, str(told["by"]), why)


def _every(ports: Ports) -> Quantity | None:
    tables = ports.library.reference.tables.values()
    figure = next((one.sound_test_every for one in tables if isinstance(one, Alarms)), None)
    return figure.quantity if figure is not None else None
