"""What people and devices ask of a session. Control commands may be refused; record commands never are, whatever the state, the clock or
the content.

Stop, pause and slow are records: safety never waits for a rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from openinfusion.core.administration.parts import Access, CheckValues, Container, GivenDrug, PumpReport, Reading, ScanKind
from openinfusion.core.patient import Fact
from openinfusion.core.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Command:
    """Base of all commands to one session. `CONTROL` commands may be refused and need the view they were decided on."""

    CONTROL: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class ControlCommand(Command):
    """Base of the commands that may be refused."""

    CONTROL: ClassVar[bool] = True


# Check-in
@dataclass(frozen=True, slots=True)
class CheckIn(Command):
    """The patient is here; `patient_code` is what was scanned or typed from the wristband."""

    patient_code: str
    chair: str = ""


@dataclass(frozen=True, slots=True)
class RecordConsent(Command):
    """What the patient said to the treatment, and to which version of the information."""

    given: bool
    version: str


@dataclass(frozen=True, slots=True)
class RecordKitCheck(Command):
    """Whether the emergency kit and card are here and complete."""

    complete: bool


@dataclass(frozen=True, slots=True)
class RecordFacts(Command):
    """What is true of the patient today: weight, answers, laboratory values; they go to the patient's own stream."""

    facts: tuple[Fact, ...]


# Screen, access, premedication
@dataclass(frozen=True, slots=True)
class AcceptFindings(ControlCommand):
    """Go on in spite of findings: a reason for each finding key. Contraindications need two prescribers, bans have no way through."""

    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RecordAccess(Command):
    """The way in was made or an existing one assessed."""

    access: Access


@dataclass(frozen=True, slots=True)
class RecordPremedication(Command):
    """One premedication of the plan was given; its time is that of the command."""

    id: str
    given: GivenDrug


@dataclass(frozen=True, slots=True)
class WaivePremedication(ControlCommand):
    """A premedication is left out, for a reason."""

    id: str
    reason: str


# Preparation and verification
@dataclass(frozen=True, slots=True)
class PrepareContainer(ControlCommand):
    """A container was made for this session and is released with its own code."""

    container: Container


@dataclass(frozen=True, slots=True)
class Scan(Command):
    """A code was read at the bedside; a wrong one is recorded and says so."""

    kind: ScanKind
    code: str


@dataclass(frozen=True, slots=True)
class EnterCheck(Command):
    """One person's own values, entered before seeing anyone else's."""

    values: CheckValues


@dataclass(frozen=True, slots=True)
class RecordNoSecondPerson(Command):
    """No second person can check; counted, and only where the protocol does not require two."""

    reason: str


@dataclass(frozen=True, slots=True)
class AssociateDevice(ControlCommand):
    """This pump or monitor serves this session from now on; set by scan, never by a message."""

    device: str
    kind: str


# Run
@dataclass(frozen=True, slots=True)
class StartInfusion(ControlCommand):
    """Start the flow from a scanned container at the first rate of the ladder; `sites` names each site of a multi-site infusion, and
    `gap_confirmed` says that whoever starts it has seen them as far apart as the protocol asks."""

    container_code: str
    rate: Quantity
    sites: tuple[str, ...] = ()
    gap_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class GiveInjection(ControlCommand):
    """Give a container's content, or a part of it, by hand at one site; `gap_confirmed` says that an earlier injection into the same
    muscle is far enough away."""

    container_code: str
    site: str
    volume: Quantity
    gap_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class RaiseRate(ControlCommand):
    """Go to a higher rate."""

    rate: Quantity


