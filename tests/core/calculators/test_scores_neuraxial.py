"""Motor block, height of block, sedation and pain: each grade, each edge, the name of the scale."""

import itertools

import pytest

import openinfusion
from tests.core.calculators.asked import codes, refused, text, value

MOVES = ("raises_leg", "bends_knee", "moves_foot")


def found(made, code):
    return next(one for one in made["findings"] if one["code"] == code)


# modified scale: 0 free, 1 knees just bend, 2 only the feet move, 3 nothing moves
@pytest.mark.parametrize(
    ("moves", "grade"), [((True, True, True), 0), ((False, True, True), 1), ((False, False, True), 2), ((False, False, False), 3)]
)
def test_each_bromage_grade_is_what_the_leg_still_does(moves, grade):
    made = openinfusion.calc("bromage", scale="modified-0-3", **dict(zip(MOVES, moves, strict=True)))
    assert made["result"] == {"value": str(grade), "unit": "{score}", "exact": True}
    assert found(made, "calc.score-edition")["params"]["scale"] == "Modified Bromage, 0 free to 3 no movement"


def test_movements_that_contradict_the_scale_have_no_grade_or_are_said_beside_it():
    for moves in itertools.product((True, False), repeat=3):
        made = openinfusion.calc("bromage", scale="modified-0-3", **dict(zip(MOVES, moves, strict=True)))
        is_in_order = list(moves) == sorted(moves)
        told = {one["code"] for one in made["findings"]}
        assert is_in_order is not bool({"calc.signs-fit-no-grade", "calc.signs-beyond"} & told)


def test_a_bromage_grade_without_the_name_of_its_scale_is_refused():
    moves = dict.fromkeys(MOVES, "yes")
    assert "calc.missing" in refused("bromage", **moves)
    assert "calc.not-a-choice" in refused("bromage", scale="original", **moves)  # versions run in opposite directions


def test_a_straight_leg_that_cannot_be_raised_calls_the_anaesthetist():
    # Association of Anaesthetists and OAA 2020: not possible in labour, or 4 h after the last dose
    made = openinfusion.calc("bromage", scale="modified-0-3", raises_leg="no", bends_knee="yes", moves_foot="yes")
    assert found(made, "calc.bromage-no-leg-raise")["params"]["recovered_by"] == {"value": "4", "unit": "h"}
    assert "calc.bromage-no-leg-raise" in refused("bromage", scale="modified-0-3", raises_leg="no")


LEVELS = [
    *(f"C{n}" for n in range(2, 9)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
    *(f"S{n}" for n in range(1, 6)),
]


def test_every_pair_of_levels_has_the_higher_one_and_above_t4_to_cold_is_high():
    # London guide: cold above T4 is a high block
    for place, left in enumerate(LEVELS):
        for other, right in enumerate(LEVELS):
            made = openinfusion.calc("block-level", left=left, right=right, method="cold")
            assert made["result"]["value"] == LEVELS[min(place, other)]
            assert made["results"]["dermatomes_apart"]["value"] == str(abs(place - other))
            is_high = min(place, other) < LEVELS.index("T4")
            assert ("calc.block-high" in {one["code"] for one in made["findings"]}) is is_high, (left, right)


@pytest.mark.parametrize("method", ["touch", "pinprick"])
def test_a_height_by_another_method_raises_nothing_of_cold(method):
    assert "calc.block-high" not in codes("block-level", left="T2", right="T2", method=method)
    assert "calc.block-by" in codes("block-level", left="T2", right="T2", method=method)


def test_a_block_needs_both_sides_and_the_method():
    assert refused("block-level", left="T4") == {"calc.missing"}
    assert "calc.not-a-choice" in refused("block-level", left="T13", right="T4", method="cold")


# Pasero: S, 1 and 2 acceptable, 3 less opioid until below 3, 4 stop it
@pytest.mark.parametrize(
    ("level", "sedation", "action"),
    [
        ("S", "acceptable", "no-action"),
        ("1", "acceptable", "no-action"),
        ("2", "acceptable", "no-action"),
        ("3", "unacceptable", "reduce-the-opioid-or-call"),
        ("4", "unacceptable-stop", "stop-the-opioid-and-call"),
    ],
)
def test_each_level_of_sedation_has_its_action(level, sedation, action):
    made = openinfusion.calc("poss", level=level)
    assert (made["result"]["value"], made["results"]["action"]["value"]) == (sedation, action)
    assert "calc.poss-licence" in codes("poss", level=level)


def test_another_level_of_sedation_is_refused():
    assert "calc.not-a-choice" in refused("poss", level="5")


def by_hand(score):
    """0 none, 1 to 3 mild, 4 to 6 moderate, 7 to 10 severe."""
    return ["none", *["mild"] * 3, *["moderate"] * 3, *["severe"] * 4][score]


@pytest.mark.parametrize("score", range(11))
def test_every_pain_number_has_its_band(score):
    assert text("pain", score=score) == f"{by_hand(score)} 1"


@pytest.mark.parametrize(
    ("score", "code"), [(11, "calc.above-domain"), (-1, "calc.negative"), (4.5, "calc.not-whole"), ("much", "calc.not-a-number")]
)
def test_another_pain_number_is_refused(score, code):
    assert code in refused("pain", score=score)


FLACC = ("face", "legs", "activity", "cry", "consolability")


def test_every_flacc_is_the_sum_of_its_five_parts():
    for row in itertools.product(range(3), repeat=5):
        inputs = dict(zip(FLACC, row, strict=True))
        assert value("flacc", **inputs) == sum(row)
        assert openinfusion.calc("flacc", **inputs)["results"]["pain"]["value"] == by_hand(sum(row))


@pytest.mark.parametrize("missing", FLACC)
def test_a_flacc_with_a_part_missing_says_the_least(missing):
    made = openinfusion.calc("flacc", **{name: 1 for name in FLACC if name != missing})
    assert made["result"] is None
    assert found(made, "calc.score-incomplete")["params"]["least"]["value"] == "4"
    assert found(made, "calc.score-incomplete")["params"]["missing"] == [missing]
