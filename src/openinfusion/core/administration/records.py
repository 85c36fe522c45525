"""Record commands: what each becomes, and which rules it broke. Nothing is refused, whatever the status, the clock or the content."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch
from typing import assert_never

from openinfusion.core.administration import commands as c
from openinfusion.core.administration import events as e
from openinfusion.core.administration import premedication, verification
from openinfusion.core.administration.apply import CORRECTABLE
from openinfusion.core.administration.checklist import DischargeItem
from openinfusion.core.administration.container import is_expired
from openinfusion.core.administration.context import LATE, Context
from openinfusion.core.administration.parts import CheckValues, Flow, PumpReport, Reading, ScanKind, SegmentKind, Status
from openinfusion.core.administration.places import site_allowed
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.volume import agree, delivered, integral, is_flow, is_volume, planned_volume
from openinfusion.core.administration.windows import Ahead, passing, running_on
from openinfusion.core.event import Event
from openinfusion.core.finding import Level
from openinfusion.core.patient import Fact
from openinfusion.core.prescribing.events import FactsRecorded
from openinfusion.core.protocol import Delivery
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import PumpFlow

CLOSED = frozenset({Status.COMPLETED, Status.STOPPED, Status.NOT_DONE})


@dataclass(frozen=True, slots=True)
class Told:
    """The events of a record and the rules it broke, in the order of their gravity."""

    events: tuple[Event, ...]
    broke: tuple[str, ...] = ()


def told(*events: Event, broke: Iterator[str] | tuple[str, ...] = ()) -> Told:
    """The events of a record, with the rules it broke."""
    return Told(events, tuple(dict.fromkeys(broke)))


@singledispatch
def record(command: c.Command, state: SessionState, ctx: Context) -> Told:
    """The events of a record command; raises TypeError for a command that is none."""
    raise TypeError(f"{type(command).__name__} is no record command ({state.status.value}, {ctx.session})")


# Check-in, access, premedication
@record.register
def _(command: c.CheckIn, state: SessionState, ctx: Context) -> Told:
    scan = _scanned(ScanKind.PATIENT, command.patient_code, state, ctx)
    if not scan.matched:
        return told(scan, broke=("wrong-patient",))
    return told(scan, e.PatientArrived(command.chair), broke=("session-closed",) if state.status in CLOSED else ())


@record.register
def _(command: c.RecordConsent, state: SessionState, _ctx: Context) -> Told:
    withdrawn = not command.given and state.flow in (Flow.RUNNING, Flow.PAUSED)
    return told(e.ConsentRecorded(command.given, command.version), broke=("consent-withdrawn",) if withdrawn else ())


@record.register
def _(command: c.RecordKitCheck, state: SessionState, _ctx: Context) -> Told:
    missing = not command.complete and state.flow in (Flow.RUNNING, Flow.PAUSED)
    return told(e.KitChecked(command.complete), broke=("kit-incomplete",) if missing else ())


@record.register
def _(command: c.RecordFacts, _state: SessionState, ctx: Context) -> Told:
    signed = tuple(fact if fact.by else Fact(fact.field, fact.value, fact.at, ctx.actor.id) for fact in command.facts)
    unknown = any(fact.field not in ctx.order.fields for fact in signed)
    names = tuple(fact.field for fact in signed)
    return told(FactsRecorded(signed), e.FactsNoted(names), broke=("field-unknown",) if unknown else ())


@record.register
def _(command: c.RecordAccess, state: SessionState, ctx: Context) -> Told:
    planned = state.plan.route if state.plan is not None else ctx.protocol.route
    broke = [
        *(["access-route-differs"] if command.access.route is not planned else []),
        *(["site-not-allowed"] if not site_allowed(command.access.site, ctx) else []),
    ]
    return told(e.AccessRecorded(command.access), broke=tuple(broke))


@record.register
def _(command: c.RecordPremedication, state: SessionState, _ctx: Context) -> Told:
    broke = premedication.differing(command.id, command.given, state.plan)
    return told(e.PremedicationGiven(command.id, command.given), broke=broke)


# Verification
@record.register
def _(command: c.Scan, state: SessionState, ctx: Context) -> Told:
    scan = _scanned(command.kind, command.code, state, ctx)
    return told(scan, broke=() if scan.matched else (scan.why,))


def _scanned(kind: ScanKind, code: str, state: SessionState, ctx: Context) -> e.CodeScanned:
    why = next(_wrong(kind, code.strip(), state, ctx), "")
    return e.CodeScanned(kind, code.strip(), matched=not why, why=why)


def _wrong(kind: ScanKind, code: str, state: SessionState, ctx: Context) -> Iterator[str]:
    """Why a scanned code is not the right one; the first reason is the gravest."""
    match kind:
        case ScanKind.PATIENT:
            if code != state.patient_code:
                yield "wrong-patient"
        case ScanKind.CONTAINER:
            container = state.containers.get(code)
            if container is None:
                yield "container-not-of-this-session"
                return
            if container.route is not (state.access.route if state.access is not None else ctx.protocol.route):
                yield "container-wrong-route"
            if is_expired(container, ctx.now):
                yield "container-expired"
        case ScanKind.LINE:
            if state.access is None or code != state.access.line:
                yield "line-not-of-this-session"


@record.register
def _(command: c.EnterCheck, state: SessionState, ctx: Context) -> Told:
    entered = e.CheckEntered(command.values)
    broke = verification.broken_by(state, ctx.actor.id, ctx)
    if broke:
        return told(entered, broke=broke)
    mine = (ctx.actor.id, command.values)
    checks = (*state.checks, mine)
    if ctx.protocol.double_check.required and len(checks) < 2:
        return told(entered, *_doubts(state, command.values, ctx))
    differing = verification.differing(state, tuple(values for _, values in checks), ctx)
    if differing:
        return told(entered, e.ChecksDiffered(differing))
    witness = checks[1][0] if len(checks) > 1 else ""
    return told(entered, e.ChecksAgreed(checks[0][0], witness))


def _doubts(state: SessionState, values: CheckValues, ctx: Context) -> tuple[Event, ...]:
    """Who looks again at what was agreed and finds it otherwise ends the agreement at once."""
    if not state.checked_container or values.container_code != state.checked_container:
        return ()
    differing = verification.differing(state, (values,), ctx)
    return (e.ChecksDiffered(differing),) if differing else ()


@record.register
def _(command: c.RecordNoSecondPerson, _state: SessionState, ctx: Context) -> Told:
    required = ctx.protocol.double_check.required
    return told(e.SecondPersonMissing(command.reason), broke=("second-person-required",) if required else ())


# Run
def _flow_rules(state: SessionState, ctx: Context, *, running: bool) -> Iterator[str]:
    """The rules that an order to the flow breaks by its place in time and in the session."""
    if state.status in CLOSED:
        yield "session-closed"
    elif running and state.flow is not Flow.RUNNING:
        yield "not-running"
    edges = [segment.end or segment.start for segment in state.segments if segment.kind is SegmentKind.FLOW]
    if edges and ctx.at < max(edges):
        yield "before-last-change"


def _doubted(state: SessionState, ctx: Context) -> tuple[e.AmountDoubted, ...]:
    """The amount between a change told long after it happened and now is not known: it lies between both readings."""
    if not ctx.is_clock_suspect or state.flow is not Flow.RUNNING:
        return ()
    lower, _ = delivered(state, ctx.at)
    upper, _ = delivered(state, ctx.now)
    return (e.AmountDoubted(lower, upper, "clock-suspect"),) if lower < upper else ()


@record.register
def _(command: c.SlowRate, state: SessionState, ctx: Context) -> Told:
    broke = [*_flow_rules(state, ctx, running=True)]
    if not is_flow(command.rate):
        return told(e.RateChanged(command.rate, command.reason), broke=("rate-no-flow", *broke))
    if command.rate.value == 0:
        return told(e.InfusionPaused(command.reason), *_doubted(state, ctx), broke=("rate-of-nothing", *broke))
    if state.rate is not None and command.rate > state.rate:
        broke.insert(0, "rate-not-lower")
    return told(e.RateChanged(command.rate, command.reason), *_doubted(state, ctx), broke=tuple(broke))


@record.register
def _(command: c.Pause, state: SessionState, ctx: Context) -> Told:
    return told(e.InfusionPaused(command.reason), *_doubted(state, ctx), broke=_flow_rules(state, ctx, running=True))


@record.register
def _(command: c.Stop, state: SessionState, ctx: Context) -> Told:
    return told(e.InfusionStopped(command.reason), *_doubted(state, ctx), broke=_end_rules(state, ctx))


@record.register
def _(_command: c.CompleteInfusion, state: SessionState, ctx: Context) -> Told:
    return told(e.InfusionCompleted(), *(_doubted(state, ctx) or _unlike_plan(state, ctx)), broke=_complete_rules(state, ctx))


def _complete_rules(state: SessionState, ctx: Context) -> Iterator[str]:
    yield from _end_rules(state, ctx)
    if _unlike_plan(state, ctx):
        yield "volume-differs"


def _unlike_plan(state: SessionState, ctx: Context) -> tuple[e.AmountDoubted, ...]:
    """All of it is in by word, against a chart that says otherwise: without a pump's own figure the amount lies between both."""
    planned, (charted, _) = planned_volume(state), delivered(state, ctx.at)
    told_by_pump = state.pump is not None and state.pump.volume is not None
    if planned is None or told_by_pump or state.flow is Flow.NONE or state.ended_at is not None or agree(charted, planned):
        return ()
    return (e.AmountDoubted(min(charted, planned), max(charted, planned), "volume-differs"),)


