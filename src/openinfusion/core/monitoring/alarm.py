"""Which alarm conditions hold now, and which alarms are therefore to be raised or ended. It raises nothing itself; `app.monitoring` does.

Acknowledging an alarm does not end its condition, and a latching one ends only by a person.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from openinfusion.core.administration.commands import EndAlarm, EscalateAlarm, RaiseAlarm
from openinfusion.core.administration.session import Alarm, SessionState
from openinfusion.core.monitoring.doubt import doubt_conditions
from openinfusion.core.monitoring.kind import WATCHED, AlarmCondition, AlarmTables, Feed, condition
from openinfusion.core.monitoring.limit import LIMIT, limit_conditions
from openinfusion.core.monitoring.mismatch import device_conditions
from openinfusion.core.monitoring.observation import Due
from openinfusion.core.monitoring.trend import trend_conditions
from openinfusion.core.patient import duration
from openinfusion.core.protocol import Protocol
from openinfusion.core.table import Alarms, Priority

OVER = "condition-over"
"""The reason under which the watch ends an alarm."""


NOT_ACKNOWLEDGED, NOT_SHOWN = "not-acknowledged", "not-shown"
"""Why an alarm is passed on."""


def conditions(
    protocol: Protocol, state: SessionState, tables: AlarmTables, now: datetime, feed: Feed | None = None
) -> tuple[AlarmCondition, ...]:
    """Everything that is true now and that a person must know, gravest first."""
    heard = feed if feed is not None else Feed()
    return by_priority(
        (
            *limit_conditions(protocol, state, tables, heard, now),
            *trend_conditions(protocol, state, tables, heard),
            *doubt_conditions(state, tables, heard, now),
            *device_conditions(state, tables, heard, now),
        )
    )


def overdue(owed: Iterable[Due], state: SessionState, tables: AlarmTables, now: datetime) -> tuple[AlarmCondition, ...]:
    """The observations that are later than the table lets them be, while the patient is watched."""
    if state.status not in WATCHED:
        return ()
    late = duration(tables.alarms.overdue_after.quantity)
    return tuple(condition(tables, "observation-overdue", one.rule, rule=one.rule) for one in owed if now - one.at >= late)


def by_priority(found: Iterable[AlarmCondition]) -> tuple[AlarmCondition, ...]:
    """Gravest first, then by key; one condition once."""
    once = {one.key: one for one in found}
    return tuple(sorted(once.values(), key=lambda one: (list(Priority).index(one.priority), one.key)))


def transitions(
    alarms: Mapping[str, Alarm], found: Iterable[AlarmCondition], tables: AlarmTables, now: datetime
) -> tuple[RaiseAlarm | EndAlarm, ...]:
    """The commands that bring the alarms of a session in line with the conditions that hold: raise, raise again, end.

    An alarm is raised again when its condition got graver, and when it was acknowledged and still holds after the time of its priority.
    """
    holding = {one.key: one for one in found}
    raised = (_raise(one) for one in holding.values() if _is_news(alarms.get(one.key), one, tables, now))
    over = (alarm for key, alarm in alarms.items() if alarm.ended_at is None and key not in holding)
    return (*raised, *(EndAlarm(alarm.key, OVER) for alarm in over if _ends_alone(alarm, tables)))


def escalations(alarms: Mapping[str, Alarm], tables: AlarmTables, now: datetime) -> tuple[EscalateAlarm, ...]:
    """Who has to be told of the high alarms that nobody acknowledged in time, and of those that no screen showed; each once a raising."""
    open_ones = (one for one in alarms.values() if one.ended_at is None and one.acknowledged_at is None and one.priority == Priority.HIGH)
    return tuple(command for one in open_ones for command in _passed_on(one, tables.alarms, now))


def _passed_on(alarm: Alarm, alarms: Alarms, now: datetime) -> Iterable[EscalateAlarm]:
    age = now - alarm.raised_at
    unseen = alarms.unseen_after is not None and alarm.shown_at is None and age >= duration(alarms.unseen_after.quantity)
    for n, one in enumerate(alarms.escalation):
        if one.to in alarm.escalated:
            continue
        if age >= duration(one.after.quantity):
            yield EscalateAlarm(alarm.key, one.to, NOT_ACKNOWLEDGED)
        elif unseen and n == 0:
            yield EscalateAlarm(alarm.key, one.to, NOT_SHOWN)


def _is_news(alarm: Alarm | None, found: AlarmCondition, tables: AlarmTables, now: datetime) -> bool:
    if alarm is None:
        return True
    if alarm.ended_at is not None:
        return found.evidence_at is None or found.evidence_at > alarm.ended_at
    order = list(Priority)
    if alarm.priority in order and order.index(found.priority) < order.index(Priority(alarm.priority)):
        return True
    answered = alarm.acknowledged_at is not None and found.evidence_at is not None and found.evidence_at <= alarm.acknowledged_at
    if answered and not found.latching:
        return False
    again = tables.alarms.again_after.get(found.priority)
    return alarm.acknowledged_at is not None and again is not None and now - alarm.acknowledged_at >= duration(again.quantity)


def _raise(found: AlarmCondition) -> RaiseAlarm:
    return RaiseAlarm(found.key, found.code, found.priority.value, found.physiological, found.reading, found.rule)


def _ends_alone(alarm: Alarm, tables: AlarmTables) -> bool:
    """Whether the watch may end it: alarms of its own that do not latch. What somebody else raised stays."""
    if alarm.code == LIMIT:
        return True
    kinds = (*tables.alarms.kinds, *tables.pumps.events, tables.pumps.unknown)
    return any(kind.id == alarm.code and not kind.latching for kind in kinds)
