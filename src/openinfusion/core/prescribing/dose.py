"""How much: one rule, its worked arithmetic, its cap, and the rounding to what can be prepared. A dose that is not certain is not computed;
nothing is clamped in silence."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import assert_never

from openinfusion.core.finding import Derivation, Finding, Level, Param, Step
from openinfusion.core.prescribing import body, limits
from openinfusion.core.prescribing.course import phases_of
from openinfusion.core.prescribing.kinds import convert, drug_concentration
from openinfusion.core.prescribing.order import DosePlan
from openinfusion.core.prescribing.rule import Order, select
from openinfusion.core.protocol import Basis, DoseRule, Limit, Measure
from openinfusion.core.quantity import Quantity, Rounding, UnitError, unit

Dosed = tuple[DosePlan | None, tuple[Finding, ...]]
_OF_DOSE = frozenset({Measure.DOSE, Measure.DOSE_PER_MASS, Measure.DOSE_PER_AREA})


def dose(order: Order) -> Dosed:
    """The amount to give by the one rule that holds or the prescriber's; None where a rule, a fact or a choice is missing, and the
    findings that say so."""
    choice = order.choice
    current = [rule for rule in order.protocol.doses if rule.superseded_by is None or rule.id == choice.dose_rule]
    rule, found = select(current, choice.dose_rule, order, "dose")
    if rule is None:
        return None, found
    if rule.superseded_by is not None:
        params = {"rule": rule.id, "by": rule.superseded_by}
        found = (*found, Finding("dose.superseded", Level.CONTRAINDICATED, params, rule.sources, rule.id))
    exact = _exact(rule, order)
    if exact.amount is None:
        return None, (*found, *exact.findings)
    session = _of_one_session(rule, exact, order)
    if session.amount is None:
        return None, (*found, *session.findings)
    prepared, more = _prepared(rule, session.amount, session.derivation, order)
    return prepared, (*found, *session.findings, *more)


def _share(rule: DoseRule, order: Order) -> Fraction | None:
    """The part of a periodic dose that one session gives: its interval over the dose's; None while the phase is open."""
    if rule.per is None:
        return Fraction(1)
    phases, _ = phases_of(order)
    if not phases:
        return None
    every = phases[0].every
    return Fraction(1) if every is None else every.quantity.base / rule.per.quantity.base


def _of_one_session(rule: DoseRule, periodic: body.Measured, order: Order) -> body.Measured:
    share = _share(rule, order)
    if periodic.amount is None or rule.per is None or share == 1:
        return periodic
    if share is None:
        finding = Finding(
            "dose.interval-missing", Level.MISSING, {"per": rule.per.quantity, "dose": periodic.amount}, rule.sources, rule.id
        )
        return body.Measured(None, findings=(*periodic.findings, finding))
    amount = periodic.amount.scaled(share)
    step = Step(
        "dose.of-one-session", (("dose", periodic.amount), ("per", rule.per.quantity), ("every", rule.per.quantity.scaled(share))), amount
    )
    return body.Measured(amount, periodic.derivation.then(step), periodic.findings)


def _exact(rule: DoseRule, order: Order) -> body.Measured:
    if rule.basis is Basis.FROM_PREVIOUS:
        return _chosen_instead(rule, _from_previous(rule, order), order)
    if rule.amount is not None:
        return _chosen_instead(rule, _capped(rule, _by_basis(rule, rule.amount.quantity, order)), order)
    chosen = _in_range(rule, order)
    return _kept_above_cap(rule, chosen) if _is_an_amount(rule, order.choice.dose) else _capped(rule, chosen)


def _by_basis(rule: DoseRule, amount: Quantity, order: Order) -> body.Measured:
    """An amount of the rule's basis as the amount of one dose."""
    match rule.basis:
        case Basis.FLAT:
            result = _times(amount, (), rule.per.quantity if rule.per else None)
            return body.Measured(result, Derivation((Step("dose.flat", (("amount", amount),), result, rule.sources),)))
        case Basis.PER_MASS:
            return _per(rule, amount, body.weight(order), "weight")
        case Basis.PER_AREA:
            return _per(rule, amount, body.surface(order), "surface")
        case Basis.FROM_PREVIOUS:
            raise UnitError(rule.id)
        case _:
            assert_never(rule.basis)


def _per(rule: DoseRule, amount: Quantity, measured: body.Measured, name: str) -> body.Measured:
    if measured.amount is None:
        return measured
    result = _times(amount, (measured.amount,), rule.per.quantity if rule.per else None)
    step = Step(f"dose.per-{name}", (("amount", amount), (name, measured.amount)), result, rule.sources)
    return body.Measured(result, measured.derivation.then(step), measured.findings)


def _times(amount: Quantity, measures: tuple[Quantity, ...], per: Quantity | None) -> Quantity:
    """An amount per body measure and per time, times the measure and the interval; without an interval, for one of the unit's own times."""
    head, *below = amount.unit.split("/")
    value = amount.value
    for part in below:
        by = next((each for each in (*measures, *([per] if per else [])) if each.is_like(part)), None)
        if by is None and unit(part).dimensions != unit("s").dimensions:
            raise UnitError(f"{amount.unit} without {part}")
        value *= Fraction(1) if by is None else by.to(part).value
    return Quantity(value, head)


