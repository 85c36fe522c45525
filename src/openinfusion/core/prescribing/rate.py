"""How fast: each rate shape of the protocol as pump rates, durations and volumes whose sum is exactly the volume to give. Nothing here
starts or limits a pump."""

from dataclasses import replace
from fractions import Fraction
from typing import assert_never

from openinfusion.core.finding import Derivation, Finding, Level, Param, Step
from openinfusion.core.part import Selection
from openinfusion.core.prescribing import body
from openinfusion.core.prescribing.kinds import convert
from openinfusion.core.prescribing.ladder import Ladder, Rung, ladder
from openinfusion.core.prescribing.mixture import Mixture
from openinfusion.core.prescribing.order import Around, DosePlan, OnDemand, PlannedBolus, RatePlan
from openinfusion.core.prescribing.rule import ORDER_FIELDS, Order, select, standing
from openinfusion.core.prescribing.site import sites_needed
from openinfusion.core.quantity import Quantity
from openinfusion.core.rate_shape import (
    ExplicitSteps,
    FixedDuration,
    FractionOfDose,
    IncrementalBolus,
    PatientControlled,
    PerSiteBySession,
    RateRange,
    RateRule,
    SingleInjection,
    SteppedIncrement,
)

Rated = tuple[RatePlan | None, tuple[Finding, ...]]
ZERO = Quantity(0, "min")


def rate_rule(order: Order) -> tuple[RateRule | None, tuple[Finding, ...]]:
    """The one rule that holds, the prescriber's, or - while region or product is open - the slowest of those that may hold."""
    rule, found = select(order.protocol.rates, order.choice.rate_rule, order, "rate")
    return (rule, found) if rule is not None else _slowest_while_open(order, found)


def rates(rule: RateRule, order: Order, dose: DosePlan | None, mixed: Mixture) -> Rated:
    """The rate plan by a rule, with what stands around it; None where a volume, a concentration or a choice is missing, and the findings
    that say so."""
    plan, found = _planned(rule, order, dose, mixed)
    return (plan if plan is None else replace(plan, around=_around(order))), found


def _around(order: Order) -> Around | None:
    """Priming, flush and overfill where the protocol states them."""
    preparation = order.protocol.preparation
    stated = (preparation.priming, preparation.flush, preparation.overfill)
    return None if not any(stated) else Around(*(each.quantity.to("mL") if each else None for each in stated))


def _planned(rule: RateRule, order: Order, dose: DosePlan | None, mixed: Mixture) -> Rated:
    match rule:
        case PatientControlled():
            return _on_demand(rule, order, mixed)
        case SingleInjection():
            return _injection(rule, order, dose, mixed)
        case IncrementalBolus():
            return _portions(rule, order, mixed)
        case PerSiteBySession():
            return _per_site(rule, order, dose, mixed)
        case FixedDuration() | SteppedIncrement() | ExplicitSteps() | FractionOfDose() | RateRange():
            return _flowing(rule, order, mixed)
        case _:
            assert_never(rule)


def _flowing(rule: FixedDuration | SteppedIncrement | ExplicitSteps | FractionOfDose | RateRange, order: Order, mixed: Mixture) -> Rated:
    if mixed.volume is None:
        return None, () if mixed.findings else (Finding("preparation.volume-missing", Level.MISSING, {"field": "final_volume"}),)
    rungs, found = _rungs(rule, order, mixed.volume)
    if not rungs:
        return None, found
    climbed = ladder(rule, rungs, mixed.volume, mixed.concentration, order)
    if climbed.findings:
        return None, (*found, *climbed.findings)
    return _with_ladder(rule, climbed, mixed.volume), found


def _with_ladder(rule: RateRule, climbed: Ladder, volume: Quantity) -> RatePlan:
    duration = sum((step.lasts for step in climbed.steps), start=ZERO)
    total = Step("rate.duration", (("volume", volume),), duration)
    return RatePlan(rule.id, rule.shape, climbed.derivation.then(total), climbed.steps, volume, duration)


def _rungs(
    rule: FixedDuration | SteppedIncrement | ExplicitSteps | FractionOfDose | RateRange, order: Order, volume: Quantity
) -> tuple[tuple[Rung, ...], tuple[Finding, ...]]:
    """The rule's rates in order, each with the time it lasts; the last one lasts until nothing is left."""
    match rule:
        case FixedDuration():
            return _constant(rule, order, volume)
        case SteppedIncrement():
            return _increments(rule), _unused_rate(rule, order)
        case ExplicitSteps():
            ends = [step.after.quantity for step in rule.steps[1:]]
            spans = [end - step.after.quantity for step, end in zip(rule.steps, ends, strict=False)]
            return tuple(Rung(step.rate.quantity, span) for step, span in zip(rule.steps, [*spans, None], strict=True)), _unused_rate(
                rule, order
            )
        case FractionOfDose():
            return _fractions(rule, volume), _unused_rate(rule, order)
        case RateRange():
            return _in_range(rule, order)
        case _:
            assert_never(rule)


