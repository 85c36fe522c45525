"""When a look can be left out: a session that was looked at as a whole and found at rest stays so until a moment that is known, as long as
its record does not move and its devices send only values that raise nothing.

It says nothing of a value that it does not know for calm: then the whole look is made.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from openinfusion.core.administration.session import Alarm, SessionState
from openinfusion.core.monitoring.kind import AlarmCondition, AlarmTables, Feed, is_of
from openinfusion.core.monitoring.limit import LIMIT, bound_of, concerns
from openinfusion.core.monitoring.mismatch import last_heard
from openinfusion.core.monitoring.observation import Due
from openinfusion.core.patient import duration
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Priority

OF_SAMPLES = frozenset(
    {
        LIMIT,
        "no-reading",
        "other-unit",
        "two-monitors",
        "trend-to-limit",
        "asystole",
        "channels-disagree",
        "implausible-step",
        "monitor-silent",
        "pump-silent",
    }
)
"""The conditions that may change with each sample: while one of them holds, every look is made as a whole."""

LONGEST = timedelta(minutes=10)
"""After so long a look is made as a whole in any case."""

Channel = tuple[str, str]
"""A device and an observation code."""

Bounds = tuple[tuple[str, str, Quantity], ...]
"""The limits of a session as they stand: observation, comparison, amount."""


@dataclass(frozen=True, slots=True)
class Calm:
    """A session at rest from `since` until `until`: the seq of its record then, the channels that were heard, the limits that hold, and
    when each device falls silent that sends no more."""

    seq: int
    since: datetime
    until: datetime
    channels: frozenset[Channel]
    bounds: Bounds
    silent_at: tuple[tuple[str, datetime], ...]

    def lasts(self, seq: int, now: datetime) -> bool:
        """Whether nothing but a sample can have changed it by now."""
        return seq == self.seq and self.since <= now < self.until


@dataclass(frozen=True, slots=True)
class Looked:
    """What a whole look came to: the session, what is owed, the conditions that hold, and what the devices showed."""

    state: SessionState
    left: tuple[Due, ...]
    found: tuple[AlarmCondition, ...]
    feed: Feed


def calm_after(protocol: Protocol, looked: Looked, tables: AlarmTables, now: datetime) -> Calm | None:
    """The calm that begins with a look which changed nothing; None where some sample, charted or not, may change it at once."""
    state, feed = looked.state, looked.feed
    if any(one.code in OF_SAMPLES for one in looked.found) or not all(_stands(one, looked, tables) for one in _open(state)):
        return None
    channels = frozenset((sample.device, sample.code) for sample in feed.samples)
    owed_now = [code for one in looked.left if one.overdue_since is not None for code in one.codes]
    if any(is_of(code, wanted) for _, code in channels for wanted in owed_now) or len({code for _, code in channels}) < len(channels):
        return None
    bounds = tuple(_bounds(protocol, state))
    newest = {(sample.device, sample.code): sample for sample in feed.samples}
    if not all(is_calm(one.code, one.value, bounds, tables) for one in newest.values()):
        return None
    until = min((at for at in _deadlines(looked, tables) if at >= now), default=now + LONGEST)
    silent_at = tuple((device, at) for device, at in _silences(looked, tables) if at >= now)
    return Calm(state.seq, now, min(until, now + _at_most(state)), channels, bounds, silent_at)


def _at_most(state: SessionState) -> timedelta:
    """The longest time, somewhat apart for each patient, so that sessions that began together are not all looked at in one second."""
    return LONGEST - timedelta(seconds=sum(state.patient.encode()) % 300)


def may_be_silent(calm: Calm, heard: Mapping[str, datetime], longest: timedelta, now: datetime) -> bool:
    """Whether a device may have been silent for too long by now, with what was heard of it last."""
    return any(now > at and (device not in heard or now - heard[device] > longest) for device, at in calm.silent_at)


def silence(tables: AlarmTables) -> timedelta:
    """How long a device may send nothing."""
    return duration(tables.alarms.report_every.quantity.scaled(tables.alarms.stale_after.quantity.value))


def is_calm(code: str, value: Quantity | None, bounds: Bounds, tables: AlarmTables) -> bool:
    """Whether a value of a device raises nothing by itself: it can be read, is no zero where zero means something, and lies inside every
    limit of its observation, in a unit that can be compared."""
    if value is None:
        return False
    if value.value == 0 and (_means_lost(code, tables) or _claims_rest(code, tables)):
        return False
    return all(_is_inside(value, op, bound) for observation, op, bound in bounds if observation == code)


def _bounds(protocol: Protocol, state: SessionState) -> Iterator[tuple[str, str, Quantity]]:
    for limit in protocol.alarms:
        bound = bound_of(limit, state) if concerns(limit, state) else None
        if bound is not None:
            yield limit.observation, limit.op, bound


def _is_inside(value: Quantity, op: str, bound: Quantity) -> bool:
    if not value.is_like(bound):
        return False
    match op:
        case "<":
            return value >= bound
        case "<=":
            return value > bound
        case ">":
            return value <= bound
        case _:
            return value < bound


def _means_lost(code: str, tables: AlarmTables) -> bool:
    return any(is_of(code, one) for one in tables.alarms.zero_is_no_reading)


def _claims_rest(code: str, tables: AlarmTables) -> bool:
    rule = tables.alarms.asystole
    return rule is not None and code in rule.claims


def _open(state: SessionState) -> Iterable[Alarm]:
    return (one for one in state.alarms.values() if one.ended_at is None)


def _stands(alarm: Alarm, looked: Looked, tables: AlarmTables) -> bool:
    """Whether an alarm stands until the record moves or its time comes: its condition holds by the record alone, or only a person ends
    it."""
    kinds = (*tables.alarms.kinds, *tables.pumps.events, tables.pumps.unknown)
    latches = any(kind.id == alarm.code and kind.latching for kind in kinds)
    return alarm.code not in OF_SAMPLES and (latches or any(one.key == alarm.key for one in looked.found))


def _deadlines(looked: Looked, tables: AlarmTables) -> Iterator[datetime]:
    """Every moment at which time alone may change what holds."""
    state, alarms = looked.state, tables.alarms
    late = duration(alarms.overdue_after.quantity)
    for one in looked.left:
        yield one.at
        yield one.at + late
    if state.ordered_at is not None:
        yield state.ordered_at + duration(alarms.mismatch_after.quantity)
        yield state.ordered_at + duration(alarms.confirm_within.quantity)
    for alarm in _open(state):
        yield from _deadlines_of(alarm, tables)


def _silences(looked: Looked, tables: AlarmTables) -> Iterator[tuple[str, datetime]]:
    """When each device of the session would be silent for too long."""
    state, longest = looked.state, silence(tables)
    if state.started_at is not None:
        yield from ((device, last_heard(state, looked.feed, device, kind) + longest) for device, kind in state.devices.items())


def _deadlines_of(alarm: Alarm, tables: AlarmTables) -> Iterator[datetime]:
    alarms = tables.alarms
    for one in alarms.escalation:
        yield alarm.raised_at + duration(one.after.quantity)
    if alarms.unseen_after is not None:
        yield alarm.raised_at + duration(alarms.unseen_after.quantity)
    if alarm.acknowledged_at is not None:
        for priority in Priority:
            if priority in alarms.again_after:
                yield alarm.acknowledged_at + duration(alarms.again_after[priority].quantity)
