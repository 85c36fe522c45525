"""What holds the giving of a dose back: each gate finds, none acts.

Stopping, pausing, slowing, charting and emergency treatment have no gate at all; they are not asked here.
"""

from collections.abc import Iterator

from openinfusion.core.administration import commands as c
from openinfusion.core.administration import places
from openinfusion.core.administration.container import scanned_container
from openinfusion.core.administration.context import Context, Usability
from openinfusion.core.administration.ladder import first_rate, steps
from openinfusion.core.administration.parts import ScanKind
from openinfusion.core.administration.rate_gates import certain_amounts, graded, no_reaction, rate_limits, rate_sources
from openinfusion.core.administration.reasons import unmet
from openinfusion.core.administration.remaining import dose_of_today, fits, given_once, same_drug, too_soon
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.volume import agree, delivered, is_flow, planned_volume
from openinfusion.core.administration.windows import Ahead, passing, until_done
from openinfusion.core.finding import Finding, Level
from openinfusion.core.patient import duration
from openinfusion.core.prescribing.ordering import OrderStatus
from openinfusion.core.protocol import Delivery

_SCREENED = ("screen.", "order.", "course.", "reaction.")
_SCREENED_ANEW = (*_SCREENED, "fact.")
"""Findings of the plan that today's screening repeats with today's facts; what a dose of today lacks is said by that dose."""

_BY_ONE_LINE = frozenset(Delivery) - {Delivery.INJECTION, Delivery.MULTI_SITE_INFUSION}
"""How a dose reaches the patient through one line, whose code is scanned; needles carry none."""


def before_start(state: SessionState, ctx: Context) -> tuple[Finding, ...]:
    """All findings of today that bear on the start: the screening, and what the plan found, save windows: they are looked at anew."""
    planned = ctx.today.findings if ctx.today is not None else state.plan.findings if state.plan is not None else ()
    windowed = {limit.id for limit in ctx.protocol.limits if limit.is_total}
    anew = _SCREENED_ANEW if ctx.today is None else _SCREENED
    kept = (finding for finding in planned if not finding.code.startswith(anew) and finding.rule not in windowed)
    return (*ctx.screened, *kept, *dose_of_today(state, ctx), *too_soon(state, ctx), *same_drug(ctx), *places.used_last(ctx))


def start_infusion(state: SessionState, command: c.StartInfusion, ctx: Context) -> tuple[Finding, ...]:
    """What holds the start of a flow back."""
    return (
        *_common(state, command.container_code, ctx),
        *_first_rate(state, command, ctx),
        *fits(state, command.container_code, ctx),
        *places.of_infusion(command, state, ctx),
        *_whole_ladder(state, command, ctx),
    )


def give_injection(state: SessionState, command: c.GiveInjection, ctx: Context) -> tuple[Finding, ...]:
    """What holds an injection back."""
    found = (*_common(state, command.container_code, ctx), *_injected(state, command, ctx))
    if command.volume.is_like("mL"):
        found = (*found, *unmet(passing(state, ctx, Ahead(boluses=(command.volume,))), state, ctx))
    return found


def _common(state: SessionState, container_code: str, ctx: Context) -> Iterator[Finding]:
    yield from _people(state, ctx)
    yield from _check_in(state)
    yield from unmet(given_once(state, ctx), state, ctx)
    yield from unmet(before_start(state, ctx), state, ctx)
    yield from _access(state, ctx)
    yield from _premedication(state, ctx)
    yield from scanned_container(state, container_code, ctx)[1]
    yield from _checks(state, container_code, ctx)
    yield from certain_amounts(state, ctx)
    yield from no_reaction(state)
    yield from graded(state) if state.reaction is None else ()


def _people(state: SessionState, ctx: Context) -> Iterator[Finding]:
    if state.scanned.get(ScanKind.PATIENT.value) != state.patient_code:
        yield Finding("start.patient-not-scanned", Level.MISSING)
    if ctx.signed.status is not OrderStatus.VERIFIED:
        yield Finding("order.not-verified", Level.MISSING, {"status": ctx.signed.status.value})
    if ctx.usability is Usability.NOT_USABLE:
        yield Finding("protocol.not-active", Level.BANNED, {"protocol": ctx.protocol.id, "version": ctx.protocol.version})


def _check_in(state: SessionState) -> Iterator[Finding]:
    if state.consent is None:
        yield Finding("start.consent-unknown", Level.MISSING)
    elif not state.consent:
        yield Finding("start.consent-refused", Level.BANNED)
    if state.kit_complete is None:
        yield Finding("start.kit-not-checked", Level.MISSING)
    elif not state.kit_complete:
        yield Finding("start.kit-incomplete", Level.MISSING)