def _end_rules(state: SessionState, ctx: Context) -> Iterator[str]:
    yield from _flow_rules(state, ctx, running=False)
    if state.started_at is None:
        yield "not-started"
    elif state.ended_at is not None:
        yield "already-ended"


@record.register
def _(command: c.RecordFlush, state: SessionState, _ctx: Context) -> Told:
    return told(e.GivenRecorded(SegmentKind.FLUSH, command.volume), broke=_volume_rules(command.volume, state))


@record.register
def _(command: c.RecordGiven, state: SessionState, ctx: Context) -> Told:
    kind = SegmentKind.INJECTION if ctx.protocol.delivery is Delivery.INJECTION else SegmentKind.BOLUS
    given = e.GivenRecorded(kind, command.volume, command.container_code, command.site, command.reason)
    return told(given, broke=_given_rules(command, state, ctx))


def _given_rules(command: c.RecordGiven, state: SessionState, ctx: Context) -> Iterator[str]:
    yield from _volume_rules(command.volume, state)
    container = state.containers.get(command.container_code)
    if command.container_code and container is None:
        yield "container-not-of-this-session"
    elif container is not None and container.route is not ctx.protocol.route:
        yield "container-wrong-route"
    if is_volume(command.volume):
        found = passing(state, ctx, Ahead((command.volume,), running_on(state, ctx).flows))
        yield from (f"{finding.code}:{finding.rule}" for finding in found if finding.level is Level.BANNED)


