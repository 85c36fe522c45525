"""The pages and interfaces as an ASGI application: each request is answered whole by one of a few threads, which keep their database
connection, and a live stream takes no thread at all.

Django's own ASGI handler makes a thread and a connection for each request, and changes between threads several times on its way; with
three hundred streams open a page waits longer for these turns than it works. No answer is a stream but a `LiveAnswer`.
"""

import asyncio
import contextlib
import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, cast

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import set_script_prefix

Scope = dict[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

THREADS = 32
"""How many requests are worked on at a time; the others wait for their turn. A thread is made when none of the earlier ones is free."""


class LiveAnswer(StreamingHttpResponse):
    """An answer that goes on until the client leaves or its source ends. `source` gives whole events of the stream, encoded."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        super().__init__(source, content_type="text/event-stream; charset=utf-8")
        self.source = source
        self.headers["Cache-Control"] = "no-store"
        self.headers["X-Accel-Buffering"] = "no"


class Pages(ASGIHandler):
    """Django's middleware and views, worked off in threads that stay."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="page")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. What it asked for is done even when the client does not wait for the answer."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        context = contextvars.copy_context()
        answer = await asyncio.get_running_loop().run_in_executor(self._threads, context.run, self._answered, scope, body)
        if isinstance(answer, LiveAnswer):
            await _until_gone(self._flow(answer, send), receive)
        else:
            await self.send_response(answer, send)

    def _answered(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        """The answer, whole, with everything closed that its request held."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        request, refused = self.create_request(scope, body)
        answer = self.get_response(request) if request is not None else cast("HttpResponseBase", refused)
        answer.close()
        body.close()
        return answer

    async def _flow(self, answer: LiveAnswer, send: Send) -> None:
        """Send what the source gives as it comes."""
        headers = [(name.lower().encode("ascii"), value.encode("latin1")) for name, value in answer.items()]
        cookies = [(b"set-cookie", one.output(header="").strip().encode("ascii")) for one in answer.cookies.values()]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": [*headers, *cookies]})
        async with contextlib.aclosing(answer.source) as source:  # type: ignore[type-var] # every source is a generator
            async for part in source:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})


async def _until_gone(flow: Awaitable[None], receive: Receive) -> None:
    """Let a stream flow until it ends or its client has left."""
    flowing, leaving = asyncio.ensure_future(flow), asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({flowing, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (flowing, leaving):
            task.cancel()
        ended = await asyncio.gather(flowing, leaving, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
