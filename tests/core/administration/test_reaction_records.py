"""A reaction stops the flow at once, is graded by hand, follows the protocol's rule, and stays with the patient."""

from dataclasses import replace

import pytest

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import GivenDrug, OpenMatter
from openinfusion.core.finding import Level
from openinfusion.core.prescribing.earlier import as_known, earlier_reactions
from openinfusion.core.prescribing.events import ReactionRemembered
from openinfusion.core.quantity import Quantity

from .chair import Chair, injected, rate, stepped


@pytest.fixture
def chair() -> Chair:
    """25 mL/h for ten minutes, after half an hour at 12.5 mL/h."""
    chair = Chair(stepped()).running().wait(minutes=30).vitals()
    chair.do(c.RaiseRate(rate("25")))
    return chair.wait(minutes=10)


def test_reporting_rests_the_flow_at_once_and_opens_the_reaction(chair):
    chair.do(c.ReportReaction(("flushing",)))
    assert (chair.status, chair.state.rate, chair.state.held_rate) == ("on_hold", None, rate("25"))
    assert OpenMatter.REACTION in chair.state.open
    assert chair.state.reaction is not None
    assert chair.state.reaction.rate_before == rate("25")


def test_signs_that_follow_join_the_open_reaction(chair):
    chair.do(c.ReportReaction())
    chair.do(c.ReportReaction(("itching",)))
    assert [one.signs for one in chair.state.reactions] == [("itching",)]


def test_grade_2_restarts_at_half_the_rate_after_resolution_with_fresh_vital_signs_and_two_signatures(chair):
    chair.do(c.ReportReaction(("flushing",)))
    restart = c.ResumeAfterReaction(rate("12.5"), second="ben")
    assert chair.refused(restart) == {"reaction.open", "reaction.not-graded"}
    graded = chair.do(c.GradeReaction(2, "CTCAE-5.0"))[0]
    # the made-up rule: pause, restart at half of 25 mL/h
    assert (graded.action, graded.ceiling) == ("pause", rate("12.5"))
    assert chair.refused(restart) == {"reaction.open"}
    chair.wait(minutes=20).vitals().wait(minutes=1).do(c.ResolveReaction())
    assert chair.refused(restart) == {"rate.not-observed"}
    chair.vitals()
    assert chair.refused(c.ResumeAfterReaction(rate("12.6"), second="ben")) == {"rate.above-allowed"}
    assert chair.refused(c.ResumeAfterReaction(rate("12.5"))) == {"reaction.second-missing"}
    assert chair.refused(c.ResumeAfterReaction(rate("12.5"), second="anna")) == {"reaction.second-is-self"}
    chair.do(restart)
    assert (chair.status, chair.state.rate, chair.state.reaction_hold) == ("infusing", rate("12.5"), False)


def test_a_plain_resume_never_passes_a_reaction_by(chair):
    chair.do(c.ReportReaction())
    chair.do(c.GradeReaction(1, "CTCAE-5.0"))
    chair.do(c.ResolveReaction())
    assert chair.refused(c.Resume(rate("5"))) == {"command.not-now"}


@pytest.mark.parametrize(("grade", "action"), [(3, "stop_today"), (4, "stop_today"), (5, "stop_for_good")])
def test_a_severe_grade_ends_the_flow_and_no_restart_is_possible(chair, grade, action):
    chair.do(c.ReportReaction())
    chair.do(c.GradeReaction(grade, "CTCAE-5.0"))
    assert chair.status == "observing"
    assert chair.state.reactions[-1].action == action
    chair.do(c.ResolveReaction())
    assert chair.refused(c.ResumeAfterReaction(rate("1"), second="ben")) == {"command.not-now"}


def test_a_severe_reaction_before_the_start_holds_the_start_back_for_today():
    chair = Chair(stepped()).ready()
    chair.do(c.ReportReaction(("to the premedication",)))
    chair.do(c.GradeReaction(3, "CTCAE-5.0"))
    chair.do(c.ResolveReaction())
    assert chair.refused(chair.start()) == {"reaction.no-restart"}


