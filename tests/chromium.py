"""Finds the browser that the page tests drive: `chromium_path` is the path of a Chromium or Chrome on this machine."""

import os
import shutil
from pathlib import Path

import pytest

from tests.needs import Need, not_run

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FIXED = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium")
_DOWNLOADED = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")


def find_chromium() -> str | None:
    """The browser named by OPENINFUSION_TEST_CHROMIUM, else one of the system, else one that playwright downloaded."""
    named = os.environ.get("OPENINFUSION_TEST_CHROMIUM")
    if named:
        return named
    on_path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if on_path:
        return on_path
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    candidates = [Path(path) for path in _FIXED] + sorted(path for pattern in _DOWNLOADED for path in downloads.glob(pattern))
    return next((str(path) for path in reversed(candidates) if path.is_file()), None)


CHROMIUM = Need("Chromium", find_chromium, "install your system's chromium package or run .venv/bin/playwright install chromium")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Path of a Chromium to launch through playwright's `executable_path`; without one, the test is reported as not run."""
    return find_chromium() or not_run(CHROMIUM)
