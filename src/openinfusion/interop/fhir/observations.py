"""Observations as facts: the newest reading of each field by the time it was true.

A reading that cannot be used holds back the older ones of its field unless a newer usable one is there: nobody should be dosed by last
month's weight because today's was written without a unit.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.patient import Fact, FactValue, FieldKind, FieldSpec
from openinfusion.core.quantity import Quantity
from openinfusion.interop.fhir.amounts import Unusable, amount, unusable
from openinfusion.interop.fhir.document import Node, Unreadable, shortened
from openinfusion.interop.fhir.reading import Concept, Context, Found, Span, by, concept, not_understood, span, unreadable
from openinfusion.protocols.code_maps import Use

_USABLE = frozenset({"final", "amended", "corrected"})
_WITHDRAWN = frozenset({"entered-in-error", "cancelled"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one field, or the reason why it has none. `when` is None where it tells no time."""

    spec: FieldSpec
    source: Node
    when: Span | None
    value: FactValue | None
    findings: tuple[Finding, ...] = ()


def read_observations(nodes: Sequence[Node], context: Context) -> Found:
    """The facts of all Observations of one patient, and what could not be used."""
    by_field: dict[str, list[Reading]] = defaultdict(list)
    findings: list[Finding] = []
    for node in nodes:
        try:
            for item in _readings(node, context):
                if isinstance(item, Finding):
                    findings.append(item)
                else:
                    by_field[item.spec.name].append(item)
        except Unreadable as error:
            findings.append(unreadable(error))
    facts: list[Fact] = []
    for readings in by_field.values():
        used, left_open = _newest(readings)
        facts += used
        findings += left_open
    return Found(tuple(facts), tuple(findings))


def _readings(node: Node, context: Context) -> Iterator[Reading | Finding]:
    asked = (node, *node.nodes("component"))
    understood = [(part, spec) for part in asked if (spec := _field(concept(part.node("code")), context)) is not None]
    if not understood:
        yield not_understood(node, concept(node.node("code")))
        return
    state = node.text("status")
    if state in _WITHDRAWN:
        yield Finding("fhir.withdrawn", Level.INFO, {"where": node.name, "status": state})
        return
    for part, spec in understood:
        yield _reading(node, part, spec, context)


def _field(read: Concept, context: Context) -> FieldSpec | None:
    """The one field that the codes mean; None where they mean none, or several."""
    names = {meaning.field for meaning in read.meanings(context, Use.OBSERVATION)}
    return context.fields.get(names.pop()) if len(names) == 1 else None


def _reading(node: Node, part: Node, spec: FieldSpec, context: Context) -> Reading:
    when: Span | None = None
    try:
        when = _when(node)
        if when is None:
            raise unusable("fhir.no-time", spec, where=node.name)
        if when.since > context.now:
            raise unusable("fhir.in-future", spec, where=node.name, at=when.since)
        if node.text("status") not in _USABLE:
            raise unusable("fhir.not-final", spec, where=node.name, status=shortened(node.text("status")) or "missing")
        if node.has("focus"):
            raise unusable("fhir.about-another", spec, where=node.name)
        value, findings = _value(part, spec, context)
        return Reading(spec, node, when, value, findings)
    except Unusable as refused:
        return Reading(spec, node, when, None, (refused.finding,))
    except Unreadable as error:
        return Reading(spec, node, when, None, (unreadable(error, spec.name),))


def _when(node: Node) -> Span | None:
    """When it was true: the time of a sample or measurement, or the whole of its period."""
    period = node.node("effectivePeriod")
    if period is not None:
        start, end = span(period, "start"), span(period, "end")
        return start if start is None or end is None else Span(start.since, end.until)
    return span(node, "effectiveDateTime") or span(node, "effectiveInstant")


def _value(part: Node, spec: FieldSpec, context: Context) -> tuple[FactValue, tuple[Finding, ...]]:
    given = tuple(name for name in part.members if name.startswith("value") and part.has(name))
    if part.has("dataAbsentReason") or len(given) != 1:
        reason = concept(part.node("dataAbsentReason"))
        why = reason.text or ", ".join(code for _, code in reason.codings)
        raise unusable("fhir.no-value", spec, where=part.place if not why else f"{part.place} ({shortened(why)})")
    match spec.kind, given[0]:
        case FieldKind.QUANTITY, "valueQuantity":
            return _amount(part, spec)
        case FieldKind.BOOLEAN, "valueBoolean":
            return part.flag("valueBoolean") is True, ()
        case ((FieldKind.BOOLEAN | FieldKind.CODE), "valueCodeableConcept"):
            return _answer(concept(part.node("valueCodeableConcept")), spec, context), ()
        case _:
            raise unusable("fhir.value-not-understood", spec, value=given[0].removeprefix("value"))


def _amount(part: Node, spec: FieldSpec) -> tuple[FactValue, tuple[Finding, ...]]:
    quantity = part.node("valueQuantity")
    if quantity is None:
        raise unusable("fhir.no-value", spec, where=part.place)
    return amount(quantity, spec)


def _answer(read: Concept, spec: FieldSpec, context: Context) -> FactValue:
    """The one value that the codes of an answer mean."""
    values = tuple(meaning.value for meaning in read.meanings(context, Use.ANSWER, spec.name))
    if len(values) != 1 or values[0] is None:
        raise unusable("fhir.value-not-understood", spec, value=shortened(read.text or read.code))
    return values[0]


def _newest(readings: Sequence[Reading]) -> tuple[tuple[Fact, ...], tuple[Finding, ...]]:
    """The newest of one field, of a quantity also the one before; nothing where the newest cannot be used or is not one."""
    usable = [(one.when, one) for one in readings if one.value is not None and one.when is not None]
    if not usable:
        return (), _of_newest(readings)
    last, top = max(usable, key=lambda pair: pair[0].since)
    in_the_way = [one for one in readings if one.value is None and (one.when is None or one.when.until >= last.since)]
    if in_the_way:
        return (), tuple(finding for one in in_the_way for finding in one.findings)
    at_once = [one.value for when, one in usable if when.until >= last.since]
    if any(value != top.value for value in at_once):
        params: dict[str, Param] = {"field": top.spec.name, "at": last.since, "values": _shown(at_once)}
        return (), (Finding("fhir.differ", Level.MISSING, params, until=top.spec.name),)
    facts = [Fact(top.spec.name, top.value, last.since, by(top.source))] if top.value is not None else []
    before = [pair for pair in usable if pair[0].until < last.since]
    if before and top.spec.kind is FieldKind.QUANTITY:
        when, earlier = max(before, key=lambda pair: pair[0].since)
        if earlier.value is not None:
            facts.insert(0, Fact(earlier.spec.name, earlier.value, when.since, by(earlier.source)))
    return tuple(facts), top.findings


def _of_newest(readings: Sequence[Reading]) -> tuple[Finding, ...]:
    """Why the newest of a field without any usable reading cannot be used, and that of each without a time."""
    undated = tuple(finding for one in readings if one.when is None for finding in one.findings)
    dated = [(one.when, one) for one in readings if one.when is not None]
    newest = max(dated, key=lambda pair: pair[0].since)[1].findings if dated else ()
    return (*newest, *undated)


def _shown(values: Sequence[FactValue | None]) -> tuple[str, ...]:
    shown = (f"{value.text} {value.unit}" if isinstance(value, Quantity) else str(value) for value in values)
    return tuple(dict.fromkeys(shown))
