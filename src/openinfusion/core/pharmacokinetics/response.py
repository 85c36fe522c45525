"""What a unit given at once leads to later: a sum of decaying exponentials. Stages in a row, integrals and doses are made of these."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array, Mask
from openinfusion.core.pharmacokinetics.disposition import CLOSE

Poles = Mapping[str, Array]
"""The rate (n,) per hour of each exponential, by name."""


@dataclass(frozen=True, slots=True)
class Response:
    """`sum(weights[p] * exp(-rates[p] * t))` for the poles p that it has, per patient (n,)."""

    weights: Mapping[str, Array]

    def times(self, factor: Array | float) -> "Response":
        """The response scaled for each patient."""
        return Response({name: weight * factor for name, weight in self.weights.items()})

    def through(self, pole: str, poles: Poles) -> "Response":
        """The same behind (or in front of) one more first-order stage whose output is its rate times its content."""
        rate = poles[pole]
        weights = {name: weight * (rate / (rate - poles[name])) for name, weight in self.weights.items()}
        return Response({**weights, pole: -_total(weights.values())})

    def integral(self, poles: Poles) -> tuple["Response", Array]:
        """The integral from zero as `whole - response`: the response of the remaining area, and the whole area (n,)."""
        left = {name: weight / poles[name] for name, weight in self.weights.items()}
        return Response(left), _total(left.values())


def _total(arrays: Iterable[Array]) -> Array:
    found: Array = np.sum(np.stack(list(arrays)), axis=0)
    return found


def are_close(rate: Array, others: Iterable[Array]) -> Mask:
    """Which patients have another rate so near to this one that the closed form does not hold."""
    found = np.zeros(len(rate), dtype=np.bool_)
    for other in others:
        found |= np.abs(rate - other) < CLOSE * np.maximum(rate, other)
    return found
