"""How a scale is written: rows that rise without a gap, values on their edges, bands, grades by signs that may be unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from openinfusion.core.figure import Figure, Source, Tier
from openinfusion.core.quantity import Quantity
from openinfusion.core.scoring import Band, Grade, Need, Parameter, Points, band_of, graded

READ = (Source(cite="a-chart", at="table 1", tier=Tier.B),)


def figure(value: int | str, unit: str = "{score}") -> Figure:
    return Figure(quantity=Quantity(value, unit), sources=READ)


def row(points: int, *, least: int | None = None, above: int | None = None) -> Points:
    bounds = {name: figure(at, "/min") for name, at in (("least", least), ("above", above)) if at is not None}
    return Points(points=figure(points), **bounds)


def test_a_row_holds_its_least_and_not_what_it_is_above() -> None:
    parameter = Parameter(name="hr", rows=(row(2), row(0, least=50), row(1, above=120)))
    at = {beats: parameter.points(Quantity(beats, "/min")).quantity.value for beats in ("49.9", "50", "120", "120.1")}
    assert at == {"49.9": 2, "50": 0, "120": 0, "120.1": 1}


@pytest.mark.parametrize(
    "rows",
    [
        (row(1, least=9),),  # nothing below 9
        (row(1), row(2)),  # two rows from the lowest on
        (row(1), row(2, least=20), row(3, least=10)),
        (row(1), row(2, least=20), row(3, least=20)),
    ],
)
def test_rows_that_leave_a_gap_or_do_not_rise_are_refused(rows: tuple[Points, ...]) -> None:
    with pytest.raises(ValidationError, match="leave a gap"):
        Parameter(name="rr", rows=rows)


def test_a_value_is_read_to_the_step_half_up_and_left_alone_without_one() -> None:
    whole = Parameter(name="rr", step=figure(1, "/min"), rows=(row(0),))
    assert whole.read(Quantity("8.5", "/min")) == Quantity(9, "/min")
    assert Parameter(name="rr", rows=(row(0),)).read(Quantity("8.5", "/min")) == Quantity("8.5", "/min")


def test_a_word_scores_its_row() -> None:
    parameter = Parameter(name="acvpu", rows=(Points(words=("A",), points=figure(0)), Points(words=("C", "V"), points=figure(3))))
    assert parameter.points_of_word("V").quantity == Quantity(3, "{score}")
    assert parameter.possible == {0, 3}
    with pytest.raises(KeyError):
        parameter.points_of_word("X")


@given(st.integers(0, 20))
def test_a_total_is_in_the_last_band_that_has_begun(total: int) -> None:
    bands = tuple(Band(name=name, lowest=figure(at)) for name, at in (("none", 0), ("low", 1), ("medium", 5), ("high", 7)))
    expected = "high" if total >= 7 else "medium" if total >= 5 else "low" if total >= 1 else "none"
    assert band_of(reversed(bands), Quantity(total, "{score}")).name == expected


def grade(name: str, points: int, *needs: Need) -> Grade:
    return Grade(name=name, points=figure(points), needs=needs)


GRADES = (
    grade("one", 1, Need(of=("pain", "redness"), at_least=1)),
    grade("two", 2, Need(of=("pain", "redness"))),
    grade("three", 3, Need(of=("pain", "redness")), Need(of=("cord", "pus"), at_least=1)),
)
SIGNS = ("pain", "redness", "cord", "pus")


def test_the_highest_grade_whose_needs_are_met_is_taken() -> None:
    made = graded(reversed(GRADES), dict.fromkeys(SIGNS, True))
    assert made.least is made.most is GRADES[2]
    assert made.is_settled


def test_what_nobody_looked_for_opens_the_grade_only_where_it_counts() -> None:
    open_one = graded(GRADES, {"pain": True, "redness": True, "cord": None, "pus": False})
    assert (open_one.least, open_one.most, open_one.unknown) == (GRADES[1], GRADES[2], ("cord",))
    closed = graded(GRADES, {"pain": True, "redness": False, "cord": None, "pus": None})
    assert closed.is_settled
    assert closed.least is GRADES[0]


def test_no_grade_is_settled_only_when_every_sign_was_looked_for() -> None:
    assert graded(GRADES, dict.fromkeys(SIGNS, False)).is_settled
    assert not graded(GRADES, dict.fromkeys(SIGNS, False) | {"pus": None}).is_settled


@given(st.dictionaries(st.sampled_from(SIGNS), st.sampled_from([True, False, None]), min_size=4))
def test_a_sign_more_never_lowers_a_grade(signs: dict[str, bool | None]) -> None:
    def number(held: dict[str, bool | None]) -> int:
        made = graded(GRADES, held).least
        return 0 if made is None else int(made.points.quantity.value)

    assert all(number(signs | {name: True}) >= number(signs) for name in SIGNS)
