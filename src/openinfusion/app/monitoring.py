"""The watch over running sessions: what is owed, which alarms begin and end, and what of a monitor's samples becomes a charted observation.

Several watchers may run at once: what each does carries an identity that follows from the session itself, so that nothing happens twice. It
reads devices and commands none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID, uuid5

from openinfusion.app import bedside
from openinfusion.app.carried import Carried, Verdicts, in_turn
from openinfusion.app.commands import envelope, write_command
from openinfusion.app.feed import AHEAD, reach, shown_by
from openinfusion.app.judging import judging_of, person_of
from openinfusion.app.library import HeldLibrary
from openinfusion.app.ports import Ports, SampleBlock
from openinfusion.app.prescribing import facts_of
from openinfusion.core.administration.commands import Command, EndAlarm, EscalateAlarm, OpenEmergency, RaiseAlarm, ReceiveReadings
from openinfusion.core.administration.parts import Actor, Reading
from openinfusion.core.administration.session import Alarm, SessionState
from openinfusion.core.errors import IdReused, NotFound
from openinfusion.core.monitoring.alarm import conditions, escalations, overdue, transitions
from openinfusion.core.monitoring.calm import Bounds, Calm, Looked, calm_after, may_be_silent, silence
from openinfusion.core.monitoring.charted import Judging, charted_conditions, opening
from openinfusion.core.monitoring.doubt import doubt_conditions, doubted
from openinfusion.core.monitoring.early_warning import Person
from openinfusion.core.monitoring.kind import AlarmCondition, AlarmTables, Feed, Sample, is_of
from openinfusion.core.monitoring.observation import CLOSED, Applies, Due, always, due
from openinfusion.core.monitoring.response import EmergencyDose, RunningScript, emergency_dose, respond
from openinfusion.core.monitoring.trend import trend_conditions
from openinfusion.core.part import Rule
from openinfusion.core.patient import Fact, FactValue, PatientFacts
from openinfusion.core.prescribing.rule import Order, merged, standing
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Alarms, AnyTable, EpinephrineDoses, PumpEvents, ResponseScript

WATCH = Actor("watch", frozenset({"device"}))
"""Who raises and ends alarms when no person does."""

_IDENTITY = UUID("6d1f3a52-6c1e-5d0e-9d8b-4f6a2b7c9e10")
"""The name space of the watch's command identities; it never changes."""


_EVER = datetime.max.replace(tzinfo=UTC)
"""A watcher reads ahead of the present without end: what was sent too early waits until its time has come."""


_MOST_BOUNDS = 5000
"""Of so many sets of limits the verdicts are kept; then they are found anew."""


@dataclass(slots=True)
class _Held:
    """What a watcher holds of the devices of a session: what its blocks left behind, or the blocks themselves where some are out of order;
    those that were sent too early; and when it was brought up to date."""

    read_at: datetime
    carried: Carried | None
    blocks: tuple[SampleBlock, ...] = ()
    ahead: list[SampleBlock] = field(default_factory=list)


@dataclass(slots=True)
class _Resting:
    """A session at rest: what is owed, which values raise nothing, the state of the values by which a trend is told, and until when every
    channel is shown."""

    calm: Calm
    owed: tuple[Due, ...]
    verdicts: Verdicts
    thinned_at: tuple[int, int]
    shown_until: datetime


def _start(block: SampleBlock) -> datetime:
    return block.start


@dataclass(frozen=True, slots=True)
class Watched:
    """What one look at a session came to: the session after it, what is owed, the alarms that began or ended, and the emergency that
    opened by itself."""

    state: SessionState
    owed: tuple[Due, ...]
    changed: tuple[RaiseAlarm | EndAlarm, ...]
    passed_on: tuple[EscalateAlarm, ...] = ()
    opened: OpenEmergency | None = None


def alarm_tables(tables: Iterable[AnyTable]) -> AlarmTables:
    """The alarm tables among the rule tables; raises NotFound when one is missing."""
    held = tuple(tables)
    alarms = next((table for table in held if isinstance(table, Alarms)), None)
    pumps = next((table for table in held if isinstance(table, PumpEvents)), None)
    if alarms is None or pumps is None:
        raise NotFound("table", "alarms" if alarms is None else "pump_events")
    return AlarmTables(alarms, pumps)


def kind_words(tables: AlarmTables, language: str = "en") -> Mapping[str, str]:
    """The sentence of each kind of alarm in a language, else in English. Kept apart from the words of protocols, whose rules have names of
    their own."""
    held = (tables.alarms, tables.pumps)
    return {name: text for table in held for name, text in (table.wording.get(language) or table.wording.get("en", {})).items()}


