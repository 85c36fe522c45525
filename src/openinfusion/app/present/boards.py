"""What a board says of a session: words as a function of the four facts. Unknown is never shown as running."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from openinfusion.app.present.numbers import elapsed
from openinfusion.app.present.words import Translate, plain
from openinfusion.core.administration.parts import Amount, Confirmation, Flow, OpenMatter, Status
from openinfusion.core.administration.session import SessionState

_STATUS: Mapping[Status, str] = {
    Status.PLANNED: "Planned",
    Status.ARRIVED: "Arrived",
    Status.PREPARING: "Preparing",
    Status.READY: "Ready",
    Status.INFUSING: "Infusing",
    Status.ON_HOLD: "On hold",
    Status.OBSERVING: "Observing",
    Status.COMPLETED: "Completed",
    Status.STOPPED: "Stopped before the end",
    Status.NOT_DONE: "Not done",
}
_FLOW: Mapping[Flow, tuple[str, str]] = {
    Flow.RUNNING: ("RUNNING", "RUN ordered – not confirmed"),
    Flow.PAUSED: ("PAUSED", "PAUSE ordered – not confirmed"),
    Flow.STOPPED: ("STOPPED", "STOP ordered – not confirmed"),
}
_OPEN: Mapping[OpenMatter, str] = {
    OpenMatter.REACTION: "REACTION",
    OpenMatter.ALARM: "ALARM",
    OpenMatter.RECONCILE: "AMOUNT TO SETTLE",
    OpenMatter.CONFLICT: "ENTRIES TO SETTLE",
}
LOST = frozenset({"pump-silent", "pump-state-unknown"})
"""The alarms while which nobody knows what the flow does."""

_UNKNOWN = "UNKNOWN"
_UNCERTAIN = "AMOUNT UNCERTAIN"
_CLOSED = (Status.COMPLETED, Status.STOPPED, Status.NOT_DONE)


@dataclass(frozen=True, slots=True)
class StateWords:
    """What a card says: `status` of the work, `delivery` of the flow (empty where there is none), whether that is confirmed, how old the
    newest word of pump or person is, and what is open, gravest first."""

    status: str
    delivery: str
    confirmed: bool
    age: str
    notes: tuple[str, ...]

    @property
    def text(self) -> str:
        """All of it in one line."""
        return " · ".join(part for part in (self.delivery or self.status, *self.notes) if part)


def state_words(state: SessionState, now: datetime, translate: Translate = plain, heard: datetime | None = None) -> StateWords:
    """The words of a session from its four facts: status, delivery, amount, open.

    `heard` is when the pump last showed that it goes on as it said: the age of a confirmed flow is that of the newest word or sign.
    """
    is_confirmed = _known(state) is Confirmation.CONFIRMED
    notes = [_OPEN[matter] for matter in OpenMatter if matter in state.open]
    if state.amount is Amount.UNCERTAIN:
        notes.insert(0, _UNCERTAIN)
    told = state.stated.at if state.stated is not None else None
    if told is not None and heard is not None and state.delivery is Confirmation.CONFIRMED:
        told = max(told, heard)
    return StateWords(
        status=translate(_STATUS[state.status]),
        delivery=translate(words) if (words := _delivery(state)) else "",
        confirmed=is_confirmed,
        age=elapsed(max(now - told, timedelta(0))) if told is not None else "",
        notes=tuple(translate(note) for note in notes),
    )


def _known(state: SessionState) -> Confirmation:
    """What is known of the flow: while a device is silent or not understood, what was said before is not known to hold; what a person
    states afterwards is."""
    lost = [alarm.raised_at for alarm in state.alarms.values() if alarm.ended_at is None and alarm.code in LOST]
    told_since = state.stated is not None and all(state.stated.at > raised_at for raised_at in lost)
    return Confirmation.UNKNOWN if lost and not told_since else state.delivery


def _delivery(state: SessionState) -> str:
    if state.flow is Flow.NONE or state.status in _CLOSED:
        return ""
    confirmed, ordered = _FLOW[state.flow]
    match _known(state):
        case Confirmation.CONFIRMED:
            return confirmed
        case Confirmation.ORDERED:
            return ordered
        case Confirmation.UNKNOWN:
            return _UNKNOWN


def message_ids() -> tuple[str, ...]:
    """Every English text of the boards, for the translation files."""
    return (*_STATUS.values(), *(text for pair in _FLOW.values() for text in pair), *_OPEN.values(), _UNKNOWN, _UNCERTAIN)
