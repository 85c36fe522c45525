"""Body mass and body surface as a dose may use them: never missing, stale, implausible or in silent pounds. Nothing here doses."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction

from openinfusion.core.finding import Derivation, Finding, Level, Param, Step
from openinfusion.core.patient import Answer, Fact, PatientFacts
from openinfusion.core.prescribing.citations import MOSTELLER
from openinfusion.core.prescribing.rule import Order
from openinfusion.core.quantity import Quantity

MOSTELLER_DIVISOR = Fraction(3600)
"""Body surface in m2 = square root of (height in cm * weight in kg / 3600), Mosteller 1987."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A body measure with its worked steps; None where it may not be used, and the findings that say why."""

    amount: Quantity | None
    derivation: Derivation = field(default_factory=Derivation)
    findings: tuple[Finding, ...] = ()


def known_from(facts: Iterable[Fact]) -> PatientFacts:
    """The newest fact of each field, with the weight before the newest one as `previous_weight`, so that a sudden change is asked about."""
    told = tuple(facts)
    newest = PatientFacts.of(told)
    now = newest.get("weight")
    before = PatientFacts.of(fact for fact in told if fact.field == "weight" and now is not None and fact.at < now.at).get("weight")
    return newest if before is None else newest.having(Fact("previous_weight", before.value, before.at, before.by))


def lacking(order: Order, name: str) -> tuple[Finding, ...]:
    """Why the value of a field may not be used now: never asked, asked and not known, or too old."""
    fact = order.facts.get(name)
    if fact is None or name not in order.fields:
        return (Finding("fact.missing", Level.MISSING, {"field": name}),)
    if fact.value is Answer.UNKNOWN:
        return (Finding("fact.unknown", Level.MISSING, {"field": name}),)
    return (Finding("fact.stale", Level.MISSING, {"field": name, "at": fact.at}),)


def weight(order: Order) -> Measured:
    """The body mass in kg; pounds count only where the fact was given in pounds, and are converted with a finding."""
    given = order.quantity("weight")
    if given is None:
        return Measured(None, findings=lacking(order, "weight"))
    if not given.is_like("kg"):
        return Measured(None, findings=(Finding("weight.not-a-mass", Level.MISSING, {"weight": given}),))
    kilograms = given.to("kg")
    if kilograms.value <= 0 or kilograms > order.practice.greatest_weight:
        params = {"weight": given, "greatest": order.practice.greatest_weight}
        return Measured(None, findings=(Finding("weight.implausible", Level.MISSING, params),))
    findings = _against_previous(order, kilograms)
    if given.unit != "[lb_av]":
        return Measured(kilograms, findings=findings)
    converted = Finding("weight.in-pounds", Level.INFO, {"weight": given, "kilograms": kilograms})
    return Measured(kilograms, Derivation((Step("body.pounds", (("weight", given),), kilograms),)), (converted, *findings))


def _against_previous(order: Order, kilograms: Quantity) -> tuple[Finding, ...]:
    fact, asked = order.facts.get("previous_weight"), order.practice.weight_change
    if asked is None or fact is None or not isinstance(fact.value, Quantity) or not fact.value.is_like("kg") or fact.value.base <= 0:
        return ()
    before = fact.value.to("kg")
    params: dict[str, Param] = {"weight": kilograms, "previous": before, "at": fact.at}
    ratio = kilograms.value / before.value
    for factor in (asked.pounds_ratio, 1 / asked.pounds_ratio):
        if abs(ratio / factor - 1) <= asked.pounds_tolerance:
            return (Finding("weight.pounds", Level.CAUTION, params),)
    if abs(ratio - 1) >= asked.share:
        return (Finding("weight.changed", Level.CAUTION, params),)
    return ()


def surface(order: Order) -> Measured:
    """The body surface in m2 by Mosteller, from weight and height; the square root is correct to 28 significant digits.

    An unusually large one is used and asked about: it may be right, or a height or weight may be mistyped."""
    mass = weight(order)
    height = order.quantity("height")
    if height is None:
        return Measured(None, findings=(*mass.findings, *lacking(order, "height")))
    if not height.is_like("cm") or height.base <= 0 or height > order.practice.greatest_height:
        params: dict[str, Param] = {"height": height, "greatest": order.practice.greatest_height}
        return Measured(None, findings=(*mass.findings, Finding("height.implausible", Level.MISSING, params)))
    if mass.amount is None:
        return Measured(None, findings=mass.findings)
    area = Quantity(_root(height.to("cm").value * mass.amount.value / MOSTELLER_DIVISOR), "m2")
    step = Step("body.mosteller", (("height", height), ("weight", mass.amount)), area, MOSTELLER)
    if area <= order.practice.greatest_surface:
        return Measured(area, mass.derivation.then(step), mass.findings)
    asked = Finding("surface.implausible", Level.CAUTION, {"surface": area, "greatest": order.practice.greatest_surface})
    return Measured(area, mass.derivation.then(step), (*mass.findings, asked))


def _root(value: Fraction) -> Fraction:
    with localcontext(prec=28):
        return Fraction((Decimal(value.numerator) / Decimal(value.denominator)).sqrt())
