"""Who should not have it: unknown is never a pass, and every hit is said with its source."""

from datetime import timedelta

import pytest

from openinfusion.core.finding import Finding, Level, Verdict
from openinfusion.core.part import Region
from openinfusion.core.patient import Answer
from openinfusion.core.prescribing.eligibility import Stage, screen
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from tests.core.prescribing.therapies import (
    FIELDS,
    NOW,
    SOURCE,
    SOURCES,
    choice,
    codes,
    compare,
    facts,
    figure,
    planned,
    screen_rule,
    therapy,
    without,
)

INFECTION = screen_rule("infection", {"field": "infected", "is": "true"}, until="infected")


def screened(protocol: Protocol, known=None, stage: Stage = "order", rules=(), **chosen) -> dict[str, Finding]:
    found = screen(protocol, rules, facts() if known is None else known, choice(**chosen), stage, FIELDS, NOW)
    return {finding.code: finding for finding in found}


def test_a_contraindication_that_holds_is_found_with_its_sources_and_what_lifts_it():
    found = screened(therapy(contraindications=[INFECTION]), facts(infected=True))["screen.contraindication"]
    assert found == Finding("screen.contraindication", Level.CONTRAINDICATED, {"rule": "infection"}, SOURCES, "infection", "infected")


def test_a_contraindication_that_does_not_hold_is_silent():
    assert screened(therapy(contraindications=[INFECTION]), facts(infected=False)) == {}


@pytest.mark.parametrize("known", [facts(), facts(infected=Answer.UNKNOWN)])
def test_a_contraindication_of_which_the_fact_is_unknown_is_missing_and_names_the_field(known):
    found = screened(therapy(contraindications=[INFECTION]), known)["screen.unknown"]
    assert (found.level, found.params["fields"]) == (Level.MISSING, ("infected",))


def test_an_informative_rule_that_was_not_asked_stays_information():
    rule = screen_rule("elderly", {"field": "infected", "is": "true"}, "info")
    assert screened(therapy(cautions=[rule]))["screen.not-asked"].level is Level.INFO


def test_a_general_rule_is_asked_for_every_protocol():
    rule = screen_rule("consent-refused", {"field": "consent", "is": "false"})
    assert screened(therapy(), facts(consent=False), rules=(rule,))["screen.general"].level is Level.CONTRAINDICATED


def test_what_is_asked_on_the_day_is_announced_in_the_order_and_demanded_at_the_start():
    rule = screen_rule("consent-refused", {"field": "consent", "is": "false"}, before="start")
    assert screened(therapy(), rules=(rule,))["screen.asked-at-start"].level is Level.INFO
    assert screened(therapy(), stage="start", rules=(rule,))["screen.unknown"].level is Level.MISSING


def test_a_need_of_the_start_defers_the_rules_that_ask_for_the_same_field():
    needs = [{"id": "answer", "field": "infected", "before": "start", "sources": [SOURCE]}]
    protocol = therapy(needs=needs, contraindications=[INFECTION])
    assert set(screened(protocol)) == {"fact.asked-at-start", "screen.asked-at-start"}
    assert set(screened(protocol, stage="start")) == {"fact.missing", "screen.unknown"}


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (without(facts(), "weight"), "fact.missing"),
        (facts(weight=Answer.UNKNOWN), "fact.unknown"),
        (facts(at=NOW - timedelta(days=31)), "fact.stale"),  # the test's field allows 30 days
    ],
)
def test_a_needed_fact_is_missing_whether_never_asked_not_known_or_too_old(known, code):
    protocol = therapy(needs=[{"id": "weighed", "field": "weight", "before": "order", "sources": [SOURCE]}])
    assert screened(protocol, known)[code].params["field"] == "weight"


def test_allergy_to_an_ingredient_contraindicates_and_allergy_never_asked_is_missing():
    assert screened(therapy(), facts(allergy=("latex", "drug")))["screen.allergy"].params == {"ingredient": "drug"}
    assert screened(therapy(), without(facts(), "allergy"))["fact.missing"].params == {"field": "allergy"}
    assert screened(therapy(), facts(allergy=Answer.UNKNOWN))["fact.unknown"].params == {"field": "allergy"}
    assert screened(therapy(), facts(allergy=Answer.NONE_KNOWN)) == {}


def test_a_withdrawn_protocol_cannot_be_ordered():
    assert planned(therapy(legal="withdrawn")).verdict is Verdict.BANNED


