"""What happened in a session, one fact an event. The record of a rule that was broken stands in `broke`; nothing is left out because of
it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from openinfusion.core.administration.parts import (
    Access,
    CheckValues,
    Container,
    Flow,
    GivenDrug,
    PumpReport,
    Reading,
    ScanKind,
    SegmentKind,
)
from openinfusion.core.event import Event
from openinfusion.core.prescribing.order import Plan
from openinfusion.core.quantity import Quantity


@dataclass(frozen=True, slots=True)
class SessionPlanned(Event):
    """A session of a signed and verified order: everything it needs to know is in its plan and protocol hash."""

    KIND: ClassVar[str] = "session-planned"
    patient: str
    course: str
    number: int
    plan: Plan
    patient_code: str


@dataclass(frozen=True, slots=True)
class PatientArrived(Event):
    """The right patient is here."""

    KIND: ClassVar[str] = "patient-arrived"
    chair: str


@dataclass(frozen=True, slots=True)
class ConsentRecorded(Event):
    """Consent was given or refused."""

    KIND: ClassVar[str] = "consent-recorded"
    given: bool
    version: str


@dataclass(frozen=True, slots=True)
class KitChecked(Event):
    """The emergency kit was looked at."""

    KIND: ClassVar[str] = "kit-checked"
    complete: bool


@dataclass(frozen=True, slots=True)
class FactsNoted(Event):
    """Facts were recorded during this session; their values stand in the patient's stream."""

    KIND: ClassVar[str] = "facts-noted"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingsAccepted(Event):
    """A person goes on in spite of findings, each with a reason. `levels` keeps the weight each had then."""

    KIND: ClassVar[str] = "findings-accepted"
    reasons: Mapping[str, str]
    levels: Mapping[str, str]
    role: str


@dataclass(frozen=True, slots=True)
class AccessRecorded(Event):
    """The way in."""

    KIND: ClassVar[str] = "access-recorded"
    access: Access
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PremedicationGiven(Event):
    """One premedication of the plan."""

    KIND: ClassVar[str] = "premedication-given"
    id: str
    given: GivenDrug
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PremedicationWaived(Event):
    """Left out with a reason."""

    KIND: ClassVar[str] = "premedication-waived"
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ContainerPrepared(Event):
    """A container exists for this session and is released."""

    KIND: ClassVar[str] = "container-prepared"
    container: Container


@dataclass(frozen=True, slots=True)
class CodeScanned(Event):
    """A code was read. `why` is empty when it was right."""

    KIND: ClassVar[str] = "code-scanned"
    scan: ScanKind
    code: str
    matched: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class CheckEntered(Event):
    """One person's own values."""

    KIND: ClassVar[str] = "check-entered"
    values: CheckValues
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChecksAgreed(Event):
    """Two independent checks agree with the order and with each other."""

    KIND: ClassVar[str] = "checks-agreed"
    performer: str
    witness: str


@dataclass(frozen=True, slots=True)
class ChecksDiffered(Event):
    """Two independent checks differ, or differ from the order, in these fields; both are void."""

    KIND: ClassVar[str] = "checks-differed"
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecondPersonMissing(Event):
    """No second person could check."""

    KIND: ClassVar[str] = "second-person-missing"
    reason: str


@dataclass(frozen=True, slots=True)
class DeviceAssociated(Event):
    """A pump or monitor serves this session."""

    KIND: ClassVar[str] = "device-associated"
    device: str
    kind: str


@dataclass(frozen=True, slots=True)
class SiteGapConfirmed(Event):
    """A person saw that these places are at least `gap` apart."""

    KIND: ClassVar[str] = "site-gap-confirmed"
    gap: Quantity
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InfusionStarted(Event):
    """Flow was ordered to begin. With sites, `rate` is that of all sites together."""

    KIND: ClassVar[str] = "infusion-started"
    container_code: str
    rate: Quantity
    sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InjectionGiven(Event):
    """A volume was injected at a site."""

    KIND: ClassVar[str] = "injection-given"
    container_code: str
    site: str
    volume: Quantity


