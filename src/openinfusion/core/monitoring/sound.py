"""Which alarms sound now, and whether a screen can be heard. A pause silences what stood when it began, and nothing that came after.

Silencing ends no alarm and hides none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openinfusion.core.administration.session import Alarm, SessionState, SoundPause
from openinfusion.core.patient import duration
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Priority

LOSS_OF_FEED = frozenset({"monitor-silent", "pump-silent"})
"""Alarms after which nobody knows what goes on: they break a pause whatever their priority."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What is to be heard of a session: the alarms that sound, gravest first; until when a pause lasts that a person gave, None when none
    does; and the newer alarm that broke it."""

    sounding: tuple[Alarm, ...]
    paused_until: datetime | None = None
    paused_by: str = ""
    broken_by: Alarm | None = None


def sound(state: SessionState, now: datetime) -> Sound:
    """What is to be heard of a session now."""
    held = _by_priority(one for one in state.alarms.values() if one.ended_at is None)
    pause = state.sound_pause
    if pause is None or not pause.at <= now < pause.until:
        return Sound(held)
    broken_by = next((one for one in held if _breaks(one, pause, held)), None)
    if broken_by is not None:
        return Sound(held, broken_by=broken_by)
    return Sound(tuple(one for one in held if not _is_covered(one, pause)), pause.until, pause.by)


def _is_covered(alarm: Alarm, pause: SoundPause) -> bool:
    """Whether it stood when the pause began and was not raised anew since."""
    return alarm.key in pause.covers and alarm.raised_at <= pause.at


def _breaks(alarm: Alarm, pause: SoundPause, held: Iterable[Alarm]) -> bool:
    """Whether it came after the pause began and is as grave as the gravest that is silent, or tells that nothing is heard any more."""
    if alarm.raised_at <= pause.at:
        return False
    silent = [_rank(one) for one in held if _is_covered(one, pause)]
    return alarm.code in LOSS_OF_FEED or not silent or _rank(alarm) <= min(silent)


def _rank(alarm: Alarm) -> int:
    """Gravest is 0; a priority of another origin is taken for a grave one."""
    order = [priority.value for priority in Priority]
    return order.index(alarm.priority) if alarm.priority in order else 0


def _by_priority(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    return tuple(sorted(alarms, key=lambda one: (_rank(one), one.raised_at, one.key)))


class Hearing(StrEnum):
    """Whether a screen can be heard: a person heard its tone, did not, it could not play, or nobody has tried since the time to."""

    HEARD = "heard"
    NOT_HEARD = "not-heard"
    CANNOT_PLAY = "cannot-play"
    UNTESTED = "untested"


def hearing(heard: bool | None, why: str, at: datetime | None, now: datetime, every: Quantity | None) -> Hearing:
    """What the last self-test of a screen says now; one that is older than `every` says nothing any more, and neither does one of the
    future."""
    if heard is None or at is None or at > now or (every is not None and now - at >= duration(every)):
        return Hearing.UNTESTED
    if heard:
        return Hearing.HEARD
    return Hearing.CANNOT_PLAY if why else Hearing.NOT_HEARD
