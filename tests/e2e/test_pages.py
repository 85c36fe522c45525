"""Every page and every stage as people meet it: axe finds nothing serious, nothing runs off the side from a telephone to a wall display or
at 200 % zoom, every target is large enough for a glove, motion can be switched off, and the record prints."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import BrowserContext, Page

from tests.e2e.conftest import AT_WORK, sign_in
from tests.e2e.site import Site

NewContext = Callable[..., BrowserContext]

STAGES = ("check-in", "screen", "access", "premedicate", "verify", "run", "observe", "discharge", "reaction")
WIDTHS = (360, 640, 1920, 1280)
"""Telephone, half of a 1280 px window (which is what 200 % zoom leaves), wall display, desk."""
CALCULATIONS = (
    "/calculators/drop-rate",
    "/calculators/infusion-time?volume=1,500&volume.unit=mL&amount=5",
    "/calculators/creatinine-clearance?sex=female&age=62+a&weight=150+lb&creatinine=1.1+mg/dL",
    "/calculators/split-dose?dose=10+mg/kg&weight=70+kg&fractions=0.25,0.75",
    "/calculators/syringe-mark?volume=0.425+mL&as=L",
)
"""Calculators empty, refused, worked out with findings, and with a picture."""
GLOVE_PX = 48
SMALLEST_PX = 24  # WCAG 2.2, 2.5.8: what stands in a sentence or a table of figures

_LOOK = {"resultTypes": ["violations"], "iframes": False, "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_RUNS_OFF = """() => {
  const wide = document.documentElement.scrollWidth, room = document.documentElement.clientWidth;
  if (wide <= room) return [];
  return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > room + 1 && !e.closest('.scroll'))
    .slice(-3).map(e => e.outerHTML.slice(0, 160));
}"""
_TOO_SMALL = """([glove, smallest]) => {
  const shown = e => e.offsetParent !== null && getComputedStyle(e).visibility !== 'hidden' && !e.closest('.skip, .visually-hidden');
  const box = e => (e.matches('input[type=radio], input[type=checkbox]') && e.labels[0] || e).getBoundingClientRect();
  const inText = e => e.matches('a:not(.button)') && e.closest('p, td, li, dd, .help');
  return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(shown)
    .filter(e => { const at = box(e); return at.height < (inText(e) ? smallest - 4 : glove) - 0.5; })
    .map(e => `${Math.round(box(e).height)} px: ${e.outerHTML.slice(0, 140)}`);
}"""


def addresses(centre: Site) -> Iterator[tuple[str, str]]:
    """Who opens which page."""
    running, labour = centre.therapies["running"], centre.therapies["labour"]
    yield "", "/sign-in"
    yield "", "/first-sign-in"
    yield "anna", "/users"
    yield "paula", "/decisions"
    yield "fay", "/pharmacy"
    yield "paula", f"/patients/{running['patient']}/order"
    yield "paula", f"/patients/{running['patient']}/order/iv-rituximab"
    yield "paula", f"/patients/{running['patient']}/levels?model=vancomycin-goti-2018"
    yield "fay", f"/sessions/{centre.therapies['checking']['session']}/preparation"
    for name in ("allergies", "body", "conditions", "medicines", "laboratory", "access", "therapy"):
        yield "nora", f"/patients/{running['patient']}/facts/{name}"
    for page in ("", "/identity", "/fhir"):
        yield "nora", f"/patients/{running['patient']}{page}"
    for page in ("/patients", "/patients/new", "/protocols", "/protocols/iv-rituximab", "/protocols/ep-labour", "/board", "/board?wall"):
        yield "nora", page
    for page in ("/calculators", *CALCULATIONS, "/complications?q=air", "/kinetics?model=enoxaparin-feng-2006&dose=4000+[iU]"):
        yield "nora", page
    for page in (f"/orders/{running['course']}", f"/orders/{running['course']}/leaflet", f"/sessions/{labour['session']}/at/run"):
        yield "nora", page
    for therapy in ("arriving", "waiting", "checking", "blocked", "reacting", "staying", "gone", "vaccine", "home"):
        yield "nora", f"/sessions/{centre.therapies[therapy]['session']}"
    for stage in STAGES:
        yield "nora", f"/sessions/{running['session']}/at/{stage}"
    yield "nora", f"/sessions/{centre.therapies['gone']['session']}/record"
    yield "nora", f"/sessions/{running['session']}/scores/news2"
    yield "nora", f"/hand-over?session={running['session']}&session={centre.therapies['reacting']['session']}"


def visited(centre: Site, new_context: NewContext) -> Iterator[tuple[str, Page]]:
    """Each page, opened by the person whose work it is; the folded parts are open."""
    context, who = new_context(centre), ""
    context.add_init_script(AT_WORK)
    page = context.new_page()
    for name, address in addresses(centre):
        if name != who:
            context.clear_cookies()
            sign_in(page, name)
            who = name
        page.goto("about:blank")  # a page that loads itself anew, as a live one may, would break off the next address
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")
        yield address, page


def faults(page: Page, axe: Axe) -> list[str]:
    """What is wrong with the page that is shown."""
    found = [one for one in axe.run(page, options=_LOOK).response["violations"] if one["impact"] in ("serious", "critical")]
    wrong = [f": {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]
    wrong += [f": {small}" for small in page.evaluate(_TOO_SMALL, [GLOVE_PX, SMALLEST_PX])]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wrong += [f" at {width} px: {what}" for what in page.evaluate(_RUNS_OFF)]
    return wrong


@pytest.mark.timeout(300)  # every page of the program, each looked at in five widths
def test_every_page_is_clean_for_axe_fits_a_glove_and_runs_off_no_screen(centre: Site, new_context: NewContext) -> None:
    axe, wrong = Axe(), []
    for address, page in visited(centre, new_context):
        wrong += [f"{address}{fault}" for fault in faults(page, axe)]
    assert wrong == []


def test_nothing_moves_for_people_who_asked_for_less_motion(centre: Site, new_context: NewContext) -> None:
    page = sign_in(new_context(centre, reduced_motion="reduce").new_page(), "nora")
    page.goto(f"/sessions/{centre.therapies['blocked']['session']}")
    moving = "[...document.querySelectorAll('*')].filter(e => parseFloat(getComputedStyle(e).animationDuration) > 0.01).length"
    assert page.locator(".alarm").count() > 0
    assert page.evaluate(moving) == 0


def test_the_record_prints_without_what_is_only_for_the_screen_and_with_its_warning(centre: Site, new_context: NewContext) -> None:
    page = sign_in(new_context(centre).new_page(), "nora")
    page.goto(f"/sessions/{centre.therapies['gone']['session']}/record")
    page.emulate_media(media="print")
    assert page.locator("nav.menu").is_hidden()
    assert page.get_by_role("button", name="Print").is_hidden()
    for part in ("NOT FOR CLINICAL USE", "Example, Gone", "E2E-8", "375 mL", "n-amara", "n-boye"):
        assert part in page.locator("body").inner_text(), part
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 less its margins, at 96 px to the inch
    assert page.evaluate(_RUNS_OFF) == []
