"""Models whose elimination is saturated, solved step by step: Michaelis and Menten, parallel linear, target-mediated.

Patients are sorted by how fast they change and taken in blocks that share their steps; a block that is too stiff for explicit steps goes to
LSODA. What has no answer is not a number.
"""

from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType
from typing import Final

import numpy as np

from openinfusion.core.pharmacokinetics import dormand, saturable
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course
from openinfusion.core.pharmacokinetics.disposition import micro
from openinfusion.core.pharmacokinetics.dormand import Ended, Places, Timeline, Wish
from openinfusion.core.pharmacokinetics.engine import SMALL, Engine
from openinfusion.core.pharmacokinetics.inflow import share
from openinfusion.core.pharmacokinetics.layout import CENTRAL, EFFECT_RATE
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_check import VOLUME
from openinfusion.core.pharmacokinetics.model_file import Binding, Elimination
from openinfusion.core.pharmacokinetics.oddlinear import stage_rates
from openinfusion.core.pharmacokinetics.own_equations import OwnEquations
from openinfusion.core.pharmacokinetics.parameters import Epochs, Parameters
from openinfusion.core.pharmacokinetics.refusal import refuse
from openinfusion.core.pharmacokinetics.saturable import Shape
from openinfusion.core.pharmacokinetics.state import State
from openinfusion.core.pharmacokinetics.stiff import by_lsoda
from openinfusion.core.pharmacokinetics.tableau import STIFF_REACH
from openinfusion.core.pharmacokinetics.timeline import Arrivals, are_common, arrivals, of_patients, timeline

RELATIVE: Final = 1e-6
BLOCK: Final = 64
_SORTED: Final = 4096
"""Patients that are sorted together: as many as share a stream of chance, so that a population may be cut between two of them."""
_OWN_BLOCK: Final = 512
"""A block under own equations, which NumPy alone computes."""
_OWN_TIMES: Final = 8
"""A block whose patients have delays of their own: each delay is a break for all of it."""
_FLOOR: Final = 1e-6
"""Of what was given, times the relative tolerance: an error that is always small enough."""
_WORTH: Final = 50
"""One integrated level takes NumPy about so long as this many of a linear model."""
_MOST_REPEATS: Final = 512
_MOST_STEPS: Final = 500_000
"""So many compiled steps of a block still take less than LSODA for its patients."""
_MOST_IN_NUMPY: Final = (1_000, 150)
"""So many of NumPy's, and so many more for each patient."""


@dataclass(frozen=True)
class Passage:
    """The way of n patients through times (t,): `states` (t, states, n), with the whole target last where there is one, and in the model's
    unit of concentration the `level` (t, n) and the `area` under it from the first time something happens."""

    states: Array
    level: Array
    area: Array


@dataclass(frozen=True)
class Task:
    """What is to be integrated: the model as a table, what arrives, and how exact."""

    model: Model
    epochs: Epochs
    shape: Shape
    rows: Array
    found: list[Arrivals]
    start: State | None
    asked: Places
    relative: float
    engine: Engine | None
    own: OwnEquations | None = None

    @property
    def states(self) -> int:
        """How many states there are: those of the shape, then further ones of own equations."""
        return self.shape.states + (0 if self.own is None else self.own.more)

    @property
    def kept(self) -> list[int]:
        """The places of all states but the area."""
        return [place for place in range(self.states) if place != self.shape.states - 1 or not self.shape.has_area]


