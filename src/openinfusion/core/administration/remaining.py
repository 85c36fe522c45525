"""What is left to give: of the plan, of this number of the course, and of the patient's consent. Each gate finds, none acts.

Whatever went in before counts, by this session or another, from the pump or from paper. Nothing here shortens a dose.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from openinfusion.core.administration.context import Context
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.volume import agree, delivered, planned_volume
from openinfusion.core.finding import Finding, Level


def consented(state: SessionState) -> Iterator[Finding]:
    """Nothing rises or runs again without the patient's consent, also when it was taken back or struck out after the start."""
    if not state.consent:
        yield Finding("consent.not-given", Level.BANNED)


def something_left(state: SessionState, ctx: Context) -> Iterator[Finding]:
    """Nothing starts, rises or runs again when as much as is planned has gone in."""
    planned, (given, _) = planned_volume(state), delivered(state, ctx.now)
    if planned is not None and given >= planned:
        yield Finding("amount.all-given", Level.BANNED, {"given": given, "planned": planned})


def fits(state: SessionState, container_code: str, ctx: Context) -> Iterator[Finding]:
    """A container that follows something given holds at most what is left of the plan."""
    planned, container, (given, _) = planned_volume(state), state.containers.get(container_code), delivered(state, ctx.now)
    yield from something_left(state, ctx)
    if planned is None or container is None or given.value <= 0 or given >= planned or not container.volume.is_like("mL"):
        return
    left = planned - given
    if container.volume > left and not agree(container.volume, left):
        yield Finding("container.above-left", Level.BANNED, {"code": container.code, "holds": container.volume, "left": left})


def given_once(state: SessionState, ctx: Context) -> Iterator[Finding]:
    """One number of a course is given in one session; to give it in a second one too, two prescribers decide."""
    for other in ctx.begun:
        if other.number == state.number:
            yield Finding("order.session-begun", Level.CONTRAINDICATED, {"session": other.stream})


def too_soon(state: SessionState, ctx: Context) -> Iterator[Finding]:
    """A session that follows another sooner than the plan of the course has them apart is asked about."""
    on = {one.number: one.on for one in ctx.signed.plan.course} if ctx.signed.plan is not None else {}
    for other in ctx.begun:
        if other.number < state.number and other.number in on and state.number in on:
            due = other.at.date() + (on[state.number] - on[other.number])
            if ctx.now.date() < due:
                yield Finding("course.too-soon", Level.CAUTION, {"session": other.stream, "from": due})


def same_drug(ctx: Context) -> Iterator[Finding]:
    """Another order of the drug that began within the shortest interval of this course, or on this very day, is asked about."""
    on = sorted({one.on for one in ctx.signed.plan.course}) if ctx.signed.plan is not None else []
    apart = min((later - earlier for earlier, later in pairwise(on)), default=timedelta(days=1))
    ours = {other.stream for other in ctx.begun}
    for other in ctx.elsewhere:
        if other.stream not in ours and other.started_at is not None and ctx.now.date() < other.started_at.date() + apart:
            yield Finding("order.same-drug", Level.CAUTION, {"session": other.stream, "at": other.started_at})


def dose_of_today(state: SessionState, ctx: Context) -> Iterator[Finding]:
    """The planned dose is still the one that the rule gives with the facts of today, such as the weight; else the session is planned anew.

    A difference counts from the share at which a change of weight does (table of plausible values), else from one per cent."""
    planned = state.plan.dose.amount if state.plan is not None and state.plan.dose is not None else None
    if planned is None:
        yield Finding("start.no-dose-planned", Level.MISSING)
        return
    today, change = ctx.today.dose if ctx.today is not None else None, ctx.order.practice.weight_change
    if today is None or agree(planned, today):
        return
    if not planned.is_like(today) or change is None or abs(planned.base / today.base - 1) >= change.share:
        yield Finding("dose.differs-today", Level.MISSING, {"planned": planned, "today": today})
