"""The lowest point of a smooth function of a few variables, each step's candidates evaluated together.

Quasi-Newton steps (Broyden, Fletcher, Goldfarb, Shanno), then one of Newton's with the curvature that the caller wants anyway. It knows
nothing of medicine."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array

Objective = Callable[[Array], Array]
"""Takes candidates of shape (n, k) and gives n values; infinite or not a number where a candidate is impossible."""

_STEPS = np.array([1.0, 2.0, 4.0, 0.5, 0.25, 0.1, 0.03, 0.01, 1e-3, 1e-4])
_LONGEST = 4.0
_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Lowest:
    """A minimum: where, how low, the curvature there, and whether the slope vanished."""

    point: Array
    value: float
    hessian: Array
    has_converged: bool


def slope(objective: Objective, point: Array, step: float) -> Array:
    """The gradient by central differences."""
    k = len(point)
    offsets = step * np.eye(k)
    values = objective(np.vstack((point + offsets, point - offsets)))
    with np.errstate(invalid="ignore"):
        return (values[:k] - values[k:]) / (2.0 * step)


def curvature(objective: Objective, point: Array, step: float) -> Array:
    """The matrix of second derivatives: central differences at two widths, extrapolated to fourth order."""
    near, far = (_second(objective, point, width) for width in (step, 2.0 * step))
    with np.errstate(invalid="ignore"):
        return (4.0 * near - far) / 3.0


def _second(objective: Objective, point: Array, step: float) -> Array:
    k = len(point)
    pairs = np.array([(i, j) for i in range(k) for j in range(i + 1)], dtype=np.intp)
    unit = step * np.eye(k)
    rows, columns = unit[pairs[:, 0]], unit[pairs[:, 1]]
    signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
    values = objective(np.vstack([point + a * rows + b * columns for a, b in signs])).reshape(4, -1)
    with np.errstate(invalid="ignore"):
        found = (values[0] - values[1] - values[2] + values[3]) / (4.0 * step**2)
    hessian = np.empty((k, k))
    hessian[pairs[:, 0], pairs[:, 1]] = hessian[pairs[:, 1], pairs[:, 0]] = found
    return hessian


def descended(objective: Objective, start: Array, noise: float) -> tuple[Array, float]:
    """The point that is reached from a start, and the value there. `noise` is the relative error of one value: it sets the widths of
    differences and how flat is flat enough. Variables are expected to be of the size of one."""
    width = noise ** (1 / 3)
    flat = 50.0 * noise ** (2 / 3)
    point, value = start, float(objective(start[None, :])[0])
    gradient, inverse = slope(objective, point, width), 0.5 * np.eye(len(start))
    for _ in range(_ROUNDS):
        if not np.all(np.isfinite(gradient)) or np.max(np.abs(gradient)) <= flat * max(1.0, abs(value)):
            break
        moved = _moved(objective, point, value, -inverse @ gradient)
        if moved is None:
            if np.array_equal(inverse, 0.5 * np.eye(len(start))):
                break
            inverse = 0.5 * np.eye(len(start))
            continue
        step, value = moved
        after = slope(objective, point + step, width)
        inverse = _updated(inverse, step, after - gradient)
        point, gradient = point + step, after
    return point, value


def _moved(objective: Objective, point: Array, value: float, direction: Array) -> tuple[Array, float] | None:
    """The best of several lengths along a direction, None where none goes down."""
    reach = float(np.linalg.norm(direction))
    steps = np.outer(_STEPS * min(1.0, _LONGEST / reach), direction) if reach > 0 else np.zeros((1, len(point)))
    values = np.nan_to_num(objective(point + steps), nan=np.inf)
    best = int(np.argmin(values))
    return (steps[best], float(values[best])) if values[best] < value else None


def _updated(inverse: Array, step: Array, change: Array) -> Array:
    """The inverse curvature after a step; as it was where the step saw none."""
    along = float(step @ change)
    if not np.isfinite(along) or along <= 1e-12 * float(np.linalg.norm(step) * np.linalg.norm(change)):
        return inverse
    left = np.eye(len(step)) - np.outer(step, change) / along
    made: Array = left @ inverse @ left.T + np.outer(step, step) / along
    return made


def polished(objective: Objective, point: Array, noise: float) -> Lowest:
    """Newton's last steps from near a minimum, taken while they go downhill or stay level within the noise, and what it looks like."""
    gradient = slope(objective, point, noise ** (1 / 3))
    width = noise ** (1 / 6)
    hessian = curvature(objective, point, width)
    value = float(objective(point[None, :])[0])
    is_bowl = bool(np.all(np.isfinite(hessian))) and bool(np.all(np.linalg.eigvalsh(hessian) > 0))
    for _ in range(2 if is_bowl else 0):
        step = -np.linalg.solve(hessian, gradient)
        after = float(objective((point + step)[None, :])[0])
        if not after <= value + 1e3 * noise * max(1.0, abs(value)):
            break
        point, value = point + step, after
        gradient = slope(objective, point, noise ** (1 / 3))
    is_flat = bool(np.all(np.isfinite(gradient))) and float(np.max(np.abs(gradient))) <= 1e4 * noise ** (2 / 3) * max(1.0, abs(value))
    return Lowest(point, value, hessian, is_bowl and is_flat)
