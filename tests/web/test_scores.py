"""Scores at the chair: filled from the newest values, worked out on the server, charted by their scale; places and blocks drawn."""

import re
from datetime import timedelta

from django.test import Client

from openinfusion.core.quantity import Quantity
from tests.web.cast import Clinic, posted, text_of
from tests.web.ward import done, play, shown, state

# RCP 2017, chart 1: 22/min = 2, 94 % = 1, air = 0, 104 mm[Hg] = 1, 112/min = 2, 38.4 Cel = 1, alert = 0; 7 is the high band
NEWS2 = {"rr": "22", "spo2": "94", "o2": "no", "sbp": "104", "hr": "112", "temp": "38.4", "acvpu": "A", "pregnant": "no"}
CALM = {"erythema": "yes", **dict.fromkeys(("pain", "oedema", "streak", "cord", "drainage"), "no")}


def test_news2_takes_the_newest_vitals_with_their_time_and_leaves_total_and_changed_values_in_the_record(
    nurse: Client, clinic: Clinic
) -> None:
    session = play(clinic, "iv-rituximab", 93)
    address = f"/sessions/{session}/scores/news2"
    page = nurse.get(address).content.decode()
    assert re.search(r'name="rr"[^>]*value="14"', page)  # examples/iv-rituximab.yaml: breathing 14/min before the step
    assert re.search(r"Charted [-\d: ]+ by monitor-1\.|Charted [-\d: ]+ by n-amara\.", text_of(nurse.get(address)))
    answer = nurse.post(address, posted(on="run", **NEWS2, **{"rr.unit": "/min", "temp.unit": "Cel"}))
    assert answer.status_code == 302
    assert answer["Location"].endswith("/at/run#scores")
    seen = state(clinic, session).seen
    assert (seen["news2"].reading.value, seen["news2"].reading.scale) == (Quantity(7, "{score}"), "NEWS2")
    assert seen["resp_rate"].reading.value == Quantity(22, "/min")
    assert seen["oxygen"].reading.value == "air"
    record = text_of(nurse.get(f"/sessions/{session}/record"))
    assert "NEWS2 7 (NEWS2)" in record
    assert 'name="readings.news2"' not in nurse.get(f"/sessions/{session}/at/run").content.decode()


def test_what_is_missing_is_not_charted_and_a_total_that_was_posted_counts_for_nothing(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)
    before = state(clinic, session)
    answer = nurse.post(f"/sessions/{session}/scores/news2", posted(rr="22", total="1", news2="1"))
    assert answer.status_code == 422
    assert "Nothing was charted" in text_of(answer)
    assert state(clinic, session) == before
    assert nurse.get(f"/sessions/{session}/scores/drop-rate").status_code == 404


def test_a_value_that_is_due_again_is_left_empty(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)
    clinic.clock.passes(timedelta(minutes=45))  # vital signs each 30 min
    assert re.search(r'name="rr"[^>]*value=""', nurse.get(f"/sessions/{session}/scores/news2").content.decode())


def test_a_grade_of_a_place_needs_its_place_and_stands_there_with_its_time(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)
    address = f"/sessions/{session}/scores/phlebitis"
    assert nurse.post(address, posted(place="", **CALM)).status_code == 422
    assert nurse.post(address, posted(place="right-forearm", **CALM)).status_code == 302
    clinic.clock.passes(timedelta(minutes=20))
    assert nurse.post(address, posted(place="right-forearm", **{**CALM, "pain": "yes"})).status_code == 302
    done(nurse, session, "RecordComplication", complication="cx.infiltration", grade="2", site="left-hand", stay="run")
    said = shown(nurse, session, "run").partition("Places on the body")[2]
    # INS 2011: erythema alone 1, pain with erythema 2
    assert said.index("Phlebitis grade: 2") < said.index("Phlebitis grade: 1")
    assert "grade 2" in said.partition("Back of the left hand")[2]
    picture = nurse.get(f"/sessions/{session}/record").content.decode().partition('class="body-picture"')[2]
    assert "2: Right forearm" in picture.partition("</desc>")[0]


def test_a_block_is_drawn_for_each_side_with_its_method_in_words(nurse: Client, clinic: Clinic) -> None:
    labour = play(clinic, "ep-labour", 99)
    page = nurse.get(f"/sessions/{labour}/at/observe").content.decode()
    assert "Height of the block: left T10, right T10" in page  # examples/ep-labour.yaml, one level for both sides
    answer = nurse.post(f"/sessions/{labour}/scores/block-level", posted(left="T8", right="T10", method="cold", on="observe"))
    assert answer.status_code == 302
    seen = state(clinic, labour).seen
    assert [(seen[code].reading.value, seen[code].reading.scale) for code in ("sensory_level.left", "sensory_level.right")] == [
        ("T8", "cold"),
        ("T10", "cold"),
    ]
    assert "Height of the block: left T8, right T10 (cold)" in nurse.get(f"/sessions/{labour}/record").content.decode()


def test_the_scores_that_are_offered_follow_the_route(nurse: Client, clinic: Clinic) -> None:
    vein, labour = shown(nurse, play(clinic, "iv-rituximab", 93), "run"), shown(nurse, play(clinic, "ep-labour", 99, "2"), "run")
    assert "Visual infusion phlebitis score" in vein
    assert "Height of a block" not in vein
    assert "Height of a block" in labour
    assert "Visual infusion phlebitis score" not in labour


def test_the_drawing_for_scripts_holds_rate_values_and_events_on_one_clock(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 155)
    told = nurse.get(f"/sessions/{session}/chart").json()
    assert told["strips"][0]["kind"] == "rate"
    assert {"Blood pressure", "Pulse", "Temperature"} <= {strip["label"] for strip in told["strips"]}
    assert all(
        len(curve["y"]) == len(strip["x"]) and strip["x"] == sorted(strip["x"]) for strip in told["strips"] for curve in strip["series"]
    )
    reactions = [one for one in told["events"] if one["grave"]]
    assert [one["text"] for one in reactions] == ["Reaction"]  # examples/iv-rituximab.yaml: one reaction
    assert [one["n"] for one in told["events"]] == list(range(1, len(told["events"]) + 1))
    assert "Reaction" in shown(nurse, session, "run").partition("Rate, values and events on one clock")[2]
