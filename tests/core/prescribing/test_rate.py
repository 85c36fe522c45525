"""How fast: every shape, in what a pump can be set to, and never a drop lost."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from openinfusion.core.finding import Level
from openinfusion.core.part import Region
from openinfusion.core.prescribing.order import RatePlan
from openinfusion.core.quantity import Quantity
from tests.core.prescribing.therapies import (
    FLAT,
    LADDER,
    ON_DEMAND,
    PER_MASS,
    SINGLE,
    SOURCE,
    TWO_HOURS,
    codes,
    compare,
    facts,
    figure,
    limit,
    planned,
    therapy,
)

OPEN_VOLUME = {"diluents": ["saline"], "sources": [SOURCE]}
LIQUID = {"generic": "d", "drug_class": "c", "ingredients": ["drug"], "concentration": figure("200 mg/mL")}


def stepped(volume: str = "500 mL", dose: str = "1000 mg", **parts):
    """A ladder of 50, 100 ... 400 mg/h for a dose in a volume."""
    protocol = therapy(doses=[{**FLAT, "amount": figure(dose)}], **{"rates": [LADDER], "preparation": OPEN_VOLUME, **parts})
    return planned(protocol, final_volume=Quantity.parse(volume))


def rows(rates: RatePlan) -> list[tuple[str, str, str]]:
    """Rate in mL/h, minutes and millilitres of each step."""
    return [(step.rate.text, step.lasts.to("min").text, step.volume.text) for step in rates.steps]


def test_a_fixed_duration_is_the_volume_over_the_time():
    rates = planned(therapy()).rates
    assert rows(rates) == [("125", "120", "250")]  # 250 mL / 2 h


def test_a_rate_between_two_pump_steps_goes_to_the_nearest_and_the_rest_changes_the_time():
    rates = planned(therapy(), final_volume=Quantity(251, "mL")).rates
    # 251 mL / 2 h = 125.5; 100 mL / 3 h = 33.33
    assert rates.steps[0].rate == Quantity("125.5", "mL/h")
    slow = planned(therapy(rates=[{**TWO_HOURS, "duration": figure("3 h")}]), final_volume=Quantity(100, "mL")).rates
    assert rows(slow) == [("33.3", "20000/111", "100")]  # 100 / 33.3 h
    assert [step.operation for step in slow.derivation.steps] == ["rate.pump-step", "rate.duration"]


def test_a_least_duration_turns_rounding_down():
    least = limit("least", "duration", ">=", "90 min")
    protocol = therapy(rates=[{**TWO_HOURS, "duration": figure("90 min")}], limits=[least])
    made = planned(protocol, final_volume=Quantity(100, "mL"))
    assert made.rates.steps[0].rate == Quantity("66.6", "mL/h")  # 66.67 would end after 89.96 min
    assert codes(made) == set()


def test_a_ladder_climbs_by_its_step_to_the_maximum_and_ends_when_the_bag_is_empty():
    made = stepped()
    # 1000 mg in 500 mL is 2 mg/mL: 50 mg/h is 25 mL/h; after seven half hours 350 mL are in, 150 mL at 200 mL/h take 45 min
    assert rows(made.rates) == [
        ("25", "30", "12.5"), ("50", "30", "25"), ("75", "30", "37.5"), ("100", "30", "50"),
        ("125", "30", "62.5"), ("150", "30", "75"), ("175", "30", "87.5"), ("200", "45", "150"),
    ]  # fmt: skip
    assert made.rates.duration == Quantity("4.25", "h")
    assert made.rates.steps[3].dose_rate == Quantity(200, "mg/h")
    assert made.concentration == Quantity(2, "mg/mL")


def test_a_small_bag_never_reaches_the_top_of_the_ladder():
    assert rows(stepped("20 mL", "40 mg").rates) == [("25", "30", "12.5"), ("50", "9", "7.5")]


def test_the_top_of_a_ladder_is_rounded_down_where_up_would_pass_it():
    made = stepped("700 mL", limits=[limit("top", "dose_rate", "<=", "400 mg/h")])
    # 400 mg/h at 1000/700 mg/mL is exactly 280 mL/h; at 1000/650 it is 260; at 1000/667 it is 266.8
    assert made.rates.steps[-1].rate == Quantity(280, "mL/h")
    odd = stepped("667.1 mL", limits=[limit("top", "dose_rate", "<=", "400 mg/h")])
    assert odd.rates.steps[-1].rate == Quantity("266.8", "mL/h")  # exactly 266.84
    high = stepped("667.2 mL", limits=[limit("top", "dose_rate", "<=", "400 mg/h")])
    assert high.rates.steps[-1].rate == Quantity("266.8", "mL/h")  # exactly 266.88: the nearest, 266.9, would be 400.03 mg/h
    assert codes(high) == set()


VOLUMES = st.integers(1, 20_000).map(lambda tenths: Quantity(Fraction(tenths, 10), "mL"))
DOSES = st.integers(1, 5_000).map(lambda milligrams: f"{milligrams} mg")


@given(VOLUMES, DOSES)
def test_the_steps_of_a_ladder_hold_exactly_the_volume_and_never_pass_its_maximum(volume, dose):
    made = planned(therapy(doses=[{**FLAT, "amount": figure(dose)}], rates=[LADDER], preparation=OPEN_VOLUME), final_volume=volume)
    if made.rates is None:
        assert "rate.below-pump-step" in codes(made)
        return
    steps = made.rates.steps
    assert sum(step.volume.value for step in steps) == volume.value
    assert all(step.rate.times(step.lasts, "mL") == step.volume for step in steps)
    assert all(step.rate.times(made.concentration, "mg/h") <= Quantity(400, "mg/h") for step in steps)
    assert [step.rate for step in steps] == sorted(step.rate for step in steps)
    assert all(after.after_start == before.after_start + before.lasts for before, after in pairwise(steps))
    assert made.rates.duration.to("min").value == sum(step.lasts.to("min").value for step in steps)


def test_explicit_steps_follow_their_table():
    table = {
        "id": "table", "shape": "explicit_steps", "sources": [SOURCE],
        "steps": [{"after": figure("0 min"), "rate": figure("50 mL/h")}, {"after": figure("30 min"), "rate": figure("100 mL/h")}],
    }  # fmt: skip
    assert rows(planned(therapy(rates=[table])).rates) == [("50", "30", "25"), ("100", "135", "225")]


def test_fractions_of_the_dose_flow_in_their_spans():
    parts = [
        {"since": figure("0 min"), "until": figure("30 min"), "fraction": figure("0.2")},
        {"since": figure("30 min"), "until": figure("90 min"), "fraction": figure("0.8")},
    ]
    rule = {"id": "rapid", "shape": "fraction_of_dose", "parts": parts, "sources": [SOURCE]}
    rates = planned(therapy(rates=[rule])).rates
    assert rows(rates) == [("100", "30", "50"), ("200", "60", "200")]  # 20 % of 250 mL in half an hour, 80 % in one
    assert rates.duration == Quantity(90, "min")


def test_a_rate_per_body_mass_needs_the_weight():
    rule = {**LADDER, "start": figure("1 mg/kg/h"), "step": figure("1 mg/kg/h"), "maximum": figure("2 mg/kg/h")}
    rates = stepped("500 mL", rates=[rule]).rates
    assert rates.steps[0].rate == Quantity("35.5", "mL/h")  # 71 mg/h at 2 mg/mL


RANGE = {
    "id": "range",
    "shape": "range",
    "low": figure("8 mL/h"),
    "high": figure("12 mL/h"),
    "selection": "prescriber",
    "sources": [SOURCE],
}


def test_a_range_of_rates_is_never_planned_alone():
    protocol = therapy(rates=[RANGE])
    assert "rate.choose-rule" in codes(planned(protocol))
    assert "rate.choose" in codes(planned(protocol, rate_rule="range"))
    made = planned(protocol, rate_rule="range", rate=Quantity(10, "mL/h"))
    assert (rows(made.rates), codes(made)) == ([("10", "1500", "250")], set())


@pytest.mark.parametrize(
    ("rate", "code"), [(Quantity("12.1", "mL/h"), "rate.outside-range"), (Quantity(10, "mg/h"), "rate.not-comparable")]
)
def test_a_chosen_rate_outside_its_range_or_of_another_kind_is_found(rate, code):
    assert code in codes(planned(therapy(rates=[RANGE]), rate_rule="range", rate=rate))


def test_a_chosen_rate_beside_a_fixed_duration_asks_for_a_reason_when_slower_and_a_second_prescriber_when_faster():
    levels = {}
    for rate in (100, 125, 150):
        found = planned(therapy(), rate=Quantity(rate, "mL/h")).findings
        levels[rate] = {finding.level for finding in found if finding.code == "rate.differs-from-rule"}
    assert levels == {100: {Level.CAUTION}, 125: set(), 150: {Level.CONTRAINDICATED}}


def test_a_chosen_rate_that_a_ladder_cannot_use_is_not_dropped_in_silence():
    protocol = therapy(rates=[{**LADDER, "start": figure("50 mL/h"), "step": figure("50 mL/h"), "maximum": figure("100 mL/h")}])
    assert "rate.choice-not-used" in codes(planned(protocol, rate=Quantity(100, "mL/h")))


def test_a_patient_controlled_programme_is_passed_on_whole():
    rates = planned(therapy(delivery="patient_controlled", rates=[ON_DEMAND])).rates
    demand = rates.on_demand
    assert (demand.bolus, demand.lockout, demand.most, demand.window, demand.basal) == (
        Quantity(10, "mL"), Quantity(10, "min"), Quantity(20, "mL"), Quantity(1, "h"), None,
    )  # fmt: skip
    assert rates.steps == ()


def injection(dose: str, **parts):
    return therapy(
        delivery="injection", doses=[{**FLAT, "amount": figure(dose)}], rates=[SINGLE], preparation={"sources": [SOURCE]}, **parts
    )


def test_an_injection_has_a_volume_and_a_site_and_no_time():
    rates = planned(injection("0.5 mL")).rates
    assert (rates.volume, rates.sites, rates.steps, rates.duration) == (Quantity("0.5", "mL"), 1, (), None)


def test_an_injection_that_is_too_large_for_one_site_is_divided():
    per_site = [limit("site", "volume_per_site", "<=", "5 mL", "soft"), limit("dose", "dose_per_site", "<=", "1000 mg")]
    protocol = injection("2500 mg", drug=LIQUID, limits=per_site)
    made = planned(protocol)
    assert (made.rates.volume, made.rates.sites, codes(made)) == (Quantity("12.5", "mL"), 3, set())  # 12.5 / 5 and 2500 / 1000, both 3
    assert "dose-per-site.above-hard-limit" in codes(planned(protocol, sites=2))


def test_of_several_limits_per_site_the_one_that_needs_most_sites_decides():
    per_site = [limit("dose", "dose_per_site", "<=", "500 mg"), limit("site", "volume_per_site", "<=", "5 mL", "soft")]
    rates = planned(injection("2500 mg", drug=LIQUID, limits=per_site)).rates
    assert rates.sites == 5  # 2500 / 500; 12.5 mL / 5 mL would need three
    assert [step.inputs[1][1] for step in rates.derivation.steps] == [Quantity(500, "mg")]


def test_an_injection_without_a_known_concentration_waits_for_the_reconstitution():
    made = planned(injection("1000 mg"))
    assert (made.rates, "preparation.concentration-missing" in codes(made)) == (None, True)


PER_SITE = {
    "id": "sites", "shape": "per_site_by_session", "sources": [SOURCE],
    "steps": [{"session": 1, "rate": figure("15 mL/h/{site}")}, {"session": 2, "rate": figure("25 mL/h/{site}")}],
}  # fmt: skip


def several_sites(**parts):
    rules = {"rates": [PER_SITE], "limits": [limit("site", "volume_per_site", "<=", "15 mL/{site}")], **parts}
    return therapy(
        delivery="multi_site_infusion",
        doses=[{**FLAT, "amount": figure("8000 mg")}],
        preparation={"sources": [SOURCE]},
        drug=LIQUID,
        **rules,
    )


def test_several_sites_flow_together_at_the_rate_of_the_session():
    first, later = planned(several_sites()).rates, planned(several_sites(), infusion_number=2).rates
    # 8000 mg at 200 mg/mL is 40 mL; at most 15 mL a site makes three sites
    assert (first.sites, first.per_site, rows(first)) == (3, Quantity(15, "mL/h/{site}"), [("45", "160/3", "40")])
    assert (later.per_site, rows(later)) == (Quantity(25, "mL/h/{site}"), [("75", "32", "40")])


def test_fewer_sites_than_needed_pass_the_limit_and_more_are_allowed():
    assert "volume-per-site.above-hard-limit" in codes(planned(several_sites(), sites=2))
    assert codes(planned(several_sites(), sites=4)) == set()


def test_a_chosen_rate_per_site_is_used_and_compared():
    made = planned(several_sites(), rate=Quantity(10, "mL/h"))
    assert made.rates.per_site == Quantity(10, "mL/h/{site}")
    assert "rate.differs-from-rule" in codes(made)


def test_while_the_region_is_open_the_slowest_rate_holds_and_is_named():
    fast = {**PER_SITE, "id": "eu", "regions": ["EU"], "steps": [{"session": 1, "rate": figure("20 mL/h/{site}")}]}
    slow = {**PER_SITE, "id": "us", "regions": ["US"]}
    protocol = several_sites(rates=[fast, slow])
    made = planned(protocol)
    assert (made.rates.rule, "rate.stricter-rule" in codes(made)) == ("us", True)
    assert planned(protocol, region=Region.EU).rates.rule == "eu"


def test_rules_that_wait_for_a_fact_of_the_patient_are_not_chosen_by_pace():
    tolerated = {**TWO_HOURS, "id": "fast", "duration": figure("60 min"), "when": {"field": "infected", "is": "false"}}
    made = planned(therapy(rates=[TWO_HOURS, tolerated]))
    assert (made.rates, "rate.rule-undecided" in codes(made)) == (None, True)


def test_an_infusion_whose_volume_nobody_stated_has_no_rate():
    made = planned(therapy(preparation=OPEN_VOLUME))
    assert (made.rates, "preparation.volume-missing" in codes(made)) == (None, True)


def test_a_drug_that_does_not_fit_into_its_bag_is_found():
    protocol = therapy(drug={**LIQUID, "concentration": figure("10 mg/mL")})
    assert "preparation.volume-too-small" in codes(planned(protocol, final_volume=Quantity(30, "mL")))  # 355 mg are 35.5 mL


def test_a_rate_in_milligrams_without_a_concentration_is_not_a_pump_rate():
    protocol = therapy(doses=[{**PER_MASS, "amount": figure("5 mL/kg")}], rates=[LADDER], preparation=OPEN_VOLUME)
    made = planned(protocol, final_volume=Quantity(500, "mL"))
    assert (made.rates, "rate.concentration-missing" in codes(made)) == (None, True)


@given(st.integers(1, 40), st.integers(20, 150))
def test_a_rule_by_infusion_number_is_taken_from_the_order(number, kilograms):
    later = {
        **LADDER,
        "id": "later",
        "start": figure("100 mg/h"),
        "step": figure("100 mg/h"),
        "when": compare("infusion_number", ">=", "2"),
    }
    first = {**LADDER, "id": "first", "when": compare("infusion_number", "==", "1")}
    made = planned(therapy(rates=[first, later]), facts(weight=Quantity(kilograms, "kg")), infusion_number=number)
    assert made.rates.rule == ("first" if number == 1 else "later")


def parts_of(*rows):
    return [{"since": figure(since), "until": figure(until), "fraction": figure(fraction)} for since, until, fraction in rows]


def steps_of(*minutes):
    return [{"after": figure(f"{after} min"), "rate": figure("50 mL/h")} for after in minutes]


@pytest.mark.parametrize(
    "rule",
    [
        {"shape": "fraction_of_dose", "parts": parts_of(("0 min", "30 min", "0.2"), ("30 min", "90 min", "0.7"))},
        {"shape": "fraction_of_dose", "parts": parts_of(("0 min", "30 min", "0.2"), ("40 min", "90 min", "0.8"))},
        {"shape": "fraction_of_dose", "parts": parts_of(("10 min", "90 min", "1"))},
        {"shape": "fraction_of_dose", "parts": parts_of(("0 min", "0 min", "1"))},
        {"shape": "explicit_steps", "steps": steps_of(5, 30)},
        {"shape": "explicit_steps", "steps": steps_of(0, 30, 30)},
        {**LADDER, "step": figure("0 mg/h")},
        {**LADDER, "every": figure("0 min")},
        {**LADDER, "start": figure("401 mg/h")},
    ],
)
def test_a_rate_that_does_not_give_the_whole_dose_in_order_is_not_a_protocol(rule):
    with pytest.raises(ValidationError):
        therapy(rates=[{"id": "broken", "sources": [SOURCE], **rule}])
