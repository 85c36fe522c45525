"""A large population counted block by block: percentiles of its levels and how many reach which target, also by subgroup.

Counts are whole numbers, so that blocks may be counted anywhere, in any order, and add up to the same. It needs the room of one block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.edge import Text, Times, above_zero, quantity, times_h
from openinfusion.core.pharmacokinetics.population import Population, Subgroup
from openinfusion.core.pharmacokinetics.recommend import scale_of
from openinfusion.core.pharmacokinetics.refusal import refuse
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.tally import Tally
from openinfusion.core.pharmacokinetics.target import Target

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Group:
    """Patients whose covariate lies from `low` up to `high`, that excluded unless `is_last`; everybody where it names none."""

    covariate: str = ""
    low: float = -np.inf
    high: float = np.inf
    is_last: bool = True

    def holds(self, values: Array) -> Mask:
        """Which values belong to it."""
        return np.asarray((values >= self.low) & ((values < self.high) | ((values == self.high) & self.is_last)), dtype=np.bool_)


EVERYBODY = Group()


@dataclass(frozen=True, slots=True)
class Survey:
    """What is asked of a population under one regimen: levels at times, targets, and groups, the first of which is everybody."""

    population: Population
    regimen: Regimen
    time_h: Array
    targets: tuple[Target, ...]
    groups: tuple[Group, ...]
    every_h: float

    @property
    def nothing(self) -> "Found":
        """The counts of nobody, to which those of blocks are added."""
        shape = (len(self.targets), len(self.groups))
        return Found(self, Tally.empty(len(self.time_h)), np.zeros(len(self.groups), dtype=np.int64), np.zeros(shape, dtype=np.int64))

    def count(self, block: tuple[int, int]) -> "Found":
        """The counts of one block of the population."""
        found, outlook = self.nothing, self.population.solved(self.regimen, block)
        found.tally.add(outlook.concentration(self.time_h))
        person, first = self.population.person(block)[0], outlook.course.start_h
        masks = [group.holds(person.covariates[0][group.covariate]) if group.covariate else None for group in self.groups]
        everybody = np.ones(block[1] - block[0], dtype=np.bool_)
        for place, mask in enumerate(masks):
            found.members[place] = int((everybody if mask is None else mask).sum())
        for row, target in enumerate(self.targets):
            start, stop = target.window(self.every_h)
            values = target.measure(outlook, (first + start, first + stop))
            reached = target.aim.reached(values, scale_of(target, outlook.unit)) > 0
            found.reached[row] = [int((reached if mask is None else reached & mask).sum()) for mask in masks]
        return found


@dataclass(frozen=True, slots=True)
class Found:
    """Counts of some blocks: levels, members of each group, and how many of them reach each target (targets, groups)."""

    survey: Survey
    tally: Tally
    members: Counts
    reached: Counts

    def with_(self, other: "Found") -> "Found":
        """Both together; the order does not matter."""
        return Found(self.survey, self.tally.with_(other.tally), self.members + other.members, self.reached + other.reached)

    def percentiles(self, of: Sequence[float] = (5.0, 50.0, 95.0)) -> Array:
        """Of the levels at each time, shape (len(of), times), right to a tenth of a percent."""
        return self.tally.percentiles(of)

    def attainment(self, target: int = 0) -> tuple[Subgroup, ...]:
        """How many of each group reach a target, everybody first."""
        rows = zip(self.survey.groups, self.members.tolist(), self.reached[target].tolist(), strict=True)
        return tuple(Subgroup(group.covariate, group.low, group.high, members, reached) for group, members, reached in rows)


def survey(
    population: Population,
    regimen: Regimen,
    times: Times,
    *,
    targets: Sequence[Target] = (),
    by: Sequence[tuple[str, Sequence[Text]]] = (),
    every: Text = "24 h",
) -> Survey:
    """What to count: percentiles at times, targets with a range, and subgroups by the edges of covariates. Raises CommandRefused."""
    for target in targets:
        if not target.aim.has_range:
            refuse("pk.target-without-range", target=target.aim.wanted)
        scale_of(target, population.model.file.units.concentration)
    groups = (EVERYBODY, *(group for name, edges in by for group in _groups(population, name, edges)))
    return Survey(population, regimen, times_h(times), tuple(targets), groups, float(above_zero(every, "every", "h").to("h").value))


def _groups(population: Population, name: str, edges: Sequence[Text]) -> Iterator[Group]:
    known = population.model.file.covariates
    if name not in known:
        refuse("pk.covariate-unknown", covariate=name, known=tuple(known), model=population.model.id)
    bounds = [float(quantity(edge, name, known[name].unit).to(known[name].unit).value) for edge in edges]
    for low, high in pairwise(bounds):
        yield Group(name, low, high, is_last=high == bounds[-1])
