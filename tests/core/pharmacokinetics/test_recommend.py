"""The dose that is recommended reaches its target, is proposed by a pharmacist, and is refused where it should not be believed."""

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.core.errors import CommandRefused
from openinfusion.core.pharmacokinetics.dose_search import curved
from openinfusion.core.pharmacokinetics.fit import Fit
from openinfusion.core.pharmacokinetics.proposal import proposed
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.solve import solve
from openinfusion.core.pharmacokinetics.target import At, Auc, Peak, TimeAbove, Trough
from openinfusion.core.quantity import Quantity
from tests.core.pharmacokinetics.fitting import (
    ABSORBED,
    DAPTOMYCIN,
    DAPTOMYCIN_DOSES,
    DAPTOMYCIN_LEVELS,
    DAPTOMYCIN_PATIENT,
    GOTI,
    GOTI_DOSES,
    GOTI_LEVELS,
    GOTI_PATIENT,
    model,
)
from tests.core.prescribing.therapies import figure, limit, therapy

FINE = "0.001 mg"


@cache
def vancomycin() -> Fit:
    """One patient, fitted once for all tests."""
    return GOTI.estimate(GOTI_PATIENT, GOTI_DOSES, GOTI_LEVELS)


def test_doses_after_levels_are_as_posologyr_finds_them():
    # github.com/levenc/posologyr, tests/testthat/test_doseoptim_tdm.R (read 2026-12-01; numbers only): 323.538 mg for 60 mg/L at the end of
    # an infusion, 222.902 mg for an area of 666 in the day from its start; its own tolerance is 1e-3.
    fit = DAPTOMYCIN.estimate(DAPTOMYCIN_PATIENT, DAPTOMYCIN_DOSES, DAPTOMYCIN_LEVELS)
    by_level = fit.recommend(At("60 mg/L", time="1 h"), every="24 h", over="1 h", start="104 h")
    by_area = fit.recommend(Auc("666 mg.h/L", window="24 h"), every="24 h", over="1 h", start="104 h")
    assert float(by_level.exact.value) == pytest.approx(323.538, rel=1e-3)
    assert float(by_area.exact.value) == pytest.approx(222.902, rel=1e-3)


TARGETS = st.one_of(
    st.floats(390, 900).map(lambda wanted: Auc(f"{wanted:.3f} mg.h/L", window="24 h")),
    st.floats(13, 40).map(lambda wanted: Trough(f"{wanted:.3f} mg/L")),
    st.floats(19, 60).map(lambda wanted: At(f"{wanted:.3f} mg/L", time="3 h")),
    st.floats(25, 90).map(lambda wanted: Peak(f"{wanted:.3f} mg/L")),
    st.floats(30, 95).map(lambda wanted: TimeAbove("19 mg/L", f"{wanted:.2f} %", window="24 h")),
)


@settings(max_examples=10, deadline=None)
@given(TARGETS)
def test_what_is_recommended_reaches_the_target_when_it_is_given(target):
    found = vancomycin().recommend(target, every="24 h", over="2 h", step=FINE)
    assert float(found.achieved.value) == pytest.approx(float(target.aim.wanted.value), rel=1e-4)
    if isinstance(target, Trough):  # the same by giving it
        begin = found.plan.first_h
        regimen = GOTI_DOSES.infuse(found.dose, over="2 h", start=f"{begin} h")
        level = vancomycin().predict(regimen, [f"{begin + 24} h"]).concentration[0]
        assert level == pytest.approx(float(found.achieved.value), rel=1e-9)


def test_where_elimination_saturates_fit_and_dose_are_found_by_search_and_hold():
    saturated = model(
        "one-compartment", {"VMAX": "20", "KM": "5", "V1": "40"}, {"VMAX": 0.1, "V1": 0.05, "cov": [["VMAX", "V1", 0.02]]},
        {"form": "proportional", "proportional": 0.1}, elimination="michaelis-menten",
    )  # fmt: skip
    doses = Regimen().infuse("600 mg", over="1 h", every="12 h", n=4)
    fit = saturated.estimate({}, doses, [("2 h", "16 mg/L"), ("12 h", "11 mg/L"), ("48 h", "30 mg/L")])
    around = fit.found.mode.eta + 10.0 ** -np.arange(1, 4)[:, None, None] * np.random.default_rng(1).normal(size=(3, 10, 2))
    assert bool(np.all(fit.found.problem.deviance(around.reshape(-1, 2)) > fit.deviance))

    def level(dose: float) -> float:
        """Of the most probable patient, a day after a further dose at 72 h."""
        course = doses.infuse(Quantity(Fraction(dose), "mg"), over="2 h", start="72 h").course(saturated)
        return float(solve(saturated, fit.parameters, course, np.array([96.0]))[0, 0])

    dose = curved(level, 12.0, 500.0)
    assert isinstance(dose, float)
    assert level(dose) == pytest.approx(12, rel=1e-6)


