"""A worked patient is read strictly, and a wrong expectation is said, not forgiven."""

from dataclasses import replace
from pathlib import Path

import pytest

from openinfusion.core.errors import ProtocolError
from openinfusion.core.patient import Answer
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.cases import Case, Expected, Result, differences, read_cases, worked
from openinfusion.protocols.load import Library, LoadedProtocol, from_canonical, load_library, load_protocol
from tests.protocols.conftest import Edit


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


@pytest.fixture(scope="module")
def crohn(library: Library, infliximab: LoadedProtocol) -> Case:
    """5 mg/kg for 71 kg: 355 mg, from 4 vials, over 2 h."""
    return read_cases(infliximab, library.reference)[0]


BROKEN = {
    "a comma in a weight": ("weight: 71 kg", "weight: 71,5 kg", "comma"),
    "a weight without a unit": ("weight: 71 kg", "weight: '71'", "has no unit"),
    "a weight in litres": ("weight: 71 kg", "weight: 71 L", "not a unit for this field"),
    "an undeclared field": ("weight: 71 kg", "wieght: 71 kg", '"wieght" is not declared'),
    "a field that is worked out": ("weight: 71 kg", "age: 40 a", "is worked out"),
    "an unknown code": ("lab.hbv: negative", "lab.hbv: maybe", "not one of the codes"),
    "a moment without a zone": (
        "facts: {birth_date: 2021-06-01, weight: 18 kg}",
        "facts: {birth_date: 2021-06-01, last_dose_at: 2027-01-01T09:00}",
        "no zone",
    ),
    "an unknown choice": ("dose_rule: escalated, diluent: sodium-chloride-0.9%, final_volume: 500 mL", "dose_ruel: escalated", "dose_ruel"),
    "an unknown result": ("waste: {value: 45 mg,", "wastes: {value: 45 mg,", "wastes"),
    "a number without a citation": (
        "dose: {value: 355 mg, sources: [{cite: inflix-120ty, at: 'highlights, dosage (excerpt)'}], working: 5 mg/kg x 71 kg}",
        "dose: {value: 355 mg}",
        "the expected dose has no source",
    ),
    "a citation of nothing": ("working: 4 x 100 mg - 355 mg", "working: none, sources: [{cite: hearsay, at: x}]", "stands twice"),
    "both forms at once": ("{value: '4', sources", "{value: '4', values: ['4'], sources", "either value or values"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_case_that_is_not_plain_is_refused_at_its_line(name: str, edit: Edit, library: Library) -> None:
    old, new, wrong = BROKEN[name]
    loaded = load_protocol(edit((old, new), file="cases.yaml"))
    with pytest.raises(ProtocolError) as refused:
        read_cases(loaded, library.reference)
    assert any(wrong in problem and "/cases.yaml:" in problem for problem in refused.value.problems), refused.value.problems


def test_a_protocol_without_cases_is_a_problem_and_one_from_the_archive_has_none(
    edit: Edit, library: Library, infliximab: LoadedProtocol
) -> None:
    folder: Path = edit()
    (folder / "cases.yaml").unlink()
    with pytest.raises(ProtocolError, match="the file is missing"):
        read_cases(load_protocol(folder), library.reference)
    assert read_cases(from_canonical(infliximab.canonical), library.reference) == ()


def test_facts_for_all_cases_hold_unless_a_case_says_otherwise_or_was_not_asked(library: Library) -> None:
    cases = {case.name: case for case in read_cases(library.protocols["iv-rituximab"], library.reference)}
    first = cases["lymphoma, 90 kg and 160 cm, first infusion"]
    assert first.facts.facts["weight"].value == Quantity(90, "kg")
    assert "weight" not in cases["weight never measured"].facts.facts
    assert cases["weight two months old"].facts.facts["weight"].at < first.at
    assert first.facts.facts["allergy"].value is Answer.NONE_KNOWN


WRONG = {
    Result.DOSE: "356 mg",
    Result.CONTAINERS: "5",
    Result.WASTE: "44 mg",
    Result.VOLUME: "251 mL",
    Result.CONCENTRATION: "1.43 mg/mL",
    Result.RATES: "126 mL/h",
    Result.DURATION: "119 min",
    Result.OBSERVATION: "61 min",
    Result.VERDICT: "banned",
    Result.FINDINGS: "screen.contraindication:under-6",
    Result.COURSE: "2027-03-01",
}


@pytest.mark.parametrize("result", WRONG)
def test_a_plan_that_differs_from_the_hand_is_said(result: Result, crohn: Case, infliximab: LoadedProtocol, library: Library) -> None:
    made = worked(crohn, infliximab, library.reference.fields)
    assert differences(crohn, made) == ()
    (difference,) = differences(replace(crohn, expect={result: Expected(value=WRONG[result])}), made)
    assert difference.startswith(f"{crohn.name}: {result.value}: expected {WRONG[result]}, planned ")


def test_an_absent_result_is_told_apart_from_a_present_one(crohn: Case, infliximab: LoadedProtocol, library: Library) -> None:
    made = worked(crohn, infliximab, library.reference.fields)
    nothing = {Result.DOSE: Expected(values=()), Result.BOLUS: Expected(values=())}
    assert len(differences(replace(crohn, expect=nothing), made)) == 1


def test_the_same_amount_in_another_unit_is_the_same(crohn: Case, infliximab: LoadedProtocol, library: Library) -> None:
    made = worked(crohn, infliximab, library.reference.fields)
    expect = {Result.DOSE: Expected(value="0.355 g"), Result.DURATION: Expected(value="2 h")}
    assert differences(replace(crohn, expect=expect), made) == ()
