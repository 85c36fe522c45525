"""Claim: 10,000 patients' levels take 2.2 times what a C kernel takes (7 times in NumPy, twice at times of their own) or less.

A hundred times, two compartments, five steps of rate: the innermost loops, from exponentials to levels in an array that exists, each in
turn with a C kernel that is compiled here and now, and to the same levels. The whole call from clearances and volumes, the allocation of
that array and its copy the other way round are reported apart, and so are two threads, a million patients and peers. Prints one JSON
object; what this machine cannot measure is "not measured". Times are the processor's, so that a busy machine tells the same, except those
of threads.

    .venv/bin/python benchmarks/pk/linear.py [--rounds 15] [--patients 10000] [--no-million]
"""

import argparse
import ctypes
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from _peers import diffrax_ms, libroadrunner_ms
from scipy.integrate import solve_ivp

from openinfusion import config
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course
from openinfusion.core.pharmacokinetics.engine import Engine, loops
from openinfusion.core.pharmacokinetics.linear import CONCENTRATION, LinearSystem, feeds
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.parameters import Parameters
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.solve import solve
from openinfusion.core.pharmacokinetics.superposition import Superposition, route, superposed

NUMBA_AT_MOST, NUMPY_AT_MOST, OWN_AT_MOST, PEERS_AT_LEAST, GAIN_AT_LEAST, GIB_AT_MOST = 2.2, 7.0, 2.0, 1000.0, 0.85, 4.0
NOT_MEASURED = "not measured"
RATES, ROWS, STEP_H = np.array([500.0, 100.0, 0.0, 300.0, 50.0]), 20, 0.5
TIMES = STEP_H * np.arange(1, ROWS * len(RATES) + 1)
DOSE = 1000.0
MODEL = Model.from_dict(
    {
        "id": "bench", "units": {"time": "h", "amount": "mg", "concentration": "mg/L"}, "structure": "two-compartment",
        "parameters": {"CL": "4.5", "V1": "58.4", "Q": "6.5", "V2": "38.4"}, "variability": {"CL": 0.15, "V1": 0.5, "V2": 0.3},
    }
)  # fmt: skip
Run = Callable[[], object]


def patients(n: int) -> Parameters:
    """Patients who differ, always the same ones."""
    return MODEL.parameters({}, 0.4 * np.random.default_rng(20261201).standard_normal((n, len(MODEL.etas))))


def steps() -> Course:
    """Five rates of ten hours each."""
    regimen = Regimen()
    for place, rate in enumerate(RATES.tolist()):
        begin = place * ROWS * STEP_H
        regimen = regimen.rate(f"{rate} mg/h", start=f"{begin} h", stop=f"{begin + ROWS * STEP_H} h")
    return regimen.course(MODEL)


def compiler() -> ctypes.CDLL | None:
    """The C kernel, compiled for this machine; None without a compiler."""
    cc = shutil.which("cc")
    if cc is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "levels.so"
        source = Path(__file__).with_name("_levels.c")
        subprocess.run([cc, "-O3", "-march=native", "-ffast-math", "-shared", "-fPIC", source, "-o", made, "-lm"], check=True)
        return ctypes.CDLL(str(made))


def _at(array: Array) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)


def c_shared(kernel: ctypes.CDLL, p: Parameters, out: Array, begin: int = 0, end: int | None = None) -> None:
    """The C kernel on one grid for all, for some of the patients."""
    sizes = [ctypes.c_long(one) for one in (begin, p.n if end is None else end, p.n, ROWS, len(RATES))]
    kernel.shared(*sizes, ctypes.c_double(STEP_H), _at(RATES), *(_at(p[name]) for name in ("CL", "V1", "Q", "V2")), _at(out))


def c_own(kernel: ctypes.CDLL, p: Parameters, times: Array, out: Array) -> None:
    """The C kernel at times of each patient's own."""
    sizes = ctypes.c_long(p.n), ctypes.c_long(len(times))
    kernel.own(*sizes, _at(times), ctypes.c_double(DOSE), *(_at(p[name]) for name in ("CL", "V1", "Q", "V2")), _at(out))


def timed(run: Run, clock: Callable[[], float] = time.thread_time) -> float:
    """Seconds."""
    since = clock()
    run()
    return clock() - since


