"""What holds a higher rate, a restart or a bolus back: the ladder, observations, reactions, limits, doubt. Each gate finds, none acts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.container import is_expired
from openinfusion.core.administration.context import Context
from openinfusion.core.administration.ladder import changed_at, current_rung, first_rate, next_rung, time_at_rate
from openinfusion.core.administration.parts import Amount, Container, OpenMatter
from openinfusion.core.administration.rate_rise import rise_limits
from openinfusion.core.administration.reasons import unmet
from openinfusion.core.administration.remaining import consented, something_left
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.volume import is_flow
from openinfusion.core.administration.windows import Ahead, passing, running_on, until_done
from openinfusion.core.figure import Source
from openinfusion.core.finding import Finding, Level
from openinfusion.core.monitoring.observation import was_observed
from openinfusion.core.patient import duration, seconds
from openinfusion.core.prescribing import limits
from openinfusion.core.prescribing.limits import Parts
from openinfusion.core.prescribing.order import RateStep
from openinfusion.core.prescribing.rule import standing
from openinfusion.core.protocol import Measure, Moment, ReactionAction
from openinfusion.core.quantity import Quantity

STOPPING = frozenset({ReactionAction.STOP_TODAY.value, ReactionAction.STOP_FOR_GOOD.value})


def certain_amounts(state: SessionState, ctx: Context) -> Iterator[Finding]:
    """No further dose while nobody knows how much of the ingredient is in, here or in another session."""
    if state.amount is Amount.UNCERTAIN:
        yield Finding("amount.uncertain", Level.MISSING, {"session": ctx.session})
    for other in ctx.elsewhere:
        if other.uncertain:
            yield Finding("amount.uncertain-elsewhere", Level.MISSING, {"session": other.stream})


def no_reaction(state: SessionState) -> Iterator[Finding]:
    """Nothing starts or rises while a reaction is open, nor after one that ended the infusion for today."""
    if OpenMatter.REACTION in state.open:
        yield Finding("reaction.open", Level.BANNED)
    if any(reaction.action in STOPPING for reaction in state.reactions):
        yield Finding("reaction.no-restart", Level.BANNED, {"action": next(r.action for r in state.reactions if r.action in STOPPING)})


def graded(state: SessionState) -> Iterator[Finding]:
    """A reaction that is over has a grade within its scale before a dose follows it; nobody's guess stands for it."""
    last = state.reactions[-1] if state.reactions else None
    if last is not None and (last.grade is None or last.grade < 0):
        yield Finding("reaction.not-graded", Level.MISSING)


def learnt_since(state: SessionState, ctx: Context) -> tuple[Finding, ...]:
    """What today's screening says since the start and would have held it back: an allergy, a contraindication, a ban. The flow stays as it
    is and may be slowed and stopped by anybody; nothing rises before prescribers have decided."""
    return unmet((one for one in ctx.screened if one.level in (Level.CONTRAINDICATED, Level.BANNED)), state, ctx)


def _may_go_on(state: SessionState, ctx: Context) -> tuple[Finding, ...]:
    """What every higher rate, restart and bolus needs: consent, no reaction, nothing grave learnt since the start, an amount that is known,
    something left to give, and a container whose label stands."""
    struck = state.current_container and state.current_container not in state.containers
    label = (Finding("container.not-of-this-session", Level.BANNED, {"code": state.current_container}),) if struck else ()
    held = (*consented(state), *no_reaction(state), *learnt_since(state, ctx))
    return (*held, *certain_amounts(state, ctx), *something_left(state, ctx), *label)


def rate_sources(state: SessionState, ctx: Context) -> tuple[Source, ...]:
    """The sources of the planned rate."""
    rule = state.plan.rates.rule if state.plan is not None and state.plan.rates is not None else ""
    return next((one.sources for one in ctx.protocol.rates if one.id == rule), ())


_RATES = frozenset({Measure.RATE, Measure.DOSE_RATE, Measure.RATE_PER_SITE})


def rate_limits(state: SessionState, ctx: Context, rate: Quantity) -> tuple[Finding, ...]:
    """The limits that one rate of the whole flow meets, in volume, in drug, and per site."""
    rates = state.plan.rates if state.plan is not None else None
    if rates is None:
        return ()
    per_site = rate.scaled(Fraction(1, rates.sites)) if rates.per_site is not None and rates.sites else None
    only = RateStep(1, Quantity(0, "h"), Quantity(1, "h"), rate, Quantity(0, "mL"))
    parts = Parts(
        rates=replace(rates, steps=(only,), on_demand=None, per_site=per_site),
        concentration=state.plan.concentration if state.plan else None,
    )
    ours = {limit.id for limit in ctx.protocol.limits if limit.measure in _RATES and limit.window is None}
    return tuple(finding for finding in limits.check(ctx.order, parts) if finding.rule in ours)


def raise_rate(state: SessionState, command: c.RaiseRate, ctx: Context) -> tuple[Finding, ...]:
    """What holds a higher rate back: the ladder, its interval, the observations, an open reaction, limits, uncertain amounts."""
    found = (*_may_go_on(state, ctx), *_climb(state, command.rate, ctx))
    found = (*found, *_observed(state, changed_at(state), frozenset({Moment.BEFORE_INCREASE}), ctx))
    if is_flow(command.rate):
        ahead = until_done(state, ctx, command.rate)
        risen = (*rate_limits(state, ctx, command.rate), *rise_limits(state, ctx, command.rate), *passing(state, ctx, ahead))
        found = (*found, *unmet(risen, state, ctx))
    return found


