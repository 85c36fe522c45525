"""Two persons check on their own: neither counts who may not check, and both are void when they differ."""

from dataclasses import replace
from datetime import date

import pytest

from openinfusion.core.administration import commands as c
from openinfusion.core.quantity import Quantity

from .chair import BAG, Chair, injected, rate, stepped


@pytest.fixture
def chair() -> Chair:
    """Everything but the checks."""
    return Chair(stepped()).prepared().checked_in().with_access().premedicated().scanned()


def test_the_first_check_tells_nothing(chair):
    assert [event.KIND for event in chair.do(c.EnterCheck(chair.values(dose=Quantity(1, "mg"))), "anna")] == ["check-entered"]


def test_two_equal_checks_agree_and_name_performer_and_witness(chair):
    chair.do(c.EnterCheck(chair.values()), "anna")
    chair.do(c.EnterCheck(chair.values(drug="DRUG")), "ben")
    assert (chair.state.performer, chair.state.witness, chair.state.checked_container) == ("anna", "ben", BAG)


def test_one_person_is_not_two(chair):
    chair.do(c.EnterCheck(chair.values()), "anna")
    events = chair.do(c.EnterCheck(chair.values()), "anna")
    assert events[0].broke == ("witness-is-performer",)
    assert events[1].rules == ("witness-is-performer",)
    assert chair.refused(chair.start()) == {"check.not-agreed"}
    chair.do(c.EnterCheck(chair.values()), "ben")
    assert chair.refused(chair.start()) == frozenset()


def test_who_prepared_it_cannot_witness(chair):
    chair.do(c.EnterCheck(chair.values()), "anna")
    assert chair.do(c.EnterCheck(chair.values()), "pharma")[0].broke == ("witness-is-preparer",)
    assert chair.refused(chair.start()) == {"check.not-agreed"}


def test_who_ordered_it_cannot_check(chair):
    assert chair.do(c.EnterCheck(chair.values()), "doctor")[0].broke == ("check-by-author",)
    assert chair.state.checks == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("patient_code", "P-OTHER"),
        ("drug", "other"),
        ("dose", Quantity(989, "mg")),
        ("expiry", date(2027, 1, 1)),
        ("appearance_good", False),
        ("volume", Quantity(100, "mL")),
        ("volume", None),
        ("rate", rate("12.7")),
        ("rate", None),
    ],
)
def test_a_difference_from_the_order_voids_both_and_names_its_field(chair, field, value):
    chair.do(c.EnterCheck(chair.values()), "anna")
    events = chair.do(c.EnterCheck(replace(chair.values(), **{field: value})), "ben")
    assert events[1].fields == (field,)
    assert chair.state.checks == ()
    assert chair.refused(chair.start()) == {"check.not-agreed"}


def test_the_step_of_the_pump_and_one_per_cent_are_no_difference(chair):
    # 990 of 1000 mg is one per cent less; 12.6 of 12.5 mL/h is one pump step of 0.1 mL/h more
    chair.do(c.EnterCheck(chair.values(dose=Quantity(990, "mg"))), "anna")
    chair.do(c.EnterCheck(chair.values(rate=rate("12.6"))), "ben")
    assert chair.status == "ready"


def test_a_container_that_is_not_of_this_session_is_named_as_the_difference(chair):
    chair.do(c.EnterCheck(replace(chair.values(), container_code="C-OTHER")), "anna")
    assert chair.do(c.EnterCheck(chair.values()), "ben")[1].fields == ("container_code",)


def test_checks_on_one_bag_say_nothing_of_another(chair):
    chair.verified()
    chair.do(c.PrepareContainer(chair.bag("C-0000002")), "pharma")
    chair.scanned("C-0000002")
    assert chair.refused(c.StartInfusion("C-0000002", rate("12.5"))) == {"check.not-agreed"}


def test_where_one_is_enough_one_check_agrees_alone():
    chair = Chair(injected()).prepared().checked_in().with_access().scanned()
    assert [event.KIND for event in chair.do(c.EnterCheck(chair.values(rate=None)), "anna")] == ["check-entered", "checks-agreed"]


def test_a_missing_second_person_is_recorded_and_opens_no_way_where_two_are_required(chair):
    chair.do(c.EnterCheck(chair.values()), "anna")
    events = chair.do(c.RecordNoSecondPerson("night"))
    assert [event.KIND for event in events] == ["second-person-missing", "review-opened"]
    assert chair.refused(chair.start()) == {"check.not-agreed"}


def test_who_looks_again_and_finds_it_otherwise_ends_the_agreement(chair):
    chair.verified()
    chair.do(c.EnterCheck(chair.values(appearance_good=False)), "second")
    assert chair.refused(chair.start()) == {"check.not-agreed"}


def test_who_looks_again_and_finds_the_same_leaves_the_agreement(chair):
    chair.verified()
    chair.do(c.EnterCheck(chair.values()), "second")
    assert chair.refused(chair.start()) == frozenset()


@pytest.mark.parametrize("which", [0, 1])
def test_an_agreement_falls_with_either_of_its_checks(chair, which):
    """A check that its person marks as entered in error never counted."""
    chair.verified()
    entered = [one.seq for one in chair.history if one.event.KIND == "check-entered"]
    chair.do(c.CorrectEntry(entered[which], "another bag in hand"), "ben")
    assert chair.refused(chair.start()) == {"check.not-agreed"}
