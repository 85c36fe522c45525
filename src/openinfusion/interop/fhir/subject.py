"""Whom the resources of a Bundle are about: exactly one patient, or a finding. It never chooses, and never matches by name."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from openinfusion.core.finding import Finding, Level
from openinfusion.interop.fhir.document import Node, Tree, Unreadable

_TYPED = re.compile(r"(?:.*/)?(?P<kind>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?\Z", re.ASCII)
_READ = frozenset({"AllergyIntolerance", "Condition", "Observation", "MedicationRequest", "MedicationStatement"})


class Whose(StrEnum):
    """Whom a resource is about, seen from the patient of the Bundle."""

    PATIENT = "patient"
    ANOTHER = "another"
    NOT_A_PATIENT = "not_a_patient"
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True)
class Subject:
    """The one patient of a Bundle, the references that mean them, and every resource by the references that find it."""

    patient: Node | None
    references: frozenset[str]
    found: Mapping[str, Node]

    def whose(self, node: Node) -> Whose:
        """Whom a resource is about; raises Unreadable for a subject that is no reference."""
        text = reference(node)
        typed = _TYPED.match(text)
        if not text or "?" in text:
            return Whose.UNSAID
        if text.startswith("#"):
            inside = any(f"#{one.text('id')}" == text and one.kind == "Patient" for one in node.nodes("contained"))
            return Whose.PATIENT if inside else Whose.UNSAID
        if text in self.references or (typed is not None and f"{typed['kind']}/{typed['id']}" in self.references):
            return Whose.PATIENT
        target = self.found.get(text)
        kind = target.kind if target is not None else typed["kind"] if typed is not None else "Patient"
        return Whose.ANOTHER if kind == "Patient" else Whose.NOT_A_PATIENT


def reference(node: Node) -> str:
    """The reference to whom a resource is about, empty when it has none."""
    subject = node.node("patient" if node.kind == "AllergyIntolerance" else "subject")
    return "" if subject is None else subject.text("reference")


def patients_of(resources: Sequence[Node]) -> tuple[Node, ...]:
    """Every different Patient of the entries, and those inside the resources that are read. Two entries are one patient only when they
    are the same in all, their id and address too: twins may share everything else."""
    entries = {_all_of(node.members): node for node in resources if node.kind == "Patient"}
    known = {_all_of(_content(node)) for node in entries.values()}
    inside = (one for node in resources if node.kind in _READ for one in _contained(node) if one.kind == "Patient")
    others = {content: one for one in inside if (content := _all_of(_content(one))) not in known}
    return (*entries.values(), *others.values())


def subject_of(patients: Sequence[Node], resources: Sequence[Node]) -> Subject | Finding:
    """The one patient, or the finding that there are several. Without a Patient the one subject that all resources share."""
    if len(patients) > 1:
        return Finding("fhir.several-patients", Level.BANNED, {"count": len(patients)})
    found = {key: node for node in resources for key in _keys(node)}
    if patients:
        return Subject(patients[0], frozenset(_keys(patients[0])), found)
    named = {text for node in resources if node.kind in _READ and (text := _reference_or_none(node))}
    if len(named) > 1:
        return Finding("fhir.several-patients", Level.BANNED, {"count": len(named)})
    return Subject(None, frozenset(named), found)


def _keys(node: Node) -> tuple[str, ...]:
    address = node.members.get("fullUrl")
    return tuple(key for key in (address if isinstance(address, str) else "", f"{node.kind}/{node.id}" if node.id else "") if key)


def _contained(node: Node) -> tuple[Node, ...]:
    try:
        return node.nodes("contained")
    except Unreadable:
        return ()  # the reader of the resource says so


def _reference_or_none(node: Node) -> str:
    try:
        return reference(node)
    except Unreadable:
        return ""  # said where the resource is read


def _all_of(members: Mapping[str, Tree]) -> str:
    """One text for one content, whatever the order of its members."""
    return json.dumps(members, sort_keys=True, default=str)


def _content(patient: Node) -> dict[str, Tree]:
    return {name: value for name, value in patient.members.items() if name not in ("id", "meta", "text", "fullUrl")}
