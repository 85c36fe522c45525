"""One command to one session through the use case: receipts, guards, conflicts, refusals, and the shipped protocols at the chair."""

from contextlib import suppress
from copy import deepcopy
from functools import cache
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openinfusion.app import bedside
from openinfusion.app.prescribing import cancel_order, reactions_of
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.apply import fold
from openinfusion.core.administration.parts import PumpReport
from openinfusion.core.administration.volume import delivered
from openinfusion.core.errors import CommandRefused, Conflict, IdReused, NotAllowed, NotFound, NotSaved
from openinfusion.core.figure import Figure, Source, Tier
from openinfusion.core.patient import Fact
from openinfusion.core.protocol import Limit, Measure, Strength
from openinfusion.core.quantity import Quantity
from tests.app.fakes import sent, with_protocol
from tests.app.ward import ANNA, BEN, DOCTOR, PHARMA, PUMP, Bed, ward

ONE, TWO = UUID("22222222-2222-4222-8222-222222222222"), UUID("33333333-3333-4333-8333-333333333333")


@pytest.fixture
def bed() -> Bed:
    """A planned first infusion of rituximab."""
    return ward().admitted().ordered().planned(ONE)


def test_a_first_infusion_of_the_shipped_rituximab_starts_and_climbs(bed):
    bed.ready()
    bed.do(bed.start())
    steps = bed.plan.rates.steps
    for step in steps[1:]:
        bed.wait(minutes=30).vitals().do(c.RaiseRate(step.rate))
    assert bed.state.rate == steps[-1].rate


def test_the_same_command_twice_gives_the_same_events_once(bed):
    command = c.CheckIn(bed.state.patient_code)
    first = bed.do(command, key="check-in")
    before = len(bed.ward.fakes.log.events)
    again = bed.do(command, key="check-in")
    assert again.receipt.repeated
    assert again.receipt.events == first.receipt.events
    assert len(bed.ward.fakes.log.events) == before


def test_a_known_id_with_another_body_is_refused_and_writes_nothing(bed):
    bed.do(c.RecordKitCheck(complete=True), key="kit")
    before = len(bed.ward.fakes.log.events)
    with pytest.raises(IdReused):
        bed.do(c.RecordKitCheck(complete=False), key="kit")
    assert len(bed.ward.fakes.log.events) == before


def test_a_control_command_on_an_old_view_is_a_conflict_that_names_both_places(bed):
    bed.ready()
    seen = bed.state.seq
    bed.do(bed.start())
    with pytest.raises(Conflict) as conflict:
        bed.do(c.AssociateDevice("pump-1", "pump"), seen=seen)
    assert (conflict.value.expected, conflict.value.actual) == (seen, bed.state.seq)


def test_routine_readings_do_not_make_a_view_old(bed):
    bed.ready()
    seen = bed.state.seq
    bed.vitals()
    assert bed.do(bed.start(), seen=seen).state.status == "infusing"


def test_two_nurses_take_the_next_step_at_once_and_one_wins(bed):
    bed.ready()
    bed.do(bed.start())
    bed.wait(minutes=30).vitals()
    step, seen = c.RaiseRate(bed.plan.rates.steps[1].rate), bed.state.seq
    bed.ward.fakes.log.before_commit.append(lambda: bed.do(step, BEN, seen))
    with pytest.raises(Conflict):
        bed.do(step, ANNA, seen)
    assert bed.state.rate == step.rate
    assert sum(one.event.KIND == "rate-changed" for one in bed.ward.fakes.log.read(f"session/{ONE}")) == 1


def test_a_record_is_decided_anew_when_somebody_wrote_first(bed):
    bed.ready()
    bed.do(bed.start())
    log = bed.ward.fakes.log
    log.before_commit.append(lambda: bed.do(c.Pause("toilet"), BEN))
    answer = bed.do(c.Stop("unwell"), ANNA)
    assert answer.state.status == "observing"


def test_a_record_is_stored_however_often_others_write_first(bed):
    log = bed.ward.fakes.log

    def meddle() -> None:
        log.append(sent("ben", bed.ward.fakes.clock.now()), [(f"session/{ONE}", log.read(f"session/{ONE}")[0].event)], {})

    for _ in range(bedside.TRIES + 5):
        log.before_commit.append(meddle)
    original = log.append

    def one_at_a_time(envelope, events, guards):
        held, log.before_commit = log.before_commit[1:], log.before_commit[:1] if envelope.actor == "anna" else []
        try:
            return original(envelope, events, guards)
        finally:
            log.before_commit = held

    log.append = one_at_a_time
    assert bed.do(c.RecordKitCheck(complete=True)).receipt.events[0].event.KIND == "kit-checked"