def test_without_a_start_the_next_dose_is_due_an_interval_after_the_last_and_not_before_a_flow_ends():
    found = vancomycin().recommend(Trough("20 mg/L"), every="24 h", over="2 h")
    assert found.plan.first_h == pytest.approx(22.2 + 24)
    flowing = GOTI_DOSES.rate("40 mg/h", start="24 h", stop="60 h")
    later = GOTI.estimate(GOTI_PATIENT, flowing, GOTI_LEVELS).recommend(Trough("30 mg/L"), every="24 h", over="2 h")
    assert later.plan.first_h == pytest.approx(60)
    endless = GOTI.estimate(GOTI_PATIENT, GOTI_DOSES.rate("20 mg/h", start="24 h"), GOTI_LEVELS)
    assert endless.recommend(Trough("30 mg/L"), every="24 h", over="2 h").plan.first_h == pytest.approx(37.5)  # its last level


def test_in_a_steady_state_the_area_of_an_interval_is_the_dose_over_the_clearance():
    found = vancomycin().recommend(Auc("500 mg.h/L", window="24 h"), every="24 h", over="2 h", steady=True)
    assert float(found.exact.value) == pytest.approx(500 * vancomycin().parameters["CL"][0], rel=1e-9)  # AUC = dose / CL
    assert found.residual.value == 0


def test_a_recommendation_is_rounded_said_with_its_probability_and_within_its_limits():
    target = Auc("500 mg.h/L", window="24 h", low="400 mg.h/L", high="600 mg.h/L")
    free = vancomycin().recommend(target, every="24 h", over="2 h", step="250 mg")
    assert free.dose.value % 250 == 0
    assert free.flow == Quantity(free.dose.value / 2, "mg/h")
    values = vancomycin().draws.eta
    assert free.probability is not None
    assert 0.3 < free.probability < 0.9
    assert free.band is not None
    assert free.band[0] < free.achieved < free.band[1]
    assert len(values) == 1000
    tight = therapy(limits=[limit("most", "dose_per_mass", "<=", "10 mg/kg")])
    held = vancomycin().recommend(target, every="24 h", over="2 h", step="250 mg", limits=tight)
    assert held.dose == Quantity(500, "mg")  # 620 mg at 62 kg
    assert held.achieved < free.achieved
    assert held.findings[0].code == "pk.lowered-to-limit"


def test_what_was_given_before_counts_in_a_limit_on_totals():
    target, total = Trough("25 mg/L"), [limit("total", "dose", "<=", "4000 mg", window=figure("48 h"))]
    alone = vancomycin().recommend(target, every="48 h", over="2 h", step="50 mg", start="50 h", limits=therapy(limits=total))
    assert alone.dose == Quantity(2250, "mg")  # 1750 mg were given at 22.2 h
    later = vancomycin().recommend(target, every="48 h", over="2 h", step="50 mg", start="75 h", limits=therapy(limits=total))
    assert later.dose == Quantity(4000, "mg")  # and have left the window then


def refusal(call) -> list[str]:
    with pytest.raises(CommandRefused) as caught:
        call()
    return [finding.code for finding in caught.value.findings]


@pytest.mark.parametrize(
    ("target", "more", "code"),
    [
        (Auc("100 mg.h/L", window="24 h"), {}, "pk.residual-above-target"),
        (At("35 mg/L", time="0 h"), {"start": "60 h"}, "pk.no-response"),  # a sample at the time of a dose is before it
        (TimeAbove("500 mg/L", "20 h", window="20 h"), {"route": "ORAL"}, "pk.route-not-in-model"),
        (Auc("400 umol.h/L"), {}, "pk.wrong-unit"),
        (Trough("25 mg/L"), {"vial": "9 g"}, "pk.rounds-to-nothing"),
        (Trough("25 mg/L"), {"limits": therapy(limits=[limit("slow", "duration", ">=", "3 h")])}, "pk.limits-leave-no-dose"),
    ],
)
def test_a_target_that_no_dose_reaches_is_refused_with_the_reason(target, more, code):
    assert refusal(lambda: vancomycin().recommend(target, every="24 h", over="2 h", **more))[0] == code


