"""The parameters of n patients at once, from covariates and etas, in the model's own units."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from openinfusion.core.finding import Finding
from openinfusion.core.pharmacokinetics.arrays import Array, Patients
from openinfusion.core.pharmacokinetics.formula import Formula
from openinfusion.core.pharmacokinetics.refusal import lacking

BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Parameters(Mapping[str, Array]):
    """Name -> values of n patients, shape (n,). What absorption needs stands under "SC.F", "SC.ka", or "SC.1.ka" for the first of several
    paths, and what the body makes itself under "baseline". Time is in the model's own unit, as its parameters are."""

    values_of: Mapping[str, Array]
    n: int

    def __getitem__(self, name: str) -> Array:
        return self.values_of[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_of)

    def __len__(self) -> int:
        return len(self.values_of)

    def of(self, patients: Patients) -> "Parameters":
        """Those of some patients."""
        some = {name: values[patients] for name, values in self.values_of.items()}
        return Parameters(some, len(next(iter(some.values()))))


@dataclass(frozen=True, slots=True)
class Epochs:
    """Parameters that change at times: those of place i hold from `start_h[i]` on, the first also before it."""

    start_h: Array
    parameters: tuple[Parameters, ...]

    @property
    def n(self) -> int:
        """How many patients."""
        return self.parameters[0].n

    def of(self, patients: Patients) -> "Epochs":
        """Those of some patients."""
        return Epochs(self.start_h, tuple(one.of(patients) for one in self.parameters))


@dataclass(frozen=True, slots=True)
class Recipe:
    """How parameters are computed: formulas by name, in an order in which each finds what it uses, and which of them vary."""

    formulas: Mapping[str, Formula]
    etas: tuple[str, ...] = ()
    kappas: tuple[str, ...] = ()
    _place: Mapping[str, int] = field(default_factory=dict)

    def compute(self, covariates: Mapping[str, Array], eta: Array | None = None, kappa: Array | None = None) -> Parameters:
        """Parameters for covariates of shape () or (n,), etas (n, k) or (k,) and kappas likewise; without them the typical patient.

        A formula that names another parameter uses this patient's value of it.
        """
        moves = _moves(self.etas, eta) + _moves(self.kappas, kappa)
        n = _patients(covariates, moves)
        known: dict[str, Array] = dict(covariates)
        made: dict[str, Array] = {}
        for name, formula in self.formulas.items():
            value = formula(known)
            with np.errstate(all="ignore"):
                for moved, by in moves:
                    value = value * np.exp(by) if moved == name else value
            known[name] = value
            made[name] = np.ascontiguousarray(np.broadcast_to(value, (n,)), dtype=np.float64)
        return Parameters(made, n)


def _moves(names: Sequence[str], by: Array | None) -> list[tuple[str, Array]]:
    """Each name that varies, with its column."""
    return [] if by is None else [(name, np.asarray(by)[..., place]) for place, name in enumerate(names)]


def _patients(covariates: Mapping[str, Array], moves: Sequence[tuple[str, Array]]) -> int:
    shapes = [np.shape(value) for value in covariates.values()] + [np.shape(by) for _, by in moves]
    return int(np.prod(np.broadcast_shapes((1,), *shapes)))


def impossible(parameters: Parameters) -> tuple[Finding, ...]:
    """What cannot be a parameter: not a number, infinite, below nothing, or nothing where something must be."""
    found = []
    for name, values in parameters.items():
        bad = ~np.isfinite(values) | (values < 0) | ((values == 0) & ~_may_be_zero(name))
        if bool(np.any(bad)):
            first = float(values[np.argmax(bad)])
            found.append(lacking("pk.impossible-parameter", parameter=name, value=f"{first:.6g}", count=int(np.sum(bad))))
    return tuple(found)


def _may_be_zero(name: str) -> bool:
    """Shares, delays and what the body makes; also flows between compartments, which then stay apart."""
    return name == BASELINE or name.rpartition(".")[2] in ("F", "fraction", "lag") or name in ("Q", "Q2", "K12", "K13")
