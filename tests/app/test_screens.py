"""The self-test of a screen is an event; a screen that cannot be heard is listed until somebody heard it or its time is over."""

import pytest

from openinfusion.app import screens
from openinfusion.app.commands import envelope
from openinfusion.app.ports import Ports
from openinfusion.app.screens import SelfTest
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import Actor
from openinfusion.core.errors import Malformed, NotAllowed
from openinfusion.core.monitoring.sound import Hearing, sound
from openinfusion.core.quantity import Quantity
from openinfusion.core.screen_events import SoundTested
from tests.app.fakes import Fakes, fakes, sent
from tests.app.test_monitoring import ONE, bed, heard, look, report
from tests.app.ward import ANNA, Bed, ward

__all__ = ["bed"]


def _test(ports: Ports, house: Fakes, test: SelfTest, actor: Actor = ANNA) -> None:
    now = house.clock.now()
    screens.self_test(ports, test, envelope(sent(actor.id, now).command_id, test.body, actor.id, now), actor)


def test_a_screen_that_cannot_be_heard_is_listed_until_it_is_heard():
    house = fakes()
    ports = house.ports
    assert screens.screen(ports, "bay-2").hearing is Hearing.UNTESTED
    _test(ports, house, SelfTest("bay-2", heard=False, why="blocked"))
    _test(ports, house, SelfTest("bay-3", heard=False))
    assert [(one.name, one.hearing) for one in screens.silent(ports)] == [("bay-2", Hearing.CANNOT_PLAY), ("bay-3", Hearing.NOT_HEARD)]
    _test(ports, house, SelfTest("bay-2", heard=True))
    assert [one.name for one in screens.silent(ports)] == ["bay-3"]
    assert screens.screen(ports, "bay-2").hearing is Hearing.HEARD
    assert [one.event for one in ports.log.read("screen/bay-2")] == [
        SoundTested("bay-2", heard=False, why="blocked"), SoundTested("bay-2", heard=True),
    ]  # fmt: skip
    house.clock.wait(hours=12)  # the shipped site policy
    assert screens.silent(ports) == ()
    assert screens.screen(ports, "bay-2").hearing is Hearing.UNTESTED


def test_who_may_not_read_a_chart_tests_no_screen_and_a_name_is_a_name():
    house = fakes()
    with pytest.raises(NotAllowed):
        _test(house.ports, house, SelfTest("bay-2", heard=True), Actor("dev", frozenset({"device"})))
    with pytest.raises(Malformed):
        _test(house.ports, house, SelfTest("../bay", heard=True))


def test_a_pause_is_an_event_with_person_and_length_and_what_comes_after_it_sounds(bed: Bed):
    heard(heard(bed, "mon-1"))
    report(bed.wait(seconds=10), "alarm", alarm="occlusion")
    look(bed)
    bed.do(c.PauseSound("bay-2"))
    (paused,) = [one for one in bed.ward.ports.log.read(f"session/{bed.session}") if one.event.KIND == "sound-paused"]
    assert (paused.actor, paused.event.lasting, paused.event.screen) == ("anna", Quantity(2, "min"), "bay-2")
    now = bed.ward.fakes.clock.now
    assert sound(bed.state, now()).sounding == ()
    report(bed.wait(seconds=30), "alarm", alarm="air-in-line")
    look(bed)
    assert {one.code for one in sound(bed.state, now()).sounding} == {"air-in-line"}
    bed.do(c.PauseSound("bay-2"))
    assert {one.code for one in sound(bed.state, now()).sounding} == {"air-in-line"}  # high, and nobody has acknowledged it
    bed.do(c.AcknowledgeAlarm("pump:air-in-line"))
    bed.do(c.PauseSound("bay-2"))
    assert sound(bed.state, now()).sounding == ()


def test_a_pause_without_an_alarm_is_recorded_and_silences_nothing_later(bed: Bed):
    bed.do(c.PauseSound())
    report(bed.wait(seconds=10), "alarm", alarm="occlusion")
    look(bed)
    assert [one.code for one in sound(bed.state, bed.ward.fakes.clock.now()).sounding] == ["occlusion"]


def test_the_watch_alone_opens_an_emergency():
    waiting = ward().admitted().ordered().planned(ONE)
    with pytest.raises(NotAllowed):
        waiting.do(c.OpenEmergency(("urticaria", "wheeze"), ("wao-2020-1",)))
