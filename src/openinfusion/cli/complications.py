"""`complications`: by statement of the guide or one by one, how each is recognised, the first step, and who is called."""

from typing import Annotated

import typer

from openinfusion.app.complications import Entry, entries, of_statement
from openinfusion.app.present.complications import call_lines, recognition_json, recognition_lines
from openinfusion.cli.output import say, say_json
from openinfusion.core.canonical import Json
from openinfusion.protocols.load import load_library

_SEVERAL = "beyond the guide"


def add_to(app: typer.Typer) -> None:
    """Add this room's command."""
    app.command("complications")(complications)


def complications(
    statement: Annotated[int, typer.Option("--statement", metavar="N", help="Only what answers this statement of the guide.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """What can go wrong: number of the statement, script, recognised by, first step, who to call."""
    found = entries(load_library().reference)
    if statement:
        found = of_statement(found, statement)
    rows = sorted(found, key=lambda entry: (entry.complication.statements or (len(found) * 100,), entry.title))
    if as_json:
        say_json({"complications": [_row(entry) for entry in rows]})
        return
    for entry in rows:
        for line in _lines(entry):
            say(line)


def _lines(entry: Entry) -> tuple[str, ...]:
    row, wording = entry.complication, entry.wording
    numbers = ", ".join(str(number) for number in row.statements) or _SEVERAL
    return (
        f"{numbers}: {entry.title} [{', '.join(route.value for route in row.routes)}] {entry.script.name}",
        *(f"    recognised by  {line}" for line in recognition_lines(row, wording)),
        f"    first step     {entry.first_step}",
        f"    call           {', '.join(call_lines(row, wording))}",
    )


def _row(entry: Entry) -> dict[str, Json]:
    row = entry.complication
    calls: list[Json] = list(call_lines(row, entry.wording))
    routes: list[Json] = [route.value for route in row.routes]
    statements: list[Json] = list(row.statements)
    drugs: list[Json] = list(row.drugs)
    steps: list[Json] = [
        {"n": step.n, "id": step.id, "text": entry.wording[step.id], "per_standing_order": step.per_standing_order}
        for step in sorted(entry.script.steps, key=lambda step: step.n)
    ]
    return {
        "complication": row.code,
        "title": entry.title,
        "statements": statements,
        "routes": routes,
        "drugs": drugs,
        "script": entry.script.name,
        "recognised_by": recognition_json(row, entry.wording),
        "first_step": entry.first_step,
        "call": calls,
        "steps": steps,
    }
