"""Models whose elimination is saturated, solved step by step: Michaelis and Menten, parallel linear, target-mediated.

Patients are sorted by how fast they change and taken in blocks that share their steps; a block that is too stiff for explicit steps goes to
LSODA. What has no answer is not a number.
"""

from collections.abc import Iterator
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
from openinfusion.core.pharmacokinetics.model_file import Binding, Elimination
from openinfusion.core.pharmacokinetics.oddlinear import stage_rates
from openinfusion.core.pharmacokinetics.parameters import Epochs, Parameters
from openinfusion.core.pharmacokinetics.refusal import refuse
from openinfusion.core.pharmacokinetics.saturable import Shape
from openinfusion.core.pharmacokinetics.state import State
from openinfusion.core.pharmacokinetics.stiff import by_lsoda
from openinfusion.core.pharmacokinetics.tableau import MOST_STEPS, STIFF_REACH
from openinfusion.core.pharmacokinetics.timeline import Arrivals, are_common, arrivals, of_patients, timeline

RELATIVE: Final = 1e-6
BLOCK: Final = 64
_OWN_TIMES: Final = 8
"""A block whose patients have delays of their own: each delay is a break for all of it."""
_FLOOR: Final = 1e-3
"""Of what was given, times the relative tolerance: an error that is always small enough."""
_WORTH: Final = 50
"""One integrated level takes NumPy about so long as this many of a linear model."""
_MOST_REPEATS: Final = 512


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
    relative: float
    engine: Engine | None


def passage(  # noqa: PLR0913 - what comes after the times is seldom given
    model: Model,
    parameters: Parameters | Epochs,
    course: Course,
    times_h: Array,
    start: State | None = None,
    *,
    engine: Engine | None = None,
    relative: float = RELATIVE,
) -> Passage:
    """States and levels at sorted times (t,), or (t, n); a sample at the time of a dose is taken before it."""
    epochs = parameters if isinstance(parameters, Epochs) else Epochs(np.array([-np.inf]), (parameters,))
    shape = shape_of(model)
    rows = np.stack([table(model, one) for one in epochs.parameters])
    task = Task(model, epochs, shape, rows, list(arrivals(model, epochs, course)), start, relative, engine)
    states = _steady(task, course, times_h) if any(np.any(doses.period_h > 0) for doses in course) else _solved(task, times_h)
    area = states[:, -1].copy()
    kept = states[:, :-1]
    return Passage(kept, _level(task, kept, times_h), area)


def shape_of(model: Model) -> Shape:
    """Which states a model has. All are solved with the area under the level."""
    layout, elimination = model.layout, model.file.elimination
    flows_to = [CENTRAL if place == way.stages - 1 else way.entry + place + 1 for way in layout.ways for place in range(way.stages)]
    is_saturable = elimination in (Elimination.MICHAELIS_MENTEN, Elimination.PARALLEL)
    has_target = elimination is Elimination.TMDD_QSS
    flags = (is_saturable, has_target, layout.has_effect, True, model.file.binding is Binding.TOTAL)
    return Shape(layout.disposition, *flags, np.array(flows_to, dtype=np.int64))


def table(model: Model, parameters: Parameters) -> Array:
    """The rows of `saturable` per hour, (rows, n)."""
    n, per_h = parameters.n, 1.0 / model.hours_per_unit
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


def _level(task: Task, states: Array, times_h: Array) -> Array:
    """What a measurement would be, free or bound too as the model's file says; at the start of an epoch with the parameters before it."""
    out = np.empty((len(states), task.epochs.n))
    bounds = np.append(task.epochs.start_h[1:], np.inf)
    before = -np.inf
    when = times_h[:, None] if times_h.ndim == 1 else times_h
    is_whole = task.model.file.binding is Binding.TOTAL
    for rows, until in zip(task.rows, bounds, strict=True):
        whole = states[:, 0] * rows[saturable.PER_VOLUME]
        level = whole if is_whole else saturable.free_concentration(task.shape, rows[:, None, :], np.moveaxis(states, 1, 0))
        np.copyto(out, level, where=(when > before) & (when <= until))
        before = until
    return out


def _begin_h(task: Task, times_h: Array) -> float:
    if task.start is not None:
        return task.start.time_h
    first = [float(np.min(one.on_h)) for one in task.found if one.on_h.size]
    return min(float(np.min(times_h)), *first) if first else float(np.min(times_h))


