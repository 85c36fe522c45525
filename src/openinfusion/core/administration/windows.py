"""Totals in sliding windows over every source: this session's flow to its end, its boluses, and other sessions of the same ingredient.

A command that would pass a limit later is refused now (safety.md 6.2). Nothing is slowed or brought down to a limit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from openinfusion.core.administration.container import concentration
from openinfusion.core.administration.context import Context
from openinfusion.core.administration.parts import ScanKind, SegmentKind
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.volume import delivered, integral, planned_volume
from openinfusion.core.condition import Truth
from openinfusion.core.figure import Source
from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.patient import seconds
from openinfusion.core.prescribing import body
from openinfusion.core.prescribing.flow import Bolus, Given, Segment, first_passing, in_row, window_total
from openinfusion.core.prescribing.kinds import concentration_of, convert, drug_concentration
from openinfusion.core.prescribing.limits import WHOLE_THERAPY, span
from openinfusion.core.prescribing.rule import standing
from openinfusion.core.protocol import Limit, Strength
from openinfusion.core.quantity import UNITS, Quantity

PROGRAMME = "bolus.window-full"
"""The code of a programme's own cap."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a command would add from now on: boluses of volume, and flows one after the other (volume per time, for how long)."""

    boluses: tuple[Quantity, ...] = ()
    flows: tuple[tuple[Quantity, Quantity], ...] = ()


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One bound on a total: how much, within which span, of which ingredient; `of_course` counts this course only, `span` is how findings
    name it."""

    code: str
    level: Level
    most: Quantity
    window: Quantity
    ingredient: str
    rule: str = ""
    sources: tuple[Source, ...] = ()
    open: tuple[str, ...] = ()
    of_course: bool = False
    span: Param = None


def passing(state: SessionState, ctx: Context, ahead: Ahead) -> tuple[Finding, ...]:
    """Every ceiling that would be passed at some moment if this were begun now, with that moment; equality is inside."""
    return tuple(finding for ceiling in ceilings(state, ctx) for finding in _judged(ceiling, state, ctx, ahead))


def ceilings(state: SessionState, ctx: Context) -> Iterator[Ceiling]:
    """The programme's own cap per window, and every windowed or cumulative limit of the protocol that may hold."""
    main = ctx.protocol.drug.ingredients[0]
    demand = state.plan.rates.on_demand if state.plan is not None and state.plan.rates is not None else None
    if demand is not None and demand.most.is_like("mL"):
        rule = next((rate for rate in ctx.protocol.rates if state.plan and state.plan.rates and rate.id == state.plan.rates.rule), None)
        yield Ceiling(PROGRAMME, Level.BANNED, demand.most, demand.window, main, rule.id if rule else "", rule.sources if rule else ())
    held = {limit.id: standing(limit, ctx.order) for limit in ctx.protocol.limits}
    ceded = {other for limit in ctx.protocol.limits if held[limit.id].truth is Truth.TRUE for other in limit.supersedes}
    for limit in ctx.protocol.limits:
        known = held[limit.id]
        if not limit.is_total or limit.id in ceded or not known.may_hold or limit.op not in ("<", "<="):
            continue
        yield _ceiling(limit, main, sure=known.binds or known.truth is Truth.TRUE, missing=known.missing)


def _ceiling(limit: Limit, main: str, *, sure: bool, missing: tuple[str, ...]) -> Ceiling:
    level = Level.MISSING if not sure else Level.BANNED if limit.strength is Strength.HARD else Level.CAUTION
    code = f"{limit.measure.value.replace('_', '-')}.above-{limit.strength.value}-window" if sure else "limit.may-apply"
    window = limit.window.quantity if limit.window is not None else WHOLE_THERAPY
    most, of = limit.figure.quantity, limit.of or main
    return Ceiling(code, level, most, window, of, limit.id, limit.sources, missing, of_course=limit.course, span=span(limit))


def _judged(ceiling: Ceiling, state: SessionState, ctx: Context, ahead: Ahead) -> Iterator[Finding]:
    sources = _sources(ceiling, state, ctx, ahead)
    if sources is None:
        params: dict[str, Param] = {"measure": ceiling.code.partition(".")[0], "limit": ceiling.most, "fields": ceiling.open}
        level = Level.INFO if ceiling.level is Level.CAUTION else Level.MISSING
        yield Finding("limit.not-comparable", level, params, ceiling.sources, ceiling.rule)
        return
    passed = first_passing(sources, ceiling.window, ceiling.most, since=Quantity(0, "s"))
    if passed is not None:
        total = window_total(sources, ceiling.window, passed, ceiling.most.unit)
        window = ceiling.window if ceiling.span is None else ceiling.span
        shared: dict[str, Param] = {"limit": ceiling.most, "window": window, "after": passed, "value": total}
        named: dict[str, Param] = {"open": ceiling.open}
        if ceiling.code in (PROGRAMME, "limit.may-apply"):
            named = {} if ceiling.code == PROGRAMME else {"fields": ceiling.open}
        yield Finding(ceiling.code, ceiling.level, {**shared, **named}, ceiling.sources, ceiling.rule)


