"""The dose that is found leads to the target; where none does, it is said why."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.core.pharmacokinetics.dose_search import Infeasible, Unreachable, curved, straight

POSITIVE = st.floats(1e-3, 1e3)


@settings(max_examples=25)
@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE)
def test_a_straight_response_at_the_dose_found_is_the_target(residual, slope, above, unit_dose):
    wanted = residual + above
    dose = straight(lambda d: residual + slope * d, wanted, unit_dose)
    assert residual + slope * dose == pytest.approx(wanted, rel=1e-9)


@settings(max_examples=25)
@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE)
def test_a_saturating_response_at_the_dose_found_is_the_target(most, half, share, unit_dose):
    wanted = most * share / (1 + share)
    dose = curved(lambda d: most * d / (half + d), wanted, unit_dose)
    assert most * dose / (half + dose) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("search", [straight, curved])
def test_a_residual_above_the_target_needs_no_dose_and_is_said(search):
    assert search(lambda d: 10 + d, 8.0, 1.0) == Infeasible(Unreachable.RESIDUAL_ABOVE, 10)


def test_a_target_that_no_dose_reaches_is_said():
    assert straight(lambda d: 1.0, 8.0, 1.0) == Infeasible(Unreachable.NO_RESPONSE, 1.0)
    found = curved(math.tanh, 2.0, 1.0)
    assert found == Infeasible(Unreachable.OUT_OF_REACH, 1.0)
