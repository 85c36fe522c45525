"""The append-only history: one hash chain per stream, one command stored once, nothing acknowledged before COMMIT.

Implements the port EventLog. Decides nothing clinical, changes no stored row, and orders by (stream, seq) only: no clock decides order.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.backends.signals import connection_created

from openinfusion.app.ports import Clock, Envelope, Receipt, Recorded
from openinfusion.core.canonical import quoted, sha256
from openinfusion.core.errors import Conflict, IdReused
from openinfusion.core.event import Event
from openinfusion.core.forms import utc_moment, utc_text
from openinfusion.store.codec import Codec
from openinfusion.store.commit import TAKEN, Row, Rows, committed, committed_row, fetch

COLUMNS = (
    "id, stream, seq, kind, version, occurred_at, recorded_at, zone, actor, on_behalf_of, device_id, device_seq, clock_offset_ms, "
    "command_id, n, command_sha256, payload, prev_hash, hash"
)
_SELECT = f"SELECT {COLUMNS} FROM event"  # noqa: S608 - constants only
_OF_STREAM = f"{_SELECT} WHERE stream = %s AND seq > %s ORDER BY seq"
_OF_COMMAND = f"{_SELECT} WHERE command_id = %s ORDER BY n"
_DIGEST = "SELECT command_sha256 FROM event WHERE command_id = %s AND n = 1"
_KNOWN = "SELECT '', 0, command_sha256 FROM event WHERE command_id = %s AND n = 1"
_AFTER = f"{_SELECT} WHERE id > %s ORDER BY id LIMIT %s"
_HEAD = "SELECT * FROM (SELECT stream, seq, hash FROM event WHERE stream = %s ORDER BY seq DESC LIMIT 1) AS head"
_STREAMS_AT_ONCE = 100
"""Of one statement; SQLite joins no more than 500 SELECTs."""
_STREAMS = "SELECT stream FROM event WHERE seq = 1 AND stream >= %s AND stream < %s ORDER BY stream"
_WRITTEN = COLUMNS.removeprefix("id, ")
_INSERT = f"INSERT INTO event ({_WRITTEN}) VALUES ({', '.join(['%s'] * len(_WRITTEN.split(', ')))})"  # noqa: S608 - constants only
_LAST = "SELECT coalesce(max(id), 0) FROM event"
_BEYOND = "\U0010ffff"
_REMEMBERED = 10_000
"""Streams whose newest event is kept in mind; there are fewer in use at a time."""

Head = tuple[int, str]
"""Seq and hash of a stream's newest event."""

Draft = tuple[str, Event, str]
"""Stream, event and its payload."""


def first_prev_hash(stream: str) -> str:
    """What the first event of a stream chains to: SHA-256 of the stream's name."""
    return sha256(stream)


def envelope_text(envelope: Sequence[Any]) -> str:
    """The canonical envelope of one event: the columns from stream to command_sha256, as `canonical` writes an object of them.

    Written out because it stands in the way of every append; a test holds it equal to `canonical`.
    """
    (stream, seq, kind, version, occurred_at, recorded_at, zone, actor, on_behalf_of) = envelope[:9]
    (device_id, device_seq, clock_offset_ms, command_id, n, command_sha256) = envelope[9:]
    offset = "null" if clock_offset_ms is None else f"{clock_offset_ms:d}"
    number = "null" if device_seq is None else f"{device_seq:d}"
    return (
        f'{{"actor":{quoted(actor)},"clock_offset_ms":{offset},"command_id":{quoted(command_id)},'
        f'"command_sha256":{quoted(command_sha256)},"device_id":{quoted(device_id)},"device_seq":{number},'
        f'"kind":{quoted(kind)},"n":{n:d},"occurred_at":{quoted(occurred_at)},"on_behalf_of":{quoted(on_behalf_of)},'
        f'"recorded_at":{quoted(recorded_at)},"seq":{seq:d},"stream":{quoted(stream)},"version":{version:d},"zone":{quoted(zone)}}}'
    )


