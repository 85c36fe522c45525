"""Where it goes in: the table of injection sites by person and place, the distance that a person must confirm, the places of last time."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.context import Elsewhere
from openinfusion.core.administration.places import of_injection, used_last
from openinfusion.core.finding import Level
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import InjectionVolumes
from tests.core.monitoring.cast import shipped_table
from tests.core.prescribing.therapies import SOURCE, facts, figure, limit, planned, without

from .chair import BAG, START, Chair, injected

ADULT, CHILD = date(1980, 5, 1), date(2018, 5, 1)
TODDLER, INFANT = date(2025, 1, 1), date(2026, 3, 1)
PLACES = {"allowed": ["deltoid", "ventrogluteal", "vastus-lateralis", "anterolateral-thigh", "gluteal"]}


def table() -> InjectionVolumes:
    found = shipped_table("im-volumes-1")
    assert isinstance(found, InjectionVolumes)
    return found


def needle(born: date = ADULT, **parts) -> Chair:
    """An injection into a muscle, with the shipped table of volumes per site."""
    chair = Chair(injected(**{"sites": PLACES, **parts}), known=facts(birth_date=born))
    chair.site_volumes = table()
    return chair


def asked(chair: Chair, site: str, millilitres: str) -> dict[str, Level]:
    """What is found of the place for an injection of so much."""
    command = c.GiveInjection(BAG, site, Quantity(millilitres, "mL"))
    return {finding.code: finding.level for finding in of_injection(command, chair.state, chair.context("anna"))}


@pytest.mark.parametrize(
    ("born", "site", "soft", "hard"),
    [
        (ADULT, "deltoid-left", "1", "2"),  # ms2-im-jbi: 1 mL, at most 2 mL
        (ADULT, "ventrogluteal-right", "2.5", "5"),  # ms2-im-acu 2.5 mL; ms2-im-jbi 2 to 5 mL
        (ADULT, "vastus-lateralis-left", "3", "5"),  # usual teaching; ms2-im-jbi and ms2-ceftr-dg 5 mL
        (ADULT, "anterolateral-thigh-left", "3", "5"),  # the same muscle
        (CHILD, "deltoid-left", "0.5", "1"),  # im-vol-dro: children
        (CHILD, "vastus-lateralis-left", "0.5", "1"),  # im-vol-dro: any site
        (TODDLER, "vastus-lateralis-left", "1", "2"),  # im-vol-dro 1 mL; ms2-im-nk 2 mL
        (INFANT, "vastus-lateralis-left", "0.5", "1"),  # im-vol-dro 0.5 mL; ms2-im-nk 1 mL
        (INFANT, "deltoid-left", "0.5", "1"),  # im-vol-dro: any other site of a child
    ],
)
def test_above_the_soft_volume_a_reason_is_asked_and_above_the_hard_one_nobody_passes(born, site, soft, hard):
    chair = needle(born)
    assert asked(chair, site, soft) == {}  # equality is inside
    assert asked(chair, site, hard) == {"sites.volume-above-soft": Level.CAUTION}
    assert asked(chair, site, f"{hard}.01") == {"sites.volume-above-hard": Level.BANNED}


def test_an_age_that_is_not_known_is_missing_and_never_a_pass():
    chair = needle()
    chair.facts = without(facts(), "birth_date")
    assert asked(chair, "deltoid-left", "0.1") == {"sites.volume-undecided": Level.MISSING}


def test_a_place_of_which_no_source_speaks_needs_a_reason():
    assert asked(needle(), "gluteal", "1") == {"sites.volume-not-stated": Level.CAUTION}


def test_the_product_s_own_limit_goes_before_the_figure_of_the_same_strength():
    soft = needle(limits=[limit("own", "volume_per_site", "<=", "4 mL", "soft")])
    assert asked(soft, "ventrogluteal-left", "4") == {}
    assert asked(soft, "ventrogluteal-left", "4.5") == {"volume-per-site.above-soft-limit": Level.CAUTION}
    assert asked(soft, "ventrogluteal-left", "5.5")["sites.volume-above-hard"] is Level.BANNED  # ms2-im-jbi: at most 5 mL
    hard = needle(limits=[limit("own", "volume_per_site", "<=", "6 mL"), limit("own-soft", "volume_per_site", "<=", "6 mL", "soft")])
    assert asked(hard, "ventrogluteal-left", "5.5") == {}


def test_without_a_table_nothing_is_asked_of_it():
    chair = needle()
    chair.site_volumes = None
    assert asked(chair, "deltoid-left", "4") == {}


@given(st.lists(st.fractions(min_value="0.01", max_value=8), min_size=2, max_size=6))
def test_more_volume_is_never_judged_more_lightly(volumes):
    chair = needle()
    found = [
        max((finding.level.rank for finding in of_injection(command, chair.state, chair.context("anna"))), default=-1)
        for volume in sorted(volumes)
        for command in [c.GiveInjection(BAG, "deltoid-left", Quantity(volume, "mL"))]
    ]
    assert all(less <= more for less, more in pairwise(found))


def test_too_much_for_one_place_is_not_injected_and_half_of_it_is():
    chair = needle().ready()  # 4 mL in the syringe; adult, vastus lateralis: 3 mL soft, 5 mL hard
    assert chair.refused(c.GiveInjection(BAG, "deltoid-left", Quantity(4, "mL"))) == {"sites.volume-above-hard"}
    assert chair.refused(c.GiveInjection(BAG, "vastus-lateralis-left", Quantity(4, "mL"))) == {"sites.volume-above-soft"}
    chair.do(c.GiveInjection(BAG, "vastus-lateralis-left", Quantity(2, "mL")))
    chair.do(c.GiveInjection(BAG, "vastus-lateralis-right", Quantity(2, "mL")))
    assert chair.status == "observing"


def test_a_reason_lets_a_soft_volume_pass():
    chair = needle().ready()
    chair.do(c.AcceptFindings({"sites.volume-above-soft:vastus-adult": "one needle, at the patient's wish"}))
    events = chair.do(c.GiveInjection(BAG, "vastus-lateralis-left", Quantity(4, "mL")))
    assert events[0].KIND == "injection-given"


def test_a_second_injection_into_one_muscle_needs_the_distance_confirmed():
    chair = needle().ready()
    chair.do(c.GiveInjection(BAG, "vastus-lateralis-left", Quantity(1, "mL")))
    again = c.GiveInjection(BAG, "vastus-lateralis-left", Quantity(1, "mL"))
    assert chair.refused(again) == {"sites.gap-not-confirmed"}
    events = chair.do(replace(again, gap_confirmed=True))
    assert events[0].KIND == "site-gap-confirmed"
    assert events[0].gap == Quantity(1, "[in_i]")  # im-vol-dro: two injections in one muscle
    assert asked(chair, "vastus-lateralis-left", "2")["sites.volume-above-soft"] is Level.CAUTION  # 1 + 1 + 2 mL


BY_SITES = {
    "id": "sites", "shape": "per_site_by_session", "sources": [SOURCE],
    "steps": [{"session": 1, "rate": figure("20 mL/h/{site}")}],
}  # fmt: skip


def drip(**parts) -> Chair:
    """Two places at once under the skin, 5 cm apart, changed from time to time."""
    usual = {
        "route": "SC", "delivery": "multi_site_infusion", "rates": [BY_SITES], "route_bans": [],
        "sites": {"allowed": ["abdomen", "thigh"], "gap": figure("5 cm"), "rotate": True, "sources": [SOURCE]},
    }  # fmt: skip
    protocol = injected(**{**usual, **parts})
    return Chair(protocol, planned(protocol, sites=2)).ready()


def two(chair: Chair, *, confirmed: bool) -> c.StartInfusion:
    return replace(chair.start(), sites=("abdomen-left", "abdomen-right"), gap_confirmed=confirmed)


def test_two_places_start_only_when_a_person_confirmed_their_distance():
    chair = drip()
    assert chair.refused(two(chair, confirmed=False)) == {"sites.gap-not-confirmed"}
    events = chair.do(two(chair, confirmed=True))
    assert [event.KIND for event in events[:2]] == ["site-gap-confirmed", "infusion-started"]
    assert events[0].gap == Quantity(5, "cm")
    assert events[0].sites == ("abdomen-left", "abdomen-right")


def test_of_several_distances_the_widest_is_asked():
    chair = drip(limits=[limit("apart", "site_gap", ">=", "4 [in_i]")])
    assert chair.do(two(chair, confirmed=True))[0].gap == Quantity(4, "[in_i]")  # 10.16 cm


def test_where_no_distance_is_stated_none_is_asked():
    chair = drip(sites={"allowed": ["abdomen", "thigh"]})
    assert chair.refused(two(chair, confirmed=False)) == frozenset()
    assert chair.do(two(chair, confirmed=True))[0].KIND == "infusion-started"


def test_the_places_of_the_session_before_are_told_and_hold_nothing_back():
    chair = drip()
    week = timedelta(days=7)
    chair.elsewhere = (
        Elsewhere("session/old", uncertain=False, amounts={}, started_at=START - 2 * week, sites=("thigh-left", "thigh-right")),
        Elsewhere("session/last", uncertain=False, amounts={}, started_at=START - week, sites=("abdomen-left", "abdomen-right")),
    )
    (told,) = used_last(chair.context("anna"))
    assert (told.code, told.level) == ("sites.used-last", Level.INFO)
    assert told.params["sites"] == ("abdomen-left", "abdomen-right")
    assert chair.refused(two(chair, confirmed=True)) == frozenset()


def test_a_protocol_that_asks_for_no_change_of_places_tells_none():
    chair = drip(sites={"allowed": ["abdomen", "thigh"]})
    chair.elsewhere = (Elsewhere("session/last", uncertain=False, amounts={}, started_at=START, sites=("abdomen-left",)),)
    assert tuple(used_last(chair.context("anna"))) == ()
