"""The first page of each role, and the administrator's people."""

from django.test import Client

from tests.web.cast import Clinic, posted, text_of


def test_each_role_lands_on_its_own_page(prescriber: Client, pharmacist: Client, administrator: Client) -> None:
    assert prescriber.get("/")["Location"] == "/decisions"
    assert pharmacist.get("/")["Location"] == "/pharmacy"
    assert administrator.get("/")["Location"] == "/users"


def test_a_first_page_is_closed_to_other_roles(prescriber: Client, pharmacist: Client, nurse: Client, administrator: Client) -> None:
    for address, owner in (("/decisions", prescriber), ("/pharmacy", pharmacist), ("/users", administrator)):
        for client in (prescriber, pharmacist, nurse, administrator):
            assert client.get(address).status_code == (200 if client is owner else 403), address
        assert Client().get(address).status_code == 302


def test_an_empty_page_says_that_nothing_waits(prescriber: Client, pharmacist: Client) -> None:
    assert "Nothing waits for you." in text_of(prescriber.get("/decisions"))
    assert "No order waits for you." in text_of(pharmacist.get("/pharmacy"))


def test_the_administrator_adds_a_person_whose_code_opens_the_door(administrator: Client, clinic: Clinic) -> None:
    answer = administrator.post("/users", posted(name="m.silva", role="nurse"))
    page = text_of(answer)
    assert "One-time code for m.silva" in page
    code = page.split("One-time code for m.silva ")[1].split()[0]
    chosen = "four unrelated words here"
    assert Client().post("/first-sign-in", posted(code=code, password=chosen, again=chosen)).status_code == 302


def test_a_name_that_is_taken_or_not_usable_adds_nobody(administrator: Client) -> None:
    taken = administrator.post("/users", posted(name="nora", role="nurse"))
    assert taken.status_code == 400
    assert "already taken" in text_of(taken)
    odd = administrator.post("/users", posted(name="no blanks", role="nurse"))
    assert odd.status_code == 400


def test_a_new_code_replaces_the_lost_one(administrator: Client) -> None:
    administrator.post("/users", posted(name="m.silva", role="nurse"))
    assert "One-time code for m.silva" in text_of(administrator.post("/users", {"again": "m.silva"}))
    assert "nobody of this name" in text_of(administrator.post("/users", {"again": "nobody"}))
