"""The command line as people call it, in this process; only what must be alone runs in another."""

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

import pytest

from openinfusion.cli import main


@dataclass(frozen=True)
class Done:
    """What a command printed and its exit status."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def openinfusion(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run one command."""

    def call(*arguments: str) -> Done:
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "argv", ["openinfusion", *arguments])
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())

    return call
