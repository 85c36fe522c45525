"""Things of the machine that some tests need: found once, listed first when missing, and never skipped in silence.

A test that needs something the machine does not have is reported as skipped with a fixed opening; the controlling process counts
these reports and ends the run with exit status 3 (when nothing failed), so that a green run always means that everything ran.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import pytest

NOT_EVERYTHING_RAN = 3
_OPENING = "NOT RUN, this machine has no "


@dataclass(frozen=True, slots=True)
class Need:
    """One thing of the machine: its name, how to find it (text that says where, or None) and the line that installs it."""

    name: str
    find: Callable[[], str | None]
    install: str


def not_run(need: Need) -> NoReturn:
    """End this test as one that could not run here; the whole run then exits with status 3."""
    pytest.skip(f"{_OPENING}{need.name}; {need.install}")


class NeedsReport:
    """Lists the needs before the first test and the tests that could not run after the last one."""

    def __init__(self, needs: tuple[Need, ...]) -> None:
        self._needs = needs
        self._not_run: list[str] = []

    def pytest_report_header(self) -> list[str]:
        """One line per need: where it is, or that it is missing and what follows."""
        return [self._line(need) for need in self._needs]

    def _line(self, need: Need) -> str:
        found = need.find()
        if found:
            return f"{need.name}: {found}"
        return f"{need.name}: MISSING; its tests are not run and the run ends with exit status {NOT_EVERYTHING_RAN}; {need.install}"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the tests that could not run."""
        reason = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
        if _OPENING in reason:
            self._not_run.append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """A run in which nothing failed but something could not run is not a pass."""
        if self._not_run and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = NOT_EVERYTHING_RAN

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name every test that could not run."""
        if self._not_run:
            terminalreporter.section(f"{len(self._not_run)} tests were NOT RUN: this machine lacks what they need", yellow=True)
            for nodeid in self._not_run:
                terminalreporter.write_line(nodeid)
