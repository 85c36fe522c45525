"""Claim: an alarm is visible in another browser within 1 s at the 99th percentile, counted from the commit of the sample that crosses the
limit.

A demo store in a temporary folder with labour epidurals that run, the server as a process of its own, Chromium with two people in browsers
of their own: one looks at the floor board, one at the page of the session that alarms. A gateway sends a systolic pressure below the
protocol's limit; its answer, 201, comes after COMMIT; from then on time counts until the words of the alarm are painted in each browser.
Then good values end the alarm, and the next one comes. The other sessions' monitors speak meanwhile, each every ten seconds at 1 Hz.

Both clocks are of one machine. Prints one JSON object; what the two pages show is told apart, and the claim is about both.

    .venv/bin/python benchmarks/alarm_latency.py [--sessions 20] [--alarms 200]
"""

import argparse
import asyncio
import json
import logging
import os
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from _ward import PASSWORD, Clock, fill, served
from playwright.async_api import Error, Page, async_playwright

from openinfusion.app import bedside
from openinfusion.app.access import Role
from openinfusion.app.commands import envelope
from openinfusion.app.ports import Ports
from openinfusion.core.administration.commands import AssociateDevice
from openinfusion.core.administration.parts import Actor

LIMIT_MS = 1000
FLAGS = [
    *(
        "--no-sandbox",
        "--disable-renderer-backgrounding",
        "--disable-backgrounding-occluded-windows",
        "--disable-background-timer-throttling",
    ),
]
"""Two windows lie one over the other here; on two desks neither is hidden, and none is drawn more rarely for it."""

TURN_S = 10
MINUTE = 99
LOW, GOOD = "65", "118"
"""Below the limit of 70 mmHg of the labour protocol, and a value that crosses none."""

SEEN = """([session, wanted]) => new Promise((done, failed) => {
  const find = () => [...document.querySelectorAll(`[data-alarm][data-session="${session}"]`)]
    .some((one) => one.textContent.includes("65 mmHg") && one.offsetParent !== null);
  const told = () => {
    const now = () => done(performance.timeOrigin + performance.now());
    requestAnimationFrame(() => setTimeout(now));
    setTimeout(now, 100);  // a window without a screen is not always drawn
  };
  if (find() === wanted) return told();
  const watch = new MutationObserver(() => { if (find() === wanted) { watch.disconnect(); told(); } });
  watch.observe(document.body, { childList: true, subtree: true, characterData: true });
  setTimeout(() => failed(new Error("not seen within 20 s")), 20000);
})"""
"""When the alarm is painted, or gone, in milliseconds since 1970."""


def join(ports: Ports, session: str, monitor: str, now: datetime) -> None:
    """A nurse joins a monitor to the session; the example has none."""
    sent = envelope(uuid.uuid4(), {"device": monitor}, "n-amara", now)
    bedside.handle(ports, session, AssociateDevice(monitor, "monitor"), sent, Actor("n-amara", frozenset({Role.NURSE.value})))