@dataclass(frozen=True, slots=True)
class RateChanged(Event):
    """The ordered rate is another from now on."""

    KIND: ClassVar[str] = "rate-changed"
    rate: Quantity
    reason: str = ""
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InfusionPaused(Event):
    """The flow rests."""

    KIND: ClassVar[str] = "infusion-paused"
    reason: str = ""
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InfusionResumed(Event):
    """The flow runs again."""

    KIND: ClassVar[str] = "infusion-resumed"
    rate: Quantity
    after_reaction: bool = False
    second: str = ""


@dataclass(frozen=True, slots=True)
class InfusionStopped(Event):
    """The flow ended before its time."""

    KIND: ClassVar[str] = "infusion-stopped"
    reason: str
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InfusionCompleted(Event):
    """All of it is in."""

    KIND: ClassVar[str] = "infusion-completed"
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerChanged(Event):
    """The flow continues from another container."""

    KIND: ClassVar[str] = "container-changed"
    container_code: str


@dataclass(frozen=True, slots=True)
class BolusGranted(Event):
    """A bolus of the programme was allowed and given."""

    KIND: ClassVar[str] = "bolus-granted"
    volume: Quantity
    by_patient: bool


@dataclass(frozen=True, slots=True)
class GivenRecorded(Event):
    """Something given outside the ordered flow, or charted afterwards."""

    KIND: ClassVar[str] = "given-recorded"
    kind: SegmentKind
    volume: Quantity
    container_code: str = ""
    site: str = ""
    reason: str = ""
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowConfirmed(Event):
    """A person states what the flow does."""

    KIND: ClassVar[str] = "flow-confirmed"
    running: bool
    rate: Quantity | None = None
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VolumeReported(Event):
    """A person read how much has gone in."""

    KIND: ClassVar[str] = "volume-reported"
    volume: Quantity
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AmountDoubted(Event):
    """It is not known how much went in."""

    KIND: ClassVar[str] = "amount-doubted"
    lower: Quantity
    upper: Quantity
    reason: str
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AmountSettled(Event):
    """A person settled how much went in."""

    KIND: ClassVar[str] = "amount-settled"
    volume: Quantity
    reason: str
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservationRecorded(Event):
    """Values seen at one time; `implausible` names those to ask about, `device` the monitor they came from."""

    KIND: ClassVar[str] = "observation-recorded"
    readings: tuple[Reading, ...]
    implausible: tuple[str, ...] = ()
    device: str = ""
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComplicationRecorded(Event):
    """A complication by its code."""

    KIND: ClassVar[str] = "complication-recorded"
    complication: str
    grade: int = 0
    site: str = ""


@dataclass(frozen=True, slots=True)
class PumpReported(Event):
    """A state change that the pump told. `flow` is what its state word means, None for an unknown word; `historic`: it came too late to say
    anything of the present."""

    KIND: ClassVar[str] = "pump-reported"
    device: str
    report: PumpReport
    flow: Flow | None = None
    historic: bool = False
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlarmRaised(Event):
    """An alarm condition began, or began again after acknowledgement."""

    KIND: ClassVar[str] = "alarm-raised"
    key: str
    code: str
    priority: str
    physiological: bool
    reading: Reading | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class AlarmShown(Event):
    """A screen has shown it."""

    KIND: ClassVar[str] = "alarm-shown"
    key: str
    screen: str = ""


@dataclass(frozen=True, slots=True)
class AlarmEscalated(Event):
    """Nobody answered in time; `to` names the role that is to be told, `reason` what did not happen."""

    KIND: ClassVar[str] = "alarm-escalated"
    key: str
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class AlarmAcknowledged(Event):
    """A person has seen it."""

    KIND: ClassVar[str] = "alarm-acknowledged"
    key: str


@dataclass(frozen=True, slots=True)
class AlarmEnded(Event):
    """The condition is over."""

    KIND: ClassVar[str] = "alarm-ended"
    key: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SoundPaused(Event):
    """A person silenced the alarms of that moment for `lasting`."""

    KIND: ClassVar[str] = "sound-paused"
    lasting: Quantity
    screen: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver(Event):
    """Whoever told it gave the patient over to `to`, with the alarms that stood."""

    KIND: ClassVar[str] = "handed-over"
    to: str
    alarms: tuple[str, ...] = ()
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReactionReported(Event):
    """Something is wrong; the flow was ordered to stop with it. Version 2 also holds the exposure, what was done and how it answered."""

    KIND: ClassVar[str] = "reaction-reported"
    VERSION: ClassVar[int] = 2
    signs: tuple[str, ...] = ()
    exposure: str = ""
    done: tuple[str, ...] = ()
    response: str = ""


