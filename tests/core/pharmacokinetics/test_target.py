"""What a target measures of a course is what it says: exactly where there is a formula, and closely on a grid."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.core.errors import CommandRefused
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.target import At, Auc, Peak, TimeAbove, Trough
from openinfusion.core.quantity import UnitError


@dataclass(frozen=True)
class Bateman:
    """Concentrations 100 * (exp(-k t) - exp(-a t)), one course for each k."""

    k: tuple[float, ...]
    a: float = 1.2
    unit: str = "mg/L"

    def concentration(self, times_h: Array) -> Array:
        t = times_h[:, None]
        found: Array = 100 * (np.exp(-np.array(self.k) * t) - np.exp(-self.a * t))
        return found

    def auc(self, start_h: float, end_h: float) -> Array:
        k = np.array(self.k)
        found: Array = 100 * (
            (np.exp(-k * start_h) - np.exp(-k * end_h)) / k - (np.exp(-self.a * start_h) - np.exp(-self.a * end_h)) / self.a
        )
        return found

    def breaks(self, start_h: float, end_h: float) -> Array:
        return np.zeros(0)


RATES = st.lists(st.floats(0.02, 0.8), min_size=1, max_size=3).map(tuple)


@settings(max_examples=12)
@given(RATES)
def test_the_highest_point_is_where_the_slope_vanishes(k):
    # tmax = ln(a/k)/(a-k) of the difference of two exponentials
    top = [math.log(1.2 / one) / (1.2 - one) for one in k]
    expected = [100 * (math.exp(-one * at) - math.exp(-1.2 * at)) for one, at in zip(k, top, strict=True)]
    assert Peak("30 mg/L").measure(Bateman(k), (0.0, 24.0)) == pytest.approx(expected, rel=5e-5)  # what a parabola leaves


@settings(max_examples=12)
@given(st.floats(0.02, 0.8))
def test_the_time_above_a_level_lies_between_its_two_crossings(k):
    course = Bateman((k,))
    fine = np.linspace(0, 24, 60_001)
    expected = 24 * np.mean(course.concentration(fine)[:, 0] > 20)
    assert TimeAbove("20 mg/L", "50 %").measure(course, (0.0, 24.0)) == pytest.approx([expected], abs=0.02)


def test_units_of_a_target_are_brought_to_those_of_the_model():
    assert Auc("400 mg.h/L").scale("mg/L") == 1
    assert Auc("5 mg.min/mL").scale("mg/L") == pytest.approx(1000 / 60)
    assert Auc("2 mg.d/L").scale("ug/mL") == pytest.approx(24)
    assert Trough("500 ng/mL").scale("mg/L") == pytest.approx(0.5 / 500)
    assert TimeAbove("4 mg/L", "50 %", window="8 h").scale("mg/L") == pytest.approx(0.08)  # hours a percent
    assert TimeAbove("4 mg/L", "90 min", window="8 h").scale("mg/L") == pytest.approx(1 / 60)


@pytest.mark.parametrize(
    "target", [Auc("400 mg"), Auc("400 mg/L"), Trough("15 mg.h/L"), At("15 umol/L", time="1 h"), TimeAbove("4 h", "50 %")]
)
def test_a_target_of_another_kind_than_the_model_s_concentration_does_not_fit(target):
    with pytest.raises(UnitError):
        target.scale("mg/L")


def test_windows_count_from_the_first_proposed_dose():
    assert Auc("400 mg.h/L", window="24 h", start="12 h").window(8) == (12, 36)
    assert At("15 mg/L", time="90 min").window(8) == (1.5, 1.5)
    assert Trough("15 mg/L").window(8) == (0, 8)
    assert Peak("15 mg/L", start="1 d").window(8) == (24, 32)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: Auc("0 mg.h/L"), "pk.not-above-zero"),
        (lambda: Auc("400 mg.h/L", low="500 mg.h/L"), "pk.target-outside-range"),
        (lambda: Auc("400 mg.h/L", high="4 h"), "pk.wrong-unit"),
        (lambda: Auc("400 mg.h/L", window="0 h"), "pk.not-above-zero"),
        (lambda: Trough("15 mg/L", start="-1 h"), "pk.below-zero"),
        (lambda: TimeAbove("4 mg/L", "120 %"), "pk.target-out-of-reach"),
        (lambda: TimeAbove("4 mg/L", "5 mg"), "pk.wrong-unit"),
    ],
)
def test_a_target_that_means_nothing_is_refused(make, code):
    with pytest.raises(CommandRefused) as caught:
        make()
    assert [finding.code for finding in caught.value.findings] == [code]
