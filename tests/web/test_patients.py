"""Find and register a patient: nothing in the address, duplicates shown before saving, three answers about allergies."""

from datetime import date
from uuid import UUID

from django.test import Client

from openinfusion.app.prescribing import facts_of
from openinfusion.core.administration.scancode import CodeKind, scancode
from tests.web.cast import PERSON, Clinic, posted, record, register, text_of


def test_a_registered_patient_has_a_page_with_two_identifiers_and_the_emergency_contact(nurse: Client) -> None:
    patient = register(nurse)
    page = text_of(nurse.get(f"/patients/{patient}"))
    for part in (
        "Example, Erika",
        "1980-05-31",
        "46 years",
        "MRN-1",
        "555 0100",
        "Otto Example",
        "husband",
    ):  # 46: 1980-05-31 to 2027-03-01
        assert part in page
    assert "Saved 09:00:00" in page


def test_the_code_for_the_wristband_stands_on_the_patients_page_and_is_the_one_the_session_expects(nurse: Client) -> None:
    patient = register(nurse)
    code = scancode(CodeKind.PATIENT, UUID(patient))
    assert f"Wristband {code}" in text_of(nurse.get(f"/patients/{patient}"))


def test_the_address_of_a_patient_says_nothing_about_who_it_is(nurse: Client) -> None:
    patient = register(nurse)
    found = nurse.post("/patients", {"q": "exa eri"})
    assert "Example, Erika" in text_of(found)
    assert f"/patients/{patient}" in found.content.decode()
    assert not any(word in f"/patients/{patient}" for word in ("Example", "Erika", "1980", "MRN"))


def test_a_patient_is_found_by_letters_mrn_birth_date_and_phone(nurse: Client) -> None:
    register(nurse)
    for typed in ("exa", "exa eri", "MRN-1", "1980-05-31", "5550100"):
        assert "Example, Erika" in text_of(nurse.post("/patients", {"q": typed})), typed
    assert "Nobody in this store matches" in text_of(nurse.post("/patients", {"q": "zzz"}))


def test_somebody_who_looks_the_same_is_shown_before_anything_is_stored(nurse: Client, clinic: Clinic) -> None:
    register(nurse)
    twin = posted(**{**PERSON, "mrn": "MRN-2"})
    asked = nurse.post("/patients/new", twin)
    assert asked.status_code == 422
    assert "is this one of these?" in text_of(asked)
    assert 'value="MRN-2"' in asked.content.decode()
    assert len(clinic.ports.identities.search("Example")) == 1
    assert nurse.post("/patients/new", {**twin, "is_another": "on"}).status_code == 302
    assert len(clinic.ports.identities.search("Example")) == 2


def test_a_record_number_that_is_taken_is_refused_with_what_to_do(nurse: Client) -> None:
    register(nurse)
    answer = nurse.post("/patients/new", posted(**{**PERSON, "family_name": "Other", "birth_date": "1970-01-01"}))
    assert answer.status_code == 422
    assert "This MRN belongs to a patient we have" in text_of(answer)


def test_the_same_form_sent_twice_registers_one_patient(nurse: Client, clinic: Clinic) -> None:
    form = posted(**PERSON)
    first, second = nurse.post("/patients/new", form), nurse.post("/patients/new", form)
    assert first["Location"] == second["Location"]
    assert len(clinic.ports.identities.search("Example")) == 1
    assert len(clinic.ports.log.read("patient/" + first["Location"].rsplit("/", 1)[1])) == 1
    assert "saved already" in text_of(nurse.get(second["Location"]))


def test_a_date_that_could_mean_two_days_is_refused_and_everything_typed_is_kept(nurse: Client) -> None:
    answer = nurse.post("/patients/new", posted(**{**PERSON, "birth_date": "03/04/80"}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write year-month-day" in text_of(answer)
    assert 'value="03/04/80"' in page
    assert 'value="Erika"' in page
    assert 'href="#id_birth_date"' in page


def test_a_birth_date_in_the_future_is_refused(nurse: Client) -> None:
    answer = nurse.post("/patients/new", posted(**{**PERSON, "birth_date": "2999-01-01"}))
    assert "lies in the future" in text_of(answer)


def test_allergies_not_asked_none_known_and_some_look_different(nurse: Client) -> None:
    patient = register(nurse)
    address = f"/patients/{patient}"
    assert "allergies ? not asked" in text_of(nurse.get(address))
    record(nurse, patient, "allergies", allergy="none")
    assert "allergies ✓ none known" in text_of(nurse.get(address))
    record(nurse, patient, "allergies", allergy="some", allergy__these=["rituximab"], allergy__others="peanut")
    assert "allergies ⚠ Rituximab, peanut" in text_of(nurse.get(address))
    record(nurse, patient, "allergies", allergy="unknown")
    assert "allergies ? asked, not known" in text_of(nurse.get(address))


def test_names_with_markup_and_quotes_stay_text(nurse: Client) -> None:
    patient = register(nurse, family_name="<b>O'Neil</b>", given_name='"Al"')
    page = nurse.get(f"/patients/{patient}").content.decode()
    assert "<b>O'Neil" not in page
    assert "&lt;b&gt;O&#x27;Neil" in page


def test_who_may_open_patients(nurse: Client, pharmacist: Client, prescriber: Client, administrator: Client) -> None:
    patient = register(nurse)
    for client in (nurse, pharmacist, prescriber):
        assert client.get("/patients").status_code == 200
        assert client.get(f"/patients/{patient}").status_code == 200
    for address in ("/patients", f"/patients/{patient}", "/patients/new", f"/patients/{patient}/facts/body"):
        assert administrator.get(address).status_code == 403  # safety.md 10: an administrator reads no chart
        outsider = Client().get(address)
        assert outsider.status_code == 302
        assert outsider["Location"].startswith("/sign-in")


def test_a_patient_that_does_not_exist_is_not_found(nurse: Client) -> None:
    assert nurse.get("/patients/00000000-0000-4000-8000-000000000000").status_code == 404


def test_a_correction_keeps_the_patient_and_its_birth_date_holds_at_once(nurse: Client, clinic: Clinic) -> None:
    patient = register(nurse)
    assert 'value="Erika"' in nurse.get(f"/patients/{patient}/identity").content.decode()
    form = posted(**{**PERSON, "birth_date": "1981-05-31", "phone": "555 0199"})
    assert nurse.post(f"/patients/{patient}/identity", form)["Location"] == f"/patients/{patient}"
    page = text_of(nurse.get(f"/patients/{patient}"))
    assert "1981-05-31 (45 years)" in page  # 1981-05-31 to 2027-03-01
    assert "555 0199" in page
    born = facts_of(clinic.ports, patient)[0].get("birth_date")
    assert born is not None
    assert born.value == date(1981, 5, 31)
    nurse.post(f"/patients/{patient}/identity", form)
    assert len(clinic.ports.log.read(f"patient/{patient}")) == 2  # registered, corrected once


def test_a_correction_never_takes_the_number_of_another(nurse: Client) -> None:
    register(nurse)
    other = register(nurse, family_name="Other", mrn="MRN-2", birth_date="1970-01-01")
    answer = nurse.post(f"/patients/{other}/identity", posted(**{**PERSON, "family_name": "Other"}))
    assert answer.status_code == 422
    assert "This MRN belongs to another patient" in text_of(answer)
