"""Events to canonical text and back. A stored kind keeps its meaning for ever: a changed form is a new version, and `LIFTS` leads the old
one to it.

Knows the registered event classes only; never writes to a database and never drops a field it does not know.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable, Mapping
from typing import cast

from openinfusion.core.canonical import Json, canonical
from openinfusion.core.errors import Malformed, StoreUnsafe
from openinfusion.core.event import Event
from openinfusion.core.forms import FormError, form

Lift = Callable[[Mapping[str, Json]], Mapping[str, Json]]
"""Leads the stored fields of one version of a kind to those of the next version."""


class UnknownEvent(StoreUnsafe):
    """The record holds an event that this program does not know, such as one of a newer release; nothing was skipped."""

    def __init__(self, kind: str, version: int) -> None:
        super().__init__((f"event kind {kind!r} version {version} is not known to this program",))
        self.kind, self.version = kind, version


class Codec:
    """The forms of a closed set of event classes."""

    def __init__(self, events: Iterable[type[Event]], lifts: Mapping[tuple[str, int], Lift]) -> None:
        self._classes: dict[str, type[Event]] = {}
        self._writers: dict[type[Event], Callable[[object], Json]] = {}
        self._lifts = dict(lifts)
        self.register(*events)

    def register(self, *events: type[Event]) -> None:
        """Add event classes; raises TypeError for a class that is no dataclass or repeats a kind."""
        for cls in events:
            known = self._classes.get(cls.KIND, cls)
            if known is not cls:
                raise TypeError(f"kind {cls.KIND!r} belongs to {known.__name__} and {cls.__name__}")
            if not dataclasses.is_dataclass(cls):
                raise TypeError(f"{cls.__name__} is no dataclass")
            self._classes[cls.KIND] = cls
            self._writers[cls] = form(cls).write

    @property
    def classes(self) -> tuple[type[Event], ...]:
        """All registered event classes, by kind."""
        return tuple(self._classes[kind] for kind in sorted(self._classes))

    @property
    def versions(self) -> tuple[tuple[str, int], ...]:
        """Every (kind, version) that can be read, old ones included, sorted."""
        return tuple(sorted({*self._lifts, *((cls.KIND, cls.VERSION) for cls in self._classes.values())}))

    def encode(self, event: Event) -> str:
        """The canonical payload of an event; raises FormError when a field does not hold what its type says, TypeError for an
        unregistered class."""
        writer = self._writers.get(type(event))
        if writer is None:
            raise TypeError(f"{type(event).__name__} is not registered")
        return canonical(writer(event))

    def decode(self, kind: str, version: int, payload: str) -> Event:
        """The event of a stored payload, lifted to the present version; raises UnknownEvent, or Malformed naming kind and field."""
        cls = self._classes.get(kind)
        if cls is None:
            raise UnknownEvent(kind, version)
        stored: Mapping[str, Json] = json.loads(payload)
        for step in range(version, cls.VERSION):
            lift = self._lifts.get((kind, step))
            if lift is None:
                raise UnknownEvent(kind, version)
            stored = lift(stored)
        if version > cls.VERSION:
            raise UnknownEvent(kind, version)
        try:
            return cast(Event, form(cls).read(dict(stored)))
        except FormError as error:
            raise Malformed(at=f"event {kind} version {version}", why=str(error)) from error
