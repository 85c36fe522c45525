"""The calculators in a browser: worked out while one types, by keys alone; without scripts; nothing typed is lost; a sheet of paper."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.e2e.conftest import sign_in
from tests.e2e.keyboard import Keyboard
from tests.e2e.site import PASSWORD, Site

expect.set_options(timeout=30_000)  # a busy machine answers late

NewContext = Callable[..., BrowserContext]
WORKED = "1000 mL × 15 drops/mL / 8 h = 31.25 drops/min"  # 1000 mL * 15 drops/mL / 480 min


def test_the_worked_line_appears_while_somebody_types_by_keys_alone(centre: Site, new_context: NewContext) -> None:
    page = sign_in(new_context(centre).new_page(), "nora")
    keys = Keyboard(page)
    page.goto("/calculators")
    keys.enter(page.locator("#q"), "drops minute")
    keys.press("Enter")
    keys.follow("Drops a minute")
    keys.enter(page.locator("#in-volume"), "1000")
    expect(page.locator("#worked .needed li")).to_have_text(["Time", "Drop factor"])
    keys.enter(page.locator("#in-time"), "480")
    keys.enter(page.locator('[name="time.unit"]'), "min")
    keys.enter(page.locator("#in-drop_factor"), "15")
    expect(page.locator("#worked")).to_contain_text("1000 mL × 15 drops/mL / 480 min = 31.25 drops/min")
    expect(page.locator("#worked .the-result")).to_contain_text("31 drops/min")
    assert page.locator("#in-drop_factor").evaluate("e => document.activeElement === e")
    assert page.url.endswith("/calculators/drop-rate")  # nothing was sent: it answered while one typed
    assert keys.pointers_used() == 0


def test_what_is_wrong_stands_beside_the_entry_while_one_types_and_leaves_when_it_is_right(centre: Site, new_context: NewContext) -> None:
    page = sign_in(new_context(centre).new_page(), "nora")
    page.goto("/calculators/drop-rate?volume=1000+mL&time=8+h&drop_factor=15")
    said = page.locator("#said-volume")
    page.locator("#in-volume").fill("1,000")
    expect(said).to_contain_text("Write it without a comma")
    expect(page.locator("#worked")).to_contain_text("Not worked out")
    assert page.locator("#in-volume").input_value() == "1,000"
    page.locator("#in-volume").fill("1000")
    expect(said).to_be_empty()
    expect(page.locator("#worked")).to_contain_text(WORKED)


def test_a_result_of_an_earlier_entry_says_so_when_the_program_does_not_answer(centre: Site, new_context: NewContext) -> None:
    context = new_context(centre)
    page = sign_in(context.new_page(), "nora")
    page.goto("/calculators/drop-rate?volume=1000+mL&time=8+h&drop_factor=15")
    context.set_offline(True)
    page.locator("#in-volume").fill("2000")
    expect(page.locator("#worked [data-lost]")).to_be_visible()
    assert page.locator("#worked").get_attribute("aria-busy") == "true"
    context.set_offline(False)
    page.locator("#in-volume").fill("1000")
    expect(page.locator("#worked")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("#worked [data-lost]")).to_be_hidden()


def test_after_the_session_ended_what_was_typed_is_there_again_once_signed_in(centre: Site, new_context: NewContext) -> None:
    context = new_context(centre)
    page = sign_in(context.new_page(), "nora")
    page.goto("/calculators/drop-rate?volume=1000+mL&time=8+h")
    context.clear_cookies()
    page.locator("#in-drop_factor").fill("15")
    page.wait_for_url(re.compile("/sign-in"))
    page.fill("[name=name]", "nora")
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    expect(page.locator("#worked")).to_contain_text(WORKED)
    assert page.locator("#in-drop_factor").input_value() == "15"


def test_without_scripts_the_form_comes_back_worked_out(centre: Site, new_context: NewContext) -> None:
    page = sign_in(new_context(centre, java_script_enabled=False).new_page(), "nora")
    page.goto("/calculators/drop-rate")
    for name, text in (("volume", "1000"), ("time", "8"), ("drop_factor", "15")):
        page.locator(f"#in-{name}").fill(text)
    page.get_by_role("button", name="Work it out").click()
    assert WORKED in page.locator("#worked").inner_text()
    assert page.locator("#in-volume").input_value() == "1000"


def test_a_calculation_prints_on_a_sheet_with_its_arithmetic_and_sources(centre: Site, new_context: NewContext) -> None:
    page = sign_in(new_context(centre).new_page(), "nora")
    page.goto("/calculators/drop-rate?volume=1000+mL&time=8+h&drop_factor=15")
    page.emulate_media(media="print")
    assert page.get_by_role("button", name="Work it out").is_hidden()
    assert page.locator("nav.menu").is_hidden()
    for part in ("NOT FOR CLINICAL USE", "31 drops/min", WORKED, "How to calculate a drip rate"):
        assert part in page.locator("body").inner_text(), part
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 less its margins, at 96 px to the inch
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
