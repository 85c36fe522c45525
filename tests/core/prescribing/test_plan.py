"""The plan joins all rooms; the same order gives the same plan, and every finding is in the table of codes."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.codes import CODES, OPERATIONS, OPTIONAL
from openinfusion.core.finding import Level, Verdict
from openinfusion.core.part import Region
from openinfusion.core.patient import Answer
from openinfusion.core.prescribing.plan import Change, changed, plan
from openinfusion.core.prescribing.practice import DEFAULT_PRACTICE, Practice, WeightChange
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Plausibility
from tests.core.prescribing.therapies import (
    FIELDS,
    FLAT,
    LADDER,
    NOW,
    ON_DEMAND,
    PER_AREA,
    PER_MASS,
    RANGE,
    SINGLE,
    SOURCE,
    TWO_HOURS,
    choice,
    codes,
    compare,
    facts,
    figure,
    limit,
    planned,
    screen_rule,
    therapy,
    without,
)


def test_a_plain_order_has_a_whole_plan_and_nothing_to_say():
    made = planned(therapy())
    assert (made.protocol, made.version, made.content_hash, made.verdict) == ("iv-made-up", "1.0.0", "hash", Verdict.NONE)
    assert (made.dose.amount, made.rates.duration, made.concentration) == (Quantity(355, "mg"), Quantity(2, "h"), Quantity("1.42", "mg/mL"))


def test_the_heaviest_finding_comes_first_and_none_twice():
    rules = [screen_rule("one", {"field": "infected", "is": "true"}), screen_rule("two", {"field": "infected", "is": "true"}, "caution")]
    made = planned(therapy(contraindications=rules, limits=[limit("most", "dose", "<=", "1 mg")]), facts(infected=True))
    assert [finding.level for finding in made.findings] == [Level.BANNED, Level.CONTRAINDICATED, Level.CAUTION]
    assert len(set(map(repr, made.findings))) == len(made.findings)


def test_the_site_region_holds_where_the_order_sets_none():
    protocol = therapy(limits=[limit("eu", "dose", "<=", "300 mg", regions=["EU"])])
    by_site = plan(protocol, "hash", (), facts(), choice(), FIELDS, NOW, Region.US)
    by_order = plan(protocol, "hash", (), facts(), choice(region=Region.EU), FIELDS, NOW, Region.US)
    assert (by_site.verdict, by_order.verdict) == (Verdict.NONE, Verdict.BANNED)


PREMEDICATION = {
    "drug": "relief",
    "route": "PO",
    "mandatory": True,
    "before": figure("30 min"),
    "dose": figure("100 mg"),
    "sources": [SOURCE],
}


def test_premedication_that_holds_is_planned_and_one_that_may_hold_names_its_fact():
    rules = [
        {**PREMEDICATION, "id": "always"},
        {**PREMEDICATION, "id": "infected", "when": {"field": "infected", "is": "true"}},
        {**PREMEDICATION, "id": "later", "when": compare("infusion_number", ">=", "2")},
    ]
    made = planned(therapy(premedication=rules))
    assert [(each.id, each.before, each.dose) for each in made.premedication] == [
        ("always", Quantity(30, "min"), Quantity(100, "mg")),
        ("infected", Quantity(30, "min"), Quantity(100, "mg")),
    ]
    assert codes(made) == {"premedication.undecided"}


def test_of_several_observations_the_longest_that_may_hold_is_planned():
    rules = [
        {"id": "short", "lasting": figure("20 min"), "authority": "site_policy", "sources": [SOURCE]},
        {
            "id": "first",
            "lasting": figure("1 h"),
            "authority": "protocol_minimum",
            "when": compare("infusion_number", "==", "1"),
            "sources": [SOURCE],
        },
        {"id": "eu", "lasting": figure("2 h"), "authority": "protocol_minimum", "regions": ["EU"], "sources": [SOURCE]},
    ]
    protocol = therapy(observation_after=rules)
    assert planned(protocol).observation == Quantity(2, "h")
    assert planned(protocol, region=Region.US).observation == Quantity(1, "h")
    assert planned(protocol, region=Region.US, infusion_number=2).observation == Quantity(20, "min")
    assert planned(therapy()).observation is None


def test_the_smallest_restart_factor_is_planned():
    rules = [
        {"id": "mild", "grades": [1], "action": "pause", "restart_factor": figure("0.75"), "sources": [SOURCE]},
        {"id": "more", "grades": [2], "action": "pause", "restart_factor": figure("0.5"), "sources": [SOURCE]},
    ]
    assert planned(therapy(reactions=rules)).restart_factor == Fraction(1, 2)
    assert planned(therapy()).restart_factor is None


def test_planning_again_with_the_weight_of_the_day_says_what_changed():
    signed, today = planned(therapy()), planned(therapy(limits=[]), facts(weight=Quantity(80, "kg")))
    assert changed(signed, signed) == ()
    assert changed(signed, today) == (
        Change("concentration", Quantity("1.42", "mg/mL"), Quantity("1.6", "mg/mL")),
        Change("dose.amount", Quantity(355, "mg"), Quantity(400, "mg")),
    )


def test_a_finding_that_came_or_went_or_changed_its_level_is_a_change():
    protocol = therapy(contraindications=[screen_rule("infection", {"field": "infected", "is": "true"})])
    before, after = planned(protocol, facts(infected=False)), planned(protocol, facts(infected=True))
    assert changed(before, after) == (Change("finding screen.contraindication:infection", None, "contraindicated"),)
    assert changed(after, before) == (Change("finding screen.contraindication:infection", "contraindicated", None),)


def test_a_dose_that_could_not_be_planned_any_more_is_a_change():
    signed, today = planned(therapy()), planned(therapy(), without(facts(), "weight"))
    assert Change("dose.amount", Quantity(355, "mg"), None) in changed(signed, today)


def test_the_bounds_of_a_plausible_weight_come_from_the_sites_table():
    sources = {"sources": [SOURCE]}
    table = Plausibility.model_validate(
        {
            "schema": "openinfusion.table/1", "name": "plausibility-1", "kind": "plausibility",
            "ranges": [{"id": "w", "field": "weight", "most": figure("70 kg"), "authority": "site_policy", **sources}],
            "weight_change": figure("20 %"), "pounds_per_kilogram": figure("2.2"), "pounds_tolerance": figure("5 %"),
            "keep_open_rate": figure("20 mL/h"),
        }
    )  # fmt: skip
    practice = Practice.among([table])
    assert Practice.among([]) == DEFAULT_PRACTICE
    assert practice.weight_change == WeightChange(Fraction(1, 5), Fraction("2.2"), Fraction(1, 20))
    made = plan(therapy(), "hash", (), facts(), choice(), FIELDS, NOW, practice=practice)
    assert (made.dose, "weight.implausible" in codes(made)) == (None, True)


WEIGHTS = st.sampled_from([Quantity(71, "kg"), Quantity(700, "kg"), Quantity(156, "[lb_av]"), Quantity(7, "kg"), Answer.UNKNOWN, None])
DOSES = st.sampled_from([PER_MASS, PER_AREA, FLAT, {**FLAT, "amount": figure("10 mL")}, RANGE, {**PER_MASS, "cap": figure("100 mg")}])
RATES = st.sampled_from([TWO_HOURS, LADDER, SINGLE, ON_DEMAND])
DELIVERIES = st.sampled_from(["intermittent_infusion", "injection", "patient_controlled"])
CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "dose_rule": st.sampled_from(["range", "flat", "nothing"]),
        "dose": st.sampled_from([Quantity(3, "mg/kg"), Quantity(100, "mg"), Quantity(5, "mL"), Quantity(9000, "mg")]),
        "rate": st.sampled_from([Quantity(100, "mL/h"), Quantity(5, "mg/h")]),
        "final_volume": st.sampled_from([Quantity(100, "mL"), Quantity(0, "mL"), Quantity(5, "mg")]),
        "whole_containers": st.booleans(),
        "infusion_number": st.integers(1, 4),
        "sites": st.integers(1, 3),
        "product": st.sampled_from(["", "Brand"]),
        "indication": st.sampled_from(["", "illness", "other"]),
        "region": st.sampled_from([None, Region.EU]),
        "phase": st.sampled_from(["", "once", "nothing"]),
    },
)
LIMITS = [
    limit("most", "dose", "<=", "400 mg", regions=["US"]),
    limit("heart", "dose_per_mass", "<=", "4 mg/kg", when=compare("heart_class", ">=", "3")),
    limit("rate", "dose_rate", "<=", "100 mg/h", "soft"),
    limit("day", "dose", "<=", "500 mg", window=figure("24 h")),
    limit("site", "volume_per_site", "<=", "5 mL"),
]


def any_therapy(dose, rate, delivery):
    return therapy(
        doses=[dose], rates=[rate], delivery=delivery, limits=LIMITS,
        contraindications=[screen_rule("infection", {"field": "infected", "is": "true"})],
        drug={"generic": "d", "drug_class": "c", "ingredients": ["drug"], "products": ["Brand"], "concentration": figure("10 mg/mL")},
    )  # fmt: skip


@given(WEIGHTS, DOSES, RATES, DELIVERIES, CHOICES)
def test_any_order_gives_a_plan_whose_findings_and_steps_are_in_the_tables(weight, dose, rate, delivery, chosen):
    known = without(facts(), "weight") if weight is None else facts(weight=weight)
    made = planned(any_therapy(dose, rate, delivery), known, **chosen)
    for finding in made.findings:
        assert set(finding.params) | OPTIONAL == set(CODES[finding.code]) | OPTIONAL, finding
    derivations = [part.derivation for part in (made.dose, made.rates) if part is not None]
    for step in (step for derivation in derivations for step in derivation.steps):
        assert tuple(name for name, _ in step.inputs) == OPERATIONS[step.operation]
    assert made == planned(any_therapy(dose, rate, delivery), known, **chosen)
    if weight in (None, Answer.UNKNOWN) and dose["basis"] != "flat":
        assert made.dose is None
    if made.dose is None or made.rates is None:
        assert any(finding.level.rank >= Level.MISSING.rank for finding in made.findings)


@pytest.mark.parametrize("days", [29, 30, 31])
def test_a_weight_older_than_its_field_allows_gives_no_dose(days):
    made = planned(therapy(), facts(at=NOW - timedelta(days=days)))
    assert (made.dose is None) is (days > 30)


def test_a_plan_is_a_value():
    assert replace(planned(therapy())) == planned(therapy())


@pytest.mark.parametrize(
    ("chosen", "field"),
    [
        ({"infusion_number": 0}, "infusion_number"),
        ({"infusion_number": -2}, "infusion_number"),
        ({"sites": 0}, "sites"),
        ({"sites": -1}, "sites"),
    ],
)
def test_a_count_that_no_order_can_mean_stops_the_work(chosen, field):
    made = planned(therapy(), **chosen)
    finding = next(finding for finding in made.findings if finding.code == "order.impossible-count")
    assert (made.dose, made.rates, finding.params["field"]) == (None, None, field)
    assert made.verdict is Verdict.INCOMPLETE


def test_what_an_earlier_order_said_is_not_taken_over():
    protocol = therapy(limits=[limit("brand", "dose", "<=", "300 mg", when={"field": "product", "is": "Brand"})])
    assert "dose.above-hard-limit" in codes(planned(protocol, facts(product="Other")))
