"""On PostgreSQL writers wait for one another where overtaking would lose something: before an id is drawn, and before a read model is
folded.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from openinfusion.store.commit import committed, fetch
from openinfusion.store.projections import StoredReadModels
from tests.store.sample_events import Counts, LineOpened, a_log, command


def blocked(rows):
    """The statements that wait for a lock in this database, now."""
    rows("SELECT pg_stat_clear_snapshot()", ())
    return [
        row[0] for row in rows("SELECT query FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()", ())
    ]


def test_a_writer_waits_before_drawing_an_id_until_the_writer_before_it_has_committed(postgres_store):
    log, order, connected = a_log(), [], threading.Event()

    def second():
        connection.ensure_connection()
        connected.set()
        log.append(command(), [("session/2", LineOpened("b"))], {})
        order.append("second committed")
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        with committed() as rows:
            waiting = pool.submit(second)
            connected.wait()
            while not blocked(rows):
                assert not waiting.done()
            order.append("first commits")
        waiting.result()
    assert order == ["first commits", "second committed"]


def test_a_reader_that_folds_waits_for_the_one_that_is_folding(postgres_store):
    log = a_log()
    models = StoredReadModels(log, [Counts()])
    models.catch_up()
    log.append(command(), [("session/1", LineOpened("a"))], {})

    def read():
        found = models.listed("counts")
        connection.close()
        return found

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            fetch("SELECT 1 FROM read_position FOR UPDATE", ())
            waiting = pool.submit(read)
            while not blocked(fetch):
                assert not waiting.done()
            assert "FOR UPDATE" in blocked(fetch)[0]  # it waits before it has read anything
        assert [row.content["lines"] for row in waiting.result()] == [1]