def test_when_nothing_can_be_saved_nothing_is_acknowledged_and_the_retry_succeeds(bed):
    bed.ward.fakes.log.full = True
    with pytest.raises(NotSaved):
        bed.do(c.RecordKitCheck(complete=True), key="kit")
    bed.ward.fakes.log.full = False
    assert not bed.do(c.RecordKitCheck(complete=True), key="kit").receipt.repeated


def test_an_unknown_session_is_not_found():
    place = ward().admitted()
    with pytest.raises(NotFound):
        bedside.handle(place.ports, "nowhere", c.RecordKitCheck(complete=True), place.sent("anna"), ANNA)


def test_a_role_without_the_action_is_refused_before_anything_is_read(bed):
    with pytest.raises(NotAllowed):
        bed.do(c.RaiseRate(Quantity(50, "mL/h")), DOCTOR)
    with pytest.raises(NotAllowed):
        bed.do(c.RecordKitCheck(complete=True), PUMP)


def test_an_example_protocol_is_not_started_in_a_real_store():
    bed = ward().admitted().ordered().planned(ONE)
    bed.ready()
    real = ward(is_demo=False)
    real.fakes.log.events[:] = bed.ward.fakes.log.events
    real.fakes.clock.moment = bed.ward.fakes.clock.moment
    assert "protocol.not-active" in Bed(real, str(ONE)).refused(bed.start())


def test_an_order_cancelled_in_the_meantime_is_not_started(bed):
    bed.ready()
    cancel_order(bed.ward.ports, "course-1", "changed my mind", bed.ward.sent("doctor"), DOCTOR)
    assert "order.not-verified" in bed.refused(bed.start())


def test_an_infection_told_at_the_chair_holds_the_start_back(bed):
    bed.ready()
    bed.do(c.RecordFacts((Fact("active.severe_infection", value=True, at=bed.ward.fakes.clock.now()),)))
    assert "screen.contraindication" in bed.refused(bed.start())


@pytest.mark.parametrize("odd", [True, "heavy", Quantity(71, "mL"), ("NHL",), Quantity(-5, "kg")])
def test_facts_of_an_odd_kind_are_recorded_and_nothing_breaks_down(bed, odd):
    bed.ready()
    for name in ("weight", "height", "allergy", "active.severe_infection", "lab.platelets", "concurrent"):
        bed.do(c.RecordFacts((Fact(name, odd, bed.ward.fakes.clock.now()),)))
        bed.refused(bed.start())
    assert bed.do(c.RecordGiven(Quantity(1, "mL"))).receipt.events
    assert bed.do(c.Stop("unwell")).receipt.events


def test_an_amount_in_doubt_in_another_session_holds_the_next_one_back():
    place = ward().admitted().ordered().ordered("course-2")
    first, second = place.planned(ONE), place.planned(TWO, "course-2")
    second.bag_code = "C-BAG2"
    first.ready()
    first.do(first.start())
    first.wait(minutes=20).do(c.DeclareAmountUncertain(Quantity(1, "mL"), Quantity(5, "mL"), "bag fell"))
    second.ready()
    assert "amount.uncertain-elsewhere" in second.refused(second.start())
    first.do(c.ReconcileAmount(Quantity(4, "mL"), "weighed"))
    assert second.refused(second.start()) == {"order.same-drug"}


def two_sessions_of_one_patient(limit: str) -> tuple[Bed, Bed]:
    """Two sessions of 1000 mg each, both ready to start, under one limit on any day."""
    place = ward()
    source = Source(cite="made-up", at="test", tier=Tier.A)
    figures = [Figure(quantity=Quantity.parse(text), sources=(source,)) for text in (limit, "1 d")]
    a_day = Limit(
        id="a-day", measure=Measure.DOSE, op="<=", figure=figures[0], strength=Strength.HARD, window=figures[1], sources=(source,)
    )
    shipped = place.ports.library.entries()["iv-rituximab"]
    place.fakes.library.others["iv-rituximab"] = with_protocol(shipped, limits=(*shipped.protocol.limits, a_day))
    place.admitted().ordered().ordered("course-2")
    first, second = place.planned(ONE), place.planned(TWO, "course-2")
    second.bag_code = "C-BAG2"
    for bed in (first.ready(), second.ready()):
        bed.do(c.AcceptFindings({"order.same-drug": "both are meant"}))
    return first, second


