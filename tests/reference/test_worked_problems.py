"""Worked problems of nursing textbooks and papers, in our words: a second arithmetic agrees with the answer, and so does the calculator.

What was printed is kept beside the answer where it differs: rounded too early, 2.2 pounds to the kilogram, or plainly wrong.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import cast

import pytest
import yaml

import openinfusion
from tests.reference.by_hand import NotArithmetic, by_hand, rounded

FOLDER = Path(__file__).parent / "problems"
KINDS = {"textbook", "course", "paper", "page"}
OPEN_LICENCES = ("CC BY", "work of the United States government")
WHYS = {"rounding", "conversion", "error", "form"}  # too early or too coarse; 2.2 lb; wrong; asked or said another way
MIDNIGHT = "HH:MM"
TWELVE_DIGITS = 10**11  # an inexact value is written with twelve significant digits

Tree = dict[str, "Tree"] | list["Tree"] | str


def tree_of(name: str) -> Tree:
    return cast("Tree", yaml.load((FOLDER / name).read_text(encoding="utf-8"), Loader=yaml.BaseLoader))


def rows() -> Iterator[dict[str, Tree]]:
    for file in sorted(FOLDER.glob("*.yaml")):
        if file.name != "sources.yaml":
            yield from cast("list[dict[str, Tree]]", tree_of(file.name))


PROBLEMS = tuple(rows())
SOURCES = cast("dict[str, dict[str, str]]", tree_of("sources.yaml"))
OPEN = {name for name, source in SOURCES.items() if source.get("open") == "true"}
BY_ID = [pytest.param(problem, id=str(problem["id"])) for problem in PROBLEMS]


def texts(problem: dict[str, Tree], name: str) -> Mapping[str, str]:
    return cast("Mapping[str, str]", problem[name])


@pytest.mark.parametrize("problem", BY_ID)
def test_answer_and_calculator_give_what_the_arithmetic_by_hand_gives(problem):
    answer = texts(problem, "answer")
    expected = by_hand(str(problem["by_hand"]))
    if answer["unit"] == MIDNIGHT:
        hours, minutes = answer["value"].split(":")
        assert expected == int(hours) * 60 + int(minutes)
    else:
        assert Fraction(answer["value"]) == (rounded(expected, answer["rounded_to"]) if "rounded_to" in answer else expected)
    worked = openinfusion.calc(
        str(problem["calc"]), **{"as_" if name == "as" else name: text for name, text in texts(problem, "inputs").items()}
    )
    assert worked["status"] == "ok", worked["findings"]
    result = worked["result"]
    if answer["unit"] == MIDNIGHT:
        assert result["rounded"] == answer["value"]
    else:
        assert result["unit"] == answer["unit"]
        assert abs(Fraction(result["value"]) - expected) <= (0 if result["exact"] else expected / TWELVE_DIGITS)
    if "finding" in problem:
        assert problem["finding"] in {finding["code"] for finding in worked["findings"]}


def test_every_problem_names_a_described_source_its_place_and_why_the_print_differs():
    for problem in PROBLEMS:
        _is_described(problem)


def _is_described(problem):
    source = SOURCES[str(problem["source"])]
    assert source["kind"] in KINDS
    assert source["title"]
    assert source["licence"]
    assert source["url"].startswith("http")
    assert problem["at"]
    assert str(problem["question"]).endswith("?")
    if "published" in problem:
        published = texts(problem, "published")
        assert published["note"].endswith(".")
        assert (published["printed"] == "not seen") == ("why" not in published)
        assert published.get("why", "error") in WHYS


def test_no_source_is_listed_without_a_problem_and_no_problem_stands_twice():
    assert set(SOURCES) == {problem["source"] for problem in PROBLEMS}
    assert max(Counter(str(problem["id"]) for problem in PROBLEMS).values()) == 1
    assert max(Counter(str(problem["question"]) + str(problem["source"]) for problem in PROBLEMS).values()) == 1


@pytest.mark.parametrize("name", sorted(OPEN))
def test_an_open_textbook_is_a_textbook_under_an_open_licence(name):
    assert SOURCES[name]["kind"] == "textbook"
    assert SOURCES[name]["licence"].startswith(OPEN_LICENCES)


def test_at_least_a_hundred_and_fifty_problems_of_open_nursing_textbooks_have_a_printed_answer_that_was_read():
    printed = [one for one in PROBLEMS if "published" not in one or texts(one, "published")["printed"] != "not seen"]
    asked = {(str(one["source"]), str(one["calc"]), str(one["inputs"])) for one in printed if one["source"] in OPEN}
    assert len(asked) >= 150  # the same figures twice in one book count once


@pytest.mark.parametrize(
    "text", ["open('x')", "(1).real", "a + 1", "2 ** 0.5", "True + 1", "[1]", "'1'", "1 if 1 else 2", "7 // 2", "sqrt(2, 3)"]
)
def test_by_hand_refuses_what_is_not_arithmetic(text):
    with pytest.raises(NotArithmetic):
        by_hand(text)


def test_by_hand_keeps_decimals_exact_and_takes_roots_to_forty_places():
    assert by_hand("0.1 + 0.2") == Fraction(3, 10)
    assert abs(by_hand("sqrt(2)") ** 2 - 2) < Fraction(1, 10**39)
    assert rounded(Fraction("2.35"), "0.1") == Fraction("2.4")  # rounding table: half up; binary floats give 2.3