def in_turn(rounds: int, *runs: Run, clock: Callable[[], float] = time.thread_time) -> list[list[float]]:
    """Seconds of each in each round, one after the other, after one round that is not counted."""
    for run in runs:
        run()
    return [[timed(run, clock) for run in runs] for _ in range(rounds)]


def medians(rows: list[list[float]]) -> list[float]:
    """Of each, over the rounds."""
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def ratio(rows: list[list[float]], of: int, to: int) -> float:
    """The median over the rounds of how many times longer one took than the other in the same round."""
    return round(statistics.median(row[of] / row[to] for row in rows), 2)


def prepared(p: Parameters, course: Course) -> Superposition:
    """The exponentials of all patients and what feeds them."""
    system = LinearSystem.of(MODEL, p)
    return superposed(list(feeds(system, course, CONCENTRATION, None)), system.poles)


def on_one_grid(kernel: ctypes.CDLL | None, rounds: int, n: int) -> dict[str, object]:
    """The first claim."""
    p, course = patients(n), steps()
    outs = [np.zeros((len(TIMES), n)) for _ in range(4)]
    sum_ = prepared(p, course)
    way = route(TIMES, sum_.at_h)
    numba, numpy = loops(Engine.NUMBA), loops(Engine.NUMPY)
    runs: list[Run] = [
        lambda: numba.shared(sum_, way, outs[0]),
        lambda: numpy.shared(sum_, way, outs[1]),
        lambda: solve(MODEL, p, course, TIMES, engine=Engine.NUMBA, out=outs[2]),
        lambda: np.empty((len(TIMES), n)).fill(0.0),
        lambda: np.ascontiguousarray(outs[0].T),
    ]
    if kernel is not None:
        runs.append(lambda: c_shared(kernel, p, outs[3]))
    rows = in_turn(rounds, *runs)
    names = ("numba_ms", "numpy_ms", "whole_call_ms", "allocation_ms", "copy_ms", "c_ms")
    found: dict[str, object] = {name: round(1e3 * value, 3) for name, value in zip(names, medians(rows), strict=False)}
    assert all(np.allclose(outs[0], other, rtol=1e-11, atol=1e-12) for other in outs[1:3])
    if kernel is None:
        return {**found, "c_ms": NOT_MEASURED, "numba_to_c": NOT_MEASURED, "numpy_to_c": NOT_MEASURED}
    assert np.allclose(outs[0], outs[3], rtol=1e-9, atol=1e-11)
    return {**found, "numba_to_c": ratio(rows, 0, 5), "numpy_to_c": ratio(rows, 1, 5), "whole_call_to_c": ratio(rows, 2, 5)}


def at_own_times(kernel: ctypes.CDLL | None, rounds: int, n: int) -> dict[str, object]:
    """The second claim."""
    p, course = patients(n), Regimen().dose(f"{DOSE} mg").course(MODEL)
    times = np.sort(np.random.default_rng(7).uniform(1e-3, 48.0, (len(TIMES), n)), axis=0)
    outs = [np.zeros((len(TIMES), n)) for _ in range(2)]
    sum_, numba = prepared(p, course), loops(Engine.NUMBA)
    runs: list[Run] = [lambda: numba.scattered(sum_, times, np.zeros(1), outs[0], is_first=True)]
    if kernel is not None:
        runs.append(lambda: c_own(kernel, p, times, outs[1]))
    rows = in_turn(rounds, *runs)
    found: dict[str, object] = {"own_times_ms": round(1e3 * medians(rows)[0], 3)}
    if kernel is None:
        return {**found, "own_times_to_c": NOT_MEASURED}
    assert np.allclose(*outs, rtol=1e-9, atol=1e-11)
    return {**found, "own_times_c_ms": round(1e3 * medians(rows)[1], 3), "own_times_to_c": ratio(rows, 0, 1)}


