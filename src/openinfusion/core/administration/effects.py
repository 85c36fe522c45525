"""What each event of a session does to its state. Nothing here refuses: what happened, happened, whatever rule it broke.

What a broken record cannot say is left out of the present state and stays in the history; the review it opened brings a person to it.
"""

from dataclasses import replace
from datetime import datetime
from functools import singledispatch

from openinfusion.core.administration import events as e
from openinfusion.core.administration.flow_state import (
    Moment,
    change_container,
    change_rate,
    confirm,
    end_flow,
    follow_pump,
    give_volume,
    rest_flow,
    run_flow,
)
from openinfusion.core.administration.parts import (
    Amount,
    Confirmation,
    Flow,
    OpenMatter,
    Reading,
    ScanKind,
    SegmentKind,
    Status,
    VolumeFrom,
)
from openinfusion.core.administration.session import Alarm, Given, Reaction, Seen, SessionState, SoundPause, Stated
from openinfusion.core.administration.volume import is_volume
from openinfusion.core.event import Event
from openinfusion.core.patient import duration
from openinfusion.core.protocol import ReactionAction
from openinfusion.core.table import Priority

LOOK_BACK = 4
"""How many values before the newest are kept at hand for alarms that end only after several in range; all stand in the history."""

CONFLICTS = frozenset({"flow-differs", "rate-differs", "rate-not-lower", "rate-no-flow"})
"""Broken rules after which nobody knows what the flow does until a person states it."""


@singledispatch
def effect(event: Event, state: SessionState, when: Moment) -> SessionState:
    """The state after one event; raises TypeError for an event that is none of a session."""
    raise TypeError(f"{type(event).__name__} at {when.seq} is no event of a session ({state.status.value})")


def _prepared(state: SessionState) -> SessionState:
    return replace(state, status=Status.PREPARING) if state.status is Status.ARRIVED else state


def _opened(state: SessionState, *matters: OpenMatter) -> SessionState:
    return replace(state, open=state.open | frozenset(matters))


def _settled(state: SessionState, *matters: OpenMatter) -> SessionState:
    return replace(state, open=state.open - frozenset(matters))


# Check-in, screen, access, premedication
@effect.register
def _(event: e.SessionPlanned, state: SessionState, _when: Moment) -> SessionState:
    return replace(state, patient=event.patient, course=event.course, number=event.number, plan=event.plan, patient_code=event.patient_code)


@effect.register
def _(event: e.PatientArrived, state: SessionState, when: Moment) -> SessionState:
    status = Status.ARRIVED if state.status is Status.PLANNED else state.status
    return replace(state, status=status, chair=event.chair or state.chair, arrived_at=state.arrived_at or when.at)


@effect.register
def _(event: e.ConsentRecorded, state: SessionState, _when: Moment) -> SessionState:
    return replace(state, consent=event.given, consent_version=event.version)


@effect.register
def _(event: e.KitChecked, state: SessionState, _when: Moment) -> SessionState:
    return replace(state, kit_complete=event.complete)


@effect.register
def _(_event: e.FactsNoted, state: SessionState, _when: Moment) -> SessionState:
    return state


@effect.register
def _(event: e.FindingsAccepted, state: SessionState, when: Moment) -> SessionState:
    by = {key: state.accepted_by.get(key, frozenset()) | {(when.actor, event.role)} for key in event.reasons}
    return replace(state, accepted={**state.accepted, **event.reasons}, accepted_by={**state.accepted_by, **by})


@effect.register
def _(event: e.AccessRecorded, state: SessionState, _when: Moment) -> SessionState:
    return _prepared(replace(state, access=event.access))


@effect.register
def _(event: e.PremedicationGiven, state: SessionState, when: Moment) -> SessionState:
    return _prepared(replace(state, premedication={**state.premedication, event.id: Given(event.given, when.at, when.actor)}))


@effect.register
def _(event: e.PremedicationWaived, state: SessionState, _when: Moment) -> SessionState:
    return _prepared(replace(state, waived={**state.waived, event.id: event.reason}))


# Preparation and verification
@effect.register
def _(event: e.ContainerPrepared, state: SessionState, _when: Moment) -> SessionState:
    return replace(state, containers={**state.containers, event.container.code: event.container})


@effect.register
def _(event: e.CodeScanned, state: SessionState, _when: Moment) -> SessionState:
    state = replace(state, scanned={**state.scanned, event.scan.value: event.code if event.matched else ""})
    return _prepared(state) if event.matched and event.scan is not ScanKind.PATIENT else state


@effect.register
def _(event: e.CheckEntered, state: SessionState, when: Moment) -> SessionState:
    return state if event.broke else _prepared(replace(state, checks=(*state.checks, (when.actor, event.values))))


