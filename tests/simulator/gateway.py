"""A server made of a list: it takes messages as the real one promises to, and can be told to fail."""

import json
from collections.abc import Callable

import httpx

from openinfusion.core.canonical import Json


class FakeServer:
    """Keeps what it stored. Each entry of `fails` spoils one request: a status, or an error of the way."""

    def __init__(self) -> None:
        self.stored: list[dict] = []
        self.bodies: dict[str, bytes] = {}
        self.received: list[bytes] = []
        self.fails: list[int | type[httpx.TransportError]] = []
        self.stores_before_it_fails = False
        self.charts: dict[str, dict] = {}
        self.when_stored: Callable[[], None] = lambda: None

    def heard(self) -> set[str]:
        return {message["device"] for message in self.stored}

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self), base_url="http://127.0.0.1")

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") != "Bearer token-1":
            return httpx.Response(401)
        if request.url.path.startswith("/api/devices/"):
            chart = self.charts.get(request.url.path.rpartition("/")[2])
            return httpx.Response(404) if chart is None else httpx.Response(200, json=chart)
        return self._ingest(request)

    def _ingest(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        failure = self.fails.pop(0) if self.fails else None
        if failure is not None and not self.stores_before_it_fails:
            return self._spoil(failure, request)
        self.received.append(body)
        message = json.loads(body)
        known = self.bodies.setdefault(message["message_id"], body)
        if known != body:
            return httpx.Response(409)
        is_new = message not in self.stored
        if is_new:
            self.stored.append(message)
            self.when_stored()
        if failure is not None:
            return self._spoil(failure, request)
        return httpx.Response(201 if is_new else 200)

    def _spoil(self, failure: int | type[httpx.TransportError], request: httpx.Request) -> httpx.Response:
        if isinstance(failure, int):
            return httpx.Response(failure)
        raise failure("spoilt", request=request)


RUNNING: dict[str, Json] = {
    "device": "pump-1",
    "kind": "pump",
    "flow": "running",
    "rate": {"value": "60", "unit": "mL/h"},
    "ordered_at": "2027-03-01T09:00:00+00:00",
    "volume": {"value": "100", "unit": "mL"},
    "open": [],
}
