"""Kinetics asked for in plain data: one patient's course, a population counted in blocks, a fit to levels, a dose for a target, a simulated
target control. It tells, stores nothing and orders nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np

from openinfusion.app.kinetic_protocol import Told, model_of
from openinfusion.app.kinetic_requests import Dose, Doses, Grid, People, Spread, Times, ToControl, ToEstimate, ToRecommend, ToSimulate
from openinfusion.core.errors import Malformed, NotFound
from openinfusion.core.pharmacokinetics import edge
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.comparison import settles_h, typical
from openinfusion.core.pharmacokinetics.control import Control
from openinfusion.core.pharmacokinetics.estimate import found, unfit
from openinfusion.core.pharmacokinetics.fit import Fit, Prediction
from openinfusion.core.pharmacokinetics.outlook import Repeated
from openinfusion.core.pharmacokinetics.patient_facts import Fact, read_person
from openinfusion.core.pharmacokinetics.population import Among, Given, Normal, Population, Uniform
from openinfusion.core.pharmacokinetics.recommend import Recommendation
from openinfusion.core.pharmacokinetics.refusal import refuse, refuse_all
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.samples import read
from openinfusion.core.pharmacokinetics.simulate import Simulation
from openinfusion.core.pharmacokinetics.survey import Found, Survey, survey
from openinfusion.core.pharmacokinetics.sweep import Sweep, Swept, sweep
from openinfusion.protocols.load import load_library

MOST_TIMES = 500
"""So many times of a population are counted: each takes the room of its own table of levels."""
_POINTS, _POINTS_OF_ALL = 241, 49
_SHAPES = "text with a unit, a number where there is none, [[time, value], ...], or in a population a spread"


@dataclass(frozen=True, slots=True)
class Simulated:
    """One patient's expected course with exact areas, pairs of begin and end with the area; `told` where a protocol was named."""

    course: Simulation
    areas: tuple[tuple[str, str, float], ...]
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A population, counted. `told` where a protocol was named."""

    people: People
    found: Found
    swept: Swept | None
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Estimated:
    """One patient fitted, with a band where times were asked for."""

    fit: Fit
    band: Prediction | None


def regimen_of(lines: tuple[Dose, ...]) -> Regimen:
    """The doses of a request; refused where there are none."""
    regimen = Regimen()
    for line in lines:
        regimen = line.added_to(regimen)
    if not regimen.entries:
        refuse("pk.no-doses")
    return regimen


def times_of(times: Times | None, until_h: float, points: int) -> Array:
    """The times of a request in hours; even ones until some hour where it names none."""
    if times is None:
        return np.linspace(0.0, until_h, points)
    return edge.grid(times.first, times.to, times.step) if isinstance(times, Grid) else edge.times_h(times)


def simulated(asked: ToSimulate, told: Told | None = None) -> Simulated:
    """The expected course of one patient; raises CommandRefused with every reason."""
    model = told.model if told else model_of(asked.model)
    sessions = told.planned if told else None
    regimen = regimen_of(asked.regimen) if sessions is None else sessions.regimen
    facts = {**(told.covariates if told else {}), **_of_one(asked)}
    until = sessions.until_h if sessions else None
    if until is None and asked.times is None:
        until = settles_h((typical(read_person(model, facts, between=asked.between), regimen),))
    course = model.simulate(facts, regimen, times_of(asked.times, until or 0.0, _POINTS), between=asked.between)
    return Simulated(course, tuple((begin, end, course.auc(begin, end)) for begin, end in asked.areas), told)


def surveyed(asked: ToSimulate, told: Told | None = None, done: Callable[[int], None] | None = None) -> Surveyed:
    """A population counted block by block, which takes the room of one; `done` hears how many are. Raises CommandRefused."""
    counts, rows = counting(asked, told)
    levels, swept = counts.nothing, None if rows is None else rows.nothing
    for block in counts.population.blocks:
        levels = levels.with_(counts.count(block))
        if rows is not None and swept is not None:
            swept = swept.with_(rows.count(block))
        if done is not None:
            done(block[1])
    return Surveyed(asked.population or People(), levels, swept, told)


def counting(asked: ToSimulate, told: Told | None = None) -> tuple[Survey, Sweep | None]:
    """What is to be counted in a population, whose blocks may be counted anywhere and in any order; raises CommandRefused."""
    people = asked.population or People()
    if people.n is None:
        raise Malformed("request", "population.n is not told", "how many patients")
    if asked.areas:
        raise Malformed("request", "areas are of one patient", 'a target of kind "auc" for a population')
    sessions = told.planned if told else None
    regimen = regimen_of(asked.regimen) if sessions is None else sessions.regimen
    everybody = _everybody(asked, people, people.n, told)
    until = sessions.until_h if sessions else None
    if asked.times is None and until is None:
        refuse("pk.no-times")
    times = times_of(asked.times, until or 0.0, _POINTS_OF_ALL)
    if asked.times is None and sessions is not None:
        times = np.union1d(times, sessions.sessions_h)
    if len(times) > MOST_TIMES:
        refuse("pk.too-many-times", most=MOST_TIMES)
    targets = [one.target for one in people.targets]
    counts = survey(everybody, regimen, times, targets=targets, by=tuple(people.by.items()), every=people.every)
    tried = people.sweep
    return counts, None if tried is None else sweep(everybody, tried.doses, tried.target.target, _repeated(tried), counts.groups)


def _everybody(asked: ToSimulate, people: People, n: int, told: Told | None) -> Population:
    model = told.model if told else model_of(asked.model)
    given = {**_alike(told), **{name: _spread(name, one) for name, one in asked.covariates.items()}}
    return model.population(given, n, people.seed, occasions_h=tuple(edge.hours(one, "occasion") for one in people.occasions))


def estimated(asked: ToEstimate) -> Estimated:
    """One patient fitted to levels, by NumPy alone, which for one is sooner than a compiler is loaded; raises CommandRefused."""
    model = model_of(asked.model)
    refuse_all(tuple(unfit(model)))
    if asked.seed < 0:
        refuse("pk.impossible-number", n=str(asked.seed))
    person = read_person(model, asked.covariates, between=asked.between, occasions=asked.occasions)
    regimen = regimen_of(asked.regimen)
    samples = read(asked.levels, model.file.units.concentration, asked.lloq)
    course = regimen.course(model, person.covariates[0])
    fit = Fit(person, regimen, course, samples, found(person, course, samples, may_compile=False), asked.seed)
    band = None if asked.times is None else fit.predict(regimen, times_of(asked.times, 0.0, _POINTS))
    return Estimated(fit, band)


def recommended(asked: ToRecommend) -> tuple[Estimated, Recommendation]:
    """A fit and the dose for a target, a proposal; raises CommandRefused where no dose may follow."""
    limits = None if asked.limits is None else load_library().protocols.get(asked.limits)
    if asked.limits is not None and limits is None:
        raise NotFound("protocol", asked.limits)
    made, give = estimated(asked), asked.give
    proposal = made.fit.recommend(
        asked.target.target,
        every=give.every,
        over=give.over,
        limits=None if limits is None else limits.protocol,
        route=give.route,
        start=give.start,
        steady=give.steady,
        concentration=give.concentration,
        step=give.step,
        vial=give.vial,
    )
    return made, proposal


def controlled(asked: ToControl) -> Control:
    """A simulated target control; raises CommandRefused."""
    model = model_of(asked.model)
    return model.control(asked.covariates, asked.targets, asked.until, asked.greatest, site=asked.site, concentration=asked.concentration)


def _of_one(asked: ToSimulate) -> dict[str, Fact]:
    """The covariates of one patient; raises Malformed for those of a population."""
    facts: dict[str, Fact] = {}
    for name, given in asked.covariates.items():
        if isinstance(given, Spread) or (isinstance(given, tuple) and not _is_timed(given)):
            raise Malformed("request", f"covariates.{name} is of a population", _SHAPES)
        facts[name] = given
    return facts


def _is_timed(given: tuple[object, ...]) -> TypeGuard[tuple[tuple[str, str | int | float], ...]]:
    return all(isinstance(one, tuple) for one in given)


def _spread(name: str, given: object) -> Given:
    """One covariate of a population; raises Malformed for one that changes with time."""
    match given:
        case Spread(normal=tuple(four)):
            return Normal(*four)
        case Spread(uniform=tuple(two)):
            return Uniform(*two)
        case Spread(among=rows):
            return Among(tuple(str(value) for value, _ in rows), tuple(share for _, share in rows))
        case str() | int() | float():
            return given
        case tuple() if not any(isinstance(one, tuple) for one in given):
            return [one for one in given if isinstance(one, str | int | float)]
        case _:
            raise Malformed("request", f"covariates.{name} changes with time, which a population does not", _SHAPES)


def _alike(told: Told | None) -> dict[str, Given]:
    """The covariates that a protocol run gives to everybody alike."""
    facts = {} if told is None else told.covariates
    return {name: value for name, value in facts.items() if isinstance(value, str | int | float)}


def _repeated(tried: Doses) -> Repeated:
    over = 0.0 if tried.over is None else float(edge.above_zero(tried.over, "over", "h").to("h").value)
    every = float(edge.above_zero(tried.every, "every", "h").to("h").value)
    return Repeated(tried.route, edge.hours(tried.start, "start"), every, over, tried.steady)
