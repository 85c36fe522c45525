"""What holds a higher rate, a restart or a bolus back. Slowing, pausing and stopping are never held back and are not asked here."""

from datetime import timedelta

import pytest

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.apply import apply
from openinfusion.core.administration.context import Elsewhere
from openinfusion.core.administration.elsewhere import of_session
from openinfusion.core.administration.events import ObservationRecorded
from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.rate_gates import last_bolus
from openinfusion.core.finding import Finding, Level
from openinfusion.core.quantity import Quantity
from tests.core.prescribing.therapies import limit

from .chair import VITALS, Chair, on_demand, rate, stepped


@pytest.fixture
def chair() -> Chair:
    """Half an hour at the first rate of 12.5 mL/h, vital signs charted."""
    return Chair(stepped()).running().wait(minutes=30).vitals()


def test_the_next_step_may_be_taken_exactly_when_the_interval_is_over(chair):
    assert chair.refused(c.RaiseRate(rate("25"))) == frozenset()
    chair.now -= timedelta(microseconds=1)
    assert chair.refused(c.RaiseRate(rate("25"))) == {"rate.too-early"}


def test_less_than_the_next_step_is_allowed_and_more_is_not(chair):
    assert chair.refused(c.RaiseRate(rate("20"))) == frozenset()
    assert chair.refused(c.RaiseRate(rate("25.1"))) == {"rate.above-next-step"}


@pytest.mark.parametrize("wrong", [rate("-25"), Quantity(100, "mg/h")])
def test_a_rate_that_is_no_flow_is_refused_as_such(chair, wrong):
    assert chair.refused(c.RaiseRate(wrong)) == {"rate.no-flow"}


@pytest.mark.parametrize("wrong", [rate("12.5"), rate("5")])
def test_a_rate_that_is_not_higher_is_not_a_raise(chair, wrong):
    assert chair.refused(c.RaiseRate(wrong)) == {"rate.not-higher"}


ALLERGY = Finding("screen.allergy", Level.CONTRAINDICATED, {"ingredient": "drug"}, rule="drug")


def test_an_allergy_learnt_while_it_runs_holds_every_raise_until_two_prescribers_have_decided(chair):
    chair.screened = (ALLERGY,)
    assert chair.refused(c.RaiseRate(rate("25"))) == {"screen.allergy"}
    chair.do(c.AcceptFindings({ALLERGY.key: "was nausea"}), "doctor")
    assert chair.refused(c.RaiseRate(rate("25"))) == {"screen.allergy"}
    chair.do(c.AcceptFindings({ALLERGY.key: "agreed"}), "second")
    assert chair.refused(c.RaiseRate(rate("25"))) == frozenset()


@pytest.mark.parametrize("free", [c.SlowRate(rate("5")), c.Pause(), c.Stop("allergy"), c.ReportReaction(()), c.RecordObservation(VITALS)])
def test_what_makes_it_safer_or_only_tells_waits_for_nobody(chair, free):
    chair.screened = (ALLERGY, Finding("order.route-banned", Level.BANNED, rule="never"))
    assert chair.refused(free) == frozenset()


def test_a_paused_flow_and_a_bolus_wait_for_the_decision_too(chair):
    chair.do(c.Pause())
    chair.screened = (ALLERGY,)
    assert chair.refused(c.Resume(rate("12.5"))) == {"screen.allergy"}
    pump = Chair(on_demand()).running()
    pump.screened = (ALLERGY,)
    assert pump.refused(c.RequestBolus()) == {"screen.allergy"}


@pytest.mark.parametrize("level", [Level.INFO, Level.CAUTION, Level.MISSING])
def test_what_is_less_than_a_contraindication_does_not_hold_a_running_dose_at_its_rate(chair, level):
    chair.screened = (Finding("screen.caution", level, rule="r"),)
    assert chair.refused(c.RaiseRate(rate("25"))) == frozenset()


def test_the_interval_is_infusing_time_and_a_pause_does_not_count():
    chair = Chair(stepped()).running().wait(minutes=20)
    chair.do(c.Pause("toilet"))
    chair.wait(minutes=15).do(c.Resume(rate("12.5")))
    assert chair.wait(minutes=9).vitals().refused(c.RaiseRate(rate("25"))) == {"rate.too-early"}
    assert chair.wait(minutes=1).refused(c.RaiseRate(rate("25"))) == frozenset()


