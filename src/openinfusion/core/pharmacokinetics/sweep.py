"""A row of doses, each tried in everybody of a population and counted block by block: how many would reach a target, also by subgroup.

Counts are whole numbers and add up to the same in any order. It proposes no dose."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openinfusion.core.pharmacokinetics.edge import Text, above_zero
from openinfusion.core.pharmacokinetics.outlook import Repeated
from openinfusion.core.pharmacokinetics.population import Population, Subgroup
from openinfusion.core.pharmacokinetics.recommend import scale_of
from openinfusion.core.pharmacokinetics.refusal import refuse
from openinfusion.core.pharmacokinetics.survey import EVERYBODY, Counts, Group
from openinfusion.core.pharmacokinetics.target import Target


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is tried: `amounts` in the model's unit, repeated alike, for one target, counted in groups of which the first is everybody."""

    population: Population
    amounts: tuple[float, ...]
    target: Target
    repeated: Repeated
    groups: tuple[Group, ...] = (EVERYBODY,)

    @property
    def nothing(self) -> "Swept":
        """The counts of nobody."""
        return Swept(self, np.zeros(len(self.groups), dtype=np.int64), np.zeros((len(self.amounts), len(self.groups)), dtype=np.int64))

    def count(self, block: tuple[int, int]) -> "Swept":
        """The counts of one block of the population."""
        facts = self.population.person(block)[0].covariates[0]
        everybody = np.ones(block[1] - block[0], dtype=np.bool_)
        masks = [group.holds(facts[group.covariate]) if group.covariate else everybody for group in self.groups]
        scale = scale_of(self.target, self.population.model.file.units.concentration)
        found = self.nothing
        found.members[:] = [int(mask.sum()) for mask in masks]
        for row, values in enumerate(self.population.swept(self.amounts, self.target, self.repeated, block)):
            reached = self.target.aim.reached(values, scale) > 0
            found.reached[row] = [int((reached & mask).sum()) for mask in masks]
        return found


@dataclass(frozen=True, slots=True)
class Swept:
    """Counts of some blocks: members of each group, and how many of them each dose brings to the target (doses, groups)."""

    sweep: Sweep
    members: Counts
    reached: Counts

    def with_(self, other: "Swept") -> "Swept":
        """Both together; the order does not matter."""
        return Swept(self.sweep, self.members + other.members, self.reached + other.reached)

    def attainment(self, dose: int) -> tuple[Subgroup, ...]:
        """How many of each group one dose brings to the target, everybody first."""
        rows = zip(self.sweep.groups, self.members.tolist(), self.reached[dose].tolist(), strict=True)
        return tuple(Subgroup(group.covariate, group.low, group.high, members, reached) for group, members, reached in rows)


def sweep(
    population: Population, doses: Sequence[Text], target: Target, repeated: Repeated, groups: Sequence[Group] = (EVERYBODY,)
) -> Sweep:
    """What to try; raises CommandRefused for a target without a range, and for doses of another kind."""
    if not target.aim.has_range:
        refuse("pk.target-without-range", target=target.aim.wanted)
    unit = population.model.file.units.amount
    scale_of(target, population.model.file.units.concentration)
    return Sweep(population, tuple(float(above_zero(one, "dose", unit).to(unit).value) for one in doses), target, repeated, tuple(groups))
