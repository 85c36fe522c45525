"""One poller per process reads the feed and hands what is new to all live streams: however many there are, a tick costs one query.

A stream never queries the database. One that asks for more than is kept in memory is told so and must show the whole view anew.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol as Port
from typing import TypeVar

from django.db import DatabaseError, connection

from openinfusion.app.ports import Recorded, TooFarBack
from openinfusion.core.errors import OpenInfusionError

T = TypeVar("T")


class Feed(Port):
    """The part of the record that a poller reads."""

    def head(self) -> int:
        """As EventLog.head."""
        ...

    def feed(self, after: int, limit: int = 1000) -> tuple[Recorded, ...]:
        """As EventLog.feed."""
        ...


class FeedPoller:
    """Keeps the newest `kept` events in memory. All methods belong to one event loop; the queries run in a thread of their own."""

    def __init__(self, log: Feed, kept: int = 5000) -> None:
        self._log, self._kept = log, kept
        self._recent: deque[Recorded] = deque(maxlen=kept)
        self._floor = -1  # id of the newest event that is not in memory any more; -1 before the first tick
        self._position = 0
        self._news = asyncio.Condition()
        self._ended = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="feed")

    @property
    def position(self) -> int:
        """The id of the newest event that the streams have been given."""
        return self._position

    async def tick(self) -> None:
        """Read what is new, once, and wake the streams; the first tick loads the newest events, so that streams resume after a restart."""
        if self._floor < 0:
            head = await self._ask(self._log.head)
            self._position = self._floor = max(0, head - self._kept)
        if self._ended:
            return
        events = await self._ask(lambda: self._log.feed(self._position, self._kept))
        spilled = len(self._recent) + len(events) - self._kept
        if spilled > 0:
            self._floor = [*self._recent, *events][spilled - 1].id
        self._recent.extend(events)
        if events:
            self._position = events[-1].id
        async with self._news:
            self._news.notify_all()

    async def run(self, every_s: float, failed: Callable[[Exception], None]) -> None:
        """Tick until cancelled or ended; a tick that fails is reported to `failed` and tried again at the next."""
        try:
            while not self._ended:
                try:
                    await self.tick()
                except (OpenInfusionError, DatabaseError) as error:
                    failed(error)
                await asyncio.sleep(every_s)
        finally:
            await self.end()

    async def end(self) -> None:
        """Finish all streams, close the poller's connection and free its thread; ending twice changes nothing."""
        if self._ended:
            return
        self._ended = True
        async with self._news:
            self._news.notify_all()
        self._thread.submit(_close_connection)
        self._thread.shutdown(wait=False)

    async def subscribe(self, after: int) -> AsyncIterator[Recorded]:
        """Every event with id > after, in order, until the poller ends; raises TooFarBack when some of them are no longer in memory."""
        while not self._ended:
            for recorded in self.newer(after):
                after = recorded.id
                yield recorded
            async with self._news:
                await self._news.wait_for(self._has_news_after(after))

    def _has_news_after(self, reached: int) -> Callable[[], bool]:
        # Asked of what is in memory: before the first tick is through, the position is ahead of it, and a stream would spin.
        return lambda: self._ended or (bool(self._recent) and self._recent[-1].id > reached)

    async def _ask(self, question: Callable[[], T]) -> T:
        def asked() -> T:
            try:
                return question()
            except DatabaseError:
                connection.close()  # the next tick opens a new one
                raise

        return await asyncio.get_running_loop().run_in_executor(self._thread, asked)

    def newer(self, after: int) -> tuple[Recorded, ...]:
        """The events in memory with id > after, in order; raises TooFarBack when some of them are no longer in memory."""
        if 0 <= after < self._floor:
            raise TooFarBack(self._position)
        newer: list[Recorded] = []
        for recorded in reversed(self._recent):
            if recorded.id <= after:
                break
            newer.append(recorded)
        return tuple(reversed(newer))


def _close_connection() -> None:
    connection.close()  # that of the thread in which this runs