def test_two_sessions_that_each_ask_for_60_per_cent_of_a_window_at_once_and_one_wins():
    # 1000 mg each, at most 1600 mg in any day
    first, second = two_sessions_of_one_patient("1600 mg")
    first.ward.fakes.log.before_commit.append(lambda: second.do(second.start()))
    with pytest.raises(Conflict):
        first.do(first.start())
    assert (first.state.status, second.state.status) == ("ready", "infusing")
    assert first.refused(first.start()) == {"dose.above-hard-window"}


def test_two_sessions_that_fit_together_both_run():
    first, second = two_sessions_of_one_patient("2000 mg")
    first.do(first.start())
    second.do(second.start())
    assert (first.state.status, second.state.status) == ("infusing", "infusing")


def test_what_a_stopped_session_did_not_give_does_not_count():
    first, second = two_sessions_of_one_patient("1600 mg")
    first.do(first.start())
    assert second.refused(second.start()) == {"dose.above-hard-window"}
    # 12.5 mL/h at 4 mg/mL: 25 mg in half an hour, and 1000 mg still fit into 1600 mg
    first.wait(minutes=30).do(c.Stop("unwell"))
    assert second.refused(second.start()) == frozenset()


COMMANDS = st.sampled_from(
    [
        c.Pause(), c.Stop("x"), c.SlowRate(Quantity(5, "mL/h")), c.Resume(Quantity("6.25", "mL/h")), c.RecordFlush(Quantity(5, "mL")),
        c.ReportReaction(), c.ResolveReaction(), c.RaiseRate(Quantity(25, "mL/h")), c.ConfirmFlow(running=True), c.CorrectEntry(3, "x"),
    ]
)  # fmt: skip


@settings(max_examples=15)
@given(st.lists(st.tuples(COMMANDS, COMMANDS, st.booleans()), min_size=1, max_size=4))
def test_any_interleaving_of_two_clients_leaves_one_consistent_history(pairs):
    """Each pair is sent at once, one slipping in before the other commits: no gap, no fork, and the state is that of the history."""
    bed = running_bed()
    log = bed.ward.fakes.log
    for mine, theirs, at_once in pairs:
        bed.wait(minutes=15)
        seen = bed.state.seq

        def slip_in(theirs: c.Command = theirs, seen: int = seen) -> None:
            with suppress(CommandRefused, Conflict):
                bed.do(theirs, BEN, seen)

        log.before_commit[:] = [slip_in] if at_once else []
        try:
            bed.do(mine, ANNA, seen)
        except (CommandRefused, Conflict):
            assert mine.CONTROL
        log.before_commit.clear()
    history = log.read(f"session/{ONE}")
    assert [one.seq for one in history] == list(range(1, len(history) + 1))
    assert fold(history) == bed.state


@cache
def _running() -> Bed:
    bed = ward().admitted().ordered().planned(ONE).ready()
    bed.do(bed.start())
    return bed


def running_bed() -> Bed:
    """A first infusion that has just begun, on a record of its own."""
    return deepcopy(_running())


def two_beds() -> tuple[Bed, Bed]:
    """Two sessions side by side, the first of them running with a pump."""
    place = ward().admitted().ordered().ordered("course-2")
    first, second = place.planned(ONE).ready(), place.planned(TWO, "course-2")
    second.bag_code = "C-BAG2"
    first.do(c.AssociateDevice("pump-1", "pump"))
    first.do(first.start())
    return first, second.ready()


def test_a_pump_that_runs_for_one_session_is_not_joined_to_another():
    first, second = two_beds()
    assert second.refused(c.AssociateDevice("pump-1", "pump")) == {"device.in-use"}
    first.wait(minutes=5).do(c.Stop("done"))
    assert second.refused(c.AssociateDevice("pump-1", "pump")) == frozenset()


