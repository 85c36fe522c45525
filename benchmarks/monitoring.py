"""Claim: one process keeps up with 1,000 running sessions, each with a pump at 0.2 Hz and five vital signs at 1 Hz, in batches of a second,
and a sample that crosses a limit is an alarm within a second.

One turn is one second of all sessions: its blocks are stored in one COMMIT, as the gate of samples does it, in SQLite (WAL,
synchronous=FULL), and the watch looks at every session. In each turn one session's pressure falls below its limits for that second;
`latency_ms` is the time from the COMMIT of the sample until its alarms are committed. Turns run one after the other without waiting, on one
thread: `backlog_s` is how far the watch would be behind at the end of the turns, each begun on its second or as soon as the one before is
done, and the most it was behind on the way. Nothing is shown in a browser here. The sessions are copies of one that a scenario played,
event by event, each with a patient and devices of its own.

Beside it `reactivex`: the same samples through one pipeline for each limit (a scan that waits for three values inside before an alarm
ends, then distinct values), in memory, with no store, no record and none of the other conditions; what it raised is compared with what
the watch raised. It is left out where reactivex is not installed (`.venv/bin/pip install --require-hashes -r requirements/bench.txt`).

Prints one JSON object.

    .venv/bin/python benchmarks/monitoring.py [--sessions 1000] [--turns 60]
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from openinfusion import config
from openinfusion.app import bedside, monitoring
from openinfusion.app.commands import envelope, write_command
from openinfusion.app.ports import Envelope, Ports, SampleBlock
from openinfusion.app.scenario import Player, Scenario, Step
from openinfusion.cli.scenario import SetClock, read_scenario, throw_away_ports
from openinfusion.core.administration import events as e
from openinfusion.core.administration.commands import RaiseAlarm, ReceivePumpReport
from openinfusion.core.administration.parts import Actor, PumpReport
from openinfusion.core.event import Event
from openinfusion.core.prescribing.events import FactsRecorded
from openinfusion.core.quantity import Quantity

SCENARIO = Path(str(files("openinfusion.protocols"))) / "data" / "replay" / "ep-labour.yaml"
SECOND = timedelta(seconds=1)
UNITS = {"pulse": "/min", "spo2": "%", "resp_rate": "/min", "bp.systolic": "mm[Hg]", "bp.diastolic": "mm[Hg]"}
LOW = "60"
WARM = 8
"""Turns before the measured ones: in the first, every session is read for the first time; then each pump has to be heard once."""
GROUPS, APART = 60, timedelta(seconds=15)
LIMITS: Mapping[str, float] = {"hypotension": 0.8 * 118, "hypotension-profound": 70, "hypotension-site": 90}
"""Those of the scenario's protocol, with the baseline of 118 that it charts."""


@dataclass
class Bed:
    """One session with the seq of its newest event."""

    session: str
    seq: int


def played(scenario: Scenario, ports: Ports, clock: SetClock) -> str:
    """One session that runs, with a pump and a monitor."""
    player = Player(scenario, ports, clock.set)
    for _ in player.play():
        pass
    start, by = player.moment_of(len(scenario.steps)), scenario.steps[-1].by
    for device, kind in (("mon", "monitor"), ("pump", "pump")):
        player.act(device, Step(at=Quantity(0, "s"), by=by, command={"type": "AssociateDevice", "device": device, "kind": kind}), start)
    clock.set(start + SECOND)
    session = str(player.session)
    command = ReceivePumpReport("pump", PumpReport("infusing", bedside.state_of(ports, session).rate))
    sent = envelope(uuid4(), write_command(command), "pump", clock.now())
    bedside.handle(ports, session, command, sent, Actor("pump", frozenset({"device"})))
    return session


