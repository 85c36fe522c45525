"""Three small event kinds for the tests of the store, and envelopes to store them with. The clock of these tests is a value."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from openinfusion.app.ports import Envelope
from openinfusion.core.canonical import sha256
from openinfusion.core.event import Event
from openinfusion.core.quantity import Quantity
from openinfusion.store.codec import Codec
from openinfusion.store.eventlog import StoredEventLog

NINE = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LineOpened(Event):
    KIND: ClassVar[str] = "line-opened"
    text: str


@dataclass(frozen=True, slots=True)
class RateNoted(Event):
    KIND: ClassVar[str] = "rate-noted"
    rate: Quantity
    at: datetime


CODEC = Codec((LineOpened, RateNoted), {})


class SteppingClock:
    """Moves one second at each look."""

    def __init__(self, start: datetime = NINE) -> None:
        self._ticks: Iterator[datetime] = (start + timedelta(seconds=n) for n in range(10**9))

    def now(self) -> datetime:
        return next(self._ticks)


def a_log() -> StoredEventLog:
    return StoredEventLog(CODEC, SteppingClock())


def command(command_id: UUID | None = None, body: str = "body", actor: str = "nurse.a") -> Envelope:
    return Envelope(command_id or uuid4(), sha256(body), actor, NINE)
