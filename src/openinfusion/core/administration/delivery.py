"""Whether what was ordered of the flow is known to be so. A running flow that nobody confirmed in time is unknown, never running."""

from dataclasses import replace
from datetime import datetime, timedelta

from openinfusion.core.administration.parts import Confirmation, Flow
from openinfusion.core.administration.session import SessionState


def delivery_at(state: SessionState, now: datetime, within: timedelta) -> Confirmation:
    """The delivery as it may be shown now: unknown when a running flow was not confirmed `within` its time and nobody said otherwise."""
    if state.delivery is not Confirmation.ORDERED or state.flow is not Flow.RUNNING or state.ordered_at is None:
        return state.delivery
    # A word that came after the order and contradicts it is known to differ; the mismatch has an alarm of its own.
    if state.stated is not None and state.stated.at >= state.ordered_at:
        return state.delivery
    return Confirmation.UNKNOWN if now - state.ordered_at > within else state.delivery


def as_known(state: SessionState, now: datetime, within: timedelta) -> SessionState:
    """The state with its delivery as it may be shown now."""
    return replace(state, delivery=delivery_at(state, now, within))
