"""One command to one session, from its envelope to its receipt: read, fold, decide in the core, append under guards.

A record is never refused: when somebody else wrote first it is decided anew on what is there now. A control command on an old view is a
Conflict.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from weakref import WeakKeyDictionary

from openinfusion.app.access import require
from openinfusion.app.commands import refuse_identity
from openinfusion.app.ports import Envelope, EventLog, Ports, Receipt
from openinfusion.app.prescribing import facts_of, order_of, reactions_of
from openinfusion.app.protocols import signatures_of
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.apply import fold, resume
from openinfusion.core.administration.context import Begun, Context, Elsewhere, Today, Usability
from openinfusion.core.administration.decide import decide
from openinfusion.core.administration.elsewhere import of_session
from openinfusion.core.administration.parts import Actor, Status
from openinfusion.core.administration.session import SessionState
from openinfusion.core.errors import Conflict, NotFound
from openinfusion.core.finding import Finding
from openinfusion.core.monitoring.found import criteria_met
from openinfusion.core.patient import Fact, PatientFacts
from openinfusion.core.prescribing import limits, ordering
from openinfusion.core.prescribing.earlier import earlier_reactions
from openinfusion.core.prescribing.eligibility import screened, unblocked
from openinfusion.core.prescribing.events import ReactionRemembered
from openinfusion.core.prescribing.limits import Parts
from openinfusion.core.prescribing.order import Choice
from openinfusion.core.prescribing.practice import Practice
from openinfusion.core.prescribing.rule import Order, merged
from openinfusion.core.prescribing.worked import Worked, worked_out
from openinfusion.core.protocol import Legal
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import (
    Alarms,
    AnyTable,
    InjectionVolumes,
    Plausibility,
    PumpEvents,
    PumpFlow,
    ReactionCriteria,
    ReactionDefaults,
)
from openinfusion.protocols import review
from openinfusion.protocols.load import LoadedProtocol

TRIES = 20
"""How often a record is decided anew when others write at the same moment; after that it is appended without looking."""

_LOOKING_ROUND = (c.EnterCheck, c.RecordGiven)
"""The records that are judged by more than the session itself: by who ordered it, and by what else was given. Others read one stream."""

_DOSING = (
    c.StartInfusion,
    c.GiveInjection,
    c.RaiseRate,
    c.Resume,
    c.ResumeAfterReaction,
    c.RequestBolus,
    c.ChangeContainer,
    c.RecordGiven,
)
"""Commands whose limits count what other sessions of the patient gave."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The receipt of a command, and the session after it."""

    receipt: Receipt
    state: SessionState


@dataclass(frozen=True, slots=True)
class Kept:
    """A state that was folded before, and the hash of the last event in it: the chain vouches for all that went before."""

    state: SessionState
    hash: str


KEEP = 500
"""How many sessions are kept folded in a process; the one that was not looked at for longest goes first."""

_KEPT: WeakKeyDictionary[EventLog, OrderedDict[str, Kept]] = WeakKeyDictionary()


def state_of(ports: Ports, session_id: str, known: SessionState | None = None) -> SessionState:
    """The session as it stands; with `known`, a state of the same session, only what is newer is read. Raises NotFound."""
    stream = f"session/{session_id}"
    if known is not None:
        further = resume(known, ports.log.read(stream, known.seq))
        if further is not None:
            return further
    kept = _KEPT.setdefault(ports.log, OrderedDict())
    latest = _on_from(ports, stream, kept.pop(session_id, None)) or _from_the_start(ports, stream)
    if latest.state.plan is None:
        raise NotFound("session", session_id)
    kept[session_id] = latest
    while len(kept) > KEEP:
        kept.popitem(last=False)
    return latest.state


def _from_the_start(ports: Ports, stream: str) -> Kept:
    history = ports.log.read(stream)
    return Kept(fold(history), history[-1].hash if history else "")


