"""What changes while people look: server-sent events from the one poller of this process. A stream never asks the database; what changed is
drawn once and handed to everybody who looks at it.

`Last-Event-ID` resumes; a stream that is too far back is told to load its page anew.
"""

import asyncio
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from openinfusion.app.access import Action, require
from openinfusion.app.ports import LiveFeed, Recorded, TooFarBack
from openinfusion.core.administration import events as e
from openinfusion.core.errors import NotFound
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of
from openinfusion.web.views.board import card_of, cards, sums

RETRY_MS = 2000
ALIVE_S = 5.0
"""How often a silent stream says that it is there, so that the page knows when it no longer is."""

SUMS_S = 2.0
GROUPS = 20
"""Viewers are told of a change in so many groups, and requests have their turn between two groups: three hundred streams in one go would
keep a page waiting."""

KEPT = 500
"""How many bursts of changes a board may have missed and still be brought up to date card by card."""

_OF_THE_LIST = (e.SessionPlanned, e.PatientArrived, e.SessionClosed, e.SessionNotDone)
"""Events that change which cards a board has."""

_ROUTINE = (e.ObservationRecorded, e.PumpReported, e.AlarmAcknowledged, e.StepTicked, e.DischargeTicked, e.DiaryRecorded, e.FlowConfirmed)
"""Events after which a form that somebody fills in still stands on a true view."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What one burst of events changed on the board: up to which event, the sessions, and the text for the board and for the wall."""

    number: int
    upto: int
    sessions: tuple[str, ...]
    is_list: bool
    texts: dict[bool, str]


class Hub:
    """The poller of this process, and the board's changes drawn once for each burst of events. Belongs to one event loop."""

    def __init__(self) -> None:
        self.poller: LiveFeed | None = None
        self._frames: deque[Frame] = deque(maxlen=KEPT)
        self._news = [asyncio.Event() for _ in range(GROUPS)]
        self._viewers = {False: 0, True: 0}
        self._sums, self._sums_at = "", 0.0
        self._drawing: asyncio.Task[None] | None = None

    def open(self, poller: LiveFeed) -> None:
        """Streams may open from now on."""
        self.poller = poller
        self._frames.clear()
        self._news = [asyncio.Event() for _ in range(GROUPS)]
        self._viewers = {False: 0, True: 0}
        self._drawing = asyncio.create_task(self._draw(poller))

    async def end(self) -> None:
        """Finish every stream."""
        if self.poller is not None:
            await self.poller.end()
        if self._drawing is not None:
            await self._drawing

    async def _draw(self, poller: LiveFeed) -> None:
        """Burst after burst until the poller ends; nothing is drawn while nobody looks."""
        feed = poller.subscribe(-1)  # from the oldest event in memory on
        pending: asyncio.Future[Recorded] = asyncio.ensure_future(anext(feed))
        number = 0
        while True:
            await asyncio.wait({pending})
            burst: list[Recorded] = []
            try:
                while pending.done():
                    burst.append(pending.result())
                    pending = asyncio.ensure_future(anext(feed))
                    await asyncio.sleep(0)  # what is in memory comes at once
            except StopAsyncIteration:
                await self._publish(None)
                return
            number += 1
            await self._publish(await self._frame(number, burst))

    async def _frame(self, number: int, burst: list[Recorded]) -> Frame:
        told = [one for one in burst if one.stream.startswith("session/")]
        sessions = tuple(dict.fromkeys(one.stream.removeprefix("session/") for one in told))
        is_list = any(isinstance(one.event, _OF_THE_LIST) for one in told)
        upto = burst[-1].id
        wanted = [is_wall for is_wall, viewers in self._viewers.items() if viewers]
        texts = {is_wall: await self._drawn(sessions, upto, is_wall=is_wall, is_list=is_list) for is_wall in wanted}
        return Frame(number, upto, sessions, is_list, texts)

    async def _publish(self, frame: Frame | None) -> None:
        """Hand a frame to everybody who looks, group by group; None ends them."""
        if frame is not None:
            self._frames.append(frame)
        else:
            self.poller = None
        for group, news in enumerate(self._news):
            self._news[group] = asyncio.Event()
            news.set()
            await asyncio.sleep(0)

    async def sums(self) -> str:
        """The line over the board, worked out at most every two seconds."""
        now = asyncio.get_running_loop().time()
        if now - self._sums_at >= SUMS_S:
            self._sums_at = now
            self._sums = await _in_thread(_sums_html)
        return self._sums

    async def board(self, after: int, *, is_wall: bool) -> AsyncIterator[str]:
        """What changes on the board after an event, until the server stops; silence is filled with a sign of life."""
        group = sum(self._viewers.values()) % GROUPS
        self._viewers[is_wall] += 1
        try:
            yield await self._missed(after, is_wall=is_wall)
            seen, sent = self._frames[-1].number if self._frames else 0, ""
            while self.poller is not None:
                news = self._news[group]
                newer = [frame for frame in self._frames if frame.number > seen]
                for frame in newer:
                    seen = frame.number
                    yield frame.texts.get(is_wall, "")
                line = await self.sums()
                if line != sent:
                    sent = line
                    yield _event("sums", line)
                if not newer:
                    yield await _waited(news)
        finally:
            self._viewers[is_wall] -= 1

    async def _missed(self, after: int, *, is_wall: bool) -> str:
        """What a board that comes back has missed: its cards, or that its list is out of date."""
        missed = [frame for frame in self._frames if frame.upto > after]
        if not missed:
            return ""
        is_gap = missed[0] is self._frames[0] and len(self._frames) == KEPT
        sessions = dict.fromkeys(session for frame in missed for session in frame.sessions)
        is_list = is_gap or any(frame.is_list for frame in missed)
        upto = missed[-1].upto
        return await self._drawn(sessions, upto, is_wall=is_wall, is_list=is_list)

    @staticmethod
    async def _drawn(sessions: Iterable[str], upto: int, *, is_wall: bool, is_list: bool) -> str:
        return str(await _in_thread(lambda: drawn(sessions, upto, is_wall=is_wall, is_list=is_list)))


