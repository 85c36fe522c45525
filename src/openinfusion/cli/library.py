"""`protocol list|check|show|diff|sign`: the protocol files as reviewers read them."""

import getpass
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from openinfusion.app import present
from openinfusion.app.commands import envelope
from openinfusion.app.ports import AuditOutcome
from openinfusion.cli import inputs
from openinfusion.cli.audit import note
from openinfusion.cli.output import say, say_json
from openinfusion.core.canonical import Json
from openinfusion.core.errors import NotAllowed
from openinfusion.protocols.load import LoadedProtocol, load_library, load_protocol
from openinfusion.protocols.review import WeakFigure, difference, weak_figures

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Name = Annotated[str, typer.Argument(metavar="PROTOCOL", help="A protocol id.")]


def add_to(app: typer.Typer) -> None:
    """Add this room's commands."""
    group = typer.Typer(no_args_is_help=True, help="Read, check, compare and sign protocol files.")
    for name, command in (("list", listed), ("check", check), ("show", show), ("diff", diff), ("sign", sign)):
        group.command(name)(command)
    app.add_typer(group, name="protocol")


def listed(as_json: AsJson = False) -> None:
    """Every protocol with route, version and hash."""
    rows = [loaded for _, loaded in sorted(load_library().protocols.items())]
    if as_json:
        say_json({"protocols": [_row(loaded) for loaded in rows]})
        return
    for loaded in rows:
        protocol = loaded.protocol
        say(f"{protocol.id:24} {protocol.route.value:9} {protocol.version:7} {loaded.content_hash[:12]}  {protocol.title}")


def _weak(figure: WeakFigure) -> str:
    """Where a figure stands that is not good enough, and its tier."""
    amount = "" if figure.quantity is None else f" {present.quantity(figure.quantity)}"
    return f"{figure.part} {figure.rule}{amount} ({figure.tier.value})"


def _row(loaded: LoadedProtocol) -> dict[str, Json]:
    protocol = loaded.protocol
    weak: list[Json] = [_weak(one) for one in weak_figures(protocol)]
    return {
        "id": protocol.id,
        "version": protocol.version,
        "hash": loaded.content_hash,
        "title": protocol.title,
        "route": protocol.route.value,
        "maturity": protocol.maturity.value,
        "legal": protocol.legal.value,
        "weak": weak,
    }


def check(
    folder: Annotated[list[Path] | None, typer.Argument(help="Folders with a protocol.yaml; all shipped protocols by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """Load protocols whole or say, line by line, why they do not load."""
    loaded = [load_protocol(one) for one in folder] if folder else list(load_library().protocols.values())
    if as_json:
        say_json({"status": "ok", "protocols": [_row(one) for one in loaded]})
        return
    for one in loaded:
        weak = ", ".join(_weak(figure) for figure in weak_figures(one.protocol))
        say(f"{one.protocol.id} {one.protocol.version}: holds" + (f"; cannot become active: {weak}" if weak else ""))


def show(name: Name, as_json: AsJson = False) -> None:
    """One protocol, every figure with its source."""
    loaded = inputs.protocol(load_library(), name)
    if as_json:
        content: Json = loaded.protocol.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        say_json({**_row(loaded), "content": content})
        return
    for line in present.protocol_lines(loaded.protocol, loaded.content_hash):
        say(line)


def diff(old: Path, new: Path, as_json: AsJson = False) -> None:
    """The clinical difference between two protocol folders, figure by figure. Exit status 1 when there is one."""
    changes = difference(load_protocol(old), load_protocol(new))
    if as_json:
        say_json({"changes": [present.change_json(change) for change in changes]})
    else:
        for change in changes:
            say(present.change_line(change))
    raise typer.Exit(1 if changes else 0)


def sign(
    name: Name,
    user: Annotated[str, typer.Option("--user", help="Who signs; the password is asked for.")],
    retire: Annotated[str, typer.Option("--retire", metavar="REASON", help="Retire the protocol instead, for this reason.")] = "",
    as_json: AsJson = False,
) -> None:
    """Sign the content as it stands now; a prescriber and a pharmacist, neither the author, make it active."""
    from openinfusion import config, wiring
    from openinfusion.app.protocols import retire_protocol, sign_protocol, status_of

    configuration = config.current()
    wiring.open_store(configuration)
    ports = wiring.ports(configuration)
    try:
        actor = wiring.authenticate(user, getpass.getpass(f"Password of {user}: "))
    except NotAllowed:
        note("protocol sign signature", "user", user if wiring.users().is_known(user) else "", outcome=AuditOutcome.DENIED)
        raise
    sent = envelope(uuid4(), {"protocol": name, "retire": retire}, actor.id, ports.clock.now())
    if retire:
        retire_protocol(ports, name, retire, sent, actor)
    else:
        sign_protocol(ports, name, sent, actor)
    status = status_of(ports, inputs.protocol(load_library(), name))
    if as_json:
        say_json({"protocol": name, "status": status.value})
    else:
        say(f"{name} is now {status.value}.")
