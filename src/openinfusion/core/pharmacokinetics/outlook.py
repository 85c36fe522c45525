"""Courses that a target can measure: of one patient's possible parameters, or of a population's, under a course of doses."""

from dataclasses import dataclass

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course, Doses
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.parameters import Epochs, Parameters
from openinfusion.core.pharmacokinetics.solve import Wanted, solve

_MEETS_H = 1e-6


@dataclass(frozen=True, slots=True)
class Solved:
    """The courses of n sets of parameters under one course of doses, solved when asked for."""

    model: Model
    parameters: Parameters | Epochs
    course: Course

    @property
    def unit(self) -> str:
        """The model's unit of concentration."""
        return self.model.file.units.concentration

    def concentration(self, times_h: Array) -> Array:
        """Concentrations, shape (times, n); at the time of a dose, before it."""
        found: Array = solve(self.model, self.parameters, self.course, times_h)
        return found

    def auc(self, start_h: float, end_h: float) -> Array:
        """Areas under the curve in the concentration's unit times hours, shape (n,)."""
        found: Array = solve(self.model, self.parameters, self.course, np.array([start_h, end_h]), wanted=Wanted.AUC)
        return np.asarray(found[1] - found[0], dtype=np.float64)

    def breaks(self, start_h: float, end_h: float) -> Array:
        """The times strictly between two at which an input starts or stops."""
        edges = np.concatenate([np.zeros(0), *(edge for one in self.course for edge in (one.start_h, one.stop_h))])
        return np.unique(edges[(edges > start_h) & (edges < end_h)])

    def given(self, until_h: float) -> tuple[tuple[float, float], ...]:
        """When something is given before a time, starts and ends in hours; what meets, as rungs of a ladder do, is one."""
        spans = sorted((float(a), float(b)) for one in self.course for a, b in zip(one.start_h, one.stop_h, strict=True) if a < until_h)
        joined: list[tuple[float, float]] = []
        for start, stop in spans:
            if joined and start <= joined[-1][1] + _MEETS_H:
                joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
            else:
                joined.append((start, stop))
        return tuple((start, min(stop, until_h)) for start, stop in joined)


@dataclass(frozen=True, slots=True)
class Repeated:
    """Doses of one unit of amount each: by which route, from when, how often, over which time (zero: at once), and whether so for ever
    before."""

    route: str
    first_h: float
    every_h: float
    over_h: float
    steady: bool = False

    def course(self, until_h: float) -> Course:
        """The doses that start before a time, at least one."""
        count = max(1, int(np.ceil((until_h - self.first_h) / self.every_h - 1e-9)))
        start = self.first_h + self.every_h * np.arange(count, dtype=np.float64)
        ones, none = np.ones((count, 1)), np.zeros((count, 1))
        amount, rate = (none, ones / self.over_h) if self.over_h else (ones, none)
        period = np.zeros(count)
        period[0] = self.every_h if self.steady else 0.0
        return Course((Doses(self.route, start, np.add(start, self.over_h), amount, rate, period),))
