"""The search for the most probable etas, compiled: one patient, linear disposition, superposed doses. It is loaded only where Numba is.

Same minimum as `bfgs` finds through the general solver, some hundred times sooner; `fit_compiled` decides where it may be used."""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.jit import jit

DISPOSITION: Final = 7
"""Places of a parameter vector: volume, k10, k12, k21, k13, k31, baseline; then four for each way."""
WAY: Final = 4
"""Of a way: ka, share that arrives, lag, duration."""

VEIN_BOLUS, VEIN_FLOW, DEPOT_BOLUS, DEPOT_FLOW, ZERO_ORDER = range(5)
ADDITIVE, PROPORTIONAL, COMBINED1, COMBINED2 = range(4)


class Dosing(NamedTuple):
    """Doses in any order: what each is, by which way, from when to when (h), how much, how fast (per h)."""

    kind: NDArray[np.int64]
    way: NDArray[np.int64]
    start: Array
    stop: Array
    amount: Array
    flow: Array


class Samples(NamedTuple):
    """When (h), what was measured or the limit of quantification, and whether it was below that."""

    time: Array
    value: Array
    below: NDArray[np.bool_]


class Task(NamedTuple):
    """One estimate: the Cholesky factor of omega, typical parameters (per h), how the logarithm of each moves with the etas, doses,
    samples, and the residual error."""

    lower: Array
    typical: Array
    moves: Array
    dosing: Dosing
    samples: Samples
    form: int
    additive: float
    proportional: float


_MOST = 100
_HALVINGS = 40
_WIDTH = 6e-6
_FLAT = 1e-8
_LONGEST = 4.0


@jit()
def _modes(p: Array, rates: Array, shares: Array) -> int:
    """Rate constants of the disposition and their shares of the central amount after a bolus of one; how many there are."""
    k10, k12, k21, k13, k31 = p[1], p[2], p[3], p[4], p[5]
    if k12 == 0.0 and k13 == 0.0:
        rates[0], shares[0] = k10, 1.0
        return 1
    if k13 == 0.0:
        total = k10 + k12 + k21
        root = math.sqrt(max(total * total - 4.0 * k10 * k21, 0.0))
        fast = 0.5 * (total + root)
        slow = k10 * k21 / fast
        rates[0], rates[1] = fast, slow
        shares[0], shares[1] = (fast - k21) / (fast - slow), (k21 - slow) / (fast - slow)
        return 2
    total = k10 + k12 + k13 + k21 + k31
    pairs = k10 * k21 + k13 * k21 + k21 * k31 + k10 * k31 + k12 * k31
    product = k10 * k21 * k31
    third = total / 3.0
    spread = max(third * third - pairs / 3.0, 1e-300)
    turn = (third**3 - 0.5 * (third * pairs - product)) / spread**1.5
    fast = third + 2.0 * math.sqrt(spread) * math.cos(math.acos(min(1.0, max(-1.0, turn))) / 3.0)
    fast -= (((fast - total) * fast + pairs) * fast - product) / ((3.0 * fast - 2.0 * total) * fast + pairs)
    rest = (pairs - product / fast) / fast
    rates[0] = fast
    rates[1] = 0.5 * (rest + math.sqrt(max(rest * rest - 4.0 * product / fast, 0.0)))
    rates[2] = product / fast / rates[1]
    for n in range(3):
        one, other = rates[(n + 1) % 3], rates[(n + 2) % 3]
        shares[n] = (k21 - rates[n]) * (k31 - rates[n]) / ((one - rates[n]) * (other - rates[n]))
    return 3


@jit()
def _passed(slow: float, fast: float, since: float) -> float:
    """(exp(-slow t) - exp(-fast t)) / (fast - slow), also where the two are one."""
    if fast < slow:
        slow, fast = fast, slow
    x = (fast - slow) * since
    return math.exp(-slow * since) * (since if x < 1e-12 else -math.expm1(-x) / (fast - slow))


@jit()
def _flowed(rate: float, since_start: float, since_stop: float) -> float:
    """What of a flow of one is there, of a mode with a rate constant: the integral of exp(-rate u) between two ages."""
    return -math.exp(-rate * since_stop) * math.expm1(-rate * (since_start - since_stop)) / rate


