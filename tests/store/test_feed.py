"""One poller serves all live streams: a tick costs one query, however many streams there are."""

import asyncio
from collections.abc import Iterable

import pytest

from openinfusion.app.ports import Recorded, TooFarBack
from openinfusion.core.errors import NotSaved
from openinfusion.store.feed import FeedPoller
from tests.store.sample_events import LineOpened, a_log, command


class CountingLog:
    """Holds a list instead of a table and counts what it is asked."""

    def __init__(self, recorded: Iterable[Recorded]) -> None:
        self.recorded = list(recorded)
        self.asked = self.fails = 0

    def head(self) -> int:
        return self.recorded[-1].id if self.recorded else 0

    def feed(self, after: int, limit: int = 1000) -> tuple[Recorded, ...]:
        self.asked += 1
        if self.fails:
            self.fails -= 1
            raise NotSaved("away")
        return tuple(one for one in self.recorded if one.id > after)[:limit]


@pytest.fixture
def stored(sqlite_store):
    log = a_log()
    for number in range(12):
        log.append(command(), [("session/1", LineOpened(str(number)))], {})
    return log.feed(0)


async def take(stream, count):
    return [(await anext(stream)).id for _ in range(count)]


def test_three_hundred_streams_cost_one_query_a_tick_and_all_get_every_event(stored):
    async def run():
        log = CountingLog(stored[:4])
        poller = FeedPoller(log)
        await poller.tick()
        streams = [poller.subscribe(after=2) for _ in range(300)]
        waiting = [asyncio.ensure_future(take(stream, 4)) for stream in streams]
        await asyncio.sleep(0)
        log.recorded = list(stored[:6])
        asked = log.asked
        await poller.tick()
        assert log.asked == asked + 1
        assert await asyncio.gather(*waiting) == [[3, 4, 5, 6]] * 300
        await poller.end()

    asyncio.run(run())


def test_a_stream_resumes_after_a_restart_from_where_it_was(stored):
    async def run():
        poller = FeedPoller(CountingLog(stored))
        await poller.tick()
        assert await take(poller.subscribe(after=9), 3) == [10, 11, 12]
        await poller.end()

    asyncio.run(run())


def test_a_stream_that_starts_before_what_is_in_memory_is_told_to_show_the_whole_view(stored):
    async def run():
        log = CountingLog(stored[:8])
        poller = FeedPoller(log, kept=5)
        await poller.tick()
        assert await take(poller.subscribe(after=3), 5) == [4, 5, 6, 7, 8]
        with pytest.raises(TooFarBack) as told:
            await take(poller.subscribe(after=2), 1)
        assert told.value.position == 8
        log.recorded = list(stored)
        await poller.tick()
        with pytest.raises(TooFarBack):
            await take(poller.subscribe(after=6), 1)
        assert await take(poller.subscribe(after=7), 5) == [8, 9, 10, 11, 12]
        await poller.end()

    asyncio.run(run())


def test_the_end_of_the_poller_ends_the_streams(stored):
    async def run():
        poller = FeedPoller(CountingLog(stored))
        await poller.tick()
        stream = poller.subscribe(after=12)
        waiting = asyncio.ensure_future(take(stream, 1))
        await asyncio.sleep(0)
        await poller.end()
        with pytest.raises(StopAsyncIteration):
            await waiting

    asyncio.run(run())


def test_a_tick_that_fails_is_reported_and_the_next_one_carries_on(stored):
    async def run():
        failures: list[Exception] = []
        log = CountingLog(stored)
        log.fails = 2
        poller = FeedPoller(log)
        running = asyncio.ensure_future(poller.run(0.001, failures.append))
        assert await take(poller.subscribe(after=11), 1) == [12]
        assert [type(failure) for failure in failures] == [NotSaved, NotSaved]
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(run())


def test_the_poller_reads_the_store_from_a_thread_of_its_own(store):
    async def run():
        poller = FeedPoller(log)
        await poller.tick()
        stream = poller.subscribe(after=0)
        assert await take(stream, 1) == [1]
        await asyncio.to_thread(write)
        await poller.tick()
        assert await take(stream, 1) == [2]
        await poller.end()

    def write():
        from django.db import connection

        log.append(command(), [("session/1", LineOpened("a"))], {})
        connection.close()

    log = a_log()
    write()
    asyncio.run(run())


def test_a_poller_may_be_ended_by_its_server_and_once_more_by_its_own_task():
    # A server ends the streams first, so that its requests finish, and then the task that polls.
    async def ended() -> None:
        poller = FeedPoller(CountingLog(()))
        task = asyncio.create_task(poller.run(0.001, lambda _error: None))
        await asyncio.sleep(0)
        await poller.end()
        await poller.end()
        await asyncio.wait_for(task, 5)

    asyncio.run(ended())


def test_a_stream_that_opens_before_the_first_tick_waits_and_lets_others_run(stored):
    # The first tick knows the newest event before it has loaded any; a stream that took that for news would never give way.
    async def run() -> int:
        poller = FeedPoller(CountingLog(stored), kept=5)
        waiting = asyncio.ensure_future(anext(poller.subscribe(-1)))
        await asyncio.sleep(0)
        await asyncio.wait_for(poller.tick(), 5)
        first = (await asyncio.wait_for(waiting, 5)).id
        await poller.end()
        return first

    assert asyncio.run(run()) == 8  # of twelve events the newest five are kept
