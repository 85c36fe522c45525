"""Everything that follows from an order, joined: screening, dose, mixture, rates, limits, course, premedication, observation. It signs,
starts and stores nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from openinfusion.core.condition import Fields, Truth
from openinfusion.core.finding import Finding, Level, Param, verdict
from openinfusion.core.part import Region
from openinfusion.core.patient import PatientFacts
from openinfusion.core.prescribing import eligibility, limits
from openinfusion.core.prescribing.flow import Given
from openinfusion.core.prescribing.limits import Parts
from openinfusion.core.prescribing.order import Choice, Plan, PlannedPremedication
from openinfusion.core.prescribing.order_check import contradictions
from openinfusion.core.prescribing.practice import DEFAULT_PRACTICE, Practice
from openinfusion.core.prescribing.rule import Order, merged, standing
from openinfusion.core.prescribing.worked import worked_out
from openinfusion.core.protocol import Protocol, ScreenRule
from openinfusion.core.quantity import Quantity


def plan(  # noqa: PLR0913, PLR0917 - the contract of all callers: each argument is one independent input of the decision
    protocol: Protocol,
    content_hash: str,
    general_rules: Sequence[ScreenRule],
    facts: PatientFacts,
    choice: Choice,
    fields: Fields,
    now: datetime,
    site_region: Region | None = None,
    *,
    history: tuple[Given, ...] = (),
    elsewhere: Mapping[str, tuple[Given, ...]] | None = None,
    practice: Practice = DEFAULT_PRACTICE,
) -> Plan:
    """The plan of one order. `history` holds amounts already given, at times relative to the start, `elsewhere` those of other orders by
    ingredient; raises KeyError for an undeclared field."""
    region = choice.region or site_region
    order = Order(protocol, choice, merged(facts, protocol, choice, region, now), fields, now, region, practice)
    worked = worked_out(order)
    order, sessions = worked.order, worked.course.sessions
    parts = Parts(worked.dose, worked.rates, worked.mixture.concentration, sessions, history, elsewhere=elsewhere or {})
    given_before, about_premedication = premedication(order)
    found = (
        *eligibility.screened(order, general_rules, "order"),
        *eligibility.unblocked(
            order, (*worked.findings, *contradictions(order, worked), *limits.check(order, parts), *about_premedication)
        ),
    )
    findings = heaviest_first(found)
    return Plan(
        protocol=protocol.id,
        version=protocol.version,
        content_hash=content_hash,
        route=protocol.route,
        choice=choice,
        findings=findings,
        verdict=verdict(findings),
        dose=worked.dose,
        rates=worked.rates,
        course=sessions,
        premedication=given_before,
        concentration=worked.mixture.concentration,
        observation=observation(order),
        restart_factor=restart_factor(protocol),
    )


def heaviest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings without repetitions, the heaviest level first, otherwise in the order they were found."""
    unique: list[Finding] = []
    for finding in findings:
        if finding not in unique:
            unique.append(finding)
    return tuple(sorted(unique, key=lambda finding: -finding.level.rank))


def premedication(order: Order) -> tuple[tuple[PlannedPremedication, ...], tuple[Finding, ...]]:
    """What is given before: each that holds or may hold; one that may hold names the facts that would decide it."""
    planned: list[PlannedPremedication] = []
    found: list[Finding] = []
    for each in order.protocol.premedication:
        held = standing(each, order)
        if not held.may_hold:
            continue
        before, amount = each.before.quantity if each.before else None, each.dose.quantity if each.dose else None
        planned.append(PlannedPremedication(each.id, each.drug, each.route, each.mandatory, before, amount))
        if held.truth is Truth.UNKNOWN and each.mandatory:
            params: dict[str, Param] = {"drug": each.drug, "fields": held.missing}
            found.append(Finding("premedication.undecided", Level.MISSING, params, each.sources, each.id))
    return tuple(planned), tuple(found)


def observation(order: Order) -> Quantity | None:
    """How long the patient stays after the end: the longest that holds or may hold; None where the protocol gives none."""
    return max((each.lasting.quantity for each in order.protocol.observation_after if standing(each, order).may_hold), default=None)


def restart_factor(protocol: Protocol) -> Fraction | None:
    """The smallest factor for a restart after a reaction; None where the protocol gives none."""
    factors = [rule.restart_factor.quantity.to("1").value for rule in protocol.reactions if rule.restart_factor]
    return min(factors, default=None)


Shown = Quantity | str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One value of a plan that is not what it was; None where there was or is none."""

    part: str
    before: Shown
    after: Shown


def changed(old: Plan, new: Plan) -> tuple[Change, ...]:
    """What differs between a signed plan and the same order planned again, such as with the weight of the day; new and gone findings by
    their key."""
    before, after = _values(old), _values(new)
    parts = tuple(dict.fromkeys((*before, *after)))
    return (
        *(Change(part, before.get(part), after.get(part)) for part in parts if before.get(part) != after.get(part)),
        *_findings(old, new),
    )


def _findings(old: Plan, new: Plan) -> Iterator[Change]:
    had = {finding.key: finding.level.value for finding in old.findings}
    has = {finding.key: finding.level.value for finding in new.findings}
    for key in dict.fromkeys((*had, *has)):
        if had.get(key) != has.get(key):
            yield Change(f"finding {key}", had.get(key), has.get(key))


def _values(of: Plan) -> Mapping[str, Shown]:
    values: dict[str, Shown] = {"content_hash": of.content_hash, "concentration": of.concentration, "observation": of.observation}
    values |= {f"premedication.{each.id}": each.dose or each.drug for each in of.premedication}
    if of.dose is not None:
        values |= {"dose.rule": of.dose.rule, "dose.amount": of.dose.amount, "dose.volume": of.dose.volume}
        values["dose.containers"] = None if of.dose.containers is None else Quantity(of.dose.containers, "1")
    if of.rates is not None:
        values |= {"rates.rule": of.rates.rule, "rates.volume": of.rates.volume, "rates.duration": of.rates.duration}
        values["rates.sites"] = None if of.rates.sites is None else Quantity(of.rates.sites, "{site}")
        values |= {"rates.per_site": of.rates.per_site, **{f"rates.step.{step.n}": step.rate for step in of.rates.steps}}
        values |= {f"rates.portion.{bolus.n}": bolus.volume for bolus in of.rates.boluses}
        demand = of.rates.on_demand
        if demand is not None:
            values |= {
                "demand.bolus": demand.bolus,
                "demand.lockout": demand.lockout,
                "demand.most": demand.most,
                "demand.basal": demand.basal,
            }
    return values