@jit()
def _part(dosing: Dosing, d: int, rate: float, ka: float, since: float, lasts: float) -> float:
    """What of one dose is in one mode of the central compartment, its input begun so long ago and lasting so long."""
    ended = max(since - lasts, 0.0)
    kind, amount, flow = dosing.kind[d], float(dosing.amount[d]), float(dosing.flow[d])
    if kind == VEIN_BOLUS:
        return amount * math.exp(-rate * since)
    if kind == DEPOT_BOLUS:
        return amount * ka * _passed(rate, ka, since)
    if kind == DEPOT_FLOW:
        gap = ka - rate
        gap = gap if abs(gap) > 1e-6 * rate else 1e-6 * rate
        return flow * ka / gap * (_flowed(rate, since, ended) - _flowed(rate + gap, since, ended))
    flow = flow if kind == VEIN_FLOW else amount / lasts
    return flow * _flowed(rate, since, ended)


@jit()
def _predict(p: Array, dosing: Dosing, times: Array, out: Array) -> None:
    """Concentrations at the samples: each dose by itself, summed over the modes."""
    rates, shares = np.empty(3), np.empty(3)
    count = _modes(p, rates, shares)
    for s in range(len(times)):
        total = 0.0
        for d in range(len(dosing.kind)):
            at = DISPOSITION + WAY * dosing.way[d]
            since = times[s] - dosing.start[d] - p[at + 2]
            if since > 0.0:
                lasts = p[at + 3] if dosing.kind[d] == ZERO_ORDER else dosing.stop[d] - dosing.start[d]
                for m in range(count):
                    total += p[at + 1] * shares[m] * _part(dosing, d, rates[m], p[at], since, lasts)
        out[s] = total / p[0] + p[6]


@jit()
def _log_below(x: float) -> float:
    """The logarithm of the standard normal distribution, by its continued fraction far below."""
    if x > -20.0:
        return math.log(0.5 * math.erfc(-x / math.sqrt(2.0)))
    x2 = x * x
    return -0.5 * x2 - math.log(-x) - 0.5 * math.log(2.0 * math.pi) + math.log1p(-1.0 / x2 + 3.0 / x2**2 - 15.0 / x2**3)


@jit()
def _spread(predicted: float, form: int, additive: float, proportional: float) -> float:
    """The standard deviation of a measurement around a prediction."""
    if form == ADDITIVE:
        return additive
    if form == PROPORTIONAL:
        return abs(proportional * predicted)
    if form == COMBINED1:
        return additive + proportional * abs(predicted)
    return math.sqrt(additive**2 + (proportional * predicted) ** 2)


@jit()
def _deviance(z: Array, task: Task, p: Array, out: Array) -> float:
    """Of one candidate in standard deviations; `p` and `out` are room for parameters and predictions."""
    lower, moves, samples = task.lower, task.moves, task.samples
    k = len(z)
    total = 0.0
    for i in range(k):
        total += z[i] * z[i]
    for n in range(len(p)):
        moved = 0.0
        for i in range(k):
            if moves[n, i] != 0.0:
                for j in range(i + 1):
                    moved += moves[n, i] * lower[i, j] * z[j]
        p[n] = task.typical[n] * math.exp(moved) if moved != 0.0 else task.typical[n]
    _predict(p, task.dosing, samples.time, out)
    for s in range(len(out)):
        spread = _spread(out[s], task.form, task.additive, task.proportional)
        apart = (samples.value[s] - out[s]) / spread
        total += -2.0 * _log_below(apart) if samples.below[s] else apart * apart + 2.0 * math.log(spread)
    return total if total == total else math.inf  # noqa: PLR0124 - not a number


@jit()
def deviances(points: Array, task: Task) -> Array:
    """Of many candidates (n, k), in standard deviations."""
    p, out = np.empty(len(task.typical)), np.empty(len(task.samples.time))
    found = np.empty(len(points))
    for n in range(len(points)):
        found[n] = _deviance(points[n], task, p, out)
    return found


