"""The reaction of a session is judged from its signs and from what was charted since it began; the grade stays a person's."""

from dataclasses import replace
from uuid import UUID

import pytest

from openinfusion.app import bedside, reactions
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import Actor, Reading
from openinfusion.core.errors import NotFound
from openinfusion.core.monitoring.classify import Met
from openinfusion.core.protocol import ReactionAction
from openinfusion.core.quantity import Quantity
from tests.app.fakes import FakeLibrary
from tests.app.ward import ANNA, DOCTOR, Bed, ward

ONE = UUID("22222222-2222-4222-8222-222222222222")


@pytest.fixture
def bed() -> Bed:
    """A first infusion of rituximab that has run for 20 minutes; the systolic pressure before it was 150."""
    bed = ward().admitted().ordered().planned(ONE).ready()
    bed.do(systolic(150))
    bed.do(bed.start())
    return bed.wait(minutes=20)


def systolic(value):
    return c.RecordObservation((Reading("bp.systolic", Quantity(value, "mm[Hg]")),))


def judged(bed, ports=None):
    seen = bedside.view(bed.ward.ports, bed.session, ANNA)
    protocol = bed.ward.ports.library.of_hash(bed.plan.content_hash).protocol
    return reactions.judgement(ports or bed.ward.ports, seen.state, protocol, seen.context.reaction_defaults)


class WithoutGrades(FakeLibrary):
    """The shipped library without a table of grades."""

    @property
    def reference(self):
        held = super().reference
        return replace(held, tables={name: table for name, table in held.tables.items() if name != "ctcae-5"})


def test_without_a_reaction_nothing_is_judged(bed):
    assert judged(bed) is None


def test_the_three_classifiers_speak_side_by_side_and_nobody_graded(bed):
    bed.do(c.ReportReaction(("urticaria",), exposure="likely", done=("interrupted",), response="prompt"))
    found = judged(bed)
    assert [(name, met) for name, met, _held in found.standards] == [("wao-2020", Met.NO), ("niaid-2006", Met.NO)]
    assert (found.terminology, found.edition, found.offered) == ("CTCAE", "5.0", 2)
    # iv-rituximab: a reaction that is not severe pauses, and restarts at half of the 12.5 mL/h that ran
    assert (found.follows.action, found.follows.ceiling) == (ReactionAction.PAUSE, Quantity("6.25", "mL/h"))
    assert found.if_anaphylaxis.action is ReactionAction.STOP_FOR_GOOD
    assert bed.state.reaction.grade is None


def test_a_sign_that_is_added_opens_the_path_and_a_grade_does_not_close_it(bed):
    bed.do(c.ReportReaction(("urticaria",)))
    assert judged(bed).met is Met.NO
    bed.do(c.ReportReaction(("wheeze",)))
    assert judged(bed).met is Met.YES
    bed.do(c.GradeReaction(1, "CTCAE-5"))
    assert judged(bed).met is Met.YES
    assert bed.state.reaction.emergency == ""  # a person opens the emergency, the page only says so


def test_the_lowest_pressure_since_the_report_counts_and_earlier_ones_do_not(bed):
    bed.do(systolic(70))
    bed.wait(minutes=1).do(c.ReportReaction(("flushing",)))
    assert judged(bed).met is Met.NO
    bed.wait(minutes=1).do(systolic(82))
    bed.wait(minutes=1).do(systolic(110))
    found = judged(bed)
    assert found.met is Met.YES
    assert ("flushing", "systolic") in {one.because for one in found.criteria if one.met is Met.YES}


@pytest.mark.parametrize(("value", "met"), [(104, Met.YES), (105, Met.NO)])
def test_a_fall_of_more_than_thirty_per_cent_from_the_pressure_before_counts(bed, value, met):
    # 70 % of 150 is 105; the fall must be more than 30 %
    bed.do(c.ReportReaction(("flushing",)))
    bed.wait(minutes=1).do(systolic(value))
    assert judged(bed).met is met


def test_where_the_exposure_was_not_said_it_is_open(bed):
    bed.do(c.ReportReaction(("wheeze",)))
    assert judged(bed).met is Met.OPEN
    bed.do(c.ReportReaction((), exposure="none"))
    assert judged(bed).met is Met.NO
    bed.do(c.ReportReaction((), exposure="known"))
    assert judged(bed).met is Met.YES


def test_words_that_nobody_knows_are_kept_and_judge_nothing(bed):
    bed.do(c.ReportReaction(("blue elephants",), exposure="perhaps", response="odd"))
    assert judged(bed).met is Met.NO
    assert bed.state.reaction.signs == ("blue elephants",)
    assert judged(bed).offered is None


def test_without_the_tables_it_says_so(bed):
    bed.do(c.ReportReaction(("wheeze",)))
    with pytest.raises(NotFound):
        judged(bed, replace(bed.ward.ports, library=WithoutGrades()))


def test_what_met_a_criterion_is_not_restarted_before_two_prescribers_decide(bed):
    bed.do(c.ReportReaction(("urticaria", "wheeze")))
    bed.wait(minutes=1).do(c.GradeReaction(2, "CTCAE-5"))
    bed.wait(minutes=1).do(c.ResolveReaction())
    bed.wait(minutes=1).vitals()
    restart = c.ResumeAfterReaction(Quantity("6.25", "mL/h"), second="ben")
    assert bed.refused(restart) == {"reaction.anaphylaxis-met"}
    key = "reaction.anaphylaxis-met:wao-2020-1"
    for doctor in (DOCTOR, Actor("second", frozenset({"prescriber"}))):
        bed.do(c.AcceptFindings({key: "a flare of chronic hives and known asthma"}), by=doctor, seen=bed.state.seq)
    bed.do(restart)
    assert bed.state.rate == Quantity("6.25", "mL/h")


def test_what_met_no_criterion_is_restarted_as_the_rule_says(bed):
    bed.do(c.ReportReaction(("urticaria",)))
    bed.wait(minutes=1).do(c.GradeReaction(2, "CTCAE-5"))
    bed.wait(minutes=1).do(c.ResolveReaction())
    bed.wait(minutes=1).vitals().do(c.ResumeAfterReaction(Quantity("6.25", "mL/h"), second="ben"))
    assert bed.state.rate == Quantity("6.25", "mL/h")
