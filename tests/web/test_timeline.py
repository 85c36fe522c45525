"""The drawing of a session over the clock: never outside its frame, pieces in their order, ahead only while it flows."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.administration.parts import Flow, SegmentKind
from openinfusion.core.administration.session import Segment, SessionState
from openinfusion.core.quantity import Quantity
from openinfusion.web.timeline import LEFT, WIDTH, timeline

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
    points = [tuple(map(float, pair.split(","))) for line in drawn.rows[0].points for pair in line.split()]
    assert all(LEFT <= x <= WIDTH and 0 <= y <= drawn.height for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert len(drawn.rows[0].points) == len(pieces)
    assert len(drawn.times) <= 13


def test_observed_values_stand_under_the_flow_on_the_same_clock() -> None:
    values = [(START + timedelta(minutes=n), Quantity(70 + n, "/min")) for n in range(3)]
    drawn = timeline(flowed([(30, 25)]), START + timedelta(minutes=30), {"pulse": values})
    assert drawn is not None
    assert [row.code for row in drawn.rows] == ["rate", "pulse"]
    assert (drawn.rows[1].low.quantity, drawn.rows[1].high.quantity) == (Quantity(70, "/min"), Quantity(72, "/min"))
    assert len(drawn.rows[1].dots) == 3
