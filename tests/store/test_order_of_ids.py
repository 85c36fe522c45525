"""On PostgreSQL ids commit in the order in which they are drawn; otherwise a reader of the feed could pass an event that is still on its
way."""

import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from openinfusion.store.commit import committed
from tests.store.sample_events import LineOpened, a_log, command


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
            while not rows("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", ()):
                assert not waiting.done()
            order.append("first commits")
        waiting.result()
    assert order == ["first commits", "second committed"]
