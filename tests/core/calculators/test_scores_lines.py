"""Scales of the place of a line: every set of signs of each scale, with what nobody looked for, against a rule written out by hand."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from tests.core.calculators.asked import codes, refused
from tests.core.calculators.by_signs import agrees, asked

THREE = (True, False, None)
VIP = ("pain", "erythema", "swelling", "induration", "cord", "pyrexia")


def vip_by_hand(signs):
    """Jackson's card: 5 pain + erythema + induration + cord + pyrexia, 4 without pyrexia, 3 without cord, 2 two of pain, erythema and
    swelling, 1 pain or redness."""
    if signs["pain"] and signs["erythema"] and signs["induration"]:
        return 5 if signs["cord"] and signs["pyrexia"] else 4 if signs["cord"] else 3
    if signs["pain"] + signs["erythema"] + signs["swelling"] >= 2:
        return 2
    return 1 if signs["pain"] or signs["erythema"] else 0


def test_every_set_of_signs_has_its_vip_score():
    for row in itertools.product((True, False), repeat=len(VIP)):
        signs = dict(zip(VIP, row, strict=True))
        assert agrees(asked("vip", signs), signs, vip_by_hand), signs


@given(st.tuples(*[st.sampled_from(THREE)] * len(VIP)))
def test_a_vip_score_never_hangs_on_what_nobody_looked_for(row):
    signs = dict(zip(VIP, row, strict=True))
    assert agrees(asked("vip", signs), signs, vip_by_hand)


ACTIONS = ["observe", "observe", "resite", "resite-consider-treatment", "resite-consider-treatment", "resite-treat"]  # the card


@pytest.mark.parametrize(("signs", "grade"), [((), 0), (VIP[:1], 1), (VIP[:2], 2), (("pain", "erythema", "induration"), 3)])
def test_a_vip_score_says_what_to_do(signs, grade):
    made = openinfusion.calc("vip", **{name: name in signs for name in VIP})
    assert made["result"]["value"] == str(grade)
    assert made["results"]["action"]["value"] == ACTIONS[grade]


def test_a_sign_that_no_row_up_to_the_grade_holds_is_said():
    made = openinfusion.calc("vip", **{name: name in ("pain", "cord") for name in VIP})
    assert made["result"]["value"] == "1"
    assert [one["params"]["signs"] for one in made["findings"] if one["code"] == "calc.signs-beyond"] == [["cord"]]
    assert "calc.signs-beyond" not in codes("vip", **dict.fromkeys(VIP[:1], True), **dict.fromkeys(VIP[1:], False))


def test_swelling_alone_is_in_no_row_and_is_not_called_healthy():
    assert refused("vip", **{name: name == "swelling" for name in VIP}) == {"calc.signs-fit-no-grade"}


PHLEBITIS = ("pain", "erythema", "oedema", "streak", "cord", "drainage", "long-cord")


def phlebitis_by_hand(signs):
    """INS 2011 S47: 1 erythema, 2 pain with erythema or oedema, 3 with streak and cord, 4 with a cord above 1 inch and pus."""
    second = signs["pain"] and (signs["erythema"] or signs["oedema"])
    third = second and signs["streak"] and signs["cord"]
    if third and signs["long-cord"] and signs["drainage"]:
        return 4
    return 3 if third else 2 if second else 1 if signs["erythema"] else 0


def test_every_set_of_signs_has_its_phlebitis_grade():
    lengths = {None: None, (False, False): "0 cm", (True, False): "1 [in_i]", (True, True): "1.01 [in_i]"}
    for row in itertools.product(THREE, repeat=5):
        for cord, length in lengths.items():
            signs = dict(zip(("pain", "erythema", "oedema", "streak", "drainage"), row, strict=True))
            whole = signs | {"cord": cord[0] if cord else None, "long-cord": cord[1] if cord else None}
            made = asked("phlebitis", signs, **({"cord_length": length} if length else {}))
            assert agrees(made, whole, _possible_cord), (signs, length)


def _possible_cord(signs):
    """A long cord without a cord is no possible answer; it grades as no cord."""
    return phlebitis_by_hand(signs | {"long-cord": signs["long-cord"] and signs["cord"]})


@pytest.mark.parametrize(("length", "grade"), [("2.54 cm", 3), ("2.55 cm", 4), ("1 [in_i]", 3), ("25.4 mm", 3)])
def test_a_cord_is_long_above_one_inch(length, grade):
    made = openinfusion.calc("phlebitis", pain=True, erythema=True, oedema=False, streak=True, drainage=True, cord_length=length)
    assert made["result"]["value"] == str(grade)


def test_a_cord_that_is_denied_and_measured_is_refused():
    assert "calc.cord-contradicts" in refused("phlebitis", cord="no", cord_length="2 cm")
    assert "calc.cord-contradicts" in refused("phlebitis", cord="yes", cord_length="0 cm")


# older INS scale: below 1 inch, 1 to 6 inches, above 6 inches; deep pitting or bad circulation 4
SIZES = [("0 cm", 0), ("1 mm", 1), ("2.53 cm", 1), ("1 [in_i]", 2), ("2.54 cm", 2), ("6 [in_i]", 2), ("15.24 cm", 2), ("15.25 cm", 3)]


@pytest.mark.parametrize(("oedema", "grade"), SIZES)
def test_every_edge_of_the_infiltration_scale(oedema, grade):
    made = openinfusion.calc("infiltration", oedema=oedema, pitting="no", circulation="no", leaked="other")
    assert made["result"]["value"] == made["results"].get("grade_by_size", made["result"])["value"] == str(grade)
    assert "calc.infiltration-old-scale" in codes("infiltration", oedema=oedema, pitting="no", circulation="no", leaked="other")


@pytest.mark.parametrize("sign", ["pitting", "circulation"])
def test_deep_pitting_or_bad_circulation_makes_a_gross_oedema_grade_four(sign):
    signs = {"pitting": "no", "circulation": "no"} | {sign: "yes"}
    assert openinfusion.calc("infiltration", oedema="16 cm", leaked="other", **signs)["result"]["value"] == "4"
    made = openinfusion.calc("infiltration", oedema="3 cm", leaked="other", **signs)
    assert made["result"]["value"] == "2"


@pytest.mark.parametrize("leaked", ["blood-product", "irritant", "vesicant"])
def test_what_leaked_is_grade_four_at_any_size_and_the_size_stands_beside_it(leaked):
    for oedema, grade in SIZES[1:]:
        made = openinfusion.calc("infiltration", oedema=oedema, pitting="no", circulation="no", leaked=leaked)
        assert (made["result"]["value"], made["results"]["grade_by_size"]["value"]) == ("4", str(grade))
        assert "calc.infiltration-by-drug" in {one["code"] for one in made["findings"]}


def test_an_unknown_drug_leaves_the_grade_open():
    made = openinfusion.calc("infiltration", oedema="3 cm", pitting="no", circulation="no")
    said = next(one["params"] for one in made["findings"] if one["code"] == "calc.grade-open")
    assert (said["least"]["value"], said["most"]["value"], said["missing"]) == ("2", "4", ["harmful"])


EXTRAVASATION = ("pain", "blanching", "slow_refill", "cool", "blistering")
SWELLING = ("none", "minimal", "mild", "marked")


def extravasation_by_hand(signs):
    """CCJM table 1, the highest row of which one sign is there that sets it apart."""
    if signs["swelling"] == "marked" or signs["cool"] or signs["blistering"]:
        return 4
    if signs["blanching"] or signs["slow_refill"]:
        return 3
    return 2 if signs["swelling"] == "mild" else 1 if signs["pain"] or signs["swelling"] == "minimal" else 0


def test_every_set_of_signs_has_its_extravasation_grade_and_the_class_goes_first():
    for swelling in SWELLING:
        for row in itertools.product((True, False), repeat=len(EXTRAVASATION)):
            signs = {"swelling": swelling, **dict(zip(EXTRAVASATION, row, strict=True))}
            made = openinfusion.calc("extravasation", **signs)
            assert int(made["result"]["value"]) == extravasation_by_hand(signs), signs
            assert "calc.extravasation-class-first" in {one["code"] for one in made["findings"]}


@given(st.sampled_from((*SWELLING, None)), st.tuples(*[st.sampled_from(THREE)] * len(EXTRAVASATION)))
def test_an_extravasation_grade_never_hangs_on_what_nobody_looked_for(swelling, row):
    signs = dict(zip(EXTRAVASATION, row, strict=True))
    made = asked("extravasation", {"swelling": swelling, **signs})
    tries = itertools.product(
        (swelling,) if swelling else SWELLING, *((there,) if there is not None else (True, False) for there in signs.values())
    )
    grades = {extravasation_by_hand(dict(zip(("swelling", *EXTRAVASATION), one, strict=True))) for one in tries}
    if made["result"] is not None:
        assert grades == {int(made["result"]["value"])}
    else:
        said = next(one["params"] for one in made["findings"] if one["code"] == "calc.grade-open")
        assert (int(said["least"]["value"]), int(said["most"]["value"])) == (min(grades), max(grades))


@pytest.mark.parametrize("name", ["vip", "phlebitis", "infiltration", "extravasation"])
def test_with_nothing_looked_for_there_is_no_grade(name):
    made = openinfusion.calc(name)
    assert made["result"] is None
    assert "calc.grade-open" in {one["code"] for one in made["findings"]}
