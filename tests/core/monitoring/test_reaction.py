"""What follows from a graded reaction: the protocol first, the default where it is silent, the strictest where two rules hold."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.figure import Figure, Source, Tier
from openinfusion.core.monitoring.reaction import Consequence, after_anaphylaxis, consequence
from openinfusion.core.protocol import Protocol, ReactionAction, ReactionRule
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import ReactionDefaults
from tests.core.monitoring.cast import protocol_with, shipped_table

SOURCE = Source(cite="label", at="2.1", tier=Tier.A)
HUNDRED = Quantity(100, "mL/h")


def _defaults() -> ReactionDefaults:
    table = shipped_table("reaction-defaults-1")
    assert isinstance(table, ReactionDefaults)
    return table


def _rule(
    name: str, grades: tuple[int, ...], action: ReactionAction, factor: str = "", recurrence: ReactionAction | None = None
) -> ReactionRule:
    restart = Figure(quantity=Quantity(factor, "1"), sources=(SOURCE,)) if factor else None
    return ReactionRule(id=name, grades=grades, action=action, restart_factor=restart, recurrence=recurrence, sources=(SOURCE,))


def _protocol(*rules: ReactionRule) -> Protocol:
    return protocol_with(reactions=rules)


def _after(protocol: Protocol, grade: int, rate: Quantity | None) -> Consequence:
    return consequence(protocol, grade, recurrence=False, rate_before=rate, defaults=_defaults())


def _again(protocol: Protocol, grade: int, rate: Quantity | None) -> Consequence:
    return consequence(protocol, grade, recurrence=True, rate_before=rate, defaults=_defaults())


def test_the_protocols_own_rule_decides_action_and_ceiling():
    found = _after(_protocol(_rule("half", (1, 2), ReactionAction.PAUSE, "0.5")), 2, HUNDRED)
    assert (found.action, found.ceiling, found.rule, found.from_default) == (ReactionAction.PAUSE, Quantity(50, "mL/h"), "half", False)
    assert found.sources == (SOURCE,)


@pytest.mark.parametrize(
    ("grade", "action", "ceiling"),
    [
        (1, ReactionAction.PAUSE, Quantity(100, "mL/h")),  # safety.md 8.4: continue or pause; never faster than before
        (2, ReactionAction.PAUSE, Quantity(50, "mL/h")),  # at most half
        (3, ReactionAction.STOP_TODAY, None),
        (4, ReactionAction.STOP_FOR_GOOD, None),
        (5, ReactionAction.STOP_FOR_GOOD, None),
    ],
)
def test_where_the_protocol_is_silent_the_default_holds_and_says_so(grade, action, ceiling):
    found = _after(_protocol(), grade, HUNDRED)
    assert (found.action, found.ceiling, found.from_default) == (action, ceiling, True)


def test_no_reaction_is_a_grade_and_changes_nothing():
    found = _after(_protocol(), 0, HUNDRED)
    assert (found.action, found.ceiling) == (ReactionAction.CONTINUE, HUNDRED)


def test_of_two_rules_for_one_grade_the_strictest_holds():
    mild = _rule("mild", (3,), ReactionAction.PAUSE, "0.5")
    grave = _rule("grave", (3, 4), ReactionAction.STOP_FOR_GOOD)
    assert _after(_protocol(mild, grave), 3, HUNDRED).rule == "grave"
    slow = _rule("slow", (3,), ReactionAction.PAUSE, "0.25")
    assert _after(_protocol(mild, slow), 3, HUNDRED).ceiling == Quantity(25, "mL/h")


def test_a_recurrence_follows_the_protocols_word_else_it_stops_today():
    own = _rule("own", (1, 2), ReactionAction.PAUSE, "0.5", ReactionAction.STOP_FOR_GOOD)
    assert _again(_protocol(own), 2, HUNDRED).action is ReactionAction.STOP_FOR_GOOD
    silent = _rule("silent", (1, 2), ReactionAction.PAUSE, "0.5")
    found = _again(_protocol(silent), 2, HUNDRED)
    assert (found.action, found.ceiling, found.from_default) == (ReactionAction.STOP_TODAY, None, True)


def test_a_factor_above_one_never_raises_the_rate():
    assert _after(_protocol(_rule("odd", (2,), ReactionAction.PAUSE, "1.5")), 2, HUNDRED).ceiling == HUNDRED


def test_without_a_known_rate_there_is_no_ceiling_to_offer():
    assert _after(_protocol(), 2, None).ceiling is None


def test_anaphylaxis_stops_for_good_whatever_the_protocol_says():
    assert after_anaphylaxis(_defaults()).action is ReactionAction.STOP_FOR_GOOD
    assert not after_anaphylaxis(_defaults()).may_restart


@given(
    grade=st.integers(min_value=1, max_value=5),
    again=st.booleans(),
    rate=st.fractions(min_value=Fraction(1, 10), max_value=2000).map(lambda value: Quantity(value, "mL/h")),
)
def test_a_restart_is_never_faster_and_a_recurrence_never_milder(grade, again, rate):
    found = consequence(_protocol(), grade, recurrence=again, rate_before=rate, defaults=_defaults())
    assert found.ceiling is None or found.ceiling <= rate
    weights = list(ReactionAction)
    assert weights.index(found.action) >= weights.index(_after(_protocol(), grade, rate).action)
