"""`plan`, `screen` and `leaflet`: pure answers from a protocol and facts. They load neither Django nor a store."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from openinfusion.app import leaflet as leaflets
from openinfusion.app import present
from openinfusion.cli import inputs
from openinfusion.cli.output import say, say_findings, say_json
from openinfusion.core.canonical import Json
from openinfusion.core.errors import NotFound
from openinfusion.core.finding import Finding, Verdict, verdict
from openinfusion.core.prescribing.consistency import notices
from openinfusion.core.prescribing.order import Plan
from openinfusion.core.prescribing.plan import heaviest_first
from openinfusion.core.prescribing.plan import plan as make_plan
from openinfusion.core.prescribing.practice import Practice
from openinfusion.core.protocol import Legal, Maturity
from openinfusion.protocols.load import LoadedProtocol, load_library

ProtocolName = Annotated[str, typer.Argument(metavar="PROTOCOL", help="A protocol id, such as iv-infliximab.")]
Facts = Annotated[list[str], typer.Option("--fact", "-f", metavar="FIELD=VALUE", help='A fact of the patient, such as weight="71 kg".')]
Choices = Annotated[list[str], typer.Option("--choose", "-c", metavar="NAME=VALUE", help="A prescriber's choice, such as indication=RA.")]
Bundle = Annotated[Path | None, typer.Option("--fhir", metavar="BUNDLE", help="A FHIR R4 Bundle with the patient's facts.")]
At = Annotated[str, typer.Option("--at", metavar="TIME", help="The moment for which it is asked; now by default.")]
DropFactor = Annotated[str, typer.Option("--drop-factor", metavar="NUMBER", help="Drops in 1 mL of the giving set, such as 20.")]
Drawing = Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Write rate and volume over time as a drawing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

_HELD = (Verdict.INCOMPLETE, Verdict.CONTRAINDICATED, Verdict.BANNED)
"""With these a script does not go on: exit status 1, as for any other refusal."""


def add_to(app: typer.Typer) -> None:
    """Add this room's commands."""
    app.command("plan")(plan)
    app.command("screen")(screen)
    app.command("leaflet")(leaflet)


Planned = tuple[LoadedProtocol, Plan, tuple[Finding, ...], present.Glossary]
"""The protocol, the plan with what an import left open among its findings, the latter apart, and what the codes are called."""


def _planned(name: str, fact: list[str], choose: list[str], fhir: Path | None, at: str) -> Planned:
    library = load_library()
    loaded, now = inputs.protocol(library, name), inputs.moment(at)
    known, left_open = inputs.facts(library, fact, fhir, now)
    chosen, practice = inputs.choice(choose, now), Practice.among(loaded.tables.values())
    fields = library.reference.fields
    made = make_plan(loaded.protocol, loaded.content_hash, loaded.general_rules, known, chosen, fields, now, practice=practice)
    written = () if practice.tolerances is None else notices("; ".join(choose), practice.tolerances)
    found = heaviest_first((*made.findings, *left_open, *written))
    return loaded, replace(made, findings=found, verdict=verdict(found)), left_open, present.glossary_of(loaded, fields)


def plan(  # noqa: PLR0913, PLR0917 - the options of one command
    name: ProtocolName,
    fact: Facts = [],  # noqa: B006 - typer copies the list
    choose: Choices = [],  # noqa: B006 - typer copies the list
    fhir: Bundle = None,
    at: At = "",
    as_json: AsJson = False,
    drop_factor: DropFactor = "",
    svg: Drawing = None,
) -> None:
    """Dose, rates and course for one patient, with the worked arithmetic and a rate table."""
    loaded, made, left_open, names = _planned(name, fact, choose, fhir, at)
    factor = inputs.drop_factor(drop_factor)
    if svg is not None:
        _draw(made, svg)
    if as_json:
        imported: list[Json] = [present.finding_json(one, present.plain, names) for one in left_open]
        say_json({**present.plan_json(made, present.plain, names, factor), "imported": imported, "notice": _notice(loaded)})
    else:
        say(_notice(loaded))
        for line in present.plan_lines(made, present.plain, names, factor):
            say(line)
    raise typer.Exit(1 if made.dose is None or made.verdict in _HELD else 0)


def _draw(made: Plan, path: Path) -> None:
    """Write the drawing of the rates; raises NotFound where nothing flows over time or the file cannot be written."""
    table = present.table_of(made)
    drawing = "" if table is None else present.drawing_of(table)
    if not drawing:
        raise NotFound("drawing", "of a plan in which nothing flows over time")
    try:
        path.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise NotFound("folder for the file", str(path)) from error


def screen(name: ProtocolName, fact: Facts = [], choose: Choices = [], fhir: Bundle = None, at: At = "", as_json: AsJson = False) -> None:  # noqa: B006 - typer copies the list
    """Who should not have it: every finding with its source, and the verdict."""
    loaded, made, _, names = _planned(name, fact, choose, fhir, at)
    if as_json:
        findings: list[Json] = [present.finding_json(one, present.plain, names) for one in made.findings]
        say_json({"protocol": loaded.protocol.id, "verdict": made.verdict.value, "findings": findings, "notice": _notice(loaded)})
    else:
        say(_notice(loaded))
        say(present.verdict_words(made.verdict))
        say_findings(made.findings, names)
    raise typer.Exit(1 if made.verdict in _HELD else 0)


def leaflet(name: ProtocolName, fact: Facts = [], choose: Choices = [], fhir: Bundle = None, at: At = "", as_json: AsJson = False) -> None:  # noqa: B006 - typer copies the list
    """The patient's leaflet, answered from this order."""
    loaded, made, _, _ = _planned(name, fact, choose, fhir, at)
    blocks = leaflets.blocks(loaded.protocol, made, "en")
    if as_json:
        shown: list[Json] = [{"question": block.question, "heading": block.heading, "text": block.text} for block in blocks]
        say_json({"protocol": loaded.protocol.id, "language": "en", "blocks": shown, "notice": _notice(loaded)})
        return
    say(_notice(loaded))
    for block in blocks:
        say(f"\n{block.heading}\n{block.text}")


def _notice(loaded: LoadedProtocol) -> str:
    if loaded.protocol.legal is Legal.WITHDRAWN:
        return "WITHDRAWN: this therapy cannot be ordered."
    if loaded.protocol.maturity is Maturity.EXAMPLE:
        return "NOT FOR CLINICAL USE: an example until two local reviewers have signed it."
    return "A draft until two local reviewers have signed it."
