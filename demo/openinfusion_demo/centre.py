"""`openinfusion demo`: makes or opens the demo store, fills it, starts the simulated devices and the server, and ends them all together.

It opens a demo store only, signs no protocol and touches no real one.
"""

import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from types import FrameType

from rich.console import Console
from rich.progress import Progress

from openinfusion import config, wiring
from openinfusion.app.access import Role
from openinfusion.app.ports import StoreKind
from openinfusion.cli.output import say, say_json, warn
from openinfusion.config import Configuration
from openinfusion.core.errors import Malformed
from openinfusion_demo.keeper import MONITORS, PUMPS, Keeper
from openinfusion_demo.people import NEWCOMER, PASSWORD, VISITORS, sign_ins
from openinfusion_demo.story import Roster

_HOST = "127.0.0.1"
_END_WITHIN_S = 2
_NOTICE = "NOT FOR CLINICAL USE: a demo centre with made-up people, on a store of its own."


def run_demo(port: int, *, as_json: bool = False) -> None:
    """Run the demo centre on a port of this machine until it is interrupted; 0 takes a free one. Raises Malformed when it is taken.

    `as_json` prints one JSON object when the address is known; what else there is to say goes to standard error.
    """
    tell = warn if as_json else say
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    port = _usable(port)
    configuration = config.load(os.environ, StoreKind.DEMO)
    wiring.make_store(configuration)
    wiring.open_store(configuration)
    tell(_NOTICE)
    _make_people(configuration)
    ports = wiring.ports(configuration)
    for problem in ports.library.problems:
        tell(f"Left out of use: {problem}")
    keeper = Keeper(Roster(configuration.home / "demo-stories.json"), ports, lambda clock: wiring.ports(configuration, clock))
    _fill(keeper)
    if as_json:
        say_json({"status": "starting", "notice": _NOTICE, "address": f"http://{_HOST}:{port}/", "sign_in": sign_ins()})
    else:
        say(f"The demo centre is at http://{_HOST}:{port}/ ; Ctrl-C ends it.")
        say(sign_ins())
    from openinfusion.web.serving import serve

    import_module("openinfusion.web.asgi")  # sets up logging anew, so that it comes before the levels below
    # A device that serves no session asks again and again; on a person's screen only what went wrong counts.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    with suppress(KeyboardInterrupt), _devices(configuration, keeper, port), _kept(keeper):
        serve(_HOST, port)
    tell("The demo centre is closed. It goes on from here when it is opened again.")


def _end(_number: int, _frame: FrameType | None) -> None:
    """A request to end unwinds everything, as Ctrl-C does."""
    raise KeyboardInterrupt


def _usable(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise Malformed("--port", f"{port} is in use or not allowed", "another port, or 0 for a free one") from error
        return int(probe.getsockname()[1])


def _make_people(configuration: Configuration) -> None:
    """The visitors with their password, a newcomer whose code nobody has, and the text of the sign-in page."""
    configuration.sign_in_notice_file.write_text(sign_ins(), encoding="utf-8")
    users = wiring.users()
    if users.are_there_any():
        return
    for one in VISITORS:
        users.redeem(users.create_user(one.name, one.role), PASSWORD)
    users.create_user(NEWCOMER, Role.NURSE)


def _fill(keeper: Keeper) -> None:
    with Progress(transient=True, console=Console(stderr=True)) as progress:
        task = progress.add_task("Opening the demo centre", total=None)
        for done, total in keeper.open(wiring.CLOCK.now()):
            progress.update(task, completed=done, total=total)


@contextmanager
def _devices(configuration: Configuration, keeper: Keeper, port: int) -> Iterator[None]:
    """The simulated devices as a process of their own, through a gateway of their own, until the end."""
    gateways, name = wiring.gateways(), f"simulated devices {secrets.token_hex(4)}"
    token, now = gateways.create(name), wiring.CLOCK.now()
    options = [f"--device={device}" for device in (*PUMPS, *MONITORS)]
    options += [f"--given={device}={volume.text}" for device, volume in keeper.given(now).items()]
    options += [f"--incident={one}" for one in keeper.incidents(now)]
    program = "from openinfusion.cli import main; main()"
    command = [sys.executable, "-c", program, "simulate", f"--url=http://{_HOST}:{port}", "--token=-", *options]
    with (configuration.home / "demo-devices.log").open("w", encoding="utf-8") as told:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=told, stderr=told, text=True)  # noqa: S603 - our own program
    if process.stdin is None:
        raise AssertionError("a pipe was asked for")
    process.stdin.write(f"{token}\n")
    process.stdin.flush()
    try:
        yield
    finally:
        process.stdin.close()
        process.terminate()
        try:
            process.wait(_END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
        gateways.revoke(name)


@contextmanager
def _kept(keeper: Keeper) -> Iterator[None]:
    """The colleagues at work in a thread of their own, until the end."""
    stop = threading.Event()
    thread = threading.Thread(target=keeper.run, args=(stop,), name="demo-keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_END_WITHIN_S)
