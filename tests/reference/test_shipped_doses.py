"""What holds for every shipped protocol and every worked patient, whatever its figures are."""

from dataclasses import replace
from fractions import Fraction

import pytest

from openinfusion.core.finding import Level, Verdict
from openinfusion.core.patient import Fact
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
