"""A rate plan as rows: contiguous in time, never falling, and adding up to exactly what is planned - for every shape."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from openinfusion.core.prescribing.order import Around, OnDemand, PlannedBolus, RatePlan
from openinfusion.core.prescribing.rate_table import Kind, RateTable, rate_table
from openinfusion.core.protocol import Preparation
from openinfusion.core.quantity import Quantity, UnitError
from tests.core.prescribing.therapies import FLAT, LADDER, ON_DEMAND, SINGLE, SOURCE, TWO_HOURS, codes, figure, planned, therapy

OPEN_VOLUME = {"diluents": ["saline"], "sources": [SOURCE]}
LIQUID = {"generic": "d", "drug_class": "c", "ingredients": ["drug"], "concentration": figure("200 mg/mL")}
PORTIONS = {"id": "inc", "shape": "incremental_bolus", "increment": figure("5 mL"), "wait": figure("5 min"), "sources": [SOURCE]}
EXPLICIT = {
    "id": "table", "shape": "explicit_steps", "sources": [SOURCE],
    "steps": [{"after": figure("0 min"), "rate": figure("30 mL/h")}, {"after": figure("20 min"), "rate": figure("120 mL/h")}],
}  # fmt: skip
PARTS = {
    "id": "parts", "shape": "fraction_of_dose", "sources": [SOURCE],
    "parts": [
        {"since": figure("0 min"), "until": figure("30 min"), "fraction": figure("20 %")},
        {"since": figure("30 min"), "until": figure("90 min"), "fraction": figure("80 %")},
    ],
}  # fmt: skip
BY_SITE = {
    "id": "sites", "shape": "per_site_by_session", "sources": [SOURCE],
    "steps": [{"session": 1, "rate": figure("10 mL/h/{site}")}, {"session": 2, "rate": figure("20 mL/h/{site}")}],
}  # fmt: skip
UNDILUTED = {"diluents": [], "sources": [SOURCE]}
MULTI: dict[str, Any] = {"route": "SC", "delivery": "multi_site_infusion", "drug": LIQUID, "preparation": UNDILUTED}
BY_HAND: dict[str, Any] = {"delivery": "injection", "route": "IM", "drug": LIQUID, "preparation": UNDILUTED}
IN_BAG: dict[str, Any] = {"preparation": OPEN_VOLUME, "doses": [{**FLAT, "amount": figure("1000 mg")}]}


def table(volume: str = "250 mL", drop_factor: str = "", **parts: Any) -> RateTable:
    """The table of a made-up therapy with any of its parts replaced."""
    protocol = therapy(**{**IN_BAG, **parts})
    made = planned(protocol, final_volume=Quantity.parse(volume) if protocol.preparation.diluents else None)
    found = rate_table(made.rates, made.concentration, Quantity.parse(drop_factor) if drop_factor else None)
    assert found is not None, codes(made)
    return found


def shown(found: RateTable) -> list[tuple[str, str, str, str, str]]:
    """Kind, begin and end in minutes, volume and what is given by then in mL."""
    return [(row.kind.value, row.begins.to("min").text, row.ends.to("min").text, row.volume.text, row.given.text) for row in found.rows]


SHAPES: dict[str, dict[str, Any]] = {
    "fixed_duration": {"rates": [TWO_HOURS]},
    "stepped_increment": {"rates": [LADDER]},
    "explicit_steps": {"rates": [EXPLICIT]},
    "fraction_of_dose": {"rates": [PARTS]},
    "per_site_by_session": {"rates": [BY_SITE], **MULTI},
    "patient_controlled": {"rates": [{**ON_DEMAND, "basal": figure("4 mL/h")}], "delivery": "patient_controlled"},
    "incremental_bolus": {"rates": [PORTIONS], **BY_HAND},
    "single_injection": {"rates": [SINGLE], **BY_HAND},
}


def test_a_fixed_duration_is_one_row():
    assert shown(table()) == [("flow", "0", "120", "250", "250")]


def test_a_ladder_says_what_is_given_by_the_end_of_each_step():
    # 1000 mg in 500 mL is 2 mg/mL; 50 mg/h is 25 mL/h; after seven half hours 350 mL are in, the last 150 mL take 45 min
    found = table("500 mL", rates=[LADDER])
    assert [row.given.text for row in found.rows] == ["12.5", "37.5", "75", "125", "187.5", "262.5", "350", "500"]
    assert (found.volume, found.ends) == (Quantity(500, "mL"), Quantity(255, "min"))
    assert found.rows[3].dose_rate == Quantity(200, "mg/h")


def test_explicit_steps_and_fractions_follow_their_times():
    # 30 mL/h for 20 min is 10 mL; 240 mL at 120 mL/h take 120 min
    assert shown(table(rates=[EXPLICIT])) == [("flow", "0", "20", "10", "10"), ("flow", "20", "140", "240", "250")]
    # 20 % of 250 mL in 30 min, 80 % in the next hour
    assert shown(table(rates=[PARTS])) == [("flow", "0", "30", "50", "50"), ("flow", "30", "90", "200", "250")]


def test_sites_flow_together_and_each_row_says_the_rate_of_one():
    # 1000 mg of 200 mg/mL is 5 mL; one site at 10 mL/h takes 30 min
    found = table(rates=[BY_SITE], **MULTI)
    assert shown(found) == [("flow", "0", "30", "5", "5")]
    assert found.rows[0].per_site == Quantity(10, "mL/h/{site}")


def test_portions_wait_for_effect_and_the_last_is_what_is_left():
    # 2400 mg of 200 mg/mL is 12 mL: 5 + 5 + 2
    found = table(rates=[PORTIONS], **{**BY_HAND, "doses": [{**FLAT, "amount": figure("2400 mg")}]})
    assert shown(found) == [
        ("bolus", "0", "0", "5", "5"), ("rest", "0", "5", "0", "5"), ("bolus", "5", "5", "5", "10"),
        ("rest", "5", "10", "0", "10"), ("bolus", "10", "10", "2", "12"),
    ]  # fmt: skip
    assert found.ends == Quantity(10, "min")


def test_portions_written_as_an_amount_of_drug_say_both():
    rule = {**PORTIONS, "increment": figure("500 mg")}  # 500 mg of 200 mg/mL is 2.5 mL
    found = table(rates=[rule], **BY_HAND)
    assert [(row.volume.text, row.dose) for row in found.flowing if row.volume.value] == [
        ("2.5", Quantity(500, "mg")),
        ("2.5", Quantity(500, "mg")),
    ]


def test_a_plan_of_portions_keeps_its_arithmetic_and_refuses_endless_ones():
    many = {**PORTIONS, "increment": figure("0.01 mL")}
    made = planned(therapy(**{**IN_BAG, "rates": [many], **BY_HAND}))
    assert (made.rates, codes(made)) == (None, {"rate.too-many-portions"})
    with pytest.raises(ValidationError, match="never end"):
        therapy(rates=[{**PORTIONS, "increment": figure("0 mL")}])
    unknown = {**PORTIONS, "increment": figure("5 [iU]")}
    assert "rate.concentration-missing" in codes(planned(therapy(**{**IN_BAG, "rates": [unknown], **BY_HAND})))
    stated = planned(therapy(**{**IN_BAG, "rates": [PORTIONS]}))  # an infusion without its volume
    assert (stated.rates, codes(stated)) == (None, {"preparation.volume-missing"})


def test_what_a_patient_may_ask_for_is_shown_at_its_fastest():
    # at most 20 mL in 1 h, a bolus of 10 mL at each 10 min: two boluses, then rest
    found = table(rates=[ON_DEMAND], delivery="patient_controlled")
    assert found.is_fastest
    assert shown(found) == [
        ("bolus", "0", "0", "10", "10"), ("rest", "0", "10", "0", "10"), ("bolus", "10", "10", "10", "20"), ("rest", "10", "60", "0", "20"),
    ]  # fmt: skip


def test_a_basal_flow_leaves_less_room_for_boluses():
    # 4 mL/h basal leaves 16 mL of 20: one bolus of 10 mL
    found = table(rates=[{**ON_DEMAND, "basal": figure("4 mL/h")}], delivery="patient_controlled")
    assert shown(found) == [("bolus", "0", "0", "10", "10"), ("flow", "0", "60", "4", "14")]
    too_much = table(rates=[{**ON_DEMAND, "basal": figure("30 mL/h")}], delivery="patient_controlled")
    assert shown(too_much) == [("flow", "0", "60", "30", "30")]  # the limits say that it is too much; the table shows it


def test_a_programme_in_amounts_of_a_drug_without_concentration_has_no_table():
    demand = OnDemand(Quantity(1, "mg"), Quantity(10, "min"), Quantity(6, "mg"), Quantity(1, "h"))
    rates = RatePlan("r", "patient_controlled", planned(therapy()).rates.derivation, on_demand=demand)
    assert rate_table(rates) is None
    found = rate_table(rates, Quantity(2, "mg/mL"))
    assert found is not None
    assert (found.volume, found.rows[0].dose) == (Quantity(3, "mL"), Quantity(1, "mg"))  # six boluses of 0.5 mL


def test_an_injection_divided_among_sites_has_a_row_for_each():
    rates = RatePlan("r", "single_injection", planned(therapy()).rates.derivation, volume=Quantity(5, "mL"), sites=3)
    found = rate_table(rates)
    assert found is not None
    assert [row.volume for row in found.rows] == [Quantity(Fraction(5, 3), "mL")] * 3
    assert found.volume == Quantity(5, "mL")


def test_priming_and_flush_stand_beside_the_infusion_and_never_count_as_given():
    around = {"priming": figure("20 mL"), "flush": figure("25 mL"), "overfill": figure("10 mL")}
    found = table(preparation={**OPEN_VOLUME, **around})
    assert shown(found) == [
        ("priming", "0", "0", "20", "0"), ("flow", "0", "120", "250", "250"), ("flush", "120", "132", "25", "250"),
    ]  # fmt: skip
    # the flush flows at the last rate: 25 mL at 125 mL/h take 12 min
    assert (found.volume, found.ends, found.all_ends) == (Quantity(250, "mL"), Quantity(2, "h"), Quantity(132, "min"))
    assert found.container == Quantity(280, "mL")
    assert found.around == Around(Quantity(20, "mL"), Quantity(25, "mL"), Quantity(10, "mL"))


def test_a_flush_by_hand_takes_no_time():
    found = table(rates=[SINGLE], **{**BY_HAND, "preparation": {**UNDILUTED, "flush": figure("10 mL")}})
    assert (found.rows[-1].kind, found.rows[-1].lasts, found.all_ends) == (Kind.FLUSH, Quantity(0, "min"), Quantity(0, "min"))


@pytest.mark.parametrize("wrong", ["5 mg", "0 mL"])
def test_what_stands_around_an_infusion_is_a_volume(wrong):
    with pytest.raises(ValidationError, match="write each in mL"):
        Preparation.model_validate({"flush": figure(wrong), "sources": [SOURCE]})


@pytest.mark.parametrize(
    ("factor", "exact", "whole", "rate"),
    # 125 mL/h x 20 drops/mL / 60 = 41.67 drops/min; 42 are 126 mL/h
    [("20 [drp]/mL", Fraction(125, 3), 42, 126), ("60 [drp]/mL", Fraction(125), 125, 125), ("15 [drp]/mL", Fraction(125, 4), 31, 124)],
)
def test_drops_stand_exactly_and_in_whole_drops_with_the_flow_these_come_to(factor, exact, whole, rate):
    drops = table(drop_factor=factor).rows[0].drops
    assert drops is not None
    assert (drops.exact.value, drops.whole.value, drops.rate) == (exact, whole, Quantity(rate, "mL/h"))


def test_of_several_sites_each_line_has_its_own_drops():
    around = planned(therapy()).rates
    two = RatePlan("r", "per_site_by_session", around.derivation, around.steps, around.volume, around.duration, sites=2)
    found = rate_table(two, None, Quantity(20, "[drp]/mL"))
    assert found is not None and found.rows[0].drops is not None  # noqa: PT018 - narrows for the type checker
    assert found.rows[0].drops.exact == Quantity(Fraction(125, 6), "[drp]/min")


def test_a_drop_factor_that_is_none_is_refused():
    with pytest.raises(UnitError):
        table(drop_factor="20 mL/h")


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_planned_and_its_table_holds_together(shape):
    found = table(**SHAPES[shape])
    assert found.shape == shape
    holds_together(found)


def holds_together(found: RateTable) -> None:
    """Contiguous, never falling, and adding up exactly."""
    timed = [row for row in found.rows if row.kind is not Kind.PRIMING]
    assert timed[0].begins.value == 0
    assert all(later.begins == earlier.ends for earlier, later in pairwise(timed))
    assert all(earlier.given <= later.given for earlier, later in pairwise(found.rows))
    assert sum((row.volume for row in found.flowing), start=Quantity(0, "mL")) == found.volume
    assert found.flowing[-1].given == found.volume
    assert found.ends == found.flowing[-1].ends
    for row in found.rows:
        if row.rate is not None:
            assert row.rate.times(row.lasts, "mL") == row.volume


VOLUMES = st.fractions(Fraction(1, 2), 3000, max_denominator=50)


@settings(max_examples=60, deadline=None)
@given(
    volume=VOLUMES,
    shape=st.sampled_from(["fixed_duration", "stepped_increment", "explicit_steps", "fraction_of_dose"]),
    flush=st.booleans(),
    factor=st.sampled_from(["", "10 [drp]/mL", "60 [drp]/mL"]),
)
def test_the_end_of_every_infusion_is_exactly_its_volume(volume, shape, flush, factor):
    preparation = {**OPEN_VOLUME, **({"flush": figure("20 mL"), "priming": figure("15 mL")} if flush else {})}
    made = planned(therapy(**{**IN_BAG, **SHAPES[shape], "preparation": preparation}), final_volume=Quantity(volume, "mL"))
    if made.rates is None:  # too slow for a pump; the findings say so
        assert codes(made)
        return
    found = rate_table(made.rates, made.concentration, Quantity.parse(factor) if factor else None)
    assert found is not None
    holds_together(found)
    assert found.volume == Quantity(volume, "mL")


@settings(max_examples=60, deadline=None)
@given(
    bolus=st.fractions(Fraction(1, 10), 20, max_denominator=10),
    lockout=st.integers(1, 90),
    most=st.fractions(Fraction(1, 10), 60, max_denominator=10),
    window=st.integers(10, 300),
    basal=st.one_of(st.none(), st.fractions(0, 20, max_denominator=10)),
)
def test_no_programme_on_demand_flows_more_than_its_window_allows_unless_the_basal_flow_alone_does(bolus, lockout, most, window, basal):
    demand = OnDemand(
        Quantity(bolus, "mL"), Quantity(lockout, "min"), Quantity(most, "mL"), Quantity(window, "min"),
        None if basal is None else Quantity(basal, "mL/h"),
    )  # fmt: skip
    found = rate_table(RatePlan("r", "patient_controlled", planned(therapy()).rates.derivation, on_demand=demand))
    assert found is not None
    holds_together(found)
    alone = Quantity(basal or 0, "mL/h").times(demand.window, "mL")
    assert found.volume <= max(demand.most, alone)
    assert found.ends == demand.window


@given(
    volume=st.fractions(1, 60, max_denominator=50), increment=st.fractions(Fraction(1, 2), 50, max_denominator=10), wait=st.integers(0, 60)
)
def test_portions_add_up_to_the_volume(volume, increment, wait):
    count = -(-volume // increment)
    parts = [min(increment, volume - increment * n) for n in range(count)]
    boluses = tuple(PlannedBolus(n + 1, Quantity(wait * n, "min"), Quantity(part, "mL")) for n, part in enumerate(parts))
    found = rate_table(RatePlan("r", "incremental_bolus", planned(therapy()).rates.derivation, boluses=boluses))
    assert found is not None
    holds_together(found)
    assert found.volume == Quantity(volume, "mL")
