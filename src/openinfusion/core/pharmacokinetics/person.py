"""One patient to a model: facts that may change with time, and occasions within which parameters stay the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.parameters import Epochs, Parameters

Facts = Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Person:
    """A patient's covariates in the model's units, the one of place i from `since_h[i]` on, and when occasions begin (h)."""

    model: Model
    since_h: tuple[float, ...]
    covariates: tuple[Facts, ...]
    occasions_h: tuple[float, ...] = (0.0,)

    @property
    def occasions(self) -> int:
        """How many occasions are told apart; none where the model has no variability between them."""
        return len(self.occasions_h) if self.model.kappas else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The etas that are estimated, those between occasions with the number of theirs: "CL", "CL@1", "CL@2"."""
        within = tuple(f"{name}@{number}" for number in range(1, self.occasions + 1) for name in self.model.kappas)
        return (*self.model.etas, *within)

    @property
    def omega(self) -> Array:
        """Variances and covariances of all of them."""
        blocks = [self.model.omega, *(self.model.omega_occasion for _ in range(self.occasions))]
        whole, at = np.zeros((len(self.names), len(self.names))), 0
        for block in blocks:
            whole[at : at + len(block), at : at + len(block)] = block
            at += len(block)
        return whole

    def parameters(self, etas: Array) -> Parameters | Epochs:
        """Parameters of many candidates of this patient, by etas (n, k) in the order of `names`."""
        eta, within = np.split(etas, [len(self.model.etas)], axis=1)
        kappa = within.reshape(len(etas), self.occasions, -1).transpose(1, 0, 2) if self.occasions else None
        starts = self._starts()
        places = [max(int(np.searchsorted(self.since_h, start, side="right")) - 1, 0) for start in starts]
        facts = [self.covariates[place] for place in places]
        turns = [max(int(np.searchsorted(self.occasions_h, start, side="right")) - 1, 0) for start in starts]
        if len(starts) == 1:
            return self.model.parameters(facts[0], eta, None if kappa is None else kappa[turns[0]])
        return self.model.epochs(starts, facts, eta, None if kappa is None else kappa[turns])

    def _starts(self) -> Sequence[float]:
        """Whenever something changes."""
        return sorted({*self.since_h, *(self.occasions_h if self.occasions else ())})

    @property
    def changes(self) -> bool:
        """Whether parameters change with time."""
        return len(self._starts()) > 1

    def with_occasion(self, start_h: float) -> "Person":
        """The same with one more occasion, where the model tells occasions apart; it must be later than the others."""
        return replace(self, occasions_h=(*self.occasions_h, start_h)) if self.occasions else self
