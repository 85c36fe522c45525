"""Linear models without a closed form, or whose parameters change: the state in amounts, moved by matrix exponentials, exact at every step.

For patients with common delays; it computes each distinct step in time once and carries the area under the concentration with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course
from openinfusion.core.pharmacokinetics.disposition import micro
from openinfusion.core.pharmacokinetics.expm import expm
from openinfusion.core.pharmacokinetics.inflow import Inflow, Past, duration_h, inflow, lag_h, share, steps
from openinfusion.core.pharmacokinetics.layout import CENTRAL, EFFECT_RATE, Way
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Uptake
from openinfusion.core.pharmacokinetics.parameters import Epochs, Parameters
from openinfusion.core.pharmacokinetics.state import State

_AT_ONCE = 2_000_000
"""So many numbers of matrices are exponentiated together."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The way of n patients through sorted times: `states` (t, s, n) and `area` (t, n) under the concentration, in its unit times hours."""

    states: Array
    area: Array


def passage(model: Model, parameters: Parameters | Epochs, course: Course, times_h: Array, start: State | None = None) -> Passage:
    """States and areas at times (t,); a sample at the time of a change is taken before it."""
    epochs = parameters if isinstance(parameters, Epochs) else Epochs(np.array([-np.inf]), (parameters,))
    found = list(_inflows(model, epochs, course, start))
    walk = _Walk(model, epochs, found)
    moments = walk.moments(times_h, start)
    return walk.along(moments, times_h, start)


def epoch_at(epochs: Epochs, time_h: float, *, before: bool = False) -> int:
    """Which epoch holds at a time, or just before it."""
    return max(int(np.searchsorted(epochs.start_h, time_h, side="left" if before else "right")) - 1, 0)


def _inflows(model: Model, epochs: Epochs, course: Course, start: State | None) -> Iterator[tuple[Inflow, int]]:
    """What arrives, with the epoch in which it was given, whose delay and share it has."""
    for doses in course:
        for way in model.layout.of(doses.route):
            for place, parameters in enumerate(epochs.parameters):
                mine = np.array([epoch_at(epochs, time) == place for time in doses.start_h.tolist()], dtype=np.bool_)
                if not mine.any():
                    continue
                even = float(duration_h(model, way, parameters)[0]) if way.kind is Uptake.ZERO_ORDER else 0.0
                arriving = inflow(way, doses.some(mine), float(lag_h(model, way, parameters)[0]), even)
                yield (arriving if start is None else arriving.since(start.time_h)), place


def system(model: Model, parameters: Parameters) -> Array:
    """How the state changes per hour, (n, s, s): disposition, chains of depots, and the effect site last."""
    constants, layout, n = micro(model, parameters), model.layout, parameters.n
    matrix = np.zeros((n, layout.states, layout.states))
    matrix[:, 0, 0] = -(constants.k10 + sum(constants.out))
    for place, (out, back) in enumerate(zip(constants.out, constants.back, strict=True), 1):
        matrix[:, place, 0], matrix[:, 0, place], matrix[:, place, place] = out, back, -back
    for way in layout.ways:
        for place, rate in enumerate(stage_rates(model, way, parameters), way.entry):
            last = place == way.entry + way.stages - 1
            matrix[:, place, place] -= rate
            matrix[:, CENTRAL if last else place + 1, place] += rate
    if layout.has_effect:
        rate = parameters[EFFECT_RATE] / model.hours_per_unit
        matrix[:, -1, 0], matrix[:, -1, -1] = rate * model.concentration_factor / constants.volume, -rate
    return matrix


def stage_rates(model: Model, way: Way, parameters: Parameters) -> list[Array]:
    """The rate per hour at which each compartment of a way empties into the next, the depot last."""
    per_h = 1.0 / model.hours_per_unit
    if not way.stages:
        return []
    depot = parameters[f"{way.key}.ka"] * per_h
    if not way.transits:
        return [depot]
    given = f"{way.key}.ktr" in parameters
    rate = parameters[f"{way.key}.ktr"] if given else (way.transits + 1) / parameters[f"{way.key}.mtt"]
    return [rate * per_h] * way.transits + [depot]


