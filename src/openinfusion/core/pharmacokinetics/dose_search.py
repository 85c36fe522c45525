"""Which dose reaches a target, and to what of it can be delivered: pure numbers. `recommend` turns the answer into a proposal."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.optimize import brentq

Response = Callable[[float], float]
"""The target's value that follows from a dose; at zero it is what earlier doses leave."""

_DOUBLINGS = 60
_SURE = 1e-12


class Unreachable(StrEnum):
    """Why no dose reaches a target."""

    RESIDUAL_ABOVE = "residual-above-target"
    NO_RESPONSE = "no-response"
    OUT_OF_REACH = "target-out-of-reach"


@dataclass(frozen=True, slots=True)
class Infeasible:
    """No dose reaches the target: why, and the nearest value that was met."""

    why: Unreachable
    value: float


def straight(response: Response, wanted: float, unit_dose: float) -> float | Infeasible:
    """`(target - residual) / (unit response)`, exact where the response is a straight line; `unit_dose` is any dose.

    The slope is measured once more at the dose found, where it loses no digits to a residual that is large beside one unit."""
    residual = response(0.0)
    if residual >= wanted:
        return Infeasible(Unreachable.RESIDUAL_ABOVE, residual)
    slope = (response(unit_dose) - residual) / unit_dose
    if not slope > 0 or not math.isfinite(slope):
        return Infeasible(Unreachable.NO_RESPONSE, residual)
    found = (wanted - residual) / slope
    again = (response(found) - residual) / found
    return (wanted - residual) / again if again > 0 else found


def curved(response: Response, wanted: float, unit_dose: float) -> float | Infeasible:
    """The least dose that reaches a target where the response only rises: a bracket of doublings, then Brent's method on the logarithm."""
    residual = response(0.0)
    if residual >= wanted:
        return Infeasible(Unreachable.RESIDUAL_ABOVE, residual)

    def short_of(log_dose: float) -> float:
        return response(math.exp(log_dose)) - wanted

    low = high = math.log(unit_dose)
    if short_of(high) < 0:
        low, high = _climbed(short_of, high)
    else:
        while short_of(low) >= 0 and low > high - _DOUBLINGS:
            low -= math.log(2.0)
    if not short_of(high) >= 0:
        return Infeasible(Unreachable.OUT_OF_REACH, response(math.exp(high)))
    found = brentq(short_of, low, high, xtol=_SURE, rtol=4 * np.finfo(float).eps)
    return math.exp(float(found))


def _climbed(short_of: Callable[[float], float], high: float) -> tuple[float, float]:
    """Twice as much until it is enough, or until sixty doublings were not; the last two logarithms."""
    low = high
    for _ in range(_DOUBLINGS):
        low, high = high, high + math.log(2.0)
        if not short_of(high) < 0:
            break
    return low, high
