"""The record: one chain per stream, one command once, nothing acknowledged before COMMIT (on both databases)."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from uuid import uuid4

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.canonical import canonical, sha256
from openinfusion.core.errors import Conflict, IdReused, NotSaved
from openinfusion.core.forms import utc_text
from openinfusion.core.quantity import Quantity
from openinfusion.store.eventlog import envelope_text
from tests.store.sample_events import NINE, LineOpened, RateNoted, a_log, command

pytestmark = pytest.mark.usefixtures("store")


def test_what_was_appended_is_read_back_in_order_with_its_envelope():
    log = a_log()
    log.append(command(), [("session/1", LineOpened("first")), ("course/1", LineOpened("other stream"))], {})
    receipt = log.append(command(actor="nurse.b"), [("session/1", RateNoted(Quantity("50", "mL/h"), NINE))], {})

    stored = log.read("session/1")
    assert [recorded.seq for recorded in stored] == [1, 2]
    assert stored[0].event == LineOpened("first")
    assert stored[1] == receipt.events[0]
    assert stored[1].actor == "nurse.b"
    assert stored[1].event == RateNoted(Quantity("50", "mL/h"), NINE)
    assert log.read("session/1", after=1) == stored[1:]
    assert log.streams("") == ("course/1", "session/1")
    assert log.streams("session/") == ("session/1",)


def test_each_stream_is_a_chain_that_begins_with_the_digest_of_its_name():
    log = a_log()
    for text in ("a", "b", "c"):
        log.append(command(), [("session/1", LineOpened(text)), ("session/2", LineOpened(text))], {})
    first, second, third = log.read("session/1")
    assert first.prev_hash == sha256("session/1")
    assert (second.prev_hash, third.prev_hash) == (first.hash, second.hash)
    assert len({recorded.hash for recorded in log.feed(0)}) == 6


def test_a_guard_that_still_holds_lets_the_command_pass_and_one_that_does_not_stops_all_of_it():
    log = a_log()
    log.append(command(), [("session/1", LineOpened("a"))], {"session/1": 0})
    log.append(command(), [("session/1", LineOpened("b"))], {"session/1": 1, "patient/9": 0})
    with pytest.raises(Conflict) as refused:
        log.append(command(), [("session/1", LineOpened("c")), ("course/1", LineOpened("c"))], {"session/1": 1})
    assert (refused.value.stream, refused.value.expected, refused.value.actual) == ("session/1", 1, 2)
    assert log.streams("course/") == ()
    assert log.head() == 2


def test_a_guard_on_a_stream_that_is_only_read_counts_as_well():
    log = a_log()
    log.append(command(), [("patient/9", LineOpened("another session gave a dose"))], {})
    with pytest.raises(Conflict):
        log.append(command(), [("session/1", LineOpened("a"))], {"session/1": 0, "patient/9": 0})
    assert log.read("session/1") == ()


def test_the_same_command_twice_stores_its_events_once_and_answers_with_the_first_receipt():
    log, sent = a_log(), command()
    first = log.append(sent, [("session/1", LineOpened("a")), ("session/1", LineOpened("b"))], {"session/1": 0})
    again = log.append(sent, [("session/1", LineOpened("a")), ("session/1", LineOpened("b"))], {"session/1": 0})
    assert (first.repeated, again.repeated) == (False, True)
    assert again.events == first.events
    assert [recorded.n for recorded in first.events] == [1, 2]
    assert log.head() == 2
    assert log.receipt(sent.command_id, sent.sha256) == again


def test_what_one_process_remembers_of_a_stream_never_passes_over_what_another_wrote():
    mine, other = a_log(), a_log()
    mine.append(command(), [("session/1", LineOpened("a"))], {"session/1": 0})
    other.append(command(), [("session/1", LineOpened("b"))], {"session/1": 1})
    with pytest.raises(Conflict) as refused:
        mine.append(command(), [("session/1", LineOpened("c"))], {"session/1": 1})
    assert (refused.value.expected, refused.value.actual) == (1, 2)
    with pytest.raises(Conflict):
        other.append(command(), [("session/1", LineOpened("c"))], {"session/1": 1})
    mine.append(command(), [("session/1", LineOpened("c")), ("session/1", LineOpened("d"))], {"session/1": 2})
    chain = mine.read("session/1")
    assert [recorded.event for recorded in chain] == [LineOpened(text) for text in "abcd"]
    assert [recorded.prev_hash for recorded in chain[1:]] == [recorded.hash for recorded in chain[:-1]]


def test_a_command_repeated_on_a_remembered_stream_is_told_so_whatever_it_expects():
    log, sent = a_log(), command(body="one")
    log.append(command(), [("session/1", LineOpened("a"))], {"session/1": 0})
    first = log.append(sent, [("session/1", LineOpened("b"))], {"session/1": 1})
    for expected in (1, 2):
        again = log.append(sent, [("session/1", LineOpened("b"))], {"session/1": expected})
        assert again.repeated
        assert again.events == first.events
    with pytest.raises(IdReused):
        log.append(command(sent.command_id, body="two"), [("session/1", LineOpened("b"))], {"session/1": 2})
    assert log.head() == 2


def test_a_command_id_with_another_body_is_refused_and_names_the_stored_body():
    log, sent = a_log(), command(body="one")
    log.append(sent, [("session/1", LineOpened("a"))], {})
    other = command(sent.command_id, body="two")
    with pytest.raises(IdReused) as refused:
        log.append(other, [("session/1", LineOpened("b"))], {})
    assert refused.value.params["stored_sha256"] == sha256("one")
    with pytest.raises(IdReused):
        log.receipt(sent.command_id, other.sha256)
    assert log.head() == 1
    assert log.receipt(uuid4(), sent.sha256) is None


def test_a_refused_command_is_not_remembered_and_its_id_may_be_used_again():
    log, sent = a_log(), command()
    with pytest.raises(Conflict):
        log.append(sent, [("session/1", LineOpened("a"))], {"session/1": 7})
    assert not log.append(sent, [("session/1", LineOpened("a"))], {"session/1": 0}).repeated


def test_a_command_without_events_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="at least one event"):
        a_log().append(command(), [], {})


def test_an_append_inside_another_transaction_is_refused_since_its_commit_would_not_be_ours():
    with transaction.atomic(), pytest.raises(RuntimeError, match="transaction of its own"):
        a_log().append(command(), [("session/1", LineOpened("a"))], {})


def _in_threads(count, work):
    def run(number):
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_of_many_writers_on_one_view_of_a_stream_exactly_one_wins_and_the_chain_has_no_gap_and_no_fork():
    log, start = a_log(), threading.Barrier(4, timeout=20)

    def four_times(number):
        wins = 0
        for step in range(5):
            start.wait()
            try:
                log.append(command(), [("session/1", LineOpened(f"{number}.{step}"))], {"session/1": step})
                wins += 1
            except Conflict:
                pass
            start.wait()
        return wins

    assert sum(_in_threads(4, four_times)) == 5
    stored = log.read("session/1")
    assert [recorded.seq for recorded in stored] == [1, 2, 3, 4, 5]
    assert all(later.prev_hash == earlier.hash for earlier, later in itertools.pairwise(stored))


def test_writers_on_many_streams_all_succeed_at_once():
    log = a_log()

    def write(number):
        for step in range(10):
            log.append(command(), [(f"session/{number}", LineOpened(str(step)))], {f"session/{number}": step})

    _in_threads(4, write)
    assert all(len(log.read(f"session/{number}")) == 10 for number in range(4))


def test_a_reader_of_the_feed_never_misses_an_event_while_others_write():
    log, done, seen = a_log(), threading.Event(), []

    def write(number):
        for step in range(25):
            log.append(command(), [(f"session/{number}", LineOpened(str(step)))], {})

    def follow():
        after = 0
        while True:
            last_look = done.is_set()
            for recorded in log.feed(after, limit=7):
                seen.append(recorded.id)
                after = recorded.id
            if last_look and after == log.head():
                return connection.close()

    reader = threading.Thread(target=follow)
    reader.start()
    _in_threads(4, write)
    done.set()
    reader.join()
    assert seen == [recorded.id for recorded in log.feed(0)]
    assert len(seen) == 100


@pytest.mark.parametrize("table", ["event", "sample_block", "protocol_content"])
def test_the_record_refuses_every_change(table):
    from tests.store.rows import fill

    fill()
    verbs = [f"UPDATE {table} SET {'content' if table == 'protocol_content' else 'payload'} = ''", f"DELETE FROM {table}"]
    if connection.vendor == "postgresql":
        verbs.append(f"TRUNCATE {table}")
    else:
        verbs.append(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    for statement in verbs:
        with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_full_disk_is_not_saved_and_nothing_is_written(store):
    log = a_log()
    log.append(command(), [("session/1", LineOpened("kept"))], {})
    _fill_the_disk()
    with pytest.raises(NotSaved):
        log.append(command(), [("session/1", LineOpened("x" * 100_000)), ("session/2", LineOpened("lost"))], {})
    _free_the_disk()
    assert [recorded.event for recorded in log.feed(0)] == [LineOpened("kept")]
    log.append(command(), [("session/1", LineOpened("after"))], {"session/1": 1})


def _fill_the_disk():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            pages = cursor.execute("PRAGMA page_count").fetchone()[0]
            cursor.execute(f"PRAGMA max_page_count = {pages}")
        else:
            body = "BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END"
            cursor.execute(f"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
            cursor.execute("CREATE TRIGGER full_disk BEFORE INSERT ON event FOR EACH ROW WHEN (NEW.n = 2) EXECUTE FUNCTION full_disk()")


def _free_the_disk():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1000000" if connection.vendor == "sqlite" else "DROP TRIGGER full_disk ON event")


def test_a_command_may_guard_more_streams_than_one_statement_can_ask_for():
    # SQLite joins at most 500 SELECTs in one statement (its documented default)
    log = a_log()
    log.append(command(), [("session/1", LineOpened("a")), ("session/750", LineOpened("a"))], {})
    guards = {f"session/{number}": 1 if number in (1, 750) else 0 for number in range(1, 801)}
    sent = command()
    first = log.append(sent, [("session/1", LineOpened("b")), ("session/900", LineOpened("b"))], guards)
    assert [(recorded.stream, recorded.seq) for recorded in first.events] == [("session/1", 2), ("session/900", 1)]
    assert log.append(sent, [("session/1", LineOpened("b"))], guards).events == first.events
    with pytest.raises(Conflict) as refused:
        log.append(command(), [("session/2", LineOpened("c"))], {**guards, "session/1": 2, "session/900": 0})
    assert (refused.value.stream, refused.value.expected, refused.value.actual) == ("session/900", 0, 1)


moments = st.datetimes(timezones=st.just(UTC)).map(utc_text)
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
numbers = st.integers(-(2**63), 2**63 - 1)
NAMES = "stream seq kind version occurred_at recorded_at zone actor on_behalf_of device_id device_seq clock_offset_ms command_id n"


@given(
    st.tuples(texts, numbers, texts, numbers, moments, moments, texts, texts, texts, texts),
    st.tuples(st.none() | numbers, st.none() | numbers, st.uuids().map(str), numbers, texts),
)
def test_the_envelope_is_hashed_as_the_canonical_text_of_its_columns(first, second):
    columns = dict(zip([*NAMES.split(), "command_sha256"], (*first, *second), strict=True))
    assert envelope_text((*first, *second)) == canonical(columns)


@pytest.mark.parametrize("envelope", [("session/1", 1), (None,) * 15, ("session/1", "1", *[""] * 13)])
def test_an_envelope_with_a_column_missing_or_of_another_type_has_no_text(envelope):
    with pytest.raises((TypeError, ValueError)):
        envelope_text(envelope)
