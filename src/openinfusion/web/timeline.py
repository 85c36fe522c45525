"""Points of drawings over the clock: what flowed and what is planned ahead, and the vital signs on the same axis. Pixels only: every number
that people read stands in a table beside the drawing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from openinfusion.core.administration.ladder import current_rung, time_at_rate
from openinfusion.core.administration.parts import Flow, SegmentKind
from openinfusion.core.administration.session import Segment, SessionState
from openinfusion.core.patient import duration
from openinfusion.core.quantity import Quantity

WIDTH, LEFT, RIGHT, TOP, FOOT = 720, 116, 12, 14, 26
ROW = 92
_MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: its pixel and the moment or quantity it stands for."""

    at: str
    moment: datetime | None = None
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the drawing: `points` as it was, `ahead` as it is planned; `low` and `high` name the ends of its own scale."""

    code: str
    points: tuple[str, ...]
    dots: tuple[tuple[str, str], ...]
    ahead: str
    base: int
    low: Tick
    high: Tick


@dataclass(frozen=True, slots=True)
class Timeline:
    """The drawing of one session."""

    width: int
    height: int
    left: int
    foot: int
    rows: tuple[Row, ...]
    times: tuple[Tick, ...]
    now: str


@dataclass(frozen=True, slots=True)
class _Axis:
    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        share = (at - self.start) / (self.end - self.start)
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(share, 0.0), 1.0)


Series = Mapping[str, Sequence[tuple[datetime, Quantity]]]


def timeline(state: SessionState, now: datetime, series: Series | None = None) -> Timeline | None:
    """The flow of a session over the clock, with observed values under it; None before anything flowed."""
    flows = [one for one in state.segments if one.kind is SegmentKind.FLOW and one.rate is not None]
    if not flows or state.started_at is None:
        return None
    ahead = _ahead(state, now)
    ended = state.ended_at if state.flow is Flow.STOPPED else now
    observed = [at for values in (series or {}).values() for at, _ in values]
    start, end = min([state.started_at, *observed]), max([ended or now, *observed, *(at for at, _ in ahead)])
    axis = _Axis(start, max(end, start + timedelta(minutes=1)))
    rows = [_flow_row(flows, ahead, axis, now)]
    rows += [_value_row(code, values, axis, n) for n, (code, values) in enumerate((series or {}).items(), 1) if values]
    height = TOP + ROW * len(rows) + FOOT
    shown_now = f"{axis.x(now):.1f}" if state.flow in (Flow.RUNNING, Flow.PAUSED) else ""
    return Timeline(WIDTH, height, LEFT, height - FOOT, tuple(rows), tuple(_times(axis)), shown_now)


def _ahead(state: SessionState, now: datetime) -> list[tuple[datetime, Quantity]]:
    """The corners of the ladder that is still to come, from now on, at the rates of the plan."""
    rate, current = state.rate, current_rung(state)
    rates = state.plan.rates if state.plan is not None else None
    if state.flow is not Flow.RUNNING or rate is None or current is None or rates is None:
        return []
    at = now + max(duration(current.lasts) - time_at_rate(state, now), timedelta(0))
    corners = [(now, rate), (at, rate)]
    for step in (step for step in rates.steps if step.rate > rate):
        corners += [(at, step.rate), (at + duration(step.lasts), step.rate)]
        at = at + duration(step.lasts)
    return corners


def _flow_row(flows: Sequence[Segment], ahead: Sequence[tuple[datetime, Quantity]], axis: _Axis, now: datetime) -> Row:
    rates = [one.rate for one in flows if one.rate is not None] + [rate for _, rate in ahead]
    most = max(rates)
    base = TOP + ROW - 18

    def y(rate: Quantity) -> float:
        return base - (ROW - 26) * float(rate.base / most.base) if most.base else float(base)

    lines = tuple(
        f"{axis.x(one.start):.1f},{base} {axis.x(one.start):.1f},{y(one.rate):.1f} {axis.x(one.end or now):.1f},{y(one.rate):.1f} "
        f"{axis.x(one.end or now):.1f},{base}"
        for one in flows
        if one.rate is not None
    )
    planned = " ".join(f"{axis.x(at):.1f},{y(rate):.1f}" for at, rate in ahead)
    zero = Quantity(0, most.unit)
    return Row("rate", lines, (), planned, base, Tick(f"{base}", quantity=zero), Tick(f"{y(most):.1f}", quantity=most))


def _value_row(code: str, values: Sequence[tuple[datetime, Quantity]], axis: _Axis, n: int) -> Row:
    base = TOP + ROW * (n + 1) - 18
    amounts = [value for _, value in values if value.is_like(values[0][1])]
    low, high = min(amounts), max(amounts)
    span = high.base - low.base

    def y(value: Quantity) -> float:
        return base - (ROW - 34) * (float((value.base - low.base) / span) if span else 0.5)

    dots = tuple((f"{axis.x(at):.1f}", f"{y(value):.1f}") for at, value in values if value.is_like(low))
    line = " ".join(f"{x},{height}" for x, height in dots)
    return Row(code, (line,), dots, "", base, Tick(f"{y(low):.1f}", quantity=low), Tick(f"{y(high):.1f}", quantity=high))


def _times(axis: _Axis) -> Iterable[Tick]:
    span = axis.end - axis.start
    minutes = max(1, round(span.total_seconds() / 60 / (_MOST_TICKS - 1)))
    every = next((one for one in (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440) if one >= minutes), minutes)
    step = timedelta(minutes=every)
    first = axis.start.replace(second=0, microsecond=0, minute=axis.start.minute - axis.start.minute % min(every, 60))
    at = first if first >= axis.start else first + step
    while at <= axis.end:
        yield Tick(f"{axis.x(at):.1f}", moment=at)
        at += step
