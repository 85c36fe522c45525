"""Walks the registry: whatever a calculator names is there - words, tables, sources with their tier - and its inputs can be met."""

import pytest

from openinfusion.app.calculators import calculation, calculators, figures_of, rooms, table_of
from openinfusion.app.present.calculators import MESSAGES, STEPS, TITLES
from openinfusion.core.calculation import WISHES
from openinfusion.core.calculator import InputKind
from openinfusion.core.calculators import CODES, OPERATIONS, ROOMS
from openinfusion.core.figure import Source
from openinfusion.core.prescribing import citations
from openinfusion.protocols.load import load_reference

EVERY = list(calculators().values())
NAMED_BY_THE_ISSUE = {
    *("drop-rate", "drop-volume", "drop-to-flow", "flow-rate", "infusion-time", "completion-time", "admixture-rate"),
    *("weight-conversion", "body-surface-area", "body-mass-index", "ideal-body-weight", "adjusted-body-weight", "lean-body-weight"),
    *("fat-free-mass", "creatinine-clearance", "carboplatin-calvert", "maintenance-fluid", "iron-deficit", "burn-fluid"),
    *("mean-arterial-pressure", "qtc"),
}


def by_name(one):
    return one.name


def test_nothing_is_named_twice_and_every_room_is_walked():
    named = [one.name for room in ROOMS for one in room.CALCULATORS]
    assert sorted(named) == sorted(set(named)) == sorted(one.name for held in rooms().values() for one in held)
    assert set(named) >= NAMED_BY_THE_ISSUE
    operations = [name for room in ROOMS for name in room.OPERATIONS]
    codes = [name for room in ROOMS for name in room.CODES]
    assert sorted(operations) == sorted(set(operations))
    assert sorted(codes) == sorted(set(codes))


def test_every_calculator_has_a_title_every_operation_a_line_every_code_a_message():
    assert set(TITLES) == set(calculators())
    assert set(STEPS) == set(OPERATIONS)
    assert set(MESSAGES) == set(CODES)


def test_a_message_that_refuses_says_what_to_do():
    refusing = {code: message for code, message in MESSAGES.items() if "Nothing was worked out." in message.safe}
    assert [code for code, message in refusing.items() if not message.do and not message.extras] == []


@pytest.mark.parametrize("one", EVERY, ids=by_name)
def test_its_inputs_results_and_ways_have_names_of_their_own(one):
    asked = [declared.name for declared in one.inputs]
    assert len(asked) == len(set(asked))
    assert set(asked).isdisjoint(WISHES)
    assert {name for group in one.ways for way in group for name in way} <= set(asked)
    assert len(one.results) == len({given.name for given in one.results}) > 0
    assert one.formula
    assert all(name.isidentifier() and name.islower() for name in (*asked, *(given.name for given in one.results)))


@pytest.mark.parametrize("one", EVERY, ids=by_name)
def test_its_inputs_can_be_met(one):
    for asked in one.inputs:
        assert bool(asked.units) is (asked.kind is InputKind.QUANTITY), asked.name
        assert bool(asked.choices) is (asked.kind is InputKind.CHOICE) or asked.is_list, asked.name
        for bound in (asked.least, asked.most):
            assert bound is None or bound.dimensions in asked.dimensions, asked.name
        assert not asked.assumed or asked.assumed in asked.units, asked.name


@pytest.mark.parametrize("one", EVERY, ids=by_name)
def test_its_tables_are_there_and_every_figure_in_them_has_a_source(one):
    for name in one.tables:
        assert table_of(name).name == name
        assert [key for key, figure in figures_of(name).items() if not figure.sources] == []


def _cited() -> set[Source]:
    held = (getattr(citations, name) for name in dir(citations))
    named = {source for value in held if isinstance(value, tuple) for source in value if isinstance(source, Source)}
    return named | {source for one in EVERY for source in one.sources}


def test_every_source_stands_in_the_evidence_with_its_tier():
    known = load_reference().publications
    wrong = [(one.cite, one.tier, known[one.cite].tier if one.cite in known else None) for one in _cited()]
    assert [row for row in wrong if row[1] != row[2]] == []


@pytest.mark.parametrize("one", EVERY, ids=by_name)
def test_with_nothing_entered_it_refuses_and_says_what_is_needed_or_never_refuses(one):
    made = calculation(one.name, {})
    if one.never_refuses:
        assert made.primary is not None
    else:
        assert made.primary is None
        assert made.findings
    assert {found.code for found in made.findings} <= set(CODES)


@pytest.mark.parametrize("one", EVERY, ids=by_name)
def test_it_asks_for_nothing_that_it_was_not_given(one):
    made = calculation(one.name, {"no_such_input": "5 mL"})
    assert "no_such_input" in {found.params.get("name") for found in made.findings}
