"""The simulated gateway: devices serve the sessions that the chart names, and what nobody hears is kept and told late."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from openinfusion.core.errors import NotAllowed
from openinfusion.core.quantity import Quantity
from openinfusion.simulator.link import Link, read_ordered
from openinfusion.simulator.process import Fleet, LivingClock, Station, simulate
from openinfusion.simulator.script import incident
from tests.simulator.gateway import RUNNING, FakeServer

START = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
RUN = UUID("00000000-0000-4000-8000-000000000001")


class Hand:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def a_station(*incidents: str, speed: float = 1.0, **given: str) -> tuple[Station, Hand]:
    hand = Hand()
    volumes = {name.replace("_", "-"): Quantity(volume, "mL") for name, volume in given.items()}
    fleet = Fleet(("pump-1",), RUN, "seed", tuple(map(incident, incidents)), volumes)
    return Station("pump-1", fleet, LivingClock(START, hand, speed)), hand


def told(station: Station) -> list[dict]:
    """Everything in the outbox, as it would go out."""
    messages = []
    while len(station.outbox):
        messages.append(json.loads(station.outbox.first(station.now())))
        station.outbox.settled()
    return messages


def live(station: Station, hand: Hand, seconds: int) -> None:
    for _ in range(seconds):
        station.live()
        hand.seconds += 1


def test_a_device_that_serves_no_session_says_nothing():
    station, hand = a_station()
    live(station, hand, 30)
    station.read_chart(None)
    live(station, hand, 30)
    assert told(station) == []


def test_its_messages_carry_its_own_time_and_count():
    station, hand = a_station()
    station.read_chart(read_ordered(RUNNING))
    live(station, hand, 21)
    messages = told(station)
    assert [one["device_seq"] for one in messages] == [1, 2, 3]
    assert [one["occurred_at"] for one in messages] == [(START + timedelta(seconds=10 * n)).isoformat() for n in range(3)]


def test_a_clock_that_runs_faster_lives_faster():
    station, hand = a_station(speed=60)
    station.read_chart(read_ordered(RUNNING))
    live(station, hand, 3)
    last = told(station)[-1]
    assert last["occurred_at"] == (START + timedelta(minutes=2)).isoformat()
    assert last["report"]["volume"] == {"value": "2", "unit": "mL"}  # two minutes at 60 mL/h


def test_a_wrong_clock_is_told_as_it_is():
    station, hand = a_station("pump-1=clock@0+3600")
    station.read_chart(read_ordered(RUNNING))
    live(station, hand, 1)
    only = told(station)[0]
    assert only["occurred_at"] == (START + timedelta(hours=1)).isoformat()
    assert datetime.fromisoformat(only["sent_at"]) - START >= timedelta(hours=1)


def test_while_nobody_hears_it_what_it_says_is_kept_and_marked_as_late():
    station, hand = a_station("pump-1=disconnect@15+30")
    station.read_chart(read_ordered(RUNNING))
    live(station, hand, 61)
    assert [one["report"]["buffered"] for one in told(station)] == [False, False, True, True, True, False, False]


def test_at_the_next_session_the_pump_begins_at_nothing():
    station, hand = a_station(pump_1="52.5")
    station.read_chart(read_ordered(RUNNING))
    live(station, hand, 1)
    station.read_chart(None)
    station.read_chart(read_ordered({**RUNNING, "flow": "none", "rate": None}))
    live(station, hand, 1)
    assert [one["report"]["volume"]["value"] for one in told(station)] == ["52.5", "0"]


def run_for(server: FakeServer, fleet: Fleet, token: str = "token-1") -> list[str]:
    """A fleet on a fast clock until the server has ten messages and heard from two devices."""
    lines: list[str] = []

    async def main() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        began = loop.time()
        clock = LivingClock(START, lambda: loop.time() - began, 1000)
        server.when_stored = lambda: stop.set() if len(server.stored) >= 10 and len(server.heard()) == 2 else None
        async with server.client() as client:
            await simulate(fleet, clock, Link(client, token), stop, lines.append)

    asyncio.run(asyncio.wait_for(main(), 20))
    return lines


def test_a_fleet_serves_the_sessions_of_the_chart_and_says_when_it_is_not_heard():
    server = FakeServer()
    server.charts = {"pump-1": RUNNING, "monitor-1": {**RUNNING, "device": "monitor-1", "kind": "monitor"}}
    server.fails = [503]
    lines = run_for(server, Fleet(("pump-1", "monitor-1", "pump-9"), RUN))
    for device in ("pump-1", "monitor-1"):
        counts = [one["device_seq"] for one in server.stored if one["device"] == device]
        assert counts == list(range(1, len(counts) + 1))
    assert server.heard() == {"pump-1", "monitor-1"}
    assert any(line.endswith("not confirmed yet") for line in lines)


def test_a_token_that_opens_nothing_ends_the_fleet():
    with pytest.raises(NotAllowed):
        run_for(FakeServer(), Fleet(("pump-1",), RUN), token="wrong")
