"""A step that no body makes and a heart at rest beside a pulse are told, and no true alarm is silenced by either."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.administration.session import Alarm
from openinfusion.core.monitoring.alarm import conditions
from openinfusion.core.monitoring.doubt import doubt_conditions, doubted
from openinfusion.core.monitoring.kind import AlarmTables, Feed, Sample
from openinfusion.core.protocol import AlarmLimit
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Jump, Priority
from tests.core.monitoring.cast import SOURCE, START, figure, protocol_with, running
from tests.core.monitoring.test_alarm import TABLES

STEP = Jump(observation="bp.systolic", step=figure("40", "mm[Hg]"), within=figure("5", "s"))
"""Made up for the tests: none ships."""

WITH_STEP = AlarmTables(TABLES.alarms.model_copy(update={"jumps": (STEP,)}), TABLES.pumps)
UNITS = {"bp.systolic": "mm[Hg]", "heart_rate": "/min", "pulse": "/min", "spo2": "%"}


def _at(second: float) -> datetime:
    return START + timedelta(minutes=30, seconds=second)


def _feed(**told: tuple[str | None, ...]) -> Feed:
    """One value each second, the last of each channel at second 10."""
    samples = [
        Sample(code, None if text is None else Quantity(text, UNITS[code]), _at(11 - len(values) + n), "mon-1")
        for code, values in ((name.replace("__", "."), values) for name, values in told.items())
        for n, text in enumerate(values)
    ]
    return Feed(tuple(sorted(samples, key=lambda one: one.at)))


def _found(feed: Feed, tables: AlarmTables = TABLES, second: float = 10, **parts: object) -> list[tuple[str, str]]:
    return [(one.code, one.priority.value) for one in doubt_conditions(running(**parts), tables, feed, _at(second))]


def test_no_step_ships_because_no_source_states_one():
    assert TABLES.alarms.jumps == ()
    assert _found(_feed(bp__systolic=("118", "250"))) == []


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (("118", "158"), True),  # 40, the step itself
        (("118", "157"), False),
        (("158", "118"), True),
        (("118", "0", "118"), False),  # a zero is no reading, and no step
        (("118", None, "158"), True),  # the gap of two seconds is within five
        (("118", "160", "118", "118", "118"), True),  # three values must follow without one
        (("118", "160", "160", "160", "160"), False),
    ],
)
def test_a_step_is_told_until_three_values_came_without_another(values, told):
    assert _found(_feed(bp__systolic=values), WITH_STEP) == ([("implausible-step", "low")] if told else [])


def test_values_further_apart_than_the_rule_says_are_no_step():
    feed = Feed(tuple(Sample("bp.systolic", Quantity(value, "mm[Hg]"), _at(at), "mon-1") for value, at in ((118, 0), (170, 6))))
    assert _found(feed, WITH_STEP) == []


def test_two_monitors_that_differ_make_no_step():
    feed = Feed(tuple(Sample("bp.systolic", Quantity(value, "mm[Hg]"), _at(9), name) for value, name in ((118, "mon-1"), (170, "mon-2"))))
    assert _found(feed, WITH_STEP) == []


def test_a_step_below_a_limit_tells_the_limit_too_and_is_not_charted_by_itself():
    low = AlarmLimit.model_validate(
        {
            "id": "low",
            "observation": "bp.systolic",
            "op": "<",
            "figure": figure("90", "mm[Hg]"),
            "priority": "medium",
            "response": "cx.low",
            "sources": (SOURCE,),
        }
    )
    found = conditions(protocol_with(alarms=(low,)), running(), WITH_STEP, _at(10), _feed(bp__systolic=("118", "60")))
    assert {one.code for one in found} == {"limit-crossed", "implausible-step"}
    assert doubted(found) == {"bp.systolic"}


ZEROS = ("0", "0", "0", "0", "0")


def test_a_heart_rate_of_zero_for_four_seconds_is_high():  # Edan Elite V6: no QRS for 4 s; the level is high
    assert _found(_feed(heart_rate=ZEROS)) == [("asystole", "high")]
    assert _found(_feed(heart_rate=ZEROS[:4])) == []


def test_a_pulse_on_another_channel_makes_it_a_disagreement_and_never_silence():
    assert _found(_feed(heart_rate=ZEROS, pulse=("72", "71"))) == [("channels-disagree", "medium")]
    assert _found(_feed(heart_rate=ZEROS, spo2=("97",))) == [("channels-disagree", "medium")]


@pytest.mark.parametrize("pulse", [("0",), (None,), ("72", None), ("72", "0")])
def test_a_pulse_that_is_lost_is_none(pulse):
    assert _found(_feed(heart_rate=ZEROS, pulse=pulse)) == [("asystole", "high")]


def test_a_pulse_from_before_the_heart_stopped_is_none():
    feed = _feed(heart_rate=ZEROS)
    old = Sample("pulse", Quantity(72, "/min"), _at(5), "mon-1")
    assert _found(Feed((old, *feed.samples))) == [("asystole", "high")]


def test_leads_that_are_off_claim_nothing():
    assert _found(_feed(heart_rate=(None,) * 5, pulse=("72",))) == []


def test_a_disagreement_is_over_after_three_beating_values():
    told = {"channels-disagree": Alarm("channels-disagree", "channels-disagree", "medium", physiological=False, raised_at=START)}
    assert _found(_feed(heart_rate=("0", "0", "70", "70"), pulse=("72",)), alarms=told) == [("channels-disagree", "medium")]
    assert _found(_feed(heart_rate=("0", "70", "70", "70"), pulse=("72",)), alarms=told) == []


LEVELS = st.sampled_from([None, "0", "40", "72"])


@given(st.lists(LEVELS, min_size=0, max_size=6), st.lists(LEVELS, max_size=6), st.lists(st.sampled_from([None, "0", "97"]), max_size=6))
def test_a_heart_at_rest_for_the_whole_time_is_told_whatever_the_other_channels_show(before, pulse, saturation):
    found = doubt_conditions(running(), TABLES, _feed(heart_rate=(*before, *ZEROS), pulse=tuple(pulse), spo2=tuple(saturation)), _at(10))
    assert len(found) == 1
    assert found[0].priority in (Priority.HIGH, Priority.MEDIUM)
