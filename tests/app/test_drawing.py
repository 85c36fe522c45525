"""The axes of drawings: even steps from zero that people count in."""

from hypothesis import given
from hypothesis import strategies as st

from openinfusion.app.present.drawing import even


@given(st.floats(1e-4, 1e6), st.integers(3, 9))
def test_an_axis_counts_from_zero_in_even_steps_of_one_two_or_five_and_has_few_of_them(most: float, count: int):
    values = list(even(most, count))
    assert values[0] == 0
    assert 1 < len(values) <= count + 1
    assert values[-1] <= most * (1 + 1e-9)
    step = values[1]
    assert all(abs(value - n * step) <= 1e-6 * step for n, value in enumerate(values))
    assert f"{step:e}".partition("e")[0].rstrip("0").rstrip(".") in {"1", "2", "2.5", "5"}
