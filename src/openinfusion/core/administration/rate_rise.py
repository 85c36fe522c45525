"""What holds a raise back because the rate would rise too much at once, or within a span. Slowing and stopping rise nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from openinfusion.core.administration.context import Context
from openinfusion.core.administration.parts import SegmentKind
from openinfusion.core.administration.session import SessionState
from openinfusion.core.finding import Finding
from openinfusion.core.patient import duration
from openinfusion.core.prescribing import limits
from openinfusion.core.prescribing.limits import Parts
from openinfusion.core.prescribing.order import RatePlan, RateStep
from openinfusion.core.protocol import Limit, Measure
from openinfusion.core.quantity import Quantity


def rise_limits(state: SessionState, ctx: Context, rate: Quantity) -> tuple[Finding, ...]:
    """The limits on a rise that this rate passes, measured from the lowest rate that ran within each limit's window before now."""
    rates = state.plan.rates if state.plan is not None else None
    if rates is None:
        return ()
    found: list[Finding] = []
    for limit in ctx.protocol.limits:
        lowest = _lowest(limit, state, ctx.now) if limit.measure is Measure.RATE_CHANGE else None
        if lowest is not None:
            steps = (_as_planned(lowest, Quantity("-1", "s"), rates), _as_planned(rate, Quantity(0, "s"), rates))
            parts = Parts(rates=replace(rates, steps=steps, on_demand=None), concentration=state.plan.concentration if state.plan else None)
            found.extend(finding for finding in limits.check(ctx.order, parts) if finding.rule == limit.id)
    return tuple(found)


def _lowest(limit: Limit, state: SessionState, now: datetime) -> Quantity | None:
    """The lowest flow that ran within the window, else the present one. A pause is none: what follows it has its own ceiling."""
    return min(_recent(limit, state, now), default=state.rate)


def _recent(limit: Limit, state: SessionState, now: datetime) -> Iterator[Quantity]:
    if limit.window is None:
        return
    since = now - duration(limit.window.quantity)
    for segment in state.segments:
        is_recent = segment.end is None or segment.end > since
        if segment.kind is SegmentKind.FLOW and segment.rate is not None and segment.rate.value > 0 and is_recent:
            yield segment.rate


def _as_planned(rate: Quantity, start: Quantity, rates: RatePlan) -> RateStep:
    """A rate as the step of the plan that it is, so that rounding to the pump makes no rise; else as it stands."""
    rung = next((step for step in rates.steps if step.rate == rate), None)
    return RateStep(1, start, Quantity(1, "s"), rate, Quantity(0, "mL"), rung.dose_rate if rung else None)
