"""Plays a written therapy from order to discharge through the use cases that people and devices use, and says what happened at each step.

The caller gives it a throw-away store and a clock that it may set. It has no way round a rule: a step that is refused stays refused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from typing import Literal, Self
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError, model_validator

from openinfusion.app import bedside, prescribing, present
from openinfusion.app.access import Role
from openinfusion.app.commands import BY_NAME, envelope, write_command
from openinfusion.app.ports import Contact, Envelope, Identity, Ports, Receipt
from openinfusion.core.administration.commands import Command, RecordFacts
from openinfusion.core.administration.parts import Actor
from openinfusion.core.administration.scancode import CodeKind, scancode
from openinfusion.core.canonical import Json
from openinfusion.core.entry import read_choice, read_value
from openinfusion.core.errors import CommandRefused, Malformed, NotFound, OpenInfusionError
from openinfusion.core.finding import Finding
from openinfusion.core.patient import Fact, duration
from openinfusion.core.quantity import Quantity


class Part(BaseModel):
    """Base of the parts of a scenario file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(Part):
    """The made-up patient."""

    family_name: str
    given_name: str
    birth_date: date
    sex: str
    mrn: str


class Step(Part):
    """One thing that somebody does `at` a time after the start: exactly one of `do`, `command` and `message`.

    A step that must be refused says so, with the codes it must be refused for; `stale` sends a control command on the view of the step
    before, `repeat` sends the step before once more.
    """

    at: Quantity
    by: str
    do: Literal["sign-order", "cosign-order", "verify-order", "cancel-order", "plan-session", "record-facts"] | None = None
    command: Mapping[str, JsonValue] | None = None
    message: Mapping[str, JsonValue] | None = None
    facts: Mapping[str, str] = Field(default_factory=dict)
    reasons: Mapping[str, str] = Field(default_factory=dict)
    repeat: bool = False
    stale: bool = False
    expect: Literal["accepted", "refused"] = "accepted"
    codes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _does_one_thing(self) -> Self:
        if sum(part is not None for part in (self.do, self.command, self.message)) != 1:
            raise ValueError("a step does exactly one thing; write one of do, command and message")
        body = self.command or self.message
        if body is not None and body.get("type") not in BY_NAME:
            raise ValueError(f"{body.get('type')!r} is no command; write one of {', '.join(sorted(BY_NAME))}")
        return self


class Expected(Part):
    """What must be true at the end."""

    status: str
    delivered: Quantity | None = None
    reactions: tuple[int, ...] = ()


class Scenario(Part):
    """A whole therapy, written down."""

    schema_: Literal["openinfusion.scenario/1"] = Field(alias="schema")
    title: str
    protocol: str
    start: datetime
    patient: Person
    facts: Mapping[str, str]
    choice: Mapping[str, str]
    session: int = 1
    people: Mapping[str, str]
    devices: tuple[str, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)
    expect: Expected

    @model_validator(mode="after")
    def _everybody_is_named(self) -> Self:
        known = {*self.people, *self.devices}
        strangers = sorted({step.by for step in self.steps} - known)
        if strangers:
            raise ValueError(f"{', '.join(strangers)} is neither under people nor under devices; add it there with its role")
        roles = sorted({role for role in self.people.values() if role not in {*Role}})
        if roles:
            raise ValueError(f"{', '.join(roles)} is no role; write one of {', '.join(Role)}")
        return self


@dataclass(frozen=True, slots=True)
class Played:
    """What became of one step. `as_expected` is False when it was accepted or refused against the scenario's word; `why` says in words why
    it was refused."""

    at: datetime
    name: str
    is_message: bool
    accepted: bool
    events: tuple[str, ...]
    findings: tuple[Finding, ...]
    error: str
    as_expected: bool
    why: str = ""


