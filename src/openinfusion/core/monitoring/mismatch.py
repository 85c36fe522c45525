"""Where chart and devices disagree: flow that nobody ordered, no flow where it was ordered, pump alarms, devices that fell silent.

It never decides which of the two is right, and it commands no pump: a person goes and looks.
"""

from collections.abc import Iterator
from datetime import datetime

from openinfusion.core.administration.parts import Confirmation, Flow, PumpReport, SegmentKind, Status
from openinfusion.core.administration.session import SessionState
from openinfusion.core.monitoring.kind import WATCHED, AlarmCondition, AlarmTables, Feed, condition, of_kind
from openinfusion.core.patient import duration
from openinfusion.core.table import PumpFlow

_BEFORE_FLOW = (Status.ARRIVED, Status.PREPARING, Status.READY)


def device_conditions(state: SessionState, tables: AlarmTables, feed: Feed, now: datetime) -> tuple[AlarmCondition, ...]:
    """Every condition of the devices of a session. A report older than the last order says nothing of the present."""
    if state.status not in (*WATCHED, *_BEFORE_FLOW):
        return ()
    return (*_reported(state, tables, now), *_unconfirmed(state, tables, now), *_silent(state, tables, feed, now))


def _reported(state: SessionState, tables: AlarmTables, now: datetime) -> Iterator[AlarmCondition]:
    report, at = state.pump, state.pump_at
    if report is None or at is None:
        return
    if report.alarm:
        yield _pump_alarm(report, tables)
    flow = tables.pumps.states.get(report.state.lower())
    if flow is None:
        yield condition(tables, "pump-state-unknown", rule=report.state)
        return
    if state.ordered_at is not None and (
        at <= state.ordered_at or now - state.ordered_at < duration(tables.alarms.mismatch_after.quantity)
    ):
        return
    yield from _disagreeing(state, tables, report, _real(flow, report, tables))


def _pump_alarm(report: PumpReport, tables: AlarmTables) -> AlarmCondition:
    """The table's row for the pump's code; a code without a row keeps its own words and is a technical alarm of middle priority."""
    code = report.alarm.lower()
    kind = next((kind for kind in tables.pumps.events if kind.id == code), tables.pumps.unknown)
    return of_kind(tables, kind, f"pump:{report.alarm}", rule=report.alarm)


def _real(flow: PumpFlow, report: PumpReport, tables: AlarmTables) -> PumpFlow:
    """Keep-open flow above the configured rate is flow, and so is one whose rate the pump does not tell."""
    if flow is not PumpFlow.KEEP_OPEN:
        return flow
    keeps_open = report.rate is not None and report.rate.is_like("mL/h") and report.rate <= tables.alarms.keep_open_rate.quantity
    return flow if keeps_open else PumpFlow.FLOWS


def _disagreeing(state: SessionState, tables: AlarmTables, report: PumpReport, flow: PumpFlow) -> Iterator[AlarmCondition]:
    flows = flow in (PumpFlow.FLOWS, PumpFlow.BOLUS)
    match state.flow:
        case Flow.STOPPED | Flow.PAUSED:
            if flows and not _is_flush(state, tables):
                yield condition(tables, "flow-while-stopped" if state.flow is Flow.STOPPED else "flow-while-paused")
        case Flow.NONE:
            if flows and not _is_flush(state, tables):
                yield condition(tables, "flow-not-charted")
        case Flow.RUNNING:
            ordered = state.rate is not None and state.rate.value > 0
            if ordered and not flows and not report.alarm:
                yield condition(tables, "no-flow-while-running")
            if ordered and flow is PumpFlow.FLOWS:
                yield from _other_rate(state, tables, report)


def _other_rate(state: SessionState, tables: AlarmTables, report: PumpReport) -> Iterator[AlarmCondition]:
    if report.rate is None or state.rate is None or not report.rate.is_like(state.rate):
        return
    allowed = state.rate.scaled(tables.alarms.rate_tolerance.quantity.to("1").value)
    if report.rate > state.rate + allowed:
        yield condition(tables, "flow-above-order")
    elif report.rate < state.rate - allowed:
        yield condition(tables, "flow-below-order")


def _is_flush(state: SessionState, tables: AlarmTables) -> bool:
    """Whether the flow that the pump reported is the flush of the line that a person charted."""
    if state.pump_at is None:
        return False
    lasts = duration(tables.alarms.flush_lasts.quantity)
    flushes = (segment.start for segment in state.segments if segment.kind is SegmentKind.FLUSH)
    return any(abs(state.pump_at - start) <= lasts for start in flushes)


def _unconfirmed(state: SessionState, tables: AlarmTables, now: datetime) -> Iterator[AlarmCondition]:
    """An order of which nobody has said anything by now. Without a pump the person who charted it is the confirmation; where the newest
    word disagrees with the order, that is another alarm."""
    if "pump" not in state.devices.values() or state.flow is Flow.NONE or state.ordered_at is None:
        return
    if state.delivery is Confirmation.CONFIRMED or (state.stated is not None and state.stated.at >= state.ordered_at):
        return
    if now - state.ordered_at > duration(tables.alarms.confirm_within.quantity):
        yield condition(tables, "order-not-confirmed")


def _silent(state: SessionState, tables: AlarmTables, feed: Feed, now: datetime) -> Iterator[AlarmCondition]:
    """Devices that were not heard for some of their intervals while the patient is watched; a pump only while there is flow to report."""
    if state.status not in WATCHED or state.started_at is None:
        return
    longest = duration(tables.alarms.report_every.quantity.scaled(tables.alarms.stale_after.quantity.value))
    for device, kind in state.devices.items():
        if kind == "pump" and state.flow not in (Flow.RUNNING, Flow.PAUSED):
            continue
        if now - last_heard(state, feed, device, kind) > longest:
            yield condition(tables, "pump-silent" if kind == "pump" else "monitor-silent", device)


def last_heard(state: SessionState, feed: Feed, device: str, kind: str) -> datetime:
    """When a device of a session that was begun gave its last sign of life, at the earliest its start."""
    times = [feed.heard.get(device), state.started_at, state.pump_at if kind == "pump" else None]
    times.extend(seen.at for seen in state.seen.values() if seen.by == device)
    return max(at for at in times if at is not None)
