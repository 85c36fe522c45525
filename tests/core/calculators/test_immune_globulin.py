"""Immune globulin under the skin: the week's share of the intravenous dose times the product's factor, in as few places as hold it."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, value

NAME = "immune-globulin-sc"
GIVEN = {
    "iv_dose": "30 g",
    "interval": "4 wk",
    "factor": "1.37",
    "concentration": "200 mg/mL",
    "max_per_site": "25 mL",
    "rate_per_site": "25 mL/h",
}
tenths = st.integers(1, 1000).map(lambda n: Decimal(n) / 10)


def results(**change):
    made = openinfusion.calc(NAME, **(GIVEN | change))
    assert made["status"] == "ok", made["findings"]
    return {name: (one["value"], one["unit"]) for name, one in made["results"].items()}


def test_the_weekly_dose_is_the_intravenous_one_by_its_weeks_times_the_factor():
    # Hizentra US prescribing information 2015: grams / weeks x 1.37. 30 g each 4 weeks: 10.275 g, 51.375 mL of 200 mg/mL, three places of
    # 25 mL, at 25 mL/h each 41.1 minutes
    made = results()
    assert made == {"weekly_dose": ("10.275", "g"), "volume": ("51.375", "mL"), "sites": ("3", "{site}"), "time": ("0.685", "h")}
    assert value(NAME, **GIVEN, select="time", as_="min") == pytest.approx(41.1)


@pytest.mark.parametrize(("interval", "grams"), [("3 wk", "13.7"), ("21 d", "13.7"), ("1 wk", "41.1")])
def test_the_interval_is_weeks_or_days(interval, grams):
    assert results(interval=interval)["weekly_dose"] == (grams, "g")


def test_a_volume_that_just_fills_its_places_needs_no_more():
    # 20 g a week of 200 mg/mL are 100 mL: four places of 25 mL, five of 24.9
    filled = {"iv_dose": "20 g", "interval": "1 wk", "factor": "1"}
    assert results(**filled)["sites"] == ("4", "{site}")
    assert results(**filled, max_per_site="24.9 mL")["sites"] == ("5", "{site}")


def test_more_places_than_a_label_allows_are_said_with_both_numbers():
    # Cuvitru 4, Hizentra 8
    full = {"iv_dose": "20 g", "interval": "1 wk", "factor": "1"}
    assert "calc.many-sites" not in codes(NAME, **(GIVEN | full))
    assert "calc.many-sites" in codes(NAME, **(GIVEN | full | {"max_per_site": "20 mL"}))


def test_per_place_may_be_written_or_not():
    assert results(max_per_site="25 mL/site", rate_per_site="25 mL/h/site") == results()


@pytest.mark.parametrize("name", GIVEN)
def test_nothing_is_assumed_least_of_all_the_factor(name):
    assert refused(NAME, **(GIVEN | {name: None})) == {"calc.missing"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"factor": "0"}, "calc.not-positive"),
        ({"factor": "1.37 g"}, "calc.other-kind"),
        ({"interval": "4"}, "calc.no-unit"),
        ({"interval": "0 wk"}, "calc.not-positive"),
        ({"concentration": "200 [iU]/mL"}, "calc.other-kind"),
        ({"max_per_site": "0 mL"}, "calc.not-positive"),
        ({"rate_per_site": "25 mL"}, "calc.other-kind"),
        ({"iv_dose": "1,000 g"}, "calc.comma"),
    ],
)
def test_what_cannot_be_known_is_refused(change, code):
    assert code in refused(NAME, **(GIVEN | change))


@given(
    tenths,
    st.integers(1, 8),
    st.sampled_from(["1", "1.3", "1.37", "1.53"]),
    st.sampled_from([160, 165, 200]),
    st.integers(5, 60),
    st.integers(5, 60),
)
def test_a_second_way_agrees(dose, weeks, factor, strength, most, rate):
    entered = {
        "iv_dose": f"{dose} g",
        "interval": f"{weeks} wk",
        "factor": factor,
        "concentration": f"{strength} mg/mL",
        "max_per_site": f"{most} mL",
        "rate_per_site": f"{rate} mL/h",
    }
    millilitres = float(dose) * 1000 * float(factor) / weeks / strength
    sites = 1
    while sites * most < millilitres * (1 - 1e-12):
        sites += 1
    assert value(NAME, **entered) == pytest.approx(millilitres * strength / 1000)
    assert value(NAME, **entered, select="volume") == pytest.approx(millilitres)
    assert value(NAME, **entered, select="sites") == sites
    assert value(NAME, **entered, select="time") == pytest.approx(millilitres / sites / rate)
    assert math.ceil(millilitres / most - 1e-9) == sites


@given(tenths)
def test_the_same_dose_in_milligrams_and_ten_times_the_dose(dose):
    once = value(NAME, **(GIVEN | {"iv_dose": f"{dose} g"}))
    assert value(NAME, **(GIVEN | {"iv_dose": f"{dose * 1000} mg"})) == once
    assert value(NAME, **(GIVEN | {"iv_dose": f"{dose * 10} g"})) == pytest.approx(10 * once)


@given(tenths, tenths)
def test_more_dose_never_needs_fewer_places(dose, more):
    places = [value(NAME, **(GIVEN | {"iv_dose": f"{grams} g"}), select="sites") for grams in (dose, dose + more)]
    assert places[0] <= places[1]
