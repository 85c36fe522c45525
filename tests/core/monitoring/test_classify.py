"""Classifiers of a reaction: any criterion is enough, more signs never make less of it, and a grade decides about no epinephrine."""

from dataclasses import replace
from fractions import Fraction
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

import openinfusion
from openinfusion.app.calculators import table_of
from openinfusion.core.monitoring.classify import Met, anaphylaxis, emergency, grades, is_low
from openinfusion.core.monitoring.signs import ALSO, DONE, PARTS, SIGNS, Exposure, Response, Signs, called
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import AdverseEvents, ReactionCriteria

CRITERIA = cast(ReactionCriteria, table_of("anaphylaxis-criteria-1"))
EVENTS = cast(AdverseEvents, table_of("ctcae-5"))
RANK = {Met.NO: 0, Met.OPEN: 1, Met.YES: 2}

seen = st.frozensets(st.sampled_from(sorted(SIGNS)), max_size=6)
exposures = st.sampled_from([None, *Exposure])
pressures = st.none() | st.integers(0, 200).map(lambda n: Quantity(n, "mm[Hg]"))
ages = st.none() | st.integers(0, 1200).map(lambda n: Quantity(Fraction(n, 12), "a"))
saturations = st.none() | st.integers(50, 100).map(lambda n: Quantity(n, "%"))
temperatures = st.none() | st.integers(350, 420).map(lambda n: Quantity(Fraction(n, 10), "Cel"))
found = st.builds(
    Signs,
    seen=seen,
    exposure=exposures,
    systolic=pressures,
    baseline=st.none() | st.integers(60, 200).map(lambda n: Quantity(n, "mm[Hg]")),
    age=ages,
    saturation=saturations,
    temperature=temperatures,
    lasting=st.none() | st.integers(0, 60).map(lambda n: Quantity(n, "h")),
    done=st.frozensets(st.sampled_from(DONE), max_size=4),
    response=st.sampled_from([None, *Response]),
    recurred=st.booleans(),
    hospitalised=st.booleans(),
    life_threatening=st.booleans(),
    died=st.booleans(),
)


def met(signs):
    return {one.criterion: one.met for one in anaphylaxis(CRITERIA, signs)}


def graded(signs):
    return {one.term.removeprefix("ctcae-"): one.grade for one in grades(EVENTS, CRITERIA, signs)}


def by_hand(signs):
    """The criteria a second time: bs-wao2020 criteria 1 and 2; NIAID/FAAN 2006 criteria 1 to 3 (niaid-bp-aap, table 4)."""
    systolic = None if signs.systolic is None else float(signs.systolic.value)
    age = None if signs.age is None else float(signs.age.value)
    low = bool(signs.seen & {"low-blood-pressure", "sbp_drop", "cardiac-arrest"})
    if systolic is not None:
        if signs.baseline is not None:
            low = low or 10 * systolic < 7 * float(signs.baseline.value)
        if age is None or age >= 11:
            low = low or systolic < 90
        elif age >= 1:
            low = low or systolic < 70 + 2 * int(age)
        elif signs.age.value * 12 >= 1:
            low = low or systolic < 70
    skin = bool(signs.seen & {"urticaria", "itching", "flushing", "angioedema", "rash"})
    wheeze = "wheeze" in signs.seen
    larynx = bool(signs.seen & {"stridor", "hoarse_voice", "throat-swelling", "throat-tightness", "painful-swallowing"})
    hypoxic = bool(signs.seen & {"cyanosis", "low-saturation"}) or (signs.saturation is not None and signs.saturation.value <= 92)
    breathing = wheeze or hypoxic or bool(signs.seen & {"breathless", "stridor", "low-peak-flow"})
    circulation = low or bool(signs.seen & {"collapse", "syncope", "incontinence"})
    severe = bool(signs.seen & {"severe-cramps", "repeated-vomiting"})
    persistent = severe or bool(signs.seen & {"persistent-cramps", "persistent-diarrhoea"})
    exposed, known = signs.exposure in (Exposure.LIKELY, Exposure.KNOWN), signs.exposure is Exposure.KNOWN
    return {
        "wao-2020-1": skin and (breathing or circulation or severe),
        "wao-2020-2": exposed and (low or wheeze or larynx),
        "niaid-2006-1": skin and (breathing or circulation),
        "niaid-2006-2": exposed and skin + breathing + circulation + persistent >= 2,
        "niaid-2006-3": known and low,
    }


@given(found)
def test_the_criteria_agree_with_a_second_writing_of_them(signs):
    assert {name: one is Met.YES for name, one in met(signs).items()} == by_hand(signs)


