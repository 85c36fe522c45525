"""Low blood pressure by age and by the own pressure, and the maternal criteria: every edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text

# NIAID/FAAN 2006 (PMC7659525 table): below 70 from 1 month to 1 year, below 70 + 2 x age from 1 to 10 years, below 90 from 11 years; adults
# below 90
LIMITS = [("1 mo", 70), ("6 mo", 70), ("11.99 mo", 70), *((f"{age} a", 70 + 2 * age) for age in range(1, 11)), ("11 a", 90), ("17 a", 90)]


@pytest.mark.parametrize(("age", "limit"), [*LIMITS, ("10.9 a", 90), ("1.9 a", 72), ("18 a", 90), ("90 a", 90)])
def test_every_limit_of_age_is_low_below_and_not_at_it(age, limit):
    for pressure, word in ((limit - 1, "yes"), (limit, "no"), (limit + 1, "no"), (0, "yes")):
        made = openinfusion.calc("hypotension", sbp=f"{pressure} mm[Hg]", age_y=age, baseline_sbp=f"{limit} mm[Hg]")
        assert made["results"]["by_age"]["value"] == word, (age, pressure)
        assert made["results"]["limit"] == {"value": str(limit), "unit": "mm[Hg]", "exact": True}


# more than 30 % below the own pressure (WAO 2020, NIAID/FAAN 2006)
@pytest.mark.parametrize(
    ("own", "now", "word"), [(150, 105, "no"), (150, "104.9", "yes"), (200, 140, "no"), (200, 139, "yes"), (100, 130, "no")]
)
def test_a_fall_is_low_above_thirty_percent_and_not_at_it(own, now, word):
    made = openinfusion.calc("hypotension", sbp=now, age_y=40, baseline_sbp=own)
    assert made["result"]["value"] == made["results"]["by_own_pressure"]["value"] == word


@pytest.mark.parametrize(("now", "word"), [(120, "no"), ("119.9", "yes"), (106, "yes")])
def test_under_a_spinal_for_caesarean_low_is_below_eighty_percent(now, word):
    # Southeast Asian consensus 2023, table 1
    assert openinfusion.calc("hypotension", sbp=now, age_y=30, baseline_sbp=150, spinal_caesarean=True)["result"]["value"] == word


def test_without_an_own_pressure_the_fall_is_said_not_to_be_judged():
    made = openinfusion.calc("hypotension", sbp=100, age_y=40)
    assert made["results"]["by_own_pressure"]["value"] == "not-judged"
    assert {one["code"]: one["level"] for one in made["findings"]}["calc.no-baseline"] == "caution"


def test_without_an_age_only_a_fall_can_say_yes():
    assert openinfusion.calc("hypotension", sbp=80, baseline_sbp=140)["results"]["by_age"]["value"] == "not-judged"
    assert refused("hypotension", sbp="120 mm[Hg]", baseline_sbp="140 mm[Hg]") == {"calc.missing"}
    assert "calc.missing" in refused("hypotension", sbp="85 mm[Hg]")


def test_under_a_month_there_is_no_limit_of_age():
    assert "calc.pressure-age-outside" in refused("hypotension", sbp=60, age_y="2 wk")
    made = openinfusion.calc("hypotension", sbp=40, age_y="2 wk", baseline_sbp=70)
    assert made["result"]["value"] == "yes"


def by_hand(age, pressure, own):
    limit = 70 if age < 1 else 70 + 2 * int(age) if age < 11 else 90
    return "yes" if pressure < limit or (own - pressure) * 10 > own * 3 else "no"


@given(st.integers(1, 95), st.integers(0, 250), st.integers(40, 250))
def test_a_second_way_agrees(age, pressure, own):
    made = openinfusion.calc("hypotension", sbp=f"{pressure} mm[Hg]", age_y=f"{age} a", baseline_sbp=f"{own} mm[Hg]")
    assert made["result"]["value"] == by_hand(age, pressure, own)


WELL = {"sbp": 118, "dbp": 70, "hr": 85, "rr": 16, "spo2": 98, "o2": "no", "urine": "60 mL/h"}
SAID = {"agitated_or_confused": "no", "preeclampsia_signs": "no"}
# Mhyre 2014: systolic < 90 or > 160, diastolic > 100, heart rate < 50 or > 120, breathing < 10 or > 30, saturation < 95 on air,
# urine < 35 mL/h for 2 h
EDGES = [
    *(("sbp", at, met) for at, met in ((89, True), (90, False), (160, False), (161, True), ("160.5", True), ("89.9", True))),
    *(("dbp", at, met) for at, met in ((100, False), (101, True), (0, False))),
    *(("hr", at, met) for at, met in ((49, True), (50, False), (120, False), (121, True))),
    *(("rr", at, met) for at, met in ((9, True), (10, False), (30, False), (31, True))),
    *(("spo2", at, met) for at, met in ((94, True), (95, False), (100, False))),
]


@pytest.mark.parametrize(("name", "at", "met"), EDGES)
def test_every_edge_of_the_maternal_criteria(name, at, met):
    made = openinfusion.calc("maternal-warning", **{**WELL, **SAID, name: at})
    assert made["result"]["value"] == ("bedside-evaluation" if met else "none")
    assert made["results"]["met"]["value"] == str(int(met))


@pytest.mark.parametrize(
    ("urine", "over", "word"),
    [
        ("34.9 mL/h", "2 h", "bedside-evaluation"),
        ("35 mL/h", "2 h", "none"),
        ("20 mL/h", "1.9 h", "none"),
        ("20 mL/h", "3 h", "bedside-evaluation"),
    ],
)
def test_little_urine_counts_from_two_hours_on(urine, over, word):
    made = openinfusion.calc("maternal-warning", **{**WELL, **SAID, "urine": urine, "urine_over": over})
    assert made["result"]["value"] == word


@pytest.mark.parametrize("sign", SAID)
def test_what_the_mother_shows_or_says_is_enough(sign):
    assert text("maternal-warning", **{**WELL, **SAID, sign: "yes"}) == "bedside-evaluation 1"


def test_one_criterion_alarms_with_all_else_unknown_and_nothing_known_is_no_all_clear():
    made = openinfusion.calc("maternal-warning", hr="130 /min")
    assert made["result"]["value"] == "bedside-evaluation"
    assert {"calc.maternal-met", "calc.maternal-open"} <= {one["code"] for one in made["findings"]}
    assert refused("maternal-warning", **WELL) == {"calc.score-incomplete"} | {"calc.unit-assumed"}
    assert "calc.maternal-met" in refused("maternal-warning", hr="130 /min", rr="abc")


def test_a_good_saturation_on_oxygen_is_no_all_clear():
    assert "calc.score-incomplete" in codes("maternal-warning", **{**WELL, **SAID, "o2": "yes"})
    assert openinfusion.calc("maternal-warning", **{**WELL, **SAID, "o2": "yes", "spo2": 90})["result"]["value"] == "bedside-evaluation"


def test_a_share_in_place_of_a_percentage_is_refused():
    assert "calc.share-for-percent" in refused("maternal-warning", **{**WELL, **SAID, "spo2": 0.97})
