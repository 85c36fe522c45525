"""Limit alarms on observed values, and the technical alarms of a channel that gives no usable reading.

A zero, an absent value or one of another kind is never taken for a value of the patient; while a channel gives none, its limits rest
and this is shown. Each device is judged by its own values: what two of them send is never mixed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import Alarm, SessionState
from openinfusion.core.monitoring.kind import WATCHED, AlarmCondition, AlarmTables, Feed, condition
from openinfusion.core.patient import duration
from openinfusion.core.protocol import AlarmLimit, Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Priority

LIMIT = "limit-crossed"
"""The code of every limit alarm; its `rule` names the protocol's limit."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one observation, and whether a device sent it. `at` is None of charted values before the newest one."""

    reading: Reading
    from_device: bool
    at: datetime | None = None
    is_sample: bool = False


Series = Sequence[Value]
"""The values of one observation in order of time, never empty: those charted, then the newer samples of one device."""


def limit_conditions(protocol: Protocol, state: SessionState, tables: AlarmTables, feed: Feed, now: datetime) -> tuple[AlarmCondition, ...]:
    """The limits that are crossed now, the channels without a reading, and the limits whose baseline is missing.

    A crossed limit ends only when as many usable values in a row as the table asks for lie inside, and never by silence.
    """
    if state.status not in WATCHED:
        return ()
    found = [one for limit in protocol.alarms if concerns(limit, state) for one in _crossed(limit, state, tables, feed)]
    watched = dict.fromkeys([*state.seen, *(sample.code for sample in feed.samples)])
    for code in watched:
        found.extend(_channel(code, state, tables, feed, now))
    found.extend(_doubled(tables, feed))
    return tuple(found)


def concerns(limit: AlarmLimit, state: SessionState) -> bool:
    """Whether a limit is of the order's region and product; what the order leaves open excludes nothing, and neither does a condition."""
    choice = state.plan.choice if state.plan is not None else None
    if choice is None:
        return True
    right_region = not limit.regions or choice.region is None or choice.region in limit.regions
    return right_region and (not limit.products or not choice.product or choice.product in limit.products)


def _channel(code: str, state: SessionState, tables: AlarmTables, feed: Feed, now: datetime) -> Iterator[AlarmCondition]:
    """A channel of which no device gives a usable reading."""
    series = _series(code, state, feed)
    if series and all(_is_lost(one, code, state, tables, now) for one in series):
        yield condition(tables, "no-reading", code, series[-1][-1].reading)


def _doubled(tables: AlarmTables, feed: Feed) -> Iterator[AlarmCondition]:
    """Two devices that send the same observation: one condition, however many observations."""
    senders: dict[str, set[str]] = {}
    for sample in feed.samples:
        senders.setdefault(sample.code, set()).add(sample.device)
    if any(len(devices) > 1 for devices in senders.values()):
        yield condition(tables, "two-monitors")


def _is_lost(series: Series, code: str, state: SessionState, tables: AlarmTables, now: datetime) -> bool:
    """Whether it gives no usable reading, or has given too few since it last gave none."""
    alarm = state.alarms.get(f"no-reading:{code}")
    if alarm is not None and alarm.ended_at is None:
        return any(not _usable(value, tables) for value in series[-_to_end(tables) :])
    run = list(takewhile(lambda value: not _usable(value, tables), reversed(series)))
    return _has_lasted(run, tables, now)


def _crossed(limit: AlarmLimit, state: SessionState, tables: AlarmTables, feed: Feed) -> Iterator[AlarmCondition]:
    bound = bound_of(limit, state)
    if bound is None:
        yield condition(tables, "baseline-missing", limit.observation, rule=limit.id)
        return
    key = f"limit:{limit.id}"
    outside: list[Reading] = []
    for series in _series(limit.observation, state, feed):
        usable = [value for value in series if _usable(value, tables)]
        comparable = [value for value in usable if isinstance(value.reading.value, Quantity) and value.reading.value.is_like(bound)]
        if usable and isinstance(usable[-1].reading.value, Quantity) and usable[-1] not in comparable[-1:]:
            yield condition(tables, "other-unit", limit.observation, usable[-1].reading)
        if comparable and _is_outside(comparable, limit, bound, state.alarms.get(key), tables):
            outside.append(comparable[-1].reading)
    if outside:
        yield AlarmCondition(
            key, LIMIT, Priority(limit.priority), physiological=True, reading=outside[-1], rule=limit.id, sources=limit.sources,
            response=limit.response,
        )  # fmt: skip


