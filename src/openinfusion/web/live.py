"""What changes while people look: server-sent events from the one poller of this process. A stream never asks the database; what changed is
drawn and encoded once and handed to everybody who looks at it.

`Last-Event-ID` resumes; a stream that is too far back ends, or is told to load its page anew.
"""

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from openinfusion.app.access import Action, require
from openinfusion.app.ports import LiveFeed, Recorded, TooFarBack
from openinfusion.core.administration import events as e
from openinfusion.core.errors import NotFound
from openinfusion.web.house import ports
from openinfusion.web.pages import LiveAnswer
from openinfusion.web.people import actor_of
from openinfusion.web.views.board import cards, cards_of, sums

log = logging.getLogger("openinfusion.live")

T = TypeVar("T")

RETRY_MS = 2000
ALIVE_S = 5.0
"""How often a silent stream says that it is there, so that the page knows when it no longer is."""

SUMS_S = 2.0
LOOK_S = 1.0
"""How often the line over the boards and the silence of the streams are looked at while nothing happens."""

AT_ONCE = 15
"""So many viewers are told of a change in one go, and requests have their turn before the next: three hundred would keep a page waiting."""

KEPT = 500
"""How many bursts of changes a board may have missed and still be brought up to date card by card."""

UNREAD = 100
"""A viewer that has not read so many messages is let go: it comes back and is told what it missed."""

_OF_THE_LIST = (e.SessionPlanned, e.PatientArrived, e.SessionClosed, e.SessionNotDone)
"""Events that change which cards a board has."""

_ROUTINE = (
    e.ObservationRecorded,
    e.PumpReported,
    e.AlarmShown,
    e.AlarmAcknowledged,
    e.SoundPaused,
    e.HandedOver,
    e.StepTicked,
    e.DischargeTicked,
    e.DiaryRecorded,
    e.FlowConfirmed,
)
"""Events after which a form that somebody fills in still stands on a true view."""

_RETRY = f"retry: {RETRY_MS}\n\n".encode()
_HERE = b": here\n\n"


@dataclass(frozen=True, slots=True)
class Frame:
    """What one burst of events changed on the board: up to which event, and the sessions."""

    upto: int
    sessions: tuple[str, ...]
    is_list: bool


@dataclass(eq=False, slots=True)
class Viewer:
    """One open stream: what it has still to send, and when it was last told anything. `shows` is the stream of one session, or a board."""

    shows: "str | Board"
    after: int = 0
    told_at: float = 0.0
    is_behind: bool = False
    _unread: deque[bytes] = field(default_factory=deque)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, text: bytes, at: float) -> None:
        """Leave a message; one message too many lets the viewer go."""
        self.is_behind = self.is_behind or len(self._unread) >= UNREAD
        if not self.is_behind:
            self._unread.append(text)
        self.told_at = at
        self._news.set()

    def end(self) -> None:
        """No message comes any more."""
        self.is_behind = True
        self._news.set()

    async def read(self) -> bytes:
        """What came since the last reading, in one piece; empty at the end."""
        await self._news.wait()
        self._news.clear()
        text = b"".join(self._unread)
        self._unread.clear()
        if self.is_behind:
            self._news.set()  # whatever is left was the last
        return text


@dataclass(frozen=True, slots=True)
class Board:
    """The board for the people of the ward, or for the wall."""

    is_wall: bool


