"""The drawing of a session over the clock: never outside its frame, pieces in their order, ahead only while it flows."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.administration.parts import Flow, SegmentKind
from openinfusion.core.administration.session import Segment, SessionState
from openinfusion.core.protocol import AlarmLimit
from openinfusion.core.quantity import Quantity
from openinfusion.web.charting import Curve, Happening, Strip
from openinfusion.web.timeline import LANES, LEFT, MARK, WIDTH, timeline

START = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def flowed(pieces: list[tuple[int, int]]) -> SessionState:
    """Pieces of (minutes, mL/h) one after the other; the last one still runs."""
    at, segments = START, []
    for minutes, rate in pieces:
        end = at + timedelta(minutes=minutes)
        segments.append(Segment(SegmentKind.FLOW, at, end, Quantity(rate, "mL/h"), None))
        at = end
    last = segments[-1]
    segments[-1] = Segment(SegmentKind.FLOW, last.start, None, last.rate, None)
    return SessionState(started_at=START, segments=tuple(segments), flow=Flow.RUNNING, rate=last.rate)


def test_before_any_flow_there_is_nothing_to_draw() -> None:
    assert timeline(SessionState(), START) is None


@given(st.lists(st.tuples(st.integers(1, 600), st.integers(1, 999)), min_size=1, max_size=12), st.integers(0, 2000))
def test_every_point_lies_inside_the_frame_and_time_runs_to_the_right(pieces: list[tuple[int, int]], waited: int) -> None:
    now = START + timedelta(minutes=sum(minutes for minutes, _ in pieces) + waited)
    drawn = timeline(flowed(pieces), now)
    assert drawn is not None
    points = [tuple(map(float, pair.split(","))) for line in drawn.rows[0].lines for pair in line.points.split()]
    assert all(LEFT <= x <= WIDTH and 0 <= y <= drawn.height for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert len(drawn.rows[0].lines) == len(pieces)
    assert len(drawn.times) <= 13


def test_observed_values_stand_under_the_flow_on_the_same_clock_with_the_limits_that_lie_between_them() -> None:
    values = tuple((START + timedelta(minutes=n), Quantity(70 + n, "/min")) for n in range(3))
    limits = tuple(bound(limit) for limit in ("71", "140"))
    drawn = timeline(flowed([(30, 25)]), START + timedelta(minutes=30), [Strip("pulse", (Curve("pulse", values),), limits)])
    assert drawn is not None
    assert [row.code for row in drawn.rows] == ["rate", "pulse"]
    assert (drawn.rows[1].low.quantity, drawn.rows[1].high.quantity) == (Quantity(70, "/min"), Quantity(72, "/min"))
    assert len(drawn.rows[1].lines[0].dots) == 3
    [seen] = drawn.rows[1].bounds
    assert seen.limit is limits[0]
    assert seen.at == drawn.rows[1].lines[0].dots[1][1]  # 71 lies where the value of 71 lies


@given(st.lists(st.integers(0, 300), min_size=1, max_size=40))
def test_marks_of_events_stay_in_the_frame_over_the_strips_and_touch_no_other_of_their_lane_while_lanes_last(minutes: list[int]) -> None:
    events = [Happening(n, START + timedelta(minutes=at), "Pause") for n, at in enumerate(sorted(minutes), 1)]
    drawn = timeline(flowed([(300, 25)]), START + timedelta(minutes=300), happenings=events)
    assert drawn is not None
    assert [mark.happening.n for mark in drawn.marks] == list(range(1, len(minutes) + 1))
    assert all(LEFT <= float(mark.x) <= WIDTH and mark.y + 10 <= drawn.rows[0].top for mark in drawn.marks)
    for lane in {mark.y for mark in drawn.marks[:LANES]}:
        places = [float(mark.x) for mark in drawn.marks[:LANES] if mark.y == lane]
        assert all(after - before >= 2 * MARK - 0.1 for before, after in itertools.pairwise(places))


def bound(value: str) -> AlarmLimit:
    figure = {"value": value, "unit": "/min", "sources": [{"cite": "made-up", "at": "here", "tier": "U"}]}
    wanted = {"id": "fast", "observation": "pulse", "op": ">", "figure": figure, "priority": "medium", "response": "cx.none"}
    return AlarmLimit.model_validate({**wanted, "sources": figure["sources"]})