class Watch:
    """One watcher. It remembers the sessions it looked at, so that each look reads only what is new, and a session at rest is looked at as
    a whole only when something may have changed; the record alone decides. The protocol files are those of the last listening."""

    def __init__(self, ports: Ports, tables: AlarmTables) -> None:
        self._asked = self._ports = ports
        self._tables, self._reach, self._silence = tables, reach(tables), silence(tables)
        self._heard_upto: int | None = None
        self._held: dict[str, _Held] = {}
        self._fresh: dict[str, list[SampleBlock]] = {}
        self._resting: dict[str, _Resting] = {}
        self._verdicts: dict[Bounds, Verdicts] = {}
        self._known: dict[str, SessionState] = {}
        self._protocols: dict[str, Protocol] = {}
        self._rules: dict[str, tuple[int, Applies]] = {}
        self._people: dict[str, tuple[int, Person]] = {}

    def listen(self) -> None:
        """Ask once for all sessions which samples came; the next looks read no session anew. Who never listens reads at each look."""
        self._ports = replace(self._asked, library=HeldLibrary(self._asked.library))
        news = self._ports.samples.news(self._heard_upto)
        if self._heard_upto is None:
            self._held.clear()
        for block in news.blocks:
            if block.session in self._held:
                self._fresh.setdefault(block.session, []).append(block)
        self._heard_upto = news.upto

    def look(self, session_id: str, seq: int | None = None) -> Watched:
        """Look at a session once: chart what its monitors show where it is owed, then raise and end its alarms.

        With the `seq` of its newest event the record is read only when the session is not known so far. Raises NotFound, NotSaved."""
        now, state = self._ports.clock.now(), self._known.get(session_id)
        taken = self._take(session_id, now)
        if state is None or seq is None or state.seq < seq:
            state = bedside.state_of(self._ports, session_id, state)
        elif taken is not None and self._rests(session_id, state, taken, now):
            return Watched(state, self._resting[session_id].owed, ())
        return self._whole(session_id, state, now)

    def _whole(self, session_id: str, state: SessionState, now: datetime) -> Watched:
        """The whole look, whatever is known of the one before. After one that fails the next is whole too."""
        self._resting.pop(session_id, None)
        began, protocol, feed = state.seq, self._protocol(state), self._feed(session_id, now)
        left = due(protocol, state, now, self._applies(session_id, protocol, state))
        for command in readings_in(feed, left, state, self._tables, now):
            state = _carry_out(self._ports, session_id, command, _charting(command, left), state)
            left = due(protocol, state, now, self._applies(session_id, protocol, state))
        held = conditions(protocol, state, self._tables, now, feed)
        person = self._person(session_id, state)
        charted = charted_conditions(self._judging, state, person, self._tables, held)
        emergency = opening(self._judging, state, person) if charted else None
        found = (*held, *overdue(left, state, self._tables, now), *charted)
        changed = transitions(state.alarms, found, self._tables, now)
        for alarm in changed:
            state = _carry_out(self._ports, session_id, alarm, _identity(alarm, state.alarms.get(alarm.key)), state)
        opened = OpenEmergency(emergency.signs, emergency.rules) if emergency is not None else None
        if opened is not None and emergency is not None:
            state = _carry_out(self._ports, session_id, opened, ("OpenEmergency", *emergency.rules, str(emergency.at)), state)
        passed_on = escalations(state.alarms, self._tables, now)
        for one in passed_on:
            state = _carry_out(self._ports, session_id, one, _identity(one, state.alarms.get(one.key)), state)
        self._remember(session_id, state)
        if state.seq == began and not (changed or passed_on or opened):
            self._rest(session_id, protocol, (state, left, found, feed), now)
        return Watched(state, left, changed, passed_on, opened)

    def _rest(
        self,
        session_id: str,
        protocol: Protocol,
        looked: tuple[SessionState, tuple[Due, ...], tuple[AlarmCondition, ...], Feed],
        now: datetime,
    ) -> None:
        """Remember that a whole look changed nothing, and until when that holds."""
        held = self._held.get(session_id)
        if held is None or held.carried is None:
            return
        calm = calm_after(protocol, Looked(*looked), self._tables, now)
        if calm is not None:
            if len(self._verdicts) > _MOST_BOUNDS:
                self._verdicts.clear()
            verdicts = self._verdicts.setdefault(calm.bounds, {})
            thinned_at, shown_until = held.carried.thinned_at(now), held.carried.shown_until(calm.channels)
            self._resting[session_id] = _Resting(calm, looked[1], verdicts, thinned_at, shown_until)

    def _rests(self, session_id: str, state: SessionState, taken: Sequence[SampleBlock], now: datetime) -> bool:
        """Whether a whole look would change nothing: no time has come, and what the devices sent raises nothing."""
        resting, held = self._resting.get(session_id), self._held[session_id]
        if resting is None or held.carried is None or not resting.calm.lasts(state.seq, now):
            return False
        if not all(held.carried.is_calm(block, resting.calm, resting.verdicts) for block in taken):
            return False
        if now > resting.shown_until:
            resting.shown_until = held.carried.shown_until(resting.calm.channels)
        if now > resting.shown_until or may_be_silent(resting.calm, held.carried.heard(now), self._silence, now):
            return False
        thinned_at = held.carried.thinned_at(now)
        if thinned_at == resting.thinned_at:
            return True
        resting.thinned_at = thinned_at
        return not trend_conditions(self._protocol(state), state, self._tables, Feed(thinned=held.carried.thinned(now)))

    def _take(self, session_id: str, now: datetime) -> Sequence[SampleBlock] | None:
        """The blocks whose time has come since the last look; None where all were read anew."""
        held, fresh = self._held.get(session_id), self._fresh.pop(session_id, [])
        if self._heard_upto is None or held is None or held.carried is None or now < held.read_at:
            self._read(session_id, now)
            return None
        taken, held.read_at = [], now
        if held.ahead:
            fresh, held.ahead = [*held.ahead, *fresh], []
        for block in sorted(fresh, key=_start) if len(fresh) > 1 else fresh:
            if block.start >= now + AHEAD:
                held.ahead.append(block)
            elif block.start >= now - self._reach:
                if not held.carried.take(block):
                    self._read(session_id, now)
                    return None
                taken.append(block)
        return taken

    def _read(self, session_id: str, now: datetime) -> None:
        """Read all blocks of a session that say anything of the present, with those that were sent too early. Where that fails nothing is
        held, and the next look reads again."""
        self._held.pop(session_id, None)
        read = self._ports.samples.read(session_id, now - self._reach, _EVER)
        ahead = [block for block in read if block.start >= now + AHEAD]
        present = read[: len(read) - len(ahead)]
        carried = in_turn(present, self._tables)
        self._held[session_id] = _Held(now, carried, () if carried is not None else present, ahead)

    def _feed(self, session_id: str, now: datetime) -> Feed:
        """What the devices of a session show now."""
        held = self._held[session_id]
        return held.carried.feed(now) if held.carried is not None else shown_by(held.blocks, self._tables, now)

    def _protocol(self, state: SessionState) -> Protocol:
        """The protocol of a hash never changes."""
        content_hash = state.plan.content_hash if state.plan is not None else ""
        if content_hash not in self._protocols:
            self._protocols[content_hash] = protocol_of(self._ports, state)
        return self._protocols[content_hash]

    def _applies(self, session_id: str, protocol: Protocol, state: SessionState) -> Applies:
        """Which rules may hold, judged anew whenever the session has moved."""
        seq, applies = self._rules.get(session_id, (-1, always))
        if seq != state.seq:
            applies = _applying(self._ports, protocol, state)
            self._rules[session_id] = (state.seq, applies)
        return applies

    @cached_property
    def _judging(self) -> Judging:
        return judging_of(self._ports.library.reference.tables.values())

    def _person(self, session_id: str, state: SessionState) -> Person:
        """Who is judged, read anew whenever the session has moved."""
        seq, person = self._people.get(session_id, (-1, Person()))
        if seq != state.seq:
            person = person_of(self._ports, state.patient)
            self._people[session_id] = (state.seq, person)
        return person

    def _remember(self, session_id: str, state: SessionState) -> None:
        if state.status in CLOSED:
            self._known.pop(session_id, None)
            self._rules.pop(session_id, None)
            self._people.pop(session_id, None)
            self._held.pop(session_id, None)
            self._fresh.pop(session_id, None)
            self._resting.pop(session_id, None)
        else:
            self._known[session_id] = state


