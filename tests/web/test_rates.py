"""The rate table on the order page: what is given by when, a drawing with a name, and drops for the giving set that is chosen."""

import pytest
from django.test import Client

from tests.web.cast import RITUXIMAB_RA, Clinic, asked_everything, posted, register, sign_rituximab, text_of


@pytest.fixture
def order(prescriber: Client, clinic: Clinic) -> str:
    """The address of a signed order of rituximab, 1000 mg in 500 mL."""
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    return f"/orders/{sign_rituximab(prescriber, patient)}"


def test_the_table_ends_with_the_whole_volume_at_its_time(prescriber: Client, order: str) -> None:
    page = text_of(prescriber.get(order))
    # 1000 mg in 500 mL: 25 mL/h, more by 25 each half hour, 350 mL after 3:30, the last 150 mL at 200 mL/h
    assert "3:30 4:15 200 mL/h 150 mL 500 mL 400 mg/h" in page
    assert "4:15 after the start, 500 mL given" in page


def test_the_drawing_has_a_title_and_a_description(prescriber: Client, order: str) -> None:
    html = prescriber.get(order).content.decode()
    assert 'aria-labelledby="rates-title rates-description"' in html
    assert "The rate goes from 25 mL/h to 200 mL/h in 8 steps." in html


def test_drops_are_counted_for_the_set_that_is_chosen(prescriber: Client, order: str) -> None:
    assert "drops/min" not in text_of(prescriber.get(order))
    page = text_of(prescriber.get(f"{order}?drops=60"))
    assert "25 drops/min" in page  # 25 mL/h x 60 drops/mL / 60 min/h
    assert "the number on its package counts" in page


@pytest.mark.parametrize("wrong", ["17", "x", "60 drops", "-20", ""])
def test_a_giving_set_that_the_site_does_not_have_counts_nothing(wrong: str, prescriber: Client, order: str) -> None:
    answer = prescriber.get(order, {"drops": wrong})
    assert answer.status_code == 200
    assert "drops/min" not in text_of(answer)


def test_the_plan_before_the_signature_has_the_table_and_asks_for_no_set(prescriber: Client, clinic: Clinic) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    answer = prescriber.post(f"/patients/{patient}/order/iv-rituximab", posted(**RITUXIMAB_RA, do="plan"))
    assert "500 mL given" in text_of(answer)
    assert "choose-drops" not in answer.content.decode()  # a form inside the form that signs


def test_a_chosen_dose_ten_times_the_rule_is_asked_about_on_the_page(prescriber: Client, clinic: Clinic) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    choices = {**RITUXIMAB_RA, "dose": "10000", "dose_unit": "mg", "do": "plan"}
    page = text_of(prescriber.post(f"/patients/{patient}/order/iv-rituximab", posted(**choices)))
    assert "10000 mg against 1000 mg: one is ten times the other." in page
