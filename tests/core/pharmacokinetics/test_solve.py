"""Linear courses of drawn models against an integrator, and the laws that each of them keeps."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from openinfusion.core.pharmacokinetics.course import Course
from openinfusion.core.pharmacokinetics.engine import Engine
from openinfusion.core.pharmacokinetics.parameters import Epochs, Parameters
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.solve import Wanted, solve, states
from openinfusion.core.pharmacokinetics.state import State
from tests.core.pharmacokinetics.drawn import Case, cases, integrated
from tests.core.pharmacokinetics.plain import hours, made

TIMES = hours(0.0, 30.0, 31)
CLOSED = ("first-order", "zero-order", "parallel")


def close(one, other, within: float):
    """Whether two courses are the same relative to the highest level of each patient."""
    assert np.max(np.abs(one - other), initial=0.0) <= within * max(float(np.max(np.abs(other), initial=0.0)), 1e-12)


def of(case: Case, wanted: Wanted = Wanted.CONCENTRATION, course: Course | None = None, engine: Engine | None = None):
    """The case's course."""
    return solve(case.model, case.parameters, case.course if course is None else course, TIMES, wanted=wanted, engine=engine)


def held(case: Case) -> Epochs:
    """The same parameters as if they could change, so that no closed form is used."""
    return Epochs(np.array([0.0, 7.7]), (case.parameters, case.parameters))


@settings(max_examples=8)
@given(cases())
def test_levels_effects_and_areas_are_those_of_an_integrator(case: Case):
    for patient in range(case.parameters.n):
        expected = integrated(case, patient, TIMES)
        for wanted, line in ((Wanted.CONCENTRATION, expected.level), (Wanted.EFFECT, expected.effect), (Wanted.AUC, expected.area)):
            close(of(case, wanted)[:, patient], line, 1e-8)


@settings(max_examples=10)
@given(cases(), st.sampled_from(list(Wanted)))
def test_the_compiled_loops_matrices_and_own_times_give_the_same_as_numpy(case: Case, wanted: Wanted):
    usual = of(case, wanted, engine=Engine.NUMPY)
    close(of(case, wanted, engine=Engine.NUMBA), usual, 1e-12)
    close(solve(case.model, held(case), case.course, TIMES, wanted=wanted), usual, 1e-9)
    crowd = Parameters({name: np.tile(values, 10) for name, values in case.parameters.items()}, 10 * case.parameters.n)
    for engine in Engine:  # many patients at common times go step by step, few by exponentials at all times together
        close(solve(case.model, crowd, case.course, TIMES, wanted=wanted, engine=engine)[:, : case.parameters.n], usual, 1e-12)
    own = np.repeat(TIMES[:, None], case.parameters.n, axis=1)
    for engine in Engine:
        close(solve(case.model, case.parameters, case.course, own, wanted=wanted, engine=engine), usual, 1e-12)


@settings(max_examples=10)
@given(cases(), st.floats(0.1, 10))
def test_doses_add_up_and_levels_follow_them_in_proportion(case: Case, factor: float):
    parts = [of(case, course=Course((doses,))) for doses in case.course]
    close(sum(parts), of(case), 1e-12)
    close(of(case, course=case.course.scaled(factor)), factor * of(case), 1e-12)


@settings(max_examples=10)
@given(cases(("first-order", "transit")))
def test_what_is_inside_and_what_has_left_is_what_was_given(case: Case):
    # What left is clearance times area; what is delayed has not come in yet, so the times are after every delay.
    after = np.array([60.0, 200.0])
    inside = states(case.model, case.parameters, case.course, after)[:, : len(case.model.layout.compartments)].sum(axis=1)
    left = case.parameters["CL"] * solve(case.model, case.parameters, case.course, after, wanted=Wanted.AUC)
    vein, skin = case.course.doses
    came = np.sum(vein.amount + vein.rate * (vein.stop_h - vein.start_h)[:, None]) + case.parameters["SC.F"] * np.sum(skin.amount)
    close(inside + left, np.broadcast_to(came, inside.shape), 1e-11)


@settings(max_examples=10)
@given(cases(), st.integers(0, 100).map(lambda x: x / 4))
def test_a_course_that_is_taken_up_in_between_goes_on_as_the_whole(case: Case, at: float):
    later = np.unique(np.append(TIMES[at <= TIMES], at))
    state = State(at, states(case.model, case.parameters, case.course, np.array([at]))[0])
    for wanted in (Wanted.CONCENTRATION, Wanted.EFFECT):
        whole = solve(case.model, case.parameters, case.course, later, wanted=wanted)
        close(solve(case.model, case.parameters, case.course, later, wanted=wanted, start=state), whole, 1e-10)
        close(solve(case.model, held(case), case.course, later, wanted=wanted, start=state), whole, 1e-9)
    close(
        states(case.model, case.parameters, case.course, later, start=state), states(case.model, case.parameters, case.course, later), 1e-10
    )


