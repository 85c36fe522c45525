"""What an order to flow, rest or end does to the segments and to what is known of the flow.

Segments never overlap and never run backwards.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from openinfusion.core.administration import events as e
from openinfusion.core.administration.parts import Confirmation, Flow, SegmentKind, Status
from openinfusion.core.administration.session import Segment, SessionState, Stated
from openinfusion.core.administration.volume import agree
from openinfusion.core.quantity import Quantity

RUNNABLE = frozenset({Status.PLANNED, Status.ARRIVED, Status.PREPARING, Status.READY, Status.INFUSING, Status.ON_HOLD})
"""Before the end. What is recorded of the flow later changes no status: the session has ended."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When an event happened, who did it, and its place in the stream."""

    at: datetime
    actor: str
    seq: int


def _not_before(state: SessionState, at: datetime) -> datetime:
    """The moment, or the newest edge of the flow when it is told to lie before that: segments do not run backwards."""
    edges = [segment.end or segment.start for segment in state.segments if segment.kind is SegmentKind.FLOW]
    return max([at, *edges])


def _closed(state: SessionState, at: datetime) -> tuple[Segment, ...]:
    moment = _not_before(state, at)
    return tuple(
        replace(segment, end=moment) if segment.kind is SegmentKind.FLOW and segment.end is None else segment for segment in state.segments
    )


def _begun(state: SessionState, at: datetime, rate: Quantity) -> tuple[Segment, ...]:
    """One open segment for each site, the flow shared equally. A flow of nothing has no segment."""
    if rate.value <= 0:
        return ()
    places = state.sites or ("",)
    share = rate.scaled(Fraction(1, len(places)))
    start = _not_before(state, at)
    return tuple(Segment(SegmentKind.FLOW, start, None, share, None, state.current_container, place) for place in places)


def _order(state: SessionState, flow: Flow, rate: Quantity | None, at: datetime) -> SessionState:
    """The flow is ordered to be so; nobody has confirmed it yet."""
    return replace(state, flow=flow, rate=rate, ordered_at=at, delivery=Confirmation.ORDERED)


def run_flow(state: SessionState, when: Moment, rate: Quantity) -> SessionState:
    """Flow at a rate from now on."""
    closed = replace(state, segments=_closed(state, when.at), status=Status.INFUSING, held_rate=None)
    return _order(replace(closed, segments=(*closed.segments, *_begun(closed, when.at, rate))), Flow.RUNNING, rate, when.at)


def change_rate(state: SessionState, when: Moment, rate: Quantity) -> SessionState:
    """Go on flowing, at another rate."""
    closed = replace(state, segments=_closed(state, when.at))
    return _order(replace(closed, segments=(*closed.segments, *_begun(closed, when.at, rate))), Flow.RUNNING, rate, when.at)


def change_container(state: SessionState, when: Moment, code: str) -> SessionState:
    """Go on, flowing or resting, from another container."""
    changed = replace(state, current_container=code)
    if state.flow is not Flow.RUNNING or state.rate is None:
        return changed
    closed = replace(changed, segments=_closed(state, when.at))
    return replace(closed, segments=(*closed.segments, *_begun(closed, when.at, state.rate)))


def rest_flow(state: SessionState, when: Moment, *, for_reaction: bool = False) -> SessionState:
    """Rest the flow if it runs, and remember the rate. A resting flow that meets a reaction is held by it as well."""
    if state.flow is Flow.RUNNING:
        held = replace(state, segments=_closed(state, when.at), held_rate=state.rate, status=Status.ON_HOLD)
        state = _order(held, Flow.PAUSED, None, when.at)
    return replace(state, reaction_hold=True) if for_reaction and state.flow is Flow.PAUSED else state


def end_flow(state: SessionState, when: Moment, *, cut_short: bool) -> SessionState:
    """End the flow for today, if it ever began. An injection needs no confirmation that it has ended."""
    if state.started_at is None or state.status not in RUNNABLE:
        return state
    flowed = state.flow is not Flow.NONE
    ended = replace(
        state,
        segments=_closed(state, when.at),
        status=Status.OBSERVING,
        ended_at=when.at,
        cut_short=cut_short,
        reaction_hold=False,
        stop_confirmed_at=None if flowed else when.at,
    )
    ordered = _order(ended, Flow.STOPPED, None, when.at)
    return ordered if flowed else replace(ordered, delivery=Confirmation.CONFIRMED)


def give_volume(
    state: SessionState, when: Moment, kind: SegmentKind, event: e.InjectionGiven | e.BolusGranted | e.GivenRecorded
) -> SessionState:
    """A volume that went in at one moment; the first one that carries a dose begins the session's giving."""
    container = state.current_container if isinstance(event, e.BolusGranted) else event.container_code
    site = "" if isinstance(event, e.BolusGranted) else event.site
    segment = Segment(kind, when.at, when.at, None, event.volume, container, site)
    started = state.started_at if kind is SegmentKind.FLUSH else state.started_at or when.at
    return replace(state, segments=(*state.segments, segment), started_at=started)


def follow_pump(state: SessionState, when: Moment, told: Flow) -> SessionState:
    """While the flow is ordered to run, what goes in follows the pump's word: nothing grows while the pump rests, as at an occlusion, and
    it grows again once the pump runs. A word older than the order says nothing about it."""
    if state.flow is not Flow.RUNNING or state.rate is None or (state.ordered_at is not None and when.at < state.ordered_at):
        return state
    grows = any(segment.kind is SegmentKind.FLOW and segment.end is None for segment in state.segments)
    if grows and told is not Flow.RUNNING:
        return replace(state, segments=_closed(state, when.at))
    if not grows and told is Flow.RUNNING:
        return replace(state, segments=(*state.segments, *_begun(state, when.at, state.rate)))
    return state


def agrees(state: SessionState, stated: Stated) -> bool:
    """Whether a statement says what was ordered: running or not, and at the ordered rate where it names one."""
    if (state.flow is Flow.RUNNING) is not (stated.flow is Flow.RUNNING):
        return False
    if state.flow is not Flow.RUNNING or stated.rate is None or state.rate is None:
        return True
    return agree(stated.rate, state.rate)


def confirm(state: SessionState, stated: Stated) -> SessionState:
    """Take in what a pump or person says the flow does. Only a statement that is not older than the order can confirm it."""
    if state.stated is not None and stated.at < state.stated.at:
        return state
    told = replace(state, stated=stated)
    if state.ordered_at is None or stated.at < state.ordered_at:
        return told
    if not agrees(state, stated):
        return replace(told, delivery=Confirmation.ORDERED)
    ended = state.flow is Flow.STOPPED and state.stop_confirmed_at is None
    return replace(told, delivery=Confirmation.CONFIRMED, stop_confirmed_at=stated.at if ended else state.stop_confirmed_at)
