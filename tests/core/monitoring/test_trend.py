"""Trends towards a limit: told while there is time, silent on values that waver, rise from it or were lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.monitoring.kind import Feed, Sample
from openinfusion.core.monitoring.trend import approaches, trend_conditions
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Trend
from tests.core.monitoring.cast import START, protocol_with, running
from tests.core.monitoring.test_alarm import TABLES, _limit, _raised


def _rule() -> Trend:
    assert TABLES.alarms.trend is not None
    return TABLES.alarms.trend


RULE = _rule()
SECONDS = range(0, 121, 10)


def line(first: float, per_second: float) -> list[tuple[float, float]]:
    return [(float(at), first + per_second * at) for at in SECONDS]


@pytest.mark.parametrize(
    ("first", "per_second", "told"),
    [
        (125, -0.2, True),  # at 101 now; 90 is reached in 55 s, within the 60 s of the table
        (130, -0.1, False),  # at 118 now; 90 is reached in 280 s
        (107.8, -0.1, True),  # at 95.8 now; in 58 s
        (100, 0.1, False),
        (100, 0.0, False),
    ],
)
def test_a_fall_is_told_when_it_would_cross_the_limit_in_time(first, per_second, told):
    assert approaches(line(first, per_second), 90, RULE, falls=True) is told


def test_a_rise_is_told_of_an_upper_limit():
    assert approaches(line(100, 0.2), 135, RULE, falls=False)  # 124 now, 135 in 55 s
    assert not approaches(line(100, 0.2), 135, RULE, falls=True)


def test_one_wrong_value_bends_no_line():
    points = line(125, -0.2)
    points[5] = (50.0, 250.0)
    assert approaches(points, 90, RULE, falls=True)
    still = line(118, 0)
    still[-1] = (120.0, 30.0)
    assert not approaches(still, 90, RULE, falls=True)


def test_too_short_a_time_tells_nothing():
    assert not approaches(line(130, -0.5)[:6], 90, RULE, falls=True)  # 50 s; the table asks for 60
    assert not approaches([], 90, RULE, falls=True)


@given(st.lists(st.floats(60, 180), min_size=3, max_size=13), st.floats(40, 160))
def test_a_rise_is_the_mirror_image_of_a_fall(values, bound):
    points = [(10.0 * n, value) for n, value in enumerate(values)]
    mirrored = [(at, -value) for at, value in points]
    assert approaches(points, bound, RULE, falls=True) is approaches(mirrored, -bound, RULE, falls=False)


def _feed(*values: float, unit: str = "mm[Hg]") -> Feed:
    thinned = (
        Sample("bp.systolic", Quantity(str(value), unit), START + timedelta(seconds=10 * n), "mon-1") for n, value in enumerate(values)
    )
    return Feed(thinned=tuple(thinned))


FALLING = [120, 118, 116, 114, 112, 110, 108, 106, 104, 102, 100]  # 90 in 50 s


def test_an_observation_that_falls_towards_its_limit_is_one_low_alarm():
    (one,) = trend_conditions(protocol_with(alarms=(_limit(), _limit(id="other"))), running(), TABLES, _feed(*FALLING))
    assert (one.key, one.priority, one.physiological) == ("trend-to-limit:bp.systolic", "low", True)


def test_a_limit_that_is_crossed_speaks_for_itself():
    state = running(alarms=_raised("limit:low", "limit-crossed"))
    assert trend_conditions(protocol_with(alarms=(_limit(),)), state, TABLES, _feed(*FALLING)) == ()


def test_values_of_another_kind_and_unwatched_patients_have_no_trend():
    protocol = protocol_with(alarms=(_limit(),))
    assert trend_conditions(protocol, running(), TABLES, _feed(*FALLING, unit="/min")) == ()
    without = replace(TABLES, alarms=TABLES.alarms.model_copy(update={"trend": None}))
    assert trend_conditions(protocol, running(), without, _feed(*FALLING)) == ()
