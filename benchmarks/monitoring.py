"""Claim: one process keeps up with 1,000 running sessions, each with a pump at 0.2 Hz and five vital signs at 1 Hz, in batches of a second.

One turn is one second of all sessions: its blocks are stored in one COMMIT, as the gate of samples does it, in SQLite (WAL,
synchronous=FULL), and the watch looks at every session. A pressure below its limit is put into one session a turn; `latency_ms` is the
time from its COMMIT until its alarm is committed, within the turn. The turn must take less than a second, or a backlog grows. Turns run
one after the other without waiting, on one thread; nothing is shown in a browser here. Prints one JSON object.

    .venv/bin/python benchmarks/monitoring.py [--sessions 1000] [--turns 20]
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

from openinfusion.app import bedside, monitoring
from openinfusion.app.ports import Ports, SampleBlock
from openinfusion.app.scenario import Player, Scenario, Step
from openinfusion.cli.scenario import SetClock, read_scenario, throw_away_ports
from openinfusion.core.quantity import Quantity

SCENARIO = Path(str(files("openinfusion.protocols"))) / "data" / "replay" / "ep-labour.yaml"
SECOND = timedelta(seconds=1)


def begun(scenario: Scenario, ports: Ports, clock: SetClock, n: int) -> str:
    """One session that runs, with a pump and a monitor of its own."""
    who = scenario.patient.model_copy(update={"mrn": f"EX-{n}", "family_name": f"Example{n}"})
    mine = scenario.model_copy(update={"title": f"{scenario.title} {n}", "patient": who})
    player = Player(mine, ports, clock.set)
    for _ in player.play():
        pass
    start, by = player.moment_of(len(mine.steps)), mine.steps[-1].by
    for device, kind in ((f"mon-{n}", "monitor"), (f"pump-{n}", "pump")):
        player.act(device, Step(at=Quantity(0, "s"), by=by, command={"type": "AssociateDevice", "device": device, "kind": kind}), start)
    return str(player.session)


def blocks(sessions: list[str], now: datetime, turn: int) -> list[SampleBlock]:
    """What the devices of all sessions say in one second."""
    found = []
    for n, session in enumerate(sessions):
        low = n == turn % len(sessions)
        values = {"pulse": "/min", "spo2": "%", "resp_rate": "/min", "bp.systolic": "mm[Hg]", "bp.diastolic": "mm[Hg]"}
        told = {"pulse": 72 + turn % 3, "spo2": 97, "resp_rate": 14 + turn % 2, "bp.systolic": 60 if low else 118, "bp.diastolic": 70}
        found.append(SampleBlock(f"mon-{n}", session, now, (0,), {name: (unit, (str(told[name]),)) for name, unit in values.items()}))
        if (n + turn) % 5 == 0:
            found.append(SampleBlock(f"pump-{n}", session, now, (0,), {"pump.volume": ("mL", ("1",))}))
    return found


def turn_of(ports: Ports, clock: SetClock, watch: monitoring.Watch, sessions: list[str], turn: int) -> tuple[float, float, float, float]:
    """Seconds for storing, for looking, for both, and from the COMMIT of the low pressure to that of its alarm."""
    now = clock.now() + SECOND
    clock.set(now)
    fresh = blocks(sessions, now, turn)
    began = time.perf_counter()
    ports.samples.append(fresh)
    stored, told = time.perf_counter(), 0.0
    watch.listen()
    for n, session in enumerate(sessions):
        watched = watch.look(session, watch_seq[session])
        watch_seq[session] = watched.state.seq
        if n == turn % len(sessions) and any(one.code == "limit-crossed" for one in watched.changed):
            told = time.perf_counter() - stored
    done = time.perf_counter()
    return stored - began, done - stored, done - began, told


watch_seq: dict[str, int] = {}


def main() -> int:
    """Measure, print, and say whether the claim holds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=20)
    wanted = parser.parse_args()
    scenario = read_scenario(SCENARIO)
    with throw_away_ports(scenario.start) as (ports, clock):
        sessions = [begun(scenario, ports, clock, n) for n in range(wanted.sessions)]
        watch_seq.update({session: bedside.state_of(ports, session).seq for session in sessions})
        watch = monitoring.Watch(ports, monitoring.alarm_tables(ports.library.reference.tables.values()))
        turns = [turn_of(ports, clock, watch, sessions, turn) for turn in range(wanted.turns + 2)][2:]
    storing, looking, both, latencies = ([one[part] for one in turns] for part in range(4))
    told = sorted(one * 1000 for one in latencies if one)
    shown = {
        "claim": "monitoring",
        "sessions": len(sessions),
        "turns": len(turns),
        "second_of_all_sessions_takes_s": {"median": round(statistics.median(both), 3), "longest": round(max(both), 3)},
        "of_it_storing_s": round(statistics.median(storing), 3),
        "of_it_looking_s": round(statistics.median(looking), 3),
        "alarms_told": len(told),
        "latency_ms": {"median": round(statistics.median(told)), "longest": round(told[-1])} if told else None,
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "load": os.getloadavg()[0],
        "holds": max(both) <= 1.0,
    }
    print(json.dumps(shown))
    return 0 if shown["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
