"""The way out for patients whose course is too stiff for explicit steps: LSODA of ODEPACK, one patient at a time, from break to break."""

import numpy as np
from scipy.integrate import solve_ivp

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.dormand import Derivative, Timeline, Wish


def by_lsoda(derivative: Derivative, start: Array, timeline: Timeline, wish: Wish) -> Array:
    """The states asked for of one patient, (times, states, 1), as `dormand.integrate` gives them; not a number from where it fails."""
    out = np.full((len(wish.times_h), len(wish.states), 1), np.nan)
    y, seen = start[:, 0].copy(), 0
    for place, time_h in enumerate(timeline.break_h):
        is_last = place + 1 == len(timeline.break_h)
        end_h = max(wish.times_h[-1], time_h) if is_last else timeline.break_h[place + 1]
        upto = int(np.searchsorted(wish.times_h, time_h, side="right"))
        out[seen:upto] = y[wish.states, None]
        seen = max(seen, upto)
        y[: timeline.bolus.shape[1]] += timeline.bolus[place, :, 0]
        if end_h <= time_h:
            continue
        upto = int(np.searchsorted(wish.times_h, end_h, side="right"))
        looked = np.unique(np.append(wish.times_h[seen:upto], end_h))
        found = _segment(derivative, y, timeline, place, looked, wish)
        if found is None:
            return out
        at = np.searchsorted(looked, wish.times_h[seen:upto])
        out[seen:upto] = found[wish.states][:, at].T[:, :, None]
        y, seen = found[:, -1].copy(), upto
    return out


def _segment(derivative: Derivative, y: Array, timeline: Timeline, place: int, looked: Array, wish: Wish) -> Array | None:
    """The states at times after one break, (states, times); None where the solver gives up."""
    begin, piece, inflow = float(timeline.break_h[place]), int(timeline.piece[place]), timeline.rate[place]

    def slope(t: float, x: Array) -> Array:
        return derivative(t, piece, inflow, x[:, None])[:, 0]

    span = (begin, float(looked[-1]))
    solved = solve_ivp(slope, span, y, method="LSODA", t_eval=looked, rtol=wish.relative, atol=wish.floor[:, 0])
    return np.asarray(solved.y) if solved.success else None
