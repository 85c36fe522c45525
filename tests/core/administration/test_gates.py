"""What holds a start back. Each gate alone is enough, and each says its own code; with all of them met the flow starts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.context import Usability
from openinfusion.core.administration.parts import ScanKind
from openinfusion.core.finding import Finding, Level
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity
from tests.core.prescribing.therapies import SOURCE, figure, limit

from .chair import BAG, LINE, PATIENT, Chair, injected, rate, stepped


@pytest.fixture
def chair() -> Chair:
    """A therapy with everything done before the start."""
    return Chair(stepped()).ready()


def test_with_every_gate_met_nothing_holds_the_start_back(chair):
    assert chair.refused(chair.start()) == frozenset()


def test_a_wrong_patient_scanned_last_holds_the_start_back_and_is_recorded(chair):
    events = chair.do(c.Scan(ScanKind.PATIENT, "P-SOMEBODY"))
    assert [event.KIND for event in events] == ["code-scanned", "review-opened"]
    assert chair.refused(chair.start()) == {"start.patient-not-scanned"}
    chair.do(c.Scan(ScanKind.PATIENT, PATIENT))
    assert chair.refused(chair.start()) == frozenset()


def test_a_line_that_nobody_scanned_holds_the_start_back():
    chair = Chair(stepped()).prepared().checked_in().with_access().premedicated()
    chair.do(c.Scan(ScanKind.CONTAINER, BAG))
    assert chair.verified().refused(chair.start()) == {"start.line-not-scanned"}
    chair.do(c.Scan(ScanKind.LINE, LINE))
    assert chair.refused(chair.start()) == frozenset()


def test_a_new_line_is_scanned_again(chair):
    chair.with_access(line="N-0000002")
    assert chair.refused(chair.start()) == {"start.line-not-scanned"}


def test_an_infusion_through_a_line_that_was_charted_without_a_code_does_not_start(chair):
    chair.with_access(line="")
    assert chair.refused(chair.start()) == {"start.line-without-code"}


def test_an_injection_has_a_needle_and_no_line_to_scan():
    chair = Chair(injected()).prepared().checked_in().with_access(line="").premedicated().scanned().verified()
    assert chair.refused(c.GiveInjection(BAG, "thigh", Quantity(4, "mL"))) == frozenset()


def test_an_order_that_nobody_verified_is_not_started(chair):
    chair.signed = replace(chair.signed, verified_by="")
    assert chair.refused(chair.start()) == {"order.not-verified"}


def test_a_cancelled_order_is_not_started(chair):
    chair.signed = replace(chair.signed, is_cancelled=True, cancelled="other therapy")
    assert chair.refused(chair.start()) == {"order.not-verified"}


def test_a_protocol_that_is_not_active_is_not_started(chair):
    chair.usability = Usability.NOT_USABLE
    assert chair.refused(chair.start()) == {"protocol.not-active"}


def test_an_example_starts_in_a_demonstration(chair):
    chair.usability = Usability.EXAMPLE_IN_DEMO
    assert chair.refused(chair.start()) == frozenset()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (c.RecordConsent(given=False, version="1"), "start.consent-refused"),
        (c.RecordKitCheck(complete=False), "start.kit-incomplete"),
        (c.Scan(ScanKind.CONTAINER, "C-OTHER"), "container.not-scanned"),
        (c.Scan(ScanKind.LINE, "N-OTHER"), "start.line-not-scanned"),
        (c.ReportReaction(("itching",)), "reaction.open"),
        (c.DeclareAmountUncertain(Quantity(0, "mL"), Quantity(5, "mL"), "leak"), "amount.uncertain"),
    ],
)
def test_one_step_that_goes_wrong_is_enough(chair, command, code):
    chair.do(command)
    assert chair.refused(chair.start()) == {code}


def test_consent_and_kit_that_nobody_asked_about_are_unknown_and_no_pass():
    chair = Chair(stepped()).prepared()
    chair.do(c.CheckIn(PATIENT))
    codes = chair.with_access().premedicated().scanned().verified().refused(chair.start())
    assert codes == {"start.consent-unknown", "start.kit-not-checked"}


def test_a_correction_takes_a_statement_back(chair):
    chair.do(c.RecordConsent(given=False, version="1"))
    chair.do(c.CorrectEntry(chair.state.seq, "wrong patient's form"))
    assert chair.refused(chair.start()) == frozenset()
    assert chair.state.consent is True


def test_without_access_and_with_access_by_another_route_nothing_starts():
    chair = Chair(stepped()).prepared().checked_in().premedicated().scanned().verified()
    assert chair.refused(chair.start()) == {"start.access-missing"}
    chair.with_access(route=Route.EPIDURAL)
    assert chair.state.reviews[-1][1] == ("access-route-differs",)
    assert {"start.access-wrong-route", "container.wrong-route"} <= chair.refused(chair.start())


@pytest.mark.parametrize(
    ("level", "code"), [(Level.MISSING, "fact.missing"), (Level.BANNED, "order.route-banned"), (Level.CAUTION, "screen.caution")]
)
def test_a_finding_of_today_holds_the_start_back_at_its_level(chair, level, code):
    chair.screened = (Finding(code, level, rule="r"),)
    assert chair.refused(chair.start()) == {code}


def test_information_holds_nothing_back(chair):
    chair.screened = (Finding("screen.not-asked", Level.INFO),)
    assert chair.refused(chair.start()) == frozenset()


def test_a_caution_needs_one_reason_given_today_or_at_the_order(chair):
    caution = Finding("screen.caution", Level.CAUTION, rule="low-count")
    chair.screened = (caution,)
    chair.signed = replace(chair.signed, reasons={caution.key: "stable for months"})
    assert chair.refused(chair.start()) == frozenset()
    chair.signed = replace(chair.signed, reasons={caution.key: "   "})
    assert chair.refused(chair.start()) == {"screen.caution"}
    chair.do(c.AcceptFindings({caution.key: "called the doctor"}), "anna")
    assert chair.refused(chair.start()) == frozenset()


def test_a_contraindication_needs_two_different_prescribers(chair):
    finding = Finding("screen.contraindication", Level.CONTRAINDICATED, rule="infection")
    chair.screened = (finding,)
    assert chair.refused(c.AcceptFindings({finding.key: "fine"}), "anna") == {"accept.prescribers-only"}
    chair.do(c.AcceptFindings({finding.key: "needed"}), "second")
    assert chair.refused(chair.start()) == {"screen.contraindication"}
    chair.do(c.AcceptFindings({finding.key: "really needed"}), "second")
    assert chair.refused(chair.start()) == {"screen.contraindication"}
    chair.do(c.AcceptFindings({finding.key: "agreed"}), "doctor")
    assert chair.refused(chair.start()) == frozenset()


@pytest.mark.parametrize("level", [Level.BANNED, Level.MISSING])
def test_nobody_accepts_a_ban_or_a_gap(chair, level):
    finding = Finding("fact.missing", level, rule="weight")
    chair.screened = (finding,)
    assert chair.refused(c.AcceptFindings({finding.key: "never mind"}), "doctor") == {"accept.no-way-through"}


def test_premedication_must_have_had_its_time_or_be_waived_with_a_reason():
    chair = Chair(stepped()).prepared().checked_in().with_access().scanned().verified()
    assert chair.refused(chair.start()) == {"premedication.not-given"}
    assert chair.refused(c.WaivePremedication("fever", " ")) == {"accept.no-reason"}
    assert chair.refused(c.WaivePremedication("aspirin", "none")) == {"premedication.not-planned"}
    chair.premedicated().now -= timedelta(seconds=1)
    assert chair.refused(chair.start()) == {"premedication.too-early"}
    # exactly the window is enough
    chair.wait(seconds=1)
    assert chair.refused(chair.start()) == frozenset()


def test_a_waived_premedication_holds_nothing_back():
    chair = Chair(stepped()).prepared().checked_in().with_access().scanned().verified()
    chair.do(c.WaivePremedication("fever", "allergic to it"))
    assert chair.refused(chair.start()) == frozenset()


def test_a_container_past_its_day_or_hour_is_not_hung():
    chair = Chair(stepped())
    chair.prepared(chair.bag(use_before=chair.now + timedelta(minutes=29))).checked_in().with_access().premedicated()
    assert chair.do(c.Scan(ScanKind.CONTAINER, BAG))[0].why == "container-expired"
    assert {"container.expired", "container.not-scanned"} <= chair.refused(chair.start())


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"expiry": date(2026, 11, 24)}, "container.expired"),
        ({"route": Route.EPIDURAL}, "container.wrong-route"),
        ({"drug": "other"}, "container.wrong-drug"),
        ({"volume": Quantity(-250, "mL")}, "container.no-content"),
        ({"volume": Quantity(500, "mL")}, "container.wrong-concentration"),
        ({"amount": Quantity(2000, "mg"), "volume": Quantity(500, "mL")}, "container.wrong-amount"),
        ({"prepared_by": "anna"}, "container.other-preparer"),
    ],
)
def test_a_container_that_is_not_as_planned_is_not_released(other, code):
    chair = Chair(stepped())
    assert code in chair.refused(c.PrepareContainer(chair.bag(**other)), "pharma")


def test_a_container_of_the_last_day_of_its_date_is_good():
    chair = Chair(stepped())
    assert chair.refused(c.PrepareContainer(chair.bag(expiry=chair.now.date())), "pharma") == frozenset()


def test_a_nurse_prepares_only_where_the_protocol_allows_it():
    drip, needle = Chair(stepped()), Chair(injected())
    assert drip.refused(c.PrepareContainer(drip.bag(prepared_by="anna")), "anna") == {"container.pharmacist-prepares"}
    assert needle.refused(c.PrepareContainer(needle.bag(prepared_by="anna")), "anna") == frozenset()


def test_a_code_is_used_once():
    chair = Chair(stepped()).prepared()
    assert chair.refused(c.PrepareContainer(chair.bag()), "pharma") == {"container.code-used"}


def test_the_start_is_at_the_first_rate_of_the_ladder_to_the_step_of_the_pump(chair):
    assert chair.refused(c.StartInfusion(BAG, rate("25"))) == {"start.not-first-rate"}
    assert chair.refused(c.StartInfusion(BAG, rate("-12.5"))) == {"rate.no-flow"}
    assert chair.refused(c.StartInfusion(BAG, Quantity(50, "mg/h"))) == {"rate.no-flow"}
    assert chair.refused(c.StartInfusion(BAG, rate("12.5"))) == frozenset()


def test_a_start_whose_later_steps_would_pass_a_window_is_refused_now():
    # the ladder gives 50, 100 mg/h ...: after 2 h 50*.5+100*.5+150*.5+200*.5 = 250 mg; 200 mg are passed before that
    chair = Chair(stepped(limits=[limit("in-2-h", "dose", "<=", "200 mg", window=figure("2 h"))])).ready()
    assert chair.refused(chair.start()) == {"dose.above-hard-window"}


def test_an_emergency_protocol_starts_before_anything_is_charted_and_records_what_was_missing():
    chair = Chair(stepped(emergency=True))
    events = chair.do(chair.start())
    assert [event.KIND for event in events] == ["infusion-started", "review-opened"]
    assert {"start.patient-not-scanned", "start.consent-unknown", "check.not-agreed", "start.access-missing"} <= set(events[1].rules)


def test_even_in_an_emergency_a_banned_route_and_a_rate_that_is_none_are_refused():
    banned = stepped(emergency=True, route_bans=[{"id": "never-so", "route": "IV", "sources": [SOURCE]}])
    chair = Chair(banned)
    assert chair.refused(c.PrepareContainer(chair.bag()), "pharma") == {"container.route-banned"}
    assert Chair(stepped(emergency=True)).refused(c.StartInfusion(BAG, Quantity(50, "mg/h"))) == {"rate.no-flow"}


def test_the_syringe_for_a_muscle_never_goes_to_a_vein():
    chair = Chair(injected()).prepared().checked_in().with_access(route=Route.IV, site="left arm").verified()
    scan = chair.do(c.Scan(ScanKind.CONTAINER, BAG))[0]
    assert (scan.matched, scan.why) == (False, "container-wrong-route")
    codes = chair.refused(c.GiveInjection(BAG, "thigh", Quantity(4, "mL")))
    assert {"container.wrong-route", "start.access-wrong-route", "container.not-scanned"} <= codes


def test_a_syringe_scanned_in_another_session_belongs_to_none_there():
    drip = Chair(stepped()).ready()
    scan = drip.do(c.Scan(ScanKind.CONTAINER, "C-CEFTRIAXONE"))[0]
    assert (scan.matched, scan.why) == (False, "container-not-of-this-session")
    assert drip.refused(c.StartInfusion("C-CEFTRIAXONE", rate("12.5"))) >= {"container.not-of-this-session"}


def test_a_preparation_whose_route_the_protocol_bans_is_never_released():
    chair = Chair(stepped(route_bans=[{"id": "never-so", "route": "IV", "sources": [SOURCE]}]))
    assert "container.route-banned" in chair.refused(c.PrepareContainer(chair.bag()), "pharma")


def test_an_injection_is_at_an_allowed_place_and_not_more_than_planned():
    chair = Chair(injected()).ready()
    assert chair.refused(c.GiveInjection(BAG, "deltoid", Quantity(4, "mL"))) == {"sites.not-allowed"}
    assert chair.refused(c.GiveInjection(BAG, "thigh-left", Quantity(5, "mL"))) == {"injection.above-planned"}
    assert chair.refused(c.GiveInjection(BAG, "thigh-left", Quantity(-4, "mL"))) == {"injection.no-volume"}
    assert chair.refused(c.GiveInjection(BAG, "thigh-left", Quantity(4, "mL"))) == frozenset()


def test_two_injections_share_the_dose_and_the_second_completes_it():
    chair = Chair(injected()).ready()
    assert [e.KIND for e in chair.do(c.GiveInjection(BAG, "thigh-left", Quantity(2, "mL")))] == ["injection-given"]
    assert chair.status == "infusing"
    kinds = [e.KIND for e in chair.do(c.GiveInjection(BAG, "thigh-right", Quantity(2, "mL")))]
    assert kinds == ["injection-given", "infusion-completed"]
    assert chair.status == "observing"
    assert chair.state.stop_confirmed_at == chair.now


def test_the_volume_for_one_place_counts_what_went_there_before():
    chair = Chair(injected(limits=[limit("a-place", "volume_per_site", "<=", "3 mL")])).ready()
    assert chair.refused(c.GiveInjection(BAG, "thigh-left", Quantity(4, "mL"))) == {"volume-per-site.above-hard-limit"}
    chair.do(c.GiveInjection(BAG, "thigh-left", Quantity(2, "mL")))
    assert chair.refused(c.GiveInjection(BAG, "thigh-left", Quantity(2, "mL"))) == {"volume-per-site.above-hard-limit"}
    assert chair.refused(c.GiveInjection(BAG, "thigh-right", Quantity(2, "mL"))) == frozenset()


@pytest.mark.parametrize("kind", ["container-prepared", "premedication-waived"])
def test_what_is_struck_out_opens_no_gate(kind):
    """A label or a waiver that its person marks as entered in error never stood."""
    chair = Chair(stepped()).prepared().checked_in().with_access()
    chair.do(c.WaivePremedication("fever", "allergic"))
    chair.scanned().verified()
    assert chair.refused(chair.start()) == frozenset()
    chair.do(c.CorrectEntry(next(one.seq for one in chair.history if kind == one.event.KIND), "mistake"))
    assert chair.refused(chair.start()) & {"container.not-of-this-session", "premedication.not-given"}
