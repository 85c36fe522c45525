"""What happened to a screen on which alarms are shown and sound. Stream `screen/<name>`; it holds nothing of a patient."""

from dataclasses import dataclass
from typing import ClassVar

from openinfusion.core.event import Event


@dataclass(frozen=True, slots=True)
class SoundTested(Event):
    """The screen was asked to play its tones. `heard` is a person's word; `why` says what kept it from playing, empty when it played."""

    KIND: ClassVar[str] = "sound-tested"
    screen: str
    heard: bool
    why: str = ""


EVENTS: tuple[type[Event], ...] = (SoundTested,)
