"""What will befall simulated devices, written as `DEVICE=WHAT@SECONDS`, with `+LASTS` where it ends by itself.

    pump-3=occlusion@90        a closed line, ninety seconds after the pump was joined to a session
    pump-4=disconnect@60+120   nobody hears it for two minutes; it keeps what it has to say and says it late
    monitor-1=reaction@-240    a reaction that began four minutes ago

Reads text and nothing else; it decides nothing about a device.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from openinfusion.core.errors import Malformed
from openinfusion.core.quantity import NumberError, Quantity


class What(StrEnum):
    """Everything that can befall a device."""

    OCCLUSION = "occlusion"
    AIR = "air"
    DOOR = "door"
    BATTERY = "battery"
    SHORT = "short"
    REACTION = "reaction"
    ZERO = "zero"
    FROZEN = "frozen"
    LEAD_OFF = "lead-off"
    DISCONNECT = "disconnect"
    CLOCK = "clock"
    """Its clock runs ahead by as many seconds as `+LASTS` says, once and for good."""


FOREVER_S = 10**9
"""When something ends that does not end by itself."""

_FORM = re.compile(r"(?P<device>[^=]+)=(?P<what>[a-z-]+)@(?P<at>-?\d{1,6})(?:\+(?P<lasts>\d{1,6}))?\Z", re.ASCII)
_WRITE = "DEVICE=WHAT@SECONDS or DEVICE=WHAT@SECONDS+LASTS, such as pump-3=occlusion@90; WHAT is one of " + ", ".join(What)


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that befalls one device at each session, in seconds after it was joined; what lies before that concerns the first only."""

    device: str
    what: What
    at_s: int
    end_s: int

    @property
    def lasts_s(self) -> int:
        """How long it lasts."""
        return self.end_s - self.at_s

    def has_begun(self, moment_ms: int) -> bool:
        """Whether it began before or at this moment."""
        return self.at_s * 1000 <= moment_ms

    def holds(self, moment_ms: int) -> bool:
        """Whether it has begun and not ended."""
        return self.has_begun(moment_ms) and moment_ms < self.end_s * 1000


def incident(text: str) -> Incident:
    """The incident of `--incident`; raises Malformed with what to write."""
    read = _FORM.match(text)
    if read is None or read["what"] not in set(What):
        raise Malformed("--incident", f"{text!r} is no incident", _WRITE)
    at = int(read["at"])
    return Incident(read["device"], What(read["what"]), at, at + int(read["lasts"]) if read["lasts"] else FOREVER_S)


def given(texts: Iterable[str]) -> dict[str, Quantity]:
    """What pumps have given before this program began, from `DEVICE=MILLILITRES`; raises Malformed with what to write."""
    found: dict[str, Quantity] = {}
    for text in texts:
        device, _, volume = text.partition("=")
        try:
            found[device] = Quantity(volume, "mL")
        except NumberError as error:
            raise Malformed("--given", f"{text!r} is no volume of a pump", "DEVICE=MILLILITRES, such as pump-3=52.5") from error
    return found
