"""What people say and do about a reaction: reported, graded, treated, resolved. Reporting stops the flow at once; none of it has a gate."""

from dataclasses import replace

from openinfusion.core.administration import commands as c
from openinfusion.core.administration import events as e
from openinfusion.core.administration.context import Context
from openinfusion.core.administration.parts import Status
from openinfusion.core.administration.records import Told, record, told
from openinfusion.core.administration.remembering import remembered
from openinfusion.core.administration.session import Reaction, SessionState
from openinfusion.core.event import Event
from openinfusion.core.monitoring.reaction import ANAPHYLAXIS, after_anaphylaxis, consequence

OPENS = "cx.anaphylaxis"
"""The complication whose script the criteria open."""


@record.register
def _(command: c.ReportReaction, state: SessionState, ctx: Context) -> Told:
    """The report stops the flow; the patient's record knows of it at once, before anybody grades it, and again when signs came after a
    grade."""
    known, reported = state.reaction, e.ReactionReported(command.signs, command.exposure, command.done, command.response)
    if known is None:
        return told(reported, remembered(_new(state, ctx), state, ctx))
    if known.grade is None or known.emergency or set(command.signs) <= set(known.signs):
        return told(reported)
    return told(reported, remembered(replace(known, grade=None, scale="", action=""), state, ctx))


@record.register
def _(command: c.GradeReaction, state: SessionState, ctx: Context) -> Told:
    """The protocol's rule for this grade, its ceiling, the end of the flow where the rule ends it, and the memory of it."""
    last = state.reactions[-1] if state.reactions else None
    known = last is not None
    reported: tuple[Event, ...] = ()
    if last is None or (last.resolved_at is not None and last.grade is not None):
        last, known = _new(state, ctx), False
        reported = (e.ReactionReported(command.signs),) if command.grade > 0 else ()
    earlier = any((one.grade or 0) > 0 for one in state.reactions if one is not last)
    rule = consequence(ctx.protocol, command.grade, earlier, last.rate_before, ctx.reaction_defaults)
    if last.emergency:
        rule = after_anaphylaxis(ctx.reaction_defaults)
    graded = e.ReactionGraded(command.grade, command.scale, rule.action.value, command.signs, rule.ceiling)
    after = replace(last, grade=command.grade, scale=command.scale, action=rule.action.value)
    ended = () if rule.may_restart else _ended(state, "reaction")
    memory = (remembered(after, state, ctx),) if command.grade > 0 or (known and command.grade == 0) else ()
    return told(*reported, graded, *ended, *memory, broke=() if 0 <= command.grade <= 5 else ("grade-out-of-scale",))


def _new(state: SessionState, ctx: Context) -> Reaction:
    return Reaction(reported_at=ctx.at, rate_before=state.rate or state.held_rate)


def _ended(state: SessionState, reason: str) -> tuple[Event, ...]:
    return (e.InfusionStopped(reason),) if state.status in (Status.INFUSING, Status.ON_HOLD) else ()


@record.register
def _(_command: c.TreatAsAnaphylaxis, state: SessionState, ctx: Context) -> Told:
    """The emergency path, whatever is known: the flow ends, the script runs, the patient's record remembers."""
    known = state.reaction or _new(state, ctx)
    action = after_anaphylaxis(ctx.reaction_defaults).action.value
    memory = remembered(replace(known, action=action, scale=known.scale or ANAPHYLAXIS), state, ctx)
    return told(e.EmergencyOpened(ANAPHYLAXIS), *_ended(state, ANAPHYLAXIS), memory)


@record.register
def _(command: c.OpenEmergency, state: SessionState, ctx: Context) -> Told:
    """The watch saw that criteria are met: the reaction is reported with its signs, which stops the flow, and the script opens. Restart and
    grade stay with people."""
    known = state.reaction
    memory = () if known is not None else (remembered(_new(state, ctx), state, ctx),)
    opened = e.ComplicationRecorded(OPENS)
    return told(e.ReactionReported(command.signs), e.CriteriaMet(command.rules), opened, *memory)


@record.register
def _(command: c.GiveEmergencyDrug, _state: SessionState, _ctx: Context) -> Told:
    return told(e.EmergencyDrugGiven(command.given))


@record.register
def _(command: c.TickStep, _state: SessionState, _ctx: Context) -> Told:
    return told(e.StepTicked(command.script, command.step))


@record.register
def _(_command: c.ResolveReaction, state: SessionState, _ctx: Context) -> Told:
    return told(e.ReactionResolved(), broke=() if state.reaction is not None else ("no-reaction-open",))