def link(prev_hash: str, envelope: Sequence[Any], payload: str) -> str:
    """The hash of one event: SHA-256 of the previous hash, the canonical envelope (the columns from stream to command_sha256) and the
    payload as stored."""
    return sha256(prev_hash + envelope_text(envelope) + payload)


class _Heads:
    """The newest event of streams that this process wrote to: what stands at a place of a stream never changes, so a command that expects
    just that place needs no look at the table, and where the place is taken the table's own keys refuse the row.

    Of one database only: all is forgotten whenever a connection opens.
    """

    def __init__(self) -> None:
        self.known: dict[str, Head] = {}
        connection_created.connect(self._forget)

    def of(self, drafts: Sequence[Draft], guards: Mapping[str, int]) -> dict[str, Head] | None:
        """The heads that the guards expect, when they guard just the streams that are written to and all of these are known."""
        heads: dict[str, Head] = {}
        for stream, _, _ in drafts:
            head = self.known.get(stream)
            if head is None or guards.get(stream) != head[0]:
                if len(self.known) >= _REMEMBERED:
                    self.known.clear()
                return None
            heads[stream] = head
        return heads if len(heads) == len(guards) else None

    def _forget(self, **_signal: object) -> None:
        self.known.clear()


class StoredEventLog:
    """The event table of the Django connection of the calling thread."""

    def __init__(self, codec: Codec, clock: Clock) -> None:
        self._codec, self._clock = codec, clock
        self._heads = _Heads()

    def read(self, stream: str, after: int = 0) -> tuple[Recorded, ...]:
        """All events of a stream with seq > after, in seq order."""
        return self._read(fetch(_OF_STREAM, (stream, after)))

    def receipt(self, command_id: UUID, sha256: str) -> Receipt | None:
        """What was stored for this command id, or None; raises IdReused when the stored body differs."""
        known = fetch(_DIGEST, (str(command_id),))
        return self._repeated(fetch, command_id, sha256, known[0][0]) if known else None

    def append(self, envelope: Envelope, events: Sequence[tuple[str, Event]], guards: Mapping[str, int]) -> Receipt:
        """Commit all events or none and return after COMMIT; raises Conflict, IdReused, NotSaved, and ValueError when there is nothing to
        store."""
        if not events:
            raise ValueError("an accepted command stores at least one event")
        drafts = [(stream, event, self._codec.encode(event)) for stream, event in events]
        heads = self._heads.of(drafts, guards)
        if heads is not None:
            now = self._clock.now()
            chained = _chained(envelope, now, drafts, heads)  # before the transaction, so that nobody waits for it
            try:
                ids = [committed_row(_INSERT, chained[0])] if len(chained) == 1 else _inserted(chained)
            except TAKEN:
                pass  # stored before, or somebody else wrote to the stream: the full way tells which
            else:
                return self._receipt(envelope, now, drafts, ids, chained)
        return self._append_after_looking(envelope, drafts, guards)

    def feed(self, after: int, limit: int = 1000) -> tuple[Recorded, ...]:
        """Events of all streams with id > after, in id order, none skipped: ids commit in the order in which they are drawn."""
        return self._read(fetch(_AFTER, (after, limit)))

    def head(self) -> int:
        """The id of the newest event, 0 when there is none."""
        return int(fetch(_LAST, ())[0][0])

    def streams(self, prefix: str) -> tuple[str, ...]:
        """Names of all streams that begin with prefix, sorted by code point."""
        return tuple(row[0] for row in fetch(_STREAMS, (prefix, prefix + _BEYOND)))

    def _append_after_looking(self, envelope: Envelope, drafts: Sequence[Draft], guards: Mapping[str, int]) -> Receipt:
        with committed() as rows:
            known, heads = _standing(rows, str(envelope.command_id), {stream for stream, _, _ in drafts} | guards.keys())
            if known is not None:
                return self._repeated(rows, envelope.command_id, envelope.sha256, known)
            for stream, expected in guards.items():
                if heads[stream][0] != expected:
                    raise Conflict(stream, expected, heads[stream][0])
            now = self._clock.now()
            chained = _chained(envelope, now, drafts, heads)
            ids = [rows.insert(_INSERT, row) for row in chained]
        return self._receipt(envelope, now, drafts, ids, chained)

    def _receipt(self, envelope: Envelope, now: datetime, drafts: Sequence[Draft], ids: Sequence[int], chained: Sequence[Row]) -> Receipt:
        """What was committed, once it is: only that is remembered."""
        stored = []
        for event_id, row, (stream, event, _) in zip(ids, chained, drafts, strict=True):
            stored.append(_recorded((event_id, *row), event, envelope.occurred_at, now, envelope.command_id))
            self._heads.known[stream] = (row[1], row[-1])
        return Receipt(tuple(stored), repeated=False)

    def _repeated(self, rows: Rows, command_id: UUID, digest: str, stored_digest: str) -> Receipt:
        if stored_digest != digest:
            raise IdReused(str(command_id), stored_digest)
        return Receipt(self._read(rows(_OF_COMMAND, (str(command_id),))), repeated=True)

    def _read(self, rows: Sequence[Row]) -> tuple[Recorded, ...]:
        return tuple(
            _recorded(row, self._codec.decode(row[3], row[4], row[16]), utc_moment(row[5]), utc_moment(row[6]), UUID(row[13]))
            for row in rows
        )


