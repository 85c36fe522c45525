"""The ladder as it stands: done, current, next with its clock; and when the infusion will end."""

from datetime import timedelta

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.ladder import Standing, ladder, next_change, progress
from openinfusion.core.quantity import Quantity

from .chair import Chair, on_demand, rate, stepped


def test_before_the_start_the_first_rung_is_next():
    chair = Chair(stepped()).ready()
    assert [one.standing for one in ladder(chair.state, chair.now)][:2] == [Standing.NEXT, Standing.LATER]


def test_the_next_rung_carries_its_time_on_the_clock():
    chair = Chair(stepped()).running().wait(minutes=10)
    assert next_change(chair.state, chair.now) == chair.now + timedelta(minutes=20)
    assert [one.standing for one in ladder(chair.state, chair.now)][:3] == [Standing.CURRENT, Standing.NEXT, Standing.LATER]


def test_a_pause_moves_the_time_of_the_next_rung():
    chair = Chair(stepped()).running().wait(minutes=10)
    chair.do(c.Pause())
    assert next_change(chair.state, chair.now) is None
    chair.wait(minutes=5).do(c.Resume(rate("12.5")))
    assert next_change(chair.state, chair.now) == chair.now + timedelta(minutes=20)


def test_rungs_below_the_present_rate_are_done():
    chair = Chair(stepped()).running().wait(minutes=30).vitals()
    chair.do(c.RaiseRate(rate("25")))
    assert [one.standing for one in ladder(chair.state, chair.now)][:3] == [Standing.DONE, Standing.CURRENT, Standing.NEXT]


def test_the_end_follows_the_ladder():
    chair = Chair(stepped()).running()
    # 7 half hours of 12.5 .. 87.5 mL/h give 175 mL, the other 75 mL take 45 min at 100 mL/h
    assert progress(chair.state, chair.now).ends_at == chair.now + timedelta(hours=4, minutes=15)
    chair.wait(minutes=30)
    shown = progress(chair.state, chair.now)
    assert (shown.delivered, shown.planned, shown.remaining) == (Quantity("6.25", "mL"), Quantity(250, "mL"), Quantity("243.75", "mL"))


def test_at_rest_no_end_is_promised():
    chair = Chair(stepped()).running()
    chair.do(c.Pause())
    assert progress(chair.state, chair.now).ends_at is None


def test_a_programme_on_demand_has_no_ladder_and_no_planned_end():
    chair = Chair(on_demand()).running()
    assert ladder(chair.state, chair.now) == ()
    assert progress(chair.state, chair.now).ends_at is None
