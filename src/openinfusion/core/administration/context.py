"""Everything a decision at the bedside may depend on beside the session itself. A value: no clock, no store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from openinfusion.core.administration.parts import Actor
from openinfusion.core.event import Event
from openinfusion.core.finding import Finding
from openinfusion.core.prescribing.flow import Given
from openinfusion.core.prescribing.ordering import OrderState
from openinfusion.core.prescribing.rule import Order
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import InjectionVolumes, PlausibleRange, PumpFlow, ReactionDefaults

LATE = timedelta(minutes=15)
"""A time further than this from the server's is clock-suspect: stored with both times, kept out of what is true now (safety.md 9; ours)."""


class Usability(StrEnum):
    """Whether a protocol may be used in this store: signed by two, an example in a demonstration store, or not at all."""

    ACTIVE = "active"
    EXAMPLE_IN_DEMO = "example-in-demo"
    NOT_USABLE = "not-usable"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What another session of the same patient gives of the same ingredient. `amounts` are at times relative to `now`
    (negative: before); an uncertain amount stands there with its upper bound."""

    stream: str
    uncertain: bool
    amounts: Mapping[str, tuple[Given, ...]]
    """Ingredient -> amounts."""
    started_at: datetime | None = None
    sites: tuple[str, ...] = ()
    boluses: tuple[datetime, ...] = ()
    """When a bolus of its programme, or one by hand, was given there."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Another session of the same course, with its number in the course and when it began."""

    stream: str
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Today:
    """What the rule of the order gives with the facts of today: the dose, and what was found on the way and of the planned dose."""

    dose: Quantity | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """One decision's surroundings. `order` holds protocol, choice, facts of today and fields; `signed` who ordered and verified;
    `screened` the findings of today's screening at the start; `guards` every stream that was read, with its seq."""

    session: str
    order: Order
    signed: OrderState
    usability: Usability
    actor: Actor
    now: datetime
    occurred_at: datetime
    reaction_defaults: ReactionDefaults
    screened: tuple[Finding, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    pump_states: Mapping[str, PumpFlow] = field(default_factory=dict)
    plausible: tuple[PlausibleRange, ...] = ()
    pump_step: Quantity | None = None
    site_volumes: InjectionVolumes | None = None
    """What one injection site takes, where the protocol relies on such a table."""
    busy: Mapping[str, str] = field(default_factory=dict)
    """Devices that another session needs now, and container codes that it used, with that session."""
    entry: Event | None = None
    """What a correction refers to."""
    begun: tuple[Begun, ...] = ()
    """Other sessions of this course that were begun."""
    today: Today | None = None
    """The dose by today's facts, before the start; None where it was not worked out."""
    guards: Mapping[str, int] = field(default_factory=dict)
    sound_pause: Quantity | None = None
    """How long a person may silence alarms; None where no table says it, and then nothing is silenced."""

    @property
    def protocol(self) -> Protocol:
        """The protocol of the session, by the hash it was ordered with."""
        return self.order.protocol

    @property
    def is_clock_suspect(self) -> bool:
        """Whether the time given is too far from the server's to say anything of the present."""
        return abs(self.now - self.occurred_at) > LATE

    @property
    def at(self) -> datetime:
        """When it happened; nothing happens after it is recorded."""
        return min(self.occurred_at, self.now)
