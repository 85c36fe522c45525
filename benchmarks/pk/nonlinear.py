"""Claim: levels under saturated elimination are found at least five times sooner than by numbalsoda, at no greater an error.

Two-compartment patients with Michaelis-Menten and linear elimination, made up from a seed, five steps of rate, a hundred levels each. All
solve the same patients: SciPy and numbalsoda one at a time, diffrax all at once, the program in blocks. Each is asked for a relative
tolerance of 1e-6, and its worst error against LSODA at 1e-11 is told, on the scale of a patient's highest level; a peer less exact than the
program is asked again for ten times less until it is not. Runs of all take turns and the median of the ratios counts. SciPy, which takes
minutes, solves a part of the patients once and is scaled. A peer that is not installed is "not measured" (numbalsoda is built from source,
with a Fortran compiler). What it takes to compile, which happens once on a machine, is told apart. Prints one JSON object.

    .venv/bin/python benchmarks/pk/nonlinear.py [--patients 10000] [--rounds 15] [--few 40]
"""

import argparse
import importlib
import importlib.util
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from openinfusion import config
from openinfusion.core.pharmacokinetics.course import Course
from openinfusion.core.pharmacokinetics.engine import Engine
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.nonlinear import RELATIVE, passage
from openinfusion.core.pharmacokinetics.parameters import Parameters
from openinfusion.core.pharmacokinetics.regimen import Regimen

Array = NDArray[np.float64]
WANTED = 5.0
MODEL = Model.from_dict(
    {
        "id": "bench", "units": {"time": "h", "amount": "mg", "concentration": "mg/L"}, "structure": "two-compartment",
        "elimination": "parallel", "parameters": {"V1": "10", "CL": "1", "Q": "2", "V2": "20", "VMAX": "20", "KM": "2"},
        "variability": dict.fromkeys(("V1", "CL", "Q", "V2", "VMAX", "KM"), 0.09),
        "error": {"form": "proportional", "proportional": 0.1}, "status": "complete", "citation": "made up",
    }
)  # fmt: skip
BREAKS = np.array([0.0, 2.0, 6.0, 12.0, 24.0, 36.0])
RATES = np.array([200.0, 50.0, 100.0, 0.0, 80.0, 0.0])
TIMES = np.linspace(0.0, 48.0, 101)[1:]
NAMES = ("V1", "CL", "Q", "V2", "VMAX", "KM")

Solve = Callable[[float], Array]
"""Levels (t, n) at a relative tolerance."""


def course() -> Course:
    """The five steps of rate."""
    regimen = Regimen()
    for rate, start, stop in zip(RATES, BREAKS, BREAKS[1:], strict=False):
        if rate > 0:
            regimen = regimen.rate(f"{rate} mg/h", start=f"{start} h", stop=f"{stop} h")
    return regimen.course(MODEL)


def slope(_: float, y: Array, p: Array, rate: float) -> list[float]:
    """The equations of one patient."""
    level = y[0] / p[0]
    moved = p[2] * (level - y[1] / p[3])
    return [rate - p[1] * level - p[4] * level / (p[5] + level) - moved, moved]


def by_scipy(table: Array, relative: float, method: str = "LSODA") -> Array:
    """One patient after another, from break to break."""
    out = np.empty((len(TIMES), table.shape[1]))
    for i, p in enumerate(table.T):
        y: Any = np.zeros(2)
        for begin, end, rate in zip(BREAKS, [*BREAKS[1:], TIMES[-1]], RATES, strict=True):
            seen = (begin < TIMES) & (end >= TIMES)
            looked = np.union1d(TIMES[seen], [end])
            done = solve_ivp(slope, (begin, end), y, method=method, t_eval=looked, rtol=relative, atol=relative * 1e-3, args=(p, rate))
            out[seen, i] = done.y[0][np.searchsorted(looked, TIMES[seen])] / p[0]
            y = done.y[:, -1]
    return out


def numbalsoda_of(table: Array) -> Solve | None:
    """numbalsoda, the loop over patients compiled too; None where it is not installed."""
    if importlib.util.find_spec("numbalsoda") is None:
        return None
    numba, numbalsoda = importlib.import_module("numba"), importlib.import_module("numbalsoda")

    def equations(_: Any, y: Any, out: Any, p: Any) -> None:
        level = y[0] / p[0]
        moved = p[2] * (level - y[1] / p[3])
        out[0] = p[6] - p[1] * level - p[4] * level / (p[5] + level) - moved
        out[1] = moved

    address, lsoda = numba.cfunc(numbalsoda.lsoda_sig)(equations).address, numbalsoda.lsoda
    ends = np.append(BREAKS[1:], TIMES[-1])

    @numba.njit
    def every(patients: Any, relative: Any, out: Any) -> None:
        p = np.empty(7)
        for i in range(patients.shape[1]):
            p[:6] = patients[:, i]
            y = np.zeros(2)
            for b in range(len(BREAKS)):
                p[6] = RATES[b]
                first = np.searchsorted(TIMES, BREAKS[b], side="right")
                last = np.searchsorted(TIMES, ends[b], side="right")
                has_end = last > first and TIMES[last - 1] == ends[b]
                looked = np.empty(last - first + (1 if has_end else 2))
                looked[0] = BREAKS[b]
                looked[1 : last - first + 1] = TIMES[first:last]
                looked[-1] = ends[b]
                found, _ = lsoda(address, y, looked, p, relative, relative * 1e-3)
                out[first:last, i] = found[1 : last - first + 1, 0] / p[0]
                y = found[-1].copy()

    def solve(relative: float) -> Array:
        out = np.empty((len(TIMES), table.shape[1]))
        every(table, relative, out)
        return out

    return solve