def watch(ports: Ports, session_id: str, tables: AlarmTables) -> Watched:
    """One look of a watcher that remembers nothing; whoever looks again and again keeps a `Watch`."""
    return Watch(ports, tables).look(session_id)


def owed(ports: Ports, state: SessionState) -> tuple[Due, ...]:
    """What has to be observed next in a session, by the rules that may hold for this patient."""
    if state.plan is None:
        return ()
    protocol = protocol_of(ports, state)
    return due(protocol, state, ports.clock.now(), _applying(ports, protocol, state))


def protocol_of(ports: Ports, state: SessionState) -> Protocol:
    """The protocol that a session was ordered with; raises NotFound."""
    if state.plan is None:
        raise NotFound("session", "without a plan")
    return ports.library.of_hash(state.plan.content_hash).protocol


def emergency(ports: Ports, state: SessionState, complication: str = "cx.anaphylaxis") -> tuple[EmergencyDose, RunningScript]:
    """The one emergency dose of this patient by the site's scheme, and the script of a complication with its clocks.

    Raises NotFound when the tables are not there; it never refuses for a patient."""
    tables = tuple(ports.library.reference.tables.values())
    doses = next((table for table in tables if isinstance(table, EpinephrineDoses)), None)
    script = next((table for table in tables if isinstance(table, ResponseScript) and table.complication == complication), None)
    if doses is None or script is None:
        raise NotFound("table", "epinephrine" if doses is None else complication)
    facts, _ = facts_of(ports, state.patient)
    weight = _known_mass(facts.get("weight"))
    dose = emergency_dose(doses, ports.site.epinephrine_scheme, weight, age_of(ports, facts))
    return dose, respond(script, dose, state, weight)


