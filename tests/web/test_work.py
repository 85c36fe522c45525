"""The first page of each role, and the administrator's people."""

import uuid

from django.test import Client

from openinfusion.app.bedside import handle, state_of
from openinfusion.app.commands import envelope
from openinfusion.core.administration.commands import CheckIn, RecordFacts, ReportReaction
from openinfusion.core.administration.parts import Actor
from openinfusion.core.patient import Fact
from tests.web.cast import PASSWORD, Clinic, asked_everything, plan_session, posted, register, sign_rituximab, text_of, verify
from tests.web.ward import done, shown


def test_each_role_lands_on_its_own_page(prescriber: Client, pharmacist: Client, administrator: Client) -> None:
    assert prescriber.get("/")["Location"] == "/decisions"
    assert pharmacist.get("/")["Location"] == "/pharmacy"
    assert administrator.get("/")["Location"] == "/users"


def test_a_first_page_is_closed_to_other_roles(prescriber: Client, pharmacist: Client, nurse: Client, administrator: Client) -> None:
    for address, owner in (("/decisions", prescriber), ("/pharmacy", pharmacist), ("/users", administrator)):
        for client in (prescriber, pharmacist, nurse, administrator):
            assert client.get(address).status_code == (200 if client is owner else 403), address
        assert Client().get(address).status_code == 302


def test_an_empty_page_says_that_nothing_waits(prescriber: Client, pharmacist: Client) -> None:
    assert "Nothing waits for you." in text_of(prescriber.get("/decisions"))
    assert "No order waits for you." in text_of(pharmacist.get("/pharmacy"))


def test_the_administrator_adds_a_person_whose_code_opens_the_door(administrator: Client, clinic: Clinic) -> None:
    answer = administrator.post("/users", posted(name="m.silva", role="nurse"))
    page = text_of(answer)
    assert "One-time code for m.silva" in page
    code = page.split("One-time code for m.silva ")[1].split()[0]
    chosen = "four unrelated words here"
    assert Client().post("/first-sign-in", posted(code=code, password=chosen, again=chosen)).status_code == 302


def test_a_name_that_is_taken_or_not_usable_adds_nobody(administrator: Client) -> None:
    taken = administrator.post("/users", posted(name="nora", role="nurse"))
    assert taken.status_code == 400
    assert "already taken" in text_of(taken)
    odd = administrator.post("/users", posted(name="no blanks", role="nurse"))
    assert odd.status_code == 400


def test_a_new_code_replaces_the_lost_one(administrator: Client) -> None:
    administrator.post("/users", posted(name="m.silva", role="nurse"))
    assert "One-time code for m.silva" in text_of(administrator.post("/users", {"again": "m.silva"}))
    assert "nobody of this name" in text_of(administrator.post("/users", {"again": "nobody"}))


def test_a_patient_who_is_here_and_reacts_stands_on_the_prescribers_page(
    prescriber: Client, pharmacist: Client, nurse: Client, clinic: Clinic
) -> None:
    patient = register(prescriber)
    asked_everything(prescriber, patient)
    course = sign_rituximab(prescriber, patient)
    verify(pharmacist, course)
    plan_session(nurse, course)
    session = clinic.ports.log.streams("session/")[0].removeprefix("session/")
    state = state_of(clinic.ports, session)
    actor = Actor("nora", frozenset({"nurse"}))
    handle(clinic.ports, session, CheckIn(state.patient_code), envelope(uuid.uuid4(), "1", "nora", clinic.clock.now()), actor)
    assert f"/sessions/{session}" not in prescriber.get("/decisions").content.decode()
    allergy = RecordFacts((Fact("allergy", ("rituximab",), clinic.clock.now()),))
    handle(clinic.ports, session, allergy, envelope(uuid.uuid4(), "3", "nora", clinic.clock.now()), actor)
    assert "The patient is recorded as allergic to Rituximab." in text_of(prescriber.get("/decisions"))
    reason = {"reasons.screen.allergy:rituximab": "was nausea", "password": PASSWORD}
    done(prescriber, session, "AcceptFindings", **reason)
    assert "You have decided already. This needs two prescribers" in shown(prescriber, session, "screen")
    assert "paula has decided; a second prescriber, not paula, decides too." in shown(nurse, session, "screen")
    handle(clinic.ports, session, ReportReaction(("rigors",)), envelope(uuid.uuid4(), "2", "nora", clinic.clock.now()), actor)
    assert "A reaction is open; nobody has graded it yet." in text_of(prescriber.get("/decisions"))
