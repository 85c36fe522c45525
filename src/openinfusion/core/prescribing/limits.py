"""Every limit a plan meets, each by itself: a hard one bans, a soft one asks for a reason, equality is inside. Nothing is ever brought down
to a limit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import assert_never

from openinfusion.core.condition import Truth
from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.patient import seconds
from openinfusion.core.prescribing import body
from openinfusion.core.prescribing.binding import name_binding
from openinfusion.core.prescribing.flow import Bolus, Given, Segment, first_passing, window_peak
from openinfusion.core.prescribing.kinds import concentration_of, convert, drug_concentration, lacks
from openinfusion.core.prescribing.order import DosePlan, OnDemand, PlannedSession, RatePlan, RateStep
from openinfusion.core.prescribing.rule import Order, Standing, standing
from openinfusion.core.protocol import Limit, Measure, Strength
from openinfusion.core.quantity import UNITS, Quantity

NOW = Quantity(0, "s")
WHOLE_THERAPY = Quantity(200, "a")
"""A span no therapy outlasts: a cumulative limit is a window that never closes."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What of a plan limits look at. `history` are amounts already given from any source, at times relative to the start (negative:
    before), `of_course` those of this course, `elsewhere` those of other orders by ingredient."""

    dose: DosePlan | None = None
    rates: RatePlan | None = None
    concentration: Quantity | None = None
    course: tuple[PlannedSession, ...] = ()
    history: tuple[Given, ...] = ()
    of_course: tuple[Given, ...] = ()
    elsewhere: Mapping[str, tuple[Given, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unread:
    """A measure that arises but cannot be computed; `fields` are the facts that would help, none where the protocol itself lacks a
    figure."""

    fields: tuple[str, ...] = ()


Reading = Quantity | Unread | None
"""The value of a measure in the unit of its limit; None where the measure does not arise in this plan."""


def check(order: Order, parts: Parts) -> tuple[Finding, ...]:
    """All limits of the protocol that this plan passes, cannot be compared with, or may reach while it runs; of several that are passed the
    deciding one is named."""
    held = {limit.id: standing(limit, order) for limit in order.protocol.limits}
    ceded = {other for limit in order.protocol.limits if held[limit.id].truth is Truth.TRUE for other in limit.supersedes}
    found: list[tuple[Limit, Finding]] = []
    for limit in order.protocol.limits:
        if limit.id not in ceded and held[limit.id].may_hold and not (limit.of and lacks(order, limit.of)):
            found.extend((limit, finding) for finding in _judged(limit, held[limit.id], order, parts))
    return name_binding(found)


def _judged(limit: Limit, held: Standing, order: Order, parts: Parts) -> Iterator[Finding]:
    if limit.is_total:
        yield from _windowed(limit, held, order, parts)
        return
    reading = read(limit, order, parts)
    match reading:
        case None:
            return
        case Unread():
            yield _unread(limit, held, reading)
        case Quantity():
            if not inside(reading, limit):
                yield _passed(limit, held, {"value": reading, "limit": limit.figure.quantity})
        case _:
            assert_never(reading)


def inside(value: Quantity, limit: Limit) -> bool:
    """Whether a value keeps a limit; equality is inside unless the limit is strict."""
    bound = limit.figure.quantity
    match limit.op:
        case "<":
            return value < bound
        case "<=":
            return value <= bound
        case ">":
            return value > bound
        case ">=":
            return value >= bound
        case "==":
            return value == bound
        case _:
            assert_never(limit.op)


_SIDE = {"<": "above", "<=": "above", ">": "below", ">=": "below", "==": "off"}


def _passed(limit: Limit, held: Standing, params: dict[str, Param], window: str = "limit") -> Finding:
    code = f"{limit.measure.value.replace('_', '-')}.{_SIDE[limit.op]}-{limit.strength.value}-{window}"
    level = Level.BANNED if limit.strength is Strength.HARD else Level.CAUTION
    if held.truth is Truth.UNKNOWN and not held.binds:
        return Finding("limit.may-apply", Level.MISSING, {**params, "fields": held.missing}, limit.sources, limit.id)
    return Finding(code, level, {**params, "open": held.missing}, limit.sources, limit.id)


def _unread(limit: Limit, held: Standing, reading: Unread) -> Finding:
    """A limit that a fact would make comparable is missing it, and so is a hard one in any case; else it is said."""
    params: dict[str, Param] = {"measure": limit.measure.value, "limit": limit.figure.quantity, "fields": reading.fields}
    level = Level.MISSING if reading.fields or (limit.strength is Strength.HARD and held.binds) else Level.INFO
    return Finding("limit.not-comparable", level, params, limit.sources, limit.id)


def read(limit: Limit, order: Order, parts: Parts) -> Reading:  # noqa: C901, PLR0911, PLR0912 - one branch for each measure of a closed set
    """The value that a limit bounds, in the limit's unit."""
    symbol = limit.figure.quantity.unit
    match limit.measure:
        case Measure.DOSE | Measure.DOSE_PER_MASS | Measure.DOSE_PER_AREA:
            return _dose(limit, order, parts)
        case Measure.DOSE_PER_SITE:
            return _per_site(None if parts.dose is None else parts.dose.amount, limit, order, parts)
        case Measure.RATE | Measure.DOSE_RATE:
            return _fastest(limit, order, parts)
        case Measure.RATE_CHANGE:
            return _rise(limit, order, parts)
        case Measure.RATE_PER_SITE:
            return None if parts.rates is None or parts.rates.per_site is None else _or_unread(_per_one_site(parts.rates.per_site, symbol))
        case Measure.VOLUME:
            return _volume(parts)
        case Measure.VOLUME_PER_SITE:
            return _per_site(_volume(parts), limit, order, parts)
        case Measure.CONCENTRATION:
            return _concentration(limit, order, parts)
        case Measure.DURATION:
            return None if parts.rates is None or parts.rates.duration is None else parts.rates.duration.to(symbol)
        case Measure.INTERVAL:
            return _interval(limit, order, parts)
        case Measure.SITES:
            return None if parts.rates is None or parts.rates.sites is None else Quantity(parts.rates.sites, symbol)
        case Measure.SITE_GAP:
            return None
        case Measure.AGE:
            age = order.quantity("age")
            return Unread(("birth_date",)) if age is None else age.to(symbol)
        case Measure.BOLUS:
            demand = parts.rates.on_demand if parts.rates else None
            return Quantity(0, symbol) if demand is None else _in_unit(demand.bolus, limit, order)
        case _:
            assert_never(limit.measure)


