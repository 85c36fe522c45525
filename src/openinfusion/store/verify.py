"""Walks every hash chain and names the first event that does not hold. Reads only; it cannot see a cut-off tail, which needs an anchor
kept elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DatabaseError, connections

from openinfusion.core.canonical import sha256
from openinfusion.store import audit
from openinfusion.store.commit import Row, fetch
from openinfusion.store.eventlog import COLUMNS, first_prev_hash, link

_CHUNK = 5000
_EVENTS = f"SELECT {COLUMNS} FROM event WHERE (stream, seq) > (%s, %s) ORDER BY stream, seq LIMIT %s"  # noqa: S608 - constants only
_BLOCKS = "SELECT id, session, payload, hash FROM sample_block WHERE id > %s ORDER BY id LIMIT %s"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place that does not hold: a stream and seq, for samples `sample_block/<session>` and the row id, for audit rows `audit`."""

    stream: str
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk saw. `broken` is None when all held, `unreadable` says why the walk could not be finished."""

    events: int
    streams: int
    blocks: int
    broken: Broken | None = None
    unreadable: str = ""
    audit_rows: int = 0

    @property
    def exit_status(self) -> int:
        """0 good, 1 broken, 2 could not be read."""
        if self.unreadable:
            return 2
        return 0 if self.broken is None else 1


class _Chains:
    """The state of the walk from event to event."""

    def __init__(self) -> None:
        self.events = self.streams = self.blocks = self.audit_rows = 0
        self._stream, self._seq, self._hash, self._id = "", 0, "", 0

    def broken(self, row: Row) -> Broken | None:
        """Take the next event in the order of (stream, seq); what is wrong with it, or None."""
        stream, seq, payload, prev_hash, digest = row[1], row[2], row[16], row[17], row[18]
        if stream != self._stream:
            self.streams += 1
            self._stream, self._seq, self._hash, self._id = stream, 0, first_prev_hash(stream), 0
        if seq != self._seq + 1:
            return Broken(stream, self._seq + 1, f"missing: the next stored event is {seq}")
        if prev_hash != self._hash:
            return Broken(stream, seq, "does not follow the event before it")
        if digest != link(prev_hash, row[1:16], payload):
            return Broken(stream, seq, "was changed after it was stored")
        if row[0] <= self._id:
            return Broken(stream, seq, "stands in the feed before the event it follows")
        self.events += 1
        self._seq, self._hash, self._id = seq, digest, row[0]
        return None


def walk() -> Walk:
    """Check all chains, sample blocks and audit rows of the store; never raises for what it finds."""
    chains = _Chains()
    broken, unreadable = None, ""
    try:
        broken = next((found for row in _events() if (found := chains.broken(row)) is not None), None)
        broken = broken or _broken_block(chains) or _broken_audit(chains)
    except (DatabaseError, UnicodeError) as error:
        connections["default"].close()
        unreadable = f"{type(error).__name__}: {error}"
    return Walk(chains.events, chains.streams, chains.blocks, broken, unreadable, chains.audit_rows)


def _events() -> Iterator[Row]:
    at: tuple[str, int] = ("", 0)
    while rows := fetch(_EVENTS, (*at, _CHUNK)):
        yield from rows
        at = (rows[-1][1], rows[-1][2])


def _broken_block(chains: _Chains) -> Broken | None:
    after = 0
    while rows := fetch(_BLOCKS, (after, _CHUNK)):
        for block_id, session, payload, digest in rows:
            if sha256(payload) != digest:
                return Broken(f"sample_block/{session}", block_id, "was changed after it was stored")
            chains.blocks += 1
        after = rows[-1][0]
    return None


def _broken_audit(chains: _Chains) -> Broken | None:
    after, prev_hash = 0, audit.first_prev_hash()
    while rows := fetch(audit.AFTER, (after, _CHUNK)):
        for row in rows:
            seq, digest = row[0], row[12]
            if seq != after + 1:
                return Broken("audit", after + 1, f"missing: the next stored row is {seq}")
            if row[11] != prev_hash:
                return Broken("audit", seq, "does not follow the row before it")
            if digest != audit.link(prev_hash, row[:11]):
                return Broken("audit", seq, "was changed after it was stored")
            after, prev_hash = seq, digest
            chains.audit_rows += 1
    return None
