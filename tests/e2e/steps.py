"""What a site does before the chair, through the pages: first sign-in, signing a protocol, patient, facts, order, container."""

import re
from collections.abc import Mapping, Sequence

from playwright.sync_api import Page

from tests.e2e.site import PASSWORD

CHANGED = "This session changed after your page was shown"
"""What a page says when something happened between its showing and the press; a person looks and presses once more."""

Answers = Mapping[str, str | Sequence[str]]


def first_sign_in(page: Page, code: str) -> None:
    """Turn a one-time code into a password of one's own."""
    page.goto("/first-sign-in")
    page.fill("[name=code]", code)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    sent(page, "Set my password")


def sent(page: Page, button: str) -> None:
    """Press the button; the page that follows must not be a refusal."""
    with page.expect_navigation():
        page.get_by_role("button", name=button).first.click()
    refused = page.locator(".error-summary")
    assert refused.count() == 0, refused.all_inner_texts()


def answer(page: Page, answers: Answers, within: str = "main") -> None:
    """Fill in fields by their names: text, one of several, or a list of ticks."""
    for name, text in answers.items():
        fields = page.locator(f'{within} [name="{name}"]:not([type=hidden])')
        match fields.first.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type"):
            case "radio" | "checkbox":
                for one in [text] if isinstance(text, str) else text:
                    fields.and_(page.locator(f'[value="{one}"]')).check()
            case "select":
                for place, one in enumerate([text] if isinstance(text, str) else text):
                    fields.nth(place).select_option(one)
            case _:
                fields.first.fill(str(text))


def give(page: Page, command: str, answers: Answers | None = None, among: str = "") -> str:
    """Fill in and send the form of a command at the chair, once more when something happened in between; returns what the next page
    says."""
    form = f'main form[action$="/do/{command}"]' + (f":has({among})" if among else "")
    for folded in page.locator(f"details:not([open]):has({form})").all():
        folded.locator("summary").first.click()
    answer(page, answers or {}, form)
    button = page.locator(f"{form} button[type=submit]").last
    with page.expect_navigation():
        button.click()
    if CHANGED in words(page):
        with page.expect_navigation():
            button.click()
    return words(page)


def words(page: Page) -> str:
    """What the page says, on one line."""
    return " ".join(page.locator("main").inner_text().split())


def sign_protocol(page: Page, protocol: str) -> None:
    """Sign the content as it stands."""
    page.goto(f"/protocols/{protocol}")
    page.fill("[name=password]", PASSWORD)
    sent(page, "Sign this protocol")


def register(page: Page, person: Answers) -> str:
    """Register a patient; returns the id."""
    page.goto("/patients/new")
    answer(page, person)
    sent(page, "Register")
    return page.url.rsplit("/", 1)[1]


def record(page: Page, patient: str, subject: str, answers: Answers) -> None:
    """Record facts of one subject."""
    page.goto(f"/patients/{patient}/facts/{subject}")
    answer(page, answers)
    sent(page, "Save")


def harmless(page: Page) -> dict[str, str]:
    """The answer that speaks against nothing, for every question of this page that has one."""
    found = page.eval_on_selector_all("main input[type=radio]", "all => all.map(e => [e.name, e.value])")
    return {name: value for name, value in found if value in ("no", "none")}


def order(page: Page, patient: str, protocol: str, choices: Answers) -> str:
    """Work an order out, give a reason for what asks for one, sign it; returns the course."""
    page.goto(f"/patients/{patient}/order/{protocol}")
    answer(page, choices)
    sent(page, "Work it out")
    for field in page.locator('[name^="reason."]').all():
        field.fill("weighed and accepted")
    page.fill("[name=password]", PASSWORD)
    sent(page, "Sign this order")
    return page.url.rsplit("/", 1)[1]


def verify(page: Page, course: str) -> None:
    """Verify an order as its pharmacist."""
    page.goto(f"/orders/{course}")
    page.fill("[name=password]", PASSWORD)
    sent(page, "Verify this order")


def plan_session(page: Page, course: str) -> str:
    """Plan the first session; returns it."""
    page.goto(f"/orders/{course}")
    sent(page, "Plan session 1")
    address = page.get_by_role("link", name="Open session").first.get_attribute("href")
    return str(address).rsplit("/", 1)[1]


def prepare(page: Page, session: str, container: Answers) -> str:
    """Release a container; returns its code."""
    page.goto(f"/sessions/{session}/preparation")
    answer(page, container)
    sent(page, "Release")
    found = re.findall(r"C-[0-9A-Z]{7}[0-9A-Z*~$=+]", page.locator("main").inner_text())
    return str(found[-1])


def wristband(page: Page, patient: str) -> str:
    """The code on the patient's wristband."""
    page.goto(f"/patients/{patient}")
    found = re.search(r"P-[0-9A-Z]{7}[0-9A-Z*~$=+]", page.locator("main").inner_text())
    assert found is not None
    return found.group(0)
