"""What people and devices tell is stored, whatever the status, the clock or the content; what breaks a rule opens a review."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.apply import knows
from openinfusion.core.administration.checklist import Need
from openinfusion.core.administration.decide import covers, decide
from openinfusion.core.administration.events import EVENTS, ObservationRecorded
from openinfusion.core.administration.parts import (
    Access,
    CheckValues,
    GivenDrug,
    OpenMatter,
    PumpReport,
    Reading,
    ScanKind,
)
from openinfusion.core.patient import Fact
from openinfusion.core.prescribing.events import FactsRecorded
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import PlausibleRange

from .chair import BAG, PATIENT, START, VITALS, Chair, injected, on_demand, rate, stepped

ODD = st.sampled_from([Quantity(5, "mL"), Quantity(-5, "mL"), Quantity(0, "mL"), Quantity(5, "mg"), Quantity(10**9, "L")])
RATES = st.sampled_from([rate("5"), rate("0"), rate("-5"), rate("999"), Quantity(5, "mg/h")])
VALUES = CheckValues(PATIENT, BAG, "drug", Quantity(1000, "mg"), date(2026, 12, 31), appearance_good=True)

RECORDS = st.one_of(
    st.builds(c.CheckIn, st.sampled_from([PATIENT, "P-OTHER", ""])),
    st.builds(c.RecordConsent, st.booleans(), st.just("1")),
    st.builds(c.RecordKitCheck, st.booleans()),
    st.just(c.RecordFacts((Fact("weight", Quantity(70, "kg"), START), Fact("no-such-field", "?", START)))),
    st.builds(c.RecordAccess, st.builds(Access, st.just("needle"), st.text(max_size=5), st.sampled_from(Route))),
    st.builds(c.RecordPremedication, st.sampled_from(["fever", "other"]), st.just(GivenDrug("x", None, "PO"))),
    st.builds(c.Scan, st.sampled_from(ScanKind), st.sampled_from([PATIENT, BAG, "?"])),
    st.builds(c.EnterCheck, st.sampled_from([VALUES, replace(VALUES, container_code="?"), replace(VALUES, dose=Quantity(1, "mL"))])),
    st.just(c.RecordNoSecondPerson("night")),
    st.builds(c.SlowRate, RATES),
    st.just(c.Pause()),
    st.just(c.Stop("unwell")),
    st.just(c.CompleteInfusion()),
    st.builds(c.RecordFlush, ODD),
    st.builds(c.RecordGiven, ODD, st.sampled_from(["", BAG, "?"])),
    st.builds(c.ConfirmFlow, st.booleans(), st.one_of(st.none(), RATES)),
    st.builds(c.ReportVolume, ODD),
    st.builds(c.DeclareAmountUncertain, ODD, ODD, st.just("?")),
    st.builds(c.ReconcileAmount, ODD, st.just("weighed")),
    st.builds(c.RecordObservation, st.just((*VITALS, Reading("pulse", Quantity(2500, "/min")), Reading("odd", "?")))),
    st.builds(c.RecordComplication, st.just("cx.infiltration"), st.integers(0, 5)),
    st.builds(
        c.ReceivePumpReport,
        st.sampled_from(["pump-1", "pump-9"]),
        st.builds(
            PumpReport, st.sampled_from(["running", "stopped", "kvo", "warp"]), st.one_of(st.none(), RATES), st.one_of(st.none(), ODD)
        ),
    ),
    st.just(c.ReceiveReadings("monitor-9", (Reading("pulse", value=False),))),
    st.just(c.RaiseAlarm("k", "occlusion", "high", physiological=False)),
    st.builds(c.AcknowledgeAlarm, st.sampled_from(["k", "?"])),
    st.builds(c.ShowAlarm, st.sampled_from(["k", "?"]), st.just("board")),
    st.builds(c.EscalateAlarm, st.sampled_from(["k", "?"]), st.just("charge-nurse"), st.just("not-acknowledged")),
    st.builds(c.EndAlarm, st.sampled_from(["k", "?"])),
    st.just(c.ReportReaction(("itching",))),
    st.builds(c.GradeReaction, st.integers(-1, 9), st.just("CTCAE-5.0")),
    st.just(c.TreatAsAnaphylaxis()),
    st.just(c.GiveEmergencyDrug(GivenDrug("epinephrine", Quantity("0.5", "mg"), "IM"))),
    st.just(c.TickStep("anaphylaxis", "call")),
    st.just(c.ResolveReaction()),
    st.builds(c.TickDischarge, st.sampled_from(["site-covered", "?"])),
    st.just(c.MarkNotDone("did not come")),
    st.just(c.RecordDiary({"?": "!"})),
    st.builds(c.CorrectEntry, st.integers(-1, 30), st.just("wrong")),
)

PROTOCOLS = {"stepped": stepped(), "on demand": on_demand(), "injected": injected()}
TIMES = st.sampled_from([timedelta(0), timedelta(minutes=-10), timedelta(hours=-30), timedelta(hours=5)])


def brought_to(protocol: str, status: str) -> Chair:
    """A session in a status, by the shortest way."""
    return _brought_to(protocol, status).copied()


@cache
def _brought_to(protocol: str, status: str) -> Chair:
    chair = Chair(PROTOCOLS[protocol])
    match status:
        case "planned":
            return chair
        case "arrived":
            chair.do(c.CheckIn(PATIENT))
        case "preparing":
            chair.prepared().checked_in().with_access()
        case "ready":
            chair.ready()
        case "infusing":
            _running(chair)
        case "on_hold":
            _running(chair).do(c.Pause())
        case "observing":
            _running(chair).do(c.Stop("enough"))
        case "stopped" | "completed":
            _running(chair).do(c.Stop("enough") if status == "stopped" else c.CompleteInfusion())
            chair.wait(minutes=90).do(c.Discharge({need.value: "test" for need in Need}))
        case _:
            chair.do(c.MarkNotDone("did not come"))
    return chair


def _running(chair: Chair) -> Chair:
    """Five minutes after the start, or after the first half of an injection."""
    chair.ready()
    chair.do(c.GiveInjection(BAG, "thigh", Quantity(2, "mL")) if chair.protocol.sites is not None else chair.start())
    return chair.wait(minutes=5)


STATUSES = ["planned", "arrived", "preparing", "ready", "infusing", "on_hold", "observing", "stopped", "completed", "not_done"]
CHAIRS = [(protocol, status) for protocol in PROTOCOLS for status in STATUSES if (protocol, status) != ("injected", "on_hold")]


@pytest.mark.parametrize(("protocol", "status"), CHAIRS)
def test_the_usual_ways_lead_to_every_status(protocol, status):
    assert brought_to(protocol, status).status == status


@settings(max_examples=150)
@given(
    st.sampled_from(CHAIRS),
    st.lists(st.tuples(RECORDS, TIMES, st.sampled_from(["anna", "ben", "doctor", "pharma"])), min_size=1, max_size=5),
)
def test_no_record_is_ever_refused_in_any_status_at_any_time_by_anybody(place, told):
    """Recording is never refused. Each leaves at least one event, and the state is that of the history (asserted by the chair)."""
    chair = brought_to(*place)
    for command, shift, by in told:
        assert chair.do(command, by, at=chair.now + shift) or chair.of_patient


@settings(max_examples=60)
@given(
    st.sampled_from(CHAIRS),
    st.sampled_from(
        [c.Stop("x"), c.Pause(), c.ReportReaction(), c.TreatAsAnaphylaxis(), c.GiveEmergencyDrug(GivenDrug("epinephrine", None, "IM"))]
    ),
)
def test_emergency_treatment_stop_and_pause_pass_in_every_status_and_end_with_no_flow(place, command):
    """No gate, no second person, no scan, no doubt holds them back; after stop, pause or anaphylaxis nothing flows by the chart."""
    chair = brought_to(*place)
    chair.do(c.DeclareAmountUncertain(Quantity(0, "mL"), Quantity(1, "mL"), "?"))
    chair.do(command, "anna")
    if not isinstance(command, c.GiveEmergencyDrug):
        assert chair.state.rate is None
        assert all(segment.end is not None for segment in chair.state.segments)


def test_every_command_has_a_decision_of_its_own():
    assert all(covers(command) for command in c.COMMANDS)


def test_a_wrong_wristband_is_recorded_and_lets_nobody_arrive():
    chair = Chair(stepped())
    events = chair.do(c.CheckIn("P-OTHER"))
    assert (events[0].matched, events[0].why) == (False, "wrong-patient")
    assert chair.status == "planned"


def test_an_implausible_value_is_stored_and_marked():
    chair = Chair(stepped()).running()
    source = {"cite": "site-policy", "at": "test", "tier": "U"}
    pulse = PlausibleRange.model_validate({"id": "p", "field": "pulse", "most": {"value": "220", "unit": "/min", "sources": [source]}})
    ctx = replace(chair.context("anna"), plausible=(pulse,))
    ((_, event),) = decide(chair.state, c.RecordObservation((Reading("pulse", Quantity(250, "/min")),)), ctx)
    assert event == ObservationRecorded((Reading("pulse", Quantity(250, "/min")),), implausible=("pulse",))


def test_facts_go_to_the_patient_and_their_names_to_the_session():
    chair = Chair(stepped())
    events = chair.do(c.RecordFacts((Fact("weight", Quantity(72, "kg"), chair.now),)))
    assert events[0].fields == ("weight",)
    assert chair.of_patient == [FactsRecorded((Fact("weight", Quantity(72, "kg"), chair.now, "anna"),))]


def test_slowing_to_a_higher_rate_is_recorded_changes_nothing_and_asks_what_flows():
    chair = Chair(stepped()).running()
    events = chair.do(c.SlowRate(rate("50")))
    assert events[0].broke == ("rate-not-lower",)
    assert chair.state.rate == rate("12.5")
    assert OpenMatter.CONFLICT in chair.state.open
    chair.do(c.ConfirmFlow(running=True, rate=rate("12.5")))
    assert OpenMatter.CONFLICT not in chair.state.open


def test_slowing_to_nothing_is_a_pause():
    chair = Chair(stepped()).running()
    assert chair.do(c.SlowRate(rate("0")))[0].KIND == "infusion-paused"
    assert chair.status == "on_hold"


def test_only_a_statement_that_is_newer_than_the_order_confirms_it():
    chair = Chair(stepped()).ready()
    chair.do(c.AssociateDevice("pump-1", "pump"))
    chair.do(chair.start())
    chair.wait(minutes=1)
    chair.do(c.ReceivePumpReport("pump-1", PumpReport("running", rate("12.5"))), "pump-1", at=chair.now - timedelta(minutes=2))
    assert chair.state.delivery == "ordered"
    chair.do(c.ReceivePumpReport("pump-1", PumpReport("running", rate("12.5"))), "pump-1")
    assert chair.state.delivery == "confirmed"
    chair.do(c.Pause())
    assert chair.state.delivery == "ordered"
    chair.wait(seconds=5).do(c.ReceivePumpReport("pump-1", PumpReport("kvo", rate("1"))), "pump-1")
    assert chair.state.delivery == "confirmed"


def test_a_buffered_report_goes_into_history_and_says_nothing_of_the_present():
    chair = Chair(stepped()).ready()
    chair.do(c.AssociateDevice("pump-1", "pump"))
    chair.do(chair.start())
    report = PumpReport("stopped", volume=Quantity(1, "mL"), alarm="occlusion", buffered=True)
    assert chair.wait(minutes=1).do(c.ReceivePumpReport("pump-1", report), "pump-1")[0].historic
    assert (chair.state.pump, chair.state.stated) == (None, None)


def test_a_pump_with_a_wrong_clock_is_stored_with_both_times_and_kept_out_of_the_present():
    chair = Chair(stepped()).ready()
    chair.do(c.AssociateDevice("pump-1", "pump"))
    chair.do(chair.start())
    events = chair.do(c.ReceivePumpReport("pump-1", PumpReport("running")), "pump-1", at=chair.now + timedelta(hours=2))
    assert events[0].broke == ("clock-suspect",)
    assert chair.history[-2].occurred_at != chair.history[-2].recorded_at
    assert chair.state.pump is None


def test_an_unknown_word_of_a_pump_is_kept_as_it_came_and_reviewed_once():
    chair = Chair(stepped()).ready()
    chair.do(c.AssociateDevice("pump-1", "pump"))
    chair.do(chair.start())
    events = chair.do(c.ReceivePumpReport("pump-1", PumpReport("Warp 9", alarm="E-42")), "pump-1")
    assert (events[0].report.state, events[0].report.alarm, events[0].flow) == ("Warp 9", "E-42", None)
    assert len(events) == 2
    assert len(chair.do(c.ReceivePumpReport("pump-1", PumpReport("Warp 9", alarm="E-42")), "pump-1")) == 1


def test_a_pump_of_another_session_changes_nothing_here():
    chair = Chair(stepped()).running()
    events = chair.do(c.ReceivePumpReport("pump-9", PumpReport("stopped")), "pump-1")
    assert events[0].broke == ("device-not-associated",)
    assert (chair.state.pump, chair.state.stated) == (None, None)


def test_a_flow_found_at_rest_makes_the_amount_uncertain_between_the_last_look_and_now():
    chair = Chair(stepped()).running().wait(minutes=10)
    chair.do(c.ConfirmFlow(running=True))
    chair.wait(minutes=20).do(c.ConfirmFlow(running=False))
    # 10 and 30 minutes of 12.5 mL/h
    assert chair.state.bounds == (Quantity("25/12", "mL"), Quantity("6.25", "mL"))
    assert {OpenMatter.CONFLICT, OpenMatter.RECONCILE} <= chair.state.open


def test_consent_taken_back_while_it_runs_is_recorded_and_asks_a_person():
    chair = Chair(stepped()).running()
    assert [event.KIND for event in chair.do(c.RecordConsent(given=False, version="1"))] == ["consent-recorded", "review-opened"]


def test_alarms_open_a_matter_until_the_last_one_ends():
    chair = Chair(stepped()).running()
    chair.do(c.RaiseAlarm("a", "occlusion", "high", physiological=False))
    chair.do(c.RaiseAlarm("a", "occlusion", "high", physiological=False))
    chair.do(c.RaiseAlarm("b", "near-empty", "low", physiological=False))
    assert chair.state.alarms["a"].count == 2
    chair.do(c.AcknowledgeAlarm("a"))
    chair.do(c.EndAlarm("a"))
    assert OpenMatter.ALARM in chair.state.open
    chair.do(c.EndAlarm("b"))
    assert OpenMatter.ALARM not in chair.state.open


def test_an_alarm_raised_again_after_it_was_seen_waits_to_be_seen_again():
    chair = Chair(stepped()).running()
    chair.do(c.RaiseAlarm("a", "occlusion", "high", physiological=False))
    chair.do(c.AcknowledgeAlarm("a"))
    chair.do(c.RaiseAlarm("a", "occlusion", "high", physiological=False))
    assert chair.state.alarms["a"].acknowledged_at is None


def test_every_event_of_a_session_can_be_folded():
    assert [event.KIND for event in EVENTS if not knows(event)] == []
