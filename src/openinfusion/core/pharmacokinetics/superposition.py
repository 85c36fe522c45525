"""One linear course as plain arrays for the innermost loops: exponentials, what feeds them, and the order of steps through time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.inflow import Steps
from openinfusion.core.pharmacokinetics.response import Poles, Response

Places = NDArray[np.int64]
SLOTS: Final = 32
"""How many steps in time have their exponentials kept; the first place is for those that come once."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One input and what a unit of it leads to; `shift_h` delays it for each patient (n,)."""

    response: Response
    steps: Steps
    shift_h: Array | None = None


@dataclass(frozen=True, slots=True)
class Superposition:
    """`rates` (q, n) of the exponentials; `weights` (f, q, n) that a unit of each of f inputs gives them; the inputs change at `at_h` (b,),
    where `bolus` goes in at once and `flow` per hour from then on, (b, f, 1) or (b, f, n)."""

    rates: Array
    weights: Array
    at_h: Array
    bolus: Array
    flow: Array


def superposed(feeds: Sequence[Feed], poles: Poles) -> Superposition:
    """Inputs brought together; their shifts are left to the caller."""
    names = list(dict.fromkeys(name for feed in feeds for name in feed.response.weights))
    n = len(poles[names[0]])
    weights = np.zeros((len(feeds), len(names), n))
    for f, feed in enumerate(feeds):
        for name, weight in feed.response.weights.items():
            weights[f, names.index(name)] = weight
    at = np.unique(np.concatenate([feed.steps.at_h for feed in feeds]))
    width = max(feed.steps.bolus.shape[1] for feed in feeds)
    bolus, flow = np.zeros((2, len(at), len(feeds), width))
    for f, feed in enumerate(feeds):
        own = feed.steps
        bolus[np.searchsorted(at, own.at_h), f] = own.bolus
        holds = np.searchsorted(own.at_h, at, side="right") - 1
        flow[:, f] = np.where(holds[:, None] >= 0, own.flow[np.maximum(holds, 0)], 0.0)
    return Superposition(np.stack([poles[name] for name in names]), weights, at, bolus, flow)


@dataclass(frozen=True, slots=True)
class Route:
    """The way through times that all patients share, as runs of equal steps: each is `count` steps of `step_h` whose exponentials stand in
    `slot` (-1: time stands still), computed anew where `fresh`. It writes rows from `row` on, or none at -1; then the inputs change as
    `change` says, -1 for not at all."""

    step_h: Array
    slot: Places
    fresh: Places
    count: Places
    row: Places
    change: Places


def route(times_h: Array, at_h: Array) -> Route:
    """The runs through sorted times and changes. A sample at the time of a change is taken before it."""
    moment = np.concatenate((times_h, at_h))
    is_change = np.concatenate((np.zeros(len(times_h), dtype=np.int64), np.ones(len(at_h), dtype=np.int64)))
    place = np.concatenate((np.arange(len(times_h)), np.arange(len(at_h))))
    order = np.lexsort((is_change, moment))
    moment, is_change, place = moment[order], is_change[order], place[order]
    gap = np.diff(moment, prepend=moment[:1])
    grain = 1e-13 * max(float(np.max(np.abs(moment))), 1e-6)
    kind = np.rint(gap / grain).astype(np.int64)
    kind[np.cumsum(is_change) - is_change == 0] = 0  # nothing is there before the first change
    starts = np.flatnonzero((is_change == 1) | np.concatenate(([True], (kind[1:] != kind[:-1]) | (is_change[:-1] == 1))))
    count = np.diff(np.append(starts, len(moment)))
    slot, fresh = _slots(kind[starts])
    changes = is_change[starts] == 1
    return Route(gap[starts], slot, fresh, count, np.where(changes, -1, place[starts]), np.where(changes, place[starts], -1))


def _slots(kinds: Places) -> tuple[Places, Places]:
    """Where the exponentials of each run stand and whether they must be computed: steps that come again keep a place of their own."""
    often = [kind for kind, number in Counter(kinds.tolist()).most_common(SLOTS) if number > 1 and kind != 0][: SLOTS - 1]
    kept = {kind: slot for slot, kind in enumerate(often, 1)}
    slot = np.array([-1 if kind == 0 else kept.get(kind, 0) for kind in kinds.tolist()], dtype=np.int64)
    fresh, seen = np.ones(len(slot), dtype=np.int64), set[int]()
    for run, where in enumerate(slot.tolist()):
        fresh[run] = where == 0 or (where > 0 and where not in seen)
        seen.add(where)
    return slot, fresh
