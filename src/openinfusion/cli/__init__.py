"""The command line: starts things and prints what they answer. Every command has `--json`; exit statuses come from the error table."""

import sys
import traceback
from importlib import import_module

import typer
from typer.exceptions import TyperException

from openinfusion.cli.output import say_error
from openinfusion.core.errors import ERROR_TABLE, Code, Fault, Malformed, OpenInfusionError

ROOMS = {
    "planning": ("plan", "screen", "leaflet"),
    "calculate": ("calc",),
    "complications": ("complications",),
    "library": ("protocol",),
    "limits": ("limits",),
    "kinetics": ("pk",),
    "scenario": ("run",),
    "replay": ("replay",),
    "simulate": ("simulate",),
    "site": ("init", "users", "gateways", "serve", "demo", "verify", "rebuild", "config"),
    "audit": ("audit",),
}
"""The commands of each room: one command starts without the other rooms."""


def command_line(first: str = "") -> typer.Typer:
    """The room of the command that is typed first; every room when that is no command, as for `--help`."""
    rooms = [room for room, names in ROOMS.items() if first in names] or ROOMS
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.callback()(_one_command_keeps_its_name)
    for room in rooms:
        import_module(f"openinfusion.cli.{room}").add_to(app)
    return app


def _one_command_keeps_its_name() -> None:
    """Run infusion therapy from order to outcome."""


def main() -> None:
    """Run the command line; an expected failure becomes words and an exit status, never a stack trace. With `--json` a command that was
    typed wrong is answered in the one shape too."""
    as_json = "--json" in sys.argv
    try:
        raise SystemExit(command_line(sys.argv[1] if len(sys.argv) > 1 else "")(standalone_mode=not as_json) or 0)
    except BrokenPipeError:
        raise SystemExit(0) from None
    except typer.Abort:
        raise SystemExit(ERROR_TABLE[Code.REFUSED].exit) from None
    except TyperException as error:
        say_error(Malformed("command line", error.format_message().rstrip("."), "what --help of the command lists"), as_json=as_json)
        raise SystemExit(ERROR_TABLE[Code.MALFORMED].exit) from None
    except OpenInfusionError as error:
        say_error(error, as_json=as_json)
        raise SystemExit(ERROR_TABLE[error.code].exit) from None
    except Exception as error:  # noqa: BLE001 - the last line before a person: words, never a stack trace
        fault = _fault(error)
        say_error(fault, as_json=as_json)
        raise SystemExit(ERROR_TABLE[fault.code].exit) from None


def _fault(error: Exception) -> Fault:
    """What failed and at which line, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    last = next((frame for frame in reversed(frames) if "openinfusion/" in frame.filename), frames[-1])
    return Fault(f"{type(error).__name__}: {error}", f"{last.filename.rpartition('openinfusion/')[2]}:{last.lineno}")
