"""A demo centre that opened at a fixed moment, filled once and copied for each test; deleting demo/ takes these tests with it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from demo.tests.cast import NOON, Centre, centre_at
from openinfusion_demo.people import VISITORS
from tests import conftest as shared
from tests.databases import sqlite_template
from tests.loopback import loopback_only

__all__ = ["loopback_only", "sqlite_template"]


def pytest_configure(config: pytest.Config) -> None:
    """Run alone, these tests need what the suite prepares; run with it, it is there already."""
    if not config.pluginmanager.is_registered(shared):
        config.pluginmanager.register(shared, "shared-conftest")


@pytest.fixture(scope="session")
def filled(sqlite_template: Path, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The database and the roster of a centre that was opened at noon."""
    folder = tmp_path_factory.mktemp("demo")
    file, roster = folder / "demo.sqlite3", folder / "stories.json"
    shutil.copyfile(sqlite_template, file)
    with django_db_blocker.unblock():
        centre = centre_at(file, roster, NOON)
        for _ in centre.keeper.open(NOON):
            pass
        with connections["default"].cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connections["default"].close()
    return file, roster


@pytest.fixture
def centre(filled: tuple[Path, Path], django_db_blocker: Any, tmp_path: Path) -> Iterator[Centre]:
    """The filled centre, opened again at noon."""
    for path in filled:
        shutil.copyfile(path, tmp_path / path.name)
    with django_db_blocker.unblock():
        again = centre_at(tmp_path / filled[0].name, tmp_path / filled[1].name, NOON)
        for _ in again.keeper.open(NOON):
            pass
        yield again
        connections["default"].close()


@pytest.fixture
def signed_in(centre: Centre, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[[str], Any]:
    """A browser in which this visitor is signed in, on the pages of this centre."""
    from django.contrib.auth.models import Group, User
    from django.test import Client

    from openinfusion.web import house

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(house, "ports", lambda: centre.ports)
    for one in VISITORS:
        User.objects.create_user(one.name).groups.add(Group.objects.get_or_create(name=one.role.value)[0])

    def client_of(name: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=name))
        return client

    return client_of
