"""Insulin on board: how much of the insulin that was given is still to act, by the exponential model of its action.

The curve is that of LoopKit and OpenAPS (`citations.EXPONENTIAL_INSULIN`): its shape follows from how long the insulin acts and when it
acts most, after a delay in which nothing happens. It has no usual insulin: all three times are given by whoever knows the insulin, and a
curve that they cannot make is refused. It estimates, and never proposes a dose.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from openinfusion.core.finding import Finding, Level
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.refusal import lacking, refuse_all
from openinfusion.core.prescribing.citations import EXPONENTIAL_INSULIN

CODES: Mapping[str, tuple[str, ...]] = {
    "pk.insulin-curve-times": (),
    "pk.insulin-peak-too-late": (),
    "pk.insulin-amount": ("number",),
    "pk.insulin-times": ("number",),
    "pk.insulin-asked-time": (),
}


@dataclass(frozen=True, slots=True)
class ActionCurve:
    """When an insulin acts: from `delay_h` after it is given for `duration_h`, most of all `peak_h` after the delay."""

    duration_h: float
    peak_h: float
    delay_h: float

    @property
    def tau_h(self) -> float:
        """The time constant, p (1 - p/D) / (1 - 2 p/D)."""
        share = self.peak_h / self.duration_h
        return self.peak_h * (1.0 - share) / (1.0 - 2.0 * share)

    @property
    def a(self) -> float:
        """Twice the time constant over the duration."""
        return 2.0 * self.tau_h / self.duration_h

    @property
    def scale(self) -> float:
        """What makes the whole action one."""
        return 1.0 / (1.0 - self.a + (1.0 + self.a) * float(np.exp(-self.duration_h / self.tau_h)))


@dataclass(frozen=True, slots=True)
class InsulinGiven:
    """Insulin that was given at an even rate from `start_h` to `stop_h`; at once where they are the same."""

    units: float
    start_h: float
    stop_h: float


def on_board(curve: ActionCurve, given: Sequence[InsulinGiven], at_h: Array) -> Array:
    """The units still to act at each time: what was given before it counts, of a running infusion as much as is in. Raises CommandRefused
    for a curve, an amount or a time that cannot be."""
    refuse_all((*curve_problems(curve), *_given_problems(given), *_time_problems(at_h)))
    total = np.zeros_like(at_h, dtype=np.float64)
    for one in given:
        total += one.units * _still(curve, one, at_h)
    return total


def remaining(curve: ActionCurve, after_h: Array) -> Array:
    """The share of one dose that is still to act so long after it was given: 1 until the delay is over, then down to 0."""
    x = np.clip(after_h - curve.delay_h, 0.0, curve.duration_h) / curve.tau_h
    start = 1.0 - curve.a
    bracket = x * x * curve.tau_h / curve.duration_h - start * (x + 1.0)
    share = 1.0 - curve.scale * (start + bracket * np.exp(-x))
    return np.where(x * curve.tau_h >= curve.duration_h, 0.0, np.clip(share, 0.0, 1.0))


def activity(curve: ActionCurve, after_h: Array) -> Array:
    """The share of one dose that acts in an hour, so long after it was given."""
    t = np.clip(after_h - curve.delay_h, 0.0, curve.duration_h)
    return curve.scale / curve.tau_h**2 * t * (1.0 - t / curve.duration_h) * np.exp(-t / curve.tau_h)


def curve_problems(curve: ActionCurve) -> tuple[Finding, ...]:
    """Why no curve can be drawn by these times; empty when one can. The peak must come before half of the duration."""
    times = (curve.duration_h, curve.peak_h, curve.delay_h)
    if not all(map(isfinite, times)) or curve.duration_h <= 0 or curve.peak_h <= 0 or curve.delay_h < 0:
        return (Finding("pk.insulin-curve-times", Level.MISSING, {}, EXPONENTIAL_INSULIN),)
    if 2.0 * curve.peak_h >= curve.duration_h:
        return (Finding("pk.insulin-peak-too-late", Level.MISSING, {}, EXPONENTIAL_INSULIN),)
    return ()


def _given_problems(given: Sequence[InsulinGiven]) -> Iterator[Finding]:
    for number, one in enumerate(given, 1):
        if not isfinite(one.units) or one.units < 0:
            yield lacking("pk.insulin-amount", number=number)
        if not (isfinite(one.start_h) and isfinite(one.stop_h)) or one.stop_h < one.start_h:
            yield lacking("pk.insulin-times", number=number)


def _time_problems(at_h: Array) -> Iterator[Finding]:
    if not np.all(np.isfinite(at_h)):
        yield lacking("pk.insulin-asked-time")


def _still(curve: ActionCurve, one: InsulinGiven, at_h: Array) -> Array:
    """Of one amount, the share that was given by each time and is still to act."""
    since = at_h - one.start_h
    if one.stop_h == one.start_h:
        return np.where(since >= 0.0, remaining(curve, since), 0.0)
    until = np.minimum(np.maximum(since, 0.0), one.stop_h - one.start_h)
    return (_held(curve, np.maximum(since, 0.0)) - _held(curve, np.maximum(since, 0.0) - until)) / (one.stop_h - one.start_h)


def _held(curve: ActionCurve, after_h: Array) -> Array:
    """The integral of `remaining` from 0, in hours."""
    x = np.clip(after_h - curve.delay_h, 0.0, curve.duration_h) / curve.tau_h
    start, decay = 1.0 - curve.a, np.exp(-x)
    squares = (2.0 - decay * (x * x + 2.0 * x + 2.0)) * curve.tau_h / curve.duration_h
    lines = start * (2.0 - decay * (x + 2.0))
    acting = (1.0 - curve.scale * start) * x - curve.scale * (squares - lines)
    return np.minimum(after_h, curve.delay_h) + acting * curve.tau_h
