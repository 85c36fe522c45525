"""What stages, criteria, commands and events are called on the pages of a session. Words only."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from openinfusion.app import present
from openinfusion.core.administration import events as e
from openinfusion.core.administration.checklist import Need, Stage

Text = str | Promise

STAGE_WORDS: Mapping[Stage, Text] = {
    Stage.CHECK_IN: _("Check-in"),
    Stage.SCREEN: _("Screen"),
    Stage.ACCESS: _("Access"),
    Stage.PREMEDICATE: _("Premedicate"),
    Stage.VERIFY: _("Verify"),
    Stage.RUN: _("Run"),
    Stage.OBSERVE: _("Observe"),
    Stage.DISCHARGE: _("Discharge"),
}
NEED_WORDS: Mapping[Need, Text] = {
    Need.ENDED: _("The flow has ended"),
    Need.STOP_CONFIRMED: _("The end is confirmed by pump or person"),
    Need.OBSERVED: _("The time of observation is over"),
    Need.VOLUME_RECONCILED: _("It is settled how much went in"),
    Need.ACCESS_REMOVED: _("The access is removed or locked"),
    Need.SITE_COVERED: _("The site is covered"),
    Need.TEACH_BACK: _("The patient told in own words what to watch for"),
    Need.LEAFLET_GIVEN: _("The leaflet was given"),
    Need.CONTACT_GIVEN: _("The patient knows whom to call"),
    Need.NOTHING_OPEN: _("No reaction, alarm or contradiction is open"),
}
COMMAND_WORDS: Mapping[str, Text] = {
    "CheckIn": _("Check in"),
    "RecordConsent": _("Consent"),
    "RecordKitCheck": _("Emergency kit"),
    "RecordFacts": _("Answers of today"),
    "AcceptFindings": _("Decision on findings"),
    "RecordAccess": _("Access"),
    "RecordPremedication": _("Premedication"),
    "WaivePremedication": _("Waive a premedication"),
    "EnterCheck": _("Check"),
    "StartInfusion": _("Start"),
    "GiveInjection": _("Injection"),
    "RaiseRate": _("Next step"),
    "SlowRate": _("Slow"),
    "Pause": _("Pause"),
    "Resume": _("Resume"),
    "Stop": _("Stop"),
    "CompleteInfusion": _("All of it is in"),
    "ConfirmFlow": _("Confirm what the flow does"),
    "ReportVolume": _("Read the volume"),
    "DeclareAmountUncertain": _("Amount uncertain"),
    "ReconcileAmount": _("Settle the amount"),
    "RecordFlush": _("Flush"),
    "RecordGiven": _("Given already, charted now"),
    "RecordObservation": _("Chart observations"),
    "RecordComplication": _("Complication"),
    "RecordDiary": _("Diary"),
    "RecordNoSecondPerson": _("Second person not available"),
    "AssociateDevice": _("Join a device"),
    "ShowAlarm": _("Alarm shown on a screen"),
    "EscalateAlarm": _("Alarm passed on"),
    "AcknowledgeAlarm": _("Alarm seen"),
    "PauseSound": _("Silence for a while"),
    "EndAlarm": _("Settle the alarm"),
    "HandOver": _("Hand over"),
    "ReportReaction": _("Reaction"),
    "GradeReaction": _("Grade of the reaction"),
    "ResolveReaction": _("Reaction over"),
    "TreatAsAnaphylaxis": _("Treat as anaphylaxis"),
    "OpenEmergency": _("Criteria of anaphylaxis are met"),
    "GiveEmergencyDrug": _("Emergency drug"),
    "TickStep": _("Step done"),
    "TickDischarge": _("Discharge"),
    "MarkNotDone": _("The session does not take place"),
    "CorrectEntry": _("Entered in error"),
    "PrepareContainer": _("Container"),
    "ResumeAfterReaction": _("Resume after reaction"),
    "RequestBolus": _("Bolus"),
    "ChangeContainer": _("Bag change"),
    "Discharge": _("Discharge"),
}
CHECK_WORDS: Mapping[str, Text] = {
    "patient_code": _("Code on the wristband"),
    "container_code": _("Code on the container"),
    "drug": _("Drug on the label"),
    "dose": _("Dose"),
    "volume": _("Volume"),
    "rate": _("Rate set on the pump"),
    "expiry": _("Expires"),
    "appearance_good": _("Is it clear, whole and as it should look?"),
}
_EVENTS: Mapping[type, Text] = {
    e.SessionPlanned: _("Session planned"),
    e.PatientArrived: _("Patient arrived"),
    e.ConsentRecorded: _("Consent"),
    e.KitChecked: _("Emergency kit checked"),
    e.FactsNoted: _("Facts recorded"),
    e.FindingsAccepted: _("Decision on findings"),
    e.AccessRecorded: _("Access"),
    e.PremedicationGiven: _("Premedication given"),
    e.PremedicationWaived: _("Premedication waived"),
    e.ContainerPrepared: _("Container released"),
    e.CodeScanned: _("Scan"),
    e.CheckEntered: _("Check entered"),
    e.ChecksAgreed: _("Both checks agree"),
    e.ChecksDiffered: _("The checks differ"),
    e.SecondPersonMissing: _("No second person"),
    e.DeviceAssociated: _("Device joined"),
    e.SiteGapConfirmed: _("Distance between places confirmed"),
    e.InfusionStarted: _("Start"),
    e.InjectionGiven: _("Injection"),
    e.RateChanged: _("Rate changed"),
    e.InfusionPaused: _("Pause"),
    e.InfusionResumed: _("Resumed"),
    e.InfusionStopped: _("Stop"),
    e.InfusionCompleted: _("All of it is in"),
    e.ContainerChanged: _("Bag change"),
    e.BolusGranted: _("Bolus"),
    e.GivenRecorded: _("Given, charted afterwards"),
    e.FlowConfirmed: _("Flow stated"),
    e.VolumeReported: _("Volume read"),
    e.AmountDoubted: _("Amount uncertain"),
    e.AmountSettled: _("Amount settled"),
    e.ObservationRecorded: _("Observation"),
    e.ComplicationRecorded: _("Complication"),
    e.PumpReported: _("Pump"),
    e.AlarmRaised: _("Alarm"),
    e.AlarmShown: _("Alarm shown on a screen"),
    e.AlarmEscalated: _("Alarm passed on"),
    e.AlarmAcknowledged: _("Alarm acknowledged"),
    e.AlarmEnded: _("Alarm ended"),
    e.SoundPaused: _("Alarm sound paused"),
    e.HandedOver: _("Handed over"),
    e.ReactionReported: _("Reaction"),
    e.ReactionGraded: _("Reaction graded"),
    e.EmergencyOpened: _("Treated as anaphylaxis"),
    e.CriteriaMet: _("Criteria of anaphylaxis are met"),
    e.EmergencyDrugGiven: _("Emergency drug"),
    e.StepTicked: _("Step done"),
    e.ReactionResolved: _("Reaction over"),
    e.DischargeTicked: _("Discharge"),
    e.SessionClosed: _("Session closed"),
    e.SessionNotDone: _("Session not done"),
    e.DiaryRecorded: _("Diary"),
    e.EntryCorrected: _("Entered in error"),
    e.ReviewOpened: _("To be looked at"),
}
"""Event -> its name, for every event of a session."""


def event_words(event: object) -> str:
    """The name of an event."""
    return str(_EVENTS.get(type(event), type(event).__name__))


def command_words(name: str) -> str:
    """The name of a command; one without a name of its own is shown as its code in plain letters."""
    return str(COMMAND_WORDS[name]) if name in COMMAND_WORDS else gettext(present.readable(name))