def test_every_observation_of_the_rule_must_be_newer_than_the_last_step():
    chair = Chair(stepped()).running().vitals().wait(minutes=30)
    chair.do(c.RaiseRate(rate("25")))
    chair.wait(minutes=30)
    assert chair.refused(c.RaiseRate(rate("37.5"))) == {"rate.not-observed"}
    chair.do(c.RecordObservation(VITALS[:1]))
    assert chair.refused(c.RaiseRate(rate("37.5"))) == {"rate.not-observed"}
    chair.do(c.RecordObservation(VITALS[1:]))
    assert chair.refused(c.RaiseRate(rate("37.5"))) == frozenset()


def test_a_technical_reading_of_a_monitor_is_no_observation():
    chair = Chair(stepped()).ready()
    chair.do(c.AssociateDevice("monitor-1", "monitor"))
    chair.do(chair.start())
    chair.wait(minutes=30).do(c.ReceiveReadings("monitor-1", (Reading("bp", value=False), Reading("pulse", value=False))), "monitor-1")
    assert chair.refused(c.RaiseRate(rate("25"))) == {"rate.not-observed"}


def test_readings_of_a_monitor_that_is_not_ours_do_not_count():
    chair = Chair(stepped()).running().wait(minutes=30)
    events = chair.do(c.ReceiveReadings("monitor-9", VITALS), "monitor-1")
    assert events[0].broke == ("device-not-associated",)
    assert chair.refused(c.RaiseRate(rate("25"))) == {"rate.not-observed"}


def test_nothing_goes_above_the_last_step():
    chair = Chair(stepped()).running()
    for step in ("25", "37.5", "50", "62.5", "75", "87.5", "100"):
        chair.wait(minutes=30).vitals().do(c.RaiseRate(rate(step)))
    assert chair.wait(minutes=30).vitals().refused(c.RaiseRate(rate("101"))) == {"rate.at-maximum"}


def test_a_limit_of_the_drug_per_time_refuses_a_rate_above_it_and_takes_the_rate_at_it():
    # 25 mL/h of 4 mg/mL is 100 mg/h
    at, above = (Chair(stepped(limits=[limit("fastest", "dose_rate", "<=", text)])) for text in ("400 mg/h", "399 mg/h"))
    for chair, codes in ((at, frozenset()), (above, {"dose-rate.above-hard-limit"})):
        assert {code for code in chair.ready().refused(chair.start()) if code.startswith("dose-rate")} == codes


def test_while_the_amount_is_uncertain_nothing_rises_and_stopping_is_free(chair):
    chair.do(c.DeclareAmountUncertain(Quantity(5, "mL"), Quantity(8, "mL"), "leak"))
    assert chair.refused(c.RaiseRate(rate("25"))) == {"amount.uncertain"}
    chair.do(c.ReconcileAmount(Quantity(6, "mL"), "weighed the bag"))
    assert chair.refused(c.RaiseRate(rate("25"))) == frozenset()


def test_a_pause_resumes_at_most_at_its_own_rate(chair):
    chair.do(c.Pause())
    assert chair.refused(c.Resume(rate("12.6"))) == {"rate.above-allowed"}
    assert chair.refused(c.Resume(rate("0"))) == {"rate.no-flow"}
    assert chair.refused(c.Resume(rate("10"))) == frozenset()
    assert chair.refused(c.Resume(rate("12.5"))) == frozenset()


def test_a_slower_rate_climbs_the_ladder_again_from_where_it_is(chair):
    chair.do(c.RaiseRate(rate("25")))
    chair.do(c.SlowRate(rate("10"), "headache"))
    assert chair.state.rate == rate("10")
    chair.wait(minutes=30).vitals()
    assert chair.refused(c.RaiseRate(rate("25"))) == {"rate.above-next-step"}
    assert chair.refused(c.RaiseRate(rate("12.5"))) == frozenset()


def test_a_bolus_rests_for_the_lockout_and_is_granted_exactly_when_it_is_over():
    chair = Chair(on_demand()).running()
    chair.do(c.RequestBolus())
    assert "bolus.lockout" in chair.wait(minutes=9, seconds=59).refused(c.RequestBolus())


