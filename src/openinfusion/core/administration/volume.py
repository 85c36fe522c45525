"""How much went in: the exact integral of the segments, or what a person settled. It never rounds, clamps or guesses.

A flush carries no dose. While the amount is uncertain it lies between two bounds, and whoever adds up doses takes the upper one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from openinfusion.core.administration.parts import Amount, Flow, SegmentKind, VolumeFrom
from openinfusion.core.administration.session import Segment, SessionState
from openinfusion.core.patient import seconds
from openinfusion.core.quantity import Quantity

NOTHING = Quantity(0, "mL")
AGREEMENT = Fraction(1, 100)
"""Two figures of one amount agree within one per cent, or one step of the device (safety.md 6.3; ours)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment as it stands at a moment, with its volume worked out."""

    segment: Segment
    until: datetime
    volume: Quantity


def is_volume(volume: Quantity) -> bool:
    """Whether a quantity can be an amount that went in: a volume, not below nothing."""
    return volume.is_like("mL") and volume.value >= 0


def is_flow(rate: Quantity) -> bool:
    """Whether a quantity can be a rate of flow: volume per time, not below nothing."""
    return rate.is_like("mL/h") and rate.value >= 0


def volume_of(segment: Segment, until: datetime) -> Quantity:
    """What one segment delivered until a moment, in mL: its own volume, else rate times time."""
    return _between(segment, segment.start, until)


def _between(segment: Segment, since: datetime, until: datetime) -> Quantity:
    if segment.volume is not None:
        return segment.volume.to("mL") if since <= segment.start <= until else NOTHING
    start, end = max(segment.start, since), min(segment.end or until, until)
    if segment.rate is None or end <= start:
        return NOTHING
    return segment.rate.times(seconds(end - start), "mL")


def pieces(state: SessionState, now: datetime) -> tuple[Piece, ...]:
    """Every segment that carries a dose, with its volume until now."""
    dosed = (segment for segment in state.segments if segment.kind is not SegmentKind.FLUSH)
    return tuple(Piece(segment, min(segment.end or now, now), volume_of(segment, now)) for segment in dosed)


def integral(segments: Iterable[Segment], since: datetime | None, until: datetime) -> Quantity:
    """The dose-carrying volume of segments between two moments, in mL."""
    dosed = [segment for segment in segments if segment.kind is not SegmentKind.FLUSH]
    return sum((_between(segment, since or segment.start, until) for segment in dosed), NOTHING)


def delivered(state: SessionState, now: datetime) -> tuple[Quantity, VolumeFrom]:
    """The volume given so far in mL, and where it comes from. What flowed after a person settled the amount is added to it."""
    if state.settled is None or state.settled_at is None:
        return integral(state.segments, None, now), VolumeFrom.SEGMENTS
    return state.settled.to("mL") + _after(state, state.settled_at, now), state.volume_from


def _after(state: SessionState, moment: datetime, now: datetime) -> Quantity:
    """What went in after a moment. A bolus at that very moment was part of what was settled."""
    later = [segment for segment in state.segments if segment.volume is None or segment.start > moment]
    return integral(later, moment, now)


def bounds(state: SessionState, now: datetime) -> tuple[Quantity, Quantity]:
    """The least and the most that may have gone in until now, in mL; equal while the amount is certain."""
    known, _ = delivered(state, now)
    if state.amount is Amount.CERTAIN or state.bounds is None or state.doubted_at is None:
        return known, known
    since = _after(state, state.doubted_at, now)
    low, high = state.bounds
    return low.to("mL") + since, high.to("mL") + since


def agree(one: Quantity, other: Quantity, step: Quantity | None = None) -> bool:
    """Whether two readings of one thing are the same within one per cent of the larger, or within one step of the device."""
    if not one.is_like(other):
        return False
    gap = one - other if one > other else other - one
    allowed = max(one, other).scaled(AGREEMENT)
    return gap <= allowed or (step is not None and step.is_like(gap) and gap <= step)


def is_reconciled(state: SessionState, now: datetime) -> bool:
    """Whether what the chart says went in can stand: certain, and no newer figure of the pump or a person speaks against it."""
    if state.amount is Amount.UNCERTAIN:
        return False
    if state.settled is not None:
        return True
    known, _ = delivered(state, now)
    read = [figure for figure in (state.pump.volume if state.pump else None, state.reported_volume) if figure is not None]
    # A figure that was read while it still flowed is older than the end; only the last word counts.
    return all(agree(known, figure) for figure in read) if state.flow in (Flow.STOPPED, Flow.NONE) else True


def planned_volume(state: SessionState) -> Quantity | None:
    """The whole volume of the plan in mL, None where the plan has none, as on demand."""
    plan = state.plan
    if plan is None or (plan.rates is not None and plan.rates.on_demand is not None):
        return None
    if plan.rates is not None and plan.rates.volume is not None:
        return plan.rates.volume.to("mL")
    return plan.dose.volume.to("mL") if plan.dose is not None and plan.dose.volume is not None else None
