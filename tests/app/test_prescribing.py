"""From a patient to planned sessions: what a cancelled order, a retired protocol and the facts of another day mean for a start."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from openinfusion.app.prescribing import cancel_order, draft, facts_of, record_facts
from openinfusion.app.protocols import retire_protocol
from openinfusion.core.administration import commands as c
from openinfusion.core.errors import NotFound
from openinfusion.core.finding import Level
from openinfusion.core.patient import Answer, Fact
from openinfusion.core.prescribing.order import Choice
from openinfusion.core.quantity import Quantity
from tests.app.ward import ANNA, DOCTOR, PATIENT, Bed, ward

ONE, TWO = UUID("22222222-2222-4222-8222-222222222222"), UUID("33333333-3333-4333-8333-333333333333")
INFLIXIMAB = Choice("RA", date(2026, 11, 25), final_volume=Quantity(250, "mL"), diluent="sodium-chloride-0.9%")


@pytest.fixture
def bed() -> Bed:
    """A planned first infusion of rituximab, 1000 mg whatever the weight."""
    return ward().admitted().ordered().planned(ONE)


@pytest.fixture
def by_weight() -> Bed:
    """A planned first infusion of infliximab, 3 mg/kg at 71 kg."""
    return ward("iv-infliximab", INFLIXIMAB).admitted({"concurrent": ("methotrexate",)}).ordered().planned(ONE)


def test_an_order_cancelled_without_a_word_is_cancelled_all_the_same(bed):
    bed.ready()
    cancel_order(bed.ward.ports, "course-1", "", bed.ward.sent("doctor"), DOCTOR)
    assert bed.refused(bed.start()) == {"order.not-verified"}


def test_an_order_that_was_never_signed_cannot_be_cancelled_ahead(bed):
    with pytest.raises(NotFound):
        cancel_order(bed.ward.ports, "course-2", "mistake", bed.ward.sent("doctor"), DOCTOR)


def test_a_protocol_retired_after_the_order_is_not_started_not_even_in_a_demonstration(bed):
    bed.ready()
    retire_protocol(bed.ward.ports, "iv-rituximab", "wrong step", bed.ward.sent("doctor"), DOCTOR)
    assert bed.refused(bed.start()) == {"protocol.not-active"}


def test_a_fact_dated_ahead_neither_stays_fresh_for_ever_nor_hides_a_later_one(bed):
    now = bed.ward.fakes.clock.now()
    ahead = Fact("weight", Quantity(90, "kg"), now + timedelta(days=3650))
    record_facts(bed.ward.ports, str(PATIENT), [ahead], bed.ward.sent("anna"), ANNA)
    assert facts_of(bed.ward.ports, str(PATIENT))[0].facts["weight"].at == now
    bed.wait(days=1).do(c.RecordFacts((Fact("weight", Quantity(71, "kg"), bed.ward.fakes.clock.now()),)))
    assert facts_of(bed.ward.ports, str(PATIENT))[0].facts["weight"].value == Quantity(71, "kg")


@pytest.mark.parametrize(
    ("weight", "code"),
    [
        (Quantity(35, "kg"), "dose.differs-today"),
        (Quantity(50, "mL"), "weight.not-a-mass"),
        (Quantity(0, "kg"), "weight.implausible"),
        (Answer.UNKNOWN, "fact.unknown"),
    ],
)
def test_a_dose_by_another_weight_than_that_of_today_is_not_started(by_weight, weight, code):
    by_weight.do(c.RecordFacts((Fact("weight", weight, by_weight.ward.fakes.clock.now()),)))
    by_weight.ready()
    assert code in by_weight.refused(by_weight.start())


def test_a_weight_of_the_day_that_hardly_differs_leaves_the_dose(by_weight):
    by_weight.do(c.RecordFacts((Fact("weight", Quantity(72, "kg"), by_weight.ward.fakes.clock.now()),)))
    by_weight.ready()
    assert by_weight.refused(by_weight.start()) == frozenset()


def test_a_session_planned_twice_is_given_once(bed):
    bed.ready()
    bed.do(bed.start())
    bed.wait(hours=1).do(c.Stop("end of the day"))
    again = bed.ward.planned(TWO)
    again.bag_code = "C-2"
    again.ready()
    assert again.refused(again.start()) == {"order.session-begun"}


def again(bed: Bed, *happened: c.Command) -> frozenset[str]:
    """What holds the next session of the course back after a first one in which this happened."""
    bed.ready()
    bed.do(bed.start())
    for command in happened:
        bed.do(command)
    bed.do(c.Stop("end"))
    bed.wait(days=14)
    second = bed.ward.planned(TWO, number=2)
    second.bag_code = "C-2"
    second.ready()
    return second.refused(second.start())


GRAVE = (c.ReportReaction(("stridor",)), c.GradeReaction(4, "CTCAE-5.0"), c.ResolveReaction())


@pytest.mark.parametrize(
    ("happened", "is_held"),
    [((), False), (GRAVE, True), ((c.TreatAsAnaphylaxis(), c.ResolveReaction()), True), ((c.ReportReaction(("itching",)),), True)],
)
def test_a_reaction_that_ended_the_therapy_for_good_or_that_nobody_graded_holds_every_later_session_back(by_weight, happened, is_held):
    assert ("reaction.earlier" in again(by_weight, *happened)) is is_held


def test_a_new_order_after_such_a_reaction_needs_two_prescribers(by_weight):
    by_weight.ready()
    by_weight.do(by_weight.start())
    by_weight.do(c.TreatAsAnaphylaxis())
    made = draft(by_weight.ward.ports, str(PATIENT), "iv-infliximab", INFLIXIMAB)
    levels = {finding.code: finding.level for finding in made.findings}
    assert levels["reaction.earlier"] is Level.CONTRAINDICATED


def test_two_orders_of_one_drug_are_not_given_on_one_day_without_a_word():
    place = ward().admitted().ordered().ordered("course-2")
    first = place.planned(ONE).ready()
    first.do(first.start())
    second = place.planned(TWO, "course-2")
    second.bag_code = "C-2"
    second.ready()
    assert second.refused(second.start()) == {"order.same-drug"}
    second.do(c.AcceptFindings({"order.same-drug": "the first was stopped at once"}))
    assert second.refused(second.start()) == frozenset()
