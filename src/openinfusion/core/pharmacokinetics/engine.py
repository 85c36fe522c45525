"""Which innermost loops run: the compiled ones where Numba can be imported and keep what it compiles, else NumPy's, and the result says so.

What takes NumPy less than loading Numba would is left to NumPy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final, Protocol

from openinfusion.core.finding import Finding, Level
from openinfusion.core.pharmacokinetics import kernels
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.superposition import Route, Superposition

SMALL: Final = 50_000
"""So many concentrations NumPy computes sooner than Numba is loaded."""


class Engine(StrEnum):
    """Whose loops run."""

    NUMPY = "numpy"
    NUMBA = "numba"


class Scattered(Protocol):
    """Levels at times of each patient's own; see `kernels.scattered`."""

    def __call__(self, sum_: Superposition, times_h: Array, shift_h: Array, out: Array, *, is_first: bool) -> None:
        """Write them, or add them to what is there."""


@dataclass(frozen=True, slots=True)
class Loops:
    """The innermost loops of one engine."""

    shared: Callable[[Superposition, Route, Array], None]
    scattered: Scattered


_NUMPY: Final = Loops(kernels.shared, kernels.scattered)


@cache
def _compiled() -> Loops | str:
    """The compiled loops, or in a word why there are none."""
    try:
        from openinfusion.core.pharmacokinetics import compiled

        compiled.begin()
    except ImportError:
        return "missing"
    except (OSError, RuntimeError):  # the latter is Numba's word for a cache that it finds no place for
        return "no-cache"
    return Loops(compiled.write_shared, compiled.write_scattered)


def usual(work: int) -> Engine:
    """The engine for so many concentrations."""
    return Engine.NUMPY if work < SMALL or isinstance(_compiled(), str) else Engine.NUMBA


def loops(engine: Engine) -> Loops:
    """The loops of an engine; NumPy's where the compiled ones cannot be had."""
    found = _compiled() if engine is Engine.NUMBA else _NUMPY
    return _NUMPY if isinstance(found, str) else found


def slower(work: int) -> tuple[Finding, ...]:
    """What a result says when NumPy computed what Numba would have."""
    found = _compiled() if work >= SMALL else _NUMPY
    return (Finding("pk.not-compiled", Level.INFO, {"why": found}),) if isinstance(found, str) else ()