def _dose(limit: Limit, order: Order, parts: Parts) -> Reading:
    """The dose before and after rounding: whichever is nearer to breaking the limit, or further beyond it."""
    if parts.dose is None:
        return None
    exact, rounded = _in_unit(parts.dose.exact, limit, order), _in_unit(parts.dose.amount, limit, order)
    return _furthest((exact, rounded), limit) if isinstance(exact, Quantity) and isinstance(rounded, Quantity) else rounded


def _or_unread(value: Quantity | None, fields: tuple[str, ...] = ()) -> Quantity | Unread:
    return Unread(fields) if value is None else value


def _in_unit(value: Quantity, limit: Limit, order: Order) -> Reading:
    """The value in the limit's unit, through the concentration of the ingredient that is limited and the body mass or surface."""
    holds = concentration_of(order, limit.of) if limit.of and order.protocol.drug.mixtures else drug_concentration(order)
    symbol = limit.figure.quantity.unit
    by_body, lacking = _by_body(limit, order)
    return _or_unread(convert(value, symbol, holds, *by_body), lacking)


def _by_body(limit: Limit, order: Order) -> tuple[tuple[Quantity | None, Quantity | None], tuple[str, ...]]:
    """The body mass and surface where the limit is per one of them, and the facts that are missing for it."""
    kinds = {kind for kind, _ in limit.figure.quantity.dimensions}
    mass = body.weight(order).amount if "body_mass" in kinds else None
    surface = body.surface(order).amount if "area" in kinds else None
    if "area" in kinds and surface is None:
        return (mass, surface), ("weight", "height")
    return (mass, surface), ("weight",) if "body_mass" in kinds and mass is None else ()


def _per_site(total: Quantity | None, limit: Limit, order: Order, parts: Parts) -> Reading:
    if total is None or parts.rates is None or parts.rates.sites is None:
        return None
    one = total.scaled(Fraction(1, parts.rates.sites))
    across = _per_one_site(one, limit.figure.quantity.unit)
    return across if across is not None else _in_unit(one, limit, order)


def _per_one_site(value: Quantity, symbol: str) -> Quantity | None:
    return convert(value, symbol, Quantity(1, "{site}"))


def _volume(parts: Parts) -> Quantity | None:
    if parts.rates is not None and parts.rates.volume is not None:
        return parts.rates.volume
    return parts.dose.volume if parts.dose else None


