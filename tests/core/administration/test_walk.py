"""A walk over the table of transitions by a machine that knows only its buttons: whatever it presses, the invariants hold."""

from datetime import date
from fractions import Fraction
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.checklist import Need
from openinfusion.core.administration.ladder import next_rung
from openinfusion.core.administration.parts import Flow, OpenMatter, PumpReport, ScanKind, SegmentKind, Status
from openinfusion.core.administration.transitions import TRANSITIONS, possible
from openinfusion.core.administration.volume import bounds, delivered, pieces
from openinfusion.core.quantity import Quantity

from .chair import BAG, PATIENT, Chair, rate, stepped

THERAPY = stepped()
ORDER = list(Status)
CLOSED = (Status.COMPLETED, Status.STOPPED, Status.NOT_DONE)


class Walk(RuleBasedStateMachine):
    """Two nurses, a prescriber, a pump; commands in any order."""

    @initialize(ready=st.booleans())
    def begin(self, ready: bool) -> None:
        self.chair = Chair(THERAPY)
        if ready:
            self.chair.ready()
        self.given = Quantity(0, "mL")
        self.was = self.chair.state.status
        self.settled = False

    def press(self, command: c.Command, by: str = "anna") -> None:
        """A control command is refused with findings, or accepted in a status that knows it."""
        before = self.chair.state
        if self.chair.refused(command, by):
            assert command.CONTROL
            return
        self.chair.do(command, by)
        assert not command.CONTROL or type(command) in TRANSITIONS[before.status]

    @rule(minutes=st.integers(1, 50))
    def wait(self, minutes: int) -> None:
        self.chair.wait(minutes=minutes)

    @rule()
    def observe(self) -> None:
        self.chair.vitals()

    @rule(
        step=st.sampled_from(
            [c.CheckIn(PATIENT), c.RecordConsent(given=True, version="1"), c.RecordKitCheck(complete=True), c.Scan(ScanKind.CONTAINER, BAG)]
        )
    )
    def prepare(self, step: c.Command) -> None:
        self.press(step)

    @rule()
    def start(self) -> None:
        self.press(self.chair.start())

    @precondition(lambda self: next_rung(self.chair.state) is not None)
    @rule()
    def climb(self) -> None:
        rung = next_rung(self.chair.state)
        assert rung is not None
        self.press(c.RaiseRate(rung.rate))

    @rule(text=st.sampled_from(["12.5", "25", "60", "1000"]))
    def jump(self, text: str) -> None:
        before = self.chair.state.rate
        self.press(c.RaiseRate(rate(text)))
        after = self.chair.state.rate
        assert after is None or before is None or after == before or after <= max(before, rate("100"))

    @rule(part=st.sampled_from([Fraction(1), Fraction(1, 2)]))
    def again(self, part: Fraction) -> None:
        held = self.chair.state.held_rate or rate("12.5")
        self.press(c.Resume(held.scaled(part)))

    @rule()
    def again_after_reaction(self) -> None:
        held = self.chair.state.held_rate or rate("12.5")
        self.press(c.ResumeAfterReaction(held.scaled(Fraction(1, 2)), "ben"))
        if self.chair.state.flow is Flow.RUNNING:
            assert all(reaction.resolved_at is not None for reaction in self.chair.state.reactions)

    @rule(
        command=st.sampled_from(
            [
                c.Pause(), c.Stop("unwell"), c.CompleteInfusion(), c.SlowRate(rate("5")), c.RecordFlush(Quantity(5, "mL")),
                c.RecordGiven(Quantity(1, "mL")), c.ConfirmFlow(running=False), c.ConfirmFlow(running=True), c.ReportReaction(),
                c.GradeReaction(1, "CTCAE-5.0"), c.GradeReaction(3, "CTCAE-5.0"), c.ResolveReaction(), c.TreatAsAnaphylaxis(),
                c.ReceivePumpReport("pump-1", PumpReport("running", rate("12.5"))), c.MarkNotDone("?"),
                c.DeclareAmountUncertain(Quantity(0, "mL"), Quantity(3, "mL"), "?"),
            ]
        )
    )  # fmt: skip
    def tell(self, command: c.Command) -> None:
        self.press(command)

    @rule()
    def settle(self) -> None:
        self.press(c.ReconcileAmount(self.given, "weighed"))
        self.settled = True

    @rule()
    def discharge(self) -> None:
        self.press(c.Discharge({need.value: "reason" for need in Need}))

    @rule(day=st.just(date(2026, 12, 31)))
    def another_bag(self, day: date) -> None:
        self.press(c.PrepareContainer(self.chair.bag(f"C-{len(self.chair.state.containers) + 1:07}", expiry=day)), "pharma")

    @invariant()
    def nothing_flows_by_the_chart_unless_it_is_infusing(self) -> None:
        state = self.chair.state
        assert (state.flow is Flow.RUNNING) == (state.status is Status.INFUSING)
        assert (state.rate is not None) == (state.flow is Flow.RUNNING)
        running = [segment for segment in state.segments if segment.end is None]
        assert bool(running) == (state.flow is Flow.RUNNING)

    @invariant()
    def the_status_never_goes_back_over_the_start_or_the_end(self) -> None:
        now = self.chair.state.status
        if self.was in CLOSED:
            assert now is self.was
        if ORDER.index(self.was) >= ORDER.index(Status.INFUSING):
            assert ORDER.index(now) >= ORDER.index(Status.INFUSING)
        self.was = now

    @invariant()
    def the_delivered_volume_is_the_sum_of_its_pieces_and_never_falls(self) -> None:
        state, now = self.chair.state, self.chair.now
        volume, _ = delivered(state, now)
        if state.settled is None:
            assert volume == sum((piece.volume for piece in pieces(state, now)), Quantity(0, "mL"))
        assert volume >= self.given
        self.given = volume
        low, high = bounds(state, now)
        assert low <= high

    @invariant()
    def flows_do_not_overlap(self) -> None:
        flows = [segment for segment in self.chair.state.segments if segment.kind is SegmentKind.FLOW]
        assert all(one.end is not None and one.end <= two.start for one, two in pairwise(flows))

    @invariant()
    def nothing_runs_on_an_open_reaction(self) -> None:
        state = self.chair.state
        assert not (OpenMatter.REACTION in state.open and state.flow is Flow.RUNNING)

    @invariant()
    def the_buttons_are_those_of_the_table(self) -> None:
        assert possible(self.chair.state, THERAPY) <= TRANSITIONS[self.chair.state.status]


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
