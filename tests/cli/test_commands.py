"""What holds for every command: its name, `--json`, and exit statuses from the one table."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import typer
from typer.main import get_command

from openinfusion.cli import ROOMS, command_line
from openinfusion.core import errors
from openinfusion.core.errors import ERROR_TABLE, Code

Call = Callable[..., Any]
ASKED_FOR = {
    *("run", "screen", "plan", "leaflet", "init", "serve", "demo", "verify", "config", "users add"),
    *(f"pk {name}" for name in ("simulate", "estimate", "recommend", "models", "tci")),
    *(f"protocol {name}" for name in ("list", "check", "show", "diff", "sign")),
}


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its whole name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


ALL = dict(commands(get_command(command_line())))


def test_the_commands_that_were_asked_for_have_these_names():
    assert ALL.keys() >= ASKED_FOR


def test_each_room_has_the_commands_that_lead_to_it():
    for names in ROOMS.values():
        assert {name.split()[0] for name, _ in commands(get_command(command_line(names[0])))} == set(names)


@pytest.mark.parametrize("name", ALL)
def test_every_command_has_json(name: str):
    assert any("--json" in option.opts for option in ALL[name].params)


@pytest.mark.parametrize("name", ALL)
def test_a_command_that_is_typed_wrong_is_answered_in_json_when_that_is_asked_for(name: str, openinfusion: Call):
    done = openinfusion(*name.split(), "--json", "--no-such-option")
    assert done.returncode == ERROR_TABLE[Code.MALFORMED].exit
    assert json.loads(done.stdout)["code"] == Code.MALFORMED
    assert done.stderr == ""


def test_a_command_that_does_not_exist_is_answered_in_json_too(openinfusion: Call):
    done = openinfusion("prescribe", "--json")
    assert done.returncode == ERROR_TABLE[Code.MALFORMED].exit
    assert "prescribe" in json.loads(done.stdout)["text"]


def test_help_is_no_failure(openinfusion: Call):
    assert openinfusion("plan", "--help").returncode == 0
    assert openinfusion("plan", "--json", "--help").returncode == 0


@pytest.mark.parametrize(
    "failure",
    [
        errors.CommandRefused(()),
        errors.Conflict("session/1", 3, 4),
        errors.IdReused("1", "0"),
        errors.Malformed("weight", "has a comma", "71.5 kg"),
        errors.NotFound("patient", "P-1"),
        errors.NotAllowed("sign-order", ("nurse",)),
        errors.ProtocolError(("a.yaml:1: dose: no source; add one",)),
        errors.NotSaved("the disk is full"),
        errors.StoreUnsafe(("trigger event_no_update is missing",)),
        errors.ConfigurationError("OPENINFUSION_REGION", "is not one of US, EU"),
        RuntimeError("a fault of the program"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_every_failure_ends_with_the_status_of_the_table_and_words(failure: Exception, openinfusion: Call, monkeypatch: pytest.MonkeyPatch):
    def fail() -> None:
        raise failure

    app = typer.Typer(add_completion=False)
    app.command("fail")(fail)
    app.command("other")(lambda: None)
    monkeypatch.setattr("openinfusion.cli.command_line", lambda _first: app)
    code = failure.code if isinstance(failure, errors.OpenInfusionError) else Code.FAULT
    done = openinfusion("fail")
    assert done.returncode == ERROR_TABLE[code].exit
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_somebody_who_gives_up_at_a_question_ends_it_without_a_trace(openinfusion: Call, monkeypatch: pytest.MonkeyPatch):
    def ask() -> None:
        raise KeyboardInterrupt

    app = typer.Typer(add_completion=False)
    app.command("ask")(ask)
    app.command("other")(lambda: None)
    monkeypatch.setattr("openinfusion.cli.command_line", lambda _first: app)
    done = openinfusion("ask")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
