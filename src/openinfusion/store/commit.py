"""One transaction that is either committed when the block ends or is nothing: `committed` is the only way to write the record.

Speaks to the driver below Django for speed. Turns a store that cannot write into NotSaved and never acknowledges before COMMIT returned.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from typing import Any, Protocol, Self

import psycopg
from django.db import DatabaseError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from openinfusion.core.errors import NotSaved

Row = tuple[Any, ...]
Values = Sequence[Any]
Rows = Callable[[str, Values], list[Row]]
"""Runs one statement written with `%s` places and returns its rows."""


class Writing(Protocol):
    """The statements of one write transaction, written with `%s` places."""

    def __call__(self, sql: str, values: Values, /) -> list[Row]:
        """Run one statement and return its rows."""
        ...

    def insert(self, sql: str, values: Values, /) -> int:
        """Run an INSERT of one row and return the id that it drew."""
        ...


TAKEN = (sqlite3.IntegrityError, psycopg.errors.UniqueViolation)
"""What `committed` raises, with nothing written, when a row's key is in the table already."""

BUSY_SECONDS = 5.0
_APPEND_LOCK = 0x0F105E
"""Any constant: the key of the advisory lock that orders all appends on PostgreSQL."""

AUDIT_LOCK = 0x0F105F
"""Another: orders the audit rows, which must not wait for an append."""


class _Turn:
    """One writer at a time within the process: SQLite's own waiting polls, and would make threads sleep longer than they need."""

    def __init__(self) -> None:
        self.lock = threading.Lock()

    def __enter__(self) -> None:
        if not self.lock.acquire(timeout=BUSY_SECONDS):
            raise self.kept()

    def __exit__(self, *raised: object) -> None:
        self.lock.release()

    @staticmethod
    def kept() -> NotSaved:
        """What is raised when the turn did not come."""
        return NotSaved("another writer kept the database busy")


_turn = _Turn()


class _Mine(threading.local):
    """The thread's own database as long as it is connected: Django's look-up of it costs an append more than the INSERT."""

    database: BaseDatabaseWrapper | None = None


_mine = _Mine()

_halted: dict[str, str] = {}
"""Databases by name whose disk failed while writing, with the reason. After a failed fsync nobody knows what the disk holds, so this
process never acknowledges again; a new one checks the file first."""

_SQLITE_UNWRITABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
# 08 connection, 25006 read-only, 40 rollback, 53 resources (disk full), 55P03 lock timeout, 57 operator, 58 system (I/O)
_POSTGRESQL_UNWRITABLE = ("08", "25006", "40", "53", "55P03", "57", "58")


def reason(error: BaseException) -> str | None:
    """Why the store cannot write, when that is what the error says; None for every other error."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", 0)
        return str(cause) if code & 0xFF in _SQLITE_UNWRITABLE else None
    if isinstance(cause, psycopg.OperationalError | psycopg.InternalError):
        state = cause.sqlstate or "08000"
        return f"{type(cause).__name__} {state}" if state.startswith(_POSTGRESQL_UNWRITABLE) else None
    return None


def raise_if_unwritable(error: BaseException) -> None:
    """Raise NotSaved when the error says that the store cannot write; return otherwise."""
    why = reason(error)
    if why is None:
        return
    if _is_disk_error(error):
        _halted[_name()] = why
    raise NotSaved(why) from error


def _is_disk_error(error: BaseException) -> bool:
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    return isinstance(cause, sqlite3.Error) and getattr(cause, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def refuse_if_halted() -> None:
    """Raise NotSaved when the disk has failed under this process before."""
    if _halted and _name() in _halted:
        raise NotSaved(_halted[_name()])


def halted() -> str:
    """Why this process must not write to the present database any more; empty while it may."""
    return _halted.get(_name(), "")


@contextmanager
def saving() -> Iterator[None]:
    """A transaction for writes through Django's ORM, in turn with those of the record; a store that cannot write is NotSaved."""
    refuse_if_halted()
    waits = connection.vendor == "sqlite" and not connection.in_atomic_block
    try:
        with _turn if waits else nullcontext(), transaction.atomic():
            yield
    except DatabaseError as error:
        raise_if_unwritable(error)
        raise


