"""Whatever the text, it is read or refused as Malformed; and no fact ever holds a value that does not stand in the Bundle."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.core.errors import Malformed
from openinfusion.core.quantity import Quantity
from openinfusion.interop.fhir.bundle import BundleFacts, read_bundle
from openinfusion.protocols.code_maps import Use
from openinfusion.protocols.load import load_library
from tests.interop.bundles_of import KG, NOW, allergy, bundle, condition, fields, observation, patient, weight

SOURCE = bundle(
    patient(),
    weight(id="w"),
    weight({**KG, "value": 72.5}, at="2027-01-05", id="v"),
    observation("82810-3", id="o", valueCodeableConcept={"coding": [{"system": "http://snomed.info/sct", "code": "60001007"}]}),
    allergy("91936005", id="a"),
    condition("59621000", id="c"),
)
EXAMPLE = (Path(__file__).parents[2] / "examples" / "fhir-iv-infliximab.json").read_text(encoding="utf-8")
WORDS = ["Bundle", "Patient", "Observation", "collection", "final", "kg", "2027-02-20", "29463-7", "http://loinc.org", "Patient/p", "", "x"]
NAMES = [
    "resourceType",
    "type",
    "entry",
    "resource",
    "status",
    "code",
    "coding",
    "system",
    "value",
    "unit",
    "valueQuantity",
    "subject",
    "reference",
]
NAMES += ["id", "patient", "component", "effectiveDateTime", "birthDate", "name", "contained", "link", "meta"]

leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=8)
tree = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6), max_leaves=12
)
resource = st.fixed_dictionaries(
    {
        "resourceType": st.sampled_from(
            ["Patient", "Observation", "Condition", "AllergyIntolerance", "MedicationRequest", "MedicationStatement"]
        )
    },
    optional=dict.fromkeys(NAMES[3:], tree),
)


def read_or_refuse(text: str) -> BundleFacts | None:
    """None for text that is refused; any other failure fails the test."""
    try:
        return read_bundle(text, fields(), NOW)
    except Malformed:
        return None


def leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def stands_in(text: str, found: BundleFacts) -> bool:
    """Whether each fact's value is a number, a day or the meaning of a code that is written in the text."""
    written = [one for one in leaves(json.loads(text, parse_float=Decimal, parse_int=Decimal)) if one is not None]
    numbers = {Fraction(one) for one in written if isinstance(one, Decimal)}
    texts = {one.strip() for one in written if isinstance(one, str)}
    known = [(use, row) for (use, _, _, code), row in load_library().reference.codes.items() if code in texts]
    meant = {(row.field, row.value) for _, row in known}
    substances = {one for use, row in known if use is Use.ALLERGY and isinstance(row.value, tuple) for one in row.value}
    for fact in found.facts:
        match fact.value:
            case Quantity() as amount:
                held = amount.value in numbers
            case date() as day:
                held = day.isoformat() in texts
            case tuple() as codes:
                held = set(codes) <= substances
            case str() as code:  # an Answer too: the sex that is "unknown", the allergy that is "none-known"
                held = code in texts or (fact.field, code) in meant
            case bool() as answer:
                held = (fact.field, answer) in meant or any(one is answer for one in written)
        if not held:
            return False
    return True


@given(st.text(max_size=60) | tree.map(json.dumps))
@settings(max_examples=50, deadline=None)
def test_any_text_is_read_or_refused(text):
    read_or_refuse(text)


@given(st.lists(resource, max_size=3))
@settings(max_examples=25, deadline=None)
def test_any_resources_are_read_or_refused_and_give_nothing_that_is_not_there(resources):
    text = bundle(*resources)
    found = read_or_refuse(text)
    assert found is None or stands_in(text, found)


@pytest.mark.parametrize("source", [SOURCE, EXAMPLE], ids=["small", "example"])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_bundle_that_was_cut_off_is_refused(source, data):
    whole = source.rstrip()
    assert read_or_refuse(whole[: data.draw(st.integers(0, len(whole) - 1))]) is None


def spots(value: object) -> Iterator[tuple[Any, str | int]]:
    """Every place of a tree that can be changed: its object or list, and its name or number there."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield value, key
        yield from spots(inner)


@pytest.mark.parametrize("source", [SOURCE, EXAMPLE], ids=["small", "example"])
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_bundle_gives_nothing_that_is_not_there(source, data):
    changed = json.loads(source)
    for _ in range(data.draw(st.integers(1, 3))):
        around, key = data.draw(st.sampled_from(list(spots(changed))))
        if data.draw(st.booleans()):
            around[key] = data.draw(tree)
        else:
            del around[key]
    text = json.dumps(changed)
    found = read_or_refuse(text)
    assert found is None or stands_in(text, found)


def test_the_check_itself_sees_a_value_that_is_not_there():
    found = read_bundle(SOURCE, fields(), NOW)
    assert stands_in(SOURCE, found)
    assert not stands_in(SOURCE.replace("72.5", "73"), found)
    assert not stands_in(SOURCE.replace("91936005", "1"), found)
