"""What a reverse proxy does in front of `openinfusion serve --behind-proxy`, without the encryption: it says that the browser spoke HTTPS.

The program refuses to serve plain HTTP to people, and is not weakened for tests. A browser treats 127.0.0.1 as safe, so it keeps the
`Secure` cookies; the front writes the two headers that would differ behind a real proxy, and passes everything else on as it came.
"""

import asyncio
import contextlib
import threading
from types import TracebackType

_HEAD_END = b"\r\n\r\n"


class Front:
    """A loopback port that leads to the server's port, from `with` to its end; while the server is down it answers nothing."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._loop = asyncio.new_event_loop()
        self._passing: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="front", daemon=True)
        self.port = 0

    def __enter__(self) -> "Front":
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._accept, "127.0.0.1", 0), self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        while running := [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._pass(reader, writer))
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request of a connection: its head with the proxy's headers, then bytes both ways until the server ends it."""
        back: asyncio.StreamWriter | None = None
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = await reader.readuntil(_HEAD_END)
            answers, back = await asyncio.open_connection("127.0.0.1", self._behind)
            back.write(_as_behind_https(head))
            asking = asyncio.create_task(_copy(reader, back))
            try:
                await _copy(answers, writer)
            finally:
                asking.cancel()
        writer.close()
        if back is not None:
            back.close()


def _as_behind_https(head: bytes) -> bytes:
    lines = [line for line in head.removesuffix(_HEAD_END).split(b"\r\n") if not line.lower().startswith(b"connection:")]
    kept = [line.replace(b" http://", b" https://", 1) if line.lower().startswith((b"origin:", b"referer:")) else line for line in lines]
    return b"\r\n".join([*kept, b"X-Forwarded-Proto: https", b"Connection: close"]) + _HEAD_END


async def _copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await source.read(65536):
            to.write(piece)
            await to.drain()
