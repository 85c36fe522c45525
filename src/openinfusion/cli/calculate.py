"""`calc`: one calculation, a file of them, or the list of calculators. Loads neither Django nor a store."""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, TextIO

import typer

from openinfusion.app import calculators
from openinfusion.app.present import calculation as shown
from openinfusion.cli.output import say, say_json, writable
from openinfusion.core.calculation import Entered
from openinfusion.core.canonical import Json
from openinfusion.core.errors import Malformed

Name = Annotated[str, typer.Argument(metavar="[NAME]", help="A calculator, such as drop-rate; --list names all.")]
Inputs = Annotated[list[str], typer.Argument(metavar="[KEY=VALUE]...", help='Its inputs with their units, such as volume="150 mL".')]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Batch = Annotated[str, typer.Option("--batch", metavar="FILE", help='A file of lines {"id", "name", "inputs"}; - reads standard input.')]
AllOfThem = Annotated[bool, typer.Option("--list", help="Describe every calculator.")]


def add_to(app: typer.Typer) -> None:
    """Add this room's command."""
    app.command("calc")(calc)


def calc(name: Name = "", entered: Inputs = [], as_json: AsJson = False, batch: Batch = "", is_list: AllOfThem = False) -> None:  # noqa: B006 - typer copies the list
    """Work out a dose, rate, volume, time or body measure, with every step and its source."""
    if is_list:
        _list(as_json=as_json)
    elif batch:
        _batch(batch)
    elif not name:
        raise Malformed("calc", "no calculator is named", "a name, such as calc drop-rate, or --list")
    else:
        _one(name, _read(entered), as_json=as_json)


def _one(name: str, entered: dict[str, Entered], *, as_json: bool) -> None:
    if name not in calculators.calculators():
        raise Malformed("calc", f"there is no calculator {name}", "one of " + ", ".join(calculators.calculators()))
    made = calculators.calculation(name, entered)
    if as_json:
        say_json(shown.calculation_json(made))
    else:
        for line in shown.calculation_lines(made):
            say(line)
    raise typer.Exit(1 if made.primary is None else 0)


def _read(entered: list[str]) -> dict[str, Entered]:
    """`key=value`, each key once; a value that is a JSON object is a group."""
    read: dict[str, Entered] = {}
    for text in entered:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise Malformed(text, "it is not key=value", 'such as volume="150 mL"')
        if key.strip() in read:
            raise Malformed(key.strip(), "it is given twice", "it once")
        read[key.strip()] = _group(value) if value.lstrip().startswith("{") else value
    return read


def _group(text: str) -> Entered:
    try:
        made: Entered = json.loads(text, parse_float=str, object_pairs_hook=_once)
    except ValueError:
        return text
    return made


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise ValueError("a name stands twice")
    return held


def _list(*, as_json: bool) -> None:
    described: list[Json] = [shown.calculator_json(one) for one in calculators.calculators().values()]
    if as_json:
        say_json({"calculators": described})
        return
    for one in calculators.calculators().values():
        say(f"{one.name}: {', '.join(asked.name for asked in one.inputs)} -> {', '.join(given.name for given in one.results)}")


def _batch(path: str) -> None:
    """Line by line, each answered before the next is read; nothing is kept."""
    try:
        with nullcontext(sys.stdin) if path == "-" else Path(path).open(encoding="utf-8", errors="replace") as lines:
            for answer in _answers(lines):
                sys.stdout.write(writable(answer) + "\n")
                sys.stdout.flush()
    except OSError as error:
        raise Malformed(path, f"it cannot be read: {error.strerror}", "the path of a file of lines") from error


_WRITE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_READ = json.JSONDecoder(parse_float=str, object_pairs_hook=_once, parse_constant=str).decode


def _answers(lines: TextIO) -> Iterator[str]:
    for line in lines:
        if line.strip():
            yield _WRITE(judged(line))


def judged(line: str) -> dict[str, Json]:
    """What one line of a batch came to; every line is judged, whatever it holds."""
    try:
        asked = _READ(line)
    except (ValueError, RecursionError) as error:
        return shown.calculation_json(calculators.unreadable(str(error)))
    if not isinstance(asked, dict):
        return shown.calculation_json(calculators.unreadable("it is no JSON object"))
    name, entered = asked.get("name"), asked.get("inputs", {})
    if not isinstance(name, str) or not isinstance(entered, dict):
        made = calculators.unreadable('it has no "name", or "inputs" are no object')
    else:
        made = calculators.calculation(name, entered)
    told: dict[str, Json] = {"id": asked["id"]} if "id" in asked else {}
    return {**told, **shown.calculation_json(made)}
