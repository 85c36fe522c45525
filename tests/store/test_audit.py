"""Audit rows: one chain of their own, never changed, found by patient and by person, and nothing of them in the feed."""

import threading

import pytest
from django.db import DatabaseError, connection, connections

from openinfusion.app.ports import AuditOutcome, AuditRow
from openinfusion.core.errors import NotSaved
from openinfusion.store import audit, record, verify
from openinfusion.store.audit import StoredAudit
from openinfusion.store.commit import fetch
from openinfusion.store.verify import Broken
from tests.store.sample_events import NINE, SteppingClock, a_log

pytestmark = pytest.mark.usefixtures("store")


def row(patient="p-1", actor="nora", **other):
    given = {"roles": ("nurse",), "action": "patient", "method": "GET", "resource": "patient", "resource_id": patient, "patient": patient}
    return AuditRow(**{**given, "actor": actor, "outcome": AuditOutcome.ALLOWED, "place": "10.0.0.7", **other})


@pytest.fixture
def trail(store):
    return StoredAudit(SteppingClock())


def behind_its_back(statement):
    with connection.cursor() as cursor:
        for name, sql in record.trigger_sql(connection.vendor).items():
            cursor.execute(f"DROP TRIGGER {name}" if connection.vendor == "sqlite" else f"DROP TRIGGER {name} ON {sql.split()[6]}")
        cursor.execute(statement)


def test_what_was_written_is_found_by_patient_and_by_person_in_its_order(trail):
    trail.write(row("p-1", "nora"))
    trail.write(row("p-2", "nora"), row("p-1", "fay", roles=("pharmacist", "nurse")))
    assert [(one.seq, one.row.actor) for one in trail.of_patient("p-1")] == [(1, "nora"), (3, "fay")]
    assert [one.row for one in trail.of_actor("nora")] == [row("p-1", "nora"), row("p-2", "nora")]
    assert next(trail.of_actor("fay")).row.roles == ("nurse", "pharmacist")
    assert next(trail.of_patient("p-1")).at >= NINE
    assert list(trail.of_patient("")) == []


def test_a_row_about_a_user_is_found_under_that_user(trail):
    trail.write(row("", "anna", action="users", resource="user", resource_id="nora"))
    assert [one.row.actor for one in trail.of_actor("nora")] == ["anna"]


def test_a_list_longer_than_what_is_read_at_once_is_complete(trail, monkeypatch):
    monkeypatch.setattr(audit, "_CHUNK", 3)
    trail.write(*(row() for _ in range(10)))
    assert [one.seq for one in trail.of_patient("p-1")] == list(range(1, 11))


def test_no_row_can_be_changed_removed_or_replaced(trail):
    trail.write(row())
    statements = ["UPDATE audit_row SET actor = 'x'", "DELETE FROM audit_row"]
    if connection.vendor == "postgresql":
        statements.append("TRUNCATE audit_row")
    else:
        statements.append(f"INSERT OR REPLACE INTO audit_row SELECT {audit.COLUMNS} FROM audit_row")
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
            cursor.execute(statement)


def test_rows_are_no_events_and_move_no_feed(trail):
    trail.write(row())
    assert a_log().head() == 0


def test_what_a_client_typed_stays_on_one_line_and_short(trail):
    trail.write(row(resource_id="x\r\nforged \x1b[31m\u202e line" + "y" * 500))
    kept = next(trail.of_patient("p-1")).row.resource_id
    assert kept.isprintable()
    assert len(kept) == 150
    assert verify.walk().broken is None


def test_an_untouched_chain_is_good(trail):
    trail.write(row(), row())
    walk = verify.walk()
    assert (walk.audit_rows, walk.broken, walk.exit_status) == (2, None, 0)


@pytest.mark.parametrize("change", ["actor = 'somebody'", "at = '2020-01-01T00:00:00.000000Z'", "outcome = 'denied'", "patient = 'p-9'"])
def test_a_changed_row_is_found_at_its_place(trail, change):
    trail.write(*(row() for _ in range(4)))
    behind_its_back(f"UPDATE audit_row SET {change} WHERE seq = 3")
    assert verify.walk().broken == Broken("audit", 3, "was changed after it was stored")


def test_a_removed_row_is_found_as_missing(trail):
    trail.write(*(row() for _ in range(4)))
    behind_its_back("DELETE FROM audit_row WHERE seq = 2")
    assert verify.walk().broken == Broken("audit", 2, "missing: the next stored row is 3")


def test_a_row_that_was_rewritten_with_a_fitting_hash_is_found_at_the_row_after_it(trail):
    trail.write(*(row() for _ in range(4)))
    kept = fetch(f"SELECT {audit.COLUMNS} FROM audit_row WHERE seq = 2", ())[0]
    forged = audit.link(kept[11], (*kept[:2], "somebody", *kept[3:11]))
    behind_its_back(f"UPDATE audit_row SET actor = 'somebody', hash = '{forged}' WHERE seq = 2")
    assert verify.walk().broken == Broken("audit", 3, "does not follow the row before it")


def test_whatever_keeps_a_row_from_being_stored_is_not_saved(trail):
    behind_its_back("DROP TABLE audit_row")
    with pytest.raises(NotSaved, match="not-saved"):
        trail.write(row())


def test_requests_that_arrive_together_leave_one_chain_with_all_their_rows(trail):
    def look(who):
        try:
            for _ in range(10):
                trail.write(row(actor=who))
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=look, args=(f"nurse.{n}",)) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    walk = verify.walk()
    assert (walk.audit_rows, walk.broken) == (80, None)
    assert all(len(list(trail.of_actor(f"nurse.{n}"))) == 10 for n in range(8))


def test_who_waits_while_another_commits_is_stored_with_all_who_wait_in_one_commit(trail, monkeypatch):
    # The first holds the disk; three more come; when it is done, one of the three stores all three.
    batches, first_in, go_on = [], threading.Event(), threading.Event()
    real = audit._store

    def slow(rows, now):
        batches.append(len(rows))
        if len(batches) == 1:
            first_in.set()
            assert go_on.wait(10)
        real(rows, now)

    def write():
        try:
            trail.write(row())
        finally:
            connections["default"].close()

    monkeypatch.setattr(audit, "_store", slow)
    threads = [threading.Thread(target=write) for _ in range(4)]
    threads[0].start()
    assert first_in.wait(10)
    for one in threads[1:]:
        one.start()
    while len(audit._waiting) < 3:
        threads[1].join(0.001)
    go_on.set()
    for one in threads:
        one.join()
    assert batches == [1, 3]
    assert verify.walk().audit_rows == 4


def test_when_a_shared_commit_fails_everybody_in_it_is_told(trail, monkeypatch):
    def broken(rows, now):
        raise NotSaved("the disk is full")

    monkeypatch.setattr(audit, "_store", broken)
    with pytest.raises(NotSaved) as told:
        trail.write(row())
    assert told.value.params["reason"] == "the disk is full"


def test_who_cannot_get_a_turn_is_told_and_leaves_nothing_behind(trail, monkeypatch):
    monkeypatch.setattr(audit, "BUSY_SECONDS", 0.01)
    with audit._leads, pytest.raises(NotSaved, match="not-saved"):
        trail.write(row())
    assert audit._waiting == []
    assert verify.walk().audit_rows == 0
