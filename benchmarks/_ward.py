"""A store with sessions that run, and its server in a process of its own: what the benchmarks of pages look at."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from openinfusion import config, wiring
from openinfusion.app.access import Role
from openinfusion.app.ports import Ports, StoreKind

PASSWORD = "four unrelated words here"  # noqa: S105 - of a made-up person in a store that is thrown away
EXAMPLES = Path(__file__).parents[1] / "examples"
SERVE = """
import sys
from openinfusion import config, wiring
from openinfusion.app.ports import StoreKind
wiring.open_store(config.load({"OPENINFUSION_HOME": sys.argv[1]}, StoreKind.DEMO))
from openinfusion.web.serving import serve
serve("127.0.0.1", int(sys.argv[2]))
"""


class Clock:
    """A clock that the player sets."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.at


@dataclass(frozen=True, slots=True)
class Server:
    """The server that is measured."""

    address: str
    pid: int

    def cpu_s(self) -> float:
        """The CPU seconds that it has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def fill(
    home: Path, example: str, minute: int, sessions: int, nurses: Sequence[str], played: Callable[[Ports, Clock, str, int], None]
) -> str:
    """Make the store with its nurses and this example up to this minute, once for each session, with devices of their own; after each,
    `played` gets the ports, the clock, the session and its number. Returns the token of a gateway."""
    configuration = config.load({"OPENINFUSION_HOME": str(home)}, StoreKind.DEMO)
    wiring.make_store(configuration)
    from openinfusion.app.scenario import Player, Scenario
    from openinfusion.cli.scenario import read_scenario
    from openinfusion.core.patient import duration

    people = wiring.users()
    for name in nurses:
        people.redeem(people.create_user(name, Role.NURSE), PASSWORD)
    text, clock = read_scenario(EXAMPLES / example).model_dump_json(by_alias=True), Clock()
    ports, passed = wiring.ports(configuration, clock), timedelta(minutes=minute)
    for n in range(sessions):
        written = Scenario.model_validate_json(re.sub(r"\b(pump|monitor)-\d\b", rf"\1-{n}", text))
        mine = written.model_copy(
            update={
                "title": f"{written.title} {n}",
                "start": datetime.now(UTC) - passed,
                "steps": tuple(step for step in written.steps if duration(step.at) <= passed),
                "patient": written.patient.model_copy(update={"mrn": f"B-{n}"}),
            }
        )
        player = Player(mine, ports, lambda at: setattr(clock, "at", at))
        for _ in player.play():
            pass
        played(ports, clock, str(player.session), n)
    token = wiring.gateways().create("benchmark")
    wiring.close()
    return token


@contextmanager
def served(home: Path) -> Iterator[Server]:
    """The server of this home, from when it listens to the end of `with`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OPENINFUSION_")}
    command = [sys.executable, "-c", SERVE, str(home), str(port)]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        next(line for line in server.stderr if "running on" in line)
        try:
            yield Server(f"http://127.0.0.1:{port}", server.pid)
        finally:
            server.kill()
