"""Before the store is used its safety is read back; anything that is not as it must be stops the start, with every problem named."""

import psycopg
import pytest
from django.db import connection, connections
from psycopg import sql

from openinfusion.app.ports import StoreKind
from openinfusion.core.errors import StoreUnsafe
from openinfusion.settings import database
from openinfusion.store import guards, record
from openinfusion.store.creation import make_store
from openinfusion.store.eventlog import StoredEventLog
from tests.databases import MADE_AT, use_database
from tests.store.sample_events import CODEC, LineOpened, SteppingClock, command


def problems(kind=StoreKind.REAL):
    with pytest.raises(StoreUnsafe) as refused:
        guards.check(kind)
    return "\n".join(refused.value.problems)


def execute(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_a_fresh_sqlite_store_is_safe(sqlite_store):
    guards.check(StoreKind.REAL)


def test_neither_kind_of_store_opens_the_other(sqlite_store):
    assert "this is a real store, and a demo store was asked for" in problems(StoreKind.DEMO)
    with pytest.raises(StoreUnsafe, match="cannot become a demo store"):
        make_store(StoreKind.DEMO, MADE_AT)


@pytest.mark.parametrize("trigger", sorted(record.trigger_sql("sqlite")))
def test_a_missing_trigger_stops_the_start_on_sqlite(sqlite_store, trigger):
    execute(f"DROP TRIGGER {trigger}")
    assert f"trigger {trigger} is missing" in problems()


@pytest.mark.parametrize("trigger", sorted(record.trigger_sql("postgresql")))
def test_a_missing_or_disabled_trigger_stops_the_start_on_postgresql(postgres_store, trigger):
    table = trigger.split("_no_")[0]
    execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    assert f"trigger {trigger} is missing" in problems()
    execute(f"DROP TRIGGER {trigger} ON {table}")
    assert f"trigger {trigger} is missing" in problems()


def test_a_trigger_that_was_replaced_by_one_that_does_nothing_stops_the_start(sqlite_store):
    execute("DROP TRIGGER event_no_update", "CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT 1; END")
    assert "trigger event_no_update is not the one this program made" in problems()


def test_a_trigger_function_that_was_replaced_by_one_that_does_nothing_stops_the_start(postgres_store):
    execute("CREATE OR REPLACE FUNCTION record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$")
    assert "trigger event_no_update is missing" in problems()


@pytest.mark.parametrize(
    ("pragma", "problem"),
    [
        ("synchronous = NORMAL", "synchronous is NORMAL, not FULL"),
        ("synchronous = OFF", "synchronous is OFF, not FULL"),
        ("journal_mode = DELETE", "journal_mode is delete, not wal"),
        ("foreign_keys = OFF", "foreign_keys is off"),
    ],
)
def test_weaker_durability_stops_the_start_on_sqlite(sqlite_store, pragma, problem):
    execute(f"PRAGMA {pragma}")
    assert problem in problems()


@pytest.mark.parametrize("value", ["off", "local", "remote_write"])
def test_weaker_durability_stops_the_start_on_postgresql(postgres_store, value):
    execute(f"SET synchronous_commit = {value}")
    assert f"synchronous_commit is {value}, not on" in problems()


def test_an_empty_database_says_what_to_run(sqlite_store, tmp_path):
    use_database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert "run `openinfusion init`" in problems()


def test_a_file_that_is_no_database_stops_the_start(sqlite_store, tmp_path):
    (tmp_path / "letter.sqlite3").write_text("Dear colleague, " * 1000)
    use_database(f"sqlite:///{tmp_path / 'letter.sqlite3'}")
    assert "the database cannot be read" in problems()


def test_an_older_program_refuses_a_newer_database(sqlite_store):
    execute("INSERT INTO django_migrations (app, name, applied) VALUES ('store', '0099_from_the_future', '2030-01-01')")
    assert "changed by a newer release (store.0099_from_the_future)" in problems()


def test_a_database_that_lacks_a_migration_is_not_served(sqlite_store):
    execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert "which keeps all that is stored" in problems()


def test_the_role_that_owns_the_record_may_not_serve(postgres_store):
    assert "the database role may change event" in problems()


@pytest.fixture
def serving_role(postgres_store):
    """A store made with an owner's URL, and Django's default connection as the serving role."""
    server, name = postgres_store.rsplit("/", 1)
    role = f"app_{name}"
    with psycopg.connect(postgres_store, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'app'").format(sql.Identifier(role)))
    url = f"postgresql://{role}:app@{server.rsplit('@', 1)[1]}/{name}"
    connections.settings["owner"] = {**connections.settings["default"], **database(postgres_store)}
    use_database(url)
    make_store(StoreKind.REAL, MADE_AT)
    yield role
    connections["owner"].close()
    del connections["owner"], connections.settings["owner"]
    use_database(postgres_store)
    execute(f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_a_serving_role_can_record_but_neither_change_the_record_nor_its_mark(serving_role):
    guards.check(StoreKind.REAL)
    StoredEventLog(CODEC, SteppingClock()).append(command(), [("session/1", LineOpened("a"))], {})
    for statement in ("UPDATE event SET actor = 'x'", "DELETE FROM event", "TRUNCATE event", "UPDATE store_mark SET kind = 'demo'"):
        with pytest.raises(Exception, match="permission denied"):
            execute(statement)
