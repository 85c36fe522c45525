"""Plays a written therapy from order to discharge through the use cases that people and devices use, and says what happened at each step.

The caller gives it a throw-away store and a clock that it may set. It has no way round a rule: a step that is refused stays refused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from openinfusion.app import bedside, prescribing
from openinfusion.app.commands import BY_NAME, envelope, write_command
from openinfusion.app.ports import Contact, Envelope, Identity, Ports, Receipt
from openinfusion.core.administration.commands import Command, RecordFacts
from openinfusion.core.administration.parts import Actor
from openinfusion.core.administration.scancode import CodeKind, scancode
from openinfusion.core.canonical import Json
from openinfusion.core.entry import read_value
from openinfusion.core.errors import CommandRefused, Malformed, NotFound, OpenInfusionError
from openinfusion.core.finding import Finding
from openinfusion.core.patient import Fact, duration
from openinfusion.core.prescribing.order import Choice
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


@dataclass(frozen=True, slots=True)
class Played:
    """What became of one step. `as_expected` is False when it was accepted or refused against the scenario's word."""

    at: datetime
    name: str
    is_message: bool
    accepted: bool
    events: tuple[str, ...]
    findings: tuple[Finding, ...]
    error: str
    as_expected: bool


class Player:
    """One run of a scenario on the given ports. `set_clock` moves the clock that the ports read."""

    def __init__(self, scenario: Scenario, ports: Ports, set_clock: Callable[[datetime], None]) -> None:
        self.scenario, self.ports, self._set_clock = scenario, ports, set_clock
        self.patient = self._id("patient")
        self.course, self.session = str(self._id("course")), self._id("session")
        self._names = {"$patient": scancode(CodeKind.PATIENT, self.patient)}
        self._names |= {f"$container{n}": scancode(CodeKind.CONTAINER, self._id(f"container{n}")) for n in range(1, 10)}
        self._names |= {f"$line{n}": scancode(CodeKind.LINE, self._id(f"line{n}")) for n in range(1, 10)}

    def play(self) -> Iterator[Played]:
        """Register the patient, then play step by step."""
        self.register()
        for n in range(1, len(self.scenario.steps) + 1):
            yield self.take(n)

    def register(self) -> None:
        """Register the patient at the start, with the first facts."""
        start = self.scenario.start.astimezone(UTC)
        self._set_clock(start)
        self._register(start)

    def take(self, n: int) -> Played:
        """Play the n-th step, counted from 1, as what happened at its own time. Played again it changes nothing."""
        step = self.scenario.steps[n - 1]
        moment = self.moment_of(n)
        self._set_clock(moment)
        return self._step(n - 1 if step.repeat else n, step, moment)

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

    def _step(self, n: int, step: Step, moment: datetime) -> Played:
        actor = self._actor(step)
        name = step.do or str((step.command or step.message or {}).get("type", ""))
        kinds: tuple[str, ...] = ()
        findings: tuple[Finding, ...] = ()
        error = ""
        try:
            receipt = self._do(n, step, actor, moment)
            kinds = tuple(recorded.event.KIND for recorded in receipt.events)
        except CommandRefused as refused:
            findings, error = refused.findings, refused.code.value
        except OpenInfusionError as failed:
            error = failed.code.value
        accepted = not error
        codes = {finding.code for finding in findings} | {error}
        fits = accepted == (step.expect == "accepted") and set(step.codes) <= codes
        return Played(moment, name, step.message is not None, accepted, kinds, findings, error, fits)

    def _do(self, n: int, step: Step, actor: Actor, moment: datetime) -> Receipt:
        if step.do is not None:
            return self._order(n, step, actor, moment)
        command = self._command(step, moment, actor)
        body = write_command(command)
        sent = self._envelope(f"step{n}", body, actor.id, moment)
        seen = self._head() - 1 if step.stale else self._head()
        return bedside.handle(self.ports, str(self.session), command, sent, actor, seen).receipt

    def _order(self, n: int, step: Step, actor: Actor, moment: datetime) -> Receipt:
        body: Json = {"do": step.do, "facts": dict(step.facts), "reasons": dict(step.reasons)}
        sent, ports = self._envelope(f"step{n}", body, actor.id, moment), self.ports
        seen = prescribing.order_of(ports, self.course).seq
        match step.do:
            case "sign-order":
                choice = self._choice()
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
        body = self._named(dict(step.command or step.message or {}))
        name = str(body.pop("type", "")) if isinstance(body, dict) else ""
        kind = BY_NAME.get(name)
        if kind is None:
            raise Malformed("type", f"{name!r} is no command", "one of " + ", ".join(sorted(BY_NAME)))
        if kind is RecordFacts and isinstance(body, dict):
            given = body.get("facts")
            texts = {key: str(value) for key, value in given.items()} if isinstance(given, dict) else {}
            return RecordFacts(self._facts(texts, moment, actor.id))
        try:
            return TypeAdapter(kind).validate_python(body)
        except ValidationError as error:
            raise Malformed(name, str(error), "the fields of the command") from error

    def _named(self, tree: JsonValue) -> JsonValue:
        """The tree with `$patient`, `$container1`, `$line1` replaced by their codes, and `null` by nothing."""
        if tree == "null":
            return None
        if isinstance(tree, dict):
            return {key: self._named(value) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self._named(value) for value in tree]
        return self._names.get(tree, tree) if isinstance(tree, str) else tree

    def _choice(self) -> Choice:
        started = {"start_on": self.scenario.start.date().isoformat(), **self.scenario.choice}
        try:
            return TypeAdapter(Choice).validate_python(started)
        except ValidationError as error:
            raise Malformed("choice", str(error), "the fields of an order") from error

    def _facts(self, texts: Mapping[str, str], at: datetime, by: str) -> tuple[Fact, ...]:
        fields = self.ports.library.reference.fields
        for name in texts:
            if name not in fields:
                raise NotFound("field", name)
        return tuple(Fact(name, read_value(fields[name], text), at, by) for name, text in texts.items())

    def _actor(self, step: Step) -> Actor:
        if step.by in self.scenario.devices:
            return Actor(step.by, frozenset({"device"}))
        role = self.scenario.people.get(step.by)
        if role is None:
            raise NotFound("person", step.by)
        return Actor(step.by, frozenset({role}))

    def _head(self) -> int:
        """The seq of the session as it stands, 0 before it is planned."""
        recorded = self.ports.log.read(f"session/{self.session}")
        return recorded[-1].seq if recorded else 0

    def _id(self, name: str) -> UUID:
        return uuid5(NAMESPACE_URL, f"openinfusion:{self.scenario.title}:{name}")

    def _envelope(self, name: str, body: Json, actor: str, at: datetime) -> Envelope:
        return envelope(self._id(f"command:{name}"), body, actor, at)


def unmet(scenario: Scenario, played: Sequence[Played], status: str, delivered: Quantity | None, grades: Sequence[int]) -> tuple[str, ...]:
    """What did not go as the scenario says, empty when all did."""
    wrong = [
        f"step {n} ({one.name}) was {'accepted' if one.accepted else 'refused'}" for n, one in enumerate(played, 1) if not one.as_expected
    ]
    if status != scenario.expect.status:
        wrong.append(f"status is {status}, expected {scenario.expect.status}")
    if scenario.expect.delivered is not None and delivered != scenario.expect.delivered:
        wrong.append(f"delivered is {delivered}, expected {scenario.expect.delivered}")
    if tuple(grades) != scenario.expect.reactions:
        wrong.append(f"reactions are {list(grades)}, expected {list(scenario.expect.reactions)}")
    return tuple(wrong)
