"""Target-controlled infusion, simulated."""

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.core.errors import CommandRefused
from openinfusion.core.finding import Level
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.solve import Wanted, solve
from openinfusion.core.pharmacokinetics.tci import STEP_H, Aim, Controlled, Controller, Kinetics, Site, controlled, effect_bolus, peak_h

MARSH = {"V": 15.96, "KE": 0.119, "K12": 0.112, "K21": 0.055, "K13": 0.042, "K31": 0.0031, "KE0": 0.26}
"""Propofol for 70 kg as PyTCI has it (PyTCI/models/propofol.py), per minute; for arithmetic only."""
FAST = 1e9


def _model(parameters: dict[str, float], structure: str = "three-compartment", **more: object) -> Model:
    units = {"time": "min", "amount": "mg", "concentration": "mg/L"}
    return Model.from_dict(
        {
            "id": "tried",
            "units": units,
            "structure": structure,
            "parameters": {name: repr(value) for name, value in parameters.items()},
            **more,
        }
    )


def _kinetics(parameters: dict[str, float], structure: str = "three-compartment") -> Kinetics:
    model = _model(parameters, structure)
    return Kinetics.of(model, model.parameters({}))


def test_plasma_rates_are_those_of_pytci():
    # PyTCI, tests/test_infusions.py, test_plasma_infusion: Marsh, 70 kg, 2 mg/L for 60 s, mg/s in steps of 10 s; Euler's method there
    published = [3.27269899102373, 0.1453355022895698, 0.14478000490919285, 0.14422948797801816, 0.1436839059972244, 0.143143213884116]
    found = controlled(_kinetics(MARSH), Site.PLASMA, [Aim(0, 2)], 60 / 3600, FAST)
    assert found.rate / 3600 == pytest.approx(published, rel=0.005)
    assert found.plasma[1:] == pytest.approx([2.0] * 6, rel=1e-12)


def test_the_peak_of_one_compartment_is_the_textbook_one():
    # Ce = dose/V k/(k - ke)... of a bolus is highest at ln(ke0/ke) / (ke0 - ke)
    kinetics = _kinetics({"V": 10, "KE": 0.05, "KE0": 0.4}, "one-compartment")
    assert peak_h(kinetics) * 60 == pytest.approx(log(0.4 / 0.05) / 0.35, rel=1e-7)


def test_modes_weights_and_peak_are_those_of_stanpumpr():
    # StevenLShafer/stanpumpR, tests/testthat/test-getDrugPK.R: propofol, 70 kg, 170 cm, 50 years, male; ke0 from a peak at 1.6 min
    kinetics = _kinetics({"V1": 6.283078, "V2": 20.17078, "V3": 136.7249, "CL": 1.551355, "Q": 1.516118, "Q2": 0.6672707, "KE0": 0.6871175})
    assert np.array(kinetics.rates_h) / 60 == pytest.approx([0.6280493, 0.04305881, 0.003349251, 0.6871175], rel=2e-6)
    assert kinetics.plasma[:3] == pytest.approx([0.1500541, 0.008398034, 0.0007054883], rel=2e-6)
    assert kinetics.effect == pytest.approx([1.745523, 0.008959488, 0.0007089439, -1.755191], rel=2e-5)
    assert peak_h(kinetics) * 60 == pytest.approx(1.6, rel=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.floats(2, 30), st.floats(0.01, 0.5), st.floats(0.001, 0.5), st.floats(0.01, 0.3), st.floats(0.05, 2), st.floats(0.1, 50))
def test_a_bolus_for_the_effect_site_rises_to_the_target_and_not_above(v, ke, k12, k21, ke0, target):
    parameters = {"V": v, "KE": ke, "K12": k12, "K21": k21, "KE0": ke0}
    model = _model(parameters, "two-compartment")
    kinetics = Kinetics.of(model, model.parameters({}))
    dose, peak = effect_bolus(kinetics, target), peak_h(kinetics)
    times = np.sort(np.append(np.linspace(0, 5 * peak, 400), peak))
    effect = solve(model, model.parameters({}), Regimen().dose(f"{dose:.12f} mg").course(model), times, wanted=Wanted.EFFECT)[:, 0]
    assert float(np.max(effect)) == pytest.approx(target, rel=5e-5)
    assert times[np.argmax(effect)] == pytest.approx(peak, rel=1e-12)


def _replayed(model: Model, found: Controlled, wanted: Wanted) -> np.ndarray:
    """What the model itself makes of the rates."""
    regimen = Regimen()
    for step, rate in enumerate(found.rate):
        if rate > 0:
            regimen = regimen.rate(f"{rate:.12f} mg/h", start=f"{10 * step} s", stop=f"{10 * (step + 1)} s")
    return solve(model, model.parameters({}), regimen.course(model), found.time_h, wanted=wanted)[:, 0]


