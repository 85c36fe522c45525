"""What the session page says when a figure may not hold: the pump against the count, a value outside what is plausible."""

from django.test import Client

from tests.web.cast import Clinic
from tests.web.ward import done, play, shown, state


def test_while_the_pump_stands_still_the_page_shows_its_volume_beside_what_rate_and_time_count(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 140)  # the scenario: the line is blocked, the run stays ordered
    blocked = state(clinic, session)
    assert blocked.pump is not None
    assert blocked.pump.alarm == "occlusion-downstream"
    assert "counted by rate and time; the pump said" in shown(nurse, session, "run")


def test_while_the_pump_bears_the_chart_out_one_volume_is_shown(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 99)
    assert "the pump said" not in shown(nurse, session, "run")


def test_a_value_outside_what_is_plausible_is_kept_and_asked_about(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 99)
    # table plausibility-1: a systolic pressure above 300 mmHg is outside what is plausible
    done(nurse, session, "RecordObservation", **{"readings.bp.systolic": "900", "readings.bp.systolic.unit": "mm[Hg]"})
    page = shown(nurse, session, "run")
    assert "900 mmHg" in page
    assert "outside what is plausible: measure again" in page