def _volume_rules(volume: Quantity, state: SessionState) -> Iterator[str]:
    if not volume.is_like("mL"):
        yield "volume-unit"
    elif volume.value <= 0:
        yield "volume-not-positive"
    if state.status in CLOSED:
        yield "session-closed"


@record.register
def _(command: c.ConfirmFlow, state: SessionState, ctx: Context) -> Told:
    confirmed = e.FlowConfirmed(command.running, command.rate)
    if command.running is not (state.flow is Flow.RUNNING):
        return told(confirmed, *_unwatched(state, ctx), broke=("flow-differs",))
    rates = command.rate is not None and state.rate is not None and not agree(command.rate, state.rate, ctx.pump_step)
    return told(confirmed, broke=("rate-differs",) if rates else ())


def _unwatched(state: SessionState, ctx: Context) -> tuple[e.AmountDoubted, ...]:
    """A flow that is found at rest has rested since nobody knows when after it was last seen to run; a pump's own figure would tell."""
    if state.flow is not Flow.RUNNING or (state.pump is not None and state.pump.volume is not None):
        return ()
    seen = state.stated.at if state.stated is not None and state.stated.flow is Flow.RUNNING else state.ordered_at
    lower = integral(state.segments, None, seen or ctx.now)
    upper, _ = delivered(state, ctx.now)
    return (e.AmountDoubted(lower, upper, "found-at-rest"),) if lower < upper else ()


