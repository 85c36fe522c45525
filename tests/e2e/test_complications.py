"""Complications in a browser, by keys alone: a drill from the list to its last call, and a script led at the chair."""

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import BrowserContext, expect

from tests.e2e.conftest import sign_in
from tests.e2e.keyboard import Keyboard
from tests.e2e.site import Site

expect.set_options(timeout=30_000)  # a busy machine answers late

NewContext = Callable[..., BrowserContext]


def test_a_drill_is_found_and_led_to_its_last_call_by_keys_alone(centre: Site, new_context: NewContext) -> None:
    page = sign_in(new_context(centre).new_page(), "nora")
    keys = Keyboard(page)
    page.goto("/complications")
    keys.enter(page.locator("#q"), "air")
    keys.press("Enter")
    keys.to(page.get_by_role("link", name="Drill Air in a vein"))
    keys.press("Enter")
    expect(page.locator("h1")).to_have_text("DRILL: Air in a vein")
    steps = page.locator(".steps-of-script > li")
    for n in range(steps.count()):
        expect(steps.nth(n).locator("button")).to_be_focused()  # the next step waits for Enter
        keys.press("Enter")
        expect(steps.nth(n).locator(".sign.good")).to_be_visible()
    keys.to(page.locator(".calls button"))
    keys.press("Enter")
    expect(page.locator(".calls")).to_contain_text("called at")
    expect(page.get_by_text("This is practice.")).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert keys.pointers_used() == 0


def test_a_script_is_opened_and_led_at_the_chair_by_keys_alone(centre: Site, new_context: NewContext) -> None:
    page = sign_in(new_context(centre).new_page(), "nora")
    keys = Keyboard(page)
    session = centre.therapies["running"]["session"]
    page.goto(f"/sessions/{session}/at/run")
    keys.to(page.locator("#cx-what"))
    page.keyboard.type("Air in")
    keys.to(page.get_by_role("button", name="Chart it and open its steps"))
    keys.press("Enter")
    script = page.locator("article.script")
    expect(script.locator("h3")).to_have_text("Air in a vein")
    keys.to(script.locator(".steps-of-script > li").first.locator("button"))
    keys.press("Enter")
    expect(script.locator(".steps-of-script > li").first.locator(".sign.good")).to_be_visible()
    keys.to(script.locator(".calls button"))
    keys.press("Enter")
    expect(script.locator(".calls")).to_contain_text("called at")
    assert keys.pointers_used() == 0
