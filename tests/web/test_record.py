"""The administration record on the page: ordered against given, people, pieces that add up, corrections that stay visible."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.contrib.staticfiles.finders import find
from django.test import Client

from openinfusion.app.records import delivered_volume, delivery_of, record
from tests.web.cast import Clinic, text_of
from tests.web.ward import done, play, shown, state


def page_of(client: Client, session: str) -> str:
    answer = client.get(f"/sessions/{session}/record")
    assert answer.status_code == 200, text_of(answer)
    return text_of(answer)


def test_a_whole_therapy_shows_people_containers_pieces_reaction_and_total(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 430)
    page = page_of(nurse, session)
    # 750 mg in 375 mL; n-amara performed, n-boye witnessed; all of it went in (examples/iv-rituximab.yaml)
    for said in ("375 mL", "750 mg", "RX2209", "performer n-amara", "witness n-boye", "grade 2", "at most 37.5 mL/h", "Completed"):
        assert said in page


def test_consent_stands_in_the_record_with_who_when_and_which_information(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-infliximab", 30)
    page = page_of(nurse, session)
    # examples/iv-infliximab.yaml: n-amara, 22 minutes after the start, leaflet-2027-01
    assert "leaflet-2027-01" in page
    [row] = re.findall(
        r'<tr id="e-\d+">(?:(?!</tr>).)*leaflet-2027-01.*?</tr>', nurse.get(f"/sessions/{session}/record").content.decode(), re.DOTALL
    )
    assert "n-amara" in row
    assert f"{clinic.clock.now() - timedelta(minutes=8):%H:%M}" in row
    told = record(state(clinic, session), clinic.ports.library.entries()["iv-infliximab"].protocol, clinic.clock.now())
    assert told["consent"] == {"given": True, "version": "leaflet-2027-01"}
    assert told["kit_complete"] is True


def test_the_record_prints_with_patient_warning_and_total_but_without_menu_and_buttons(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-infliximab", 230)
    page = nurse.get(f"/sessions/{session}/record").content.decode()
    assert 'media="print"' in page
    assert "NOT FOR CLINICAL USE" in page
    assert "250 mL" in text_of(nurse.get(f"/sessions/{session}/record"))
    assert re.search(r'<header class="top[" ]', page)
    style = Path(str(find("web/css/print.css"))).read_text(encoding="utf-8")
    [hidden] = re.findall(r"^([^{}]*){ display: none !important; }", style, re.MULTILINE)
    assert {".top", ".no-print", "form button", ".button"} <= {one.strip() for one in hidden.split(",")}


def test_what_is_printed_of_the_pieces_adds_up_to_the_printed_total(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 250)
    given = delivery_of(state(clinic, session), clinic.clock.now())
    assert sum(Decimal(line.volume.to_json()["value"]) for line in given.segments) == Decimal(given.total.to_json()["value"])
    told = record(state(clinic, session), clinic.ports.library.entries()["iv-rituximab"].protocol, clinic.clock.now())
    assert told["delivered"] == {**delivered_volume(state(clinic, session), clinic.clock.now()).to_json(), "from": "segments"}


def test_what_a_person_settled_stands_as_a_line_of_its_own(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 99)
    done(nurse, session, "Stop", reason="enough")
    bounds = {"lower": "10", "lower.unit": "mL", "upper": "30", "upper.unit": "mL"}
    done(nurse, session, "DeclareAmountUncertain", reason="bag fell", **bounds)
    done(nurse, session, "ReconcileAmount", volume="20", volume__unit="mL", reason="weighed the bag")
    given = delivery_of(state(clinic, session), clinic.clock.now())
    assert given.segments[-1].kind == "settled"
    assert sum(Decimal(line.volume.to_json()["value"]) for line in given.segments) == Decimal(20)
    assert "Settled by a person" in page_of(nurse, session)


def test_a_single_injection_has_no_segment(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "im-ceftriaxone", 30)
    given = delivery_of(state(clinic, session), clinic.clock.now())
    assert given.segments == ()
    assert len(given.injections) == 1


def test_an_entry_in_error_stays_struck_through_with_its_reason(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 99)
    done(nurse, session, "RecordFlush", volume="10", volume__unit="mL")
    seq = state(clinic, session).seq
    done(nurse, session, "CorrectEntry", seq=str(seq), reason="wrong patient")
    answer = nurse.get(f"/sessions/{session}/record")
    row = re.search(rf'<tr id="e-{seq}">.*?</tr>', answer.content.decode(), re.DOTALL)
    assert row is not None
    assert "<del" in row.group(0)
    assert "wrong patient" in row.group(0)
    assert not [one for one in state(clinic, session).segments if one.kind.value == "flush"]


def test_a_check_that_broke_a_rule_is_marked_in_the_chronicle(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 45)
    assert "witness is performer" in page_of(nurse, session)


def test_reasons_against_a_rule_stand_in_the_record(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 386)
    missing = ("observed", "access-removed", "site-covered", "teach-back", "leaflet-given", "contact-given", "nothing-open")
    done(nurse, session, "Discharge", **{f"reasons.{one}": "transferred to the ward" for one in missing})
    assert "transferred to the ward" in page_of(nurse, session)
    assert "closed" in shown(nurse, session)


def test_who_reads_no_chart_reads_no_record(administrator: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 45)
    assert administrator.get(f"/sessions/{session}/record").status_code == 403