@given(found)
def test_a_criterion_is_open_exactly_where_a_known_allergen_would_meet_it(signs):
    unstated = replace(signs, exposure=None)
    if_known = by_hand(replace(signs, exposure=Exposure.KNOWN))
    without = by_hand(replace(signs, exposure=Exposure.NONE))
    expected = {name: Met.YES if without[name] else Met.OPEN if if_known[name] else Met.NO for name in if_known}
    assert met(unstated) == expected


@given(found, st.sampled_from(sorted(SIGNS)))
def test_one_sign_more_never_makes_less_of_a_criterion(signs, sign):
    before, after = met(signs), met(replace(signs, seen=signs.seen | {sign}))
    assert all(RANK[after[name]] >= RANK[before[name]] for name in before)


@given(found)
def test_a_known_allergen_is_at_least_as_much_as_a_likely_one_and_that_as_none(signs):
    none, likely, known = (met(replace(signs, exposure=one)) for one in (Exposure.NONE, Exposure.LIKELY, Exposure.KNOWN))
    assert all(RANK[none[name]] <= RANK[likely[name]] <= RANK[known[name]] for name in known)


@given(st.lists(st.sampled_from(sorted(SIGNS)), unique=True), exposures, st.randoms())
def test_the_order_of_the_signs_does_not_matter(signs, exposure, random):
    mixed = list(signs)
    random.shuffle(mixed)
    one, other = (Signs(frozenset(order), exposure) for order in (signs, mixed))
    assert anaphylaxis(CRITERIA, one) == anaphylaxis(CRITERIA, other)
    assert grades(EVENTS, CRITERIA, one) == grades(EVENTS, CRITERIA, other)


@given(found)
def test_what_was_done_and_how_it_answered_changes_no_criterion(signs):
    bare = replace(signs, done=frozenset(), response=None, recurred=False, hospitalised=False, life_threatening=False, died=False)
    assert met(signs) == met(bare)


@given(found)
def test_every_criterion_that_is_met_names_the_signs_that_it_rests_on(signs):
    for one in anaphylaxis(CRITERIA, signs):
        assert one.because or one.met is Met.NO
        assert set(one.because) <= signs.seen | {"systolic", "saturation"}
        assert one.sources


@given(found)
def test_the_emergency_path_opens_with_any_criterion(signs):
    judged = anaphylaxis(CRITERIA, signs)
    assert emergency(judged) == max((one.met for one in judged), key=RANK.__getitem__)
    assert emergency(()) is Met.NO


@given(found)
def test_a_grade_is_none_or_one_to_five_and_names_its_row(signs):
    for one in grades(EVENTS, CRITERIA, signs):
        assert one.grade is None or 1 <= one.grade <= 5
        assert bool(one.row) == bool(one.because) == (one.grade is not None)
        assert one.sources


@given(found)
def test_a_person_who_died_has_grade_five_wherever_the_term_has_one(signs):
    fifth = {term.id.removeprefix("ctcae-") for term in EVENTS.terms if any(row.grade == 5 for row in term.rows)}
    before, after = graded(replace(signs, died=False)), graded(replace(signs, died=True))
    assert all(after[term] == 5 for term in fifth if before[term] is not None)


@pytest.mark.parametrize(
    ("temperature", "hours", "grade"),
    [
        # CTCAE 5.0, Fever: 38.0 to 39.0; above 39.0 to 40.0; above 40.0 for up to 24 h; above 40.0 for more than 24 h
        ("37.9", 1, None),
        ("38.0", 1, 1),
        ("39.0", 1, 1),
        ("39.1", 1, 2),
        ("40.0", 30, 2),
        ("40.1", 24, 3),
        ("40.1", 25, 4),
    ],
)
def test_fever_is_graded_by_its_height_and_length(temperature, hours, grade):
    assert graded(Signs(temperature=Quantity(temperature, "Cel"), lasting=Quantity(hours, "h")))["fever"] == grade


@pytest.mark.parametrize(("surface", "grade"), [(None, 1), (9, 1), (10, 2), (30, 2), (31, 3)])
def test_hives_are_graded_by_the_share_of_the_skin(surface, grade):
    # CTCAE 5.0, Urticaria: below 10 %, 10 to 30 %, above 30 % of the body surface
    share = None if surface is None else Quantity(surface, "%")
    assert graded(Signs(frozenset({"urticaria"}), surface=share))["urticaria"] == grade


@pytest.mark.parametrize(
    ("done", "more", "grade"),
    [
        # CTCAE 5.0, Infusion related reaction: 1 neither pause nor treatment; 2 a pause or a treatment that is answered quickly;
        # 3 prolonged, back after it had improved, or hospital; 4 life in danger; 5 death
        ((), {}, 1),
        (("slowed",), {}, 1),
        (("interrupted",), {"response": Response.PROMPT}, 2),
        (("antihistamine",), {}, 2),
        (("interrupted",), {"response": Response.SLOW}, 3),
        (("interrupted",), {"recurred": True}, 3),
        ((), {"hospitalised": True}, 3),
        (("intubated",), {}, 4),
        ((), {"life_threatening": True}, 4),
        ((), {"died": True}, 5),
    ],
)
def test_an_infusion_related_reaction_is_graded_by_what_it_needed(done, more, grade):
    assert graded(Signs(frozenset({"flushing"}), done=frozenset(done), **more))["infusion-related-reaction"] == grade


