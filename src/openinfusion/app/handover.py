"""A hand-over: one person gives patients to another, each with the alarms that stand, in one action. Every session keeps its own event.

The same action sent twice changes nothing: what is recorded at each session has an identity that follows from that of the action.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import uuid5

from openinfusion.app import bedside
from openinfusion.app.access import may
from openinfusion.app.ports import Envelope, Ports, Receipt
from openinfusion.core.administration.commands import HandOver
from openinfusion.core.administration.parts import Actor
from openinfusion.core.administration.session import SessionState


def carer_of(state: SessionState) -> str:
    """Whose patient it is: who took the patient over last, else who performed the check before the start; empty when nobody did."""
    return state.carer or state.performer


def may_take_over(person: Actor) -> bool:
    """Whether this person may have patients handed over to them: whoever may hand over may."""
    return may(person, HandOver)


def hand_over(ports: Ports, sessions: Iterable[str], to: Actor, sent: Envelope, actor: Actor) -> tuple[Receipt, ...]:
    """Hand these sessions over. Raises NotAllowed, NotFound, IdReused, NotSaved; what was recorded before a failure stands, and the same
    action sent again records the rest."""
    return tuple(
        bedside.handle(ports, one, HandOver(to.id), replace(sent, command_id=uuid5(sent.command_id, one)), actor).receipt
        for one in dict.fromkeys(sessions)
    )
