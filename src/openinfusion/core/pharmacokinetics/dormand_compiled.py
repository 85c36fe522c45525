"""`dormand` for the right-hand side of `saturable`, compiled: the same steps, patients side by side in the innermost loops.

It is loaded only where Numba is.

Each loop writes one row and reads few, so that the compiler can tell them apart and take several patients at once. Arrays are passed one by
one: taking them out of a tuple or cutting them counts references each time.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openinfusion.core.pharmacokinetics import tableau as dp
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.dormand import Places, Timeline, Wish
from openinfusion.core.pharmacokinetics.jit import jit
from openinfusion.core.pharmacokinetics.saturable import Shape

Flags = NDArray[np.bool_]


class Kind(NamedTuple):
    """What of a `Shape` is asked in loops, as bare numbers."""

    compartments: int
    depots: int
    target: int
    is_saturable: bool
    has_target: bool
    has_effect: bool
    has_area: bool
    is_whole: bool


@jit()
def _level(kind: Kind, p: Array, y: Array, level: Array) -> None:
    """The concentration of what is not bound."""
    n = y.shape[1]
    if not kind.has_target:
        for i in range(n):
            level[i] = y[0, i] * p[0, i]
        return
    for i in range(n):
        whole = y[0, i] * p[0, i]
        over = whole - y[kind.target, i] - p[9, i]
        root = np.sqrt(over * over + 4.0 * p[9, i] * max(whole, 0.0))
        above, below = 0.5 * (over + root), 2.0 * p[9, i] * whole / (root - over)
        level[i] = above if over >= 0.0 else below


@jit()
def _central(kind: Kind, p: Array, y: Array, level: Array, out: Array) -> None:
    """What leaves the central compartment for good, and the target."""
    n = y.shape[1]
    if kind.has_target:
        for i in range(n):
            out[0, i] = -(p[2, i] * (level[i] * p[1, i]))
        if kind.is_saturable:
            for i in range(n):
                out[0, i] -= p[7, i] * level[i] / (p[8, i] + level[i])
        for i in range(n):
            out[0, i] -= p[10, i] * (y[0, i] * p[0, i] - level[i]) * p[1, i]
        for i in range(n):
            bound = (p[10, i] - p[11, i]) * (y[0, i] * p[0, i] - level[i])
            out[kind.target, i] = p[12, i] - p[11, i] * y[kind.target, i] - bound
    elif kind.is_saturable:
        for i in range(n):
            whole = y[0, i] * p[0, i]
            out[0, i] = -(p[2, i] * y[0, i]) - p[7, i] * whole / (p[8, i] + whole)
    else:
        for i in range(n):
            out[0, i] = -(p[2, i] * y[0, i])


@jit()
def _exchange(kind: Kind, flows_to: Places, p: Array, y: Array, level: Array, out: Array) -> None:
    """Further compartments and depots."""
    n, first = y.shape[1], kind.compartments
    for place in range(1, first):
        leaves, returns = 1 + 2 * place, 2 + 2 * place
        if kind.has_target:
            for i in range(n):
                out[place, i] = p[leaves, i] * (level[i] * p[1, i]) - p[returns, i] * y[place, i]
        else:
            for i in range(n):
                out[place, i] = p[leaves, i] * y[0, i] - p[returns, i] * y[place, i]
        for i in range(n):
            out[0, i] -= out[place, i]
    for depot in range(kind.depots):
        for i in range(n):
            out[first + depot, i] = 0.0
    for depot in range(kind.depots):
        to = flows_to[depot]
        for i in range(n):
            out[first + depot, i] -= p[14 + depot, i] * y[first + depot, i]
        for i in range(n):
            out[to, i] += p[14 + depot, i] * y[first + depot, i]


@jit()
def _derive(kind: Kind, flows_to: Places, p: Array, inflow: Array, fed: Flags, y: Array, level: Array, out: Array) -> None:  # noqa: PLR0913, PLR0917 - bare arrays, which cost nothing to pass
    """`saturable.derivative` into `out`; `level` is room for the free concentration."""
    n, amounts = y.shape[1], kind.compartments + kind.depots
    if kind.has_target or kind.has_effect or kind.has_area:
        _level(kind, p, y, level)
    _central(kind, p, y, level, out)
    _exchange(kind, flows_to, p, y, level, out)
    if kind.has_effect:
        for i in range(n):
            out[amounts, i] = p[13, i] * (level[i] - y[amounts, i])
    if kind.has_area and kind.is_whole:
        for i in range(n):
            out[y.shape[0] - 1, i] = y[0, i] * p[0, i]
    elif kind.has_area:
        for i in range(n):
            out[y.shape[0] - 1, i] = level[i]
    for s in range(amounts):
        if fed[s]:
            for i in range(n):
                out[s, i] += inflow[s, i]


@jit()
def _stage(number: int, h: float, y: Array, k: Array, out: Array) -> None:  # noqa: C901, PLR0912 - one loop for each stage
    """Where the slopes so far lead: the states at which the slope of this number is taken, the first where the step starts, the seventh
    where it ends."""
    states, n = y.shape
    for s in range(states):
        if number == 1:
            for i in range(n):
                out[s, i] = y[s, i]
        elif number == 2:
            for i in range(n):
                out[s, i] = y[s, i] + h * (dp.A21 * k[0, s, i])
        elif number == 3:
            for i in range(n):
                out[s, i] = y[s, i] + h * (dp.A31 * k[0, s, i] + dp.A32 * k[1, s, i])
        elif number == 4:
            for i in range(n):
                out[s, i] = y[s, i] + h * (dp.A41 * k[0, s, i] + dp.A42 * k[1, s, i] + dp.A43 * k[2, s, i])
        elif number == 5:
            for i in range(n):
                out[s, i] = y[s, i] + h * (dp.A51 * k[0, s, i] + dp.A52 * k[1, s, i] + dp.A53 * k[2, s, i] + dp.A54 * k[3, s, i])
        elif number == 6:
            for i in range(n):
                made = dp.A61 * k[0, s, i] + dp.A62 * k[1, s, i] + dp.A63 * k[2, s, i] + dp.A64 * k[3, s, i] + dp.A65 * k[4, s, i]
                out[s, i] = y[s, i] + h * made
        else:
            for i in range(n):
                made = dp.A71 * k[0, s, i] + dp.A73 * k[2, s, i] + dp.A74 * k[3, s, i] + dp.A75 * k[4, s, i] + dp.A76 * k[5, s, i]
                out[s, i] = y[s, i] + h * made


@jit()
def _norm(relative: float, x: Array, y: Array, made: Array, floor: Array, sums: Array) -> float:
    """The size of x against what is allowed at the greater of two states: the root of the largest mean square of a patient, infinite when
    one is not a number."""
    states, n = y.shape
    for i in range(n):
        sums[i] = 0.0
    for s in range(states):
        for i in range(n):
            ratio = x[s, i] / (floor[s, i] + relative * max(abs(y[s, i]), abs(made[s, i])))
            sums[i] += ratio * ratio
    most = 0.0
    for i in range(n):
        if not (sums[i] <= most):
            most = sums[i] if sums[i] == sums[i] else np.inf
    return float(np.sqrt(most / states))


@jit()
def _error(h: float, k: Array, error: Array) -> None:
    """The error of a step."""
    for s in range(k.shape[1]):
        for i in range(k.shape[2]):
            error[s, i] = h * (
                dp.E1 * k[0, s, i] + dp.E3 * k[2, s, i] + dp.E4 * k[3, s, i] + dp.E5 * k[4, s, i] + dp.E6 * k[5, s, i] + dp.E7 * k[6, s, i]
            )


@jit()
def _differ(k: Array, turned: Array) -> None:
    """How the slope turned between the first two stages."""
    for s in range(k.shape[1]):
        for i in range(k.shape[2]):
            turned[s, i] = k[1, s, i] - k[0, s, i]


@jit()
def _move(y: Array, made: Array, k: Array) -> None:
    """The end of a step becomes the start of the next."""
    for s in range(y.shape[0]):
        for i in range(y.shape[1]):
            y[s, i] = made[s, i]
        for i in range(y.shape[1]):
            k[0, s, i] = k[6, s, i]


@jit()
def _bend(h: float, s: int, y: Array, made: Array, k: Array) -> None:
    """The four terms of the dense output of one state, in the places of the second to fifth slopes."""
    for i in range(y.shape[1]):
        k[1, s, i] = h * (
            dp.D1 * k[0, s, i] + dp.D3 * k[2, s, i] + dp.D4 * k[3, s, i] + dp.D5 * k[4, s, i] + dp.D6 * k[5, s, i] + dp.D7 * k[6, s, i]
        )
    for i in range(y.shape[1]):
        k[2, s, i] = made[s, i] - y[s, i]
    for i in range(y.shape[1]):
        k[3, s, i] = h * k[0, s, i] - k[2, s, i]
    for i in range(y.shape[1]):
        k[4, s, i] = k[2, s, i] - h * k[6, s, i] - k[3, s, i]


@jit()
def _look(seen: int, t: float, h: float, reached: float, times: Array, asked: Places, y: Array, made: Array, k: Array, out: Array) -> int:  # noqa: PLR0913, PLR0917 - bare arrays, which cost nothing to pass
    """Samples inside a step; gives how many are seen now."""
    first = seen
    while seen < len(times) and times[seen] <= reached:
        seen += 1
    for place in range(len(asked) if seen > first else 0):
        s = asked[place]
        _bend(h, s, y, made, k)
        for sample in range(first, seen):
            part = (times[sample] - t) / h
            rest = 1.0 - part
            for i in range(y.shape[1]):
                inner = k[3, s, i] + part * (k[4, s, i] + rest * k[1, s, i])
                out[sample, place, i] = y[s, i] + part * (k[2, s, i] + rest * inner)
    return seen


@jit()
def _rest(seen: int, time_h: float, times: Array, asked: Places, y: Array, out: Array) -> int:
    """Samples that no step has passed; gives how many are seen now."""
    while seen < len(times) and times[seen] <= time_h:
        for place in range(len(asked)):
            for i in range(y.shape[1]):
                out[seen, place, i] = y[asked[place], i]
        seen += 1
    return seen


@jit()
def _give(b: int, bolus: Array, rate: Array, y: Array, inflow: Array, fed: Flags) -> None:
    """What is given at a break, and what flows from it on."""
    for s in range(len(fed)):
        fed[s] = False
        for i in range(y.shape[1]):
            patient = i if rate.shape[2] > 1 else 0
            y[s, i] += bolus[b, s, patient]
            inflow[s, i] = rate[b, s, patient]
            fed[s] |= rate[b, s, patient] != 0.0


@jit()
def integrate(  # noqa: PLR0915 - arrays, no objects; one loop, since calls cost time to compile
    shape: Shape, pieces: Array, start: Array, timeline: Timeline, wish: Wish, out: Array
) -> tuple[int, int]:
    """From `start` (states, n) with the parameters `pieces` (pieces, rows, n), as `dormand.integrate`, into `out` (times, asked, n); gives
    how it ended and after how many steps."""
    compartments, is_saturable, has_target, has_effect, has_area, is_whole, flows_to = shape
    target = compartments + len(flows_to) + has_effect
    kind = Kind(compartments, len(flows_to), target, is_saturable, has_target, has_effect, has_area, is_whole)
    break_h, piece, bolus, rate = timeline
    times, asked, floor, relative, most_steps = wish
    (states, n), y = start.shape, start.copy()
    k, stage, spare, row = np.empty((7, states, n)), np.empty((states, n)), np.empty((states, n)), np.empty(n)
    inflow, fed = np.zeros((rate.shape[1], n)), np.zeros(rate.shape[1], dtype=np.bool_)
    seen, steps, h, breaks = 0, 0, np.inf, len(break_h)
    for b in range(breaks):
        t, p = break_h[b], pieces[piece[b]]
        end = break_h[b + 1] if b + 1 < breaks else max(times[len(times) - 1], t)
        seen = _rest(seen, t, times, asked, y, out)
        _give(b, bolus, rate, y, inflow, fed)
        number, is_probe, length, steep, guess = 1, True, 0.0, 0.0, 0.0
        while t < end:
            _stage(number, length, y, k, stage)
            _derive(kind, flows_to, p, inflow, fed, stage, row, k[number - 1])
            if number == 1:
                size, steep = _norm(relative, y, y, y, floor, row), _norm(relative, k[0], y, y, floor, row)
                guess = 0.01 * size / steep if size > 1e-5 and steep > 1e-5 else 1e-6 * (end - t)
                guess = min(guess, end - t)
                number, length = 2, guess / dp.A21
                continue
            if is_probe:
                _differ(k, spare)
                most = max(steep, _norm(relative, spare, y, y, floor, row) / guess)
                better = (0.01 / most) ** 0.2 if most > 1e-15 else max(1e-6 * (end - t), 1e-3 * guess)
                h, is_probe = min(h, 100.0 * guess, better, end - t), False
                length = end - t if t + 1.0000001 * h >= end else h
                continue
            if number < 7:
                number += 1
                continue
            if steps >= most_steps:
                return 1, steps
            steps += 1
            if length < dp.LEAST_STEP * max(abs(end), 1.0):
                return 2, steps
            _error(length, k, spare)
            error = _norm(relative, spare, y, stage, floor, row)
            factor = min(dp.GROW, max(dp.SHRINK, dp.SAFETY * max(error, dp.TINY) ** -0.2))
            is_last = t + 1.0000001 * h >= end
            if error <= 1.0:
                reached = end if is_last else t + length
                seen = _look(seen, t, length, reached, times, asked, y, stage, k, out)
                t = reached
                _move(y, stage, k)
                h = max(h, length * factor) if is_last else length * factor
            else:
                h = length * min(factor, 1.0)
            number, length = 2, end - t if t + 1.0000001 * h >= end else h
    return 0, steps