def test_a_second_reaction_ends_the_flow_for_today(chair):
    chair.do(c.ReportReaction())
    chair.do(c.GradeReaction(1, "CTCAE-5.0"))
    chair.do(c.ResolveReaction())
    chair.vitals().do(c.ResumeAfterReaction(rate("12.5"), second="ben"))
    chair.wait(minutes=5).do(c.ReportReaction())
    # engine default, safety.md 8.4: recurrence stops today
    assert chair.do(c.GradeReaction(1, "CTCAE-5.0"))[0].action == "stop_today"
    assert chair.status == "observing"


def test_a_protocol_that_is_silent_uses_the_defaults():
    chair = Chair(stepped(reactions=[])).running().wait(minutes=5)
    chair.do(c.ReportReaction())
    # engine default, safety.md 8.4: grade 2 restarts at half
    assert chair.do(c.GradeReaction(2, "CTCAE-5.0"))[0].ceiling == rate("6.25")


def test_grading_without_a_report_stops_the_flow_too(chair):
    kinds = [event.KIND for event in chair.do(c.GradeReaction(1, "CTCAE-5.0", ("itching",)))]
    assert kinds == ["reaction-reported", "reaction-graded"]
    assert chair.status == "on_hold"


def test_grade_0_stops_nothing_and_is_remembered_by_nobody(chair):
    chair.do(c.GradeReaction(0, "CTCAE-5.0"))
    assert chair.status == "infusing"
    assert (chair.state.reactions, chair.of_patient) == ((), [])


def test_grade_0_later_does_not_wipe_out_an_earlier_reaction(chair):
    chair.do(c.ReportReaction())
    chair.do(c.GradeReaction(2, "CTCAE-5.0"))
    chair.do(c.ResolveReaction())
    chair.do(c.GradeReaction(0, "CTCAE-5.0"))
    assert [one.grade for one in chair.state.reactions] == [2]


def test_an_open_reaction_may_be_graded_again_and_down_to_none(chair):
    chair.do(c.ReportReaction())
    chair.do(c.GradeReaction(2, "CTCAE-5.0"))
    chair.do(c.GradeReaction(0, "CTCAE-5.0"))
    assert [(one.grade, one.ceiling) for one in chair.state.reactions] == [(0, rate("25"))]


def test_a_grade_outside_the_scale_is_kept_and_flagged(chair):
    events = chair.do(c.GradeReaction(9, "CTCAE-5.0"))
    assert events[1].grade == 9
    assert events[-1].rules == ("grade-out-of-scale",)


def test_the_patient_s_own_stream_remembers_grade_rate_and_minute(chair):
    chair.do(c.ReportReaction())
    chair.do(c.GradeReaction(2, "CTCAE-5.0"))
    graded = ReactionRemembered("one", "iv-made-up", ("drug",), 2, "CTCAE-5.0", "pause", rate("25"), 40)
    assert chair.of_patient == [replace(graded, grade=0, scale="", action=""), graded]
    assert as_known(chair.of_patient) == (graded,)


def test_anaphylaxis_is_one_command_at_any_time_and_ends_the_flow(chair):
    kinds = [event.KIND for event in chair.do(c.TreatAsAnaphylaxis())]
    assert kinds == ["emergency-opened", "infusion-stopped"]
    assert chair.status == "observing"
    assert chair.state.reactions[-1].emergency == "anaphylaxis"
    assert chair.state.reactions[-1].action == "stop_for_good"
    assert [event.action for event in chair.of_patient] == ["stop_for_good"]


def test_a_mild_grade_does_not_undo_an_emergency(chair):
    chair.do(c.TreatAsAnaphylaxis())
    chair.do(c.GradeReaction(1, "CTCAE-5.0"))
    assert chair.state.reactions[-1].action == "stop_for_good"
    assert chair.state.reactions[-1].ceiling is None


