"""Whether one estimate may be searched by the compiled kernel, and the kernel's numbers for it. Where it may not, the general solver is
asked instead and finds the same."""

from collections.abc import Callable, Mapping

import numpy as np

from openinfusion.core.pharmacokinetics import fit_kernel as kernel
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course, Doses
from openinfusion.core.pharmacokinetics.disposition import micro
from openinfusion.core.pharmacokinetics.layout import Way
from openinfusion.core.pharmacokinetics.likelihood import Measured, Residual
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import ErrorForm, Uptake
from openinfusion.core.pharmacokinetics.parameters import BASELINE, Parameters

OfEta = Callable[[Array], Parameters]
"""Parameters of many patients by their etas (n, k)."""

search, deviances = kernel.search, kernel.deviances

_FORMS: Mapping[ErrorForm, int] = {
    ErrorForm.ADDITIVE: kernel.ADDITIVE,
    ErrorForm.PROPORTIONAL: kernel.PROPORTIONAL,
    ErrorForm.COMBINED1: kernel.COMBINED1,
    ErrorForm.COMBINED2: kernel.COMBINED2,
}
_TRIES = 3


def task(model: Model, of_eta: OfEta, course: Course, measured: Measured, lower: Array, error: Residual) -> kernel.Task | None:
    """The kernel's task for one patient; None where the model is not linear, absorbs through transits, has doses in steady state or flows
    into zero order, or where a logarithm of a parameter is not straight in the etas."""
    dosing = _dosing(model, course)
    moved = None if dosing is None else _moves(model, of_eta, len(lower))
    if dosing is None or moved is None:
        return None
    samples = kernel.Samples(measured.time_h, measured.value, measured.below)
    return kernel.Task(lower, *moved, dosing, samples, _FORMS[error.form], error.additive, error.proportional)


def _dosing(model: Model, course: Course) -> kernel.Dosing | None:
    """Each dose once for each way that it takes."""
    if not model.is_linear:
        return None
    rows = []
    for doses in course:
        for place, way in enumerate(model.layout.ways):
            if way.route == doses.route:
                known = _kinds(way, doses)
                if known is None:
                    return None
                rows += [(known[n], place, *_line(doses, n)) for n in range(len(doses))]
    if not rows:
        return None
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    kinds, ways = (column.astype(np.int64) for column in columns[:2])
    return kernel.Dosing(kinds, ways, *(column.astype(np.float64) for column in columns[2:]))


def _line(doses: Doses, n: int) -> tuple[float, float, float, float]:
    return float(doses.start_h[n]), float(doses.stop_h[n]), float(doses.amount[n, 0]), float(doses.rate[n, 0])


def _kinds(way: Way, doses: Doses) -> list[int] | None:
    """What each dose is to the kernel; None where one of them is nothing that it knows."""
    is_flow = doses.stop_h > doses.start_h
    if np.any(doses.period_h > 0) or doses.amount.shape[1] != 1:
        return None
    if way.kind is None:
        return [int(kind) for kind in np.where(is_flow, kernel.VEIN_FLOW, kernel.VEIN_BOLUS)]
    if way.kind is Uptake.FIRST_ORDER:
        return [int(kind) for kind in np.where(is_flow, kernel.DEPOT_FLOW, kernel.DEPOT_BOLUS)]
    return [kernel.ZERO_ORDER] * len(doses) if way.kind is Uptake.ZERO_ORDER and not is_flow.any() else None


def _moves(model: Model, of_eta: OfEta, k: int) -> tuple[Array, Array] | None:
    """The kernel's parameters of the typical patient and how their logarithms move with each eta; None where they do not move straight."""
    tries = np.random.Generator(np.random.Philox(0)).normal(size=(_TRIES, k))
    values = _vector(model, of_eta(np.vstack((np.zeros(k), np.eye(k), tries))))
    typical = values[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(typical[:, None] == 0, np.where(values == 0, 0.0, np.nan), np.log(values / typical[:, None]))
    moves = np.where(np.abs(logs[:, 1 : k + 1]) < 1e-14, 0.0, logs[:, 1 : k + 1])
    is_straight = np.allclose(logs[:, k + 1 :], moves @ tries.T, rtol=0, atol=1e-10)
    return (np.ascontiguousarray(typical), np.ascontiguousarray(moves)) if is_straight and np.isfinite(moves).all() else None


def _vector(model: Model, of: Parameters) -> Array:
    """The kernel's parameters (places, n) per hour, its volume such that an amount over it is in the model's concentration."""
    constants, one, zero = micro(model, of), np.ones(of.n), np.zeros(of.n)
    rows = [constants.volume / model.concentration_factor, constants.k10]
    for place in range(2):
        known = place < len(constants.out)
        rows += [constants.out[place], constants.back[place]] if known else [zero, zero]
    rows.append(of.get(BASELINE, zero))
    for way in model.layout.ways:
        rows += [one, one, zero, one] if way.kind is None else _of_way(way, of, model.hours_per_unit)
    return np.stack(rows)


def _of_way(way: Way, of: Parameters, hours: float) -> list[Array]:
    one = np.ones(of.n)
    share = of[f"{way.key}.F"]
    if way.is_one_of_several:
        share = share * of[f"{way.key}.fraction"] * of[f"{way.route}.F"]
    return [of.get(f"{way.key}.ka", one) / hours, share, of[f"{way.key}.lag"] * hours, of.get(f"{way.key}.duration", one) * hours]
