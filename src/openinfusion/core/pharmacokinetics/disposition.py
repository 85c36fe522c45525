"""How a drug spreads and leaves: rate constants per hour, and the exponential modes of one to three compartments in closed form.

The modes are the roots of the system's characteristic polynomial; the smaller ones are found through products, so that a slow mode beside a
fast one keeps its digits. Compartments exchange with the central one only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array, Mask
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_check import EXCHANGE, VOLUME
from openinfusion.core.pharmacokinetics.parameters import Parameters

CLOSE = 1e-5
"""Two rates nearer than this, relatively, count as one: their closed forms would lose more than ten digits in a difference."""
_STILL = 1e-30
"""Stands for a rate of zero, of a compartment that exchanges nothing."""


@dataclass(frozen=True, slots=True)
class Micro:
    """Per patient: the central volume, elimination `k10`, and for each further compartment the rates out of and back into the central one,
    all per hour, shape (n,)."""

    volume: Array
    k10: Array
    out: tuple[Array, ...]
    back: tuple[Array, ...]


def micro(model: Model, parameters: Parameters) -> Micro:
    """The rate constants per hour of a model with linear elimination, from clearances or rates as the model has them."""
    volume = next(parameters[name] for name in VOLUME if name in parameters)
    k10 = parameters["KE"] if "KE" in parameters else parameters["CL"] / volume
    pairs = [_exchange(parameters, volume, place) for place in range(model.layout.disposition - 1)]
    out, back = tuple(one for one, _ in pairs), tuple(one for _, one in pairs)
    per_h = 1.0 / model.hours_per_unit
    if per_h == 1.0:
        return Micro(volume, k10, out, back)
    return Micro(volume, k10 * per_h, tuple(one * per_h for one in out), tuple(one * per_h for one in back))


def _exchange(parameters: Mapping[str, Array], volume: Array, place: int) -> tuple[Array, Array]:
    (flow, rate_out), (other, rate_back) = EXCHANGE[place]
    out = parameters[rate_out] if rate_out in parameters else parameters[flow] / volume
    if rate_back in parameters:
        return out, parameters[rate_back]
    flowing = parameters[flow] if flow in parameters else out * volume
    return out, flowing / parameters[other]


@dataclass(frozen=True, slots=True)
class Modes:
    """The exponential modes of a disposition, fast first: `rates` (m, n) per hour. `is_close` marks patients whose modes fall together."""

    constants: Micro
    rates: Array
    is_close: Mask

    def part(self, mode: int, of: int, into: int) -> Array:
        """How much of a mode the amount in compartment `of` has after a unit was put into compartment `into`, shape (n,) or (1,): the
        residue of the system's resolvent at that mode."""
        rate, (out, back) = self.rates[mode], (self.constants.out, self.constants.back)
        apart = _product(self.rates[k] - rate for k in range(len(self.rates)) if k != mode)
        rest = [(place, one - rate) for place, one in enumerate(back, 1) if place not in (of, into)]
        made = _product(gap for _, gap in rest) / apart if rest or len(self.rates) > 1 else apart
        if of == into:
            if of:
                leaving = self.constants.k10 + sum(out) - rate
                made = made * leaving - sum(out[place - 1] * back[place - 1] for place, _ in rest) / apart
            return made
        made = made * out[of - 1] if of else made
        return made * back[into - 1] if into else made


def modes(constants: Micro) -> Modes:
    """The modes of a linear disposition."""
    rates = np.maximum(_RATES[len(constants.out)](constants), _STILL)
    gaps = np.abs(rates[:-1] - rates[1:]) < CLOSE * rates[:-1]
    return Modes(constants, rates, np.asarray(gaps.any(axis=0)))


def _product(factors: Iterable[Array]) -> Array:
    found = list(factors)
    return reduce(np.multiply, found) if found else np.ones(1)


def _one(constants: Micro) -> Array:
    return constants.k10[None, :].copy()


def _two(constants: Micro) -> Array:
    (out,), (back,) = constants.out, constants.back
    return _pair(constants.k10 + out + back, constants.k10 * back, np.sqrt((constants.k10 + out - back) ** 2 + 4.0 * (out * back)))


def _pair(total: Array, product: Array, apart: Array) -> Array:
    """Two roots from their sum, product and distance."""
    fast = 0.5 * (total + apart)
    return np.stack((fast, product / fast))


def _three(constants: Micro) -> Array:
    """The largest root by the trigonometric form, one of Newton's steps, then the other two as a pair."""
    (k12, k13), (k21, k31), k10 = constants.out, constants.back, constants.k10
    total = k10 + k12 + k13 + k21 + k31
    pairs = k10 * k21 + k10 * k31 + k12 * k31 + k13 * k21 + k21 * k31
    product = k10 * k21 * k31
    third = total / 3.0
    spread = np.maximum(third**2 - pairs / 3.0, 0.0)
    turn = third**3 - 0.5 * (third * pairs - product)
    angle = np.arccos(np.clip(np.nan_to_num(turn / spread**1.5, nan=1.0), -1.0, 1.0)) / 3.0
    fast = third + 2.0 * np.sqrt(spread) * np.cos(angle)
    bent = (3.0 * fast - 2.0 * total) * fast + pairs
    step = (((fast - total) * fast + pairs) * fast - product) / bent
    fast = np.where(np.abs(step) < 1e-6 * fast, fast - step, fast)
    below = product / fast
    rest = (pairs - below) / fast
    return np.concatenate((fast[None, :], _pair(rest, below, np.sqrt(np.maximum(rest**2 - 4.0 * below, 0.0)))))


_RATES = (_one, _two, _three)
