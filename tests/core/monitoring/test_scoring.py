"""Alarms against labels: caught, late, missed, false; the expected outcomes follow from the definitions in docs/reference/replay.md."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.monitoring.scoring import Label, Outcome, Raised, score
from tests.core.monitoring.cast import START

SECOND = timedelta(seconds=1)


def label(at: int, until: int, *codes: str, within: int = 10, early: int = 0) -> Label:
    return Label(START + at * SECOND, START + until * SECOND, codes, within * SECOND, early * SECOND)


def raised(at: int, code: str = "occlusion", priority: str = "medium", ended: int | None = None) -> Raised:
    return Raised(START + at * SECOND, f"pump:{code}", code, priority, None if ended is None else START + ended * SECOND)


def judged(labels, alarms, seconds=3600):
    return score(labels, alarms, START, START + seconds * SECOND)


@pytest.mark.parametrize(
    ("at", "outcome"),
    [(100, Outcome.CAUGHT), (110, Outcome.CAUGHT), (111, Outcome.LATE), (200, Outcome.LATE), (201, Outcome.MISSED), (99, Outcome.CAUGHT)],
)
def test_an_alarm_is_in_time_late_or_too_late(at, outcome):
    assert judged([label(100, 200, "occlusion")], [raised(at)]).labels[0].outcome is outcome


def test_an_alarm_that_had_ended_before_tells_nothing():
    found = judged([label(100, 200, "occlusion")], [raised(50, ended=90)])
    assert (found.labels[0].outcome, len(found.false)) == (Outcome.MISSED, 1)


def test_an_alarm_of_another_code_is_false_and_tells_nothing():
    found = judged([label(100, 200, "occlusion")], [raised(105, "empty")])
    assert (found.labels[0].outcome, [one.code for one in found.false]) == (Outcome.MISSED, ["empty"])


def test_a_label_may_name_a_key_or_nothing_at_all():
    assert judged([label(100, 200, "pump:occlusion"), label(100, 200)], [raised(105)]).count(Outcome.CAUGHT) == 2


def test_an_early_warning_is_caught_and_not_false():
    found = judged([label(100, 200, "occlusion", early=30)], [raised(75, ended=80)])
    assert (found.labels[0].outcome, found.labels[0].delay, found.false) == (Outcome.CAUGHT, -25 * SECOND, ())


def test_only_high_and_medium_interrupt():
    found = judged([], [raised(5, priority="low"), raised(6), raised(7, priority="high")], seconds=1800)
    assert found.false_per_hour(interrupting=False) == 6  # 3 in half an hour
    assert found.false_per_hour(interrupting=True) == 4
    assert judged([], [raised(5)], seconds=0).false_per_hour(interrupting=True) is None


@given(st.lists(st.integers(0, 3600), max_size=8), st.integers(0, 3600), st.integers(0, 600))
def test_every_alarm_of_its_code_is_false_or_inside_the_label_and_never_both(times, at, lasts):
    one = label(at, at + lasts, "occlusion")
    found = judged([one], [raised(time, ended=time) for time in times])
    inside = [time for time in times if at <= time <= at + lasts]
    assert len(found.false) + len(inside) == len(times)
    assert (found.labels[0].outcome is Outcome.MISSED) is (not inside)
