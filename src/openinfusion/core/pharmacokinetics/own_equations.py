"""Right-hand sides that a user's own model writes itself, in the closed grammar of formulas: the change of each state per unit of its time.

The states are `central`, `peripheral1` and `peripheral2` as the structure has them, in amounts, and any further ones, which start at their
`initial` formula or at nothing. A formula may use parameters, states, `C` (the central amount over the volume, in the model's unit of
concentration) and `t` (time in the model's unit). Depots flow in by themselves, effect site and area follow `C`: none is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.formula import Formula, FormulaError, parse
from openinfusion.core.pharmacokinetics.model_file import ModelFile

CENTRAL_STATES = ("central", "peripheral1", "peripheral2")
_LEVEL, _TIME = "C", "t"


@dataclass(frozen=True, slots=True)
class OwnEquations:
    """The formulas of a model. `parameters` are the names of the values that they are given, in order."""

    states: tuple[str, ...]
    formulas: tuple[Formula, ...]
    initial: tuple[Formula | None, ...]
    parameters: tuple[str, ...]
    hours_per_unit: float

    @classmethod
    def of(cls, file: ModelFile, parameters: tuple[str, ...], hours_per_unit: float) -> "OwnEquations":
        """Those of a file that holds together."""
        states = (*CENTRAL_STATES[: file.structure.compartments], *further(file))
        initial = tuple(parse(file.initial[name]) if name in file.initial else None for name in states)
        return cls(states, tuple(parse(file.equations[name]) for name in states), initial, parameters, hours_per_unit)

    @property
    def more(self) -> int:
        """How many states there are beside the compartments."""
        return sum(name not in CENTRAL_STATES for name in self.states)

    def begin(self, values: Array) -> list[Array]:
        """Where the further states start, each (n,), by the parameters' values (parameters, n)."""
        known = dict(zip(self.parameters, values, strict=True))
        found = [None if formula is None else formula(known) for formula in self.initial[len(self.states) - self.more :]]
        return [np.zeros(values.shape[1]) if one is None else np.broadcast_to(one, values.shape[1:]) for one in found]

    def change(self, time_h: float, values: Array, level: Array, states: list[Array]) -> list[Array]:
        """How fast each state changes per hour."""
        known = dict(zip(self.parameters, values, strict=True))
        known |= dict(zip(self.states, states, strict=True))
        known[_LEVEL], known[_TIME] = level, np.asarray(time_h / self.hours_per_unit)
        return [formula(known) / self.hours_per_unit for formula in self.formulas]


def further(file: ModelFile) -> tuple[str, ...]:
    """The states of a file beside its compartments, in its order."""
    return tuple(name for name in file.equations if name not in CENTRAL_STATES)


def problems_of(file: ModelFile) -> Iterator[str]:
    """What is wrong with the equations of a file."""
    needed = CENTRAL_STATES[: file.structure.compartments]
    yield from (f"equations: a {file.structure.value} model needs one for {name}" for name in needed if name not in file.equations)
    for name in file.equations:
        if name in CENTRAL_STATES and name not in needed:
            yield f"equations.{name}: a {file.structure.value} model has no such compartment"
        if name in file.parameters or name in (_LEVEL, _TIME):
            yield f"equations.{name}: the name is taken"
    yield from (f"initial.{name}: only further states start at something" for name in file.initial if name not in further(file))
    known = {*file.parameters, *file.equations, _LEVEL, _TIME}
    yield from _unread("equations", file.equations, known)
    yield from _unread("initial", file.initial, {*file.parameters})


def _unread(place: str, formulas: dict[str, str], known: set[str]) -> Iterator[str]:
    for name, text in formulas.items():
        try:
            missing = sorted(parse(text).names - known)
        except FormulaError as failure:
            yield f"{place}.{name}: {failure}"
        else:
            yield from (f"{place}.{name}: there is no parameter or state {one!r}" for one in missing)
