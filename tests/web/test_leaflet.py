"""The leaflet answers from the patient's own order, keeps what was typed inert, and says when it must not be handed out."""

from django.test import Client

from tests.web.cast import asked_everything, posted, register, sign_rituximab, text_of


def test_the_leaflet_names_the_patient_the_dose_and_the_dates(prescriber: Client) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    course = sign_rituximab(prescriber, patient)
    page = text_of(prescriber.get(f"/orders/{course}/leaflet"))
    for part in (
        "Erika Example",
        "1000 mg",
        "2027-03-02",
        "2027-03-16",
        "When must I call at once?",
    ):  # RA: 1000 mg, two infusions 14 days apart
        assert part in page


def test_a_leaflet_in_another_language_than_the_patients_says_so(prescriber: Client) -> None:
    patient = register(prescriber, language="de")
    asked_everything(prescriber, patient)
    course = sign_rituximab(prescriber, patient)
    assert "There is no leaflet in the patient's language (German)" in text_of(prescriber.get(f"/orders/{course}/leaflet"))


def test_a_name_with_markup_stays_text_in_the_leaflet(prescriber: Client) -> None:
    patient = register(prescriber, family_name="<script>alert(1)</script>")
    asked_everything(prescriber, patient)
    course = sign_rituximab(prescriber, patient)
    assert "<script>alert" not in prescriber.get(f"/orders/{course}/leaflet").content.decode()


def test_the_leaflet_of_a_cancelled_order_is_not_to_be_handed_out(prescriber: Client) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    course = sign_rituximab(prescriber, patient)
    prescriber.post(f"/orders/{course}/cancel", posted(reason="changed"))
    assert "Do not hand out this leaflet" in text_of(prescriber.get(f"/orders/{course}/leaflet"))


def test_who_may_read_a_leaflet(prescriber: Client, nurse: Client, pharmacist: Client, administrator: Client) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    course = sign_rituximab(prescriber, patient)
    for client in (prescriber, nurse, pharmacist):
        assert client.get(f"/orders/{course}/leaflet").status_code == 200
    assert administrator.get(f"/orders/{course}/leaflet").status_code == 403
    assert Client().get(f"/orders/{course}/leaflet").status_code == 302
