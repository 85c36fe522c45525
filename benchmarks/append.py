"""What an append costs: the CPU of one, and commits per second against bare sqlite3 with the same durability, in interleaved blocks of
one run.

The bare writer inserts a row of the same columns, keys and size with WAL and synchronous=FULL and does nothing else: no chain, no
guard, no look-up of the command. Blocks of both run back to back, so that whatever else the machine does meets both. Prints one JSON
object.

    .venv/bin/python benchmarks/append.py [--blocks 20] [--each 500] [--folder DIR]
"""

import argparse
import json
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
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

EVENT = GivenRecorded(
    SegmentKind.FLOW, Quantity("12.5", "mL"), container_code="C-4711-0042", reason="charted from the paper record of the night"
)

Write = Callable[[int], None]


def bare(folder: Path) -> Write:
    """A writer that knows nothing but INSERT and COMMIT."""
    from openinfusion.store import record
    from openinfusion.store.eventlog import COLUMNS
    from openinfusion.store.kinds import CODEC

    database = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}")
    for statement in record.statements("sqlite"):
        if statement.startswith("CREATE TABLE event"):
            database.execute(statement)
    columns = COLUMNS.removeprefix("id, ")
    insert = f"INSERT INTO event ({columns}) VALUES ({', '.join('?' * len(columns.split(', ')))})"
    digest, payload, moment = sha256("x"), CODEC.encode(EVENT), "2027-03-01T09:00:00.000000Z"
    fixed = (EVENT.KIND, 1, moment, moment, "Europe/Lisbon", "nurse.a", "", "", None, None)

    def write(number: int) -> None:
        database.execute("BEGIN IMMEDIATE")
        place = (f"session/{number % STREAMS}", number // STREAMS + 1)
        database.execute(insert, (*place, *fixed, str(uuid4()), 1, digest, payload, digest, digest))
        database.execute("COMMIT")

    return write


def ours(folder: Path) -> Write:
    """The store itself: command look-up, guard, chain, COMMIT, receipt."""
    wiring.make_store(config.load({"OPENINFUSION_HOME": str(folder / "home")}))
    log = wiring.event_log()
    digest = sha256("x")

    def write(number: int) -> None:
        stream = f"session/{number % STREAMS}"
        envelope = Envelope(uuid4(), digest, "nurse.a", wiring.CLOCK.now(), zone="Europe/Lisbon")
        receipt = log.append(envelope, [(stream, EVENT)], {stream: number // STREAMS})
        assert receipt.events[0].seq == number // STREAMS + 1

    return write


def block(write: Write, first: int, count: int) -> tuple[float, float]:
    """Wall and CPU seconds of `count` writes."""
    wall, cpu = time.perf_counter(), time.process_time()
    for number in range(first, first + count):
        write(number)
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


def main() -> None:
    """Run the pairs and print the result."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--blocks", type=int, default=20)
    options.add_argument("--each", type=int, default=500)
    options.add_argument("--folder", type=Path, default=None)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        disk_us = sync_us(Path(name))
        writers = {"bare": bare(Path(name)), "ours": ours(Path(name))}
        taken: dict[str, list[tuple[float, float]]] = {label: [] for label in writers}
        for write in writers.values():
            block(write, 0, chosen.each)
        for number in range(1, chosen.blocks + 1):
            for label in ("bare", "ours") if number % 2 else ("ours", "bare"):
                taken[label].append(block(writers[label], number * chosen.each, chosen.each))
    ratios = [one[0] / other[0] for one, other in zip(taken["bare"], taken["ours"], strict=True)]
    cpu_us = {label: round(statistics.median(cpu for _, cpu in pairs) / chosen.each * 1e6, 1) for label, pairs in taken.items()}
    result = {
        "benchmark": "append",
        "blocks": chosen.blocks,
        "commits_per_block": chosen.each,
        "cpu_us_per_append": cpu_us["ours"],
        "cpu_us_per_bare_insert": cpu_us["bare"],
        "disk_sync_us": disk_us,
        "cpu_limit_us": CPU_LIMIT_US,
        "commits_per_s": {label: round(chosen.each / statistics.median(wall for wall, _ in pairs)) for label, pairs in taken.items()},
        "rate_to_bare": {"median": round(statistics.median(ratios), 3), "min": round(min(ratios), 3), "max": round(max(ratios), 3)},
        "rate_wanted": RATE_WANTED,
        "holds": cpu_us["ours"] <= CPU_LIMIT_US and statistics.median(ratios) >= RATE_WANTED,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