@effect.register
def _(event: e.ChecksAgreed, state: SessionState, _when: Moment) -> SessionState:
    if len(state.checks) < (2 if event.witness else 1):
        # One of the checks was struck out: nothing was agreed.
        return replace(state, checks=())
    container = state.checks[-1][1].container_code if state.checks else state.checked_container
    status = Status.READY if state.status in (Status.ARRIVED, Status.PREPARING) else state.status
    return replace(state, checks=(), performer=event.performer, witness=event.witness, checked_container=container, status=status)


@effect.register
def _(_event: e.ChecksDiffered, state: SessionState, _when: Moment) -> SessionState:
    status = Status.PREPARING if state.status is Status.READY else state.status
    return replace(state, checks=(), performer="", witness="", checked_container="", status=status)


@effect.register
def _(event: e.SecondPersonMissing, state: SessionState, _when: Moment) -> SessionState:
    return replace(state, second_person_missing=event.reason)


@effect.register
def _(event: e.DeviceAssociated, state: SessionState, _when: Moment) -> SessionState:
    return replace(state, devices={**state.devices, event.device: event.kind})


# Run
@effect.register
def _(_event: e.SiteGapConfirmed, state: SessionState, _when: Moment) -> SessionState:
    return state


@effect.register
def _(event: e.InfusionStarted, state: SessionState, when: Moment) -> SessionState:
    started = replace(state, sites=event.sites, current_container=event.container_code, started_at=state.started_at or when.at)
    return run_flow(started, when, event.rate)


@effect.register
def _(event: e.InjectionGiven, state: SessionState, when: Moment) -> SessionState:
    held = replace(state, current_container=event.container_code, sites=(*state.sites, event.site), status=Status.INFUSING)
    return replace(give_volume(held, when, SegmentKind.INJECTION, event), delivery=Confirmation.CONFIRMED)


@effect.register
def _(event: e.RateChanged, state: SessionState, when: Moment) -> SessionState:
    if CONFLICTS & set(event.broke):
        return state
    if state.flow is not Flow.RUNNING:
        # Slowed while it rests: it does not run again any faster.
        slower = state.flow is Flow.PAUSED and state.held_rate is not None and event.rate < state.held_rate
        return replace(state, held_rate=event.rate) if slower else state
    return change_rate(state, when, event.rate)


@effect.register
def _(_event: e.InfusionPaused, state: SessionState, when: Moment) -> SessionState:
    return rest_flow(state, when)


@effect.register
def _(event: e.InfusionResumed, state: SessionState, when: Moment) -> SessionState:
    return run_flow(replace(state, reaction_hold=False), when, event.rate)


@effect.register
def _(_event: e.InfusionStopped, state: SessionState, when: Moment) -> SessionState:
    return end_flow(state, when, cut_short=True)


@effect.register
def _(_event: e.InfusionCompleted, state: SessionState, when: Moment) -> SessionState:
    return end_flow(state, when, cut_short=False)


@effect.register
def _(event: e.ContainerChanged, state: SessionState, when: Moment) -> SessionState:
    return change_container(state, when, event.container_code)


@effect.register
def _(event: e.BolusGranted, state: SessionState, when: Moment) -> SessionState:
    return replace(give_volume(state, when, SegmentKind.BOLUS, event), boluses=(*state.boluses, when.at))


@effect.register
def _(event: e.GivenRecorded, state: SessionState, when: Moment) -> SessionState:
    if not is_volume(event.volume):
        return state
    given = give_volume(state, when, event.kind, event)
    return replace(given, boluses=(*given.boluses, when.at)) if event.kind is SegmentKind.BOLUS else given


@effect.register
def _(event: e.FlowConfirmed, state: SessionState, when: Moment) -> SessionState:
    if event.broke and "clock-suspect" in event.broke:
        return state
    resting = Flow.STOPPED if state.flow in (Flow.STOPPED, Flow.NONE) else Flow.PAUSED
    told = confirm(state, Stated(Flow.RUNNING if event.running else resting, event.rate, when.at, when.actor))
    return _settled(told, OpenMatter.CONFLICT) if told.delivery is Confirmation.CONFIRMED else _opened(told, OpenMatter.CONFLICT)


@effect.register
def _(event: e.VolumeReported, state: SessionState, _when: Moment) -> SessionState:
    return replace(state, reported_volume=event.volume) if is_volume(event.volume) else state


@effect.register
def _(event: e.AmountDoubted, state: SessionState, when: Moment) -> SessionState:
    usable = is_volume(event.lower) and is_volume(event.upper) and event.lower <= event.upper
    bounds = (event.lower, event.upper) if usable else None
    return _opened(replace(state, amount=Amount.UNCERTAIN, bounds=bounds, doubted_at=when.at), OpenMatter.RECONCILE)