def _first_states(task: Task) -> Array:
    """Where it begins: nothing given yet and the target as the body keeps it, or the state from which it goes on."""
    y = np.zeros((task.shape.states, task.epochs.n))
    if task.shape.has_target:
        y[task.shape.target] = task.rows[0, saturable.KSYN] / task.rows[0, saturable.KDEG]
    if task.start is None:
        return y
    if len(task.start.amounts) != task.shape.states - 1:
        refuse("pk.state-of-another-model", model=task.model.id)
    y[:-1] = task.start.amounts
    return y


def _solved(task: Task, times_h: Array) -> Array:
    """All states but the area's place last, (t, states, n)."""
    n = task.epochs.n
    y, floor = _first_states(task), _floor(task, times_h)
    out = np.empty((len(times_h), task.shape.states, n))
    is_common = are_common(task.found) and times_h.ndim == 1
    order = np.argsort(saturable.stiffness(task.shape, task.rows[0]), kind="stable").astype(np.int64)
    begin = _begin_h(task, times_h)
    shared = _timeline(task, task.found, begin) if is_common else None
    for some in _blocks(order, BLOCK if is_common else _OWN_TIMES):
        own = _timeline(task, of_patients(task.found, some), begin) if shared is None else _narrowed(shared, some)
        when = times_h if times_h.ndim == 1 else np.unique(times_h[:, some])
        wish = Wish(when, np.arange(task.shape.states), floor[:, some], task.relative, MOST_STEPS)
        values = _block(task, some, y[:, some], own, wish)
        out[:, :, some] = values if times_h.ndim == 1 else _picked(values, when, times_h[:, some])
    return out


def _timeline(task: Task, found: list[Arrivals], begin_h: float) -> Timeline:
    return timeline(found, task.epochs, task.shape.amounts, begin_h, is_resumed=task.start is not None)


def _blocks(order: Places, size: int) -> Iterator[Places]:
    for first in range(0, len(order), size):
        yield order[first : first + size]


def _narrowed(whole: Timeline, some: Places) -> Timeline:
    """A timeline of all patients for those of a block."""
    if whole.bolus.shape[2] == 1:
        return whole
    return Timeline(whole.break_h, whole.piece, whole.bolus[:, :, some], whole.rate[:, :, some])


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
    floor = np.empty((shape.states, n))
    floor[: shape.amounts] = small * given
    floor[shape.amounts :] = level
    if shape.has_target:
        floor[shape.target] += small * task.rows[0, saturable.KSYN] / task.rows[0, saturable.KDEG]
    floor[-1] *= max(end - _begin_h(task, times_h), 1.0)
    return np.maximum(floor, 1e-30)


def _block(task: Task, some: Places, y: Array, own: Timeline, wish: Wish) -> Array:
    """The states asked for of one block, (times, states, patients)."""
    rows = np.ascontiguousarray(task.rows[:, :, some])
    fastest = float(np.max(saturable.stiffness(task.shape, rows[0])))
    span = max(float(wish.times_h[-1]) - float(own.break_h[0]), 0.0)
    work = _WORTH * task.epochs.n * (len(wish.times_h) + len(own.break_h))
    kernel = _kernel() if task.engine is Engine.NUMBA or (task.engine is None and work >= SMALL) else None

    def derivative(_: float, piece: int, inflow: Array, x: Array) -> Array:
        return saturable.derivative(task.shape, rows[piece], inflow, x)

    if fastest * span < MOST_STEPS * STIFF_REACH:
        if kernel is None:
            run = dormand.integrate(derivative, y, own, wish)
            if run.ended is Ended.DONE:
                return run.values
        else:
            out = np.empty((len(wish.times_h), len(wish.states), len(some)))
            ended, _ = kernel.integrate(task.shape, rows, y, own, wish, out, np.arange(len(some)))
            if ended == Ended.DONE:
                return out
    return np.concatenate([_alone(task, rows[:, :, i : i + 1], y[:, i : i + 1], own, wish, i) for i in range(len(some))], axis=2)


def _alone(task: Task, rows: Array, y: Array, own: Timeline, wish: Wish, i: int) -> Array:
    """One patient by LSODA."""
    place = i if own.bolus.shape[2] > 1 else 0
    mine = Timeline(own.break_h, own.piece, own.bolus[:, :, place : place + 1], own.rate[:, :, place : place + 1])

    def derivative(_: float, piece: int, inflow: Array, x: Array) -> Array:
        return saturable.derivative(task.shape, rows[piece], inflow, x)

    return by_lsoda(derivative, y, mine, wish._replace(floor=wish.floor[:, i : i + 1]))


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
    repeats = 8
    while repeats <= _MOST_REPEATS:
        again = replace(task, found=list(arrivals(task.model, task.epochs, course, repeats)))
        last, now = np.moveaxis(_solved(again, np.array([at - period, at]))[:, : task.shape.amounts], 0, 0)
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
