"""A pause silences what stood when it began and nothing that came after; a screen that nobody heard is not taken for one that sounds."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.administration.session import Alarm, SessionState, SoundPause
from openinfusion.core.monitoring.sound import Hearing, hearing, sound
from openinfusion.core.quantity import Quantity
from tests.core.monitoring.cast import START, after

TWO_MINUTES = timedelta(minutes=2)


def _alarm(key: str, priority: str = "medium", minute: float = 0, code: str = "limit-crossed") -> Alarm:
    return Alarm(key, code, priority, physiological=True, raised_at=after(minute))


def _state(*alarms: Alarm, covers: tuple[str, ...] = (), at: float = 1) -> SessionState:
    pause = SoundPause(after(at), after(at) + TWO_MINUTES, "anna", frozenset(covers))
    return SessionState(alarms={one.key: one for one in alarms}, sound_pause=pause)


def _keys(state: SessionState, minute: float) -> list[str]:
    return [one.key for one in sound(state, after(minute)).sounding]


def test_a_pause_silences_what_stood_and_ends_by_itself():
    state = _state(_alarm("a"), covers=("a",))
    assert _keys(state, 0.5) == ["a"]
    assert _keys(state, 2) == []
    assert sound(state, after(2)).paused_until == after(3)
    assert _keys(state, 3) == ["a"]


@pytest.mark.parametrize(("priority", "broken"), [("high", True), ("medium", True), ("low", False)])
def test_a_new_alarm_as_grave_as_the_silent_ones_breaks_the_pause_and_a_lesser_one_sounds_alone(priority, broken):
    state = _state(_alarm("a"), _alarm("b", priority, 1.5), covers=("a",))
    heard = sound(state, after(2))
    assert (heard.broken_by is not None) is broken
    assert {one.key for one in heard.sounding} == ({"a", "b"} if broken else {"b"})


def test_the_same_alarm_raised_again_breaks_the_pause():
    state = _state(replace(_alarm("a"), raised_at=after(1.5), count=2), covers=("a",))
    assert sound(state, after(2)).broken_by is not None


def test_the_loss_of_a_feed_breaks_the_pause_whatever_its_priority():
    state = _state(_alarm("a", "high"), _alarm("b", "medium", 1.5, "monitor-silent"), covers=("a",))
    assert _keys(state, 2) == ["a", "b"]


@given(
    st.lists(
        st.tuples(st.sampled_from("abcd"), st.sampled_from(["high", "medium", "low"]), st.integers(0, 5)), unique_by=lambda one: one[0]
    ),
    st.integers(0, 5),
)
def test_whatever_came_after_the_pause_began_sounds(told, minute):
    alarms = [_alarm(key, priority, at) for key, priority, at in told]
    state = _state(*alarms, covers=tuple("abcd"))
    later = {one.key for one in alarms if one.raised_at > after(1)}
    assert later <= set(_keys(state, minute))


TWELVE_HOURS = Quantity(12, "h")


@pytest.mark.parametrize(
    ("heard", "why", "minutes", "state"),
    [
        (True, "", 0, Hearing.HEARD),
        (True, "", 12 * 60 - 1, Hearing.HEARD),
        (True, "", 12 * 60, Hearing.UNTESTED),
        (True, "", -1, Hearing.UNTESTED),
        (False, "", 0, Hearing.NOT_HEARD),
        (False, "blocked", 0, Hearing.CANNOT_PLAY),
        (None, "", 0, Hearing.UNTESTED),
    ],
)
def test_only_a_tone_that_a_person_heard_since_the_last_shift_counts(heard, why, minutes, state):
    assert hearing(heard, why, START, START + timedelta(minutes=minutes), TWELVE_HOURS) is state
