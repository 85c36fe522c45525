"""Each visitor lands on a page with work that only their role can finish."""

import re
from collections.abc import Callable
from typing import Any

from demo.tests.cast import Centre
from openinfusion import wiring
from openinfusion.app.access import ACTIONS, COMMANDS, Action, Role
from openinfusion.core.administration import commands as c
from openinfusion_demo.people import NEWCOMER, PASSWORD, sign_ins


def first_page(client: Any) -> tuple[str, str]:
    """Where somebody lands, and what it says."""
    answer = client.get("/", follow=True)
    assert answer.status_code == 200
    page = re.sub(r"<(script|style|svg).*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return answer.redirect_chain[-1][0], " ".join(re.sub(r"<[^>]+>", " ", page).split())


def name_of(centre: Centre, therapy: str) -> str:
    story = next(one for one in centre.roster.stories if one.therapy == therapy)
    who = story.player(centre.ports).scenario.patient
    return f"{who.family_name}, {who.given_name}"


def test_a_prescriber_finds_an_order_that_only_a_second_prescriber_can_agree_to(centre: Centre, signed_in: Callable[[str], Any]):
    for visitor in ("dr.ito", "dr.sato"):
        address, page = first_page(signed_in(visitor))
        assert address == "/decisions"
        assert name_of(centre, "infliximab_to_cosign") in page
    assert ACTIONS[Action.COSIGN_ORDER] == {Role.PRESCRIBER}


def test_a_pharmacist_finds_an_order_to_verify_and_a_container_to_prepare(centre: Centre, signed_in: Callable[[str], Any]):
    address, page = first_page(signed_in("ph.lang"))
    assert address == "/pharmacy"
    assert name_of(centre, "ceftriaxone_to_verify") in page
    assert name_of(centre, "infliximab_to_prepare") in page
    assert ACTIONS[Action.VERIFY_ORDER] == {Role.PHARMACIST}


def test_each_nurse_finds_the_patient_who_waits_for_a_second_person_and_for_the_start(centre: Centre, signed_in: Callable[[str], Any]):
    for visitor in ("n.amara", "n.boye"):
        address, page = first_page(signed_in(visitor))
        assert address == "/board"
        assert name_of(centre, "rituximab_to_check") in page
    assert COMMANDS[c.StartInfusion] == {Role.NURSE}


def test_the_administrator_finds_a_newcomer_whose_code_nobody_else_can_give(centre: Centre, signed_in: Callable[[str], Any]):
    wiring.users(centre.clock).create_user(NEWCOMER, Role.NURSE)
    address, page = first_page(signed_in("administrator"))
    assert address == "/users"
    assert NEWCOMER in page
    assert ACTIONS[Action.MANAGE_USERS] == {Role.ADMINISTRATOR}


def test_the_sign_in_page_names_every_visitor_and_the_password():
    text = sign_ins()
    assert PASSWORD in text
    for visitor in ("dr.ito", "dr.sato", "ph.lang", "n.amara", "n.boye", "administrator"):
        assert visitor in text
