"""What belongs nowhere yet: a person sees it on the board, reads what to do, and says that it was looked at; nothing is thrown away."""

import pytest
from django.test import Client

from openinfusion import wiring
from tests.web.cast import Clinic, text_of
from tests.web.test_api import REPORT, ingest, message


@pytest.fixture
def token(clinic: Clinic) -> str:
    return wiring.gateways(clinic.clock).create("ward-3")


def test_a_message_of_an_unknown_pump_is_announced_on_the_board_and_says_what_to_do(nurse: Client, token: str, clinic: Clinic) -> None:
    assert "waits for a person" not in text_of(nurse.get("/board"))
    assert ingest(token, message(clinic, device="pump-77", report=REPORT)).status_code == 202
    assert "1 message waits for a person" in text_of(nurse.get("/board"))
    page = text_of(nurse.get("/held"))
    assert "A message of pump-77 came, and no open session has this device. It is kept and changed nothing." in page
    assert "Look which patient the device serves and join it to that session." in page


def test_what_cannot_be_read_is_shown_as_it_came_and_inert(nurse: Client, token: str, clinic: Clinic) -> None:
    ingest(token, '{"device": "<script>alert(1)</script>')
    answer = nurse.get("/held")
    assert "What came cannot be read" in text_of(answer)
    assert "<script>alert(1)" not in answer.content.decode()
    assert "&lt;script&gt;alert(1)" in answer.content.decode()


def test_who_has_looked_at_it_says_so_once_and_the_text_stays(nurse: Client, token: str, clinic: Clinic) -> None:
    ingest(token, "{")
    [one] = wiring.quarantine(clinic.clock).waiting()
    assert "stays in the store" in text_of(nurse.post("/held", {"id": str(one.id)}, follow=True))
    assert "Nothing waits." in text_of(nurse.get("/held"))
    assert "looked at it already" in text_of(nurse.post("/held", {"id": str(one.id)}, follow=True))


def test_a_post_that_names_nothing_is_refused(nurse: Client, clinic: Clinic) -> None:
    assert nurse.post("/held", {"id": "all"}).status_code == 400


def test_who_reads_no_chart_sees_nothing_that_waits(administrator: Client, clinic: Clinic) -> None:
    assert administrator.get("/held").status_code == 403
    assert administrator.post("/held", {"id": "1"}).status_code == 403
    assert Client().get("/held").status_code == 302
