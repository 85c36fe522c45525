"""Linear courses against the formulae of the textbooks, which know nothing of how they are computed here.

Numbers in brackets: Gibaldi and Perrier, Pharmacokinetics, 2nd edition 1982; Bateman 1910 for one stage behind another.
"""

from math import exp, factorial, log

import numpy as np
import pytest

from openinfusion.core.pharmacokinetics.engine import Engine
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.solve import Wanted, solve
from tests.core.pharmacokinetics.plain import hours, made, plain

ENGINES = pytest.mark.parametrize("engine", list(Engine))
CL, V, KE = 5.0, 20.0, 0.25
TIMES = hours(0.0, 24.0, 49)
AFTER = TIMES[1:]
FIRST_ORDER = {"SC": {"kind": "first-order", "ka": "0.9", "F": "0.8"}}


def levels(model: Model, regimen: Regimen, wanted: Wanted = Wanted.CONCENTRATION, engine: Engine | None = None, **eta: float):
    """What one patient has at `TIMES`."""
    return solve(model, model.parameters({}), regimen.course(model), TIMES, wanted=wanted, engine=engine)[:, 0]


def bateman(t: float, dose: float, ka: float, ke: float = KE) -> float:
    """One compartment behind a depot (1.94)."""
    return dose / V * ka / (ka - ke) * (exp(-ke * t) - exp(-ka * t)) if t > 0 else 0.0


@ENGINES
def test_a_bolus_decays_by_one_exponential_and_a_sample_at_its_time_is_taken_before_it(engine: Engine):
    found = levels(made(), Regimen().dose("100 mg"), engine=engine)
    assert found[0] == 0
    assert found[1:] == pytest.approx(100 / V * np.exp(-KE * AFTER), rel=1e-13)


@ENGINES
def test_an_infusion_rises_to_rate_over_clearance_and_falls_after_it(engine: Engine):
    found = levels(made(), Regimen().infuse("400 mg", over="8 h"), engine=engine)
    # R/CL (1 - exp(-k t)) while it runs, then its end decays (1.26, 1.29)
    at_end = 50 / CL * (1 - exp(-KE * 8))
    expected = np.where(TIMES <= 8, 50 / CL * (1 - np.exp(-KE * TIMES)), at_end * np.exp(-KE * (TIMES - 8)))
    assert found == pytest.approx(expected, rel=1e-13)


def test_two_compartments_have_the_two_exponentials_of_the_textbook():
    # alpha + beta = k10 + k12 + k21, alpha beta = k10 k21; A = (alpha - k21) / (alpha - beta) / V1 (2.7 to 2.20)
    k10, k12, k21 = 5 / 20, 7 / 20, 7 / 40
    alpha, beta = sorted(np.roots([1, -(k10 + k12 + k21), k10 * k21]), reverse=True)
    expected = 100 / 20 / (alpha - beta) * ((alpha - k21) * np.exp(-alpha * AFTER) + (k21 - beta) * np.exp(-beta * AFTER))
    assert levels(made(2), Regimen().dose("100 mg"))[1:] == pytest.approx(expected, rel=1e-12)


@ENGINES
def test_a_depot_gives_the_bateman_function_with_its_share_and_delay(engine: Engine):
    model = made(absorption={"SC": {"kind": "first-order", "ka": "0.9", "F": "0.8", "lag": "1.25"}})
    found = levels(model, Regimen().dose("100 mg", route="SC"), engine=engine)
    assert found == pytest.approx([bateman(t - 1.25, 80, 0.9) for t in TIMES], rel=1e-12, abs=1e-15)


def test_the_peak_behind_a_depot_comes_at_the_time_of_the_textbook():
    # t max = ln(ka / ke) / (ka - ke) (1.104)
    model, at = made(absorption=FIRST_ORDER), log(0.9 / KE) / (0.9 - KE)
    around = np.array([at - 1e-4, at, at + 1e-4])
    found = solve(model, model.parameters({}), Regimen().dose("100 mg", route="SC").course(model), around)[:, 0]
    assert found[1] > max(found[0], found[2])


@pytest.mark.parametrize("apart", [0.0, 1e-13, 1e-9, 1e-6, 1e-4])
def test_rates_that_fall_together_lose_nothing(apart: float):
    # flip-flop's border: for ka = ke the level is D/V ke t exp(-ke t); it moves with (ka - ke) at first order
    ka = KE * (1 + apart)
    found = levels(made(absorption={"SC": {"kind": "first-order", "ka": repr(ka)}}), Regimen().dose("100 mg", route="SC"))
    mean, half = (ka + KE) / 2, (ka - KE) / 2
    sinhc = np.array([1 + (half * t) ** 2 / 6 for t in TIMES])  # sinh(x)/x for a small x
    assert found == pytest.approx(100 / V * ka * TIMES * np.exp(-mean * TIMES) * sinhc, rel=2e-9)