def test_effect_site_control_neither_passes_the_target_nor_lets_it_go():
    model = _model(MARSH)
    kinetics = Kinetics.of(model, model.parameters({}))
    found = controlled(kinetics, Site.EFFECT, [Aim(0, 4), Aim(0.4, 5)], 0.6, FAST)
    assert found.effect is not None
    assert _replayed(model, found, Wanted.EFFECT) == pytest.approx(found.effect, rel=1e-8, abs=1e-8)
    assert _replayed(model, found, Wanted.CONCENTRATION) == pytest.approx(found.plasma, rel=1e-8)
    reached = int(np.ceil(peak_h(kinetics) / STEP_H)) + 2
    before = int(np.ceil(0.4 / STEP_H))
    assert float(np.max(found.effect[: before + 1])) <= 4 * (1 + 1e-9)
    assert found.effect[reached:before] == pytest.approx(4.0, rel=1e-4)
    assert found.effect[before + reached :] == pytest.approx(5.0, rel=1e-4)
    # nearly all of it at once, then nothing until the peak: what a person would give as a bolus
    assert found.rate[0] * STEP_H == pytest.approx(effect_bolus(kinetics, 4), rel=0.03)
    assert found.rate[2 : reached - 4] == pytest.approx(0.0, abs=1e-6 * found.rate[0])


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(0, 8), min_size=1, max_size=4), st.floats(50, 5000), st.sampled_from(Site))
def test_a_rate_is_never_below_nothing_or_above_the_greatest_and_the_target_is_not_passed(levels, greatest, site):
    aims = [Aim(0.1 * place, level) for place, level in enumerate(levels)]
    found = controlled(_kinetics(MARSH), site, aims, 0.1 * len(aims), greatest)
    assert np.all((found.rate >= 0) & (found.rate <= greatest))
    codes = [finding.code for finding in found.findings]
    assert codes[0] == "pk.tci-simulation-only"
    assert ("pk.tci-rate-limited" in codes) == bool(np.any(found.rate == greatest))
    held = found.plasma if site is Site.PLASMA else found.effect
    assert held is not None
    assert float(np.max(held)) <= max(levels) * (1 + 1e-9) + 1e-12
    assert found.given[-1] == pytest.approx(float(found.rate.sum()) * STEP_H)


def test_a_lower_target_stops_until_the_level_is_there():
    found = controlled(_kinetics(MARSH), Site.PLASMA, [Aim(0, 4), Aim(0.3, 2)], 0.6, FAST)
    lowered = int(np.ceil(0.3 / STEP_H))
    assert found.rate[lowered] == 0
    assert found.plasma[-1] == pytest.approx(2, rel=1e-9)
    # and each step goes on from any state, as a controller must
    controller = Controller(_kinetics(MARSH), Site.PLASMA)
    state = controller.after((0.0,) * 4, controller.rate((0.0,) * 4, 3))
    assert sum(a * b for a, b in zip(controller.kinetics.plasma, state, strict=True)) == pytest.approx(3)


@pytest.mark.parametrize(
    ("aims", "until", "greatest", "code"),
    [
        ([], 1, 100, "pk.tci-no-target"),
        ([Aim(0, -1)], 1, 100, "pk.tci-target"),
        ([Aim(0, float("nan"))], 1, 100, "pk.tci-target"),
        ([Aim(-1, 2)], 1, 100, "pk.tci-target"),
        ([Aim(1, 2), Aim(1, 3)], 2, 100, "pk.tci-target-order"),
        ([Aim(0, 2)], 0, 100, "pk.tci-duration"),
        ([Aim(0, 2)], 1, 0, "pk.tci-greatest-rate"),
    ],
)
def test_bad_input_is_refused(aims, until, greatest, code):
    with pytest.raises(CommandRefused) as refused:
        controlled(_kinetics(MARSH), Site.PLASMA, aims, until, greatest)
    assert [(one.code, one.level) for one in refused.value.findings] == [(code, Level.MISSING)]


def test_models_that_have_no_closed_form_or_no_effect_site_are_refused():
    saturated = _model({"V": 10, "VMAX": 5, "KM": 1}, "one-compartment", elimination="michaelis-menten")
    with pytest.raises(CommandRefused, match="not-linear"):
        Kinetics.of(saturated, saturated.parameters({}))
    with pytest.raises(CommandRefused, match="no-effect-site"):
        controlled(_kinetics({"V": 10, "KE": 1}, "one-compartment"), Site.EFFECT, [Aim(0, 2)], 1, 100)
