"""How much: one rule, no guess, nothing clamped in silence."""

from datetime import timedelta
from fractions import Fraction
from math import isqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.finding import Level, Verdict
from openinfusion.core.patient import Answer, Fact
from openinfusion.core.prescribing.body import known_from
from openinfusion.core.prescribing.dose import dose
from openinfusion.core.quantity import Quantity
from tests.core.prescribing.therapies import (
    FLAT,
    NOW,
    PER_AREA,
    PER_MASS,
    RANGE,
    SOURCE,
    VIALS,
    codes,
    compare,
    facts,
    figure,
    limit,
    order,
    planned,
    therapy,
    without,
)

KILOGRAMS = st.decimals(min_value="0.5", max_value="450", places=3).map(str)
POUND = Fraction("0.45359237")


def dosed(protocol, known=None, **chosen):
    plan, found = dose(order(protocol, known, **chosen))
    return plan, {finding.code: finding for finding in found}


def test_a_dose_per_body_mass_is_the_amount_times_the_weight_with_its_arithmetic():
    plan, found = dosed(therapy())
    assert plan.amount == Quantity(355, "mg")  # 5 mg/kg x 71 kg
    assert found == {}
    (step,) = plan.derivation.steps
    assert (step.operation, step.inputs) == ("dose.per-weight", (("amount", Quantity(5, "mg/kg")), ("weight", Quantity(71, "kg"))))


def test_a_dose_per_body_surface_uses_mosteller():
    plan, _ = dosed(therapy(doses=[PER_AREA]), facts(weight=Quantity(80, "kg"), height=Quantity(180, "cm")))
    # sqrt(180 * 80 / 3600) = 2 m2 exactly; 375 mg/m2 x 2 m2
    assert plan.amount == Quantity(750, "mg")
    assert [step.operation for step in plan.derivation.steps] == ["body.mosteller", "dose.per-surface"]


