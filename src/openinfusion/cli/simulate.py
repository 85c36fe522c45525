"""`simulate`: pumps and monitors that do not exist, for a demo centre, a training room or a test. It programmes no real device."""

import asyncio
import os
import signal
import sys
import time
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer

from openinfusion.cli.output import say, say_json, warn

Devices = Annotated[
    list[str], typer.Option("--device", metavar="NAME", help="A device by the name under which nurses join it to a session.")
]
Incidents = Annotated[
    list[str], typer.Option("--incident", metavar="DEVICE=WHAT@SECONDS", help="What befalls a device, such as pump-3=occlusion@90.")
]
Given = Annotated[list[str], typer.Option("--given", metavar="DEVICE=ML", help="What a running pump has given before this program began.")]


_NOTICE = "SIMULATED DEVICES, no patient is connected"


def add_to(app: typer.Typer) -> None:
    """Add this room's command."""
    app.command("simulate")(simulate)


def simulate(  # noqa: PLR0913, PLR0917 - one parameter for each option
    url: Annotated[str, typer.Option("--url", help="Address of the server, such as http://127.0.0.1:8321.")],
    token: Annotated[str, typer.Option("--token", help="The gateway's token; - reads it from standard input and ends with that input.")],
    device: Devices,
    incident: Incidents = [],  # noqa: B006 - typer copies the list
    given: Given = [],  # noqa: B006 - typer copies the list
    speed: Annotated[float, typer.Option(min=0.1, max=1000, help="How many times faster than real the devices and their clocks live.")] = 1,
    seed: Annotated[str, typer.Option(help="The same seed tells the same story.")] = "0",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object; what happens afterwards goes to standard error.")] = False,
) -> None:
    """Let simulated pumps and monitors serve the sessions that nurses join them to, until it is interrupted."""
    import httpx

    from openinfusion.simulator import script
    from openinfusion.simulator.link import Link
    from openinfusion.simulator.process import Fleet, LivingClock
    from openinfusion.simulator.process import simulate as run_fleet

    ends_with_input = token == "-"  # noqa: S105 - the sign for standard input, no secret
    told = sys.stdin.readline().strip() if ends_with_input else token
    fleet = Fleet(tuple(dict.fromkeys(device)), uuid4(), seed, tuple(map(script.incident, incident)), script.given(given))
    began = time.monotonic()
    clock = LivingClock(datetime.now(UTC), lambda: time.monotonic() - began, speed)

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        if ends_with_input:
            # Whoever started this program holds its input open; when that program is gone, this one ends too.
            loop.add_reader(sys.stdin.fileno(), _read_on, stop)
        async with httpx.AsyncClient(base_url=url) as client:
            await run_fleet(fleet, clock, Link(client, told), stop, warn if as_json else say)

    if as_json:
        say_json({"status": "simulating", "notice": f"{_NOTICE}.", "devices": [*fleet.devices]})
    else:
        say(f"{_NOTICE}: {', '.join(fleet.devices)}")
    asyncio.run(main())


def _read_on(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        stop.set()
