"""Numba's compiler behind one typed name. Importing this needs Numba; only modules that `engine` loads on demand do."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

Taken = ParamSpec("Taken")
Given = TypeVar("Given")


def jit(*signatures: str, inline: bool = False, fused: bool = False) -> Callable[[Callable[Taken, Given]], Callable[Taken, Given]]:
    """Compile a function for these signatures, at once and into the cache on disk; without any, when it is called from compiled code.

    It runs without the interpreter's lock and divides as IEEE 754 says; `fused` lets a product and a sum be rounded once. Raises
    RuntimeError where no cache can be written.
    """

    def compiled(function: Callable[Taken, Given]) -> Callable[Taken, Given]:
        options: dict[str, object] = {"cache": True, "nogil": True, "error_model": "numpy", "inline": "always" if inline else "never"}
        options |= {"fastmath": {"contract"}} if fused else {}
        made: Callable[Taken, Given] = numba.njit(list(signatures), **options)(function) if signatures else numba.njit(**options)(function)
        return made

    return compiled
