"""Bundles that we did not write (origin and licence: bundles/README.md) are read whole; what they leave open is said."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fhir.resources.R4B.bundle import Bundle

from openinfusion.app import present
from openinfusion.core.codes import CODES
from openinfusion.core.quantity import Quantity
from openinfusion.interop.fhir.bundle import read_bundle
from tests.interop.bundles_of import codes, fields, values

FOLDER = Path(__file__).parent / "bundles"
OURS = Path(__file__).parents[2] / "examples" / "fhir-iv-infliximab.json"
NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)

# What each holds, as read in the file itself.
LEAVES_OPEN = {
    "hl7-bundle-example": {"fhir.more-pages", "fhir.no-patient", "fhir.withdrawn"},
    "hl7-bundle-references": {"fhir.several-patients"},
    "hl7-bundle-search-warning": {"fhir.no-patient", "fhir.server-said"},
    "hl7-bundle-transaction": {"fhir.not-read", "fhir.several-patients"},
    "hl7-father": {"fhir.medicines", "fhir.not-read", "fhir.not-understood", "fhir.text-only", "fhir.withdrawn"},
    "hl7-lipids": {"fhir.no-patient", "fhir.not-read", "fhir.not-understood"},
    "hl7-report": {"fhir.no-patient", "fhir.no-subject", "fhir.not-read"},
    "hl7-several-patients": {"fhir.several-patients"},
    "hl7-xds": {"fact.missing", "fhir.not-read"},
    "carebundle-hypertension": {"fhir.medicines", "fhir.not-read", "fhir.not-understood", "fhir.unit-of-other-kind"},
    "carebundle-type2_diabetes": {"fhir.medicines", "fhir.not-read", "fhir.not-understood", "fhir.unit-of-other-kind"},
}


def test_every_file_is_expected():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(LEAVES_OPEN)


@pytest.mark.parametrize("name", sorted(LEAVES_OPEN))
def test_a_foreign_bundle_is_read_and_says_what_it_leaves_open(name):
    found = read_bundle((FOLDER / f"{name}.json").read_text(encoding="utf-8"), fields(), NOW)
    assert set(codes(found)) == LEAVES_OPEN[name]
    assert all(set(one.params) == set(CODES[one.code]) for one in found.findings)
    assert all(present.finding(one).text for one in found.findings)


def test_the_facts_of_a_foreign_patient_are_those_of_the_file():
    found = values(read_bundle((FOLDER / "carebundle-hypertension.json").read_text(encoding="utf-8"), fields(), NOW))
    # carebundle-hypertension.json: 102.4 kg, 179 cm, 293 10*3/uL platelets, ICD-10-CM I10
    assert (found["weight"], found["height"]) == (Quantity("102.4", "kg"), Quantity(179, "cm"))
    assert (found["lab.platelets"], found["history.hypertension"]) == (Quantity(293, "10*9/L"), True)
    assert "allergy" not in found  # amoxicillin: no row of ours


def test_our_own_example_is_r4_by_a_foreign_library():
    Bundle.model_validate(json.loads(OURS.read_text(encoding="utf-8")))