def _access(state: SessionState, ctx: Context) -> Iterator[Finding]:
    planned = state.plan.route if state.plan is not None else ctx.protocol.route
    if state.access is None:
        yield Finding("start.access-missing", Level.MISSING, {"route": planned.value})
    elif state.access.route is not planned:
        yield Finding("start.access-wrong-route", Level.BANNED, {"access_route": state.access.route.value, "route": planned.value})
    elif not state.access.line and ctx.protocol.delivery in _BY_ONE_LINE:
        yield Finding("start.line-without-code", Level.MISSING)
    elif state.access.line and state.scanned.get(ScanKind.LINE.value) != state.access.line:
        yield Finding("start.line-not-scanned", Level.MISSING, {"line": state.access.line})


def _premedication(state: SessionState, ctx: Context) -> Iterator[Finding]:
    """Each planned premedication is given long enough ago, or waived with a reason."""
    for planned in state.plan.premedication if state.plan is not None else ():
        if planned.id in state.waived:
            continue
        rule = next((one for one in ctx.protocol.premedication if one.id == planned.id), None)
        sources = rule.sources if rule is not None else ()
        given = state.premedication.get(planned.id)
        if given is None:
            level = Level.MISSING if planned.mandatory else Level.INFO
            if level is Level.MISSING:
                yield Finding("premedication.not-given", level, {"drug": planned.drug}, sources, planned.id)
        elif planned.before is not None and ctx.at - given.at < duration(planned.before):
            ready = given.at + duration(planned.before)
            yield Finding("premedication.too-early", Level.MISSING, {"drug": planned.drug, "from": ready}, sources, planned.id)


def _checks(state: SessionState, container_code: str, ctx: Context) -> Iterator[Finding]:
    """Where two must check, both agreed on this very container, and neither is somebody who may not."""
    required = ctx.protocol.double_check
    if not required.required:
        return
    if not state.performer or not state.witness or state.checked_container != container_code:
        yield Finding("check.not-agreed", Level.MISSING, {"container": container_code}, required.sources)
        return
    author = ctx.signed.ordered_by
    container = state.containers.get(container_code)
    if state.performer == state.witness:
        yield Finding("check.witness-is-performer", Level.BANNED, {}, required.sources)
    if author in (state.performer, state.witness):
        yield Finding("check.by-author", Level.BANNED, {}, required.sources)
    if container is not None and container.prepared_by == state.witness:
        yield Finding("check.witness-is-preparer", Level.BANNED, {}, required.sources)


def _first_rate(state: SessionState, command: c.StartInfusion, ctx: Context) -> Iterator[Finding]:
    planned = first_rate(state)
    if planned is None:
        yield Finding("start.no-rate-planned", Level.MISSING)
    elif not is_flow(command.rate):
        yield Finding("rate.no-flow", Level.BANNED, {"rate": command.rate})
    elif not agree(command.rate, planned, ctx.pump_step):
        yield Finding("start.not-first-rate", Level.BANNED, {"rate": command.rate, "first": planned}, rate_sources(state, ctx))


def _whole_ladder(state: SessionState, command: c.StartInfusion, ctx: Context) -> tuple[Finding, ...]:
    """Every limit over the whole programme: the fastest rung by rate, the sum of all by window."""
    if not is_flow(command.rate):
        return ()
    rungs = steps(state)
    ahead = until_done(state, ctx, command.rate, [(rung.rate, rung.lasts) for rung in rungs])
    return unmet((*rate_limits(state, ctx, command.rate), *passing(state, ctx, ahead)), state, ctx)


def change_container(state: SessionState, command: c.ChangeContainer, ctx: Context) -> tuple[Finding, ...]:
    """What holds the next container back."""
    found = (*scanned_container(state, command.container_code, ctx)[1], *_checks(state, command.container_code, ctx), *_access(state, ctx))
    return (*found, *certain_amounts(state, ctx), *fits(state, command.container_code, ctx))


def _injected(state: SessionState, command: c.GiveInjection, ctx: Context) -> Iterator[Finding]:
    """A volume that exists, at an allowed place, not more than is planned in all and for one place."""
    if not command.volume.is_like("mL") or command.volume.value <= 0:
        yield Finding("injection.no-volume", Level.BANNED, {"volume": command.volume})
        return
    planned = planned_volume(state)
    given, _ = delivered(state, ctx.now)
    if planned is not None and given + command.volume > planned and not agree(given + command.volume, planned):
        yield Finding("injection.above-planned", Level.BANNED, {"volume": command.volume, "left": planned - given})
    yield from unmet(places.of_injection(command, state, ctx), state, ctx)
