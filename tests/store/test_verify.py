"""A change behind the program's back is found at exactly the place where it was made."""

import pytest
from django.db import connection

from openinfusion.store import record, verify
from openinfusion.store.samples import StoredSamples
from openinfusion.store.verify import Broken
from tests.store.rows import BLOCK
from tests.store.sample_events import LineOpened, SteppingClock, a_log, command

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture(autouse=True)
def three_streams_of_four(store):
    log = a_log()
    for step in range(4):
        log.append(command(), [(f"session/{name}", LineOpened(f"{name}{step}")) for name in "abc"], {})


def behind_its_back(statement):
    with connection.cursor() as cursor:
        for name, sql in record.trigger_sql(connection.vendor).items():
            cursor.execute(f"DROP TRIGGER {name}" if connection.vendor == "sqlite" else f"DROP TRIGGER {name} ON {sql.split()[6]}")
        cursor.execute(statement)


def test_an_untouched_record_is_good():
    walk = verify.walk()
    assert (walk.events, walk.streams, walk.broken, walk.exit_status) == (12, 3, None, 0)


@pytest.mark.parametrize(
    "change",
    [
        'payload = \'{"text":"forged"}\'',
        "actor = 'somebody.else'",
        "occurred_at = '2027-03-01T10:00:00.000000Z'",
        "command_sha256 = 'f00'",
        "n = 9",
    ],
)
def test_one_changed_column_is_found_at_its_stream_and_seq(change):
    behind_its_back(f"UPDATE event SET {change} WHERE stream = 'session/b' AND seq = 3")
    walk = verify.walk()
    assert walk.broken == Broken("session/b", 3, "was changed after it was stored")
    assert walk.exit_status == 1


def test_a_removed_event_is_found_as_missing():
    behind_its_back("DELETE FROM event WHERE stream = 'session/b' AND seq = 2")
    assert verify.walk().broken == Broken("session/b", 2, "missing: the next stored event is 3")


def test_an_event_that_was_rewritten_with_a_fitting_hash_is_found_at_the_event_after_it():
    from openinfusion.store.commit import fetch
    from openinfusion.store.eventlog import COLUMNS, link

    row = fetch(f"SELECT {COLUMNS} FROM event WHERE stream = 'session/b' AND seq = 2", ())[0]
    forged = '{"text":"forged"}'
    behind_its_back(f"UPDATE event SET payload = '{forged}', hash = '{link(row[17], row[1:16], forged)}' WHERE id = {row[0]}")
    assert verify.walk().broken == Broken("session/b", 3, "does not follow the event before it")


def test_an_event_that_was_moved_to_another_stream_is_found():
    behind_its_back("UPDATE event SET stream = 'session/d', seq = 1 WHERE stream = 'session/c' AND seq = 4")
    assert verify.walk().broken == Broken("session/d", 1, "does not follow the event before it")


def test_a_changed_sample_block_is_found():
    StoredSamples(SteppingClock()).append([BLOCK])
    assert verify.walk().blocks == 1
    behind_its_back("UPDATE sample_block SET payload = '{}'")
    walk = verify.walk()
    assert walk.broken is not None
    assert (walk.broken.stream, walk.broken.why) == ("sample_block/session/1", "was changed after it was stored")


def test_a_record_that_cannot_be_read_is_told_apart_from_a_broken_one():
    behind_its_back("DROP TABLE event")
    walk = verify.walk()
    assert walk.unreadable
    assert walk.exit_status == 2
