"""The picture of a syringe: the edge of the plunger exactly at the dose, numbers that can be read, and the same said in words."""

import re
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.app.present.syringe_picture import SCALE, WIDTH, ZERO, position, syringe_picture
from openinfusion.core.prescribing.syringe import Drawn, ToDraw, choose, draw, lines, reading
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Syringe, Syringes
from openinfusion.protocols.load import load_reference

LOADED = load_reference().tables["syringes-1"]
assert isinstance(LOADED, Syringes)
TABLE: Syringes = LOADED
BY_ID = {one.id: one for one in TABLE.syringes}
U100 = Quantity(100, "[iU]/mL")
SVG = "{http://www.w3.org/2000/svg}"


def drawn(name: str, volume: Fraction | str) -> Drawn:
    return draw(BY_ID[name], ToDraw(Quantity(volume, "mL"), concentration=U100))


def picture(name: str, volume: Fraction | str) -> ET.Element:
    return ET.fromstring(syringe_picture(drawn(name, volume), TABLE.wording["en"][name]))


def said(svg: ET.Element, part: str) -> str:
    return svg.findtext(f"{SVG}{part}") or ""


def edges(svg: ET.Element) -> tuple[float, float, float]:
    """Where the filled part ends, where the stopper begins, and where the pointer stands."""
    filled, stopper = svg.findall(f"{SVG}rect")
    pointer = next(path.get("d", "") for path in svg.findall(f"{SVG}path") if re.match(r"M[\d.]+ \d+ V14\d", path.get("d", "")))
    return ZERO + float(filled.get("width", "nan")), float(stopper.get("x", "nan")), float(pointer[1:].split()[0])


def scale(svg: ET.Element) -> list[float]:
    """The places of the lines, from the tip."""
    found = (re.fullmatch(r"M([\d.]+) \d+ v\d+", path.get("d", "")) for path in svg.findall(f"{SVG}path"))
    return [float(match[1]) for match in found if match]


def numbers(svg: ET.Element) -> dict[str, float]:
    texts = [text for text in svg.findall(f"{SVG}text") if re.fullmatch(r"[\d.]+", text.text or "")]
    return {text.text or "": float(text.get("x", "nan")) for text in texts}


def test_the_edge_of_the_plunger_stands_on_the_line_of_the_dose():
    svg = picture("syringe-3", "1.3")
    # 13 of 30 lines of a scale that is 520 long and begins at 90: 90 + 520 x 13 / 30 = 315.333
    assert edges(svg) == pytest.approx((315.333, 315.333, 315.333))
    assert scale(svg)[13] == 315.333


def test_a_dose_between_two_lines_is_drawn_between_them_and_said_so():
    svg = picture("syringe-5", "3.7")
    assert scale(svg)[18] < edges(svg)[0] < scale(svg)[19]
    assert said(svg, "desc").endswith("is at 3.7 mL, between 3.6 mL and 3.8 mL; the nearest line is 3.8 mL.")


def test_the_picture_is_named_and_described_for_people_who_do_not_see_it():
    svg = picture("u100-50", "0.34")
    assert svg.get("role") == "img"
    assert said(svg, "title").endswith("with a line at every unit. The plunger is at 34 units (0.34 mL).")
    assert said(svg, "desc") == (
        "One line at every 1 unit, a number at every 5 units. The front edge of the plunger is at 34 units (0.34 mL), on line 34 from zero."
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("syringe-1", "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1"),
        ("syringe-3", "0 0.5 1 1.5 2 2.5 3"),
        ("syringe-5", "0 1 2 3 4 5"),
        ("syringe-10", "0 1 2 3 4 5 6 7 8 9 10"),
        ("syringe-10-by-half", "0 1 2 3 4 5 6 7 8 9 10"),
        ("syringe-20", "0 2 4 6 8 10 12 14 16 18 20"),
        ("syringe-60", "0 10 20 30 40 50 60"),
        ("u100-30-half", "0 5 10 15 20 25 30"),  # every 5th unit is numbered on 30 and 50 unit syringes, every 10th on those of 100
        ("u100-30", "0 5 10 15 20 25 30"),
        ("u100-50", "0 5 10 15 20 25 30 35 40 45 50"),
        ("u100-100", "0 10 20 30 40 50 60 70 80 90 100"),
    ],
)
def test_every_scale_is_numbered_from_zero_to_what_the_syringe_holds(name, expected):
    syringe = BY_ID[name]
    svg = picture(name, syringe.capacity.quantity.to("mL").value)
    assert list(numbers(svg)) == expected.split()
    assert len(scale(svg)) == lines(syringe) + 1
    places = list(numbers(svg).values())
    assert all(right - left >= 50 for left, right in pairwise(places))  # three digits of 20 px are 40 px wide


def test_nothing_is_drawn_of_a_dose_that_cannot_be_measured():
    assert syringe_picture(choose(TABLE.syringes, ToDraw(Quantity(61, "mL"))), "any") == ""
    assert syringe_picture(draw(BY_ID["u100-50"], ToDraw(Quantity("0.1", "mL"))), "any") == ""


def test_a_name_cannot_put_marks_of_its_own_into_the_picture():
    assert "<script>" not in syringe_picture(drawn("syringe-3", "1"), "<script>")


def full_scale(syringe: Syringe) -> st.SearchStrategy[tuple[Syringe, Fraction]]:
    most = syringe.capacity.quantity.to("mL").value
    return st.tuples(st.just(syringe), st.fractions(syringe.step.value, most, max_denominator=1000))


@given(st.sampled_from(TABLE.syringes).flatmap(full_scale))
def test_every_dose_stands_where_its_share_of_the_scale_ends(case):
    syringe, volume = case
    svg = picture(syringe.id, volume)
    wanted = float(ZERO + SCALE * volume / syringe.capacity.quantity.to("mL").value)
    assert edges(svg) == pytest.approx((wanted, wanted, wanted), abs=0.0006)
    assert all(0 <= place <= WIDTH for place in (*edges(svg), *scale(svg)))


@given(st.fractions(0, 1), st.fractions(0, 1))
def test_the_place_of_the_plunger_is_a_straight_line_of_the_dose(one, other):
    assert position(one) - position(other) == SCALE * (one - other)


def test_the_number_at_a_line_is_its_place_on_the_scale():
    svg = picture("u100-100", "0.5")
    full = reading(BY_ID["u100-100"], Quantity(1, "mL")).value
    assert all(place == float(position(Fraction(text) / full)) for text, place in numbers(svg).items())
