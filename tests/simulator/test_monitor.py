"""The simulated monitor: the same seed tells the same, artefacts look like artefacts, a reaction rises until it is treated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.quantity import Quantity
from openinfusion.simulator import monitor as m
from openinfusion.simulator.monitor import COURSES, EACH_SECOND, Artefact, Monitor, Sign, Stretch

QUIET = Monitor("seed-1")


def mean(monitor: Monitor, sign: Sign, start_s: int) -> float:
    """Over a minute, so that noise does not decide."""
    return sum(float(m.value(monitor, sign, second) or "nan") for second in range(start_s, start_s + 60)) / 60


def test_the_same_seed_tells_the_same_and_another_seed_another():
    assert m.block(QUIET, 0, 10) == m.block(Monitor("seed-1"), 0, 10)
    assert m.block(QUIET, 0, 10) != m.block(Monitor("seed-2"), 0, 10)


def test_a_block_holds_a_value_of_each_continuous_sign_for_each_second():
    block = m.block(QUIET, 20, 30)
    assert set(block) == set(EACH_SECOND)
    assert {len(values) for values in block.values()} == {10}


@pytest.mark.parametrize(("start_s", "end_s"), [(0, 11), (5, 5), (9, 3)])
def test_a_block_is_at_most_ten_seconds_and_never_empty(start_s: int, end_s: int):
    with pytest.raises(ValueError, match="1 to 10 seconds"):
        m.block(QUIET, start_s, end_s)


def test_noise_moves_the_values():
    assert len(set(m.block(QUIET, 0, 10)[Sign.PULSE])) > 1


def test_a_zero_run_shows_zero_a_frozen_sensor_the_same_value_and_a_lead_that_is_off_nothing():
    shown = {artefact: m.block(Monitor("seed-1", (Stretch(artefact, 0, 10),)), 0, 10)[Sign.PULSE] for artefact in Artefact}
    assert set(shown[Artefact.ZERO]) == {"0"}
    assert len(set(shown[Artefact.FROZEN])) == 1
    assert set(shown[Artefact.LEAD_OFF]) == {None}


def test_an_artefact_ends_when_it_ends():
    torn = Monitor("seed-1", (Stretch(Artefact.LEAD_OFF, 3, 6),))
    missing = [second for second, value in enumerate(m.block(torn, 0, 10)[Sign.PULSE]) if value is None]
    assert missing == [3, 4, 5]
    assert m.flags(torn, 0, 10) == ("lead-off",)
    assert m.flags(torn, 6, 10) == ()


def test_a_reaction_speeds_the_pulse_and_lowers_pressure_and_saturation():
    reacting = Monitor("seed-1", reacts_s=100)
    assert mean(reacting, Sign.PULSE, 300) > mean(QUIET, Sign.PULSE, 300) + 30
    assert mean(reacting, Sign.SYSTOLIC, 300) < mean(QUIET, Sign.SYSTOLIC, 300) - 20
    assert mean(reacting, Sign.SATURATION, 300) < mean(QUIET, Sign.SATURATION, 300) - 4


def test_before_a_reaction_nothing_tells_of_it():
    assert m.block(Monitor("seed-1", reacts_s=100), 0, 10) == m.block(QUIET, 0, 10)


def test_a_treated_reaction_passes_and_an_untreated_one_stays():
    untreated, treated = Monitor("seed-1", reacts_s=0), Monitor("seed-1", reacts_s=0, treated_s=240)
    assert m.severity(untreated, 3600) == 1
    assert m.severity(treated, 3600) == 0


@given(st.integers(-600, 600), st.integers(-600, 1200), st.integers(-600, 3600))
def test_treatment_never_makes_a_reaction_worse(reacts: int, treated: int, second: int):
    left_alone = m.severity(Monitor("s", reacts_s=reacts), second)
    assert 0 <= m.severity(Monitor("s", reacts_s=reacts, treated_s=treated), second) <= left_alone <= 1


@given(st.text(max_size=8), st.sampled_from(Sign), st.integers(0, 100_000), st.integers(0, 100_000))
def test_every_value_is_a_plain_number_in_its_scale_and_never_negative(seed: str, sign: Sign, second: int, reacts: int):
    shown = m.value(Monitor(seed, reacts_s=reacts), sign, second)
    assert shown is not None
    read = Quantity(shown, COURSES[sign].unit)
    assert 0 <= read.value <= COURSES[sign].most
