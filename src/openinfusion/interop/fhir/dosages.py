"""One dosage of a medicine as statements that can be compared: its coded amounts beside its free text and the medicine's own label.

Nothing is taken from it for an order. What contradicts itself is a caution: the medicine is a hint, and a person asks who wrote it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.consistency import Stated, check
from openinfusion.core.prescribing.tolerances import Tolerances
from openinfusion.core.quantity import UNITS, Quantity
from openinfusion.interop.fhir.amounts import exact, known_unit, spelled
from openinfusion.interop.fhir.document import Node


def contradictions(where: str, dosages: Sequence[Node], medicine: str, by: Tolerances) -> Iterator[Finding]:
    """What each dosage says twice and otherwise, and a label that contradicts itself; `where` is the resource they stand in."""
    stated = [_stated(dosage) for dosage in dosages]
    for one in (*stated, Stated(label=medicine)):
        for finding in check(one, by):
            yield replace(finding, level=Level.CAUTION if finding.level is Level.MISSING else finding.level, rule=where)


def _stated(dosage: Node) -> Stated:
    """The coded amounts of a dosage by their kind, where it has one of each, with its text."""
    rates = dosage.nodes("doseAndRate")
    one = rates[0] if len(rates) == 1 else None
    dose = _amount(one.node("doseQuantity")) if one is not None else None
    rate = _rate(one) if one is not None else None
    text = dosage.text("text")
    stated = Stated(duration=_duration(dosage), text=text)
    if dose is not None:
        is_volume, is_per_mass = dose.is_like("mL"), dose.dimensions[:1] == (("body_mass", -1),)
        stated = (
            replace(stated, volume=dose) if is_volume else replace(stated, per_weight=dose) if is_per_mass else replace(stated, dose=dose)
        )
    if rate is not None:
        stated = replace(stated, rate=rate) if rate.is_like("mL/h") else replace(stated, dose_rate=rate)
    return stated


def _amount(node: Node | None) -> Quantity | None:
    if node is None or node.has("comparator"):
        return None
    value, unit = exact(node), known_unit(node)
    return Quantity(value, unit) if value is not None and unit else None


def _rate(rates: Node) -> Quantity | None:
    """A rate as one amount, or as so much in so long."""
    told = _amount(rates.node("rateQuantity"))
    ratio = rates.node("rateRatio")
    if told is not None or ratio is None:
        return told
    above, below = _amount(ratio.node("numerator")), _amount(ratio.node("denominator"))
    if above is None or below is None or below.value <= 0 or f"{above.unit}/{below.unit}" not in UNITS:
        return None
    return Quantity(above.value / below.value, f"{above.unit}/{below.unit}")


def _duration(dosage: Node) -> Quantity | None:
    """How long one dose runs, where the timing says so."""
    timing = dosage.node("timing")
    repeat = timing.node("repeat") if timing is not None else None
    if repeat is None:
        return None
    value, unit = exact(Node(repeat.place, {"value": repeat.number("duration")})), spelled(repeat.text("durationUnit"))
    return Quantity(value, unit) if value is not None and unit in UNITS else None
