"""Ordering: what is signed is what was read, nothing is stored before the signature, and what refuses says why."""

from dataclasses import replace

import pytest
from django.test import Client

from openinfusion import wiring
from openinfusion.app.prescribing import order_of
from tests.web.cast import PASSWORD, RITUXIMAB_RA, Clinic, asked_everything, posted, record, register, seen_in, sign_rituximab, text_of
from tests.web.ward import play, state


def test_the_plan_shows_dose_arithmetic_ladder_and_findings_and_stores_nothing(prescriber: Client, clinic: Clinic) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    answer = prescriber.post(f"/patients/{patient}/order/iv-rituximab", posted(**RITUXIMAB_RA, do="plan"))
    page = text_of(answer)
    assert answer.status_code == 200, page
    assert "1000 mg" in page  # RA: a flat 1000 mg, iv2-ritux-ra-hcp
    assert "2 mg/mL" in page  # 1000 mg in 500 mL
    assert "25 mL/h" in page  # 50 mg/h at 2 mg/mL, first step of the first infusion
    assert "2027-03-02" in page
    assert "2027-03-16" in page  # the second of two, 14 days later
    assert "Worked arithmetic" in page
    assert 'class="rate-drawing"' in answer.content.decode()
    assert not clinic.ports.log.streams("course/")


def test_a_signed_order_keeps_the_plan_and_waits_for_the_pharmacist(prescriber: Client, clinic: Clinic) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    course = sign_rituximab(prescriber, patient)
    state = order_of(clinic.ports, course)
    assert state.ordered_by == "paula"
    assert "waits for the pharmacist" in text_of(prescriber.get(f"/orders/{course}"))
    assert "waits for the pharmacist" in text_of(prescriber.get(f"/patients/{patient}"))


def test_a_missing_fact_stops_the_signature_and_is_named(prescriber: Client, clinic: Clinic) -> None:
    patient = register(prescriber)
    answer = prescriber.post(f"/patients/{patient}/order/iv-rituximab", posted(**RITUXIMAB_RA, do="plan"))
    page = text_of(answer)
    assert "This cannot be signed" in page
    assert 'name="password"' not in answer.content.decode()
    assert "HBsAg and anti-HBc tested" in page
    forced = posted(**RITUXIMAB_RA, do="sign", password=PASSWORD, seen="")
    assert prescriber.post(f"/patients/{patient}/order/iv-rituximab", forced).status_code == 409
    assert not clinic.ports.log.streams("course/")


def test_nobody_signs_a_plan_they_have_not_read(prescriber: Client, clinic: Clinic) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    address = f"/patients/{patient}/order/iv-rituximab"
    read = prescriber.post(address, posted(**RITUXIMAB_RA, do="plan"))
    other_choice = posted(**{**RITUXIMAB_RA, "final_volume": "250"}, do="sign", seen=seen_in(read), password=PASSWORD)
    assert prescriber.post(address, other_choice).status_code == 409
    record(prescriber, patient, "body", weight="90", weight__unit="kg")
    other_facts = posted(**RITUXIMAB_RA, do="sign", seen=seen_in(read), password=PASSWORD)
    answer = prescriber.post(address, other_facts)
    assert answer.status_code == 409
    assert "Nothing is signed. Read the plan below again" in text_of(answer)
    assert not clinic.ports.log.streams("course/")


def test_a_signature_needs_the_signers_own_password(prescriber: Client, clinic: Clinic) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    address = f"/patients/{patient}/order/iv-rituximab"
    read = prescriber.post(address, posted(**RITUXIMAB_RA, do="plan"))
    answer = prescriber.post(address, posted(**RITUXIMAB_RA, do="sign", seen=seen_in(read), password="wrong"))
    assert answer.status_code == 403
    assert "This is not your password. Nothing is signed." in text_of(answer)
    assert not clinic.ports.log.streams("course/")


def test_a_caution_needs_a_reason(prescriber: Client, clinic: Clinic) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    record(prescriber, patient, "body", weight="60", weight__unit="kg")
    address = f"/patients/{patient}/order/iv-rituximab"
    read = prescriber.post(address, posted(**RITUXIMAB_RA, do="plan"))
    if "Your reason to go on" not in text_of(read):
        record(prescriber, patient, "conditions", history__cardiac="yes")
        read = prescriber.post(address, posted(**RITUXIMAB_RA, do="plan"))
    answer = prescriber.post(address, posted(**RITUXIMAB_RA, do="sign", seen=seen_in(read), password=PASSWORD))
    assert answer.status_code == 422
    assert not clinic.ports.log.streams("course/")