def copied(session: str, ports: Ports, clock: SetClock, count: int) -> list[Bed]:
    """So many copies of a session, command by command; they began at sixty different moments of a quarter of an hour."""
    template = ports.log.read(f"session/{session}")
    planned = template[0].event
    assert isinstance(planned, e.SessionPlanned)
    patients = ports.log.read(f"patient/{planned.patient}")
    beds = [Bed(str(UUID(int=n + 1)), len(template)) for n in range(count)]
    history = sorted((*template, *patients), key=lambda one: one.id)
    for _, group in groupby(history, key=lambda one: one.command_id):
        told = list(group)
        for late in range(min(GROUPS, count)):
            earlier = late * APART
            clock.set(told[0].recorded_at - earlier)
            copies = [(stream_of(one.stream, n, beds[n]), event_of(one.event, n)) for n in range(late, count, GROUPS) for one in told]
            ports.log.append(Envelope(uuid4(), "0" * 64, told[0].actor, told[0].occurred_at - earlier), copies, {})
    clock.set(history[-1].recorded_at)
    return beds


def stream_of(stream: str, n: int, bed: Bed) -> str:
    """The stream of a copy."""
    return f"session/{bed.session}" if stream.startswith("session/") else f"patient/P{n}"


def event_of(event: Event, n: int) -> Event:
    """An event of a copy: its own patient and devices."""
    match event:
        case e.SessionPlanned():
            return replace(event, patient=f"P{n}", course=f"C{n}", patient_code=f"W{n}")
        case e.DeviceAssociated() | e.PumpReported():
            return replace(event, device=f"{event.device}-{n}")
        case FactsRecorded() | _:
            return event


def values(turn: int, *, low: bool) -> Mapping[str, str]:
    """What a monitor shows in one second."""
    sway = turn % 3
    return {
        "pulse": str(72 + sway),
        "spo2": "97",
        "resp_rate": str(14 + turn % 2),
        "bp.systolic": LOW if low else str(117 + sway),
        "bp.diastolic": str(69 + sway),
    }


def blocks(beds: list[Bed], now: datetime, turn: int) -> Iterator[SampleBlock]:
    """What the devices of all sessions say in one second."""
    for n, bed in enumerate(beds):
        told = values(turn, low=n == turn % len(beds))
        yield SampleBlock(f"mon-{n}", bed.session, now, (0,), {name: (UNITS[name], (text,)) for name, text in told.items()})
        if (n + turn) % 5 == 0:
            yield SampleBlock(f"pump-{n}", bed.session, now, (0,), {"pump.volume": ("mL", ("1",))})


@dataclass
class Turn:
    """Seconds for storing and looking, from the COMMIT of the low pressure to that of its alarms, the limits that were raised, the CPU
    seconds of this process, and how many sessions moved."""

    storing: float
    looking: float
    latency: float
    raised: int
    cpu: float
    changes: int

    @property
    def both(self) -> float:
        """The whole second."""
        return self.storing + self.looking


def turn_of(ports: Ports, clock: SetClock, watch: monitoring.Watch, beds: list[Bed], turn: int) -> Turn:
    """One second of all sessions."""
    now = clock.now() + SECOND
    clock.set(now)
    fresh = list(blocks(beds, now, turn))
    began, used = time.perf_counter(), time.process_time()
    ports.samples.append(fresh)
    stored, latency, raised, changes = time.perf_counter(), 0.0, 0, 0
    watch.listen()
    for n, bed in enumerate(beds):
        watched = watch.look(bed.session, bed.seq)
        changes += bed.seq != watched.state.seq
        bed.seq = watched.state.seq
        limits = sum(isinstance(one, RaiseAlarm) and one.code == "limit-crossed" for one in watched.changed)
        raised += limits
        if n == turn % len(beds) and limits:
            latency = time.perf_counter() - stored
    return Turn(stored - began, time.perf_counter() - stored, latency, raised, time.process_time() - used, changes)


def backlog(turns: list[Turn]) -> tuple[float, float]:
    """How far the watch is behind at the end, and the most that it was, when a turn begins on its second or once the last is done."""
    done, most = 0.0, 0.0
    for n, turn in enumerate(turns):
        done = max(done, float(n)) + turn.both
        most = max(most, done - n - 1)
    return max(0.0, done - len(turns)), max(0.0, most)