@given(st.integers(30, 250), st.integers(1, 400))
def test_the_body_surface_is_correct_to_twenty_digits(height, weight):
    plan, _ = dosed(therapy(doses=[PER_AREA]), facts(weight=Quantity(weight, "kg"), height=Quantity(height, "cm")))
    area = dict(plan.derivation.steps[1].inputs)["surface"].value
    scale = 10**20
    assert abs(area - Fraction(isqrt(height * weight * scale**2 // 3600), scale)) <= Fraction(2, scale)


@pytest.mark.parametrize("known", [without(facts(), "weight"), facts(weight=Answer.UNKNOWN)])
@pytest.mark.parametrize("rule", [PER_MASS, PER_AREA])
def test_without_a_weight_there_is_no_dose(known, rule):
    made = planned(therapy(doses=[rule]), known)
    assert made.dose is None
    assert made.verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize("height", [Quantity(0, "cm"), Quantity("17.8", "m"), Quantity("300.1", "cm"), Quantity(178, "kg")])
def test_an_implausible_height_gives_no_dose_per_surface(height):
    plan, found = dosed(therapy(doses=[PER_AREA]), facts(height=height))
    assert (plan, found["height.implausible"].level) == (None, Level.MISSING)


@pytest.mark.parametrize(("kilograms", "asked"), [(180, False), (181, True)])
def test_an_unusually_large_body_surface_is_used_and_asked_about(kilograms, asked):
    plan, found = dosed(therapy(doses=[PER_AREA]), facts(height=Quantity(180, "cm"), weight=Quantity(kilograms, "kg")))
    assert ("surface.implausible" in found) is asked  # sqrt(180 * 180 / 3600) = 3 m2
    assert plan is not None


def test_without_a_height_there_is_no_dose_per_surface():
    plan, found = dosed(therapy(doses=[PER_AREA]), without(facts(), "height"))
    assert (plan, found["fact.missing"].params) == (None, {"field": "height"})


@pytest.mark.parametrize("weight", [Quantity(0, "kg"), Quantity(-3, "kg"), Quantity("500.1", "kg"), Quantity(1200, "[lb_av]")])
def test_an_implausible_weight_gives_no_dose(weight):
    plan, found = dosed(therapy(), facts(weight=weight))
    assert (plan, found["weight.implausible"].level) == (None, Level.MISSING)


def test_a_weight_of_exactly_500_kg_is_inside():
    assert dosed(therapy(), facts(weight=Quantity(500, "kg")))[0] is not None


@given(KILOGRAMS)
def test_the_same_weight_in_pounds_gives_the_same_dose_and_says_so(kilograms):
    metric = Quantity(kilograms, "kg")
    in_pounds = Quantity(metric.value / POUND, "[lb_av]")
    one, _ = dosed(therapy(), facts(weight=metric))
    other, found = dosed(therapy(), facts(weight=in_pounds))
    assert one.amount == other.amount
    assert found["weight.in-pounds"].params["kilograms"] == metric


@pytest.mark.parametrize(
    ("before", "code"),
    [
        (Quantity("66", "kg"), None),  # 71 / 66 = 1.076
        (Quantity("78.1", "kg"), None),  # 71 / 78.1 = 0.909: less than a tenth
        (Quantity("64.5", "kg"), "weight.changed"),  # 71 / 64.5 = 1.101
        (Quantity("79", "kg"), "weight.changed"),  # 71 / 79 = 0.899
        (Quantity("32.2", "kg"), "weight.pounds"),  # 71 / 32.2 = 2.205: 71 may be pounds
        (Quantity("156.2", "kg"), "weight.pounds"),  # 71 / 156.2 = 1 / 2.2: the earlier one may be pounds
    ],
)
def test_a_weight_that_changed_by_a_tenth_or_looks_like_pounds_is_asked_about(before, code):
    known = facts().having(Fact("previous_weight", before, NOW, "nurse"))
    _, found = dosed(therapy(), known)
    assert set(found) == ({code} if code else set())


def test_the_weight_before_the_newest_is_remembered_whatever_the_order_of_recording():
    weights = [
        Fact("weight", Quantity(kilograms, "kg"), NOW - timedelta(days=days), "nurse") for kilograms, days in ((71, 1), (60, 90), (64, 30))
    ]
    known = known_from(weights)
    found = {fact.field: fact.value for fact in known.facts.values()}
    assert found == {"weight": Quantity(71, "kg"), "previous_weight": Quantity(64, "kg")}
    assert known_from(weights[:1]).get("previous_weight") is None
    assert known_from([]).facts == {}


def test_a_cap_is_never_silent():
    rule = {**PER_MASS, "cap": figure("300 mg")}
    plan, found = dosed(therapy(doses=[rule]))
    assert plan.amount == Quantity(300, "mg")
    assert found["dose.capped"].params == {"dose": Quantity(355, "mg"), "cap": Quantity(300, "mg")}


@given(KILOGRAMS, KILOGRAMS)
def test_the_dose_never_falls_with_more_weight_and_stays_at_the_cap(one, other):
    low, high = sorted((Fraction(one), Fraction(other)))
    protocol = therapy(doses=[{**PER_MASS, "cap": figure("1000 mg")}])
    amounts = [dosed(protocol, facts(weight=Quantity(weight, "kg")))[0].amount for weight in (low, high)]
    assert amounts[0] <= amounts[1] <= Quantity(1000, "mg")


def test_the_rule_whose_condition_holds_is_taken():
    heavy = {**FLAT, "id": "heavy", "when": compare("weight", ">=", "150 kg")}
    light = {**PER_MASS, "id": "light", "when": compare("weight", "<", "150 kg")}
    protocol = therapy(doses=[heavy, light])
    assert dosed(protocol)[0].rule == "light"
    assert dosed(protocol, facts(weight=Quantity(150, "kg")))[0].rule == "heavy"


def test_with_several_rules_none_is_taken():
    plan, found = dosed(therapy(doses=[PER_MASS, FLAT]))
    assert (plan, found["dose.several-rules"].params["rules"]) == (None, ("by-weight", "flat"))


def test_while_a_fact_that_could_select_another_rule_is_unknown_none_is_taken():
    special = {**FLAT, "id": "special", "when": {"field": "infected", "is": "true"}}
    plan, found = dosed(therapy(doses=[PER_MASS, special]))
    assert (plan, found["dose.rule-undecided"].params["fields"]) == (None, ("infected",))


def test_a_rule_for_a_prescriber_is_never_taken_alone():
    plan, found = dosed(therapy(doses=[{**FLAT, "selection": "prescriber"}]))
    assert (plan, found["dose.choose-rule"].params) == (None, {"rules": ("flat",)})
    assert dosed(therapy(doses=[{**FLAT, "selection": "prescriber"}]), dose_rule="flat")[0].amount == Quantity(1000, "mg")


def test_a_chosen_rule_that_does_not_hold_or_does_not_exist_is_said():
    protocol = therapy(doses=[PER_MASS, {**FLAT, "id": "heavy", "when": compare("weight", ">=", "150 kg")}])
    assert dosed(protocol, dose_rule="heavy")[1]["dose.rule-does-not-hold"].level is Level.CONTRAINDICATED
    assert dosed(protocol, without(facts(), "weight"), dose_rule="heavy")[1]["dose.rule-unconfirmed"].level is Level.MISSING
    assert dosed(protocol, dose_rule="nothing")[1]["dose.no-such-rule"].level is Level.BANNED


def test_a_superseded_rule_is_never_taken_alone_and_contraindicated_when_chosen():
    old = {**FLAT, "id": "old", "amount": figure("250 mg"), "superseded_by": "flat"}
    protocol = therapy(doses=[old, FLAT])
    assert dosed(protocol)[0].rule == "flat"
    plan, found = dosed(protocol, dose_rule="old")
    assert (plan.amount, found["dose.superseded"].level) == (Quantity(250, "mg"), Level.CONTRAINDICATED)


def test_a_range_needs_the_prescribers_dose():
    plan, found = dosed(therapy(doses=[RANGE]), dose_rule="range")
    assert (plan, found["dose.choose"].params) == (None, {"low": Quantity(2, "mg/kg"), "high": Quantity(4, "mg/kg")})


@pytest.mark.parametrize(
    ("chosen", "outside"),
    [
        (Quantity(2, "mg/kg"), False),
        (Quantity(4, "mg/kg"), False),
        (Quantity("4.01", "mg/kg"), True),
        (Quantity(284, "mg"), False),  # 4 mg/kg x 71 kg
        (Quantity("284.1", "mg"), True),
        (Quantity("0.2", "g"), False),  # 2.8 mg/kg
        (Quantity(100, "mg"), True),  # 1.4 mg/kg
    ],
)
def test_a_dose_of_a_range_is_compared_per_body_mass_whichever_way_it_is_written(chosen, outside):
    plan, found = dosed(therapy(doses=[RANGE]), dose_rule="range", dose=chosen)
    assert ("dose.outside-range" in found) is outside
    assert plan.exact == (chosen if chosen.is_like("mg") else Quantity(chosen.value * 71, "mg"))


def test_a_chosen_dose_of_another_kind_gives_no_dose():
    plan, found = dosed(therapy(doses=[RANGE]), dose_rule="range", dose=Quantity(10, "mL"))
    assert (plan, found["dose.not-comparable"].level) == (None, Level.MISSING)


def test_a_prescriber_who_departs_from_a_computed_dose_gives_a_reason_for_less_and_needs_a_second_for_more():
    less, more = dosed(therapy(), dose=Quantity(300, "mg")), dosed(therapy(), dose=Quantity(400, "mg"))
    assert (less[0].amount, less[1]["dose.differs-from-rule"].level) == (Quantity(300, "mg"), Level.CAUTION)
    assert (more[0].amount, more[1]["dose.differs-from-rule"].level) == (Quantity(400, "mg"), Level.CONTRAINDICATED)
    assert dosed(therapy(), dose=Quantity(355, "mg"))[1] == {}


@given(st.decimals(min_value="2", max_value="4", places=2), st.sampled_from([10, Fraction(1, 10)]))
def test_a_slip_of_the_decimal_point_in_an_accepted_dose_is_always_found(per_kg, slip):
    protocol = therapy(doses=[RANGE], limits=[limit("most", "dose_per_mass", "<=", "10 mg/kg")])
    accepted = Quantity(Fraction(per_kg), "mg/kg")
    assert dosed(protocol, dose_rule="range", dose=accepted)[1] == {}
    made = planned(protocol, dose_rule="range", dose=accepted.scaled(slip))
    assert codes(made) & {"dose.outside-range", "dose-per-mass.above-hard-limit"}


def test_whole_containers_round_to_the_nearest_with_the_rest_shown():
    plan, _ = dosed(therapy(), whole_containers=True)
    # 355 mg in vials of 100 mg: 3.55 vials, half up to 4
    assert (plan.amount, plan.residual, plan.containers, plan.waste) == (Quantity(400, "mg"), Quantity(45, "mg"), 4, Quantity(0, "mg"))


def test_whole_containers_round_down_where_up_would_pass_a_limit():
    protocol = therapy(limits=[limit("most", "dose_per_mass", "<=", "5 mg/kg")])
    plan, found = dosed(protocol, whole_containers=True)
    assert plan.amount == Quantity(300, "mg")  # 400 mg would be 5.6 mg/kg
    assert found["dose.rounded-to-safe-side"].params == {"dose": Quantity(355, "mg"), "rounded": Quantity(300, "mg")}


def test_less_than_half_a_container_is_no_dose_at_all():
    plan, found = dosed(therapy(), facts(weight=Quantity(9, "kg")), whole_containers=True)  # 45 mg of 100 mg vials
    assert (plan, found["dose.rounds-to-nothing"].level) == (None, Level.MISSING)


def test_without_whole_containers_the_dose_is_drawn_with_the_least_waste():
    sizes = {**VIALS, "containers": [figure("100 mg"), figure("500 mg")]}
    plan, _ = dosed(therapy(doses=[{**FLAT, "amount": figure("450 mg")}], preparation=sizes))
    assert (plan.container, plan.containers, plan.waste) == (Quantity(500, "mg"), 1, Quantity(50, "mg"))


@pytest.mark.parametrize(
    ("weight", "amount"),
    [
        ("71.33", "356.7"),  # 356.65 mg, half up to 0.1
        ("0.1", "0.5"),
        ("0.119", "0.6"),  # 0.595 mg, half up to 0.01 below one
    ],
)
def test_an_amount_goes_to_the_step_that_can_be_prepared(weight, amount):
    assert dosed(therapy(), facts(weight=Quantity(weight, "kg")))[0].amount == Quantity(amount, "mg")


def test_rounding_to_the_preparable_step_never_passes_a_limit_that_the_exact_dose_keeps():
    protocol = therapy(limits=[limit("most", "dose_per_mass", "<=", "5 mg/kg")])
    plan, _ = dosed(protocol, facts(weight=Quantity("71.33", "kg")))
    assert plan.amount == Quantity("356.6", "mg")  # exactly 5 mg/kg is 356.65 mg


def reconstituted(**way):
    return {"id": "way", "holds": figure("1000 mg"), "diluent": "water", "add": figure("3.5 mL"), "sources": [SOURCE], **way}


@pytest.mark.parametrize(
    ("way", "volume"),
    [
        (reconstituted(gives=figure("4.1 mL")), "4.1"),
        (reconstituted(concentration=figure("350 mg/mL")), "2.9"),  # 1000 / 350 = 2.857
    ],
)
def test_the_volume_to_draw_follows_from_the_reconstitution(way, volume):
    protocol = therapy(
        doses=[FLAT], preparation={"diluents": ["water"], "final_volume": figure("250 mL"), "reconstitutions": [way], "sources": [SOURCE]}
    )
    plan, _ = dosed(protocol)
    assert plan.volume == Quantity(volume, "mL")


def test_with_two_ways_to_dissolve_the_volume_waits_for_a_choice():
    ways = [reconstituted(id="a", gives=figure("4.1 mL")), reconstituted(id="b", concentration=figure("350 mg/mL"))]
    protocol = therapy(
        doses=[FLAT], preparation={"diluents": ["water"], "final_volume": figure("250 mL"), "reconstitutions": ways, "sources": [SOURCE]}
    )
    assert dosed(protocol)[0].volume is None
    assert dosed(protocol, reconstitution="a")[0].volume == Quantity("4.1", "mL")


WEEKLY = {"id": "weekly", "kind": "sessions", "every": figure("7 d"), "sources": [SOURCE]}
PERIODIC = {**PER_MASS, "per": figure("2 wk")}


def test_a_periodic_dose_is_split_over_its_sessions():
    plan, _ = dosed(therapy(doses=[PERIODIC], schedule=[WEEKLY]))
    assert plan.amount == Quantity("177.5", "mg")  # 355 mg in two weeks, given weekly
    assert plan.derivation.steps[-1].operation == "dose.of-one-session"


def test_a_periodic_dose_without_a_chosen_phase_is_not_given_at_once():
    plan, found = dosed(therapy(doses=[PERIODIC], schedule=[{**WEEKLY, "selection": "prescriber"}]))
    assert (plan, found["dose.interval-missing"].level) == (None, Level.MISSING)


def test_a_dose_that_replaces_another_product_follows_its_factor():
    rule = {
        "id": "switch", "basis": "from_previous", "previous": "earlier.dose", "previous_every": "earlier.every", "per": figure("1 wk"),
        "factor": figure("1.5"), "sources": [SOURCE],
    }  # fmt: skip
    protocol = therapy(doses=[rule], schedule=[WEEKLY])
    plan, _ = dosed(protocol, facts(earlier__dose=Quantity(30, "g"), earlier__every=Quantity(4, "wk")))
    assert plan.amount == Quantity("11.25", "g")  # 30 g / 4 wk x 1 wk x 1.5; grams are prepared as finely as milligrams
    plan, found = dosed(protocol, facts(earlier__dose=Quantity(30, "g")))
    assert (plan, found["fact.missing"].params) == (None, {"field": "earlier.every"})


def test_rounding_to_whole_containers_never_passes_the_rules_own_cap():
    rule = {**PER_MASS, "cap": figure("250 mg")}
    plan, found = dosed(therapy(doses=[rule]), whole_containers=True)
    assert plan.amount == Quantity(200, "mg")  # 2.5 vials of 100 mg: the nearest, half up, would be 300 mg
    assert found["dose.rounded-to-safe-side"].params == {"dose": Quantity(250, "mg"), "rounded": Quantity(200, "mg")}


def test_rounding_to_whole_containers_never_leaves_the_prescribers_range():
    plan, _ = dosed(
        therapy(doses=[RANGE]), facts(weight=Quantity(40, "kg")), dose_rule="range", dose=Quantity(4, "mg/kg"), whole_containers=True
    )
    assert plan.amount == Quantity(100, "mg")  # 160 mg is the end of the range for 40 kg; the nearest vial would be 200 mg


@given(st.integers(1, 1000), st.integers(3, 200), st.sampled_from([1, 7, 20, 100]))
def test_no_rounding_passes_a_cap(cap, kilograms, vial):
    protocol = therapy(doses=[{**PER_MASS, "cap": figure(f"{cap} mg")}], preparation={**VIALS, "containers": [figure(f"{vial} mg")]})
    for whole in (True, False):
        plan, found = dosed(protocol, facts(weight=Quantity(kilograms, "kg")), whole_containers=whole)
        assert plan is None or plan.amount <= Quantity(cap, "mg")
        assert plan is not None or found["dose.rounds-to-nothing"].level is Level.MISSING


@given(KILOGRAMS, st.sampled_from([1, 7, 20, 100]))
def test_the_residual_is_what_rounding_added_or_took(kilograms, vial):
    protocol = therapy(preparation={**VIALS, "containers": [figure(f"{vial} mg")]})
    for whole in (True, False):
        plan, _ = dosed(protocol, facts(weight=Quantity(kilograms, "kg")), whole_containers=whole)
        if plan is not None:
            assert plan.amount == plan.exact + plan.residual
            assert plan.container.scaled(plan.containers) == plan.amount + plan.waste
            assert plan.waste.value >= 0


def test_a_lower_limit_never_turns_a_dose_up_to_a_whole_container():
    protocol = therapy(limits=[limit("least", "dose", ">=", "40 mg", "soft")])
    plan, found = dosed(protocol, facts(weight=Quantity(9, "kg")), whole_containers=True)  # 45 mg: no vial of 100 mg is nearest
    assert (plan, "dose.rounds-to-nothing" in found) == (None, True)


def test_an_amount_that_a_prescriber_wrote_is_never_brought_down_to_the_cap():
    protocol = therapy(doses=[{**RANGE, "cap": figure("200 mg")}])
    plan, found = dosed(protocol, dose_rule="range", dose=Quantity(284, "mg"))
    assert (plan.amount, found["dose.above-cap"].level) == (Quantity(284, "mg"), Level.CONTRAINDICATED)
    plan, found = dosed(protocol, dose_rule="range", dose=Quantity(4, "mg/kg"))  # the rule itself caps what it computes
    assert (plan.amount, found["dose.capped"].level) == (Quantity(200, "mg"), Level.INFO)
    assert set(dosed(protocol, dose_rule="range", dose=Quantity(200, "mg"))[1]) == set()
