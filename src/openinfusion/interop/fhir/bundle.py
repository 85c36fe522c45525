"""A FHIR R4 Bundle about one patient, as facts of our dictionary, hints on medicines, and everything that was left open.

What is missing or ambiguous becomes a finding, never a guess. Text that is no R4 Bundle is refused whole (Malformed); nothing is stored.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from openinfusion.core.errors import Malformed
from openinfusion.core.finding import Finding, Level
from openinfusion.core.patient import Fact, FieldSpec
from openinfusion.core.prescribing.tolerances import Tolerances
from openinfusion.interop.fhir.allergies import read_allergies
from openinfusion.interop.fhir.conditions import read_conditions
from openinfusion.interop.fhir.document import Node, Unreadable, read_document, shortened
from openinfusion.interop.fhir.medications import MedicationHint, read_medications
from openinfusion.interop.fhir.observations import read_observations
from openinfusion.interop.fhir.patient import Identity, read_patient
from openinfusion.interop.fhir.reading import Context, once, unreadable
from openinfusion.interop.fhir.release import refuse_other_releases
from openinfusion.interop.fhir.subject import Subject, Whose, patients_of, subject_of
from openinfusion.protocols.code_maps import CodeMap
from openinfusion.protocols.load import load_library

_TYPES = ("collection", "searchset", "transaction", "batch", "document")
_READ = ("AllergyIntolerance", "Condition", "Observation", "MedicationRequest", "MedicationStatement")
_ABOUT_NOBODY = frozenset({"Patient", "Medication", "OperationOutcome", "Composition", "Organization", "Practitioner", "PractitionerRole"})


@dataclass(frozen=True, slots=True)
class BundleFacts:
    """What one Bundle told. `identity` is None when it does not hold exactly one Patient."""

    identity: Identity | None
    facts: tuple[Fact, ...]
    medications: tuple[MedicationHint, ...]
    findings: tuple[Finding, ...]


def read_bundle(text: str, fields: Mapping[str, FieldSpec], now: datetime, codes: CodeMap | None = None) -> BundleFacts:
    """Read an R4 Bundle (JSON) as it is known at `now`; raises Malformed, which says what to write, for text that is none.

    `codes` is what foreign codes mean; left out, it is what ships with the program. Dosages are compared by the program's own table.
    """
    shipped = load_library().reference
    context = Context(fields, shipped.codes if codes is None else codes, now, Tolerances.among(shipped.tables.values()))
    try:
        bundle = read_document(text)
        _refuse_other_kinds(bundle)
        resources = tuple(_resources(bundle))
        refuse_other_releases(bundle, resources)
        about_bundle = tuple(_about_bundle(bundle, resources))
    except Unreadable as error:
        raise Malformed(error.where, error.why, "the member as FHIR R4 (4.0.1) has it") from error
    kept, several = _one_version_each(resources)
    subject = subject_of(patients_of(kept), kept)
    if isinstance(subject, Finding):
        return BundleFacts(None, (), (), (subject, *about_bundle))
    return _read(kept, subject, context, (*about_bundle, *several))


def _read(resources: Sequence[Node], subject: Subject, context: Context, findings: tuple[Finding, ...]) -> BundleFacts:
    mine, left_out = _of_patient(resources, subject)
    identity, facts, about_patient = _identity(subject, context)
    hints, about_medicines = read_medications(mine["MedicationRequest"] + mine["MedicationStatement"], subject.found, context.tolerances)
    parts = (
        read_allergies(mine["AllergyIntolerance"], context),
        read_conditions(mine["Condition"], context),
        read_observations(mine["Observation"], context),
    )
    told = (*findings, *about_patient, *left_out, *(finding for part in parts for finding in part.findings), *about_medicines)
    return BundleFacts(identity, (*facts, *(fact for part in parts for fact in part.facts)), hints, once(told))


def _identity(subject: Subject, context: Context) -> tuple[Identity | None, tuple[Fact, ...], tuple[Finding, ...]]:
    if subject.patient is None:
        return None, (), (Finding("fhir.no-patient", Level.MISSING),)
    unsafe = _unsafe(subject.patient)
    if unsafe is not None:
        return None, (), (unsafe,)
    try:
        identity, found = read_patient(subject.patient, context)
    except Unreadable as error:
        return None, (), (unreadable(error),)
    return identity, found.facts, found.findings


def _of_patient(resources: Sequence[Node], subject: Subject) -> tuple[Mapping[str, list[Node]], tuple[Finding, ...]]:
    """The resources of each kind that are read, safe to read and about this patient; why the others are left out."""
    mine: dict[str, list[Node]] = {kind: [] for kind in _READ}
    findings: list[Finding] = []
    for node in (one for one in resources if one.kind in mine):
        refused = _unsafe(node) or _not_mine(node, subject)
        if refused is None:
            mine[node.kind].append(node)
        else:
            findings.append(refused)
    return mine, tuple(findings)


def _unsafe(node: Node) -> Finding | None:
    """What forbids reading a resource: R4 allows nobody to skip a modifier extension or implicit rules that they do not know."""
    for name, value in node.parts():
        if name in ("modifierExtension", "implicitRules") and value:
            return Finding("fhir.unsafe", Level.BANNED, {"where": node.name, "element": name})
    return None


def _not_mine(node: Node, subject: Subject) -> Finding | None:
    try:
        whose = subject.whose(node)
    except Unreadable as error:
        return unreadable(error)
    match whose:
        case Whose.PATIENT:
            return None
        case Whose.ANOTHER:
            return Finding("fhir.other-patient", Level.BANNED, {"where": node.name})
        case Whose.NOT_A_PATIENT:
            return Finding("fhir.not-a-patient", Level.INFO, {"where": node.name})
        case Whose.UNSAID:
            return Finding("fhir.no-subject", Level.MISSING, {"where": node.name})


def _refuse_other_kinds(bundle: Node) -> None:
    if bundle.kind != "Bundle":
        what = f"it is a {shortened(bundle.kind)}" if bundle.kind else "it has no resourceType"
        raise Malformed("the Bundle", f"{what}, not a Bundle", '{"resourceType": "Bundle", "type": "collection", "entry": [...]}')
    kind = bundle.text("type")
    if kind not in _TYPES:
        raise Malformed("Bundle.type", f"{shortened(kind) or 'nothing'} is not a type that is read", f"one of {', '.join(_TYPES)}")


def _resources(bundle: Node) -> Iterator[Node]:
    """The resource of each entry, at its place; an entry that only deletes or carries none is passed over."""
    for entry in bundle.nodes("entry"):
        resource, request = entry.node("resource"), entry.node("request")
        if resource is None or (request is not None and request.text("method") == "DELETE"):
            continue
        if not resource.kind:
            raise Unreadable(f"{resource.place}.resourceType", "is missing")
        yield Node(resource.place, {**resource.members, "fullUrl": entry.text("fullUrl") or None})


def _about_bundle(bundle: Node, resources: Sequence[Node]) -> Iterator[Finding]:
    if bundle.has("implicitRules"):
        yield Finding("fhir.unsafe", Level.BANNED, {"where": "Bundle", "element": "implicitRules"})
    if any(link.text("relation") == "next" for link in bundle.nodes("link")):
        yield Finding("fhir.more-pages", Level.MISSING)
    if any(_is_subset(node) for node in resources if node.kind in ("Patient", *_READ)):
        yield Finding("fhir.subset", Level.CAUTION)
    for document in (node for node in resources if node.kind == "Composition"):
        yield from _about_document(document)
    for outcome in (node for node in resources if node.kind == "OperationOutcome"):
        said = "; ".join(issue.text("diagnostics") or issue.text("code") for issue in outcome.nodes("issue"))
        yield Finding("fhir.server-said", Level.CAUTION, {"text": shortened(said)})
    passed_over = sorted({shortened(node.kind) for node in resources} - {*_READ, *_ABOUT_NOBODY})
    if passed_over:
        yield Finding("fhir.not-read", Level.INFO, {"types": tuple(passed_over)})


def _is_subset(node: Node) -> bool:
    """Whether the server says that it left elements of the resource out."""
    meta = node.node("meta")
    return meta is not None and any(tag.text("code") == "SUBSETTED" for tag in meta.nodes("tag"))


def _about_document(composition: Node) -> Iterator[Finding]:
    """Whether the document around the resources stands."""
    unsafe, state = _unsafe(composition), composition.text("status")
    if unsafe is not None:
        yield unsafe
    if state not in ("final", "amended"):
        level = Level.BANNED if state == "entered-in-error" else Level.CAUTION
        yield Finding("fhir.document-status", level, {"status": shortened(state) or "missing"})


def _one_version_each(resources: Sequence[Node]) -> tuple[tuple[Node, ...], tuple[Finding, ...]]:
    """Each resource once. Of one that stands there with two contents, neither is used: nothing says which holds. Patients stay as they
    are: whether they are one is asked apart."""
    kept: dict[str, Node] = {}
    several: dict[str, Finding] = {}
    for node in resources:
        named = node.text("fullUrl") or (node.name if node.id else "")
        key = named if named and node.kind != "Patient" else node.place
        if kept.setdefault(key, node).members != node.members:
            several[key] = Finding("fhir.several-versions", Level.MISSING, {"where": node.name})
    return tuple(node for key, node in kept.items() if key not in several), tuple(several.values())
