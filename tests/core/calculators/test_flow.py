"""Volume = rate * time in all its coats, exact, and refused where it is not known."""

from datetime import datetime, timedelta
from typing import Any

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value

UNITS: Any = pint.UnitRegistry()
volumes = st.decimals("0.1", "5000", places=1)
minutes = st.integers(1, 3000)
factors = st.sampled_from([10, 15, 20, 60])
rates = st.decimals("0.1", "999", places=1)


def test_drops_in_a_minute_are_volume_times_drop_factor_over_time():
    made = openinfusion.calc("drop-rate", volume="1000 mL", time="8 h", drop_factor="15 [drp]/mL")
    assert made["result"] == {"value": "31.25", "unit": "[drp]/min", "exact": True, "rounded": "31"}  # 1000 * 15 / 480
    assert made["tables"] == ["rounding-1"]


def test_half_a_drop_belongs_to_the_next():
    made = openinfusion.calc("drop-rate", volume="1008 mL", time="8 h", drop_factor="15 [drp]/mL")
    assert (made["result"]["value"], made["result"]["rounded"]) == ("31.5", "32")


@given(volumes, minutes, factors)
def test_drop_rate_agrees_with_pint_and_its_inverses_lead_back(volume, time, factor):
    entered = {"volume": f"{volume} mL", "time": f"{time} min", "drop_factor": f"{factor} [drp]/mL"}
    expected = (UNITS.Quantity(float(volume), "mL") * factor / UNITS.mL / UNITS.Quantity(time, "min")).to("1/min").magnitude
    assert value("drop-rate", **entered) == pytest.approx(expected)
    rate = text("drop-rate", **entered)
    back = value("drop-volume", drop_rate=rate, time=f"{time} min", drop_factor=f"{factor} [drp]/mL")
    assert back == pytest.approx(float(volume), rel=1e-10)
    flow = value("drop-to-flow", drop_rate=rate, drop_factor=f"{factor} [drp]/mL")
    assert flow == pytest.approx(value("flow-rate", volume=f"{volume} mL", time=f"{time} min"), rel=1e-10)


@given(volumes, rates)
def test_the_time_of_an_infusion_is_the_inverse_of_its_flow(volume, rate):
    hours = value("infusion-time", volume=f"{volume} mL", rate=f"{rate} mL/h")
    assert hours == pytest.approx(float(volume) / float(rate))
    assert value("flow-rate", volume=f"{volume} mL", time=f"{volume / rate:.20f} h") == pytest.approx(float(rate))


@given(volumes, rates)
def test_units_change_no_result(volume, rate):
    assert text("infusion-time", volume=f"{volume} mL", rate=f"{rate} mL/h") == text(
        "infusion-time", volume=f"{volume / 1000} L", rate=f"{rate * 24} mL/d"
    )


def test_an_amount_over_its_dose_rate_is_a_time_too():
    assert text("infusion-time", amount="500 mg", dose="20 mg/h") == "25 h"
    assert text("infusion-time", amount="25000 units", dose="1250 units/h", as_="min") == "1200 min"
    assert refused("infusion-time", amount="500 mg", dose="20 units/h") == {"calc.not-of-one-kind"}


def test_two_ways_that_disagree_are_refused_with_both_and_that_agree_are_not():
    assert refused("infusion-time", volume="100 mL", rate="50 mL/h", amount="500 mg", dose="100 mg/h") == {"calc.contradictory"}
    assert text("infusion-time", volume="100 mL", rate="50 mL/h", amount="500 mg", dose="250 mg/h") == "2 h"


def test_half_of_a_way_is_not_enough():
    assert refused("infusion-time", volume="100 mL") == {"calc.missing-way"}


@given(st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-01-01")), volumes, rates)
def test_the_end_is_the_start_and_the_time_to_the_second_half_up(start, volume, rate):
    start = start.replace(second=0, microsecond=0)
    made = openinfusion.calc("completion-time", start=start.isoformat(), volume=f"{volume} mL", rate=f"{rate} mL/h")
    seconds = volume * 3600 / rate
    assert abs(datetime.fromisoformat(made["result"]["value"]) - start - timedelta(seconds=float(seconds))) <= timedelta(seconds=0.51)
    rounded = datetime.fromisoformat(made["result"]["rounded"])
    assert rounded.second == 0
    assert abs(rounded - datetime.fromisoformat(made["result"]["value"])) <= timedelta(seconds=30)


def test_the_end_on_the_next_day_is_said_and_has_the_form_of_the_start():
    made = openinfusion.calc("completion-time", start="22:30", volume="1000 mL", rate="125 mL/h")
    assert (made["result"]["value"], made["result"]["rounded"]) == ("06:30:00", "06:30")
    assert [found["code"] for found in made["findings"]] == ["calc.next-day"]
    dated = openinfusion.calc("completion-time", start="2026-03-01T08:00+01:00", volume="100 mL", rate="50 mL/h")
    assert dated["result"]["value"] == "2026-03-01T10:00:00+01:00"
    assert dated["result"]["rounded"] == "2026-03-01T10:00+01:00"
    assert dated["findings"] == []


@pytest.mark.parametrize("start", ["25:00", "8", "noon", "2026-02-30T08:00", "08.30"])
def test_what_is_no_time_is_refused(start):
    assert refused("completion-time", start=start, volume="100 mL", rate="50 mL/h") == {"calc.not-a-time"}


def test_an_end_beyond_every_calendar_is_refused():
    entered = {"start": "2026-01-01T00:00", "volume": "1000000000 L", "rate": "0.001 mL/h"}
    assert refused("completion-time", **entered) == {"calc.no-such-time"}


def test_a_drug_that_is_added_makes_the_bag_larger_and_one_that_replaces_fluid_does_not():
    entered = {"volume": "100 mL", "drug_volume": "20 mL", "time": "30 min"}
    assert text("admixture-rate", **entered, added="yes") == "240 mL/h"
    assert text("admixture-rate", **entered, added="no") == "200 mL/h"
    assert refused("admixture-rate", **entered) == {"calc.missing"}


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ("8", "calc.no-unit"),
        ("8 mL", "calc.other-kind"),
        ("8,5 h", "calc.comma"),
        ("1,000 h", "calc.comma"),
        (".5 h", "calc.naked-decimal"),
        ("NaN", "calc.not-a-number"),
        ("0 h", "calc.not-positive"),
        ("-1 h", "calc.not-positive"),
        ("8 parsec", "calc.unknown-unit"),
        ("", "calc.not-a-number"),
        (float("nan"), "calc.not-a-number"),
        ({"h": "8"}, "calc.not-a-number"),
        (True, "calc.not-a-number"),
    ],
)
def test_a_time_that_cannot_be_known_is_refused_with_what_is_needed(time, code):
    assert refused("flow-rate", volume="100 mL", time=time) == {code}


def test_a_discouraged_spelling_is_read_and_noticed():
    assert codes("flow-rate", volume="100 cc", time="8.0 hr") == {"calc.discouraged-unit", "calc.trailing-zero"}
    assert text("flow-rate", volume="100 cc", time="8.0 hr") == "12.5 mL/h"
