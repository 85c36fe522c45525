"""Values that run towards a limit and will cross it soon if they go on: told before, at low priority, and never instead of the limit.

The line is the median of the slopes of all pairs of points (Theil 1950, Sen 1968), so that single wrong values do not bend it.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from statistics import median

from openinfusion.core.administration.session import SessionState
from openinfusion.core.monitoring.kind import WATCHED, AlarmCondition, AlarmTables, Feed, condition
from openinfusion.core.monitoring.limit import bound_of, concerns
from openinfusion.core.patient import duration
from openinfusion.core.protocol import AlarmLimit, Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Trend

Point = tuple[float, float]
"""A time in seconds and a value in the unit of its limit."""


def trend_conditions(protocol: Protocol, state: SessionState, tables: AlarmTables, feed: Feed) -> tuple[AlarmCondition, ...]:
    """The observations that run towards a limit which is not crossed; one for each observation."""
    rule = tables.alarms.trend
    if rule is None or state.status not in WATCHED:
        return ()
    watched = [one for one in protocol.alarms if one.observation in rule.channels and concerns(one, state)]
    heading = dict.fromkeys(one.observation for one in watched if _heads_for(one, state, rule, feed))
    return tuple(condition(tables, "trend-to-limit", observation) for observation in heading)


def _heads_for(limit: AlarmLimit, state: SessionState, rule: Trend, feed: Feed) -> bool:
    bound = bound_of(limit, state)
    alarm = state.alarms.get(f"limit:{limit.id}")
    if bound is None or (alarm is not None and alarm.ended_at is None):
        return False
    falls = limit.op in ("<", "<=")
    told = state.alarms.get(f"trend-to-limit:{limit.observation}")
    slack = 2.0 if told is not None and told.ended_at is None else 1.0
    return any(approaches(points, float(bound.value), rule, falls=falls, slack=slack) for points in _points(limit.observation, bound, feed))


def approaches(points: Sequence[Point], bound: float, rule: Trend, *, falls: bool, slack: float = 1.0) -> bool:
    """Whether the line through points in order of time reaches the bound within the time of the rule, times `slack`, and nearly all pairs
    agree on its direction. False of points that cover too little time."""
    if len(points) < 3 or points[-1][0] - points[0][0] < duration(rule.over.quantity).total_seconds():
        return False
    slopes = [(later[1] - first[1]) / (later[0] - first[0]) for first, later in combinations(points, 2) if later[0] > first[0]]
    towards = -1.0 if falls else 1.0
    agreeing = sum(slope * towards > 0 for slope in slopes) / len(slopes)
    slope = median(slopes) * towards
    if slope <= 0 or agreeing < float(rule.agree.quantity.to("1").value) / slack:
        return False
    now = points[-1][0]
    level = median(value + slope * towards * (now - at) for at, value in points)
    return (bound - level) * towards <= slope * duration(rule.ahead.quantity).total_seconds() * slack


def _points(code: str, bound: Quantity, feed: Feed) -> Iterator[list[Point]]:
    """The thinned values of one observation, device by device."""
    found: dict[str, list[Point]] = {}
    for sample in feed.thinned:
        if sample.code == code and sample.value is not None and sample.value.value != 0 and sample.value.is_like(bound):
            found.setdefault(sample.device, []).append((sample.at.timestamp(), float(sample.value.to(bound.unit).value)))
    yield from found.values()
