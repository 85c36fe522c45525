"""Live streams: one reading for all of them, resumed where they were cut, ended at once when the server stops."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient, Client

from openinfusion.app.ports import Recorded
from openinfusion.store.feed import FeedPoller
from openinfusion.web import live
from tests.web.cast import Clinic
from tests.web.ward import done, play


class CountingFeed:
    """The record, counting how often it is asked."""

    def __init__(self, clinic: Clinic) -> None:
        self.log, self.asked = clinic.ports.log, 0

    def head(self) -> int:
        return self.log.head()

    def feed(self, after: int, limit: int = 1000) -> tuple[Recorded, ...]:
        self.asked += 1
        return self.log.feed(after, limit)


async def next_event(stream: AsyncIterator[str], name: str) -> str:
    """The next event of this name."""
    async with asyncio.timeout(10):
        async for text in stream:
            if f"event: {name}\n" in text:
                return text
    raise AssertionError(name)


async def parts(answer: Any) -> AsyncIterator[str]:
    """What a stream sends, event by event; several may come in one piece."""
    async for part in answer.streaming_content:
        for event in part.decode().split("\n\n"):
            if event:
                yield f"{event}\n\n"


async def client_for(name: str) -> AsyncClient:
    from django.contrib.auth.models import User

    client = AsyncClient()
    user = await sync_to_async(User.objects.get)(username=name)
    await sync_to_async(client.force_login)(user)
    return client


def run(story: Callable[[], Any]) -> None:
    """Run a story; the thread in which it used the store must not keep the store of this test open for the next."""

    async def told() -> None:
        try:
            await story()
        finally:
            await sync_to_async(leave)()

    def leave() -> None:
        connections["default"].close()
        del connections["default"]

    asyncio.run(told())


@pytest.fixture
def session(clinic: Clinic) -> str:
    return play(clinic, "iv-rituximab", 93)


def test_a_change_reaches_the_page_of_its_session_and_says_whether_forms_are_out_of_date(
    nurse: Client, session: str, clinic: Clinic
) -> None:
    async def story() -> None:
        poller = FeedPoller(clinic.ports.log)
        live.HUB.open(poller)
        await poller.tick()
        answer = await (await client_for("nora")).get(f"/live/sessions/{session}")
        stream = parts(answer)
        assert "retry:" in str(await anext(stream))
        await sync_to_async(done)(nurse, session, "Pause", reason="toilet")
        await poller.tick()
        assert "id: " in await next_event(stream, "changed")
        assert await next_event(stream, "moved")
        await poller.end()

    run(story)


def test_a_board_gets_the_new_card_drawn_once_for_everybody(nurse: Client, session: str, clinic: Clinic) -> None:
    async def story() -> None:
        feed = CountingFeed(clinic)
        poller = FeedPoller(feed)
        live.HUB.open(poller)
        await poller.tick()
        client = await client_for("nora")
        streams = [parts(await client.get("/live/board")) for _ in range(20)]
        for stream in streams:
            await anext(stream)
        asked = feed.asked
        await sync_to_async(done)(nurse, session, "Pause", reason="toilet")
        await poller.tick()
        cards = [await next_event(stream, "card") for stream in streams]
        assert "PAUSE ordered" in cards[0]
        assert len(set(cards)) == 1
        assert feed.asked == asked + 1
        await poller.end()

    run(story)


def test_a_stream_goes_on_after_the_last_event_it_was_given(nurse: Client, session: str, clinic: Clinic) -> None:
    async def story() -> None:
        poller = FeedPoller(clinic.ports.log)
        live.HUB.open(poller)
        await poller.tick()
        before = poller.position
        await sync_to_async(done)(nurse, session, "Pause", reason="toilet")
        await poller.tick()
        client = await client_for("nora")
        answer = await client.get(f"/live/sessions/{session}", headers={"Last-Event-ID": str(before)})
        assert await next_event(parts(answer), "changed")
        await poller.end()

    run(story)


def test_the_end_of_the_server_ends_the_stream_with_the_time_to_come_back(session: str, clinic: Clinic) -> None:
    async def story() -> None:
        poller = FeedPoller(clinic.ports.log)
        live.HUB.open(poller)
        await poller.tick()
        answer = await (await client_for("nora")).get(f"/live/sessions/{session}")
        stream = parts(answer)
        await anext(stream)
        await live.HUB.end()
        async with asyncio.timeout(5):
            rest = [part async for part in stream]
        assert "retry:" in rest[-1]

    run(story)


def test_who_reads_no_chart_gets_no_stream(session: str, clinic: Clinic) -> None:
    async def story() -> None:
        live.HUB.open(FeedPoller(clinic.ports.log))
        answer = await (await client_for("anna")).get(f"/live/sessions/{session}")
        assert answer.status_code == 403
        await live.HUB.end()

    run(story)


def test_a_viewer_that_does_not_read_is_let_go_and_memory_stays_bounded() -> None:
    async def story() -> None:
        viewer = live.Viewer(live.Board(is_wall=False))
        for _ in range(live.UNREAD * 3):
            viewer.tell(b"x", 0.0)
        assert await viewer.read() == b"x" * live.UNREAD
        assert await viewer.read() == b""  # the stream ends; the page comes back with Last-Event-ID

    asyncio.run(story())


def test_a_board_whose_cards_cannot_be_drawn_is_told_that_it_is_old_and_the_next_change_is_drawn(
    nurse: Client, session: str, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_arguments: object, **_named: object) -> object:
        raise ZeroDivisionError

    async def story() -> None:
        poller = FeedPoller(clinic.ports.log)
        live.HUB.open(poller)
        await poller.tick()
        stream = parts(await (await client_for("nora")).get("/live/board"))
        await anext(stream)
        with monkeypatch.context() as broken:
            broken.setattr(live, "cards_of", fails)
            await sync_to_async(done)(nurse, session, "Pause", reason="toilet")
            await poller.tick()
            assert await next_event(stream, "list")
        await sync_to_async(done)(nurse, session, "RecordObservation", **{"readings.pulse": "80", "readings.pulse.unit": "/min"})
        await poller.tick()
        assert await next_event(stream, "card")
        await poller.end()

    run(story)


def test_a_session_page_hears_of_its_own_session_only(nurse: Client, session: str, clinic: Clinic) -> None:
    async def story() -> None:
        other = await sync_to_async(play)(clinic, "im-influenza-vaccine", 60)
        poller = FeedPoller(clinic.ports.log)
        live.HUB.open(poller)
        await poller.tick()
        stream = parts(await (await client_for("nora")).get(f"/live/sessions/{other}"))
        await anext(stream)
        await sync_to_async(done)(nurse, session, "Pause", reason="toilet")
        await poller.tick()
        await live.HUB.end()
        assert [one async for one in stream] == ["retry: 2000\n\n"]

    run(story)
