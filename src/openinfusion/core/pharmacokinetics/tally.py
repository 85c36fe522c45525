"""Counts of many concentrations, from which percentiles follow. Counts of parts add up to the same in any order, and take the room of a few
megabytes however many patients there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from openinfusion.core.pharmacokinetics.arrays import Array

WIDTH = 2e-3
"""Of a bin, on a logarithmic scale: a percentile is right to a tenth of a percent."""
_LOWEST, _HIGHEST = -30.0, 30.0
_BINS = round((_HIGHEST - _LOWEST) / WIDTH) + 1


@dataclass(frozen=True, slots=True)
class Tally:
    """How many patients have which concentration at each time: `counts` (times, bins), the first bin for none at all."""

    counts: NDArray[np.int64]

    @classmethod
    def empty(cls, times: int) -> Self:
        """Of nobody."""
        return cls(np.zeros((times, _BINS), dtype=np.int64))

    def add(self, concentrations: Array) -> None:
        """Count the patients of a part, (times, n), in place."""
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(concentrations)
        places = np.where(logs > _LOWEST, np.minimum((logs - _LOWEST) / WIDTH + 1.0, _BINS - 1.0), 0.0).astype(np.int64)
        for row, counted in zip(places, self.counts, strict=True):
            counted += np.bincount(row, minlength=_BINS)

    def with_(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(self.counts + other.counts)

    def percentiles(self, of: Sequence[float]) -> Array:
        """At each time, shape (len(of), times), right to a tenth of a percent."""
        passed = np.cumsum(self.counts, axis=1)
        found = np.empty((len(of), len(passed)))
        for place, one in enumerate(of):
            wanted = np.maximum(one / 100.0 * passed[:, -1:], 1e-9)
            bins = np.argmax(passed >= wanted, axis=1)
            found[place] = np.where(bins == 0, 0.0, np.exp(_LOWEST + (bins - 0.5) * WIDTH))
        return found
