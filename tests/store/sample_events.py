"""Two small event kinds and a read model for the tests of the store, and envelopes to store them with."""

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


class Counts:
    """How many lines each stream has, the longest first; a stream whose line says "end" is forgotten."""

    def __init__(self, name="counts", version=1):
        self.name, self.version = name, version

    def apply(self, documents, recorded):
        known = documents.get(recorded.stream) or {"lines": 0}
        if recorded.event == LineOpened("end"):
            return documents.remove(recorded.stream)
        lines = known["lines"] + self.version
        documents.put(recorded.stream, {"lines": lines, "last": recorded.event.text}, sort=f"open/{1000 - lines:04}")
        return None
