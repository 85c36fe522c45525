"""The innermost loops compiled: patients in blocks that stay in the cache, several times at once, a polynomial for the exponential.

They compute what `kernels` computes, to 1e-9 and better. Importing this needs Numba and a cache that can be written.
"""

from typing import Final, NamedTuple

import numpy as np

from openinfusion.core.pharmacokinetics import kernels
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.jit import jit
from openinfusion.core.pharmacokinetics.superposition import SLOTS, Places, Route, Superposition, route

BLOCK: Final = 256
_ROWS: Final = 4
_LOG2_E: Final = 1.4426950408889634
_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
_ROUNDING: Final = 6755399441055744.0
"""1.5 * 2**52: what is added to it loses its fraction and stands in its last bits."""
_LEAST: Final = -700.0
_SMALL: Final = 64
"""Patients at once where each has times of their own."""


@jit()
def _exponential(x: Array, out: Array, power: Array, bits: Places, n: int) -> None:
    """exp of n numbers not above zero: 2**k times a Taylor polynomial of degree 13 on the rest. `bits` are the bits of `power`."""
    for i in range(n):
        power[i] = max(x[i], _LEAST) * _LOG2_E + _ROUNDING
    for i in range(n):
        k = power[i] - _ROUNDING
        r = max(x[i], _LEAST) - k * _LN2_HIGH - k * _LN2_LOW
        p = 1.6059043836821613e-10 * r + 2.08767569878681e-09
        p = p * r + 2.505210838544172e-08
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
    for i in range(n):
        bits[i] = (bits[i] << 52) + (1023 << 52)
    for i in range(n):
        out[i] *= power[i]


@jit()
def _two(above: Array, shrink: Array, tile: Array, n: int) -> None:
    """Four steps of two modes: each row of the tile is where the flow holds them plus what is above that."""
    for i in range(n):
        a, b, e, f, held = above[i], above[i + BLOCK], shrink[i], shrink[i + BLOCK], tile[i]
        a *= e
        b *= f
        tile[i + BLOCK] = held + (a + b)
        a *= e
        b *= f
        tile[i + 2 * BLOCK] = held + (a + b)
        a *= e
        b *= f
        tile[i + 3 * BLOCK] = held + (a + b)
        a *= e
        b *= f
        tile[i + 4 * BLOCK] = held + (a + b)
        above[i] = a
        above[i + BLOCK] = b


@jit()
def _two_more(above: Array, shrink: Array, tile: Array, n: int) -> None:
    """Four steps of two further modes, added to the tile."""
    for i in range(n):
        a, b, e, f = above[i], above[i + BLOCK], shrink[i], shrink[i + BLOCK]
        a *= e
        b *= f
        tile[i + BLOCK] += a + b
        a *= e
        b *= f
        tile[i + 2 * BLOCK] += a + b
        a *= e
        b *= f
        tile[i + 3 * BLOCK] += a + b
        a *= e
        b *= f
        tile[i + 4 * BLOCK] += a + b
        above[i] = a
        above[i + BLOCK] = b


@jit()
def _once(above: Array, shrink: Array, tile: Array, pairs: int, n: int) -> None:
    """One step of all modes into the first row of the tile."""
    for i in range(n):
        tile[i + BLOCK] = tile[i]
    for pair in range(pairs):
        own, by = above[2 * BLOCK * pair :], shrink[2 * BLOCK * pair :]
        for i in range(n):
            a, b = own[i] * by[i], own[i + BLOCK] * by[i + BLOCK]
            own[i], own[i + BLOCK] = a, b
            tile[i + BLOCK] += a + b


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
    """What one block works in: `slow` holds one over the rates, `above` and `held` the modes, `bits` are the bits of `spare`."""

    slow: Array
    above: Array
    held: Array
    tile: Array
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
    tile, added, now = room.tile, room.spare, room.spare[BLOCK:]
    for i in range(n):
        tile[i] = 0.0
    for q in range(len(loads.rates)):
        _gather(loads, q, loads.bolus[change], first, added, n)
        _gather(loads, q, loads.flow[change], first, now, n)
        above, held, slow = room.above[q * BLOCK :], room.held[q * BLOCK :], room.slow[q * BLOCK :]
        for i in range(n):
            level = now[i] * slow[i]
            above[i] += added[i] + held[i] - level
            held[i] = level
            tile[i] += level


