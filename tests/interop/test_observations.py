"""What may become a fact: a final value in a UCUM unit of the kind, at a known time, of this patient; everything else is a finding."""

from datetime import UTC, datetime

import pytest

from openinfusion.core.finding import Level
from openinfusion.core.quantity import Quantity
from tests.interop.bundles_of import KG, LOINC, SNOMED, UCUM, codes, concept, observation, patient, read, values, weight


def test_a_weight_in_kilograms_is_a_fact_at_the_time_it_was_true():
    found = read(patient(), weight())
    fact = next(one for one in found.facts if one.field == "weight")
    assert (fact.value, fact.at) == (Quantity(71, "kg"), datetime(2027, 2, 20, 8, 0, tzinfo=UTC))
    assert codes(found) == []


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        ({"value": 71}, "fhir.no-unit"),
        ({"value": 71, "unit": "stone"}, "fhir.unit-unknown"),
        ({"value": 71, "system": UCUM, "code": "lbs"}, "fhir.unit-unknown"),
        ({"value": 71, "system": "http://snomed.info/sct", "code": "kg"}, "fhir.unit-unknown"),
        ({"value": 71, "system": UCUM, "code": "cm"}, "fhir.unit-of-other-kind"),
        ({"value": 71000, "system": UCUM, "code": "g"}, "fhir.unit-of-other-kind"),
        ({"value": 71, "unit": "lb", "system": UCUM, "code": "kg"}, "fhir.units-disagree"),
        ({**KG, "comparator": ">"}, "fhir.not-exact"),
        ({"unit": "kg", "system": UCUM, "code": "kg"}, "fhir.no-value"),
        ({**KG, "value": "71"}, "fhir.unreadable"),
        ({**KG, "value": 1e300}, "fhir.unreadable"),
        ([KG], "fhir.unreadable"),
    ],
)
def test_a_weight_that_is_not_one_amount_in_a_unit_of_mass_is_missing(quantity, code):
    found = read(patient(), weight(quantity))
    assert "weight" not in values(found)
    assert [(one.code, one.level, one.until) for one in found.findings] == [(code, Level.MISSING, "weight")]


def test_pounds_count_only_where_they_are_written_and_with_a_word_on_it():
    found = read(patient(), weight({"value": 156.5, "unit": "lb", "system": UCUM, "code": "[lb_av]"}))
    assert values(found)["weight"] == Quantity("156.5", "[lb_av]")
    # 156.5 lb x 0.45359237 kg/lb, the definition of the avoirdupois pound
    assert found.findings[0].params["kilograms"] == Quantity("70.987205905", "kg")
    assert (found.findings[0].code, found.findings[0].level) == ("fhir.pounds", Level.CAUTION)


def test_a_unit_that_is_only_written_as_text_is_used_and_said():
    found = read(patient(), weight({"value": 71, "unit": "kg"}))
    assert (values(found)["weight"], codes(found)) == (Quantity(71, "kg"), ["fhir.unit-as-text"])


def test_of_several_weights_the_newest_counts_and_the_one_before_is_kept_for_comparison():
    older, oldest = weight({**KG, "value": 75}, at="2027-01-10T08:00:00Z"), weight({**KG, "value": 99}, at="2026-01-10T08:00:00Z")
    found = read(patient(), older, weight(), oldest)
    assert [fact.value for fact in found.facts if fact.field == "weight"] == [Quantity(75, "kg"), Quantity(71, "kg")]


def test_two_weights_of_one_time_that_differ_are_no_weight():
    found = read(patient(), weight(), weight({**KG, "value": 72}))
    assert "weight" not in values(found)
    assert [(one.code, one.params["values"]) for one in found.findings] == [("fhir.differ", ("71 kg", "72 kg"))]


def test_two_weights_of_one_time_that_agree_are_one():
    assert codes(read(patient(), weight(), weight({"value": 71.0, "system": UCUM, "code": "kg"}))) == []


def test_a_day_has_no_order_among_the_hours_of_that_day():
    found = read(patient(), weight(), weight({**KG, "value": 72}, at="2027-02-20"))
    assert (codes(found), "weight" in values(found)) == (["fhir.differ"], False)


@pytest.mark.parametrize("at", ["", "2027", "2027-02"])
def test_a_weight_of_no_certain_day_is_not_usable_and_holds_back_the_others(at):
    found = read(patient(), weight(at=at), weight({**KG, "value": 70}))
    assert ("weight" in values(found), codes(found)) == (False, ["fhir.no-time"])


def test_a_weight_of_tomorrow_is_not_usable():
    assert codes(read(patient(), weight(at="2027-03-02T08:00:00Z"))) == ["fhir.in-future"]


@pytest.mark.parametrize("at", ["2027-02-30", "yesterday", "2027-02-20T08:00:00", "0001-01-01T00:00:00+14:00", 20270220])
def test_what_is_no_time_is_unreadable(at):
    assert codes(read(patient(), weight(at=at))) == ["fhir.unreadable"]


