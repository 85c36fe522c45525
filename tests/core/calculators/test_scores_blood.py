"""4Ts, overload, lung injury and fever with a transfusion: each row, each edge, what is open stays open."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import refused, text, value

# BMJ Best Practice, 4Ts criteria
TIMING = {
    "day-5-to-10": 2,
    "within-1-day-heparin-30-days-ago": 2,
    "unclear": 1,
    "after-day-10": 1,
    "within-1-day-heparin-30-to-100-days-ago": 1,
    "within-4-days-no-recent-heparin": 0,
}
THROMBOSIS = {"new-or-skin-necrosis-or-acute-reaction": 2, "progressive-or-recurrent-or-suspected": 1, "none": 0}
CAUSES = {"none": 2, "possible": 1, "definite": 0}
ITEMS = ("thrombocytopenia", "timing", "thrombosis", "other_causes")


def platelets_by_hand(fall, nadir):
    """2 above 50 % with a nadir of 20 or more; 0 below 30 % or a nadir below 10; else 1."""
    if fall < 30 or nadir < 10:
        return 0
    return 2 if fall > 50 and nadir >= 20 else 1


@pytest.mark.parametrize("nadir", ["0", "9.9", "10", "19", "19.9", "20", "150"])
@pytest.mark.parametrize("fall", ["0", "29.9", "30", "50", "50.1", "100"])
def test_every_edge_of_fall_and_nadir(fall, nadir):
    made = openinfusion.calc(
        "four-ts", fall=f"{fall} %", nadir=f"{nadir} 10*9/L", timing="unclear", thrombosis="none", other_causes="definite"
    )
    assert int(made["results"]["thrombocytopenia"]["value"]) == platelets_by_hand(float(fall), float(nadir))


@given(st.integers(0, 100), st.integers(0, 400), st.sampled_from([*TIMING]), st.sampled_from([*THROMBOSIS]), st.sampled_from([*CAUSES]))
def test_a_second_way_agrees(fall, nadir, timing, thrombosis, causes):
    inputs = {"fall": f"{fall} %", "timing": timing, "thrombosis": thrombosis, "other_causes": causes}
    total = platelets_by_hand(fall, nadir) + TIMING[timing] + THROMBOSIS[thrombosis] + CAUSES[causes]
    assert value("four-ts", **inputs, nadir=f"{nadir} 10*9/L") == total
    assert value("four-ts", **inputs, nadir=f"{nadir * 1000} /uL") == total  # the same count in the other unit
    made = openinfusion.calc("four-ts", **inputs, nadir=f"{nadir} 10*9/L")
    assert made["results"]["probability"]["value"] == ("high" if total >= 6 else "intermediate" if total >= 4 else "low")


def test_every_total_of_the_items_has_its_band():
    for row in itertools.product(range(3), repeat=4):
        made = openinfusion.calc("four-ts", components=dict(zip(ITEMS, row, strict=True)))
        total = sum(row)
        assert int(made["result"]["value"]) == total
        assert made["results"]["probability"]["value"] == ("high" if total >= 6 else "intermediate" if total >= 4 else "low")


@pytest.mark.parametrize("missing", ["fall", "nadir", "timing", "thrombosis", "other_causes"])
def test_a_missing_item_leaves_no_total(missing):
    inputs = {"fall": "60 %", "nadir": "40 10*9/L", "timing": "unclear", "thrombosis": "none", "other_causes": "none"}
    assert refused("four-ts", **{name: entry for name, entry in inputs.items() if name != missing}) == {"calc.score-incomplete"}


def test_a_fall_that_scores_none_needs_no_nadir():
    assert text("four-ts", fall="10 %", timing="unclear", thrombosis="none", other_causes="none") == "3 {score}"


@pytest.mark.parametrize("components", [{"timing": 3}, {"timing": "x"}, {"platelets": 1}])
def test_points_that_do_not_fit_are_refused(components):
    assert "calc.four-ts-component" in refused("four-ts", components=components)


def test_an_item_that_is_described_and_scored_is_refused():
    assert "calc.four-ts-component" in refused("four-ts", timing="unclear", components={"timing": 1})


TACO = ("respiratory_distress", "pulmonary_oedema", "cardiovascular", "fluid", "biomarker")


def test_every_set_of_taco_criteria():
    # ISBT/IHN/AABB 2018: three or more, one of the lungs among them, within 12 h
    for onset, in_time in (("0 h", True), ("12 h", True), ("12.1 h", False)):
        for row in itertools.product((True, False), repeat=5):
            made = openinfusion.calc("taco", onset=onset, **dict(zip(TACO, row, strict=True)))
            is_met = in_time and sum(row) >= 3 and (row[0] or row[1])
            assert made["result"]["value"] == ("met" if is_met else "not-met"), (onset, row)


def test_every_open_set_of_taco_criteria_is_decided_only_when_nothing_could_change_it():
    for row in itertools.product((True, False, None), repeat=5):
        tries = itertools.product(*((there,) if there is not None else (True, False) for there in row))
        answers = {sum(one) >= 3 and (one[0] or one[1]) for one in tries}
        asked = {name: there for name, there in zip(TACO, row, strict=True) if there is not None}
        made = openinfusion.calc("taco", onset="2 h", **asked)
        assert (made["result"] is not None) is (len(answers) == 1), row


def test_the_edition_of_a_definition_is_named():
    made = openinfusion.calc("taco", onset="2 h", **dict.fromkeys(TACO, False))
    edition = next(one["params"] for one in made["findings"] if one["code"] == "calc.score-edition")
    assert edition == {"scale": "TACO", "edition": "ISBT/IHN/AABB 2018"}


LUNG = {"onset": "3 h", "spo2_on_air": "86 %", "bilateral_oedema": "yes", "overload": "no", "ards_risk": "no"}


# consensus redefinition of 2019: within 6 h, P/F up to 300 or below 90 % on air, both lungs, overload not the main cause
@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({}, "type-1"),
        ({"ards_risk": "yes", "stable_before": "yes"}, "type-2"),
        ({"ards_risk": "yes", "stable_before": "no"}, "not-met"),
        ({"onset": "6 h"}, "type-1"),
        ({"onset": "6.1 h"}, "not-met"),
        ({"spo2_on_air": "89.9 %"}, "type-1"),
        ({"spo2_on_air": "90 %"}, "not-met"),
        ({"spo2_on_air": None, "pf_ratio": "300 mm[Hg]"}, "type-1"),
        ({"spo2_on_air": None, "pf_ratio": "301 mm[Hg]"}, "not-met"),
        ({"spo2_on_air": "95 %", "pf_ratio": "250 mm[Hg]"}, "type-1"),
        ({"bilateral_oedema": "no"}, "not-met"),
        ({"overload": "yes"}, "not-met"),
    ],
)
def test_each_condition_of_lung_injury(change, word):
    assert openinfusion.calc("trali", **(LUNG | change))["result"]["value"] == word


@pytest.mark.parametrize("missing", [*LUNG])
def test_lung_injury_is_open_while_a_condition_is_unknown(missing):
    assert "calc.definition-open" in refused("trali", **{name: entry for name, entry in LUNG.items() if name != missing})


def test_a_share_in_place_of_a_percentage_is_refused():
    assert "calc.share-for-percent" in refused("trali", **(LUNG | {"spo2_on_air": "0.86 %"}))


# TRIP: mild from 1 to below 2 Cel, major from 2 Cel or with rigors
@pytest.mark.parametrize(
    ("now", "rigors", "word"),
    [
        ("37.9", "no", "none"),
        ("38.0", "no", "mild"),
        ("38.9", "no", "mild"),
        ("39.0", "no", "major"),
        ("37.0", "yes", "major"),
        ("36.0", "no", "none"),
    ],
)
def test_every_edge_of_a_fever_with_a_transfusion(now, rigors, word):
    made = openinfusion.calc("transfusion-fever", before="37 Cel", now=f"{now} Cel", rigors=rigors)
    assert made["result"]["value"] == word


def test_a_mild_fever_stays_open_until_rigors_are_asked_about():
    assert "calc.definition-open" in refused("transfusion-fever", before="37 Cel", now="38.5 Cel")
    assert openinfusion.calc("transfusion-fever", before="37 Cel", now="39.2 Cel")["result"]["value"] == "major"
