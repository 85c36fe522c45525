"""Many patients of one model: drawn from covariates and variability, the same ones whatever the order or the size of the chunks.

Patient i of a seed is always the same person, so that a run may be cut anywhere and joined again. It judges nobody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from openinfusion.core.finding import Finding
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.edge import Text, Times, above_zero, quantity, times_h
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Status
from openinfusion.core.pharmacokinetics.outlook import Repeated, Solved
from openinfusion.core.pharmacokinetics.person import Person
from openinfusion.core.pharmacokinetics.posterior import root
from openinfusion.core.pharmacokinetics.recommend import scale_of
from openinfusion.core.pharmacokinetics.refusal import lacking, refuse, refuse_all, shown
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.target import Target
from openinfusion.core.quantity import Quantity

BLOCK = 4096
"""Patients who share one stream of chance. It is part of what a seed means and never changes."""


class Spread(Protocol):
    """How a covariate is spread over a population."""

    def drawn(self, uniform: Array, unit: str) -> Array:
        """Values in the model's unit for numbers between 0 and 1."""


@dataclass(frozen=True, slots=True)
class Normal:
    """A normal distribution cut off at `low` and `high`: `Normal("75 kg", "15 kg", "45 kg", "120 kg")`."""

    mean: Text
    sd: Text
    low: Text
    high: Text

    def drawn(self, uniform: Array, unit: str) -> Array:
        """By the inverse of its distribution, so that each patient takes one number."""
        mean, sd, low, high = (float(quantity(one, "covariate", unit).to(unit).value) for one in (self.mean, self.sd, self.low, self.high))
        if not (sd > 0 and low <= high):
            refuse("pk.impossible-spread", low=str(self.low), high=str(self.high))
        below, above = ndtr((np.array([low, high]) - mean) / sd)
        return np.asarray(np.clip(mean + sd * ndtri(below + uniform * (above - below)), low, high), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Uniform:
    """Every value between two alike: `Uniform("20 mL/min", "120 mL/min")`."""

    low: Text
    high: Text

    def drawn(self, uniform: Array, unit: str) -> Array:
        """By stretching."""
        low, high = (float(quantity(one, "covariate", unit).to(unit).value) for one in (self.low, self.high))
        if low > high:
            refuse("pk.impossible-spread", low=str(self.low), high=str(self.high))
        return np.asarray(low + uniform * (high - low), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Among:
    """Some values with their shares: `Among(("0", "1"), (0.6, 0.4))`."""

    values: tuple[Text, ...]
    shares: tuple[float, ...]

    def drawn(self, uniform: Array, unit: str) -> Array:
        """By where the number falls among the shares."""
        if not self.values or len(self.values) != len(self.shares) or min(self.shares) < 0 or not sum(self.shares) > 0:
            refuse("pk.impossible-shares", values=tuple(str(one) for one in self.values))
        known = np.array([float(quantity(one, "covariate", unit).to(unit).value) for one in self.values])
        edges = np.cumsum(np.array(self.shares) / np.sum(self.shares))
        return known[np.minimum(np.searchsorted(edges, uniform, side="right"), len(known) - 1)]


Value = Text | float
Given = Value | Sequence[Value] | Array | Spread
"""One covariate of a population: the same for all, one value each (text, or an array in the model's unit), or a spread. A bare number is
one without a unit."""


@dataclass(frozen=True, slots=True)
class Subgroup:
    """Patients whose covariate lies from `low` up to `high`, that excluded: how many, and how many of them reach a target."""

    covariate: str
    low: float
    high: float
    n: int
    reached: int

    @property
    def probability(self) -> float | None:
        """The share that reaches it; None for nobody."""
        return self.reached / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Population:
    """n patients of a model. `covariates` are of the kinds of `Given`; `occasions_h` begin whenever parameters are drawn anew."""

    model: Model
    covariates: Mapping[str, Given]
    n: int
    seed: int
    occasions_h: tuple[float, ...] = (0.0,)

    @property
    def blocks(self) -> tuple[tuple[int, int], ...]:
        """The population in pieces that are always drawn and solved whole: the first patient of each, and one after the last."""
        return tuple((start, min(start + BLOCK, self.n)) for start in range(0, self.n, BLOCK))

    def person(self, block: tuple[int, int]) -> tuple[Person, Array]:
        """The covariates of the patients of a block, and their etas."""
        facts = {name: self._covariate(name, block) for name in self.model.file.covariates}
        person = Person(self.model, (0.0,), (facts,), self.occasions_h)
        lower = root(person.omega)
        ball = self._chance(0, block).standard_normal((BLOCK, len(lower)))
        return person, (ball @ lower.T)[: block[1] - block[0]]

    def _covariate(self, name: str, block: tuple[int, int]) -> Array:
        given, unit, (start, stop) = self.covariates[name], self.model.file.covariates[name].unit, block
        if isinstance(given, str | Quantity | int | float):
            return np.full(stop - start, _number(given, name, unit))
        if isinstance(given, np.ndarray):
            return np.asarray(given[start:stop], dtype=np.float64)
        if isinstance(given, Sequence):
            return np.array([_number(one, name, unit) for one in given[start:stop]])
        place = sorted(self.model.file.covariates).index(name) + 1
        return given.drawn(self._chance(place, block).random(BLOCK)[: stop - start], unit)

    def _chance(self, stream: int, block: tuple[int, int]) -> np.random.Generator:
        """The stream of chance of one block for one purpose, the same on every machine."""
        return np.random.Generator(np.random.Philox(np.random.SeedSequence(self.seed, spawn_key=(stream, block[0] // BLOCK))))

    def solved(self, regimen: Regimen, block: tuple[int, int]) -> Solved:
        """The courses of the patients of a block under a regimen."""
        person, etas = self.person(block)
        return Solved(self.model, person.parameters(etas), regimen.course(self.model, person.covariates[0]))

    def simulate(self, regimen: Regimen, times: Times) -> "PopulationCourse":
        """Everybody's concentrations under one regimen, shape (n, times)."""
        at = times_h(times)
        courses = np.empty((self.n, len(at)))
        for block in self.blocks:
            courses[slice(*block)] = self.solved(regimen, block).concentration(at).T
        return PopulationCourse(self, regimen, at, courses)

    def values(self, regimen: Regimen, target: Target, every: Text) -> Array:
        """A target's value in each patient, in the target's own unit, shape (n,); its window counts from the regimen's first dose."""
        scale = scale_of(target, self.model.file.units.concentration)
        every_h = float(above_zero(every, "every", "h").to("h").value)
        found = np.empty(self.n)
        for block in self.blocks:
            outlook = self.solved(regimen, block)
            start, stop = target.window(every_h)
            first = outlook.course.start_h
            found[slice(*block)] = target.measure(outlook, (first + start, first + stop)) / scale
        return found

    def sweep(self, doses: Sequence[Text], target: Target, repeated: Repeated) -> Array:
        """A target's value in each patient for each dose of a row, in the target's own unit, shape (doses, n). Where model and target are
        linear, two solutions tell all of them."""
        amounts = [float(above_zero(one, "dose", self.model.file.units.amount).to(self.model.file.units.amount).value) for one in doses]
        scale = scale_of(target, self.model.file.units.concentration)
        found = np.empty((len(amounts), self.n))
        for block in self.blocks:
            found[:, slice(*block)] = self.swept(amounts, target, repeated, block) / scale
        return found

    def swept(self, amounts: Sequence[float], target: Target, repeated: Repeated, block: tuple[int, int]) -> Array:
        """What `sweep` tells of one block, in the unit of `Target.measure`, for amounts in the model's unit."""
        person, etas = self.person(block)
        parameters = person.parameters(etas)
        start, stop = target.window(repeated.every_h)
        window = (repeated.first_h + start, repeated.first_h + stop)
        unit = repeated.course(window[1])

        def measured(amount: float) -> Array:
            return target.measure(Solved(self.model, parameters, unit.scaled(amount)), window)

        if not (self.model.is_linear and target.is_linear):
            return np.stack([measured(amount) for amount in amounts])
        none, most = measured(0.0), max(amounts)
        each = (measured(most) - none) / most
        return none + np.outer(amounts, each)

    def facts(self, name: str) -> Array:
        """A covariate of everybody, in the model's unit, shape (n,)."""
        return np.concatenate([self._covariate(name, block) for block in self.blocks])


@dataclass(frozen=True, slots=True)
class PopulationCourse:
    """Everybody's course under one regimen: `concentration` has the shape (n, times)."""

    population: Population
    regimen: Regimen
    time_h: Array
    concentration: Array

    def percentiles(self, of: Sequence[float] = (5.0, 50.0, 95.0)) -> Array:
        """Of all patients at each time, shape (len(of), times)."""
        return np.percentile(self.concentration, of, axis=0)

    def probability(self, target: Target, *, every: Text = "24 h") -> float:
        """The share of patients in whom the target's range is reached; refused for a target without one."""
        return float(np.mean(self.reached(target, every=every)))

    def reached(self, target: Target, *, every: Text = "24 h") -> NDArray[np.bool_]:
        """In whom the target's range is reached, shape (n,)."""
        if not target.aim.has_range:
            refuse("pk.target-without-range", target=target.aim.wanted)
        return target.aim.reached(self.population.values(self.regimen, target, every), 1.0) > 0


def _number(given: Value, name: str, unit: str) -> float:
    if isinstance(given, int | float) and unit == "1":
        return float(given)
    return float(quantity(given if isinstance(given, str | Quantity) else str(given), name, unit).to(unit).value)


def populate(model: Model, covariates: Mapping[str, Given], n: int, seed: int, occasions_h: tuple[float, ...] = (0.0,)) -> Population:
    """A population of n; raises CommandRefused for a model without variability, for covariates that lack, do not fit in number or leave the
    model's domain."""
    if model.status is not Status.COMPLETE:
        refuse("pk.no-variability" if not model.etas else "pk.typical-only", model=model.id)
    if n < 1 or seed < 0:
        refuse("pk.impossible-number", n=str(n if n < 1 else seed))
    made = Population(model, covariates, n, seed, occasions_h)
    refuse_all(tuple(_unfit(model, covariates, n)))
    refuse_all(tuple(_outside(made)))
    return made


def _unfit(model: Model, covariates: Mapping[str, Given], n: int) -> Iterator[Finding]:
    for name in model.file.covariates:
        if name not in covariates:
            yield lacking("pk.covariate-missing", covariate=name, model=model.id)
    for name, given in covariates.items():
        if name not in model.file.covariates:
            yield lacking("pk.covariate-unknown", covariate=name, known=tuple(model.file.covariates), model=model.id)
        if isinstance(given, np.ndarray | list | tuple) and len(given) != n:
            yield lacking("pk.covariate-count", covariate=name, given=len(given), expected=n)


def _outside(made: Population) -> Iterator[Finding]:
    for name, covariate in made.model.file.covariates.items():
        values = made.facts(name)
        low = -np.inf if covariate.low is None else covariate.low
        high = np.inf if covariate.high is None else covariate.high
        outside = ~((values >= low) & (values <= high))
        if outside.any():
            value = shown(float(values[np.argmax(outside)]), covariate.unit)
            yield lacking("pk.covariate-outside-domain", covariate=name, value=value, count=int(outside.sum()), model=made.model.id)
