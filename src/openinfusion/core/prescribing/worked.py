"""Course, dose, mixture and rates of one order worked out one after another, each result becoming a fact for the rules that follow.

Screens and limits nothing.
"""

from dataclasses import dataclass

from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.course import Course, course
from openinfusion.core.prescribing.dose import dose
from openinfusion.core.prescribing.kinds import convert
from openinfusion.core.prescribing.mixture import Mixture, mixture
from openinfusion.core.prescribing.order import DosePlan, RatePlan
from openinfusion.core.prescribing.rate import rate_rule, rates
from openinfusion.core.prescribing.rule import Order


@dataclass(frozen=True, slots=True)
class Worked:
    """What an order comes to; `order` knows its phase, dose per body mass and rate rule."""

    order: Order
    course: Course
    mixture: Mixture
    dose: DosePlan | None
    rates: RatePlan | None
    findings: tuple[Finding, ...]


def worked_out(order: Order) -> Worked:
    """Work out an order from first to last; what cannot be is None and has a finding."""
    impossible = _impossible(order)
    if impossible:
        return Worked(order, Course(()), Mixture(), None, None, impossible)
    sessions = course(order)
    order = order.infers("phase", sessions.sessions[0].phase)
    dosed, about_dose = dose(order)
    order = _with_dose_per_mass(order, dosed)
    mixed = mixture(order, dosed)
    rule, about_rule = rate_rule(order)
    order = order.infers("rate_rule", rule.id if rule else "")
    paced, about_rate = (None, ()) if rule is None else rates(rule, order, dosed, mixed)
    found = (*about_dose, *mixed.findings, *about_rule, *about_rate, *sessions.findings)
    return Worked(order, sessions, mixed, dosed, paced, found)


def _impossible(order: Order) -> tuple[Finding, ...]:
    """Counts that no order can mean; nothing is worked out from them."""
    counts = (
        ("infusion_number", order.choice.infusion_number, order.practice.greatest_infusion_number),
        ("sites", order.choice.sites, None),
    )
    return tuple(
        Finding("order.impossible-count", Level.MISSING, {"field": name, "count": count})
        for name, count, most in counts
        if count is not None and (count < 1 or (most is not None and count > most))
    )


def _with_dose_per_mass(order: Order, dosed: DosePlan | None) -> Order:
    spec, weight = order.fields.get("dose_per_kg"), order.quantity("weight")
    if spec is None or dosed is None or weight is None or weight.value <= 0:
        return order
    per_mass = convert(dosed.amount, spec.unit, weight)
    return order if per_mass is None else order.infers("dose_per_kg", per_mass)
