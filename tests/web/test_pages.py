"""The pages as an ASGI application: whole answers from threads that stay, live streams without a thread."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import override_settings
from django.urls import path

from openinfusion.web.pages import LiveAnswer, Pages

closed: list[str] = []


async def source() -> AsyncIterator[bytes]:
    try:
        yield b"retry: 2000\n\n"
        await asyncio.get_running_loop().create_future()
    finally:
        closed.append("source")


async def two() -> AsyncIterator[bytes]:
    yield b"one"
    yield b"two"


async def faulty() -> AsyncIterator[bytes]:
    yield b"one"
    raise ZeroDivisionError


def echo(request: HttpRequest) -> HttpResponseBase:
    return HttpResponse(request.body)


urlpatterns = [
    path("echo", echo),
    path("live", lambda request: LiveAnswer(source())),
    path("two", lambda request: LiveAnswer(two())),
    path("faulty", lambda request: LiveAnswer(faulty())),
]


@pytest.fixture
def pages() -> Any:
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        yield Pages()


class Client:
    """One client of the application: what it sends, what it was sent, and when it leaves."""

    def __init__(self, address: str, body: bytes = b"") -> None:
        self.scope = {"type": "http", "method": "POST", "path": address, "headers": [(b"host", b"localhost")], "query_string": b""}
        self.sent: list[Mapping[str, Any]] = []
        self.left, self.told, self.reads = asyncio.Event(), asyncio.Event(), [{"type": "http.request", "body": body, "more_body": False}]

    async def receive(self) -> Mapping[str, Any]:
        if self.reads:
            return self.reads.pop()
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Mapping[str, Any]) -> None:
        self.sent.append(message)
        if message.get("body"):
            self.told.set()
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.left.set()  # as a server tells: nothing more can come of this request

    @property
    def text(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


async def asked(pages: Pages, client: Client) -> Client:
    async with asyncio.timeout(10):
        await pages(client.scope, client.receive, client.send)
    return client


def test_an_answer_is_what_the_view_makes_of_the_body(pages: Pages) -> None:
    async def story() -> Client:
        return await asked(pages, Client("/echo", b"hello"))

    client = asyncio.run(story())
    assert client.sent[0]["status"] == 200
    assert client.text == b"hello"


def test_a_stream_is_sent_part_by_part_until_its_source_ends(pages: Pages) -> None:
    async def story() -> Client:
        return await asked(pages, Client("/two"))

    client = asyncio.run(story())
    assert [message.get("body", b"") for message in client.sent[1:]] == [b"one", b"two", b""]
    assert (b"content-type", b"text/event-stream; charset=utf-8") in client.sent[0]["headers"]


def test_a_client_who_leaves_ends_the_source_of_its_stream(pages: Pages) -> None:
    async def story() -> Client:
        client = Client("/live")
        open_stream = asyncio.create_task(asked(pages, client))
        async with asyncio.timeout(10):
            await client.told.wait()
        closed.clear()
        client.left.set()
        return await open_stream

    assert asyncio.run(story()).text == b"retry: 2000\n\n"
    assert closed == ["source"]


def test_a_fault_of_a_source_ends_its_stream_and_is_told_to_the_server(pages: Pages) -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(asked(pages, Client("/faulty")))


def test_what_was_asked_for_is_done_although_the_client_left(pages: Pages) -> None:
    async def story() -> Client:
        client = Client("/echo", b"stop")
        client.left.set()
        return await asked(pages, client)

    assert asyncio.run(story()).text == b"stop"


def test_clients_one_after_the_other_share_threads_and_their_connections(sqlite_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    del sqlite_store
    seen = []

    def view(request: HttpRequest) -> HttpResponseBase:
        connection.ensure_connection()
        seen.append(connection.connection)
        return HttpResponse()

    monkeypatch.setattr(f"{__name__}.urlpatterns", [path("view", view)])

    async def story() -> None:
        pages = Pages()
        for _ in range(12):
            await asked(pages, Client("/view"))

    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        asyncio.run(story())
    # a thread that has answered may not be idle yet when the next client comes, so there may be a second one; never one for each
    assert len({id(one) for one in seen}) < len(seen) / 2
    for one in seen:
        one.close()