def peer(sessions: int, turns: int) -> dict[str, Any] | None:
    """The same samples through pipelines of reactivex: seconds for a second of all sessions, and the alarms that began."""
    try:
        from reactivex import operators as ops
        from reactivex.subject import Subject
    except ImportError:
        return None
    raised: list[tuple[int, str]] = []

    def watching(n: int, limit: str, bound: float) -> Subject[Mapping[str, str]]:
        def step(held: int, value: float) -> int:  # 0: none, 3: raised, less: so many more values have to be better than the dead band
            if value < bound:
                return 3
            return 0 if held == 0 else held - (value >= bound * 1.02) if value >= bound * 1.02 else 3

        subject: Subject[Mapping[str, str]] = Subject()
        subject.pipe(
            ops.map(lambda told: float(told["bp.systolic"])),
            ops.scan(step, 0),
            ops.map(lambda held: held > 0),
            ops.distinct_until_changed(),
            ops.filter(lambda is_on: is_on),
        ).subscribe(lambda _: raised.append((n, limit)))
        return subject

    subjects = [[watching(n, name, bound) for name, bound in LIMITS.items()] for n in range(sessions)]
    took = []
    for turn in range(turns):
        began = time.perf_counter()
        for n, streams in enumerate(subjects):
            told = values(turn, low=n == turn % sessions)
            for subject in streams:
                subject.on_next(told)
        took.append(time.perf_counter() - began)
    return {"second_of_all_sessions_takes_s": round(statistics.median(took), 4), "raised": len(raised)}


def stored_bytes() -> int:
    """The size of the database with its log."""
    home = config.current().home
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file() and ".sqlite" in path.name)


def main() -> int:
    """Measure, print, and say whether the claim holds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=60)
    wanted = parser.parse_args()
    scenario = read_scenario(SCENARIO)
    with throw_away_ports(scenario.start) as (ports, clock):
        beds = copied(played(scenario, ports, clock), ports, clock, wanted.sessions)
        watch = monitoring.Watch(ports, monitoring.alarm_tables(ports.library.reference.tables.values()))
        first = [turn_of(ports, clock, watch, beds, turn) for turn in range(WARM)]
        before = stored_bytes()
        turns = [turn_of(ports, clock, watch, beds, turn) for turn in range(WARM, wanted.turns + WARM)]
        grown = stored_bytes() - before
    print(json.dumps(shown(wanted.sessions, first, turns, grown)))
    return 0 if holds(turns) else 1


def holds(turns: list[Turn]) -> bool:
    """Whether nothing is left behind and every alarm came within a second."""
    return backlog(turns)[0] == 0 and statistics.median(one.both for one in turns) <= 1 and max(one.latency for one in turns) <= 1


def shown(sessions: int, first: list[Turn], turns: list[Turn], grown: int) -> dict[str, Any]:
    """The figures."""
    told = sorted(one.latency * 1000 for one in turns if one.latency)
    behind, most = backlog(turns)
    return {
        "claim": "monitoring",
        "sessions": sessions,
        "turns": len(turns),
        "first_turn_s": round(first[0].both, 2),
        "second_of_all_sessions_takes_s": {
            "median": round(statistics.median(one.both for one in turns), 3),
            "p99": round(sorted(one.both for one in turns)[min(len(turns) - 1, int(len(turns) * 0.99))], 3),
            "longest": round(max(one.both for one in turns), 3),
        },
        "cpu_s": {"median": round(statistics.median(one.cpu for one in turns), 3), "longest": round(max(one.cpu for one in turns), 3)},
        "sessions_that_moved": {"median": statistics.median(one.changes for one in turns), "most": max(one.changes for one in turns)},
        "of_it_storing_s": round(statistics.median(one.storing for one in turns), 3),
        "of_it_looking_s": round(statistics.median(one.looking for one in turns), 3),
        "backlog_s": {"at_the_end": round(behind, 2), "most": round(most, 2)},
        "limits_raised": sum(one.raised for one in turns),
        "latency_ms": {
            "median": round(statistics.median(told)),
            "p99": round(told[min(len(told) - 1, int(len(told) * 0.99))]),
            "longest": round(told[-1]),
        }
        if told
        else None,
        "megabytes_per_hour": round(grown / len(turns) * 3600 / 1e6),
        "reactivex": peer(sessions, len(turns)),
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "load": round(os.getloadavg()[0], 1),
        "holds": holds(turns),
    }


if __name__ == "__main__":
    sys.exit(main())
