"""A migrated, empty real store for one test: `sqlite_store`, `postgres_store`, or `store` which runs the test on both.

Nothing is ever flushed: SQLite copies a template file, PostgreSQL makes a database from a template; both templates are made once per
worker.
"""

import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from psycopg import sql

MADE_AT = datetime(2027, 1, 4, 8, 0, tzinfo=UTC)


def use_database(url: str) -> None:
    """Point Django's default connection, of this and of every later thread, at another database."""
    from openinfusion.settings import database

    connections["default"].close()
    del connections["default"]
    connections.settings["default"] = {**_defaults(), **database(url)}


def _make() -> None:
    from openinfusion.app.ports import StoreKind
    from openinfusion.store.creation import make_store

    make_store(StoreKind.REAL, MADE_AT)


def _defaults() -> dict[str, Any]:
    return {
        key: value for key, value in connections.configure_settings({"default": {}})["default"].items() if key not in ("ENGINE", "NAME")
    }


@pytest.fixture(scope="session")
def sqlite_template(django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.sqlite3"
    with django_db_blocker.unblock():
        use_database(f"sqlite:///{file}")
        _make()
        with connections["default"].cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connections["default"].close()
    return file


def copied_sqlite_store(template: Path, folder: Path) -> Callable[[], str]:
    """A function that makes one more fresh store and points Django at it; for tests that start over many times."""

    def fresh() -> str:
        file = folder / f"{uuid.uuid4().hex}.sqlite3"
        shutil.copyfile(template, file)
        use_database(f"sqlite:///{file}")
        return f"sqlite:///{file}"

    return fresh


@pytest.fixture
def sqlite_store(sqlite_template: Path, django_db_blocker: Any, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh SQLite store, which is Django's default database during the test."""
    with django_db_blocker.unblock():
        yield copied_sqlite_store(sqlite_template, tmp_path)()
        connections["default"].close()


def _named(url: str, name: str) -> str:
    return f"{url.rsplit('/', 1)[0]}/{name}"


def _run(url: str, statement: str, *names: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str, django_db_blocker: Any) -> Iterator[str]:
    name = f"template_{uuid.uuid4().hex}"
    _run(postgres_url, "CREATE DATABASE {}", name)
    with django_db_blocker.unblock():
        use_database(_named(postgres_url, name))
        _make()
        connections["default"].close()
    yield name
    _run(postgres_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture
def postgres_store(postgres_url: str, postgres_template: str, django_db_blocker: Any) -> Iterator[str]:
    """The superuser's URL of a fresh PostgreSQL store, which is Django's default database during the test."""
    name = f"store_{uuid.uuid4().hex}"
    _run(postgres_url, "CREATE DATABASE {} TEMPLATE {}", name, postgres_template)
    with django_db_blocker.unblock():
        use_database(_named(postgres_url, name))
        yield _named(postgres_url, name)
        connections["default"].close()
    _run(postgres_url, "DROP DATABASE {} WITH (FORCE)", name)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str:
    """The test runs twice, once on each database."""
    return str(request.getfixturevalue("sqlite_store" if request.param == "sqlite" else "postgres_store"))