def _fastest(limit: Limit, order: Order, parts: Parts) -> Reading:
    """The greatest flow of the plan (the least for a lower bound); on demand, the most that may be granted per window, or the basal."""
    if parts.rates is None:
        return None
    flows = [flow for step in parts.rates.steps for flow in (step.rate, step.dose_rate) if flow is not None]
    demand = parts.rates.on_demand
    if demand is not None:
        flows = [flow for flow in (granted(demand), demand.basal) if flow is not None]
    if not flows:
        return None
    known = _flows_in(flows, limit, order, parts)
    return known if isinstance(known, Unread) else _furthest(known, limit)


def _flows_in(flows: Sequence[Quantity], limit: Limit, order: Order, parts: Parts) -> tuple[Quantity, ...] | Unread:
    """Each flow in the limit's unit, or what is missing for it."""
    mixed = parts.concentration if parts.concentration is not None else drug_concentration(order)
    if limit.of and order.protocol.drug.mixtures:
        mixed = concentration_of(order, limit.of)
    by_body, lacking = _by_body(limit, order)
    own = (mixed, by_body[0] or body.weight(order).amount, by_body[1])
    known = tuple(one for flow in flows if (one := convert(flow, limit.figure.quantity.unit, *own)) is not None)
    return known if len(known) == len(flows) else Unread(lacking)


def _rise(limit: Limit, order: Order, parts: Parts) -> Reading:
    """The greatest rise of the plan: of one step above the one before it, or with a window above the lowest within it. The start is none,
    and slowing is none. A rate counts as the rule writes it: setting it to the pump's step on both sides makes no rise."""
    steps = parts.rates.steps if parts.rates else ()
    if len(steps) < 2:
        return None
    known = _flows_in([step.dose_rate or step.rate for step in steps], limit, order, parts)
    if isinstance(known, Unread):
        return known
    window = limit.window.quantity if limit.window else None
    return max(*_rises(steps, known, window), known[0].scaled(0))


def _rises(steps: Sequence[RateStep], flows: Sequence[Quantity], window: Quantity | None) -> Iterator[Quantity]:
    """Each step's flow less the lowest that ran within the window before it began; a step of exactly the window's length has left it."""
    for n, step in enumerate(steps[1:], start=1):
        since = None if window is None else step.after_start - window
        recent = (
            [flows[n - 1]] if since is None else [flow for before, flow in zip(steps[:n], flows[:n], strict=True) if _ends(before) > since]
        )
        yield flows[n] - min(recent or [flows[n - 1]])


def _ends(step: RateStep) -> Quantity:
    return step.after_start + step.lasts


def granted(demand: OnDemand) -> Quantity | None:
    """The mean flow when the patient asks for all that the window allows, per hour."""
    symbol = f"{demand.most.unit}/h"
    return demand.most.over(demand.window, symbol) if symbol in UNITS else None


def _concentration(limit: Limit, order: Order, parts: Parts) -> Reading:
    of_mixture = concentration_of(order, limit.of) if limit.of else None
    if limit.of and of_mixture is None and order.protocol.drug.mixtures:
        return Unread(("product",))
    value = next((each for each in (of_mixture, parts.concentration, drug_concentration(order)) if each is not None), None)
    if value is None:
        return None if parts.dose is None else Unread()
    return _or_unread(convert(value, limit.figure.quantity.unit))


def _interval(limit: Limit, order: Order, parts: Parts) -> Reading:
    """The time between two doses, since the last one and between the planned sessions: the shortest, or the longest for an upper bound."""
    days = [session.on for session in parts.course]
    gaps = [seconds(later - earlier) for earlier, later in pairwise(days)]
    since = order.quantity("time_since_last_dose")
    if since is not None:
        gaps.append(since)
    elif order.choice.infusion_number > 1:
        return Unread(("time_since_last_dose",))
    return _furthest(gaps, limit).to(limit.figure.quantity.unit) if gaps else None


def _furthest(values: Sequence[Quantity], limit: Limit) -> Quantity:
    """Of several values the one nearest to breaking the limit, or furthest beyond it."""
    return min(values) if limit.op in (">", ">=") else max(values)