def passage(  # noqa: PLR0913 - what comes after the times is seldom given
    model: Model,
    parameters: Parameters | Epochs,
    course: Course,
    times_h: Array,
    start: State | None = None,
    *,
    engine: Engine | None = None,
    relative: float = RELATIVE,
    wants_area: bool = True,
    wants_states: bool = True,
) -> Passage:
    """States and levels at sorted times (t,), or (t, n); a sample at the time of a dose is taken before it. What is not wanted stays empty,
    and saves time."""
    epochs = parameters if isinstance(parameters, Epochs) else Epochs(np.array([-np.inf]), (parameters,))
    shape = shape_of(model)._replace(has_area=wants_area)
    rows = np.stack([table(model, one) for one in epochs.parameters])
    own = _own_equations(model, epochs)
    task = Task(model, epochs, shape, rows, list(arrivals(model, epochs, course)), start, np.zeros(0, np.int64), relative, engine, own)
    few = [CENTRAL, *[shape.target] * shape.has_target]
    asked = [*(task.kept if wants_states else few), *[shape.states - 1] * wants_area]
    task = replace(task, asked=np.array(asked, dtype=np.int64))
    found = _steady(task, course, times_h) if any(np.any(doses.period_h > 0) for doses in course) else _solved(task, times_h)
    states, area = (found[:, :-1], found[:, -1]) if wants_area else (found, found[:, :0])
    return Passage(states, _level(task, states, times_h), area)


def shape_of(model: Model) -> Shape:
    """Which states a model has, with the area under the level."""
    layout, elimination = model.layout, model.file.elimination
    flows_to = [CENTRAL if place == way.stages - 1 else way.entry + place + 1 for way in layout.ways for place in range(way.stages)]
    is_saturable = elimination in (Elimination.MICHAELIS_MENTEN, Elimination.PARALLEL)
    has_target = elimination is Elimination.TMDD_QSS
    flags = (is_saturable, has_target, layout.has_effect, True, model.file.binding is Binding.TOTAL)
    return Shape(layout.disposition, *flags, np.array(flows_to, dtype=np.int64))


def table(model: Model, parameters: Parameters) -> Array:
    """The rows of `saturable` per hour, (rows, n)."""
    n, per_h = parameters.n, 1.0 / model.hours_per_unit
    if model.file.elimination is Elimination.EQUATIONS:
        return _own_table(model, parameters)
    cleared = parameters if "CL" in parameters or "KE" in parameters else Parameters({**parameters, "KE": np.zeros(n)}, n)
    constants = micro(model, cleared)
    stages = [rate for way in model.layout.ways for rate in stage_rates(model, way, parameters)]
    found = np.zeros((saturable.DEPOTS + len(stages), n))
    found[saturable.PER_VOLUME] = model.concentration_factor / constants.volume
    found[saturable.VOLUME] = 1.0 / found[saturable.PER_VOLUME]
    found[saturable.K10] = constants.k10
    for place, (out, back) in enumerate(zip(constants.out, constants.back, strict=True)):
        found[saturable.K12 + 2 * place], found[saturable.K21 + 2 * place] = out, back
    if "VMAX" in parameters and "KM" in parameters:
        found[saturable.VMAX], found[saturable.KM] = parameters["VMAX"] * per_h, parameters["KM"]
    if model.file.elimination is Elimination.TMDD_QSS:
        found[saturable.KSS] = parameters["KSS"]
        found[saturable.KINT], found[saturable.KDEG] = parameters["KINT"] * per_h, parameters["KDEG"] * per_h
        found[saturable.KSYN] = parameters["R0"] * found[saturable.KDEG]
    if model.layout.has_effect:
        found[saturable.KE0] = parameters[EFFECT_RATE] * per_h
    found[saturable.DEPOTS :] = np.reshape(stages, (len(stages), n))
    return found


def _own_table(model: Model, parameters: Parameters) -> Array:
    """The same rows where own equations say what else happens, and behind them every parameter."""
    per_h = 1.0 / model.hours_per_unit
    stages = [rate for way in model.layout.ways for rate in stage_rates(model, way, parameters)]
    found = np.zeros((saturable.DEPOTS, parameters.n))
    found[saturable.PER_VOLUME] = model.concentration_factor / next(parameters[name] for name in VOLUME if name in parameters)
    found[saturable.VOLUME] = 1.0 / found[saturable.PER_VOLUME]
    if model.layout.has_effect:
        found[saturable.KE0] = parameters[EFFECT_RATE] * per_h
    return np.stack([*found, *stages, *parameters.values()])


