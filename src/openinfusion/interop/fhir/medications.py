"""Medicines that are ordered or taken, as hints for a person: what, how much, by which route. No fact and no order is made of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.tolerances import Tolerances
from openinfusion.core.quantity import Quantity
from openinfusion.interop.fhir.amounts import exact, known_unit
from openinfusion.interop.fhir.document import Node, Unreadable, shortened
from openinfusion.interop.fhir.dosages import contradictions
from openinfusion.interop.fhir.reading import Concept, concept, unreadable

_STANDING: Mapping[str, frozenset[str]] = {
    "MedicationRequest": frozenset({"active", "draft", "on-hold"}),
    "MedicationStatement": frozenset({"active", "intended", "on-hold"}),
}


@dataclass(frozen=True, slots=True)
class MedicationHint:
    """One medicine as the Bundle has it: `codes` are (system, code), `dose` and `route` as they are written there, if at all."""

    name: str
    codes: tuple[tuple[str, str], ...]
    status: str
    source: str
    dose: Quantity | None = None
    route: str = ""


def read_medications(
    nodes: Sequence[Node], others: Mapping[str, Node], by: Tolerances | None = None
) -> tuple[tuple[MedicationHint, ...], tuple[Finding, ...]]:
    """The medicines that stand; `others` finds a resource of the Bundle by its reference, `by` says how far two statements may lie
    apart, without it they are not compared."""
    hints: list[MedicationHint] = []
    findings: list[Finding] = []
    for node in nodes:
        try:
            for item in _read(node, others, by):
                if isinstance(item, MedicationHint):
                    hints.append(item)
                else:
                    findings.append(item)
        except Unreadable as error:
            findings.append(unreadable(error))
    if hints:
        names = tuple(dict.fromkeys(hint.name for hint in hints))
        findings.append(Finding("fhir.medicines", Level.INFO, {"medicines": names}, until="concurrent"))
    return tuple(hints), tuple(findings)


def _read(node: Node, others: Mapping[str, Node], by: Tolerances | None) -> Iterator[MedicationHint | Finding]:
    state = node.text("status")
    if node.flag("doNotPerform"):
        yield Finding("fhir.do-not-give", Level.CAUTION, {"where": node.name, "text": _medicine(node, others).text})
        return
    if state not in _STANDING[node.kind]:
        yield Finding("fhir.withdrawn", Level.INFO, {"where": node.name, "status": shortened(state) or "missing"})
        return
    medicine = _medicine(node, others)
    if not medicine.codings and not medicine.text:
        yield Finding("fhir.medicine-not-named", Level.CAUTION, {"where": node.name})
        return
    dosages = node.nodes("dosageInstruction") or node.nodes("dosage")
    route = concept(dosages[0].node("route")) if len(dosages) == 1 else Concept((), "")
    yield MedicationHint(
        medicine.text or shortened(medicine.code),
        medicine.codings,
        state,
        node.name,
        _dose(dosages[0]) if len(dosages) == 1 else None,
        route.text or shortened(route.code),
    )
    if by is not None:
        yield from contradictions(node.name, dosages, medicine.text, by)


def _medicine(node: Node, others: Mapping[str, Node]) -> Concept:
    """The medicine as a concept, of its own, of a contained Medication, or of another entry of the Bundle."""
    reference = node.node("medicationReference")
    if reference is None:
        return concept(node.node("medicationCodeableConcept"))
    target = reference.text("reference")
    inside = {f"#{one.text('id')}": one for one in node.nodes("contained")}
    found = inside.get(target) or others.get(target)
    if found is None or found.kind != "Medication":
        return Concept((), shortened(reference.text("display")))
    read = concept(found.node("code"))
    return read if read.text else Concept(read.codings, shortened(reference.text("display")))


def _dose(dosage: Node) -> Quantity | None:
    """The one dose of a dosage, where it is one amount in a unit of the closed table."""
    doses = [quantity for rate in dosage.nodes("doseAndRate") if (quantity := rate.node("doseQuantity")) is not None]
    if len(doses) != 1 or doses[0].has("comparator"):
        return None
    value, unit = exact(doses[0]), known_unit(doses[0])
    return Quantity(value, unit) if value is not None and unit else None
