"""What a screen does with alarms in a real browser: draws while values come, tells what it showed, is tested by ear, fills a wall."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.e2e.conftest import sign_in
from tests.e2e.site import Site

NewContext = Callable[..., BrowserContext]
_OUTSIDE = """() => [...document.querySelectorAll('.wall .chair-card:not([hidden])')]
  .filter((one) => one.getBoundingClientRect().bottom > innerHeight + 1).map((one) => one.id)"""


def test_a_screen_draws_tells_what_it_showed_is_heard_and_fills_a_wall(centre: Site, new_context: NewContext) -> None:
    page = sign_in(new_context(centre, viewport={"width": 1280, "height": 1400}).new_page(), "nora")
    page.goto(f"/sessions/{centre.therapies['labour']['session']}/at/run")
    expect(page.locator(".live-chart canvas").first).to_be_visible()
    expect(page.locator("[data-sound-off]")).to_contain_text("SOUND OFF")
    page.locator("[data-sound-off] [data-sound-test]").click()
    page.locator("[data-sound-asked] [name=screen]").fill("bay-2")
    page.get_by_role("button", name="I heard them").click()
    expect(page.locator("[data-sound-on]")).to_contain_text("bay-2")
    expect(page.locator("#panel [data-alarm][data-shown]").first).to_be_visible()
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto("/board?wall")
    expect(page.locator(".wall .chair-card:visible").first).to_be_visible()
    ranks = [int(one.get_attribute("data-rank") or 9) for one in page.locator(".wall .chair-card:visible").all()]
    assert ranks == sorted(ranks)
    assert page.evaluate(_OUTSIDE) == []