def fetch(sql: str, values: Values) -> list[Row]:
    """Run one reading statement on the Django connection of the calling thread."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Row] = cursor.fetchall()
        return rows


def committed(lock: int = _APPEND_LOCK) -> AbstractContextManager[Writing]:
    """A write transaction of its own; the block's end returns after COMMIT. `lock` orders the writers of one table on PostgreSQL.

    Raises NotSaved when the store cannot write, RuntimeError inside another transaction (its COMMIT would not be ours). On any error
    nothing is written.
    """
    database = _ready()
    return _SqliteWriting(database.connection) if database.vendor == "sqlite" else _postgresql(database.connection, lock)


def committed_row(sql: str, values: Values) -> int:
    """One INSERT of one row as a transaction of its own: the id that it drew, returned after COMMIT. Raises as `committed` does.

    Most commands store one row. On SQLite a lone statement commits by itself, and two statements less show in the rate of commits."""
    database = _ready()
    if database.vendor != "sqlite":
        with committed() as rows:
            return rows.insert(sql, values)
    raw: sqlite3.Connection = database.connection
    if not _turn.lock.acquire(timeout=BUSY_SECONDS):
        raise _turn.kept()
    try:
        return raw.execute(_marks(sql), values).lastrowid or 0
    except BaseException as error:
        _undo_sqlite(raw)
        raise_if_unwritable(error)
        raise
    finally:
        _turn.lock.release()


def _ready() -> BaseDatabaseWrapper:
    """The thread's database, connected and outside any transaction; raises NotSaved, RuntimeError."""
    database = _mine.database
    if database is None or database.connection is None:
        database = _mine.database = connections["default"]
    if database.in_atomic_block:
        raise RuntimeError("the record is written in a transaction of its own")
    if _halted:
        refuse_if_halted()
    if database.connection is None:
        try:
            database.ensure_connection()
        except DatabaseError as error:
            raise_if_unwritable(error)
            raise
    return database


class _SqliteWriting:
    """One transaction on SQLite. A class, because a generator's two turns showed in the rate of commits to a fast disk."""

    __slots__ = ("_execute", "_raw")

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw, self._execute = raw, raw.cursor().execute

    def __call__(self, sql: str, values: Values) -> list[Row]:
        return self._execute(_marks(sql), values).fetchall()

    def insert(self, sql: str, values: Values) -> int:
        return self._execute(_marks(sql), values).lastrowid or 0

    def __enter__(self) -> Self:
        _turn.__enter__()
        try:
            self._execute("BEGIN IMMEDIATE")
        except BaseException as error:
            self._give_up(error)
            raise
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            self._give_up(error)
            return
        try:
            self._execute("COMMIT")
        except BaseException as failed:
            self._give_up(failed)
            raise
        _turn.__exit__()

    def _give_up(self, error: BaseException) -> None:
        """Undo all, let the next writer in, and raise NotSaved when the error says that the store cannot write."""
        try:
            _undo_sqlite(self._raw)
            raise_if_unwritable(error)
        finally:
            _turn.__exit__()


@cache
def _marks(sql: str) -> str:
    return sql.replace("%s", "?")


def _undo_sqlite(raw: sqlite3.Connection) -> None:
    try:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
    except sqlite3.Error:
        connection.close()


class _PostgresqlWriting:
    """The statements of one transaction on PostgreSQL."""

    __slots__ = ("_cursor",)

    def __init__(self, raw: "psycopg.Connection[Row]") -> None:
        self._cursor = psycopg.Cursor(raw)

    def __call__(self, sql: str, values: Values) -> list[Row]:
        self._cursor.execute(sql.encode(), values)
        return self._cursor.fetchall() if self._cursor.description else []

    def insert(self, sql: str, values: Values) -> int:
        return int(self(sql + " RETURNING id", values)[0][0])


@contextmanager
def _postgresql(raw: "psycopg.Connection[Row]", lock: int) -> Iterator[Writing]:
    writing = _PostgresqlWriting(raw)
    try:
        with raw.transaction():
            # Ids are drawn under this lock, so that they commit in their order and a reader of the feed never passes one that is still on
            # its way.
            writing("SELECT pg_advisory_xact_lock(%s)", (lock,))
            yield writing
    except psycopg.Error as error:
        if raw.closed:
            connection.close()
        raise_if_unwritable(error)
        raise
