"""A body with its places and the height of a block: every mark inside the drawing, left where the patient's left is, words for each."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.app.present.body_picture import HEIGHT, LEVELS, MIDDLE, WIDTH, Spot, block_picture, body_picture, height_of, where

PARTS = (
    *("hand", "forearm", "elbow", "upper-arm", "deltoid", "chest", "abdomen", "lateral-hip", "ventrogluteal", "thigh"),
    *("anterolateral-thigh", "vastus-lateralis"),
)
CODES = st.builds(
    lambda part, side, first: f"{side}-{part}" if first else f"{part}-{side}",
    st.sampled_from(PARTS),
    st.sampled_from(("left", "right")),
    st.booleans(),
)


@settings(max_examples=20)
@given(st.lists(CODES, min_size=1, max_size=6, unique=True))
def test_each_place_has_its_number_on_its_side_of_the_body_and_its_words(codes: list[str]) -> None:
    svg = ET.fromstring(body_picture([Spot(n, code, f"place {n} <&>") for n, code in enumerate(codes, 1)]))
    circles = [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in svg.iter() if one.tag.endswith("circle")]
    assert len(circles) == len(codes)
    for code, (x, y) in zip(codes, circles, strict=True):
        assert 0 < x < WIDTH
        assert 0 < y < HEIGHT
        assert (x > MIDDLE) == ("left" in code)
    said = "".join(one.text or "" for one in svg.iter() if one.tag.endswith("desc"))
    assert all(f"{n}: place {n} <&>" in said for n in range(1, len(codes) + 1))


@pytest.mark.parametrize(("code", "drawn"), [("L3-L4", "back"), ("left-hand", "front"), ("thigh", ""), ("behind the ear", ""), ("", "")])
def test_what_is_not_known_is_not_drawn_anywhere(code: str, drawn: str) -> None:
    found = where(code)
    assert (found[0] if found else "") == drawn
    assert bool(body_picture([Spot(1, code, "words")])) == bool(drawn)


def test_dermatomes_run_down_in_their_order_inside_the_drawing() -> None:
    heights = [height_of(level) for level in LEVELS]
    assert heights == sorted(heights)
    assert heights[0] > 0
    assert heights[-1] < HEIGHT


def test_a_block_says_both_sides_and_how_it_was_tested_and_is_hatched_from_its_level_down() -> None:
    svg = block_picture("T8", "T10", "cold")
    assert "Height of the block: left T8, right T10 (cold)" in svg
    tops = [float(one.split('"')[0]) for one in svg.split('y="')[1:] if "url(#hatched)" in one.split("/>")[0]]
    assert sorted(round(top, 1) for top in tops) == [round(height_of("T8"), 1), round(height_of("T10"), 1)]
    assert "left –" in block_picture("", "T10", "")
    assert block_picture("", "somewhere", "") == ""
