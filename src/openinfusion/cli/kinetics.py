"""`pk simulate|estimate|recommend|models|tci`: kinetics as JSON in and out. It loads neither Django nor a store; numbers are loaded when a
command computes.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openinfusion.cli.output import say, writable
from openinfusion.core.errors import Malformed, NotFound

if TYPE_CHECKING:
    from openinfusion.app.kinetic_protocol import Told
    from openinfusion.app.kinetic_requests import ToSimulate
    from openinfusion.app.present.kinetics import Plain

Request = Annotated[str, typer.Argument(metavar="REQUEST", help="A JSON file, docs/reference/kinetics-cli.md; - reads standard input.")]
Optional = Annotated[str, typer.Argument(metavar="[REQUEST]", help="A JSON file, docs/reference/kinetics-cli.md; - reads standard input.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write the JSON answer to a file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ProtocolName = Annotated[
    str, typer.Option("--protocol", metavar="NAME", help="Take model and doses from a protocol, such as iv-infliximab.")
]
Facts = Annotated[list[str], typer.Option("--fact", "-f", metavar="FIELD=VALUE", help='A fact for the dose, such as weight="71 kg".')]
Choices = Annotated[list[str], typer.Option("--choose", "-c", metavar="NAME=VALUE", help="A prescriber's choice, such as indication=RA.")]


def add_to(app: typer.Typer) -> None:
    """Add this room's commands."""
    group = typer.Typer(no_args_is_help=True, help="Levels, fits and doses by kinetic models.")
    rows: tuple[tuple[str, Callable[..., None]], ...] = (
        ("simulate", simulate),
        ("estimate", estimate),
        ("recommend", recommend),
        ("models", models),
        ("tci", tci),
    )
    for name, command in rows:
        group.command(name)(command)
    app.add_typer(group, name="pk")


