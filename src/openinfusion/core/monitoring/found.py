"""What a session holds of its newest reaction, as the classifiers read it, and what holds a restart back when it was anaphylaxis."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import Reaction, SessionState
from openinfusion.core.finding import Finding, Level
from openinfusion.core.monitoring.classify import Met, anaphylaxis
from openinfusion.core.monitoring.signs import SIGNS, Exposure, Response, Signs, called
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import ReactionCriteria

SYSTOLIC, SATURATION, TEMPERATURE = "bp.systolic", "spo2", "temp"


def criteria_met(table: ReactionCriteria | None, state: SessionState, age: Quantity | None) -> tuple[Finding, ...]:
    """Criteria of anaphylaxis that this session's newest reaction meets: two prescribers decide before anything rises or runs again. Where
    it was treated as anaphylaxis the flow has ended, and nothing is left to decide."""
    last = state.reactions[-1] if state.reactions else None
    if table is None or last is None or last.emergency:
        return ()
    met = [one for one in anaphylaxis(table, signs_of(state, last, age)) if one.met is Met.YES]
    if not met:
        return ()
    named = tuple(one.criterion for one in met)
    return (Finding("reaction.anaphylaxis-met", Level.CONTRAINDICATED, {"rules": named}, met[0].sources, rule=named[0]),)


def signs_of(state: SessionState, reaction: Reaction, age: Quantity | None) -> Signs:
    """A reaction as it was found: its signs, and the gravest value of each measure that was charted since it was reported."""
    since = reaction.reported_at
    before = state.baseline.get(SYSTOLIC)
    return Signs(
        seen=frozenset(called(sign) for sign in reaction.signs),
        exposure=Exposure(reaction.exposure) if reaction.exposure in list(Exposure) else None,
        systolic=_gravest(state, SYSTOLIC, since, min),
        baseline=before.value if before is not None and isinstance(before.value, Quantity) and before.value.value > 0 else None,
        age=age,
        saturation=_gravest(state, SATURATION, since, min),
        temperature=_gravest(state, TEMPERATURE, since, max),
        done=frozenset(called(word) for word in reaction.done),
        response=Response(reaction.response) if reaction.response in list(Response) else None,
        recurred=any((one.grade or 0) > 0 for one in state.reactions if one is not reaction),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What the chart shows of a reaction, when the newest sign was charted, and since when signs count for it."""

    signs: Signs
    at: datetime
    since: datetime


def charted_signs(state: SessionState, age: Quantity | None) -> Found | None:
    """The signs charted since the flow began or the last reaction was over, with the open reaction's own and the newest values; None before
    the flow and while nobody saw a sign. What was charted before says nothing of an acute illness."""
    if state.started_at is None:
        return None
    since = max([state.started_at, *(one.resolved_at for one in state.reactions if one.resolved_at is not None)])
    charted = {called(code): told.at for code, told in state.seen.items() if told.reading.value is True and told.at >= since}
    seen = {sign: at for sign, at in charted.items() if sign in SIGNS}
    reaction = state.reaction
    if reaction is None and not seen:
        return None
    told = signs_of(state, reaction, age) if reaction is not None else _newest(state, age, since)
    times = [*seen.values(), *([reaction.reported_at] if reaction is not None else [])]
    return Found(replace(told, seen=told.seen | frozenset(seen)), max(times), since)


def _newest(state: SessionState, age: Quantity | None, since: datetime) -> Signs:
    """The newest values as they were charted, without any report of a reaction."""
    before = state.baseline.get(SYSTOLIC)
    return Signs(
        systolic=_last(state, SYSTOLIC, since),
        baseline=before.value if before is not None and isinstance(before.value, Quantity) and before.value.value > 0 else None,
        age=age,
        saturation=_last(state, SATURATION, since),
        temperature=_last(state, TEMPERATURE, since),
    )


def _last(state: SessionState, code: str, since: datetime) -> Quantity | None:
    told = state.seen.get(code)
    value = told.reading.value if told is not None and told.at >= since else None
    return value if isinstance(value, Quantity) else None


def _gravest(state: SessionState, code: str, since: datetime, pick: Callable[[list[Quantity]], Quantity]) -> Quantity | None:
    values = [one.value for one in _readings(state, code, since) if isinstance(one.value, Quantity)]
    return pick(values) if values else None


def _readings(state: SessionState, code: str, since: datetime) -> Iterator[Reading]:
    """The readings of a code since a moment, newest first, as far back as they are kept."""
    seen = state.seen.get(code)
    if seen is None:
        return
    if seen.at >= since:
        yield seen.reading
    times = [at for charted, at in reversed(state.observed_at) if charted == code and at < seen.at]
    yield from (reading for reading, at in zip(seen.earlier, times, strict=False) if at >= since)