def _sources(ceiling: Ceiling, state: SessionState, ctx: Context, ahead: Ahead) -> tuple[Given, ...] | None:
    """Everything that may stand in the same window, in the ceiling's kind; None where something cannot be brought to it."""
    volumes = (*_so_far(state, ctx.now), *_from_now(ahead))
    converted = [_converted(given, ceiling, state, ctx) for given in volumes]
    ours = {one.stream for one in ctx.begun}
    others = [other for other in ctx.elsewhere if not ceiling.of_course or other.stream in ours]
    for given in (given for other in others for given in other.amounts.get(ceiling.ingredient, ())):
        # A foreign volume of unknown concentration says nothing of an amount; our own concentration is not theirs.
        is_readable = ceiling.most.is_like("mL") or not _is_volume(given)
        converted.append(_converted(given, ceiling, state, ctx) if is_readable else None)
    found = tuple(given for given in converted if given is not None)
    return found if len(found) == len(converted) else None


def _is_volume(given: Given) -> bool:
    return given.amount.is_like("mL") if isinstance(given, Bolus) else given.rate.is_like("mL/h")


def _so_far(state: SessionState, now: datetime) -> Iterator[Given]:
    """This session's own delivery at times relative to now; what a person settled above the integral stands at that moment."""
    for segment in state.segments:
        if segment.kind is SegmentKind.FLUSH:
            continue
        start = seconds(segment.start - now)
        if segment.volume is not None:
            yield Bolus(start, segment.volume)
        elif segment.rate is not None:
            yield Segment(start, seconds(min(segment.end or now, now) - now), segment.rate)
    if state.settled is not None and state.settled_at is not None:
        more = state.settled - integral(state.segments, None, state.settled_at)
        if more.value > 0:
            yield Bolus(seconds(state.settled_at - now), more)


def _from_now(ahead: Ahead) -> Iterator[Given]:
    yield from (Bolus(Quantity(0, "s"), volume) for volume in ahead.boluses)
    yield from in_row(ahead.flows)


def _converted(given: Given, ceiling: Ceiling, state: SessionState, ctx: Context) -> Given | None:
    symbol, per_hour = ceiling.most.unit, f"{ceiling.most.unit}/h"
    by = (_holds(ceiling, state, ctx), body.weight(ctx.order).amount)
    match given:
        case Bolus(at=at, amount=amount):
            made = convert(amount, symbol, *by)
            return None if made is None else Bolus(at, made)
        case Segment(start=start, end=end, rate=rate):
            flow = convert(rate, per_hour, *by) if per_hour in UNITS else None
            return None if flow is None else Segment(start, end, flow)
        case _:
            assert_never(given)


def _holds(ceiling: Ceiling, state: SessionState, ctx: Context) -> Quantity | None:
    """How much of the limited ingredient a volume of what runs here holds."""
    if ctx.protocol.drug.mixtures:
        return concentration_of(ctx.order, ceiling.ingredient)
    mixed = state.plan.concentration if state.plan is not None else None
    return mixed or _hung(state) or drug_concentration(ctx.order)


def _hung(state: SessionState) -> Quantity | None:
    """The concentration of the container that hangs, or of the one that was scanned to be hung."""
    code = state.current_container or state.scanned.get(ScanKind.CONTAINER.value, "")
    container = state.containers.get(code)
    return None if container is None else concentration(container)


def until_done(state: SessionState, ctx: Context, rate: Quantity, flows: Sequence[tuple[Quantity, Quantity]] = ()) -> Ahead:
    """The rest of the flow: these flows, else one rate until the planned volume is in; without a planned one, longer than any window."""
    if flows:
        return Ahead(flows=tuple(flows))
    if rate.value <= 0:
        return Ahead()
    planned = planned_volume(state)
    if planned is None:
        return Ahead(flows=((rate, _longest(state, ctx)),))
    given, _ = delivered(state, ctx.now)
    return Ahead(flows=((rate, (planned - given).over(rate, "h")),)) if planned > given else Ahead()


def running_on(state: SessionState, ctx: Context) -> Ahead:
    """What the present flow will add if nobody touches it."""
    return until_done(state, ctx, state.rate) if state.rate is not None else Ahead()


def _longest(state: SessionState, ctx: Context) -> Quantity:
    """Long enough that every finite window lies wholly in this flow."""
    spans = [ceiling.window for ceiling in ceilings(state, ctx) if ceiling.window < WHOLE_THERAPY]
    return max(spans, default=Quantity(1, "d")).scaled(2)
