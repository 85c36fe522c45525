"""The shipped rituximab ladder against a second implementation that walks minute by minute in decimals and knows nothing of the planner."""

from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.patient import Fact, PatientFacts
from openinfusion.core.prescribing.order import Choice
from openinfusion.core.prescribing.plan import plan
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.load import load_library

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TENTH = Decimal("0.1")


def walked(dose_mg: int, volume_ml: int, start: int, step: int) -> list[tuple[Decimal, Decimal]]:
    """Rates in mL/h and minutes: begin at `start` mg/h, `step` more each half hour up to 400 mg/h, until the bag is empty."""
    rows: list[tuple[Decimal, Decimal]] = []
    left, rate_mg = Decimal(volume_ml), start
    while left > 0:
        exact = Decimal(rate_mg) * volume_ml / dose_mg
        rate = exact.quantize(TENTH, ROUND_HALF_UP)
        if rate * dose_mg > 400 * volume_ml:
            rate = exact.quantize(TENTH, ROUND_DOWN)
        in_half_an_hour = rate / 2
        if rate_mg >= 400 or in_half_an_hour >= left:
            rows.append((rate, left * 60 / rate))
            break
        rows.append((rate, Decimal(30)))
        left -= in_half_an_hour
        rate_mg = min(rate_mg + step, 400)
    return rows


def planned(dose_mg: int, volume_ml: int, number: int):
    library = load_library()
    loaded = library.protocols["iv-rituximab"]
    facts = PatientFacts.of([Fact("previous_infusion_tolerated", value=True, at=NOW)])
    choice = Choice(
        "RA",
        date(2026, 11, 25),
        infusion_number=number,
        dose=Quantity(dose_mg, "mg"),
        final_volume=Quantity(volume_ml, "mL"),
        diluent="sodium-chloride-0.9%",
    )
    return plan(loaded.protocol, loaded.content_hash, loaded.general_rules, facts, choice, library.reference.fields, NOW)


def ladder_of(made) -> list[tuple[Decimal, Decimal]]:
    def decimal(quantity):
        return Decimal(quantity.value.numerator) / Decimal(quantity.value.denominator)

    return [(decimal(step.rate), decimal(step.lasts.to("min"))) for step in made.rates.steps]


@pytest.mark.parametrize(
    ("number", "minutes"),
    [
        (1, 255),  # 1000 mg at 50, 100 ... 400 mg/h: 700 mg in seven half hours, 300 mg at 400 mg/h in 45 min: 4 h 15 min
        (2, 195),  # 100, 200, 300 mg/h for half an hour each are 300 mg; 700 mg at 400 mg/h in 105 min: 3 h 15 min
    ],
)
def test_a_thousand_milligrams_take_the_time_the_label_gives(number, minutes):
    assert planned(1000, 500, number).rates.duration == Quantity(minutes, "min")


@given(st.integers(200, 1200), st.integers(100, 1000), st.sampled_from([1, 2]))
def test_the_planner_and_the_walk_agree(dose_mg, volume_ml, number):
    start = 50 if number == 1 else 100
    expected = walked(dose_mg, volume_ml, start, start)
    got = ladder_of(planned(dose_mg, volume_ml, number))
    assert [rate for rate, _ in got] == [rate for rate, _ in expected]
    assert all(abs(one - other) < Decimal("1e-18") for (_, one), (_, other) in zip(got, expected, strict=True))
