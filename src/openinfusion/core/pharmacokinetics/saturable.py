"""The right-hand side of a drug whose elimination is saturated: by Michaelis and Menten, beside linear elimination, or through a target
that it binds (quasi-steady state), with peripheral compartments, depots, an effect site and the area under the curve as further states.

States are in amounts, in the order of `Layout.compartments`; then the concentration of the effect site, of the whole target, and the area.
Target-mediated disposition is that of Gibiansky et al. as the publisher of Monolix restates it (`citations.TARGET_MEDIATED`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openinfusion.core.pharmacokinetics.arrays import Array

PER_VOLUME, VOLUME, K10, K12, K21, K13, K31, VMAX, KM, KSS, KINT, KDEG, KSYN, KE0, DEPOTS = range(15)
"""Rows of a table of parameters, per hour. The first turns an amount into a concentration, the second a concentration into an amount; from
`DEPOTS` on stands the rate at which each depot empties."""


class Shape(NamedTuple):
    """Which states there are. Each depot empties into the state of its place in `flows_to`. The area is that under the level of the whole
    drug where it `is_whole`, else of what no target binds."""

    compartments: int
    is_saturable: bool
    has_target: bool
    has_effect: bool
    has_area: bool
    is_whole: bool
    flows_to: NDArray[np.int64]

    @property
    def amounts(self) -> int:
        """How many states are amounts: those that can be dosed."""
        return self.compartments + len(self.flows_to)

    @property
    def states(self) -> int:
        """How many states there are."""
        return self.amounts + self.has_effect + self.has_target + self.has_area

    @property
    def target(self) -> int:
        """The place of the whole target among the states."""
        return self.amounts + self.has_effect


def derivative(shape: Shape, p: Array, inflow: Array, y: Array) -> Array:
    """How fast each state (states, n) changes per hour; `p` is (rows, n), `inflow` (amounts, n or 1) what flows in."""
    out = np.empty_like(y)
    free, free_level, bound = _free(shape, p, y)
    out[0] = -(p[K10] * free)
    if shape.is_saturable:
        out[0] -= p[VMAX] * free_level / (p[KM] + free_level)
    if shape.has_target:
        out[0] -= p[KINT] * bound * p[VOLUME]
        out[shape.target] = p[KSYN] - p[KDEG] * y[shape.target] - (p[KINT] - p[KDEG]) * bound
    for place in range(1, shape.compartments):
        moved = p[K12 + 2 * place - 2] * free - p[K21 + 2 * place - 2] * y[place]
        out[0] -= moved
        out[place] = moved
    for depot in range(len(shape.flows_to)):
        out[shape.compartments + depot] = 0.0
    for depot, to in enumerate(shape.flows_to):
        moved = p[DEPOTS + depot] * y[shape.compartments + depot]
        out[shape.compartments + depot] -= moved
        out[to] += moved
    if shape.has_effect:
        out[shape.amounts] = p[KE0] * (free_level - y[shape.amounts])
    if shape.has_area:
        out[shape.states - 1] = y[0] * p[PER_VOLUME] if shape.is_whole else free_level
    out[: shape.amounts] += inflow
    return out


def free_of(p: Array, whole: Array, target: Array) -> Array:
    """Of a whole concentration what a whole target leaves free, in quasi-steady state."""
    over = whole - target - p[KSS]
    root = np.sqrt(over * over + 4.0 * p[KSS] * np.maximum(whole, 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(over >= 0.0, 0.5 * (over + root), 2.0 * p[KSS] * whole / (root - over)))


def _free(shape: Shape, p: Array, y: Array) -> tuple[Array, Array, Array]:
    """Amount and concentration of what is not bound in the central compartment, and the concentration of what is."""
    level = y[0] * p[PER_VOLUME]
    if not shape.has_target:
        return y[0], level, np.zeros(1)
    free = free_of(p, level, y[shape.target])
    return free * p[VOLUME], free, level - free


def stiffness(shape: Shape, p: Array) -> Array:
    """About the fastest rate per hour that the states of each patient can change at, shape (n,)."""
    central = p[K10] + sum((p[K12 + 2 * place] for place in range(shape.compartments - 1)), np.zeros(1))
    if shape.is_saturable:
        central = central + p[VMAX] * p[PER_VOLUME] / p[KM]
    rates = [central + sum((p[K21 + 2 * place] for place in range(shape.compartments - 1)), np.zeros(1))]
    if shape.has_target:
        rates[0] = rates[0] + p[KINT]
        rates.append(p[KDEG] + p[KINT])
    if shape.has_effect:
        rates.append(p[KE0])
    rates += [p[DEPOTS + depot] for depot in range(len(shape.flows_to))]
    return np.asarray(np.maximum.reduce(np.broadcast_arrays(*rates)))
