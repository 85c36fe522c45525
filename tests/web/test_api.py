"""The JSON command API and the messages of devices: the whole acknowledgement table, one shape of error, the policy on everything."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from openinfusion import wiring
from openinfusion.core.administration.parts import Confirmation, Flow
from openinfusion.core.errors import NotSaved
from openinfusion.store.eventlog import StoredEventLog
from tests.web.cast import Clinic
from tests.web.ward import play, state


@pytest.fixture
def session(clinic: Clinic) -> str:
    """Rituximab that runs at 50 mL/h with pump-1 and monitor-1 joined."""
    return play(clinic, "iv-rituximab", 99)


@pytest.fixture
def token(clinic: Clinic) -> str:
    return wiring.gateways(clinic.clock).create("ward-3")


def body(clinic: Clinic, command: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {"command_id": str(uuid.uuid4()), "occurred_at": clinic.clock.now().isoformat(), "zone": "UTC", "command": command, **other}


def send(client: Client, session: str, sent: object) -> Any:
    text = sent if isinstance(sent, str) else json.dumps(sent)
    return client.post(f"/api/sessions/{session}/commands", text, content_type="application/json")


def message(clinic: Clinic, **other: Any) -> dict[str, Any]:
    at = clinic.clock.now().isoformat()
    return {"message_id": str(uuid.uuid4()), "device": "pump-1", "device_seq": 1, "occurred_at": at, "sent_at": at, **other}


REPORT = {"state": "paused", "rate": {"value": "0", "unit": "mL/h"}, "volume": {"value": "18", "unit": "mL"}}


def ingest(token: str, sent: object) -> Any:
    text = sent if isinstance(sent, str) else json.dumps(sent)
    return Client().post("/api/ingest", text, content_type="application/json", headers={"Authorization": f"Bearer {token}"})


def held(clinic: Clinic) -> list[str]:
    return [one.body for one in wiring.quarantine(clinic.clock).waiting()]


# Commands
def test_an_accepted_command_is_acknowledged_after_commit_with_the_place_of_its_events(nurse: Client, session: str, clinic: Clinic) -> None:
    answer = send(nurse, session, body(clinic, {"type": "Pause", "reason": "toilet"}))
    assert answer.status_code == 201
    told = answer.json()
    assert told["stream"] == f"session/{session}"
    assert told["seq"] == state(clinic, session).seq
    assert [one.id for one in clinic.ports.log.read(f"session/{session}")][-len(told["events"]) :] == told["events"]


def test_an_identical_retry_is_answered_as_the_first_time_and_stores_nothing(nurse: Client, session: str, clinic: Clinic) -> None:
    sent = body(clinic, {"type": "Pause", "reason": "toilet"})
    first, again = send(nurse, session, sent), send(nurse, session, dict(reversed(sent.items())))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_the_same_id_with_another_body_is_a_conflict(nurse: Client, session: str, clinic: Clinic) -> None:
    sent = body(clinic, {"type": "Pause", "reason": "toilet"})
    send(nurse, session, sent)
    before = state(clinic, session).seq
    answer = send(nurse, session, {**sent, "command": {"type": "Pause", "reason": "lunch"}})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "id-reused"
    assert state(clinic, session).seq == before


def test_a_control_command_on_an_old_view_is_a_conflict_and_shows_the_session_as_it_is(nurse: Client, session: str, clinic: Clinic) -> None:
    send(nurse, session, body(clinic, {"type": "Pause"}))
    answer = send(nurse, session, body(clinic, {"type": "Resume", "rate": {"value": "50", "unit": "mL/h"}}, seen=1))
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "stale-view"
    assert answer.json()["state"]["record"]["flow"] == "paused"


def test_a_refused_control_command_names_its_findings_with_sources(nurse: Client, session: str, clinic: Clinic) -> None:
    rate = {"value": "75", "unit": "mL/h"}
    answer = send(nurse, session, body(clinic, {"type": "RaiseRate", "rate": rate}, seen=state(clinic, session).seq))
    assert answer.status_code == 422
    found = {one["code"]: one for one in answer.json()["findings"]}
    assert "rate.too-early" in found
    assert found["rate.too-early"]["sources"]
    assert found["rate.too-early"]["text"]


def test_a_record_on_an_old_view_is_never_refused(nurse: Client, session: str, clinic: Clinic) -> None:
    answer = send(nurse, session, body(clinic, {"type": "Stop", "reason": "rash"}, seen=1))
    assert answer.status_code == 201


def test_a_record_that_breaks_a_rule_is_stored_and_says_what_has_to_be_looked_at(nurse: Client, session: str, clinic: Clinic) -> None:
    answer = send(nurse, session, body(clinic, {"type": "RecordGiven", "volume": {"value": "-5", "unit": "mL"}}))
    assert answer.status_code == 201
    assert "volume-not-positive" in answer.json()["review"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"command_id": "x"}',
        '{"a": 1, "a": 2}',
        json.dumps({"command_id": str(uuid.uuid4()), "occurred_at": "2027-03-01T09:00:00Z", "command": {"type": "Nonsense"}}),
        json.dumps({"command_id": str(uuid.uuid4()), "occurred_at": "2027-03-01T09:00:00", "command": {"type": "Pause"}}),
        '{"command": {"type": "SlowRate", "rate": {"value": 12.5, "unit": "mL/h"}}}',
    ],
)
def test_what_cannot_be_read_is_refused_and_its_raw_text_is_kept(nurse: Client, session: str, clinic: Clinic, text: str) -> None:
    answer = send(nurse, session, text)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformed"
    assert answer.json()["error"]["what_to_do"]
    assert held(clinic) == [text]


def test_a_store_that_cannot_write_says_not_saved_and_when_to_try_again(
    nurse: Client, session: str, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: object, *_: object) -> None:
        raise NotSaved("database or disk is full")

    monkeypatch.setattr(StoredEventLog, "append", full)
    answer = send(nurse, session, body(clinic, {"type": "Pause"}))
    assert answer.status_code == 507
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["error"]["code"] == "not-saved"


def test_a_full_disk_under_sqlite_is_answered_507_and_nothing_is_stored(nurse: Client, session: str, clinic: Clinic) -> None:
    before = state(clinic, session).seq
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {int(pages)}")
    answers = [send(nurse, session, body(clinic, {"type": "Pause", "reason": "x" * 9000})) for _ in range(3)]
    assert answers[-1].status_code == 507
    assert state(clinic, session).seq <= before + 4


def test_a_session_that_is_not_there_is_not_found(nurse: Client, clinic: Clinic) -> None:
    answer = nurse.get(f"/api/sessions/{uuid.uuid4()}")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not-found"


def test_roles_hold_on_every_command(pharmacist: Client, administrator: Client, session: str, clinic: Clinic) -> None:
    sent = {"type": "Resume", "rate": {"value": "50", "unit": "mL/h"}}
    assert send(pharmacist, session, body(clinic, sent, seen=1)).status_code == 403
    assert administrator.get(f"/api/sessions/{session}").status_code == 403


def test_who_is_not_signed_in_is_told_so_in_the_one_shape(session: str, clinic: Clinic) -> None:
    answer = send(Client(), session, body(clinic, {"type": "Pause"}))
    assert answer.status_code == 401
    assert answer.json()["error"]["text"]


def test_a_browser_without_the_token_of_its_form_gives_no_command(clinic: Clinic, session: str) -> None:
    from django.contrib.auth.models import User

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="nora"))
    assert send(strict, session, body(clinic, {"type": "Pause"})).status_code == 403
    assert state(clinic, session).flow is Flow.RUNNING


def test_the_state_of_a_session_holds_its_record_and_what_may_be_done(nurse: Client, session: str) -> None:
    told = nurse.get(f"/api/sessions/{session}").json()
    assert told["stage"] == "run"
    assert "RaiseRate" in told["allowed"]
    # 25 mL/h for 30 min and 50 mL/h for 7 min: 12.5 mL + 5.833 mL
    assert told["record"]["delivered"] == {"value": "18.333", "unit": "mL", "from": "segments"}


def test_the_interface_describes_itself(nurse: Client) -> None:
    told = nurse.get("/api/openapi.json").json()
    assert any(path.endswith("/commands") for path in told["paths"])
    assert "/api/ingest" in told["paths"]


# Messages of devices
def test_a_pump_report_becomes_an_event_of_the_session_that_a_nurse_joined_it_to(token: str, session: str, clinic: Clinic) -> None:
    answer = ingest(token, message(clinic, report=REPORT))
    assert answer.status_code == 201, answer.content
    assert answer.json()["session"] == session
    stored = clinic.ports.log.read(f"session/{session}")[-1]
    assert (stored.actor, stored.device_id, stored.device_seq, stored.clock_offset_ms) == ("ward-3", "pump-1", 1, 0)
    assert state(clinic, session).pump is not None


def test_a_message_sent_again_is_stored_once(token: str, session: str, clinic: Clinic) -> None:
    sent = message(clinic, report=REPORT)
    first, again = ingest(token, sent), ingest(token, sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["events"] == again.json()["events"]
    assert ingest(token, {**sent, "device_seq": 2}).status_code == 409


def test_a_sign_of_life_is_a_sample_and_no_event(token: str, session: str, clinic: Clinic) -> None:
    running = {"state": "infusing", "rate": {"value": "50", "unit": "mL/h"}, "volume": {"value": "18", "unit": "mL"}}
    before = state(clinic, session).seq
    answer = ingest(token, message(clinic, report=running))
    assert answer.status_code == 201
    assert answer.json()["events"] == []
    assert len(answer.json()["blocks"]) == 1
    assert state(clinic, session).seq == before


def test_the_first_report_after_an_order_confirms_it_although_the_pump_tells_nothing_new(
    nurse: Client, token: str, session: str, clinic: Clinic
) -> None:
    ingest(token, message(clinic, report=REPORT))
    clinic.clock.passes(timedelta(seconds=1))
    send(nurse, session, body(clinic, {"type": "Pause"}))
    assert state(clinic, session).delivery is Confirmation.ORDERED
    clinic.clock.passes(timedelta(seconds=1))
    assert ingest(token, message(clinic, report=REPORT)).json()["events"]
    assert state(clinic, session).delivery is Confirmation.CONFIRMED


def test_samples_go_to_the_sample_store_and_move_no_state(token: str, session: str, clinic: Clinic) -> None:
    now = clinic.clock.now()
    samples = {"start": now.isoformat(), "times_ms": [0, 1000], "channels": {"pulse": {"unit": "/min", "values": ["72", None]}}}
    sent = message(clinic, device="monitor-1", samples=samples)
    before = state(clinic, session).seq
    assert ingest(token, sent).status_code == 201
    assert ingest(token, sent).status_code == 201
    (block,) = clinic.ports.samples.read(session, now - timedelta(minutes=1), now + timedelta(minutes=1))
    assert block.channels["pulse"] == ("/min", ("72", None))
    assert state(clinic, session).seq == before


def test_readings_of_a_monitor_are_charted(token: str, session: str, clinic: Clinic) -> None:
    readings = [{"code": "pulse", "value": {"value": "88", "unit": "/min"}}, {"code": "spo2", "value": False}]
    assert ingest(token, message(clinic, device="monitor-1", readings=readings)).status_code == 201
    assert state(clinic, session).seen["pulse"].by == "monitor-1"


def test_a_device_that_serves_nobody_goes_to_quarantine(token: str, clinic: Clinic) -> None:
    sent = json.dumps(message(clinic, device="pump-99", report=REPORT))
    answer = ingest(token, sent)
    assert answer.status_code == 202
    assert held(clinic) == [sent]
    assert ingest(token, sent).json() == answer.json()


def test_an_alarm_word_that_nobody_knows_is_kept_as_it_came(token: str, session: str, clinic: Clinic) -> None:
    ingest(token, message(clinic, report={**REPORT, "state": "wobbling", "alarm": "X-17"}))
    pump = state(clinic, session).pump
    assert pump is not None
    assert (pump.state, pump.alarm) == ("wobbling", "X-17")


def test_a_clock_that_is_off_by_minutes_is_corrected_by_its_measured_offset(token: str, session: str, clinic: Clinic) -> None:
    wrong = (clinic.clock.now() + timedelta(minutes=5)).isoformat()
    ingest(token, message(clinic, report=REPORT, occurred_at=wrong, sent_at=wrong))
    stored = clinic.ports.log.read(f"session/{session}")[-1]
    assert stored.occurred_at == clinic.clock.now()
    assert stored.clock_offset_ms == 300_000


def test_a_wild_clock_is_stored_with_both_times_and_never_refused(token: str, session: str, clinic: Clinic) -> None:
    wrong = (clinic.clock.now() + timedelta(days=400)).isoformat()
    answer = ingest(token, message(clinic, report=REPORT, occurred_at=wrong, sent_at=wrong))
    assert answer.status_code == 201
    assert state(clinic, session).flow is Flow.RUNNING


def test_a_message_that_cannot_be_read_is_kept(token: str, clinic: Clinic) -> None:
    assert ingest(token, "{not json").status_code == 400
    assert ingest(token, message(clinic)).status_code == 400
    assert ingest(token, message(clinic, report=REPORT, readings=[{"code": "pulse", "value": "x"}])).status_code == 400
    assert len(held(clinic)) == 3


def test_a_gateway_without_a_valid_token_leaves_nothing(token: str, clinic: Clinic) -> None:
    wiring.gateways(clinic.clock).revoke("ward-3")
    assert ingest(token, "{not json").status_code == 401
    assert ingest("", message(clinic, report=REPORT)).status_code == 401
    assert held(clinic) == []


def test_what_the_chart_orders_of_a_pump_names_no_patient(token: str, session: str) -> None:
    answer = Client().get("/api/devices/pump-1", headers={"Authorization": f"Bearer {token}"})
    told = answer.json()
    assert (told["flow"], told["rate"]) == ("running", {"value": "50", "unit": "mL/h"})
    assert session not in answer.content.decode()
    assert "patient" not in told


def test_a_held_text_is_settled_by_a_person(token: str, clinic: Clinic) -> None:
    ingest(token, "{")
    quarantine = wiring.quarantine(clinic.clock)
    (one,) = quarantine.waiting()
    quarantine.settle(one.id, "nora")
    assert quarantine.waiting() == ()
