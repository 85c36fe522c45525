"""Whom a Bundle is about, what forbids reading it, and what is refused whole with what to write."""

import json
from datetime import date

import pytest

from openinfusion.core.errors import Malformed
from openinfusion.core.finding import Level
from openinfusion.core.quantity import Quantity
from openinfusion.interop.fhir import document
from openinfusion.interop.fhir.bundle import read_bundle
from tests.interop.bundles_of import (
    KG,
    NOW,
    SNOMED,
    allergy,
    bundle,
    codes,
    concept,
    condition,
    fields,
    observation,
    of_patient,
    patient,
    read,
    values,
    weight,
)

REPLACED = {"link": [{"other": {"reference": "Patient/q"}, "type": "replaced-by"}]}


# Who it is
def test_the_patient_is_read_by_name_birth_date_sex_and_record_number():
    numbers = [
        {"value": "1", "type": {"text": "MRN"}},
        {"value": "EX-1001", "type": concept("MR", "http://terminology.hl7.org/CodeSystem/v2-0203")},
    ]
    found = read(patient(identifier=numbers, name=[{"use": "old", "family": "Before"}, {"given": ["Rosa", None], "family": "Example"}]))
    assert found.identity is not None
    assert (found.identity.names, found.identity.birth_date) == (("Rosa Example",), date(1980, 5, 1))
    assert (found.identity.sex, found.identity.mrn) == ("female", "EX-1001")
    assert values(found) == {"birth_date": date(1980, 5, 1), "sex": "female"}


def test_several_record_numbers_are_none():
    typed = {"type": concept("MR", "http://terminology.hl7.org/CodeSystem/v2-0203")}
    found = read(patient(identifier=[{**typed, "value": "1"}, {**typed, "value": "2"}]))
    assert (found.identity and found.identity.mrn, codes(found)) == ("", ["fhir.several-record-numbers"])


@pytest.mark.parametrize("text", ["1980", "1980-05", "1980-02-30", "2030-01-01", "May 1980"])
def test_a_birth_date_that_is_not_one_past_day_is_no_age(text):
    found = read(patient(birthDate=text))
    assert ("birth_date" in values(found), codes(found)) == (False, ["fhir.birth-date"])


@pytest.mark.parametrize("gender", [None, "F", ""])
def test_a_sex_that_r4_does_not_know_is_missing(gender):
    assert codes(read(patient(gender=gender))) == ["fact.missing"]


@pytest.mark.parametrize(
    ("more", "code", "level"),
    [
        ({"deceasedBoolean": True}, "fhir.deceased", Level.BANNED),
        ({"deceasedDateTime": "2026"}, "fhir.deceased", Level.BANNED),
        (REPLACED, "fhir.patient-replaced", Level.BANNED),
        ({"active": False}, "fhir.patient-not-in-use", Level.CAUTION),
        ({"deceasedBoolean": "no"}, "fhir.unreadable", Level.MISSING),
    ],
)
def test_a_record_that_should_not_be_used_says_so(more, code, level):
    assert [(one.code, one.level) for one in read(patient(**more)).findings] == [(code, level)]


def test_a_patient_who_is_said_to_live_is_no_finding():
    assert codes(read(patient(deceasedBoolean=False, active=True))) == []


# Whom it is about
def test_of_several_patients_none_is_chosen():
    found = read(patient(), patient(id="q", birthDate="1990-01-01"), weight())
    assert (found.identity, found.facts) == (None, ())
    assert [(one.code, one.level) for one in found.findings] == [("fhir.several-patients", Level.BANNED)]


def test_the_same_patient_twice_is_one():
    assert codes(read(patient(), patient(), weight())) == []


def test_two_versions_of_the_patient_are_two():
    assert "fhir.several-patients" in codes(read(patient(), patient(birthDate="1990-01-01")))


def test_twins_who_share_everything_but_their_id_are_two():
    assert codes(read(patient(), patient(id="q"))) == ["fhir.several-patients"]


def test_what_is_about_another_patient_bans_the_import():
    found = read(patient(), weight(subject={"reference": "Patient/q"}))
    assert [(one.code, one.level) for one in found.findings] == [("fhir.other-patient", Level.BANNED)]
    assert "weight" not in values(found)


def test_what_is_about_a_group_or_device_is_passed_over():
    assert codes(read(patient(), weight(subject={"reference": "Device/pump"}))) == ["fhir.not-a-patient"]