def _own_equations(model: Model, epochs: Epochs) -> OwnEquations | None:
    if model.file.elimination is not Elimination.EQUATIONS:
        return None
    return OwnEquations.of(model.file, tuple(epochs.parameters[0]), model.hours_per_unit)


def _level(task: Task, states: Array, times_h: Array) -> Array:
    """What a measurement would be, free or bound too as the model's file says; at the start of an epoch with the parameters before it. What
    the tolerance leaves below nothing is nothing."""
    out = np.empty((len(states), task.epochs.n))
    bounds = np.append(task.epochs.start_h[1:], np.inf)
    before = -np.inf
    when = times_h[:, None] if times_h.ndim == 1 else times_h
    is_whole = task.model.file.binding is Binding.TOTAL
    for rows, until in zip(task.rows, bounds, strict=True):
        whole = states[:, CENTRAL] * rows[saturable.PER_VOLUME]
        level = whole if is_whole or not task.shape.has_target else saturable.free_of(rows, whole, states[:, -1])
        np.copyto(out, np.maximum(level, 0.0), where=(when > before) & (when <= until))
        before = until
    return out


def _begin_h(task: Task, times_h: Array) -> float:
    if task.start is not None:
        return task.start.time_h
    first = [float(np.min(one.on_h)) for one in task.found if one.on_h.size]
    return min(float(np.min(times_h)), *first) if first else float(np.min(times_h))


def _first_states(task: Task) -> Array:
    """Where it begins: nothing given yet and the target as the body keeps it, or the state from which it goes on."""
    y = np.zeros((task.states, task.epochs.n))
    if task.own is not None and task.own.more:
        y[task.shape.states :] = task.own.begin(task.rows[0, _parameters_from(task.shape) :])
    if task.shape.has_target:
        y[task.shape.target] = task.rows[0, saturable.KSYN] / task.rows[0, saturable.KDEG]
    if task.start is None:
        return y
    if len(task.start.amounts) != len(task.kept):
        refuse("pk.state-of-another-model", model=task.model.id)
    y[task.kept] = task.start.amounts
    return y


