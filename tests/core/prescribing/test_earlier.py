"""An earlier reaction to the same ingredient speaks at every later dose, the gravest of them first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.finding import Level
from openinfusion.core.prescribing.earlier import as_known, earlier_reactions
from openinfusion.core.prescribing.events import ReactionRemembered

from .therapies import therapy

INGREDIENT = therapy().drug.ingredients[0]


def had(action: str, grade: int = 2, ingredient: str = INGREDIENT) -> ReactionRemembered:
    """One reaction of the patient."""
    return ReactionRemembered("one", "other-protocol", (ingredient,), grade, "CTCAE-5.0", action)


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("continue", Level.INFO),
        ("pause", Level.INFO),
        ("stop_today", Level.CAUTION),
        ("", Level.CAUTION),
        ("stop_for_good", Level.CONTRAINDICATED),
    ],
)
def test_each_action_has_its_weight_and_none_is_never_the_lightest(action, level):
    assert [finding.level for finding in earlier_reactions(therapy(), [had(action)])] == [level]


def test_the_gravest_speaks_whatever_came_after_it():
    (found,) = earlier_reactions(therapy(), [had("stop_for_good", 4), had("pause", 1)])
    assert (found.level, found.params["grade"]) == (Level.CONTRAINDICATED, 4)


def test_a_reason_for_one_weight_does_not_cover_a_graver_one():
    keys = {finding.key for action in ("stop_today", "stop_for_good") for finding in earlier_reactions(therapy(), [had(action)])}
    assert len(keys) == 2


def test_a_reaction_to_something_else_says_nothing_here():
    assert earlier_reactions(therapy(), [had("stop_for_good", ingredient="something-else")]) == ()


def test_an_emergency_is_told_and_not_held_back():
    assert [finding.level for finding in earlier_reactions(therapy(emergency=True), [had("stop_for_good")])] == [Level.INFO]


GRADES = st.sampled_from([0, 1, 2, 4])
ACTIONS = st.sampled_from(["", "continue", "pause", "stop_today", "stop_for_good"])


def told_of(session: str, minute: int, grade: int, action: str) -> ReactionRemembered:
    """One memory; without an action nobody has graded it."""
    return ReactionRemembered(session, "p", (INGREDIENT,), grade if action else 0, "CTCAE-5.0" if action else "", action, None, minute)


@given(st.lists(st.builds(told_of, st.sampled_from("ab"), st.integers(0, 2), GRADES, ACTIONS), max_size=8))
def test_what_was_graded_as_a_reaction_is_always_known_and_nothing_is_known_twice_ungraded(reactions):
    known = as_known(reactions)
    assert [one for one in known if one.action] == [one for one in reactions if one.action and (one.grade, one.action) != (0, "continue")]
    bare = [(one.session, one.minutes_after_start) for one in known if not one.action]
    assert len(bare) == len(set(bare))
    # The last word on each reaction that is ungraded is not lost.
    last = {(one.session, one.minutes_after_start): one for one in reactions}
    assert set(bare) == {key for key, one in last.items() if not one.action}