def _constant(rule: FixedDuration, order: Order, volume: Quantity) -> tuple[tuple[Rung, ...], tuple[Finding, ...]]:
    by_rule = volume.over(rule.duration.quantity, "mL/h")
    chosen = order.choice.rate
    if chosen is None:
        return (Rung(by_rule, None),), ()
    flow = convert(chosen, "mL/h")
    if flow is None or flow.value <= 0:
        return (), (Finding("rate.not-comparable", Level.MISSING, {"rate": chosen, "unit": "mL/h"}, rule.sources, rule.id),)
    return (Rung(flow, None),), _differs(rule, flow, by_rule)


def _differs(rule: RateRule, chosen: Quantity, by_rule: Quantity) -> tuple[Finding, ...]:
    """A chosen rate beside the rule's: slower asks for a reason, faster for a second prescriber."""
    if chosen == by_rule:
        return ()
    level = Level.CAUTION if chosen < by_rule else Level.CONTRAINDICATED
    return (Finding("rate.differs-from-rule", level, {"rate": chosen, "rule_rate": by_rule}, rule.sources, rule.id),)


def _unused_rate(rule: RateRule, order: Order) -> tuple[Finding, ...]:
    if order.choice.rate is None:
        return ()
    return (Finding("rate.choice-not-used", Level.CAUTION, {"rate": order.choice.rate}, rule.sources, rule.id),)


def _increments(rule: SteppedIncrement) -> tuple[Rung, ...]:
    start, step, top = rule.start.quantity, rule.step.quantity, rule.maximum.quantity
    rungs, current = [], start
    while current < top:
        rungs.append(Rung(current, rule.every.quantity))
        current = current + step
    return (*rungs, Rung(top, None, top))


def _fractions(rule: FractionOfDose, volume: Quantity) -> tuple[Rung, ...]:
    rungs = []
    for part in rule.parts:
        span = part.until.quantity - part.since.quantity
        rungs.append(Rung(volume.scaled(part.fraction.quantity.to("1").value).over(span, "mL/h"), span))
    return tuple(rungs)


def _in_range(rule: RateRange, order: Order) -> tuple[tuple[Rung, ...], tuple[Finding, ...]]:
    low, high, chosen = rule.low.quantity, rule.high.quantity, order.choice.rate
    if chosen is None:
        return (), (Finding("rate.choose", Level.MISSING, {"low": low, "high": high}, rule.sources, rule.id),)
    if not chosen.is_like(low) or chosen.value <= 0:
        return (), (Finding("rate.not-comparable", Level.MISSING, {"rate": chosen, "unit": low.unit}, rule.sources, rule.id),)
    if low <= chosen <= high:
        return (Rung(chosen, None),), ()
    params = {"rate": chosen, "low": low, "high": high}
    return (Rung(chosen, None),), (Finding("rate.outside-range", Level.CONTRAINDICATED, params, rule.sources, rule.id),)


def _on_demand(rule: PatientControlled, order: Order, mixed: Mixture) -> Rated:
    demand = OnDemand(
        rule.bolus.quantity, rule.lockout.quantity, rule.most.quantity, rule.window.quantity, rule.basal.quantity if rule.basal else None
    )
    inputs = (("bolus", demand.bolus), ("lockout", demand.lockout), ("window", demand.window))
    derivation = Derivation((Step("rate.on-demand", inputs, demand.most, rule.sources),))
    return RatePlan(rule.id, rule.shape, derivation, volume=mixed.volume, on_demand=demand), _unused_rate(rule, order)


def _injection(rule: SingleInjection, order: Order, dose: DosePlan | None, mixed: Mixture) -> Rated:
    """The volume, and into how many sites it must be divided; no pump and no time."""
    if dose is None or mixed.volume is None:
        return None, ()
    needed = sites_needed(order, dose.amount, mixed.volume)
    sites = order.choice.sites or needed.count
    return RatePlan(rule.id, rule.shape, needed.derivation, volume=mixed.volume, sites=sites), _unused_rate(rule, order)