@dataclass(frozen=True, slots=True)
class SlowRate(Command):
    """Go to a lower rate; never refused."""

    rate: Quantity
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Pause(Command):
    """Rest the flow; the line stays connected."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resume(ControlCommand):
    """Let a paused flow run again, at most at the rate that is allowed now."""

    rate: Quantity


@dataclass(frozen=True, slots=True)
class Stop(Command):
    """End the flow for today."""

    reason: str


@dataclass(frozen=True, slots=True)
class CompleteInfusion(Command):
    """All of it is in."""


@dataclass(frozen=True, slots=True)
class ChangeContainer(ControlCommand):
    """Hang the next container."""

    container_code: str


@dataclass(frozen=True, slots=True)
class RequestBolus(ControlCommand):
    """The patient or nurse asks for a bolus of a patient-controlled programme; lockout and window decide."""

    by_patient: bool = True


@dataclass(frozen=True, slots=True)
class RecordFlush(Command):
    """The line was flushed; carries no dose."""

    volume: Quantity


@dataclass(frozen=True, slots=True)
class RecordGiven(Command):
    """Something was given already, whatever the rules say: a paper entry, a bolus, an injection."""

    volume: Quantity
    container_code: str = ""
    site: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmFlow(Command):
    """A person states what the flow is doing now."""

    running: bool
    rate: Quantity | None = None


@dataclass(frozen=True, slots=True)
class ReportVolume(Command):
    """A person read how much has gone in."""

    volume: Quantity


@dataclass(frozen=True, slots=True)
class DeclareAmountUncertain(Command):
    """Nobody knows how much went in; it lies between two bounds."""

    lower: Quantity
    upper: Quantity
    reason: str


@dataclass(frozen=True, slots=True)
class ReconcileAmount(Command):
    """A person settles how much went in, with a reason."""

    volume: Quantity
    reason: str


# Watch
@dataclass(frozen=True, slots=True)
class RecordObservation(Command):
    """Values seen at one time."""

    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class RecordComplication(Command):
    """A complication by its code, graded or not (0: no grade given)."""

    complication: str
    grade: int = 0
    site: str = ""


@dataclass(frozen=True, slots=True)
class ReceivePumpReport(Command):
    """A message of the associated pump."""

    device: str
    report: PumpReport


@dataclass(frozen=True, slots=True)
class ReceiveReadings(Command):
    """Charted values of the associated monitor; technical readings carry the value False."""

    device: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class RaiseAlarm(Command):
    """The watch found an alarm condition; `key` identifies it while it lasts."""

    key: str
    code: str
    priority: str
    physiological: bool
    reading: Reading | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ShowAlarm(Command):
    """A screen has shown the alarm; whether anybody looked at it nobody knows."""

    key: str
    screen: str = ""


@dataclass(frozen=True, slots=True)
class EscalateAlarm(Command):
    """Nobody has acknowledged the alarm, or no screen has shown it: somebody else has to be told."""

    key: str
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class AcknowledgeAlarm(Command):
    """A person has seen the alarm; the condition stays."""

    key: str


@dataclass(frozen=True, slots=True)
class PauseSound(Command):
    """Let the alarms that stand now be silent for the time of the alarm table, at this session on every screen. One that is high and that
    nobody acknowledged goes on to sound, and a new one as grave as those breaks the pause."""

    screen: str = ""


@dataclass(frozen=True, slots=True)
class OpenEmergency(Command):
    """What is charted meets criteria of anaphylaxis: the flow is ordered to stop and the steps of the emergency open. Nothing is decided by
    it; whoever treats as anaphylaxis says so."""

    signs: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndAlarm(Command):
    """The condition is over, or a person resolves a latched one with a reason."""

    key: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HandOver(Command):
    """The patient and every alarm that stands now are another person's from now on; `to` is the sign-in name of whoever takes over."""

    to: str


# React
@dataclass(frozen=True, slots=True)
class ReportReaction(Command):
    """Something is wrong with the patient. Stops the flow at once; signs, whether an allergen was met (none, likely, known), what was done
    and how it answered may follow later."""

    signs: tuple[str, ...] = ()
    exposure: str = ""
    done: tuple[str, ...] = ()
    response: str = ""


@dataclass(frozen=True, slots=True)
class GradeReaction(Command):
    """A person grades the reaction: 0 none to 5, by the named scale."""

    grade: int
    scale: str
    signs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TreatAsAnaphylaxis(Command):
    """Open the emergency path, now, without any condition."""


@dataclass(frozen=True, slots=True)
class GiveEmergencyDrug(Command):
    """An emergency drug was given. No gate, no second person, no scan."""

    given: GivenDrug


@dataclass(frozen=True, slots=True)
class TickStep(Command):
    """A step of a response script was done; the time of the command is its time."""

    script: str
    step: str


@dataclass(frozen=True, slots=True)
class ResolveReaction(Command):
    """The signs are gone."""


@dataclass(frozen=True, slots=True)
class ResumeAfterReaction(ControlCommand):
    """Start again after a resolved reaction, at most at the protocol's ceiling; `second` signs too where the protocol asks for two."""

    rate: Quantity
    second: str = ""


# End
@dataclass(frozen=True, slots=True)
class TickDischarge(Command):
    """One discharge item was done: site covered, access removed or locked, teach-back, leaflet given, contact given."""

    item: str
    value: str = "done"


@dataclass(frozen=True, slots=True)
class Discharge(ControlCommand):
    """Close the session. Criteria that are not met need a reason each."""

    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MarkNotDone(Command):
    """The session does not take place."""

    reason: str


@dataclass(frozen=True, slots=True)
class RecordDiary(Command):
    """A diary entry of a home infusion, by field."""

    entries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CorrectEntry(Command):
    """An earlier entry was made in error; it stays visible, struck through, and a right one may follow on its own."""

    seq: int
    reason: str
    at: datetime | None = None


COMMANDS: tuple[type[Command], ...] = (
    CheckIn, RecordConsent, RecordKitCheck, RecordFacts, AcceptFindings, RecordAccess, RecordPremedication, WaivePremedication,
    PrepareContainer, Scan, EnterCheck, RecordNoSecondPerson, AssociateDevice, StartInfusion, GiveInjection, RaiseRate, SlowRate,
    Pause, Resume, Stop, CompleteInfusion, ChangeContainer, RequestBolus, RecordFlush, RecordGiven, ConfirmFlow, ReportVolume,
    DeclareAmountUncertain, ReconcileAmount, RecordObservation, RecordComplication, ReceivePumpReport, ReceiveReadings, RaiseAlarm,
    ShowAlarm, EscalateAlarm, AcknowledgeAlarm, PauseSound, EndAlarm, HandOver, ReportReaction, GradeReaction, TreatAsAnaphylaxis,
    OpenEmergency, GiveEmergencyDrug, TickStep, ResolveReaction, ResumeAfterReaction, TickDischarge, Discharge, MarkNotDone, RecordDiary,
    CorrectEntry,
)  # fmt: skip
