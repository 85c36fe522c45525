"""What came of one session, beside what was published of the therapy. It judges no person and generalises from no single session.

A published number stands with its outcome, population, design and n, or not at all.
"""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from openinfusion.core.administration.parts import Amount, Status
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.volume import agree, delivered, planned_volume
from openinfusion.core.patient import seconds
from openinfusion.core.protocol import Evidence, Protocol
from openinfusion.core.quantity import Quantity


@dataclass(frozen=True, slots=True)
class ReactionSeen:
    """One reaction of the session; no grade means that nobody graded it."""

    grade: int | None
    scale: str
    action: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a session. `delivered_share` is exact, None where the plan has no whole volume; `duration` runs from the start to the
    end of the flow, pauses included."""

    as_ordered: bool
    delivered_share: Fraction | None
    reactions: tuple[ReactionSeen, ...]
    duration: Quantity | None
    published: tuple[Evidence, ...]


def outcome(state: SessionState, protocol: Protocol, now: datetime) -> Outcome:
    """Measure a session as it stands now.

    As ordered: completed, the amount certain, nothing open, and the volume the planned one within one per cent, as two readings of one
    amount agree everywhere here; a programme on demand has no whole volume to compare with.
    """
    planned = _planned(state)
    given, _ = delivered(state, now)
    share = given.base / planned.base if planned is not None and planned.value > 0 else None
    whole = planned is None or agree(given, planned)
    ended = state.ended_at or (now if state.started_at is not None else None)
    return Outcome(
        as_ordered=whole and _went_well(state),
        delivered_share=share,
        reactions=tuple(ReactionSeen(one.grade, one.scale, one.action) for one in state.reactions),
        duration=seconds(ended - state.started_at).to("min") if ended is not None and state.started_at is not None else None,
        published=compare(protocol),
    )


def compare(protocol: Protocol) -> tuple[Evidence, ...]:
    """The published results that may be shown beside one's own: those whose population, design and number were read."""
    return tuple(result for result in protocol.evidence if result.printable)


def _went_well(state: SessionState) -> bool:
    return state.status is Status.COMPLETED and not state.cut_short and state.amount is Amount.CERTAIN and not state.open


def _planned(state: SessionState) -> Quantity | None:
    """The whole volume of the plan; of an injection that is dosed by volume, the dose itself."""
    plan = state.plan
    if plan is None or (plan.rates is not None and plan.rates.on_demand is not None):
        return None
    whole = planned_volume(state)
    if whole is None and plan.dose is not None and plan.dose.amount.is_like("mL"):
        return plan.dose.amount
    return whole
