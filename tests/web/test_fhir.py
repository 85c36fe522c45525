"""Facts from a FHIR Bundle: read and shown first, recorded only after a person compared who it is about, never for somebody else."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from openinfusion.app.prescribing import facts_of
from openinfusion.core.quantity import Quantity
from tests.web.cast import Clinic, posted, register, text_of

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"family": "Example", "given": ["Erika"]}],
    "birthDate": "1980-05-31",
    "gender": "female",
}
WEIGHT = {
    "resourceType": "Observation",
    "id": "w1",
    "status": "final",
    "subject": {"reference": "Patient/p1"},
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
    "effectiveDateTime": "2027-02-28T08:00:00Z",
    "valueQuantity": {"value": 70.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
}


def bundle(*resources: dict[str, Any]) -> str:
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]})


def test_a_bundle_is_shown_before_anything_is_recorded(nurse: Client, clinic: Clinic) -> None:
    patient = register(nurse)
    answer = nurse.post(f"/patients/{patient}/fhir", posted(bundle=bundle(PATIENT, WEIGHT)))
    page = text_of(answer)
    assert answer.status_code == 200
    assert "70.5 kg" in page
    assert "Erika Example" in page
    assert facts_of(clinic.ports, patient)[0].get("weight") is None


def test_facts_are_recorded_with_their_own_time_after_the_person_was_compared(nurse: Client, clinic: Clinic) -> None:
    patient = register(nurse)
    form = posted(bundle=bundle(PATIENT, WEIGHT), do="record")
    unticked = nurse.post(f"/patients/{patient}/fhir", form)
    assert unticked.status_code == 422
    assert "Compare name and birth date" in text_of(unticked)
    answer = nurse.post(f"/patients/{patient}/fhir?next=/patients/{patient}/order/iv-rituximab", {**form, "is_same": "on"})
    assert answer["Location"] == f"/patients/{patient}/order/iv-rituximab"
    weight = facts_of(clinic.ports, patient)[0].get("weight")
    assert weight is not None
    assert weight.value == Quantity("70.5", "kg")
    assert weight.at.isoformat().startswith("2027-02-28T08:00")
    nurse.post(f"/patients/{patient}/fhir", {**form, "is_same": "on"})
    assert len(clinic.ports.log.read(f"patient/{patient}")) == 2  # registered, recorded once


def test_an_uploaded_file_is_read_like_pasted_text(nurse: Client) -> None:
    patient = register(nurse)
    upload = SimpleUploadedFile("bundle.json", bundle(PATIENT, WEIGHT).encode(), "application/fhir+json")
    assert "70.5 kg" in text_of(nurse.post(f"/patients/{patient}/fhir", posted(file=upload)))


def test_another_birth_date_is_another_person_and_nothing_is_recorded(nurse: Client, clinic: Clinic) -> None:
    patient = register(nurse)
    other = bundle({**PATIENT, "birthDate": "1981-05-31"}, WEIGHT)
    answer = nurse.post(f"/patients/{patient}/fhir", posted(bundle=other, do="record", is_same="on"))
    assert answer.status_code == 422
    assert "⚠ differs" in text_of(answer)
    assert facts_of(clinic.ports, patient)[0].get("weight") is None


def test_two_patients_in_one_bundle_are_refused(nurse: Client, clinic: Clinic) -> None:
    patient = register(nurse)
    two = bundle(PATIENT, {**PATIENT, "id": "p2", "birthDate": "1990-01-01"}, WEIGHT)
    answer = nurse.post(f"/patients/{patient}/fhir", posted(bundle=two, do="record", is_same="on"))
    assert answer.status_code == 422
    assert facts_of(clinic.ports, patient)[0].get("weight") is None


def test_what_is_no_bundle_comes_back_with_what_to_write(nurse: Client) -> None:
    patient = register(nurse)
    for text in ("{", "[]", '{"resourceType": "Patient"}', "hello"):
        answer = nurse.post(f"/patients/{patient}/fhir", posted(bundle=text))
        assert answer.status_code == 400, text
        assert "cannot be read as a FHIR R4 Bundle" in text_of(answer)
    assert "Paste a Bundle, or choose its file." in text_of(nurse.post(f"/patients/{patient}/fhir", posted(bundle="")))


def test_who_may_take_facts_from_a_bundle(nurse: Client, prescriber: Client, pharmacist: Client, administrator: Client) -> None:
    patient = register(nurse)
    for client in (nurse, prescriber, pharmacist):
        assert client.get(f"/patients/{patient}/fhir").status_code == 200
    assert administrator.get(f"/patients/{patient}/fhir").status_code == 403
    assert Client().get(f"/patients/{patient}/fhir").status_code == 302
