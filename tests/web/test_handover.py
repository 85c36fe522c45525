"""The hand-over: what the next nurse needs, both nurses named, one action for all patients and their alarms, and nothing twice."""

import re

from django.test import Client

from openinfusion.core.administration import events as e
from tests.web.cast import PASSWORD, Clinic, posted, text_of
from tests.web.test_board import alarm
from tests.web.ward import play, shown, state


def told(clinic: Clinic, session: str) -> list[tuple[str, e.HandedOver]]:
    return [(one.actor, one.event) for one in clinic.ports.log.read(f"session/{session}") if isinstance(one.event, e.HandedOver)]


def test_one_action_gives_all_ticked_patients_with_their_alarms_to_a_nurse_who_signs(nurse: Client, clinic: Clinic) -> None:
    first, second, third = play(clinic, "iv-rituximab", 93), play(clinic, "im-influenza-vaccine", 12), play(clinic, "sc-ig", 21, "3")
    alarm(clinic, first, "high")
    form = posted(session=[first, second, third], take=[first, second], to="nils", password=PASSWORD)
    answer = nurse.post("/hand-over", form)
    assert answer.status_code == 302, text_of(answer)
    assert told(clinic, first) == [("nora", e.HandedOver("nils", ("flow-while-stopped",)))]
    assert [event.to for _by, event in told(clinic, second)] == ["nils"]
    assert told(clinic, third) == []
    nurse.post("/hand-over", form)  # the same action once more
    assert len(told(clinic, first)) == 1
    assert state(clinic, first).carer == "nils"
    card = nurse.get("/board").content.decode().partition(f'id="card-{first}"')[2].partition("</li>")[0]
    assert "nils" in card
    assert "Handed over" in text_of(nurse.get(f"/sessions/{first}/record"))
    assert "Handed over: nils" in shown(nurse, first, "run")


def test_the_page_says_situation_background_assessment_and_what_is_to_do(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 155)
    alarm(clinic, session, "high")
    page = text_of(nurse.get(f"/hand-over?session={session}"))
    # examples/iv-rituximab.yaml: 750 mg, cannula in the right forearm, reaction of grade 2 after 154 min
    for said in (
        "Example, Rita",
        "HIGH",
        "Situation",
        "750 mg",
        "Background",
        "Assessment",
        "Reaction",
        "To do",
        "ran at 75 mL/h",
    ):
        assert said in page, said
    assert page.index("HIGH") < page.index("Situation") < page.index("Background") < page.index("Assessment") < page.index("To do")


def test_nothing_is_handed_over_without_the_signature_of_another_nurse(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "im-influenza-vaccine", 12)
    for to, password, says in (
        ("nils", "wrong", "do not belong together"),
        ("nora", PASSWORD, "cannot be you"),
        ("paula", PASSWORD, "Only a nurse"),
    ):
        answer = nurse.post("/hand-over", posted(session=session, take=session, to=to, password=password))
        assert answer.status_code == 400
        assert says in text_of(answer)
    assert nurse.post("/hand-over", posted(session=session, to="nils", password=PASSWORD)).status_code == 400
    assert told(clinic, session) == []


def test_ones_own_patients_are_shown_first_and_those_of_others_can_be_chosen(nurse: Client, clinic: Clinic) -> None:
    mine, other = play(clinic, "iv-rituximab", 93, "1"), play(clinic, "im-influenza-vaccine", 12)
    nurse.post("/hand-over", posted(session=mine, take=mine, to="nils", password=PASSWORD))
    page = nurse.get("/hand-over").content.decode()
    assert "No patient here is yours" in page
    assert set(re.findall(r"hand-over\?session=([0-9a-f-]+)", page)) == {mine, other}


def test_a_prescriber_reads_the_sheet_and_hands_nobody_over(prescriber: Client, clinic: Clinic) -> None:
    session = play(clinic, "im-influenza-vaccine", 12)
    assert 'name="take"' not in prescriber.get(f"/hand-over?session={session}").content.decode()
    assert prescriber.post("/hand-over", posted(session=session, take=session, to="nils", password=PASSWORD)).status_code == 403
    assert told(clinic, session) == []
