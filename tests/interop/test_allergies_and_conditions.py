""" "None known" needs the record to say so in whole; no entry is nobody asked; a disease is true or not asked, never absent."""

import pytest

from openinfusion.core.finding import Level
from openinfusion.core.patient import Answer
from tests.interop.bundles_of import allergy, codes, concept, condition, of_patient, patient, read, values

NONE_KNOWN, PENICILLIN, LATEX, POLLEN = "716186003", "91936005", "111088007", "256277009"


def test_allergies_that_are_understood_are_one_fact():
    found = read(patient(), allergy(PENICILLIN), allergy(LATEX))
    assert (values(found)["allergy"], codes(found)) == (("penicillin", "latex"), [])


def test_no_entry_at_all_is_not_asked():
    assert "allergy" not in values(read(patient()))


def test_none_known_is_an_answer_of_its_own():
    assert values(read(patient(), allergy(NONE_KNOWN)))["allergy"] is Answer.NONE_KNOWN


def test_none_known_beside_an_allergy_is_a_contradiction_and_the_allergy_stands():
    found = read(patient(), allergy(NONE_KNOWN), allergy(PENICILLIN))
    assert (values(found)["allergy"], codes(found)) == (("penicillin",), ["fhir.allergies-disagree"])


def test_none_known_beside_something_not_understood_is_not_none_known():
    found = read(patient(), allergy(NONE_KNOWN), allergy(POLLEN))
    assert "allergy" not in values(found)
    assert codes(found) == ["fhir.not-understood", "fhir.allergies-disagree"]


def test_an_allergy_that_is_not_understood_keeps_the_import_incomplete():
    found = read(patient(), allergy(PENICILLIN), allergy(POLLEN))
    assert values(found)["allergy"] == ("penicillin",)
    assert [(one.level, one.until) for one in found.findings] == [(Level.MISSING, "allergy")]


def test_an_allergy_in_free_text_keeps_the_import_incomplete():
    found = read(patient(), allergy("", code={"text": "some plaster"}))
    assert [(one.code, one.level) for one in found.findings] == [("fhir.text-only", Level.MISSING)]


def test_one_kind_that_is_not_known_leaves_the_others_open():
    found = read(patient(), allergy("409137002"))
    assert ("allergy" in values(found), codes(found)) == (False, ["fhir.one-kind-none-known"])


def test_no_information_is_asked_and_not_known():
    system = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
    assert values(read(patient(), allergy("", code=concept("no-allergy-info", system))))["allergy"] is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("verification", "clinical"),
    [("refuted", "active"), ("entered-in-error", "active"), ("confirmed", "inactive"), ("confirmed", "resolved")],
)
def test_an_allergy_that_does_not_stand_is_passed_over_with_a_word(verification, clinical):
    found = read(patient(), allergy(PENICILLIN, verification, clinical))
    assert ("allergy" in values(found), codes(found)) == (False, ["fhir.withdrawn"])


def test_an_allergy_that_nobody_confirmed_counts_and_is_asked_about():
    found = read(patient(), allergy(PENICILLIN, "unconfirmed"))
    assert (values(found)["allergy"], [one.level for one in found.findings]) == (("penicillin",), [Level.CAUTION])


def test_an_allergy_is_found_by_the_substance_of_its_reaction_too():
    reaction = [{"substance": concept(LATEX)}]
    assert values(read(patient(), allergy("419199007", reaction=reaction)))["allergy"] == ("latex",)


def test_an_unreadable_allergy_is_never_none_known():
    found = read(patient(), allergy(NONE_KNOWN), allergy("", code=[1]))
    assert ("allergy" in values(found), sorted(codes(found))) == (False, ["fhir.allergies-disagree", "fhir.unreadable"])


def test_a_disease_that_is_understood_is_true():
    assert values(read(patient(), condition("59621000")))["history.hypertension"] is True


@pytest.mark.parametrize(
    "state", [{"verificationStatus": concept("refuted", "x")}, {"verificationStatus": concept("entered-in-error", "x")}]
)
def test_a_disease_that_was_refuted_is_passed_over_and_never_false(state):
    found = read(patient(), condition("59621000", **state))
    assert ("history.hypertension" in values(found), codes(found)) == (False, ["fhir.withdrawn"])


def test_a_disease_that_is_over_counts_only_where_it_counts_for_ever():
    over = {"clinicalStatus": concept("resolved", "x")}
    found = read(patient(), condition("59621000", **over), condition("706870000", **over))
    assert (values(found).get("history.vte"), values(found).get("history.hypertension")) == (True, None)
    assert codes(found) == ["fhir.withdrawn"]


def test_a_disease_that_is_only_suspected_counts_with_a_caution():
    found = read(patient(), condition("24700007", verificationStatus=concept("provisional", "x")))
    assert (values(found)["history.demyelinating"], codes(found)) == (True, ["fhir.unconfirmed"])


def test_a_disease_in_free_text_is_named_and_nothing_is_made_of_it():
    found = read(patient(), of_patient("Condition", code={"text": "Crohn's disease"}))
    assert [(one.code, one.params["text"]) for one in found.findings] == [("fhir.text-only", "Crohn's disease")]
