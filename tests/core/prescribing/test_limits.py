"""Every limit is looked at; hard bans, soft asks for a reason, equality is inside, and the smaller holds while the order is open."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.finding import Finding, Level, Verdict
from openinfusion.core.part import Region
from openinfusion.core.prescribing.flow import Bolus
from openinfusion.core.prescribing.plan import plan
from openinfusion.core.quantity import Quantity
from tests.core.prescribing.therapies import (
    FIELDS,
    FLAT,
    LADDER,
    NOW,
    ON_DEMAND,
    PER_MASS,
    SINGLE,
    SOURCE,
    choice,
    codes,
    compare,
    facts,
    figure,
    limit,
    planned,
    therapy,
    without,
)

LIQUID = {"generic": "d", "drug_class": "c", "ingredients": ["drug"], "concentration": figure("1 mg/mL")}
WEEKLY = {"id": "weekly", "kind": "sessions", "every": figure("7 d"), "sources": [SOURCE]}


def found(protocol, known=None, **chosen) -> dict[str, Finding]:
    return {finding.code: finding for finding in planned(protocol, known, **chosen).findings}


@pytest.mark.parametrize(
    ("bound", "code"),
    [
        (limit("l", "dose", "<=", "355 mg"), None),
        (limit("l", "dose", "<", "355 mg"), "dose.above-hard-limit"),
        (limit("l", "dose", "<=", "354.9 mg"), "dose.above-hard-limit"),
        (limit("l", "dose", ">=", "355 mg"), None),
        (limit("l", "dose", ">", "355 mg", "soft"), "dose.below-soft-limit"),
        (limit("l", "dose", "<=", "0.355 g"), None),
        (limit("l", "dose_per_mass", "<=", "5 mg/kg"), None),
        (limit("l", "dose_per_mass", "<=", "4.99 mg/kg", "soft"), "dose-per-mass.above-soft-limit"),
        (limit("l", "concentration", "<=", "1.42 mg/mL"), None),  # 355 mg / 250 mL
        (limit("l", "concentration", "<=", "1.41 mg/mL"), "concentration.above-hard-limit"),
        (limit("l", "concentration", ">=", "1.43 mg/mL"), "concentration.below-hard-limit"),
        (limit("l", "rate", "<=", "125 mL/h"), None),  # 250 mL / 2 h
        (limit("l", "rate", "<=", "120 mL/h"), "rate.above-hard-limit"),
        (limit("l", "dose_rate", "<=", "177.5 mg/h"), None),  # 355 mg / 2 h
        (limit("l", "dose_rate", "<=", "177 mg/h"), "dose-rate.above-hard-limit"),
        (limit("l", "dose_rate", "<=", "2.5 mg/kg/h"), None),  # 177.5 mg/h / 71 kg
        (limit("l", "volume", "<=", "249 mL"), "volume.above-hard-limit"),
        (limit("l", "duration", ">=", "120 min"), None),
        (limit("l", "duration", "<=", "1 h"), "duration.above-hard-limit"),
        (limit("l", "bolus", "==", "0 mg"), None),
        (limit("l", "age", ">=", "18 a"), None),
        (limit("l", "age", "<", "18 a"), "age.above-hard-limit"),
    ],
)  # fmt: skip
def test_each_measure_is_compared_in_its_own_unit(bound, code):
    assert set(found(therapy(limits=[bound]))) == ({code} if code else set())


def test_a_hard_limit_bans_and_a_soft_one_asks_for_a_reason_and_the_value_stays():
    both = [limit("hard", "dose", "<=", "300 mg"), limit("soft", "dose", "<=", "200 mg", "soft")]
    made = planned(therapy(limits=both))
    levels = {finding.rule: finding.level for finding in made.findings}
    assert (levels, made.verdict) == ({"hard": Level.BANNED, "soft": Level.CAUTION}, Verdict.BANNED)
    assert made.dose.amount == Quantity(355, "mg")


def test_a_limit_holds_only_under_its_condition():
    weak_heart = limit("heart", "dose_per_mass", "<=", "4 mg/kg", when=compare("heart_class", ">=", "3"))
    protocol = therapy(limits=[weak_heart])
    assert found(protocol, facts(heart_class=Quantity(2, "1"))) == {}
    assert found(protocol, facts(heart_class=Quantity(3, "1")))["dose-per-mass.above-hard-limit"].rule == "heart"


def test_a_limit_whose_condition_is_unknown_is_missing_a_fact_only_where_it_would_be_passed():
    weak_heart = limit("heart", "dose_per_mass", "<=", "4 mg/kg", when=compare("heart_class", ">=", "3"))
    finding = found(therapy(limits=[weak_heart]))["limit.may-apply"]
    assert (finding.level, finding.params["fields"]) == (Level.MISSING, ("heart_class",))
    assert found(therapy(limits=[{**weak_heart, "figure": figure("5 mg/kg")}])) == {}


def test_while_region_or_product_is_open_the_smallest_limit_holds():
    limits = [
        limit("eu", "dose", "<=", "400 mg", regions=["EU"]),
        limit("us", "dose", "<=", "300 mg", regions=["US"]),
        limit("brand", "dose", "<=", "350 mg", products=["Brand"]),
    ]
    drug = {"generic": "d", "drug_class": "c", "ingredients": ["drug"], "products": ["Brand", "Other"]}
    protocol = therapy(limits=limits, drug=drug)

    def broken(**chosen):
        return {finding.rule for finding in planned(protocol, **chosen).findings if finding.level is Level.BANNED}

    assert broken() == {"us", "brand"}
    assert broken(region=Region.EU, product="Other") == set()
    assert broken(region=Region.EU, product="Brand") == {"brand"}
    assert found(protocol, region=Region.EU)["dose.above-hard-limit"].params["open"] == ("product",)


def test_a_limit_supersedes_another_only_where_it_surely_holds():
    limits = [
        limit("usual", "dose", "<=", "300 mg"),
        limit("special", "dose", "<=", "400 mg", when={"field": "infected", "is": "true"}, supersedes=["usual"]),
    ]
    protocol = therapy(limits=limits)
    assert found(protocol, facts(infected=True)) == {}
    assert set(found(protocol, facts(infected=False))) == {"dose.above-hard-limit"}
    assert set(found(protocol)) == {"dose.above-hard-limit"}


def test_an_age_limit_without_a_birth_date_is_missing():
    assert (
        found(therapy(limits=[limit("age", "age", ">=", "18 a")]), without(facts(), "birth_date"))["limit.not-comparable"].level
        is Level.MISSING
    )


def test_a_limit_per_body_surface_is_compared_by_mosteller_and_needs_weight_and_height():
    # 180 cm, 80 kg: the root of 180 x 80 / 3600 is 2 m2; 1000 mg are 500 mg/m2
    known = facts(weight=Quantity(80, "kg"), height=Quantity(180, "cm"))
    protocol = therapy(doses=[FLAT], limits=[limit("most", "dose_per_area", "<=", "500 mg/m2")])
    assert found(protocol, known) == {}
    narrower = therapy(doses=[FLAT], limits=[limit("most", "dose_per_area", "<=", "499 mg/m2")])
    assert set(found(narrower, known)) == {"dose-per-area.above-hard-limit"}
    assert found(protocol, without(known, "height"))["limit.not-comparable"].params["fields"] == ("weight", "height")
    hourly = therapy(doses=[FLAT], limits=[limit("most", "dose_rate", "<=", "249 mg/m2/h")])
    assert set(found(hourly, known)) == {"dose-rate.above-hard-limit"}  # 1000 mg in 2 h for 2 m2 are 250 mg/m2/h


def test_a_limit_per_body_mass_on_a_flat_dose_needs_the_weight():
    protocol = therapy(doses=[FLAT], limits=[limit("most", "dose_per_mass", "<=", "20 mg/kg")])
    finding = found(protocol, without(facts(), "weight"))["limit.not-comparable"]
    assert (finding.level, finding.params["fields"]) == (Level.MISSING, ("weight",))


def test_an_interval_is_looked_at_since_the_last_dose_and_between_the_planned_ones():
    protocol = therapy(limits=[limit("gap", "interval", ">=", "28 d")])
    assert found(protocol) == {}
    assert set(found(protocol, infusion_number=2)) == {"limit.not-comparable"}
    early = facts(last_dose_at=NOW - timedelta(days=27))
    assert set(found(protocol, early, infusion_number=2)) == {"interval.below-hard-limit"}
    assert found(protocol, facts(last_dose_at=NOW - timedelta(days=28)), infusion_number=2) == {}
    assert set(found(therapy(schedule=[WEEKLY], limits=[limit("gap", "interval", ">=", "28 d")]))) == {"interval.below-hard-limit"}


def test_a_windowed_limit_counts_the_planned_sessions_that_follow():
    month = limit("month", "dose", "<=", "1000 mg", window=figure("28 d"))
    finding = found(therapy(schedule=[WEEKLY], limits=[month]))["dose.above-hard-window"]
    # 355 mg weekly, each at 177.5 mg/h: 710 mg before the third, which passes 1000 mg after 290 / 177.5 h; at most four are in a window
    assert finding.params["after"] == Quantity(14, "d") + Quantity("116/71", "h")
    assert finding.params["value"] == Quantity(1420, "mg")


def test_a_windowed_limit_counts_what_was_given_before_from_any_source():
    day = limit("day", "dose", "<=", "400 mg", window=figure("24 h"))
    history = (Bolus(Quantity("-23", "h"), Quantity(300, "mg")),)
    made = plan(therapy(limits=[day]), "hash", (), facts(), choice(), FIELDS, NOW, history=history)
    passing = next(finding for finding in made.findings if finding.code == "dose.above-hard-window")
    # 355 mg in 2 h are 177.5 mg/h: 300 + 177.5 x h passes 400 after 100 / 177.5 = 40 / 71 h, before the earlier dose leaves at 1 h
    assert passing.params["after"] == Quantity("40/71", "h")
    assert passing.params["value"] == Quantity("477.5", "mg")
    long_ago = (Bolus(Quantity("-24", "h"), Quantity(300, "mg")),)
    assert codes(plan(therapy(limits=[day]), "hash", (), facts(), choice(), FIELDS, NOW, history=long_ago)) == set()


def on_demand(**parts):
    return therapy(
        delivery="patient_controlled",
        doses=[{**FLAT, "amount": figure("10 mL")}],
        rates=[ON_DEMAND],
        preparation={"sources": [SOURCE]},
        **parts,
    )


def test_what_only_the_patients_demand_could_reach_is_said_with_its_time_and_not_banned():
    day = limit("day", "dose", "<=", "400 mg", window=figure("24 h"))
    finding = found(on_demand(drug=LIQUID, limits=[day]))["limit.reached-on-demand"]
    # 10 mg at the start, then at most 20 mL/h of 1 mg/mL: (400 - 10) / 20 h
    assert (finding.level, finding.params["after"]) == (Level.INFO, Quantity("19.5", "h"))


def test_the_most_a_patient_may_ask_for_is_compared_as_a_rate():
    assert found(on_demand(drug=LIQUID, limits=[limit("hour", "rate", "<=", "20 mL/h")])) == {}
    assert set(found(on_demand(drug=LIQUID, limits=[limit("hour", "rate", "<=", "19 mL/h")]))) == {"rate.above-hard-limit"}
    assert set(found(on_demand(drug=LIQUID, limits=[limit("none", "bolus", "==", "0 mg")]))) == {"bolus.off-hard-limit"}


def mixture(product: str, **holds: str):
    return {"product": product, "components": [{"ingredient": name, "concentration": figure(text)} for name, text in holds.items()]}


def test_a_limit_of_one_ingredient_is_computed_from_the_mixture():
    drug = {
        "generic": "d", "drug_class": "c", "ingredients": ["anaesthetic", "opioid"], "products": ["Mix", "Plain"],
        "mixtures": [mixture("Mix", anaesthetic="1 mg/mL", opioid="2 ug/mL"), mixture("Plain", anaesthetic="1 mg/mL")],
    }  # fmt: skip
    total = limit("total", "dose", "<=", "15 ug", "soft", of="opioid", cumulative=True)
    strength = limit("strength", "concentration", "<=", "1 ug/mL", "soft", of="opioid")
    protocol = on_demand(drug=drug, limits=[total, strength])
    with_opioid = found(protocol, product="Mix")
    assert with_opioid["dose.above-soft-window"].params["value"] == Quantity(20, "ug")  # 10 mL x 2 ug/mL
    assert with_opioid["concentration.above-soft-limit"].params["value"] == Quantity(2, "ug/mL")
    assert found(protocol, product="Plain") == {}


def test_a_hard_limit_that_cannot_be_compared_is_never_a_pass():
    drug = {"generic": "d", "drug_class": "c", "ingredients": ["a", "b"], "products": ["Mix"], "mixtures": [mixture("Mix", a="1 mg/mL")]}
    protocol = on_demand(drug=drug, limits=[limit("strength", "concentration", "<", "7.5 mg/mL", of="a")])
    assert found(protocol)["limit.not-comparable"].level is Level.MISSING
    assert found(protocol, product="Mix") == {}


FIGURES = st.integers(1, 2000)
HARD = st.fixed_dictionaries({"dose": FIGURES, "per_mass": st.integers(1, 30), "rate": FIGURES, "minutes": st.integers(1, 600)})


@given(st.integers(3, 200), st.integers(10, 1000), st.integers(1, 30), HARD)
def test_a_plan_without_a_ban_keeps_every_hard_limit(kilograms, millilitres, per_kg, bounds):
    limits = [
        limit("dose", "dose", "<=", f"{bounds['dose']} mg"),
        limit("mass", "dose_per_mass", "<=", f"{bounds['per_mass']} mg/kg"),
        limit("rate", "dose_rate", "<=", f"{bounds['rate']} mg/h"),
        limit("time", "duration", ">=", f"{bounds['minutes']} min"),
    ]
    protocol = therapy(doses=[{**PER_MASS, "amount": figure(f"{per_kg} mg/kg")}], rates=[LADDER], limits=limits)
    made = planned(protocol, facts(weight=Quantity(kilograms, "kg")), final_volume=Quantity(millilitres, "mL"))
    if made.verdict in (Verdict.BANNED, Verdict.INCOMPLETE):
        return
    assert made.dose.amount <= Quantity(bounds["dose"], "mg")
    assert made.dose.amount.value <= bounds["per_mass"] * kilograms
    assert all(step.rate.times(made.concentration, "mg/h") <= Quantity(bounds["rate"], "mg/h") for step in made.rates.steps)
    assert made.rates.duration >= Quantity(bounds["minutes"], "min")


def test_every_limit_of_an_injection_per_site_is_met_by_the_sites_it_is_given():
    protocol = therapy(
        delivery="injection", doses=[{**FLAT, "amount": figure("7 mL")}], rates=[SINGLE], preparation={"sources": [SOURCE]},
        limits=[limit("site", "volume_per_site", "<=", "5 mL"), limit("sites", "sites", "<=", "1 {site}")],
    )  # fmt: skip
    assert set(found(protocol)) == {"sites.above-hard-limit"}


def test_an_upper_bound_on_the_interval_looks_at_the_longest_and_a_lower_bound_on_the_rate_at_the_slowest():
    late = facts(last_dose_at=NOW - timedelta(days=120))
    gap = therapy(schedule=[WEEKLY], limits=[limit("gap", "interval", "<=", "112 d", "soft")])
    assert set(found(gap, late, infusion_number=4)) == {"interval.above-soft-limit"}
    slow = therapy(rates=[LADDER], limits=[limit("least", "dose_rate", ">=", "60 mg/h", "soft")])
    assert set(found(slow)) == {"dose-rate.below-soft-limit"}  # the ladder begins at 50 mg/h


def test_a_window_shorter_than_what_demand_needs_to_fill_it_is_not_spoken_of():
    assert found(on_demand(drug=LIQUID, limits=[limit("hour", "dose", "<=", "30 mg", window=figure("1 h"))])) == {}  # 10 mg, then 20 mg/h


def test_demand_is_looked_at_for_its_own_session_and_not_added_over_later_ones():
    month = limit("month", "dose", "<=", "25 mg", window=figure("28 d"))
    assert set(found(on_demand(drug=LIQUID, schedule=[WEEKLY], limits=[month]))) == {"limit.reached-on-demand"}


@pytest.mark.parametrize(
    ("bound", "code"),
    [
        (limit("rise", "rate_change", "<=", "50 mg/h"), None),  # the ladder rises by 50 mg/h; the start is no rise
        (limit("rise", "rate_change", "<=", "49.9 mg/h"), "rate-change.above-hard-limit"),
        (limit("rise", "rate_change", "<=", "50 mg/h", window=figure("30 min")), None),  # each step lasts 30 min: equality is inside
        (limit("rise", "rate_change", "<=", "50 mg/h", window=figure("31 min")), "rate-change.above-hard-limit"),
        (limit("rise", "rate_change", "<=", "100 mg/h", window=figure("31 min")), None),
        (limit("rise", "rate_change", "<=", "0.7 mg/kg/h", "soft"), "rate-change.above-soft-limit"),  # 50 / 71 kg = 0.704
        (limit("rise", "rate_change", "<=", "0.71 mg/kg/h"), None),
        (limit("rise", "rate_change", "<=", "35 mL/h", "soft"), "rate-change.above-soft-limit"),  # 50 mg/h / 1.42 mg/mL = 35.2 mL/h
    ],
)
def test_a_rise_of_the_rate_is_measured_from_step_to_step_or_within_a_window(bound, code):
    assert set(found(therapy(rates=[LADDER], limits=[bound]))) == ({code} if code else set())


def test_one_constant_rate_never_rises():
    assert found(therapy(limits=[limit("rise", "rate_change", "<=", "1 mL/h")])) == {}


def binding(*bounds, **parts) -> list[str]:
    made = planned(therapy(limits=list(bounds), **parts))
    return [finding.rule for finding in made.findings if finding.params.get("binds")]


def test_of_several_limits_that_are_passed_all_are_reported_and_the_deciding_one_is_named():
    # 355 mg for 71 kg, 5 mg/kg: 300 mg is passed 1.18 times, 4 mg/kg 1.25 times
    bounds = [
        limit("flat", "dose", "<=", "300 mg"),
        limit("mass", "dose_per_mass", "<=", "4 mg/kg"),
        limit("soft", "dose", "<=", "100 mg", "soft"),
    ]
    assert {finding.rule for finding in planned(therapy(limits=bounds)).findings} == {"flat", "mass", "soft"}
    assert binding(*bounds) == ["mass"]
    assert binding(*bounds[::2]) == ["flat"]  # a hard one decides before a soft one that is passed further


def test_of_lower_bounds_the_highest_decides_and_one_alone_needs_no_name():
    bounds = [limit("low", "duration", ">=", "3 h"), limit("high", "duration", ">=", "4 h")]
    assert binding(*bounds) == ["high"]
    assert binding(bounds[0]) == []
    assert binding(bounds[0], limit("dose", "dose", "<=", "300 mg")) == []  # of different things both decide


@given(st.lists(st.integers(1, 354), min_size=2, max_size=5, unique=True))
def test_the_lowest_of_several_ceilings_decides(ceilings):
    bounds = [limit(f"most-{one}", "dose", "<=", f"{one} mg") for one in ceilings]
    assert binding(*bounds) == [f"most-{min(ceilings)}"]


def test_a_course_total_counts_the_planned_sessions_and_a_total_of_the_whole_therapy_also_what_was_before():
    # 355 mg weekly, eight sessions are listed: 2840 mg
    ours, ever = limit("course", "dose", "<=", "2840 mg", course=True), limit("ever", "dose", "<=", "2840 mg", cumulative=True)
    long_ago = (Bolus(Quantity("-9", "a"), Quantity(1, "mg")),)

    def passed(*bounds):
        protocol = therapy(schedule=[WEEKLY], limits=list(bounds))
        return plan(protocol, "hash", (), facts(), choice(), FIELDS, NOW, history=long_ago).findings

    assert passed(ours) == ()
    (finding,) = passed(ever)
    assert (finding.code, finding.rule, finding.params["window"]) == ("dose.above-hard-window", "ever", "the-whole-therapy")
    (finding,) = passed({**ours, "figure": figure("2839 mg")})
    assert (finding.rule, finding.params["window"], finding.params["value"]) == ("course", "this-course", Quantity(2840, "mg"))
