"""The board on a wall: what is read at 4 m is large enough there on every screen it is made for, alarms stand first, and screens tell what
they showed and whether they can be heard."""

import json
import math
import re
import uuid
from pathlib import Path

import pytest
from django.test import Client

from openinfusion.app import screens
from openinfusion.core.administration import events as e
from openinfusion.core.monitoring.sound import Hearing
from openinfusion.web.views.board import INCHES, USUAL_INCH
from tests.web.cast import Clinic, posted, text_of
from tests.web.test_board import alarm
from tests.web.ward import done, play, shown, state

CSS = (Path(__file__).parents[2] / "src/openinfusion/web/static/web/css/wall.css").read_text(encoding="utf-8")
MM_OF_WIDTH_PER_INCH = 25.4 * 16 / math.hypot(16, 9)  # a screen of 16:9
CAPITALS = 0.7  # of the size of a font, a little less than Arial, Roboto, DejaVu and Liberation have
ENOUGH_ARCMIN = 20  # FAA human factors, dynamic or critical text at least 20 minutes of arc (hf.faa.gov, character and symbol size)


def arcmin(selector: str, inch: int, metres: float) -> float:
    """The height of a capital as the eye sees it from so far away."""
    sizes = re.findall(rf"{re.escape(selector)} {{[^}}]*font-size: calc\(([\d.]+)vw / var\(--inch\)\)", CSS)
    assert sizes, selector
    mm = min(map(float, sizes)) / inch / 100 * MM_OF_WIDTH_PER_INCH * inch * CAPITALS
    return math.degrees(math.atan(mm / 1000 / metres)) * 60


@pytest.mark.parametrize("inch", INCHES)
def test_priority_chair_and_state_are_read_at_4_m_and_the_cause_at_2_m(inch: str) -> None:
    for selector in (".wall .far", ".wall .chair-card .word", ".wall .connection:not([hidden])"):
        assert arcmin(selector, int(inch), 4) >= ENOUGH_ARCMIN
    assert arcmin(".wall .near", int(inch), 2) >= ENOUGH_ARCMIN
    assert (f".wall-{inch} {{ --inch: {inch}; }}" in CSS) != (inch == USUAL_INCH)
    assert f".wall {{ --inch: {USUAL_INCH};" in CSS


def test_what_is_read_from_afar_is_the_chair_the_priority_and_the_state_and_the_screen_may_say_its_size(
    nurse: Client, clinic: Clinic
) -> None:
    session = play(clinic, "iv-rituximab", 93)
    alarm(clinic, session, "high")
    page = nurse.get("/board?wall&inch=75").content.decode()
    assert 'class="floor wall wall-75"' in page
    far = " ".join(found[1] for found in re.findall(r'<(p|h2|span) class="far[^"]*">(.*?)</\1>', page, re.DOTALL))
    for said in ("Ex. Ri.", "HIGH", "RUNNING"):
        assert said in far
    assert "wall-55" in nurse.get("/board?wall&inch=9999").content.decode()


def test_an_alarm_says_where_it_was_shown_first_and_no_screen_is_asked_twice(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)
    alarm(clinic, session, "high")
    for address in (f"/sessions/{session}/panel", f"/sessions/{session}/at/run", "/board", "/board?wall"):
        [mark] = re.findall(r'data-alarm="flow-while-stopped"[^>]*>', nurse.get(address).content.decode())
        assert "data-shown" not in mark
    body = {"command_id": str(uuid.uuid4()), "occurred_at": clinic.clock.now().isoformat()}
    sent = {**body, "command": {"type": "ShowAlarm", "key": "flow-while-stopped", "screen": "bay-2"}}
    assert nurse.post(f"/api/sessions/{session}/commands", json.dumps(sent), content_type="application/json").status_code == 201
    assert state(clinic, session).alarms["flow-while-stopped"].shown_at == clinic.clock.now()
    for address in (f"/sessions/{session}/at/run", "/board", "/board?wall"):
        [mark] = re.findall(r'data-alarm="flow-while-stopped"[^>]*>', nurse.get(address).content.decode())
        assert "data-shown" in mark


def test_a_silence_covers_what_was_seen_and_a_high_one_that_nobody_saw_goes_on_to_sound(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)
    alarm(clinic, session, "high")
    assert "Silence for 2 min" in shown(nurse, session, "run")
    done(nurse, session, "PauseSound", screen="bay-2")
    page = nurse.get(f"/sessions/{session}/at/run").content.decode()
    assert 'data-sounding="high"' in page
    done(nurse, session, "AcknowledgeAlarm", key="flow-while-stopped")
    done(nurse, session, "PauseSound", screen="bay-2")
    page = nurse.get(f"/sessions/{session}/at/run").content.decode()
    assert 'data-sounding="" data-then="high" data-paused-until=' in page
    assert "silent by nora for" in text_of(nurse.get(f"/sessions/{session}/at/run"))
    assert 'data-sounding="" data-then="high" data-paused-until=' in nurse.get("/board").content.decode()
    assert [one.event.screen for one in clinic.ports.log.read(f"session/{session}") if isinstance(one.event, e.SoundPaused)] == [
        "bay-2",
        "bay-2",
    ]


def test_a_screen_that_nobody_heard_is_named_on_the_board_until_somebody_does(nurse: Client, clinic: Clinic) -> None:
    page = nurse.get("/board").content.decode()
    assert "data-sound-off" in page
    assert "Without scripts this page makes no sound" in page
    assert nurse.post("/screens/tested", posted(screen="bay-2", heard="no")).status_code == 201
    assert "Screens that nobody can hear: bay-2" in text_of(nurse.get("/board?wall"))
    form = posted(screen="bay-2", heard="yes")
    assert [nurse.post("/screens/tested", form).status_code for _ in range(2)] == [201, 200]
    assert screens.screen(clinic.ports, "bay-2").hearing is Hearing.HEARD
    assert "Screens that nobody can hear" not in text_of(nurse.get("/board"))
    assert nurse.post("/screens/tested", posted(screen="bay 2; drop", heard="yes")).status_code == 400
