"""Kinds of transfusion reaction: each by its own definition against a rule written out by hand, what is open stays open."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import refused

SKIN = ("rash", "urticaria", "itching", "flushing", "angioedema", "respiratory_distress")
OTHER = ("rigors", "vomiting", "back_pain", "dark_urine")
CALM = {
    "after_end": "0 h",
    "temp_before": "37 Cel",
    "temp": "37 Cel",
    "baseline_sbp": "120 mm[Hg]",
    "sbp": "120 mm[Hg]",
    "age_y": "40 a",
    **dict.fromkeys((*SKIN, *OTHER), "no"),
}


def words(**change):
    made = openinfusion.calc("transfusion-reaction", **(CALM | change))
    assert made["status"] == "ok", made["findings"]
    return {kind: made["results"][kind]["value"] for kind in ("allergic", "febrile", "hypotensive", "haemolysis")}


def test_nothing_is_met_in_a_calm_patient():
    assert words() == dict.fromkeys(("allergic", "febrile", "hypotensive", "haemolysis"), "none")


def test_every_set_of_allergic_signs():
    # NHSN 1.3.1 appendix A: two or more definitive, any one but flushing alone or distress alone probable, within 4 hours
    for row in itertools.product((True, False), repeat=len(SKIN)):
        seen = {name for name, there in zip(SKIN, row, strict=True) if there}
        expected = (
            "allergic-definitive" if len(seen) >= 2 else "allergic-probable" if seen - {"flushing", "respiratory_distress"} else "none"
        )
        signs = {name: name in seen for name in SKIN}
        assert words(**signs)["allergic"] == expected, seen
        assert words(**signs, after_end="4.1 h")["allergic"] == "none"


# TRIP: mild from 1 to below 2 Cel, major from 2 Cel or with rigors, in the first two hours after it
@pytest.mark.parametrize(
    ("temp", "rigors", "after", "word"),
    [
        ("37.9", "no", "0 h", "none"),
        ("38.0", "no", "0 h", "febrile-mild"),
        ("38.9", "no", "2 h", "febrile-mild"),
        ("39.0", "no", "2 h", "febrile-major"),
        ("37.0", "yes", "1 h", "febrile-major"),
        ("39.5", "yes", "2.1 h", "none"),
    ],
)
def test_every_edge_of_a_febrile_reaction(temp, rigors, after, word):
    assert words(temp=f"{temp} Cel", rigors=rigors, after_end=after)["febrile"] == word


# Fairview glossary: adults a drop of 30 or more and 80 or less; younger ones a drop of more than 25 %
@pytest.mark.parametrize(
    ("age", "own", "now", "word"),
    [
        ("40 a", 110, 80, "hypotensive"),
        ("40 a", 110, 81, "none"),
        ("40 a", 109, 80, "none"),
        ("18 a", 110, 80, "hypotensive"),
        ("17.9 a", 120, 90, "none"),
        ("17.9 a", 120, 89, "hypotensive"),
        ("6 mo", 80, 59, "hypotensive"),
        ("6 mo", 80, 60, "none"),
    ],
)
def test_every_edge_of_a_hypotensive_reaction(age, own, now, word):
    assert words(age_y=age, baseline_sbp=f"{own} mm[Hg]", sbp=f"{now} mm[Hg]")["hypotensive"] == word


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"sbp": "101 mm[Hg]"}, "none"),
        ({"sbp": "100 mm[Hg]"}, "haemolysis-to-exclude"),  # TRIP: a fall of 20 or more
        *(({sign: "yes"}, "haemolysis-to-exclude") for sign in OTHER),
        ({"temp": "38 Cel"}, "haemolysis-to-exclude"),
        ({"back_pain": "yes", "after_end": "24 h"}, "haemolysis-to-exclude"),
        ({"back_pain": "yes", "after_end": "24.1 h"}, "none"),
    ],
)
def test_one_sign_of_haemolysis_is_enough_to_exclude_it(change, word):
    assert words(**change)["haemolysis"] == word


@given(st.sets(st.sampled_from([name for name in CALM if name != "after_end"])))
def test_what_is_unknown_is_never_called_none(missing):
    made = openinfusion.calc("transfusion-reaction", **{name: entry for name, entry in CALM.items() if name not in missing})
    if made["result"] is None:
        found = next(one for one in made["findings"] if one["code"] == "calc.transfusion-open")
        assert found["level"] == "missing"
        assert found["params"]["kinds"]
    else:
        # at an unchanged pressure no age makes it low; flushing or distress alone make no allergic reaction
        assert missing - {"age_y"} in (set(), {"flushing"}, {"respiratory_distress"})


def test_a_kind_that_is_met_stands_beside_those_that_are_open():
    made = openinfusion.calc("transfusion-reaction", after_end="0 h", urticaria="yes", itching="yes")
    assert made["results"]["allergic"]["value"] == "allergic-definitive"
    assert made["results"]["febrile"]["value"] == "open"
    assert {"calc.transfusion-stop", "calc.transfusion-open", "calc.transfusion-elsewhere"} <= {one["code"] for one in made["findings"]}


def test_without_the_time_nothing_is_judged():
    assert refused("transfusion-reaction", urticaria="yes") == {"calc.missing"}