def readings_in(feed: Feed, left: Iterable[Due], state: SessionState, tables: AlarmTables, now: datetime) -> tuple[ReceiveReadings, ...]:
    """The readings to chart from the newest samples: those that are owed now. A channel that shows nothing is left to its alarm,
    and so is a step that no body makes.

    The monitor that serves the session is named as their device; without one nothing is charted."""
    doubts = doubted(doubt_conditions(state, tables, feed, now))
    monitors = [device for device, kind in state.devices.items() if kind == "monitor"]
    wanted = tuple(code for one in left if one.overdue_since is not None for code in one.codes)
    newest = {sample.code: sample for sample in feed.samples}
    usable = tuple(
        Reading(code, sample.value)
        for code, sample in newest.items()
        if sample.value is not None and any(is_of(code, one) for one in wanted) and not _is_lost(sample, tables) and code not in doubts
    )
    return (ReceiveReadings(monitors[0], usable),) if monitors and usable else ()


def _is_lost(sample: Sample, tables: AlarmTables) -> bool:
    """A zero of a channel for which the table says that zero means no signal."""
    zero = sample.value is not None and sample.value.value == 0
    return zero and any(is_of(sample.code, code) for code in tables.alarms.zero_is_no_reading)


def _applying(ports: Ports, protocol: Protocol, state: SessionState) -> Applies:
    """Whether a rule may hold, by the patient's facts; the patient's stream is read only when some rule depends on anything."""
    plan = state.plan
    if plan is None or not any(rule.when or rule.regions or rule.products for rule in protocol.monitoring):
        return always
    now, region = ports.clock.now(), plan.choice.region or ports.site.region
    facts, _ = facts_of(ports, state.patient)
    merged_facts = merged(facts, protocol, plan.choice, region, now)
    order = Order(protocol, plan.choice, merged_facts, ports.library.reference.fields, now, region)

    def applies(rule: Rule) -> bool:
        return standing(rule, order).may_hold

    return applies


def _known_mass(fact: Fact | None) -> Quantity | None:
    """The last weight, however old: in an emergency an old weight is better than none."""
    value: FactValue | None = fact.value if fact is not None else None
    return value if isinstance(value, Quantity) else None


def age_of(ports: Ports, facts: PatientFacts) -> Quantity | None:
    """The age of a patient now, None where it is not known."""
    spec = ports.library.reference.fields.get("age")
    value = facts.value(spec, ports.clock.now()) if spec is not None else None
    return value if isinstance(value, Quantity) else None


def _identity(command: RaiseAlarm | EndAlarm | EscalateAlarm, before: Alarm | None) -> tuple[str, ...]:
    """What makes this raising, ending or passing on one and the same for every watcher: the alarm as it stood before."""
    told = "" if before is None else f"{before.raised_at} {before.count} {before.acknowledged_at} {before.ended_at}"
    if isinstance(command, EscalateAlarm):
        return (type(command).__name__, command.key, command.to, f"{before.raised_at} {before.count}" if before is not None else "")
    priority = command.priority if isinstance(command, RaiseAlarm) else ""
    return (type(command).__name__, command.key, priority, told)


def _charting(command: ReceiveReadings, left: Iterable[Due]) -> tuple[str, ...]:
    """What makes this charting one and the same for every watcher: the channels, and what was owed."""
    channels = sorted(reading.code for reading in command.readings)
    return ("chart", command.device, *channels, *(f"{one.rule} {one.at}" for one in left if one.overdue_since is not None))


def _carry_out(ports: Ports, session_id: str, command: Command, identity: tuple[str, ...], state: SessionState) -> SessionState:
    """Issue a command once; where another watcher was faster with other words, its own stand."""
    body = write_command(command)
    sent = envelope(uuid5(_IDENTITY, "\n".join((session_id, *identity))), body, WATCH.id, ports.clock.now())
    actor = Actor(command.device, WATCH.roles) if isinstance(command, ReceiveReadings) else WATCH
    try:
        return bedside.handle(ports, session_id, command, sent, actor).state
    except IdReused:
        return bedside.state_of(ports, session_id, state)