def _windowed(limit: Limit, held: Standing, order: Order, parts: Parts) -> Iterator[Finding]:
    """Look ahead over the whole plan with everything given before; what only the patient's demand could reach is said, not banned."""
    bound = limit.figure.quantity
    window = limit.window.quantity if limit.window else WHOLE_THERAPY
    sources = _sources(limit, order, parts)
    if sources is None:
        yield _unread(limit, held, Unread())
        return
    passing = first_passing(sources, window, bound)
    params: dict[str, Param] = {"limit": bound, "window": span(limit)}
    if passing is not None:
        yield _passed(limit, held, {**params, "value": window_peak(sources, window, bound.unit).total, "after": passing}, "window")
        return
    after = _asked_for(sources, limit, order, parts)
    if after is not None and after < window:
        yield Finding("limit.reached-on-demand", Level.INFO, {**params, "after": after}, limit.sources, limit.id)


def span(limit: Limit) -> Quantity | str:
    """The span of a total as findings name it: a time, or the code of a span without one."""
    if limit.window is not None:
        return limit.window.quantity
    return "this-course" if limit.course else "the-whole-therapy"


def _asked_for(sources: Sequence[Given], limit: Limit, order: Order, parts: Parts) -> Quantity | None:
    """When the limit is reached if the patient asks for all that may be granted; None for a plan without demand."""
    demand = parts.rates.on_demand if parts.rates else None
    full = None if demand is None else granted(demand)
    flow = None if full is None else _flow_of(full, limit, order, parts)
    if flow is None or flow.value <= 0:
        return None
    boluses = sum((each.amount.to(limit.figure.quantity.unit).value for each in sources if isinstance(each, Bolus)), Fraction(0))
    return Quantity((limit.figure.quantity.value - boluses) / flow.value, "h")


def _sources(limit: Limit, order: Order, parts: Parts) -> tuple[Given, ...] | None:
    """History, this session and the planned ones after it, as amounts of the limited ingredient; None where one cannot be converted."""
    own: list[Given] = []
    for step in parts.rates.steps if parts.rates else ():
        flow = _flow_of(step.rate, limit, order, parts)
        if flow is None:
            return None
        own.append(Segment(step.after_start, step.after_start + step.lasts, flow))
    demand = parts.rates.on_demand if parts.rates else None
    if demand is not None and demand.basal is not None:
        flow = _flow_of(demand.basal, limit, order, parts)
        if flow is None:
            return None
        own.append(Segment(NOW, limit.window.quantity if limit.window else WHOLE_THERAPY, flow))
    if parts.dose is not None and (demand is not None or not own):
        amount = _in_unit(parts.dose.amount, limit, order)
        if not isinstance(amount, Quantity):
            return None
        own.append(Bolus(NOW, amount))
    sessions = parts.course if demand is None else parts.course[:1]
    starts = [seconds(session.on - sessions[0].on) for session in sessions] or [NOW]
    before = _before(limit, order, parts)
    return None if before is None else (*before, *(_later(given, start) for start in starts for given in own))


def _before(limit: Limit, order: Order, parts: Parts) -> tuple[Given, ...] | None:
    """What was given already and counts here, in the unit of the limit; None where something cannot be brought to it."""
    of = limit.of or order.protocol.drug.ingredients[0]
    known = parts.of_course if limit.course else (*parts.history, *parts.elsewhere.get(of, ()))
    found = tuple(made for given in known if (made := _given_in(given, limit, order)) is not None)
    return found if len(found) == len(known) else None


def _given_in(given: Given, limit: Limit, order: Order) -> Given | None:
    """An amount of the ingredient in the limit's unit. No concentration of this order speaks of what was given elsewhere."""
    symbol, mass = limit.figure.quantity.unit, body.weight(order).amount
    match given:
        case Bolus(at=at, amount=amount):
            made = convert(amount, symbol, mass)
            return None if made is None else Bolus(at, made)
        case Segment(start=start, end=end, rate=rate):
            flow = convert(rate, f"{symbol}/h", mass) if f"{symbol}/h" in UNITS else None
            return None if flow is None else Segment(start, end, flow)
        case _:
            assert_never(given)


def _later(given: Given, start: Quantity) -> Given:
    match given:
        case Segment():
            return Segment(given.start + start, given.end + start, given.rate)
        case Bolus():
            return Bolus(given.at + start, given.amount)


def _flow_of(rate: Quantity, limit: Limit, order: Order, parts: Parts) -> Quantity | None:
    symbol = f"{limit.figure.quantity.unit}/h"
    if symbol not in UNITS:
        return None
    mixed = (
        concentration_of(order, limit.of) if limit.of and order.protocol.drug.mixtures else parts.concentration or drug_concentration(order)
    )
    return convert(rate, symbol, mixed, body.weight(order).amount)
