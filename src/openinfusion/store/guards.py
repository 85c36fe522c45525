"""What must hold before the store is used: durability settings, triggers, rights, the kind of store, its migrations. Read back from the
database, never assumed. Changes nothing: a store that is not safe is not opened.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from openinfusion.app.ports import StoreKind
from openinfusion.core.errors import StoreUnsafe
from openinfusion.store import record
from openinfusion.store.commit import fetch

_SQLITE_SYNCHRONOUS = {"0": "OFF", "1": "NORMAL", "2": "FULL", "3": "EXTRA"}


def check(kind: StoreKind) -> None:
    """Read the store's safety back; raises StoreUnsafe with every problem found."""
    if connection.vendor == "sqlite" and not Path(file := str(connection.settings_dict["NAME"])).exists():
        raise StoreUnsafe((f"there is no store at {file}; run `openinfusion init`",))
    try:
        problems = tuple(_problems(kind))
    except DatabaseError as error:
        raise StoreUnsafe((f"the database cannot be read: {error}",)) from error
    if problems:
        raise StoreUnsafe(problems)


def _problems(kind: StoreKind) -> Iterator[str]:
    yield from _migrations()
    if "event" not in connection.introspection.table_names():
        yield "the database holds no record; run `openinfusion init`"
        return
    if connection.vendor == "sqlite":
        yield from _sqlite_durability()
        yield from _differing(dict(fetch("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'", ())))
    else:
        yield from _postgresql_durability()
        yield from _differing(_postgresql_triggers())
        yield from _postgresql_rights()
    yield from _kind(kind)


def _migrations() -> Iterator[str]:
    executor = MigrationExecutor(connection)
    loader = executor.loader
    newer = sorted(
        f"{app}.{name}" for app, name in loader.applied_migrations if app == "store" and (app, name) not in loader.disk_migrations
    )
    if newer:
        yield f"the database was changed by a newer release ({', '.join(newer)}); use that release"
    elif executor.migration_plan(loader.graph.leaf_nodes()):
        yield "the database is older than this program; run `openinfusion init`, which keeps all that is stored"


def _kind(kind: StoreKind) -> Iterator[str]:
    marks = [row[0] for row in fetch("SELECT kind FROM store_mark", ())]
    if marks != [kind.value]:
        yield f"this is a {' and '.join(marks) or 'nameless'} store, and a {kind.value} store was asked for; neither opens the other's"


def _sqlite_durability() -> Iterator[str]:
    found = {name: str(fetch(f"PRAGMA {name}", ())[0][0]) for name in ("journal_mode", "synchronous", "foreign_keys")}
    if found["journal_mode"] != "wal":
        yield f"journal_mode is {found['journal_mode']}, not wal"
    if found["synchronous"] not in ("2", "3"):
        yield f"synchronous is {_SQLITE_SYNCHRONOUS[found['synchronous']]}, not FULL: a power cut could lose what was acknowledged"
    if found["foreign_keys"] != "1":
        yield "foreign_keys is off"


def _postgresql_durability() -> Iterator[str]:
    for name, allowed in (("synchronous_commit", ("on", "remote_apply")), ("fsync", ("on",)), ("full_page_writes", ("on",))):
        value = fetch("SELECT current_setting(%s)", (name,))[0][0]
        if value not in allowed:
            yield f"{name} is {value}, not {allowed[0]}: a power cut could lose what was acknowledged"


def _postgresql_triggers() -> dict[str, str]:
    """Each trigger that always fires and calls our function, written as `record` writes it."""
    rows = fetch(
        "SELECT t.tgname, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE c.relname = ANY(%s) AND pg_table_is_visible(c.oid) AND t.tgenabled = 'A'",
        (list(record.RECORD_TABLES),),
    )
    bare = re.compile(r"(ON|FUNCTION) \w+\.")
    return {name: bare.sub(r"\1 ", definition) for name, definition, body in rows if f"$${body}$$" in record.REFUSE}


def _differing(present: dict[str, str]) -> Iterator[str]:
    for name, sql in record.trigger_sql(connection.vendor).items():
        if name not in present:
            yield f"trigger {name} is missing: the record could be changed"
        elif present[name] != sql:
            yield f"trigger {name} is not the one this program made: the record could be changed"


def _postgresql_rights() -> Iterator[str]:
    for table in record.RECORD_TABLES:
        if fetch("SELECT has_table_privilege(current_user, %s, 'UPDATE, DELETE, TRUNCATE, TRIGGER')", (table,))[0][0]:
            yield f"the database role may change {table}; serve with a role that does not own it, and give the owner's URL for migrations"
