"""The parameters of one patient from measured levels: the most probable ones, how sure they are, and what speaks against them.

It refuses what cannot be fitted and flags what should not be believed; it doses nobody."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np

from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course
from openinfusion.core.pharmacokinetics.likelihood import Residual, residuals
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Status
from openinfusion.core.pharmacokinetics.person import Person
from openinfusion.core.pharmacokinetics.posterior import Mode, Problem, SingularOmega, most_probable, root, settled, starts
from openinfusion.core.pharmacokinetics.refusal import lacking, refuse, refuse_all, shown
from openinfusion.core.pharmacokinetics.samples import Samples, before_dose
from openinfusion.core.pharmacokinetics.solve import solve
from openinfusion.core.quantity import Quantity

FURTHEST = 3.0
"""Standard deviations beyond which an eta or a residual is not believed."""
_NOISE = 1e-14
_NOISE_OF_STEPS = 1e-8
_RIVAL = 4.6
"""Another minimum is told where its posterior density is more than a tenth of the best: twice the logarithm of ten."""


@dataclass(frozen=True, slots=True)
class Found:
    """What an estimate gives: the problem, its answer, the samples with their predictions, and what was found."""

    problem: Problem
    mode: Mode
    predicted: Array
    residuals: Array
    findings: tuple[Finding, ...]


def found(person: Person, course: Course, samples: Samples, *, may_compile: bool = True) -> Found:
    """Fit one patient, by NumPy alone where nobody may wait for a compiler; raises CommandRefused where something forbids it."""
    refuse_all((*unfit(person.model), *_early(person.model, course, samples)))
    problem = posed(person, course, samples)
    try:
        best = _searched(person, course, problem) if may_compile else most_probable(problem)
    except SingularOmega:
        refuse("pk.singular-omega", model=person.model.id)
    if not np.isfinite(best.deviance):
        refuse("pk.samples-impossible", model=person.model.id)
    predicted = problem.predict(best.eta[None, :])[:, 0]
    apart = residuals(predicted, problem.measured, problem.error)
    return Found(problem, best, predicted, apart, tuple(_doubts(person, samples, best, predicted, apart)))


def unfit(model: Model) -> Iterator[Finding]:
    """Why a model draws no bands and fits nobody."""
    if not model.etas:
        yield lacking("pk.no-variability", model=model.id)
    if model.residual is None or not float(model.residual.deviation(np.ones(1))[0]) > 0:
        yield lacking("pk.no-residual-error", model=model.id)
    if model.etas and model.residual is not None and model.status is not Status.COMPLETE:
        yield lacking("pk.typical-only", model=model.id)


def _early(model: Model, course: Course, samples: Samples) -> tuple[Finding, ...]:
    """Samples before the first dose; a body's own level may be measured then."""
    if model.has_baseline:
        return ()
    return before_dose(samples, course.start_h) if np.isfinite(course.start_h) else (lacking("pk.no-doses"),)


def posed(person: Person, course: Course, samples: Samples) -> Problem:
    """The problem of one patient, ready to be minimised."""
    times = samples.measured.time_h
    error = person.model.residual or Residual.of("additive", np.inf, 0.0)

    def predict(etas: Array) -> Array:
        courses: Array = solve(person.model, person.parameters(etas), course, times)
        return courses

    noise = _NOISE if person.model.is_linear else _NOISE_OF_STEPS
    return Problem(predict, samples.measured, error, person.omega, noise)


def _searched(person: Person, course: Course, problem: Problem) -> Mode:
    """The most probable etas, by the compiled search where it may be used."""
    compiled = fast()
    lower = root(problem.omega)
    task = None
    if compiled is not None and not person.changes:
        task = compiled.task(person.model, person.parameters, course, problem.measured, lower, problem.error)
    if compiled is None or task is None:
        return most_probable(problem)
    points, values = compiled.search(starts(len(lower)), task)
    return settled(lambda z: compiled.deviances(z, task), points, values, lower, problem.noise)


def _doubts(person: Person, samples: Samples, best: Mode, predicted: Array, apart: Array) -> Iterator[Finding]:
    """What keeps a fit from being believed."""
    if not best.has_converged:
        yield lacking("pk.fit-not-settled", model=person.model.id)
    deviations = best.eta / np.sqrt(np.diag(person.omega))
    for name, deviation in zip(person.names, deviations, strict=True):
        if abs(deviation) > FURTHEST:
            params: dict[str, Param] = {"parameter": name, "deviations": shown(float(deviation), "1"), "most": shown(FURTHEST, "1")}
            yield Finding("pk.far-from-population", Level.CONTRAINDICATED, params)
    for place in np.flatnonzero(np.abs(np.nan_to_num(apart)) > FURTHEST):
        said = _far(samples, int(place), shown(float(predicted[place]), person.model.file.units.concentration))
        yield Finding("pk.far-from-prediction", Level.CONTRAINDICATED, {**said, "deviations": shown(float(apart[place]), "1")})
    if any(value - best.deviance < _RIVAL for _, value in best.others):
        yield Finding("pk.several-fits", Level.CAUTION, {"model": person.model.id})


def _far(samples: Samples, place: int, predicted: Quantity) -> dict[str, Param]:
    return {"time": samples.times[place], "measured": samples.values[place], "predicted": predicted, "most": shown(FURTHEST, "1")}


@cache
def fast() -> ModuleType | None:
    """The compiled search, None where Numba cannot be used."""
    try:
        from openinfusion.core.pharmacokinetics import fit_compiled
    except (ImportError, OSError, RuntimeError):  # the last is Numba's word for a cache that it finds no place for
        return None
    return fit_compiled
