"""Plays a recording into a session through the ingestion of devices, and says which alarms begin and end, and when.

The caller gives it a throw-away store and a clock that it may set. The alarms are those of the watch; nothing here raises one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from openinfusion.app import bedside, monitoring, present
from openinfusion.app.feed import amount
from openinfusion.app.intake import DeviceMessage, SampleGate, Taken, read_message, receive
from openinfusion.app.ports import Ports
from openinfusion.app.recording import Arrival, Recording
from openinfusion.app.scenario import Player, Scenario, Step
from openinfusion.core.administration.commands import EndAlarm, RaiseAlarm
from openinfusion.core.administration.parts import Status
from openinfusion.core.administration.session import SessionState
from openinfusion.core.errors import Malformed, OpenInfusionError
from openinfusion.core.monitoring.response import ANAPHYLAXIS
from openinfusion.core.monitoring.scoring import Raised
from openinfusion.core.quantity import Quantity

GATEWAY = "replay"
EVERY = timedelta(seconds=1)
"""How often the watch looks, as it does over a running site."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """A line that was not simply stored: why, and in words. It is never dropped without one of these."""

    line: int
    at: datetime
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """An alarm that was raised, raised again, passed on or ended, or whose steps opened by themselves, at a moment of the recording."""

    at: datetime
    what: str
    key: str
    code: str
    priority: str
    physiological: bool
    words: present.Words


@dataclass(slots=True)
class Tally:
    """What became of the lines so far."""

    stored: int = 0
    repeated: int = 0
    commands: int = 0
    flagged: list[Flagged] = field(default_factory=list)


class Replay:
    """One replay. The scenario is played as far as its start of the flow; then the recording begins, whatever its dates."""

    def __init__(self, ports: Ports, set_clock: Callable[[datetime], None], scenario: Scenario, recording: Recording) -> None:
        devices = (one for one in recording.devices() if one not in scenario.devices)
        self.ports, self.recording, self.tally = ports, recording, Tally()
        self._scenario = scenario.model_copy(update={"devices": (*scenario.devices, *devices)})
        self._player, self._set_clock, self._gate = Player(self._scenario, ports, set_clock), set_clock, SampleGate()
        tables = monitoring.alarm_tables(ports.library.reference.tables.values())
        self._watch, self._kinds = monitoring.Watch(ports, tables), monitoring.kind_words(tables)
        self._shift, self._steps = timedelta(0), 0
        self._raised: list[Raised] = []
        self._names = present.Glossary()

    @property
    def session(self) -> str:
        """The session that the recording is played into."""
        return str(self._player.session)

    @property
    def state(self) -> SessionState:
        """The session as it stands."""
        return bedside.state_of(self.ports, self.session)

    def prepare(self) -> None:
        """Play the scenario until the flow starts, then join the devices of the recording. Raises Malformed when it never starts."""
        self._player.register()
        for n in range(1, len(self._scenario.steps) + 1):
            self._player.take(n)
            self._steps = n
            if self._player.planned and self.state.status is Status.INFUSING:
                break
        else:
            raise Malformed("scenario", "the flow never starts in it", "a scenario with a StartInfusion that is accepted")
        start = self._player.moment_of(self._steps)
        by = self._scenario.steps[self._steps - 1].by
        joined = self.state.devices
        for device, kind in self.recording.devices().items():
            if device not in joined:
                self._act(Step(at=Quantity(0, "s"), by=by, command={"type": "AssociateDevice", "device": device, "kind": kind}), start)
        self._shift = start - self.recording.arrivals[0].at
        plan = self.state.plan
        if plan is not None:
            reference = self.ports.library.reference
            names = present.glossary_of(self.ports.library.of_hash(plan.content_hash), reference.fields)
            self._names = replace(names, fields={**reference.terms.get("en", {}), **names.fields})

    def play(self, pace: Callable[[datetime], None] | None = None) -> Iterator[Change]:
        """Line by line, looking every second between them; `pace` is called with each moment of the recording before it is played."""
        moment = self.recording.arrivals[0].at
        for one in self.recording.arrivals:
            while moment + EVERY <= one.at:
                moment += EVERY
                yield from self._look(moment, pace)
            self._take(one)
        yield from self._look(max(moment + EVERY, self.recording.arrivals[-1].at), pace)

    @property
    def raised(self) -> tuple[Raised, ...]:
        """Every raising so far, for scoring."""
        return tuple(self._raised)

    def _take(self, one: Arrival) -> None:
        self._set_clock(one.at + self._shift)
        if one.problem:
            self._flag(one, "unreadable", one.problem)
            return
        try:
            if one.is_command:
                self._command(one)
            else:
                self._message(one)
        except OpenInfusionError as error:
            self._flag(one, error.code.value, present.error(error).text)

    def _message(self, one: Arrival) -> None:
        told = read_message(dict(one.body))
        message = self._moved(told)
        taken = receive(self.ports, self._gate, GATEWAY, message, dict(one.body))
        self.tally.stored += not taken.repeated
        self.tally.repeated += taken.repeated
        for why, text in self._remarks(taken, message):
            self._flag(one, why, text)

    def _remarks(self, taken: Taken, message: DeviceMessage) -> Iterator[tuple[str, str]]:
        """What is odd about a message that is stored."""
        channels = message.samples.channels.items() if message.samples is not None else ()
        for name, channel in channels:
            if unread := [text for text in channel.values if text is not None and amount(text, channel.unit) is None]:
                yield "unreadable-value", f"{name} {unread[0]} {channel.unit}: {MARKS['unreadable-value']}"
        if taken.repeated:
            yield "repeated", "this very message was stored before; nothing was stored twice"
        if not taken.session:
            yield "device-without-session", "no session has this device; at a site the message waits in quarantine"
        for mark in taken.marks:
            yield mark, MARKS[mark]

    def _moved(self, message: DeviceMessage) -> DeviceMessage:
        """The message with its times on the clock of the session."""
        sent = message.sent_at + self._shift if message.sent_at is not None else None
        samples = replace(message.samples, start=message.samples.start + self._shift) if message.samples is not None else None
        return replace(message, occurred_at=message.occurred_at + self._shift, sent_at=sent, samples=samples)

    def _command(self, one: Arrival) -> None:
        body = one.body.get("command")
        told = {"at": Quantity(0, "s"), "by": one.body.get("by", self._scenario.steps[self._steps - 1].by), "command": body}
        try:
            step = Step.model_validate(told)
        except ValueError as error:
            raise Malformed(f"line {one.line}", str(error), "at, by and a command of docs/reference/command-api.md") from error
        if step.by not in self._scenario.people:
            raise Malformed(f"line {one.line}", f"{step.by} is nobody of the scenario", ", ".join(self._scenario.people))
        self.tally.commands += 1
        self._act(step, one.at + self._shift, one)

    def _act(self, step: Step, moment: datetime, one: Arrival | None = None) -> None:
        played = self._player.act(f"line{one.line}" if one is not None else f"join{step.command}", step, moment)
        if not played.accepted and one is not None:
            self._flag(one, played.error, played.why)

    def _flag(self, one: Arrival, why: str, text: str) -> None:
        self.tally.flagged.append(Flagged(one.line, one.at, why, text))

    def _look(self, moment: datetime, pace: Callable[[datetime], None] | None) -> Iterator[Change]:
        if pace is not None:
            pace(moment)
        self._set_clock(moment + self._shift)
        self._watch.listen()
        watched = self._watch.look(self.session)
        for alarm in watched.changed:
            yield self._change(moment, alarm, watched.state)
        if watched.opened is not None:
            stands = watched.state.alarms[f"criterion:{ANAPHYLAXIS}"]
            rules = ", ".join(present.readable(rule) for rule in watched.opened.rules)
            words = present.Words(f"The flow is ordered to stop and the steps of the emergency open: {rules}.")
            yield Change(moment, "opened", stands.key, stands.code, stands.priority, stands.physiological, words)
        for one in watched.passed_on:
            stands = watched.state.alarms[one.key]
            words = present.Words(f"Passed on to {present.readable(one.to)}: {present.readable(one.reason)}.")
            yield Change(moment, "passed-on", one.key, stands.code, stands.priority, stands.physiological, words)

    def _change(self, moment: datetime, alarm: RaiseAlarm | EndAlarm, state: SessionState) -> Change:
        stands = state.alarms[alarm.key]
        if isinstance(alarm, EndAlarm):
            what = "ended"
            self._raised = [replace(one, ended_at=moment) if one.key == alarm.key and one.ended_at is None else one for one in self._raised]
        else:
            what = "raised" if stands.count == 1 else "raised-again"
            self._raised.append(Raised(moment, alarm.key, alarm.code, alarm.priority))
        words = present.alarm(stands, self._kinds, present.plain, self._names)
        return Change(moment, what, alarm.key, stands.code, stands.priority, stands.physiological, words)


MARKS: Mapping[str, str] = {
    "clock-suspect": "its clock differs by more than 15 minutes; stored with both times and kept out of what is true now",
    "clock-corrected": "its clock differs by more than a minute; stored with the corrected time",
    "late": "it came later than what is shown of the present; stored with its own time",
    "unreadable-value": "no number, or in an unknown unit; stored as it came, shown as no reading",
}
