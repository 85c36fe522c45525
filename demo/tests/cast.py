"""What the tests of the demo centre share: its store at a fixed moment, and time that passes when a test says so."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from openinfusion import config, wiring
from openinfusion.app.ports import Ports
from openinfusion_demo.keeper import Keeper
from openinfusion_demo.story import Past, Roster
from tests.databases import use_database

NOON = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


@dataclass
class Centre:
    """The demo centre on a store of this test. `clock` is the present, moved by the test."""

    ports: Ports
    clock: Past
    roster: Roster
    keeper: Keeper

    def passes(self, span: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
        """Let time pass, with a round of the keeper at each step."""
        until = self.clock.now() + span
        while self.clock.now() < until:
            self.clock.set(self.clock.now() + step)
            self.keeper.look(self.clock.now())


def demo_ports(clock: Past) -> Ports:
    """Ports of a demo site on the database of this test."""
    real = wiring.ports(config.current(), clock)
    return replace(real, site=replace(real.site, is_demo=True))


def centre_at(file: Path, roster: Path, now: datetime) -> Centre:
    """A centre on this database and this roster, not opened yet."""
    use_database(f"sqlite:///{file}")
    clock, kept = Past(now), Roster(roster)
    ports = demo_ports(clock)
    return Centre(ports, clock, kept, Keeper(kept, ports, demo_ports))
