"""What two people see at the same moment, and what a page does while its server is away and when it comes back."""

import re
import uuid
from collections.abc import Callable, Iterator

import httpx
from playwright.sync_api import BrowserContext

from tests.e2e.conftest import sign_in
from tests.e2e.site import PASSWORD, Site

NewContext = Callable[..., BrowserContext]
OCCLUSION = "The line is blocked between pump and patient."


def report(centre: Site, device: str, seq: int, state: str, alarm: str = "") -> None:
    """What a pump says through its gateway."""
    at = centre.now().isoformat()
    told = {"message_id": str(uuid.uuid4()), "device": device, "device_seq": seq, "occurred_at": at, "sent_at": at}
    answer = centre.device_says({**told, "report": {"state": state, "rate": {"value": "50", "unit": "mL/h"}, "alarm": alarm}})
    assert answer.status_code == 201, answer.text


def test_one_nurse_sees_an_alarm_and_the_other_browser_follows(centre: Site, new_context: NewContext) -> None:
    address = f"/sessions/{centre.therapies['blocked']['session']}"
    first, second = (sign_in(new_context(centre).new_page(), name) for name in ("nora", "nils"))
    for page in (first, second):
        page.goto(address)
        page.locator(".alarm:not(.seen)", has_text=OCCLUSION).wait_for()
    first.locator(".alarm", has_text=OCCLUSION).get_by_role("button", name="I have seen it").click()
    first.locator(".alarm.seen", has_text=OCCLUSION).wait_for()
    second.locator(".alarm.seen", has_text="seen by nora").wait_for()


def test_a_board_says_that_its_server_is_away_and_goes_on_when_it_is_back(centre: Site, new_context: NewContext) -> None:
    page = sign_in(new_context(centre).new_page(), "nora")
    page.goto("/board")
    card = page.locator(f"#card-{centre.therapies['running']['session']}")
    assert OCCLUSION not in card.inner_text()
    # architecture.md 11: SIGTERM ends the live streams, and the process within 3 s
    assert centre.stop() <= 3
    page.locator("#connection").wait_for()
    assert "What you see may be old" in page.locator("#connection").inner_text()
    centre.start()
    page.locator("#connection").wait_for(state="hidden")
    report(centre, "pump-4", 900, "alarm", "occlusion-downstream")
    card.get_by_text(OCCLUSION).wait_for()


def test_a_stream_that_was_cut_is_told_what_it_missed(centre: Site) -> None:
    with httpx.Client(base_url=centre.address, headers={"Referer": centre.address}, timeout=20) as client:
        page = client.get("/sign-in").text
        hidden = dict(re.findall(r'name="(csrfmiddlewaretoken|command_id)" value="([^"]+)"', page))
        assert client.post("/sign-in", data={**hidden, "name": "nora", "password": PASSWORD}).status_code == 302
        with client.stream("GET", "/live/board") as stream:
            lines = stream.iter_lines()
            report(centre, "pump-6", 900, "paused")
            seen = _next_id(lines)
        centre.stop()
        centre.start()
        report(centre, "pump-6", 901, "stopped")
        with client.stream("GET", "/live/board", headers={"Last-Event-ID": seen}) as stream:
            missed = _next_id(stream.iter_lines())
        assert int(missed) > int(seen)


def _next_id(lines: Iterator[str]) -> str:
    return next(line.removeprefix("id: ") for line in lines if line.startswith("id: "))