@pytest.mark.parametrize("subject", [None, {}, {"display": "Rosa Example"}, {"reference": "Patient?identifier=1"}, {"reference": "#gone"}])
def test_what_does_not_say_whom_it_is_about_is_missing(subject):
    found = read(patient(), weight(subject=subject))
    assert [(one.code, one.level) for one in found.findings] == [("fhir.no-subject", Level.MISSING)]


@pytest.mark.parametrize("reference", ["Patient/p", "https://ehr.example/fhir/Patient/p", "Patient/p/_history/2", "urn:uuid:1"])
def test_the_patient_is_found_by_every_kind_of_reference(reference):
    entries = [{"fullUrl": "urn:uuid:1", "resource": patient()}, {"resource": weight(subject={"reference": reference})}]
    found = read_bundle(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}), fields(), NOW)
    assert values(found)["weight"] == Quantity(71, "kg")


def test_a_contained_patient_is_the_patient():
    inside = weight(subject={"reference": "#p"}, contained=[patient()])
    found = read(inside)
    assert (found.identity is not None, values(found)["weight"]) == (True, Quantity(71, "kg"))


def test_without_a_patient_the_facts_of_one_subject_are_read_and_nobody_is_named():
    found = read(weight())
    assert (found.identity, values(found)["weight"], codes(found)) == (None, Quantity(71, "kg"), ["fhir.no-patient"])


def test_without_a_patient_two_subjects_are_several_patients():
    assert codes(read(weight(), weight(subject={"reference": "Patient/q"}))) == ["fhir.several-patients"]


# What forbids reading
@pytest.mark.parametrize(
    "where", [{"modifierExtension": [{"url": "x"}]}, {"implicitRules": "x"}, {"code": {"coding": [{"modifierExtension": [{"url": "x"}]}]}}]
)
def test_what_may_turn_the_meaning_round_is_never_read(where):
    found = read(patient(), weight(**where))
    assert [(one.code, one.level) for one in found.findings] == [("fhir.unsafe", Level.BANNED)]
    assert "weight" not in values(found)


def test_a_patient_who_cannot_be_read_safely_is_nobody():
    found = read(patient(modifierExtension=[{"url": "x"}]))
    assert (found.identity, codes(found)) == (None, ["fhir.unsafe"])


def test_one_resource_in_two_versions_is_not_used():
    found = read(patient(), weight(id="w"), weight({**KG, "value": 70}, id="w"))
    assert ("weight" in values(found), codes(found)) == (False, ["fhir.several-versions"])


def test_one_resource_twice_is_one():
    assert codes(read(patient(), weight(id="w"), weight(id="w"))) == []


def test_an_entry_that_deletes_is_passed_over():
    entries = [{"resource": patient()}, {"request": {"method": "DELETE", "url": "Observation/1"}, "resource": weight()}]
    found = read_bundle(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}), fields(), NOW)
    assert "weight" not in values(found)


def test_one_page_of_a_search_is_not_the_whole_record():
    assert codes(read(patient(), link=[{"relation": "next", "url": "x"}])) == ["fhir.more-pages"]


def test_resources_that_the_server_cut_down_are_said():
    assert codes(read(patient(meta={"tag": [{"code": "SUBSETTED"}]}))) == ["fhir.subset"]


def test_what_the_server_warns_of_is_passed_on():
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "incomplete", "diagnostics": "too many"}]}
    assert [one.params for one in read(patient(), outcome).findings] == [{"text": "too many"}]


@pytest.mark.parametrize(
    ("more", "findings"),
    [
        ({"status": "final"}, []),
        ({"status": "preliminary"}, [("fhir.document-status", Level.CAUTION)]),
        ({"status": "entered-in-error"}, [("fhir.document-status", Level.BANNED)]),
        ({"status": "final", "modifierExtension": [{"url": "x"}]}, [("fhir.unsafe", Level.BANNED)]),
    ],
)
def test_a_document_that_does_not_stand_says_so(more, findings):
    found = read(patient(), {"resourceType": "Composition", **more})
    assert [(one.code, one.level) for one in found.findings] == findings


def test_foreign_text_never_moves_a_cursor():
    found = read(patient(name=[{"text": "Rosa\u001b[2J\u202e Example"}]), observation("1", code={"text": "x\u001b[31m"}))
    assert found.identity is not None
    assert all(text.isprintable() for text in (*found.identity.names, *(str(one.params["text"]) for one in found.findings)))


def test_kinds_of_resource_that_are_not_read_are_named():
    assert [one.params for one in read(patient(), {"resourceType": "Procedure"}).findings] == [{"types": ("Procedure",)}]


def test_the_heaviest_finding_stands_first():
    found = read(patient(deceasedBoolean=True), observation("4548-4"), weight({"value": 71}))
    assert codes(found) == ["fhir.deceased", "fhir.no-unit", "fhir.not-understood"]


