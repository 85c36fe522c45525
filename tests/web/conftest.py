"""A clinic for the page tests: a migrated SQLite store, the shipped protocols usable, one person of each role, signed-in clients."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from openinfusion import config, wiring
from tests.web.cast import CAST, NOW, PASSWORD, Clinic, SetClock


@pytest.fixture(autouse=True)
def _plain_hasher(settings: Any) -> None:
    """Argon2 is slow on purpose; a test proves who may sign, not how hard a password is to guess."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_earlier_tries() -> None:
    """Wrong passwords of one test make nobody wait in the next."""
    from openinfusion.web.people import PACE

    PACE.forget()


@pytest.fixture
def clinic(sqlite_store: str, monkeypatch: pytest.MonkeyPatch, _plain_hasher: None) -> Clinic:
    """A demonstration site, so that the shipped examples can be ordered, with everybody of the cast."""
    from django.contrib.auth.models import Group, User

    clock = SetClock(NOW)
    real = wiring.ports(config.current(), clock)
    ports = replace(real, site=replace(real.site, is_demo=True))
    # Views bind `house.ports` when they are imported; what it asks is looked up at each call.
    monkeypatch.setattr(wiring, "ports", lambda *_: ports)
    for name, role in CAST.items():
        user = User.objects.create_user(name, password=PASSWORD)
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    return Clinic(ports, clock)


@pytest.fixture
def signed_in(clinic: Clinic) -> Callable[[str], Client]:
    """A client in which this person of the cast is signed in."""

    from django.contrib.auth.models import User

    def client_of(name: str) -> Client:
        client = Client()
        client.force_login(User.objects.get(username=name))
        return client

    return client_of


@pytest.fixture
def nurse(signed_in: Callable[[str], Client]) -> Client:
    return signed_in("nora")


@pytest.fixture
def prescriber(signed_in: Callable[[str], Client]) -> Client:
    return signed_in("paula")


@pytest.fixture
def pharmacist(signed_in: Callable[[str], Client]) -> Client:
    return signed_in("fay")


@pytest.fixture
def administrator(signed_in: Callable[[str], Client]) -> Client:
    return signed_in("anna")
