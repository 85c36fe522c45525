"""What is left to give: never the planned dose twice, never a number of the course twice, never by the weight of another day."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.context import Begun, Context, Today
from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.order import PlannedSession
from openinfusion.core.quantity import Quantity

from .chair import BAG, START, Chair, rate, stepped


class Otherwise(Chair):
    """A chair whose surroundings have parts replaced."""

    parts: dict[str, Any]

    def context(self, by: str, at=None) -> Context:
        return replace(super().context(by, at), **self.parts)


def chair(**parts: object) -> Otherwise:
    """Everything before the start is done."""
    made = Otherwise(stepped(double_check={"required": False}))
    made.parts = parts
    made.ready()
    return made


def second_bag(at: Chair, volume: str) -> str:
    """A second bag of the planned 4 mg/mL, made and scanned."""
    held = Quantity(volume, "mL")
    at.do(c.PrepareContainer(at.bag("C-0000002", amount=held.times(Quantity(4, "mg/mL"), "mg"), volume=held)), "pharma")
    at.scanned("C-0000002")
    return "C-0000002"


def test_what_was_given_by_paper_counts_before_the_start():
    at = chair()
    at.do(c.RecordGiven(Quantity(250, "mL"), BAG, reason="downtime"))
    assert at.refused(at.start()) == {"amount.all-given"}


def test_a_bag_that_follows_something_given_holds_at_most_what_is_left():
    at = chair()
    at.do(at.start())
    at.wait(hours=4)
    # 12.5 mL/h for 4 h are 50 mL of 250 mL
    assert at.refused(c.ChangeContainer(second_bag(at, "250"))) == {"container.above-left"}


def test_a_bag_with_what_is_left_may_be_hung():
    at = chair()
    at.do(at.start())
    at.wait(hours=4)
    assert at.refused(c.ChangeContainer(second_bag(at, "200"))) == frozenset()


def test_after_all_is_in_no_further_bag_is_hung():
    at = chair()
    at.do(at.start())
    at.do(c.ReconcileAmount(Quantity(250, "mL"), "the bag is empty"))
    assert at.refused(c.ChangeContainer(second_bag(at, "10"))) == {"amount.all-given"}


def test_a_number_of_the_course_is_not_given_in_two_sessions():
    at = chair(begun=(Begun("session/other", 1, START - timedelta(days=1)),))
    assert at.refused(at.start()) == {"order.session-begun"}
    for prescriber in ("doctor", "second"):
        assert at.refused(at.start()) == {"order.session-begun"}
        at.do(c.AcceptFindings({"order.session-begun": "only 5 mL went in yesterday"}), prescriber)
    assert at.refused(at.start()) == frozenset()


@pytest.mark.parametrize(("days", "codes"), [(13, {"course.too-soon"}), (14, frozenset())])
def test_a_session_sooner_than_the_plan_has_it_after_another_is_asked_about(days, codes):
    first = START.date()
    course = (PlannedSession(0, 1, first, ""), PlannedSession(1, 2, first + timedelta(days=14), ""))
    at = chair(begun=(Begun("session/other", 0, START - timedelta(days=days)),))
    at.signed = replace(at.signed, plan=replace(at.plan, course=course))
    assert at.refused(at.start()) == codes


def test_a_dose_that_today_s_facts_do_not_give_is_planned_anew():
    at = chair(today=Today(Quantity(500, "mg"), ()))
    assert at.refused(at.start()) == {"dose.differs-today"}


def test_what_is_found_with_the_facts_of_today_holds_the_start_back():
    stale = Finding("fact.stale", Level.MISSING, {"field": "weight", "at": START})
    # 1000 mg: the made-up flat dose
    at = chair(today=Today(Quantity(1000, "mg"), (stale,)))
    assert at.refused(at.start()) == {"fact.stale"}


def test_a_plan_without_a_dose_is_not_started():
    at = chair()
    at.state = replace(at.state, plan=replace(at.plan, dose=None))
    assert at.refused(at.start()) >= {"start.no-dose-planned"}


def test_the_rate_ladder_is_not_touched_by_what_is_left():
    at = chair()
    at.do(at.start())
    at.wait(minutes=30).vitals()
    assert at.refused(c.RaiseRate(rate("25"))) == frozenset()
