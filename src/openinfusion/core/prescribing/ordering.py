"""The life of an order: signed, co-signed where one may not decide alone, verified by a pharmacist who did not order, or cancelled.

Each function says what refuses, as findings; nothing here stores or asks the time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from openinfusion.core.event import Event
from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.events import OrderCancelled, OrderCosigned, OrderVerified, TherapyOrdered
from openinfusion.core.prescribing.order import Plan


class OrderStatus(StrEnum):
    """Where an order stands."""

    NONE = "none"
    AWAITS_COSIGNATURE = "awaits-cosignature"
    SIGNED = "signed"
    VERIFIED = "verified"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class OrderState:
    """One order, folded from its stream."""

    seq: int = 0
    patient: str = ""
    plan: Plan | None = None
    ordered_by: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    cosigned_by: str = ""
    cosign_reasons: Mapping[str, str] = field(default_factory=dict)
    verified_by: str = ""
    is_cancelled: bool = False
    cancelled: str = ""
    """Why it was cancelled, as far as anybody said."""

    @property
    def status(self) -> OrderStatus:
        """Where the order stands; a contraindication needs a second prescriber before anything else."""
        if self.plan is None:
            return OrderStatus.NONE
        if self.is_cancelled:
            return OrderStatus.CANCELLED
        if needing_cosignature(self.plan.findings) and not self.cosigned_by:
            return OrderStatus.AWAITS_COSIGNATURE
        return OrderStatus.VERIFIED if self.verified_by else OrderStatus.SIGNED


def fold(events: Iterable[tuple[int, str, Event]]) -> OrderState:
    """The state after (seq, actor, event) triples in order; events of other kinds change only `seq`."""
    state = OrderState()
    for seq, actor, event in events:
        state = replace(_apply(state, actor, event), seq=seq)
    return state


def _apply(state: OrderState, actor: str, event: Event) -> OrderState:
    match event:
        case TherapyOrdered():
            return OrderState(patient=event.patient, plan=event.plan, ordered_by=actor, reasons=event.reasons)
        case OrderCosigned():
            return replace(state, cosigned_by=actor, cosign_reasons=event.reasons)
        case OrderVerified():
            return replace(state, verified_by=actor)
        case OrderCancelled():
            return replace(state, is_cancelled=True, cancelled=event.reason)
        case _:
            return state


def needing_reason(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that a prescriber may decide, each with a reason."""
    return tuple(finding for finding in findings if finding.level in (Level.CAUTION, Level.CONTRAINDICATED))


def needing_cosignature(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that need two prescribers."""
    return tuple(finding for finding in findings if finding.level is Level.CONTRAINDICATED)


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that nobody may pass: bans, and what is missing."""
    return tuple(finding for finding in findings if finding.level in (Level.BANNED, Level.MISSING))


def refuse_signature(state: OrderState, plan: Plan, reasons: Mapping[str, str], *, usable: bool) -> tuple[Finding, ...]:
    """What refuses the signature under a plan. `usable` says whether the protocol may be used in this store."""
    found = list(blocking(plan.findings))
    if state.plan is not None:
        found.append(Finding("order.already-signed", Level.BANNED))
    if not usable:
        found.append(Finding("protocol.not-active", Level.BANNED, {"protocol": plan.protocol, "version": plan.version}))
    if plan.dose is None or plan.rates is None:
        found.append(Finding("order.no-plan", Level.MISSING, {"protocol": plan.protocol}))
    unreasoned = [finding for finding in needing_reason(plan.findings) if not reasons.get(finding.key, "").strip()]
    found.extend(Finding("order.reason-missing", Level.MISSING, {"finding": finding.key}, finding.sources) for finding in unreasoned)
    return tuple(found)


def refuse_cosignature(state: OrderState, actor: str, reasons: Mapping[str, str]) -> tuple[Finding, ...]:
    """What refuses a second prescriber's signature."""
    if state.plan is None or state.status is not OrderStatus.AWAITS_COSIGNATURE:
        return (Finding("order.not-awaiting", Level.BANNED, {"status": state.status.value}),)
    if actor == state.ordered_by:
        return (Finding("order.same-person", Level.BANNED, {"first": "ordered", "second": "co-sign"}),)
    bare = [finding for finding in needing_cosignature(state.plan.findings) if not reasons.get(finding.key, "").strip()]
    return tuple(Finding("order.reason-missing", Level.MISSING, {"finding": finding.key}, finding.sources) for finding in bare)


def refuse_verification(state: OrderState, actor: str) -> tuple[Finding, ...]:
    """What refuses a pharmacist's verification."""
    if state.status is not OrderStatus.SIGNED:
        return (Finding("order.not-awaiting", Level.BANNED, {"status": state.status.value}),)
    if actor in (state.ordered_by, state.cosigned_by):
        return (Finding("order.same-person", Level.BANNED, {"first": "ordered", "second": "verify"}),)
    return ()


def refuse_session(state: OrderState, number: int) -> tuple[Finding, ...]:
    """What refuses to plan a session of this order."""
    if state.status is not OrderStatus.VERIFIED:
        return (Finding("order.not-verified", Level.BANNED, {"status": state.status.value}),)
    planned = state.plan.course if state.plan else ()
    if all(session.number != number for session in planned):
        return (Finding("order.no-such-session", Level.BANNED, {"number": number}),)
    return ()