def _climb(state: SessionState, rate: Quantity, ctx: Context) -> Iterator[Finding]:
    """At most the next rung, and not before the present one has run its time."""
    sources = rate_sources(state, ctx)
    if not is_flow(rate):
        yield Finding("rate.no-flow", Level.BANNED, {"rate": rate})
        return
    if state.rate is None or rate <= state.rate:
        yield Finding("rate.not-higher", Level.BANNED, {"rate": rate, "running": state.rate})
        return
    following, current = next_rung(state), current_rung(state)
    if following is None:
        yield Finding("rate.at-maximum", Level.BANNED, {"rate": rate, "running": state.rate}, sources)
        return
    if rate > following.rate:
        yield Finding("rate.above-next-step", Level.BANNED, {"rate": rate, "next": following.rate}, sources)
    # By the word of whoever raises it: a raise that is told late has run for less.
    ran = time_at_rate(state, ctx.at)
    if current is not None and ran < duration(current.lasts):
        left = seconds(duration(current.lasts) - ran)
        yield Finding("rate.too-early", Level.MISSING, {"rate": rate, "wait": left, "interval": current.lasts}, sources)


def _observed(state: SessionState, since: datetime | None, moments: frozenset[Moment], ctx: Context) -> Iterator[Finding]:
    """What these rules want to be seen was seen at or after a time."""
    for rule in ctx.protocol.monitoring:
        if rule.moment not in moments or not standing(rule, ctx.order).may_hold:
            continue
        unseen = tuple(code for code in rule.what if since is None or not was_observed(state, code, since))
        if unseen:
            yield Finding("rate.not-observed", Level.MISSING, {"observations": unseen}, rule.sources, rule.id)


def _vital_moments(ctx: Context) -> frozenset[Moment]:
    """The rules that say which observations count as vital here: those before an increase, else those during the flow."""
    stepped = any(rule.moment is Moment.BEFORE_INCREASE for rule in ctx.protocol.monitoring)
    return frozenset({Moment.BEFORE_INCREASE if stepped else Moment.DURING})


def resume(state: SessionState, command: c.Resume, ctx: Context) -> tuple[Finding, ...]:
    """What holds a paused flow back from running again."""
    found = [*_may_go_on(state, ctx)]
    if state.reaction_hold:
        found.append(Finding("reaction.held", Level.BANNED))
    return (*found, *_again(state, command.rate, state.held_rate, ctx))


def _out_of_date(hung: Container, ctx: Context) -> Iterator[Finding]:
    """A container past its expiry never runs again. One that was only to be begun by a moment was begun: whether it may go on is asked."""
    if ctx.now.date() > hung.expiry:
        yield Finding("container.expired", Level.BANNED, {"code": hung.code, "expiry": hung.expiry})
    elif is_expired(hung, ctx.now):
        yield Finding("container.use-before-passed", Level.CAUTION, {"code": hung.code, "use_before": hung.use_before})


def _again(state: SessionState, rate: Quantity, most: Quantity | None, ctx: Context) -> Iterator[Finding]:
    """Never above what was allowed, and within all limits."""
    if not is_flow(rate) or (rate.value == 0 and first_rate(state) != rate):
        yield Finding("rate.no-flow", Level.BANNED, {"rate": rate})
        return
    hung = state.containers.get(state.current_container)
    if hung is not None:
        yield from unmet(_out_of_date(hung, ctx), state, ctx)
    if most is None or rate > most:
        yield Finding("rate.above-allowed", Level.BANNED, {"rate": rate, "allowed": most})
    yield from unmet((*rate_limits(state, ctx, rate), *passing(state, ctx, until_done(state, ctx, rate))), state, ctx)


def resume_after_reaction(state: SessionState, command: c.ResumeAfterReaction, ctx: Context) -> tuple[Finding, ...]:
    """What holds a restart after a reaction back: grade, action, resolution, fresh observations, ceiling, second signature, limits."""
    found = [*_may_go_on(state, ctx)]
    last = state.reactions[-1] if state.reactions else None
    if last is None:
        return (*found, Finding("reaction.none", Level.BANNED))
    found.extend(graded(state))
    if last.resolved_at is not None:
        found.extend(_observed(state, last.resolved_at, _vital_moments(ctx), ctx))
    if ctx.protocol.double_check.required and not command.second.strip():
        found.append(Finding("reaction.second-missing", Level.MISSING, {}, ctx.protocol.double_check.sources))
    elif ctx.protocol.double_check.required and command.second.strip() == ctx.actor.id:
        found.append(Finding("reaction.second-is-self", Level.MISSING, {"person": ctx.actor.id}, ctx.protocol.double_check.sources))
    ceiling = last.ceiling if last.ceiling is not None else state.held_rate
    return (*found, *_again(state, command.rate, ceiling, ctx))


def last_bolus(state: SessionState, ctx: Context) -> datetime | None:
    """The newest bolus of the drug that this patient had, here or in another session: the button of each pump rests after it."""
    return max((*state.boluses, *(at for other in ctx.elsewhere for at in other.boluses)), default=None)


def request_bolus(state: SessionState, ctx: Context) -> tuple[Finding, ...]:
    """What holds a bolus of the programme back: lockout, window with look-ahead, reaction, uncertain amount."""
    demand = state.plan.rates.on_demand if state.plan is not None and state.plan.rates is not None else None
    if demand is None:
        return (Finding("bolus.not-in-programme", Level.BANNED),)
    found = [*_may_go_on(state, ctx)]
    sources = rate_sources(state, ctx)
    last = last_bolus(state, ctx)
    if last is not None and ctx.at - last < duration(demand.lockout):
        wait = seconds(duration(demand.lockout) - (ctx.at - last))
        found.append(Finding("bolus.lockout", Level.BANNED, {"wait": wait, "lockout": demand.lockout}, sources))
    ahead = running_on(state, ctx)
    return (*found, *unmet(passing(state, ctx, Ahead((demand.bolus,), ahead.flows)), state, ctx))
