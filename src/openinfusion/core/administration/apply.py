"""Fold what happened into the state of a session: from the first event, or on from a state that is known. It never refuses."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from openinfusion.core.administration import events as e
from openinfusion.core.administration.effects import effect
from openinfusion.core.administration.flow_state import Moment
from openinfusion.core.administration.parts import Confirmation
from openinfusion.core.administration.session import SessionState
from openinfusion.core.event import Event


class Occurrence(Protocol):
    """An event with its place and time, as every store holds it."""

    @property
    def event(self) -> Event:
        """What happened."""
        ...

    @property
    def seq(self) -> int:
        """Its place in the stream."""
        ...

    @property
    def actor(self) -> str:
        """Who did it."""
        ...

    @property
    def occurred_at(self) -> datetime:
        """When it happened, by the clock of who told it."""
        ...

    @property
    def recorded_at(self) -> datetime:
        """When it was recorded, by the server's clock."""
        ...


CORRECTABLE: frozenset[type[Event]] = frozenset(
    {
        e.ConsentRecorded,
        e.KitChecked,
        e.FindingsAccepted,
        e.AccessRecorded,
        e.PremedicationGiven,
        e.PremedicationWaived,
        e.ContainerPrepared,
        e.CodeScanned,
        e.CheckEntered,
        e.GivenRecorded,
        e.FlowConfirmed,
        e.VolumeReported,
        e.AmountSettled,
        e.ObservationRecorded,
        e.ComplicationRecorded,
        e.EmergencyDrugGiven,
        e.StepTicked,
        e.DischargeTicked,
        e.DiaryRecorded,
    }
)
"""Statements that lose their effect when marked as entered in error. Only another order undoes an order to flow, rest or stop,
and only a settled amount ends a doubt."""


def fold(recorded: Iterable[Occurrence]) -> SessionState:
    """The state after these events from the first on; corrected statements have no effect."""
    history = tuple(recorded)
    struck = frozenset(one.event.seq for one in history if isinstance(one.event, e.EntryCorrected) and one.event.seq < one.seq)
    state = SessionState()
    for one in history:
        state = _take(state, one, struck)
    return state


def resume(state: SessionState, recorded_after: Iterable[Occurrence]) -> SessionState | None:
    """The state after further events; None when one of them corrects an earlier statement, so that everything must be folded anew."""
    for one in recorded_after:
        if isinstance(one.event, e.EntryCorrected):
            return None
        state = _take(state, one, frozenset())
    return state


def _take(state: SessionState, one: Occurrence, struck: frozenset[int]) -> SessionState:
    if one.seq in struck and type(one.event) in CORRECTABLE:
        return replace(state, seq=one.seq, moved_seq=one.seq)
    return apply(state, one.event, min(one.occurred_at, one.recorded_at), one.actor, one.seq)


def apply(state: SessionState, event: Event, at: datetime, actor: str, seq: int) -> SessionState:
    """The state after one event that happened `at` a moment; never refuses. Raises TypeError for an event that is none of a session."""
    after = effect(event, state, Moment(at, actor, seq))
    return replace(after, seq=seq, moved_seq=state.moved_seq if _is_routine(event, state, after) else seq)


def _is_routine(event: Event, before: SessionState, after: SessionState) -> bool:
    """Whether an event leaves every decision as it was: readings in range, confirmations of what was ordered, ticks, acknowledgements."""
    match event:
        case e.ObservationRecorded():
            return not event.implausible and not event.broke
        case e.PumpReported() | e.FlowConfirmed():
            return after.delivery in (before.delivery, Confirmation.CONFIRMED) and after.open == before.open
        case e.AlarmShown() | e.AlarmEscalated() | e.AlarmAcknowledged() | e.SoundPaused() | e.HandedOver():
            return True
        case e.StepTicked() | e.DischargeTicked() | e.DiaryRecorded():
            return True
        case _:
            return False


def knows(event: type[Event]) -> bool:
    """Whether this event is one of a session."""
    return effect.dispatch(event) is not effect.dispatch(Event)
