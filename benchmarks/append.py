"""Claim: storing one command takes at most 400 us of CPU, and commits per second are at least 0.8 of those of plain sqlite3.

Three writers in one run, one event per commit, each with a file of its own on the same disk, WAL and synchronous=FULL:

- ours: the store's `append` with all it does: look-up of the command, guard, chain, canonical text, INSERT, COMMIT, receipt.
- peer: the sqlite3 module, autocommit, an INSERT of rows of the same bytes into the same table with the same keys, index and triggers,
  and nothing else. The claim compares with this one: what the store adds to the same safe table.
- table: as the peer, but into a table that has the columns only: no unique key, no index, no trigger. Reported, not claimed.

Each is measured with one writer, which is the claim, and with four threads that write at once, each to sessions of its own, as a ward does.
The peer's threads take turns by a lock as ours do, so that none of them sleeps in SQLite's busy handler.

What a writer is given (rows, envelopes) is made before its clock starts. Short blocks of the three run in turn, and each ratio is that
of two neighbouring blocks, so that whatever else the machine does meets all of them; the median ratio counts. The ratio depends on the
disk, since what the store adds is the same microseconds of CPU on each: `disk_sync_us` says how fast this disk answered before the blocks
began, and `load` how many other programs wanted the processors. Prints one JSON object.

    .venv/bin/python benchmarks/append.py [--blocks 60] [--each 100] [--folder DIR]
"""

import argparse
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

from openinfusion import config, wiring
from openinfusion.app.ports import Envelope
from openinfusion.core.administration.events import GivenRecorded
from openinfusion.core.administration.parts import SegmentKind
from openinfusion.core.canonical import sha256
from openinfusion.core.quantity import Quantity

CPU_LIMIT_US = 400
RATE_WANTED = 0.8
STREAMS = 100
WARM_UP_BLOCKS = 5

EVENT = GivenRecorded(
    SegmentKind.FLOW, Quantity("12.5", "mL"), container_code="C-4711-0042", reason="charted from the paper record of the night"
)
DIGEST = sha256("x")

THREADS = 4

Write = Callable[[], object]
Prepare = Callable[[int], Write]
"""Makes one write of a running number ready; the write itself is what is timed."""


def place(number: int) -> tuple[str, int]:
    """Stream and seq of the event with this running number."""
    return f"session/{number % STREAMS}", number // STREAMS + 1


def plain(file: Path, statements: Sequence[str]) -> Prepare:
    """A writer that knows nothing but an INSERT of its own transaction into the table of these statements."""
    from openinfusion.store.eventlog import COLUMNS
    from openinfusion.store.kinds import CODEC

    own, turn = threading.local(), threading.Lock()

    def connected() -> sqlite3.Connection:
        if not hasattr(own, "database"):
            own.database = sqlite3.connect(file, isolation_level=None)
            own.database.execute("PRAGMA journal_mode=WAL")
            own.database.execute("PRAGMA synchronous=FULL")
        found: sqlite3.Connection = own.database
        return found

    for statement in statements:
        connected().execute(statement)
    columns = COLUMNS.removeprefix("id, ")
    insert = f"INSERT INTO event ({columns}) VALUES ({', '.join('?' * len(columns.split(', ')))})"
    payload, moment = CODEC.encode(EVENT), "2027-03-01T09:00:00.000000Z"
    fixed = (EVENT.KIND, EVENT.VERSION, moment, moment, "Europe/Lisbon", "nurse.a", "", "", None, None)

    def prepare(number: int) -> Write:
        row = (*place(number), *fixed, str(uuid4()), 1, DIGEST, payload, DIGEST, DIGEST)

        def write() -> None:
            with turn:
                connected().execute(insert, row)

        return write

    return prepare


def ours(folder: Path) -> Prepare:
    """The store itself."""
    wiring.make_store(config.load({"OPENINFUSION_HOME": str(folder / "home")}))
    log = wiring.event_log()

    def prepare(number: int) -> Write:
        stream, seq = place(number)
        envelope = Envelope(uuid4(), DIGEST, "nurse.a", wiring.CLOCK.now(), zone="Europe/Lisbon")
        return lambda: log.append(envelope, [(stream, EVENT)], {stream: seq - 1})

    return prepare


def keyless_table() -> str:
    """The event table's columns and types without any key or check."""
    from openinfusion.store.eventlog import COLUMNS

    whole = {"seq", "version", "device_seq", "clock_offset_ms", "n"}
    columns = (f"{name} {'INTEGER' if name in whole else 'TEXT'}" for name in COLUMNS.removeprefix("id, ").split(", "))
    return f"CREATE TABLE event (id INTEGER PRIMARY KEY, {', '.join(columns)}) STRICT"


