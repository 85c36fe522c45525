"""What follows from a reaction that a person graded: the protocol's own rule, else the default table. It never grades, never hides a rule.

A reaction waits for no fact: of several rules for one grade the strictest holds, whatever their conditions, regions or products.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from openinfusion.core.figure import Source
from openinfusion.core.protocol import Protocol, ReactionAction, ReactionRule
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import ReactionDefaults

RECURRENCE = "recurrence"
ANAPHYLAXIS = "anaphylaxis"
NO_REACTION = "no-reaction"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a graded reaction means for this infusion. `ceiling` is the highest rate of a restart, None where none is offered or no rate was
    known; `rule` is the id of the protocol's rule, or of the default's when `from_default`."""

    action: ReactionAction
    ceiling: Quantity | None
    rule: str
    sources: tuple[Source, ...]
    from_default: bool

    @property
    def may_restart(self) -> bool:
        """Whether the infusion may go on today."""
        return self.action in (ReactionAction.CONTINUE, ReactionAction.PAUSE)


def consequence(protocol: Protocol, grade: int, recurrence: bool, rate_before: Quantity | None, defaults: ReactionDefaults) -> Consequence:
    """The action and the ceiling of a restart after a reaction of `grade` (0 none to 5), by the protocol's rule, else by the default table.

    A restart is at most `restart_factor` times the rate before the reaction, and never above that rate. A recurrence is judged by the
    protocol's word on recurrences, else by the default's, and is never milder than a first reaction.
    """
    return following(protocol.reactions, grade, recurrence, rate_before, defaults)


def following(
    rules: Iterable[ReactionRule], grade: int, recurrence: bool, rate_before: Quantity | None, defaults: ReactionDefaults
) -> Consequence:
    """The same from the rules of a protocol alone; none, where no protocol is known."""
    if grade <= 0:
        return Consequence(ReactionAction.CONTINUE, rate_before, NO_REACTION, (), from_default=False)
    own = _strictest(rule for rule in rules if grade in rule.grades)
    rule = own or _strictest(rule for rule in defaults.rules if min(grade, 5) in rule.grades)
    if rule is None:
        raise AssertionError("the default table holds a rule for every grade")
    first = Consequence(rule.action, _ceiling(rule, rate_before), rule.id, rule.sources, from_default=own is None)
    if not recurrence:
        return first
    if rule.recurrence is not None:
        again = Consequence(rule.recurrence, _ceiling(rule, rate_before), rule.id, rule.sources, from_default=own is None)
    else:
        again = Consequence(defaults.recurrence, rate_before, RECURRENCE, defaults.sources, from_default=True)
    return _offered(max(first, again, key=lambda one: _weight(one.action)))


def after_anaphylaxis(defaults: ReactionDefaults) -> Consequence:
    """What anaphylaxis means for the infusion, whatever the protocol says of grades."""
    return Consequence(defaults.anaphylaxis, None, ANAPHYLAXIS, defaults.sources, from_default=True)


def _weight(action: ReactionAction) -> int:
    return list(ReactionAction).index(action)


def _strictest(rules: Iterable[ReactionRule]) -> ReactionRule | None:
    """The rule of the gravest action; among equals the one with the lowest restart."""
    return max(rules, key=lambda rule: (_weight(rule.action), -_factor(rule)), default=None)


def _factor(rule: ReactionRule) -> float:
    return float(rule.restart_factor.quantity.to("1").value) if rule.restart_factor is not None else 1.0


def _ceiling(rule: ReactionRule, rate_before: Quantity | None) -> Quantity | None:
    """Never above the rate before: a factor above 1 in a file does not raise it."""
    if rate_before is None or rule.action not in (ReactionAction.CONTINUE, ReactionAction.PAUSE):
        return None
    if rule.restart_factor is None:
        return rate_before
    return min(rate_before, rate_before.scaled(rule.restart_factor.quantity.to("1").value))


def _offered(found: Consequence) -> Consequence:
    """Without a ceiling where nothing may be restarted."""
    return found if found.may_restart else Consequence(found.action, None, found.rule, found.sources, found.from_default)