@settings(max_examples=6)
@given(cases(CLOSED), st.sampled_from([0.0, 3.0, 20.0]))
def test_a_steady_state_is_what_a_long_repetition_comes_to(case: Case, length: float):
    def course(before: int) -> Course:
        """Doses every 8 hours, so many before time zero, or as many as are needed for a steady state."""
        made = []
        for doses in case.course:
            flows = length if doses.route == "IV" else 0.0
            start = np.arange(-max(before, 0), 3) * np.float64(8.0)
            size = np.full((len(start), 1), 100.0)
            period = np.where(np.arange(len(start)) == 0, 8.0 if before < 0 else 0.0, 0.0)
            made.append(
                replace(doses, start_h=start, stop_h=start + flows, amount=size * (flows == 0), rate=size * (flows > 0), period_h=period)
            )
        return Course(tuple(made))

    steady, long = of(case, course=course(-1)), of(case, course=course(400))
    slow = float(np.max(np.abs(long - of(case, course=course(350)))))
    assert np.max(np.abs(steady - long)) <= 1e-10 * np.max(long) + 10 * slow


@settings(max_examples=10)
@given(cases(CLOSED), st.floats(0, 20), st.floats(0.1, 10))
def test_the_area_is_the_integral_of_the_level(case: Case, begin: float, length: float):
    # Gauss and Legendre between all changes: exact for what is smooth
    inputs = [edge for doses in case.course for edge in (doses.start_h, doses.stop_h)]
    delays = [case.parameters[name] for name in ("LAG", "LONG")]
    for patient in range(case.parameters.n):
        lag, even = (float(one[patient]) for one in delays)
        edges = np.unique(
            np.concatenate([one + d for one in inputs for d in (0.0, lag, even, lag + even)] + [np.array([begin, begin + length])])
        )
        edges = np.unique(np.concatenate([np.linspace(a, b, 9) for a, b in pairwise(edges)]))
        edges = edges[(edges >= begin) & (edges <= begin + length)]
        nodes, weights = np.polynomial.legendre.leggauss(16)
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        at = (middle[:, None] + half[:, None] * nodes).ravel()
        one = case.parameters.of(slice(patient, patient + 1))
        levels = solve(case.model, one, case.course, at)[:, 0].reshape(len(half), -1)
        area = solve(case.model, one, case.course, np.array([begin, begin + length]), wanted=Wanted.AUC)[:, 0]
        assert area[1] - area[0] == pytest.approx(float(np.sum(half[:, None] * weights * levels)), rel=1e-9, abs=1e-9)


def test_covariates_that_change_with_time_are_those_of_an_integrator():
    model = made(2, covariates={"CR": {"unit": "mL/min"}}, parameters={"CL": "5 * CR/100"})
    epochs = model.epochs([0.0, 6.0, 11.0], [{"CR": np.array(x)} for x in (100.0, 40.0, 150.0)])
    found = solve(model, epochs, Regimen().infuse("500 mg", over="20 h").course(model), TIMES)[:, 0]

    def change(t, y):
        cl = 5.0 if t < 6 else 2.0 if t < 11 else 7.5
        moved = 7 * (y[0] / 20 - y[1] / 40)
        return [(25.0 if t < 20 else 0.0) - cl * y[0] / 20 - moved, moved]

    y, expected = [0.0, 0.0], []
    for begin, end in ((0, 6), (6, 11), (11, 20), (20, 30)):
        inside = TIMES[(begin < TIMES) & (end >= TIMES)]
        part = solve_ivp(change, (begin, end - 1e-12), y, "LSODA", np.minimum(inside, end - 1e-12), rtol=1e-11, atol=1e-13)
        expected += list(part.y[0] / 20)
        y = part.y[:, -1]
    assert found[1:] == pytest.approx(np.array(expected), rel=1e-8)


def test_many_patients_with_doses_and_delays_of_their_own_are_each_as_if_alone():
    model = made(
        3,
        covariates={"WT": {"unit": "kg"}},
        body={"kg": "WT"},
        parameters={"CL": "5 * WT/70", "LAG": "0.3"},
        absorption={"SC": {"kind": "first-order", "ka": "0.9", "lag": "LAG"}},
        variability={"LAG": 0.1},
    )
    weight, eta = np.linspace(40.0, 120.0, 300), np.linspace(-1.0, 1.0, 300)[:, None]
    regimen = Regimen().dose("5 mg/kg", route="SC", every="8 h", n=3).infuse("2 mg/kg", over="3 h", every="12 h", n=2, steady=True)
    parameters, course = model.parameters({"WT": weight}, eta), regimen.course(model, {"WT": weight})
    for wanted in (Wanted.CONCENTRATION, Wanted.AUC):
        together = {engine: solve(model, parameters, course, TIMES, wanted=wanted, engine=engine) for engine in Engine}
        close(together[Engine.NUMBA], together[Engine.NUMPY], 1e-9)
        for place in (0, 257, 299):
            one = slice(place, place + 1)
            alone = solve(model, parameters.of(one), regimen.course(model, {"WT": weight[one]}), TIMES, wanted=wanted)
            close(together[Engine.NUMBA][:, one], alone, 1e-9)


def test_parameters_that_cannot_be_give_what_is_not_a_number_and_no_warning():
    model = made(3, variability={"CL": 1.0}, absorption={"SC": {"kind": "first-order", "ka": "1"}})
    wild = model.parameters({}, np.array([[0.0], [800.0], [-800.0], [np.nan]]))
    found = solve(model, wild, Regimen().dose("1 mg", route="SC").dose("1 mg").course(model), TIMES)
    assert np.all(np.isfinite(found[:, 0]))
    assert np.all(np.isnan(found[1:, 3]))
