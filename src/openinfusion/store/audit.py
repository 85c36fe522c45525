"""Who looked at what: rows in one hash chain of their own, apart from the record and from its feed. Implements the port AuditTrail.

Requests that arrive together share one COMMIT, so that a slow disk makes nobody wait for more than two. Changes no row, judges none.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from django.db import DatabaseError

from openinfusion.app.ports import Audited, AuditOutcome, AuditRow, Clock
from openinfusion.core.canonical import canonical, sha256
from openinfusion.core.errors import NotSaved
from openinfusion.core.forms import utc_moment, utc_text
from openinfusion.store.commit import AUDIT_LOCK, BUSY_SECONDS, Row, committed, fetch

COLUMNS = "seq, at, actor, roles, action, method, patient, resource, resource_id, outcome, place, prev_hash, hash"
_NAMES = COLUMNS.split(", ")[:-2]
_HEAD = "SELECT seq, hash FROM audit_row ORDER BY seq DESC LIMIT 1"
_INSERT = f"INSERT INTO audit_row ({COLUMNS}) VALUES ({', '.join(['%s'] * len(COLUMNS.split(', ')))})"  # noqa: S608 - constants only
_SELECT = f"SELECT {COLUMNS} FROM audit_row"  # noqa: S608 - constants only
AFTER = f"{_SELECT} WHERE seq > %s ORDER BY seq LIMIT %s"
_OF_PATIENT = f"{_SELECT} WHERE patient = %s AND seq > %s ORDER BY seq LIMIT %s"
_OF_ACTOR = f"{_SELECT} WHERE (actor = %s OR (resource = 'user' AND resource_id = %s)) AND seq > %s ORDER BY seq LIMIT %s"
_CHUNK = 1000
_LONGEST = 150
"""Of a text that a client chose, such as the id of a device; a Django user's name is not longer."""


def first_prev_hash() -> str:
    """What the first row chains to: SHA-256 of the chain's name."""
    return sha256("audit")


def link(prev_hash: str, columns: Sequence[object]) -> str:
    """The hash of one row: SHA-256 of the previous hash and the canonical columns from seq to place."""
    return sha256(prev_hash + canonical({name: _plain(value) for name, value in zip(_NAMES, columns, strict=True)}))


def _plain(value: object) -> str | int:
    return value if isinstance(value, int) else str(value)


@dataclass(slots=True, eq=False)
class _Waiting:
    """Rows of one request until they are stored, and then why they were not, if so."""

    rows: tuple[AuditRow, ...]
    is_done: bool = False
    error: BaseException | None = None


_waiting: list[_Waiting] = []
_list = threading.Lock()
_leads = threading.Lock()


class StoredAudit:
    """The table of audit rows of the Django connection of the calling thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def write(self, *rows: AuditRow) -> None:
        """Store the rows; returns after COMMIT. Raises NotSaved for whatever keeps them from being stored."""
        if not rows:
            return
        mine = _Waiting(rows)
        with _list:
            _waiting.append(mine)
        if not _leads.acquire(timeout=BUSY_SECONDS):
            _withdraw(mine)
            raise NotSaved("another writer kept the database busy")
        try:
            if not mine.is_done:
                self._lead()
        finally:
            _leads.release()
        if mine.error is not None:
            raise NotSaved(_why(mine.error)) from mine.error

    def of_patient(self, patient: str) -> Iterator[Audited]:
        """Every row about a patient, oldest first."""
        return _listed(_OF_PATIENT, (patient,))

    def of_actor(self, actor: str) -> Iterator[Audited]:
        """Every row of a person or gateway, and every one about them as a user; oldest first."""
        return _listed(_OF_ACTOR, (actor, actor))

    def _lead(self) -> None:
        """Store what all requests that wait by now want stored, in one transaction; what fails, fails for each of them."""
        with _list:
            batch = _waiting[:]
            _waiting.clear()
        try:
            _store([row for one in batch for row in one.rows], self._clock.now())
        except Exception as error:  # noqa: BLE001 - each waiting request has to be told, whatever it was
            for one in batch:
                one.error = error
        finally:
            for one in batch:
                one.is_done = True


def _withdraw(mine: _Waiting) -> None:
    """Nobody stores the rows of a request that was told that they are not stored, unless somebody has begun to."""
    with _list:
        if mine in _waiting:
            _waiting.remove(mine)


def _store(rows: Sequence[AuditRow], now: datetime) -> None:
    at = utc_text(now)
    with committed(AUDIT_LOCK) as writing:
        head = writing(_HEAD, ())
        seq, prev_hash = head[0] if head else (0, first_prev_hash())
        for row in rows:
            seq += 1
            columns = (seq, at, *_texts(row))
            digest = link(prev_hash, columns)
            writing(_INSERT, (*columns, prev_hash, digest))
            prev_hash = digest


def _texts(row: AuditRow) -> tuple[str, ...]:
    roles = " ".join(sorted(row.roles))
    texts = (row.actor, roles, row.action, row.method, row.patient, row.resource, row.resource_id, row.outcome.value, row.place)
    return tuple(_one_line(text) for text in texts)


def _one_line(text: str) -> str:
    """What a client chose may hold line ends and marks that write backwards; none of them reaches a list that a person reads."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:_LONGEST])


def _why(error: BaseException) -> str:
    if isinstance(error, NotSaved):
        return str(error.params["reason"])
    if isinstance(error, DatabaseError | sqlite3.Error | psycopg.Error):
        return f"the audit row was not stored: {type(error).__name__}"
    return f"the audit row was not stored: {type(error).__name__}: {error}"


def _listed(sql: str, values: tuple[str, ...]) -> Iterator[Audited]:
    after = 0
    while rows := fetch(sql, (*values, after, _CHUNK)):
        yield from map(_audited, rows)
        after = rows[-1][0]


def _audited(row: Row) -> Audited:
    seq, at, actor, roles, action, method, patient, resource, resource_id, outcome, place = row[:11]
    kept = AuditRow(actor, tuple(roles.split()), action, method, resource, AuditOutcome(outcome), place, resource_id, patient)
    return Audited(seq, utc_moment(at), kept)
