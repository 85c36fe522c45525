"""`run`: plays a scenario file on a throw-away demo store with made-up staff, never on the real one."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from openinfusion.app import outcomes, present, records
from openinfusion.app.bedside import state_of
from openinfusion.app.judging import scores_of
from openinfusion.app.ports import Ports
from openinfusion.app.scenario import Played, Player, Scenario, unmet, unmet_steps
from openinfusion.cli.output import NOT_FOR_CLINICAL_USE, say, say_json, warn
from openinfusion.core.canonical import Json
from openinfusion.core.errors import NotFound
from openinfusion.protocols.reading import Problems, parse, read_document


def add_to(app: typer.Typer) -> None:
    """Add this room's command."""
    app.command("run")(run)


def read_scenario(path: Path) -> Scenario:
    """The scenario of a file; raises NotFound, or ProtocolError with every problem and its line."""
    if not path.is_file():
        raise NotFound("scenario file", str(path))
    problems = Problems()
    document = read_document(path, problems)
    scenario = parse(Scenario, document.tree, document, problems) if document else None
    problems.settle()
    if scenario is None:
        raise AssertionError("a scenario that is not read leaves a problem")
    return scenario


@contextmanager
def throw_away_ports(start: datetime) -> Iterator[tuple[Ports, "SetClock"]]:
    """Ports on a new demo store in a temporary folder, and the hand of its clock. Gone afterwards."""
    from openinfusion import config, wiring
    from openinfusion.app.ports import StoreKind

    folder = tempfile.mkdtemp(prefix="openinfusion-run-")
    try:
        configuration = config.load({"OPENINFUSION_HOME": folder}, StoreKind.DEMO)
        wiring.make_store(configuration)
        clock = SetClock(start)
        try:
            yield wiring.ports(configuration, clock), clock
        finally:
            wiring.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class SetClock:
    """A clock that stands where it was set."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """The moment it was set to."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Set it."""
        self._now = moment


def run(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario file, such as examples/iv-rituximab.yaml.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Play a whole therapy from order to discharge. Exit status 0 when everything went as the scenario expects, 1 otherwise."""
    written = read_scenario(scenario)
    with throw_away_ports(written.start) as (ports, clock):
        player = Player(written, ports, clock.set)
        played = list(_watched(player, len(written.steps)))
        names = present.glossary_of(ports.library.entries()[written.protocol], ports.library.reference.fields)
        shown, wrong = _told(player, played, clock.now())
    shown = {"scenario": written.title, "notice": NOT_FOR_CLINICAL_USE, **shown, "unmet": [*wrong]}
    if as_json:
        say_json(shown)
    else:
        _say(shown, played, names)
    raise typer.Exit(1 if wrong else 0)


def _told(player: Player, played: list[Played], now: datetime) -> tuple[dict[str, Json], tuple[str, ...]]:
    """Protocol, steps, record and outcome, and what did not go as written. Without a session there is neither record nor outcome."""
    ports, written = player.ports, player.scenario
    state = state_of(ports, str(player.session)) if player.planned else None
    plan = state.plan if state else None
    loaded = ports.library.of_hash(plan.content_hash) if plan else ports.library.entries()[written.protocol]
    names = present.glossary_of(loaded, ports.library.reference.fields)
    shown: dict[str, Json] = {
        "protocol": {"id": loaded.protocol.id, "version": loaded.protocol.version, "hash": loaded.content_hash},
        "steps": [_step(one, names) for one in played],
        "record": None,
        "outcome": None,
    }
    if state is None or plan is None:
        return shown, ("no session was planned: the order never got that far", *unmet_steps(played))
    grades = [reaction.grade for reaction in state.reactions if reaction.grade is not None]
    shown["record"] = records.record(state, loaded.protocol, now, scores_of(ports, state))
    shown["outcome"] = outcomes.outcome_json(state, loaded.protocol, now)
    return shown, unmet(written, played, state.status.value, records.delivered_volume(state, now), grades)


def _watched(player: Player, total: int) -> Iterator[Played]:
    with Progress(transient=True, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Playing", total=total)
        for one in player.play():
            progress.advance(task)
            yield one


def _step(one: Played, names: present.Glossary) -> dict[str, Json]:
    findings: list[Json] = [present.finding_json(finding, present.plain, names) for finding in one.findings]
    return {
        "at": one.at.isoformat(),
        "message" if one.is_message else "command": one.name,
        "accepted": one.accepted,
        "events": [*one.events],
        "findings": findings,
        **({"error": one.error, "text": one.why} if one.error else {}),
    }


def _say(shown: dict[str, Json], played: list[Played], names: present.Glossary) -> None:
    say(NOT_FOR_CLINICAL_USE)
    say(str(shown["scenario"]))
    for one in played:
        mark = "      " if one.as_expected else "WRONG "
        say(f"{mark}{one.at:%H:%M:%S}  {one.name:24} {'accepted' if one.accepted else 'refused '}  {', '.join(one.events)}")
        if one.why and not one.findings:
            say(f"                {one.why}")
        for finding in one.findings:
            say(f"                {present.finding(finding, present.plain, names).text}")
    record = shown["record"]
    if isinstance(record, dict):
        say(f"Status {record['status']}, delivered {record['delivered']}")
    for line in shown["unmet"] if isinstance(shown["unmet"], list) else []:
        warn(f"Not as written: {line}")