def _on_from(ports: Ports, stream: str, kept: Kept | None) -> Kept | None:
    """A kept state brought up to date; None when there is none, when the record is another one, or when an entry was corrected."""
    if kept is None:
        return None
    recent = ports.log.read(stream, kept.state.seq - 1)
    if not recent or (recent[0].seq, recent[0].hash) != (kept.state.seq, kept.hash):
        return None
    further = resume(kept.state, recent[1:])
    return None if further is None else Kept(further, recent[-1].hash)


def handle(ports: Ports, session_id: str, command: c.Command, envelope: Envelope, actor: Actor, seen_seq: int | None = None) -> Answer:
    """Carry out one command. `seen_seq` is the seq of the view on which a control command was given; None means the present one.

    Raises NotAllowed, NotFound, Malformed, IdReused, NotSaved; for a control command also CommandRefused and Conflict.
    """
    require(actor, type(command))
    if isinstance(command, c.RecordFacts):
        refuse_identity(command.facts)
    if known := ports.log.receipt(envelope.command_id, envelope.sha256):
        return Answer(known, state_of(ports, session_id))
    given = Given(command, envelope, Seat(session_id, actor, envelope.occurred_at))
    if command.CONTROL:
        return _control(ports, given, seen_seq)
    return _record(ports, given)


@dataclass(frozen=True, slots=True)
class Given:
    """One command with everything that came with it."""

    command: c.Command
    envelope: Envelope
    seat: "Seat"


@dataclass(frozen=True, slots=True)
class Seat:
    """Who acts at which session, and when by their own clock."""

    session: str
    actor: Actor
    occurred_at: datetime

    @property
    def stream(self) -> str:
        """The stream of the session."""
        return f"session/{self.session}"


@dataclass(frozen=True, slots=True)
class View:
    """A session with the surroundings in which a person would decide now, for screens that show what holds a step back."""

    state: SessionState
    context: Context


def view(ports: Ports, session_id: str, actor: Actor) -> View:
    """The session and the context of a dosing decision at this moment. Raises NotFound."""
    state, seat = state_of(ports, session_id), Seat(session_id, actor, ports.clock.now())
    return View(state, _with_others(ports, state, seat, _context(ports, state, seat)))


def _control(ports: Ports, given: Given, seen_seq: int | None) -> Answer:
    """Routine readings and confirmations that came after the view do not make it old; anything else does."""
    seat = given.seat
    state = state_of(ports, seat.session)
    if seen_seq is not None and seen_seq < state.moved_seq:
        raise Conflict(seat.stream, seen_seq, state.seq)
    ctx = _context_for(ports, state, given)
    receipt = ports.log.append(given.envelope, decide(state, given.command, ctx), ctx.guards)
    return Answer(receipt, state_of(ports, seat.session, state))


def _record(ports: Ports, given: Given) -> Answer:
    """A record looks at one stream only; when that has moved it is decided anew, and in the end appended without looking."""
    seat = given.seat
    for attempt in range(TRIES):
        state = state_of(ports, seat.session)
        events = decide(state, given.command, _context_for(ports, state, given))
        guards = {seat.stream: state.seq} if attempt < TRIES - 1 else {}
        try:
            receipt = ports.log.append(given.envelope, events, guards)
        except Conflict:
            continue
        return Answer(receipt, state_of(ports, seat.session, state))
    raise AssertionError("an append without guards meets no conflict")


def _context_for(ports: Ports, state: SessionState, given: Given) -> Context:
    """As much of the surroundings as the command looks at."""
    if not given.command.CONTROL and not isinstance(given.command, _LOOKING_ROUND):
        return _with_entry(ports, given, _bare(ports, state, given.seat, _loaded(ports, state)))
    ctx = _context(ports, state, given.seat)
    if isinstance(given.command, c.PrepareContainer):
        return _with_code(ports, given.command.container.code, given.seat, ctx)
    if isinstance(given.command, c.AssociateDevice):
        return _with_device(ports, given.command.device, given.seat, ctx)
    return _with_others(ports, state, given.seat, ctx) if isinstance(given.command, _DOSING) else ctx


