"""The command line: starts things and prints what they answer. Every command has `--json`; exit statuses come from the error table."""

import sys
import traceback

import typer

from openinfusion.cli.output import say_error
from openinfusion.core.errors import ERROR_TABLE, Fault, OpenInfusionError


def command_line() -> typer.Typer:
    """All commands, room by room."""
    from openinfusion.cli import library, planning, scenario, simulate, site

    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    for room in (planning, library, scenario, simulate, site):
        room.add_to(app)
    return app


def main() -> None:
    """Run the command line; an expected failure becomes words and an exit status, never a stack trace."""
    try:
        command_line()()
    except BrokenPipeError:
        raise SystemExit(0) from None
    except OpenInfusionError as error:
        say_error(error, as_json="--json" in sys.argv)
        raise SystemExit(ERROR_TABLE[error.code].exit) from None
    except Exception as error:  # noqa: BLE001 - the last line before a person: words, never a stack trace
        fault = _fault(error)
        say_error(fault, as_json="--json" in sys.argv)
        raise SystemExit(ERROR_TABLE[fault.code].exit) from None


def _fault(error: Exception) -> Fault:
    """What failed and at which line, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    last = next((frame for frame in reversed(frames) if "openinfusion/" in frame.filename), frames[-1])
    return Fault(f"{type(error).__name__}: {error}", f"{last.filename.rpartition('openinfusion/')[2]}:{last.lineno}")
