"""The other ways of giving, in a browser: an injection by pages without scripts, the lockout of an epidural, two places under the skin."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import BrowserContext, Page

from tests.e2e.conftest import AT_WORK, sign_in
from tests.e2e.site import Site
from tests.e2e.steps import give, words

NewContext = Callable[..., BrowserContext]


def at_the_chair(context: BrowserContext, site: Site, therapy: str, stage: str = "") -> Page:
    """A nurse's page of this therapy."""
    context.add_init_script(AT_WORK)
    page = sign_in(context.new_page(), "nora")
    page.goto(f"/sessions/{site.therapies[therapy]['session']}" + (f"/at/{stage}" if stage else ""))
    return page


def test_a_bolus_within_the_lockout_is_refused_although_the_form_is_sent_and_given_after_it(centre: Site, new_context: NewContext) -> None:
    page = at_the_chair(new_context(centre), centre, "labour", "run")
    bolus = page.get_by_role("button", name="Bolus").first
    assert bolus.is_disabled()
    assert "Next possible in" in words(page)
    bolus.evaluate("e => e.disabled = false")
    said = give(page, "RequestBolus")
    assert "Bolus: not done" in said
    assert "What holds a bolus back" in said
    centre.passes(timedelta(minutes=8))
    page.goto(f"/sessions/{centre.therapies['labour']['session']}/at/run")
    before = page.get_by_text(" given.").first.inner_text()
    assert "Saved" in give(page, "RequestBolus")
    assert page.get_by_text(" given.").first.inner_text() != before


def test_an_injection_is_given_and_the_patient_discharged_by_pages_without_scripts(centre: Site, new_context: NewContext) -> None:
    page = at_the_chair(new_context(centre, java_script_enabled=False), centre, "vaccine", "access")
    give(page, "RecordAccess", {"access.route": "IM", "access.device": "im-needle", "access.site": "deltoid-left"})
    page.goto(f"{page.url.split('/at/')[0]}/at/verify")
    assert page.get_by_role("button", name="Injected").is_disabled()
    page.goto(f"/sessions/{centre.therapies['vaccine']['session']}/preparation")
    code = page.locator("main .code", has_text="C-").first.inner_text()
    page.goto(f"/sessions/{centre.therapies['vaccine']['session']}")
    page.fill("#scan-code", code)
    with page.expect_navigation():
        page.get_by_role("button", name="Take").click()
    page.goto(f"/sessions/{centre.therapies['vaccine']['session']}/at/verify")
    give(page, "GiveInjection", {"site": "deltoid-left", "volume": "0.5"})
    page.goto(f"/sessions/{centre.therapies['vaccine']['session']}/at/discharge")
    for item in ("site-covered", "teach-back", "leaflet-given", "contact-given"):
        give(page, "TickDischarge", among=f'[value="{item}"]')
    assert "Discharge: not done" in give(page, "Discharge")  # the quarter of an hour after the vaccine is not over
    centre.passes(timedelta(minutes=16))
    page.goto(f"/sessions/{centre.therapies['vaccine']['session']}/at/discharge")
    assert "Saved" in give(page, "Discharge")
    page.goto(f"/sessions/{centre.therapies['vaccine']['session']}/record")
    assert "Volume 0.5 mL 0.5 mL" in words(page)
    assert "deltoid left" in words(page).lower()


def test_under_the_skin_every_place_is_named_and_their_distance_looked_at(centre: Site, new_context: NewContext) -> None:
    page = at_the_chair(new_context(centre), centre, "home", "verify")
    places = ("abdomen-left", "abdomen-right")
    assert "not done" in give(page, "StartInfusion", {"sites": places[:1]})
    assert "not done" in give(page, "StartInfusion", {"sites": places})
    assert "Saved" in give(page, "StartInfusion", {"sites": places, "gap_confirmed": "yes"})
    page.goto(f"/sessions/{centre.therapies['home']['session']}/record")
    rows = page.locator("[aria-labelledby=r-seg] tbody tr")
    assert rows.count() == 2
    for row, side in zip(rows.all_inner_texts(), ("left", "right"), strict=True):
        assert side in row
