"""The ports of this process for the views, with the protocol files looked at once for each use. Makes nothing of its own: `wiring` does."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import date

from django.utils import timezone

from openinfusion import config, wiring
from openinfusion.app.library import HeldLibrary
from openinfusion.app.ports import Library, Ports

_LIBRARY: ContextVar[Library | None] = ContextVar("library", default=None)


@contextmanager
def one_library() -> Iterator[None]:
    """Within it every part of a page reads the protocols as they stood at its first look, and the files are looked at once."""
    token = _LIBRARY.set(HeldLibrary(wiring.ports(config.current()).library))
    try:
        yield
    finally:
        _LIBRARY.reset(token)


def today() -> date:
    """The calendar day at the site."""
    return timezone.localdate(ports().clock.now())


def ports() -> Ports:
    """Everything a use case may reach, on the store that this process opened; for one page, not for ever."""
    made = wiring.ports(config.current())
    return replace(made, library=_LIBRARY.get() or HeldLibrary(made.library))
