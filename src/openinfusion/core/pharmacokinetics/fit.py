"""A fitted patient: the parameters, their uncertainty, what is expected of any regimen, and which dose would reach a target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from openinfusion.core.finding import Finding, Level
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course
from openinfusion.core.pharmacokinetics.delivery import Giving
from openinfusion.core.pharmacokinetics.edge import Text, Times, above_zero, hours, times_h
from openinfusion.core.pharmacokinetics.estimate import Found, found, unfit
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Via
from openinfusion.core.pharmacokinetics.parameters import Epochs, Parameters
from openinfusion.core.pharmacokinetics.person import Person
from openinfusion.core.pharmacokinetics.posterior import Draws, resampled, root
from openinfusion.core.pharmacokinetics.refusal import refuse, refuse_all
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.samples import Observed, Samples, read
from openinfusion.core.pharmacokinetics.solve import solve
from openinfusion.core.pharmacokinetics.target import Target
from openinfusion.core.prescribing.practice import DEFAULT_PRACTICE, Practice
from openinfusion.core.prescribing.rule import Order
from openinfusion.core.protocol import Protocol

if TYPE_CHECKING:
    from openinfusion.core.pharmacokinetics.recommend import Recommendation

MOST_LIKELY_90 = (0.05, 0.95)
_POINTS = 240
_FEW = 100.0
"""Draws worth fewer independent ones than this make no band that a dose should rest on."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is expected of one patient: the most probable course, and the band between two quantiles of what remains possible."""

    time_h: Array
    concentration: Array
    lower: Array
    median: Array
    upper: Array
    levels: tuple[float, float]
    unit: str