@dataclass(frozen=True, slots=True)
class ReactionGraded(Event):
    """The reaction has a grade by a named scale; `action` is what the protocol makes of it."""

    KIND: ClassVar[str] = "reaction-graded"
    grade: int
    scale: str
    action: str
    signs: tuple[str, ...] = ()
    ceiling: Quantity | None = None


@dataclass(frozen=True, slots=True)
class EmergencyOpened(Event):
    """The emergency path is open."""

    KIND: ClassVar[str] = "emergency-opened"
    script: str


@dataclass(frozen=True, slots=True)
class CriteriaMet(Event):
    """What was charted meets these criteria of anaphylaxis; the emergency steps opened by themselves."""

    KIND: ClassVar[str] = "criteria-met"
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EmergencyDrugGiven(Event):
    """An emergency drug was given."""

    KIND: ClassVar[str] = "emergency-drug-given"
    given: GivenDrug


@dataclass(frozen=True, slots=True)
class StepTicked(Event):
    """A step of a response script was done."""

    KIND: ClassVar[str] = "step-ticked"
    script: str
    step: str


@dataclass(frozen=True, slots=True)
class ReactionResolved(Event):
    """The signs are gone."""

    KIND: ClassVar[str] = "reaction-resolved"


@dataclass(frozen=True, slots=True)
class DischargeTicked(Event):
    """One discharge item was done."""

    KIND: ClassVar[str] = "discharge-ticked"
    item: str
    value: str


@dataclass(frozen=True, slots=True)
class SessionClosed(Event):
    """The patient left; reasons stand for the criteria that were not met."""

    KIND: ClassVar[str] = "session-closed"
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SessionNotDone(Event):
    """The session did not take place."""

    KIND: ClassVar[str] = "session-not-done"
    reason: str
    broke: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DiaryRecorded(Event):
    """A diary entry of a home infusion."""

    KIND: ClassVar[str] = "diary-recorded"
    entries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EntryCorrected(Event):
    """The event with this seq was entered in error."""

    KIND: ClassVar[str] = "entry-corrected"
    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewOpened(Event):
    """A record broke a rule, or records contradict each other; a person has to look."""

    KIND: ClassVar[str] = "review-opened"
    rules: tuple[str, ...]


Breakable = (
    AccessRecorded
    | PremedicationGiven
    | CheckEntered
    | RateChanged
    | InfusionPaused
    | InfusionStopped
    | HandedOver
    | InfusionCompleted
    | GivenRecorded
    | FlowConfirmed
    | VolumeReported
    | AmountDoubted
    | AmountSettled
    | ObservationRecorded
    | PumpReported
    | SessionNotDone
)
"""The events that carry the rules they broke."""

EVENTS: tuple[type[Event], ...] = (
    SessionPlanned, PatientArrived, ConsentRecorded, KitChecked, FactsNoted, FindingsAccepted, AccessRecorded, PremedicationGiven,
    PremedicationWaived, ContainerPrepared, CodeScanned, CheckEntered, ChecksAgreed, ChecksDiffered, SecondPersonMissing,
    DeviceAssociated, SiteGapConfirmed, InfusionStarted, InjectionGiven, RateChanged, InfusionPaused, InfusionResumed, InfusionStopped,
    InfusionCompleted, ContainerChanged, BolusGranted, GivenRecorded, FlowConfirmed, VolumeReported, AmountDoubted, AmountSettled,
    ObservationRecorded, ComplicationRecorded, PumpReported, AlarmRaised, AlarmShown, AlarmEscalated, AlarmAcknowledged, AlarmEnded,
    SoundPaused, HandedOver, ReactionReported, ReactionGraded, EmergencyOpened, CriteriaMet, EmergencyDrugGiven, StepTicked,
    ReactionResolved, DischargeTicked, SessionClosed, SessionNotDone, DiaryRecorded, EntryCorrected, ReviewOpened,
)  # fmt: skip