def in_two_threads(kernel: ctypes.CDLL | None, rounds: int, n: int) -> dict[str, object]:
    """How many times sooner two threads are, each with half of the patients, for the program and for the C kernel."""
    if kernel is None or (os.cpu_count() or 1) < 2:
        return {"two_threads_gain": NOT_MEASURED}
    p, course = patients(n), steps()
    halves = [p.of(slice(0, n // 2)), p.of(slice(n // 2, n))]
    parts, whole, c_out = [np.zeros((len(TIMES), half.n)) for half in halves], np.zeros((len(TIMES), n)), np.zeros((len(TIMES), n))
    with ThreadPoolExecutor(2) as pool:

        def ours() -> None:
            list(pool.map(lambda half, out: solve(MODEL, half, course, TIMES, engine=Engine.NUMBA, out=out), halves, parts))

        def c_s() -> None:
            list(pool.map(lambda begin, end: c_shared(kernel, p, c_out, begin, end), (0, n // 2), (n // 2, n)))

        def one() -> None:
            solve(MODEL, p, course, TIMES, engine=Engine.NUMBA, out=whole)

        def alone() -> None:
            c_shared(kernel, p, c_out)

        rows = in_turn(rounds, one, ours, alone, c_s, clock=time.perf_counter)
    gain, c_gain = ratio(rows, 0, 1), ratio(rows, 2, 3)
    return {"two_threads_gain": gain, "two_threads_gain_c": c_gain, "two_threads_share": round(gain / c_gain, 2)}


def a_million() -> dict[str, object]:
    """A million patients at a hundred times, with all memory that this process ever held."""
    seconds = timed(lambda: solve(MODEL, patients(1_000_000), steps(), TIMES, engine=Engine.NUMBA))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"million_s": round(seconds, 2), "million_peak_gib": round(peak, 2)}


def scipy_ms(n: int, few: int = 20) -> float:
    """What SciPy's LSODA would take for all patients, by a few of them."""
    p = patients(few)

    def one(i: int) -> None:
        k10, k12, k21 = p["CL"][i] / p["V1"][i], p["Q"][i] / p["V1"][i], p["Q"][i] / p["V2"][i]
        state = np.zeros(2)
        for place, rate in enumerate(RATES.tolist()):
            at = TIMES[place * ROWS : (place + 1) * ROWS]
            span = at[0] - STEP_H, at[-1]
            part = solve_ivp(
                lambda _, y, r=rate: (r - (k10 + k12) * y[0] + k21 * y[1], k12 * y[0] - k21 * y[1]), span, state, "LSODA", at, rtol=1e-6
            )
            state = part.y[:, -1]

    return 1e3 * timed(lambda: [one(i) for i in range(few)]) * n / few


def by_peers(n: int, numba_ms: float) -> dict[str, object]:
    """Other programs, and how many times longer they take than the compiled loops."""
    p = patients(n)
    expected = solve(MODEL, p, steps(), TIMES, engine=Engine.NUMBA)
    took = {
        "scipy": scipy_ms(n),
        "libroadrunner": libroadrunner_ms(p, RATES, ROWS, STEP_H, expected),
        "diffrax": diffrax_ms(p, RATES, TIMES, expected),
    }
    found: dict[str, object] = {}
    for name, milliseconds in took.items():
        found[f"{name}_ms"] = NOT_MEASURED if milliseconds is None else round(milliseconds, 1)
        found[f"{name}_to_numba"] = NOT_MEASURED if milliseconds is None else round(milliseconds / numba_ms, 1)
    return found


def holds(found: dict[str, object]) -> bool:
    """Whether every figure that was measured is within its limit."""
    most = {"numba_to_c": NUMBA_AT_MOST, "numpy_to_c": NUMPY_AT_MOST, "own_times_to_c": OWN_AT_MOST, "million_peak_gib": GIB_AT_MOST}
    least = {"libroadrunner_to_numba": PEERS_AT_LEAST, "two_threads_share": GAIN_AT_LEAST}
    numbers = {name: value for name, value in found.items() if isinstance(value, float)}
    return all(numbers.get(name, limit) <= limit for name, limit in most.items()) and all(
        numbers.get(name, limit) >= limit for name, limit in least.items()
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--patients", type=int, default=10_000)
    parser.add_argument("--million", action=argparse.BooleanOptionalAction, default=True)
    asked = parser.parse_args()
    config.keep_compiled(os.environ, config.current().home)
    kernel = compiler()
    found = {
        **on_one_grid(kernel, asked.rounds, asked.patients),
        **at_own_times(kernel, asked.rounds, asked.patients),
        **in_two_threads(kernel, asked.rounds, 10 * asked.patients),
    }
    found |= a_million() if asked.million else {"million_s": NOT_MEASURED, "million_peak_gib": NOT_MEASURED}
    found |= by_peers(asked.patients, float(str(found["numba_ms"])))
    shown = {"claim": __doc__.partition("\n")[0].removeprefix("Claim: "), **found, "holds": holds(found)}
    print(json.dumps(shown))
    return 0 if shown["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