def _portions(rule: IncrementalBolus, order: Order, mixed: Mixture) -> Rated:
    """The volume in equal portions by hand, each after the wait; the last one is what is left."""
    if mixed.volume is None:
        return None, () if mixed.findings else (Finding("preparation.volume-missing", Level.MISSING, {"field": "final_volume"}),)
    written = rule.increment.quantity
    each = convert(written, "mL", mixed.concentration)
    if each is None:
        return None, (Finding("rate.concentration-missing", Level.MISSING, {"rate": written}, rule.sources, rule.id),)
    count = -(-mixed.volume.base // each.base)
    if count > order.practice.most_portions:
        params: dict[str, Param] = {"volume": mixed.volume, "increment": each, "most": order.practice.most_portions}
        return None, (Finding("rate.too-many-portions", Level.MISSING, params, rule.sources, rule.id),)
    boluses, wait = [], rule.wait.quantity.to("min")
    for n in range(1, int(count) + 1):
        volume = min(each, mixed.volume - each.scaled(n - 1)).to("mL")
        amount = None if written.is_like("mL") else convert(volume, written.unit, mixed.concentration)
        boluses.append(PlannedBolus(n, wait.scaled(n - 1), volume, amount))
    duration = boluses[-1].after_start
    step = Step("rate.portions", (("volume", mixed.volume), ("increment", each), ("wait", wait)), duration, rule.sources)
    plan = RatePlan(rule.id, rule.shape, Derivation((step,)), volume=mixed.volume, duration=duration, boluses=tuple(boluses))
    return plan, _unused_rate(rule, order)


def _per_site(rule: PerSiteBySession, order: Order, dose: DosePlan | None, mixed: Mixture) -> Rated:
    """All sites flow together, each at the rate of this session; the pump's flow is their sum."""
    if dose is None or mixed.volume is None:
        return None, ()
    needed = sites_needed(order, dose.amount, mixed.volume)
    sites = order.choice.sites or needed.count
    by_rule = _site_rate(rule, order)
    per_site, found = by_rule, tuple[Finding, ...]()
    if order.choice.rate is not None:
        chosen = convert(order.choice.rate, "mL/h/{site}", Quantity(1, "{site}"))
        if chosen is None or chosen.value <= 0:
            return None, (
                Finding("rate.not-comparable", Level.MISSING, {"rate": order.choice.rate, "unit": by_rule.unit}, rule.sources, rule.id),
            )
        per_site, found = chosen, _differs(rule, chosen, by_rule)
    total = per_site.times(Quantity(sites, "{site}"), "mL/h")
    climbed = ladder(rule, (Rung(total, None),), mixed.volume, mixed.concentration, order)
    if climbed.findings:
        return None, (*found, *climbed.findings)
    across = Step("rate.all-sites", (("per_site", per_site), ("sites", Quantity(sites, "{site}"))), total, rule.sources)
    duration = climbed.steps[-1].lasts
    derivation = Derivation(
        (*needed.derivation.steps, across, *climbed.derivation.steps, Step("rate.duration", (("volume", mixed.volume),), duration))
    )
    plan = RatePlan(rule.id, rule.shape, derivation, climbed.steps, mixed.volume, duration, sites=sites, per_site=per_site)
    return plan, found


def _site_rate(rule: PerSiteBySession, order: Order) -> Quantity:
    steps = sorted(rule.steps, key=lambda step: step.session)
    reached = [step for step in steps if step.session <= order.choice.infusion_number] or steps[:1]
    rate = convert(reached[-1].rate.quantity, "mL/h/{site}", Quantity(1, "{site}"))
    return rate if rate is not None else reached[-1].rate.quantity.to("mL/h/{site}")


def _slowest_while_open(order: Order, found: tuple[Finding, ...]) -> tuple[RateRule | None, tuple[Finding, ...]]:
    """While only the order's own open choices stand between rules of one shape, the slowest of them holds and is named."""
    possible = [rule for rule in order.protocol.rates if rule.selection is Selection.AUTOMATIC and standing(rule, order).may_hold]
    if order.choice.rate_rule or not possible or not all(standing(rule, order).binds for rule in possible):
        return None, found
    paces = [_pace(rule, order) for rule in possible]
    known = [pace for pace in paces if pace is not None]
    if len(known) != len(possible) or len({rule.shape for rule in possible}) > 1:
        return None, found
    slowest = next((rule for rule, pace in zip(possible, known, strict=True) if all(_slower(pace, other) for other in known)), None)
    if slowest is None:
        return None, found
    missing = tuple(name for name in sorted(ORDER_FIELDS) if any(name in standing(rule, order).missing for rule in possible))
    params = {"rules": tuple(rule.id for rule in possible), "fields": missing}
    return slowest, (Finding("rate.stricter-rule", Level.INFO, params, slowest.sources, slowest.id),)


def _slower(pace: tuple[Fraction, ...], other: tuple[Fraction, ...]) -> bool:
    return all(mine <= theirs for mine, theirs in zip(pace, other, strict=True))


def _pace(rule: RateRule, order: Order) -> tuple[Fraction, ...] | None:
    """Numbers of which each, when smaller, makes a rule of this shape slower; None where rules of a shape cannot be ordered."""
    match rule:
        case FixedDuration():
            return (-rule.duration.quantity.base,)
        case SteppedIncrement():
            flows = [convert(figure.quantity, "mg/h", body.weight(order).amount) for figure in (rule.start, rule.step, rule.maximum)]
            known = [flow.base for flow in flows if flow is not None]
            return (*known, -rule.every.quantity.base) if len(known) == len(flows) else None
        case PerSiteBySession():
            return (_site_rate(rule, order).base,)
        case ExplicitSteps() | FractionOfDose() | PatientControlled() | IncrementalBolus() | SingleInjection() | RateRange():
            return None
        case _:
            assert_never(rule)
