"""A rate ladder: rates rounded to what a pump can be set to, each for its time, until exactly the whole volume has flowed.

What rounding leaves over lengthens or shortens the last step; it is never lost. A limit in reach turns rounding downward.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from openinfusion.core.finding import Derivation, Finding, Level, Step
from openinfusion.core.prescribing import body
from openinfusion.core.prescribing.kinds import convert
from openinfusion.core.prescribing.order import RateStep
from openinfusion.core.prescribing.rule import Order, standing
from openinfusion.core.protocol import Measure
from openinfusion.core.quantity import Quantity, Rounding
from openinfusion.core.rate_shape import RateRule


@dataclass(frozen=True, slots=True)
class Rung:
    """A rate as the rule says it, the time it lasts (None: until empty), and a maximum of the rule itself."""

    rate: Quantity
    lasts: Quantity | None
    most: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps a pump can follow with their worked arithmetic, or the findings that say why there are none."""

    steps: tuple[RateStep, ...] = ()
    derivation: Derivation = field(default_factory=Derivation)
    findings: tuple[Finding, ...] = ()


def ladder(rule: RateRule, rungs: Sequence[Rung], volume: Quantity, concentration: Quantity | None, order: Order) -> Ladder:
    """Climb the rungs until the volume is given; the sum of the step volumes is the volume, exactly."""
    mass, bounds = body.weight(order).amount, _bounds(volume, concentration, order)
    steps: list[RateStep] = []
    worked: list[Step] = []
    start, left = Quantity(0, "min"), volume
    for n, rung in enumerate(rungs, start=1):
        exact = convert(rung.rate, "mL/h", concentration, mass)
        if exact is None:
            return Ladder(findings=_not_convertible(rule, rung.rate, order))
        rate = _set_to(exact, _ceilings(rung, bounds, concentration, order), order.practice.pump_step)
        if rate.value <= 0:
            return Ladder(
                findings=(
                    Finding(
                        "rate.below-pump-step", Level.MISSING, {"rate": exact, "step": order.practice.pump_step}, rule.sources, rule.id
                    ),
                )
            )
        is_last = rung.lasts is None or n == len(rungs) or rate.times(rung.lasts, "mL") >= left
        lasts = left.over(rate, "min") if is_last or rung.lasts is None else rung.lasts.to("min")
        flowed = rate.times(lasts, "mL")
        steps.append(RateStep(n, start, lasts, rate, flowed, None if rung.rate.is_like("mL/h") else rung.rate))
        worked.extend(_worked(rule, rung, exact, rate, concentration))
        if is_last:
            break
        start, left = start + lasts, left - flowed
    return Ladder(tuple(steps), Derivation(tuple(worked)))


def _worked(rule: RateRule, rung: Rung, exact: Quantity, rate: Quantity, concentration: Quantity | None) -> Iterator[Step]:
    if not rung.rate.is_like("mL/h") and concentration is not None:
        yield Step("rate.flow", (("rate", rung.rate), ("concentration", concentration)), exact, rule.sources)
    if rate != exact:
        yield Step("rate.pump-step", (("rate", exact),), rate)


def _not_convertible(rule: RateRule, rate: Quantity, order: Order) -> tuple[Finding, ...]:
    """A rate per body mass lacks the weight; any other lacks the concentration."""
    if any(kind == "body_mass" for kind, _ in rate.dimensions) and body.weight(order).amount is None:
        return body.weight(order).findings
    return (Finding("rate.concentration-missing", Level.MISSING, {"rate": rate}, rule.sources, rule.id),)


def _set_to(exact: Quantity, ceilings: Sequence[Quantity], step: Quantity) -> Quantity:
    """The nearest pump rate; the one below where rounding up would pass a bound that the exact rate keeps."""
    nearest = exact.rounded(step)
    crosses = any(exact <= ceiling < nearest for ceiling in ceilings)
    return exact.rounded(step, Rounding.DOWN) if crosses else nearest


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What a protocol bounds flows with: `flows` are limits on any rate, `times` the least durations of a rate that never changes."""

    flows: tuple[Quantity, ...]
    times: tuple[Quantity, ...]


def _bounds(volume: Quantity, concentration: Quantity | None, order: Order) -> _Bounds:
    """The limits that may hold, as flows; they are the same for every rung."""
    mass = body.weight(order).amount
    flows: list[Quantity | None] = []
    times: list[Quantity] = []
    for limit in order.protocol.limits:
        is_flow = limit.measure in (Measure.RATE, Measure.DOSE_RATE) and limit.op in ("<", "<=") and limit.window is None
        is_time = limit.measure is Measure.DURATION and limit.op in (">", ">=")
        if (is_flow or is_time) and standing(limit, order).may_hold:
            if is_flow:
                flows.append(convert(limit.figure.quantity, "mL/h", concentration, mass))
            else:
                times.append(volume.over(limit.figure.quantity, "mL/h"))
    return _Bounds(tuple(flow for flow in flows if flow is not None), tuple(times))


def _ceilings(rung: Rung, bounds: _Bounds, concentration: Quantity | None, order: Order) -> tuple[Quantity, ...]:
    """Every upper bound on this flow: the rule's maximum, limits on rate, and least durations where the rate never changes."""
    own = None if rung.most is None else convert(rung.most, "mL/h", concentration, body.weight(order).amount)
    return (*(() if own is None else (own,)), *bounds.flows, *(bounds.times if rung.lasts is None else ()))
