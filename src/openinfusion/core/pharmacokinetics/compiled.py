"""The innermost loops compiled: patients in blocks that stay in the cache, a polynomial for the exponential.

They compute what `kernels` computes, to 1e-9 and better. Importing this needs Numba and a cache that can be written.
"""

from typing import Final, NamedTuple

import numpy as np

from openinfusion.core.pharmacokinetics import kernels
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.jit import jit
from openinfusion.core.pharmacokinetics.superposition import SLOTS, Places, Route, Superposition, route

BLOCK: Final = 256
_LOG2_E: Final = 1.4426950408889634
_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
_ROUNDING: Final = 6755399441055744.0
"""1.5 * 2**52: what is added to it loses its fraction and stands in its last bits."""
_LEAST: Final = -700.0


@jit(fused=True)
def _exponential(x: Array, out: Array, power: Array, bits: Places, n: int) -> None:
    """exp of n numbers not above zero: 2**k times a Taylor polynomial of degree 12 on the rest. `bits` are the bits of `power`."""
    for i in range(n):
        y = max(x[i], _LEAST)
        shifted = y * _LOG2_E + _ROUNDING
        k = shifted - _ROUNDING
        r = y - k * _LN2_HIGH - k * _LN2_LOW
        p = 2.08767569878681e-09 * r + 2.505210838544172e-08
        p = p * r + 2.755731922398589e-07
        p = p * r + 2.7557319223985893e-06
        p = p * r + 2.48015873015873e-05
        p = p * r + 0.0001984126984126984
        p = p * r + 0.001388888888888889
        p = p * r + 0.008333333333333333
        p = p * r + 0.041666666666666664
        p = p * r + 0.16666666666666666
        p = p * r + 0.5
        p = p * r + 1.0
        out[i] = p * r + 1.0
        power[i] = shifted
    for i in range(n):
        bits[i] = (bits[i] << 52) + (1023 << 52)
    for i in range(n):
        out[i] *= power[i]


@jit()
def _two(above: Array, shrink: Array, held: Array, line: Array, n: int) -> None:
    """One step of two modes: the line is where the flow holds them plus what is above that."""
    for i in range(n):
        a, b = above[i] * shrink[i], above[i + BLOCK] * shrink[i + BLOCK]
        line[i] = held[i] + (a + b)
        above[i] = a
        above[i + BLOCK] = b


@jit()
def _two_more(above: Array, shrink: Array, line: Array, n: int) -> None:
    """One step of two further modes, added to the line."""
    for i in range(n):
        a, b = above[i] * shrink[i], above[i + BLOCK] * shrink[i + BLOCK]
        line[i] += a + b
        above[i] = a
        above[i + BLOCK] = b


class Loads(NamedTuple):
    """The arrays of a `Superposition` that is computed."""

    rates: Array
    weights: Array
    bolus: Array
    flow: Array


class Path(NamedTuple):
    """The arrays of a `Route`."""

    step_h: Array
    slot: Places
    fresh: Places
    steps: Places
    row: Places
    change: Places


class Room(NamedTuple):
    """What one block works in: `slow` holds one over the rates, `above` and `held` the modes, `level` the sum of what is held; `bits` are
    the bits of `spare`."""

    slow: Array
    above: Array
    held: Array
    level: Array
    spare: Array
    bits: Places


@jit()
def _gather(loads: Loads, q: int, amounts: Array, first: int, target: Array, n: int) -> None:
    """What all inputs give one mode, added to the target; amounts are (f, 1) or (f, n)."""
    for i in range(n):
        target[i] = 0.0
    for f in range(len(amounts)):
        weight = loads.weights[f, q]
        if amounts.shape[1] > 1:
            own = amounts[f]
            for i in range(n):
                target[i] += weight[first + i] * own[first + i]
        elif amounts[f, 0] != 0.0:
            amount = amounts[f, 0]
            for i in range(n):
                target[i] += weight[first + i] * amount


