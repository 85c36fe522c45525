"""What was acknowledged is there after the writer was killed without warning; what was not is there wholly or not at all."""

import subprocess
import sys
from pathlib import Path
from uuid import UUID

from django.db import connection

from openinfusion.store import verify
from openinfusion.store.commit import fetch
from tests.databases import use_database
from tests.store.sample_events import LineOpened, a_log, command


def _killed_after(url, acknowledgements):
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.store.writer", url],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with writer:
        assert writer.stdout is not None
        acknowledged = [UUID(writer.stdout.readline().strip()) for _ in range(acknowledgements)]
        writer.kill()
        acknowledged += [UUID(line.strip()) for line in writer.stdout if len(line) == 37]
    return acknowledged


def _wait_until_the_server_has_noticed():
    others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while connection.vendor == "postgresql" and fetch(others, ()):
        pass


def test_a_killed_writer_loses_nothing_that_it_acknowledged_and_a_retry_stores_nothing_twice(store):
    connection.close()
    acknowledged = _killed_after(store, 50)
    use_database(store)
    _wait_until_the_server_has_noticed()
    log = a_log()
    stored = log.feed(0, limit=100_000)
    assert set(acknowledged) <= {recorded.command_id for recorded in stored}
    assert len(log.read("session/1")) == len(log.read("session/2")) == len(stored) / 2
    assert verify.walk().broken is None
    for command_id in acknowledged:
        assert log.append(command(command_id, body="same"), [("session/1", LineOpened("a"))], {}).repeated
    assert log.head() == stored[-1].id