def _with_entry(ports: Ports, given: Given, ctx: Context) -> Context:
    """The context with the event that a correction refers to."""
    if not isinstance(given.command, c.CorrectEntry):
        return ctx
    meant = (one.event for one in ports.log.read(given.seat.stream) if one.seq == given.command.seq)
    return replace(ctx, entry=next(meant, None))


def _with_code(ports: Ports, code: str, seat: Seat, ctx: Context) -> Context:
    """The context with the session whose container has the code already: a code that hangs on two bags tells none of them."""
    row = ports.models.get("containers", code)
    other = str(row.content["session"]) if row is not None else seat.session
    return ctx if other == seat.session else replace(ctx, busy={code: other})


def _with_device(ports: Ports, device: str, seat: Seat, ctx: Context) -> Context:
    """The context with the session that needs the device now; the device's own stream is a guard, so that it is taken once."""
    taken = ports.log.read(f"device/{device}")
    guards = {**ctx.guards, f"device/{device}": taken[-1].seq if taken else 0}
    row = ports.models.get("devices", device)
    other = str(row.content["session"]) if row is not None else seat.session
    if other == seat.session or state_of(ports, other).status not in (Status.INFUSING, Status.ON_HOLD):
        return replace(ctx, guards=guards)
    return replace(ctx, guards=guards, busy={device: other})


def _loaded(ports: Ports, state: SessionState) -> LoadedProtocol:
    if state.plan is None:
        raise NotFound("session", state.patient)
    return ports.library.of_hash(state.plan.content_hash)


def _bare(ports: Ports, state: SessionState, seat: Seat, loaded: LoadedProtocol) -> Context:
    """The context of a session alone: its protocol and the rule tables, no stream beside its own."""
    tables = (*loaded.tables.values(), *ports.library.reference.tables.values())
    now = ports.clock.now()
    return Context(
        session=seat.session,
        order=_order(ports, state, loaded, PatientFacts(), now),
        signed=ordering.OrderState(),
        usability=Usability.NOT_USABLE,
        actor=seat.actor,
        now=now,
        occurred_at=seat.occurred_at,
        reaction_defaults=_reaction_defaults(tables),
        pump_states=_pump_states(tables),
        plausible=tuple(one for table in tables if isinstance(table, Plausibility) for one in table.ranges),
        pump_step=Practice.among(loaded.tables.values()).pump_step,
        sound_pause=next((table.sound_pause.quantity for table in tables if isinstance(table, Alarms) and table.sound_pause), None),
        site_volumes=next((table for table in loaded.tables.values() if isinstance(table, InjectionVolumes)), None),
        guards={seat.stream: state.seq},
    )


def _reaction_defaults(tables: Iterable[AnyTable]) -> ReactionDefaults:
    found = next((table for table in tables if isinstance(table, ReactionDefaults)), None)
    if found is None:
        raise NotFound("table", "reaction_defaults")
    return found


def _pump_states(tables: Iterable[AnyTable]) -> Mapping[str, PumpFlow]:
    return next((table.states for table in tables if isinstance(table, PumpEvents)), {})


def _order(ports: Ports, state: SessionState, loaded: LoadedProtocol, facts: PatientFacts, now: datetime) -> Order:
    protocol, choice = loaded.protocol, state.plan.choice if state.plan is not None else Choice("", now.date())
    region, practice = choice.region or ports.site.region, Practice.among(loaded.tables.values())
    return Order(protocol, choice, merged(facts, protocol, choice, region, now), ports.library.reference.fields, now, region, practice)