class _Walk:
    """The state of n patients taken from moment to moment."""

    def __init__(self, model: Model, epochs: Epochs, found: list[tuple[Inflow, int]]) -> None:
        self.model, self.epochs = model, epochs
        self.size = model.layout.states
        self.n = epochs.n
        self.systems = [self._with_area(parameters) for parameters in epochs.parameters]
        kept = [(arriving, place) for arriving, place in found if len(arriving.start_h)]
        self.inputs = [(steps(arriving), arriving.way, share(arriving.way, epochs.parameters[place])) for arriving, place in kept]
        self.past = [(one, arriving.way, place) for arriving, place in found for one in arriving.past]

    def _with_area(self, parameters: Parameters) -> Array:
        """The system with two more rows: the area, and a one that carries the flow."""
        s = self.size
        matrix = np.zeros((self.n, s + 2, s + 2))
        matrix[:, :s, :s] = system(self.model, parameters)
        matrix[:, s, 0] = self.model.concentration_factor / micro(self.model, parameters).volume
        return matrix

    def moments(self, times_h: Array, start: State | None) -> Array:
        """Every time at which something is sampled or changes, sorted."""
        begin = -np.inf if start is None else start.time_h
        changes = np.concatenate(
            [self.epochs.start_h, *(one.at_h for one, _, _ in self.inputs), [one.at_h for one, _, _ in self.past], [begin]]
        )
        return np.unique(np.concatenate((times_h, changes[np.isfinite(changes) & (changes >= begin)])))

    def flow(self, time_h: float) -> Array:
        """What flows into each state from a time on, (n, s)."""
        found = np.zeros((self.n, self.size))
        for one, way, part in self.inputs:
            place = int(np.searchsorted(one.at_h, time_h, side="right")) - 1
            if place >= 0:
                found[:, way.entry] += part * one.flow[place]
        return found

    def bolus(self, time_h: float) -> Array:
        """What is put into each state at a time, (n, s)."""
        found = np.zeros((self.n, self.size))
        for one, way, part in self.inputs:
            place = int(np.searchsorted(one.at_h, time_h, side="left"))
            if place < len(one.at_h) and one.at_h[place] == time_h:
                found[:, way.entry] += part * one.bolus[place]
        return found

    def along(self, moments: Array, times_h: Array, start: State | None) -> Passage:
        """The states at the sample times."""
        x = np.zeros((self.n, self.size + 2))
        x[:, -1] = 1.0
        if start is not None:
            x[:, : self.size] = start.amounts.T
        wanted = np.searchsorted(moments, times_h)
        kept = np.empty((len(moments), self.n, self.size + 1))
        moves = self._moves(moments)
        for at, moment in enumerate(moments.tolist()):
            for past, way, epoch in self.past:
                if past.at_h == moment:
                    x[:, : self.size] += self._steady(past, way, epoch)
            kept[at] = x[:, :-1]
            x[:, : self.size] += self.bolus(moment)
            if at + 1 < len(moments):
                x = (moves[at] @ x[:, :, None])[:, :, 0]
        sampled = kept[wanted]
        return Passage(np.moveaxis(sampled[:, :, : self.size], 1, 2), sampled[:, :, self.size])

    def _moves(self, moments: Array) -> list[Array]:
        """The exponential of each step; equal steps under equal flow and parameters share one."""
        grain = 1e-13 * max(float(np.max(np.abs(moments))), 1e-6)
        keys, matrices, places = dict[tuple[int, int, bytes], int](), list[Array](), list[int]()
        for begin, end in zip(moments[:-1].tolist(), moments[1:].tolist(), strict=True):
            epoch, flow = epoch_at(self.epochs, begin), self.flow(begin)
            key = (epoch, round((end - begin) / grain), flow.tobytes())
            if key not in keys:
                keys[key] = len(matrices)
                matrix = self.systems[epoch].copy()
                matrix[:, : self.size, -1] = flow
                matrices.append(matrix * (end - begin))
            places.append(keys[key])
        each = max(1, _AT_ONCE // (self.n * (self.size + 2) ** 2))
        made = [one for first in range(0, len(matrices), each) for one in expm(np.stack(matrices[first : first + each]))]
        return [made[place] for place in places]

    def _steady(self, past: Past, way: Way, epoch: int) -> Array:
        """What doses repeated from ever have left, (n, s): the sum of a geometric series of matrices."""
        s, matrix = self.size, self.systems[epoch][:, : self.size, : self.size]
        entry = np.zeros((self.n, s + 1))
        part = share(way, self.epochs.parameters[epoch])
        driven = np.zeros((self.n, s + 1, s + 1))
        driven[:, :s, :s], driven[:, way.entry, s] = matrix, part * past.rate
        entry[:, way.entry], entry[:, s] = part * past.amount, 1.0
        once = (expm(driven * past.length_h) @ entry[:, :, None])[:, :s]
        last = expm(matrix * (past.ago_h - past.length_h)) @ once
        summed = np.linalg.solve(np.eye(s) - expm(matrix * past.period_h), last)
        return np.asarray(summed[:, :, 0])
