"""Who should not have it, and why: contraindications, cautions, general rules, needed facts, allergy, legal standing and routes.

An unknown fact is never a pass; facts that belong to check-in are announced when the order is written and demanded when it starts. Nothing
here refuses a record.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from openinfusion.core.condition import Fields, Truth
from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.part import Region
from openinfusion.core.patient import PatientFacts
from openinfusion.core.prescribing.body import lacking
from openinfusion.core.prescribing.order import Choice
from openinfusion.core.prescribing.rule import Order, dissolved_in, merged, standing
from openinfusion.core.prescribing.worked import worked_out
from openinfusion.core.protocol import Legal, Need, Protocol, ScreenRule

Stage = Literal["order", "start"]


def screen(  # noqa: PLR0913, PLR0917 - the contract of all callers: each argument is one independent input of the decision
    protocol: Protocol,
    general_rules: Sequence[ScreenRule],
    facts: PatientFacts,
    choice: Choice,
    stage: Stage,
    fields: Fields,
    now: datetime,
    site_region: Region | None = None,
) -> tuple[Finding, ...]:
    """Everything that speaks against giving this now; for an emergency protocol all of it is shown and none of it blocks."""
    region = choice.region or site_region
    order = Order(protocol, choice, merged(facts, protocol, choice, region, now), fields, now, region)
    return screened(worked_out(order).order, general_rules, stage)


def screened(order: Order, general_rules: Sequence[ScreenRule], stage: Stage) -> tuple[Finding, ...]:
    """The same for an order that is worked out already."""
    protocol = order.protocol
    found = [
        *_standing_of_order(order),
        *_route_bans(order),
        *_needs(order, stage),
        *_allergies(order),
        *_rules(order, protocol.contraindications, "screen.contraindication", stage),
        *_rules(order, protocol.cautions, "screen.caution", stage),
        *_rules(order, general_rules, "screen.general", stage),
    ]
    return unblocked(order, found)


def unblocked(order: Order, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings as they are; for an emergency protocol each becomes information, save a route by which it may never be given."""
    if not order.protocol.emergency:
        return tuple(findings)
    return tuple(finding if finding.code == "order.route-banned" else replace(finding, level=Level.INFO) for finding in findings)


def _standing_of_order(order: Order) -> Iterator[Finding]:
    protocol, choice = order.protocol, order.choice
    if protocol.legal is Legal.WITHDRAWN:
        yield Finding("order.withdrawn", Level.BANNED, {"protocol": protocol.id})
    if protocol.legal is Legal.OFF_LABEL:
        yield Finding("order.off-label", Level.INFO, {"protocol": protocol.id})
    offered = tuple(indication.code for indication in protocol.indications)
    if not choice.indication:
        yield Finding("order.indication-missing", Level.MISSING, {"indications": offered})
    elif choice.indication not in offered:
        params: dict[str, Param] = {"indication": choice.indication, "indications": offered}
        yield Finding("order.indication-not-in-protocol", Level.CONTRAINDICATED, params)
    products = protocol.drug.products
    if products and not choice.product:
        yield Finding("order.product-not-chosen", Level.INFO, {"products": products})
    elif products and choice.product not in products:
        yield Finding("order.product-not-in-protocol", Level.CONTRAINDICATED, {"product": choice.product, "products": products})
    if order.region is None and _speaks_of_regions(protocol):
        yield Finding("order.region-not-set", Level.INFO)
    ways = tuple(way.id for way in protocol.preparation.reconstitutions)
    if choice.reconstitution and choice.reconstitution not in ways:
        params = {"reconstitution": choice.reconstitution, "reconstitutions": ways}
        yield Finding("order.reconstitution-not-in-protocol", Level.CONTRAINDICATED, params, protocol.preparation.sources)
    diluents = protocol.preparation.diluents
    if choice.diluent and choice.diluent not in diluents:
        known: dict[str, Param] = {"diluent": choice.diluent, "diluents": diluents}
        yield Finding("order.diluent-not-in-protocol", Level.CONTRAINDICATED, known, protocol.preparation.sources)
    dissolved = dissolved_in(protocol, choice)
    if choice.diluent and dissolved and choice.diluent != dissolved:
        both: dict[str, Param] = {"diluent": choice.diluent, "reconstitution": choice.reconstitution}
        yield Finding("order.diluent-not-of-reconstitution", Level.BANNED, both, protocol.preparation.sources)


