"""How much went in: the exact integral of what flowed, or what a person settled."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import Amount, PumpReport, VolumeFrom
from openinfusion.core.administration.volume import agree, bounds, delivered, is_reconciled, pieces
from openinfusion.core.quantity import Quantity

from .chair import Chair, injected, rate, stepped


@pytest.fixture
def chair() -> Chair:
    """Half an hour at 12.5 mL/h."""
    return Chair(stepped()).running().wait(minutes=30)


def test_flow_is_rate_times_time_exactly(chair):
    assert delivered(chair.state, chair.now) == (Quantity("6.25", "mL"), VolumeFrom.SEGMENTS)


def test_a_pause_adds_nothing(chair):
    chair.do(c.Pause())
    assert delivered(chair.state, chair.now + timedelta(hours=3))[0] == Quantity("6.25", "mL")


def test_a_flush_carries_no_dose(chair):
    chair.do(c.RecordFlush(Quantity(20, "mL")))
    assert delivered(chair.state, chair.now)[0] == Quantity("6.25", "mL")


@pytest.mark.parametrize("volume", [Quantity(-5, "mL"), Quantity(5, "mg"), Quantity(0, "mL")])
def test_a_volume_that_cannot_be_is_kept_in_the_history_and_counted_nowhere(chair, volume):
    events = chair.do(c.RecordGiven(volume))
    assert events[0].volume == volume
    assert events[0].broke
    assert events[-1].KIND == "review-opened"
    assert delivered(chair.state, chair.now)[0] == Quantity("6.25", "mL")


def test_what_a_person_settled_replaces_the_integral_and_what_flows_later_is_added(chair):
    chair.do(c.ReconcileAmount(Quantity(5, "mL"), "weighed"))
    assert delivered(chair.state, chair.now) == (Quantity(5, "mL"), VolumeFrom.PERSON)
    assert delivered(chair.state, chair.now + timedelta(minutes=60))[0] == Quantity("17.5", "mL")


def test_settling_on_the_pump_s_figure_says_so(chair):
    chair.do(c.AssociateDevice("pump-1", "pump"))
    chair.do(c.ReceivePumpReport("pump-1", PumpReport("running", rate("12.5"), Quantity("5.9", "mL"))), "pump-1")
    chair.do(c.ReconcileAmount(Quantity("5.9", "mL"), "pump is right"))
    assert delivered(chair.state, chair.now) == (Quantity("5.9", "mL"), VolumeFrom.PUMP)


def test_an_uncertain_amount_lies_between_its_bounds_and_both_grow_with_the_flow(chair):
    chair.do(c.DeclareAmountUncertain(Quantity(4, "mL"), Quantity(8, "mL"), "leak"))
    assert bounds(chair.state, chair.now) == (Quantity(4, "mL"), Quantity(8, "mL"))
    assert bounds(chair.state, chair.now + timedelta(hours=1)) == (Quantity("16.5", "mL"), Quantity("20.5", "mL"))


def test_bounds_that_cross_leave_the_amount_uncertain_without_them(chair):
    events = chair.do(c.DeclareAmountUncertain(Quantity(8, "mL"), Quantity(4, "mL"), "?"))
    assert events[0].broke == ("bounds-not-usable",)
    assert (chair.state.amount, chair.state.bounds) == (Amount.UNCERTAIN, None)


def test_a_pump_that_tells_another_volume_at_the_end_asks_to_be_reconciled(chair):
    chair.do(c.AssociateDevice("pump-1", "pump"))
    chair.do(c.Stop("done"))
    chair.do(c.ReceivePumpReport("pump-1", PumpReport("stopped", volume=Quantity("6.2", "mL"))), "pump-1")
    assert is_reconciled(chair.state, chair.now)
    chair.do(c.ReceivePumpReport("pump-1", PumpReport("stopped", volume=Quantity("5", "mL"))), "pump-1")
    assert not is_reconciled(chair.state, chair.now)
    chair.do(c.ReconcileAmount(Quantity(5, "mL"), "pump is right"))
    assert is_reconciled(chair.state, chair.now)


def test_a_stop_told_twenty_minutes_late_leaves_the_amount_between_both_times(chair):
    events = chair.do(c.Stop("forgot to chart"), at=chair.now - timedelta(minutes=20))
    assert [event.KIND for event in events] == ["infusion-stopped", "amount-doubted", "review-opened"]
    # 10 and 30 min of 12.5 mL/h
    assert bounds(chair.state, chair.now) == (Quantity("25/12", "mL"), Quantity("6.25", "mL"))


def test_a_stop_told_ten_minutes_late_ends_the_flow_then(chair):
    chair.do(c.Stop("toilet"), at=chair.now - timedelta(minutes=10))
    assert delivered(chair.state, chair.now)[0] == Quantity("25/6", "mL")
    assert chair.state.amount is Amount.CERTAIN


def test_a_time_in_the_future_ends_nothing_later_than_now(chair):
    events = chair.do(c.Stop("fast clock"), at=chair.now + timedelta(hours=2))
    assert "clock-suspect" in events[0].broke
    assert chair.state.ended_at == chair.now
    assert delivered(chair.state, chair.now)[0] == Quantity("6.25", "mL")


def test_a_time_before_the_last_change_ends_the_flow_at_that_change_and_is_flagged(chair):
    chair.vitals().do(c.RaiseRate(rate("25")))
    events = chair.do(c.Pause(), at=chair.now - timedelta(minutes=5))
    assert events[0].broke == ("before-last-change",)
    assert delivered(chair.state, chair.now)[0] == Quantity("6.25", "mL")


def test_completing_long_before_the_chart_says_so_leaves_the_amount_between_both(chair):
    events = chair.do(c.CompleteInfusion())
    assert events[0].broke == ("volume-differs",)
    assert bounds(chair.state, chair.now) == (Quantity("6.25", "mL"), Quantity(250, "mL"))


def test_a_pump_s_own_figure_speaks_for_a_volume_that_is_not_the_planned_one(chair):
    chair.do(c.AssociateDevice("pump-1", "pump"))
    chair.do(c.ReceivePumpReport("pump-1", PumpReport("running", rate("12.5"), Quantity("6.25", "mL"))), "pump-1")
    assert chair.do(c.CompleteInfusion())[0].broke == ()


def test_an_injection_is_its_volume():
    chair = Chair(injected()).ready()
    chair.do(c.GiveInjection("C-0000001", "thigh-left", Quantity(4, "mL")))
    assert delivered(chair.state, chair.now)[0] == Quantity(4, "mL")


def test_a_correction_takes_a_double_entry_out(chair):
    chair.do(c.RecordGiven(Quantity(10, "mL"), reason="paper"))
    chair.do(c.CorrectEntry(chair.state.seq, "entered twice"))
    assert delivered(chair.state, chair.now)[0] == Quantity("6.25", "mL")


@given(st.fractions(0, 1000), st.fractions(0, 1000))
def test_agreement_is_mutual_and_within_one_per_cent_of_the_larger(one, other):
    mine, theirs = Quantity(one, "mL"), Quantity(other, "mL")
    assert agree(mine, theirs) == agree(theirs, mine) == (abs(one - other) <= max(one, other) * Fraction(1, 100))


def test_unlike_kinds_never_agree():
    assert not agree(Quantity(1, "mL"), Quantity(1, "mg"))


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 45), st.sampled_from(["pause", "resume", "slow", "flush", "given", "look"])), max_size=12))
def test_the_delivered_volume_never_falls_and_is_the_sum_of_its_pieces(steps):
    chair = Chair(stepped()).running()
    before = Quantity(0, "mL")
    for minutes, what in steps:
        chair.wait(minutes=minutes)
        match what:
            case "pause":
                chair.do(c.Pause())
            case "resume" if chair.state.held_rate is not None:
                chair.do(c.Resume(chair.state.held_rate))
            case "slow" if chair.state.rate is not None:
                chair.do(c.SlowRate(chair.state.rate.scaled(Fraction(1, 2))))
            case "flush":
                chair.do(c.RecordFlush(Quantity(3, "mL")))
            case "given":
                chair.do(c.RecordGiven(Quantity(1, "mL")))
            case _:
                pass
        now, _ = delivered(chair.state, chair.now)
        assert now >= before
        assert now == sum((piece.volume for piece in pieces(chair.state, chair.now)), Quantity(0, "mL"))
        before = now


def test_what_a_pump_does_not_deliver_at_an_occlusion_is_not_counted():
    chair = Chair(stepped()).running()
    chair.do(c.AssociateDevice("pump-1", "pump"))
    chair.wait(minutes=10).do(c.ReceivePumpReport("pump-1", PumpReport("running", rate("12.5"))), "pump-1")
    chair.wait(minutes=2).do(c.ReceivePumpReport("pump-1", PumpReport("paused", rate("0"), alarm="occlusion")), "pump-1")
    at_rest, _ = delivered(chair.state, chair.now)
    chair.wait(minutes=20)
    assert delivered(chair.state, chair.now)[0] == at_rest
    chair.do(c.ReceivePumpReport("pump-1", PumpReport("running", rate("12.5"))), "pump-1")
    chair.wait(minutes=12)
    # 12.5 mL/h for 12 min before and 12 min after: 2.5 mL each; nothing in the 20 min between.
    assert delivered(chair.state, chair.now)[0] == Quantity("5", "mL")


def test_a_pump_word_from_before_the_order_ends_no_flow():
    chair = Chair(stepped()).running()
    chair.do(c.AssociateDevice("pump-1", "pump"))
    chair.wait(minutes=6)
    chair.do(c.ReceivePumpReport("pump-1", PumpReport("idle", rate("0"))), "pump-1", at=chair.now - timedelta(minutes=8))
    assert delivered(chair.state, chair.now)[0] == Quantity("1.25", "mL")
