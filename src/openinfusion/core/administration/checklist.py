"""What must be done before the patient leaves, computed from events, and the stage a session stands in. Missing is never met.

Nothing here ticks anything by itself.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from openinfusion.core.administration.parts import Flow, OpenMatter, SegmentKind, Status
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.volume import is_reconciled
from openinfusion.core.patient import duration
from openinfusion.core.protocol import Delivery, Protocol


class Stage(StrEnum):
    """The eight stages of a session on screen. A reaction is a panel of Run and Observe, not a stage."""

    CHECK_IN = "check-in"
    SCREEN = "screen"
    ACCESS = "access"
    PREMEDICATE = "premedicate"
    VERIFY = "verify"
    RUN = "run"
    OBSERVE = "observe"
    DISCHARGE = "discharge"


class DischargeItem(StrEnum):
    """What a person ticks at the end."""

    SITE_COVERED = "site-covered"
    ACCESS_REMOVED = "access-removed"
    ACCESS_LOCKED = "access-locked"
    TEACH_BACK = "teach-back"
    LEAFLET_GIVEN = "leaflet-given"
    CONTACT_GIVEN = "contact-given"


class Need(StrEnum):
    """The criteria of a discharge."""

    ENDED = "ended"
    STOP_CONFIRMED = "stop-confirmed"
    OBSERVED = "observed"
    VOLUME_RECONCILED = "volume-reconciled"
    ACCESS_REMOVED = "access-removed"
    SITE_COVERED = "site-covered"
    TEACH_BACK = "teach-back"
    LEAFLET_GIVEN = "leaflet-given"
    CONTACT_GIVEN = "contact-given"
    NOTHING_OPEN = "nothing-open"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of the discharge, whether it is met, and since or from when where that is a time."""

    id: Need
    met: bool
    since: datetime | None = None


def observed_until(state: SessionState, protocol: Protocol) -> datetime | None:
    """The end of the observation: the longest of the plan's and the protocol's own times after the confirmed stop, or after a dose that
    went in later; None before."""
    if state.stop_confirmed_at is None:
        return None
    doses = [segment.end or segment.start for segment in state.segments if segment.kind is not SegmentKind.FLUSH]
    since = max([state.stop_confirmed_at, *doses])
    spans = [rule.lasting.quantity for rule in protocol.observation_after if rule.when is None]
    if state.plan is not None and state.plan.observation is not None:
        spans.append(state.plan.observation)
    return max((since + duration(span) for span in spans), default=since)


def criteria(state: SessionState, protocol: Protocol, now: datetime) -> tuple[Criterion, ...]:
    """Every criterion of the discharge, in the order in which they are usually met."""
    needs = [need for need in Need if need is not Need.ACCESS_REMOVED or protocol.delivery is not Delivery.INJECTION]
    return tuple(_criterion(need, state, protocol, now) for need in needs)


def _criterion(need: Need, state: SessionState, protocol: Protocol, now: datetime) -> Criterion:
    match need:
        case Need.ENDED:
            return Criterion(need, state.ended_at is not None and state.flow in (Flow.STOPPED, Flow.NONE), state.ended_at)
        case Need.STOP_CONFIRMED:
            return Criterion(need, state.stop_confirmed_at is not None, state.stop_confirmed_at)
        case Need.OBSERVED:
            until = observed_until(state, protocol)
            return Criterion(need, until is not None and until <= now, until)
        case Need.VOLUME_RECONCILED:
            return Criterion(need, state.ended_at is not None and is_reconciled(state, now))
        case Need.ACCESS_REMOVED:
            return Criterion(need, not {DischargeItem.ACCESS_REMOVED.value, DischargeItem.ACCESS_LOCKED.value}.isdisjoint(state.discharge))
        case Need.SITE_COVERED | Need.TEACH_BACK | Need.LEAFLET_GIVEN | Need.CONTACT_GIVEN:
            return Criterion(need, need.value in state.discharge)
        case Need.NOTHING_OPEN:
            return Criterion(need, not state.open - {OpenMatter.RECONCILE})
        case _:
            assert_never(need)


def stage(state: SessionState, now: datetime, *, findings_open: bool = False) -> Stage:
    """The stage that has work to do. `findings_open` says whether today's screening still holds a start back."""
    match state.status:
        case Status.PLANNED:
            return Stage.CHECK_IN
        case Status.ARRIVED | Status.PREPARING | Status.READY:
            return _before_run(state, findings_open=findings_open)
        case Status.INFUSING | Status.ON_HOLD:
            return Stage.RUN
        case Status.OBSERVING:
            return Stage.OBSERVE if _is_observing(state, now) else Stage.DISCHARGE
        case Status.COMPLETED | Status.STOPPED | Status.NOT_DONE:
            return Stage.DISCHARGE
        case _:
            assert_never(state.status)


def _before_run(state: SessionState, *, findings_open: bool) -> Stage:
    if not state.consent or not state.kit_complete:
        return Stage.CHECK_IN
    if findings_open:
        return Stage.SCREEN
    if state.access is None:
        return Stage.ACCESS
    planned = state.plan.premedication if state.plan is not None else ()
    if any(one.id not in state.premedication and one.id not in state.waived for one in planned):
        return Stage.PREMEDICATE
    return Stage.VERIFY


def _is_observing(state: SessionState, now: datetime) -> bool:
    if state.stop_confirmed_at is None:
        return True
    span = state.plan.observation if state.plan is not None else None
    return span is not None and now < state.stop_confirmed_at + duration(span)
