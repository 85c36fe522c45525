"""One session with all that its pages show: state, surroundings, protocol, patient, words. Reads through use cases; decides nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from openinfusion.app import bedside, chart, monitoring
from openinfusion.app.access import Action, may, require
from openinfusion.app.feed import feed_of, pump_heard
from openinfusion.app.ports import Ports
from openinfusion.app.present import Glossary, StateWords, Words, alarm, state_words
from openinfusion.app.records import Entry, chronicle
from openinfusion.core.administration.checklist import Stage, stage
from openinfusion.core.administration.commands import Command
from openinfusion.core.administration.context import Context, Usability
from openinfusion.core.administration.delivery import as_known
from openinfusion.core.administration.gates import before_start
from openinfusion.core.administration.parts import Actor
from openinfusion.core.administration.reasons import unmet
from openinfusion.core.administration.session import Alarm, SessionState
from openinfusion.core.administration.transitions import possible
from openinfusion.core.errors import NotFound
from openinfusion.core.finding import Finding, Level
from openinfusion.core.monitoring.kind import AlarmTables
from openinfusion.core.monitoring.observation import Due
from openinfusion.core.patient import duration
from openinfusion.core.prescribing.order import Plan
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Priority
from openinfusion.protocols.load import LoadedProtocol
from openinfusion.web import wording
from openinfusion.web.wording import labels


@dataclass(slots=True)
class Posted:
    """A form that came back: what was typed, which fields cannot be read, what refused it."""

    command: str = ""
    data: QueryDict = field(default_factory=QueryDict)
    problems: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    text: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether something has to be shown at the head of the page."""
        return bool(self.problems or self.findings or self.text)

    @property
    def to_reason(self) -> tuple[Finding, ...]:
        """Which of the findings a reason would answer."""
        return tuple(one for one in self.findings if one.level in (Level.CAUTION, Level.CONTRAINDICATED))

    @property
    def others(self) -> tuple[Finding, ...]:
        """The findings that no reason answers."""
        return tuple(one for one in self.findings if one not in self.to_reason)


def place_in_course(number: int, ordered: Plan | None) -> str:
    """Which session of how many the order plans."""
    return gettext("%(n)s of %(all)s") % {"n": number, "all": len(ordered.course) if ordered is not None and ordered.course else "?"}


@dataclass
class Chairside:
    """A session at its chair, as one person sees it now."""

    session: str
    actor: Actor
    ports: Ports
    state: SessionState
    context: Context
    loaded: LoadedProtocol
    now: datetime

    @property
    def protocol(self) -> Protocol:
        """The protocol that the session was ordered with."""
        return self.loaded.protocol

    @property
    def plan(self) -> Plan:
        """The plan of the session; a session without one is not found."""
        if self.state.plan is None:
            raise NotFound("session", self.session)
        return self.state.plan

    @property
    def place_in_course(self) -> str:
        """Which session of how many the order plans, the same words on every page of it."""
        return place_in_course(self.state.number, self.context.signed.plan)

    @cached_property
    def banner(self) -> chart.Banner:
        """The head of every page of this patient."""
        return chart.banner(self.ports, self.state.patient)

    @cached_property
    def wording(self) -> Mapping[str, str]:
        """What codes and rules are called: the terms of the site, the sentences of the tables, the protocol's own words."""
        return wording_of(self.ports, self.loaded)

    @cached_property
    def terms(self) -> Mapping[str, str]:
        """What codes are called; where a rule bears the name of a code, the code's own word wins."""
        return terms_of(self.ports, self.loaded)

    @cached_property
    def glossary(self) -> Glossary:
        """The names of fields and rules for the presenter."""
        return Glossary(fields={**self.wording, **labels()}, rules=self.wording, moment=moment_words)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that today's screening found."""
        return before_start(self.state, self.context)

    @cached_property
    def open_findings(self) -> tuple[Finding, ...]:
        """The findings that still hold a start back."""
        return unmet(self.findings, self.state, self.context)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The history of the session, as it was told."""
        return chronicle(self.ports.log.read(f"session/{self.session}"))

    @cached_property
    def stage(self) -> Stage:
        """The stage that has work to do."""
        return stage(self.state, self.now, findings_open=bool(self.open_findings))

    @cached_property
    def owed(self) -> tuple[Due, ...]:
        """What has to be observed now or next."""
        return monitoring.owed(self.ports, self.state)

    @cached_property
    def words(self) -> StateWords:
        """The four facts in words; a pump that goes on as it said is heard by its samples."""
        feed = feed_of(self.ports, self.session, _alarm_tables(self.ports), self.now)
        return words_of(self.ports, self.state, self.now, pump_heard(feed, self.state))

    @property
    def is_example(self) -> bool:
        """Whether the protocol is used as an example only."""
        return self.context.usability is not Usability.ACTIVE

    def may(self, command: type[Command]) -> bool:
        """Whether this person may give the command, and the status knows it."""
        return may(self.actor, command) and (not command.CONTROL or command in possible(self.state, self.protocol))

    @property
    def sound_pause(self) -> Quantity | None:
        """How long alarms may be silenced here; None where nothing says it."""
        figure = _alarm_tables(self.ports).alarms.sound_pause
        return figure.quantity if figure is not None else None

    @cached_property
    def latching(self) -> frozenset[str]:
        """The keys of the alarms that only a person ends."""
        tables = _alarm_tables(self.ports)
        kinds = (*tables.alarms.kinds, *tables.pumps.events, tables.pumps.unknown)
        codes = {kind.id for kind in kinds if kind.latching}
        return frozenset(one.key for one in self.state.alarms.values() if one.code in codes)

    @cached_property
    def alarms(self) -> tuple[tuple[Alarm, Words], ...]:
        """The alarms that last, worst first, in words."""
        return alarms_of(self.ports, self.state, self.loaded)


def _alarm_tables(ports: Ports) -> AlarmTables:
    return monitoring.alarm_tables(ports.library.reference.tables.values())


def sound_test_every(ports: Ports) -> int:
    """After how many seconds a screen's sound is tested again; 0 where nothing says it, and then each page asks."""
    figure = _alarm_tables(ports).alarms.sound_test_every
    return int(duration(figure.quantity).total_seconds()) if figure is not None else 0


