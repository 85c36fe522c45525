"""Messages of devices, as a gateway brings them: to the session that a nurse joined the device to, or into quarantine. A message never
decides which patient a device serves, and no answer here programmes a device.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from openinfusion.app import bedside
from openinfusion.app.commands import envelope
from openinfusion.app.ports import Envelope, Ports, SampleBlock
from openinfusion.core.administration.commands import Command, ReceivePumpReport, ReceiveReadings
from openinfusion.core.administration.context import LATE
from openinfusion.core.administration.parts import Actor, PumpReport, Reading
from openinfusion.core.administration.session import SessionState
from openinfusion.core.canonical import Json
from openinfusion.core.errors import Malformed, NotSaved
from openinfusion.core.forms import FormError, form
from openinfusion.core.quantity import Quantity

CORRECTED_ABOVE = timedelta(seconds=60)
"""A device clock that is off by more than this has its times corrected by the measured offset (safety.md 9; ours)."""

VOLUME_CHANNEL = "pump.volume"
CLOCK_SUSPECT = "clock-suspect"
"""The mark of samples whose times cannot be believed."""
LONGEST_BLOCK = timedelta(seconds=10)
_LONGEST_BLOCK_MS = LONGEST_BLOCK // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a block: a value for each of its times, None where the device had none."""

    unit: str
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Samples:
    """Up to ten seconds of a device's channels; `times_ms` are offsets from `start`."""

    start: datetime
    times_ms: tuple[int, ...]
    channels: Mapping[str, Channel]
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceMessage:
    """One message of one device: exactly one of report, readings and samples. `sent_at` is the device's clock when it was sent."""

    message_id: UUID
    device: str
    device_seq: int
    occurred_at: datetime
    sent_at: datetime | None = None
    report: PumpReport | None = None
    readings: tuple[Reading, ...] = ()
    samples: Samples | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message: the session it went to (empty: none has the device), its events, its sample blocks, and the marks under
    which it is stored."""

    session: str
    events: tuple[int, ...] = ()
    blocks: tuple[str, ...] = ()
    repeated: bool = False
    marks: tuple[str, ...] = ()


_FORM = form(DeviceMessage)
_CONTENT = ("report", "readings", "samples")


def read_message(body: Json) -> DeviceMessage:
    """The message of a body; raises Malformed that names the field and says what to write."""
    if not isinstance(body, dict):
        raise Malformed("message", "it is no JSON object", "one object with message_id, device, device_seq, occurred_at")
    told = [name for name in _CONTENT if body.get(name)]
    if len(told) != 1:
        raise Malformed("message", f"it holds {', '.join(told) or 'nothing'}", "exactly one of report, readings and samples")
    try:
        message = _FORM.read({name: _typed(name, value) for name, value in body.items() if name not in _CONTENT or value})
    except FormError as error:
        raise Malformed("message", str(error), "the fields of docs/reference/ingest.md; numbers as decimal text") from error
    if not isinstance(message, DeviceMessage):
        raise TypeError("message")
    _check(message)
    return message


def _typed(name: str, value: Json) -> Json:
    """Readings with the type of their quantities named, which a sender may leave out."""
    if name != "readings" or not isinstance(value, list):
        return value
    return [{**one, "value": _quantity(one.get("value"))} if isinstance(one, dict) else one for one in value]


def _quantity(value: Json) -> Json:
    return {"type": "Quantity", **value} if isinstance(value, dict) else value


def _check(message: DeviceMessage) -> None:
    if not message.device.strip():
        raise Malformed("device", "it is empty", "the name under which the device was joined to a session")
    samples = message.samples
    if samples is None:
        return
    if not samples.times_ms or any(not 0 <= at <= _LONGEST_BLOCK_MS for at in samples.times_ms):
        raise Malformed("samples.times_ms", "the times are not within ten seconds of the start", "offsets from 0 to 10000")
    for name, channel in samples.channels.items():
        if len(channel.values) != len(samples.times_ms):
            raise Malformed(f"samples.channels.{name}", "it has not one value for each time", "a value or null for each of times_ms")


class SampleGate:
    """Stores blocks of many senders in as few COMMITs as there is time for: what arrives while one COMMIT runs goes together into the next.

    `store` returns after the COMMIT that holds its blocks. One gate per process; `append` is that of the SampleStore.
    """

    def __init__(self) -> None:
        self._waiting: list[_Ticket] = []
        self._list = threading.Lock()
        self._committing = threading.Lock()

    def store(self, append: Callable[[Iterable[SampleBlock]], tuple[str, ...]], block: SampleBlock) -> str:
        """Store one block and return its hash; raises NotSaved."""
        ticket = _Ticket(block)
        with self._list:
            self._waiting.append(ticket)
        with self._committing:
            if not ticket.hash and ticket.failure is None:
                self._commit(append)
        if ticket.failure is not None:
            raise NotSaved(str(ticket.failure.params["reason"])) from ticket.failure
        return ticket.hash

    def _commit(self, append: Callable[[Iterable[SampleBlock]], tuple[str, ...]]) -> None:
        with self._list:
            tickets, self._waiting = self._waiting, []
        try:
            hashes = append([ticket.block for ticket in tickets])
        except NotSaved as failure:
            for ticket in tickets:
                ticket.failure = failure
            return
        for ticket, digest in zip(tickets, hashes, strict=True):
            ticket.hash = digest


@dataclass(slots=True)
class _Ticket:
    block: SampleBlock
    hash: str = ""
    failure: NotSaved | None = field(default=None)


def receive(ports: Ports, gate: SampleGate, gateway: str, message: DeviceMessage, body: Json) -> Taken:
    """Take one message; returns after COMMIT. Raises IdReused, NotSaved. Without a session for the device nothing is stored here."""
    sent = _envelope(ports, gateway, message, body)
    known = ports.log.receipt(sent.command_id, sent.sha256)
    row = ports.models.get("devices", message.device)
    session = str(row.content["session"]) if row is not None else ""
    if known is not None:
        return Taken(session, tuple(one.id for one in known.events), repeated=True)
    if not session:
        return Taken("")
    if message.samples is not None:
        marks = _marks(sent, message, ports.clock.now())
        moved = sent.occurred_at - message.occurred_at
        return Taken(
            session, blocks=(gate.store(ports.samples.append, _block(session, message, message.samples, moved, marks)),), marks=marks
        )
    if message.report is not None and not _is_news(bedside.state_of(ports, session), message):
        return Taken(session, blocks=(gate.store(ports.samples.append, _sign_of_life(session, sent.occurred_at, message)),))
    answer = bedside.handle(ports, session, _command(message), sent, Actor(gateway, frozenset({"device"})))
    return Taken(session, tuple(one.id for one in answer.receipt.events), repeated=answer.receipt.repeated)


def _envelope(ports: Ports, gateway: str, message: DeviceMessage, body: Json) -> Envelope:
    """With the measured offset of the device's clock; a clock that is somewhat off has its time corrected, a wild one is kept as told."""
    now = ports.clock.now()
    is_buffered = message.report is not None and message.report.buffered
    clock = message.sent_at or (None if is_buffered else message.occurred_at)
    offset = clock - now if clock is not None else None
    at = message.occurred_at
    if offset is not None and CORRECTED_ABOVE < abs(offset) <= LATE:
        at = at - offset
    made = envelope(message.message_id, body, gateway, at)
    return replace(
        made,
        device_id=message.device,
        device_seq=message.device_seq,
        clock_offset_ms=None if offset is None else offset // timedelta(milliseconds=1),
    )


