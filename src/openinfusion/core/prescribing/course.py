"""When: the sessions of a course by date, from the phases of the protocol. Chairs, opening hours and holidays are for scheduling, not for
here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from openinfusion.core.condition import Truth
from openinfusion.core.finding import Finding, Level
from openinfusion.core.part import Selection
from openinfusion.core.patient import duration
from openinfusion.core.prescribing.order import PlannedSession
from openinfusion.core.prescribing.rule import Order, standing
from openinfusion.core.protocol import Phase

SHOWN = 8
"""How many sessions of an endless course are listed."""


@dataclass(frozen=True, slots=True)
class Course:
    """The planned sessions and what must still be chosen."""

    sessions: tuple[PlannedSession, ...]
    findings: tuple[Finding, ...] = ()


def course(order: Order, n: int = SHOWN) -> Course:
    """At most `n` sessions from the start date on; a phase that a prescriber must choose is never begun alone.

    Without a chosen phase the automatic ones follow each other, and an infusion number above one resumes them there."""
    phases, found = phases_of(order)
    if not phases:
        return Course((PlannedSession(1, order.choice.infusion_number, order.choice.start_on, ""),), found)
    known = 0 if order.choice.phase else order.choice.infusion_number - 1
    days = list(_days(phases, n + known))
    skipped = known if known < len(days) and phases[0].kind == "offsets" else 0
    first = days[skipped][0]
    kept = days[skipped : skipped + n]
    sessions = tuple(
        PlannedSession(index, order.choice.infusion_number + index - 1 - skipped, order.choice.start_on + (day - first), phase.id)
        for index, (day, phase) in enumerate(kept, start=skipped + 1)
    )
    return Course(sessions, (*found, *_open_counts(phases)))


def phases_of(order: Order) -> tuple[tuple[Phase, ...], tuple[Finding, ...]]:
    """The chosen phase, else the automatic ones that hold, in the order of the file; none and a finding where a prescriber must choose."""
    schedule, chosen = order.protocol.schedule, order.choice.phase
    if chosen:
        phase = next((phase for phase in schedule if phase.id == chosen), None)
        if phase is None:
            return (), (Finding("course.no-such-phase", Level.BANNED, {"phase": chosen}),)
        if standing(phase, order).truth is Truth.FALSE:
            return (phase,), (Finding("course.phase-does-not-hold", Level.CONTRAINDICATED, {"phase": chosen}, phase.sources, phase.id),)
        return (phase,), ()
    held = tuple(phase for phase in schedule if phase.selection is Selection.AUTOMATIC and standing(phase, order).truth is Truth.TRUE)
    if held:
        return held, ()
    offered = tuple(phase.id for phase in schedule if standing(phase, order).may_hold)
    return (), (Finding("course.phase-not-chosen", Level.MISSING, {"phases": offered}),)


def _days(phases: Sequence[Phase], n: int) -> Iterator[tuple[timedelta, Phase]]:
    """The first `n` sessions as days since the first one."""
    last: timedelta | None = None
    listed = 0
    for phase in phases:
        for day in _of_phase(phase, last):
            if listed == n:
                return
            listed += 1
            yield day, phase
            last = day


def _of_phase(phase: Phase, last: timedelta | None) -> Iterator[timedelta]:
    """The sessions of a phase; the first of a later phase is one interval after the last of the earlier."""
    every = None if phase.every is None else duration(phase.every.quantity)
    match phase.kind:
        case "offsets":
            base = timedelta(0) if last is None else last + (every or timedelta(0))
            yield from (base + duration(offset.quantity) for offset in phase.offsets)
        case "sessions":
            day = timedelta(0) if last is None else last + (every or timedelta(0))
            yield day
            count = _count(phase)
            done = 1
            while every is not None and (count is None or done < count):
                day += every
                done += 1
                yield day
        case "once" | "continuous" | "prescribed":
            yield timedelta(0) if last is None else last


def _count(phase: Phase) -> int | None:
    figure = phase.sessions or phase.fewest
    return None if figure is None else int(figure.quantity.value)


def _open_counts(phases: Sequence[Phase]) -> Iterator[Finding]:
    for phase in phases:
        if phase.sessions is None and phase.fewest is not None and phase.most is not None:
            params = {"fewest": phase.fewest.quantity, "most": phase.most.quantity}
            yield Finding("course.number-open", Level.INFO, params, phase.sources, phase.id)
