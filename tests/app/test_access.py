"""The table of who may do what: complete, denied by default, and the calculators open to every person."""

import pytest

from openinfusion.app.access import ACTIONS, COMMANDS, Action, Role, may, require
from openinfusion.core.administration.commands import COMMANDS as ALL_COMMANDS
from openinfusion.core.administration.parts import Actor
from openinfusion.core.errors import NotAllowed


def test_every_action_and_every_command_stands_in_the_table_with_somebody_who_may():
    assert set(ACTIONS) == set(Action)
    assert set(COMMANDS) == set(ALL_COMMANDS)
    assert [one for one in (*ACTIONS.values(), *COMMANDS.values()) if not one] == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEVICE])
def test_every_person_with_a_role_may_calculate(role):
    assert may(Actor("x", frozenset({role.value})), Action.CALCULATE)


@pytest.mark.parametrize("roles", [frozenset(), frozenset({Role.DEVICE.value}), frozenset({"visitor"})])
def test_who_has_no_role_of_a_person_may_not(roles):
    with pytest.raises(NotAllowed):
        require(Actor("x", roles), Action.CALCULATE)