def writers(folder: Path) -> dict[str, Prepare]:
    """The three writers by name; `ours` first, for it loads Django."""
    made = {"ours": ours(folder)}
    from openinfusion.store import record

    same = [sql for sql in record.statements("sqlite") if " event " in f"{sql} ".replace("\n", " ")]
    return {**made, "peer": plain(folder / "peer.sqlite3", same), "table": plain(folder / "table.sqlite3", [keyless_table()])}


def block(prepare: Prepare, first: int, count: int) -> tuple[float, float]:
    """Wall and CPU seconds of `count` writes."""
    writes = [prepare(number) for number in range(first, first + count)]
    wall, cpu = time.perf_counter(), time.process_time()
    for write in writes:
        write()
    return time.perf_counter() - wall, time.process_time() - cpu


def block_of_threads(prepare: Prepare, first: int, count: int, pool: ThreadPoolExecutor) -> tuple[float, float]:
    """Wall and CPU seconds of `count` writes by several threads, each with streams of its own."""
    writes = [[prepare(number) for number in range(first, first + count) if number % THREADS == thread] for thread in range(THREADS)]
    wall, cpu = time.perf_counter(), time.process_time()
    list(pool.map(lambda mine: [write() for write in mine], writes))
    return time.perf_counter() - wall, time.process_time() - cpu


def sync_us(folder: Path) -> float:
    """Median microseconds of a bare 12 KiB write with fsync, about what a commit of one row writes: how fast this disk answers."""
    page, taken = b"x" * 12288, []
    with (folder / "sync").open("wb", buffering=0) as file:
        file.write(page)
        for _ in range(300):
            file.seek(0)
            start = time.perf_counter()
            file.write(page)
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - start) * 1e6)
    return round(statistics.median(taken), 1)


def ratio(of: Sequence[tuple[float, float]], to: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Commits per second of one writer over those of another, block by block."""
    found = [other[0] / one[0] for one, other in zip(of, to, strict=True)]
    return {"median": round(statistics.median(found), 3), "min": round(min(found), 3), "max": round(max(found), 3)}


def measure(folder: Path, blocks: int, each: int) -> dict[str, Any]:
    """Run all blocks and say what they took."""
    made = writers(folder)
    alone: dict[str, list[tuple[float, float]]] = {name: [] for name in made}
    together: dict[str, list[tuple[float, float]]] = {name: [] for name in made}
    number = 0
    with ThreadPoolExecutor(THREADS) as pool:
        for turn in range(WARM_UP_BLOCKS + blocks):
            for name in list(made) if turn % 2 else reversed(made):
                alone[name].append(block(made[name], number, each))
                together[name].append(block_of_threads(made[name], number + each, each, pool))
            number += 2 * each
    cpu_us = {name: round(statistics.median(cpu for _, cpu in pairs[WARM_UP_BLOCKS:]) / each * 1e6, 1) for name, pairs in alone.items()}
    shown: dict[str, Any] = {"claim": "append", "blocks": blocks, "commits_per_block": each, "cpu_us": cpu_us, "cpu_limit_us": CPU_LIMIT_US}
    for who, taken in (("one_writer", alone), ("four_writers", together)):
        timed = {name: pairs[WARM_UP_BLOCKS:] for name, pairs in taken.items()}
        shown[who] = {
            "commits_per_s": {name: round(each / statistics.median(wall for wall, _ in pairs)) for name, pairs in timed.items()},
            "rate_to_peer": ratio(timed["ours"], timed["peer"]),
            "rate_to_table": ratio(timed["ours"], timed["table"]),
        }
    found = shown["one_writer"]["rate_to_peer"]["median"]
    return {**shown, "rate_wanted": RATE_WANTED, "holds": cpu_us["ours"] <= CPU_LIMIT_US and found >= RATE_WANTED}


def main() -> int:
    """Print what was measured and whether the claim holds; exit status 1 when it does not."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--blocks", type=int, default=60, help="timed blocks of each writer")
    options.add_argument("--each", type=int, default=100, help="commits of a block")
    options.add_argument("--folder", type=Path, default=None, help="where to write; decides which disk is measured")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        disk_us = sync_us(Path(name))
        result = {**measure(Path(name), chosen.blocks, chosen.each), "disk_sync_us": disk_us, "load": round(os.getloadavg()[0], 1)}
    print(json.dumps(result))
    return 0 if result["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
