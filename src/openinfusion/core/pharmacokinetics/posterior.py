"""The most probable deviations of one patient from the typical one, how sure they are, and draws from what remains possible.

Works for any model: it asks a predictor for the samples' concentrations at many candidate etas at once. It reads no text and refuses
nobody; `estimate` does."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from openinfusion.core.pharmacokinetics import bfgs
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.likelihood import Measured, Residual, deviance

Predictor = Callable[[Array], Array]
"""Takes etas of shape (candidates, k), gives predicted concentrations of shape (samples, candidates)."""

SAMPLES = 1000
_PER_SAMPLE = 4
_FREEDOM = 5.0


class SingularOmega(ValueError):
    """The matrix of variances is none: not symmetric, not finite, or without an inverse."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What one estimate depends on: the predictor, the samples, the residual error, the variances `omega` (k, k) of the etas, and the
    relative error `noise` of a prediction."""

    predict: Predictor
    measured: Measured
    error: Residual
    omega: Array
    noise: float = 1e-15

    def deviance(self, etas: Array) -> Array:
        """Minus twice the log posterior at each candidate (n, k), without constants: what is minimised."""
        prior = np.einsum("ij,ij->i", etas, np.linalg.solve(self.omega, etas.T).T)
        total: Array = deviance(self.predict(etas), self.measured, self.error) + prior
        return total


@dataclass(frozen=True, slots=True)
class Mode:
    """The most probable etas; `covariance` by Laplace's approximation; `others` are further, less probable minima that were met."""

    eta: Array
    deviance: float
    covariance: Array
    has_converged: bool
    others: tuple[tuple[Array, float], ...] = ()


def root(omega: Array) -> Array:
    """The lower Cholesky factor; raises SingularOmega."""
    if not np.all(np.isfinite(omega)) or not np.allclose(omega, omega.T, rtol=1e-12, atol=0):
        raise SingularOmega
    try:
        lower = np.linalg.cholesky(omega)
    except np.linalg.LinAlgError as failure:
        raise SingularOmega from failure
    scale = np.sqrt(np.diag(omega))
    if float(np.min(np.diag(lower) / scale)) < 1e-7:
        raise SingularOmega
    return np.asarray(lower, dtype=np.float64)


def starts(k: int) -> Array:
    """Where the search begins, in standard deviations: at the typical patient, and one to each side with signs that alternate."""
    signs = np.where(np.arange(k) % 2 == 0, 1.0, -1.0)
    return np.stack((np.zeros(k), signs, -signs))


def most_probable(problem: Problem) -> Mode:
    """The maximum a posteriori etas from three starts; raises SingularOmega. All etas must vary."""
    lower = root(problem.omega)

    def objective(z: Array) -> Array:
        return problem.deviance(z @ lower.T)

    found = [bfgs.descended(objective, start, problem.noise) for start in starts(len(lower))]
    return settled(objective, np.stack([point for point, _ in found]), np.array([value for _, value in found]), lower, problem.noise)


def settled(objective: bfgs.Objective, points: Array, values: Array, lower: Array, noise: float) -> Mode:
    """The best of some minima in standard deviations (n, k), taken to its very bottom, as etas; with those that a ridge parts from it."""
    order = np.argsort(values)
    best = bfgs.polished(objective, points[order[0]], noise)
    others, between = points[order[1:]], objective(0.5 * (points[order[1:]] + best.point))
    is_other = between > np.maximum(values[order[1:]], best.value) + 1e-6
    rivals = tuple((lower @ point, float(value)) for point, value in zip(others[is_other], values[order[1:]][is_other], strict=True))
    spread = covariance(best.hessian) if best.has_converged else np.full_like(lower, np.nan)
    return Mode(lower @ best.point, best.value, lower @ spread @ lower.T, best.has_converged, rivals)


def covariance(hessian: Array) -> Array:
    """Laplace's approximation: the inverse of half the curvature of a deviance."""
    inverse = np.linalg.inv(0.5 * hessian)
    return np.asarray(0.5 * (inverse + inverse.T), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Draws:
    """Equally probable etas (n, k) of one patient; `effective` is how many independent draws the weights were worth."""

    eta: Array
    effective: float


def resampled(problem: Problem, at: Mode, seed: int, n: int = SAMPLES) -> Draws:
    """Draws by importance resampling: four times n from t distributions around the mode and what else was found, weighted by the posterior,
    then n of them by systematic resampling. The same seed gives the same draws."""
    chance = np.random.Generator(np.random.Philox(seed))
    k, many = len(at.eta), _PER_SAMPLE * n
    lower = np.asarray(np.linalg.cholesky(at.covariance), dtype=np.float64)
    centres = np.stack([at.eta, *(eta for eta, _ in at.others)])
    ball = chance.standard_normal((many, k)) * np.sqrt(_FREEDOM / chance.chisquare(_FREEDOM, many))[:, None]
    candidates = centres[np.arange(many) % len(centres)] + ball @ lower.T
    log_weight = -0.5 * (problem.deviance(candidates) - at.deviance) - _log_proposed(candidates, centres, lower)
    weight = np.exp(log_weight - np.max(log_weight))
    weight /= weight.sum()
    chosen = np.searchsorted(np.cumsum(weight), (np.arange(n) + chance.random()) / n)
    return Draws(candidates[np.minimum(chosen, many - 1)], float(1.0 / np.sum(weight**2)))


def _log_proposed(candidates: Array, centres: Array, lower: Array) -> Array:
    """The logarithm of the density that candidates were drawn from, up to a constant: t distributions of one shape around each centre."""
    apart = np.linalg.solve(lower, (candidates[None, :, :] - centres[:, None, :]).reshape(-1, len(lower)).T)
    far = np.sum(apart**2, axis=0).reshape(len(centres), -1)
    found: Array = np.logaddexp.reduce(-0.5 * (_FREEDOM + len(lower)) * np.log1p(far / _FREEDOM), axis=0)
    return found