@jit()
def _begin(loads: Loads, room: Room, first: int, n: int) -> None:
    """A block without anything in it."""
    room.above[:] = 0.0
    room.held[:] = 0.0
    room.tile[:] = 0.0
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
def _emit(room: Room, shrink: Array, rows: Array, first: int, n: int) -> None:
    """Equal steps, each written to a row."""
    above, tile, width = room.above, room.tile, len(room.above)
    done = 0
    while len(rows) - done >= _ROWS:
        _two(above, shrink, tile, n)
        for pair in range(2 * BLOCK, width, 2 * BLOCK):
            _two_more(above[pair:], shrink[pair:], tile, n)
        for line in range(_ROWS):
            target = rows[done + line]
            for i in range(n):
                target[first + i] = tile[(line + 1) * BLOCK + i]
        done += _ROWS
    while done < len(rows):
        _once(above, shrink, tile, width // (2 * BLOCK), n)
        target = rows[done]
        for i in range(n):
            target[first + i] = tile[BLOCK + i]
        done += 1


@jit()
def shared(loads: Loads, path: Path, out: Array, begin: int, end: int) -> None:
    """Write `out[time, begin:end]` for times that all patients share; see `kernels.shared`."""
    pairs = (len(loads.rates) + 1) // 2
    width = 2 * pairs * BLOCK
    spare = np.zeros(2 * BLOCK)
    room = Room(np.zeros(width), np.zeros(width), np.zeros(width), np.zeros((_ROWS + 1) * BLOCK), spare, spare.view(np.int64))
    kept, still = np.zeros(SLOTS * width), np.ones(width)
    for first in range(begin, end, BLOCK):
        n = min(BLOCK, end - first)
        _begin(loads, room, first, n)
        for run in range(len(path.slot)):
            slot, row = path.slot[run], path.row[run]
            shrink = still if slot < 0 else kept[slot * width : (slot + 1) * width]
            if slot >= 0 and path.fresh[run]:
                _shrinks(loads, path.step_h[run], first, room, shrink, n)
            if row >= 0:
                _emit(room, shrink, out[row : row + path.steps[run]], first, n)
            elif slot >= 0:
                _once(room.above, shrink, room.tile, pairs, n)
            if path.change[run] >= 0:
                _change(loads, path.change[run], room, first, n)


class After(NamedTuple):
    """The modes after each change, (b + 1, q, n), and where the flow then holds their sum, (b + 1, n); see `kernels.milestones`."""

    at_h: Array
    above: Array
    level: Array


@jit()
def scattered(rates: Array, after: After, times_h: Array, shift_h: Array, out: Array) -> None:
    """Add to `out[time, patient]` what the inputs make at `times_h - shift_h`; see `kernels.scattered`. `shift_h` is (1,) or (n,)."""
    own, late = (1 if times_h.shape[1] > 1 else 0), (1 if len(shift_h) > 1 else 0)
    power, x, since, shrink = np.zeros(BLOCK), np.zeros(BLOCK), np.zeros(BLOCK), np.zeros(BLOCK)
    bits, place = power.view(np.int64), np.zeros(BLOCK, dtype=np.int64)
    for first in range(0, out.shape[1], _SMALL):
        n = min(_SMALL, out.shape[1] - first)
        place[:] = 0
        for row in range(len(out)):
            when, target = times_h[row], out[row]
            for i in range(n):
                time = when[own * (first + i)] - shift_h[late * (first + i)]
                at = place[i]
                while at > 0 and after.at_h[at - 1] >= time:
                    at -= 1
                while at < len(after.at_h) and after.at_h[at] < time:
                    at += 1
                place[i] = at
                since[i] = max(time - after.at_h[max(at - 1, 0)], 0.0)
                target[first + i] += after.level[at, first + i]
            for mode in range(len(rates)):
                rate = rates[mode]
                for i in range(n):
                    x[i] = -rate[first + i] * since[i]
                _exponential(x, shrink, power, bits, n)
                for i in range(n):
                    target[first + i] += after.above[place[i], mode, first + i] * shrink[i]


def write_shared(sum_: Superposition, way: Route, out: Array) -> None:
    """`kernels.shared`, compiled."""
    shared(_loads(sum_), Path(way.step_h, way.slot, way.fresh, way.count, way.row, way.change), out, 0, out.shape[1])


def add_scattered(sum_: Superposition, times_h: Array, shift_h: Array, out: Array) -> None:
    """`kernels.scattered`, compiled."""
    after = After(sum_.at_h, *kernels.milestones(sum_))
    scattered(np.ascontiguousarray(sum_.rates), after, np.ascontiguousarray(times_h), np.ascontiguousarray(shift_h), out)


def _loads(sum_: Superposition) -> Loads:
    return Loads(*(np.ascontiguousarray(one) for one in (sum_.rates, sum_.weights, sum_.bolus, sum_.flow)))


def begin() -> None:
    """Compile, or read from the cache, by computing one level; raises OSError or RuntimeError where nothing can be kept."""
    one = np.ones((1, 1))
    sum_ = Superposition(one, one[None], one[0], one[None], one[None])
    write_shared(sum_, route(one[0], one[0]), one.copy())
    add_scattered(sum_, one, one[0], one.copy())
