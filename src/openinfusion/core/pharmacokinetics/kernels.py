"""The innermost loops in NumPy: a superposition through shared times by recursion, or at each patient's own times by exponentials."""

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.superposition import Route, Superposition

BLOCK = 16384
"""Patients at once: their modes stay in the cache."""
_POINTS = 65536


def shared(sum_: Superposition, way: Route, out: Array) -> None:
    """Write `out[time, patient]` for times that all patients share."""
    for first in range(0, out.shape[1], BLOCK):
        _shared(_columns(sum_, slice(first, first + BLOCK)), way, out[:, first : first + BLOCK])


def _columns(sum_: Superposition, some: slice) -> Superposition:
    own = some if sum_.bolus.shape[2] > 1 else slice(None)
    return Superposition(sum_.rates[:, some], sum_.weights[:, :, some], sum_.at_h, sum_.bolus[:, :, own], sum_.flow[:, :, own])


def _shared(sum_: Superposition, way: Route, out: Array) -> None:
    """Between changes each mode decays to where the flow holds it: `held + above * exp(-rate * t)`."""
    above, held = np.zeros_like(sum_.rates), np.zeros_like(sum_.rates)
    level, is_held = np.zeros(out.shape[1]), False
    kept: dict[int, Array] = {}
    for run, (slot, fresh, count, row, change) in enumerate(zip(way.slot, way.fresh, way.count, way.row, way.change, strict=True)):
        if fresh and slot >= 0:
            kept[slot] = np.exp(-sum_.rates * way.step_h[run])
        for line in range(row, row + count) if row >= 0 else range(-1, 0):
            if slot >= 0:
                np.multiply(above, kept[slot], out=above)
            if line >= 0:
                _summed(above, level if is_held else None, out[line])
        if change >= 0:
            above, held = _changed(sum_, change, above, held)
            level, is_held = held.sum(axis=0), bool(held.any())


def _summed(above: Array, level: Array | None, line: Array) -> None:
    if len(above) == 1:
        line[:] = above[0]
    else:
        np.add(above[0], above[1], out=line)
    for one in above[2:]:
        line += one
    if level is not None:
        line += level


def _changed(sum_: Superposition, change: int, above: Array, held: Array) -> tuple[Array, Array]:
    """The modes after an input changed."""
    bolus, flow = sum_.bolus[change][:, None, :], sum_.flow[change][:, None, :]
    now = (sum_.weights * flow).sum(axis=0) / sum_.rates
    return above + (sum_.weights * bolus).sum(axis=0) + held - now, now


def milestones(sum_: Superposition) -> tuple[Array, Array]:
    """The modes after each change, (b + 1, q, n) with a first row before any, and where the flow then holds their sum, (b + 1, n)."""
    q, n = sum_.rates.shape
    above, level = np.zeros((len(sum_.at_h) + 1, q, n)), np.zeros((len(sum_.at_h) + 1, n))
    now, held = np.zeros((q, n)), np.zeros((q, n))
    for change in range(len(sum_.at_h)):
        step = sum_.at_h[change] - sum_.at_h[max(change - 1, 0)]
        now, held = _changed(sum_, change, now * np.exp(-sum_.rates * step), held)
        above[change + 1], level[change + 1] = now, held.sum(axis=0)
    return above, level


def scattered(sum_: Superposition, times_h: Array, shift_h: Array, out: Array, *, is_first: bool) -> None:
    """Write what the inputs make at `times_h - shift_h`, or add it unless it is the first, to `out[time, patient]`; times (t, 1) or
    (t, n)."""
    above, level = milestones(sum_)
    if is_first:
        out[:] = 0.0
    patient, at_once = np.arange(out.shape[1]), max(1, _POINTS // out.shape[1])
    for first in range(0, len(out), at_once):
        rows = slice(first, first + at_once)
        when = times_h[rows] - shift_h
        place = np.searchsorted(sum_.at_h, when, side="left")
        since = when - sum_.at_h[np.maximum(place - 1, 0)]
        out[rows] += level[place, patient]
        for mode, rate in enumerate(sum_.rates):
            out[rows] += np.where(place > 0, above[place, mode, patient] * np.exp(-rate * since), 0.0)