def test_the_same_signature_sent_twice_is_one_order(prescriber: Client, clinic: Clinic) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    address = f"/patients/{patient}/order/iv-rituximab"
    form = posted(**RITUXIMAB_RA)
    read = prescriber.post(address, {**form, "do": "plan"})
    signed = {**form, "do": "sign", "seen": seen_in(read), "password": PASSWORD}
    import re

    signed |= dict.fromkeys(re.findall(r'name="(reason\.[^"]+)"', read.content.decode()), "because")
    first, second = prescriber.post(address, signed), prescriber.post(address, signed)
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert len(clinic.ports.log.streams("course/")) == 1


def test_a_volume_with_a_comma_comes_back_with_all_choices_kept(prescriber: Client) -> None:
    patient = register(prescriber)
    answer = prescriber.post(f"/patients/{patient}/order/iv-rituximab", posted(**{**RITUXIMAB_RA, "final_volume": "0,5"}, do="plan"))
    assert answer.status_code == 400
    assert "“0,5” cannot be read as one number" in text_of(answer)
    assert 'value="2027-03-02"' in answer.content.decode()


def test_every_shipped_protocol_has_a_form_that_opens_and_works_something_out(prescriber: Client, clinic: Clinic) -> None:
    patient = register(prescriber)
    for name, loaded in clinic.ports.library.entries().items():
        address = f"/patients/{patient}/order/{name}"
        assert prescriber.get(address).status_code == 200, name
        form = posted(indication=loaded.protocol.indications[0].code, start_on="2027-03-02", infusion_number="1", do="plan")
        answer = prescriber.post(address, form)
        assert answer.status_code == 200, (name, text_of(answer))
        assert "without words" not in text_of(answer), name


def test_only_prescribers_order(nurse: Client, pharmacist: Client, administrator: Client) -> None:
    patient = register(nurse)
    for client in (nurse, pharmacist, administrator):
        for address in (f"/patients/{patient}/order", f"/patients/{patient}/order/iv-rituximab"):
            assert client.get(address).status_code == 403
    assert Client().get(f"/patients/{patient}/order").status_code == 302
    assert "Order a therapy" not in text_of(nurse.get(f"/patients/{patient}"))


def test_a_real_store_works_out_an_unsigned_protocol_and_orders_none(
    prescriber: Client, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = replace(clinic.ports, site=replace(clinic.ports.site, is_demo=False))
    monkeypatch.setattr(wiring, "ports", lambda *_: real)
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    address = f"/patients/{patient}/order/iv-rituximab"
    read = prescriber.post(address, posted(**RITUXIMAB_RA, do="plan"))
    page = text_of(read)
    assert "1000 mg" in page
    assert "It can be worked out here, not ordered." in page
    assert "NOT FOR CLINICAL USE" in page  # an example that nobody here has signed
    assert 'name="password"' not in read.content.decode()
    assert not clinic.ports.log.streams("course/")


def number_field(client: Client, patient: str) -> str:
    page = client.get(f"/patients/{patient}/order/iv-rituximab").content.decode()
    return page.split('for="id_infusion_number"')[1].split("</div>")[0]


def test_the_number_of_the_infusion_is_asked_and_never_assumed(prescriber: Client) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    field = number_field(prescriber, patient)
    assert "Ask the patient: write 1 when there was none elsewhere either." in field
    assert "value=" not in field
    unanswered = {name: value for name, value in RITUXIMAB_RA.items() if name != "infusion_number"}
    assert prescriber.post(f"/patients/{patient}/order/iv-rituximab", posted(**unanswered, do="plan")).status_code == 400


def test_the_number_of_the_infusion_follows_from_the_record_with_its_reason(prescriber: Client, clinic: Clinic) -> None:
    patient = state(clinic, play(clinic, "iv-rituximab", 93)).patient
    field = number_field(prescriber, patient)
    assert 'value="2"' in field
    assert "This record holds 1 of this drug, the newest of 2027-03-01 with number 1." in field


def test_every_page_of_a_session_names_the_same_total(prescriber: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-infliximab", 93)
    ordered = order_of(clinic.ports, state(clinic, session).course).plan
    assert ordered is not None
    for page in (f"/sessions/{session}", f"/sessions/{session}/preparation", f"/sessions/{session}/record"):
        assert f"session 1 of {len(ordered.course)} " in text_of(prescriber.get(page))
