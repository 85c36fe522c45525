"""The session page: every stage by plain forms, two nurses at one chair, refusals in words, and records that are never refused."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from openinfusion.app.bedside import handle
from openinfusion.app.commands import envelope
from openinfusion.app.ports import SampleBlock
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import Actor, Amount, Flow, OpenMatter, Reading, Status
from openinfusion.core.administration.scancode import CodeKind, scancode
from openinfusion.core.patient import Fact
from openinfusion.core.quantity import Quantity
from tests.web.cast import PASSWORD, Clinic, asked_everything, plan_session, posted, register, sign_rituximab, text_of, verify
from tests.web.test_preparation import BAG
from tests.web.ward import VITALS, done, give, play, shown, state


@pytest.fixture
def session(prescriber: Client, pharmacist: Client, clinic: Clinic) -> str:
    """A planned session of rituximab, 1000 mg in 500 mL, with its bag released."""
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    course = sign_rituximab(prescriber, patient)
    verify(pharmacist, course)
    plan_session(prescriber, course)
    session = str(clinic.ports.log.streams("session/")[0].removeprefix("session/"))
    assert pharmacist.post(f"/sessions/{session}/preparation", posted(**BAG)).status_code == 302
    return session


def check(clinic: Clinic, session: str, **other: str) -> dict[str, str]:
    """What a careful nurse reads from wristband, label and pump: 2 mg/mL, so 50 mg/h is 25 mL/h."""
    known = state(clinic, session)
    (code,) = known.containers
    values = {
        "values.patient_code": known.patient_code,
        "values.container_code": code,
        "values.drug": "rituximab",
        "values.dose": "1000",
        "values.dose.unit": "mg",
        "values.volume": "500",
        "values.volume.unit": "mL",
        "values.rate": "25",
        "values.rate.unit": "mL/h",
        "values.expiry": "2028-01-31",
        "values.appearance_good": "yes",
        "password": PASSWORD,
    }
    return {**values, **{name.replace("__", "."): value for name, value in other.items()}}


def scan(client: Client, session: str, code: str) -> Any:
    return client.post(f"/sessions/{session}/scan", posted(code=code))


def ready(nurse: Client, session: str, clinic: Clinic) -> None:
    """Everything before the start, by the forms of the page."""
    assert scan(nurse, session, state(clinic, session).patient_code).status_code == 302
    done(nurse, session, "RecordConsent", given="yes", version="leaflet 1")
    done(nurse, session, "RecordKitCheck", complete="yes")
    today = {"active.severe_infection": "no", "weight": "71.5", "weight.unit": "kg"}
    done(nurse, session, "RecordFacts", **today)
    done(nurse, session, "RecordObservation", **VITALS)
    line = scancode(CodeKind.LINE, uuid.UUID(session))
    way_in = {"access.route": "IV", "access.device": "peripheral-cannula", "access.site": "left-forearm", "access.line": line}
    done(nurse, session, "RecordAccess", **way_in)
    plan = state(clinic, session).plan
    assert plan is not None
    for one in plan.premedication:
        dose = one.dose or Quantity(1, "g")
        way = {"given.route": one.route.split("/")[0]}
        given = {"given.drug": one.drug, "given.dose": str(dose.value), "given.dose.unit": dose.unit, **way}
        done(nurse, session, "RecordPremedication", id=one.id, **given)
    clinic.clock.passes(timedelta(minutes=31))
    (code,) = state(clinic, session).containers
    scan(nurse, session, code)
    scan(nurse, session, line)
    done(nurse, session, "EnterCheck", **check(clinic, session, signer="nora"))
    done(nurse, session, "EnterCheck", **check(clinic, session, signer="nils"))


def start(nurse: Client, session: str, clinic: Clinic) -> None:
    (code,) = state(clinic, session).containers
    first = {"container_code": code, "rate": "25", "rate.unit": "mL/h"}
    done(nurse, session, "StartInfusion", **first)


def test_a_whole_visit_by_plain_forms_with_two_nurses_at_one_screen(nurse: Client, session: str, clinic: Clinic) -> None:
    assert "Check-in" in shown(nurse, session)
    ready(nurse, session, clinic)
    page = shown(nurse, session)
    assert "nora and nils agree with the order" in page
    assert "What holds the start back" not in page
    start(nurse, session, clinic)
    assert state(clinic, session).status is Status.INFUSING
    assert "RUN ordered – not confirmed" in shown(nurse, session)
    confirmed = {"running": "yes", "rate": "25", "rate.unit": "mL/h"}
    done(nurse, session, "ConfirmFlow", **confirmed)
    assert "RUNNING" in shown(nurse, session)
    clinic.clock.passes(timedelta(minutes=30))
    done(nurse, session, "RecordObservation", **VITALS)
    faster = {"rate": "50", "rate.unit": "mL/h"}
    done(nurse, session, "RaiseRate", **faster)
    done(nurse, session, "Pause")
    done(nurse, session, "Resume", **faster)
    done(nurse, session, "Stop", reason="enough")
    assert "STOP ordered – not confirmed" in shown(nurse, session)
    done(nurse, session, "ConfirmFlow", running="no")
    assert "Stopped for sure" in shown(nurse, session, "observe")
    clinic.clock.passes(timedelta(minutes=31))
    for item in ("access-removed", "site-covered", "teach-back", "leaflet-given", "contact-given"):
        done(nurse, session, "TickDischarge", item=item)
    done(nurse, session, "RecordObservation", **VITALS)
    done(nurse, session, "Discharge")
    assert state(clinic, session).status is Status.STOPPED
    assert state(clinic, session).overrides == {}


def test_a_start_that_is_held_back_says_by_what_and_offers_no_button(nurse: Client, session: str, clinic: Clinic) -> None:
    scan(nurse, session, state(clinic, session).patient_code)
    answer = nurse.get(f"/sessions/{session}/at/verify")
    page = text_of(answer)
    for reason in ("Consent is not recorded.", "The emergency kit was not checked.", "No access by the route IV is charted."):
        assert reason in page
    button = answer.content.decode().split('do/StartInfusion"')[1].split("</form>")[0]
    assert "disabled" in button


def test_a_refused_start_comes_back_with_findings_and_stores_nothing(nurse: Client, session: str, clinic: Clinic) -> None:
    scan(nurse, session, state(clinic, session).patient_code)
    before = state(clinic, session).seq
    (code,) = state(clinic, session).containers
    first = {"container_code": code, "rate": "25", "rate.unit": "mL/h"}
    answer = give(nurse, session, "StartInfusion", **first)
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Start: not done" in page
    assert "Not started. Nothing has been given." in page
    assert state(clinic, session).seq == before


def test_another_drug_than_the_planned_premedication_is_recorded_and_says_so(nurse: Client, session: str, clinic: Clinic) -> None:
    given = {"given.drug": "ibuprofen", "given.dose": "1", "given.dose.unit": "g", "given.route": "PO"}
    where = done(nurse, session, "RecordPremedication", id="give-paracetamol", **given)
    assert "The premedication given is another than the planned one." in text_of(nurse.get(where))
    assert state(clinic, session).premedication["give-paracetamol"].given.drug == "ibuprofen"


def test_the_second_check_shows_nothing_of_the_first(nurse: Client, session: str, clinic: Clinic) -> None:
    scan(nurse, session, state(clinic, session).patient_code)
    done(nurse, session, "EnterCheck", **check(clinic, session, signer="nora", values__dose="999.5"))
    answer = nurse.get(f"/sessions/{session}/at/verify")
    assert "Second check" in text_of(answer)
    assert "999.5" not in answer.content.decode()
    form = answer.content.decode().split('do/EnterCheck"')[1].split("</form>")[0]
    assert 'value="rituximab"' not in form
    assert 'value="nora"' not in form


def test_while_the_second_check_is_owed_the_page_has_nothing_to_copy_from(nurse: Client, session: str, clinic: Clinic) -> None:
    scan(nurse, session, state(clinic, session).patient_code)
    (bag,) = state(clinic, session).containers
    scan(nurse, session, bag)
    before = nurse.get(f"/sessions/{session}/at/verify").content.decode()
    copied = ("1000 mg", "500 mL", "25 mL/h", bag, state(clinic, session).patient_code)
    assert all(text in before for text in copied)
    done(nurse, session, "EnterCheck", **check(clinic, session, signer="nora"))
    page = nurse.get(f"/sessions/{session}/at/verify").content.decode()
    assert [text for text in (*copied, "2028-01-31<", 'value="25"') if text in page] == []
    assert "Offered when both checks are stored and agree." in page
    assert "Consent is not recorded." in page
    done(nurse, session, "EnterCheck", **check(clinic, session, signer="nils"))
    again = nurse.get(f"/sessions/{session}/at/verify").content.decode()
    assert all(text in again for text in copied)


def test_one_nurse_cannot_check_twice(nurse: Client, session: str, clinic: Clinic) -> None:
    scan(nurse, session, state(clinic, session).patient_code)
    done(nurse, session, "EnterCheck", **check(clinic, session, signer="nora"))
    where = done(nurse, session, "EnterCheck", **check(clinic, session, signer="nora"))
    assert "does not count" in text_of(nurse.get(where))
    assert state(clinic, session).witness == ""


def test_a_check_is_signed_with_the_password_of_the_one_who_checks(nurse: Client, session: str, clinic: Clinic) -> None:
    answer = give(nurse, session, "EnterCheck", **{**check(clinic, session, signer="nils"), "password": "guess", "on": "verify"})
    assert answer.status_code == 400
    assert "This name and password do not belong together" in text_of(answer)
    assert 'value="1000"' in answer.content.decode()
    assert state(clinic, session).checks == ()


def test_checks_that_differ_are_void_and_name_the_field(nurse: Client, session: str, clinic: Clinic) -> None:
    scan(nurse, session, state(clinic, session).patient_code)
    done(nurse, session, "EnterCheck", **check(clinic, session, signer="nora"))
    done(nurse, session, "EnterCheck", **check(clinic, session, signer="nils", values__rate="250"))
    assert state(clinic, session).performer == ""
    assert "The checks differ" in text_of(nurse.get(f"/sessions/{session}/record"))
    page = shown(nurse, session, "verify")
    assert "did not agree with the order or with each other in: Rate set on the pump" in page
    assert "Both are void, and nothing was started." in page


def test_the_wristband_of_another_patient_is_recorded_and_says_so(nurse: Client, session: str, clinic: Clinic) -> None:
    answer = nurse.post(f"/sessions/{session}/scan", posted(code=scancode(CodeKind.PATIENT, uuid.UUID(int=5))), follow=True)
    assert "wrong" in text_of(answer).lower() or "another" in text_of(answer).lower()
    assert state(clinic, session).arrived_at is None
    assert state(clinic, session).reviews


def test_what_is_no_code_of_ours_is_not_recorded(nurse: Client, session: str, clinic: Clinic) -> None:
    before = state(clinic, session).seq
    answer = scan(nurse, session, "P-0000000X")
    assert answer.status_code == 400
    assert "none of our codes" in text_of(answer)
    assert state(clinic, session).seq == before


def test_a_number_with_a_comma_comes_back_with_what_to_write(nurse: Client, session: str, clinic: Clinic) -> None:
    answer = give(nurse, session, "RecordObservation", **{**VITALS, "readings.temp": "36,8", "on": "check-in"})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "cannot be read as one number" in page
    assert 'value="36,8"' in page


def test_a_control_command_on_an_old_view_changes_nothing_and_shows_the_session_as_it_is(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 99)
    done(nurse, session, "Pause", reason="toilet")
    answer = nurse.post(f"/sessions/{session}/do/Resume", posted(seen="3", rate="50", rate__unit="mL/h"))
    assert answer.status_code == 409
    assert "This session changed after your page was shown" in text_of(answer)
    assert state(clinic, session).flow is Flow.PAUSED


def test_the_same_form_sent_twice_is_one_event(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 99)
    form = posted(reason="toilet")
    nurse.post(f"/sessions/{session}/do/Pause", form)
    before = state(clinic, session).seq
    again = nurse.post(f"/sessions/{session}/do/Pause", form, follow=True)
    assert "saved already" in text_of(again)
    assert state(clinic, session).seq == before


def test_the_next_step_waits_for_its_time_and_the_vital_signs_and_says_so(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)
    page = shown(nurse, session)
    assert "What the next step waits for" in page
    assert "Each step lasts 30 min" in page
    assert give(nurse, session, "RaiseRate", rate="75", rate__unit="mL/h").status_code == 422


def test_an_allergy_recorded_while_it_runs_holds_the_next_step_until_prescribers_decide(
    nurse: Client, prescriber: Client, clinic: Clinic
) -> None:
    session = play(clinic, "iv-rituximab", 93)
    learnt = c.RecordFacts((Fact("allergy", ("rituximab",), clinic.clock.now()),))
    told = envelope(uuid.uuid4(), "allergy", "nora", clinic.clock.now())
    handle(clinic.ports, session, learnt, told, Actor("nora", frozenset({"nurse"})))
    page = shown(nurse, session)
    assert "The patient is recorded as allergic to Rituximab." in page.split("What the next step waits for")[1]
    assert f"/sessions/{session}" in prescriber.get("/decisions").content.decode()
    done(nurse, session, "SlowRate", rate="10", rate__unit="mL/h")
    done(nurse, session, "Stop", reason="allergy")


def test_slow_and_stop_are_never_refused_in_any_stage(nurse: Client, session: str, clinic: Clinic) -> None:
    done(nurse, session, "SlowRate", rate="10", rate__unit="mL/h")
    done(nurse, session, "Stop", reason="wrong button")
    assert state(clinic, session).reviews
    assert state(clinic, session).status is Status.PLANNED


def test_one_press_reports_a_reaction_and_rests_the_flow(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 99)
    where = done(nurse, session, "ReportReaction")
    assert where.endswith("/at/reaction")
    held = state(clinic, session)
    assert OpenMatter.REACTION in held.open
    assert held.flow is Flow.PAUSED
    assert "Reaction since" in shown(nurse, session)


def test_a_grade_shows_the_rule_of_the_protocol_and_its_ceiling(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 152.6)
    done(nurse, session, "ReportReaction", signs=["urticaria"])
    done(nurse, session, "GradeReaction", grade="2", scale="CTCAE-5")
    # the protocol restarts at half of the 75 mL/h that ran
    assert "restart at most at 37.5 mL/h" in shown(nurse, session)


def test_a_restart_needs_a_second_person_who_signs_with_their_own_password(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 186.1)
    half = {"rate": "37.5", "rate.unit": "mL/h"}
    assert give(nurse, session, "ResumeAfterReaction", **half).status_code == 422
    guessed = give(nurse, session, "ResumeAfterReaction", second="nils", password="guess", **half)
    assert guessed.status_code == 400
    done(nurse, session, "ResumeAfterReaction", second="nils", password=PASSWORD, **half)
    assert state(clinic, session).rate == Quantity("37.5", "mL/h")


def test_anaphylaxis_is_treated_with_one_press_and_one_dose_whatever_is_known(nurse: Client, session: str, clinic: Clinic) -> None:
    assert "Treat as anaphylaxis" in shown(nurse, session, "reaction")
    done(nurse, session, "TreatAsAnaphylaxis")
    page = shown(nurse, session, "reaction")
    # 46 years old: the adult row of the scheme, 0.5 mg (tables/epinephrine-im-1, rcuk)
    assert "0.5 mg = 0.5 mL" in page
    given = {"given.drug": "epinephrine", "given.dose": "0.5", "given.dose.unit": "mg", "given.route": "IM", "given.basis": "age"}
    done(nurse, session, "GiveEmergencyDrug", **given)
    done(nurse, session, "TickStep", script="anaphylaxis-response-1", step="call-and-lay-flat")
    page = shown(nurse, session, "reaction")
    assert "Again, if not better, in" in page
    assert len(state(clinic, session).emergency_drugs) == 1


def test_an_uncertain_amount_is_settled_by_a_person(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 99)
    bounds = {"lower": "10", "lower.unit": "mL", "upper": "30", "upper.unit": "mL"}
    done(nurse, session, "DeclareAmountUncertain", reason="bag fell", **bounds)
    assert "uncertain: between 10 mL and 30 mL" in shown(nurse, session)
    assert "Nothing more of this drug is offered" in shown(nurse, session)
    done(nurse, session, "ReconcileAmount", volume="20", volume__unit="mL", reason="weighed the bag")
    assert state(clinic, session).amount is Amount.CERTAIN


def test_a_late_entry_keeps_both_times(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 99)
    done(nurse, session, "RecordFlush", volume="10", volume__unit="mL", occurred_at="2027-03-01 08:55")
    wrong = give(nurse, session, "RecordFlush", volume="10", volume__unit="mL", occurred_at="yesterday")
    assert wrong.status_code == 400
    assert "not a date and time" in text_of(wrong)


def test_a_bolus_of_the_epidural_shows_lockout_and_is_refused_within_it(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "ep-labour", 40)
    page = shown(nurse, session, "run")
    assert "Lockout 10 min" in page
    assert "Bolus of 10 mL" in page


def test_an_injection_has_no_timer_and_asks_for_its_place(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "im-ceftriaxone", 9)
    page = nurse.get(f"/sessions/{session}/at/verify").content.decode()
    assert "do/GiveInjection" in page
    assert "do/StartInfusion" not in page
    assert "ventrogluteal-left" in page


def test_the_home_infusion_names_its_places_and_keeps_a_diary(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "sc-ig", 40)
    entry = {"entries.site": "abdomen left", "entries.batch": "L7"}
    done(nurse, session, "RecordDiary", **entry)
    assert state(clinic, session).diary[-1][1] == {"site": "abdomen left", "batch": "L7"}


def test_two_places_start_only_after_the_tick_for_their_distance(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "sc-ig", 21)
    page = text_of(nurse.get(f"/sessions/{session}/at/verify"))
    assert "I have seen that the places are at least 5 cm apart" in page  # epi-hizentra, leaflet section 3
    places = ["abdomen-left", "abdomen-right"]
    code = state(clinic, session).scanned["container"]
    start = {"container_code": code, "rate": "40", "rate.unit": "mL/h", "sites": places}
    refused = give(nurse, session, "StartInfusion", **start)
    assert refused.status_code == 422
    assert "Nobody has confirmed that the places are at least 5 cm apart." in text_of(refused)
    done(nurse, session, "StartInfusion", **start, gap_confirmed="yes")
    assert state(clinic, session).sites == tuple(places)


def test_what_a_reason_answers_is_asked_for_where_it_holds_back(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "im-influenza-vaccine", 18)
    done(nurse, session, "RecordFacts", **{"active.illness": "moderate", "weight.unit": "kg"})
    code = state(clinic, session).scanned["container"]
    injection = {"container_code": code, "site": "deltoid-left", "volume": "0.5", "volume.unit": "mL"}
    refused = give(nurse, session, "GiveInjection", **injection)
    assert refused.status_code == 422
    assert 'name="reasons.screen.caution:acute-illness"' in refused.content.decode()
    done(nurse, session, "AcceptFindings", **{"reasons.screen.caution:acute-illness": "a cold", "password": PASSWORD})
    done(nurse, session, "GiveInjection", **injection)


def test_the_home_infusion_starts_at_the_places_that_are_chosen_when_they_lie_far_enough_apart(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "sc-ig", 21.5)
    page = nurse.get(f"/sessions/{session}/at/verify").content.decode()
    # two places are planned, each of the protocol's kinds on either side
    assert page.count('name="sites"') == 2
    (code,) = state(clinic, session).containers
    first = {"container_code": code, "rate": "40", "rate.unit": "mL/h", "sites": ["abdomen-left", "abdomen-right"]}
    assert give(nurse, session, "StartInfusion", **first).status_code == 422
    done(nurse, session, "StartInfusion", gap_confirmed="yes", **first)
    assert "abdomen left" in shown(nurse, session)
    assert state(clinic, session).sites == ("abdomen-left", "abdomen-right")


def test_discharge_before_its_criteria_are_met_needs_a_reason_for_each(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 386)
    page = shown(nurse, session, "discharge")
    assert "not met" in page
    assert give(nurse, session, "Discharge").status_code == 422
    missing = ("observed", "access-removed", "site-covered", "teach-back", "leaflet-given", "contact-given", "nothing-open")
    done(nurse, session, "Discharge", **{f"reasons.{one}": "transferred to the ward" for one in missing})
    assert "observed" in state(clinic, session).overrides


def test_every_stage_can_be_looked_at_again(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)
    for stage in ("check-in", "screen", "access", "premedicate", "verify", "run", "observe", "discharge", "reaction"):
        assert shown(nurse, session, stage)


def test_the_part_that_changes_is_served_on_its_own(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)
    answer = nurse.get(f"/sessions/{session}/panel")
    assert "50 mL/h" in text_of(answer)
    assert "<html" not in answer.content.decode()


def test_a_pump_that_goes_on_as_it_said_is_heard_by_its_samples(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)
    clinic.clock.passes(timedelta(minutes=21))
    clinic.ports.samples.append((SampleBlock("pump-1", session, clinic.clock.now(), (0,), {"pump.volume": ("mL", ("40",))}),))
    clinic.clock.passes(timedelta(seconds=5))
    assert "RUNNING confirmed 00:05 ago" in text_of(nurse.get(f"/sessions/{session}/panel"))


def test_every_button_with_a_key_shows_it(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)
    page = nurse.get(f"/sessions/{session}").content.decode()
    keys = [part[0] for part in page.split('accesskey="')[1:]]
    assert len(keys) == len(set(keys))
    for key in keys:
        assert f"Alt+{key.upper()}" in page


def test_who_may_not_read_a_chart_sees_no_session_and_gets_the_same_answer_for_one_that_is_not_there(
    administrator: Client, session: str
) -> None:
    there = administrator.get(f"/sessions/{session}")
    nowhere = administrator.get(f"/sessions/{uuid.uuid4()}")
    assert (there.status_code, nowhere.status_code) == (403, 403)
    assert text_of(there) == text_of(nowhere)


def test_an_outsider_is_asked_to_sign_in(clinic: Clinic, session: str) -> None:
    answer = Client().get(f"/sessions/{session}")
    assert answer.status_code == 302
    assert "sign-in" in answer["Location"]


def test_a_pharmacist_reads_but_does_not_start(pharmacist: Client, session: str, clinic: Clinic) -> None:
    (code,) = state(clinic, session).containers
    assert shown(pharmacist, session)
    assert give(pharmacist, session, "StartInfusion", container_code=code, rate="25", rate__unit="mL/h").status_code == 403


def test_a_discharge_that_needs_reasons_does_not_look_like_the_main_action(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 386)
    form = nurse.get(f"/sessions/{session}/at/discharge").content.decode().split('do/Discharge"')[1].split("</form>")[0]
    assert "Discharge with these reasons" in form
    assert 'class="primary"' not in form


def test_a_field_keeps_its_place_when_another_is_asked(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)

    def fields() -> list[str]:
        page = nurse.get(f"/sessions/{session}/at/run").content.decode()
        found = re.findall(r'name="readings\.([a-z_.0-9]+?)"', page.split('do/RecordObservation"')[1].split("</form>")[0])
        return [name for name in found if not name.endswith(".unit")]

    before = fields()
    odd = c.RecordObservation((Reading("sensory_level", "T10"), Reading("pain", Quantity(2, "{score}"))))
    handle(clinic.ports, session, odd, envelope(uuid.uuid4(), "odd", "nora", clinic.clock.now()), Actor("nora", frozenset({"nurse"})))
    after = fields()
    assert "pain" in after
    assert [name for name in after if name in before] == before


def test_one_substance_has_one_name_on_every_page(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-infliximab", 93)
    learnt = c.RecordFacts((Fact("allergy", ("murine-protein",), clinic.clock.now()),))
    told = envelope(uuid.uuid4(), "allergy", "nora", clinic.clock.now())
    handle(clinic.ports, session, learnt, told, Actor("nora", frozenset({"nurse"})))
    page = shown(nurse, session, "screen")
    assert "allergies ⚠ Mouse protein" in page
    assert "The patient is recorded as allergic to Mouse protein." in page
    assert "murine protein" not in page


def test_the_signs_of_a_reaction_are_judged_side_by_side_and_a_criterion_opens_the_steps(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 152.6)
    done(nurse, session, "ReportReaction", signs=["urticaria"], exposure="likely")
    page = shown(nurse, session, "reaction")
    assert "WAO 2020: not met" in page
    assert "NIAID 2006: not met" in page
    assert "Infusion related reaction, grade 1" in page
    assert "Lay the patient flat" not in page
    done(nurse, session, "ReportReaction", signs=["wheeze"], done=["interrupted"], response="prompt")
    page = shown(nurse, session, "reaction")
    # WAO 2020, criterion 1: skin and breathing
    assert "WAO 2020: met" in page
    assert "Hives, Flushed, Wheeze" in page
    assert "Criteria of anaphylaxis are met. Treat it now: WAO 2020 NIAID 2006" in page
    assert "As anaphylaxis: Stop for good" in page
    assert "Do not go on before a prescriber has decided" in page
    assert "Lay the patient flat" in page
    assert "Infusion related reaction, grade 2" in page
    held = state(clinic, session).reactions[-1]
    assert held.signs[-2:] == ("urticaria", "wheeze")
    assert (held.exposure, held.done, held.response) == ("likely", ("interrupted",), "prompt")
    assert held.grade is None


def test_a_low_pressure_that_was_charted_since_the_reaction_counts_and_one_from_before_does_not(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 152.6)
    done(nurse, session, "ReportReaction", signs=["flushing"])
    assert "NIAID 2006: not met" in shown(nurse, session, "reaction")
    done(nurse, session, "RecordObservation", **{"readings.bp.systolic": "78", "readings.bp.systolic.unit": "mm[Hg]"})
    page = shown(nurse, session, "reaction")
    # NIAID 2006, criterion 1: skin and a systolic pressure below 90
    assert "NIAID 2006: met" in page
    assert "Flushed, Systolic pressure" in page
