"""`init`, `users`, `gateways`, `serve`, `demo`, `verify`, `rebuild` and `config`: what the person who runs a site types."""

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

from openinfusion.app.access import Role
from openinfusion.cli.audit import note
from openinfusion.cli.output import say, say_json, warn
from openinfusion.core.canonical import Json
from openinfusion.core.errors import ERROR_TABLE, Code

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def add_to(app: typer.Typer) -> None:
    """Add this room's commands."""
    app.command("init")(init)
    users = typer.Typer(no_args_is_help=True, help="People who may sign in.")
    users.command("add")(add_user)
    users.command("code")(new_code)
    app.add_typer(users, name="users")
    gateways = typer.Typer(no_args_is_help=True, help="Gateways that may send messages of pumps and monitors.")
    gateways.command("add")(add_gateway)
    gateways.command("revoke")(revoke_gateway)
    app.add_typer(gateways, name="gateways")
    for name, command in (("serve", serve), ("demo", demo), ("verify", verify), ("rebuild", rebuild), ("config", show_configuration)):
        app.command(name)(command)


def init(
    administrator: Annotated[str, typer.Option("--administrator", help="Sign-in name of the first administrator.")] = "administrator",
    as_json: AsJson = False,
) -> None:
    """Make an empty, real store and its first administrator, who signs in with a one-time code; bring an earlier store to this release."""
    from openinfusion import config, wiring

    configuration = config.current()
    wiring.make_store(configuration)
    wiring.open_store(configuration)
    if wiring.users().are_there_any():
        if as_json:
            say_json({"status": "ok", "home": str(configuration.home)})
        else:
            say(f"The store in {configuration.home} is as this release needs it; its people and its record were kept.")
        return
    code = wiring.users().create_user(administrator, Role.ADMINISTRATOR)
    note("init", "user", administrator)
    _say_code(administrator, code, as_json=as_json, home=str(configuration.home))


def add_user(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    role: Annotated[Role, typer.Option("--role", help="What this person may do.")],
    as_json: AsJson = False,
) -> None:
    """Add a person; prints the one-time code for the first sign-in."""
    from openinfusion import config, wiring

    wiring.open_store(config.current())
    code = wiring.users().create_user(name, role)
    note("users add", "user", name)
    _say_code(name, code, as_json=as_json)


def new_code(name: Annotated[str, typer.Argument(metavar="NAME")], as_json: AsJson = False) -> None:
    """A fresh one-time code for a person whose code was lost or ran out."""
    from openinfusion import config, wiring

    wiring.open_store(config.current())
    code = wiring.users().new_code(name)
    note("users code", "user", name)
    _say_code(name, code, as_json=as_json)


def _say_code(name: str, code: str, *, as_json: bool, home: str = "") -> None:
    if as_json:
        say_json({"user": name, "code": code, **({"home": home} if home else {})})
        return
    if home:
        say(f"The store is ready in {home}.")
    say(f"{name} signs in once with the code {code} and then chooses a password. The code runs out in three days.")


def add_gateway(name: Annotated[str, typer.Argument(metavar="NAME")], as_json: AsJson = False) -> None:
    """Add a gateway; prints its token, which nobody can read again."""
    from openinfusion import config, wiring

    wiring.open_store(config.current())
    token = wiring.gateways().create(name)
    note("gateways add", "gateway", name)
    if as_json:
        say_json({"gateway": name, "token": token})
    else:
        say(f"{name} sends with the token {token}. It is shown this once; keep it where only the gateway can read it.")


def revoke_gateway(name: Annotated[str, typer.Argument(metavar="NAME")], as_json: AsJson = False) -> None:
    """Take the token of a gateway out of use at once."""
    from openinfusion import config, wiring

    wiring.open_store(config.current())
    wiring.gateways().revoke(name)
    note("gateways revoke", "gateway", name)
    if as_json:
        say_json({"status": "ok", "gateway": name})
    else:
        say(f"The token of {name} opens nothing any more.")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; a reverse proxy in front speaks HTTPS.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    behind_proxy: Annotated[bool, typer.Option("--behind-proxy", help="A proxy in front ends HTTPS.")] = False,
    as_json: AsJson = False,
) -> None:
    """Serve the real store. Refuses to start without a secret, allowed hosts and HTTPS, or on an unsafe store."""
    if behind_proxy:
        os.environ["OPENINFUSION_BEHIND_PROXY"] = "yes"
    from openinfusion import config, wiring
    from openinfusion.core.errors import ConfigurationError

    configuration = config.current()
    configuration.check_serving()
    if not configuration.behind_proxy:
        raise ConfigurationError(
            "OPENINFUSION_BEHIND_PROXY", "this server speaks plain HTTP; put an HTTPS proxy in front and give --behind-proxy"
        )
    wiring.open_store(configuration)
    left_out = wiring.ports(configuration).library.problems
    if as_json:
        say_json({"status": "starting", "address": f"http://{host}:{port}/", "left_out": [*left_out]})
    for problem in left_out:
        warn(f"Left out of use: {problem}")
    from openinfusion.web.serving import serve as run_server

    run_server(host, port)