def test_a_bolus_of_the_same_drug_in_another_session_counts_in_the_lockout():
    chair = Chair(on_demand()).running().wait(minutes=30)
    other = Elsewhere("session/two", uncertain=False, amounts={"drug": ()}, boluses=(chair.now - timedelta(minutes=4),))
    chair.elsewhere = (other,)
    assert last_bolus(chair.state, chair.context("anna")) == other.boluses[0]
    assert chair.refused(c.RequestBolus()) == {"bolus.lockout"}
    # 10 minutes after the other pump's bolus ours may give
    assert chair.wait(minutes=6).refused(c.RequestBolus()) == frozenset()


def test_another_session_is_told_with_its_boluses():
    chair = Chair(on_demand()).running()
    chair.do(c.RequestBolus())
    assert of_session("session/one", chair.state, chair.context("anna").order, chair.now).boluses == (chair.now,)


def test_the_cap_of_the_programme_counts_the_basal_flow_to_come():
    # 10 mL now and 4 mL/h: one hour holds 10 + 4 = 14 mL; a second bolus makes 24 mL within the hour, above 20 mL
    chair = Chair(on_demand()).running()
    chair.do(c.RequestBolus())
    assert chair.wait(minutes=59, seconds=59).refused(c.RequestBolus()) == {"bolus.window-full"}
    # an hour after the first, no hour holds both
    assert chair.wait(seconds=1).refused(c.RequestBolus()) == frozenset()


def test_a_bolus_given_by_hand_counts_in_the_lockout_and_in_the_window():
    chair = Chair(on_demand()).running()
    events = chair.do(c.RecordGiven(Quantity(15, "mL"), reason="by the anaesthetist"))
    assert events[0].broke == ()
    assert chair.wait(minutes=5).refused(c.RequestBolus()) == {"bolus.lockout", "bolus.window-full"}


def test_what_was_given_already_is_charted_even_when_it_passes_the_cap():
    chair = Chair(on_demand()).running()
    events = chair.do(c.RecordGiven(Quantity(30, "mL"), reason="error"))
    assert events[0].broke == ("bolus.window-full:demand",)
    assert events[1].rules == events[0].broke
    assert chair.state.segments[-1].volume == Quantity(30, "mL")


def test_the_next_bag_is_hung_only_after_scan_and_check():
    chair = Chair(stepped()).running()
    chair.do(c.PrepareContainer(chair.bag("C-0000002")), "pharma")
    assert chair.refused(c.ChangeContainer("C-0000002")) == {"container.not-scanned", "check.not-agreed"}
    chair.scanned("C-0000002")
    chair.do(c.EnterCheck(chair.values(container_code="C-0000002")), "anna")
    chair.do(c.EnterCheck(chair.values(container_code="C-0000002")), "ben")
    chair.wait(minutes=10).do(c.ChangeContainer("C-0000002"))
    assert [(segment.container_code, segment.rate) for segment in chair.state.segments] == [
        ("C-0000001", rate("12.5")),
        ("C-0000002", rate("12.5")),
    ]


def test_changing_the_bag_does_not_restart_the_interval_of_the_step():
    chair = Chair(stepped(double_check={"required": False})).running()
    rest = chair.bag("C-0000002", amount=Quantity(980, "mg"), volume=Quantity(245, "mL"))
    chair.do(c.PrepareContainer(rest), "pharma")
    chair.scanned("C-0000002").wait(minutes=20).do(c.ChangeContainer("C-0000002"))
    assert chair.wait(minutes=10).vitals().refused(c.RaiseRate(rate("25"))) == frozenset()


def test_a_device_clock_far_off_is_asked_about_and_changes_nothing(chair):
    later = chair.now - timedelta(minutes=16)
    assert chair.refused(c.RaiseRate(rate("25")), at=later) == {"time.clock-suspect"}
    chair.wait(minutes=15)
    assert chair.refused(c.RaiseRate(rate("25")), at=chair.now - timedelta(minutes=15)) == frozenset()


def test_a_raise_that_is_told_late_has_waited_only_until_the_time_told(chair):
    """Two steps of half an hour cannot be taken within three quarters of one by telling the first as a quarter of an hour ago."""
    assert chair.refused(c.RaiseRate(rate("25")), at=chair.now - timedelta(minutes=10)) == {"rate.too-early"}


