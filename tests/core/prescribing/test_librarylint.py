"""What is wrong with a drug library is found line by line, and nothing is corrected."""

import pytest
from pydantic import ValidationError

from openinfusion.core.canonical import Json
from openinfusion.core.codes import CODES
from openinfusion.core.prescribing.library_shape import Line
from openinfusion.core.prescribing.librarylint import lint
from tests.core.prescribing.test_druglibrary import BOLUS, PRESSOR, library

SIGNED: dict[str, Json] = {"reason": "titrated to effect", "signed_by": ["prescriber", "pharmacist"], "date": "2026-11-30"}


def found(*lines: dict[str, Json]) -> list[str]:
    return [finding.code for _, finding in lint(library(*lines))]


def with_dose(**bounds: str) -> dict[str, Json]:
    return {**PRESSOR, "dose": {**bounds}}


def test_a_sound_library_has_no_findings():
    assert found(PRESSOR, BOLUS) == []


def test_a_missing_hard_maximum_is_found_unless_two_roles_signed_that_there_is_none():
    assert found(with_dose(soft_max="1 mg/h")) == ["library-line.no-hard-maximum"]
    assert found({**with_dose(soft_max="1 mg/h"), "no_hard_maximum": SIGNED}) == []
    assert found({**PRESSOR, "no_hard_maximum": SIGNED}) == ["library-line.both-maximum-and-none"]
    assert found({name: value for name, value in PRESSOR.items() if name != "dose"}) == ["library-line.no-dose-bounds"]


@pytest.mark.parametrize("signed_by", [["prescriber"], ["prescriber", "prescriber"], ["prescriber", "pharmacist", "nurse"]])
def test_one_role_is_not_two(signed_by):
    with pytest.raises(ValidationError):
        Line.model_validate({**PRESSOR, "no_hard_maximum": {**SIGNED, "signed_by": signed_by}})


@pytest.mark.parametrize("missing", ["reason", "signed_by", "date"])
def test_a_statement_of_no_hard_maximum_is_whole(missing):
    with pytest.raises(ValidationError, match=missing):
        Line.model_validate({**PRESSOR, "no_hard_maximum": {name: value for name, value in SIGNED.items() if name != missing}})


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ({"soft_min": "2 mg/h", "soft_max": "1 mg/h", "hard_max": "4 mg/h"}, "library-line.inverted"),
        ({"hard_min": "2 mg/h", "hard_max": "1500 ug/h"}, "library-line.inverted"),
        ({"soft_max": "2 mg/h", "hard_max": "1 mg/h"}, "library-line.soft-outside-hard"),
        ({"soft_min": "1 mg/h", "hard_min": "2 mg/h", "hard_max": "3 mg/h"}, "library-line.soft-outside-hard"),
    ],
)
def test_ranges_the_wrong_way_round_are_found(bounds, code):
    assert found(with_dose(**bounds)) == [code]


def test_equal_bounds_are_no_range_the_wrong_way_round():
    assert found(with_dose(soft_min="1 mg/h", soft_max="1 mg/h", hard_max="1 mg/h")) == []


def test_a_standard_container_outside_its_own_line_is_found():
    # 8 mg in 250 mL are 32 ug/mL, inside 16 to 64; 8 mg in 50 mL are 160 ug/mL, above 64 and 128
    assert found({**PRESSOR, "standard": {"amount": "8 mg", "volume": "250 mL"}}) == []
    assert found({**PRESSOR, "standard": {"amount": "8 mg", "volume": "50 mL"}}) == ["library-line.standard-outside"] * 2
    assert found({**PRESSOR, "standard": {"amount": "8 [iU]", "volume": "50 mL"}}) == ["library-line.standard-not-comparable"]
    large: dict[str, Json] = {**PRESSOR, "volume": {"hard_max": "100 mL"}, "standard": {"amount": "8 mg", "volume": "250 mL"}}
    assert found(large) == ["library-line.standard-outside"]


def test_lines_that_an_order_cannot_tell_apart_are_found():
    again: dict[str, Json] = {**PRESSOR, "id": "again", "drug": " EXAMPLE  pressor"}
    ((entry, finding),) = lint(library(PRESSOR, again))
    assert (entry.line.id, finding.code, finding.params["other"], finding.params["at"]) == ("again", "library-line.repeated", "pressor", 7)
    assert found(PRESSOR, {**again, "use": "other use"}) == []
    assert found(PRESSOR, {**again, "standard": {"amount": "8 mg", "volume": "250 mL"}}) == []


@pytest.mark.parametrize(
    ("part", "bounds"),
    [
        ("dose", {"hard_max": "1 mg/kg"}),  # a flow has a time in its unit
        ("dose", {"hard_max": "1 min"}),
        ("dose", {"hard_max": "1 mg/h", "soft_max": "1 mL/h"}),
        ("dose", {"hard_max": "-1 mg/h"}),
        ("dose", {"hard_max": "0 mg/h"}),
        ("dose", {}),
        ("duration", {"hard_max": "1 mL"}),
        ("concentration", {"hard_max": "1 mg"}),
        ("volume", {"hard_max": "1 mg"}),
        ("weight", {"hard_max": "1 g"}),
        ("rate", {"hard_max": "1 mg"}),
    ],
)
def test_bounds_in_units_of_another_kind_or_below_zero_do_not_load(part, bounds):
    with pytest.raises(ValidationError):
        Line.model_validate({**PRESSOR, part: bounds})


@pytest.mark.parametrize("bag", [{"amount": "8 mL", "volume": "50 mL"}, {"amount": "8 mg", "volume": "50 mg"},
                                 {"amount": "0 mg", "volume": "50 mL"}, {"amount": "8 mg", "volume": "0 mL"}])  # fmt: skip
def test_a_container_is_an_amount_in_a_volume(bag):
    with pytest.raises(ValidationError):
        Line.model_validate({**PRESSOR, "standard": bag})


def test_every_finding_has_its_parameters_in_the_table():
    lines: list[dict[str, Json]] = [
        with_dose(soft_max="2 mg/h"),
        with_dose(soft_max="2 mg/h", hard_max="1 mg/h"),
        {**with_dose(soft_min="3 mg/h", hard_max="1 mg/h"), "standard": {"amount": "8 mg", "volume": "50 mL"}},
    ]
    for _, finding in lint(library(*lines)):
        assert set(finding.params) == set(CODES[finding.code]), finding.code