class Hub:
    """The poller of this process, and what it brings, drawn once for each burst of events. Belongs to one event loop."""

    def __init__(self) -> None:
        self.poller: LiveFeed | None = None
        self._frames: deque[Frame] = deque(maxlen=KEPT)
        self._viewers: dict[Viewer, None] = {}
        self._sums, self._sums_at, self._sums_told = b"", float("-inf"), b""
        self._drawing: asyncio.Task[None] | None = None

    def open(self, poller: LiveFeed) -> None:
        """Streams may open from now on."""
        self.poller = poller
        self._frames.clear()
        self._viewers.clear()
        self._sums, self._sums_at, self._sums_told = b"", float("-inf"), b""
        self._drawing = asyncio.create_task(self._draw(poller))

    async def end(self) -> None:
        """Finish every stream."""
        if self.poller is not None:
            await self.poller.end()
        if self._drawing is not None:
            await self._drawing

    async def board(self, after: int, *, is_wall: bool) -> AsyncIterator[bytes]:
        """What changes on the board after an event, until the server stops; silence is filled with a sign of life."""
        shown = Board(is_wall)
        viewer = self._joined(shown, after)
        try:
            yield _RETRY
            yield await self._missed(after, shown) + await self._current_sums()
            while text := await viewer.read():
                yield text
        finally:
            self._viewers.pop(viewer, None)
        yield _RETRY

    async def session(self, poller: LiveFeed, after: int, stream: str) -> AsyncIterator[bytes]:
        """What happens in one session after an event; a stream that is too far back ends, and its page loads anew."""
        viewer = self._joined(stream, after)
        try:
            yield _RETRY
            missed = [one for one in poller.newer(after) if one.stream == stream]
            viewer.after = missed[-1].id if missed else after
            if missed:
                yield b"".join(_told(one) for one in missed)
            while text := await viewer.read():
                yield text
        except TooFarBack:
            pass
        finally:
            self._viewers.pop(viewer, None)
        yield _RETRY

    def _joined(self, shows: str | Board, after: int) -> Viewer:
        viewer = Viewer(shows, after, _time())
        self._viewers[viewer] = None
        if self.poller is None:
            viewer.end()
        return viewer

    async def _draw(self, poller: LiveFeed) -> None:
        """Burst after burst until the poller ends; no card is drawn while nobody looks."""
        feed = poller.subscribe(-1)  # from the oldest event in memory on
        pending: asyncio.Future[Recorded] = asyncio.ensure_future(anext(feed))
        while True:
            await asyncio.wait({pending}, timeout=LOOK_S)
            burst: list[Recorded] = []
            try:
                while pending.done():
                    burst.append(pending.result())
                    pending = asyncio.ensure_future(anext(feed))
                    await asyncio.sleep(0)  # what is in memory comes at once
            except StopAsyncIteration:
                self._finish()
                return
            if burst:
                self._tell_sessions(burst)
            await self._tell_boards(_frame(burst) if burst else None)

    def _finish(self) -> None:
        self.poller = None
        for viewer in self._viewers:
            viewer.end()

    def _tell_sessions(self, burst: Iterable[Recorded]) -> None:
        """Hand each event to those who look at its session."""
        looking: dict[str, list[Viewer]] = {}
        for viewer in self._viewers:
            if isinstance(viewer.shows, str):
                looking.setdefault(viewer.shows, []).append(viewer)
        for one in burst:
            for viewer in looking.get(one.stream, ()):
                if one.id > viewer.after:
                    viewer.tell(_told(one), _time())

    async def _tell_boards(self, frame: Frame | None) -> None:
        """Hand what changed to everybody who looks at a board, and a sign of life to everybody who heard nothing for a while."""
        line = await self._current_sums() if self._boards() else b""
        changed = line if line != self._sums_told else b""
        texts: dict[Board, bytes] = {}
        while missing := self._boards() - texts.keys():  # somebody may have come to another board meanwhile
            for shown in missing:
                texts[shown] = (await self._drawn(frame, shown) if frame else b"") + changed
        # From here to the list of viewers nothing waits: who comes later finds the frame among what was missed.
        self._sums_told = line
        if frame is not None:
            self._frames.append(frame)
        await self._hand_out(tuple(self._viewers), texts)

    async def _hand_out(self, viewers: Iterable[Viewer], texts: dict[Board, bytes]) -> None:
        told = 0
        for viewer in viewers:
            text = texts.get(viewer.shows, b"") if isinstance(viewer.shows, Board) else b""
            now = _time()
            if not text and now - viewer.told_at < ALIVE_S - LOOK_S:
                continue
            viewer.tell(text or _HERE, now)
            told += 1
            if told % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _boards(self) -> set[Board]:
        return {viewer.shows for viewer in self._viewers if isinstance(viewer.shows, Board)}

    async def _current_sums(self) -> bytes:
        """The line over the board, worked out at most every two seconds."""
        if _time() - self._sums_at >= SUMS_S:
            self._sums_at = _time()
            try:
                self._sums = _event("sums", await _in_thread(_sums_html))
            except Exception as error:  # noqa: BLE001 - one line that fails may not leave the boards without their cards
                _failed(error)
        return self._sums

    async def _missed(self, after: int, shown: Board) -> bytes:
        """What a board that comes back has missed: its cards, or that its list is out of date."""
        missed = [frame for frame in self._frames if frame.upto > after]
        if not missed:
            return b""
        is_gap = missed[0] is self._frames[0] and len(self._frames) == KEPT
        sessions = tuple(dict.fromkeys(session for frame in missed for session in frame.sessions))
        return await self._drawn(Frame(missed[-1].upto, sessions, is_gap or any(frame.is_list for frame in missed)), shown)

    @staticmethod
    async def _drawn(frame: Frame, shown: Board) -> bytes:
        try:
            return await _in_thread(lambda: drawn(frame, is_wall=shown.is_wall))
        except Exception as error:  # noqa: BLE001 - nobody else draws: the boards are told that they are old, and the next burst is drawn
            _failed(error)
            return _event("list", "", frame.upto)


