"""What holds for every shipped protocol and every worked patient, whatever its figures are."""

from dataclasses import replace
from fractions import Fraction

import pytest

from openinfusion.core.finding import Level, Verdict
from openinfusion.core.patient import Fact, PatientFacts
from openinfusion.core.prescribing.eligibility import screen
from openinfusion.core.prescribing.plan import plan
from openinfusion.core.protocol import Measure, Strength
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.cases import read_cases
from openinfusion.protocols.load import load_library

LIBRARY = load_library()
PATIENTS = [
    pytest.param(loaded, case, id=f"{name}: {case.name}")
    for name, loaded in LIBRARY.protocols.items()
    for case in read_cases(loaded, LIBRARY.reference)
]
GIVEN = (Verdict.NONE, Verdict.INFO, Verdict.CAUTION)


def planned(loaded, case, facts=None, **chosen):
    choice = replace(case.choice, **chosen)
    return plan(loaded.protocol, "hash", loaded.general_rules, facts or case.facts, choice, LIBRARY.reference.fields, case.at)


@pytest.mark.parametrize(("loaded", "case"), PATIENTS)
def test_a_slip_of_the_decimal_point_is_found(loaded, case):
    made = planned(loaded, case)
    if made.dose is None or made.verdict not in GIVEN:
        return
    for slip in (10, Fraction(1, 10)):
        slipped = planned(loaded, case, dose=made.dose.amount.scaled(slip))
        assert any(finding.level.rank >= Level.CAUTION.rank for finding in slipped.findings)


@pytest.mark.parametrize(("loaded", "case"), PATIENTS)
def test_the_steps_hold_exactly_the_volume(loaded, case):
    made = planned(loaded, case)
    if made.rates is not None and made.rates.steps:
        assert sum(step.volume.value for step in made.rates.steps) == made.rates.volume.value


@pytest.mark.parametrize(("loaded", "case"), PATIENTS)
def test_the_weight_in_pounds_gives_the_same_dose(loaded, case):
    weight = case.facts.get("weight")
    if weight is None or not isinstance(weight.value, Quantity):
        return
    pounds = Fact("weight", weight.value.to("[lb_av]"), weight.at)
    made, other = planned(loaded, case), planned(loaded, case, case.facts.having(pounds))
    assert (made.dose and made.dose.amount) == (other.dose and other.dose.amount)


@pytest.mark.parametrize(("loaded", "case"), PATIENTS)
def test_a_plan_without_a_ban_keeps_the_hard_limits_on_dose_and_rate(loaded, case):
    """A second reading of the limits that need no condition, region or product, by their plain numbers."""
    made = planned(loaded, case)
    if made.verdict is Verdict.BANNED or made.dose is None:
        return
    superseded = {other for limit in loaded.protocol.limits for other in limit.supersedes}
    for limit in loaded.protocol.limits:
        plain = limit.when is None and not limit.regions and not limit.products and limit.id not in superseded
        if limit.strength is not Strength.HARD or not plain or limit.op != "<=" or limit.window is not None:
            continue
        bound = limit.figure.quantity
        if limit.measure is Measure.DOSE and made.dose.amount.is_like(bound):
            assert made.dose.amount <= bound
        if limit.measure is Measure.DOSE_RATE and made.rates is not None and made.concentration is not None:
            flows = [step.rate.base * made.concentration.base for step in made.rates.steps]
            assert all(flow <= bound.base for flow in flows)


def heaviest(loaded, case, facts) -> int:
    """The rank of the heaviest finding of the order and of the screening at its start; -1 when there is none."""
    made = planned(loaded, case, facts)
    fields = LIBRARY.reference.fields
    at_start = screen(loaded.protocol, loaded.general_rules, facts, case.choice, "start", fields, case.at)
    return max((finding.level.rank for finding in (*made.findings, *at_start)), default=-1)


@pytest.mark.parametrize(("loaded", "case"), PATIENTS)
def test_forgetting_a_fact_never_makes_a_patient_pass(loaded, case):
    """What spoke against it stays, or the fact is missing: unknown is never a pass."""
    least = min(heaviest(loaded, case, case.facts), Level.MISSING.rank)
    if least < Level.CAUTION.rank:
        return
    for name in case.facts.facts:
        forgotten = PatientFacts({field: fact for field, fact in case.facts.facts.items() if field != name})
        assert heaviest(loaded, case, forgotten) >= least, name


@pytest.mark.parametrize(("loaded", "case"), PATIENTS)
def test_an_order_without_a_dose_or_a_rate_always_says_why(loaded, case):
    made = planned(loaded, case)
    if made.dose is None or made.rates is None:
        assert any(finding.level.rank >= Level.MISSING.rank for finding in made.findings)
