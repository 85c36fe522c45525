"""Windows over all sources look ahead: the total of any span is exact, and the first moment above a limit is found before it comes."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.prescribing.flow import Bolus, Segment, first_passing, in_row, window_peak, window_total
from openinfusion.core.quantity import Quantity

LIMIT, SPAN = Quantity(18, "mg"), Quantity(4, "h")


def hours(text) -> Quantity:
    return Quantity(text, "h")


def worked_example(raised: str) -> list[Segment | Bolus]:
    """Basal 3 mg/h from 0:00, boluses of 2 mg at 3:30 and 3:50, and another basal rate asked for at 4:00, programmed for six hours."""
    return [
        Segment(hours(0), hours(4), Quantity(3, "mg/h")),
        Bolus(Quantity(210, "min"), Quantity(2, "mg")),
        Bolus(Quantity(230, "min"), Quantity(2, "mg")),
        Segment(hours(4), hours(10), Quantity(raised, "mg/h")),
    ]


def test_the_look_back_alone_would_let_the_raise_pass():
    assert window_total(worked_example("4"), SPAN, hours(4), "mg") == Quantity(16, "mg")  # 3 x 4 + 2 + 2


def test_the_look_ahead_finds_when_the_raise_would_pass_and_how_far():
    assert first_passing(worked_example("4"), SPAN, LIMIT) == hours(6)  # 16 + x = 18
    peak = window_peak(worked_example("4"), SPAN, "mg")
    assert (peak.total, peak.at) == (Quantity("19.5", "mg"), hours("7.5"))  # 16 + 3.5, just before the first bolus leaves


def test_a_smaller_raise_keeps_the_limit_and_reaches_its_peak_when_the_first_bolus_leaves():
    assert first_passing(worked_example("3.5"), SPAN, LIMIT) is None
    assert window_peak(worked_example("3.5"), SPAN, "mg").total == Quantity("17.75", "mg")  # 16 + 0.5 x 3.5


def test_equality_is_inside():
    assert first_passing([Bolus(hours(0), LIMIT)], SPAN, LIMIT) is None
    assert first_passing([Bolus(hours(0), Quantity("18.01", "mg"))], SPAN, LIMIT) == hours(0)


def test_two_doses_exactly_one_span_apart_are_never_in_one_window():
    doses = [Bolus(hours(0), Quantity(10, "mg")), Bolus(hours(4), Quantity(10, "mg"))]
    assert window_peak(doses, SPAN, "mg").total == Quantity(10, "mg")
    assert first_passing(doses, SPAN, LIMIT) is None


def test_what_was_given_before_the_start_counts():
    sources: list[Segment | Bolus] = [Bolus(hours("-1"), Quantity(10, "mg")), Segment(hours(0), hours(2), Quantity(5, "mg/h"))]
    assert first_passing(sources, SPAN, LIMIT) == hours("1.6")  # 10 + 5 x 1.6


def test_segments_in_a_row_follow_each_other_without_a_gap():
    row = list(in_row([(Quantity(10, "mL/h"), hours(1)), (Quantity(20, "mL/h"), hours("0.5"))]))
    assert [(segment.start, segment.end) for segment in row] == [(hours(0), hours(1)), (hours(1), hours("1.5"))]
    assert window_total(row, hours(10), hours(2), "mL") == Quantity(20, "mL")


TICKS = st.integers(0, 20)
SEGMENTS = st.builds(
    lambda start, length, rate: Segment(
        Quantity(Fraction(start, 4), "h"), Quantity(Fraction(start + length, 4), "h"), Quantity(rate, "mg/h")
    ),
    TICKS,
    st.integers(1, 10),
    st.integers(0, 9),
)
BOLUSES = st.builds(lambda at, amount: Bolus(Quantity(Fraction(at, 4), "h"), Quantity(amount, "mg")), TICKS, st.integers(0, 9))
SOURCES = st.lists(SEGMENTS | BOLUSES, min_size=1, max_size=5)
# Sources begin and end at quarters of an hour, so a grid of quarters meets every corner; an instant before a corner is tried as well.
GRID = [Fraction(tick, 4) for tick in range(-1, 44)]


@given(SOURCES, st.integers(1, 12))
def test_no_window_of_a_fine_grid_holds_more_than_the_peak_and_one_holds_as_much(sources, quarters):
    span = Quantity(Fraction(quarters, 4), "h")
    peak = window_peak(sources, span, "mg").total
    instant = Fraction(1, 10**9)
    totals = [window_total(sources, span, Quantity(at - back, "h"), "mg").value for at in GRID for back in (0, instant)]
    assert max(totals) <= peak.value
    assert peak.value - max(totals) <= instant * 50


@given(SOURCES, st.integers(1, 12), st.integers(0, 60))
def test_a_limit_is_first_passed_exactly_where_the_total_leaves_it(sources, quarters, bound):
    span, limit = Quantity(Fraction(quarters, 4), "h"), Quantity(bound, "mg")
    when = first_passing(sources, span, limit)
    assert (when is None) is (window_peak(sources, span, "mg").total <= limit)
    if when is not None:
        later = [window_total(sources, span, when + Quantity(Fraction(1, 10**k), "s"), "mg") for k in (0, 3, 6)]
        assert any(total > limit for total in later) or window_total(sources, span, when, "mg") > limit
        earlier = [at for at in GRID if at < when.to("h").value]
        assert all(window_total(sources, span, Quantity(at, "h"), "mg") <= limit for at in earlier)


def test_from_a_moment_on_only_what_comes_is_looked_at():
    early: list[Segment | Bolus] = [Bolus(hours(0), Quantity(20, "mg")), Segment(hours(5), hours(10), Quantity(6, "mg/h"))]
    assert first_passing(early, SPAN, LIMIT) == hours(0)
    assert first_passing(early, SPAN, LIMIT, since=hours(4)) == hours(8)  # the bolus has left; 6 x 3 = 18