@pytest.mark.parametrize("given", [True, False])
def test_without_consent_nothing_rises_or_runs_again(chair, given):
    """Taken back, or struck out as an entry made in error."""
    chair.do(c.RecordConsent(given=given, version="1"))
    consents = [one.seq for one in chair.history if one.event.KIND == "consent-recorded"]
    for seq in consents if given else ():
        chair.do(c.CorrectEntry(seq, "another patient's form"))
    assert chair.refused(c.RaiseRate(rate("25"))) == {"consent.not-given"}
    chair.do(c.Pause())
    assert chair.refused(c.Resume(rate("12.5"))) == {"consent.not-given"}


def test_nothing_rises_or_runs_again_when_all_that_is_planned_is_in(chair):
    chair.do(c.ReconcileAmount(Quantity(250, "mL"), "the bag is empty"))
    assert chair.refused(c.RaiseRate(rate("25"))) == {"amount.all-given"}
    chair.do(c.Pause())
    assert chair.refused(c.Resume(rate("12.5"))) == {"amount.all-given"}


def test_a_bag_whose_time_of_use_passed_while_the_flow_rested_runs_again_with_a_reason_only():
    chair = Chair(stepped())
    chair.prepared(chair.bag(use_before=chair.now + timedelta(hours=2))).checked_in().with_access().premedicated().scanned().verified()
    chair.do(chair.start())
    chair.do(c.Pause())
    chair.wait(hours=1)
    assert chair.refused(c.Resume(rate("12.5"))) == frozenset()
    chair.wait(hours=1)
    assert chair.refused(c.Resume(rate("12.5"))) == {"container.use-before-passed"}
    chair.do(c.AcceptFindings({"container.use-before-passed": "the pharmacist: the hours of the label are those until the start"}))
    assert chair.refused(c.Resume(rate("12.5"))) == frozenset()


def test_a_bag_that_expired_while_the_flow_rested_does_not_run_again():
    chair = Chair(stepped())
    chair.prepared(chair.bag(expiry=chair.now.date())).checked_in().with_access().premedicated().scanned().verified()
    chair.do(chair.start())
    chair.do(c.Pause())
    chair.wait(hours=24)
    assert "container.expired" in chair.refused(c.Resume(rate("12.5")))


def test_an_empty_text_is_no_observation(chair):
    fresh = Chair(stepped()).running().wait(minutes=30)
    fresh.do(c.RecordObservation((Reading("bp.systolic", ""), Reading("pulse", ""))))
    assert fresh.refused(c.RaiseRate(rate("25"))) == {"rate.not-observed"}


def test_what_was_slowed_while_it_rested_runs_again_no_faster(chair):
    chair.do(c.Pause())
    chair.do(c.SlowRate(rate("6")))
    assert chair.refused(c.Resume(rate("12.5"))) == {"rate.above-allowed"}
    assert chair.refused(c.Resume(rate("6"))) == frozenset()


def test_a_doubt_ends_by_a_settled_amount_not_by_striking_it_out(chair):
    """A pause told twenty minutes late leaves the amount between two readings."""
    doubt = chair.do(c.Pause("late"), at=chair.now - timedelta(minutes=20))
    assert "amount-doubted" in {event.KIND for event in doubt}
    seq = next(one.seq for one in chair.history if one.event.KIND == "amount-doubted")
    chair.do(c.CorrectEntry(seq, "I am sure"))
    assert chair.refused(c.Resume(rate("12.5"))) == {"amount.uncertain"}


def test_nothing_goes_on_from_a_container_whose_label_was_struck_out(chair):
    prepared = next(one.seq for one in chair.history if one.event.KIND == "container-prepared")
    chair.do(c.CorrectEntry(prepared, "another strength in it"), "pharma")
    assert chair.refused(c.RaiseRate(rate("25"))) == {"container.not-of-this-session"}


def test_a_value_outside_what_is_plausible_does_not_open_the_next_step():
    chair = Chair(stepped()).running().wait(minutes=30)
    doubted = ObservationRecorded(VITALS, implausible=(VITALS[0].code,))
    state = apply(chair.state, doubted, chair.now, "anna", chair.state.seq + 1)
    assert VITALS[0].code in state.seen
    assert [code for code, at in state.observed_at if at == chair.now] == [VITALS[1].code]