@dataclass(frozen=True)
class Fit:
    """One patient, fitted. `findings` say what speaks against it; `seed` makes its draws repeatable."""

    person: Person
    regimen: Regimen
    course: Course
    samples: Samples
    found: Found
    seed: int = 1

    @property
    def eta(self) -> Mapping[str, float]:
        """The most probable deviation of each parameter's logarithm; between occasions with their number, "CL@2"."""
        return dict(zip(self.person.names, (float(value) for value in self.found.mode.eta), strict=True))

    @property
    def parameters(self) -> Parameters:
        """The patient's own parameters, in the model's units: those that hold now, where they change."""
        held = self.held
        return held.parameters[-1] if isinstance(held, Epochs) else held

    @property
    def held(self) -> Parameters | Epochs:
        """The patient's own parameters at all times."""
        return self.person.parameters(self.found.mode.eta[None, :])

    @property
    def covariance(self) -> Array:
        """Of the etas in their order, by Laplace's approximation."""
        return self.found.mode.covariance

    @property
    def predicted(self) -> Array:
        """The concentration expected at each sample."""
        return self.found.predicted

    @property
    def residuals(self) -> Array:
        """How many standard deviations each sample lies above its prediction; not a number below quantification."""
        return self.found.residuals

    @property
    def deviance(self) -> float:
        """Minus twice the log posterior at the most probable etas, without constants."""
        return self.found.mode.deviance

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found: of the record, of the fit, of its draws."""
        few = Finding("pk.draws-too-alike", Level.CAUTION) if self.is_settled and self.draws.effective < _FEW else None
        return (*self.regimen.findings, *self.found.findings, *((few,) if few else ()))

    @property
    def is_settled(self) -> bool:
        """Whether the search came to rest, so that there is an uncertainty."""
        return self.found.mode.has_converged

    @property
    def is_believed(self) -> bool:
        """Whether nothing forbids to dose by it."""
        return all(one.level.rank < Level.MISSING.rank for one in self.findings)

    @cached_property
    def draws(self) -> Draws:
        """A thousand equally probable patients that the samples leave possible."""
        return resampled(self.found.problem, self.found.mode, self.seed)

    def possible(self, new_occasion_h: float | None = None) -> tuple[Person, Array]:
        """The most probable etas first, then the draws. From a new occasion on, what differs between occasions is unknown again: none for
        the most probable, drawn for the others."""
        etas = np.vstack((self.found.mode.eta, self.draws.eta)) if self.is_settled else self.found.mode.eta[None, :]
        if new_occasion_h is None or not self.person.occasions or new_occasion_h <= self.person.occasions_h[-1]:
            return self.person, etas
        chance = np.random.Generator(np.random.Philox([self.seed, 1]))
        fresh = chance.standard_normal((len(etas), len(self.person.model.kappas))) @ root(self.person.model.omega_occasion).T
        fresh[0] = 0.0
        return self.person.with_occasion(new_occasion_h), np.hstack((etas, fresh))

    def predict(self, regimen: Regimen, times: Times | None = None, levels: tuple[float, float] = MOST_LIKELY_90) -> Prediction:
        """What is expected of a whole regimen, told from the same zero as the fitted one; by default on 241 times until a day after its
        last dose. Raises CommandRefused."""
        if not 0 <= levels[0] <= levels[1] <= 1:
            refuse("pk.impossible-levels", low=f"{levels[0]:g}", high=f"{levels[1]:g}")
        course = regimen.course(self.person.model, self.person.covariates[0])
        at = until_settled(course) if times is None else times_h(times)
        person, etas = self.possible()
        courses: Array = solve(person.model, person.parameters(etas), course, at)
        drawn = courses[:, 1:] if courses.shape[1] > 1 else np.full((len(at), 1), np.nan)
        lower, median, upper = np.quantile(drawn, [levels[0], 0.5, levels[1]], axis=1)
        return Prediction(at, courses[:, 0], lower, median, upper, levels, person.model.file.units.concentration)

    def recommend(  # noqa: PLR0913 - an order has as many parts
        self,
        target: Target,
        *,
        every: Text,
        over: Text | None = None,
        limits: Protocol | Order | None = None,
        route: str = Via.IV,
        start: Text | None = None,
        steady: bool = False,
        concentration: Text | None = None,
        step: Text | None = None,
        vial: Text | None = None,
        practice: Practice = DEFAULT_PRACTICE,
    ) -> "Recommendation":
        """The dose that brings this patient to a target, to be proposed: each `every`, `over` a time or at once, from `start` on (default:
        when the next would be due; what was to be given after that is left out), in multiples of a `step` or `vial`, or of what a pump or
        syringe of a `concentration` can do. The target's times count from `start`; with `steady` it is judged once nothing changes.
        Hard limits are never passed. Raises CommandRefused."""
        from openinfusion.core.pharmacokinetics.recommend import Plan, next_due, recommend

        amount = self.person.model.file.units.amount
        giving = Giving(
            above_zero(every, "every", "h"),
            None if over is None else above_zero(over, "over", "h"),
            None if concentration is None else above_zero(concentration, "concentration", f"{amount}/mL"),
            None if step is None else above_zero(step, "step", amount),
            None if vial is None else above_zero(vial, "vial", amount),
            practice,
        )
        via = _via(route, self.person.model)
        every_h = float(giving.every.to("h").value)
        first_h = next_due(self.course, every_h, float(self.samples.measured.time_h[-1])) if start is None else hours(start, "start")
        return recommend(self, target, Plan(giving, via, first_h, steady), limits)


def fitted(person: Person, regimen: Regimen, observed: Sequence[Observed], *, lloq: Text | None = None, seed: int = 1) -> Fit:
    """Fit one patient to measured levels after a regimen; raises CommandRefused with every reason."""
    refuse_all(tuple(unfit(person.model)))
    if seed < 0:
        refuse("pk.impossible-number", n=str(seed))
    samples = read(observed, person.model.file.units.concentration, lloq)
    course = regimen.course(person.model, person.covariates[0])
    return Fit(person, regimen, course, samples, found(person, course, samples), seed)


def until_settled(course: Course, after_h: float = 24.0) -> Array:
    """A grid from zero until some hours after the last change of input."""
    ends: Sequence[float] = [float(np.max(edge[np.isfinite(edge)])) for one in course for edge in (one.start_h, one.stop_h) if len(edge)]
    return np.linspace(0.0, max(ends, default=0.0) + after_h, _POINTS + 1)


def _via(route: str, model: Model) -> str:
    if not model.layout.of(route):
        refuse("pk.route-not-in-model", route=route, model=model.id)
    return route