def _context(ports: Ports, state: SessionState, seat: Seat) -> Context:
    """The session with its patient, its order and the signatures on its protocol; remembers how far each stream was read."""
    loaded = _loaded(ports, state)
    bare = _bare(ports, state, seat, loaded)
    facts, facts_seq = facts_of(ports, state.patient)
    signed = order_of(ports, state.course)
    signatures, signatures_seq = signatures_of(ports, loaded.content_hash)
    # What follows from the order, such as the dose per body mass, is worked out with today's facts, as it was when the order was signed.
    worked = worked_out(_order(ports, state, loaded, _with_check_in(ports, facts, state, bare.now), bare.now))
    order = worked.order
    read = {
        f"patient/{state.patient}": facts_seq,
        f"course/{state.course}": signed.seq,
        f"protocol/{loaded.content_hash}": signatures_seq,
    }
    return replace(
        bare,
        order=order,
        signed=signed,
        usability=_usability(ports, loaded, review.status(loaded.content_hash, signatures, loaded.protocol)),
        screened=(
            *screened(order, loaded.general_rules, "start"),
            *earlier_reactions(loaded.protocol, _before(seat.session, reactions_of(ports, state.patient))),
            *_anaphylaxis(ports, state, order),
        ),
        today=_today(state, worked) if state.started_at is None else None,
        guards={**bare.guards, **read},
    )


def _anaphylaxis(ports: Ports, state: SessionState, order: Order) -> tuple[Finding, ...]:
    """What this session's own reaction holds back when it met the criteria of anaphylaxis."""
    table = next((one for one in ports.library.reference.tables.values() if isinstance(one, ReactionCriteria)), None)
    age = order.value("age")
    return criteria_met(table, state, age if isinstance(age, Quantity) else None)


def _before(session: str, reactions: Iterable[ReactionRemembered]) -> tuple[ReactionRemembered, ...]:
    """The reactions of other sessions; what this one's own means is said by the rules of a reaction."""
    return tuple(one for one in reactions if one.session != session)


def _today(state: SessionState, worked: Worked) -> Today:
    """The dose by the facts of today, and the limits of the planned one by these facts: a weight of last month doses nobody."""
    planned = state.plan
    parts = Parts() if planned is None else Parts(planned.dose, planned.rates, planned.concentration, planned.course)
    found = unblocked(worked.order, (*worked.findings, *limits.check(worked.order, parts)))
    return Today(worked.dose.amount if worked.dose is not None else None, found)


def _with_check_in(ports: Ports, facts: PatientFacts, state: SessionState, now: datetime) -> PatientFacts:
    """What the check-in of this session told counts as a fact of today."""
    told = {"consent": state.consent, "site.anaphylaxis_kit_checked": state.kit_complete}
    declared = ports.library.reference.fields
    known = (Fact(name, value, now, "check-in") for name, value in told.items() if value is not None and name in declared)
    return facts.having(*known)


def _usability(ports: Ports, loaded: LoadedProtocol, status: review.Status) -> Usability:
    """Neither a withdrawn protocol nor one that was retired after the order is started; what runs already goes on."""
    if loaded.protocol.legal is Legal.WITHDRAWN or status is review.Status.RETIRED:
        return Usability.NOT_USABLE
    if status is review.Status.ACTIVE:
        return Usability.ACTIVE
    return Usability.EXAMPLE_IN_DEMO if ports.site.is_demo else Usability.NOT_USABLE


def _with_others(ports: Ports, state: SessionState, seat: Seat, ctx: Context) -> Context:
    """The context with what the patient's other sessions gave of the same ingredients; each of their streams becomes a guard."""
    found: list[Elsewhere] = []
    begun: list[Begun] = []
    guards = dict(ctx.guards)
    for row in ports.models.listed("sessions-of-patient", f"{state.patient}/"):
        if row.key == seat.session:
            continue
        other = state_of(ports, row.key)
        guards[f"session/{row.key}"] = other.seq
        if other.started_at is not None:
            begun += [Begun(f"session/{row.key}", other.number, other.started_at)] if other.course == state.course else []
            theirs = _order(ports, other, _loaded(ports, other), ctx.order.facts, ctx.now)
            found.append(of_session(f"session/{row.key}", other, theirs, ctx.now))
    ours = set(ctx.protocol.drug.ingredients)
    return replace(ctx, elsewhere=tuple(one for one in found if ours & set(one.amounts)), begun=tuple(begun), guards=guards)