# Medicines
def test_an_order_in_the_bundle_is_a_hint_and_never_an_order():
    dosage = {"route": {"text": "IV"}, "doseAndRate": [{"doseQuantity": {"value": 355, "unit": "mg"}}]}
    asked = of_patient(
        "MedicationRequest", id="m", status="draft", medicationCodeableConcept=concept("1", text="Infliximab"), dosageInstruction=[dosage]
    )
    found = read(patient(), asked)
    hint = found.medications[0]
    assert (hint.name, hint.codes, hint.dose, hint.route, hint.source) == (
        "Infliximab",
        ((SNOMED, "1"),),
        Quantity(355, "mg"),
        "IV",
        "MedicationRequest/m",
    )
    assert (codes(found), set(values(found))) == (["fhir.medicines"], {"birth_date", "sex"})


@pytest.mark.parametrize("place", ["contained", "entry"])
def test_a_medicine_behind_a_reference_is_found(place):
    medicine = {"resourceType": "Medication", "id": "m", "code": {"text": "Methotrexate"}}
    reference = {"reference": "#m" if place == "contained" else "Medication/m"}
    taken = of_patient(
        "MedicationStatement", status="active", medicationReference=reference, **({"contained": [medicine]} if place == "contained" else {})
    )
    found = read(patient(), taken, *([medicine] if place == "entry" else []))
    assert [hint.name for hint in found.medications] == ["Methotrexate"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"status": "stopped"}, "fhir.withdrawn"),
        ({"status": "active", "doNotPerform": True}, "fhir.do-not-give"),
        ({"status": "active"}, "fhir.medicine-not-named"),
        ({"status": "active", "medicationReference": {"reference": "Medication/gone"}}, "fhir.medicine-not-named"),
    ],
)
def test_a_medicine_that_is_not_to_be_given_is_no_hint(more, code):
    found = read(patient(), of_patient("MedicationRequest", **more))
    assert (found.medications, codes(found)) == ((), [code])


# What is refused whole
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "JSON"),
        ('{"resourceType": "Bundle", ', "JSON"),
        ("[]", "not a JSON object"),
        ("{}", "no resourceType"),
        ('{"resourceType": "Patient"}', "it is a Patient"),
        ('{"resourceType": "Bundle"}', "nothing is not a type"),
        ('{"resourceType": "Bundle", "type": "history"}', "history"),
        ('{"resourceType": "Bundle", "type": "collection", "type": "document"}', "twice"),
        ('{"resourceType": "Bundle", "type": "collection", "total": NaN}', "NaN"),
        ('{"resourceType": "Bundle", "type": "collection", "entry": {}}', "not a list"),
        ('{"resourceType": "Bundle", "type": "collection", "entry": [1]}', "not an object"),
        ('{"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {}}]}', "is missing"),
        ('{"a":' * 150 + "1" + "}" * 150, "levels deep"),
        ("[" * 200_000, "levels deep"),
    ],
)
def test_text_that_is_no_bundle_is_refused_with_what_to_write(text, says):
    with pytest.raises(Malformed) as refused:
        read_bundle(text, fields(), NOW)
    assert says in str(refused.value.params["why"])
    assert refused.value.params["write"]


def test_a_text_that_is_too_long_is_refused_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr(document, "LARGEST", 10)
    with pytest.raises(Malformed, match="longer"):
        read_bundle(bundle(patient()), fields(), NOW)


@pytest.mark.parametrize(
    ("resource", "release"),
    [
        (condition("1", clinicalStatus="active"), "STU3"),
        (allergy("1", verificationStatus="confirmed"), "STU3"),
        (allergy("1", type=concept("allergy")), "R5"),
        (of_patient("MedicationRequest", medication={"concept": {}}), "R5"),
        (of_patient("MedicationRequest", medication={"reference": {}}), "R5"),
        (weight(related=[]), "STU3"),
        ({"resourceType": "MedicationOrder"}, "DSTU2"),
    ],
)
def test_another_release_is_refused_by_its_name(resource, release):
    with pytest.raises(Malformed) as refused:
        read(patient(), resource)
    assert release in str(refused.value.params["why"])
    assert "R4" in str(refused.value.params["write"])


def test_a_bundle_of_r5_is_refused_by_its_issues():
    with pytest.raises(Malformed, match="R5"):
        read(patient(), issues={"resourceType": "OperationOutcome"})


def test_a_byte_order_mark_is_no_reason_to_refuse():
    assert read_bundle("\ufeff" + bundle(patient()), fields(), NOW).identity is not None