@record.register
def _(command: c.ReportVolume, _state: SessionState, _ctx: Context) -> Told:
    return told(e.VolumeReported(command.volume), broke=() if is_volume(command.volume) else ("volume-not-positive",))


@record.register
def _(command: c.DeclareAmountUncertain, _state: SessionState, _ctx: Context) -> Told:
    usable = is_volume(command.lower) and is_volume(command.upper) and command.lower <= command.upper
    return told(e.AmountDoubted(command.lower, command.upper, command.reason), broke=() if usable else ("bounds-not-usable",))


@record.register
def _(command: c.ReconcileAmount, _state: SessionState, _ctx: Context) -> Told:
    return told(e.AmountSettled(command.volume, command.reason), broke=() if is_volume(command.volume) else ("volume-not-positive",))


# Watch
@record.register
def _(command: c.RecordObservation, _state: SessionState, ctx: Context) -> Told:
    return told(e.ObservationRecorded(command.readings, implausible(command.readings, ctx)))


@record.register
def _(command: c.ReceiveReadings, state: SessionState, ctx: Context) -> Told:
    seen = e.ObservationRecorded(command.readings, implausible(command.readings, ctx), command.device)
    return told(seen, broke=() if command.device in state.devices else ("device-not-associated",))


def implausible(readings: tuple[Reading, ...], ctx: Context) -> tuple[str, ...]:
    """The codes of readings outside what is plausible, to be asked about."""
    ranges = {one.field: one for one in ctx.plausible}
    found: list[str] = []
    for reading in readings:
        bounds, value = ranges.get(reading.code), reading.value
        if bounds is None or not isinstance(value, Quantity):
            continue
        limits = [figure.quantity for figure in (bounds.least, bounds.most) if figure is not None]
        if (
            any(not value.is_like(one) for one in limits)
            or (bounds.least is not None and value < bounds.least.quantity)
            or (bounds.most is not None and value > bounds.most.quantity)
        ):
            found.append(reading.code)
    return tuple(found)


@record.register
def _(command: c.RecordComplication, _state: SessionState, _ctx: Context) -> Told:
    return told(e.ComplicationRecorded(command.complication, command.grade, command.site))


@record.register
def _(command: c.ReceivePumpReport, state: SessionState, ctx: Context) -> Told:
    report = command.report
    flow = _pump_flow(report, state, ctx)
    late = ctx.now - ctx.at > LATE or (state.pump_at is not None and ctx.at < state.pump_at)
    return told(e.PumpReported(command.device, report, flow, report.buffered or late), broke=_pump_rules(command, state, ctx))


