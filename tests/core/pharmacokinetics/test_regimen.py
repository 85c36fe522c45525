"""A regimen becomes floats once: every unit is checked, every time exact, and the record of a session is one too."""

from collections.abc import Callable

import numpy as np
import pytest

from openinfusion.core.errors import CommandRefused
from openinfusion.core.pharmacokinetics.edge import grid, times_h
from openinfusion.core.pharmacokinetics.regimen import Regimen
from tests.core.pharmacokinetics.plain import made

SC = {"SC": {"kind": "first-order", "ka": "1"}}


def test_amounts_rates_and_times_reach_the_course_in_the_models_units():
    regimen = (
        Regimen()
        .infuse("1.75 g", over="120 min")
        .rate("40 mg/h", start="2 h", stop="2 d")
        .dose("7 mg", route="SC", start="50 h", every="12 h", n=3)
    )
    iv, sc = regimen.course(made(absorption=SC)).doses
    assert (iv.start_h.tolist(), iv.stop_h.tolist(), iv.rate[:, 0].tolist()) == ([0, 2], [2, 48], [875, 40])
    assert (sc.start_h.tolist(), sc.amount[:, 0].tolist()) == ([50, 62, 74], [7, 7, 7])


def test_the_time_of_a_repeated_dose_is_the_time_that_people_write():
    # 0.1 * 3 is not 0.3 in floats; a sample at 0.3 h must meet the dose at 0.3 h
    (doses,) = Regimen().dose("1 mg", every="0.1 h", n=11).course(made()).doses
    assert doses.start_h.tolist() == [float(f"{place / 10}") for place in range(11)]
    assert grid("0 h", "1 h", "0.1 h").tolist() == doses.start_h.tolist()


def test_a_dose_per_body_is_multiplied_by_the_covariate_that_the_model_names():
    model = made(covariates={"WT": {"unit": "kg"}}, body={"kg": "WT"})
    regimen = Regimen().dose("5 mg/kg").rate("1 mg/kg/h", start="1 h")
    (doses,) = regimen.course(model, {"WT": np.array([60.0, 80.0])}).doses
    assert doses.amount.tolist() == [[300, 400], [0, 0]]
    assert doses.rate.tolist() == [[0, 0], [60, 80]]


def test_a_flow_that_nobody_stops_has_no_end():
    (doses,) = Regimen().rate("3 mg/h").course(made()).doses
    assert doses.stop_h.tolist() == [np.inf]


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: Regimen().dose("100"), "pk.wrong-unit"),
    (lambda: Regimen().dose("100 mL"), "pk.wrong-unit"),
    (lambda: Regimen().dose("100 mg/h"), "pk.wrong-unit"),
    (lambda: Regimen().rate("100 mg"), "pk.wrong-unit"),
    (lambda: Regimen().dose("1,5 mg"), "pk.unreadable"),
    (lambda: Regimen().dose("nan mg"), "pk.unreadable"),
    (lambda: Regimen().dose("5 stones"), "pk.unreadable"),
    (lambda: Regimen().dose(100), "pk.unit-missing"),  # type: ignore[arg-type]  # what a person may type
    (lambda: Regimen().dose("-1 mg"), "pk.below-zero"),
    (lambda: Regimen().infuse("1 mg", over="0 h"), "pk.not-above-zero"),
    (lambda: Regimen().infuse("1 mg", over="2 mg"), "pk.wrong-unit"),
    (lambda: Regimen().dose("1 mg", every="0 h", n=2), "pk.not-above-zero"),
    (lambda: Regimen().dose("1 mg", every="8 h"), "pk.number-missing"),
    (lambda: Regimen().dose("1 mg", n=3), "pk.interval-missing"),
    (lambda: Regimen().dose("1 mg", every="8 h", n=0), "pk.impossible-number"),
    (lambda: Regimen().rate("1 mg/h", start="3 h", stop="2 h"), "pk.stop-before-start"),
    (lambda: Regimen().dose("1 mg", route="nose"), "pk.unknown-route"),
    (lambda: Regimen().dose("1 mg", route="SC").course(made()), "pk.route-not-in-model"),
    (lambda: Regimen().dose("1 [iU]").course(made()), "pk.wrong-unit"),
    (lambda: Regimen().dose("1 mg/kg").course(made()), "pk.body-unknown"),
    (lambda: grid("2 h", "1 h", "1 h"), "pk.stop-before-start"),
    (lambda: grid("0 h", "1 h", "0 h"), "pk.not-above-zero"),
    (lambda: grid("0 h", "100 a", "1 ms"), "pk.too-many-times"),
    (lambda: times_h(["2 h", "1 h"]), "pk.unordered-times"),
    (lambda: times_h([]), "pk.no-times"),
    (lambda: times_h([1.0, 2.0]), "pk.unit-missing"),  # type: ignore[list-item]  # what a person may type
    (lambda: times_h(np.array([0.0, np.nan])), "pk.no-times"),
]


@pytest.mark.parametrize(("asked", "code"), REFUSED, ids=[f"{code}-{place}" for place, (_, code) in enumerate(REFUSED)])
def test_what_cannot_be_given_or_timed_is_refused_with_its_reason(asked: Callable[[], object], code: str):
    with pytest.raises(CommandRefused) as refusal:
        asked()
    assert [finding.code for finding in refusal.value.findings] == [code]
