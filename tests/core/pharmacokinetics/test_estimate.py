"""A patient is found from levels as other programs find them, and what cannot be fitted or should not be believed is said."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.core.errors import CommandRefused
from openinfusion.core.finding import Level
from openinfusion.core.pharmacokinetics.estimate import fast, posed
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.parameters import Epochs
from openinfusion.core.pharmacokinetics.patient_facts import Fact
from openinfusion.core.pharmacokinetics.posterior import most_probable
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.quantity import Quantity
from tests.core.pharmacokinetics.fitting import ABSORBED, GOTI, GOTI_DOSES, GOTI_LEVELS, GOTI_PATIENT, UNITS, model

# The expected values of the next four stand in posologyr's tests, found by Monolix and NONMEM:
# github.com/levenc/posologyr, tests/testthat/test_map_mlx.R, test_map_iov.R, test_map_nm.R (read 2026-12-01; numbers only).


def own(fit):
    return {name: float(values[0]) for name, values in fit.parameters.items()}


def test_vancomycin_with_standard_deviations_that_add_is_as_monolix_finds_it():
    fit = GOTI.estimate(GOTI_PATIENT, GOTI_DOSES, GOTI_LEVELS)
    assert own(fit)["CL"] == pytest.approx(1.72, abs=0.005)
    assert own(fit)["V1"] == pytest.approx(59.8, abs=0.05)
    assert own(fit)["V2"] == pytest.approx(41.6, abs=0.05)
    assert fit.findings == ()
    assert fit.is_believed


def test_tobramycin_in_rate_constants_is_as_monolix_finds_it():
    tobramycin = model(
        "two-compartment",
        {"KE": "0.21*(CRCL/67.8)**0.89*(WT/66.4)**(-1.09)", "V1": "19.8*(WT/66.4)**0.8", "K12": "0.041", "K21": "0.12"},
        {"KE": 0.08075, "V1": 0.01203, "K12": 0, "K21": 0},  # etas without variance are dropped
        {"form": "combined1", "additive": 0, "proportional": 0.198},
        covariates={"CRCL": {"unit": "mL/min"}, "WT": {"unit": "kg"}},
    )
    doses, levels = Regimen().infuse("500 mg", over="0.5 h"), [("1 h", "25.0 mg/L"), ("14 h", "5.5 mg/L")]
    fit = tobramycin.estimate({"CRCL": "80 mL/min", "WT": "65 kg"}, doses, levels)
    assert own(fit)["KE"] == pytest.approx(0.1258, abs=5e-5)
    assert own(fit)["V1"] == pytest.approx(18.21, abs=0.005)
    assert set(fit.eta) == {"KE", "V1"}


def test_piperacillin_with_four_occasions_is_as_monolix_finds_it():
    piperacillin = model(
        "two-compartment",
        {"CL": "17.1*TBW/70", "V1": "7.2", "V2": "17.8", "Q": "52"},
        {"CL": 0.08507985, "V1": 0.0673745, "V2": 0.429067, "Q": 0.2247455, "occasion": {"CL": 0.1934626, "V1": 0.05783106}},
        {"form": "combined1", "additive": 3.2, "proportional": 0.253},
        covariates={"TBW": {"unit": "kg"}},
    )
    levels = [("47.9 h", "63 mg/L"), ("71.9 h", "19.7 mg/L"), ("95.9 h", "31 mg/L"), ("120 h", "16 mg/L")]
    doses = Regimen().infuse("4000 mg", over="8 h", start="0.07 h", every="8 h", n=15)  # its line takes 0.07 h
    fit = piperacillin.estimate({"TBW": "92 kg"}, doses, levels, occasions=("0 h", "48 h", "72 h", "96 h"))
    assert isinstance(fit.held, Epochs)
    assert [float(one["CL"][0]) for one in fit.held.parameters] == pytest.approx([10.58, 24.0, 18.4, 26.3], abs=0.05)
    assert [float(fit.parameters[name][0]) for name in ("V1", "Q", "V2")] == pytest.approx([7.2, 52, 17.8], abs=0.05)


def test_covariates_that_change_are_taken_backwards_as_nonmem_takes_them():
    changing = model(
        "one-compartment", {"CL": "4.0*(BW/75)**1.5*0.75**SEX", "V1": "70", "KA": "1"}, {"CL": 0.2, "V1": 0.2, "KA": 0.2},
        {"form": "combined2", "additive": 0, "proportional": 0.05**0.5}, covariates={"BW": {"unit": "kg"}, "SEX": {"unit": "1"}},
    )  # fmt: skip
    times = ("0 h", "1.5 h", "4.4 h", "7.1 h", "24.6 h")
    facts: dict[str, Fact] = {
        "BW": list(zip(times, ("77 kg", "113 kg", "92 kg", "132 kg", "126 kg"), strict=True)),
        "SEX": list(zip(times, (0, 0, 1, 0, 1), strict=True)),
    }
    levels = list(zip(times[1:], ("107.267 mg/L", "100.995 mg/L", "54.0546 mg/L", "5.97081 mg/L"), strict=True))
    fit = changing.estimate(facts, Regimen().infuse("10000 mg", over="1 h"), levels, between="nocb")
    assert list(fit.eta.values()) == pytest.approx([0.398845969, 0.0762201167, 0], abs=1e-6)


def test_mapbayr_s_first_patient_is_as_nonmem_finds_it():
    # github.com/FelicienLL/mapbayr, inst/nm001/run001.phi (read 2026-12-01); all eight stand in test_posterior.py
    levels = [("1.5 h", "91.2904 mg/L"), ("4.4 h", "110.826 mg/L"), ("7.1 h", "79.384 mg/L"), ("24.6 h", "20.6671 mg/L")]
    fit = ABSORBED.estimate({}, Regimen().dose("10000 mg", route="ORAL"), levels)
    assert list(fit.eta.values()) == pytest.approx([4.05058386e-1, 7.28505976e-2, -7.49540941e-2], abs=1e-7)


@settings(max_examples=6, deadline=None)
@given(
    st.sampled_from(("one", "two", "three")), st.sampled_from(("additive", "proportional", "combined1", "combined2")),
    st.sampled_from(("first-order", "zero-order")), st.integers(0, 10_000), st.booleans(),
)  # fmt: skip
def test_the_compiled_search_finds_what_the_general_solver_finds(compartments, form, kind, seed, has_below):
    chance = np.random.default_rng(seed)
    names = {"one": (), "two": ("Q", "V2"), "three": ("Q", "V2", "Q2", "V3")}[compartments]
    sizes = {"CL": 3.0, "V1": 20.0, "Q": 5.0, "V2": 30.0, "Q2": 1.0, "V3": 60.0, "KA": 0.7, "D": 3.0}
    kept = {name: f"{sizes[name] * np.exp(chance.normal() / 4):.6g}" for name in ("CL", "V1", "KA", "D", *names)}
    random = model(
        f"{compartments}-compartment", kept, {"CL": 0.1, "V1": 0.2, "KA": 0.3, "cov": [["CL", "V1", 0.05]]},
        {"form": form, "additive": 0.5, "proportional": 0.2}, baseline="0.3",
        absorption={"SC": {"kind": kind, "ka": "KA", "duration": "D", "F": "0.8", "lag": "0.25"}},
    )  # fmt: skip
    doses = Regimen().dose("300 mg").infuse("200 mg", over="2 h", start="6 h").dose("500 mg", route="SC", start="10 h", every="7 h", n=2)
    levels = [("2 h", "9 mg/L"), ("7.5 h", "7 mg/L"), ("13 h", "11 mg/L"), ("30 h", "<1 mg/L" if has_below else "3 mg/L")]
    fit = random.estimate({}, doses, levels)
    general = most_probable(posed(fit.person, fit.course, fit.samples))
    assert fast() is not None
    assert fit.deviance == pytest.approx(general.deviance, abs=1e-8)
    assert list(fit.eta.values()) == pytest.approx(general.eta, abs=1e-6)
    assert fit.covariance == pytest.approx(general.covariance, rel=1e-3, abs=1e-8)


def refused(call) -> set[str]:
    with pytest.raises(CommandRefused) as caught:
        call()
    return {finding.code for finding in caught.value.findings}


@pytest.mark.parametrize(
    ("levels", "more", "code"),
    [
        ([], {}, "pk.no-samples"),
        ([("12 h", "14.8")], {}, "pk.wrong-unit"),
        ([("12 h",)], {}, "pk.unreadable"),
        (["12 h"], {}, "pk.unreadable"),
        ([("12", "14.8 mg/L")], {}, "pk.wrong-unit"),
        ([("12 h", "14.8 umol/L")], {}, "pk.wrong-unit"),
        ([("12 h", "14,8 mg/L")], {}, "pk.unreadable"),
        ([("12 h", "nan mg/L")], {}, "pk.unreadable"),
        ([("12 h", "0 mg/L")], {}, "pk.not-above-zero"),
        ([("20 h", "14.8 mg/L"), ("12 h", "14.8 mg/L")], {}, "pk.unordered-samples"),
        ([("-1 h", "14.8 mg/L")], {}, "pk.sample-before-dose"),
        ([("0 h", "14.8 mg/L")], {}, "pk.sample-before-dose"),  # at the time of the dose is before it
        ([("12 h", "BLQ")], {}, "pk.limit-of-quantification-missing"),
        ([("12 h", "14.8 mg/L")], {"covariates": {**GOTI_PATIENT, "WT": "20 kg"}}, "pk.covariate-outside-domain"),
        ([("12 h", "14.8 mg/L")], {"covariates": {"WT": "62 kg", "DIAL": 0}}, "pk.covariate-missing"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_the_reason(levels, more, code):
    assert code in refused(lambda: GOTI.estimate(more.get("covariates", GOTI_PATIENT), GOTI_DOSES, levels))


def test_a_level_where_the_model_can_have_none_is_refused_and_one_that_two_patients_explain_is_said():
    late = model(
        "one-compartment", {"CL": "4", "V1": "70"}, {"CL": 0.1}, {"form": "proportional", "proportional": 0.1},
        absorption={"SC": {"kind": "first-order", "ka": "1", "lag": "3"}},
    )  # fmt: skip
    assert refused(lambda: late.estimate({}, Regimen().dose("500 mg", route="SC"), [("2 h", "5 mg/L")])) == {"pk.samples-impossible"}
    # The curve of 250 mg with k 0.05/h, ka 0.2/h and 20 L is that of k 0.2/h, ka 0.05/h and 5 L (flip-flop); the population lies between.
    twofold = model(
        "one-compartment", {"CL": "1", "V1": "10", "KA": "0.1"}, {"CL": 0.1, "V1": 0.5, "KA": 0.5}, {"form": "additive", "additive": 0.2},
        absorption={"SC": {"kind": "first-order", "ka": "KA"}},
    )  # fmt: skip
    levels = [("2 h", "3.909 mg/L"), ("5 h", "6.849 mg/L"), ("10 h", "7.853 mg/L"), ("24 h", "4.883 mg/L"), ("36 h", "2.743 mg/L")]
    fit = twofold.estimate({}, Regimen().dose("250 mg", route="SC"), levels)
    assert [finding.code for finding in fit.findings] == ["pk.several-fits"]
    ((other, _),) = fit.found.mode.others
    assert other[1] == pytest.approx(-fit.eta["V1"], abs=0.05)
    assert np.mean(fit.draws.eta[:, 1] > 0) == pytest.approx(0.5, abs=0.15)  # both remain possible, about alike


def without(plain_variability, plain_error) -> Model:
    plain = {"id": "thin", "units": UNITS, "structure": "one-compartment", "parameters": {"CL": "4", "V1": "70"}, "status": "complete"}
    return Model.from_dict({**plain, "variability": plain_variability, "error": plain_error})


@pytest.mark.parametrize(
    ("variability", "error", "code"),
    [
        ({}, {"form": "additive", "additive": 1}, "pk.no-variability"),
        ({"CL": 0}, {"form": "additive", "additive": 1}, "pk.no-variability"),
        ({"CL": 0.1}, {}, "pk.no-residual-error"),
        ({"CL": 0.1}, {"form": "proportional", "additive": 3}, "pk.no-residual-error"),
    ],
)
def test_a_model_without_variability_or_error_fits_nobody(variability, error, code):
    thin = without(variability, error)
    assert code in refused(lambda: thin.estimate({}, Regimen().dose("500 mg"), [("2 h", "5 mg/L")]))


def test_no_doses_an_impossible_band_and_an_impossible_seed_are_refused():
    assert refused(lambda: GOTI.estimate(GOTI_PATIENT, Regimen(), GOTI_LEVELS)) == {"pk.no-doses"}
    assert refused(lambda: GOTI.estimate(GOTI_PATIENT, GOTI_DOSES, GOTI_LEVELS, seed=-1)) == {"pk.impossible-number"}
    fit = GOTI.estimate(GOTI_PATIENT, GOTI_DOSES, GOTI_LEVELS)
    assert refused(lambda: fit.predict(GOTI_DOSES, ["2 h"], levels=(0.95, 0.05))) == {"pk.impossible-levels"}


def test_a_level_below_quantification_pulls_the_course_below_it_and_a_value_under_the_limit_counts_as_such():
    known = [("12 h", "14.8 mg/L")]
    fits = [GOTI.estimate(GOTI_PATIENT, GOTI_DOSES, [*known, ("22 h", "<5 mg/L")])]
    fits.append(GOTI.estimate(GOTI_PATIENT, GOTI_DOSES, [*known, ("22 h", "BLQ")], lloq="5 mg/L"))
    fits.append(GOTI.estimate(GOTI_PATIENT, GOTI_DOSES, [*known, ("22 h", "3 mg/L")], lloq="5 mg/L"))
    alone = GOTI.estimate(GOTI_PATIENT, GOTI_DOSES, known)
    at = ["22 h"]
    assert all(fit.predict(GOTI_DOSES, at).concentration[0] < alone.predict(GOTI_DOSES, at).concentration[0] for fit in fits)
    assert fits[1].eta == fits[0].eta == fits[2].eta
    assert np.isnan(fits[0].residuals[1])


def test_an_unlikely_patient_and_an_unlikely_level_are_flagged_and_not_believed():
    fit = ABSORBED.estimate({}, Regimen().dose("10000 mg", route="ORAL"), [(f"{hour} h", "2000 mg/L") for hour in (2, 4, 8, 12, 24, 36)])
    found = {finding.code: finding for finding in fit.findings}
    assert found["pk.far-from-population"].level is Level.CONTRAINDICATED
    assert found["pk.far-from-population"].params["parameter"] in ("CL", "V1")
    assert not fit.is_believed
    doubtful = [("2 h", "30 mg/L"), ("3 h", "29 mg/L"), ("3.1 h", "180 mg/L"), ("3.2 h", "29 mg/L"), ("5 h", "28 mg/L"), ("6 h", "27 mg/L")]
    tight = model("one-compartment", {"CL": "4", "V1": "30"}, {"CL": 0.1, "V1": 0.1}, {"form": "additive", "additive": 15})
    flagged = {one.code: one for one in tight.estimate({}, Regimen().dose("1000 mg"), doubtful).findings}["pk.far-from-prediction"]
    assert (flagged.params["time"], flagged.params["measured"]) == (Quantity("3.1", "h"), Quantity(180, "mg/L"))


def test_the_body_s_own_level_may_be_measured_before_the_first_dose():
    own_level = model(
        "one-compartment", {"CL": "4", "V1": "70", "B": "5"}, {"CL": 0.1, "B": 0.1}, {"form": "additive", "additive": 0.5}, baseline="B"
    )
    fit = own_level.estimate({}, Regimen().dose("700 mg", start="24 h"), [("0 h", "6 mg/L"), ("25 h", "15.5 mg/L")])
    assert fit.parameters["baseline"][0] == pytest.approx(6, abs=0.2)


def test_bands_hold_the_most_probable_course_and_narrow_where_levels_were_measured():
    fit = GOTI.estimate(GOTI_PATIENT, GOTI_DOSES, GOTI_LEVELS, seed=4)
    expected = fit.predict(GOTI_DOSES, ["12 h", "24 h", "72 h"])
    assert bool(np.all((expected.lower < expected.concentration) & (expected.concentration < expected.upper)))
    wide = (expected.upper - expected.lower) / expected.concentration
    assert wide[0] < wide[1]
    assert wide[0] < wide[2]
    again = GOTI.estimate(GOTI_PATIENT, GOTI_DOSES, GOTI_LEVELS, seed=4).predict(GOTI_DOSES, ["12 h", "24 h", "72 h"])
    assert np.array_equal(again.lower, expected.lower)
    assert len(fit.predict(GOTI_DOSES).time_h) == 241
