"""What one patient's course is expected to be: levels, effect, amounts and areas, worked out when asked for. It says, and gives nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from openinfusion.core.finding import Finding
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course
from openinfusion.core.pharmacokinetics.edge import Text, Times, hours, times_h
from openinfusion.core.pharmacokinetics.engine import Engine, slower
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.parameters import Epochs, Parameters, impossible
from openinfusion.core.pharmacokinetics.person import Person
from openinfusion.core.pharmacokinetics.refusal import refuse, refuse_all
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.solve import Wanted, solve, states
from openinfusion.core.pharmacokinetics.state import State


@dataclass(frozen=True)
class Simulation:
    """The expected course of one patient at `time_h` (times,), in the model's units."""

    model: Model
    parameters: Parameters | Epochs
    course: Course
    time_h: Array
    findings: tuple[Finding, ...] = ()
    start: State | None = None
    engine: Engine | None = None

    def _solved(self, wanted: Wanted, at_h: Array) -> Array:
        return solve(self.model, self.parameters, self.course, at_h, wanted=wanted, start=self.start, engine=self.engine)[:, 0]

    @cached_property
    def concentration(self) -> Array:
        """The level in plasma, (times,); at the time of a dose, before it."""
        return self._solved(Wanted.CONCENTRATION, self.time_h)

    @cached_property
    def effect(self) -> Array:
        """The level at the effect site, (times,); refused for a model without one."""
        if not self.model.layout.has_effect:
            refuse("pk.no-effect-site", model=self.model.id)
        return self._solved(Wanted.EFFECT, self.time_h)

    @cached_property
    def amounts(self) -> Mapping[str, Array]:
        """What is in each compartment, (times,), in the model's unit of amount, without what the body makes itself."""
        found = states(self.model, self.parameters, self.course, self.time_h, start=self.start)
        return {name: found[:, place, 0] for place, name in enumerate(self.model.layout.compartments)}

    def auc(self, begin: Text, end: Text) -> float:
        """The exact area under the level between two times, in the model's unit of concentration times hours."""
        since, until = hours(begin, "begin"), hours(end, "end")
        if until < since:
            refuse("pk.stop-before-start", start=begin, stop=end)
        _inside(self.course, self.start, since)
        area = self._solved(Wanted.AUC, np.array([since, until]))
        return float(area[1] - area[0])

    def state(self, at: Text) -> State:
        """What is in the patient at a time, to go on from there with `simulate(..., start=...)`."""
        when = hours(at)
        _inside(self.course, self.start, when)
        return State(when, states(self.model, self.parameters, self.course, np.array([when]), start=self.start)[0])


def simulate(person: Person, regimen: Regimen, times: Times, *, start: State | None = None, engine: Engine | None = None) -> Simulation:
    """The course of the typical patient with these covariates. Refused: parameters that cannot be, routes and units that the model does not
    know, and times before `start` or before a steady state began."""
    parameters = person.parameters(np.zeros((1, len(person.names))))
    sets = parameters.parameters if isinstance(parameters, Epochs) else (parameters,)
    refuse_all([finding for one in sets for finding in impossible(one)])
    course, when = regimen.course(person.model, person.covariates[0]), times_h(times)
    _inside(course, start, float(when[0]))
    return Simulation(person.model, parameters, course, when, (*regimen.findings, *slower(len(when))), start, engine)


def _inside(course: Course, start: State | None, time_h: float) -> None:
    """Refuse a time of which nothing is known."""
    if start is not None and time_h < start.time_h:
        refuse("pk.before-state")
    steady = [float(doses.start_h[place]) for doses in course for place in np.flatnonzero(doses.period_h > 0)]
    if start is None and steady and time_h < max(steady):
        refuse("pk.before-steady-state")
