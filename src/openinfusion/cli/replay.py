"""`replay`: plays a recording of monitors and pumps into a made-up session on a throw-away demo store, and prints the alarms."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from openinfusion.app import present
from openinfusion.app.recording import Recording, read_labels, read_recording
from openinfusion.app.replay import Change, Flagged, Replay
from openinfusion.cli.output import NOT_FOR_CLINICAL_USE, say, say_json
from openinfusion.cli.scenario import read_scenario, throw_away_ports
from openinfusion.core.canonical import Json
from openinfusion.core.errors import Malformed, NotFound
from openinfusion.core.monitoring.scoring import Outcome, Raised, Score, Scored, score

_SESSIONS = ("iv-infliximab", "ep-labour")


def add_to(app: typer.Typer) -> None:
    """Add this room's command."""
    app.command("replay")(replay)


def replay(
    recording: Annotated[Path, typer.Argument(metavar="FILE", help="A recording, CSV or NDJSON: docs/reference/replay.md.")],
    speed: Annotated[float, typer.Option(help="Seconds of the recording in one second; 0: as fast as it goes.", min=0)] = 0,
    session: Annotated[str, typer.Option(help=f"Into which session: {', '.join(_SESSIONS)}, or a scenario file.")] = _SESSIONS[0],
    labels: Annotated[Path | None, typer.Option(help="What really went wrong, a CSV file: score the alarms against it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
) -> None:
    """Play recorded samples and pump messages through the ingestion of devices on a virtual clock, and print each alarm with its time.

    Exit status 0; with labels 1 when one of them was missed."""
    played = read_recording(recording.name, _text(recording))
    told = read_labels(labels.name, _text(labels), played.origin) if labels is not None else ()
    written = read_scenario(_scenario(session))
    with throw_away_ports(written.start) as (ports, clock):
        run = Replay(ports, clock.set, written, played)
        run.prepare()
        changes = []
        for change in run.play(_pace(speed)):
            changes.append(change)
            if not as_json:
                say(_line(change, played))
        judged = score(told, run.raised, played.arrivals[0].at, played.arrivals[-1].at) if labels is not None else None
        shown = _shown(recording.name, written.title, run, changes, judged)
    if as_json:
        say_json(shown)
    else:
        _say_end(run, judged)
    raise typer.Exit(1 if judged is not None and judged.count(Outcome.MISSED) else 0)


def _text(path: Path) -> str:
    if not path.is_file():
        raise NotFound("file", str(path))
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(path.name, "it is not UTF-8 text", "a CSV or NDJSON file in UTF-8") from error


def _scenario(session: str) -> Path:
    """A shipped session by its name, else a file."""
    if session not in _SESSIONS:
        return Path(session)
    with nullcontext(files("openinfusion.protocols").joinpath("data", "replay", f"{session}.yaml")) as shipped:
        return Path(str(shipped))


def _pace(speed: float) -> Callable[[datetime], None] | None:
    """Waits until a moment of the recording is due at this speed."""
    if speed == 0:
        return None
    began, first = time.monotonic(), list[datetime]()

    def wait(moment: datetime) -> None:
        first[:] = first or [moment]
        time.sleep(max(0.0, began + (moment - first[0]).total_seconds() / speed - time.monotonic()))

    return wait


def _shown(name: str, title: str, run: Replay, changes: list[Change], judged: Score | None) -> dict[str, Json]:
    played, state = run.recording, run.state
    tally = run.tally
    return {
        "recording": name,
        "notice": NOT_FOR_CLINICAL_USE,
        "session": title,
        "protocol": state.plan.protocol if state.plan is not None else None,
        "seconds": str(played.seconds(played.arrivals[-1].at) - played.seconds(played.arrivals[0].at)),
        "messages": {"stored": tally.stored, "repeated": tally.repeated, "commands": tally.commands, "flagged": len(tally.flagged)},
        "flagged": [_flag(one, played) for one in tally.flagged],
        "alarms": [_change(one, played) for one in changes],
        "score": None if judged is None else _score(judged, played),
    }


def _flag(one: Flagged, played: Recording) -> dict[str, Json]:
    return {"line": one.line, **_when(one.at, played), "why": one.why, "text": one.text}


def _change(one: Change, played: Recording) -> dict[str, Json]:
    words: dict[str, Json] = {"text": one.words.what_is_true, "what_to_do": one.words.what_to_do}
    parts: dict[str, Json] = {"change": one.what, "code": one.code, "key": one.key, "priority": one.priority}
    return {**_when(one.at, played), **parts, "physiological": one.physiological, **words}


def _when(at: datetime, played: Recording) -> dict[str, Json]:
    """The moment on the recording's own scale; one that counts seconds has no dates."""
    seconds: dict[str, Json] = {"seconds": str(played.seconds(at))}
    return seconds if played.is_relative else {"at": at.isoformat(), **seconds}


def _score(judged: Score, played: Recording) -> dict[str, Json]:
    per_hour = {"all": judged.false_per_hour(interrupting=False), "interrupting": judged.false_per_hour(interrupting=True)}
    return {
        "labels": len(judged.labels),
        **{outcome.value: judged.count(outcome) for outcome in Outcome},
        "false": len(judged.false),
        "hours": f"{judged.hours:.4f}",
        "false_per_hour": {name: None if rate is None else f"{rate:.3f}" for name, rate in per_hour.items()},
        "each": [_scored(one, played) for one in judged.labels],
        "false_alarms": [{**_when(one.at, played), "code": one.code, "key": one.key, "priority": one.priority} for one in judged.false],
    }


def _scored(one: Scored, played: Recording) -> dict[str, Json]:
    first: Raised | None = one.first
    told: dict[str, Json] = {"outcome": one.outcome.value, "codes": [*one.label.codes], "label": _when(one.label.at, played)}
    if first is not None and one.delay is not None:
        told |= {"alarm": {**_when(first.at, played), "key": first.key}, "delay_seconds": str(Decimal(str(one.delay.total_seconds())))}
    return told


def _line(one: Change, played: Recording) -> str:
    when = f"{played.seconds(one.at):>9} s" if played.is_relative else f"{one.at:%Y-%m-%d %H:%M:%S}Z"
    return f"{when}  {one.what:12} {present.priority_word(one.priority):6} {one.code:22} {one.words.text}"


def _say_end(run: Replay, judged: Score | None) -> None:
    tally = run.tally
    say(NOT_FOR_CLINICAL_USE)
    say(f"{tally.stored} messages stored, {tally.repeated} came twice, {tally.commands} commands, {len(tally.flagged)} flagged")
    for one in tally.flagged:
        say(f"  line {one.line}: {one.why}: {one.text}")
    if judged is None:
        return
    rate = judged.false_per_hour(interrupting=True)
    counts = ", ".join(f"{judged.count(outcome)} {outcome.value}" for outcome in Outcome)
    say(
        f"{len(judged.labels)} labels: {counts}; {len(judged.false)} false alarms"
        + (f", {rate:.2f} an hour interrupt" if rate is not None else "")
    )
