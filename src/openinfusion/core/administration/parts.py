"""The small values that commands, events and session state share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity


class Status(StrEnum):
    """Where the work of a session stands."""

    PLANNED = "planned"
    ARRIVED = "arrived"
    PREPARING = "preparing"
    READY = "ready"
    INFUSING = "infusing"
    ON_HOLD = "on_hold"
    OBSERVING = "observing"
    COMPLETED = "completed"
    STOPPED = "stopped"
    NOT_DONE = "not_done"


class Confirmation(StrEnum):
    """Whether what was ordered of the flow is known to be so."""

    ORDERED = "ordered"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"


class Amount(StrEnum):
    """Whether it is known how much was given."""

    CERTAIN = "certain"
    UNCERTAIN = "uncertain"


class OpenMatter(StrEnum):
    """What a person still has to settle."""

    REACTION = "reaction"
    RECONCILE = "reconcile"
    CONFLICT = "conflict"
    ALARM = "alarm"


class Flow(StrEnum):
    """What the drug does: flows, rests, or has ended. A rate of zero is none of these."""

    NONE = "none"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class SegmentKind(StrEnum):
    """What a piece of the delivery was. A flush carries no dose."""

    FLOW = "flow"
    BOLUS = "bolus"
    INJECTION = "injection"
    FLUSH = "flush"


class VolumeFrom(StrEnum):
    """Where a delivered volume comes from."""

    SEGMENTS = "segments"
    PUMP = "pump"
    PERSON = "person"


class ScanKind(StrEnum):
    """What a scanned code belongs to."""

    PATIENT = "patient"
    CONTAINER = "container"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Container:
    """A bag, syringe or vial set as its own object. `code` is what is scanned; `route` is fixed when it is made."""

    code: str
    drug: str
    amount: Quantity
    volume: Quantity
    route: Route
    lot: str
    expiry: date
    prepared_by: str
    prepared_at: datetime
    use_before: datetime | None = None
    diluent: str = ""
    product: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """How the drug gets in: device or needle, where, and what was seen. `line` is the code on the line, empty for a needle."""

    device: str
    site: str
    route: Route
    line: str = ""
    gauge: str = ""
    antiseptic: str = ""
    attempts: int = 1
    blood_return: bool | None = None
    dressing: str = ""
    local_anaesthetic: str = ""


@dataclass(frozen=True, slots=True)
class CheckValues:
    """What one person reads and computes on their own before the start. `volume` and `rate` stay None for what the delivery does not
    have."""

    patient_code: str
    container_code: str
    drug: str
    dose: Quantity
    expiry: date
    appearance_good: bool
    volume: Quantity | None = None
    rate: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One observed value: a quantity, or a code of the scale named by `scale`."""

    code: str
    value: Quantity | str | bool
    scale: str = ""


@dataclass(frozen=True, slots=True)
class PumpReport:
    """What a pump says of itself: its own state word, rate, and volume since it was started; `alarm` is its code, kept verbatim."""

    state: str
    rate: Quantity | None = None
    volume: Quantity | None = None
    alarm: str = ""
    buffered: bool = False


@dataclass(frozen=True, slots=True)
class GivenDrug:
    """A drug that was given outside the therapy itself: premedication, emergency or comfort. `basis` says how the dose was found."""

    drug: str
    dose: Quantity | None
    route: str
    site: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, with the roles they hold at that moment. A device has the role `device`."""

    id: str
    roles: frozenset[str]


Answers = Mapping[str, str]