def _is_outside(values: Series, limit: AlarmLimit, bound: Quantity, alarm: Alarm | None, tables: AlarmTables) -> bool:
    """Whether the limit is crossed, or not over yet since it was raised: values older than that say nothing of its end."""
    if alarm is None or alarm.ended_at is not None:
        return _holds(values[-1].reading.value, limit, bound)
    newest = values[-1].at
    if newest is not None and newest < alarm.raised_at:
        return True
    end = _with_dead_band(limit, bound, tables)
    return any(_holds(value.reading.value, limit, end) for value in values[-_to_end(tables) :])


def _has_lasted(run: Sequence[Value], tables: AlarmTables, now: datetime) -> bool:
    """Whether lost values, newest first, go on for long enough to be told. What was charted needs no time, and a device that sends
    seldom is waited for no longer than one that sends often."""
    if not run:
        return False
    if tables.alarms.lost_after is None or any(not value.is_sample for value in run):
        return True
    since = min((value.at for value in run if value.at is not None), default=now)
    return now - since >= duration(tables.alarms.lost_after.quantity)


def _to_end(tables: AlarmTables) -> int:
    return int(tables.alarms.samples_to_end.quantity.value)


def _with_dead_band(limit: AlarmLimit, bound: Quantity, tables: AlarmTables) -> Quantity:
    """The limit moved to its safe side, so that a value that wavers about it raises no second alarm."""
    if tables.alarms.dead_band is None:
        return bound
    share = tables.alarms.dead_band.quantity.to("1").value
    return bound.scaled(1 + share if limit.op in ("<", "<=") else 1 - share)


def bound_of(limit: AlarmLimit, state: SessionState) -> Quantity | None:
    """The limit as an amount; a share of the baseline is None while no baseline was taken."""
    if not limit.of_baseline:
        return limit.figure.quantity
    baseline = state.baseline.get(limit.observation)
    if baseline is None or not isinstance(baseline.value, Quantity):
        return None
    return baseline.value.scaled(limit.figure.quantity.to("1").value)


def _series(code: str, state: SessionState, feed: Feed) -> tuple[Series, ...]:
    """The values of one observation by device; the charted ones alone where no device sent anything newer."""
    seen = state.seen.get(code)
    charted: list[Value] = []
    if seen is not None:
        from_device = seen.by in state.devices
        charted = [*(Value(reading, from_device) for reading in reversed(seen.earlier)), Value(seen.reading, from_device, seen.at)]
    newer: dict[str, list[Value]] = {}
    for sample in feed.samples:
        if sample.code == code and (seen is None or sample.at > seen.at):
            reading = Reading(code, sample.value if sample.value is not None else False)
            newer.setdefault(sample.device, []).append(Value(reading, from_device=True, at=sample.at, is_sample=True))
    if not newer:
        return (charted,) if charted else ()
    return tuple([*charted, *values] for values in newer.values())


def _usable(value: Value, tables: AlarmTables) -> bool:
    """Whether it is a reading of the patient. A person may chart a zero and answer with no; of a device they mean that it sees nothing."""
    reading = value.reading
    if isinstance(reading.value, bool):
        return reading.value or not value.from_device
    if not isinstance(reading.value, Quantity) or not value.from_device or reading.value.value != 0:
        return True
    return not any(reading.code == code or reading.code.startswith(f"{code}.") for code in tables.alarms.zero_is_no_reading)


def _holds(value: Quantity | str | bool, limit: AlarmLimit, bound: Quantity) -> bool:
    if not isinstance(value, Quantity):
        return False
    match limit.op:
        case "<":
            return value < bound
        case "<=":
            return value <= bound
        case ">":
            return value > bound
        case ">=":
            return value >= bound
