"""Insulin on board by the exponential model."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from openinfusion.core.errors import CommandRefused
from openinfusion.core.finding import Level
from openinfusion.core.pharmacokinetics.insulin import ActionCurve, InsulinGiven, activity, curve_problems, on_board, remaining

RAPID = ActionCurve(duration_h=6, peak_h=75 / 60, delay_h=10 / 60)  # LoopAlgorithm, ExponentialInsulinModelPreset.rapidActingAdult


def _one(curve: ActionCurve, minutes: float) -> float:
    return float(remaining(curve, np.array([minutes / 60.0]))[0])


def _curve(hours: float, peak_min: float) -> ActionCurve:
    return ActionCurve(hours, peak_min / 60, 0.0)


def test_a_dose_remains_as_loopkit_publishes_it():
    # LoopKit, LoopKitTests/InsulinMathTests.swift, testInsulinOnBoardLimitsForExponentialModel: 6 h, peak 75 min, without delay
    assert _one(_curve(6, 75), 108) == pytest.approx(0.5110493617156, abs=1e-13)
    assert [_one(_curve(6, 75), minutes) for minutes in (-1, 0, 360, 361)] == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("clock", "units"),
    [
        # LoopAlgorithm, Tests/LoopAlgorithmTests/Fixtures/iob_timeline.json: 2 units at 19:00, minutes after
        *((0, 2), (10, 2), (15, 1.9951801931502304), (30, 1.9319493100094967), (60, 1.6675986819250066), (120, 1.0011536330991004)),
        *((180, 0.4811472316173049), (240, 0.17795410776243648), (300, 0.03965263608617464), (355, 0.0014125382512175655), (370, 0)),
    ],
)
def test_two_units_fade_along_the_published_timeline(clock: float, units: float):
    found = on_board(RAPID, (InsulinGiven(2, 0, 0),), np.array([clock / 60]))
    assert found[0] == pytest.approx(units, abs=1e-13)


@pytest.mark.parametrize(
    ("hours", "peak_min", "least", "most", "slowest", "fastest"),
    [
        # oref0, tests/iob.test.ts: 1 unit after one hour, units left between, units a minute between
        (5, 55, 0, 0.75, 0.0065, 0.008),
        (5, 65, 0.72, 0.77, 0.0055, 0.007),
        (5, 75, 0.76, 0.81, 0.0047, 0.007),
        (6, 44, 0.57, 0.59, 0.007, 0.0085),
    ],
)
def test_a_unit_after_an_hour_lies_within_the_bounds_of_openaps(hours, peak_min, least, most, slowest, fastest):
    curve = _curve(hours, peak_min)
    assert least < _one(curve, 60) < most
    assert slowest < activity(curve, np.array([1.0]))[0] / 60 < fastest
    assert _one(curve, hours * 60) == 0


@settings(max_examples=20, deadline=None)
@given(st.floats(2, 10), st.floats(0.05, 0.49), st.floats(0, 1), st.floats(0.01, 9), st.floats(0.2, 3))
def test_what_remains_is_one_less_what_acted_and_an_infusion_is_many_small_doses(duration, share, delay, after, length):
    curve = ActionCurve(duration, share * duration, delay)
    acted, _ = quad(lambda t: float(activity(curve, np.array([t]))[0]), min(delay, after), after)
    assert remaining(curve, np.array([after]))[0] == pytest.approx(1 - acted, abs=1e-7)
    found = on_board(curve, (InsulinGiven(3, 1, 1 + length),), np.array([1 + after]))
    in_by_then, _ = quad(lambda t: float(remaining(curve, np.array([after - t]))[0]), 0, min(after, length))
    assert found[0] == pytest.approx(3 * in_by_then / length, abs=1e-7)
    whole = remaining(curve, np.linspace(0, duration + delay, 50))
    assert np.all(np.diff(whole) <= 0)
    assert np.all((whole >= 0) & (whole <= 1))


def test_insulin_counts_from_when_it_is_given_and_doses_add_up():
    doses = (InsulinGiven(1, 2, 2), InsulinGiven(4, 0, 0), InsulinGiven(1, 0, 1))
    found = on_board(RAPID, doses, np.array([-0.1, 0.0, 0.5, 2.0, 24.0]))
    assert found[:2].tolist() == [0, 4]
    assert found[2] == pytest.approx(4 * _one(RAPID, 30) + 0.5, abs=0.02)  # half of the running unit is in, nearly all of it to act
    assert found[4] == 0


@pytest.mark.parametrize(
    ("curve", "code"),
    [
        (ActionCurve(0, 1, 0), "pk.insulin-curve-times"),
        (ActionCurve(6, 0, 0), "pk.insulin-curve-times"),
        (ActionCurve(6, 1, -0.1), "pk.insulin-curve-times"),
        (ActionCurve(float("nan"), 1, 0), "pk.insulin-curve-times"),
        (ActionCurve(6, 3, 0), "pk.insulin-peak-too-late"),  # the formula divides by zero
        (ActionCurve(6, 4, 0), "pk.insulin-peak-too-late"),
    ],
)
def test_times_that_make_no_curve_are_refused(curve: ActionCurve, code: str):
    assert [finding.code for finding in curve_problems(curve)] == [code]
    with pytest.raises(CommandRefused):
        on_board(curve, (), np.array([1.0]))


def test_an_impossible_dose_is_refused_by_its_number():
    doses = (InsulinGiven(1, 0, 0), InsulinGiven(-1, 0, 0), InsulinGiven(float("nan"), 2, 1))
    with pytest.raises(CommandRefused) as refused:
        on_board(RAPID, doses, np.array([1.0, np.inf]))
    assert [(one.code, one.params.get("number"), one.level) for one in refused.value.findings] == [
        ("pk.insulin-amount", 2, Level.MISSING),
        ("pk.insulin-amount", 3, Level.MISSING),
        ("pk.insulin-times", 3, Level.MISSING),
        ("pk.insulin-asked-time", None, Level.MISSING),
    ]