def _solved(task: Task, times_h: Array) -> Array:
    """The states asked for, (t, asked, n). Patients are put in order of how fast they change, some thousands at a time."""
    fastest = saturable.stiffness(task.shape, task.rows[0]) if task.own is None else np.zeros(task.epochs.n)
    order = np.lexsort((fastest, np.arange(len(fastest)) // _SORTED)).astype(np.int64)
    is_common = are_common(task.found) and times_h.ndim == 1
    begin = _begin_h(task, times_h)
    shared = _timeline(task, of_patients(task.found, order), begin) if is_common else None
    rows, y, floor = task.rows[:, :, order], _first_states(task)[:, order], _floor(task, times_h)[:, order]
    out = np.empty((len(times_h), len(task.asked), task.epochs.n))
    size = (BLOCK if task.own is None else _OWN_BLOCK) if is_common else _OWN_TIMES
    for first in range(0, len(order), size):
        part = slice(first, first + size)
        some = order[part]
        when = times_h if times_h.ndim == 1 else np.unique(times_h[:, some])
        own = _timeline(task, of_patients(task.found, some), begin) if shared is None else _narrowed(shared, part)
        wish = Wish(when, task.asked, np.ascontiguousarray(floor[:, part]), task.relative, _MOST_STEPS)
        block = Block(np.ascontiguousarray(rows[:, :, part]), np.ascontiguousarray(y[:, part]), own, wish, float(fastest[some[-1]]))
        values = _through(task, block)
        out[:, :, some] = values if times_h.ndim == 1 else _picked(values, when, times_h[:, some])
    return out


def _timeline(task: Task, found: list[Arrivals], begin_h: float) -> Timeline:
    return timeline(found, task.epochs, task.shape.amounts, begin_h, is_resumed=task.start is not None)


def _narrowed(whole: Timeline, part: slice) -> Timeline:
    """A timeline of all patients for those of a block."""
    if whole.bolus.shape[2] == 1:
        return whole
    bolus, rate = (np.ascontiguousarray(array[:, :, part]) for array in (whole.bolus, whole.rate))
    return Timeline(whole.break_h, whole.piece, bolus, rate)


def _picked(values: Array, when: Array, times_h: Array) -> Array:
    """Each patient's own times out of the times of all."""
    place = np.searchsorted(when, times_h)
    return np.moveaxis(np.take_along_axis(np.moveaxis(values, 1, 0), place[None], axis=1), 0, 1)


def _floor(task: Task, times_h: Array) -> Array:
    """The error of each state that is always small enough, (states, n), on the scale of what was given in all."""
    n, end, shape = task.epochs.n, float(np.max(times_h)), task.shape
    given = np.zeros(n)
    for one in task.found:
        length = np.clip(np.minimum(one.off_h, end) - one.on_h, 0.0, None)
        given = given + np.sum(np.abs(one.amount) + np.abs(one.rate) * length, axis=0)
    if task.start is not None:
        given = given + np.sum(np.abs(task.start.amounts[: shape.amounts]), axis=0)
    small = _FLOOR * task.relative
    level = small * given * task.rows[0, saturable.PER_VOLUME]
    floor = np.empty((task.states, n))
    floor[: shape.amounts] = small * given
    floor[shape.amounts :] = level
    if shape.has_target:
        floor[shape.target] += small * task.rows[0, saturable.KSYN] / task.rows[0, saturable.KDEG]
    floor[shape.states :] += small * np.abs(_first_states(task)[shape.states :])
    if shape.has_area:
        floor[shape.states - 1] *= max(end - _begin_h(task, times_h), 1.0)
    return np.maximum(floor, 1e-30)


@dataclass(frozen=True, slots=True)
class Block:
    """Patients that share their steps: their rows, first states, timeline and wishes, and the fastest rate per hour among them."""

    rows: Array
    start: Array
    own: Timeline
    wish: Wish
    fastest: float

    def of(self, i: int) -> "Block":
        """One patient of them."""
        place = i if self.own.bolus.shape[2] > 1 else 0
        bolus, rate = self.own.bolus[:, :, place : place + 1], self.own.rate[:, :, place : place + 1]
        wish = self.wish._replace(floor=self.wish.floor[:, i : i + 1])
        return Block(self.rows[:, :, i : i + 1], self.start[:, i : i + 1], self.own._replace(bolus=bolus, rate=rate), wish, self.fastest)

    def is_too_stiff(self, most_steps: int) -> bool:
        """Whether explicit steps would be more, by their stability alone."""
        span = max(float(self.wish.times_h[-1]) - float(self.own.break_h[0]), 0.0)
        return self.fastest * span >= most_steps * STIFF_REACH


def _through(task: Task, block: Block) -> Array:
    """The states asked for of one block, (times, asked, patients)."""
    n = block.start.shape[1]
    work = _WORTH * task.epochs.n * (len(block.wish.times_h) + len(block.own.break_h))
    is_worth_it = task.engine is Engine.NUMBA or (task.engine is None and work >= SMALL)
    kernel = _kernel() if is_worth_it and task.own is None else None
    most = _MOST_IN_NUMPY[0] + _MOST_IN_NUMPY[1] * n if kernel is None else _MOST_STEPS
    wish = block.wish._replace(most_steps=most)
    if not block.is_too_stiff(most):
        if kernel is None:
            run = dormand.integrate(_derivative(task, block.rows), block.start, block.own, wish)
            values, ended = run.values, int(run.ended)
        else:
            values = np.empty((len(wish.times_h), len(wish.states), n))
            ended, _ = kernel.integrate(task.shape, block.rows, block.start, block.own, wish, values)
        if ended == Ended.DONE:
            return values
    alone = [block.of(i) for i in range(n)]
    exact = 0.1 * task.relative
    return np.concatenate(
        [by_lsoda(_derivative(task, one.rows), one.start, one.own, one.wish._replace(relative=exact)) for one in alone], axis=2
    )


def _derivative(task: Task, rows: Array) -> dormand.Derivative:
    shape, own = task.shape, task.own
    first = _parameters_from(shape)

    def saturated(_: float, piece: int, inflow: Array, x: Array) -> Array:
        return saturable.derivative(shape, rows[piece], inflow, x)

    if own is None:
        return saturated

    def written(t: float, piece: int, inflow: Array, x: Array) -> Array:
        out = np.empty_like(x)
        out[: shape.states] = saturable.derivative(shape, rows[piece], inflow, x[: shape.states])
        level = x[CENTRAL] * rows[piece, saturable.PER_VOLUME]
        changes = own.change(t, rows[piece, first:], level, [*x[: shape.compartments], *x[shape.states :]])
        for place, change in enumerate(changes):
            if place < shape.compartments:
                out[place] += change
            else:
                out[shape.states + place - shape.compartments] = change
        return out

    return written


def _parameters_from(shape: Shape) -> int:
    """The row from which on parameters stand behind the table, for own equations."""
    return saturable.DEPOTS + len(shape.flows_to)


@cache
def _kernel() -> ModuleType | None:
    """The compiled steps; None where Numba is missing or finds no place to keep them."""
    try:
        from openinfusion.core.pharmacokinetics import dormand_compiled
    except (ImportError, OSError, RuntimeError):
        return None
    return dormand_compiled


def _steady(task: Task, course: Course, times_h: Array) -> Array:
    """Doses repeated until nothing changes any more, then as `_solved`. Refused where they never come to rest, as above the greatest rate
    of elimination, and where periods differ."""
    starts = {(float(doses.start_h[k]), float(doses.period_h[k])) for doses in course for k in np.flatnonzero(doses.period_h > 0)}
    if len(starts) > 1:
        refuse("pk.several-steady-states", model=task.model.id)
    ((at, period),) = starts
    if bool(np.any(_mean_inflow(course, task.model, task.epochs) >= _most_eliminated(task))):
        refuse("pk.no-steady-state", model=task.model.id)
    inside = range(sum(place < task.shape.amounts for place in task.asked.tolist()))
    repeats = 8
    while repeats <= _MOST_REPEATS:
        again = replace(task, found=list(arrivals(task.model, task.epochs, course, repeats)))
        last, now = _solved(again, np.array([at - period, at]))[:, inside]
        scale = np.max(np.abs(now), axis=0)
        if bool(np.all(np.abs(now - last) <= 10.0 * task.relative * np.maximum(scale, 1e-30))):
            return _solved(again, times_h)
        repeats *= 4
    return refuse("pk.no-steady-state", model=task.model.id)


def _most_eliminated(task: Task) -> Array:
    """The greatest amount that can leave in an hour, (n,): without bound where elimination is linear too, or through a target."""
    if task.model.file.elimination is Elimination.MICHAELIS_MENTEN:
        return np.asarray(task.rows[0, saturable.VMAX])
    return np.full(task.epochs.n, np.inf)


def _mean_inflow(course: Course, model: Model, epochs: Epochs) -> Array:
    """What repeated doses bring in an hour on average, (n,)."""
    found = np.zeros(epochs.n)
    for doses in course:
        repeated = doses.period_h > 0
        flowing = doses.rate * np.where(np.isfinite(doses.stop_h), doses.stop_h - doses.start_h, 0.0)[:, None]
        each = ((doses.amount + flowing)[repeated] / doses.period_h[repeated, None]).sum(axis=0)
        for way in model.layout.of(doses.route):
            found = found + each * share(way, epochs.parameters[0])
    return found
