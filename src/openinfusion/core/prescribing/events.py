"""What happened to a patient's facts and to an order, apart from any session."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from openinfusion.core.event import Event
from openinfusion.core.patient import Fact
from openinfusion.core.prescribing.order import Plan
from openinfusion.core.quantity import Quantity


@dataclass(frozen=True, slots=True)
class PatientRegistered(Event):
    """The patient is known from here on. Who it is stands in the table of identities only; stream `patient/<id>`."""

    KIND: ClassVar[str] = "patient-registered"


@dataclass(frozen=True, slots=True)
class IdentityAmended(Event):
    """The identity was corrected: what was read of it before does not hold any more. It holds nothing of it; stream `patient/<id>`."""

    KIND: ClassVar[str] = "identity-amended"


@dataclass(frozen=True, slots=True)
class FactsRecorded(Event):
    """Facts of a patient, each with the time at which it was true; stream `patient/<id>`."""

    KIND: ClassVar[str] = "facts-recorded"
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ReactionRemembered(Event):
    """A reaction belongs to the patient, not to the visit; stream `patient/<id>`."""

    KIND: ClassVar[str] = "reaction-remembered"
    session: str
    protocol: str
    ingredients: tuple[str, ...]
    grade: int
    scale: str
    action: str
    rate: Quantity | None = None
    minutes_after_start: int | None = None


@dataclass(frozen=True, slots=True)
class TherapyOrdered(Event):
    """A prescriber signed a plan, with a reason for every finding that needed one; stream `course/<id>`."""

    KIND: ClassVar[str] = "therapy-ordered"
    patient: str
    plan: Plan
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrderCosigned(Event):
    """A second prescriber agrees to what one alone may not decide."""

    KIND: ClassVar[str] = "order-cosigned"
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OrderVerified(Event):
    """A pharmacist who did not order verified the plan."""

    KIND: ClassVar[str] = "order-verified"


@dataclass(frozen=True, slots=True)
class OrderCancelled(Event):
    """The order does not hold any more."""

    KIND: ClassVar[str] = "order-cancelled"
    reason: str


EVENTS: tuple[type[Event], ...] = (
    PatientRegistered,
    IdentityAmended,
    FactsRecorded,
    ReactionRemembered,
    TherapyOrdered,
    OrderCosigned,
    OrderVerified,
    OrderCancelled,
)
