"""Saturated elimination, solved step by step: against closed forms, an independent solver and itself."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.special import lambertw

from openinfusion.core.errors import CommandRefused
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course
from openinfusion.core.pharmacokinetics.engine import Engine
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.nonlinear import passage
from openinfusion.core.pharmacokinetics.parameters import Epochs
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.solve import Wanted, solve, states
from openinfusion.core.pharmacokinetics.state import State

UNITS = {"time": "h", "amount": "mg", "concentration": "mg/L"}
SATURATED = {"V": 50, "VMAX": 20, "KM": 4}
TARGET = {"V": 3, "CL": 0.02, "KINT": 0.05, "KDEG": 0.02, "KSS": 0.5, "R0": 8}
DEPOT = {"SC": {"kind": "first-order", "ka": "KA", "F": "0.7", "lag": "LAG"}}


def _model(parameters: Mapping[str, float | str], elimination: str, structure: str = "one-compartment", **more: object) -> Model:
    """A model with a covariate X that formulas may use."""
    covariates = {"X": {"unit": "1"}}
    return Model.from_dict(
        {
            "id": "tried",
            "units": UNITS,
            "structure": structure,
            "elimination": elimination,
            "parameters": {name: str(value) for name, value in parameters.items()},
            "covariates": covariates,
            **more,
        }
    )


def _level(model: Model, course: Course, times: Array, x: float = 1.0, *, relative: float = 1e-6) -> Array:
    return passage(model, model.parameters({"X": np.array([x])}), course, times, relative=relative).level[:, 0]


def test_one_compartment_falls_as_the_lambert_function_says():
    # integrated by hand: C = Km W(C0/Km exp((C0 - Vmax t / V)/Km)), a form that Golicnik 2012 reviews (Biochem Eng J 63:116, abstract);
    # 1000 mg into 50 L is 20 mg/L
    model, times = _model(SATURATED, "michaelis-menten"), np.linspace(0, 120, 61)[1:]
    expected = 4 * lambertw(20 / 4 * np.exp((20 - 20 * times / 50) / 4)).real
    course = Regimen().dose("1000 mg").course(model)
    assert _level(model, course, times) == pytest.approx(expected, rel=1e-5, abs=2e-5)
    assert _level(model, course, times, relative=1e-9) == pytest.approx(expected, rel=1e-8, abs=2e-8)


def test_the_whole_area_of_a_saturated_bolus_is_its_integral():
    # by integration over the level: V C0 (Km + C0/2) / Vmax = 50 * 20 * (4 + 10) / 20
    model = _model(SATURATED, "michaelis-menten")
    area = solve(
        model, model.parameters({"X": np.ones(1)}), Regimen().dose("1000 mg").course(model), np.array([0.0, 3000.0]), wanted=Wanted.AUC
    )
    assert area[:, 0] == pytest.approx([0, 700], rel=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.02, 2), st.floats(1, 50), st.floats(0.5, 20), st.floats(50, 2000))
def test_parallel_elimination_reaches_each_level_when_its_closed_form_says(k: float, vmax: float, km: float, dose: float):
    # dC/dt = -k C - (Vmax/V) C/(Km + C), separated and integrated by hand, as Wu, Li and Nekka 2015 do (abstract read)
    model = _model({"V": 10, "KE": k, "VMAX": vmax, "KM": km}, "parallel")
    times = np.linspace(0, 6, 7)[1:]
    level = _level(model, Regimen().dose(f"{dose:.6f} mg").course(model), times, relative=1e-8)
    start, most = dose / 10, k * km + vmax / 10
    passed = km / most * np.log(start / level) + (1 / k) * (1 - k * km / most) * np.log((most + k * start) / (most + k * level))
    kept = level > 1e-6 * start
    assert passed[kept] == pytest.approx(times[kept], rel=1e-5, abs=1e-6)


def _reference(slope, doses: Mapping[float, Array], start: Array, times: Array) -> Array:
    """LSODA at 1e-11 from dose to dose, (times, states)."""
    out, y, at = np.empty((len(times), len(start))), start, sorted(doses)
    for begin, end in zip(at, [*at[1:], times[-1]], strict=True):
        y = y + doses[begin]
        seen = (times > begin) & (times <= end)
        solved = solve_ivp(slope, (begin, end), y, method="LSODA", rtol=1e-11, atol=1e-12, t_eval=np.union1d(times[seen], [end]))
        out[seen] = solved.y.T[: seen.sum()]
        y = solved.y[:, -1]
    return out


@settings(max_examples=5, deadline=None)
@given(st.floats(0.1, 3), st.floats(0.1, 5), st.floats(0.2, 20), st.floats(1, 100), st.floats(0.1, 2), st.floats(0, 50))
def test_two_compartments_with_depot_and_infusion_agree_with_lsoda(cl, q, km, vmax, ka, rate):
    parameters = {"V1": 8, "CL": cl, "Q": q, "V2": 20, "VMAX": vmax, "KM": km, "KA": ka, "LAG": 0.5}
    model = _model(parameters, "parallel", "two-compartment", absorption=DEPOT)
    course = (
        Regimen().dose("100 mg").rate(f"{rate:.6f} mg/h", start="2 h", stop="5 h").dose("200 mg", route="SC", start="6 h").course(model)
    )
    rate, times = round(rate, 6), np.linspace(0, 24, 49)[1:]

    def slope(t: float, y: Array) -> list[float]:
        c, moved = y[0] / 8, q * (y[0] / 8 - y[1] / 20)
        return [-cl * c - vmax * c / (km + c) - moved + ka * y[2] + y[3], moved, -ka * y[2], 0.0]

    nothing = np.zeros(4)
    flow = np.array([0, 0, 0, rate])
    doses = {0.0: np.array([100, 0, 0, 0]), 2.0: flow, 5.0: -flow, 6.5: np.array([0, 0, 0.7 * 200, 0])}
    expected = _reference(slope, doses, nothing, times)[:, 0] / 8
    assert _level(model, course, times) == pytest.approx(expected, rel=1e-4, abs=1e-6 * max(expected))
    assert _level(model, course, times, relative=1e-10) == pytest.approx(expected, rel=1e-7, abs=1e-9 * max(expected))


def test_a_bound_target_agrees_with_lsoda_in_free_drug():
    # the QSS equations in the other form that Lixoft's library page gives: dR/dt = ksyn - kdeg R - (kint - kdeg)(L - C), with total L
    p = TARGET
    model = _model(p, "tmdd-qss", binding="free")
    times = np.linspace(0, 400, 81)[1:]

    def slope(t: float, y: Array) -> list[float]:
        over = y[0] - y[1] - p["KSS"]
        free = 0.5 * (over + np.sqrt(over**2 + 4 * p["KSS"] * y[0]))
        kel = p["CL"] / p["V"]
        bound = y[0] - free
        return [-p["KINT"] * y[0] - (kel - p["KINT"]) * free, p["R0"] * p["KDEG"] - p["KDEG"] * y[1] - (p["KINT"] - p["KDEG"]) * bound]

    dose = np.array([100 / 3, 0])
    found = _reference(slope, {0.0: dose, 150.0: dose}, np.array([0, p["R0"]]), times)
    over = found[:, 0] - found[:, 1] - p["KSS"]
    free = 0.5 * (over + np.sqrt(over**2 + 4 * p["KSS"] * found[:, 0]))
    course = Regimen().dose("100 mg", every="150 h", n=2).course(model)
    assert _level(model, course, times) == pytest.approx(free, rel=1e-4, abs=1e-5)
    whole = _model(p, "tmdd-qss")
    assert _level(whole, course, times) == pytest.approx(found[:, 0], rel=1e-5, abs=1e-5)
    kept = states(model, model.parameters({"X": np.ones(1)}), course, times)
    assert kept[:, -1, 0] == pytest.approx(found[:, 1], rel=1e-5)  # the whole target, last


def test_quasi_steady_state_is_what_fast_binding_comes_to():
    # Mager and Jusko's full model with koff 200 times faster than internalisation; KSS = (koff + kint)/kon
    p = TARGET
    koff, kon = 10.0, (10.0 + p["KINT"]) / p["KSS"]

    def slope(t: float, y: Array) -> list[float]:
        binding = kon * y[0] * y[1] - koff * y[2]
        return [
            -p["CL"] / p["V"] * y[0] - binding,
            p["KDEG"] * (p["R0"] - y[1]) - binding,
            binding - p["KINT"] * y[2],
        ]

    times = np.array([5.0, 20, 50, 100, 200])
    full = _reference(slope, {0.0: np.array([100 / 3, 0, 0])}, np.array([0, p["R0"], 0]), times)[:, 0]
    model = _model(p, "tmdd-qss", binding="free")
    assert _level(model, Regimen().dose("100 mg").course(model), times) == pytest.approx(full, rel=0.01)


def test_far_below_saturation_it_is_the_linear_model():
    parameters = {"V1": 10, "Q": 2, "V2": 15, "KA": 0.4, "LAG": 1, "KE0": 1.5}
    saturated = _model({**parameters, "VMAX": 3e9, "KM": 1e9}, "michaelis-menten", "two-compartment", absorption=DEPOT)
    linear = _model({**parameters, "CL": 3}, "linear", "two-compartment", absorption=DEPOT)
    times = np.linspace(0, 48, 97)
    regimen = Regimen().infuse("200 mg", over="2 h", every="12 h", n=3).dose("100 mg", route="SC", start="5 h")
    for wanted in Wanted:
        one, other = (
            solve(model, model.parameters({"X": np.ones(1)}), regimen.course(model), times, wanted=wanted) for model in (saturated, linear)
        )
        assert one == pytest.approx(other, rel=1e-5, abs=1e-5)


def test_nothing_is_lost_on_the_way_and_a_sample_at_a_dose_is_before_it():
    model = _model(
        {"V1": 8, "Q": 4, "V2": 20, "VMAX": 1e-9, "KM": 1, "KA": 0.5, "LAG": 0}, "michaelis-menten", "two-compartment", absorption=DEPOT
    )
    regimen = Regimen().dose("100 mg", start="1 h").infuse("10 mg", over="6 min", start="700 h").dose("50 mg", route="SC", start="800 h")
    times = np.array([0.0, 1, 1 + 1e-9, 700, 700.05, 700.1, 800, 900])
    inside = states(model, model.parameters({"X": np.ones(1)}), regimen.course(model), times)[:, :3, 0].sum(axis=1)
    # by hand: nothing, nothing yet, all of it; before, in the middle of and after the infusion; before and after 70 % of 50 mg
    assert inside == pytest.approx([0, 0, 100, 100, 105, 110, 110, 145], rel=1e-7)


@pytest.mark.parametrize("elimination", ["parallel", "tmdd-qss"])
def test_compiled_and_numpy_take_the_same_steps(elimination: str):
    parameters: dict[str, float | str] = {"V1": "8*X", "CL": "X", "Q": 4, "V2": "20/X", "KA": 0.5, "LAG": 0.25, "KE0": 0.8}
    more: dict[str, float | str] = {"VMAX": "30*X", "KM": 2}
    if elimination == "tmdd-qss":
        more = {"KINT": "0.4*X", "KDEG": 0.1, "KSS": 0.3, "R0": "5*X"}
    model = _model({**parameters, **more}, elimination, "two-compartment", absorption=DEPOT)
    course = Regimen().infuse("100 mg", over="1 h", every="8 h", n=3).dose("80 mg", route="SC", start="3 h").course(model)
    epochs = model.epochs([0.0, 10.0], [{"X": np.linspace(0.5, 2, 70)}, {"X": np.linspace(0.6, 1.8, 70)}])
    times = np.linspace(0, 30, 31)
    one, other = (passage(model, epochs, course, times, engine=engine) for engine in Engine)
    # the same arithmetic in the same order; 1e-9 is what is promised
    assert one.states == pytest.approx(other.states, rel=1e-9, abs=1e-9)
    assert one.level == pytest.approx(other.level, rel=1e-9, abs=1e-9)
    alone = passage(model, epochs.of(slice(7, 8)), course, times)
    assert one.level[:, 7:8] == pytest.approx(alone.level, rel=2e-5, abs=1e-6 * float(one.level.max()))


def test_each_patient_has_delays_and_times_of_their_own():
    model = _model({"V": 10, "VMAX": 5, "KM": 3, "KA": 0.5, "LAG": "X"}, "michaelis-menten", absorption=DEPOT)
    course = Regimen().dose("100 mg", route="SC", every="12 h", n=2).course(model)
    lags, times = np.array([0.0, 0.5, 2.0, 0.25, 1.1, 0.7, 0.1, 0.9, 3.0]), np.linspace(1, 20, 20)
    together = solve(model, model.parameters({"X": lags}), course, times)
    own = solve(model, model.parameters({"X": lags}), course, times[:, None] + lags)
    for place in (0, 2, 8):
        one = model.parameters({"X": lags[place : place + 1]})
        assert together[:, place] == pytest.approx(solve(model, one, course, times)[:, 0], rel=1e-5, abs=1e-5)
        assert own[:, place] == pytest.approx(own[:, 0], rel=1e-5, abs=1e-5)  # a delay only shifts


def test_a_state_is_gone_on_from():
    model = _model(TARGET, "tmdd-qss")
    course = Regimen().dose("100 mg", every="50 h", n=4).course(model)
    parameters, times = model.parameters({"X": np.ones(1)}), np.array([60.0, 120, 200])
    start = State(60, states(model, parameters, course, np.array([60.0]))[0])
    assert solve(model, parameters, course, times, start=start) == pytest.approx(solve(model, parameters, course, times), rel=1e-5)


def test_what_is_too_stiff_goes_to_lsoda():
    # at low levels the half-life is 0.7 V Km / Vmax = 2.5 ms, for 200 hours: some 2e8 explicit steps
    model = _model({"V": 50, "VMAX": 20, "KM": "0.00001*X"}, "michaelis-menten")
    times = np.array([5.0, 10, 200])
    level = _level(model, Regimen().dose("500 mg").course(model), times)
    # almost a straight line: 10 mg/L less 0.4 mg/L an hour until there is none
    assert level == pytest.approx([8, 6, 0], abs=1e-4)


def test_doses_repeated_for_ever_come_to_rest_below_the_greatest_elimination_only():
    model = _model(SATURATED, "michaelis-menten")
    parameters, times = model.parameters({"X": np.ones(1)}), np.array([0.0, 6, 11.9])
    steady = solve(model, parameters, Regimen().infuse("120 mg", over="2 h", every="12 h", steady=True).course(model), times)
    long = solve(model, parameters, Regimen().infuse("120 mg", over="2 h", every="12 h", n=60).course(model), 59 * 12 + times)
    assert steady == pytest.approx(long, rel=1e-4)
    # 20 mg/h can leave and 25 mg/h come in
    with pytest.raises(CommandRefused) as refused:
        solve(model, parameters, Regimen().infuse("300 mg", over="2 h", every="12 h", steady=True).course(model), times)
    assert refused.value.findings[0].code == "pk.no-steady-state"


def test_epochs_change_what_leaves():
    model = _model({"V": 10, "VMAX": "10*X", "KM": 0.001}, "michaelis-menten")
    epochs = model.epochs([0.0, 2.0], [{"X": np.ones(1)}, {"X": np.array([2.0])}])
    assert isinstance(epochs, Epochs)
    course = Regimen().dose("100 mg").course(model)
    # saturated throughout: 10 mg/h for two hours, then 20 mg/h; 100 mg in 10 L
    assert solve(model, epochs, course, np.array([1.0, 2, 3, 5]))[:, 0] == pytest.approx([9, 8, 6, 2], abs=0.01)


def test_a_population_may_be_cut_between_streams_of_chance():
    model = _model({"V": "10*X", "VMAX": 20, "KM": 2}, "michaelis-menten")
    course, times = Regimen().dose("300 mg").course(model), np.array([5.0, 20.0])
    x = np.exp(0.3 * np.random.default_rng(1).standard_normal(4096 + 100))
    whole = solve(model, model.parameters({"X": x}), course, times, engine=Engine.NUMBA)
    parts = [solve(model, model.parameters({"X": some}), course, times, engine=Engine.NUMBA) for some in (x[:4096], x[4096:])]
    assert np.array_equal(whole, np.concatenate(parts, axis=1))
