"""Serving: the program's ASGI application with its poller and its watch, the server that runs it, and whether it is well.

Starts and stops things; decides nothing. Stopping ends the live streams first, so that it takes at most three seconds.
"""

import asyncio
import contextlib
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import uvicorn
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from openinfusion import config, wiring
from openinfusion.app import monitoring
from openinfusion.app.ports import Document, Ports
from openinfusion.core.administration.parts import Status
from openinfusion.core.errors import ProtocolError, StoreUnsafe
from openinfusion.web.folding import state_at
from openinfusion.web.house import ports
from openinfusion.web.live import HUB
from openinfusion.web.pages import Receive, Scope, Send

log = logging.getLogger("openinfusion.serving")

Application = Callable[[Scope, Receive, Send], Awaitable[None]]

POLL_S = 0.1
WATCH_S = 1.0
"""A round of the watch begins at least so often; samples that come begin one at once, but for its rest."""

LEAST_REST_S = 0.05
REST = 3
"""After a round the watch rests so many times as long as the round took: the pages have their turn, however much comes."""

STOP_S = 2
SWITCH_S = 0.0005
"""How long a thread may keep the others from running. A page waits for the database many times and each time for its turn; with Python's
usual 5 ms it would wait longer for the watch and the live streams than it works."""

BEHIND = timedelta(seconds=10)
"""A watch that has not finished a round for so long is not well."""

_MOST_SESSIONS = 5000
_NOT_WATCHED = (Status.PLANNED, Status.COMPLETED, Status.STOPPED, Status.NOT_DONE)


class Watch:
    """Looks at every open session once a second, in a thread of its own; `seen_at` is when the last round was done."""

    def __init__(self) -> None:
        self.seen_at: datetime | None = None
        self.problem = ""
        self._looks: monitoring.Watch | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="watch")

    def wake(self) -> None:
        """Something was stored that may begin or end an alarm: the next round does not wait for its second. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.set)

    async def run(self) -> None:
        """Round after round until cancelled; a round that fails is told in the log and tried again."""
        loop = self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        try:
            while True:
                began = loop.time()
                self._news.clear()  # what comes while the round looks begins the next one
                await loop.run_in_executor(self._thread, self._round)
                rest = max(LEAST_REST_S, REST * (loop.time() - began))
                await asyncio.sleep(rest)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), max(0.0, WATCH_S - rest))
        finally:
            self._loop = None
            self._thread.submit(_close_connection)
            self._thread.shutdown(wait=False)

    def _round(self) -> None:
        try:
            house = wiring.ports(config.current())
            looks = self._looks or monitoring.Watch(house, monitoring.alarm_tables(house.library.reference.tables.values()))
            self._looks = looks
            looks.listen()
            failed = [row.key for row in house.models.listed("sessions", "open/", _MOST_SESSIONS) if not _looked(house, row, looks)]
        except Exception as error:  # noqa: BLE001 - whatever fails in a round, the next round is made: nobody else watches
            self._failed(error)
            connection.close()
            return
        self.problem = f"{len(failed)} sessions could not be looked at" if failed else ""
        self.seen_at = house.clock.now()

    def _failed(self, error: Exception) -> None:
        self.problem = type(error).__name__
        log.error("watch round failed: %s", type(error).__name__)


def _close_connection() -> None:
    connection.close()  # that of the thread in which this runs


def _looked(house: Ports, row: Document, looks: monitoring.Watch) -> bool:
    """Look at one session; one that fails does not keep the others from being looked at."""
    try:
        seq = int(str(row.content["seq"]))
        if state_at(house, row.key, seq).status not in _NOT_WATCHED:
            looks.look(row.key, seq)
    except Exception as error:  # noqa: BLE001 - one session's fault may not leave the others unwatched
        log.error("watch of a session failed: %s", type(error).__name__)  # noqa: TRY400 - a trace could hold patient data
        return False
    return True


WATCH = Watch()


class Service:
    """The pages and interfaces with what must run beside them, from the start of the server to its end."""

    def __init__(self, pages: Application) -> None:
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._pages(scope, receive, timed(send))

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        poller = wiring.feed_poller(wiring.event_log())
        HUB.open(poller)
        tasks = [asyncio.create_task(poller.run(POLL_S, _poll_failed)), asyncio.create_task(WATCH.run())]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await HUB.end()
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
        await send({"type": "lifespan.shutdown.complete"})


def timed(send: Send) -> Send:
    """Tell with each answer how long this server took until its first byte, in milliseconds, whatever the request waited for."""
    began = time.perf_counter()

    async def sent(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            took = f"app;dur={(time.perf_counter() - began) * 1000:.1f}".encode()
            message = {**message, "headers": [*message["headers"], (b"server-timing", took)]}
        await send(message)

    return sent


def _poll_failed(error: Exception) -> None:
    log.error("reading the feed failed: %s", type(error).__name__)


class Server(uvicorn.Server):
    """A server that ends its live streams before it waits for its requests."""

    async def shutdown(self, sockets: Any = None) -> None:
        """End the streams, then stop as usual."""
        await HUB.end()
        await super().shutdown(sockets)


def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; returns within three seconds of it. Raises StoreUnsafe before anything is served."""
    from openinfusion.web.asgi import application

    settings = uvicorn.Config(
        application,
        host=host,
        port=port,
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=STOP_S,
        proxy_headers=config.current().behind_proxy,  # else any client could write another's address into the audit rows
    )
    sys.setswitchinterval(SWITCH_S)
    Server(settings).run()


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """That the process answers; says nothing of the store."""
    del request
    return JsonResponse({"alive": True})


@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether patients may be served from here: store, poller, watch, protocol files; 503 with the problems otherwise. One file that is
    left out leaves the others in use: it is told and stops nobody."""
    del request
    broken, left_out = _file_problems()
    problems = [*_store_problems(), *_watch_problems(), *broken]
    return JsonResponse({"ready": not problems, "problems": problems, "left_out": left_out}, status=503 if problems else 200)


def _file_problems() -> tuple[list[str], list[str]]:
    """What keeps all protocols from being read, and what was left out of them."""
    try:
        return [], [*ports().library.problems]
    except ProtocolError as error:
        return [*error.problems], []


def _store_problems() -> list[str]:
    try:
        wiring.check_store(config.current())
    except StoreUnsafe as unsafe:
        return [str(problem) for problem in unsafe.problems]
    except DatabaseError:
        return ["the database does not answer"]
    return []


def _watch_problems() -> list[str]:
    if HUB.poller is None:
        return ["the feed is not read"]
    if WATCH.problem:
        return [WATCH.problem]
    now = ports().clock.now()
    if WATCH.seen_at is not None and now - WATCH.seen_at > BEHIND:
        return ["the watch is behind"]
    return []