def test_two_sessions_take_one_free_pump_at_once_and_one_wins():
    first, second = two_beds()
    first.ward.fakes.log.before_commit.append(lambda: second.do(c.AssociateDevice("pump-2", "pump")))
    with pytest.raises(Conflict):
        first.do(c.AssociateDevice("pump-2", "pump"))
    assert ("pump-2" in first.state.devices, "pump-2" in second.state.devices) == (False, True)


def test_a_kept_state_is_never_taken_for_that_of_another_record(bed):
    """A record that was put back to an earlier state, such as a test's or a restored one, is folded anew."""
    bed.ready()
    assert bed.state.status == "ready"
    del bed.ward.fakes.log.events[-4:]
    assert bed.state == fold(bed.ward.fakes.log.read(f"session/{ONE}"))


def test_a_session_that_fell_out_of_memory_is_folded_again(bed, monkeypatch):
    monkeypatch.setattr(bedside, "KEEP", 0)
    bed.ready()
    assert bed.state.status == "ready"


def test_pump_messages_are_read_by_the_words_of_the_table(bed):
    bed.ready()
    bed.do(c.AssociateDevice("pump-1", "pump"))
    bed.do(bed.start())
    bed.do(c.ReceivePumpReport("pump-1", PumpReport("infusing", bed.start().rate)), PUMP)
    assert bed.state.delivery == "confirmed"
    bed.do(c.ReceivePumpReport("pump-1", PumpReport("warp", bed.start().rate)), PUMP)
    assert bed.state.reviews[-1][1] == ("pump-state-unknown",)


def test_a_state_at_hand_is_brought_up_to_date_with_what_is_newer_only(bed):
    known = bed.state
    bed.ready()
    assert bedside.state_of(bed.ward.ports, str(ONE), known) == bed.state


def test_a_correction_is_folded_in_even_from_a_state_at_hand(bed):
    bed.do(c.RecordConsent(given=False, version="1"))
    known = bed.state
    bed.do(c.CorrectEntry(known.seq, "wrong button"))
    assert bedside.state_of(bed.ward.ports, str(ONE), known).consent is None


def test_marking_an_order_to_the_flow_as_wrong_undoes_nothing_and_asks_a_person(bed):
    bed.ready()
    bed.do(bed.start())
    bed.wait(minutes=5).do(c.Stop("wrong patient"))
    answer = bed.do(c.CorrectEntry(bed.state.seq, "wrong patient"))
    assert [one.event.KIND for one in answer.receipt.events] == ["entry-corrected", "review-opened"]
    assert bed.state.status == "observing"


def test_a_reaction_that_nobody_graded_yet_is_known_in_the_next_session_and_not_asked_of_its_own(bed):
    bed.ready()
    bed.do(bed.start())
    bed.wait(minutes=20).do(c.ReportReaction(("flushing",)))
    second = bed.ward.planned(TWO, number=2)
    found = bedside.view(bed.ward.ports, second.session, ANNA).context.screened
    assert [one.params["grade"] for one in found if one.code == "reaction.earlier"] == ["not-graded"]
    own = bedside.view(bed.ward.ports, bed.session, ANNA).context.screened
    assert [one for one in own if one.code == "reaction.earlier"] == []


def test_a_reaction_is_in_the_patient_s_own_stream_with_its_grade(bed):
    bed.ready()
    bed.do(bed.start())
    bed.wait(minutes=20).do(c.ReportReaction(("flushing",)))
    bed.do(c.GradeReaction(2, "CTCAE-5.0"))
    (remembered,) = reactions_of(bed.ward.ports, bed.state.patient)
    assert (remembered.grade, remembered.minutes_after_start, remembered.rate) == (2, 20, bed.start().rate)
    given, _ = delivered(bed.state, bed.ward.fakes.clock.now())
    # 12.5 mL/h (50 mg/h at 4 mg/mL) for 20 min
    assert given == Quantity("25/6", "mL")


def test_a_container_code_of_another_session_is_not_used_again():
    """Otherwise the scan of another patient's bag would say that it is the right one."""
    place = ward().admitted().ordered().ordered("course-2")
    first, second = place.planned(ONE), place.planned(TWO, "course-2")
    first.do(c.PrepareContainer(first.bag()), PHARMA)
    assert second.refused(c.PrepareContainer(second.bag()), PHARMA) == {"container.code-used"}
