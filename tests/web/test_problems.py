"""What goes wrong is said in words: what is true, what is safe, what to do; never a stack trace, never a name in it."""

import pytest
from django.test import Client

from openinfusion.core.errors import Conflict, NotSaved
from tests.web.cast import Clinic, posted, register, text_of


def test_an_unknown_address_says_what_to_do(nurse: Client) -> None:
    answer = nurse.get("/no/such/page")
    assert answer.status_code == 404
    assert "Check the address" in text_of(answer)


def test_an_action_of_another_role_says_whom_to_ask(nurse: Client) -> None:
    answer = nurse.get("/users")
    assert answer.status_code == 403
    assert "Ask a person who has the role." in text_of(answer)


def test_a_full_disk_is_said_to_have_saved_nothing_and_asks_to_try_again(
    nurse: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = register(nurse)

    def full(*_args: object) -> None:
        raise NotSaved("disk full")

    monkeypatch.setattr(type(clinic.ports.log), "append", full)
    answer = nurse.post(f"/patients/{patient}/facts/body", posted(weight="71.5", weight__unit="kg"))
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "NOT saved: disk full." in text_of(answer)


def test_a_stale_view_outside_a_form_says_that_something_happened(nurse: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = register(nurse)

    def moved(*_args: object) -> None:
        raise Conflict("patient/x", 1, 2)

    monkeypatch.setattr(type(clinic.ports.log), "append", moved)
    answer = nurse.post(f"/patients/{patient}/facts/body", posted(weight="71.5", weight__unit="kg"))
    assert answer.status_code == 409
    assert "was not saved and changed nothing" in text_of(answer)


def test_a_fault_of_the_program_shows_no_trace(nurse: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    register(nurse)
    nurse.raise_request_exception = False

    def broken() -> None:
        raise RuntimeError("Erika Example")

    monkeypatch.setattr("openinfusion.web.views.patients.ports", broken)
    answer = nurse.get("/patients")
    assert answer.status_code == 500
    page = text_of(answer)
    assert "It is not known whether your last entry was saved" in page
    assert "Traceback" not in page
    assert "Erika" not in page


def test_a_form_without_a_usable_id_is_asked_for_again(nurse: Client) -> None:
    patient = register(nurse)
    answer = nurse.post(f"/patients/{patient}/facts/body", {"weight": "71.5", "weight.unit": "kg", "command_id": "no uuid"})
    assert answer.status_code == 400
