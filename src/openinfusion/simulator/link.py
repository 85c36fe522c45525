"""How a simulated gateway speaks: message after message of each device in order, each until it is answered, under one id.

No answer means that nobody knows: the very same message is sent again. It never reorders, never drops what was not answered, and reads no
order out of an answer.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

import httpx

from openinfusion.core.administration.parts import Flow
from openinfusion.core.canonical import Json, canonical
from openinfusion.core.errors import NotAllowed
from openinfusion.core.quantity import Quantity
from openinfusion.simulator.keypad import Ordered

ANSWER_WITHIN_S = 5.0
"""How long an answer is waited for before the message is sent again."""


class Outcome(StrEnum):
    """What came of sending."""

    CONFIRMED = "confirmed"
    HELD = "held for a person"
    REFUSED = "refused"
    NOT_CONFIRMED = "not confirmed yet"


@dataclass(slots=True)
class _Message:
    seq: int
    occurred_at: datetime
    content: dict[str, Json]
    body: str = ""


@dataclass(slots=True)
class Outbox:
    """The messages of one device that were not answered yet, oldest first. `run` makes ids of this start of the program its own."""

    device: str
    run: UUID
    seq: int = 0
    refused: int = 0
    _waiting: deque[_Message] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, content: dict[str, Json], occurred_at: datetime) -> None:
        """Add one report, readings or samples."""
        self.seq += 1
        self._waiting.append(_Message(self.seq, occurred_at, content))

    def first(self, sent_at: datetime) -> str:
        """The oldest message as it goes out. Once it went out it is never written anew."""
        message = self._waiting[0]
        if not message.body:
            body: Json = {
                "message_id": str(uuid5(self.run, f"{self.device}/{message.seq}")),
                "device": self.device,
                "device_seq": message.seq,
                "occurred_at": message.occurred_at.isoformat(),
                "sent_at": sent_at.isoformat(),
                **message.content,
            }
            message.body = canonical(body)
        return message.body

    def settled(self) -> None:
        """The oldest message was answered."""
        self._waiting.popleft()

    def came_late(self) -> None:
        """The oldest message certainly reached nobody: it may be written anew, and everything that waits will come late."""
        for message in self._waiting:
            report = message.content.get("report")
            if isinstance(report, dict):
                report["buffered"] = True
        self._waiting[0].body = ""


class Link:
    """The way to one server, with the token of one gateway."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    async def deliver(self, outbox: Outbox, now: Callable[[], datetime]) -> Outcome:
        """Send what waits, in order, until something is not answered. `now` is the device's clock. Raises NotAllowed for a token that opens
        nothing."""
        outcome = Outcome.CONFIRMED
        while len(outbox):
            outcome = await self._send(outbox, outbox.first(now()))
            match outcome:
                case Outcome.CONFIRMED | Outcome.HELD:
                    outbox.settled()
                case Outcome.REFUSED:
                    outbox.refused += 1
                    outbox.settled()
                case Outcome.NOT_CONFIRMED:
                    return outcome
        return outcome

    async def _send(self, outbox: Outbox, body: str) -> Outcome:
        headers = {**self._headers, "Content-Type": "application/json"}
        try:
            answer = await self._client.post("/api/ingest", content=body.encode(), headers=headers, timeout=ANSWER_WITHIN_S)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            outbox.came_late()
            return Outcome.NOT_CONFIRMED
        except httpx.TransportError:
            return Outcome.NOT_CONFIRMED
        return _outcome(answer.status_code)

    async def ordered(self, device: str) -> Ordered | None:
        """What the chart orders of a device now; None while it serves no session. Raises httpx.TransportError or httpx.HTTPStatusError when
        nobody knows, NotAllowed for a token that opens nothing."""
        answer = await self._client.get(f"/api/devices/{device}", headers=self._headers, timeout=ANSWER_WITHIN_S)
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        _outcome(answer.status_code)
        answer.raise_for_status()
        return read_ordered(answer.json())


def _outcome(status: int) -> Outcome:
    if status in (httpx.codes.CREATED, httpx.codes.OK):
        return Outcome.CONFIRMED
    if status == httpx.codes.ACCEPTED:
        return Outcome.HELD
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise NotAllowed("ingest", ())
    # Whatever else is answered says nothing of this message: it is kept and sent again.
    return Outcome.REFUSED if status in (httpx.codes.BAD_REQUEST, httpx.codes.CONFLICT) else Outcome.NOT_CONFIRMED


def read_ordered(body: dict[str, Json]) -> Ordered:
    """What the chart orders, from the answer of `GET /api/devices/{device}`; raises KeyError or ValueError for anything else."""
    at = body["ordered_at"]
    return Ordered(
        kind=str(body["kind"]),
        flow=Flow(str(body["flow"])),
        rate=_quantity(body["rate"]),
        volume=_quantity(body["volume"]),
        ordered_at=None if at is None else datetime.fromisoformat(str(at)),
    )


def _quantity(told: Json) -> Quantity | None:
    return Quantity.from_json(told) if isinstance(told, dict) else None
