"""Commands as JSON: `{"type": "RaiseRate", "rate": {...}}` to a frozen command and back, and the digest by which "identical" is judged.

Only the shape is judged here, never the clinical content: a malformed body is the one thing that can be refused for every command.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from openinfusion.app.ports import Envelope
from openinfusion.core.administration.commands import COMMANDS, Command, RecordFacts
from openinfusion.core.canonical import Json, canonical, sha256
from openinfusion.core.errors import Malformed
from openinfusion.core.forms import FormError, form
from openinfusion.core.patient import OF_IDENTITY, Fact

BY_NAME: Mapping[str, type[Command]] = {command.__name__: command for command in COMMANDS}


def read_command(body: Mapping[str, Json]) -> Command:
    """The command of a body; raises Malformed that names the field."""
    name = body.get("type")
    command = BY_NAME.get(name) if isinstance(name, str) else None
    if command is None:
        raise Malformed("type", f"{name!r} is no command", "one of " + ", ".join(sorted(BY_NAME)))
    try:
        made = form(command).read({key: value for key, value in body.items() if key != "type"})
    except FormError as error:
        raise Malformed(f"{name}", str(error), "the fields of the command, quantities as {value, unit} with decimal text") from error
    if not isinstance(made, command):
        raise TypeError(name)
    if isinstance(made, RecordFacts):
        refuse_identity(made.facts)
    return made


def refuse_identity(facts: Iterable[Fact]) -> None:
    """Raises Malformed for a fact that belongs to the patient's identity: no stored payload may hold it."""
    for fact in facts:
        if fact.field in OF_IDENTITY:
            raise Malformed(fact.field, "it belongs to the identity, not to the facts", "correct the identity of the patient")


def write_command(command: Command) -> dict[str, Json]:
    """The inverse of `read_command`."""
    written = form(type(command)).write(command)
    if not isinstance(written, dict):
        raise TypeError(type(command).__name__)
    return {"type": type(command).__name__, **written}


def envelope(command_id: UUID, body: Json, actor: str, occurred_at: datetime, zone: str = "UTC") -> Envelope:
    """The envelope of a command whose canonical body is `body`."""
    return Envelope(command_id, sha256(canonical(body)), actor, occurred_at, zone)