HUB = Hub()


def _frame(burst: list[Recorded]) -> Frame:
    told = [one for one in burst if one.stream.startswith("session/")]
    sessions = tuple(dict.fromkeys(one.stream.removeprefix("session/") for one in told))
    return Frame(burst[-1].id, sessions, any(isinstance(one.event, _OF_THE_LIST) for one in told))


def drawn(frame: Frame, *, is_wall: bool) -> bytes:
    """The events of a burst on the wire: each changed card, and that the list changed where it did."""
    found = cards_of(ports(), frame.sessions, is_wall=is_wall)
    told = b"".join(_event("card", card.html, frame.upto) for card in found)
    return told + (_event("list", "", frame.upto) if frame.is_list or len(found) < len(frame.sessions) else b"")


def _failed(error: Exception) -> None:
    log.error("drawing the boards failed: %s", type(error).__name__)


def _time() -> float:
    return asyncio.get_running_loop().time()


async def _in_thread(work: Callable[[], T]) -> T:
    def done() -> T:
        close_old_connections()  # a connection that broke since this thread last drew is opened anew
        return work()

    return await sync_to_async(done, thread_sensitive=False)()


def _sums_html() -> str:
    house = ports()
    return render_to_string("web/board/sums.html", {"sums": sums(cards(house, is_wall=False), house.clock.now())})


@require_GET
def board(request: HttpRequest) -> HttpResponseBase:
    """The cards of the board as they change."""
    is_wall = "wall" in request.GET
    return _stream(request, lambda _poller, after: HUB.board(after, is_wall=is_wall))


@require_GET
def session(request: HttpRequest, session: uuid.UUID) -> HttpResponseBase:
    """That a session changed, and whether it changed in a way that a form has to know of."""
    stream = f"session/{session}"
    return _stream(request, lambda poller, after: HUB.session(poller, after, stream), str(session))


Events = Callable[[LiveFeed, int], AsyncIterator[bytes]]


def _stream(request: HttpRequest, events: Events, session: str = "") -> HttpResponseBase:
    require(actor_of(request), Action.READ_CHART)
    if session and ports().models.get("sessions", session) is None:
        raise NotFound("session", session)
    poller = HUB.poller
    if poller is None:
        return HttpResponse(status=503, headers={"Retry-After": "5"})
    return LiveAnswer(events(poller, _resumed_from(request, poller)))


def _resumed_from(request: HttpRequest, poller: LiveFeed) -> int:
    told = request.headers.get("Last-Event-ID", "")
    return int(told) if told.isdecimal() else poller.position


def _told(recorded: Recorded) -> bytes:
    """An event of a session on the wire."""
    changed = _event("changed", str(recorded.seq), recorded.id)
    return changed if isinstance(recorded.event, _ROUTINE) else changed + _event("moved", str(recorded.seq), recorded.id)


def _event(name: str, data: str, identity: int | None = None) -> bytes:
    """One event on the wire; every line of the data has its own prefix."""
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"{f'id: {identity}' + chr(10) if identity is not None else ''}event: {name}\n{lines}\n".encode()