def test_an_indication_that_the_protocol_does_not_have_is_contraindicated_and_none_is_missing():
    assert screened(therapy(), indication="other")["order.indication-not-in-protocol"].level is Level.CONTRAINDICATED
    assert screened(therapy(), indication="")["order.indication-missing"].level is Level.MISSING


def test_a_product_outside_the_protocol_is_contraindicated():
    protocol = therapy(drug={"generic": "d", "drug_class": "c", "ingredients": ["drug"], "products": ["Brand"]})
    assert screened(protocol, product="Other")["order.product-not-in-protocol"].level is Level.CONTRAINDICATED
    assert screened(protocol, product="Brand") == {}


def test_with_the_region_unset_a_rule_of_any_region_holds_and_with_another_region_it_does_not():
    rule = screen_rule("eu-only", {"field": "infected", "is": "true"}, regions=["EU"])
    protocol, known = therapy(contraindications=[rule]), facts(infected=True)
    assert screened(protocol, known)["screen.stricter-region"].level is Level.CONTRAINDICATED
    assert screened(protocol, known, region=Region.EU)["screen.contraindication"].level is Level.CONTRAINDICATED
    assert screened(protocol, known, region=Region.US) == {}


def test_a_rule_of_an_open_region_whose_fact_is_unknown_too_is_missing_the_fact():
    protocol = therapy(contraindications=[screen_rule("eu-only", {"field": "infected", "is": "true"}, regions=["EU"])])
    assert screened(protocol)["screen.unknown"].params["fields"] == ("region", "infected")


def test_a_rule_may_ask_for_the_dose_per_body_mass_that_follows_from_the_order():
    high = {"all": [compare("heart_class", ">=", "3"), compare("dose_per_kg", ">", "4 mg/kg")]}
    protocol = therapy(contraindications=[screen_rule("heart", high)])
    assert "screen.contraindication" in codes(planned(protocol, facts(heart_class=Quantity(3, "1"))))
    assert "screen.contraindication" not in codes(planned(protocol, facts(heart_class=Quantity(2, "1"))))


def test_a_route_ban_holds_only_for_the_diluent_it_names():
    ban = {"id": "no-iv", "route": "IV", "diluent": "lidocaine", "sources": [SOURCE]}
    protocol = therapy(
        route_bans=[ban], preparation={"diluents": ["lidocaine", "saline"], "final_volume": figure("250 mL"), "sources": [SOURCE]}
    )
    assert screened(protocol, diluent="lidocaine")["order.route-banned"].level is Level.BANNED
    assert screened(protocol, diluent="saline") == {}
    assert screened(protocol, diluent="milk")["order.diluent-not-in-protocol"].level is Level.CONTRAINDICATED


def test_a_diluent_that_contradicts_the_reconstitution_is_refused_and_the_one_that_is_drawn_counts():
    ways = [
        {"id": "in-lidocaine", "holds": figure("1000 mg"), "diluent": "lidocaine", "add": figure("3.5 mL"), "gives": figure("4.1 mL")},
        {"id": "in-water", "holds": figure("1000 mg"), "diluent": "water", "add": figure("3.5 mL"), "gives": figure("4.1 mL")},
    ]
    allergic = {
        "id": "no-lidocaine", "level": "contraindicated", "when": {"field": "diluent", "is": "lidocaine"}, "sources": [SOURCE],
    }  # fmt: skip
    protocol = therapy(
        delivery="injection", rates=[{"id": "hand", "shape": "single_injection"}], contraindications=[allergic],
        preparation={"diluents": ["lidocaine", "water"], "reconstitutions": ways, "sources": [SOURCE]},
    )  # fmt: skip
    both = screened(protocol, diluent="water", reconstitution="in-lidocaine")["order.diluent-not-of-reconstitution"]
    assert both.level is Level.BANNED
    assert "screen.contraindication" in screened(protocol, reconstitution="in-lidocaine")
    assert screened(protocol, diluent="water", reconstitution="in-water") == {}


def test_an_emergency_protocol_shows_everything_and_blocks_nothing():
    protocol = therapy(emergency=True, contraindications=[INFECTION], legal="withdrawn")
    made = planned(protocol, without(facts(), "weight", "allergy"))
    assert {"screen.unknown", "fact.missing", "order.withdrawn"} <= codes(made)
    assert made.verdict is Verdict.INFO