@jit()
def _change(loads: Loads, change: int, room: Room, first: int, n: int) -> None:
    """The modes after the inputs changed."""
    level, added, now = room.level, room.spare, room.spare[BLOCK:]
    for i in range(n):
        level[i] = 0.0
    for q in range(len(loads.rates)):
        _gather(loads, q, loads.bolus[change], first, added, n)
        _gather(loads, q, loads.flow[change], first, now, n)
        above, held, slow = room.above[q * BLOCK :], room.held[q * BLOCK :], room.slow[q * BLOCK :]
        for i in range(n):
            holds = now[i] * slow[i]
            above[i] += added[i] + held[i] - holds
            held[i] = holds
            level[i] += holds


@jit()
def _begin(loads: Loads, room: Room, first: int, n: int) -> None:
    """A block without anything in it."""
    room.above[:] = 0.0
    room.held[:] = 0.0
    room.level[:] = 0.0
    for q in range(len(loads.rates)):
        for i in range(n):
            room.slow[q * BLOCK + i] = 1.0 / loads.rates[q, first + i]


@jit()
def _shrinks(loads: Loads, step: float, first: int, room: Room, shrink: Array, n: int) -> None:
    """exp(-rate * step) of each mode."""
    for q in range(len(loads.rates)):
        rate, x = loads.rates[q], room.spare[BLOCK:]
        for i in range(n):
            x[i] = -rate[first + i] * step
        _exponential(x, shrink[q * BLOCK :], room.spare, room.bits, n)


@jit()
def shared(loads: Loads, path: Path, out: Array, begin: int, end: int) -> None:
    """Write `out[time, begin:end]` for times that all patients share; see `kernels.shared`."""
    width = (len(loads.rates) + len(loads.rates) % 2) * BLOCK
    spare = np.zeros(2 * BLOCK)
    room = Room(np.zeros(width), np.zeros(width), np.zeros(width), np.zeros(BLOCK), spare, spare.view(np.int64))
    above, kept, still = room.above, np.zeros(SLOTS * width), np.ones(width)
    for first in range(begin, end, BLOCK):
        n = min(BLOCK, end - first)
        _begin(loads, room, first, n)
        for run in range(len(path.slot)):
            slot, row = path.slot[run], path.row[run]
            shrink = still if slot < 0 else kept[slot * width : (slot + 1) * width]
            if slot >= 0 and path.fresh[run]:
                _shrinks(loads, path.step_h[run], first, room, shrink, n)
            for place in range(row, row + path.steps[run] if row >= 0 else row):
                line = out[place, first : first + n]
                _two(above, shrink, room.level, line, n)
                for pair in range(2 * BLOCK, width, 2 * BLOCK):
                    _two_more(above[pair:], shrink[pair:], line, n)
            if row < 0 and slot >= 0:
                for i in range(width):
                    above[i] *= shrink[i]
            if path.change[run] >= 0:
                _change(loads, path.change[run], room, first, n)


class After(NamedTuple):
    """The modes after each change, (b + 1, q, n), and where the flow then holds their sum, (b + 1, n); see `kernels.milestones`."""

    at_h: Array
    above: Array
    level: Array


class Now(NamedTuple):
    """Of each patient in a block: when the last input changed and the next one will, what the modes were then (q blocks), and where the
    flow holds their sum."""

    last_h: Array
    next_h: Array
    above: Array
    level: Array


@jit()
def _arrive(after: After, time: Array, now: Now, first: int, n: int) -> None:
    """Bring each patient to the last change before their time."""
    changes, modes = len(after.at_h), after.above.shape[1]
    for i in range(n):
        if now.last_h[i] < time[i] <= now.next_h[i]:
            continue
        at = np.searchsorted(after.at_h, time[i])
        now.last_h[i] = after.at_h[at - 1] if at > 0 else -np.inf
        now.next_h[i] = after.at_h[at] if at < changes else np.inf
        now.level[i] = after.level[at, first + i]
        for mode in range(modes):
            now.above[mode * n + i] = after.above[at, mode, first + i]


