"""Where it goes in: how many places and which, how far apart, how much into one of them, and which were used the last time.

It finds and never acts. A volume that a protocol limits itself is not asked of the table of injection sites; what was done is recorded in
any case.
"""

from collections.abc import Iterator
from dataclasses import replace

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.context import Context
from openinfusion.core.administration.session import SessionState
from openinfusion.core.condition import Truth
from openinfusion.core.figure import Source
from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.prescribing import limits
from openinfusion.core.prescribing.limits import Parts
from openinfusion.core.prescribing.rule import standing
from openinfusion.core.protocol import Delivery, Measure, Route, Strength
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import SiteVolume


def site_allowed(site: str, ctx: Context) -> bool:
    """Whether a place is one of the protocol's, or a part of one ("thigh-left" of "thigh"); without a list every place is."""
    rule = ctx.protocol.sites
    return rule is None or any(_is_of(site, one) for one in rule.allowed)


def _is_of(site: str, place: str) -> bool:
    return site == place or site.startswith(f"{place}-") or site.endswith(f"-{place}")


def of_infusion(command: c.StartInfusion, state: SessionState, ctx: Context) -> Iterator[Finding]:
    """As many different places as planned, each of the allowed kind: `abdomen` or `abdomen-left-1`; far enough apart."""
    sites = command.sites
    planned = state.plan.rates.sites if state.plan is not None and state.plan.rates is not None else None
    multi = ctx.protocol.delivery is Delivery.MULTI_SITE_INFUSION
    if multi and (len(set(sites)) != len(sites) or (planned is not None and len(sites) != planned) or not sites):
        yield Finding("sites.count", Level.MISSING, {"sites": len(set(sites)), "planned": planned or 1})
    yield from (_not_allowed(site, ctx) for site in sites if not site_allowed(site, ctx))
    if len(sites) > 1 and not command.gap_confirmed:
        yield from _unmeasured(ctx)


def of_injection(command: c.GiveInjection, state: SessionState, ctx: Context) -> Iterator[Finding]:
    """An allowed place, not too much for it with what went in there before, and far enough from an earlier injection beside it."""
    if not site_allowed(command.site, ctx):
        yield _not_allowed(command.site, ctx)
    before = [segment for segment in state.segments if segment.site and _same_muscle(segment.site, command.site)]
    total = sum((segment.volume for segment in before if segment.volume is not None), command.volume.to("mL"))
    yield from _limits_of_protocol(total, state, ctx)
    yield from _volume_of_table(command.site, total, ctx)
    if before and not command.gap_confirmed:
        yield from _unmeasured(ctx)


def _same_muscle(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")


def _not_allowed(site: str, ctx: Context) -> Finding:
    rule = ctx.protocol.sites
    allowed = tuple(rule.allowed) if rule else ()
    return Finding("sites.not-allowed", Level.BANNED, {"site": site, "allowed": allowed}, rule.sources if rule else ())


def gap(ctx: Context) -> tuple[Quantity, tuple[Source, ...]] | None:
    """How far two places must be apart at least, with the sources: the widest distance that may hold, None where none is stated."""
    rule, table = ctx.protocol.sites, ctx.site_volumes
    stated = [(rule.gap.quantity, rule.gap.sources)] if rule is not None and rule.gap is not None else []
    stated += [(table.gap.quantity, table.gap.sources)] if table is not None and ctx.protocol.route is Route.IM else []
    stated += [
        (limit.figure.quantity, limit.sources)
        for limit in ctx.protocol.limits
        if limit.measure is Measure.SITE_GAP and limit.op in (">", ">=") and standing(limit, ctx.order).may_hold
    ]
    return max(stated, key=lambda one: one[0].to("cm").value, default=None)


def _unmeasured(ctx: Context) -> Iterator[Finding]:
    """A distance that nobody has confirmed; the program cannot see it, a person must."""
    if (apart := gap(ctx)) is not None:
        yield Finding("sites.gap-not-confirmed", Level.MISSING, {"gap": apart[0]}, apart[1])


def used_last(ctx: Context) -> Iterator[Finding]:
    """The places of the patient's session before this one, where the protocol asks to change them."""
    rule = ctx.protocol.sites
    earlier = [(one.started_at, one.sites) for one in ctx.elsewhere if one.started_at is not None and one.sites]
    if rule is not None and rule.rotate and earlier:
        at, sites = max(earlier)
        yield Finding("sites.used-last", Level.INFO, {"sites": sites, "at": at}, rule.sources)


def _limits_of_protocol(total: Quantity, state: SessionState, ctx: Context) -> Iterator[Finding]:
    """The protocol's own limits of one place."""
    rates = state.plan.rates if state.plan is not None else None
    if rates is None:
        return
    parts = Parts(
        rates=replace(rates, volume=total, sites=1, steps=(), on_demand=None),
        concentration=state.plan.concentration if state.plan else None,
    )
    ours = {limit.id for limit in ctx.protocol.limits if limit.measure is Measure.VOLUME_PER_SITE}
    yield from (finding for finding in limits.check(ctx.order, parts) if finding.rule in ours)


def _volume_of_table(site: str, total: Quantity, ctx: Context) -> Iterator[Finding]:
    """The soft and the hard volume of this place for this person; a protocol's own figure goes before that of the same strength."""
    table = ctx.site_volumes
    if table is None or ctx.protocol.route is not Route.IM:
        return
    own = {limit.strength for limit in ctx.protocol.limits if limit.measure is Measure.VOLUME_PER_SITE and standing(limit, ctx.order).binds}
    if own.issuperset(Strength):
        return
    held = [(row, standing(row, ctx.order)) for row in table.volumes]
    possible = [(row, one) for row, one in held if one.may_hold and (not row.places or any(_is_of(site, place) for place in row.places))]
    fitting = [(row, one) for row, one in possible if row.places] or possible
    unknown = tuple(dict.fromkeys(name for _, one in fitting for name in one.missing))
    if unknown:
        yield Finding("sites.volume-undecided", Level.MISSING, {"site": site, "fields": unknown})
    elif not fitting:
        yield Finding("sites.volume-not-stated", Level.CAUTION, {"site": site, "volume": total}, rule=table.name)
    for row, one in fitting:
        if one.truth is Truth.TRUE:
            yield from _too_much(row, site, total, own)


def _too_much(row: SiteVolume, site: str, total: Quantity, own: set[Strength]) -> Iterator[Finding]:
    if total > row.hard.quantity and Strength.HARD not in own:
        params: dict[str, Param] = {"site": site, "value": total, "limit": row.hard.quantity}
        yield Finding("sites.volume-above-hard", Level.BANNED, params, row.hard.sources, row.id)
    elif total > row.soft.quantity and Strength.SOFT not in own:
        params = {"site": site, "value": total, "limit": row.soft.quantity}
        yield Finding("sites.volume-above-soft", Level.CAUTION, params, row.soft.sources, row.id)
