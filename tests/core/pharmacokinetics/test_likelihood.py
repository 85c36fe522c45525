"""The deviance is what it says: every form of the error at the prediction, and a probability below quantification."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from openinfusion.core.pharmacokinetics.likelihood import Measured, Residual, deviance, residuals
from openinfusion.core.pharmacokinetics.model_file import ErrorForm

POSITIVE = st.floats(0.01, 100)
SPREADS = {
    ErrorForm.ADDITIVE: lambda f: 2.0,
    ErrorForm.PROPORTIONAL: lambda f: 0.3 * f,
    ErrorForm.COMBINED1: lambda f: 2.0 + 0.3 * f,  # standard deviations add
    ErrorForm.COMBINED2: lambda f: math.sqrt(2.0**2 + (0.3 * f) ** 2),  # variances add
}


def samples(values, below):
    return Measured(np.arange(len(values), dtype=float), np.array(values), np.array(below))


@settings(max_examples=15)
@given(st.lists(st.tuples(POSITIVE, POSITIVE, st.booleans()), min_size=1, max_size=4), st.sampled_from(ErrorForm))
def test_the_deviance_is_that_of_the_normal_density_and_of_its_lower_tail_below_quantification(rows, form):
    # -2 log density less its constant ln(2 pi), and -2 log Phi((LLOQ - f)/s): both by scipy.stats.norm
    predicted, values, below = (list(part) for part in zip(*rows, strict=True))
    spreads = [SPREADS[form](f) for f in predicted]
    expected = sum(
        -2 * norm.logcdf(y, f, s) if blq else -2 * norm.logpdf(y, f, s) - math.log(2 * math.pi)
        for f, y, blq, s in zip(predicted, values, below, spreads, strict=True)
    )
    error, measured = Residual(form, 2.0, 0.3), samples(values, below)
    found = deviance(np.array(predicted)[:, None], measured, error)
    assert found == pytest.approx([expected], rel=1e-9, abs=1e-9)
    apart = [math.nan if blq else (y - f) / s for f, y, blq, s in zip(predicted, values, below, spreads, strict=True)]
    assert residuals(np.array(predicted), measured, error) == pytest.approx(apart, nan_ok=True)


def test_a_candidate_that_predicts_nothing_where_something_was_measured_is_impossible_under_proportional_error():
    error = Residual(ErrorForm.PROPORTIONAL, proportional=0.2)
    assert np.isinf(deviance(np.array([[0.0]]), samples([5.0], [False]), error)).all()
    assert deviance(np.array([[0.0]]), samples([5.0], [True]), error) == pytest.approx([0.0])  # surely below quantification
    assert np.isinf(deviance(np.array([[np.nan]]), samples([5.0], [False]), error)).all()
