"""Points of drawings over the clock: what flowed and what is planned ahead, observed values in strips under it, and what happened, all on
one axis. Pixels only: every number that people read stands in a table beside the drawing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from openinfusion.core.administration.ladder import current_rung, time_at_rate
from openinfusion.core.administration.parts import Flow, SegmentKind
from openinfusion.core.administration.session import Segment, SessionState
from openinfusion.core.patient import duration
from openinfusion.core.protocol import AlarmLimit
from openinfusion.core.quantity import Quantity
from openinfusion.web.charting import Curve, Happening, Strip

WIDTH, LEFT, RIGHT, TOP, FOOT = 720, 108, 14, 6, 26
ROW, HEAD, BELOW = 92, 22, 16
"""The height of a strip, of which so much is for its name and so much lies below its scale."""

MARK = 11
"""The half of a mark of what happened; marks that would touch stand in lanes."""

LANES = 3
SHORTEST = timedelta(minutes=10)
_MOST_TICKS = 6
_Height = Callable[[Quantity], float]


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: its pixel and the moment or quantity it stands for."""

    at: str
    moment: datetime | None = None
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One curve of a strip: its observation, its corners, its values as dots. The second of a strip is drawn with rings."""

    code: str
    points: str
    dots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """An alarm limit that lies on the scale of its strip."""

    at: str
    limit: AlarmLimit


@dataclass(frozen=True, slots=True)
class Row:
    """One strip of the drawing: `lines` as it was, `ahead` as it is planned; `low` and `high` name the ends of its own scale."""

    code: str
    lines: tuple[Line, ...]
    ahead: str
    top: int
    base: int
    low: Tick
    high: Tick
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """What happened, as a numbered mark over the strips."""

    happening: Happening
    x: str
    y: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The drawing of one session."""

    width: int
    height: int
    left: int
    right: int
    foot: int
    rows: tuple[Row, ...]
    times: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    now: str


@dataclass(frozen=True, slots=True)
class _Axis:
    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        share = (at - self.start) / (self.end - self.start)
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(share, 0.0), 1.0)


def timeline(state: SessionState, now: datetime, strips: Sequence[Strip] = (), happenings: Sequence[Happening] = ()) -> Timeline | None:
    """The flow of a session over the clock, with observed values under it and marks over it; None before anything flowed or was seen."""
    flows = [one for one in state.segments if one.kind is SegmentKind.FLOW and one.rate is not None]
    if not flows and not strips:
        return None
    ahead = corners_ahead(state, now)
    axis = _axis(state, now, [*(at for at, _ in ahead), *(at for one in strips for at in _times_of(one)), *(one.at for one in happenings)])
    marks, lanes = _marks(happenings, axis)
    top = TOP + (lanes * 2 * (MARK + 1) if marks else 0)
    rows = [_flow_row(flows, ahead, axis, now, top)] if flows else []
    rows += [_strip_row(strip, axis, top + ROW * (n + len(rows))) for n, strip in enumerate(strips)]
    height = top + ROW * len(rows) + FOOT
    shown_now = f"{axis.x(now):.1f}" if state.flow in (Flow.RUNNING, Flow.PAUSED) else ""
    return Timeline(WIDTH, height, LEFT, WIDTH - RIGHT, height - FOOT, tuple(rows), tuple(_ticks(axis)), marks, shown_now)


def _times_of(strip: Strip) -> Iterator[datetime]:
    return (at for curve in strip.curves for at, _ in curve.values)


def _axis(state: SessionState, now: datetime, moments: Sequence[datetime]) -> _Axis:
    """From the first thing that is drawn to the last; while it runs or rests at least until now."""
    ended = state.ended_at if state.flow is Flow.STOPPED else now if state.started_at is not None else None
    known = [at for at in (state.started_at, ended, *moments) if at is not None]
    return _Axis(min(known), max(*known, min(known) + SHORTEST))


def corners_ahead(state: SessionState, now: datetime) -> list[tuple[datetime, Quantity]]:
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


def _flow_row(flows: Sequence[Segment], ahead: Sequence[tuple[datetime, Quantity]], axis: _Axis, now: datetime, top: int) -> Row:
    rates = [one.rate for one in flows if one.rate is not None] + [rate for _, rate in ahead]
    most = max(rates)
    base = top + ROW - BELOW

    def y(rate: Quantity) -> float:
        return base - (ROW - HEAD - BELOW) * float(rate.base / most.base) if most.base else float(base)

    lines = tuple(
        Line(
            "rate",
            f"{axis.x(one.start):.1f},{base} {axis.x(one.start):.1f},{y(one.rate):.1f} {axis.x(one.end or now):.1f},{y(one.rate):.1f} "
            f"{axis.x(one.end or now):.1f},{base}",
        )
        for one in flows
        if one.rate is not None
    )
    planned = " ".join(f"{axis.x(at):.1f},{y(rate):.1f}" for at, rate in ahead)
    zero = Quantity(0, most.unit)
    return Row("rate", lines, planned, top, base, Tick(f"{base}", quantity=zero), Tick(f"{y(most):.1f}", quantity=most))


def _strip_row(strip: Strip, axis: _Axis, top: int) -> Row:
    amounts = [value for curve in strip.curves for _, value in curve.values]
    low, high = min(amounts), max(amounts)
    base, span = top + ROW - BELOW, high.base - low.base

    def y(value: Quantity) -> float:
        return base - (ROW - HEAD - BELOW) * (float((value.base - low.base) / span) if span else 0.5)

    bounds = tuple(Bound(f"{y(one.figure.quantity):.1f}", one) for one in strip.limits if low <= one.figure.quantity <= high and span)
    lines = tuple(_line(curve, axis, y) for curve in strip.curves)
    return Row(strip.code, lines, "", top, base, Tick(f"{y(low):.1f}", quantity=low), Tick(f"{y(high):.1f}", quantity=high), bounds)


def _line(curve: Curve, axis: _Axis, y: _Height) -> Line:
    dots = tuple((f"{axis.x(at):.1f}", f"{y(value):.1f}") for at, value in curve.values)
    return Line(curve.code, " ".join(f"{x},{height}" for x, height in dots), dots)


def _marks(happenings: Sequence[Happening], axis: _Axis) -> tuple[tuple[Mark, ...], int]:
    """The marks, each in the highest lane in which it touches no other, and how many lanes there are."""
    ends = [float("-inf")] * LANES
    marks = []
    for one in happenings:
        x = axis.x(one.at)
        lane = next((n for n, end in enumerate(ends) if x >= end), LANES - 1)
        ends[lane] = x + 2 * MARK
        marks.append(Mark(one, f"{x:.1f}", TOP + MARK + lane * 2 * (MARK + 1)))
    used = sum(end > float("-inf") for end in ends)
    return tuple(marks), used


def _ticks(axis: _Axis) -> Iterable[Tick]:
    span = axis.end - axis.start
    minutes = max(1, round(span.total_seconds() / 60 / (_MOST_TICKS - 1)))
    every = next((one for one in (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440) if one >= minutes), minutes)
    step = timedelta(minutes=every)
    first = axis.start.replace(second=0, microsecond=0, minute=axis.start.minute - axis.start.minute % min(every, 60))
    at = first if first >= axis.start else first + step
    while at <= axis.end:
        yield Tick(f"{axis.x(at):.1f}", moment=at)
        at += step
