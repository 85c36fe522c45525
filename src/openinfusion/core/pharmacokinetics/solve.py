"""The one way from a model, parameters and a course to levels: it picks the closed form, matrix exponentials or integration, and the loops.

Times are hours. It refuses nothing that arithmetic can answer and rounds nothing: what has no answer is not a number.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

import numpy as np

from openinfusion.core.pharmacokinetics import nonlinear
from openinfusion.core.pharmacokinetics.arrays import Array, Patients
from openinfusion.core.pharmacokinetics.course import Course
from openinfusion.core.pharmacokinetics.engine import Engine, Loops, loops, usual
from openinfusion.core.pharmacokinetics.inflow import are_shared, duration_h, is_shared
from openinfusion.core.pharmacokinetics.layout import Way
from openinfusion.core.pharmacokinetics.linear import CONCENTRATION, EFFECT, LinearSystem, Target, areas, feeds, superpose
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_check import VOLUME
from openinfusion.core.pharmacokinetics.model_file import Uptake
from openinfusion.core.pharmacokinetics.oddlinear import Passage, epoch_at, passage
from openinfusion.core.pharmacokinetics.parameters import BASELINE, Epochs, Parameters
from openinfusion.core.pharmacokinetics.state import State


class Wanted(StrEnum):
    """What is asked for: the level in plasma or at the effect site, in the model's unit of concentration; or the area under the level in
    plasma in that unit times hours, from no certain time on, so that only differences mean something."""

    CONCENTRATION = "concentration"
    EFFECT = "effect"
    AUC = "auc"


def solve(  # noqa: PLR0913 - what comes after the times is seldom given
    model: Model,
    parameters: Parameters | Epochs,
    course: Course,
    times_h: Array,
    *,
    wanted: Wanted = Wanted.CONCENTRATION,
    start: State | None = None,
    engine: Engine | None = None,
    out: Array | None = None,
) -> Array:
    """Levels (t, n) at sorted times (t,), or at (t, n) where each patient has their own; none may be before `start`.

    A sample at the time of a dose is taken before it. `out` (t, n), contiguous, is written to and returned when given.
    """
    question = Question(model, parameters, course, times_h, start, engine)
    found = np.empty((len(times_h), parameters.n)) if out is None else out
    with np.errstate(all="ignore"):
        _answer(question, wanted, found)
        _add_baseline(question, wanted, found)
    return found


def states(model: Model, parameters: Parameters | Epochs, course: Course, times_h: Array, *, start: State | None = None) -> Array:
    """The state at sorted times (t,), in amounts, then the level at the effect site and that of a target: (t, states, n). It holds nothing
    of a baseline."""
    question = Question(model, parameters, course, times_h, start, None)
    if not model.is_linear:
        return question.by_steps(None).states
    found = np.empty((len(times_h), model.layout.states, parameters.n))
    with np.errstate(all="ignore"):
        if question.is_odd:
            return question.by_passage().states
        for place in range(model.layout.states):
            line = np.empty((len(times_h), parameters.n))
            _answer(question, Wanted.EFFECT if place == len(model.layout.compartments) else place, line)
            found[:, place] = line
    return found


@dataclass(frozen=True)
class Question:
    """What is to be solved, for n patients."""

    model: Model
    parameters: Parameters | Epochs
    course: Course
    times_h: Array
    start: State | None
    engine: Engine | None

    def of(self, one: Patients) -> "Question":
        """The same for some patients."""
        start = None if self.start is None else State(self.start.time_h, self.start.amounts[:, one])
        times = self.times_h if self.times_h.ndim == 1 else self.times_h[:, one]
        return replace(self, parameters=self.parameters.of(one), course=self.course.of(one), times_h=times, start=start)

    def each(self) -> "list[tuple[slice, Question]]":
        """One question for each patient, with times of its own as common ones."""
        some = [(slice(place, place + 1), self.of(slice(place, place + 1))) for place in range(self.parameters.n)]
        return [(place, replace(one, times_h=one.times_h if one.times_h.ndim == 1 else one.times_h[:, 0])) for place, one in some]

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """The ways that matter: those of its doses, and all when something may still be on any of them."""
        routes = {doses.route for doses in self.course}
        return tuple(way for way in self.model.layout.ways if way.route in routes or self.start is not None)

    @property
    def is_odd(self) -> bool:
        """Whether it has no closed form."""
        return isinstance(self.parameters, Epochs) or any(way.transits for way in self.ways)

    @property
    def needs_each(self) -> bool:
        """Whether patients must be solved one by one, since what is delayed differently cannot be cut or repeated at one time."""
        if self.parameters.n == 1:
            return False
        if self.is_odd or self.start is not None:
            return self.times_h.ndim > 1 or not are_shared(self.model, self.parameters, self.course)
        if isinstance(self.parameters, Epochs):
            return True
        even = [way for way in self.ways if way.kind is Uptake.ZERO_ORDER]
        uneven = {way.route for way in even if not is_shared(duration_h(self.model, way, self.parameters))}
        return any(doses.route in uneven and bool(np.any((doses.period_h > 0) | (doses.stop_h > doses.start_h))) for doses in self.course)

    def by_steps(self, wanted: Wanted | int | None) -> nonlinear.Passage:
        """Step by step, what is wanted; None: the states."""
        return nonlinear.passage(
            self.model,
            self.parameters,
            self.course,
            self.times_h,
            self.start,
            engine=self.engine,
            wants_area=wanted is Wanted.AUC,
            wants_states=not isinstance(wanted, Wanted) or wanted is Wanted.EFFECT,
        )

    def by_passage(self) -> Passage:
        """States and areas by matrix exponentials, one patient after the other where their delays or times differ."""
        is_one = self.parameters.n == 1
        if is_one or (self.times_h.ndim == 1 and are_shared(self.model, self.parameters, self.course)):
            times = self.times_h if self.times_h.ndim == 1 else self.times_h[:, 0]
            return passage(self.model, self.parameters, self.course, times, self.start)
        parts = [one.by_passage() for _, one in self.each()]
        return Passage(np.concatenate([part.states for part in parts], axis=2), np.concatenate([part.area for part in parts], axis=1))


def _answer(question: Question, wanted: Wanted | int, out: Array) -> None:
    """Write what is wanted, or the amount in a compartment, without a baseline."""
    if not question.model.is_linear:
        out[:] = _of_steps(question, question.by_steps(wanted), wanted)
    elif question.is_odd:
        out[:] = _of_passage(question, question.by_passage(), wanted)
    elif question.needs_each:
        for place, one in question.each():
            part = np.empty((len(out), 1))
            _answer(one, wanted, part)
            out[:, place] = part
    elif isinstance(question.parameters, Parameters):
        _in_closed_form(question, question.parameters, wanted, out)


def _in_closed_form(question: Question, parameters: Parameters, wanted: Wanted | int, out: Array) -> None:
    system = LinearSystem.of(question.model, parameters)
    used: Loops = loops(question.engine or usual(out.size))
    target: Target = _TARGETS[wanted] if isinstance(wanted, Wanted) else wanted
    found = list(feeds(system, question.course, target, question.start))
    if not found:
        out[:] = 0.0
    elif wanted is Wanted.AUC:
        areas(found, system.poles, question.times_h, used, out)
    else:
        superpose(found, system.poles, question.times_h, used, out)
    close = system.is_close(wants_effect=target == EFFECT)
    if bool(close.any()):
        some = question.of(close)
        out[:, close] = _of_passage(some, some.by_passage(), wanted)


_TARGETS = {Wanted.CONCENTRATION: CONCENTRATION, Wanted.EFFECT: EFFECT, Wanted.AUC: CONCENTRATION}


def _of_passage(question: Question, passed: Passage, wanted: Wanted | int) -> Array:
    if wanted is Wanted.AUC:
        return passed.area
    if wanted is Wanted.EFFECT:
        return passed.states[:, -1]
    if wanted is Wanted.CONCENTRATION:
        return passed.states[:, 0] * (question.model.concentration_factor / _along(question, VOLUME))
    return passed.states[:, int(wanted)]


def _of_steps(question: Question, passed: nonlinear.Passage, wanted: Wanted | int) -> Array:
    if wanted is Wanted.EFFECT:
        return passed.states[:, len(question.model.layout.compartments)]
    if isinstance(wanted, Wanted):
        return passed.area if wanted is Wanted.AUC else passed.level
    return passed.states[:, wanted]


def _along(question: Question, names: tuple[str, ...]) -> Array:
    """A parameter at each time, (t, n) or (1, n): at the very start of an epoch that of the epoch before."""
    parameters = question.parameters
    if isinstance(parameters, Parameters):
        return next(parameters[name] for name in names if name in parameters)[None, :]
    values = [next(one[name] for name in names if name in one) for one in parameters.parameters]
    times = question.times_h if question.times_h.ndim == 1 else question.times_h[:, 0]
    return np.stack([values[epoch_at(parameters, time, before=True)] for time in times.tolist()])


def _add_baseline(question: Question, wanted: Wanted, out: Array) -> None:
    """What the body keeps up by itself, on top of what was given; its area counts from time zero."""
    if not question.model.has_baseline:
        return
    if wanted is not Wanted.AUC:
        out += _along(question, (BASELINE,))
        return
    times = question.times_h[:, None] if question.times_h.ndim == 1 else question.times_h
    epochs = question.parameters if isinstance(question.parameters, Epochs) else Epochs(np.array([-np.inf]), (question.parameters,))
    bounds = np.append(epochs.start_h[1:], np.inf)
    for place, one in enumerate(epochs.parameters):
        since = -np.inf if place == 0 else epochs.start_h[place]
        out += one[BASELINE] * (np.clip(times, since, bounds[place]) - np.clip(0.0, since, bounds[place]))