def test_patients_whose_rates_fall_together_keep_their_own_delays():
    model = made(
        absorption={"SC": {"kind": "first-order", "ka": repr(KE), "lag": "LAG"}}, parameters={"LAG": "1"}, variability={"LAG": 1.0}
    )
    both = solve(model, model.parameters({}, np.log([[1.0], [3.0]])), Regimen().dose("100 mg", route="SC").course(model), TIMES)
    for place, lag in enumerate((1.0, 3.0)):
        since = np.maximum(TIMES - lag, 0.0)
        assert both[:, place] == pytest.approx(100 / V * KE * since * np.exp(-KE * since), rel=1e-10, abs=1e-15)


def test_even_uptake_is_an_infusion_of_its_length():
    even = levels(made(absorption={"IM": {"kind": "zero-order", "duration": "6", "lag": "0.5"}}), Regimen().dose("100 mg", route="IM"))
    assert even == pytest.approx(levels(made(), Regimen().infuse("100 mg", over="6 h", start="0.5 h")), rel=1e-13)


def test_a_fast_and_a_slow_path_add_up():
    paths = [{"kind": "first-order", "ka": "4", "fraction": "0.3"}, {"kind": "first-order", "ka": "0.1", "fraction": "0.7", "lag": "0.5"}]
    found = levels(
        made(absorption={"EPIDURAL": {"kind": "parallel", "F": "0.9", "paths": paths}}), Regimen().dose("100 mg", route="EPIDURAL")
    )
    expected = [bateman(t, 27, 4) + bateman(t - 0.5, 63, 0.1) for t in TIMES]
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_a_chain_of_transits_gives_the_gamma_distribution_in_front_of_the_depot():
    # 3 transits and a depot of the same rate k are four equal stages: arrival k (kt)^3 exp(-kt) / 3! (Savic 2007, equation 3);
    # the level is its convolution with the decay, here by a fine Simpson rule.
    model = made(absorption={"ORAL": {"kind": "transit", "ka": "2", "transits": 3, "mtt": "4/2"}})
    found = levels(model, Regimen().dose("100 mg", route="ORAL"))
    at = 5.0
    grid = np.linspace(0, at, 2001)
    arrival = 2 * (2 * grid) ** 3 * np.exp(-2 * grid) / factorial(3)
    weights = np.where(np.arange(2001) % 2 == 1, 4.0, 2.0)
    weights[[0, -1]] = 1.0
    expected = 100 / V * np.sum(weights * arrival * np.exp(-KE * (at - grid))) * (grid[1] / 3)
    assert found[at == TIMES] == pytest.approx(expected, rel=1e-9)


def test_the_effect_site_follows_plasma_and_shares_its_area():
    model = made(parameters={"KE0": "0.6"})
    found = levels(model, Regimen().dose("100 mg"), Wanted.EFFECT)
    # Sheiner 1979, equation 3: one more stage whose volume cancels
    assert found == pytest.approx([bateman(t, 100, 0.6) for t in TIMES], rel=1e-12, abs=1e-15)


@ENGINES
def test_steady_state_has_the_peaks_and_troughs_of_the_textbook(engine: Engine):
    # trough of boluses D/V r/(1-r) with r = exp(-k tau) (3.8); the course repeats itself
    found = levels(made(), Regimen().dose("100 mg", every="8 h", n=4, steady=True), engine=engine)
    r = exp(-KE * 8)
    assert found[TIMES % 8 == 0] == pytest.approx(100 / V * r / (1 - r), rel=1e-13)


@pytest.mark.parametrize("over", ["2 h", "8 h", "20 h"])  # also longer than the interval
def test_the_mean_level_of_a_steady_state_is_dose_over_clearance_and_interval(over: str):
    model = made(2)
    course = Regimen().infuse("100 mg", over=over, every="8 h", n=2, steady=True).course(model)
    area = solve(model, model.parameters({}), course, np.array([0.0, 8.0]), wanted=Wanted.AUC)[:, 0]
    assert area[1] - area[0] == pytest.approx(100 / CL, rel=1e-12)  # (3.20)


def test_the_whole_area_is_the_share_over_the_clearance_whatever_the_way_in():
    model = made(3, absorption=FIRST_ORDER)
    for route, share in (("IV", 1.0), ("SC", 0.8)):
        course = Regimen().dose("100 mg", route=route).course(model)
        area = solve(model, model.parameters({}), course, np.array([-1.0, 1e5]), wanted=Wanted.AUC)[:, 0]
        assert area[1] - area[0] == pytest.approx(share * 100 / CL, rel=1e-12)


def test_a_baseline_stands_under_everything_and_its_area_counts():
    model = made(baseline="3")
    one, other = levels(model, Regimen().dose("100 mg")), levels(made(), Regimen().dose("100 mg"))
    assert one - 3 == pytest.approx(other, abs=1e-14)
    course = Regimen().course(model)
    assert solve(model, model.parameters({}), course, np.array([-2.0, 8.0]), wanted=Wanted.AUC)[:, 0] == pytest.approx([-6, 24])


def test_compartments_that_exchange_nothing_stay_apart():
    still = Model.from_dict({**plain(2), "parameters": {"CL": "5", "V1": "20", "Q": "0", "V2": "40"}})
    assert levels(still, Regimen().dose("100 mg")) == pytest.approx(levels(made(), Regimen().dose("100 mg")), rel=1e-13)
