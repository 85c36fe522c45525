"""The rate ladder against what has flowed: which rung is done, current or next, and when the next may be taken. It never changes a rate.

Time on a rung is infusing time: pauses do not count.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from openinfusion.core.administration.parts import Flow, SegmentKind
from openinfusion.core.administration.session import Segment, SessionState
from openinfusion.core.administration.volume import NOTHING, delivered, planned_volume
from openinfusion.core.patient import duration, seconds
from openinfusion.core.prescribing.order import RateStep
from openinfusion.core.quantity import Quantity


class Standing(StrEnum):
    """How far a rung has come."""

    DONE = "done"
    CURRENT = "current"
    NEXT = "next"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder as it stands. `due` is when it may be taken, on the clock, while the flow runs."""

    step: RateStep
    standing: Standing
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the delivery has come. `ends_at` holds while the rates follow the ladder; None when nothing flows or no volume is planned."""

    delivered: Quantity
    planned: Quantity | None
    remaining: Quantity | None
    ends_at: datetime | None


def steps(state: SessionState) -> tuple[RateStep, ...]:
    """The rungs of the plan."""
    return state.plan.rates.steps if state.plan is not None and state.plan.rates is not None else ()


def first_rate(state: SessionState) -> Quantity | None:
    """The rate to start at: the first rung, or the basal flow of a programme (nothing per hour where it has none)."""
    if rungs := steps(state):
        return rungs[0].rate
    rates = state.plan.rates if state.plan is not None else None
    if rates is None or rates.on_demand is None:
        return None
    return rates.on_demand.basal or Quantity(0, "mL/h")


def next_rung(state: SessionState) -> RateStep | None:
    """The lowest rung above the rate that runs, or above the rate at which the flow was held."""
    rate = state.rate or state.held_rate
    above = [step for step in steps(state) if rate is None or step.rate > rate]
    return min(above, key=lambda step: step.rate, default=None)


def current_rung(state: SessionState) -> RateStep | None:
    """The highest rung that the present rate reaches; below the first one it is the first, whose interval then holds."""
    rate = state.rate or state.held_rate
    rungs = steps(state)
    if rate is None or not rungs:
        return None
    return max((step for step in rungs if step.rate <= rate), key=lambda step: step.rate, default=min(rungs, key=lambda step: step.rate))


def _last_run(state: SessionState) -> tuple[Segment, ...]:
    """The newest flow segments that ran at one and the same rate, with the rests between them left out."""
    run: list[Segment] = []
    flows = [segment for segment in state.segments if segment.kind is SegmentKind.FLOW]
    last_site = flows[-1].site if flows else ""
    for segment in reversed([segment for segment in flows if segment.site == last_site]):
        if run and segment.rate != run[-1].rate:
            break
        run.append(segment)
    return tuple(reversed(run))


def changed_at(state: SessionState) -> datetime | None:
    """When the present rate was first ordered, None before any flow."""
    run = _last_run(state)
    return run[0].start if run else None


def time_at_rate(state: SessionState, now: datetime) -> timedelta:
    """How long the flow has run at the present rate, pauses left out."""
    spans = ((min(segment.end or now, now) - segment.start) for segment in _last_run(state))
    return sum((max(span, timedelta(0)) for span in spans), timedelta(0))


def next_change(state: SessionState, now: datetime) -> datetime | None:
    """When the next rung is due on the clock if the flow goes on, None when it rests or no rung is left."""
    current, following = current_rung(state), next_rung(state)
    if state.flow is not Flow.RUNNING or current is None or following is None:
        return None
    return now + duration(current.lasts) - time_at_rate(state, now)


def ladder(state: SessionState, now: datetime) -> tuple[Rung, ...]:
    """Every rung with how far it has come and the clock of the next one. After a slower restart the ladder is climbed from there again."""
    current, following = current_rung(state), next_rung(state)
    started = state.rate is not None or state.held_rate is not None
    due = next_change(state, now)
    rungs: list[Rung] = []
    for step in steps(state):
        if not started:
            rungs.append(Rung(step, Standing.NEXT if step is steps(state)[0] else Standing.LATER))
        elif step is current:
            rungs.append(Rung(step, Standing.CURRENT))
        elif step is following:
            rungs.append(Rung(step, Standing.NEXT, due))
        else:
            rungs.append(Rung(step, Standing.DONE if current is not None and step.n < current.n else Standing.LATER))
    return tuple(rungs)


def progress(state: SessionState, now: datetime) -> Progress:
    """Volume in, volume to go, and when it will end by the ladder."""
    given, _ = delivered(state, now)
    planned = planned_volume(state)
    if planned is None:
        return Progress(given, None, None, None)
    remaining = planned - given if planned > given else NOTHING
    return Progress(given, planned, remaining, _end(state, remaining, now))


def _end(state: SessionState, remaining: Quantity, now: datetime) -> datetime | None:
    """Walk the rest of the ladder from the present rate until the rest is in."""
    rate = state.rate
    if state.flow is not Flow.RUNNING or rate is None or rate.value <= 0:
        return None
    at, left = now, remaining
    current = current_rung(state)
    stay = max(duration(current.lasts) - time_at_rate(state, now), timedelta(0)) if current is not None else timedelta(0)
    for step in sorted((step for step in steps(state) if step.rate > rate), key=lambda step: step.rate):
        flows = rate.times(seconds(stay), "mL")
        if flows >= left:
            break
        at, left, rate, stay = at + stay, left - flows, step.rate, duration(step.lasts)
    return at + duration(left.over(rate, "h"))
