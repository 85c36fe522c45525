"""A kinetic model: compiled once from plain data, it turns covariates and etas into parameters. It carries its domain, status and citation.

It holds no drug's numbers and reads no file; `protocols` does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
from pydantic import ValidationError

from openinfusion.core.errors import ProtocolError
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.layout import Layout, layout_of
from openinfusion.core.pharmacokinetics.likelihood import Residual
from openinfusion.core.pharmacokinetics.model_check import compiled
from openinfusion.core.pharmacokinetics.model_file import Elimination, ModelFile, Status
from openinfusion.core.pharmacokinetics.parameters import BASELINE, Epochs, Parameters, Recipe
from openinfusion.core.quantity import Quantity, UnitError, unit

if TYPE_CHECKING:
    from openinfusion.core.pharmacokinetics.control import Control
    from openinfusion.core.pharmacokinetics.edge import Text, Times
    from openinfusion.core.pharmacokinetics.fit import Fit
    from openinfusion.core.pharmacokinetics.patient_facts import Fact
    from openinfusion.core.pharmacokinetics.population import Given, Population
    from openinfusion.core.pharmacokinetics.regimen import Regimen
    from openinfusion.core.pharmacokinetics.samples import Observed
    from openinfusion.core.pharmacokinetics.simulate import Simulation
    from openinfusion.core.pharmacokinetics.state import State


@dataclass(frozen=True)
class Model:
    """One model, ready to compute. `recipe` makes parameters; `layout` names its compartments; `omega` are the variances of `etas`."""

    file: ModelFile
    recipe: Recipe
    layout: Layout

    @classmethod
    def from_dict(cls, plain: Mapping[str, object]) -> Self:
        """Compile plain data in the shape of a model file; raises ProtocolError with every problem."""
        try:
            file = ModelFile.model_validate(plain)
        except ValidationError as failure:
            raise ProtocolError([_problem(str(plain.get("id", "model")), dict(one)) for one in failure.errors()]) from failure
        recipe, problems = compiled(file)
        if not problems:
            problems = _unit_problems(file)
        if problems:
            raise ProtocolError([f"{file.id}: {problem}" for problem in problems])
        return cls(file, recipe, layout_of(file))

    @property
    def id(self) -> str:
        """Its name."""
        return self.file.id

    @property
    def status(self) -> Status:
        """What it may be used for: never more than its variability and error allow."""
        is_whole = self.file.status is Status.COMPLETE and self.etas and self.residual is not None
        return Status.COMPLETE if is_whole else Status.TYPICAL_ONLY

    @property
    def is_linear(self) -> bool:
        """Whether twice the dose gives twice the level."""
        return self.file.elimination is Elimination.LINEAR

    @property
    def etas(self) -> tuple[str, ...]:
        """The parameters that differ between patients: those with a variance above zero."""
        return self.recipe.etas

    @property
    def kappas(self) -> tuple[str, ...]:
        """The parameters that differ between occasions of one patient."""
        return self.recipe.kappas

    @cached_property
    def omega(self) -> Array:
        """Variances and covariances of `etas`, (k, k)."""
        written = self.file.variability
        matrix = np.diag([written.variance[name] for name in self.etas]).reshape(len(self.etas), len(self.etas))
        for one, other, covariance in written.cov:
            if one in self.etas and other in self.etas:
                i, j = self.etas.index(one), self.etas.index(other)
                matrix[i, j] = matrix[j, i] = covariance
        return matrix

    @cached_property
    def omega_occasion(self) -> Array:
        """Variances of `kappas`, (k, k), diagonal."""
        return np.diag([self.file.variability.occasion[name] for name in self.kappas]).reshape(len(self.kappas), len(self.kappas))

    @cached_property
    def residual(self) -> Residual | None:
        """The residual error, None where the model has none."""
        error = self.file.error
        return None if error is None else Residual.of(error.form.value, error.additive, error.proportional)

    @cached_property
    def hours_per_unit(self) -> float:
        """Hours in the model's unit of time: its rates are per this many hours."""
        return float(Quantity(1, self.file.units.time).to("h").value)

    @cached_property
    def concentration_factor(self) -> float:
        """What amount over volume is multiplied by to be in the model's unit of concentration."""
        return float(concentration_factor(self.file))

    def parameters(self, covariates: Mapping[str, Array], eta: Array | None = None, kappa: Array | None = None) -> Parameters:
        """Parameters of n patients: covariates in the model's units as `()` or `(n,)`, `eta` `(n, k)` in the order of `etas`."""
        return self.recipe.compute(covariates, eta, kappa)

    def epochs(
        self, start_h: Sequence[float], covariates: Sequence[Mapping[str, Array]], eta: Array | None = None, kappa: Array | None = None
    ) -> Epochs:
        """Parameters that change: covariates of each epoch, and kappas `(epochs, n, k)` or none."""
        made = (self.parameters(values, eta, None if kappa is None else kappa[place]) for place, values in enumerate(covariates))
        return Epochs(np.asarray(start_h, dtype=np.float64), tuple(made))

    def simulate(
        self,
        covariates: Mapping[str, "Fact"],
        regimen: "Regimen",
        times: "Times",
        *,
        between: str = "locf",
        start: "State | None" = None,
    ) -> "Simulation":
        """The expected course of the typical patient with these covariates, constant or (time, value) pairs of which the last (`locf`) or
        the next (`nocb`) holds `between`; on from the state `start`. Raises CommandRefused with every reason."""
        from openinfusion.core.pharmacokinetics.patient_facts import read_person
        from openinfusion.core.pharmacokinetics.simulate import simulate

        return simulate(read_person(self, covariates, between=between), regimen, times, start=start)

    def estimate(  # noqa: PLR0913 - a level has as many circumstances
        self,
        covariates: Mapping[str, "Fact"],
        regimen: "Regimen",
        observed: "Sequence[Observed]",
        *,
        lloq: "Text | None" = None,
        between: str = "locf",
        occasions: Sequence[str] = ("0 h",),
        seed: int = 1,
    ) -> "Fit":
        """The patient whom measured levels make most probable: `observed` are times and concentrations, `("12 h", "14.8 mg/L")`, below
        quantification `("12 h", "<0.5 mg/L")` or `"BLQ"` with `lloq`. What varies between occasions is found for each. Raises
        CommandRefused with every reason."""
        from openinfusion.core.pharmacokinetics.fit import fitted
        from openinfusion.core.pharmacokinetics.patient_facts import read_person

        return fitted(read_person(self, covariates, between=between, occasions=occasions), regimen, observed, lloq=lloq, seed=seed)

    def population(self, covariates: Mapping[str, "Given"], n: int, seed: int, *, occasions_h: tuple[float, ...] = (0.0,)) -> "Population":
        """n patients who differ as the model says: each covariate the same for all, one value each, or a spread. The same seed gives the
        same patients. Raises CommandRefused."""
        from openinfusion.core.pharmacokinetics.population import populate

        return populate(self, covariates, n, seed, occasions_h)

    def control(
        self,
        covariates: Mapping[str, "Fact"],
        targets: "Sequence[tuple[Text, Text]]",
        until: "Text",
        greatest: "Text",
        *,
        site: str = "plasma",
        concentration: "Text | None" = None,
    ) -> "Control":
        """A simulation of the rates that keep the level in plasma or at the effect site at targets, `("0 min", "4 mg/L")`, with at most the
        `greatest` rate: an amount or, with the `concentration` of what the pump holds, a volume an hour. Raises CommandRefused."""
        from openinfusion.core.pharmacokinetics.control import control

        return control(self, covariates, targets, until, greatest, site=site, concentration=concentration)

    @property
    def has_baseline(self) -> bool:
        """Whether the body makes some of it itself."""
        return BASELINE in self.recipe.formulas


def concentration_factor(file: ModelFile) -> Fraction:
    """Amount over volume in the unit of concentration; raises UnitError."""
    amount, volume, concentration = unit(file.units.amount), unit(file.units.volume), unit(file.units.concentration)
    powers = dict(amount.dimensions)
    for kind, power in volume.dimensions:
        powers[kind] = powers.get(kind, 0) - power
    if tuple(sorted((kind, power) for kind, power in powers.items() if power)) != concentration.dimensions:
        raise UnitError(f"{file.units.amount} / {file.units.volume} -> {file.units.concentration}")
    return amount.factor / volume.factor / concentration.factor


def _unit_problems(file: ModelFile) -> list[str]:
    try:
        concentration_factor(file)
    except UnitError as failure:
        return [f"units: {failure}"]
    return []


def _problem(model: str, error: Mapping[str, object]) -> str:
    where = error.get("loc")
    path = ".".join(str(part) for part in where) if isinstance(where, tuple) else ""
    return f"{model}: {path}: {error.get('msg')}"
