"""A FHIR Quantity as an exact amount of a field. Only UCUM units of the right kind count; pounds count where they are written, and are
never assumed."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.patient import FieldSpec
from openinfusion.core.quantity import ALIASES, UNITS, Quantity
from openinfusion.interop.fhir.document import Node, Unreadable, shortened

UCUM = "http://unitsofmeasure.org"

SAME_AS: Mapping[str, str] = {"10*3/uL": "10*9/L", "10*3/mm3": "10*9/L", "10*6/mL": "10*9/L"}
"""UCUM spellings of a unit of the closed table: 10*3 in a microlitre (a cubic millimetre) is 10*9 in a litre."""

_GREATEST_EXPONENT = 18


class Unusable(Exception):
    """A value that may not be used; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def unusable(code: str, spec: FieldSpec, **params: Param) -> Unusable:
    """The refusal of a value of a field; a newer usable value, or one that a person enters, lifts it."""
    return Unusable(Finding(code, Level.MISSING, {"field": spec.name, **params}, until=spec.name))


def amount(node: Node, spec: FieldSpec) -> tuple[Quantity, tuple[Finding, ...]]:
    """The amount of a Quantity and what is to be known about it; raises Unusable or Unreadable."""
    value = exact(node)
    if value is None:
        raise unusable("fhir.no-value", spec, where=node.place)
    if node.has("comparator"):
        raise unusable("fhir.not-exact", spec, comparator=shortened(node.text("comparator")))
    symbol, findings = _unit(node, spec)
    read = Quantity(value, symbol)
    if not read.is_like(spec.unit):
        raise unusable("fhir.unit-of-other-kind", spec, unit=symbol, wanted=spec.unit)
    if symbol == "[lb_av]":
        params: dict[str, Param] = {"weight": read, "kilograms": read.to("kg")}
        findings = (*findings, Finding("fhir.pounds", Level.CAUTION, params, until=spec.name))
    return read, findings


def exact(node: Node) -> Fraction | None:
    """The number of a Quantity, exactly as it is written; None when it is not there."""
    value: Decimal | None = node.number("value")
    if value is None:
        return None
    if not value.is_finite() or abs(value.adjusted()) > _GREATEST_EXPONENT:
        raise Unreadable(f"{node.place}.value", "is too large or too small to be meant")
    return Fraction(value)


def known_unit(node: Node) -> str:
    """The unit of a Quantity in the closed table: its UCUM code, else the text where that is a unit; empty when it is neither."""
    code, system, text = node.text("code"), node.text("system"), node.text("unit")
    symbol = SAME_AS.get(code, code) if code else spelled(text)
    return symbol if symbol in UNITS and system in ("", UCUM) else ""


def spelled(text: str) -> str:
    """A unit as people write it, in the spelling of UCUM."""
    parts = "/".join(ALIASES.get(part, part) for part in text.split("/"))
    return SAME_AS.get(parts, parts)


def _unit(node: Node, spec: FieldSpec) -> tuple[str, tuple[Finding, ...]]:
    code, text = node.text("code"), node.text("unit")
    if not code and not text:
        if spec.unit == "1":
            return "1", ()
        raise unusable("fhir.no-unit", spec, wanted=spec.unit)
    symbol = known_unit(node)
    if not symbol:
        raise unusable("fhir.unit-unknown", spec, unit=shortened(code or text), wanted=spec.unit)
    if not code:
        return symbol, (Finding("fhir.unit-as-text", Level.INFO, {"field": spec.name, "unit": shortened(text)}, until=spec.name),)
    if text and spelled(text) in UNITS and Quantity(1, spelled(text)) != Quantity(1, symbol):
        raise unusable("fhir.units-disagree", spec, unit=symbol, text=shortened(text))
    return symbol, ()
