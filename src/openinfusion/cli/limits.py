"""`limits check|lint|import`: a pharmacy's own drug library, tried against orders. They load neither Django nor a store."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast

import typer
import yaml

from openinfusion.app import present
from openinfusion.app.present import druglibrary as shown
from openinfusion.cli.output import say, say_json
from openinfusion.core.canonical import Json
from openinfusion.core.errors import NotFound
from openinfusion.core.prescribing.druglibrary import Library, Outcome, check, unreadable
from openinfusion.core.prescribing.librarylint import lint
from openinfusion.protocols.druglibrary import read_library, read_order, read_order_line, read_sound_library
from openinfusion.protocols.library_csv import imported

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
LibraryFile = Annotated[Path, typer.Argument(metavar="LIBRARY", help="A drug library, in YAML.")]


def add_to(app: typer.Typer) -> None:
    """Add this room's commands."""
    group = typer.Typer(no_args_is_help=True, help="Try orders against a drug library of your own.")
    for name, command in (("check", checked), ("lint", linted), ("import", from_csv)):
        group.command(name)(command)
    app.add_typer(group, name="limits")


def checked(
    library: LibraryFile,
    order: Annotated[Path, typer.Argument(metavar="ORDER", help="An order in YAML or JSON; with --batch a JSONL file, or - for input.")],
    batch: Annotated[
        bool, typer.Option("--batch", help="ORDER holds one order on each line; one line of JSON is printed for each.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Every limit that an order passes. Exit status 0 when it is inside all, 1 when a limit is passed or something cannot be compared; a
    batch ends with 0 when every line was judged."""
    known = read_library(library)
    if batch:
        with _lines(order) as lines:
            _judge(known, lines)
        return
    answer = check(known, read_order(order))
    if as_json:
        say_json(shown.checked_json(answer))
    else:
        for line in shown.checked_lines(answer):
            say(line)
    raise typer.Exit(0 if answer.outcome is Outcome.OK else 1)


def _judge(library: Library, lines: Iterable[bytes]) -> None:
    """Judge and print line by line; blank lines are passed over."""
    for number, text in enumerate(lines, start=1):
        if text.strip():
            asked = read_order_line(text)
            answer = unreadable(asked) if isinstance(asked, str) else check(library, asked)
            identity: dict[str, Json] = {} if isinstance(asked, str) or not asked.id else {"id": asked.id}
            print(json.dumps({**identity, "input_line": number, **shown.checked_json(answer)}, ensure_ascii=False), flush=True)


@contextmanager
def _lines(path: Path) -> Iterator[Iterable[bytes]]:
    """The lines of a file or of the input, read as they come."""
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        with path.open("rb") as file:
            yield file
    except OSError as error:
        raise NotFound("file", str(path)) from error


def linted(library: LibraryFile, as_json: AsJson = False) -> None:
    """What is wrong with a library, line by line. Exit status 1 when something is."""
    sound = read_sound_library(library)
    found = lint(sound.library)
    if as_json:
        unread: list[Json] = [{"code": "library-line.unreadable", "text": problem} for problem in sound.problems]
        findings: list[Json] = [*unread, *(shown.lint_json(entry, finding) for entry, finding in found)]
        say_json({"library": sound.library.name, "lines": len(sound.library.entries), "findings": findings})
    else:
        for problem in sound.problems:
            say(problem)
        for entry, finding in found:
            say(f"{library}:{entry.at}: {entry.line.id}: {present.finding(finding).text}")
        say(f"{len(sound.library.entries)} lines read, {len(found) + len(sound.problems)} findings.")
    raise typer.Exit(1 if found or sound.problems else 0)


def from_csv(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV export of a pump library.")],
    mapping: Annotated[Path, typer.Option("--mapping", metavar="MAP", help="Which column is what, in YAML.")],
    as_json: AsJson = False,
) -> None:
    """The library of a CSV file as YAML on standard output, or as JSON; `limits lint` says afterwards what it lacks."""
    library = imported(file, mapping)
    if as_json:
        say_json(cast(Json, library))  # plain text, lists and objects
    else:
        sys.stdout.write(yaml.safe_dump(library, sort_keys=False, allow_unicode=True, width=120))
