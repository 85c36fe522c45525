"""A real store with its server and people, and a browser that looks at it.

`openinfusion init`, `users add` and `gateways add` make the site, `openinfusion serve --behind-proxy` serves it with a clock that the test
sets (see `served.py`), and Chromium finds it behind `front.py`. Each file of tests has a site of its own.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.site import PASSWORD, Site

_ARGUMENTS = (
    "--no-sandbox --headless --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync"
).split()
_SLOWEST_MS = 30_000
AT_WORK = "addEventListener('DOMContentLoaded', () => document.body.dispatchEvent(new Event('input', {bubbles: true})))"
"""Somebody has filled in something: a live page stays as it is from its first moment, however slowly it is looked at."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An initialised, real, empty store that is served; `site.codes` holds the one-time code of each person."""
    with Site(tmp_path_factory.mktemp("site")).opened() as opened:
        yield opened


THERAPIES = (
    "arriving:iv-rituximab:15",
    "waiting:iv-rituximab:31.5",
    "checking:iv-rituximab:41.5",
    "running:iv-rituximab:92.5",
    "blocked:iv-rituximab:140",
    "reacting:iv-rituximab:154.5",
    "staying:iv-rituximab:390",
    "gone:iv-rituximab:425",
    "labour:ep-labour:99",
    "vaccine:im-influenza-vaccine:15",
    "home:sc-ig:21",
)
"""Every stage of a session, and every way of giving: name, example and minute of it (see `seed.py`)."""


@pytest.fixture(scope="session")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A demo store whose `therapies` stand at every stage."""
    with Site(tmp_path_factory.mktemp("centre")).opened(*THERAPIES) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Chromium, for one file of tests."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_path, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A function that opens one more browser of its own at a site; a script error on any of its pages fails the test."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def new(at: Site, **options: object) -> BrowserContext:
        context = browser.new_context(base_url=at.address, **{"viewport": {"width": 1280, "height": 900}, **options})  # type: ignore[arg-type]  # playwright's options by name
        context.set_default_timeout(_SLOWEST_MS)
        context.on("weberror", lambda told: errors.append(str(told.error)))
        context.on("console", lambda told: errors.append(told.text) if "Content Security Policy" in told.text else None)
        opened.append(context)
        return context

    yield new
    for context in opened:
        context.close()
    assert errors == []


@pytest.fixture
def page_of(new_context: Callable[..., BrowserContext], site: Site) -> Callable[[str], Page]:
    """The page of one person, always the same one, in a browser of its own; nobody is signed in yet."""
    pages: dict[str, Page] = {}

    def page(name: str) -> Page:
        if name not in pages:
            pages[name] = new_context(site).new_page()
        return pages[name]

    return page


def sign_in(page: Page, name: str) -> Page:
    """Sign in as this person of `site.PEOPLE`."""
    page.goto("/sign-in")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("main button[type=submit]")
    assert "sign-in" not in page.url
    return page
