"""The floor board: HIGH alarm first, then what is due next; state in words; a wall without full names."""

import re
from typing import Any

from django.test import Client

from openinfusion.app.commands import envelope
from openinfusion.core.administration.commands import RaiseAlarm
from tests.web.cast import Clinic, text_of
from tests.web.ward import done, play, state


def order_of(client: Client) -> list[str]:
    return re.findall(r'id="card-([0-9a-f-]+)"', client.get("/board").content.decode())


def alarm(clinic: Clinic, session: str, priority: str) -> None:
    from uuid import uuid4

    from openinfusion.app import bedside
    from openinfusion.core.administration.parts import Actor

    command = RaiseAlarm("flow-while-stopped", "flow-while-stopped", priority, physiological=False)
    sent = envelope(uuid4(), {"n": str(uuid4())}, "watch", clinic.clock.now())
    bedside.handle(clinic.ports, session, command, sent, Actor("watch", frozenset({"device"})))


def test_a_high_alarm_that_nobody_has_seen_stands_first(nurse: Client, clinic: Clinic) -> None:
    running, reacting = play(clinic, "iv-rituximab", 93, "1"), play(clinic, "iv-rituximab", 155, "2")
    alarming = play(clinic, "iv-rituximab", 99, "3")
    alarm(clinic, alarming, "high")
    assert order_of(nurse) == [alarming, reacting, running]
    done(nurse, alarming, "AcknowledgeAlarm", key="flow-while-stopped")
    assert order_of(nurse)[0] == alarming


def test_within_one_weight_what_is_due_next_comes_first(nurse: Client, clinic: Clinic) -> None:
    later, sooner = play(clinic, "iv-rituximab", 93, "1"), play(clinic, "iv-rituximab", 135, "2")
    # vital signs each 30 min: charted at 91 and 127 min of the example, so they are due in 28 and in 22 min
    assert order_of(nurse) == [sooner, later]
    times = re.findall(r'data-due="([^"]+)"', nurse.get("/board").content.decode())
    assert times == sorted(times)


def test_a_card_says_state_rate_next_change_and_what_is_owed(nurse: Client, clinic: Clinic) -> None:
    play(clinic, "iv-rituximab", 93)
    page = text_of(nurse.get("/board"))
    for said in ("Example, Rita", "1970-03-01", "rituximab", "RUNNING", "50 mL/h", "next: 75 mL/h", "Blood pressure"):
        assert said in page
    assert re.search(r"data-until=", nurse.get("/board").content.decode())


def test_what_was_ordered_and_not_confirmed_is_never_shown_as_running(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)
    done(nurse, session, "Pause", reason="toilet")
    page = text_of(nurse.get("/board"))
    assert "PAUSE ordered – not confirmed" in page
    assert "RUNNING" not in page
    assert "before it rested" in page
    assert 'class="near rate"' not in nurse.get("/board?wall").content.decode()  # from afar a rate means that it flows


def test_the_sum_line_counts_what_has_to_be_looked_at(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 93)
    alarm(clinic, session, "medium")
    done(nurse, session, "Stop", reason="enough")
    page = text_of(nurse.get("/board"))
    assert "1 stop not confirmed" in page.replace("stop not confirmed 1", "1 stop not confirmed")
    assert state(clinic, session).stop_confirmed_at is None


def test_the_wall_has_no_full_name_and_no_birth_date(nurse: Client, clinic: Clinic) -> None:
    play(clinic, "iv-rituximab", 93)
    page = text_of(nurse.get("/board?wall"))
    assert "Example" not in page
    assert "1970-03-01" not in page
    assert "Ex. Ri." in page


def test_planned_sessions_are_expected_and_closed_ones_are_gone(nurse: Client, clinic: Clinic) -> None:
    planned, closed = play(clinic, "iv-rituximab", 5), play(clinic, "iv-rituximab", 430)
    page = nurse.get("/board").content.decode()
    assert "Expected" in page
    assert f"card-{planned}" in page
    assert f"card-{closed}" not in page


def test_a_second_look_reads_no_stream_again(nurse: Client, clinic: Clinic, django_assert_max_num_queries: Any) -> None:
    for n in range(3):
        play(clinic, "iv-rituximab", 93, str(n))
    nurse.get("/board")
    with django_assert_max_num_queries(12):
        nurse.get("/board")


def test_who_reads_no_chart_sees_no_board(administrator: Client, clinic: Clinic) -> None:
    assert administrator.get("/board").status_code == 403
