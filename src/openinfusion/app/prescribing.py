"""From a patient to planned sessions: register, record facts, plan, sign, co-sign, verify, cancel.

Every function reads the streams it decides on, lets the core decide, and appends under guards. No rule of its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from uuid import UUID

from openinfusion.app.access import Action, require
from openinfusion.app.commands import refuse_identity
from openinfusion.app.library import entry
from openinfusion.app.ports import Envelope, Identity, Ports, Receipt
from openinfusion.app.protocols import is_usable
from openinfusion.core.administration.events import SessionPlanned
from openinfusion.core.administration.parts import Actor
from openinfusion.core.administration.scancode import CodeKind, scancode
from openinfusion.core.errors import CommandRefused, Conflict, NotFound
from openinfusion.core.event import Event
from openinfusion.core.finding import Finding, verdict
from openinfusion.core.patient import Answer, Fact, PatientFacts
from openinfusion.core.prescribing import ordering
from openinfusion.core.prescribing.body import known_from
from openinfusion.core.prescribing.earlier import as_known, earlier_reactions
from openinfusion.core.prescribing.events import (
    FactsRecorded,
    IdentityAmended,
    OrderCancelled,
    OrderCosigned,
    OrderVerified,
    PatientRegistered,
    ReactionRemembered,
    TherapyOrdered,
)
from openinfusion.core.prescribing.flow import Given
from openinfusion.core.prescribing.order import Choice, Plan
from openinfusion.core.prescribing.plan import heaviest_first, plan
from openinfusion.core.prescribing.practice import Practice
from openinfusion.protocols.load import LoadedProtocol


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a prescriber signs: the new course's id, for whom, by which protocol, with which choices, and why in spite of which findings."""

    course: str
    patient: str
    protocol: str
    choice: Choice
    reasons: Mapping[str, str]


def register_patient(ports: Ports, identity: Identity, envelope: Envelope, actor: Actor) -> tuple[Identity, ...]:
    """Store a new patient; returns others who look like the same person, for a warning. The record learns the opaque id only.

    Raises Malformed when the MRN is already taken.
    """
    require(actor, Action.REGISTER_PATIENT)
    alike = ports.identities.alike(identity)
    if identity.patient_id not in ports.identities.many([identity.patient_id]):
        ports.identities.register(identity)
    ports.log.append(envelope, [(f"patient/{identity.patient_id}", PatientRegistered())], {})
    return alike


def amend_patient(ports: Ports, identity: Identity, envelope: Envelope, actor: Actor) -> None:
    """Correct who a patient is; the earlier identity is kept, and whatever was decided on it meets a conflict.

    Raises NotFound for an unknown patient, Malformed when the MRN belongs to another.
    """
    require(actor, Action.REGISTER_PATIENT)
    if ports.log.receipt(envelope.command_id, envelope.sha256) is None:
        ports.identities.amend(identity)
        ports.log.append(envelope, [(f"patient/{identity.patient_id}", IdentityAmended())], {})


def record_facts(ports: Ports, patient_id: str, facts: Sequence[Fact], envelope: Envelope, actor: Actor) -> Receipt:
    """Record facts of a patient; never refused for what they say.

    Raises NotFound for an unknown patient, Malformed for a fact of the identity.
    """
    require(actor, Action.RECORD_FACTS)
    refuse_identity(facts)
    ports.identities.get(patient_id)
    return ports.log.append(envelope, [(f"patient/{patient_id}", FactsRecorded(tuple(facts)))], {})


def facts_of(ports: Ports, patient_id: str) -> tuple[PatientFacts, int]:
    """What is known of a patient, the identity of this moment included, with the seq up to which it was read."""
    recorded = ports.log.read(f"patient/{patient_id}")
    # Nothing is true before its time: a fact that is dated ahead is one of the moment at which it was recorded, and ages from there.
    told = [(fact, one.recorded_at) for one in recorded if isinstance(one.event, FactsRecorded) for fact in one.event.facts]
    found = [replace(fact, at=min(fact.at, recorded_at)) for fact, recorded_at in told]
    known = ports.identities.many([patient_id]).get(patient_id)
    return known_from(found).having(*_facts_of_identity(known)), recorded[-1].seq if recorded else 0


