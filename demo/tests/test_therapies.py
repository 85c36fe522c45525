"""Every written day of the demo centre can be lived: nothing in it is refused, nothing breaks a rule."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from demo.tests.cast import NOON, demo_ports
from openinfusion.app.bedside import state_of
from openinfusion.app.ports import Ports
from openinfusion.app.prescribing import order_of
from openinfusion.app.scenario import Player
from openinfusion_demo.day import Casting
from openinfusion_demo.keeper import PLACES
from openinfusion_demo.people import COLLEAGUES, VISITORS, patient
from openinfusion_demo.story import Past
from openinfusion_demo.therapies import THERAPIES
from tests.databases import use_database

END = {
    "rituximab": "completed",
    "rituximab_with_reaction": "completed",
    "rituximab_to_check": "preparing",
    "infliximab": "completed",
    "infliximab_with_occlusion": "completed",
    "infliximab_to_prepare": "arrived",
    "labour_epidural": "stopped",
    "immune_globulin_at_home": "completed",
    "influenza_vaccine": "completed",
}
ORDERS = {"infliximab_to_cosign": "awaits_cosignature", "ceftriaxone_to_verify": "signed"}


@pytest.fixture
def store(sqlite_template: Path, django_db_blocker: Any, tmp_path: Path) -> Iterator[tuple[Ports, Past]]:
    file = tmp_path / "store.sqlite3"
    shutil.copyfile(sqlite_template, file)
    with django_db_blocker.unblock():
        use_database(f"sqlite:///{file}")
        clock = Past(NOON)
        yield demo_ports(clock), clock
        connections["default"].close()


@pytest.mark.parametrize("name", THERAPIES)
def test_a_day_is_lived_to_its_end_and_breaks_no_rule(name: str, store: tuple[Ports, Past]):
    ports, clock = store
    place = PLACES[name]
    casting = Casting(1, NOON, "1", "pump-1" if place.pump else "", "monitor-1" if place.monitor else "")
    player = Player(THERAPIES[name](casting), ports, clock.set)
    played = list(player.play())
    assert [(one.name, one.error, [finding.code for finding in one.findings]) for one in played if not one.accepted] == []
    assert [one.name for one in played if "review-opened" in one.events] == []
    if name in END:
        assert state_of(ports, str(player.session)).status == END[name]
    else:
        assert order_of(ports, player.course).status.value.replace("-", "_") == ORDERS[name]


def test_every_therapy_says_what_it_needs_and_where_its_day_ends():
    assert {*END, *ORDERS} == set(THERAPIES) == set(PLACES)


def test_colleagues_are_nobody_as_whom_a_visitor_signs_in():
    assert set(COLLEAGUES).isdisjoint(one.name for one in VISITORS)


def test_no_two_of_many_patients_share_a_record_number_and_neighbours_share_no_name():
    people = [patient(n, "female", NOON.date()) for n in range(1, 200)]
    assert len({one.mrn for one in people}) == len(people)
    names = [(one.family_name, one.given_name) for one in people]
    assert all(len(set(names[n : n + 15])) == 15 for n in range(180))