def _pump_flow(report: PumpReport, state: SessionState, ctx: Context) -> Flow | None:
    """What the pump's word says of the therapy's flow; keep-open flow is not the therapy. An unknown word says nothing."""
    at_rest = Flow.STOPPED if state.flow in (Flow.STOPPED, Flow.NONE) else Flow.PAUSED
    match ctx.pump_states.get(report.state.lower()):
        case PumpFlow.FLOWS | PumpFlow.BOLUS:
            return Flow.RUNNING
        case PumpFlow.KEEP_OPEN | PumpFlow.RESTS:
            return at_rest
        case None:
            return None
        case unknown:
            assert_never(unknown)


def _pump_rules(command: c.ReceivePumpReport, state: SessionState, ctx: Context) -> Iterator[str]:
    if state.devices.get(command.device) != "pump":
        yield "device-not-associated"
    if command.report.state.lower() not in ctx.pump_states:
        yield "pump-state-unknown"
    if command.report.volume is not None and not is_volume(command.report.volume):
        yield "volume-not-positive"
    if command.report.rate is not None and not is_flow(command.report.rate):
        yield "pump-rate-not-a-flow"


@record.register
def _(command: c.RaiseAlarm, _state: SessionState, _ctx: Context) -> Told:
    return told(e.AlarmRaised(command.key, command.code, command.priority, command.physiological, command.reading, command.rule))


@record.register
def _(command: c.ShowAlarm, state: SessionState, _ctx: Context) -> Told:
    return told(e.AlarmShown(command.key, command.screen), broke=() if command.key in state.alarms else ("no-such-alarm",))


@record.register
def _(command: c.EscalateAlarm, state: SessionState, _ctx: Context) -> Told:
    return told(e.AlarmEscalated(command.key, command.to, command.reason), broke=() if command.key in state.alarms else ("no-such-alarm",))


@record.register
def _(command: c.AcknowledgeAlarm, state: SessionState, _ctx: Context) -> Told:
    return told(e.AlarmAcknowledged(command.key), broke=() if command.key in state.alarms else ("no-such-alarm",))


@record.register
def _(command: c.PauseSound, _state: SessionState, ctx: Context) -> Told:
    if ctx.sound_pause is None:
        return told(e.SoundPaused(Quantity(0, "s"), command.screen), broke=("sound-pause-unset",))
    return told(e.SoundPaused(ctx.sound_pause, command.screen))


@record.register
def _(command: c.HandOver, state: SessionState, ctx: Context) -> Told:
    standing = tuple(key for key, one in state.alarms.items() if one.ended_at is None)
    broke = () if command.to not in ("", ctx.actor.id) else ("handed-to-nobody-else",)
    return told(e.HandedOver(command.to, standing), broke=broke)


@record.register
def _(command: c.EndAlarm, state: SessionState, _ctx: Context) -> Told:
    return told(e.AlarmEnded(command.key, command.reason), broke=() if command.key in state.alarms else ("no-such-alarm",))


# End
@record.register
def _(command: c.TickDischarge, _state: SessionState, _ctx: Context) -> Told:
    known = command.item in set(DischargeItem)
    return told(e.DischargeTicked(command.item, command.value), broke=() if known else ("discharge-item-unknown",))


@record.register
def _(command: c.MarkNotDone, state: SessionState, _ctx: Context) -> Told:
    begun = state.started_at is not None or state.status in CLOSED
    return told(e.SessionNotDone(command.reason), broke=("already-started",) if begun else ())


@record.register
def _(command: c.RecordDiary, _state: SessionState, ctx: Context) -> Told:
    known = set(ctx.protocol.home.diary)
    return told(e.DiaryRecorded(command.entries), broke=() if set(command.entries) <= known else ("diary-field-unknown",))


@record.register
def _(command: c.CorrectEntry, state: SessionState, ctx: Context) -> Told:
    broke = () if 0 < command.seq <= state.seq else ("no-such-entry",)
    if ctx.entry is not None and type(ctx.entry) not in CORRECTABLE:
        broke = ("order-not-undone",)
    return told(e.EntryCorrected(command.seq, command.reason), broke=broke)
