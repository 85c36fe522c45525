"""The ports of this process for the views, with the protocol files looked at once for each use. Makes nothing of its own: `wiring` does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property

from django.utils import timezone

from openinfusion import config, wiring
from openinfusion.app.ports import Library, Ports
from openinfusion.protocols.load import LoadedProtocol, Reference


class StillLibrary:
    """The protocols as they stand at one moment: whoever draws a page asks many times and looks at the files once. Implements Library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._of_hash: dict[str, LoadedProtocol] = {}

    @cached_property
    def _entries(self) -> Mapping[str, LoadedProtocol]:
        return self._library.entries()

    @cached_property
    def reference(self) -> Reference:
        """As Library.reference."""
        return self._library.reference

    @property
    def problems(self) -> tuple[str, ...]:
        """As Library.problems."""
        return self._library.problems

    def entries(self) -> Mapping[str, LoadedProtocol]:
        """As Library.entries."""
        return self._entries

    def of_hash(self, content_hash: str) -> LoadedProtocol:
        """As Library.of_hash."""
        if content_hash not in self._of_hash:
            self._of_hash[content_hash] = self._library.of_hash(content_hash)
        return self._of_hash[content_hash]


def today() -> date:
    """The calendar day at the site."""
    return timezone.localdate(ports().clock.now())


def ports() -> Ports:
    """Everything a use case may reach, on the store that this process opened; for one page, not for ever."""
    made = wiring.ports(config.current())
    return replace(made, library=StillLibrary(made.library))
