"""The append-only history: one hash chain per stream, one command stored once, nothing acknowledged before COMMIT.

Implements the port EventLog. Decides nothing clinical, changes no stored row, and orders by (stream, seq) only: no clock decides order.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from openinfusion.app.ports import Clock, Envelope, Receipt, Recorded
from openinfusion.core.canonical import canonical, sha256
from openinfusion.core.errors import Conflict, IdReused
from openinfusion.core.event import Event
from openinfusion.core.forms import utc_moment, utc_text
from openinfusion.store.codec import Codec
from openinfusion.store.commit import Row, Rows, committed, fetch

COLUMNS = (
    "id, stream, seq, kind, version, occurred_at, recorded_at, zone, actor, on_behalf_of, device_id, device_seq, clock_offset_ms, "
    "command_id, n, command_sha256, payload, prev_hash, hash"
)
_SELECT = f"SELECT {COLUMNS} FROM event"  # noqa: S608 - constants only
_OF_STREAM = f"{_SELECT} WHERE stream = %s AND seq > %s ORDER BY seq"
_OF_COMMAND = f"{_SELECT} WHERE command_id = %s ORDER BY n"
_DIGEST = "SELECT command_sha256 FROM event WHERE command_id = %s AND n = 1"
_AFTER = f"{_SELECT} WHERE id > %s ORDER BY id LIMIT %s"
_HEAD = "SELECT seq, hash FROM event WHERE stream = %s ORDER BY seq DESC LIMIT 1"
_STREAMS = "SELECT stream FROM event WHERE seq = 1 AND stream >= %s AND stream < %s ORDER BY stream"
_WRITTEN = COLUMNS.removeprefix("id, ")
_INSERT = f"INSERT INTO event ({_WRITTEN}) VALUES ({', '.join(['%s'] * len(_WRITTEN.split(', ')))}) RETURNING id"  # noqa: S608 - constants only
_LAST = "SELECT coalesce(max(id), 0) FROM event"
_BEYOND = "\U0010ffff"

_ENVELOPE = (
    "stream seq kind version occurred_at recorded_at zone actor on_behalf_of device_id device_seq clock_offset_ms "
    "command_id n command_sha256"
).split()


def first_prev_hash(stream: str) -> str:
    """What the first event of a stream chains to: SHA-256 of the stream's name."""
    return sha256(stream)


def link(prev_hash: str, envelope: Sequence[str | int | None], payload: str) -> str:
    """The hash of one event: SHA-256 of the previous hash, the canonical envelope (the columns from stream to command_sha256) and the
    payload as stored."""
    return sha256(prev_hash + canonical(dict(zip(_ENVELOPE, envelope, strict=True))) + payload)


class StoredEventLog:
    """The event table of the Django connection of the calling thread."""

    def __init__(self, codec: Codec, clock: Clock) -> None:
        self._codec, self._clock = codec, clock

    def read(self, stream: str, after: int = 0) -> tuple[Recorded, ...]:
        """All events of a stream with seq > after, in seq order."""
        return self._read(fetch(_OF_STREAM, (stream, after)))

    def receipt(self, command_id: UUID, sha256: str) -> Receipt | None:
        """What was stored for this command id, or None; raises IdReused when the stored body differs."""
        return self._known(fetch, command_id, sha256)

    def append(self, envelope: Envelope, events: Sequence[tuple[str, Event]], guards: Mapping[str, int]) -> Receipt:
        """Commit all events or none and return after COMMIT; raises Conflict, IdReused, NotSaved, and ValueError when there is nothing to
        store."""
        if not events:
            raise ValueError("an accepted command stores at least one event")
        drafts = [(stream, event, self._codec.encode(event)) for stream, event in events]
        with committed() as rows:
            known = self._known(rows, envelope.command_id, envelope.sha256)
            if known is not None:
                return known
            heads = _heads(rows, {stream for stream, _ in events} | guards.keys())
            for stream, expected in guards.items():
                if heads[stream][0] != expected:
                    raise Conflict(stream, expected, heads[stream][0])
            stored = self._store(rows, envelope, drafts, heads)
        return Receipt(stored, repeated=False)

    def feed(self, after: int, limit: int = 1000) -> tuple[Recorded, ...]:
        """Events of all streams with id > after, in id order, none skipped: ids commit in the order in which they are drawn."""
        return self._read(fetch(_AFTER, (after, limit)))

    def head(self) -> int:
        """The id of the newest event, 0 when there is none."""
        return int(fetch(_LAST, ())[0][0])

    def streams(self, prefix: str) -> tuple[str, ...]:
        """Names of all streams that begin with prefix, sorted by code point."""
        return tuple(row[0] for row in fetch(_STREAMS, (prefix, prefix + _BEYOND)))

    def _known(self, rows: Rows, command_id: UUID, digest: str) -> Receipt | None:
        known = rows(_DIGEST, (str(command_id),))
        if not known:
            return None
        if known[0][0] != digest:
            raise IdReused(str(command_id), known[0][0])
        return Receipt(self._read(rows(_OF_COMMAND, (str(command_id),))), repeated=True)

    def _store(
        self, rows: Rows, envelope: Envelope, drafts: Sequence[tuple[str, Event, str]], heads: dict[str, tuple[int, str]]
    ) -> tuple[Recorded, ...]:
        now = self._clock.now()
        sent = _sent(envelope, now)
        stored = []
        for n, (stream, event, payload) in enumerate(drafts, start=1):
            seq, prev_hash = heads[stream][0] + 1, heads[stream][1]
            columns = (stream, seq, event.KIND, event.VERSION, *sent, n, envelope.sha256)
            digest = link(prev_hash, columns, payload)
            row = (rows(_INSERT, (*columns, payload, prev_hash, digest))[0][0], *columns, payload, prev_hash, digest)
            heads[stream] = (seq, digest)
            stored.append(_recorded(row, event, envelope.occurred_at, now, envelope.command_id))
        return tuple(stored)

    def _read(self, rows: Sequence[Row]) -> tuple[Recorded, ...]:
        return tuple(
            _recorded(row, self._codec.decode(row[3], row[4], row[16]), utc_moment(row[5]), utc_moment(row[6]), UUID(row[13]))
            for row in rows
        )


def _sent(envelope: Envelope, now: datetime) -> tuple[str | int | None, ...]:
    return (
        utc_text(envelope.occurred_at),
        utc_text(now),
        envelope.zone,
        envelope.actor,
        envelope.on_behalf_of,
        envelope.device_id,
        envelope.device_seq,
        envelope.clock_offset_ms,
        str(envelope.command_id),
    )


def _recorded(row: Row, event: Event, occurred_at: datetime, recorded_at: datetime, command_id: UUID) -> Recorded:
    return Recorded(
        id=row[0],
        stream=row[1],
        seq=row[2],
        event=event,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        zone=row[7],
        actor=row[8],
        on_behalf_of=row[9],
        device_id=row[10],
        device_seq=row[11],
        clock_offset_ms=row[12],
        command_id=command_id,
        n=row[14],
        prev_hash=row[17],
        hash=row[18],
    )


def _heads(rows: Rows, streams: Iterable[str]) -> dict[str, tuple[int, str]]:
    heads = {}
    for stream in streams:
        found = rows(_HEAD, (stream,))
        heads[stream] = (found[0][0], found[0][1]) if found else (0, first_prev_hash(stream))
    return heads