def _speaks_of_regions(protocol: Protocol) -> bool:
    parts = (
        protocol.doses,
        protocol.limits,
        protocol.rates,
        protocol.schedule,
        protocol.contraindications,
        protocol.cautions,
        protocol.observation_after,
    )
    return any(rule.regions for rules in parts for rule in rules)


def _route_bans(order: Order) -> Iterator[Finding]:
    for ban in order.protocol.route_bans:
        prepared_so = ban.diluent is None or ban.diluent in (order.choice.diluent, dissolved_in(order.protocol, order.choice))
        if ban.route is order.protocol.route and prepared_so and standing(ban, order).may_hold:
            yield Finding("order.route-banned", Level.BANNED, {"route": ban.route.value, "diluent": ban.diluent}, ban.sources, ban.id)


def _needs(order: Order, stage: Stage) -> Iterator[Finding]:
    for need in order.protocol.needs:
        held = standing(need, order)
        if held.may_hold and order.value(need.field) is None:
            yield _lacking(need, order, deferred=stage == "order" and need.before == "start")


def _lacking(need: Need, order: Order, *, deferred: bool) -> Finding:
    if deferred:
        return Finding("fact.asked-at-start", Level.INFO, {"field": need.field}, need.sources, need.id)
    return replace(lacking(order, need.field)[0], sources=need.sources, rule=need.id)


def _allergies(order: Order) -> Iterator[Finding]:
    known = order.value("allergy")
    if known is None:
        yield from lacking(order, "allergy")
        return
    codes = known if isinstance(known, tuple) else ()
    for ingredient in order.protocol.drug.ingredients:
        if ingredient in codes:
            yield Finding("screen.allergy", Level.CONTRAINDICATED, {"ingredient": ingredient}, rule=ingredient)


def _rules(order: Order, rules: Sequence[ScreenRule], code: str, stage: Stage) -> Iterator[Finding]:
    later = _asked_later(order.protocol)
    for rule in rules:
        held = standing(rule, order)
        if held.truth is Truth.TRUE:
            yield Finding(code, rule.level, {"rule": rule.id}, rule.sources, rule.id, rule.until or "")
        elif held.truth is Truth.UNKNOWN:
            deferred = stage == "order" and (rule.before == "start" or later.issuperset(held.missing))
            yield _undecided(rule, held.missing, deferred=deferred)


def _undecided(rule: ScreenRule, missing: tuple[str, ...], *, deferred: bool) -> Finding:
    """What an unknown fact means for a rule: a region left open lets it hold, check-in answers it later, else it is missing."""
    params: dict[str, Param] = {"rule": rule.id, "fields": missing}
    if missing == ("region",):
        return Finding("screen.stricter-region", rule.level, {"rule": rule.id}, rule.sources, rule.id, rule.until or "")
    if rule.level is Level.INFO:
        return Finding("screen.not-asked", Level.INFO, params, rule.sources, rule.id)
    if deferred:
        return Finding("screen.asked-at-start", Level.INFO, params, rule.sources, rule.id)
    return Finding("screen.unknown", Level.MISSING, params, rule.sources, rule.id)


def _asked_later(protocol: Protocol) -> frozenset[str]:
    at_start = {need.field for need in protocol.needs if need.before == "start"}
    at_order = {need.field for need in protocol.needs if need.before == "order"}
    return frozenset(at_start - at_order)
