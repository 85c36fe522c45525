"""Small R4 Bundles for the tests of the FHIR reader, written part by part, and one way to read them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from openinfusion.interop.fhir.bundle import BundleFacts, read_bundle
from openinfusion.protocols.load import load_library

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
KG = {"value": 71, "unit": "kg", "system": UCUM, "code": "kg"}

Resource = dict[str, object]


def fields():
    return load_library().reference.fields


def concept(code: str, system: str = SNOMED, text: str = "") -> Resource:
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def patient(**more: object) -> Resource:
    return {
        "resourceType": "Patient",
        "id": "p",
        "gender": "female",
        "birthDate": "1980-05-01",
        "name": [{"family": "Example", "given": ["Rosa"]}],
        **more,
    }


def of_patient(kind: str, **more: object) -> Resource:
    return {"resourceType": kind, ("patient" if kind == "AllergyIntolerance" else "subject"): {"reference": "Patient/p"}, **more}


def observation(code: str, value: Resource | None = None, /, at: str = "2027-02-20T08:00:00Z", **more: object) -> Resource:
    """An Observation by its LOINC code; without `at` it has no time, without `value` no value."""
    told: Resource = {"status": "final", "code": concept(code, LOINC)}
    told |= {"effectiveDateTime": at} if at else {}
    told |= {"valueQuantity": value} if value is not None else {}
    return of_patient("Observation", **{**told, **more})


def weight(value: Resource | None = KG, /, at: str = "2027-02-20T08:00:00Z", **more: object) -> Resource:
    return observation("29463-7", value, at=at, **more)


def allergy(code: str, verification: str = "confirmed", clinical: str = "active", /, **more: object) -> Resource:
    states = {"clinicalStatus": concept(clinical, "x"), "verificationStatus": concept(verification, "x")}
    return of_patient("AllergyIntolerance", **{"code": concept(code), **states, **more})


def condition(code: str, /, **more: object) -> Resource:
    return of_patient("Condition", **{"code": concept(code), "clinicalStatus": concept("active", "x"), **more})


def bundle(*resources: Mapping[str, object], **more: object) -> str:
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources], **more})


def read(*resources: Mapping[str, object], now: datetime = NOW, **more: object) -> BundleFacts:
    return read_bundle(bundle(*resources, **more), fields(), now)


def values(found: BundleFacts) -> dict[str, object]:
    """The newest value of each field."""
    return {fact.field: fact.value for fact in sorted(found.facts, key=lambda fact: fact.at)}


def codes(found: BundleFacts) -> list[str]:
    return [finding.code for finding in found.findings]
