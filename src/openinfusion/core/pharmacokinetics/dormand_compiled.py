"""`dormand` for the right-hand side of `saturable`, compiled: the same steps, patients side by side in the innermost loops.

It is loaded only where Numba is.

Each loop writes one row and reads at most seven, so that the compiler can tell them apart and take several patients at once.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openinfusion.core.pharmacokinetics import tableau as dp
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.dormand import Places, Timeline, Wish
from openinfusion.core.pharmacokinetics.jit import jit
from openinfusion.core.pharmacokinetics.saturable import Shape


class Room(NamedTuple):
    """Where a block of n patients is worked on: states, where a stage leads, its seven slopes, and one row."""

    y: Array
    stage: Array
    k: Array
    row: Array
    inflow: Array
    fed: NDArray[np.bool_]


@jit()
def _room(start: Array, timeline: Timeline) -> Room:
    """Room for a block that begins at these states."""
    states, n = start.shape
    fed = timeline.rate.shape[1]
    return Room(
        start.copy(), np.empty((states, n)), np.empty((7, states, n)), np.empty(n), np.zeros((fed, n)), np.zeros(fed, dtype=np.bool_)
    )


@jit()
def _free(shape: Shape, p: Array, y: Array, level: Array) -> None:
    """The concentration of what is not bound."""
    if not shape.has_target:
        for i in range(len(level)):
            level[i] = y[0, i] * p[0, i]
        return
    target = shape.compartments + len(shape.flows_to) + shape.has_effect
    for i in range(len(level)):
        whole = y[0, i] * p[0, i]
        over = whole - y[target, i] - p[9, i]
        root = np.sqrt(over * over + 4.0 * p[9, i] * max(whole, 0.0))
        above, below = 0.5 * (over + root), 2.0 * p[9, i] * whole / (root - over)
        level[i] = above if over >= 0.0 else below


@jit()
def _central(shape: Shape, p: Array, y: Array, out: Array, level: Array) -> None:
    """What leaves the central compartment for good, and the target."""
    n = len(level)
    if shape.has_target:
        target = shape.compartments + len(shape.flows_to) + shape.has_effect
        for i in range(n):
            out[0, i] = -(p[2, i] * (level[i] * p[1, i]))
        if shape.is_saturable:
            for i in range(n):
                out[0, i] -= p[7, i] * level[i] / (p[8, i] + level[i])
        for i in range(n):
            out[0, i] -= p[10, i] * (y[0, i] * p[0, i] - level[i]) * p[1, i]
        for i in range(n):
            out[target, i] = p[12, i] - p[11, i] * y[target, i] - (p[10, i] - p[11, i]) * (y[0, i] * p[0, i] - level[i])
    elif shape.is_saturable:
        for i in range(n):
            whole = y[0, i] * p[0, i]
            out[0, i] = -(p[2, i] * y[0, i]) - p[7, i] * whole / (p[8, i] + whole)
    else:
        for i in range(n):
            out[0, i] = -(p[2, i] * y[0, i])


@jit()
def _exchange(shape: Shape, p: Array, y: Array, out: Array, level: Array) -> None:
    """Further compartments and depots."""
    n, first = len(level), shape.compartments
    for place in range(1, first):
        leaves, returns = 1 + 2 * place, 2 + 2 * place
        if shape.has_target:
            for i in range(n):
                out[place, i] = p[leaves, i] * (level[i] * p[1, i]) - p[returns, i] * y[place, i]
        else:
            for i in range(n):
                out[place, i] = p[leaves, i] * y[0, i] - p[returns, i] * y[place, i]
        for i in range(n):
            out[0, i] -= out[place, i]
    for depot in range(len(shape.flows_to)):
        for i in range(n):
            out[first + depot, i] = 0.0
    for depot in range(len(shape.flows_to)):
        to = shape.flows_to[depot]
        for i in range(n):
            out[first + depot, i] -= p[14 + depot, i] * y[first + depot, i]
        for i in range(n):
            out[to, i] += p[14 + depot, i] * y[first + depot, i]


@jit()
def _derive(shape: Shape, p: Array, room: Room, y: Array, out: Array) -> None:
    """`saturable.derivative` into `out`."""
    n, amounts = y.shape[1], shape.compartments + len(shape.flows_to)
    if shape.has_target or shape.has_effect or shape.has_area:
        _free(shape, p, y, room.row)
    _central(shape, p, y, out, room.row)
    _exchange(shape, p, y, out, room.row)
    if shape.has_effect:
        for i in range(n):
            out[amounts, i] = p[13, i] * (room.row[i] - y[amounts, i])
    if shape.has_area and shape.is_whole:
        for i in range(n):
            out[y.shape[0] - 1, i] = y[0, i] * p[0, i]
    elif shape.has_area:
        for i in range(n):
            out[y.shape[0] - 1, i] = room.row[i]
    for s in range(amounts):
        if room.fed[s]:
            for i in range(n):
                out[s, i] += room.inflow[s, i]


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
def _norm(x: Array, y: Array, made: Array, wish: Wish, sums: Array) -> float:
    """The size of x against what is allowed at the greater of two states: the root of the largest mean square of a patient, infinite when
    one is not a number."""
    states, n = y.shape
    for i in range(n):
        sums[i] = 0.0
    for s in range(states):
        for i in range(n):
            ratio = x[s, i] / (wish.floor[s, i] + wish.relative * max(abs(y[s, i]), abs(made[s, i])))
            sums[i] += ratio * ratio
    most = 0.0
    for i in range(n):
        if not (sums[i] <= most):
            most = sums[i] if sums[i] == sums[i] else np.inf
    return float(np.sqrt(most / states))


@jit()
def _error(h: float, k: Array) -> None:
    """The error of a step, in the place of the second slope, which nobody needs any more."""
    for s in range(k.shape[1]):
        for i in range(k.shape[2]):
            k[1, s, i] = h * (
                dp.E1 * k[0, s, i] + dp.E3 * k[2, s, i] + dp.E4 * k[3, s, i] + dp.E5 * k[4, s, i] + dp.E6 * k[5, s, i] + dp.E7 * k[6, s, i]
            )


@jit()
def _differ(k: Array) -> None:
    """How the slope turned between the first two stages, in the place of the second."""
    for s in range(k.shape[1]):
        for i in range(k.shape[2]):
            k[1, s, i] -= k[0, s, i]


@jit()
def _move(y: Array, made: Array, k: Array) -> None:
    """The end of a step becomes the start of the next."""
    for s in range(y.shape[0]):
        for i in range(y.shape[1]):
            y[s, i] = made[s, i]
        for i in range(y.shape[1]):
            k[0, s, i] = k[6, s, i]


@jit()
def _bend(h: float, room: Room, s: int) -> None:
    """The four terms of the dense output of one state, in the places of the second to fifth slopes."""
    y, made, k = room.y, room.stage, room.k
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
def _look(seen: int, t: float, h: float, reached: float, room: Room, wish: Wish, out: Array, columns: Places) -> int:  # noqa: PLR0913, PLR0917 - room is passed in
    """Samples inside a step; gives how many are seen now."""
    if seen >= len(wish.times_h) or wish.times_h[seen] > reached:
        return seen
    y, k, row = room.y, room.k, room.row
    for s in wish.states:
        _bend(h, room, s)
    while seen < len(wish.times_h) and wish.times_h[seen] <= reached:
        part = (wish.times_h[seen] - t) / h
        rest = 1.0 - part
        for place in range(len(wish.states)):
            s = wish.states[place]
            for i in range(len(row)):
                row[i] = y[s, i] + part * (k[2, s, i] + rest * (k[3, s, i] + part * (k[4, s, i] + rest * k[1, s, i])))
            for i in range(len(row)):
                out[seen, place, columns[i]] = row[i]
        seen += 1
    return seen


@jit()
def _break(b: int, seen: int, timeline: Timeline, room: Room, wish: Wish, out: Array, columns: Places) -> int:  # noqa: PLR0913, PLR0917 - room is passed in
    """Samples that no step has passed, then what is given at a break and flows from it on; gives how many are seen now."""
    y = room.y
    while seen < len(wish.times_h) and wish.times_h[seen] <= timeline.break_h[b]:
        for place in range(len(wish.states)):
            for i in range(y.shape[1]):
                out[seen, place, columns[i]] = y[wish.states[place], i]
        seen += 1
    for s in range(len(room.fed)):
        room.fed[s] = False
        for i in range(y.shape[1]):
            patient = i if timeline.rate.shape[2] > 1 else 0
            y[s, i] += timeline.bolus[b, s, patient]
            room.inflow[s, i] = timeline.rate[b, s, patient]
            room.fed[s] |= room.inflow[s, i] != 0.0
    return seen


@jit()
def integrate(  # noqa: PLR0913, PLR0915, PLR0917 - arrays, no objects; one loop, since calls cost time to compile
    shape: Shape, pieces: Array, start: Array, timeline: Timeline, wish: Wish, out: Array, columns: Places
) -> tuple[int, int]:
    """From `start` (states, n) with the parameters `pieces` (pieces, rows, n), as `dormand.integrate`, into the given columns of `out`
    (times, asked, patients); gives how it ended and after how many steps."""
    room = _room(start, timeline)
    y, k, stage = room.y, room.k, room.stage
    seen, steps, h, breaks = 0, 0, np.inf, len(timeline.break_h)
    for b in range(breaks):
        seen = _break(b, seen, timeline, room, wish, out, columns)
        t, p = timeline.break_h[b], pieces[timeline.piece[b]]
        end = timeline.break_h[b + 1] if b + 1 < breaks else max(wish.times_h[len(wish.times_h) - 1], t)
        number, is_probe, length, steep, guess = 1, True, 0.0, 0.0, 0.0
        while t < end:
            _stage(number, length, y, k, stage)
            _derive(shape, p, room, stage, k[number - 1])
            if number == 1:
                size, steep = _norm(y, y, y, wish, room.row), _norm(k[0], y, y, wish, room.row)
                guess = 0.01 * size / steep if size > 1e-5 and steep > 1e-5 else 1e-6 * (end - t)
                guess = min(guess, end - t)
                number, length = 2, guess / dp.A21
                continue
            if is_probe:
                _differ(k)
                most = max(steep, _norm(k[1], y, y, wish, room.row) / guess)
                better = (0.01 / most) ** 0.2 if most > 1e-15 else max(1e-6 * (end - t), 1e-3 * guess)
                h, is_probe = min(h, 100.0 * guess, better, end - t), False
                length = end - t if t + 1.0000001 * h >= end else h
                continue
            if number < 7:
                number += 1
                continue
            if steps >= wish.most_steps:
                return 1, steps
            steps += 1
            if length < dp.LEAST_STEP * max(abs(end), 1.0):
                return 2, steps
            _error(length, k)
            error = _norm(k[1], y, stage, wish, room.row)
            factor = min(dp.GROW, max(dp.SHRINK, dp.SAFETY * max(error, dp.TINY) ** -0.2))
            is_last = t + 1.0000001 * h >= end
            if error <= 1.0:
                reached = end if is_last else t + length
                seen = _look(seen, t, length, reached, room, wish, out, columns)
                t = reached
                _move(y, stage, k)
                h = max(h, length * factor) if is_last else length * factor
            else:
                h = length * min(factor, 1.0)
            number, length = 2, end - t if t + 1.0000001 * h >= end else h
    return 0, steps