def confirm_within(ports: Ports) -> timedelta:
    """How long an order to flow may stay unconfirmed before the flow is unknown."""
    return duration(_alarm_tables(ports).alarms.confirm_within.quantity)


def words_of(ports: Ports, state: SessionState, now: datetime, heard: datetime | None = None) -> StateWords:
    """The four facts of a session in words; a running flow that nobody confirmed in time is unknown. `heard` as in `state_words`."""
    return state_words(as_known(state, now, confirm_within(ports)), now, gettext, heard)


def alarms_of(ports: Ports, state: SessionState, loaded: LoadedProtocol) -> tuple[tuple[Alarm, Words], ...]:
    """The alarms of a session that last, worst first, in words."""
    held = lasting(state)
    if not held:
        return ()
    kinds, glossary = alarm_wording(ports, loaded)
    return tuple((one, alarm(one, kinds, gettext, glossary)) for one in held)


def alarm_wording(ports: Ports, loaded: LoadedProtocol) -> tuple[Mapping[str, str], Glossary]:
    """The sentences of the kinds of alarms, and what fields and the protocol's own limits are called."""
    kinds = monitoring.kind_words(_alarm_tables(ports), ports.site.language)
    rules = loaded.protocol.wording.get(ports.site.language) or loaded.protocol.wording.get("en", {})
    return kinds, Glossary(fields={**terms_of(ports, loaded), **labels(ports)}, rules=rules, moment=moment_words)


def owed_once(found: Iterable[Due]) -> tuple[Due, ...]:
    """What is owed, without what an earlier entry asks for already."""
    shown: list[Due] = []
    for one in found:
        if not any(set(one.codes) <= set(other.codes) for other in shown):
            shown.append(one)
    return tuple(shown)


def moment_words(at: datetime) -> str:
    """A moment in the site's zone: the time of day, with the date when it is another day."""
    local = timezone.localtime(at)
    return local.strftime("%H:%M" if local.date() == timezone.localdate() else "%Y-%m-%d %H:%M")


def lasting(state: SessionState) -> tuple[Alarm, ...]:
    """The alarms that have not ended, worst first, unseen before seen, oldest first."""
    order = [priority.value for priority in Priority]
    held = [one for one in state.alarms.values() if one.ended_at is None]

    def place(one: Alarm) -> tuple[int, bool, datetime]:
        return (order.index(one.priority) if one.priority in order else len(order), one.acknowledged_at is not None, one.raised_at)

    return tuple(sorted(held, key=place))


def wording_of(ports: Ports, loaded: LoadedProtocol) -> Mapping[str, str]:
    """What codes and rules are called in the site's language, else in English; the protocol's own words win."""
    return {**wording.terms(), **wording.wording_of(ports, loaded)}


def terms_of(ports: Ports, loaded: LoadedProtocol) -> Mapping[str, str]:
    """The same, with the words of the dictionary of terms before those of rules."""
    return {**wording.wording_of(ports, loaded), **wording.terms()}


def chairside(ports: Ports, session: str, actor: Actor) -> Chairside:
    """The session for this person; who may not read a chart is told so before anything is looked up. Raises NotAllowed, NotFound."""
    require(actor, Action.READ_CHART)
    seen = bedside.view(ports, session, actor)
    if seen.state.plan is None:
        raise NotFound("session", session)
    loaded = ports.library.of_hash(seen.state.plan.content_hash)
    return Chairside(session, actor, ports, seen.state, seen.context, loaded, ports.clock.now())