@jit()
def _slope(z: Array, task: Task, p: Array, out: Array, slope: Array) -> float:
    """The gradient by central differences; gives the steepest of it."""
    steepest = 0.0
    for i in range(len(z)):
        kept = z[i]
        z[i] = kept + _WIDTH
        above = _deviance(z, task, p, out)
        z[i] = kept - _WIDTH
        slope[i] = (above - _deviance(z, task, p, out)) / (2.0 * _WIDTH)
        z[i] = kept
        steepest = max(steepest, abs(slope[i]))
    return steepest


@jit()
def _bent(inverse: Array, step: Array, slope: Array, before: Array, turned: Array) -> None:
    """Update the inverse curvature in place by what the last step saw (Broyden, Fletcher, Goldfarb, Shanno)."""
    k = len(step)
    along, quad = 0.0, 0.0
    for i in range(k):
        along += (slope[i] - before[i]) * step[i]
        turned[i] = 0.0
        for j in range(k):
            turned[i] += inverse[i, j] * (slope[j] - before[j])
        quad += (slope[i] - before[i]) * turned[i]
    if along > 0.0:
        for i in range(k):
            for j in range(k):
                crossed = turned[i] * step[j] + step[i] * turned[j]
                inverse[i, j] += ((1.0 + quad / along) * step[i] * step[j] - crossed) / along


@jit()
def _aimed(inverse: Array, slope: Array, before: Array, step: Array) -> None:
    """The step to where the curvature says the slope vanishes; the slope is kept for the next comparison."""
    for i in range(len(step)):
        before[i] = slope[i]
        step[i] = 0.0
        for j in range(len(step)):
            step[i] -= inverse[i, j] * slope[j]


@jit()
def _walk(z: Array, trial: Array, low: float, step: Array, slope: Array, task: Task, p: Array, out: Array) -> float:  # noqa: PLR0913, PLR0917 - room is passed in
    """Go along a step, halved until it goes down enough; gives the value there, and leaves the point and the step as taken."""
    reach, down = 0.0, 0.0
    for i in range(len(z)):
        reach += step[i] * step[i]
        down += step[i] * slope[i]
    scale, value = min(1.0, _LONGEST / math.sqrt(reach)), math.inf
    for _ in range(_HALVINGS):
        for i in range(len(z)):
            trial[i] = z[i] + scale * step[i]
        value = _deviance(trial, task, p, out)
        if value <= low + 1e-4 * scale * down:
            break
        scale *= 0.5
    if value < low:
        for i in range(len(z)):
            step[i] *= scale
            z[i] = trial[i]
    return value


@jit()
def _descend(z: Array, room: Array, inverse: Array, task: Task, p: Array, out: Array) -> float:
    """Quasi-Newton steps from one start, in place, until the slope vanishes or nothing is lower; gives the value there."""
    slope, before, step, turned, trial = room[0], room[1], room[2], room[3], room[4]
    low = _deviance(z, task, p, out)
    for turn in range(_MOST):
        steepest = _slope(z, task, p, out, slope)
        if not _FLAT * max(1.0, abs(low)) < steepest < math.inf:
            break
        if turn > 0:
            _bent(inverse, step, slope, before, turned)
        _aimed(inverse, slope, before, step)
        value = _walk(z, trial, low, step, slope, task, p, out)
        if not value < low:
            break
        low = value
    return low


@jit()
def search(starts: Array, task: Task) -> tuple[Array, Array]:
    """Where quasi-Newton steps lead from each start (n, k), in standard deviations, and how low it is there."""
    count, k = starts.shape
    p, out = np.empty(len(task.typical)), np.empty(len(task.samples.time))
    points, lows, room, inverse = np.empty((count, k)), np.empty(count), np.empty((5, k)), np.empty((k, k))
    for s in range(count):
        for i in range(k):
            points[s, i] = starts[s, i]
            for j in range(k):
                inverse[i, j] = 0.5 if i == j else 0.0
        lows[s] = _descend(points[s], room, inverse, task, p, out)
    return points, lows
