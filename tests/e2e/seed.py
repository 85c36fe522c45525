"""Fills a site before it is served. With therapies: a demo store, in which examples may be given, with people who have passwords and
therapies of examples/ played up to a minute; prints them with the token of a gateway. Without: the people of a real store; prints their
one-time codes.

    python -m tests.e2e.seed OFFSET_FILE [NAME:EXAMPLE:MINUTES ...]
"""

import json
import os
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path

from openinfusion import config, wiring
from openinfusion.app.access import Role
from openinfusion.app.ports import Ports, StoreKind
from openinfusion.app.scenario import Player, Scenario
from openinfusion.cli.scenario import read_scenario
from openinfusion.core.patient import duration
from tests.e2e.served import use_clock
from tests.e2e.site import ADMINISTRATOR, PASSWORD, PEOPLE

EXAMPLES = Path(__file__).parents[2] / "examples"


class SetClock:
    """A clock that the player sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Where it was set."""
        return self.at

    def set(self, at: datetime) -> None:
        """Set it."""
        self.at = at


def codes() -> dict[str, str]:
    """One-time codes for everybody: those who are not there yet are made, the others get a fresh one."""
    users = wiring.users()
    roles = {**PEOPLE, ADMINISTRATOR: "administrator"}
    return {name: users.new_code(name) if users.roles_of(name) else users.create_user(name, Role(role)) for name, role in roles.items()}


def play(ports: Ports, clock: SetClock, name: str, example: str, minutes: float, devices: int) -> dict[str, str]:
    """One therapy of examples/, played so that the last step before `minutes` is now."""
    end = clock.now()
    text = read_scenario(EXAMPLES / f"{example}.yaml").model_dump_json(by_alias=True)
    written = Scenario.model_validate_json(re.sub(r"\b(pump|monitor)-\d\b", rf"\1-{devices}", text))
    mine = written.model_copy(
        update={
            "title": name,
            "start": end - timedelta(minutes=minutes),
            "steps": tuple(step for step in written.steps if duration(step.at) <= timedelta(minutes=minutes)),
            "patient": written.patient.model_copy(update={"mrn": f"E2E-{devices}", "given_name": name.title()}),
        }
    )
    player = Player(mine, ports, clock.set)
    wrong = [f"{one.name}: {one.error} {[found.code for found in one.findings]}" for one in player.play() if not one.as_expected]
    assert not wrong, (name, wrong)
    clock.set(end)
    return {"session": str(player.session), "patient": str(player.patient), "course": player.course}


def demo_store(names: list[str]) -> dict[str, object]:
    """A demo store with people and therapies, one after the other, and the token of a gateway."""
    configuration = config.load(os.environ, StoreKind.DEMO)
    wiring.make_store(configuration)
    wiring.open_store(configuration)
    for code in codes().values():
        wiring.users().redeem(code, PASSWORD)
    now = wiring.CLOCK.now()
    clock = SetClock(now)
    ports = wiring.ports(configuration, clock)
    therapies = {}
    for n, (name, example, minutes) in enumerate((one.split(":") for one in names), 1):
        therapies[name] = play(ports, clock, name, example, float(minutes), n)
    return {"therapies": therapies, "token": wiring.gateways().create("ward")}


def real_store() -> dict[str, str]:
    """The one-time codes of everybody, in the store that `init` made."""
    wiring.open_store(config.current())
    return codes()


if __name__ == "__main__":
    use_clock(Path(sys.argv[1]))
    json.dump(demo_store(sys.argv[2:]) if sys.argv[2:] else real_store(), sys.stdout)
