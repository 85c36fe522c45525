"""The one list of all event kinds the record may hold, joined from the rooms of the core, and the lifts of their earlier versions."""

from collections.abc import Mapping

from openinfusion.core import protocol_events, screen_events
from openinfusion.core.administration import events as administration
from openinfusion.core.prescribing import events as prescribing
from openinfusion.store.codec import Codec, Lift

LIFTS: Mapping[tuple[str, int], Lift] = {
    # Nobody was asked for the exposure, what was done and the answer: they stay unknown.
    ("reaction-reported", 1): lambda stored: {**stored, "exposure": "", "done": [], "response": ""},
}
"""(kind, old version) -> function to the next version. A row is never removed."""

CODEC = Codec((*prescribing.EVENTS, *administration.EVENTS, *protocol_events.EVENTS, *screen_events.EVENTS), LIFTS)