HUB = Hub()


async def _waited(news: asyncio.Event) -> str:
    """Wait for news; a sign of life when there was none for a while."""
    try:
        async with asyncio.timeout(ALIVE_S):
            await news.wait()
    except TimeoutError:
        return ": here\n\n"
    return ""


def drawn(sessions: Iterable[str], upto: int, *, is_wall: bool, is_list: bool) -> str:
    """The events of a burst on the wire: each changed card, and that the list changed where it did."""
    house = ports()
    found = [card_of(house, session, is_wall=is_wall) for session in sessions]
    gone = any(card is None for card in found)
    told = "".join(_event("card", card.html, upto) for card in found if card is not None)
    return told + (_event("list", "", upto) if is_list or gone else "")


async def _in_thread(work: Callable[[], Any]) -> Any:
    def done() -> Any:
        close_old_connections()  # a connection that broke since this thread last drew is opened anew
        return work()

    return await sync_to_async(done, thread_sensitive=False)()


def _sums_html() -> str:
    house = ports()
    return render_to_string("web/board/sums.html", {"sums": sums(cards(house, is_wall=False), house.clock.now())})


@require_GET
async def board(request: HttpRequest) -> HttpResponseBase:
    """The cards of the board as they change."""
    is_wall = "wall" in request.GET
    return await _stream(request, lambda _poller, after: _board_events(after, is_wall=is_wall))


@require_GET
async def session(request: HttpRequest, session: uuid.UUID) -> HttpResponseBase:
    """That a session changed, and whether it changed in a way that a form has to know of."""
    stream = f"session/{session}"
    return await _stream(request, lambda poller, after: _session_events(poller, after, stream), str(session))


Events = Callable[[LiveFeed, int], AsyncIterator[str]]


async def _stream(request: HttpRequest, events: Events, session: str = "") -> HttpResponseBase:
    require(await sync_to_async(actor_of)(request), Action.READ_CHART)
    if session and await sync_to_async(ports().models.get)("sessions", session) is None:
        raise NotFound("session", session)
    poller = HUB.poller
    if poller is None:
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    after = _resumed_from(request, poller)
    answer = StreamingHttpResponse(events(poller, after), content_type="text/event-stream", charset="utf-8")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _resumed_from(request: HttpRequest, poller: LiveFeed) -> int:
    told = request.headers.get("Last-Event-ID", "")
    return int(told) if told.isdecimal() else poller.position


async def _board_events(after: int, *, is_wall: bool) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MS}\n\n"
    async for text in HUB.board(after, is_wall=is_wall):
        if text:
            yield text
    yield f"retry: {RETRY_MS}\n\n"


async def _session_events(poller: LiveFeed, after: int, stream: str) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MS}\n\n"
    async for recorded in _alive(poller, after):
        if recorded is None:
            yield ": here\n\n"
        elif recorded.stream == stream:
            yield _event("changed", str(recorded.seq), recorded.id)
            if not isinstance(recorded.event, _ROUTINE):
                yield _event("moved", str(recorded.seq), recorded.id)
    yield f"retry: {RETRY_MS}\n\n"


async def _alive(poller: LiveFeed, after: int) -> AsyncIterator[Recorded | None]:
    """The events of the feed, and None whenever it was silent for a while; a stream that is too far back ends, and its page loads anew."""
    feed = poller.subscribe(after)
    pending: asyncio.Future[Recorded] = asyncio.ensure_future(anext(feed))
    try:
        while True:
            await asyncio.wait({pending}, timeout=ALIVE_S)
            if not pending.done():
                yield None
                continue
            try:
                yield pending.result()
            except (StopAsyncIteration, TooFarBack):
                return
            pending = asyncio.ensure_future(anext(feed))
    finally:
        pending.cancel()


def _event(name: str, data: str, identity: int | None = None) -> str:
    """One event on the wire; every line of the data has its own prefix."""
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"{f'id: {identity}' + chr(10) if identity is not None else ''}event: {name}\n{lines}\n"
