"""Conditions are three-valued: an unknown fact makes a rule unknown unless the other facts decide it alone. Nothing is guessed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.condition import (
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    Condition,
    Not,
    Truth,
    Within,
    explain,
    fields_of,
    read_condition,
    write_condition,
)
from openinfusion.core.figure import Figure
from openinfusion.core.patient import Answer, Fact, FactValue, FieldKind, FieldSpec, PatientFacts
from openinfusion.core.quantity import Quantity

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
NAMES = ("a", "b", "c")
FIELDS = {
    **{name: FieldSpec(name, FieldKind.BOOLEAN, "check_in") for name in NAMES},
    "weight": FieldSpec("weight", FieldKind.QUANTITY, "check_in", "kg", maximum_age=Quantity(30, "d")),
    "allergy": FieldSpec("allergy", FieldKind.CODES, "registration", codes=("egg", "latex")),
    "product": FieldSpec("product", FieldKind.CODE, "order", codes=("Rituxan", "Truxima")),
}
SOURCES = [{"cite": "label", "at": "section 2", "tier": "A"}]
WEIGHTS = {Truth.FALSE: 0, Truth.UNKNOWN: 1, Truth.TRUE: 2}

leaves = st.builds(Compare, st.sampled_from(NAMES), st.just(Comparison.EQUAL), st.booleans())
conditions: st.SearchStrategy[Condition] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(AllOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
answers = st.dictionaries(st.sampled_from(NAMES), st.one_of(st.booleans(), st.just(Answer.UNKNOWN)))


def knowing(**values: FactValue) -> PatientFacts:
    return PatientFacts.of(Fact(name, value, NOW) for name, value in values.items())


def figure(value: str, unit: str) -> Figure:
    return Figure.model_validate({"value": value, "unit": unit, "sources": SOURCES})


def kleene(condition: Condition, known: dict[str, FactValue]) -> int:
    """An oracle of its own: false 0, unknown 1, true 2; and is the least, or the greatest, not the mirror image."""
    match condition:
        case Compare(field=name, operand=operand):
            value = known.get(name)
            return 1 if value in (None, Answer.UNKNOWN) else 2 if value == operand else 0
        case AllOf(parts=parts):
            return min(kleene(part, known) for part in parts)
        case AnyOf(parts=parts):
            return max(kleene(part, known) for part in parts)
        case Not(part=part):
            return 2 - kleene(part, known)
        case _:
            raise AssertionError(condition)


@given(conditions, answers)
def test_truth_is_that_of_kleenes_logic(condition: Condition, known: dict[str, FactValue]) -> None:
    assert WEIGHTS[explain(condition, knowing(**known), FIELDS, NOW).truth] == kleene(condition, known)


@given(conditions, answers, answers)
def test_more_knowledge_never_turns_a_decision_round(condition: Condition, known: dict[str, FactValue], more: dict[str, FactValue]) -> None:
    decided = explain(condition, knowing(**known), FIELDS, NOW).truth
    told = {name: value for name, value in known.items() if value is not Answer.UNKNOWN}
    later = explain(condition, knowing(**{**more, **told}), FIELDS, NOW).truth
    assert decided is Truth.UNKNOWN or later is decided


@given(conditions, answers)
def test_an_unknown_condition_names_what_is_missing_and_a_decided_one_nothing(condition: Condition, known: dict[str, FactValue]) -> None:
    why = explain(condition, knowing(**known), FIELDS, NOW)
    assert bool(why.missing) is (why.truth is Truth.UNKNOWN)
    assert set(why.missing) <= set(fields_of(condition))


@given(conditions)
def test_a_condition_reads_back_as_written(condition: Condition) -> None:
    assert read_condition(write_condition(condition)) == condition


@pytest.mark.parametrize(
    "condition",
    [
        Compare("weight", Comparison.AT_LEAST, figure("30", "kg")),
        Compare("product", Comparison.IN, ("Rituxan", "Truxima")),
        Compare("allergy", Comparison.ANY_OF, ("egg",)),
        Compare("product", Comparison.EQUAL, "Truxima"),
        Within("weight", figure("24", "h")),
    ],
)
def test_every_shape_reads_back_as_written(condition: Condition) -> None:
    assert read_condition(write_condition(condition)) == condition


@pytest.mark.parametrize(
    "raw",
    [
        "weight > 30",
        {},
        {"field": "weight"},
        {"field": "weight", "op": ">", "value": "30", "unit": "kg"},
        {"field": "weight", "op": "~", "value": "30", "unit": "kg", "sources": SOURCES},
        {"field": "a", "is": "true", "note": "x"},
        {"all": [{"field": "a", "is": "true"}], "any": []},
        {"within": {"field": "weight"}},
        {"eval": "True"},
        {"field": "product", "in": "Truxima"},
        {"field": "product", "in": []},
        {"field": "allergy", "any_of": "egg"},
    ],
)
def test_nothing_outside_the_grammar_is_read(raw: object) -> None:
    with pytest.raises(ValueError, match=r"a condition is|validation error"):
        read_condition(raw)


@pytest.mark.parametrize(
    ("op", "expected"), [("<", "false"), ("<=", "true"), (">", "false"), (">=", "true"), ("==", "true"), ("!=", "false")]
)
def test_equality_lies_where_the_sign_says_whatever_the_unit(op: str, expected: str) -> None:
    facts = knowing(weight=Quantity(30, "kg"))
    pounds = Quantity(30, "kg").to("[lb_av]")
    compare = Compare("weight", Comparison(op), figure(pounds.text, "[lb_av]"))
    assert explain(compare, facts, FIELDS, NOW).truth == expected


@pytest.mark.parametrize(
    ("allergy", "expected"),
    [(("egg", "latex"), Truth.TRUE), (("latex",), Truth.FALSE), (Answer.NONE_KNOWN, Truth.FALSE), (Answer.UNKNOWN, Truth.UNKNOWN)],
)
def test_no_known_allergy_is_an_answer_and_an_unknown_one_is_not(allergy: FactValue, expected: Truth) -> None:
    compare = Compare("allergy", Comparison.ANY_OF, ("egg",))
    assert explain(compare, knowing(allergy=allergy), FIELDS, NOW).truth is expected


def test_a_stale_fact_is_unknown() -> None:
    old = PatientFacts.of([Fact("weight", Quantity(71, "kg"), NOW - timedelta(days=31))])
    why = explain(Compare("weight", Comparison.MORE, figure("50", "kg")), old, FIELDS, NOW)
    assert (why.truth, why.missing) == (Truth.UNKNOWN, ("weight",))


@pytest.mark.parametrize(("hours", "expected"), [(24, Truth.TRUE), (25, Truth.FALSE)])
def test_within_asks_how_old_a_fact_is(hours: int, expected: Truth) -> None:
    facts = PatientFacts.of([Fact("weight", Quantity(71, "kg"), NOW - timedelta(hours=hours))])
    assert explain(Within("weight", figure("24", "h")), facts, FIELDS, NOW).truth is expected
    assert explain(Within("weight", figure("24", "h")), PatientFacts(), FIELDS, NOW).truth is Truth.UNKNOWN


def test_an_undeclared_field_is_an_error_and_never_false() -> None:
    with pytest.raises(KeyError):
        explain(Compare("shoe_size", Comparison.EQUAL, operand=True), PatientFacts(), FIELDS, NOW)


@pytest.mark.parametrize("odd", [True, "heavy", Quantity(70, "mL"), ("egg",), NOW])
def test_a_value_of_another_kind_than_its_figure_is_unknown_and_never_a_pass(odd):
    """Recording is never refused, so a wrong kind may stand in the record; no rule may then be passed, and nothing may break down."""
    light = Compare("weight", Comparison.LESS, figure("100", "kg"))
    why = explain(light, knowing(weight=odd), FIELDS, NOW)
    assert (why.truth, why.missing) == (Truth.UNKNOWN, ("weight",))
    assert explain(Not(light), knowing(weight=odd), FIELDS, NOW).truth is Truth.UNKNOWN
