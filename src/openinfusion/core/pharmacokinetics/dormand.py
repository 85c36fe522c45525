"""Solve dy/dt = f for a block of patients by Dormand and Prince's pair, one length of step for all of them, each within the tolerance.

A step ends exactly where something starts, stops or is given. Levels between steps are those of the pair's dense output; a sample at the
moment of a dose is taken before it. Written for NumPy and for any right-hand side; `dormand_compiled` does the same for `saturable`.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openinfusion.core.pharmacokinetics import tableau as dp
from openinfusion.core.pharmacokinetics.arrays import Array

Places = NDArray[np.int64]
Derivative = Callable[[float, int, Array, Array], Array]
"""Takes time (h), which set of parameters holds, what flows in (amounts, n) and the states; gives their change per hour."""


class Ended(IntEnum):
    """How an integration ended."""

    DONE = 0
    TOO_STIFF = 1
    NOT_FINITE = 2


class Timeline(NamedTuple):
    """What happens to a block of n patients: at each of `break_h` the parameters of `piece`, amounts at once and rates per hour, both
    (breaks, amounts, n or 1)."""

    break_h: Array
    piece: Places
    bolus: Array
    rate: Array


class Wish(NamedTuple):
    """What is asked: times (h, in order), which states, and how exact. `floor` (states, n) is the error that is always small enough."""

    times_h: Array
    states: Places
    floor: Array
    relative: float
    most_steps: int


class Run(NamedTuple):
    """The states asked for (times, states, n), how it ended, and after how many steps."""

    values: Array
    ended: Ended
    steps: int


def integrate(derivative: Derivative, start: Array, timeline: Timeline, wish: Wish) -> Run:
    """From `start` (states, n) at the first break to the last time."""
    walk = _Walk(derivative, start.copy(), wish)
    for place, time_h in enumerate(timeline.break_h):
        is_last = place + 1 == len(timeline.break_h)
        end_h = max(wish.times_h[-1], time_h) if is_last else timeline.break_h[place + 1]
        walk.sample_at_rest(time_h)
        walk.y[: timeline.bolus.shape[1]] += timeline.bolus[place]
        ended = walk.to(float(time_h), float(end_h), int(timeline.piece[place]), timeline.rate[place])
        if ended is not Ended.DONE:
            return Run(walk.out, ended, walk.steps)
    return Run(walk.out, Ended.DONE, walk.steps)


class _Walk:
    """The states of a block on their way, and what was seen of them."""

    __slots__ = ("derivative", "h", "out", "seen", "steps", "wish", "y")

    def __init__(self, derivative: Derivative, y: Array, wish: Wish) -> None:
        self.derivative, self.y, self.wish = derivative, y, wish
        self.out = np.empty((len(wish.times_h), len(wish.states), y.shape[1]))
        self.seen, self.steps, self.h = 0, 0, np.inf

    def sample_at_rest(self, time_h: float) -> None:
        """Samples up to a break that no step has passed: before the first dose, and at it."""
        while self.seen < len(self.wish.times_h) and self.wish.times_h[self.seen] <= time_h:
            self.out[self.seen] = self.y[self.wish.states]
            self.seen += 1

    def to(self, t: float, end: float, piece: int, inflow: Array) -> Ended:
        """Step from one break to the next."""
        if end <= t:
            return Ended.DONE

        def slope(at: float, y: Array) -> Array:
            return self.derivative(at, piece, inflow, y)

        first = slope(t, self.y)
        h = min(self.h, self._first_step(t, end - t, slope, first))
        while t < end:
            if self.steps >= self.wish.most_steps:
                return Ended.TOO_STIFF
            is_last = t + 1.0000001 * h >= end
            length = end - t if is_last else h
            stages, made = _stages(slope, t, self.y, first, length)
            error = self._error(stages, made, length)
            self.steps += 1
            if length < dp.LEAST_STEP * max(abs(end), 1.0):
                return Ended.NOT_FINITE
            factor = min(dp.GROW, max(dp.SHRINK, dp.SAFETY * max(error, dp.TINY) ** -0.2))
            if error > 1.0:
                h = length * min(factor, 1.0)
                continue
            reached = end if is_last else t + length
            self._look(t, reached, stages, made, length)
            t, self.y, first = reached, made, stages[5]
            h = max(h, length * factor) if is_last else length * factor
        self.h = h
        return Ended.DONE

    def _scale(self, y: Array) -> Array:
        return self.wish.floor + self.wish.relative * y

    def _first_step(self, t: float, span: float, slope: Callable[[float, Array], Array], first: Array) -> float:
        """By the sizes of the state, its slope and how the slope turns (Hairer, Norsett and Wanner, II.4)."""
        scale = self._scale(np.abs(self.y))
        size, steep = _norm(self.y / scale), _norm(first / scale)
        guess = 0.01 * size / steep if size > 1e-5 and steep > 1e-5 else 1e-6 * span
        guess = min(guess, span)
        turned = _norm((slope(t + guess, self.y + guess * first) - first) / scale) / guess
        most = max(steep, turned)
        better = (0.01 / most) ** 0.2 if most > 1e-15 else max(1e-6 * span, 1e-3 * guess)
        return min(100.0 * guess, better, span)

    def _error(self, stages: tuple[Array, ...], made: Array, h: float) -> float:
        k1, k3, k4, k5, k6, k7 = stages
        error = h * (dp.E1 * k1 + dp.E3 * k3 + dp.E4 * k4 + dp.E5 * k5 + dp.E6 * k6 + dp.E7 * k7)
        return _norm(error / self._scale(np.maximum(np.abs(self.y), np.abs(made))))

    def _look(self, t: float, reached: float, stages: tuple[Array, ...], made: Array, h: float) -> None:
        """Samples inside a step, by its dense output."""
        times, rows = self.wish.times_h, self.wish.states
        if self.seen >= len(times) or times[self.seen] > reached:
            return
        k1, k3, k4, k5, k6, k7 = (stage[rows] for stage in stages)
        y0 = self.y[rows]
        moved = made[rows] - y0
        bent = h * k1 - moved
        third = moved - h * k7 - bent
        fourth = h * (dp.D1 * k1 + dp.D3 * k3 + dp.D4 * k4 + dp.D5 * k5 + dp.D6 * k6 + dp.D7 * k7)
        while self.seen < len(times) and times[self.seen] <= reached:
            part = (times[self.seen] - t) / h
            rest = 1.0 - part
            self.out[self.seen] = y0 + part * (moved + rest * (bent + part * (third + rest * fourth)))
            self.seen += 1


def _stages(slope: Callable[[float, Array], Array], t: float, y: Array, k1: Array, h: float) -> tuple[tuple[Array, ...], Array]:
    """The slopes of one step but the second, and where it leads."""
    k2 = slope(t + dp.C2 * h, y + h * (dp.A21 * k1))
    k3 = slope(t + dp.C3 * h, y + h * (dp.A31 * k1 + dp.A32 * k2))
    k4 = slope(t + dp.C4 * h, y + h * (dp.A41 * k1 + dp.A42 * k2 + dp.A43 * k3))
    k5 = slope(t + dp.C5 * h, y + h * (dp.A51 * k1 + dp.A52 * k2 + dp.A53 * k3 + dp.A54 * k4))
    k6 = slope(t + h, y + h * (dp.A61 * k1 + dp.A62 * k2 + dp.A63 * k3 + dp.A64 * k4 + dp.A65 * k5))
    made = y + h * (dp.A71 * k1 + dp.A73 * k3 + dp.A74 * k4 + dp.A75 * k5 + dp.A76 * k6)
    return (k1, k3, k4, k5, k6, slope(t + h, made)), made


def _norm(ratios: Array) -> float:
    """Of each patient the root of the mean square over the states; of these the largest."""
    largest = float(np.sqrt(np.max(np.sum(ratios * ratios, axis=0)) / len(ratios)))
    return np.inf if np.isnan(largest) else largest
