"""A message is sent until it is answered, always as the same message; what nobody answered may have been stored."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.errors import NotAllowed
from openinfusion.simulator.link import Link, Outbox, Outcome
from tests.simulator.gateway import RUNNING, FakeServer

NOW = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
RUN = UUID("00000000-0000-4000-8000-000000000001")


def outbox_with(count: int) -> Outbox:
    outbox = Outbox("pump-1", RUN)
    for number in range(count):
        outbox.put({"report": {"state": "infusing", "buffered": False, "alarm": str(number)}}, NOW + timedelta(seconds=number))
    return outbox


def deliver(server: FakeServer, outbox: Outbox, token: str = "token-1", now: datetime = NOW) -> Outcome:
    async def sent() -> Outcome:
        async with server.client() as client:
            return await Link(client, token).deliver(outbox, lambda: now)

    return asyncio.run(sent())


def test_messages_go_out_in_order_each_with_its_own_id_and_count():
    server, outbox = FakeServer(), outbox_with(3)
    assert deliver(server, outbox) is Outcome.CONFIRMED
    assert [one["device_seq"] for one in server.stored] == [1, 2, 3]
    assert len({one["message_id"] for one in server.stored}) == 3
    assert len(outbox) == 0


def test_without_an_answer_the_very_same_bytes_go_out_again_and_are_stored_once():
    server, outbox = FakeServer(), outbox_with(1)
    server.fails, server.stores_before_it_fails = [httpx.ReadTimeout], True
    assert deliver(server, outbox) is Outcome.NOT_CONFIRMED
    assert len(outbox) == 1
    assert deliver(server, outbox, now=NOW + timedelta(seconds=9)) is Outcome.CONFIRMED
    assert server.received[0] == server.received[1]
    assert len(server.stored) == 1


@pytest.mark.parametrize("status", [503, 507, 500, 429, 404, 422])
def test_what_the_server_could_not_save_waits_and_nothing_overtakes_it(status: int):
    server, outbox = FakeServer(), outbox_with(2)
    server.fails = [status]
    assert deliver(server, outbox) is Outcome.NOT_CONFIRMED
    assert (len(outbox), server.stored) == (2, [])
    assert deliver(server, outbox) is Outcome.CONFIRMED
    assert [one["device_seq"] for one in server.stored] == [1, 2]


def test_what_certainly_reached_nobody_says_later_that_it_comes_late():
    server, outbox = FakeServer(), outbox_with(2)
    server.fails = [httpx.ConnectError]
    assert deliver(server, outbox) is Outcome.NOT_CONFIRMED
    assert deliver(server, outbox, now=NOW + timedelta(minutes=2)) is Outcome.CONFIRMED
    assert [one["report"]["buffered"] for one in server.stored] == [True, True]
    # What it tells is old, when it left is now: the server does not take the difference for a wrong clock.
    assert [(one["occurred_at"], one["sent_at"]) for one in server.stored[:1]] == [
        (NOW.isoformat(), (NOW + timedelta(minutes=2)).isoformat())
    ]


def test_a_message_that_is_refused_is_counted_and_does_not_hold_up_the_next():
    server, outbox = FakeServer(), outbox_with(2)
    server.fails = [400]
    assert deliver(server, outbox) is Outcome.CONFIRMED
    assert (outbox.refused, [one["device_seq"] for one in server.stored]) == (1, [2])


def test_a_message_that_waits_for_a_person_has_arrived():
    server, outbox = FakeServer(), outbox_with(1)
    server.fails = [202]
    assert deliver(server, outbox) is Outcome.HELD
    assert len(outbox) == 0


def test_a_token_that_opens_nothing_ends_the_sending_and_keeps_the_message():
    outbox = outbox_with(1)
    with pytest.raises(NotAllowed):
        deliver(FakeServer(), outbox, token="wrong")
    assert len(outbox) == 1


FAILURES = st.sampled_from([httpx.ReadTimeout, httpx.ConnectError, httpx.RemoteProtocolError, 503, 507])


@given(st.integers(1, 6), st.lists(FAILURES, max_size=8), st.booleans())
def test_however_the_way_fails_everything_is_stored_once_and_in_order(count: int, fails: list, stores_first: bool):
    server, outbox = FakeServer(), outbox_with(count)
    # A connection that was never made cannot have stored anything.
    server.fails = [one for one in fails if not (stores_first and one is httpx.ConnectError)]
    server.stores_before_it_fails = stores_first
    for _ in range(len(fails) + 1):
        deliver(server, outbox)
    assert [one["device_seq"] for one in server.stored] == list(range(1, count + 1))


def ordered(server: FakeServer, device: str):
    async def asked():
        async with server.client() as client:
            return await Link(client, "token-1").ordered(device)

    return asyncio.run(asked())


def test_the_chart_of_a_device_is_read_and_a_device_without_session_has_none():
    server = FakeServer()
    server.charts["pump-1"] = RUNNING
    read = ordered(server, "pump-1")
    assert read is not None
    assert (read.kind, read.flow, str(read.rate), str(read.volume)) == (
        "pump", "running", "Quantity('60', 'mL/h')", "Quantity('100', 'mL')",
    )  # fmt: skip
    assert ordered(server, "pump-2") is None
