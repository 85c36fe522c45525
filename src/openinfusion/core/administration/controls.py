"""Control commands: what each becomes when no gate holds it back. A refusal raises CommandRefused with every finding; nothing is stored."""

from collections.abc import Iterable, Mapping
from functools import singledispatch

from openinfusion.core.administration import commands as c
from openinfusion.core.administration import events as e
from openinfusion.core.administration import gates, places, rate_gates
from openinfusion.core.administration.checklist import criteria
from openinfusion.core.administration.container import speaking_against
from openinfusion.core.administration.context import Context
from openinfusion.core.administration.preparing import speaking_against_release
from openinfusion.core.administration.reasons import PRESCRIBER
from openinfusion.core.administration.remembering import remembered
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.volume import agree, delivered, planned_volume
from openinfusion.core.errors import CommandRefused
from openinfusion.core.event import Event
from openinfusion.core.finding import Finding, Level
from openinfusion.core.prescribing.ordering import OrderStatus

PHARMACIST = "pharmacist"


def refuse(findings: Iterable[Finding]) -> None:
    """Raise CommandRefused when something holds the command back."""
    found: list[Finding] = []
    for finding in findings:
        if finding not in found:
            found.append(finding)
    if found:
        raise CommandRefused(found)


IMPOSSIBLE = frozenset({"container.route-banned", "order.route-banned", "rate.no-flow", "injection.no-volume"})
"""What even an emergency protocol cannot pass: a route by which it may never be given, and amounts that are none."""


def passed(findings: Iterable[Finding], ctx: Context) -> tuple[Event, ...]:
    """Refuse what the gates hold back. An emergency protocol is never held back: what was missing is recorded and opens a review."""
    found = tuple(findings)
    if not ctx.protocol.emergency:
        refuse(found)
        return ()
    refuse(finding for finding in found if finding.code in IMPOSSIBLE)
    return (e.ReviewOpened(tuple(dict.fromkeys(finding.code for finding in found))),) if found else ()


@singledispatch
def control(command: c.Command, state: SessionState, ctx: Context) -> tuple[Event, ...]:
    """The events of a control command; raises CommandRefused, or TypeError for a command that is none."""
    raise TypeError(f"{type(command).__name__} is no control command ({state.status.value}, {ctx.session})")


@control.register
def _(command: c.AcceptFindings, state: SessionState, ctx: Context) -> tuple[Event, ...]:
    known = {finding.key: finding for finding in gates.before_start(state, ctx)}
    role = PRESCRIBER if PRESCRIBER in ctx.actor.roles else min(ctx.actor.roles, default="")
    refuse(_not_acceptable(command.reasons, known, role))
    levels = {key: known[key].level.value if key in known else Level.CAUTION.value for key in command.reasons}
    return (e.FindingsAccepted(dict(command.reasons), levels, role),)


def _not_acceptable(reasons: Mapping[str, str], known: Mapping[str, Finding], role: str) -> Iterable[Finding]:
    if not reasons:
        yield Finding("accept.no-finding", Level.MISSING)
    for key, reason in reasons.items():
        if not reason.strip():
            yield Finding("accept.no-reason", Level.MISSING, {"finding": key})
        finding = known.get(key)
        if finding is None:
            continue
        if finding.level in (Level.BANNED, Level.MISSING):
            yield Finding("accept.no-way-through", Level.BANNED, {"finding": key, "level": finding.level.value}, finding.sources)
        elif finding.level is Level.CONTRAINDICATED and role != PRESCRIBER:
            yield Finding("accept.prescribers-only", Level.BANNED, {"finding": key}, finding.sources)


@control.register
def _(command: c.WaivePremedication, state: SessionState, _ctx: Context) -> tuple[Event, ...]:
    planned = {one.id for one in state.plan.premedication} if state.plan is not None else set()
    if command.id not in planned:
        refuse([Finding("premedication.not-planned", Level.BANNED, {"id": command.id})])
    if not command.reason.strip():
        refuse([Finding("accept.no-reason", Level.MISSING, {"finding": command.id})])
    return (e.PremedicationWaived(command.id, command.reason),)


@control.register
def _(command: c.PrepareContainer, state: SessionState, ctx: Context) -> tuple[Event, ...]:
    container = command.container
    found = [*speaking_against(state, container, ctx)]
    if container.code in state.containers or container.code in ctx.busy:
        found.append(Finding("container.code-used", Level.BANNED, {"code": container.code}))
    refuse([*found, *(() if ctx.protocol.emergency else (*_who_prepares(command, ctx), *speaking_against_release(container, ctx)))])
    return (e.ContainerPrepared(container),)