def _facts_of_identity(identity: Identity | None) -> tuple[Fact, ...]:
    """Birth date and sex, true since the day of birth."""
    if identity is None:
        return ()
    since = datetime.combine(identity.birth_date, time.min, UTC)
    born = Fact("birth_date", identity.birth_date, since, "identity")
    if not identity.sex:
        return (born,)
    return (born, Fact("sex", Answer.UNKNOWN if identity.sex == Answer.UNKNOWN else identity.sex, since, "identity"))


def history_of(ports: Ports, patient_id: str, field: str) -> tuple[Fact, ...]:
    """Every fact of one field in the order of record, for weights and their changes."""
    recorded = ports.log.read(f"patient/{patient_id}")
    return tuple(fact for one in recorded if isinstance(one.event, FactsRecorded) for fact in one.event.facts if fact.field == field)


def reactions_of(ports: Ports, patient_id: str) -> tuple[ReactionRemembered, ...]:
    """The reactions a patient has had, oldest first, also those of a session that goes on, graded or not."""
    return as_known(one.event for one in ports.log.read(f"patient/{patient_id}") if isinstance(one.event, ReactionRemembered))


def draft(ports: Ports, patient_id: str, protocol_id: str, choice: Choice) -> Plan:
    """The plan that a choice leads to today. Nothing is stored."""
    facts, _ = facts_of(ports, patient_id)
    loaded = entry(ports, protocol_id)
    return _plan(ports, loaded, patient_id, (facts, choice), _before(ports, loaded, patient_id, choice))


Before = Mapping[str, tuple[Given, ...]]
"""What was given before, by ingredient."""


def _before(ports: Ports, loaded: LoadedProtocol, patient_id: str, choice: Choice) -> Before:
    """What other orders gave, where a limit of the protocol sums it up."""
    from openinfusion.app.given import given_before  # it reads sessions, which are built on this room

    protocol = loaded.protocol
    named = [limit.of or protocol.drug.ingredients[0] for limit in protocol.limits if limit.is_total and not limit.course]
    return given_before(ports, patient_id, named, choice.start_on) if named else {}


def _plan(ports: Ports, loaded: LoadedProtocol, patient_id: str, asked: tuple[PatientFacts, Choice], before: Before | None = None) -> Plan:
    facts, choice = asked
    choice = replace(choice, region=choice.region or ports.site.region)
    fields = ports.library.reference.fields
    practice = Practice.among(loaded.tables.values())
    core, now = (loaded.protocol, loaded.content_hash, loaded.general_rules), ports.clock.now()
    made = plan(*core, facts, choice, fields, now, practice=practice, elsewhere=before)
    findings = heaviest_first((*made.findings, *earlier_reactions(loaded.protocol, reactions_of(ports, patient_id))))
    return replace(made, findings=findings, verdict=verdict(findings))


def order_of(ports: Ports, course: str) -> ordering.OrderState:
    """An order, folded from its stream; status `none` when the stream is empty."""
    return ordering.fold((one.seq, one.actor, one.event) for one in ports.log.read(f"course/{course}"))


