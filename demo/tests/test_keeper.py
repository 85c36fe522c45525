"""The demo centre opens with therapies in many states, lives on, and leaves to visitors what they have taken in hand."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from demo.tests.cast import NOON, Centre
from openinfusion.app import bedside, prescribing
from openinfusion.app.commands import envelope
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import Actor, OpenMatter, Status
from openinfusion.core.administration.session import SessionState
from openinfusion.core.quantity import Quantity
from openinfusion_demo import keeper
from openinfusion_demo.keeper import ALIVE, MONITORS, PUMPS, WAITING
from openinfusion_demo.story import Roster, Story


def sessions(centre: Centre) -> list[SessionState]:
    return [bedside.state_of(centre.ports, row.key) for row in centre.ports.models.listed("sessions", "open/")]


def story_of(centre: Centre, therapy: str) -> Story:
    return next(one for one in centre.roster.stories if one.therapy == therapy)


def session_of(centre: Centre, therapy: str) -> str:
    return str(story_of(centre, therapy).player(centre.ports).session)


def give(centre: Centre, session: str, command: c.Command, by: str = "n.amara", role: str = "nurse") -> None:
    sent = envelope(uuid4(), {"test": str(uuid4())}, by, centre.clock.now())
    bedside.handle(centre.ports, session, command, sent, Actor(by, frozenset({role})))


def test_at_the_opening_sessions_stand_in_every_state_before_their_end(centre: Centre):
    found = Counter(state.status for state in sessions(centre))
    for status in (Status.PLANNED, Status.ARRIVED, Status.PREPARING, Status.INFUSING, Status.ON_HOLD, Status.OBSERVING):
        assert found[status] >= 1, found
    assert any(OpenMatter.REACTION in state.open for state in sessions(centre))
    # Two rungs of the ladder, and an epidural with boluses.
    assert {Quantity(50, "mL/h"), Quantity(125, "mL/h")} <= {state.rate for state in sessions(centre) if state.rate is not None}
    assert any(len(state.boluses) >= 2 for state in sessions(centre))
    assert any(len(state.sites) == 2 for state in sessions(centre))


def test_each_visitor_s_work_waits(centre: Centre):
    for therapy, waits in WAITING.items():
        assert waits(centre.ports, story_of(centre, therapy).player(centre.ports)), therapy


def test_no_protocol_is_signed(centre: Centre):
    assert centre.ports.models.listed("protocol-signatures") == ()


def test_no_visitor_has_done_anything_yet(centre: Centre):
    actors = {one.actor for one in centre.ports.log.feed(0, 100_000)}
    assert not actors & {"dr.ito", "dr.sato", "ph.lang", "n.amara", "n.boye", "administrator"}


def test_simulated_devices_go_on_from_what_the_chart_knows(centre: Centre):
    given = centre.keeper.given(NOON)
    # 112 minutes into its day the first rituximab has had 36 min at 25 mL/h and 14 min at 50 mL/h: 15 + 11.67 mL.
    assert Quantity("26.67", "mL") in given.values()
    blocked = [one for one in centre.keeper.incidents(NOON) if "=occlusion@-" in one]
    reacting = [one for one in centre.keeper.incidents(NOON) if "=reaction@-" in one]
    assert (len(blocked), len(reacting)) == (1, 1)
    assert reacting[0].endswith("@-240")
    # Behind the closed line nothing went in after the pump's last figure.
    assert given[blocked[0].partition("=")[0]] == Quantity("62.5", "mL")


def test_no_device_serves_two_sessions(centre: Centre):
    devices = Counter(device for state in sessions(centre) for device in state.devices)
    assert set(devices.values()) == {1}
    assert set(devices) <= {*PUMPS, *MONITORS}


def test_opened_again_at_once_nothing_is_added(centre: Centre):
    before = centre.ports.log.head()
    for _ in centre.keeper.open(NOON):
        pass
    assert centre.ports.log.head() == before


def test_days_go_on_while_people_watch(centre: Centre):
    planned = next(
        story for story in centre.roster.stories if story.therapy == "infliximab" and story.casting.start == NOON - timedelta(minutes=8)
    )
    session = str(planned.player(centre.ports).session)
    assert bedside.state_of(centre.ports, session).status is Status.PLANNED
    centre.passes(timedelta(minutes=33))
    assert bedside.state_of(centre.ports, session).status is Status.INFUSING


def test_while_it_lives_no_message_of_a_pump_is_made_up(centre: Centre):
    before = centre.ports.log.head()
    centre.passes(timedelta(minutes=12))
    kinds = {one.event.KIND for one in centre.ports.log.feed(before, 100_000)}
    assert "observation-recorded" in kinds
    assert "pump-reported" not in kinds


def test_who_went_home_is_replaced(centre: Centre):
    centre.passes(timedelta(minutes=30))
    alive = [story for story in centre.roster.stories if story.therapy not in WAITING]
    assert len(alive) >= ALIVE
    assert max(story.casting.start for story in alive) > NOON


def test_after_a_night_in_which_the_machine_was_off_the_days_ended_and_new_ones_stand_there(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(keeper, "SEEDS", (("rituximab", 112), ("infliximab_with_occlusion", 72)))
    then = NOON + timedelta(hours=14)
    centre.clock.set(then)
    for _ in centre.keeper.open(then):
        pass
    found = Counter(state.status for state in sessions(centre))
    assert found[Status.INFUSING] == 2
    begun = [state.started_at for state in sessions(centre) if state.started_at is not None]
    assert min(begun) > NOON + timedelta(hours=4)


@pytest.mark.parametrize("therapy", ["infliximab_to_prepare", "rituximab_to_check"])
def test_what_a_visitor_takes_is_theirs_and_another_waits_instead(centre: Centre, therapy: str):
    taken = session_of(centre, therapy)
    give(centre, taken, c.MarkNotDone("the visitor tries what happens"))
    centre.passes(timedelta(minutes=1))
    assert session_of(centre, therapy) != taken


def test_a_verified_order_is_replaced_by_another_one(centre: Centre):
    course = story_of(centre, "ceftriaxone_to_verify").player(centre.ports).course
    sent = envelope(uuid4(), {}, "ph.lang", NOON)
    seen = prescribing.order_of(centre.ports, course).seq
    prescribing.verify_order(centre.ports, course, sent, Actor("ph.lang", frozenset({"pharmacist"})), seen)
    centre.passes(timedelta(minutes=1))
    assert story_of(centre, "ceftriaxone_to_verify").player(centre.ports).course != course


def test_a_step_that_is_due_is_left_to_a_visitor_for_some_minutes(centre: Centre):
    # It began 50 minutes ago; its second step was at 36 minutes, so the third may be taken 66 minutes after the start.
    climbing = next(
        story for story in centre.roster.stories if story.therapy == "rituximab" and story.casting.start == NOON - timedelta(minutes=112)
    )
    session = str(climbing.player(centre.ports).session)
    centre.passes(timedelta(minutes=17))
    assert bedside.state_of(centre.ports, session).rate == Quantity(50, "mL/h")
    codes = ("bp", "bp.systolic", "pulse", "resp_rate", "temp", "spo2")
    seen = tuple(bedside.state_of(centre.ports, session).seen[code].reading for code in codes)
    give(centre, session, c.RecordObservation(seen))
    give(centre, session, c.RaiseRate(Quantity(75, "mL/h")))
    assert bedside.state_of(centre.ports, session).rate == Quantity(75, "mL/h")


def test_a_session_that_a_visitor_stops_stays_stopped(centre: Centre):
    story = next(one for one in centre.roster.stories if one.therapy == "rituximab" and one.casting.start == NOON - timedelta(minutes=112))
    session = str(story.player(centre.ports).session)
    give(centre, session, c.Stop("the visitor stops it"))
    stopped = bedside.state_of(centre.ports, session).seq
    centre.passes(timedelta(minutes=40))
    assert bedside.state_of(centre.ports, session).seq == stopped
    assert story not in centre.roster.stories


def test_a_visitor_who_only_looks_in_takes_nothing_over(centre: Centre):
    story = next(one for one in centre.roster.stories if one.therapy == "rituximab" and one.casting.start == NOON - timedelta(minutes=112))
    give(centre, str(story.player(centre.ports).session), c.RecordObservation(()))
    centre.passes(timedelta(minutes=23))
    assert story in centre.roster.stories
    assert bedside.state_of(centre.ports, str(story.player(centre.ports).session)).rate == Quantity(75, "mL/h")


def test_a_day_that_this_release_writes_otherwise_is_not_gone_on_with(centre: Centre, tmp_path: Path):
    file = tmp_path / "old.json"
    kept = Roster(file)
    kept.cast("rituximab", NOON, "1", "pump-1")
    file.write_text(file.read_text().replace(kept.stories[0].written, "another digest"))
    again = Roster(file)
    again.load()
    assert (again.stories, again.next_number) == ([], 2)
