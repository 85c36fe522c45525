"""Values that cannot be the patient's, or that two channels tell differently: steps no body makes, and a heart at rest with a pulse.

It silences no alarm. A limit that is crossed is told beside a step, and a heart rate of zero is told whatever the other channels show.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise, takewhile

from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import SessionState
from openinfusion.core.monitoring.kind import WATCHED, AlarmCondition, AlarmTables, Feed, Sample, condition, is_of
from openinfusion.core.patient import duration
from openinfusion.core.table import Asystole, Jump


def doubt_conditions(state: SessionState, tables: AlarmTables, feed: Feed, now: datetime) -> tuple[AlarmCondition, ...]:
    """The steps among the newest values, and a heart rate of zero."""
    rules = tables.alarms
    if state.status not in WATCHED or not (rules.jumps or rules.asystole is not None):
        return ()
    found = [one for rule in rules.jumps for one in _jumped(rule, tables, feed)]
    if rules.asystole is not None:
        found.extend(_standing_still(rules.asystole, state, tables, feed, now))
    return tuple(found)


def doubted(conditions: Sequence[AlarmCondition]) -> frozenset[str]:
    """The observations of which the newest values are not to be charted by a device."""
    return frozenset(one.reading.code for one in conditions if one.code == "implausible-step" and one.reading is not None)


def _jumped(rule: Jump, tables: AlarmTables, feed: Feed) -> Iterator[AlarmCondition]:
    """A step holds until as many values as end an alarm came after it without another."""
    newest = int(tables.alarms.samples_to_end.quantity.value) + 1
    for series in _series(rule.observation, feed):
        living = [one for one in series if one.value is not None and one.value.is_like(rule.step.quantity) and not _is_nothing(one, tables)]
        steps = [later for first, later in pairwise(living[-newest:]) if _is_step(first, later, rule)]
        if steps:
            yield condition(tables, "implausible-step", rule.observation, Reading(rule.observation, steps[-1].value or False))
            return


def _is_step(first: Sample, later: Sample, rule: Jump) -> bool:
    if first.value is None or later.value is None or later.at - first.at > duration(rule.within.quantity):
        return False
    low, high = sorted((first.value, later.value))
    return high >= low + rule.step.quantity


def _standing_still(rule: Asystole, state: SessionState, tables: AlarmTables, feed: Feed, now: datetime) -> Iterator[AlarmCondition]:
    """A heart rate that is zero for as long as the rule says, on whatever device; with a pulse since then the channels disagree."""
    begun = [since for claim in rule.claims for series in _series(claim, feed) if (since := _at_rest_since(series)) is not None]
    if begun and now - min(begun) >= duration(rule.after.quantity):
        yield condition(tables, "channels-disagree" if _has_pulse(rule, tables, feed, min(begun)) else "asystole")
    elif _wavers(rule, state, tables, feed):
        yield condition(tables, "channels-disagree")


def _at_rest_since(series: Sequence[Sample]) -> datetime | None:
    """When the newest run of zeros began; an absent value is no zero."""
    run = list(takewhile(_is_zero, reversed(series)))
    return run[-1].at if run else None


def _wavers(rule: Asystole, state: SessionState, tables: AlarmTables, feed: Feed) -> bool:
    """Whether the channels were told to disagree and too few beating values came since to say that it is over."""
    told = state.alarms.get("channels-disagree")
    if told is None or told.ended_at is not None:
        return False
    newest = int(tables.alarms.samples_to_end.quantity.value)
    return any(_is_zero(one) for claim in rule.claims for series in _series(claim, feed) for one in series[-newest:])


def _has_pulse(rule: Asystole, tables: AlarmTables, feed: Feed, since: datetime) -> bool:
    """Whether another channel showed a living value after the heart rate became zero."""
    later = (one for one in feed.samples if one.at > since and any(is_of(one.code, pulse) for pulse in rule.pulses))
    newest = {(one.device, one.code): one for one in later}
    return any(one.value is not None and not _is_zero(one) and not _is_nothing(one, tables) for one in newest.values())


def _series(code: str, feed: Feed) -> tuple[Sequence[Sample], ...]:
    """The newest values of one observation, device by device, in order of time."""
    found: dict[str, list[Sample]] = {}
    for sample in feed.samples:
        if sample.code == code:
            found.setdefault(sample.device, []).append(sample)
    return tuple(found.values())


def _is_zero(sample: Sample) -> bool:
    return sample.value is not None and sample.value.value == 0


def _is_nothing(sample: Sample, tables: AlarmTables) -> bool:
    """A zero of a channel for which the table says that zero means no signal."""
    return _is_zero(sample) and any(is_of(sample.code, code) for code in tables.alarms.zero_is_no_reading)
