"""Mean pressure and the corrected QT interval: against a second implementation, and where they stop to hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value

pressures = st.integers(30, 250)


@given(pressures, pressures)
def test_the_mean_pressure_is_a_third_of_systolic_and_two_thirds_of_diastolic(one, other):
    diastolic, systolic = sorted((one, other))
    found = value("mean-arterial-pressure", systolic=f"{systolic} mmHg", diastolic=f"{diastolic} mmHg")
    assert found == pytest.approx((systolic + 2 * diastolic) / 3)


def test_a_diastolic_above_the_systolic_is_refused():
    assert refused("mean-arterial-pressure", systolic="80 mmHg", diastolic="120 mmHg") == {"calc.diastolic-above"}


@given(st.integers(200, 700), st.integers(30, 200))
def test_the_corrections_agree_with_powers_of_the_heart_rate(qt, heart_rate):
    entered = {"qt": f"{qt} ms", "heart_rate": f"{heart_rate} /min"}
    assert value("qtc", **entered, formula="bazett") == pytest.approx(qt * (heart_rate / 60) ** 0.5)
    assert value("qtc", **entered, formula="fridericia") == pytest.approx(qt * (heart_rate / 60) ** (1 / 3))


def test_at_sixty_beats_nothing_is_corrected():
    for formula in ("bazett", "fridericia"):
        made = openinfusion.calc("qtc", qt="0.4 s", heart_rate="60 bpm", formula=formula)
        assert made["result"] == {"value": "400", "unit": "ms", "exact": True}


def test_bazett_outside_sixty_to_a_hundred_is_told():
    assert codes("qtc", qt="400 ms", heart_rate="120 /min", formula="bazett") == {"calc.bazett-outside"}
    assert codes("qtc", qt="400 ms", heart_rate="120 /min", formula="fridericia") == set()
    assert text("qtc", qt="400 ms", heart_rate="1 /s", formula="bazett") == "400 ms"
