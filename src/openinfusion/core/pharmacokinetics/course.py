"""A regimen in floats: what goes in by each route, when and how fast, in hours and the model's unit of amount."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array, Mask, Patients


@dataclass(frozen=True, slots=True)
class Doses:
    """All that is given by one route, k entries in order of their start.

    An entry with `stop_h == start_h` is a bolus of `amount`; another flows at `rate` (amount/h) until `stop_h`, which may be infinite.
    `amount` and `rate` have the shape (k, 1), or (k, n) where each of n patients gets their own. An entry with `period_h` above zero has
    been repeated so often before its start that the course is in steady state.
    """

    route: str
    start_h: Array
    stop_h: Array
    amount: Array
    rate: Array
    period_h: Array

    def __len__(self) -> int:
        return len(self.start_h)

    def some(self, mine: Mask) -> "Doses":
        """Those entries that are marked."""
        return Doses(self.route, self.start_h[mine], self.stop_h[mine], self.amount[mine], self.rate[mine], self.period_h[mine])

    def of(self, patients: Patients) -> "Doses":
        """What some patients get."""
        own = patients if self.amount.shape[1] > 1 else slice(None)
        return Doses(self.route, self.start_h, self.stop_h, self.amount[:, own], self.rate[:, own], self.period_h)


@dataclass(frozen=True, slots=True)
class Course:
    """What goes in, one set of doses for each route."""

    doses: tuple[Doses, ...]

    def __iter__(self) -> Iterator[Doses]:
        return iter(self.doses)

    @property
    def start_h(self) -> float:
        """When the first dose starts; infinite for a course without doses."""
        return min((float(one.start_h[0]) for one in self.doses if len(one)), default=float("inf"))

    @property
    def patients(self) -> int | None:
        """How many patients have doses of their own, None where all get the same."""
        wide = [one.amount.shape[1] for one in self.doses if one.amount.shape[1] > 1]
        return wide[0] if wide else None

    def of(self, patients: Patients) -> "Course":
        """What some patients get."""
        return Course(tuple(one.of(patients) for one in self.doses))

    def scaled(self, factor: float) -> "Course":
        """The same course with every amount and rate multiplied."""
        return Course(
            tuple(Doses(one.route, one.start_h, one.stop_h, factor * one.amount, factor * one.rate, one.period_h) for one in self.doses)
        )

    def until(self, time_h: float) -> "Course":
        """What was given before a time; what still flows then stops."""
        kept = []
        for one in self.doses:
            early = one.some(one.start_h < time_h)
            kept.append(replace(early, stop_h=np.minimum(early.stop_h, time_h)))
        return Course(tuple(one for one in kept if len(one)))

    def with_(self, other: "Course") -> "Course":
        """Both together."""
        return Course(tuple(_joined([one for one in (*self.doses, *other.doses) if one.route == route]) for route in self._routes(other)))

    def _routes(self, other: "Course") -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.route for one in (*self.doses, *other.doses)))


def _joined(parts: list[Doses]) -> Doses:
    order = np.argsort(np.concatenate([one.start_h for one in parts]), kind="stable")
    width = max(one.amount.shape[1] for one in parts)

    def wide(arrays: list[Array]) -> Array:
        return np.concatenate([np.broadcast_to(array, (len(array), width)) for array in arrays])[order]

    return Doses(
        parts[0].route,
        np.concatenate([one.start_h for one in parts])[order],
        np.concatenate([one.stop_h for one in parts])[order],
        wide([one.amount for one in parts]),
        wide([one.rate for one in parts]),
        np.concatenate([one.period_h for one in parts])[order],
    )
