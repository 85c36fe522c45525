"""How well a predicted course explains what was measured: the deviance of one patient for many candidate etas at once.

Minus twice the logarithm of likelihood times prior, without its constants. It fits nothing and draws no conclusion."""

from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.model_file import ErrorForm


@dataclass(frozen=True, slots=True)
class Residual:
    """The residual error in standard deviations: `additive` in the concentration's unit, `proportional` as a share of the prediction."""

    form: ErrorForm
    additive: float = 0.0
    proportional: float = 0.0

    @classmethod
    def of(cls, form: str, additive: float, proportional: float) -> "Residual":
        """The error of a named form; raises ValueError for another name."""
        return cls(ErrorForm(form), additive, proportional)

    def deviation(self, predicted: Array) -> Array:
        """The standard deviation of a measurement around each prediction."""
        match self.form:
            case ErrorForm.ADDITIVE:
                return np.full_like(predicted, self.additive)
            case ErrorForm.PROPORTIONAL:
                return np.abs(self.proportional * predicted)
            case ErrorForm.COMBINED1:
                return self.additive + self.proportional * np.abs(predicted)
            case ErrorForm.COMBINED2:
                return np.hypot(self.additive, self.proportional * predicted)
            case _:
                assert_never(self.form)

    def weighted(self, value: Array, predicted: Array) -> tuple[Array, Array]:
        """How many standard deviations values lie above their predictions, and that deviation."""
        spread = self.deviation(predicted)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return (value - predicted) / spread, spread


@dataclass(frozen=True, slots=True)
class Measured:
    """The samples of one patient in time order: `value` where quantified, the limit of quantification where `below` is true."""

    time_h: Array
    value: Array
    below: NDArray[np.bool_]


def residuals(predicted: Array, measured: Measured, error: Residual) -> Array:
    """Each quantified sample's distance from its prediction in standard deviations, shape (samples,); NaN below quantification."""
    return np.where(measured.below, np.nan, error.weighted(measured.value, predicted)[0])


def deviance(predicted: Array, measured: Measured, error: Residual) -> Array:
    """`sum((y-f)^2/s^2 + ln s^2)` over quantified samples with s at the prediction itself (interaction), and `-2 ln Phi((LLOQ-f)/s)` below
    quantification (method M3 of Beal 2001). `predicted` has shape (samples, candidates); infinite where a candidate cannot be."""
    below = measured.below
    weighted, spread = error.weighted(measured.value[:, None], predicted)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        terms = weighted**2 + 2.0 * np.log(spread)
        terms[below] = -2.0 * log_ndtr(weighted[below])
        total: Array = terms.sum(axis=0)
    return np.where(np.isnan(total), np.inf, total)