@pytest.mark.parametrize("status", ["preliminary", "registered", "unknown", "", "made-up"])
def test_a_value_that_is_not_final_is_missing_and_no_older_one_takes_its_place(status):
    found = read(patient(), weight(status=status), weight({**KG, "value": 70}, at="2027-01-10T08:00:00Z"))
    assert ("weight" in values(found), codes(found)) == (False, ["fhir.not-final"])


def test_a_newer_final_value_settles_an_older_one_that_could_not_be_used():
    found = read(patient(), weight(status="preliminary"), weight({**KG, "value": 70}, at="2027-02-28T08:00:00Z"))
    assert (values(found)["weight"], codes(found)) == (Quantity(70, "kg"), [])


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_value_that_was_withdrawn_is_passed_over_with_a_word(status):
    found = read(patient(), weight(status=status), weight({**KG, "value": 70}, at="2027-01-10T08:00:00Z"))
    assert (values(found)["weight"], codes(found)) == (Quantity(70, "kg"), ["fhir.withdrawn"])


def test_absent_data_is_no_value_and_says_why():
    absent = weight(None, dataAbsentReason=concept("asked-declined", "http://terminology.hl7.org/CodeSystem/data-absent-reason"))
    found = read(patient(), absent)
    assert codes(found) == ["fhir.no-value"]
    assert "asked-declined" in str(found.findings[0].params["where"])


def test_a_value_beside_the_reason_for_its_absence_is_no_value():
    assert codes(read(patient(), weight(dataAbsentReason=concept("unknown")))) == ["fhir.no-value"]


def test_a_value_about_somebody_else_inside_the_record_is_not_the_patients():
    assert codes(read(patient(), weight(focus=[{"reference": "Patient/fetus"}]))) == ["fhir.about-another"]


def test_the_systolic_pressure_is_read_from_its_component():
    pressure = {"value": 118, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}
    panel = observation("85354-9", component=[{"code": concept("8480-6", LOINC), "valueQuantity": pressure}])
    assert values(read(patient(), panel))["bp.systolic"] == Quantity(118, "mm[Hg]")


def test_a_component_without_a_value_is_no_pressure():
    panel = observation("85354-9", component=[{"code": concept("8480-6", LOINC), "dataAbsentReason": concept("unknown")}])
    assert codes(read(patient(), panel)) == ["fhir.no-value"]


def test_a_count_in_thousands_per_microlitre_is_the_same_in_1e9_per_litre():
    count = observation("777-3", {"value": 293, "unit": "10*3/uL", "system": UCUM, "code": "10*3/uL"})
    assert values(read(patient(), count))["lab.platelets"] == Quantity(293, "10*9/L")


def test_a_creatinine_by_mass_is_never_turned_into_one_by_substance():
    creatinine = observation("2160-0", {"value": 0.9, "system": UCUM, "code": "mg/dL"})
    assert codes(read(patient(), creatinine)) == ["fhir.unit-of-other-kind"]


@pytest.mark.parametrize(("answer", "pregnant"), [("77386006", True), ("60001007", False)])
def test_a_coded_answer_is_read_by_its_code(answer, pregnant):
    assert values(read(patient(), observation("82810-3", valueCodeableConcept=concept(answer))))["pregnant"] is pregnant


def test_a_negative_surface_antigen_alone_settles_nothing_about_hepatitis_b():
    negative = read(patient(), observation("5196-1", valueCodeableConcept=concept("260385009", SNOMED, "Negative")))
    positive = read(patient(), observation("5196-1", valueCodeableConcept=concept("10828004")))
    assert (codes(negative), "lab.hbv" in values(negative)) == (["fhir.value-not-understood"], False)
    assert values(positive)["lab.hbv"] == "positive"


def test_an_answer_in_free_text_is_not_understood():
    assert codes(read(patient(), observation("82810-3", valueString="no"))) == ["fhir.value-not-understood"]
    assert codes(read(patient(), observation("82810-3", valueCodeableConcept={"text": "not pregnant"}))) == ["fhir.value-not-understood"]


def test_two_values_in_one_observation_are_none():
    assert codes(read(patient(), weight(valueString="71 kg"))) == ["fhir.no-value"]


def test_a_code_that_means_nothing_here_is_named_once():
    found = read(patient(), observation("4548-4"), observation("4548-4", at="2026-01-01"))
    assert [(one.code, one.level, one.params["code"]) for one in found.findings] == [("fhir.not-understood", Level.INFO, f"{LOINC}|4548-4")]


def test_one_observation_coded_as_two_fields_is_not_understood():
    both = {"coding": [{"system": LOINC, "code": "29463-7"}, {"system": LOINC, "code": "8302-2"}]}
    assert codes(read(patient(), weight(code=both))) == ["fhir.not-understood"]


def test_a_period_counts_from_its_start_and_until_its_end():
    old = weight({**KG, "value": 70}, at="", effectivePeriod={"start": "2027-02-19", "end": "2027-02-21"})
    assert codes(read(patient(), weight(), old)) == ["fhir.differ"]
