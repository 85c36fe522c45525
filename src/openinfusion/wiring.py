"""The only place where ports meet adapters, and where the clock is read. No rule, no page, no command line.

Django is loaded by `start`; adapters that need it are imported after that.
"""

import os
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from openinfusion import config
from openinfusion.app.library import FileLibrary
from openinfusion.app.ports import Clock, Ports, Site, StoreKind
from openinfusion.config import Configuration
from openinfusion.core.administration.parts import Actor
from openinfusion.core.errors import NotAllowed

if TYPE_CHECKING:
    from openinfusion.store.audit import StoredAudit
    from openinfusion.store.eventlog import StoredEventLog
    from openinfusion.store.feed import FeedPoller
    from openinfusion.store.intake import StoredGateways, StoredQuarantine
    from openinfusion.store.projections import StoredReadModels
    from openinfusion.store.users import StoredUsers
    from openinfusion.store.verify import Walk


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware UTC."""
        return datetime.now(UTC)


CLOCK: Clock = SystemClock()


def start(configuration: Configuration) -> None:
    """Load Django with this configuration; once per process, before anything of the store is used."""
    import django

    config.use(configuration)
    config.keep_compiled(os.environ, configuration.home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "openinfusion.settings"
    django.setup()


def make_store(configuration: Configuration) -> None:
    """Make the home folder, the secret and the store, or bring an earlier store to this program's form.

    Raises ConfigurationError, and StoreUnsafe when the database was made for the other kind of store.
    """
    configuration.make_home()
    configuration.make_secret()
    start(configuration)
    from openinfusion.store.creation import make_store

    make_store(configuration.kind, CLOCK.now())


def open_store(configuration: Configuration) -> None:
    """Load Django and read the store's safety back; raises StoreUnsafe with every problem, so that nothing is served from an unsafe
    store."""
    start(configuration)
    from openinfusion.store.guards import check

    check(configuration.kind)


def check_store(configuration: Configuration) -> None:
    """Read the safety of the opened store back once more; raises StoreUnsafe with every problem."""
    from openinfusion.store.guards import check

    check(configuration.kind)


@lru_cache(maxsize=4)
def event_log(clock: Clock = CLOCK) -> "StoredEventLog":
    """The record of the opened store; one for the process, so that what was folded from it is found again."""
    from openinfusion.store.eventlog import StoredEventLog
    from openinfusion.store.kinds import CODEC

    return StoredEventLog(CODEC, clock)


def read_models(log: "StoredEventLog") -> "StoredReadModels":
    """All read models of the program over this record; `rebuild` makes them anew."""
    from openinfusion.app.readmodels import PROJECTIONS
    from openinfusion.store.projections import StoredReadModels

    return StoredReadModels(log, PROJECTIONS)


def users(clock: Clock = CLOCK) -> "StoredUsers":
    """The people who may sign in to the opened store."""
    from openinfusion.store.users import StoredUsers

    return StoredUsers(clock)


def quarantine(clock: Clock = CLOCK) -> "StoredQuarantine":
    """What arrived at the opened store and waits for a person."""
    from openinfusion.store.intake import StoredQuarantine

    return StoredQuarantine(clock)


def gateways(clock: Clock = CLOCK) -> "StoredGateways":
    """The gateways that may send messages of devices to the opened store."""
    from openinfusion.store.intake import StoredGateways

    return StoredGateways(clock)


def audit_trail(clock: Clock = CLOCK) -> "StoredAudit":
    """Who looked at what in the opened store."""
    from openinfusion.store.audit import StoredAudit

    return StoredAudit(clock)


def feed_poller(log: "StoredEventLog") -> "FeedPoller":
    """The one poller of this process."""
    from openinfusion.store.feed import FeedPoller

    return FeedPoller(log)


def ports(configuration: Configuration, clock: Clock = CLOCK) -> Ports:
    """Everything a use case may reach, on the opened store."""
    from openinfusion.store.archive import StoredArchive
    from openinfusion.store.identities import StoredIdentities
    from openinfusion.store.samples import StoredSamples

    log = event_log(clock)
    return Ports(
        log=log,
        samples=StoredSamples(clock),
        identities=StoredIdentities(clock),
        archive=StoredArchive(clock),
        models=read_models(log),
        library=_library(_own_protocols(configuration), configuration.home / "policy.yaml"),
        clock=clock,
        site=Site(configuration.region, configuration.epinephrine_scheme, configuration.kind is StoreKind.DEMO, configuration.language),
    )


@lru_cache(maxsize=4)
def _library(roots: tuple[Path, ...], policy: Path) -> FileLibrary:
    """One library for the process, so that it remembers what was sound before an edit broke it."""
    from openinfusion.store.archive import StoredArchive

    return FileLibrary(roots, StoredArchive(CLOCK), policy)


def _own_protocols(configuration: Configuration) -> tuple[Path, ...]:
    """The site's own protocol folder, where it has one."""
    folder = configuration.home / "protocols"
    return (folder,) if folder.is_dir() else ()


def verify() -> "Walk":
    """Walk every hash chain of the store."""
    from openinfusion.store.verify import walk

    return walk()


def authenticate(name: str, password: str) -> Actor:
    """The person with this name and password, with their roles; raises NotAllowed."""
    from django.contrib.auth import authenticate as check

    user = check(username=name, password=password)
    if user is None:
        raise NotAllowed("sign-in", ())
    return Actor(user.get_username(), frozenset(user.groups.values_list("name", flat=True)))


def close() -> None:
    """Close every connection of this process to its store."""
    from django.db import connections

    connections.close_all()
