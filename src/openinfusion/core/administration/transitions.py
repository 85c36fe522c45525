"""Which control commands each status allows: the one table that decides, shows buttons, draws the docs and is walked by the tests.

Records stand in no row: observing, charting, slowing, pausing, stopping and emergency treatment are possible in every status. Stop and
complete
both lead to observing; only a discharge closes a session, as stopped when the flow was cut short, else as completed.
"""

from collections.abc import Mapping

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import Status
from openinfusion.core.administration.session import SessionState
from openinfusion.core.protocol import Delivery, Protocol

_BEFORE: frozenset[type[c.Command]] = frozenset({c.AcceptFindings, c.WaivePremedication, c.PrepareContainer})
_AT_THE_CHAIR: frozenset[type[c.Command]] = _BEFORE | {c.AssociateDevice, c.StartInfusion, c.GiveInjection}

TRANSITIONS: Mapping[Status, frozenset[type[c.Command]]] = {
    Status.PLANNED: _BEFORE,
    Status.ARRIVED: _AT_THE_CHAIR,
    Status.PREPARING: _AT_THE_CHAIR,
    Status.READY: _AT_THE_CHAIR,
    Status.INFUSING: frozenset(
        {c.AcceptFindings, c.PrepareContainer, c.AssociateDevice, c.GiveInjection, c.RaiseRate, c.ChangeContainer, c.RequestBolus}
    ),
    Status.ON_HOLD: frozenset(
        {c.AcceptFindings, c.PrepareContainer, c.AssociateDevice, c.ChangeContainer, c.Resume, c.ResumeAfterReaction}
    ),
    Status.OBSERVING: frozenset({c.Discharge}),
    Status.COMPLETED: frozenset(),
    Status.STOPPED: frozenset(),
    Status.NOT_DONE: frozenset(),
}

_FLOWING: frozenset[type[c.Command]] = frozenset(
    {c.StartInfusion, c.RaiseRate, c.ChangeContainer, c.Resume, c.ResumeAfterReaction, c.RequestBolus}
)


def possible(state: SessionState, protocol: Protocol) -> frozenset[type[c.Command]]:
    """The control commands that this status and this way of giving know, whether or not their rules are met now."""
    # An emergency waits for nobody's arrival to be charted.
    known = TRANSITIONS[Status.ARRIVED if protocol.emergency and state.status is Status.PLANNED else state.status]
    if protocol.delivery is Delivery.INJECTION:
        return known - _FLOWING
    without: set[type[c.Command]] = {c.GiveInjection}
    if protocol.delivery is not Delivery.PATIENT_CONTROLLED:
        without.add(c.RequestBolus)
    without.add(c.Resume if state.reaction_hold else c.ResumeAfterReaction)
    return known - without


def allowed(state: SessionState, protocol: Protocol) -> tuple[type[c.Command], ...]:
    """The commands to offer now, in the order of the command list: the possible control commands, and every record."""
    controls = possible(state, protocol)
    return tuple(command for command in c.COMMANDS if not command.CONTROL or command in controls)


def table() -> str:
    """The table as Markdown, for `docs/reference/transitions.md`."""
    controls = [command for command in c.COMMANDS if command.CONTROL]
    head = ["| status | control commands that may be given |", "|---|---|"]
    rows = [
        f"| `{status.value}` | {', '.join(f'`{command.__name__}`' for command in controls if command in TRANSITIONS[status]) or 'none'} |"
        for status in Status
    ]
    records = ", ".join(f"`{command.__name__}`" for command in c.COMMANDS if not command.CONTROL)
    return "\n".join(
        [
            "# What may be done in which status",
            "",
            "Made from `TRANSITIONS` in `openinfusion.core.administration.transitions`; a test keeps this page current.",
            "",
            *head,
            *rows,
            "",
            "Records are possible in every status and are never refused:",
            "",
            f"{records}.",
            "",
        ]
    )
