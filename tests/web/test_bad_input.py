"""What goes wrong at the bedside, as the nurse reads it: what is true, what is safe now, what to do. It is recorded all the same."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from openinfusion.app import records
from openinfusion.core.administration.scancode import CodeKind, scancode
from tests.web.cast import Clinic, posted, text_of
from tests.web.test_api import body, send
from tests.web.ward import give, play, shown, state


@pytest.fixture
def ready(clinic: Clinic) -> str:
    """Infliximab prepared and charted, before anything was scanned to start it."""
    return play(clinic, "iv-infliximab", 35.5)


@pytest.fixture
def running(clinic: Clinic) -> str:
    """Rituximab that runs at 50 mL/h."""
    return play(clinic, "iv-rituximab", 99)


def test_a_syringe_of_somebody_else_is_recorded_and_set_aside(nurse: Client, ready: str, clinic: Clinic) -> None:
    other = play(clinic, "im-ceftriaxone", 16, devices="2")
    [code] = state(clinic, other).containers
    page = text_of(nurse.post(f"/sessions/{ready}/scan", posted(code=code), follow=True))
    assert "The container does not belong to this session. Recorded. Nothing can be started from it. Set it aside" in page
    assert any("container-not-of-this-session" in rules for _, rules in state(clinic, ready).reviews)
    rate = {"value": "125", "unit": "mL/h"}
    sent = {"type": "StartInfusion", "container_code": code, "rate": rate}
    answer = send(nurse, ready, body(clinic, sent, seen=state(clinic, ready).seq))
    assert answer.status_code == 422
    texts = " ".join(one["text"] for one in answer.json()["findings"])
    assert "Nothing has been given" in texts
    assert state(clinic, ready).started_at is None


def test_the_wristband_of_somebody_else_names_what_is_true_safe_and_next(nurse: Client, ready: str, clinic: Clinic) -> None:
    code = scancode(CodeKind.PATIENT, uuid.UUID(int=5))
    page = text_of(nurse.post(f"/sessions/{ready}/scan", posted(code=code), follow=True))
    assert (
        "The code scanned is not of this patient. Recorded. Nothing was started. Look at the wristband, and open the right patient." in page
    )


def test_a_negative_volume_is_recorded_and_counted_nowhere(nurse: Client, running: str, clinic: Clinic) -> None:
    before = state(clinic, running).seq
    given = records.delivered_volume(state(clinic, running), clinic.clock.now())
    where = give(nurse, running, "RecordFlush", volume="-5", volume__unit="mL", stay="run")["Location"]
    said = "The volume told is nothing or less. Recorded; no amount counts it. Enter the volume again."
    assert said in text_of(nurse.get(where))
    sent = body(clinic, {"type": "RecordFlush", "volume": {"value": "-5", "unit": "mL"}})
    answer = send(nurse, running, sent)
    assert answer.status_code == 201
    assert "volume-not-positive" in answer.json()["review"]
    assert state(clinic, running).seq > before
    assert records.delivered_volume(state(clinic, running), clinic.clock.now()) == given
    assert said in text_of(nurse.get(f"/sessions/{running}/record"))


def test_a_control_command_out_of_order_says_where_the_session_is(nurse: Client, ready: str, running: str, clinic: Clinic) -> None:
    rate = {"value": "125", "unit": "mL/h"}
    for session, command, said in (
        (ready, {"type": "Resume", "rate": rate}, "is not possible while the session is"),
        (
            running,
            {"type": "StartInfusion", "container_code": next(iter(state(clinic, running).containers)), "rate": rate},
            "is not possible",
        ),
    ):
        before = state(clinic, session).seq
        answer = send(nurse, session, body(clinic, command, seen=before))
        assert answer.status_code == 422
        [found] = [one for one in answer.json()["findings"] if one["code"] == "command.not-now"]
        assert said in found["text"]
        assert "Nothing was changed." in found["text"]
        assert state(clinic, session).seq == before


def test_a_stale_control_command_says_that_something_happened_and_changed_nothing(nurse: Client, running: str, clinic: Clinic) -> None:
    seen = state(clinic, running).seq
    send(nurse, running, body(clinic, {"type": "Pause", "reason": "toilet"}))
    moved = state(clinic, running).seq
    answer = send(nurse, running, body(clinic, {"type": "RaiseRate", "rate": {"value": "75", "unit": "mL/h"}}, seen=seen))
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["what_is_true"] == "Something happened to this record after you opened it."
    assert error["what_to_do"] == "Look at what is new, then decide again."
    assert state(clinic, running).seq == moved


def test_a_device_of_which_the_clock_is_wrong_by_hours_is_kept_out_of_the_present(nurse: Client, running: str, clinic: Clinic) -> None:
    told = (clinic.clock.now() + timedelta(hours=9)).isoformat()
    answer = send(nurse, running, {**body(clinic, {"type": "Pause", "reason": "by hand"}), "occurred_at": told})
    assert answer.status_code == 201
    assert "clock-suspect" in answer.json()["review"]
    # The second: one nurse checked twice in examples/iv-rituximab.yaml.
    assert "2 entries broke a rule; look at them" in shown(nurse, running)
    record = text_of(nurse.get(f"/sessions/{running}/record"))
    assert "The time told is far from the server's. Recorded with both times, and kept out of what is true now." in record


@pytest.mark.parametrize(("typed", "said"), [("71,5", "71.5"), ("1O", "one number"), ("5 mL", "one number")])
def test_a_number_that_is_not_plain_says_what_to_write_and_keeps_what_was_typed(
    typed: str, said: str, nurse: Client, running: str, clinic: Clinic
) -> None:
    before = state(clinic, running).seq
    answer = give(nurse, running, "RecordFlush", volume=typed, volume__unit="mL", on="run")
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert f'value="{typed}"' in answer.content.decode()
    assert state(clinic, running).seq == before
