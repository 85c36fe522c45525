"""Models, patients and regimens drawn by chance, and what an integrator of differential equations makes of them.

The integrator knows nothing of how the program solves a course: it walks from one change of input to the next with LSODA.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course, Doses
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.parameters import Parameters
from tests.core.pharmacokinetics.plain import STRUCTURES, UNITS

_DISPOSITION = (("CL", "V1"), ("Q", "V2"), ("Q2", "V3"))
UPTAKES: Mapping[str, object] = {
    "first-order": {"kind": "first-order", "ka": "KA", "F": "FA", "lag": "LAG"},
    "zero-order": {"kind": "zero-order", "duration": "LONG", "lag": "LAG", "F": "FA"},
    "parallel": {
        "kind": "parallel",
        "F": "FA",
        "paths": [
            {"kind": "first-order", "fraction": "0.4", "ka": "KA", "lag": "LAG"},
            {"kind": "first-order", "fraction": "0.6", "ka": "KB"},
        ],
    },
    "transit": {"kind": "transit", "transits": 2, "ka": "KA", "mtt": "LONG", "F": "FA"},
}


@dataclass(frozen=True)
class Case:
    """A model with the parameters of some patients and a course."""

    model: Model
    parameters: Parameters
    course: Course


def _floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(np.log(low), np.log(high)).map(lambda x: round(float(np.exp(x)), 4))


@st.composite
def cases(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(UPTAKES), patients: int = 2) -> Case:
    """A linear model of one to three compartments, patients who differ in every parameter, and a few doses by two routes."""
    compartments, uptake = draw(st.integers(1, 3)), draw(st.sampled_from(kinds))
    names = [name for pair in _DISPOSITION[:compartments] for name in pair]
    typical = {name: draw(_floats(0.5, 50)) for name in names}
    typical |= {"KA": draw(_floats(0.05, 5)), "KB": draw(_floats(0.02, 1)), "LAG": draw(_floats(0.05, 3)), "LONG": draw(_floats(0.3, 6))}
    typical |= {"FA": draw(st.floats(0.2, 1)), "KE0": draw(_floats(0.05, 5))}
    model = Model.from_dict(
        {
            "id": "drawn",
            "units": UNITS,
            "structure": STRUCTURES[compartments - 1],
            "absorption": {"SC": UPTAKES[uptake]},
            "parameters": {name: repr(value) for name, value in typical.items()},
            "variability": dict.fromkeys(typical, 0.1),
        }
    )
    eta = np.array([[draw(st.integers(-5, 5)) / 10 for _ in model.etas] for _ in range(patients)])
    return Case(model, model.parameters({}, eta), draw(courses()))


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Boluses and flows into a vein, boluses under the skin."""
    vein, skin = draw(st.integers(0, 3)), draw(st.integers(0, 2))
    return Course((_doses(draw, "IV", vein, may_flow=True), _doses(draw, "SC", skin, may_flow=False)))


def _doses(draw: st.DrawFn, route: str, count: int, *, may_flow: bool) -> Doses:
    start = np.sort(np.array([draw(st.integers(0, 80)) / 4 for _ in range(count)]))  # the integrator cannot step over next to nothing
    length = np.array([draw(st.sampled_from([0.0, 0.5, 7.0])) if may_flow else 0.0 for _ in range(count)])
    size = np.array([[draw(_floats(1, 500))] for _ in range(count)]).reshape(count, 1)
    is_bolus = (length == 0)[:, None]
    return Doses(route, start, start + length, np.where(is_bolus, size, 0.0), np.where(is_bolus, 0.0, size), np.zeros(count))


@dataclass(frozen=True)
class Integrated:
    """What the integrator gives one patient: level, level at the effect site, and area under the level, each (times,)."""

    level: Array
    effect: Array
    area: Array


def integrated(case: Case, patient: int, times_h: Array) -> Integrated:
    """The course of one patient by LSODA at a relative tolerance of 1e-11, started anew at each change."""
    p = {name: float(values[patient]) for name, values in case.parameters.items()}
    inputs = list(_inputs(case, p))
    changes = sorted({0.0, *(t for start, stop, *_ in inputs for t in (start, stop))})
    y, kept = np.zeros(10), np.zeros((len(times_h), 10))
    for begin, end in zip(changes, [*changes[1:], float(times_h[-1]) + 1.0], strict=True):
        for start, stop, place, size in inputs:
            if start == stop == begin:
                y[place] += size
        flow = np.zeros(10)
        for start, stop, place, size in inputs:
            if start <= begin < stop:
                flow[place] += size
        inside = (times_h > begin) & (times_h <= end)
        asked = np.unique(np.append(times_h[inside], end))
        if end > begin:
            found = solve_ivp(_change, (begin, end), y, "LSODA", asked, args=(p, flow), rtol=1e-11, atol=1e-13)
            kept[inside] = found.y.T[: int(inside.sum())]
            y = found.y[:, -1].copy()
    return Integrated(kept[:, 0] / p["V1"], kept[:, 3], kept[:, 4])


def _inputs(case: Case, p: Mapping[str, float]):
    """Start, stop, state and size of everything that arrives."""
    uptake = case.model.file.absorption["SC"]  # type: ignore[index]  # a word of the closed set
    for doses in case.course:
        for start, stop, amount, rate in zip(doses.start_h, doses.stop_h, doses.amount[:, 0], doses.rate[:, 0], strict=True):
            if doses.route == "IV":
                yield float(start), float(stop), 0, float(amount + rate)
            elif uptake.kind == "zero-order":
                arrived = float(start) + p["LAG"]
                yield arrived, arrived + p["LONG"], 0, float(amount) * p["FA"] / p["LONG"]
            elif uptake.kind == "parallel":
                yield float(start) + p["LAG"], float(start) + p["LAG"], 5, float(amount) * p["FA"] * 0.4
                yield float(start), float(start), 6, float(amount) * p["FA"] * 0.6
            elif uptake.kind == "transit":
                yield float(start), float(start), 7, float(amount) * p["FA"]
            else:
                yield float(start) + p["LAG"], float(start) + p["LAG"], 5, float(amount) * p["FA"]


def _change(_: float, y: Array, p: Mapping[str, float], flow: Array) -> Array:
    """0 central, 1 and 2 peripheral, 3 effect site, 4 area, 5 and 6 depots, 7 and 8 transits into depot 5."""
    d = flow.copy()
    level, through = y[0] / p["V1"], 3.0 / p["LONG"]
    d[0] += p["KA"] * y[5] + p["KB"] * y[6] - p["CL"] * level
    for place, (flowing, volume) in enumerate(_DISPOSITION[1:], 1):
        if flowing in p:
            moved = p[flowing] * (level - y[place] / p[volume])
            d[0] -= moved
            d[place] += moved
    d[3] += p["KE0"] * (level - y[3])
    d[4] += level
    d[5] += through * y[8] - p["KA"] * y[5]
    d[6] -= p["KB"] * y[6]
    d[7] -= through * y[7]
    d[8] += through * (y[7] - y[8])
    return d
