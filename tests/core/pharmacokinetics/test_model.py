"""A model holds together or is refused with every reason; its parameters are those of its formulas."""

import numpy as np
import pytest

from openinfusion.core.errors import ProtocolError
from openinfusion.core.pharmacokinetics.disposition import micro, modes
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Status
from tests.core.pharmacokinetics.plain import UNITS, made, plain

DEPOT = {"kind": "first-order", "ka": "KA"}
BROKEN = [
    ({"structure": "four-compartment"}, "structure"),
    ({"surprise": 1}, "surprise"),
    ({"parameters": {"CL": "5 +"}}, "parameters.CL"),
    ({"parameters": {"CL": "5 * WT"}}, "no parameter or covariate 'WT'"),
    ({"parameters": {"KE": "0.1"}}, "needs one of CL, KE"),
    ({"parameters": {"A": "B", "B": "A"}}, "computed from each other"),
    ({"parameters": {"exp": "1"}}, "the name is taken"),
    ({"covariates": {"CL": {"unit": "kg"}}}, "the name is taken"),
    ({"covariates": {"WT": {"unit": "stone"}}}, "'stone' is not in the table of units"),
    ({"covariates": {"WT": {"unit": "kg", "low": 9, "high": 3}}}, "low is above high"),
    ({"covariates": {"WT": {"unit": "kg", "low": "nan"}}}, "covariates.WT.low"),
    ({"units": {**UNITS, "amount": "[iU]"}}, "units"),
    ({"units": {**UNITS, "time": "mo"}}, "units.time"),
    ({"elimination": "michaelis-menten"}, "needs one of VMAX"),
    ({"absorption": {"IV": {"kind": "first-order", "ka": "1"}}}, "needs no absorption"),
    ({"absorption": {"SC": {"kind": "first-order"}}}, "first-order needs ka"),
    ({"absorption": {"SC": {"kind": "zero-order"}}}, "zero-order needs duration"),
    ({"absorption": {"SC": {"kind": "transit", "ka": "1", "transits": 2}}}, "either ktr or mtt"),
    ({"absorption": {"SC": {"kind": "transit", "ka": "1", "transits": 2.5, "ktr": "1"}}}, "transits"),
    ({"absorption": {"SC": {"kind": "parallel"}}}, "parallel needs paths"),
    ({"absorption": {"SC": {"kind": "dual", "paths": [{"kind": "first-order", "ka": "1"}]}}}, "needs its fraction"),
    ({"absorption": {"nose": {"kind": "first-order", "ka": "1"}}}, "absorption"),
    ({"variability": {"XY": 0.1}}, "there is no such parameter"),
    ({"variability": {"CL": -0.1}}, "variability"),
    ({"variability": {"CL": 0.1, "V1": 0.1, "cov": [["CL", "V1", 0.1]]}}, "singular"),  # correlation of one
    ({"variability": {"CL": 0.1, "cov": [["CL", "V1", 0.1]]}}, "two parameters with variances"),
    ({"error": {"form": "proportional", "proportional": -1}}, "error"),
    ({"body": {"kg": "WT"}}, "no covariate 'WT' in kg"),
]


@pytest.mark.parametrize(("changed", "said"), BROKEN, ids=[said for _, said in BROKEN])
def test_a_broken_model_is_refused_with_the_place_of_the_fault(changed: dict[str, object], said: str):
    with pytest.raises(ProtocolError) as refusal:
        made(1, **changed)
    assert said in " ".join(refusal.value.problems)


def test_every_problem_is_told_at_once():
    with pytest.raises(ProtocolError) as refusal:
        made(2, parameters={"V2": "V9", "Q": "x y"}, body={"m2": "BSA"})
    assert len(refusal.value.problems) == 3


def test_parts_may_be_empty_and_then_the_model_shows_the_typical_curve_only():
    model = made(1, covariates={}, absorption={}, variability={}, error={}, status="complete")
    assert model.status is Status.TYPICAL_ONLY
    assert made(1, variability={"CL": 0.1}, error={"form": "additive", "additive": 1}, status="complete").status is Status.COMPLETE


def test_a_file_in_which_every_value_is_text_means_the_same():
    numbers = made(1, variability={"CL": 0.1}, covariates={"WT": {"unit": "kg", "low": 40, "high": 130}})
    texts = made(1, variability={"CL": "0.1"}, covariates={"WT": {"unit": "kg", "low": "40", "high": "130"}})
    assert (numbers.file, numbers.omega.tolist()) == (texts.file, texts.omega.tolist())


def test_parameters_follow_covariates_etas_and_each_other_in_any_order():
    model = Model.from_dict(
        {
            **plain(1, covariates={"WT": {"unit": "kg"}}, variability={"V1": 0.2, "CL": 0.1, "occasion": {"CL": 0.03}}),
            "parameters": {"CL": "V1 * 0.1", "V1": "20 * WT/70"},
        }
    )
    assert (model.etas, model.kappas) == (("V1", "CL"), ("CL",))
    found = model.parameters({"WT": np.array(35.0)}, np.array([[0.0, 0.0], [0.1, 0.2]]), np.array([0.05]))
    # V1 = 20 * 35/70 * exp(eta); CL = 0.1 * V1 * exp(eta + kappa), with this patient's V1
    assert found["V1"] == pytest.approx([10.0, 10.0 * np.exp(0.1)])
    assert found["CL"] == pytest.approx([np.exp(0.05), np.exp(0.1 + 0.2 + 0.05)])


def test_clearances_and_rates_describe_the_same_compartments():
    # K12 = Q/V1, K21 = Q/V2, KE = CL/V1
    by_rates = Model.from_dict({**plain(2), "parameters": {"V": "20", "KE": "5/20", "K12": "7/20", "K21": "7/40"}})
    one, other = (micro(model, model.parameters({})) for model in (made(2), by_rates))
    assert (one.k10, one.out, one.back) == (other.k10, other.out, other.back)


def test_rates_of_a_model_in_minutes_are_sixty_times_those_in_hours():
    per_minute = Model.from_dict({**plain(2), "units": {**UNITS, "time": "min"}})
    assert micro(per_minute, per_minute.parameters({})).k10 == pytest.approx(60 * micro(made(2), made(2).parameters({})).k10)


@pytest.mark.parametrize("stiff", [1.0, 1e4])
def test_modes_of_three_compartments_are_the_roots_of_the_characteristic_polynomial(stiff: float):
    model = made(3, parameters={"CL": f"5*{stiff}", "Q2": "1.5e-3"})
    found = micro(model, model.parameters({}))
    (k12, k13), (k21, k31), k10 = ([float(x[0]) for x in found.out], [float(x[0]) for x in found.back], float(found.k10[0]))
    # the invariants of the matrix (Gibaldi and Perrier, appendix B): sum, sum of pairs, product
    fast, middle, slow = (float(rate[0]) for rate in modes(found).rates)
    assert fast + middle + slow == pytest.approx(k10 + k12 + k13 + k21 + k31, rel=1e-14)
    assert fast * middle + fast * slow + middle * slow == pytest.approx(
        k10 * k21 + k10 * k31 + k12 * k31 + k13 * k21 + k21 * k31, rel=1e-13
    )
    assert fast * middle * slow == pytest.approx(k10 * k21 * k31, rel=1e-13)
