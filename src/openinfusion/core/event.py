"""What happened, as a frozen value. An event is never changed; a correction is another event that refers to it."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events. `KIND` and `VERSION` name the stored form for ever; a changed form is a new version, lifted in the codec."""

    KIND: ClassVar[str]
    VERSION: ClassVar[int] = 1