def _who_prepares(command: c.PrepareContainer, ctx: Context) -> tuple[Finding, ...]:
    """The person who prepared it releases it, for a verified order; a nurse only where the protocol allows it."""
    container, found = command.container, list[Finding]()
    if container.prepared_by != ctx.actor.id:
        found.append(Finding("container.other-preparer", Level.BANNED, {"preparer": container.prepared_by}))
    if ctx.signed.status is not OrderStatus.VERIFIED:
        found.append(Finding("order.not-verified", Level.MISSING, {"status": ctx.signed.status.value}))
    if PHARMACIST not in ctx.actor.roles and not ctx.protocol.preparation.bedside:
        found.append(Finding("container.pharmacist-prepares", Level.BANNED, {}, ctx.protocol.preparation.sources))
    return tuple(found)


@control.register
def _(command: c.AssociateDevice, _state: SessionState, ctx: Context) -> tuple[Event, ...]:
    if not command.device.strip() or command.kind not in ("pump", "monitor"):
        refuse([Finding("device.unknown-kind", Level.BANNED, {"device": command.device, "kind": command.kind})])
    if command.device in ctx.busy:
        refuse([Finding("device.in-use", Level.BANNED, {"device": command.device, "other": ctx.busy[command.device]})])
    return (e.DeviceAssociated(command.device, command.kind),)


@control.register
def _(command: c.StartInfusion, state: SessionState, ctx: Context) -> tuple[Event, ...]:
    review = passed(gates.start_infusion(state, command, ctx), ctx)
    return (*_apart(command, command.sites, ctx), e.InfusionStarted(command.container_code, command.rate, command.sites), *review)


def _apart(command: c.StartInfusion | c.GiveInjection, sites: tuple[str, ...], ctx: Context) -> tuple[Event, ...]:
    """What the person confirmed of the distance between the places, where the protocol states one."""
    apart = places.gap(ctx) if command.gap_confirmed else None
    return () if apart is None else (e.SiteGapConfirmed(apart[0], sites),)


@control.register
def _(command: c.GiveInjection, state: SessionState, ctx: Context) -> tuple[Event, ...]:
    review = passed(gates.give_injection(state, command, ctx), ctx)
    apart = _apart(command, (command.site,), ctx)
    given = e.InjectionGiven(command.container_code, command.site, command.volume)
    so_far, _ = delivered(state, ctx.now)
    container = state.containers.get(command.container_code)
    planned = planned_volume(state) or (container.volume if container is not None else command.volume)
    total = so_far + command.volume
    is_all = total >= planned or agree(total, planned)
    return (*apart, given, *((e.InfusionCompleted(),) if is_all else ()), *review)


@control.register
def _(command: c.RaiseRate, state: SessionState, ctx: Context) -> tuple[Event, ...]:
    review = passed(rate_gates.raise_rate(state, command, ctx), ctx)
    return (e.RateChanged(command.rate), *review)


@control.register
def _(command: c.Resume, state: SessionState, ctx: Context) -> tuple[Event, ...]:
    review = passed(rate_gates.resume(state, command, ctx), ctx)
    return (e.InfusionResumed(command.rate), *review)


@control.register
def _(command: c.ResumeAfterReaction, state: SessionState, ctx: Context) -> tuple[Event, ...]:
    review = passed(rate_gates.resume_after_reaction(state, command, ctx), ctx)
    return (e.InfusionResumed(command.rate, after_reaction=True, second=command.second), *review)


@control.register
def _(command: c.ChangeContainer, state: SessionState, ctx: Context) -> tuple[Event, ...]:
    review = passed(gates.change_container(state, command, ctx), ctx)
    return (e.ContainerChanged(command.container_code), *review)


@control.register
def _(command: c.RequestBolus, state: SessionState, ctx: Context) -> tuple[Event, ...]:
    review = passed(rate_gates.request_bolus(state, ctx), ctx)
    demand = state.plan.rates.on_demand if state.plan is not None and state.plan.rates is not None else None
    if demand is None:
        raise AssertionError("no status of another therapy knows a bolus")
    return (e.BolusGranted(demand.bolus, command.by_patient), *review)


@control.register
def _(command: c.Discharge, state: SessionState, ctx: Context) -> tuple[Event, ...]:
    unmet = [one for one in criteria(state, ctx.protocol, ctx.now) if not one.met]
    bare = [one for one in unmet if not command.reasons.get(one.id.value, "").strip()]
    refuse(Finding(f"discharge.{one.id.value}", Level.MISSING, {"from": one.since} if one.id.value == "observed" else {}) for one in bare)
    reasons = {one.id.value: command.reasons[one.id.value] for one in unmet}
    ungraded = [reaction for reaction in state.reactions if reaction.grade is None and not reaction.emergency]
    return (e.SessionClosed(reasons), *(remembered(reaction, state, ctx) for reaction in ungraded))
