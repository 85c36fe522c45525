"""The one decision at the bedside: a command becomes events, or is refused with its reasons. Pure; the caller appends what it returns.

Control commands may be refused. Records never are: what broke a rule is stored with the rule and opens a review.
"""

from dataclasses import replace

from openinfusion.core.administration import commands as c
from openinfusion.core.administration import reaction_records
from openinfusion.core.administration.context import Context
from openinfusion.core.administration.controls import control, refuse
from openinfusion.core.administration.events import Breakable, DeviceAssociated, ReviewOpened
from openinfusion.core.administration.records import record
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.transitions import possible
from openinfusion.core.event import Event
from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.events import FactsRecorded, ReactionRemembered

Decided = tuple[tuple[str, Event], ...]
"""Events with the stream each belongs to."""

_OF_DEVICES = (c.ReceivePumpReport, c.ReceiveReadings)


def decide(state: SessionState, command: c.Command, ctx: Context) -> Decided:
    """The events of a command, each with its stream; raises CommandRefused for a control command that a rule holds back."""
    events = _controlled(state, command, ctx) if command.CONTROL else _recorded(state, command, ctx)
    ours = tuple((_stream(event, state, ctx), event) for event in events)
    # A device keeps its own list of whom it serves, so that two sessions can never take it at the same moment.
    taken = tuple((f"device/{event.device}", event) for event in events if isinstance(event, DeviceAssociated))
    return (*ours, *taken)


def _stream(event: Event, state: SessionState, ctx: Context) -> str:
    """A patient's facts and reactions belong to the patient."""
    of_patient = isinstance(event, FactsRecorded | ReactionRemembered)
    return f"patient/{state.patient}" if of_patient else f"session/{ctx.session}"


def _controlled(state: SessionState, command: c.Command, ctx: Context) -> tuple[Event, ...]:
    if type(command) not in possible(state, ctx.protocol):
        refuse([Finding("command.not-now", Level.BANNED, {"command": type(command).__name__, "status": state.status.value})])
    if ctx.is_clock_suspect:
        refuse([Finding("time.clock-suspect", Level.MISSING, {"told": ctx.occurred_at, "now": ctx.now})])
    return control(command, state, ctx)


def _recorded(state: SessionState, command: c.Command, ctx: Context) -> tuple[Event, ...]:
    """The events with the rules that were broken, and one review for a person unless a device repeats itself."""
    told = record(command, state, ctx)
    broke = (*told.broke, "clock-suspect") if ctx.is_clock_suspect else told.broke
    if not broke:
        return told.events
    marked = tuple(replace(event, broke=broke) if isinstance(event, Breakable) else event for event in told.events)
    if isinstance(command, _OF_DEVICES) and any(rules == broke for _, rules in state.reviews):
        return marked
    return (*marked, ReviewOpened(broke))


def covers(command: type[c.Command]) -> bool:
    """Whether this command has a decision of its own."""
    room = control if command.CONTROL else record
    return room.dispatch(command) is not room.dispatch(c.Command) and reaction_records is not None
