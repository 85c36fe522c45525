"""What the patient's earlier reactions to the same ingredient mean for a further dose. They belong to the patient: no visit, order or
protocol forgets it."""

from collections.abc import Iterable

from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.prescribing.events import ReactionRemembered
from openinfusion.core.protocol import Protocol, ReactionAction

NOT_GRADED = "not-graded"
"""Stands for the grade of a reaction that nobody has graded: that is not grade 0, which means none."""


def as_known(reactions: Iterable[ReactionRemembered]) -> tuple[ReactionRemembered, ...]:
    """The reactions as they are known now, oldest first: one that nobody had graded gives way to what was said of it later, and what a
    person then called no reaction (grade 0) was none. A grade never gives way."""
    told = tuple(reactions)
    return tuple(
        one
        for n, one in enumerate(told)
        if (_is_graded(one) and not _was_none(one)) or (not _is_graded(one) and all(_key(one) != _key(later) for later in told[n + 1 :]))
    )


def _key(one: ReactionRemembered) -> tuple[str, int | None]:
    return one.session, one.minutes_after_start


def _is_graded(one: ReactionRemembered) -> bool:
    return bool(one.scale or one.action)


def _was_none(one: ReactionRemembered) -> bool:
    return one.grade == 0 and one.action == ReactionAction.CONTINUE.value


def earlier_reactions(protocol: Protocol, reactions: Iterable[ReactionRemembered]) -> tuple[Finding, ...]:
    """The gravest earlier reaction to one of these ingredients: after one that ended the therapy for good only two prescribers go on, after
    one that ended a session, or that nobody graded, a reason is written."""
    ours = [one for one in reactions if not set(one.ingredients).isdisjoint(protocol.drug.ingredients)]
    if not ours:
        return ()
    gravest = max(ours, key=lambda one: (_level(one.action).rank, one.grade))
    level = Level.INFO if protocol.emergency else _level(gravest.action)
    grade: Param = gravest.grade if _is_graded(gravest) else NOT_GRADED
    params: dict[str, Param] = {"action": gravest.action or "none", "grade": grade, "session": gravest.session}
    return (Finding("reaction.earlier", level, params, rule=gravest.action or "ungraded"),)


def _level(action: str) -> Level:
    levels = {
        ReactionAction.STOP_FOR_GOOD.value: Level.CONTRAINDICATED,
        ReactionAction.PAUSE.value: Level.INFO,
        ReactionAction.CONTINUE.value: Level.INFO,
    }
    return levels.get(action, Level.CAUTION)