def test_a_fit_that_is_not_believed_recommends_nothing():
    fit = ABSORBED.estimate({}, Regimen().dose("10000 mg", route="ORAL"), [(f"{hour} h", "2000 mg/L") for hour in (2, 4, 8, 12, 24, 36)])
    assert "pk.far-from-population" in refusal(lambda: fit.recommend(Trough("25 mg/L"), every="24 h", route="ORAL"))


def test_a_pharmacist_proposes_and_a_prescriber_signs_or_a_pharmacist_under_a_collaborative_protocol():
    found = vancomycin().recommend(Trough("25 mg/L"), every="24 h", over="2 h")
    assert refusal(lambda: proposed(found, "nurse-1", "nurse")) == ["pk.pharmacist-proposes"]
    proposal = proposed(found, "pharmacist-1", "pharmacist")
    assert not proposal.is_signed
    assert refusal(lambda: proposal.signed("pharmacist-2", "pharmacist")) == ["pk.prescriber-signs"]
    assert proposal.signed("prescriber-1", "prescriber").signed_by == "prescriber-1"
    under = proposal.signed("pharmacist-2", "pharmacist", under="vancomycin-2026")
    assert (under.is_signed, under.under) == (True, "vancomycin-2026")
    assert refusal(lambda: under.signed("prescriber-1", "prescriber")) == ["pk.already-signed"]


def test_the_example_of_the_document_runs_and_proposes_within_its_target(capsys):
    document = (Path(__file__).parents[3] / "docs" / "explanation" / "doses-from-levels.md").read_text(encoding="utf-8")
    known: dict[str, Any] = {}
    exec(document.split("```python\n")[1].split("```")[0], known)
    found = known["found"]
    assert found.dose.value % 250 == 0
    assert Quantity(400, "mg.h/L") < found.achieved < Quantity(600, "mg.h/L")
    assert 0.2 < found.probability < 1
    assert len(known["band"].upper) == 2
    assert found.dose.text in capsys.readouterr().out


def test_limits_of_another_route_are_kept_and_said():
    elsewhere = therapy(route="SC", limits=[limit("most", "dose", "<=", "500 mg")])
    found = vancomycin().recommend(Trough("25 mg/L"), every="24 h", over="2 h", limits=elsewhere)
    assert found.dose == Quantity(500, "mg")
    assert [one.code for one in found.findings] == ["pk.lowered-to-limit", "pk.limits-of-another-route"]


def test_what_varies_between_occasions_is_unknown_again_in_the_next_one():
    wavering = model(
        "one-compartment", {"CL": "4", "V1": "50"}, {"CL": 0.1, "V1": 0.1, "occasion": {"CL": 0.2}}, {"form": "additive", "additive": 0.5}
    )
    doses = Regimen().infuse("500 mg", over="1 h")
    fit = wavering.estimate({}, doses, [("2 h", "8 mg/L"), ("12 h", "2 mg/L"), ("20 h", "0.7 mg/L")])
    assert fit.eta["CL@1"] == pytest.approx(2 * fit.eta["CL"], rel=1e-3)  # as their variances
    next_one, etas = fit.possible(24.0)
    assert next_one.names == ("CL", "V1", "CL@1", "CL@2")
    assert etas[0, 3] == 0
    assert etas[1:, 3].std() == pytest.approx(0.2**0.5, rel=0.1)
    target = Trough("1 mg/L", low="0.5 mg/L", high="1.5 mg/L")
    found = fit.recommend(target, every="24 h", over="1 h", step=FINE, steady=True)
    assert float(found.achieved.value) == pytest.approx(1, rel=1e-4)
    assert found.probability is not None
    assert found.probability < 0.9


def test_the_probability_is_that_of_the_draws():
    target = Trough("20 mg/L", low="15 mg/L", high="25 mg/L")
    found = vancomycin().recommend(target, every="24 h", over="2 h", step="1 mg", start="48 h")
    regimen = GOTI_DOSES.infuse(found.dose, over="2 h", start="48 h")
    band = vancomycin().predict(regimen, ["72 h"], levels=(0.05, 0.95))
    assert found.band is not None
    assert float(found.band[0].value) == pytest.approx(band.lower[0])
    assert float(found.band[1].value) == pytest.approx(band.upper[0])
    levels = np.linspace(0.01, 0.99, 99)
    inside = [15 <= vancomycin().predict(regimen, ["72 h"], levels=(level, level)).lower[0] <= 25 for level in levels]
    assert found.probability == pytest.approx(np.mean(inside), abs=0.02)
