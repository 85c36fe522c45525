"""NEWS2 and the Brighton score: every edge of every band, what is missing, who they are not for, and one red value that alarms anyway."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value

WELL = {"rr": 16, "spo2": 97, "o2": "no", "sbp": 120, "hr": 70, "temp": 37.0, "acvpu": "A"}  # each 0 by the chart
PARTS = ("rr", "spo2", "o2", "sbp", "hr", "temp", "acvpu")


def points(name, **change):
    made = openinfusion.calc("news2", **{**WELL, **change})
    assert made["status"] == "ok", made["findings"]
    return int(made["results"][name]["value"])


# RCP 2017, NEWS2 chart 1: the rows as the chart prints them, both ends inside
CHART = {
    "rr": [((0, 8), 3), ((9, 11), 1), ((12, 20), 0), ((21, 24), 2), ((25, 80), 3)],
    "sbp": [((0, 90), 3), ((91, 100), 2), ((101, 110), 1), ((111, 219), 0), ((220, 300), 3)],
    "hr": [((0, 40), 3), ((41, 50), 1), ((51, 90), 0), ((91, 110), 1), ((111, 130), 2), ((131, 250), 3)],
}
SCALE_1 = [((50, 91), 3), ((92, 93), 2), ((94, 95), 1), ((96, 100), 0)]
SCALE_2_ON_AIR = [((50, 83), 3), ((84, 85), 2), ((86, 87), 1), ((88, 92), 0), ((93, 100), 0)]
SCALE_2_ON_OXYGEN = [((50, 83), 3), ((84, 85), 2), ((86, 87), 1), ((88, 92), 0), ((93, 94), 1), ((95, 96), 2), ((97, 100), 3)]
TEMPERATURES = [((250, 350), 3), ((351, 360), 1), ((361, 380), 0), ((381, 390), 1), ((391, 450), 2)]  # in tenths of a degree


@pytest.mark.parametrize("name", CHART)
def test_every_whole_value_scores_what_the_chart_says(name):
    for (low, high), expected in CHART[name]:
        assert {points(name, **{name: at}) for at in range(low, high + 1)} == {expected}, (name, low, high)


@pytest.mark.parametrize("o2", ["no", "yes"])
def test_every_saturation_by_scale_1_is_the_same_on_air_and_on_oxygen(o2):
    for (low, high), expected in SCALE_1:
        assert {points("spo2", spo2=at, o2=o2, scale=1) for at in range(low, high + 1)} == {expected}, (low, high)


@pytest.mark.parametrize(("o2", "rows"), [("no", SCALE_2_ON_AIR), ("yes", SCALE_2_ON_OXYGEN)])
def test_every_saturation_by_scale_2_depends_on_oxygen_from_93_percent_on(o2, rows):
    for (low, high), expected in rows:
        assert {points("spo2", spo2=at, o2=o2, scale="2") for at in range(low, high + 1)} == {expected}, (low, high)


def test_every_tenth_of_a_degree_scores_what_the_chart_says():
    for (low, high), expected in TEMPERATURES:
        assert {points("temp", temp=f"{tenths // 10}.{tenths % 10} Cel") for tenths in range(low, high + 1)} == {expected}, (low, high)


@pytest.mark.parametrize(
    ("temp", "expected"),
    [("35.04", 3), ("35.05", 1), ("36.04", 1), ("36.05", 0), ("38.04", 0), ("38.05", 1), ("39.04", 1), ("39.05", 2)],
)
def test_a_temperature_is_read_to_the_tenth_first_and_the_step_shows_it(temp, expected):
    # half up to 0.1 before the chart is asked, so that nothing falls between its rows
    assert points("temp", temp=f"{temp} Cel") == expected
    made = openinfusion.calc("news2", **{**WELL, "temp": f"{temp} Cel"})
    assert "calc.to-scale" in [step["operation"] for step in made["steps"]]


@pytest.mark.parametrize(("acvpu", "expected"), [("A", 0), ("C", 3), ("V", 3), ("P", 3), ("U", 3)])
def test_anything_but_alert_is_red(acvpu, expected):
    assert points("acvpu", acvpu=acvpu) == expected


def test_oxygen_scores_two():
    assert (points("o2", o2=False), points("o2", o2=True)) == (0, 2)


# RCP 2017, chart 4: 0, 1 to 4, a single 3, 5 to 6, 7 and more
@pytest.mark.parametrize(
    ("components", "expected"),
    [
        ((0, 0, 0, 0, 0, 0, 0), ("0", "low", "every-12-h")),
        ((1, 0, 0, 0, 0, 0, 0), ("1", "low", "every-4-to-6-h")),
        ((2, 2, 0, 0, 0, 0, 0), ("4", "low", "every-4-to-6-h")),
        ((3, 0, 0, 0, 0, 0, 0), ("3", "low-medium", "every-1-h")),
        ((1, 0, 0, 0, 0, 0, 3), ("4", "low-medium", "every-1-h")),
        ((2, 2, 0, 1, 0, 0, 0), ("5", "medium", "every-1-h")),
        ((2, 0, 0, 0, 0, 0, 3), ("5", "medium", "every-1-h")),
        ((2, 2, 2, 0, 0, 0, 0), ("6", "medium", "every-1-h")),
        ((2, 2, 2, 1, 0, 0, 0), ("7", "high", "continuous")),
        ((3, 3, 2, 3, 3, 3, 3), ("20", "high", "continuous")),
    ],
)
def test_the_band_and_the_least_monitoring_follow_the_total_and_a_single_red(components, expected):
    made = openinfusion.calc("news2", components=dict(zip(PARTS, components, strict=True)))
    assert tuple(made["results"][name]["value"] for name in ("total", "band", "monitoring")) == expected
    reds = [one for one in made["findings"] if one["code"] == "calc.score-red"]
    assert len(reds) == components.count(3)


def test_components_and_measurements_agree_for_every_total():
    possible = [(0, 1, 2, 3), (0, 1, 2, 3), (0, 2), (0, 1, 2, 3), (0, 1, 2, 3), (0, 1, 2, 3), (0, 3)]
    for row in itertools.islice(itertools.product(*possible), 0, None, 37):
        assert value("news2", components=dict(zip(PARTS, row, strict=True))) == sum(row)


def in_rows(rows, at):
    return next(score for (low, high), score in rows if low <= at <= high)


measured = st.fixed_dictionaries(
    {
        "rr": st.integers(0, 80),
        "spo2": st.integers(50, 100),
        "o2": st.booleans(),
        "sbp": st.integers(0, 300),
        "hr": st.integers(0, 250),
        "tenths": st.integers(250, 450),
        "acvpu": st.sampled_from("ACVPU"),
        "scale": st.sampled_from("12"),
    }
)


def second_way(at):
    """The chart read row by row."""
    saturation = SCALE_1 if at["scale"] == "1" else SCALE_2_ON_OXYGEN if at["o2"] else SCALE_2_ON_AIR
    rows = sum(in_rows(CHART[name], at[name]) for name in CHART)
    return rows + in_rows(saturation, at["spo2"]) + 2 * at["o2"] + in_rows(TEMPERATURES, at["tenths"]) + 3 * (at["acvpu"] != "A")


@given(measured)
def test_a_second_way_agrees(at):
    inputs = {name: entry for name, entry in at.items() if name != "tenths"} | {"temp": f"{at['tenths'] // 10}.{at['tenths'] % 10} Cel"}
    assert value("news2", **inputs) == second_way(at)


@given(st.sets(st.sampled_from(PARTS), min_size=1), st.sampled_from("ACVPU"), st.integers(60, 100), st.integers(0, 60))
def test_what_is_incomplete_has_no_total_but_says_the_least_and_every_red_value(missing, acvpu, spo2, rr):
    whole = {**WELL, "acvpu": acvpu, "spo2": spo2, "rr": rr}
    made = openinfusion.calc("news2", **{name: entry for name, entry in whole.items() if name not in missing})
    assert made["result"] is None
    assert made["results"] == {}
    found = next(one for one in made["findings"] if one["code"] == "calc.score-incomplete")
    assert found["level"] == "missing"
    assert set(found["params"]["missing"]) == missing
    assert found["params"]["count"] == len(missing)
    known = {"acvpu": 0 if acvpu == "A" else 3, "spo2": in_rows([((0, 49), 3), *SCALE_1], spo2), "rr": in_rows(CHART["rr"], rr)}
    left = {name: score for name, score in known.items() if name not in missing}
    assert int(found["params"]["least"]["value"]) == sum(left.values())
    reds = {one["params"]["name"] for one in made["findings"] if one["code"] == "calc.score-red"}
    assert reds == {name for name, score in left.items() if score == 3}
    reached = [one["params"]["band"] for one in made["findings"] if one["code"] == "calc.score-at-least-band"]
    assert reached == (["high"] if sum(left.values()) >= 7 else ["medium"] if sum(left.values()) >= 5 else [])


def test_a_red_value_alarms_beside_a_value_that_cannot_be_read():
    found = {one["code"]: one for one in openinfusion.calc("news2", rr="abc", spo2=80)["findings"]}
    assert found["calc.not-a-number"]["params"]["name"] == "rr"
    assert found["calc.score-red"]["params"] == {"name": "spo2", "points": {"value": "3", "unit": "{score}"}}
    assert found["calc.score-red"]["level"] == "caution"


def test_by_scale_2_an_unknown_oxygen_leaves_the_saturation_open_only_from_93_percent_on():
    without = {name: entry for name, entry in WELL.items() if name != "o2"}
    open_at, closed_at = (openinfusion.calc("news2", **{**without, "spo2": at, "scale": 2})["findings"] for at in (93, 92))
    assert [one["params"]["missing"] for one in open_at if one["code"] == "calc.score-incomplete"] == [["spo2", "o2"]]
    assert [one["params"]["missing"] for one in closed_at if one["code"] == "calc.score-incomplete"] == [["o2"]]


@pytest.mark.parametrize("age", ["15 a", "15.99 a", "191 mo", "0 a"])
def test_it_is_refused_under_sixteen(age):
    assert "calc.news2-not-under" in refused("news2", **WELL, age_y=age)


def test_it_is_refused_in_pregnancy_and_stands_from_sixteen_on():
    assert "calc.news2-not-in-pregnancy" in refused("news2", **WELL, pregnant=True)
    assert value("news2", **WELL, age_y=16, pregnant="no") == 0
    assert "calc.news2-for-whom" in codes("news2", **WELL)
    assert "calc.news2-for-whom" not in codes("news2", **WELL, age_y=16, pregnant="no")


def test_a_child_gets_no_red_alarm_of_a_score_that_is_not_for_it():
    assert "calc.score-red" not in codes("news2", rr=40, age_y=2)


def test_a_bare_number_has_the_declared_unit_and_that_is_echoed():
    made = openinfusion.calc("news2", **WELL)
    echoed = {one["params"]["name"]: one["params"]["value"]["unit"] for one in made["findings"] if one["code"] == "calc.unit-assumed"}
    assert echoed == {"rr": "/min", "sbp": "mm[Hg]", "hr": "/min", "temp": "Cel"}


def test_the_scale_is_named_and_an_unnamed_saturation_scale_is_told():
    made = openinfusion.calc("news2", **WELL)
    found = {one["code"]: one["params"] for one in made["findings"]}
    assert found["calc.score-edition"] == {"scale": "NEWS2", "edition": "Royal College of Physicians, 2017"}
    assert found["calc.news2-scale"] == {"scale": "1"}
    assert made["tables"] == ["news2-1"]
    assert "calc.news2-scale-2" in codes("news2", **WELL, scale=2)


WRONG = [
    ({"temp": 98.6}, "calc.not-celsius"),  # Fahrenheit without its unit
    ({"temp": "98.6 [degF]"}, "calc.unknown-unit"),
    ({"spo2": 0.97}, "calc.share-for-percent"),
    ({"spo2": 101}, "calc.above-domain"),
    ({"hr": -1}, "calc.negative"),
    ({"sbp": "120 mg"}, "calc.other-kind"),
    ({"acvpu": "X"}, "calc.not-a-choice"),
    ({"o2": "2 L"}, "calc.not-yes-or-no"),
    ({"scale": 3}, "calc.not-a-choice"),
    ({"rr": "1,2"}, "calc.comma"),
    ({"components": {"pulse": 1}}, "calc.component-unknown"),
    ({"components": {"o2": 1}}, "calc.component-impossible"),
    ({"components": {"acvpu": 2}}, "calc.component-impossible"),
    ({"components": {"rr": 4}}, "calc.component-impossible"),
    ({"components": {"rr": "many"}}, "calc.component-impossible"),
    ({"components": {"rr": 3}}, "calc.component-contradicts"),
]


@pytest.mark.parametrize(("change", "code"), WRONG)
def test_what_cannot_be_meant_is_refused(change, code):
    assert code in refused("news2", **{**WELL, **change})


def test_points_that_agree_with_the_measurement_may_stand_beside_it():
    assert text("news2", **WELL, components={"rr": 0}) == "0 {score}"


def test_points_fill_what_was_not_measured():
    without = {name: entry for name, entry in WELL.items() if name not in ("rr", "o2")}
    assert value("news2", **without, components={"rr": 2, "o2": 2}) == 4
    by_scale_2 = {**without, "spo2": 97, "scale": 2}
    assert value("news2", **by_scale_2, components={"rr": 0, "o2": 2}) == 5  # 3 for 97 % on oxygen, 2 for oxygen


PEWS_PARTS = ("behaviour", "cardiovascular", "respiratory")


def test_every_brighton_score_is_the_sum_with_two_extra_for_either_reason():
    # table 4 of the education paper: three parts of 0 to 3, "two extra" for one or the other
    for row in itertools.product(range(4), repeat=3):
        for nebulisers, vomiting in itertools.product((False, True), repeat=2):
            inputs = dict(zip(PEWS_PARTS, row, strict=True)) | {"nebulisers": nebulisers, "vomiting": vomiting}
            made = openinfusion.calc("pews", **inputs)
            total = sum(row) + 2 * (nebulisers or vomiting)
            assert int(made["result"]["value"]) == total
            expected = "high" if total >= 7 else "intermediate" if total >= 3 else "low"  # floors of one implementation, site policy
            assert made["results"]["band"]["value"] == expected


def test_the_bands_of_the_brighton_score_are_said_to_be_a_default_and_both_reasons_counted_once():
    inputs = {"behaviour": 1, "cardiovascular": 0, "respiratory": 0, "nebulisers": "yes", "vomiting": "yes"}
    assert {"calc.pews-bands", "calc.pews-extra-once"} <= codes("pews", **inputs)


@pytest.mark.parametrize("missing", [*PEWS_PARTS, "nebulisers", "vomiting"])
def test_a_brighton_score_with_a_part_missing_is_refused_unless_it_cannot_matter(missing):
    inputs = {"behaviour": 1, "cardiovascular": 2, "respiratory": 0, "nebulisers": "no", "vomiting": "no"}
    assert "calc.score-incomplete" in refused("pews", **{name: entry for name, entry in inputs.items() if name != missing})
    if missing == "vomiting":
        assert value("pews", **{**inputs, "nebulisers": "yes", "vomiting": None}) == 5


@pytest.mark.parametrize(("change", "code"), [({"behaviour": 4}, "calc.above-domain"), ({"behaviour": 1.5}, "calc.not-whole")])
def test_points_outside_the_brighton_chart_are_refused(change, code):
    inputs = {"behaviour": 1, "cardiovascular": 2, "respiratory": 0, "nebulisers": "no", "vomiting": "no"}
    assert code in refused("pews", **(inputs | change))
