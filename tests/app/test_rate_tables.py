"""A rate table as people and programs read it: times as hours and minutes, nothing rounded in silence, and a drawing that stands alone."""

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.app.present import clock_text, drawing_of, row_words
from openinfusion.app.present.rate_tables import rate_table_json, rate_table_lines
from openinfusion.core.prescribing.rate_table import RateTable
from openinfusion.core.quantity import Quantity
from tests.core.prescribing.test_rate_table import BY_HAND, OPEN_VOLUME, PORTIONS, SHAPES, table
from tests.core.prescribing.therapies import LADDER, ON_DEMAND, SOURCE, figure

SVG = "{http://www.w3.org/2000/svg}"
AROUND: dict[str, Any] = {"preparation": {**OPEN_VOLUME, "priming": figure("20 mL"), "flush": figure("25 mL")}}


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "0:00"), (30, "0:30"), (255, "4:15"), (1500, "25:00"), (Fraction(1, 2), "0:00:30"), (Fraction(100, 3), "0:33:20")],
)
def test_a_time_after_the_start_is_hours_and_minutes(minutes, text):
    assert clock_text(Quantity(Fraction(minutes), "min")) == text


def test_a_time_that_is_no_whole_second_is_marked():
    assert clock_text(Quantity(Fraction(20000, 111), "min")) == "≈ 3:00:11"  # 100 mL at 33.3 mL/h


def test_each_row_says_the_volume_and_what_is_given_by_then():
    lines = list(rate_table_lines(table("500 mL", rates=[LADDER])))
    assert lines[0] == "1. 0:00 to 0:30: Flow 25 mL/h (50 mg/h), 12.5 mL; 12.5 mL given"
    assert lines[-1] == "End: 4:15 after the start, 500 mL given"


def test_what_does_not_count_as_given_says_so():
    lines = list(rate_table_lines(table(**AROUND)))
    assert lines == [
        "Fill the line: 20 mL, not counted as given",
        "1. 0:00 to 2:00: Flow 125 mL/h, 250 mL; 250 mL given",
        "2:00 to 2:12: Flush 125 mL/h, 25 mL; 250 mL given",
        "End: 2:00 after the start, 250 mL given",
        "With the flush: 2:12",
        "In the container: 270 mL",
    ]


def test_rounded_drops_stand_beside_what_the_plan_asks_for():
    (line, _) = rate_table_lines(table(drop_factor="20 [drp]/mL"))
    assert "= 42 drops/min, which is 126 mL/h (the plan asks for ≈ 41.667 drops/min)" in line
    row = row_words(table(drop_factor="20 [drp]/mL"))[0]
    assert (row.drops, row.by_drops) == ("42 drops/min", "126 mL/h")
    assert "= 125 drops/min, 250 mL" in next(rate_table_lines(table(drop_factor="60 [drp]/mL")))


def test_a_flow_too_slow_for_a_drop_a_minute_is_never_shown_as_none():
    slow = table("2 mL", drop_factor="10 [drp]/mL", doses=[{"id": "flat", "basis": "flat", "amount": figure("10 mg"), "sources": [SOURCE]}])
    row = row_words(slow)[0]  # 2 mL in 2 h is 1 mL/h, a drop each six minutes
    assert (row.drops, row.by_drops) == ("fewer than 1 drop/min; too slow to count", "")


def test_json_has_exact_values_and_null_for_what_is_not_there():
    told = rate_table_json(table(drop_factor="60 [drp]/mL"))
    assert isinstance(told, dict)
    rows = told["rows"]
    assert isinstance(rows, list)
    row = rows[0]
    assert isinstance(row, dict)
    assert (row["kind"], row["volume"], row["given"]) == ("flow", {"value": "250", "unit": "mL"}, {"value": "250", "unit": "mL"})
    assert (row["per_site"], told["container"]) == (None, None)
    assert rate_table_json(None) is None


def texts(svg: str) -> list[str]:
    return [found.text or "" for found in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_drawing_is_whole_svg_with_a_title_and_a_description_that_its_root_names():
    drawing = drawing_of(table("500 mL", rates=[LADDER]), name="here")
    root = ET.fromstring(drawing)
    named = {child.get("id"): child.text for child in root if child.tag in (f"{SVG}title", f"{SVG}desc")}
    assert str(root.get("aria-labelledby")).split() == list(named)
    assert root.get("role") == "img"
    assert named["here-description"] == (
        "The rate goes from 25 mL/h to 200 mL/h in 8 steps. After 4:15 500 mL are given. Each number stands in the table."
    )


def test_a_drawing_has_no_colour_of_its_own_so_it_reads_in_black():
    drawing = drawing_of(table("500 mL", rates=[LADDER]))
    assert "#" not in drawing
    assert "rgb" not in drawing
    assert 'style="' not in drawing  # the pages' policy lets no style through


def test_both_panels_name_what_they_show_and_in_which_unit():
    said = texts(drawing_of(table(**AROUND)))
    assert {"Rate, mL/h", "Volume given, mL", "Time after the start, h:min", "flush"} <= set(said)


def test_boluses_are_marked_with_their_volume():
    demand = {**ON_DEMAND, "basal": figure("4 mL/h")}
    assert "10 mL" in texts(drawing_of(table(rates=[demand], delivery="patient_controlled")))


def test_where_nothing_flows_over_time_there_is_no_drawing():
    assert drawing_of(table(**SHAPES["single_injection"])) == ""


def test_portions_by_hand_are_drawn_as_steps_of_volume():
    more = {**BY_HAND, "doses": [{"id": "flat", "basis": "flat", "amount": figure("2400 mg"), "sources": OPEN_VOLUME["sources"]}]}
    said = texts(drawing_of(table(rates=[PORTIONS], **more)))
    assert "Volume given, mL" in said
    assert "Rate, mL/h" not in said


def points(drawing: str) -> Iterator[tuple[float, float]]:
    line = next(one for one in ET.fromstring(drawing).iter(f"{SVG}polyline") if one.get("class") == "given")
    for pair in str(line.get("points")).split():
        x, y = pair.split(",")
        yield float(x), float(y)


@given(volume=st.fractions(1, 3000, max_denominator=20), shape=st.sampled_from(["fixed_duration", "explicit_steps", "fraction_of_dose"]))
def test_the_line_of_the_volume_never_falls_and_stays_inside_the_drawing(volume, shape):
    found: RateTable = table(f"{Quantity(volume, 'mL').text} mL" if "/" not in Quantity(volume, "mL").text else "250 mL", **SHAPES[shape])
    drawing = drawing_of(found)
    seen = list(points(drawing))
    root = ET.fromstring(drawing)
    assert all(earlier[0] <= later[0] and earlier[1] >= later[1] for earlier, later in itertools.pairwise(seen))
    assert all(0 <= x <= float(str(root.get("width"))) and 0 <= y <= float(str(root.get("height"))) for x, y in seen)
