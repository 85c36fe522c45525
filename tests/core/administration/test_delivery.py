"""Ordered, confirmed, unknown: a flow is shown as running only while somebody knows that it runs."""

from datetime import timedelta

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.delivery import as_known, delivery_at
from openinfusion.core.administration.parts import Confirmation

from .chair import Chair, stepped

MINUTE = timedelta(minutes=1)


def test_an_order_is_ordered_until_its_time_is_over_and_unknown_afterwards():
    chair = Chair(stepped()).running()
    assert delivery_at(chair.state, chair.now + MINUTE, MINUTE) is Confirmation.ORDERED
    assert delivery_at(chair.state, chair.now + MINUTE + timedelta(seconds=1), MINUTE) is Confirmation.UNKNOWN


def test_a_word_of_a_nurse_makes_it_known():
    chair = Chair(stepped()).running().wait(minutes=5)
    chair.do(c.ConfirmFlow(running=True))
    assert as_known(chair.state, chair.now + timedelta(hours=1), MINUTE).delivery is Confirmation.CONFIRMED


def test_a_word_that_contradicts_the_order_leaves_it_ordered_and_in_conflict():
    chair = Chair(stepped()).running().wait(minutes=5)
    chair.do(c.ConfirmFlow(running=False))
    assert delivery_at(chair.state, chair.now, MINUTE) is Confirmation.ORDERED


def test_a_stop_that_nobody_confirmed_stays_an_order_to_stop():
    chair = Chair(stepped()).running().wait(minutes=5)
    chair.do(c.Stop("enough"))
    assert delivery_at(chair.state, chair.now + timedelta(hours=1), MINUTE) is Confirmation.ORDERED