def test_without_a_sign_there_is_no_grade_whatever_was_done():
    assert set(graded(Signs(done=frozenset(DONE), response=Response.NONE, hospitalised=True)).values()) == {None}


@pytest.mark.parametrize(
    ("signs", "grade"),
    [
        # CTCAE 5.0, Cytokine release syndrome: 1 fever; 2 low pressure answering to fluid, or oxygen below 40 %; 3 one vasopressor, or 40 %
        ({}, 1),
        ({"seen": frozenset({"low-blood-pressure"})}, 2),
        ({"saturation": Quantity(90, "%"), "oxygen": Quantity(39, "%")}, 2),
        ({"seen": frozenset({"low-blood-pressure"}), "done": frozenset({"vasopressor"})}, 3),
        ({"saturation": Quantity(90, "%"), "oxygen": Quantity(40, "%")}, 3),
    ],
)
def test_cytokine_release_is_graded_by_pressure_and_oxygen(signs, grade):
    assert graded(Signs(temperature=Quantity(39, "Cel"), **signs))["cytokine-release-syndrome"] == grade


@pytest.mark.parametrize(
    ("age", "limit"),
    [
        # niaid-bp-aap, table 4: below 70 from 1 month; 70 and twice the age from 1 year; 90 from 11; adults 90
        ("1 mo", 70),
        ("11 mo", 70),
        ("1 a", 72),
        ("5 a", 80),
        ("10 a", 90),
        ("11 a", 90),
        ("17 a", 90),
        ("18 a", 90),
        ("80 a", 90),
        (None, 90),
    ],
)
def test_the_pressure_is_low_below_the_limit_of_the_age_and_not_at_it(age, limit):
    years = None if age is None else Quantity(*age.split())
    assert not is_low(CRITERIA.pressure, Quantity(limit, "mm[Hg]"), None, years)
    assert is_low(CRITERIA.pressure, Quantity(limit - 1, "mm[Hg]"), None, years)


def test_below_a_month_only_the_fall_counts():
    newborn = Quantity(2, "wk").to("a")
    assert not is_low(CRITERIA.pressure, Quantity(50, "mm[Hg]"), None, newborn)
    assert is_low(CRITERIA.pressure, Quantity(50, "mm[Hg]"), Quantity(72, "mm[Hg]"), newborn)


def test_another_word_for_a_sign_is_that_sign_and_an_unknown_one_stays_as_it_was_written():
    assert called("Hives") == "urticaria"
    assert called("hoarse voice") == called("Hoarse-Voice") == "hoarse_voice"
    assert called(" blue elephants ") == "blue elephants"
    assert set(ALSO.values()) <= SIGNS | set(DONE)
    assert all(called(word) == word for word in (*SIGNS, *DONE))


def test_every_mark_of_the_tables_is_a_word_that_can_be_given():
    flags = {"recurred", "hospitalised", "life-threatening", "died", "exposed", *(f"response-{one}" for one in Response)}
    known = SIGNS | set(DONE) | flags | set(CRITERIA.groups) | set(EVENTS.groups)
    members = [word for group in (*CRITERIA.groups.values(), *EVENTS.groups.values()) for word in group]
    ways = [word for term in EVENTS.terms for way in (*term.asked_if, *(way for row in term.rows for way in row.any)) for word in way]
    named = [word for one in CRITERIA.criteria for word in (*one.all_of, *one.any_of)]
    assert {*members, *ways} <= known
    assert set(named) <= set(CRITERIA.groups)
    assert len([sign for part in PARTS.values() for sign in part]) == len(SIGNS)


@given(st.integers(1, 200), st.none() | st.integers(40, 200), st.integers(1, 90))
def test_the_limits_of_pressure_are_those_of_the_scale_of_low_pressure(systolic, before, years):
    entered = {"sbp": f"{systolic} mm[Hg]", "age_y": f"{years} a"}
    entered |= {} if before is None else {"baseline_sbp": f"{before} mm[Hg]"}
    made = openinfusion.calc("hypotension", **entered)
    own = None if before is None else Quantity(before, "mm[Hg]")
    is_here = is_low(CRITERIA.pressure, Quantity(systolic, "mm[Hg]"), own, Quantity(years, "a"))
    # without the own pressure the scale gives no result where the age alone does not settle it
    if made["result"] is not None:
        assert made["result"]["value"] == ("yes" if is_here else "no")
    else:
        assert before is None
        assert not is_here
