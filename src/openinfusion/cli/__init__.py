"""The command line: starts things and prints what they answer. Every command has `--json`; exit statuses come from the error table."""

import sys

import typer

from openinfusion.cli.output import say_error
from openinfusion.core.errors import ERROR_TABLE, OpenInfusionError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


def _add_commands() -> None:
    from openinfusion.cli import library, planning, scenario, site

    for room in (planning, library, scenario, site):
        room.add_to(app)


def main() -> None:
    """Run the command line; an expected failure becomes words and an exit status, never a stack trace."""
    _add_commands()
    try:
        app()
    except OpenInfusionError as error:
        say_error(error, as_json="--json" in sys.argv)
        raise SystemExit(ERROR_TABLE[error.code].exit) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
