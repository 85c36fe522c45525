"""Complications at the chair: chosen, led step by step with times and calls, all in the record; a drill leaves nothing anywhere."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from openinfusion.core.administration.session import SessionState
from tests.web.cast import Clinic, text_of
from tests.web.ward import done, play, shown, state

DRILL = "/complications/cx.extravasation/drill"


@pytest.fixture
def session(clinic: Clinic) -> str:
    return play(clinic, "iv-rituximab", 99)


def _follow(client: Client, address: str, **given: Any) -> Any:
    answer = client.get(address, given, follow=True)
    assert answer.status_code == 200
    return answer


def test_a_complication_is_chosen_from_a_list_with_those_of_the_route_first(nurse: Client, session: str) -> None:
    page = nurse.get(f"/sessions/{session}/at/run").content.decode()
    likely, _, others = page.partition('<optgroup label="Others">')
    assert "cx.air_embolism" in likely.partition('<optgroup label="By this route">')[2]
    assert "cx.pdph" in others


def test_charting_one_opens_its_steps_in_order_with_whom_to_call(nurse: Client, session: str) -> None:
    where = done(nurse, session, "RecordComplication", complication="cx.air_embolism", grade="0", stay="run")
    assert where.endswith("/at/run")
    page = shown(nurse, session, "run")
    assert page.index("Clamp the line at once") < page.index("Onto the left side") < page.index("Oxygen, 100 %")
    assert "the emergency team" in page
    assert "fast pulse" in page  # asked about


def test_steps_and_calls_are_ticked_with_their_times_and_stay_in_the_record(nurse: Client, session: str, clinic: Clinic) -> None:
    done(nurse, session, "RecordComplication", complication="cx.air_embolism", grade="0", stay="run")
    script = "air-embolism-response-1"
    where = done(nurse, session, "TickStep", script=script, step="air-embolism-clamp", stay="run")
    assert where.endswith("/at/run")
    done(nurse, session, "TickStep", script=script, step="call-emergency-team", stay="run")
    held = state(clinic, session)
    assert held.steps[f"{script}/air-embolism-clamp"] == held.steps[f"{script}/call-emergency-team"] == clinic.clock.at
    assert "called at" in shown(nurse, session, "run")


def test_the_record_tells_each_step_and_call_in_words(nurse: Client, session: str) -> None:
    done(nurse, session, "RecordComplication", complication="cx.air_embolism", grade="0", stay="run")
    done(nurse, session, "TickStep", script="air-embolism-response-1", step="air-embolism-clamp", stay="run")
    done(nurse, session, "TickStep", script="air-embolism-response-1", step="call-emergency-team", stay="run")
    page = text_of(nurse.get(f"/sessions/{session}/record"))
    assert "Air in a vein" in page
    assert "Clamp the line at once" in page
    assert "the emergency team" in page


def test_what_is_over_says_since_when_and_opens_anew_when_it_is_charted_again(nurse: Client, session: str, clinic: Clinic) -> None:
    done(nurse, session, "RecordComplication", complication="cx.vasovagal", grade="0", stay="run")
    done(nurse, session, "TickStep", script="vasovagal-response-1", step="vasovagal-lie-flat", stay="run")
    done(nurse, session, "TickStep", script="vasovagal-response-1", step="over", stay="run")
    assert "Lay flat" not in shown(nurse, session, "run")
    clinic.clock.at += timedelta(minutes=5)
    done(nurse, session, "RecordComplication", complication="cx.vasovagal", grade="0", stay="run")
    page = shown(nurse, session, "run")
    assert "Lay flat" in page
    assert "✓" not in page.partition(" Complication ")[2].partition("Call")[0]


def test_a_step_is_worked_out_for_this_patient(nurse: Client, session: str) -> None:
    # rituximab example: 70 kg; AAGBI lipid 1.5 mL/kg
    done(nurse, session, "RecordComplication", complication="cx.last", grade="0", stay="run")
    page = shown(nurse, session, "run")
    found = re.search(r"bolus: ([\d.]+) mL — infusion: ([\d.,]+) mL/h", page)
    assert found is not None, page
    assert "by the standing order of the site" in page
    assert "mL/kg" not in page.partition("Poisoning by local anaesthetic")[2].partition("What happened")[0]


def test_a_charted_value_that_meets_a_criterion_offers_its_steps_once(nurse: Client, clinic: Clinic) -> None:
    labour = play(clinic, "ep-labour", 40)
    low = {"readings.bp.systolic": "68", "readings.bp.systolic.unit": "mm[Hg]", "stay": "run"}
    assert "Open its steps" not in shown(nurse, labour, "run")
    done(nurse, labour, "RecordObservation", **low)
    page = shown(nurse, labour, "run")
    assert "Systolic pressure below 70 (Westmead standing orders)" in page
    assert "Open its steps" in page
    done(nurse, labour, "RecordComplication", complication="cx.epidural_hypotension", grade="0", stay="run")
    page = shown(nurse, labour, "run")
    assert "Open its steps" not in page
    assert "Push the uterus to the left" in page


def test_a_complication_without_a_script_is_charted_as_before(nurse: Client, session: str, clinic: Clinic) -> None:
    done(nurse, session, "RecordComplication", complication="something of our own", grade="2", stay="run")
    assert ("something of our own", 2, "") in state(clinic, session).complications
    assert shown(nurse, session, "run")


def test_anaphylaxis_still_opens_in_two_presses_from_any_stage(nurse: Client, session: str, clinic: Clinic) -> None:
    done(nurse, session, "ReportReaction")
    done(nurse, session, "TreatAsAnaphylaxis")
    assert state(clinic, session).reactions[-1].emergency_at is not None


@pytest.mark.parametrize(("asked", "has", "lacks"), [("", "Air in a vein", "none"), ("air vein", "Air in a vein", "Needle on bone")])
def test_the_list_is_searched_by_words(nurse: Client, asked: str, has: str, lacks: str) -> None:
    page = text_of(_follow(nurse, "/complications", q=asked))
    assert has in page
    assert lacks not in page


def test_the_list_is_narrowed_by_route(nurse: Client) -> None:
    page = text_of(_follow(nurse, "/complications", route="IM"))
    assert "Needle on bone" in page
    assert "Air in a vein" not in page


def test_a_drill_says_so_and_works_out_the_doses_of_a_made_up_body(nurse: Client) -> None:
    page = text_of(_follow(nurse, "/complications/cx.last/drill", weight="20", age="6"))
    assert page.count("DRILL") >= 2
    assert "bolus: 30 mL — infusion: 5 mL/min" in page  # ASRA below 70 kg: 1.5 mL/kg, 0.25 mL/kg/min
    assert "from 70 kg" not in page


def test_a_tick_of_a_drill_leads_to_the_same_page_with_its_time_and_a_reload_ticks_nothing_again(nurse: Client, clinic: Clinic) -> None:
    first = _follow(nurse, DRILL)
    ticked = _follow(nurse, first.redirect_chain[-1][0], do="extravasation-stop-and-aspirate")
    assert "✓" in text_of(ticked)
    clinic.clock.at += timedelta(minutes=5)
    assert "✓ " in text_of(_follow(nurse, ticked.redirect_chain[-1][0]))
    assert ticked.redirect_chain[-1][0].count("tick=") == 1


def test_a_drill_enters_no_record(nurse: Client, session: str, clinic: Clinic) -> None:
    before: SessionState = state(clinic, session)
    events = clinic.ports.log.head()
    first = _follow(nurse, DRILL, weight="70", age="40")
    for step in ("extravasation-stop-and-aspirate", "extravasation-anthracycline", "call-prescriber", "over"):
        first = _follow(nurse, first.redirect_chain[-1][0], do=step)
    assert state(clinic, session) == before
    assert clinic.ports.log.head() == events


@pytest.mark.parametrize(
    "given",
    [
        {"weight": "NaN", "age": "-3"},
        {"weight": "0"},
        {"weight": "99999999999999999999"},
        {"opened": "9999-12-31T23:59:59+00:00"},
        {"opened": "yesterday"},
        {"tick": "extravasation-remove@0001-01-01T00:00:00+14:00"},
        {"tick": "@"},
        {"do": "no-such-step"},
    ],
)
def test_whatever_stands_in_the_address_of_a_drill_the_steps_are_shown(nurse: Client, given: dict[str, str]) -> None:
    assert "Do not flush" in text_of(_follow(nurse, DRILL, **given))


def test_a_drill_of_nothing_is_not_found(nurse: Client) -> None:
    assert nurse.get("/complications/cx.nothing/drill", follow=True).status_code == 404
