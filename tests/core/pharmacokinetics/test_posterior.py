"""The most probable etas are those of other programs and of other methods, and the draws are those of the posterior."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.differentiate import hessian
from scipy.optimize import minimize

from openinfusion.core.pharmacokinetics.likelihood import Measured, Residual
from openinfusion.core.pharmacokinetics.model_file import ErrorForm
from openinfusion.core.pharmacokinetics.posterior import Problem, SingularOmega, most_probable, resampled

ABSORBED = np.array([4.0, 70.0, 1.0])
LATER = [0.0, *(72.0 + 24.0 * n for n in range(7))]

# Etas of NONMEM's first-order conditional estimation with interaction, its control stream and its data: github.com/FelicienLL/mapbayr,
# inst/nm001/run001.mod and run001.phi, inst/exmodel/data_to_fit001.csv (read 2026-12-01; numbers only). One compartment, first-order
# absorption, CL 4 L/h, V 70 L, ka 1/h, variance 0.2 each, proportional variance 0.05.
NONMEM = [
    (10_000, [(1.5, 91.2904), (4.4, 110.826), (7.1, 79.384), (24.6, 20.6671)], (4.05058386e-1, 7.28505976e-2, -7.49540941e-2)),
    (10_000, [(25.9, 45.1629)], (-1.45364976e-1, 2.40587840e-2, -6.18814556e-3)),
    (10_000, [(215, 7.79911), (216, 6.7926), (221, 96.7771), (222.6, 72.8342)], (7.67680982e-1, -1.39206821e-1, 8.21537434e-2)),
    (10_000, [(237.1, 34.0987)], (2.70025131e-1, -1.36257306e-1, 1.23831629e-2)),
    (30_000, [(1.5, 466.273), (3, 457.846), (8.9, 396.271), (20.8, 220.096)], (-3.56969487e-1, -2.32178765e-1, 8.60926557e-2)),
    (30_000, [(29.5, 38.2142)], (2.94834001e-1, -1.82121631e-1, 1.12881356e-2)),
    (30_000, [(214.8, 114.768), (217.1, 409.853), (219.6, 403.488), (222.5, 369.729)], (2.20646048e-1, 7.14905162e-3, 6.93300113e-2)),
    (30_000, [(232.4, 239.501)], (2.66508767e-2, -7.04240138e-3, 1.23001684e-3)),
]  # fmt: skip


def absorbed(dose, starts, times):
    """One compartment with first-order absorption after several doses, by the Bateman function."""

    def predict(etas):
        clearance, volume, ka = (ABSORBED * np.exp(etas)).T
        k, total = clearance / volume, 0.0
        for start in starts:
            since = np.maximum(times - start, 0.0)[:, None]
            total = total + dose * ka / volume / (ka - k) * (np.exp(-k * since) - np.exp(-ka * since))
        return total

    return predict


def problem(predict, times, values, error, omega, below=None):
    measured = Measured(np.asarray(times, float), np.asarray(values, float), np.array(below or [False] * len(times)))
    return Problem(predict, measured, error, np.asarray(omega, float))


def of_nonmem(dose, samples):
    times, values = np.array(samples).T
    starts = [start for start in LATER if start < times[-1]]
    return problem(absorbed(dose, starts, times), times, values, Residual(ErrorForm.PROPORTIONAL, 0, 0.05**0.5), 0.2 * np.eye(3))


def brute(asked):
    """The lowest point by the simplex of Nelder and Mead, restarted until it stays."""
    found = np.zeros(len(asked.omega))
    for _ in range(4):
        tight = {"xatol": 1e-10, "fatol": 1e-13, "maxiter": 4000, "maxfev": 4000}
        found = minimize(lambda eta: asked.deviance(eta[None, :])[0], found, method="Nelder-Mead", options=tight).x
    return found


@pytest.mark.parametrize(("dose", "samples", "expected"), NONMEM)
def test_etas_are_those_of_nonmem(dose, samples, expected):
    found = most_probable(of_nonmem(dose, samples))
    assert found.has_converged
    assert found.eta == pytest.approx(expected, abs=3e-6)  # NONMEM stops at about three to six digits


@settings(max_examples=6)
@given(st.integers(0, 10_000), st.sampled_from(ErrorForm), st.booleans())
def test_etas_are_those_of_a_brute_search_for_any_error_omega_and_samples_below_quantification(seed, form, has_below):
    chance = np.random.default_rng(seed)
    times = np.sort(chance.uniform(0.5, 30, 4))
    half = chance.normal(size=(3, 3)) * 0.3
    omega = half @ half.T + 0.05 * np.eye(3)
    predict = absorbed(1000.0, [0.0], times)
    values = predict(chance.multivariate_normal(np.zeros(3), omega)[None, :])[:, 0] * np.exp(0.1 * chance.normal(size=4))
    asked = problem(predict, times, values, Residual(form, 0.5, 0.15), omega, [False, False, False, has_below])
    found = most_probable(asked)
    best = brute(asked)
    assert found.deviance <= asked.deviance(best[None, :])[0] + 1e-9
    if np.max(np.abs(found.eta - best)) > 1e-5:  # the simplex sat down in a higher valley
        assert found.deviance < asked.deviance(best[None, :])[0] - 1e-6


def test_many_samples_with_little_error_tell_the_truth():
    truth, times = np.array([0.3, -0.2, 0.4]), np.linspace(0.25, 48, 200)
    predict = absorbed(1000.0, [0.0], times)
    found = most_probable(
        problem(predict, times, predict(truth[None, :])[:, 0], Residual(ErrorForm.PROPORTIONAL, 0, 1e-3), 0.2 * np.eye(3))
    )
    assert found.eta == pytest.approx(truth, abs=2e-6)


def test_the_covariance_is_that_of_the_numeric_curvature():
    asked = of_nonmem(*NONMEM[0][:2])
    found = most_probable(asked)
    flat = lambda eta: asked.deviance(eta.reshape(3, -1).T).reshape(eta.shape[1:])  # noqa: E731 - the shape that scipy asks for
    numeric = 2 * np.linalg.inv(hessian(flat, found.eta, initial_step=0.05).ddf)
    assert found.covariance == pytest.approx(numeric, rel=1e-5, abs=1e-8)


def linear():
    """Concentrations that are straight in the etas: the posterior is exactly normal."""
    slopes, centre = np.array([[1.0, 0.5], [0.3, 2.0], [-1.0, 1.0]]), np.array([10.0, 5.0, 2.0])
    omega = np.array([[0.4, 0.1], [0.1, 0.3]])
    asked = problem(lambda etas: centre[:, None] + slopes @ etas.T, [1, 2, 3], [10.5, 5.5, 1.0], Residual(ErrorForm.ADDITIVE, 0.7), omega)
    covariance = np.linalg.inv(np.linalg.inv(omega) + slopes.T @ slopes / 0.7**2)
    return asked, covariance @ slopes.T @ (np.array([10.5, 5.5, 1.0]) - centre) / 0.7**2, covariance


def test_where_the_model_is_straight_mode_covariance_and_draws_are_those_of_the_closed_form():
    asked, mean, covariance = linear()
    found = most_probable(asked)
    assert found.eta == pytest.approx(mean, abs=1e-9)
    assert found.covariance == pytest.approx(covariance, rel=1e-6)
    draws = resampled(asked, found, seed=7, n=20_000)
    assert draws.eta.mean(axis=0) == pytest.approx(mean, abs=0.02)
    assert np.cov(draws.eta.T) == pytest.approx(covariance, abs=0.01)
    assert draws.effective > 40_000  # of 80 000 candidates
    assert np.array_equal(resampled(asked, found, seed=7).eta, resampled(asked, found, seed=7).eta)


def test_draws_of_a_posterior_that_is_not_normal_are_those_of_a_fine_sum_over_all_etas():
    predict = lambda etas: 10.0 * np.exp(-np.exp(etas[:, 0]))[None, :]  # noqa: E731 - one parameter, so that a sum is exact
    asked = problem(predict, [1.0], [1.0], Residual(ErrorForm.ADDITIVE, 1.0), [[0.5]])
    etas = np.linspace(-5, 5, 20_001)[:, None]
    weight = np.exp(-0.5 * asked.deviance(etas))
    weight /= weight.sum()
    draws = resampled(asked, most_probable(asked), seed=3, n=20_000).eta[:, 0]
    mean = (weight @ etas)[0]
    assert draws.mean() == pytest.approx(mean, abs=0.02)
    assert draws.std() == pytest.approx(np.sqrt(weight @ (etas[:, 0] - mean) ** 2), abs=0.02)


@pytest.mark.parametrize(
    "omega", [[[0.1, 0.1], [0.1, 0.1]], [[0.1, 0.2], [0.2, 0.1]], [[0.1, np.nan], [np.nan, 0.1]], [[0.1, 0.0], [0.05, 0.1]]]
)
def test_an_omega_without_an_inverse_is_refused(omega):
    with pytest.raises(SingularOmega):
        most_probable(problem(lambda etas: etas.T, [1, 2], [1, 1], Residual(ErrorForm.ADDITIVE, 1.0), omega))
