"""`audit`: who looked at what, for the person who runs a site. Ids and sign-in names only; it opens no chart, and leaves a row itself."""

import getpass
from typing import Annotated

import typer

from openinfusion.app.ports import Audited, AuditOutcome, AuditRow
from openinfusion.cli.output import say, say_json
from openinfusion.core.canonical import Json
from openinfusion.core.errors import Malformed

PLACE = "command line"


def add_to(app: typer.Typer) -> None:
    """Add this room's command."""
    app.command("audit")(audit)


def audit(
    patient: Annotated[
        str, typer.Option("--patient", metavar="ID", help="The opaque id of a patient, as in the address of their page.")
    ] = "",
    user: Annotated[str, typer.Option("--user", metavar="NAME", help="A sign-in name, or the name of a gateway.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List who looked at a patient's data, or what one person looked at, oldest first."""
    from openinfusion import config, wiring

    if bool(patient) == bool(user):
        raise Malformed("audit", "it needs one of the two", "--patient ID or --user NAME")
    wiring.open_store(config.current())
    trail = wiring.audit_trail()
    note("audit", "patient" if patient else "user", patient or user, patient)
    found = trail.of_patient(patient) if patient else trail.of_actor(user)
    if as_json:
        say_json({"rows": [row_json(one) for one in found]})
        return
    for one in found:
        row = one.row
        about = f"{row.resource} {row.resource_id}".strip()
        who = f"{row.actor or '(nobody signed in)'} [{', '.join(row.roles) or 'no role'}]"
        say(f"{one.seq:>8} {one.at.isoformat(timespec='seconds')} {row.outcome.value:8} {who} {row.action} ({about}) from {row.place}")


def row_json(one: Audited) -> Json:
    """One row as JSON."""
    row = one.row
    return {
        "seq": one.seq,
        "at": one.at.isoformat(),
        "actor": row.actor,
        "roles": [*row.roles],
        "action": row.action,
        "method": row.method,
        "patient": row.patient,
        "resource": row.resource,
        "id": row.resource_id,
        "outcome": row.outcome.value,
        "place": row.place,
    }


def note(action: str, resource: str, identity: str, patient: str = "", outcome: AuditOutcome = AuditOutcome.ALLOWED) -> None:
    """Leave a row of something done at the command line, by the account of the machine. Raises NotSaved."""
    from openinfusion import wiring

    actor = f"machine account {getpass.getuser()}"
    wiring.audit_trail().write(AuditRow(actor, (), action, "run", resource, outcome, PLACE, identity, patient))
