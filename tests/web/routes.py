"""Every address of the program, for tests that must forget none: how it is asked for, for a thing that is there and for one that is not."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from openinfusion.app.ports import Audited
from tests.web.cast import posted

POSTED = {
    *("sign-out", "order-cosign", "order-verify", "order-cancel", "order-session", "protocol-sign", "session-scan", "session-act"),
    *("screen-test",),
    *("api:give_command", "api:ingest", "api:calculate"),
}
"""Addresses that take a POST only."""

GIVEN = {
    "subject": "body",
    "protocol": "iv-rituximab",
    "stage": "run",
    "command": "Stop",
    "content_hash": "0" * 64,
    "calculator": "drop-rate",
    "score": "news2",
    "name": "drop-rate",
    "complication": "cx.air_embolism",
}
"""What stands in an address besides the thing it is about."""

THINGS = ("patient", "course", "session", "device")


@dataclass(frozen=True)
class Route:
    """One address: its name, and the parts that stand in it."""

    name: str
    parts: tuple[str, ...]

    @property
    def thing(self) -> str:
        """The part that says what it is about; empty for an address about nothing in particular."""
        return next((part for part in self.parts if part in THINGS), "")

    def ask(self, client: Client, things: dict[str, str], **headers: str) -> Any:
        """Ask for it about these things, with an empty form where it takes a POST."""
        address = reverse(self.name, kwargs={part: things.get(part) or GIVEN[part] for part in self.parts})
        if self.name not in POSTED:
            return client.get(address, headers=headers)
        if self.name.startswith("api:"):
            stop = {"command_id": str(uuid.uuid4()), "occurred_at": "2027-03-01T09:00:00Z", "command": {"type": "Stop", "reason": "x"}}
            return client.post(address, stop, content_type="application/json", headers=headers)
        return client.post(address, posted(), headers=headers)


def routes() -> tuple[Route, ...]:
    """All of them."""
    return tuple(_walked(get_resolver(), ""))


def _walked(resolver: URLResolver, space: str) -> Iterator[Route]:
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            yield Route(space + str(one.name), tuple(one.pattern.converters))
        else:
            yield from _walked(one, space + (f"{one.namespace}:" if one.namespace else ""))


def nothing() -> dict[str, str]:
    """Ids that nobody has."""
    return {part: str(uuid.uuid4()) for part in THINGS}


def rows() -> list[Audited]:
    """Every audit row of the store, oldest first."""
    from openinfusion.store.audit import AFTER, _audited
    from openinfusion.store.commit import fetch

    return [_audited(row) for row in fetch(AFTER, (0, 100_000))]