class Gateway:
    """Monitors that speak through one gateway."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client, self._token, self._said = client, token, 0

    async def samples(self, n: int, values: Sequence[str], every_ms: int = 1000) -> float:
        """One block of systolic pressures up to now; returns when it was answered, in milliseconds since 1970."""
        self._said += 1
        start = datetime.now(UTC) - timedelta(milliseconds=every_ms * (len(values) - 1))
        block = {
            "start": start.isoformat(),
            "times_ms": [every_ms * s for s in range(len(values))],
            "channels": {"bp.systolic": {"unit": "mm[Hg]", "values": [*values]}},
        }
        told = {"message_id": str(uuid.uuid4()), "device_seq": self._said, "occurred_at": datetime.now(UTC).isoformat()}
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = await self._client.post("/api/ingest", json={**told, "device": f"monitor-{n}", "samples": block}, headers=headers)
        assert answer.status_code == 201, answer.text
        return time.time() * 1000

    async def floor(self, others: Sequence[int]) -> None:
        """The monitors of the other sessions, each in its turn of ten seconds."""
        while True:
            began = time.monotonic()
            for place, n in enumerate(others):
                await self.samples(n, [GOOD] * TURN_S)
                await asyncio.sleep(max(0.0, (place + 1) * TURN_S / len(others) - (time.monotonic() - began)))


async def seen(page: Page, session: str, *, wanted: bool = True) -> float:
    """When the alarm is painted, or gone. A page that loads itself anew meanwhile, as a board may, is looked at again."""
    while True:
        try:
            return float(await page.evaluate(SEEN, [session, wanted]))
        except Error as error:
            if "context was destroyed" not in str(error):
                raise
            await page.wait_for_load_state()


async def signed_in(page: Page, name: str) -> None:
    """Sign in as this person."""
    await page.goto("/sign-in")
    await page.fill("[name=name]", name)
    await page.fill("[name=password]", PASSWORD)
    async with page.expect_navigation():
        await page.click("main button[type=submit]")


async def measure(address: str, token: str, sessions: Sequence[str], alarms: int) -> dict[str, Any]:
    """Raise one alarm after the other and look at both pages."""
    board_ms: list[float] = []
    page_ms: list[float] = []
    async with async_playwright() as driver, httpx.AsyncClient(base_url=address, timeout=60) as client:
        browser = await driver.chromium.launch(
            executable_path=os.environ.get("OPENINFUSION_TEST_CHROMIUM") or "/usr/bin/chromium", args=FLAGS
        )
        board, page = [await (await browser.new_context(base_url=address)).new_page() for _ in range(2)]
        await signed_in(board, "nora")
        await signed_in(page, "nils")
        await board.goto("/board")
        gateway, chance = Gateway(client, token), random.Random(7)  # noqa: S311 - waits, no secret
        for n in range(len(sessions)):
            await gateway.samples(n, [GOOD] * 5)
        load = asyncio.create_task(gateway.floor(range(1, len(sessions))))
        await page.goto(f"/sessions/{sessions[0]}/at/run")
        await page.keyboard.press("Tab")  # somebody works on it: it does not load itself anew
        await board.wait_for_timeout(3000)
        for _ in range(alarms):
            await asyncio.sleep(chance.random())
            waits = [asyncio.create_task(seen(one, sessions[0])) for one in (board, page)]
            await asyncio.sleep(0.05)
            committed = await gateway.samples(0, [LOW])
            for found, wait in zip((board_ms, page_ms), waits, strict=True):
                found.append(await wait - committed)
            await gateway.samples(0, [GOOD] * 5, 10)  # so close together that all of them are newer than the low one
            await asyncio.gather(*(seen(one, sessions[0], wanted=False) for one in (board, page)))
        assert not load.done(), load.result()
        load.cancel()
        await asyncio.gather(load, return_exceptions=True)
        await browser.close()
    return {
        "sessions": len(sessions),
        "alarms": alarms,
        "load": round(os.getloadavg()[0], 1),
        **{f"board_{name}": figure for name, figure in figures(board_ms).items()},
        **{f"page_{name}": figure for name, figure in figures(page_ms).items()},
        "limit_ms": LIMIT_MS,
        "holds": figures(board_ms + page_ms)["p99_ms"] <= LIMIT_MS,
    }


def figures(times: Sequence[float]) -> dict[str, float]:
    """Median, 99th percentile and the longest, in milliseconds."""
    return {
        "median_ms": round(statistics.median(times)),
        "p99_ms": round(statistics.quantiles(times, n=100, method="inclusive")[-1]),
        "most_ms": round(max(times)),
    }


def main() -> None:
    """Fill, serve, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--alarms", type=int, default=200)
    asked = parser.parse_args()
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="openinfusion-alarm-") as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        sessions: list[str] = []

        def played(ports: Ports, clock: Clock, session: str, n: int) -> None:
            clock.at = datetime.now(UTC)
            join(ports, session, f"monitor-{n}", clock.at)
            sessions.append(session)

        token = fill(home, "ep-labour.yaml", MINUTE, asked.sessions, ("nora", "nils"), played)
        with served(home) as server:
            found = asyncio.run(measure(server.address, token, sessions, asked.alarms))
    print(json.dumps(found))
    sys.exit(0 if found["holds"] else 1)


if __name__ == "__main__":
    main()