def _command(message: DeviceMessage) -> Command:
    if message.report is not None:
        return ReceivePumpReport(message.device, message.report)
    return ReceiveReadings(message.device, message.readings)


def _is_news(state: SessionState, message: DeviceMessage) -> bool:
    """Whether a report tells more than that the pump still does what it last said; the first one after an order always does."""
    report, last = message.report, state.pump
    if report is None or last is None or state.pump_at is None or state.devices.get(message.device) != "pump":
        return True
    if state.ordered_at is not None and state.pump_at < state.ordered_at:
        return True
    return (report.state, report.alarm, report.rate) != (last.state, last.alarm, last.rate)


def _marks(sent: Envelope, message: DeviceMessage, now: datetime) -> tuple[str, ...]:
    """What is odd about the time of samples: a wild clock, a corrected one, or samples of a time that has passed."""
    if sent.clock_offset_ms is not None and abs(timedelta(milliseconds=sent.clock_offset_ms)) > LATE:
        return (CLOCK_SUSPECT,)
    if sent.occurred_at != message.occurred_at:
        return ("clock-corrected",)
    start = message.samples.start if message.samples is not None else now
    if abs(now - start) > LATE:
        return (CLOCK_SUSPECT,) if start > now else ("late",)
    return ("late",) if now - start > CORRECTED_ABOVE else ()


def _block(session: str, message: DeviceMessage, samples: Samples, moved: timedelta, marks: tuple[str, ...]) -> SampleBlock:
    channels = {name: (channel.unit, channel.values) for name, channel in samples.channels.items()}
    flags = tuple(dict.fromkeys((*samples.flags, *marks)))
    return SampleBlock(message.device, session, samples.start + moved, samples.times_ms, channels, flags)


def _sign_of_life(session: str, at: datetime, message: DeviceMessage) -> SampleBlock:
    volume = message.report.volume if message.report is not None else None
    value = volume if isinstance(volume, Quantity) else None
    channels = {VOLUME_CHANNEL: (value.unit if value else "mL", (value.to_json()["value"] if value else None,))}
    flags = ("buffered",) if message.report is not None and message.report.buffered else ()
    return SampleBlock(message.device, session, at, (0,), channels, flags)