@jit()
def _elapsed(when: Array, shift_h: Array, first: int, time: Array, n: int) -> None:
    """The times of a block less its delays; each (1,) where all have the same."""
    if len(when) > 1 and len(shift_h) == 1:
        for i in range(n):
            time[i] = when[first + i] - shift_h[0]
    else:
        own, late = int(len(when) > 1), int(len(shift_h) > 1)
        for i in range(n):
            time[i] = when[own * (first + i)] - shift_h[late * (first + i)]


@jit()
def _behind(time: Array, now: Now, n: int) -> int:
    """How many patients an input has changed for since the time before."""
    found = 0
    for i in range(n):
        found += int(time[i] <= now.last_h[i]) + int(time[i] > now.next_h[i])
    return found


@jit(fused=True)
def _sum(line: Array, now: Now, shrink: Array, is_first: bool, n: int) -> None:
    """Write or add the modes and what is held."""
    if is_first:
        for i in range(n):
            line[i] = now.level[i] + now.above[i] * shrink[i]
    else:
        for i in range(n):
            line[i] += now.level[i] + now.above[i] * shrink[i]
    for mode in range(1, len(now.above) // BLOCK):
        above, by = now.above[mode * n :], shrink[mode * n :]
        for i in range(n):
            line[i] += above[i] * by[i]


@jit()
def scattered(rates: Array, after: After, times_h: Array, shift_h: Array, out: Array, is_first: bool) -> None:
    """Write or add to `out[time, patient]` what the inputs make at `times_h - shift_h`, that (1,) or (n,); see `kernels.scattered`."""
    modes = len(rates)
    time, power, x, shrink = np.zeros(BLOCK), np.zeros(modes * BLOCK), np.zeros(modes * BLOCK), np.zeros(modes * BLOCK)
    bits, now = power.view(np.int64), Now(np.zeros(BLOCK), np.zeros(BLOCK), np.zeros(modes * BLOCK), np.zeros(BLOCK))
    for first in range(0, out.shape[1], BLOCK):
        n = min(BLOCK, out.shape[1] - first)
        now.last_h[:] = np.inf
        for row in range(len(out)):
            _elapsed(times_h[row], shift_h, first, time, n)
            if _behind(time, now, n) > 0:
                _arrive(after, time, now, first, n)
            for mode in range(modes):
                rate = rates[mode]
                for i in range(n):
                    x[mode * n + i] = -rate[first + i] * (time[i] - now.last_h[i])
            _exponential(x, shrink, power, bits, modes * n)
            _sum(out[row, first : first + n], now, shrink, is_first, n)


def write_shared(sum_: Superposition, way: Route, out: Array) -> None:
    """`kernels.shared`, compiled."""
    shared(_loads(sum_), Path(way.step_h, way.slot, way.fresh, way.count, way.row, way.change), out, 0, out.shape[1])


def write_scattered(sum_: Superposition, times_h: Array, shift_h: Array, out: Array, *, is_first: bool) -> None:
    """`kernels.scattered`, compiled."""
    after = After(sum_.at_h, *kernels.milestones(sum_))
    scattered(np.ascontiguousarray(sum_.rates), after, np.ascontiguousarray(times_h), np.ascontiguousarray(shift_h), out, is_first)


def _loads(sum_: Superposition) -> Loads:
    return Loads(*(np.ascontiguousarray(one) for one in (sum_.rates, sum_.weights, sum_.bolus, sum_.flow)))


def begin() -> None:
    """Compile, or read from the cache, by computing one level; raises OSError or RuntimeError where nothing can be kept."""
    one = np.ones((1, 1))
    sum_ = Superposition(one, one[None], one[0], one[None], one[None])
    write_shared(sum_, route(one[0], one[0]), one.copy())
    write_scattered(sum_, one, one[0], one.copy(), is_first=True)
