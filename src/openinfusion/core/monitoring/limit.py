"""Limit alarms on observed values, and the technical alarm of a channel that gives no usable reading.

A zero, an absent value or one of another kind is never taken for a value of the patient; while a channel gives none, its limits rest
and this is shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import SessionState
from openinfusion.core.monitoring.kind import WATCHED, AlarmCondition, AlarmTables, Feed, condition
from openinfusion.core.protocol import AlarmLimit, Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Priority

LIMIT = "limit-crossed"
"""The code of every limit alarm; its `rule` names the protocol's limit."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value of one observation, and whether a device sent it."""

    reading: Reading
    from_device: bool


def limit_conditions(protocol: Protocol, state: SessionState, tables: AlarmTables, feed: Feed) -> tuple[AlarmCondition, ...]:
    """The limits that are crossed now, the channels without a reading, and the limits whose baseline is missing.

    A crossed limit ends only when as many usable values in a row as the table asks for lie inside.
    """
    if state.status not in WATCHED:
        return ()
    found = [one for limit in protocol.alarms if _concerns(limit, state) for one in _crossed(limit, state, tables, feed)]
    watched = dict.fromkeys([*state.seen, *(sample.code for sample in feed.samples)])
    found.extend(
        condition(tables, "no-reading", code, values[-1].reading)
        for code in watched
        if (values := _values(code, state, feed)) and not _usable(values[-1], tables)
    )
    return tuple(found)


def _concerns(limit: AlarmLimit, state: SessionState) -> bool:
    """Whether a limit is of the order's region and product; what the order leaves open excludes nothing, and neither does a condition."""
    choice = state.plan.choice if state.plan is not None else None
    if choice is None:
        return True
    right_region = not limit.regions or choice.region is None or choice.region in limit.regions
    return right_region and (not limit.products or not choice.product or choice.product in limit.products)


def _crossed(limit: AlarmLimit, state: SessionState, tables: AlarmTables, feed: Feed) -> Iterator[AlarmCondition]:
    bound = _bound(limit, state)
    if bound is None:
        yield condition(tables, "baseline-missing", limit.observation, rule=limit.id)
        return
    values = [value for value in _values(limit.observation, state, feed) if _usable(value, tables)]
    comparable = [value.reading for value in values if isinstance(value.reading.value, Quantity) and value.reading.value.is_like(bound)]
    if not comparable:
        return
    key = f"limit:{limit.id}"
    active = key in state.alarms and state.alarms[key].ended_at is None
    looked_back = comparable[-int(tables.alarms.samples_to_end.quantity.value) :] if active else comparable[-1:]
    if any(_holds(reading.value, limit, bound) for reading in looked_back):
        priority = Priority(limit.priority)
        yield AlarmCondition(
            key, LIMIT, priority, physiological=True, reading=comparable[-1], rule=limit.id, sources=limit.sources, response=limit.response
        )


def _bound(limit: AlarmLimit, state: SessionState) -> Quantity | None:
    """The limit as an amount; a share of the baseline is None while no baseline was taken."""
    if not limit.of_baseline:
        return limit.figure.quantity
    baseline = state.baseline.get(limit.observation)
    if baseline is None or not isinstance(baseline.value, Quantity):
        return None
    return baseline.value.scaled(limit.figure.quantity.to("1").value)


def _values(code: str, state: SessionState, feed: Feed) -> list[Value]:
    """The values of one observation in order of time: those charted, then the samples that are newer."""
    seen = state.seen.get(code)
    charted: list[Value] = []
    if seen is not None:
        from_device = seen.by in state.devices
        charted = [Value(reading, from_device) for reading in (*reversed(seen.earlier), seen.reading)]
    newer = (sample for sample in feed.samples if sample.code == code and (seen is None or sample.at > seen.at))
    return [*charted, *(Value(Reading(code, sample.value if sample.value is not None else False), from_device=True) for sample in newer)]


def _usable(value: Value, tables: AlarmTables) -> bool:
    """Whether it is a reading of the patient. A person may chart a zero; of a device it means that it sees nothing."""
    reading = value.reading
    if isinstance(reading.value, bool):
        return reading.value
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
