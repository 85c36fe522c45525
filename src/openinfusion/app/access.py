"""Who may do what: one table, default deny, used by pages, JSON, command line and devices alike.

It knows roles, not patients' states; whether a command is possible now is decided in the core.
"""

from collections.abc import Mapping
from enum import StrEnum

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import Actor
from openinfusion.core.errors import NotAllowed


class Role(StrEnum):
    """The roles of people, and of a device that may only report."""

    PRESCRIBER = "prescriber"
    PHARMACIST = "pharmacist"
    NURSE = "nurse"
    ADMINISTRATOR = "administrator"
    DEVICE = "device"


class Action(StrEnum):
    """What can be done apart from the commands to a session."""

    READ_CHART = "read-chart"
    REGISTER_PATIENT = "register-patient"
    RECORD_FACTS = "record-facts"
    SIGN_ORDER = "sign-order"
    COSIGN_ORDER = "cosign-order"
    VERIFY_ORDER = "verify-order"
    CANCEL_ORDER = "cancel-order"
    PLAN_SESSION = "plan-session"
    READ_PROTOCOL = "read-protocol"
    SIGN_PROTOCOL = "sign-protocol"
    MANAGE_USERS = "manage-users"
    CALCULATE = "calculate"
    TEST_SOUND = "test-sound"


_CLINICAL = frozenset({Role.PRESCRIBER, Role.PHARMACIST, Role.NURSE})
_PEOPLE = _CLINICAL | {Role.ADMINISTRATOR}
_NURSE = frozenset({Role.NURSE})
_PREPARES = frozenset({Role.PHARMACIST, Role.NURSE})
_NURSE_OR_DEVICE = frozenset({Role.NURSE, Role.DEVICE})

ACTIONS: Mapping[Action, frozenset[Role]] = {
    Action.READ_CHART: _CLINICAL,
    Action.REGISTER_PATIENT: _CLINICAL,
    Action.RECORD_FACTS: _CLINICAL,
    Action.SIGN_ORDER: frozenset({Role.PRESCRIBER}),
    Action.COSIGN_ORDER: frozenset({Role.PRESCRIBER}),
    Action.VERIFY_ORDER: frozenset({Role.PHARMACIST}),
    Action.CANCEL_ORDER: frozenset({Role.PRESCRIBER}),
    Action.PLAN_SESSION: _CLINICAL,
    Action.READ_PROTOCOL: _PEOPLE,
    Action.SIGN_PROTOCOL: frozenset({Role.PRESCRIBER, Role.PHARMACIST}),
    Action.MANAGE_USERS: frozenset({Role.ADMINISTRATOR}),
    Action.CALCULATE: _PEOPLE,
    Action.TEST_SOUND: _CLINICAL,
}

COMMANDS: Mapping[type[c.Command], frozenset[Role]] = {
    **dict.fromkeys(c.COMMANDS, _NURSE),
    **dict.fromkeys((c.AcceptFindings, c.WaivePremedication), frozenset({Role.NURSE, Role.PRESCRIBER})),
    **dict.fromkeys((c.EnterCheck, c.Stop, c.Pause, c.SlowRate, c.ReportReaction, c.GradeReaction, c.TreatAsAnaphylaxis), _CLINICAL),
    **dict.fromkeys((c.GiveEmergencyDrug, c.TickStep, c.RecordObservation, c.RecordComplication, c.RecordFacts, c.CorrectEntry), _CLINICAL),
    c.PrepareContainer: _PREPARES,
    **dict.fromkeys((c.ReceivePumpReport, c.ReceiveReadings), frozenset({Role.DEVICE})),
    **dict.fromkeys((c.RaiseAlarm, c.EndAlarm, c.EscalateAlarm), _NURSE_OR_DEVICE),
    c.OpenEmergency: frozenset({Role.DEVICE}),
    **dict.fromkeys((c.ShowAlarm, c.PauseSound), _CLINICAL),
}


EMERGENCY: frozenset[type[c.Command]] = frozenset(
    {c.Stop, c.Pause, c.SlowRate, c.ReportReaction, c.GradeReaction, c.TreatAsAnaphylaxis, c.GiveEmergencyDrug, c.TickStep}
)
"""What neither an idle session nor a full disk may delay; who may give them still stands in the table."""


def may(actor: Actor, action: Action | type[c.Command]) -> bool:
    """Whether one of the actor's roles has the action."""
    allowed = ACTIONS[action] if isinstance(action, Action) else COMMANDS[action]
    return not actor.roles.isdisjoint(allowed)


def require(actor: Actor, action: Action | type[c.Command]) -> None:
    """Raise NotAllowed unless one of the actor's roles has the action."""
    if not may(actor, action):
        raise NotAllowed(action.value if isinstance(action, Action) else action.__name__, sorted(actor.roles))
