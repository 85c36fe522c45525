"""What changes while people look: server-sent events from the one poller of this process. A stream never asks the database; what changed is
drawn once and handed to everybody who looks at it.

`Last-Event-ID` resumes; a stream that is too far back is told to load its page anew.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from openinfusion.app.access import Action, require
from openinfusion.app.ports import LiveFeed, Recorded, TooFarBack
from openinfusion.core.administration import events as e
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of
from openinfusion.web.views.board import Card, card_of, cards, sums

RETRY_MS = 2000
ALIVE_S = 5.0
"""How often a silent stream says that it is there, so that the page knows when it no longer is."""

SUMS_S = 2.0
_ROUTINE = (e.ObservationRecorded, e.PumpReported, e.AlarmAcknowledged, e.StepTicked, e.DischargeTicked, e.DiaryRecorded, e.FlowConfirmed)
"""Events after which a form that somebody fills in still stands on a true view."""


class Hub:
    """The poller of this process and what was drawn from it. Belongs to one event loop; without a poller no stream opens."""

    def __init__(self) -> None:
        self.poller: LiveFeed | None = None
        self._drawn: dict[tuple[str, int, bool], asyncio.Future[Card | None]] = {}
        self._sums: dict[int, asyncio.Future[str]] = {}

    def open(self, poller: LiveFeed) -> None:
        """Streams may open from now on."""
        self.poller = poller
        self._drawn.clear()
        self._sums.clear()

    async def end(self) -> None:
        """Finish every stream."""
        if self.poller is not None:
            await self.poller.end()

    async def card(self, session: str, position: int, *, is_wall: bool) -> Card | None:
        """The card of a session as it stands, drawn once for all streams that ask at this position of the feed."""
        key = (session, position, is_wall)
        if key not in self._drawn:
            if len(self._drawn) > 4000:
                self._drawn.clear()
            self._drawn[key] = _shared(lambda: card_of(ports(), session, is_wall=is_wall))
        return await asyncio.shield(self._drawn[key])

    async def sums(self) -> str:
        """The line over the board, at most every two seconds."""
        slot = int(asyncio.get_running_loop().time() / SUMS_S)
        if slot not in self._sums:
            self._sums = {slot: _shared(_sums_html)}
        return await asyncio.shield(self._sums[slot])


HUB = Hub()


def _shared(work: Callable[[], Any]) -> "asyncio.Future[Any]":
    def drawn() -> Any:
        close_old_connections()  # a connection that broke since this thread last drew is opened anew
        return work()

    return asyncio.ensure_future(sync_to_async(drawn, thread_sensitive=False)())


def _sums_html() -> str:
    house = ports()
    return render_to_string("web/board/sums.html", {"sums": sums(cards(house, is_wall=False), house.clock.now())})


@require_GET
async def board(request: HttpRequest) -> HttpResponseBase:
    """The cards of the board as they change."""
    is_wall = "wall" in request.GET
    return await _stream(request, lambda poller, after: _board_events(poller, after, is_wall=is_wall))


@require_GET
async def session(request: HttpRequest, session: uuid.UUID) -> HttpResponseBase:
    """That a session changed, and whether it changed in a way that a form has to know of."""
    stream = f"session/{session}"
    return await _stream(request, lambda poller, after: _session_events(poller, after, stream))


Events = Callable[[LiveFeed, int], AsyncIterator[str]]


async def _stream(request: HttpRequest, events: Events) -> HttpResponseBase:
    require(await sync_to_async(actor_of)(request), Action.READ_CHART)
    poller = HUB.poller
    if poller is None:
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    after = _resumed_from(request, poller)
    answer = StreamingHttpResponse(events(poller, after), content_type="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _resumed_from(request: HttpRequest, poller: LiveFeed) -> int:
    told = request.headers.get("Last-Event-ID", "")
    return int(told) if told.isdecimal() else poller.position


async def _board_events(poller: LiveFeed, after: int, *, is_wall: bool) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MS}\n\n"
    sent: dict[str, int] = {}
    last_sums = ""
    async for recorded in _alive(poller, after):
        if recorded is not None and recorded.stream.startswith("session/"):
            session_id = recorded.stream.removeprefix("session/")
            if sent.get(session_id, 0) < recorded.seq:
                card = await HUB.card(session_id, poller.position, is_wall=is_wall)
                sent[session_id] = card.seq if card is not None else recorded.seq
                yield _card_event(recorded, card, session_id)
        text = await HUB.sums()
        if text != last_sums:
            last_sums = text
            yield _event("sums", text)
        elif recorded is None:
            yield ": here\n\n"
    yield f"retry: {RETRY_MS}\n\n"


def _card_event(recorded: Recorded, card: Card | None, session_id: str) -> str:
    """The new card; a session that closed, or one that nobody has on the board yet, changes the list."""
    if card is None or isinstance(recorded.event, e.SessionPlanned | e.PatientArrived):
        return _event("list", session_id, recorded.id)
    return _event("card", card.html, recorded.id)


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
