"""One audit row for each request that touches patient data: no address can forget it, also when it is denied or leads to nothing."""

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from openinfusion import wiring
from openinfusion.app.bedside import state_of
from openinfusion.app.ports import AuditOutcome, AuditRow
from openinfusion.core.errors import NotSaved
from openinfusion.store.audit import StoredAudit
from tests.web.cast import PASSWORD, Clinic, posted, register, text_of
from tests.web.routes import GIVEN, Route, nothing, routes, rows
from tests.web.ward import give, play, state

WITHOUT_PATIENTS = {
    *("home", "protocols", "protocol", "protocol-version", "protocol-difference", "healthz", "readyz"),
    *("calculators", "calculator", "api:calculate", "complications", "complication-drill", "kinetics"),
    *("api:openapi-json", "api:openapi-view", "api:api-root"),
}
"""Written out here a second time on purpose: a new address must be thought about twice before it leaves no row."""

OF_GATEWAYS = {"api:ingest", "api:show_device"}
OF_THE_DOOR = {"sign-in", "first-sign-in", "sign-out"}

OWNERS = {"decisions": "paula", "pharmacy": "fay", "users": "anna"}
BY = ("nora", "paula", "fay", "anna")


@pytest.fixture
def things(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A running session of one patient, with its order and its pump; live streams may open."""
    from openinfusion.web import live

    session = play(clinic, "iv-rituximab", 99)
    found = state_of(clinic.ports, session)
    monkeypatch.setattr(live.HUB, "poller", SimpleNamespace(position=0))
    return {"patient": found.patient, "course": found.course, "session": session, "device": "pump-1"}


@pytest.fixture
def clients(signed_in: Callable[[str], Client]) -> dict[str, Client]:
    return {name: signed_in(name) for name in BY}


def left(ask: Callable[[], Any], *, is_first: bool = True) -> tuple[Any, list[AuditRow]]:
    """The answer, and the rows that asking left; a first time nothing that was open before covers it."""
    from openinfusion.web.audit import OPEN

    if is_first:
        OPEN.forget()
    before = len(rows())
    answer = ask()
    answer.close()
    return answer, [one.row for one in rows()[before:]]


def with_patients() -> list[Route]:
    return [one for one in routes() if one.name not in WITHOUT_PATIENTS | OF_THE_DOOR | OF_GATEWAYS]


def test_every_address_of_patients_leaves_a_row_for_who_may_for_who_may_not_and_for_what_is_not_there(
    clients: dict[str, Client], things: dict[str, str]
) -> None:
    unaudited = []
    for route in with_patients():
        for name in (*BY, ""):
            client = clients[name] if name else Client()
            for about, what in ((things, "own"), (nothing(), "missing")):
                answer, found = left(partial(route.ask, client, about))
                if not found or found[0].actor != name or not found[0].action.startswith(route.name):
                    unaudited.append((route.name, name, what, answer.status_code))
                elif what == "own" and route.thing:
                    assert (found[0].patient, found[0].resource_id) == (things["patient"], things[route.thing]), route
                elif route.thing:
                    assert (found[0].patient, found[0].resource_id) == ("", about[route.thing]), route
    assert unaudited == []


def test_a_row_says_what_came_of_it(clients: dict[str, Client], things: dict[str, str]) -> None:
    # The administrator reads no chart and the nurse signs no order; a visitor is shown the door; what is not there is missing.
    for route in with_patients():
        may = next((name for name in (OWNERS.get(route.name), *BY) if name and allowed(route, clients[name], things)), None)
        assert may is not None, route
        found = [left(partial(route.ask, c, a))[1][0].outcome for c, a in ((clients[may], things), (Client(), things))]
        assert found[0] in (AuditOutcome.ALLOWED, AuditOutcome.REFUSED), route
        assert found[1] is AuditOutcome.DENIED, route
        may_not = "nora" if route.name in ("users", "decisions", "pharmacy") else "anna"
        assert left(partial(route.ask, clients[may_not], things))[1][0].outcome is AuditOutcome.DENIED, route
        if route.thing:
            assert left(partial(route.ask, clients[may], nothing()))[1][0].outcome is AuditOutcome.MISSING, route


def allowed(route: Route, client: Client, things: dict[str, str]) -> bool:
    answer = route.ask(client, things)
    answer.close()
    return answer.status_code not in (302, 403) or (answer.status_code == 302 and "sign-in" not in str(answer["Location"]))


def test_what_is_not_there_and_what_is_something_else_are_answered_alike_to_every_role(
    clients: dict[str, Client], things: dict[str, str]
) -> None:
    foreign = {"patient": things["session"], "course": things["patient"], "session": things["course"]}
    for route in with_patients():
        if route.thing not in foreign:
            continue
        for name in (*BY, ""):
            missing, other = nothing(), {**nothing(), route.thing: foreign[route.thing]}
            told = []
            for about in (missing, other):
                answer = route.ask(clients[name] if name else Client(), about)
                words = text_of(answer) if answer.status_code != 302 else str(answer["Location"])
                told.append((answer.status_code, re.sub(r"\d+:\d+(:\d+)?", "", words.replace(about[route.thing], "ID"))))
                answer.close()
            assert told[0] == told[1], (route, name)
            assert told[0][0] in ((302, 401, 403) if not name else (403, 404)), (route, name, told[0])


def test_who_may_not_read_learns_nothing_of_what_is_there(clients: dict[str, Client], things: dict[str, str]) -> None:
    for route in with_patients():
        if route.thing:
            own, missing = (route.ask(clients["anna"], about) for about in (things, nothing()))
            assert (own.status_code, text_of(own)) == (403, text_of(missing)), route
            own.close()


def test_addresses_without_patients_leave_no_row(clients: dict[str, Client], things: dict[str, str]) -> None:
    for route in routes():
        if route.name in WITHOUT_PATIENTS:
            for client in (clients["nora"], Client()):
                assert left(partial(route.ask, client, things))[1] == [], route
    assert left(lambda: clients["nora"].get("/nothing/here"))[1] == []
    assert left(lambda: Client().get("/sign-in"))[1] == []


def test_a_row_holds_ids_and_sign_in_names_and_nothing_that_a_chart_says(clinic: Clinic, nurse: Client) -> None:
    patient = register(nurse)
    nurse.post("/patients", {"q": "Example"})
    nurse.get(f"/patients/{patient}")
    written = " ".join(str(one.row) for one in rows())
    for word in ("Example", "Erika", "MRN-1", "1980", "555"):
        assert word not in written
    assert {one.row.place for one in rows()} == {"127.0.0.1"}
    assert [(one.row.action, one.row.patient) for one in rows()] == [("patient-new", patient), ("patients", ""), ("patient", patient)]
    assert {(one.row.actor, one.row.roles) for one in rows()} == {("nora", ("nurse",))}


def test_a_command_stands_in_the_row_by_its_kind(nurse: Client, things: dict[str, str]) -> None:
    found = left(lambda: give(nurse, things["session"], "Pause", reason="toilet"))[1]
    assert [(one.action, one.outcome) for one in found] == [("session", "allowed"), ("session-act Pause", "allowed")]


def test_an_open_page_that_fetches_by_itself_leaves_one_row_in_ten_minutes(
    nurse: Client, signed_in: Callable[[str], Client], things: dict[str, str], monkeypatch: pytest.MonkeyPatch, clinic: Clinic
) -> None:
    monkeypatch.setattr(wiring, "CLOCK", clinic.clock)
    address = f"/sessions/{things['session']}/panel"
    assert [len(left(lambda: nurse.get(address), is_first=False)[1]) for _ in range(3)] == [1, 0, 0]
    assert len(left(lambda: signed_in("nils").get(address), is_first=False)[1]) == 1
    clinic.clock.at += timedelta(minutes=10)
    assert len(left(lambda: nurse.get(address), is_first=False)[1]) == 1


def test_a_gateway_leaves_a_row_when_it_is_turned_away_and_none_for_what_the_record_holds_whole(
    clinic: Clinic, things: dict[str, str]
) -> None:
    token = wiring.gateways(clinic.clock).create("ward-3")
    client, good = Client(), {"Authorization": f"Bearer {token}"}
    bad = {"Authorization": "Bearer nonsense"}
    for route in (one for one in routes() if one.name in OF_GATEWAYS):
        assert [one.outcome for one in left(partial(route.ask, client, things, **bad))[1]] == ["denied"]
        found = left(partial(route.ask, client, nothing(), **good))[1]
        assert [(one.actor, one.roles) for one in found] == [("ward-3", ("device",))]
        assert found[0].outcome == ("missing" if route.thing else "refused")
    assert left(lambda: client.get("/api/devices/pump-1", headers=good))[1] == []
    forged = left(lambda: client.get("/api/devices/x%0Aforged%1B[31m", headers=bad))[1]
    assert all(one.resource_id.isprintable() for one in forged)


# Sign-in, signatures, users
def test_signing_in_and_out_and_failing_to_are_rows(clinic: Clinic) -> None:
    client = Client()
    client.post("/sign-in", posted(name="nora", password="wrong"))
    client.post("/sign-in", posted(name="my password in the wrong field", password="x"))
    client.post("/sign-in", posted(name="nora", password=PASSWORD))
    client.post("/sign-out")
    found = [(one.row.actor, one.row.action, one.row.resource_id, one.row.outcome.value) for one in rows()]
    assert found == [
        ("", "sign-in", "nora", "denied"),
        ("", "sign-in", "", "denied"),
        ("nora", "sign-in", "nora", "allowed"),
        ("nora", "sign-out", "", "allowed"),
    ]
    assert "password in" not in str(rows())


def test_a_signature_that_is_refused_is_a_row_with_the_name_that_was_used(nurse: Client, things: dict[str, str]) -> None:
    found = left(lambda: give(nurse, things["session"], "EnterCheck", signer="nils", password="wrong"))[1]
    assert (found[-1].action, found[-1].resource_id, found[-1].outcome) == ("session-act EnterCheck signature", "nils", "denied")
    assert (found[-1].actor, found[-1].patient) == ("nora", things["patient"])


def test_who_was_added_and_whose_code_was_made_anew_are_rows(administrator: Client) -> None:
    administrator.post("/users", posted(name="m.silva", role="nurse"))
    administrator.post("/users", {"again": "nora"})
    found = [(one.row.actor, one.row.action, one.row.method, one.row.resource, one.row.resource_id) for one in rows()]
    assert found == [("anna", "users", "POST", "user", "m.silva"), ("anna", "users", "POST", "user", "nora")]


# When a row cannot be stored
@pytest.fixture
def no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: StoredAudit, *rows: AuditRow) -> None:
        if rows:
            raise NotSaved("database or disk is full")

    monkeypatch.setattr(StoredAudit, "write", full)


@pytest.mark.usefixtures("no_rows")
def test_a_chart_that_cannot_be_audited_is_not_shown_and_says_so(
    nurse: Client, things: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    for address in ("/board", f"/patients/{things['patient']}", f"/sessions/{things['session']}", f"/live/sessions/{things['session']}"):
        answer = nurse.get(address)
        assert answer.status_code == 503, address
        assert answer.headers["Retry-After"] == "5"
        assert "saved" in text_of(answer)
        assert "Pat" not in text_of(answer) or "rituximab" not in text_of(answer).lower()
    told = nurse.get(f"/api/sessions/{things['session']}")
    assert (told.status_code, told.json()["error"]["code"]) == (507, "not-saved")
    assert [one.getMessage() for one in caplog.records if one.name == "openinfusion.audit"][:1] == ["an audit row was not stored"]


@pytest.mark.usefixtures("no_rows")
def test_emergency_treatment_and_records_go_on_without_a_row_and_the_failure_is_logged(
    nurse: Client, things: dict[str, str], clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    session = things["session"]
    answer = nurse.post(f"/sessions/{session}/do/TreatAsAnaphylaxis", posted())
    assert answer.status_code == 302
    assert state(clinic, session).reaction is not None
    assert nurse.get(f"/sessions/{session}/at/reaction").status_code == 200
    body = {"command_id": posted()["command_id"], "occurred_at": clinic.clock.now().isoformat(), "command": {"type": "Stop", "reason": "x"}}
    assert nurse.post(f"/api/sessions/{session}/commands", body, content_type="application/json").status_code in (201, 400)
    assert "an audit row was not stored" in caplog.messages


def test_without_its_table_nothing_is_shown(nurse: Client, things: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE audit_row")
    assert nurse.get(f"/patients/{things['patient']}").status_code == 503
    assert nurse.get("/protocols").status_code == 200


def test_the_reasons_why_an_address_leaves_no_row_are_the_ones_of_this_file() -> None:
    from openinfusion.web.audit import NO_PATIENT_DATA

    assert NO_PATIENT_DATA - {""} == WITHOUT_PATIENTS
    assert GIVEN["stage"] != "reaction"