def simulate(  # noqa: PLR0913, PLR0917 - the options of one command
    request: Optional = "",
    protocol: ProtocolName = "",
    fact: Facts = [],  # noqa: B006 - typer copies the list
    choose: Choices = [],  # noqa: B006 - typer copies the list
    n: Annotated[int | None, typer.Option("--n", help="Simulate a population of so many.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="The same seed draws the same patients.")] = None,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """The expected course of one patient, or percentiles and target attainment of a population."""
    _ready(out)
    from openinfusion.app import kinetics
    from openinfusion.app.kinetic_requests import ToSimulate, read_request
    from openinfusion.app.present import kinetics as shown

    if not request and not protocol:
        raise Malformed("pk simulate", "there is neither a request nor a protocol", "a JSON file, or --protocol NAME")
    asked = read_request(ToSimulate, _with_people(_read(request) if request else {}, n, seed))
    told = _told(protocol, asked, fact, choose)
    if asked.population is None:
        single = kinetics.simulated(asked, told)
        _answer(shown.simulated_json(single), shown.simulated_lines(single), out, as_json=as_json)
        return
    with _progress(asked.population.n or 0) as done:
        many = kinetics.surveyed(asked, told, done)
    _answer(shown.surveyed_json(many), shown.surveyed_lines(many), out, as_json=as_json)


def estimate(request: Request, out: Out = None, as_json: AsJson = False) -> None:
    """Fit one patient to measured levels. Exit status 1 when the fit is shown but no dose may follow from it."""
    _ready(out)
    from openinfusion.app import kinetics
    from openinfusion.app.kinetic_requests import ToEstimate, read_request
    from openinfusion.app.present import kinetics as shown

    made = kinetics.estimated(read_request(ToEstimate, _read(request)))
    _answer(shown.estimated_json(made), shown.estimated_lines(made), out, as_json=as_json)
    raise typer.Exit(0 if made.fit.is_believed else 1)


def recommend(request: Request, out: Out = None, as_json: AsJson = False) -> None:
    """Propose a dose for a target from measured levels; nothing is ordered."""
    _ready(out)
    from openinfusion.app import kinetics
    from openinfusion.app.kinetic_requests import ToRecommend, read_request
    from openinfusion.app.present import kinetics as shown

    made, proposal = kinetics.recommended(read_request(ToRecommend, _read(request)))
    _answer(shown.recommended_json(made, proposal), shown.recommended_lines(proposal), out, as_json=as_json)


def models(
    name: Annotated[str, typer.Argument(metavar="[MODEL]", help="One model by its id.")] = "",
    drug: Annotated[str, typer.Option("--drug", help="Only those of a drug.")] = "",
    as_json: AsJson = False,
) -> None:
    """The models that ship, by drug, and those that were looked for and are absent."""
    _ready(None)
    from openinfusion.app import kinetic_library
    from openinfusion.app.present import kinetics as shown

    found = [one for one in kinetic_library.listed() if name in ("", one.model.id) and drug in ("", one.model.file.drug)]
    absent = [] if name else [one for one in kinetic_library.absent() if drug in ("", one.drug)]
    if not found and not absent:
        raise NotFound("kinetic model", name or f"of {drug}")
    answer: dict[str, Plain] = {"models": [shown.model_json(one) for one in found], "absent": [shown.absent_json(one) for one in absent]}
    lines = shown.model_details(found[0]) if name else shown.model_lines(found, absent)
    _answer(answer, lines, None, as_json=as_json)


def tci(request: Request, out: Out = None, as_json: AsJson = False) -> None:
    """Simulate a target-controlled infusion; no rate is sent to a pump."""
    _ready(out)
    from openinfusion.app import kinetics
    from openinfusion.app.kinetic_requests import ToControl, read_request
    from openinfusion.app.present import kinetics as shown

    made = kinetics.controlled(read_request(ToControl, _read(request)))
    _answer(shown.controlled_json(made), shown.controlled_lines(made), out, as_json=as_json)


def _ready(out: Path | None) -> None:
    """Before anything is loaded or computed: where compiled code is kept, and whether the answer can be written."""
    from openinfusion import config

    config.keep_compiled(os.environ, config.current().home)
    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        raise NotFound("folder for the file", str(out))


def _told(protocol: str, asked: "ToSimulate", fact: list[str], choose: list[str]) -> "Told | None":
    if not protocol:
        if fact or choose:
            raise Malformed("pk simulate", "--fact and --choose are for a protocol's dose", "--protocol NAME beside them")
        return None
    from openinfusion.app.kinetic_protocol import told_by
    from openinfusion.cli import inputs

    return told_by(protocol, asked, inputs.pairs(fact, "--fact"), inputs.pairs(choose, "--choose"), inputs.moment(""))


def _with_people(plain: Mapping[str, object], n: int | None, seed: int | None) -> Mapping[str, object]:
    """The request with what the options say of its population."""
    options = {name: value for name, value in (("n", n), ("seed", seed)) if value is not None}
    people = plain.get("population", {})
    if not options or not isinstance(people, dict):
        return plain
    return {**plain, "population": {**people, **options}}


def _read(path: str) -> Mapping[str, object]:
    """The JSON object of a file or of standard input; raises NotFound or Malformed."""
    from openinfusion.cli import inputs

    name = "standard input" if path == "-" else path
    text = _standard_input() if path == "-" else inputs.text_of(Path(path))
    try:
        read = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Malformed(name, f"it is no JSON: {error}", "one JSON object") from error
    if not isinstance(read, dict):
        raise Malformed(name, "it is no JSON object", "one JSON object")
    return read


def _standard_input() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise Malformed("standard input", "it is not UTF-8 text", "JSON in UTF-8") from error


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise ValueError("a name stands twice")
    return held


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _answer(answer: "Mapping[str, Plain]", lines: Iterable[str], out: Path | None, *, as_json: bool) -> None:
    """Print the answer, or write it whole to a file and say where it is; a file is never left half written."""
    if out is None and not as_json:
        for line in lines:
            say(line)
        return
    rows = (f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}" for name, value in answer.items())
    text = writable("{\n" + ",\n".join(rows) + "\n}")
    if out is None:
        say(text)
        return
    part = out.with_name(f"{out.name}.part")
    try:
        part.write_text(f"{text}\n", encoding="utf-8")
        part.replace(out)
    except OSError as error:
        raise NotFound("folder for the file", str(out)) from error
    say(json.dumps({"written": str(out)}, ensure_ascii=False) if as_json else f"Written to {out}.")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """How far a population is, where somebody watches."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(transient=True, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Patients", total=total)
        yield lambda counted: progress.update(task, completed=counted)
