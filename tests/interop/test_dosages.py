"""What a dosage of a medicine says twice and otherwise: a caution that names the resource, never a fact and never a guess."""

import pytest

from openinfusion.core.finding import Level
from tests.interop.bundles_of import concept, of_patient, patient, read

UCUM = "http://unitsofmeasure.org"
MG = {"value": 50, "unit": "mg", "system": UCUM, "code": "mg"}


def coded(value: object, code: str) -> dict[str, object]:
    return {"value": value, "unit": code, "system": UCUM, "code": code}


def findings(dosage: dict[str, object], name: str = "Morphine"):
    """What the consistency check finds in one active request."""
    request = of_patient(
        "MedicationRequest", id="m", status="active", medicationCodeableConcept=concept("1", text=name), dosageInstruction=[dosage]
    )
    return [one for one in read(patient(), request).findings if one.code.startswith("consistency.")]


def codes(dosage: dict[str, object], name: str = "Morphine") -> list[str]:
    return [one.code.removeprefix("consistency.") for one in findings(dosage, name)]


@pytest.mark.parametrize(
    ("dosage", "told"),
    [
        ({"text": "Give 50 mg slowly", "doseAndRate": [{"doseQuantity": MG}]}, []),
        ({"text": "Give 500 mg slowly", "doseAndRate": [{"doseQuantity": MG}]}, ["text", "ten-fold"]),
        ({"text": "50.0 mg", "doseAndRate": [{"doseQuantity": MG}]}, ["trailing-zero"]),
        ({"text": "at 12.5 mL/h", "doseAndRate": [{"rateQuantity": coded(125, "mL/h")}]}, ["text", "ten-fold"]),
        ({"text": "5 mg/h", "doseAndRate": [{"rateRatio": {"numerator": MG, "denominator": coded(1, "h")}}]}, ["text", "ten-fold"]),
        # 250 mL at 125 mL/h takes 2 h
        (
            {
                "timing": {"repeat": {"duration": 2, "durationUnit": "h"}},
                "doseAndRate": [{"doseQuantity": coded(250, "mL"), "rateQuantity": coded(125, "mL/h")}],
            },
            [],
        ),
        (
            {
                "timing": {"repeat": {"duration": 20, "durationUnit": "h"}},
                "doseAndRate": [{"doseQuantity": coded(250, "mL"), "rateQuantity": coded(125, "mL/h")}],
            },
            ["volume", "ten-fold"],
        ),
        ({"text": "5 mg/kg", "doseAndRate": [{"doseQuantity": coded(50, "mg/kg")}]}, ["text", "ten-fold"]),
        ({"doseAndRate": [{"doseQuantity": MG}]}, []),
        ({"text": "as directed"}, []),
        ({"text": "500 mg", "doseAndRate": [{"doseQuantity": {**MG, "comparator": "<"}}]}, []),
        ({"text": "500 mg", "doseAndRate": [{"doseQuantity": MG}, {"doseQuantity": MG}]}, []),
    ],
)
def test_text_arithmetic_and_codes_of_a_dosage_are_compared(dosage, told):
    assert codes(dosage) == told


def test_a_medicines_name_that_contradicts_its_own_strength_is_found():
    assert codes({}, "Morphine 50 mg/5 mL (1 mg/mL)") == ["label", "ten-fold"]
    assert codes({}, "Morphine 50 mg/5 mL (10 mg/mL)") == []


def test_a_contradiction_in_a_hint_is_a_caution_that_names_where_it_stands():
    assert {(one.level, one.rule) for one in findings({"text": "60 mg", "doseAndRate": [{"doseQuantity": MG}]})} == {
        (Level.CAUTION, "MedicationRequest/m")
    }


@pytest.mark.parametrize("duration", [1e300, "2", True])
def test_a_duration_that_is_none_is_a_finding_and_no_failure(duration):
    request = of_patient(
        "MedicationRequest",
        id="m",
        status="active",
        medicationCodeableConcept=concept("1", text="Morphine"),
        dosageInstruction=[{"timing": {"repeat": {"duration": duration, "durationUnit": "h"}}}],
    )
    assert "fhir.unreadable" in [one.code for one in read(patient(), request).findings]
