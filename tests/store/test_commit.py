"""When the store cannot write, nothing is acknowledged and the reason is given; after a disk error this process never acknowledges
again."""

import sqlite3

import pytest
from django.db import connection

from openinfusion.core.errors import NotSaved
from openinfusion.store.commit import committed, fetch, halted
from openinfusion.store.identities import StoredIdentities
from openinfusion.store.samples import StoredSamples
from tests.store.rows import BLOCK
from tests.store.sample_events import LineOpened, SteppingClock, a_log, command
from tests.store.test_identities import JOHN


def append(log):
    return log.append(command(), [("session/1", LineOpened("a"))], {})


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_database_that_is_read_only_is_not_saved(store):
    log = a_log()
    execute("PRAGMA query_only = ON" if connection.vendor == "sqlite" else "SET default_transaction_read_only = on")
    for write in (
        lambda: append(log),
        lambda: StoredSamples(SteppingClock()).append([BLOCK]),
        lambda: StoredIdentities(SteppingClock()).register(JOHN),
    ):
        with pytest.raises(NotSaved):
            write()
    assert log.head() == 0


def test_a_database_that_another_program_keeps_locked_is_not_saved_and_works_again_afterwards(sqlite_store):
    log = a_log()
    execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotSaved, match="locked"):
        append(log)
    other.execute("ROLLBACK")
    other.close()
    assert append(log).events[0].seq == 1


def test_a_lost_server_connection_is_not_saved_and_the_next_append_connects_again(postgres_store):
    log = a_log()
    append(log)
    with pytest.raises(NotSaved), committed() as rows:
        rows("SELECT pg_terminate_backend(pg_backend_pid())", ())
    assert append(log).events[0].seq == 2


def test_an_error_in_the_block_writes_nothing_and_is_passed_on(store):
    log = a_log()

    def half_done():
        with committed() as rows:
            rows("INSERT INTO protocol_content (content_hash, content, kept_at) VALUES (%s, %s, %s)", ("a", "b", "c"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    assert fetch("SELECT count(*) FROM protocol_content", ()) == [(0,)]
    append(log)


def test_a_statement_that_is_wrong_is_a_mistake_and_not_a_full_disk(store):
    with pytest.raises((sqlite3.Error, Exception), match="nowhere"), committed() as rows:
        rows("SELECT 1 FROM nowhere", ())
    append(a_log())


def test_after_a_disk_error_this_process_never_acknowledges_again(sqlite_store):
    log, failed = a_log(), sqlite3.OperationalError("disk I/O error")
    failed.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    append(log)
    with pytest.raises(NotSaved, match="disk I/O error"), committed():
        raise failed
    assert halted() == "disk I/O error"
    with pytest.raises(NotSaved, match="disk I/O error"):
        append(log)
    with pytest.raises(NotSaved, match="disk I/O error"):
        StoredIdentities(SteppingClock()).register(JOHN)
    assert len(log.read("session/1")) == 1