def diffrax_of(table: Array) -> Solve | None:
    """diffrax, compiled and mapped over all patients, with a step size for each; None where it is not installed."""
    if importlib.util.find_spec("diffrax") is None:
        return None
    jax, diffrax = importlib.import_module("jax"), importlib.import_module("diffrax")
    jax.config.update("jax_enable_x64", val=True)
    jnp = jax.numpy

    def field(t: Any, y: Any, p: Any) -> Any:
        rate = jnp.asarray(RATES)[jnp.searchsorted(jnp.asarray(BREAKS), t, side="right") - 1]
        level = y[0] / p[0]
        moved = p[2] * (level - y[1] / p[3])
        return jnp.stack((rate - p[1] * level - p[4] * level / (p[5] + level) - moved, moved))

    def one(p: Any, relative: Any) -> Any:
        steps = diffrax.ClipStepSizeController(diffrax.PIDController(rtol=relative, atol=relative * 1e-3), jump_ts=jnp.asarray(BREAKS))
        found = diffrax.diffeqsolve(
            diffrax.ODETerm(field), diffrax.Dopri5(), 0.0, TIMES[-1], None, jnp.zeros(2), args=p,
            saveat=diffrax.SaveAt(ts=jnp.asarray(TIMES)), stepsize_controller=steps, max_steps=20_000,
        )  # fmt: skip
        return found.ys[:, 0] / p[0]

    every = jax.jit(jax.vmap(one, in_axes=(0, None), out_axes=1))

    def solve(relative: float) -> Array:
        return np.asarray(every(jnp.asarray(table.T), relative))

    return solve


def error(found: Array, exact: Array) -> float:
    """The worst of all levels, on the scale of each patient's highest."""
    return float(np.max(np.abs(found[:, : exact.shape[1]] - exact) / np.max(exact, axis=0)))


def as_exact(solve: Solve, exact: Array, wanted: float) -> tuple[float, float]:
    """The tolerance at which a peer is as exact as is wanted, and its error then."""
    relative = RELATIVE
    while (reached := error(solve(relative), exact)) > wanted and relative > 1e-12:
        relative /= 10.0
    return relative, reached


def timed(solve: Solve, relative: float) -> float:
    """Seconds of one run."""
    began = time.perf_counter()
    solve(relative)
    return time.perf_counter() - began


def main() -> int:
    """Measure, print, and say whether the claim holds, or that it was not measured."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--patients", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--few", type=int, default=40, help="patients whose exact levels are found, and that SciPy solves")
    asked = parser.parse_args()
    config.keep_compiled(os.environ, Path(__file__).parents[2] / "var")
    etas = 0.3 * np.random.default_rng(20261201).standard_normal((asked.patients, len(NAMES)))
    parameters: Parameters = MODEL.parameters({}, etas)
    table, given = np.stack([parameters[name] for name in NAMES]), course()

    def ours(relative: float, engine: Engine = Engine.NUMBA) -> Array:
        return passage(MODEL, parameters, given, TIMES, engine=engine, relative=relative, wants_area=False, wants_states=False).level

    exact = by_scipy(table[:, : asked.few], 1e-11)
    compiling = timed(ours, RELATIVE)
    own_error = error(ours(RELATIVE), exact)
    report: dict[str, object] = {
        "patients": asked.patients,
        "levels": len(TIMES),
        "load": os.getloadavg()[0],
        "first_run_s": round(compiling, 2),
    }
    peers = {"numbalsoda": numbalsoda_of(table), "diffrax": diffrax_of(table)}
    measured = {name: (solve, *as_exact(solve, exact, own_error)) for name, solve in peers.items() if solve is not None}
    own, pairs = list[float](), {name: list[float]() for name in measured}
    for _ in range(asked.rounds):
        own.append(timed(ours, RELATIVE))
        for name, (solve, relative, _) in measured.items():
            pairs[name].append(timed(solve, relative) / own[-1])
    mine = statistics.median(own)
    scipy_s = timed(lambda relative: by_scipy(table[:, : asked.few], relative), RELATIVE) * asked.patients / asked.few
    numpy_s = timed(lambda relative: ours(relative, Engine.NUMPY), RELATIVE)
    report["openinfusion"] = {"ms": round(1000 * mine, 1), "error": own_error}
    report["numpy path"] = {"ms": round(1000 * numpy_s, 1), "times": round(numpy_s / mine, 1)}
    report["scipy LSODA"] = {"ms": round(1000 * scipy_s), "times": round(scipy_s / mine), "scaled_from": asked.few}
    for name in peers:
        report[name] = "not measured"
        if name in measured:
            _, relative, reached = measured[name]
            times = round(statistics.median(pairs[name]), 1)
            report[name] = {"times": times, "tolerance": relative, "error": reached}
    ratio = statistics.median(pairs["numbalsoda"]) if "numbalsoda" in pairs else None
    report["wanted_times"], report["holds"] = WANTED, "not measured" if ratio is None else ratio >= WANTED
    print(json.dumps(report))
    return 0 if ratio is None or ratio >= WANTED else 1


if __name__ == "__main__":
    sys.exit(main())
