"""The same levels by other programs, where they are installed: each gives milliseconds for all patients, or None."""

import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Levels = Callable[[int], Array]


def micro(p: Mapping[str, Array]) -> tuple[Array, Array, Array]:
    """Rate constants k10, k12, k21."""
    return p["CL"] / p["V1"], p["Q"] / p["V1"], p["Q"] / p["V2"]


def _term(*factors: str) -> str:
    return "<apply><times/>" + "".join(f"<ci>{factor}</ci>" for factor in factors) + "</apply>"


SBML = (
    '<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" level="3" version="1"><model id="two"><listOfParameters>'
    + "".join(f'<parameter id="{name}" value="0" constant="{str(fixed).lower()}"/>' for name, fixed in
              (("k10", True), ("k12", True), ("k21", True), ("flow", False), ("A", False), ("B", False)))
    + '</listOfParameters><listOfRules><rateRule variable="A"><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><minus/>'
    + f"<apply><plus/><ci>flow</ci>{_term('k21', 'B')}</apply><apply><plus/>{_term('k10', 'A')}{_term('k12', 'A')}</apply></apply></math>"
    + '</rateRule><rateRule variable="B"><math xmlns="http://www.w3.org/1998/Math/MathML"><apply><minus/>'
    + f"{_term('k12', 'A')}{_term('k21', 'B')}</apply></math></rateRule></listOfRules></model></sbml>"
)  # fmt: skip


def libroadrunner_ms(p: Mapping[str, Array], rates: Array, rows: int, step_h: float, expected: Array, few: int = 100) -> float | None:
    """CVODE at a relative tolerance of 1e-6, by a few patients."""
    if find_spec("roadrunner") is None:
        return None
    import roadrunner

    model = roadrunner.RoadRunner(SBML)
    model.timeCourseSelections = ["time", "A"]
    model.integrator.relative_tolerance = 1e-6

    def levels(i: int) -> Array:
        model.reset()
        for name, value in zip(("k10", "k12", "k21"), micro(p), strict=True):
            model[name] = float(value[i])
        model["A"] = model["B"] = 0.0
        found = []
        for place, rate in enumerate(rates.tolist()):
            model["flow"] = rate
            begin = place * rows * step_h
            found.append(np.array(model.simulate(begin, begin + rows * step_h, rows + 1))[1:, 1])
        return np.concatenate(found) / p["V1"][i]

    assert np.allclose(levels(0), expected[:, 0], rtol=1e-3, atol=1e-6)
    since = time.thread_time()
    for i in range(few):
        levels(i)
    return 1e3 * (time.thread_time() - since) * len(p["V1"]) / few


def diffrax_ms(p: Mapping[str, Array], rates: Array, times: Array, expected: Array) -> float | None:
    """Tsit5 at a relative tolerance of 1e-6, all patients together, compiled before; on all threads that JAX takes."""
    if find_spec("diffrax") is None:
        return None
    import diffrax
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)  # noqa: FBT003 - its own form
    every = times[-1] / len(rates)
    flows, jumps = jnp.asarray(rates), jnp.asarray(every * np.arange(1, len(rates)))

    def change(t, y, k):  # noqa: ANN001, ANN202 - traced by JAX
        k10, k12, k21 = k
        flow = flows[jnp.clip(jnp.floor(t / every).astype(int), 0, len(rates) - 1)]
        return jnp.stack((flow - (k10 + k12) * y[0] + k21 * y[1], k12 * y[0] - k21 * y[1]))

    def one(k):  # noqa: ANN001, ANN202 - traced by JAX
        steps = diffrax.ClipStepSizeController(diffrax.PIDController(rtol=1e-6, atol=1e-8), jump_ts=jumps)
        saved, term = diffrax.SaveAt(ts=jnp.asarray(times)), diffrax.ODETerm(change)
        return diffrax.diffeqsolve(term, diffrax.Tsit5(), 0.0, times[-1], 0.1, jnp.zeros(2), k, saveat=saved, stepsize_controller=steps).ys[
            :, 0
        ]

    solved, constants = jax.jit(jax.vmap(one)), tuple(jnp.asarray(value) for value in micro(p))
    found = np.asarray(solved(constants)) / p["V1"][:, None]
    assert np.allclose(found.T, expected, rtol=1e-3, atol=1e-6)
    since = time.process_time()
    solved(constants).block_until_ready()
    return 1e3 * (time.process_time() - since)