def _from_previous(rule: DoseRule, order: Order) -> body.Measured:
    """Replace another product: its amount over its interval, times the new interval, times the label's factor."""
    if rule.previous is None or rule.previous_every is None or rule.factor is None or rule.per is None:
        raise UnitError(rule.id)
    amount, every = order.quantity(rule.previous), order.quantity(rule.previous_every)
    if amount is None or every is None or every.value <= 0:
        names = [name for name, value in ((rule.previous, amount), (rule.previous_every, every)) if value is None or value.value <= 0]
        return body.Measured(None, findings=tuple(finding for name in names for finding in body.lacking(order, name)))
    result = amount.scaled(rule.per.quantity.base / every.base * rule.factor.quantity.value)
    inputs = (("previous", amount), ("every", every), ("per", rule.per.quantity), ("factor", rule.factor.quantity))
    return body.Measured(result, Derivation((Step("dose.from-previous", inputs, result, rule.sources),)))


def _capped(rule: DoseRule, measured: body.Measured) -> body.Measured:
    if rule.cap is None or measured.amount is None or measured.amount <= rule.cap.quantity:
        return measured
    cap = rule.cap.quantity.to(measured.amount.unit)
    finding = Finding("dose.capped", Level.INFO, {"dose": measured.amount, "cap": cap}, rule.cap.sources, rule.id)
    step = Step("dose.cap", (("dose", measured.amount), ("cap", cap)), cap, rule.cap.sources)
    return body.Measured(cap, measured.derivation.then(step), (*measured.findings, finding))


def _is_an_amount(rule: DoseRule, chosen: Quantity | None) -> bool:
    """Whether a prescriber wrote what to give, not how much per body measure."""
    return chosen is not None and rule.low is not None and (rule.basis is Basis.FLAT or not chosen.is_like(rule.low.quantity))


def _kept_above_cap(rule: DoseRule, chosen: body.Measured) -> body.Measured:
    """An amount that a prescriber wrote is never brought down to the cap: it stays, and needs a second prescriber."""
    if rule.cap is None or chosen.amount is None or chosen.amount <= rule.cap.quantity:
        return chosen
    params: dict[str, Param] = {"dose": chosen.amount, "cap": rule.cap.quantity}
    finding = Finding("dose.above-cap", Level.CONTRAINDICATED, params, rule.cap.sources, rule.id)
    return body.Measured(chosen.amount, chosen.derivation, (*chosen.findings, finding))


def _in_range(rule: DoseRule, order: Order) -> body.Measured:
    """The prescriber's dose where the rule gives a range; per body mass it may be chosen as such or as an amount."""
    if rule.low is None or rule.high is None:
        raise UnitError(rule.id)
    low, high, chosen = rule.low.quantity, rule.high.quantity, order.choice.dose
    if chosen is None:
        return body.Measured(None, findings=(Finding("dose.choose", Level.MISSING, {"low": low, "high": high}, rule.sources, rule.id),))
    one = _by_basis(rule, Quantity(1, low.unit), order)
    if one.amount is None:
        return one
    amount = _as_amount(rule, low.unit, one.amount, order)
    if amount is None or amount.value <= 0:
        return body.Measured(None, findings=(*one.findings, _unlike(chosen, low.unit, rule)))
    per = Quantity(amount.value / one.amount.value, low.unit)
    outside = Finding("dose.outside-range", Level.CONTRAINDICATED, {"dose": per, "low": low, "high": high}, rule.sources, rule.id)
    findings = one.findings if low <= per <= high else (*one.findings, outside)
    step = Step("dose.chosen", (("chosen", chosen), ("low", low), ("high", high)), amount, rule.sources)
    return body.Measured(amount, one.derivation.then(step), findings)


def _as_amount(rule: DoseRule, per_unit: str, one: Quantity, order: Order) -> Quantity | None:
    """The chosen dose as an amount in the unit of `one`, which is what 1 `per_unit` comes to; None for another kind or an open interval.

    Per body measure it is the rule's periodic dose, as an amount that of one session."""
    chosen = order.choice.dose
    if chosen is None:
        return None
    if chosen.is_like(per_unit) and not chosen.is_like(one):
        return one.scaled(chosen.to(per_unit).value)
    amount, share = convert(chosen, one.unit, drug_concentration(order)), _share(rule, order)
    return None if amount is None or not share else amount.scaled(1 / share)


def _unlike(chosen: Quantity, symbol: str, rule: DoseRule) -> Finding:
    return Finding("dose.not-comparable", Level.MISSING, {"dose": chosen, "unit": symbol}, rule.sources, rule.id)


