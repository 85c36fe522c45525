"""The JSON of an outcome: decimal text, and a published rate only with what makes it readable."""

from dataclasses import replace
from fractions import Fraction

from openinfusion.app.outcomes import outcome_json, written
from openinfusion.core.outcome import Outcome
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.load import load_all
from tests.core.monitoring.cast import after, protocol_with, running

PLAIN = Outcome(as_ordered=True, delivered_share=Fraction(1), reactions=(), duration=Quantity(90, "min"), published=())


def test_numbers_are_decimal_text_or_value_and_unit():
    assert written(PLAIN) == {
        "as_ordered": True,
        "delivered_share": "1",
        "reactions": [],
        "duration": {"value": "90", "unit": "min"},
        "published": None,
    }
    assert written(replace(PLAIN, delivered_share=Fraction(1, 3)))["delivered_share"] == "0.333333333333"


def test_a_therapy_with_printable_evidence_shows_it_with_its_denominator_and_sources():
    protocol = load_all()["ep-labour"].protocol
    shown = outcome_json(running(), protocol, after(10))["published"]
    assert isinstance(shown, dict)
    assert (shown["outcome"], shown["n"], shown["rate"]) == (
        "failed-epidural",
        500,
        {"value": "0.152", "unit": "1"},
    )  # fea-2021: 15.2 % of 500
    assert shown["sources"]
    assert shown["population"]


def test_a_therapy_without_printable_evidence_shows_none():
    assert outcome_json(running(), protocol_with(), after(10))["published"] is None
