"""Signs that a Bundle was written for another FHIR release than R4, whose words mean other things. It converts nothing."""

from openinfusion.core.errors import Malformed
from openinfusion.interop.fhir.document import Node

_BUNDLE: dict[str, str] = {"issues": "R5"}
_FOREIGN_TYPES: dict[str, str] = {"MedicationOrder": "DSTU2", "DiagnosticOrder": "DSTU2", "BodySite": "STU3"}
_FOREIGN_MEMBERS: dict[str, dict[str, str]] = {
    "Patient": {"animal": "STU3", "careProvider": "DSTU2"},
    "Observation": {"related": "STU3", "comment": "STU3", "comments": "DSTU2", "triggeredBy": "R5", "bodyStructure": "R5"},
    "Condition": {"assertedDate": "STU3", "dateRecorded": "DSTU2", "participant": "R5"},
    "AllergyIntolerance": {"assertedDate": "STU3", "substance": "DSTU2", "participant": "R5"},
    "MedicationRequest": {"context": "STU3", "definition": "STU3", "medication": "R5", "effectiveDosePeriod": "R5"},
    "MedicationStatement": {"taken": "STU3", "medication": "R5", "adherence": "R5", "wasNotTaken": "DSTU2"},
}
"""Members of other releases; the R4 definitions (4.0.1, JSON schema) have none of them."""


def refuse_other_releases(bundle: Node, resources: tuple[Node, ...]) -> None:
    """Raise Malformed when something stands here that only another release has."""
    for name, release in _BUNDLE.items():
        if name in bundle.members:
            raise _of(release, f"{bundle.place}.{name}")
    for resource in resources:
        if resource.kind in _FOREIGN_TYPES:
            raise _of(_FOREIGN_TYPES[resource.kind], f"{resource.place}.resourceType")
        for name, release in _FOREIGN_MEMBERS.get(resource.kind, {}).items():
            if name in resource.members:
                raise _of(release, f"{resource.place}.{name}")
        _refuse_other_shapes(resource)


def _refuse_other_shapes(resource: Node) -> None:
    """The same member in the shape of another release: R4 has codeable concepts where STU3 had codes, and a code where R5 has a concept."""
    if resource.kind in ("Condition", "AllergyIntolerance"):
        for name in ("clinicalStatus", "verificationStatus"):
            if isinstance(resource.members.get(name), str):
                raise _of("STU3", f"{resource.place}.{name}")
    kind = resource.members.get("type")
    if resource.kind == "AllergyIntolerance" and isinstance(kind, dict):
        raise _of("R5", f"{resource.place}.type")


def _of(release: str, place: str) -> Malformed:
    return Malformed(place, f"this is written as in FHIR {release}, not R4", "the same Bundle exported as FHIR R4 (4.0.1)")