def _inserted(chained: Sequence[Row]) -> list[int]:
    """The ids of rows that were committed together."""
    with committed() as rows:
        return [rows.insert(_INSERT, row) for row in chained]


def _chained(envelope: Envelope, now: datetime, drafts: Sequence[Draft], heads: dict[str, Head]) -> list[Row]:
    """The rows of a command in the order of `_WRITTEN`, each chained to the newest event of its stream; moves the heads on."""
    sent, chained = _sent(envelope, now), []
    for n, (stream, event, payload) in enumerate(drafts, start=1):
        seq, prev_hash = heads[stream][0] + 1, heads[stream][1]
        columns = (stream, seq, event.KIND, event.VERSION, *sent, n, envelope.sha256)
        digest = link(prev_hash, columns, payload)
        chained.append((*columns, payload, prev_hash, digest))
        heads[stream] = (seq, digest)
    return chained


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
    id_, stream, seq, _, _, _, _, zone, actor, on_behalf_of, device_id, device_seq, offset, _, n, _, _, prev_hash, digest = row
    # the fields of Recorded in their order, without a call that sorts them by name
    fields = (id_, stream, seq, event, occurred_at, recorded_at, zone, actor, command_id, n, prev_hash, digest)
    return tuple.__new__(Recorded, (*fields, device_id, device_seq, offset, on_behalf_of))


def _standing(rows: Rows, command_id: str, streams: Set[str]) -> tuple[str | None, dict[str, Head]]:
    """The digest that is stored for this command, None when there is none, and the seq and hash of each stream's newest event; read in
    one statement."""
    known: str | None = None
    heads: dict[str, Head] = {}
    names = tuple(streams)
    for first in range(0, len(names), _STREAMS_AT_ONCE):
        asked = names[first : first + _STREAMS_AT_ONCE]
        for stream, seq, digest in rows(_standing_sql(len(asked)), (command_id, *asked)):
            if seq:
                heads[stream] = (seq, digest)
            else:
                known = digest
    for stream in streams - heads.keys():
        heads[stream] = (0, first_prev_hash(stream))
    return known, heads


@cache
def _standing_sql(streams: int) -> str:
    return " UNION ALL ".join([_KNOWN, *[_HEAD] * streams])