@effect.register
def _(event: e.AmountSettled, state: SessionState, when: Moment) -> SessionState:
    if not is_volume(event.volume):
        return state
    told_by_pump = state.pump is not None and state.pump.volume == event.volume
    origin = VolumeFrom.PUMP if told_by_pump else VolumeFrom.PERSON
    certain = replace(
        state, amount=Amount.CERTAIN, bounds=None, doubted_at=None, settled=event.volume, settled_at=when.at, volume_from=origin
    )
    return _settled(certain, OpenMatter.RECONCILE)


# Watch
@effect.register
def _(event: e.ObservationRecorded, state: SessionState, when: Moment) -> SessionState:
    if "clock-suspect" in event.broke or "device-not-associated" in event.broke:
        return state
    # From a device, False is a technical reading: it is the newest thing known of its channel, and no observation was made.
    # An empty text is no observation from anybody.
    read = [reading for reading in event.readings if reading.value != "" and not (event.device and reading.value is False)]
    newest = {one.code: one for one in read if one.code not in state.seen or state.seen[one.code].at <= when.at}
    seen = {code: _seen(state, reading, when.at, event.device or when.actor) for code, reading in newest.items()}
    # A value outside what is plausible is kept and shown, and asks to be measured again: nothing counts as watched by it.
    doubted = {code.partition(".")[0] for code in event.implausible}
    sound = [reading for reading in read if reading.code.partition(".")[0] not in doubted]
    baseline = {**state.baseline, **{one.code: one for one in sound}} if state.started_at is None else state.baseline
    times = tuple((reading.code, when.at) for reading in sound)
    return replace(state, seen={**state.seen, **seen}, observed_at=(*state.observed_at, *times), baseline=baseline)


LOOK_BACK = 5
"""How many earlier values are kept: as many as a limit alarm may look back."""


def _earlier(state: SessionState, code: str) -> tuple[Reading, ...]:
    before = state.seen.get(code)
    return () if before is None else (before.reading, *before.earlier)[:LOOK_BACK]


def _seen(state: SessionState, reading: Reading, at: datetime, by: str) -> Seen:
    before = state.seen.get(reading.code)
    return Seen(reading, at, by, () if before is None else (before.reading, *before.earlier)[:LOOK_BACK])


@effect.register
def _(event: e.ComplicationRecorded, state: SessionState, when: Moment) -> SessionState:
    charted = (*state.complications, (event.complication, event.grade, event.site))
    return replace(state, complications=charted, complications_at={**state.complications_at, event.complication: when.at})


@effect.register
def _(event: e.PumpReported, state: SessionState, when: Moment) -> SessionState:
    if event.historic or {"device-not-associated", "clock-suspect"} & set(event.broke):
        return state
    volume = event.report.volume if event.report.volume is not None and is_volume(event.report.volume) else None
    known = volume if volume is not None else state.pump.volume if state.pump is not None else None
    told = replace(state, pump=replace(event.report, volume=known), pump_at=when.at)
    if event.flow is None:
        return told
    return follow_pump(confirm(told, Stated(event.flow, event.report.rate, when.at, event.device)), when, event.flow)


@effect.register
def _(event: e.AlarmRaised, state: SessionState, when: Moment) -> SessionState:
    before = state.alarms.get(event.key)
    count = before.count + 1 if before is not None and before.ended_at is None else 1
    alarm = Alarm(event.key, event.code, event.priority, event.physiological, when.at, count, event.reading, event.rule)
    return _opened(replace(state, alarms={**state.alarms, event.key: alarm}), OpenMatter.ALARM)


@effect.register
def _(event: e.AlarmShown, state: SessionState, when: Moment) -> SessionState:
    alarm = state.alarms.get(event.key)
    if alarm is None or alarm.shown_at is not None:
        return state
    return replace(state, alarms={**state.alarms, event.key: replace(alarm, shown_at=when.at)})


@effect.register
def _(event: e.AlarmEscalated, state: SessionState, _when: Moment) -> SessionState:
    alarm = state.alarms.get(event.key)
    if alarm is None or event.to in alarm.escalated:
        return state
    return replace(state, alarms={**state.alarms, event.key: replace(alarm, escalated=(*alarm.escalated, event.to))})


@effect.register
def _(event: e.AlarmAcknowledged, state: SessionState, when: Moment) -> SessionState:
    alarm = state.alarms.get(event.key)
    if alarm is None:
        return state
    return replace(state, alarms={**state.alarms, event.key: replace(alarm, acknowledged_at=when.at, acknowledged_by=when.actor)})


@effect.register
def _(event: e.AlarmEnded, state: SessionState, when: Moment) -> SessionState:
    alarm = state.alarms.get(event.key)
    if alarm is None:
        return state
    alarms = {**state.alarms, event.key: replace(alarm, ended_at=alarm.ended_at or when.at)}
    still = any(one.ended_at is None for one in alarms.values())
    return replace(_opened(state, OpenMatter.ALARM) if still else _settled(state, OpenMatter.ALARM), alarms=alarms)


