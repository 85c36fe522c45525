"""Reactions of published reports and of the criteria papers are recognised; what looks alike and is not stays silent."""

from pathlib import Path

import pytest
import yaml

import openinfusion

FOLDER = Path(__file__).parent / "reactions"


def cases(name):
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))["cases"]


def entered(case):
    # YAML reads a bare `none` as text and "yes" in quotes as text: what a person types.
    return {name: str(value) for name, value in case["inputs"].items()}


def judged(case):
    made = openinfusion.calc("reaction", **entered(case))
    assert made["status"] == "ok"
    words = {name: one["value"] for name, one in made["results"].items()}
    grades = {one["params"]["term"]: one["params"]["grade"] for one in made["findings"] if one["code"] == "calc.reaction-graded"}
    unknown = [one["params"]["word"] for one in made["findings"] if one["code"] == "calc.reaction-unknown-word"]
    left = [one["params"] for one in made["findings"] if one["code"] == "calc.left-out"]
    return words, grades, unknown, left


RECOGNISED = [*cases("reports"), *cases("criteria")]
SILENT = cases("near-misses")


@pytest.mark.parametrize("case", RECOGNISED, ids=lambda case: case["id"])
def test_a_published_reaction_is_judged_as_its_signs_are_by_each_standard(case):
    words, grades, unknown, left = judged(case)
    assert unknown == left == []
    assert {name: words[name] for name in case["expect"]} == case["expect"]
    assert {term: grades.get(term) for term in case.get("grades", {})} == case.get("grades", {})
    assert "epinephrine_dose" in words


@pytest.mark.parametrize("case", SILENT, ids=lambda case: case["id"])
def test_what_meets_no_criterion_opens_no_emergency_path(case):
    words, grades, unknown, left = judged(case)
    assert left == []
    assert unknown == (["small-pupils"] if case["id"] == "small-pupils-under-opioid" else [])
    assert (words["anaphylaxis"], words["wao_2020"], words["niaid_2006"]) == ("not-met", "not-met", "not-met")
    assert "epinephrine_dose" not in words
    assert words["action"] != "stop_for_good"
    assert {term: grades.get(term) for term in case.get("grades", {})} == case.get("grades", {})


def test_there_are_thirty_cases_of_each_kind_and_each_published_one_is_cited():
    assert len(RECOGNISED) >= 30
    assert len(SILENT) >= 30
    assert all(case["cite"]["title"] and case["cite"]["url"].startswith("http") for case in RECOGNISED)
    names = [case["id"] for case in (*RECOGNISED, *SILENT)]
    assert len(names) == len(set(names))
    assert all(case["why"] for case in SILENT)
