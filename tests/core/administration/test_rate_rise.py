"""A raise is held back where the rate would rise too much at once or within a span; slowing never is."""

import pytest

from openinfusion.core.administration import commands as c
from tests.core.prescribing.therapies import figure, limit, planned

from .chair import Chair, rate, stepped

# 25 mL/h of 4 mg/mL is 100 mg/h; the ladder is 12.5, 25, 37.5 ... mL/h, 30 min each, written as 50, 100, 150 ... mg/h
AT_ONCE = limit("rise", "rate_change", "<=", "50 mg/h", "soft")


def at_first(bound) -> Chair:
    """Half an hour at 12.5 mL/h, of a plan in which nothing was found."""
    return Chair(stepped(limits=[bound]), planned(stepped())).running().wait(minutes=30).vitals()


def raised(bound, minutes: int = 30) -> Chair:
    """At 25 mL/h for some minutes after that."""
    chair = at_first(bound)
    chair.do(c.RaiseRate(rate("25")))
    return chair.wait(minutes=minutes).vitals()


def refused(chair: Chair, millilitres: str) -> set[str]:
    return {code for code in chair.refused(c.RaiseRate(rate(millilitres))) if code.startswith("rate-change")}


@pytest.mark.parametrize(("most", "to", "codes"), [("50 mg/h", "25", set()), ("49 mg/h", "25", {"rate-change.above-soft-limit"}),
                                                   ("49 mg/h", "24.7", set())])  # fmt: skip
def test_one_raise_may_rise_as_much_as_the_limit_and_no_more(most, to, codes):
    assert refused(at_first({**AT_ONCE, "figure": figure(most)}), to) == codes  # 12.2 mL/h x 4 mg/mL = 48.8 mg/h


@pytest.mark.parametrize(("window", "codes"), [("30 min", set()), ("31 min", {"rate-change.above-soft-limit"})])
def test_within_a_window_the_rise_is_measured_from_the_lowest_rate_in_it(window, codes):
    # 12.5 mL/h ended exactly 30 min ago: it has left a window of 30 min, and in one of 31 min the rise to 37.5 mL/h is 100 mg/h
    assert refused(raised({**AT_ONCE, "window": figure(window)}), "37.5") == codes


def test_slowing_is_free_and_the_slower_rate_counts_in_what_follows():
    chair = raised({**AT_ONCE, "window": figure("20 min")})
    assert chair.refused(c.SlowRate(rate("5"))) == frozenset()
    chair.do(c.SlowRate(rate("5")))
    chair.wait(minutes=5).vitals()
    assert refused(chair, "25") == {"rate-change.above-soft-limit"}  # 20 mL/h x 4 mg/mL = 80 mg/h above 5 mL/h


def test_a_window_of_a_rise_is_no_window_of_a_total():
    chair = raised({**AT_ONCE, "figure": figure("50 mg/h"), "window": figure("30 min")})
    assert not [code for code in chair.refused(c.RaiseRate(rate("37.5"))) if code.endswith("-window")]