@effect.register
def _(event: e.SoundPaused, state: SessionState, when: Moment) -> SessionState:
    open_ones = (one for one in state.alarms.values() if one.ended_at is None)
    covers = frozenset(one.key for one in open_ones if one.priority != Priority.HIGH or one.acknowledged_at is not None)
    return replace(state, sound_pause=SoundPause(when.at, when.at + duration(event.lasting), when.actor, covers))


@effect.register
def _(event: e.HandedOver, state: SessionState, when: Moment) -> SessionState:
    return state if event.broke else replace(state, carer=event.to, handed_over_at=when.at)


# React
@effect.register
def _(event: e.ReactionReported, state: SessionState, when: Moment) -> SessionState:
    known = state.reaction or Reaction(reported_at=when.at, rate_before=state.rate or state.held_rate)
    # A grade speaks of the signs that were known; with further ones the reaction is graded again.
    grade = None if set(event.signs) - set(known.signs) else known.grade
    told = replace(
        known,
        signs=_joined(known.signs, event.signs),
        exposure=event.exposure or known.exposure,
        done=_joined(known.done, event.done),
        response=event.response or known.response,
        grade=grade,
    )
    return rest_flow(_opened(_with_reaction(state, told), OpenMatter.REACTION), when, for_reaction=True)


@effect.register
def _(event: e.ReactionGraded, state: SessionState, _when: Moment) -> SessionState:
    last = state.reactions[-1] if state.reactions else None
    if last is None or (last.resolved_at is not None and last.grade is not None):
        # Anything above "none" was reported first; a "none" with nothing to grade says that there was no reaction.
        return state
    action = last.action if last.emergency else event.action
    graded = replace(
        last, grade=event.grade, scale=event.scale, action=action, signs=_joined(last.signs, event.signs), ceiling=event.ceiling
    )
    return replace(state, reactions=(*state.reactions[:-1], graded))


@effect.register
def _(event: e.EmergencyOpened, state: SessionState, when: Moment) -> SessionState:
    known = state.reaction or Reaction(reported_at=when.at, rate_before=state.rate or state.held_rate)
    opened = replace(
        known,
        emergency=event.script,
        emergency_at=known.emergency_at or when.at,
        action=ReactionAction.STOP_FOR_GOOD.value,
        ceiling=None,
    )
    return rest_flow(_opened(_with_reaction(state, opened), OpenMatter.REACTION), when, for_reaction=True)


@effect.register
def _(_event: e.CriteriaMet, state: SessionState, _when: Moment) -> SessionState:
    return state


@effect.register
def _(event: e.EmergencyDrugGiven, state: SessionState, when: Moment) -> SessionState:
    return replace(state, emergency_drugs=(*state.emergency_drugs, Given(event.given, when.at, when.actor)))


@effect.register
def _(event: e.StepTicked, state: SessionState, when: Moment) -> SessionState:
    return replace(state, steps={**state.steps, f"{event.script}/{event.step}": when.at})


@effect.register
def _(_event: e.ReactionResolved, state: SessionState, when: Moment) -> SessionState:
    if state.reaction is None:
        return state
    return _settled(_with_reaction(state, replace(state.reaction, resolved_at=when.at)), OpenMatter.REACTION)


def _with_reaction(state: SessionState, reaction: Reaction) -> SessionState:
    earlier = state.reactions[:-1] if state.reaction is not None else state.reactions
    return replace(state, reactions=(*earlier, reaction))


def _joined(before: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*before, *more)))


# End
@effect.register
def _(event: e.DischargeTicked, state: SessionState, _when: Moment) -> SessionState:
    return replace(state, discharge={**state.discharge, event.item: event.value})


@effect.register
def _(event: e.SessionClosed, state: SessionState, _when: Moment) -> SessionState:
    return replace(state, status=Status.STOPPED if state.cut_short else Status.COMPLETED, overrides=event.reasons)


@effect.register
def _(event: e.SessionNotDone, state: SessionState, _when: Moment) -> SessionState:
    return state if event.broke else replace(state, status=Status.NOT_DONE)


@effect.register
def _(event: e.DiaryRecorded, state: SessionState, when: Moment) -> SessionState:
    return replace(state, diary=(*state.diary, (when.at, event.entries)))


@effect.register
def _(event: e.EntryCorrected, state: SessionState, _when: Moment) -> SessionState:
    return replace(state, corrected=state.corrected | {event.seq})


@effect.register
def _(event: e.ReviewOpened, state: SessionState, when: Moment) -> SessionState:
    noted = replace(state, reviews=(*state.reviews, (when.seq, event.rules)))
    return _opened(noted, OpenMatter.CONFLICT) if CONFLICTS & set(event.rules) else noted
