"""What every test gets: no network but loopback, reproducible property tests, and a server or browser only when it asks for one."""

import os

import django
import hypothesis
import pytest

from tests.chromium import CHROMIUM, chromium_path
from tests.databases import postgres_store, postgres_template, sqlite_store, sqlite_template, store
from tests.home import settle
from tests.loopback import loopback_only
from tests.needs import NeedsReport
from tests.postgres import POSTGRES, end_run, postgres_url, start_run

__all__ = [
    "chromium_path",
    "loopback_only",
    "postgres_store",
    "postgres_template",
    "postgres_url",
    "sqlite_store",
    "sqlite_template",
    "store",
]

# Before Django's settings are first read: they come from the environment, and a test must never see a person's own store.
start_run()
settle()

# No deadline: two workers share two cores with a server. Twenty-five examples of a rule, others in each run; in CI the same each time, so
# that a change is judged by what it changed. `make test ARGS="--hypothesis-profile=long tests/core"` searches for an hour.
hypothesis.settings.register_profile("default", deadline=None, max_examples=25)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=25, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("long", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_configure(config: pytest.Config) -> None:
    """Set Django up; in the main process of the run, report what the machine lacks."""
    django.setup()
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(NeedsReport((POSTGRES, CHROMIUM)), "needs-report")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the run started."""
    if not hasattr(config, "workerinput"):
        end_run()