def _chosen_instead(rule: DoseRule, computed: body.Measured, order: Order) -> body.Measured:
    """A prescriber's own dose in place of the computed one: less asks for a reason, more for a second prescriber."""
    chosen = order.choice.dose
    if chosen is None or computed.amount is None:
        return computed
    per_unit = rule.amount.quantity.unit if rule.amount else computed.amount.unit
    one = _by_basis(rule, Quantity(1, per_unit), order).amount if rule.amount else None
    amount = _as_amount(rule, per_unit, one or computed.amount, order)
    if amount is None or amount.value <= 0:
        return body.Measured(None, findings=(*computed.findings, _unlike(chosen, per_unit, rule)))
    if amount == computed.amount:
        return computed
    level = Level.CAUTION if amount < computed.amount else Level.CONTRAINDICATED
    finding = Finding("dose.differs-from-rule", level, {"dose": amount, "rule_dose": computed.amount}, rule.sources, rule.id)
    step = Step("dose.chosen-instead", (("chosen", chosen), ("rule_dose", computed.amount)), amount)
    return body.Measured(amount, computed.derivation.then(step), (*computed.findings, finding))


def _prepared(rule: DoseRule, exact: Quantity, derivation: Derivation, order: Order) -> Dosed:
    """Round to whole containers where chosen, else to the preparable step; where a limit binds, toward its safe side."""
    containers = [each for each in order.protocol.preparation.containers if each.quantity.is_like(exact)]
    draft = DosePlan(rule.id, exact, exact, Quantity(0, exact.unit), derivation)
    whole = order.choice.whole_containers and bool(containers)
    step = min(each.quantity for each in containers).to(exact.unit) if whole else order.practice.step_for(exact)
    amount, turned = _rounded(draft, step, _ceilings(rule, order), order)
    found: list[Finding] = []
    if order.choice.whole_containers and not containers:
        found.append(Finding("dose.no-containers", Level.INFO, {"dose": exact}))
    if amount.value <= 0:
        return None, (*found, Finding("dose.rounds-to-nothing", Level.MISSING, {"dose": exact, "step": step}))
    if turned:
        found.append(Finding("dose.rounded-to-safe-side", Level.INFO, {"dose": exact, "rounded": amount}))
    if amount != exact:
        operation = "dose.round-containers" if whole else "dose.round"
        derivation = derivation.then(Step(operation, (("dose", exact), ("step", step)), amount))
    plan = replace(draft, amount=amount, residual=amount - exact, derivation=derivation)
    return _drawn(_contained(plan, [each.quantity for each in containers]), order), tuple(found)


def _ceilings(rule: DoseRule, order: Order) -> tuple[Quantity, ...]:
    """The rule's own upper bounds on the amount of one session: its cap and the end of its range."""
    share = _share(rule, order) or Fraction(1)
    most = None if rule.high is None else _by_basis(rule, rule.high.quantity, order).amount
    return tuple(bound.scaled(share) for bound in (rule.cap.quantity if rule.cap else None, most) if bound is not None)


def _rounded(draft: DosePlan, step: Quantity, ceilings: Sequence[Quantity], order: Order) -> tuple[Quantity, bool]:
    """The rounded amount, and whether a bound turned the rounding away from the nearest."""
    nearest = draft.exact.rounded(step)
    if any(draft.exact <= bound < nearest for bound in ceilings):
        return draft.exact.rounded(step, Rounding.DOWN), True
    before = _broken(draft, order)
    if nearest.value <= 0 or _broken(replace(draft, amount=nearest), order) <= before:
        return nearest, False
    other = draft.exact.rounded(step, Rounding.DOWN if nearest > draft.exact else Rounding.UP)
    return (other, True) if _broken(replace(draft, amount=other), order) <= before else (nearest, False)


def _broken(plan: DosePlan, order: Order) -> frozenset[str]:
    """The ids of the dose limits that an amount passes."""
    return frozenset(finding.rule for finding in limits.check(_only_dose_limits(order), limits.Parts(dose=plan)))


def _only_dose_limits(order: Order) -> Order:
    kept: tuple[Limit, ...] = tuple(limit for limit in order.protocol.limits if limit.measure in _OF_DOSE and not limit.is_total)
    return replace(order, protocol=order.protocol.model_copy(update={"limits": kept}))


def _contained(plan: DosePlan, sizes: list[Quantity]) -> DosePlan:
    """Which containers the amount is drawn from: least waste first, then fewest."""
    if not sizes:
        return plan
    counted = [(size, -(-plan.amount.base // size.base)) for size in sizes]
    size, count = min(counted, key=lambda pair: (pair[0].base * pair[1], pair[1]))
    return replace(plan, container=size, containers=int(count), waste=size.scaled(int(count)).to(plan.amount.unit) - plan.amount)


def _drawn(plan: DosePlan, order: Order) -> DosePlan:
    """The volume of the drug before dilution, to what a syringe can measure; the step says how much is in it."""
    holds = drug_concentration(order)
    exact = convert(plan.amount, "mL", holds)
    if exact is None:
        return plan
    volume = exact.rounded(order.practice.step_for(exact))
    steps = []
    if holds is not None and not plan.amount.is_like("mL"):
        steps.append(Step("volume.from-concentration", (("dose", plan.amount), ("concentration", holds)), exact))
    if volume != exact:
        steps.append(Step("volume.round", (("volume", exact), ("step", order.practice.step_for(exact))), volume))
    return replace(plan, volume=volume, derivation=plan.derivation.then(*steps))
