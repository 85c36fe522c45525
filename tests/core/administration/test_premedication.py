"""What was given beforehand is stored as it was told; where it is not what the plan says, with the rule that it broke."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import GivenDrug
from openinfusion.core.administration.premedication import differing
from openinfusion.core.quantity import Quantity
from tests.core.prescribing.therapies import SOURCE, figure

from .chair import Chair, stepped

STEROID = {
    "id": "steroid", "drug": "methylprednisolone", "route": "PO/IV", "mandatory": True, "dose": figure("100 mg"), "sources": [SOURCE],
}  # fmt: skip


@pytest.fixture
def chair() -> Chair:
    """A therapy that plans 100 mg of methylprednisolone beforehand, by mouth or vein."""
    return Chair(stepped(premedication=[STEROID])).prepared().checked_in()


def broke(chair: Chair, drug: str, dose: Quantity | None, route: str, id_: str = "steroid") -> tuple[str, ...]:
    return tuple(chair.do(c.RecordPremedication(id_, GivenDrug(drug, dose, route)))[0].broke)


def test_what_was_planned_breaks_no_rule(chair):
    assert broke(chair, "Methylprednisolone", Quantity("0.1", "g"), "iv") == ()
    assert chair.state.reviews == ()


@pytest.mark.parametrize(
    ("drug", "dose", "route", "rule"),
    [
        ("prednisolone", Quantity(100, "mg"), "IV", "premedication-drug-differs"),
        ("methylprednisolone", Quantity(1000, "mg"), "IV", "premedication-dose-differs"),
        ("methylprednisolone", Quantity(100, "mL"), "IV", "premedication-dose-differs"),
        ("methylprednisolone", None, "IV", "premedication-dose-differs"),
        ("methylprednisolone", Quantity(100, "mg"), "IM", "premedication-route-differs"),
    ],
)
def test_each_difference_is_stored_with_its_rule_and_opens_a_review(chair, drug, dose, route, rule):
    assert broke(chair, drug, dose, route) == (rule,)
    assert chair.state.premedication["steroid"].given == GivenDrug(drug, dose, route)
    assert [rules for _, rules in chair.state.reviews] == [(rule,)]


def test_a_dose_that_the_plan_leaves_to_the_label_is_not_compared():
    chair = Chair(stepped())
    assert broke(chair, "acetaminophen", Quantity(1, "g"), "PO", "fever") == ()
    assert broke(chair, "acetaminophen", None, "PO", "fever") == ()


def test_what_is_in_no_plan_is_stored_too(chair):
    assert broke(chair, "x", None, "PO", "other") == ("premedication-not-planned",)


@given(st.fractions(min_value=0, max_value=10**6))
def test_a_dose_agrees_to_one_per_cent_of_the_larger_and_no_further(amount):
    plan = Chair(stepped(premedication=[STEROID])).plan
    found = tuple(differing("steroid", GivenDrug("methylprednisolone", Quantity(amount, "mg"), "IV"), plan))
    # one per cent of the larger: from 99 mg to 100/0.99 mg agree with 100 mg
    assert (found == ()) is (amount >= 99 and amount * 99 <= 100 * 100)
