"""Preparation: written from the container, released with a code of its own, by the pharmacist or, where allowed, by the nurse."""

import pytest
from django.test import Client

from openinfusion.app.bedside import state_of
from openinfusion.core.administration.scancode import is_scancode
from tests.web.cast import Clinic, asked_everything, plan_session, posted, register, sign_rituximab, text_of, verify

BAG = {
    "product": "Truxima",
    "amount": "1000",
    "volume": "500",
    "diluent": "sodium-chloride-0.9%",
    "lot": "AB123",
    "expiry": "2028-01-31",
    "use_before": "2027-03-02 09:00",
    "seen": "1",
}


@pytest.fixture
def session(prescriber: Client, pharmacist: Client, clinic: Clinic) -> str:
    """A planned session of rituximab, 1000 mg in 500 mL."""
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    course = sign_rituximab(prescriber, patient)
    verify(pharmacist, course)
    plan_session(prescriber, course)
    return clinic.ports.log.streams("session/")[0].removeprefix("session/")


def test_the_pharmacist_releases_a_container_with_a_code_of_its_own(pharmacist: Client, session: str, clinic: Clinic) -> None:
    assert session in pharmacist.get("/pharmacy").content.decode()
    answer = pharmacist.post(f"/sessions/{session}/preparation", posted(**BAG))
    assert answer.status_code == 302, text_of(answer)
    containers = state_of(clinic.ports, session).containers
    (code,) = containers
    assert is_scancode(code)
    assert containers[code].prepared_by == "fay"
    page = text_of(pharmacist.get(f"/sessions/{session}/preparation"))
    assert code in page
    assert "AB123" in page
    assert session not in pharmacist.get("/pharmacy").content.decode()


def test_amount_and_volume_are_not_filled_in_beforehand(pharmacist: Client, session: str) -> None:
    page = pharmacist.get(f"/sessions/{session}/preparation").content.decode()
    assert "As ordered: 1000 mg." in page
    assert 'value="1000"' not in page
    assert 'value="500"' not in page


def test_the_same_release_sent_twice_makes_one_container(pharmacist: Client, session: str, clinic: Clinic) -> None:
    form = posted(**BAG)
    pharmacist.post(f"/sessions/{session}/preparation", form)
    pharmacist.post(f"/sessions/{session}/preparation", form)
    assert len(state_of(clinic.ports, session).containers) == 1


def test_what_does_not_fit_the_order_is_not_released_and_says_why(pharmacist: Client, session: str, clinic: Clinic) -> None:
    answer = pharmacist.post(f"/sessions/{session}/preparation", posted(**{**BAG, "amount": "2000"}))
    assert answer.status_code == 422
    assert "Nothing is released" in text_of(answer)
    assert 'value="AB123"' in answer.content.decode()
    assert not state_of(clinic.ports, session).containers


def test_the_latest_moment_of_use_is_worked_out_and_asked(pharmacist: Client, session: str, clinic: Clinic) -> None:
    page = text_of(pharmacist.get(f"/sessions/{session}/preparation"))
    # Truxima after dilution: 24 h in the refrigerator, then 12 h at room temperature (iv2-truxima-caution); the clock stands at 9:00
    assert "Made now, at the latest: " in page
    assert "2027-03-01 21:00" in page
    assert "2027-03-02 09:00" in page
    untold = pharmacist.post(f"/sessions/{session}/preparation", posted(**{**BAG, "use_before": ""}))
    assert untold.status_code == 400
    assert "Until when it may be used is not told." in text_of(untold)
    late = pharmacist.post(f"/sessions/{session}/preparation", posted(**{**BAG, "use_before": "2027-03-02 09:01"}))
    assert "Use before 2027-03-02 09:01 is later than the sources allow" in text_of(late)
    assert not state_of(clinic.ports, session).containers


def test_a_diluent_is_asked_where_the_protocol_dilutes(pharmacist: Client, session: str, clinic: Clinic) -> None:
    answer = pharmacist.post(f"/sessions/{session}/preparation", posted(**{**BAG, "diluent": ""}))
    assert answer.status_code == 400
    assert "With what it is diluted is not told." in text_of(answer)
    assert not state_of(clinic.ports, session).containers


def test_an_expired_product_and_a_comma_are_refused(pharmacist: Client, session: str) -> None:
    answer = pharmacist.post(f"/sessions/{session}/preparation", posted(**{**BAG, "expiry": "2020-01-31", "volume": "500,0"}))
    assert answer.status_code == 400
    assert "This product is expired" in text_of(answer)
    assert "“500,0” cannot be read as one number" in text_of(answer)


def test_a_nurse_prepares_only_where_the_protocol_allows_it(nurse: Client, session: str, clinic: Clinic) -> None:
    page = text_of(nurse.get(f"/sessions/{session}/preparation"))
    assert "prepared by the pharmacy" in page
    assert nurse.post(f"/sessions/{session}/preparation", posted(**BAG)).status_code == 422
    assert not state_of(clinic.ports, session).containers


def test_who_may_open_a_preparation(prescriber: Client, administrator: Client, session: str) -> None:
    assert prescriber.get(f"/sessions/{session}/preparation").status_code == 200
    assert prescriber.post(f"/sessions/{session}/preparation", posted(**BAG)).status_code == 403
    assert administrator.get(f"/sessions/{session}/preparation").status_code == 403
    assert Client().get(f"/sessions/{session}/preparation").status_code == 302
