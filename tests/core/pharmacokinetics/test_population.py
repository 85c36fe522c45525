"""A population is the same patients however it is cut, and what is counted of it is what there is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.core.errors import CommandRefused
from openinfusion.core.pharmacokinetics.outlook import Repeated
from openinfusion.core.pharmacokinetics.population import BLOCK, Among, Given, Normal, Uniform
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.survey import survey
from openinfusion.core.pharmacokinetics.tally import Tally
from openinfusion.core.pharmacokinetics.target import Auc, Peak, Trough
from tests.core.pharmacokinetics.fitting import ABSORBED, GOTI

WARD: dict[str, Given] = {
    "WT": Normal("75 kg", "15 kg", "45 kg", "120 kg"),
    "CRCL": Uniform("20 mL/min", "120 mL/min"),
    "DIAL": Among(("0", "1"), (0.8, 0.2)),
}
DOSES = Regimen().infuse("1000 mg", over="1 h", every="12 h", n=4)
TIMES = ["1 h", "12 h", "36 h"]


def ward(n, seed=1, covariates=None):
    return GOTI.population(covariates or WARD, n, seed)


def test_a_block_alone_holds_the_same_patients_as_the_whole():
    whole = ward(BLOCK + 100)
    levels = whole.simulate(DOSES, TIMES).concentration
    last = whole.blocks[-1]
    alone = ward(BLOCK + 100).solved(DOSES, last).concentration(np.array([1.0, 12.0, 36.0])).T
    assert np.array_equal(levels[slice(*last)], alone)  # to the last bit, whatever was computed before
    longer = ward(2 * BLOCK).person((BLOCK, 2 * BLOCK))
    assert np.array_equal(longer[1][:100], whole.person(last)[1])
    assert np.array_equal(longer[0].covariates[0]["WT"][:100], whole.person(last)[0].covariates[0]["WT"])


def test_another_seed_gives_other_patients_and_the_same_seed_the_same():
    one, same, other = (ward(50, seed).simulate(DOSES, TIMES).concentration for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.any(one == other)


def test_covariates_and_etas_are_spread_as_told():
    whole = ward(4 * BLOCK)
    weight, clearance, dialysis = (whole.facts(name) for name in ("WT", "CRCL", "DIAL"))
    assert (weight.min() >= 45, weight.max() <= 120) == (True, True)
    assert weight.mean() == pytest.approx(75.4, abs=0.5)  # the cut takes more below than above
    assert clearance.mean() == pytest.approx(70, abs=1)
    assert dialysis.mean() == pytest.approx(0.2, abs=0.01)
    etas = np.vstack([whole.person(block)[1] for block in whole.blocks])
    assert np.cov(etas.T) == pytest.approx(np.diag([0.147, 0.510, 0.282]), abs=0.015)


def test_values_and_attainment_are_those_of_each_patient_alone():
    few = ward(20)
    regimen = Regimen().infuse("1000 mg", over="1 h", every="12 h", n=2)
    target = Auc("400 mg.h/L", window="24 h", low="300 mg.h/L", high="500 mg.h/L")
    fine = few.solved(regimen, (0, 20)).concentration(np.linspace(0, 24, 4801))
    alone = np.trapezoid(fine, dx=24 / 4800, axis=0)
    values = few.values(regimen, target, "12 h")
    assert values == pytest.approx(alone, rel=1e-3)  # a sum of trapezia against the exact area
    course = few.simulate(regimen, TIMES)
    assert course.probability(target, every="12 h") == pytest.approx(np.mean((values >= 300) & (values <= 500)))
    assert course.percentiles([50])[0] == pytest.approx(np.median(course.concentration, axis=0))


def test_a_survey_counts_what_there_is_in_any_order_of_its_blocks():
    whole = ward(2 * BLOCK + 50)
    target = Trough("15 mg/L", low="10 mg/L", high="20 mg/L")
    asked = survey(whole, DOSES, TIMES, targets=(target,), by=[("CRCL", ("20 mL/min", "60 mL/min", "120 mL/min"))], every="12 h")
    parts = [asked.count(block) for block in whole.blocks]
    found, backwards = asked.nothing, asked.nothing
    for one, other in zip(parts, reversed(parts), strict=True):
        found, backwards = found.with_(one), backwards.with_(other)
    assert np.array_equal(found.tally.counts, backwards.tally.counts)
    assert np.array_equal(found.reached, backwards.reached)
    course = whole.simulate(DOSES, TIMES)
    reached, clearance = course.reached(target, every="12 h"), whole.facts("CRCL")
    everybody, poor, good = found.attainment()
    assert (everybody.n, everybody.reached) == (whole.n, reached.sum())
    assert (poor.n, poor.reached) == ((clearance < 60).sum(), reached[clearance < 60].sum())
    assert poor.n + good.n == whole.n
    assert everybody.probability == pytest.approx(course.probability(target, every="12 h"))
    assert found.percentiles([5, 50]) == pytest.approx(course.percentiles([5, 50]), rel=2e-3)


def test_a_sweep_of_doses_is_each_dose_by_itself():
    some, repeated = ward(30), Repeated("IV", 0.0, 12.0, 1.0)
    for target in (Trough("15 mg/L"), Peak("30 mg/L")):  # by two solutions, and by one each
        swept = some.sweep(["500 mg", "1 g"], target, repeated)
        each = [some.values(Regimen().infuse(dose, over="1 h", every="12 h", n=1), target, "12 h") for dose in ("500 mg", "1000 mg")]
        assert swept == pytest.approx(np.stack(each), rel=1e-9)


@settings(max_examples=10)
@given(st.integers(0, 1000), st.integers(1, 4))
def test_tallies_of_parts_are_the_tally_of_the_whole_in_any_order_and_percentiles_are_close(seed, parts):
    levels = np.exp(np.random.default_rng(seed).normal(2, 1, (2, 400)))
    levels[1, :200] = 0.0
    whole = Tally.empty(2)
    whole.add(levels)
    cut = [Tally.empty(2) for _ in range(parts)]
    for place, piece in enumerate(np.array_split(levels, parts, axis=1)):
        cut[place].add(piece)
    joined = cut[-1]
    for one in cut[-2::-1]:
        joined = joined.with_(one)
    assert np.array_equal(joined.counts, whole.counts)
    exact = np.percentile(levels, [5, 50, 95], axis=1, method="inverted_cdf")
    assert whole.percentiles([5, 50, 95]) == pytest.approx(exact, rel=1.1e-3)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: ward(0), "pk.impossible-number"),
        (lambda: ward(5, seed=-1), "pk.impossible-number"),
        (lambda: ward(5, covariates={**WARD, "WT": Normal("70 kg", "0 kg", "60 kg", "80 kg")}), "pk.impossible-spread"),
        (lambda: ward(5, covariates={**WARD, "WT": Uniform("90 kg", "80 kg")}), "pk.impossible-spread"),
        (lambda: ward(5, covariates={**WARD, "DIAL": Among(("0", "1"), (1.0,))}), "pk.impossible-shares"),
        (lambda: ward(5, covariates={**WARD, "WT": "300 kg"}), "pk.covariate-outside-domain"),
        (lambda: ward(5, covariates={**WARD, "WT": np.full(5, np.nan)}), "pk.covariate-outside-domain"),
        (lambda: ward(5, covariates={**WARD, "WT": ["70 kg"] * 4}), "pk.covariate-count"),
        (lambda: ward(5, covariates={**WARD, "WT": 70}), "pk.wrong-unit"),
        (lambda: ward(5, covariates={"WT": "70 kg"}), "pk.covariate-missing"),
        (lambda: ward(5, covariates={**WARD, "AGE": "70 a"}), "pk.covariate-unknown"),
        (lambda: survey(ward(5), DOSES, TIMES, by=[("AGE", ("1 a", "2 a"))]), "pk.covariate-unknown"),
        (lambda: ward(5).simulate(DOSES, TIMES).probability(Trough("15 mg/L"), every="12 h"), "pk.target-without-range"),
    ],
)
def test_a_population_that_cannot_be_is_refused(make, code):
    with pytest.raises(CommandRefused) as caught:
        make()
    assert code in {finding.code for finding in caught.value.findings}


def test_each_value_may_be_told_and_a_model_without_covariates_needs_none():
    told = ward(3, covariates={"WT": ["50 kg", "60 kg", "70 kg"], "CRCL": np.array([30.0, 60.0, 90.0]), "DIAL": 0})
    assert told.facts("WT").tolist() == [50, 60, 70]
    assert ABSORBED.population({}, 10, 3).simulate(Regimen().dose("100 mg", route="ORAL"), TIMES).concentration.shape == (10, 3)
    assert BLOCK == 4096  # part of what a seed means