def demo(
    port: Annotated[int, typer.Option(help="Port on this machine; 0 takes a free one.")] = 8321,
    as_json: AsJson = False,
) -> None:
    """Start the demo centre on this machine: made-up people, simulated pumps and monitors, its own database file."""
    try:
        from openinfusion_demo.centre import run_demo
    except ModuleNotFoundError:
        missing = "The demo centre is not part of this installation. A checkout or the released package has it."
        if as_json:
            say_json({"status": "error", "code": Code.NOT_FOUND.value, "text": missing})
        else:
            warn(missing)
        raise typer.Exit(ERROR_TABLE[Code.NOT_FOUND].exit) from None
    run_demo(port, as_json=as_json)


def verify(as_json: AsJson = False) -> None:
    """Walk every hash chain and name the first bad place. Exit status 0 good, 1 broken, 2 could not read."""
    from openinfusion import config, wiring

    configuration = config.current()
    missing = _missing_file(configuration.database_url)
    if missing is not None:
        true = f"There is no record at {missing}. Nothing was read and nothing is wrong with a record that stands elsewhere."
        do = "Set OPENINFUSION_HOME or OPENINFUSION_DATABASE_URL to where yours is, or make one with `openinfusion init`."
        if as_json:
            say_json({"status": "unreadable", "events": 0, "streams": 0, "audit_rows": 0, "broken": None, "unreadable": f"{true} {do}"})
        else:
            warn(f"{true} {do}")
        raise typer.Exit(2)
    wiring.start(configuration)
    walk = wiring.verify()
    if as_json:
        broken: Json = None if walk.broken is None else {"stream": walk.broken.stream, "seq": walk.broken.seq, "why": walk.broken.why}
        status = ("ok", "broken", "unreadable")[walk.exit_status]
        counted: dict[str, Json] = {"events": walk.events, "streams": walk.streams, "audit_rows": walk.audit_rows}
        say_json({"status": status, **counted, "broken": broken, "unreadable": walk.unreadable})
    elif walk.unreadable:
        warn(f"The record could not be read to its end: {walk.unreadable}. What was read before holds; nothing is known of the rest.")
    elif walk.broken is None:
        say(f"{walk.events} events in {walk.streams} streams, {walk.audit_rows} audit rows: every chain holds.")
    else:
        place = f"{walk.broken.stream}, number {walk.broken.seq}"
        warn(f"The record is broken: {place}: {walk.broken.why}. Stop serving and restore from a backup.")
    raise typer.Exit(walk.exit_status)


def _missing_file(database_url: str) -> Path | None:
    """The file of an SQLite store that is not there; None for one that is, and for a database server."""
    parts = urlsplit(database_url)
    file = Path(unquote(parts.path)[1:])
    return file if parts.scheme == "sqlite" and not file.exists() else None


def rebuild(as_json: AsJson = False) -> None:
    """Drop every read model and fold it anew from the record."""
    from openinfusion import config, wiring

    wiring.open_store(config.current())
    wiring.read_models(wiring.event_log()).rebuild()
    if as_json:
        say_json({"status": "ok"})
    else:
        say("All read models were made anew from the record.")


def show_configuration(as_json: AsJson = False) -> None:
    """Every setting with its value (or "set") and where it comes from."""
    from openinfusion import config

    settings = config.current().settings
    if as_json:
        say_json({"settings": [{"name": one.name, "value": one.value, "origin": one.origin.value} for one in settings]})
        return
    for one in settings:
        say(f"{one.name:34} {one.value:40} {one.origin.value}")
