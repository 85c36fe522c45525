"""What every test gets: no network but loopback, reproducible property tests, and a server or browser only when it asks for one."""

import os

import hypothesis
import pytest

from tests.chromium import CHROMIUM, chromium_path
from tests.loopback import loopback_only
from tests.needs import NeedsReport
from tests.postgres import POSTGRES, end_run, postgres_url, start_run

__all__ = ["chromium_path", "loopback_only", "postgres_url"]

# No deadline: two workers share two cores with a server. In CI the same examples each time, so that a change is judged by what it changed.
hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_configure(config: pytest.Config) -> None:
    """In the main process of the run only: report what the machine lacks, and own the folder that the workers share."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(NeedsReport((POSTGRES, CHROMIUM)), "needs-report")
        start_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the run started."""
    if not hasattr(config, "workerinput"):
        end_run()
