"""The state of one session, folded from its events. `apply` never refuses: what happened, happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from openinfusion.core.administration.parts import (
    Access,
    Amount,
    CheckValues,
    Confirmation,
    Container,
    Flow,
    GivenDrug,
    OpenMatter,
    PumpReport,
    Reading,
    SegmentKind,
    Status,
    VolumeFrom,
)
from openinfusion.core.prescribing.order import Plan
from openinfusion.core.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of delivery at one rate. A running one has no `end`. A bolus or injection has a `volume` and equal times; a flow's volume
    is rate times time."""

    kind: SegmentKind
    start: datetime
    end: datetime | None
    rate: Quantity | None
    volume: Quantity | None
    container_code: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a pump or person said the flow is doing, and when it was so."""

    flow: Flow
    rate: Quantity | None
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction of this session."""

    reported_at: datetime
    rate_before: Quantity | None
    signs: tuple[str, ...] = ()
    exposure: str = ""
    done: tuple[str, ...] = ()
    response: str = ""
    grade: int | None = None
    scale: str = ""
    action: str = ""
    ceiling: Quantity | None = None
    emergency: str = ""
    emergency_at: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm condition and how far people have come with it."""

    key: str
    code: str
    priority: str
    physiological: bool
    raised_at: datetime
    count: int = 1
    reading: Reading | None = None
    rule: str = ""
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    ended_at: datetime | None = None
    shown_at: datetime | None = None
    escalated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SoundPause:
    """Which alarms a person silenced, from when until when. What it means now is worked out in `monitoring.sound`."""

    at: datetime
    until: datetime
    by: str
    covers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest value of one observation, with its time; `earlier` are the values before it, newest first, as many as a limit alarm
    looks back."""

    reading: Reading
    at: datetime
    by: str
    earlier: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """A drug given apart from the therapy itself."""

    given: GivenDrug
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class SessionState:
    """Everything the bedside needs to know. The four facts are `status`, `delivery`, `amount` and `open`."""

    seq: int = 0
    moved_seq: int = 0
    """The last event that changes what a person would decide; routine readings and confirmations do not move it."""
    status: Status = Status.PLANNED
    delivery: Confirmation = Confirmation.CONFIRMED
    amount: Amount = Amount.CERTAIN
    open: frozenset[OpenMatter] = frozenset()
    patient: str = ""
    course: str = ""
    number: int = 0
    patient_code: str = ""
    plan: Plan | None = None
    chair: str = ""
    arrived_at: datetime | None = None
    consent: bool | None = None
    consent_version: str = ""
    kit_complete: bool | None = None
    accepted: Mapping[str, str] = field(default_factory=dict)
    """Finding key -> the newest reason to go on in spite of it."""
    accepted_by: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    """Finding key -> everybody who gave a reason for it, as (person, role)."""
    access: Access | None = None
    premedication: Mapping[str, Given] = field(default_factory=dict)
    waived: Mapping[str, str] = field(default_factory=dict)
    containers: Mapping[str, Container] = field(default_factory=dict)
    scanned: Mapping[str, str] = field(default_factory=dict)
    """ScanKind value -> the code of the last scan, empty when it was the wrong one."""
    checks: tuple[tuple[str, CheckValues], ...] = ()
    performer: str = ""
    witness: str = ""
    checked_container: str = ""
    """The container on which the checks agreed."""
    second_person_missing: str = ""
    devices: Mapping[str, str] = field(default_factory=dict)
    """device id -> kind (pump, monitor)."""
    flow: Flow = Flow.NONE
    rate: Quantity | None = None
    """The ordered rate now, None when nothing is ordered to flow."""
    ordered_at: datetime | None = None
    held_rate: Quantity | None = None
    """The rate that was running when the flow was last ordered to rest."""
    reaction_hold: bool = False
    """The flow rests because of a reaction and has not run since."""
    stated: Stated | None = None
    sites: tuple[str, ...] = ()
    current_container: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    cut_short: bool = False
    """The flow was stopped before all was in."""
    stop_confirmed_at: datetime | None = None
    segments: tuple[Segment, ...] = ()
    pump: PumpReport | None = None
    pump_at: datetime | None = None
    reported_volume: Quantity | None = None
    volume_from: VolumeFrom = VolumeFrom.SEGMENTS
    settled: Quantity | None = None
    """What a person settled on at `settled_at`; what flows later is added to it."""
    settled_at: datetime | None = None
    bounds: tuple[Quantity, Quantity] | None = None
    """The least and the most that may have gone in at `doubted_at`, while the amount is uncertain."""
    doubted_at: datetime | None = None
    boluses: tuple[datetime, ...] = ()
    seen: Mapping[str, Seen] = field(default_factory=dict)
    observed_at: tuple[tuple[str, datetime], ...] = ()
    """Every (observation code, time) charted, for what is due."""
    baseline: Mapping[str, Reading] = field(default_factory=dict)
    complications: tuple[tuple[str, int, str], ...] = ()
    complications_at: Mapping[str, datetime] = field(default_factory=dict)
    """When each complication was last charted."""
    reactions: tuple[Reaction, ...] = ()
    emergency_drugs: tuple[Given, ...] = ()
    steps: Mapping[str, datetime] = field(default_factory=dict)
    """"script/step" -> when it was ticked."""
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    sound_pause: SoundPause | None = None
    carer: str = ""
    """Who took the patient over last; empty while nobody has."""
    handed_over_at: datetime | None = None
    discharge: Mapping[str, str] = field(default_factory=dict)
    diary: tuple[tuple[datetime, Mapping[str, str]], ...] = ()
    corrected: frozenset[int] = frozenset()
    reviews: tuple[tuple[int, tuple[str, ...]], ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)

    @property
    def reaction(self) -> Reaction | None:
        """The reaction that is open, if one is."""
        return self.reactions[-1] if self.reactions and self.reactions[-1].resolved_at is None else None