class Player:
    """One run of a scenario on the given ports. `set_clock` moves the clock that the ports read."""

    def __init__(self, scenario: Scenario, ports: Ports, set_clock: Callable[[datetime], None]) -> None:
        self.scenario, self.ports, self._set_clock = scenario, ports, set_clock
        self.patient = self._id("patient")
        self.course, self.session = str(self._id("course")), self._id("session")
        self._names = {"$patient": scancode(CodeKind.PATIENT, self.patient)}
        self._names |= {f"$container{n}": scancode(CodeKind.CONTAINER, self._id(f"container{n}")) for n in range(1, 10)}
        self._names |= {f"$line{n}": scancode(CodeKind.LINE, self._id(f"line{n}")) for n in range(1, 10)}

    @property
    def planned(self) -> bool:
        """Whether the session was planned."""
        return self._head() > 0

    def play(self) -> Iterator[Played]:
        """Register the patient, then play step by step."""
        self.register()
        for n in range(1, len(self.scenario.steps) + 1):
            yield self.take(n)

    def register(self) -> None:
        """Register the patient at the start, with the first facts. Raises NotFound for a protocol that is not there, and Malformed for
        facts and choices that cannot be read."""
        read_choice(self.scenario.choice, self.scenario.start.date())
        if self.scenario.protocol not in self.ports.library.entries():
            raise NotFound("protocol", self.scenario.protocol)
        start = self.scenario.start.astimezone(UTC)
        self._set_clock(start)
        self._register(start)

    def take(self, n: int) -> Played:
        """Play the n-th step, counted from 1, as what happened at its own time. Played again it changes nothing."""
        step = self.scenario.steps[n - 1]
        moment = self.moment_of(n)
        self._set_clock(moment)
        return self._step(str(n - 1 if step.repeat else n), step, moment)

    def act(self, name: str, step: Step, moment: datetime) -> Played:
        """Play a step that is not of the scenario at a moment; the same name is the same command."""
        self._set_clock(moment)
        return self._step(name, step, moment)

    def moment_of(self, n: int) -> datetime:
        """When the n-th step happens."""
        return self.scenario.start.astimezone(UTC) + duration(self.scenario.steps[n - 1].at)

    def _register(self, at: datetime) -> None:
        who = self.scenario.patient
        identity = Identity(
            str(self.patient), who.family_name, who.given_name, who.birth_date, who.sex, who.mrn, emergency_contact=Contact("", "")
        )
        staff = Actor("registration", frozenset({"nurse"}))
        prescribing.register_patient(self.ports, identity, self._envelope("register", {"mrn": who.mrn}, staff.id, at), staff)
        facts = self._facts(self.scenario.facts, at, staff.id)
        prescribing.record_facts(
            self.ports, str(self.patient), facts, self._envelope("facts", dict(self.scenario.facts), staff.id, at), staff
        )

    def _step(self, n: str, step: Step, moment: datetime) -> Played:
        actor = self._actor(step)
        name = step.do or str((step.command or step.message or {}).get("type", ""))
        kinds: tuple[str, ...] = ()
        findings: tuple[Finding, ...] = ()
        error, why = "", ""
        try:
            receipt = self._do(n, step, actor, moment)
            kinds = tuple(recorded.event.KIND for recorded in receipt.events)
        except OpenInfusionError as failed:
            findings = failed.findings if isinstance(failed, CommandRefused) else ()
            error, why = failed.code.value, present.error(failed).text
        accepted = not error
        codes = {finding.code for finding in findings} | {error}
        fits = accepted == (step.expect == "accepted") and set(step.codes) <= codes
        return Played(moment, name, step.message is not None, accepted, kinds, findings, error, fits, why)

    def _do(self, n: str, step: Step, actor: Actor, moment: datetime) -> Receipt:
        if step.do is not None:
            return self._order(n, step, actor, moment)
        command = self._command(step, moment, actor)
        body = write_command(command)
        sent = self._envelope(f"step{n}", body, actor.id, moment)
        seen = self._head() - 1 if step.stale else self._head()
        return bedside.handle(self.ports, str(self.session), command, sent, actor, seen).receipt

    def _order(self, n: str, step: Step, actor: Actor, moment: datetime) -> Receipt:
        body: Json = {"do": step.do, "facts": dict(step.facts), "reasons": dict(step.reasons)}
        sent, ports = self._envelope(f"step{n}", body, actor.id, moment), self.ports
        seen = prescribing.order_of(ports, self.course).seq
        match step.do:
            case "sign-order":
                choice = read_choice(self.scenario.choice, self.scenario.start.date())
                request = prescribing.OrderRequest(self.course, str(self.patient), self.scenario.protocol, choice, step.reasons)
                return prescribing.sign_order(ports, request, sent, actor)
            case "cosign-order":
                return prescribing.cosign_order(ports, self.course, step.reasons, sent, actor, seen)
            case "verify-order":
                return prescribing.verify_order(ports, self.course, sent, actor, seen)
            case "cancel-order":
                return prescribing.cancel_order(ports, self.course, "; ".join(step.reasons.values()), sent, actor)
            case "plan-session":
                return prescribing.plan_session(ports, self.course, self.scenario.session, self.session, sent, actor)
            case "record-facts":
                return prescribing.record_facts(ports, str(self.patient), self._facts(step.facts, moment, actor.id), sent, actor)
            case _:
                raise Malformed("do", "a step does nothing", "do, command or message")

    def _command(self, step: Step, moment: datetime, actor: Actor) -> Command:
        body = {key: self._named(value) for key, value in (step.command or step.message or {}).items()}
        name = str(body.pop("type"))
        kind = BY_NAME[name]
        if kind is RecordFacts:
            given = body.get("facts")
            texts = {key: str(value) for key, value in given.items()} if isinstance(given, dict) else {}
            return RecordFacts(self._facts(texts, moment, actor.id))
        known = [item.name for item in fields(kind)]
        if strange := sorted(body.keys() - {*known}):
            raise Malformed(name, f"{', '.join(strange)} is no field of it", ", ".join(known))
        try:
            return TypeAdapter(kind).validate_python(body)
        except ValidationError as error:
            first = error.errors()[0]
            raise Malformed(name, f"{'.'.join(map(str, first['loc']))}: {first['msg']}", "the fields of the command") from error

    def _named(self, tree: JsonValue) -> JsonValue:
        """The tree with `$patient`, `$container1`, `$line1` replaced by their codes, and `null` by nothing."""
        if tree == "null":
            return None
        if isinstance(tree, dict):
            return {key: self._named(value) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self._named(value) for value in tree]
        return self._names.get(tree, tree) if isinstance(tree, str) else tree

    def _facts(self, texts: Mapping[str, str], at: datetime, by: str) -> tuple[Fact, ...]:
        fields = self.ports.library.reference.fields
        for name in texts:
            if name not in fields:
                raise NotFound("field", name)
        return tuple(Fact(name, read_value(fields[name], text), at, by) for name, text in texts.items())

    def _actor(self, step: Step) -> Actor:
        if step.by in self.scenario.devices:
            return Actor(step.by, frozenset({"device"}))
        return Actor(step.by, frozenset({self.scenario.people[step.by]}))

    def _head(self) -> int:
        """The seq of the session as it stands, 0 before it is planned."""
        recorded = self.ports.log.read(f"session/{self.session}")
        return recorded[-1].seq if recorded else 0

    def _id(self, name: str) -> UUID:
        return uuid5(NAMESPACE_URL, f"openinfusion:{self.scenario.title}:{name}")

    def _envelope(self, name: str, body: Json, actor: str, at: datetime) -> Envelope:
        return envelope(self._id(f"command:{name}"), body, actor, at)


def unmet_steps(played: Sequence[Played]) -> tuple[str, ...]:
    """The steps that were accepted or refused against the scenario's word, with why."""
    return tuple(
        f"step {n} ({one.name}) was {'accepted' if one.accepted else f'refused: {one.why}'}"
        for n, one in enumerate(played, 1)
        if not one.as_expected
    )


def unmet(scenario: Scenario, played: Sequence[Played], status: str, delivered: Quantity | None, grades: Sequence[int]) -> tuple[str, ...]:
    """What did not go as the scenario says, empty when all did."""
    wrong = [*unmet_steps(played)]
    if status != scenario.expect.status:
        wrong.append(f"status is {status}, expected {scenario.expect.status}")
    if scenario.expect.delivered is not None and delivered != scenario.expect.delivered:
        found = "nothing" if delivered is None else present.quantity(delivered)
        wrong.append(f"delivered is {found}, expected {present.quantity(scenario.expect.delivered)}")
    if tuple(grades) != scenario.expect.reactions:
        wrong.append(f"reactions are {list(grades)}, expected {list(scenario.expect.reactions)}")
    return tuple(wrong)