def test_emergency_drugs_and_steps_are_charted_with_their_times(chair):
    chair.do(c.TreatAsAnaphylaxis())
    chair.do(c.GiveEmergencyDrug(GivenDrug("epinephrine", Quantity("0.5", "mg"), "IM", "thigh", "adult")))
    chair.do(c.TickStep("anaphylaxis", "call-help"))
    assert chair.state.emergency_drugs[0].at == chair.now
    assert chair.state.steps == {"anaphylaxis/call-help": chair.now}


def test_a_reaction_after_an_injection_needs_no_flow():
    chair = Chair(injected()).ready()
    chair.do(c.GiveInjection("C-0000001", "thigh-left", Quantity(4, "mL")))
    chair.wait(minutes=5).do(c.ReportReaction(("dizzy",)))
    chair.do(c.GradeReaction(1, "CTCAE-5.0"))
    assert chair.status == "observing"
    assert OpenMatter.REACTION in chair.state.open


def test_a_reaction_is_remembered_before_anybody_grades_it_and_while_the_session_goes_on(chair):
    chair.do(c.ReportReaction(("flushing",)))
    chair.do(c.ReportReaction(("rigors",)))
    assert [(one.session, one.grade, one.scale) for one in as_known(chair.of_patient)] == [("one", 0, "")]
    (finding,) = earlier_reactions(chair.protocol, chair.of_patient)
    assert finding.level is Level.CAUTION


def test_a_report_that_turns_out_to_be_no_reaction_is_not_remembered(chair):
    chair.do(c.ReportReaction())
    chair.do(c.GradeReaction(0, "CTCAE-5.0"))
    assert as_known(chair.of_patient) == ()


def test_signs_after_a_grade_are_ungraded_again_and_the_grade_stands(chair):
    chair.do(c.ReportReaction())
    chair.do(c.GradeReaction(2, "CTCAE-5.0"))
    chair.do(c.ReportReaction(("rigors",)))
    assert [(one.grade, one.action) for one in as_known(chair.of_patient)] == [(2, "pause"), (0, "")]


def test_an_ungraded_reaction_is_remembered_when_the_session_closes(chair):
    chair.do(c.ReportReaction())
    chair.do(c.Stop("unwell"))
    unmet = ("stop-confirmed", "observed", "access-removed", "site-covered", "teach-back", "leaflet-given", "contact-given", "nothing-open")
    chair.do(c.Discharge(dict.fromkeys(unmet, "went to the emergency room")))
    assert chair.status == "stopped"
    assert [(one.grade, one.scale) for one in as_known(chair.of_patient)] == [(0, "")]


def test_a_grade_below_the_scale_is_no_grade(chair):
    chair.do(c.ReportReaction(("flushing",)))
    chair.do(c.GradeReaction(-1, "CTCAE-5.0"))
    chair.do(c.ResolveReaction())
    assert chair.vitals().refused(c.ResumeAfterReaction(rate("12.5"), second="ben")) == {"reaction.not-graded"}


def test_a_grade_does_not_cover_the_signs_that_came_after_it(chair):
    chair.do(c.ReportReaction(("flushing",)))
    chair.do(c.GradeReaction(1, "CTCAE-5.0"))
    chair.do(c.ReportReaction(("stridor",)))
    chair.do(c.ResolveReaction())
    assert chair.vitals().refused(c.ResumeAfterReaction(rate("12.5"), second="ben")) == {"reaction.not-graded"}


def test_a_reaction_before_the_start_is_graded_before_the_start():
    chair = Chair(stepped()).ready()
    chair.do(c.ReportReaction(("itching after the premedication",)))
    chair.do(c.ResolveReaction())
    assert chair.refused(chair.start()) == {"reaction.not-graded"}


def test_exposure_treatment_and_answer_stay_with_the_reaction_until_said_anew(chair):
    chair.do(c.ReportReaction(("itching",), exposure="likely", done=("interrupted",)))
    chair.do(c.ReportReaction((), done=("oxygen",), response="prompt"))
    held = chair.state.reaction
    assert (held.exposure, held.done, held.response) == ("likely", ("interrupted", "oxygen"), "prompt")
    chair.do(c.ReportReaction((), exposure="none"))
    assert chair.state.reaction.exposure == "none"
