"""What has to be observed next, and when: worked out from the protocol's monitoring rules and the session. One clock, no second table.

It never decides that something need not be watched because a fact is missing, and it never stops a pause, a slowing or a stop.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from openinfusion.core.administration.checklist import observed_until
from openinfusion.core.administration.ladder import changed_at, next_change
from openinfusion.core.administration.parts import Status
from openinfusion.core.administration.session import SessionState
from openinfusion.core.figure import Source
from openinfusion.core.part import Rule
from openinfusion.core.patient import duration
from openinfusion.core.protocol import Moment, Monitoring, Protocol

Applies = Callable[[Rule], bool]
"""Whether a rule may hold for this patient and order; a rule whose condition is unknown may."""

_BEFORE_FLOW = (Status.ARRIVED, Status.PREPARING, Status.READY)
CLOSED = (Status.COMPLETED, Status.STOPPED, Status.NOT_DONE)
"""The statuses in which nothing is watched any more."""


@dataclass(frozen=True, slots=True)
class Due:
    """One observation that is owed: `codes` at the time `at`. `overdue_since` is that time once it has passed; while `blocks_increase`, the
    rate is not raised."""

    codes: tuple[str, ...]
    at: datetime
    overdue_since: datetime | None
    rule: str
    sources: tuple[Source, ...]
    blocks_increase: bool


@dataclass(frozen=True, slots=True)
class _Owed:
    codes: tuple[str, ...]
    at: datetime


def always(rule: Rule) -> bool:
    """Every rule may hold: what is right while nothing is known of the patient."""
    del rule
    return True


def due(protocol: Protocol, state: SessionState, now: datetime, applies: Applies = always) -> tuple[Due, ...]:
    """Everything owed now or next, one entry for each monitoring rule that has something left, soonest first.

    An observation charted at or after the start of its span counts; a code counts for its parts too (`bp.systolic` for `bp`).
    """
    if state.status is Status.PLANNED or state.status in CLOSED:
        return ()
    found = [
        Due(owed.codes, owed.at, owed.at if owed.at <= now else None, rule.id, rule.sources, _blocks(rule, owed, now))
        for rule in protocol.monitoring
        if applies(rule) and (owed := _owed(protocol, rule, state, now)) is not None
    ]
    return tuple(sorted(found, key=lambda one: (one.at, one.rule)))


def was_observed(state: SessionState, code: str, since: datetime) -> bool:
    """Whether the code, or a part of it, was charted at or after a time."""
    return any(at >= since for at in _times(state, code))


def _blocks(rule: Monitoring, owed: _Owed, now: datetime) -> bool:
    return rule.moment is Moment.BEFORE_INCREASE or owed.at <= now


def _owed(protocol: Protocol, rule: Monitoring, state: SessionState, now: datetime) -> _Owed | None:
    if rule.moment is Moment.BEFORE_INCREASE:
        return _before_increase(rule, state, now)
    span = _span(protocol, rule, state)
    if span is None:
        return None
    start, end = span
    if rule.every is None:
        seen_by_itself = rule.continuous and rule.moment is Moment.DURING
        missing = () if seen_by_itself else tuple(code for code in rule.what if not was_observed(state, code, start))
        return _Owed(missing, start) if missing else None
    owed = _series(rule, state, (start, end), duration(rule.every.quantity))
    if not owed:
        return None
    at = min(owed.values())
    return _Owed(tuple(code for code, when in owed.items() if when <= max(at, now)), at)


def _span(protocol: Protocol, rule: Monitoring, state: SessionState) -> tuple[datetime, datetime | None] | None:
    """From when, and until when, a rule wants observations; None when its time has not come or is over."""
    match rule.moment:
        case Moment.BASELINE:
            start = state.arrived_at if state.status in _BEFORE_FLOW else None
        case Moment.DURING:
            start = state.started_at if state.ended_at is None else None
        case Moment.AFTER_BOLUS:
            # The first filling of the space is a bolus in all but name: the series starts with the flow and again with each bolus.
            begun = [at for at in (state.started_at, *state.boluses) if at is not None]
            start = max(begun, default=None)
        case Moment.AFTER_END:
            start = state.ended_at
        case Moment.BEFORE_INCREASE:
            start = None
    if start is None:
        return None
    if rule.lasting is not None:
        return start, start + duration(rule.lasting.quantity)
    return start, observed_until(state, protocol) if rule.moment is Moment.AFTER_END else None


def _series(rule: Monitoring, state: SessionState, span: tuple[datetime, datetime | None], every: timedelta) -> Mapping[str, datetime]:
    """When each code is owed next: one interval after it was last charted, and a last time at the end of the span."""
    start, end = span
    owed: dict[str, datetime] = {}
    for code in rule.what:
        last = max((at for at in _times(state, code) if at >= start), default=start)
        if end is None or last < end:
            owed[code] = last + every if end is None else min(last + every, end)
    return owed


def _before_increase(rule: Monitoring, state: SessionState, now: datetime) -> _Owed | None:
    at, since = next_change(state, now), changed_at(state)
    if at is None or since is None:
        return None
    missing = tuple(code for code in rule.what if not was_observed(state, code, since))
    return _Owed(missing, at) if missing else None


def _times(state: SessionState, code: str) -> Iterator[datetime]:
    return (at for seen, at in state.observed_at if seen == code or seen.startswith(f"{code}."))