def sign_order(ports: Ports, request: OrderRequest, envelope: Envelope, actor: Actor) -> Receipt:
    """Sign the plan that follows from the facts now; raises CommandRefused with every finding that refuses it."""
    require(actor, Action.SIGN_ORDER)
    if known := ports.log.receipt(envelope.command_id, envelope.sha256):
        return known
    ports.identities.get(request.patient)
    chosen, (facts, facts_seq), state = entry(ports, request.protocol), facts_of(ports, request.patient), order_of(ports, request.course)
    before = _before(ports, chosen, request.patient, request.choice)
    signed = _plan(ports, chosen, request.patient, (facts, request.choice), before)
    _refuse(ordering.refuse_signature(state, signed, request.reasons, usable=is_usable(ports, chosen)))
    ports.archive.keep(chosen.content_hash, chosen.canonical)
    guards = {f"course/{request.course}": state.seq, f"patient/{request.patient}": facts_seq}
    ordered = TherapyOrdered(request.patient, signed, dict(request.reasons))
    return ports.log.append(envelope, [(f"course/{request.course}", ordered)], guards)


def cosign_order(ports: Ports, course: str, reasons: Mapping[str, str], envelope: Envelope, actor: Actor, seen: int) -> Receipt:
    """A second prescriber agrees to the contraindications of an order."""
    require(actor, Action.COSIGN_ORDER)
    step = OrderStep(course, seen, OrderCosigned(dict(reasons)), lambda state: ordering.refuse_cosignature(state, actor.id, reasons))
    return _decide(ports, step, envelope)


def verify_order(ports: Ports, course: str, envelope: Envelope, actor: Actor, seen: int) -> Receipt:
    """A pharmacist who did not order verifies it."""
    require(actor, Action.VERIFY_ORDER)
    return _decide(ports, OrderStep(course, seen, OrderVerified(), lambda state: ordering.refuse_verification(state, actor.id)), envelope)


def cancel_order(ports: Ports, course: str, reason: str, envelope: Envelope, actor: Actor) -> Receipt:
    """End an order with a reason; sessions that run go on until their people stop them. Raises NotFound for one that was never signed."""
    require(actor, Action.CANCEL_ORDER)
    if order_of(ports, course).plan is None:
        raise NotFound("order", course)
    return ports.log.append(envelope, [(f"course/{course}", OrderCancelled(reason))], {})


def plan_session(ports: Ports, course: str, number: int, session: UUID, envelope: Envelope, actor: Actor) -> Receipt:
    """Plan one session of a verified order, with the rates of its own infusion number and the facts of today."""
    require(actor, Action.PLAN_SESSION)
    if known := ports.log.receipt(envelope.command_id, envelope.sha256):
        return known
    state = order_of(ports, course)
    _refuse(ordering.refuse_session(state, number))
    if state.plan is None:
        raise NotFound("order", course)
    slot = next(one for one in state.plan.course if one.number == number)
    facts, facts_seq = facts_of(ports, state.patient)
    choice = replace(state.plan.choice, infusion_number=slot.infusion_number, phase=slot.phase)
    ours = _plan(ports, ports.library.of_hash(state.plan.content_hash), state.patient, (facts, choice))
    planned = SessionPlanned(state.patient, course, number, ours, scancode(CodeKind.PATIENT, UUID(state.patient)))
    guards = {f"course/{course}": state.seq, f"session/{session}": 0, f"patient/{state.patient}": facts_seq}
    return ports.log.append(envelope, [(f"session/{session}", planned)], guards)


def _refuse(findings: Sequence[Finding]) -> None:
    if findings:
        raise CommandRefused(findings)


@dataclass(frozen=True, slots=True)
class OrderStep:
    """One step of an order that may be refused, decided on the view up to `seen`."""

    course: str
    seen: int
    event: Event
    refusing: Callable[[ordering.OrderState], Sequence[Finding]]


def _decide(ports: Ports, step: OrderStep, envelope: Envelope) -> Receipt:
    if known := ports.log.receipt(envelope.command_id, envelope.sha256):
        return known
    state = order_of(ports, step.course)
    if state.plan is None:
        raise NotFound("order", step.course)
    if step.seen != state.seq:
        raise Conflict(f"course/{step.course}", step.seen, state.seq)
    _refuse(step.refusing(state))
    return ports.log.append(envelope, [(f"course/{step.course}", step.event)], {f"course/{step.course}": state.seq})
