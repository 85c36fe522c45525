"""An outcome says what came of one session, exactly, and sets beside it only what was published with its denominators."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.core.administration.parts import Amount, Flow, OpenMatter, SegmentKind, Status
from openinfusion.core.administration.session import Reaction, Segment, SessionState
from openinfusion.core.finding import Derivation
from openinfusion.core.outcome import ReactionSeen, compare, outcome
from openinfusion.core.prescribing.order import OnDemand, RatePlan
from openinfusion.core.quantity import Quantity
from tests.core.monitoring.cast import SOURCE, START, after, figure, plan_with, protocol_with, running

PROTOCOL = protocol_with()


def _flow(start: float, end: float, rate: str) -> Segment:
    return Segment(SegmentKind.FLOW, after(start), after(end), Quantity(rate, "mL/h"), None)


def _completed(*segments: Segment, **parts: object) -> SessionState:
    # The ladder of the cast: 50, 100 and 150 mL/h for 30 min each, 150 mL in all.
    whole = segments or (_flow(0, 30, "50"), _flow(30, 60, "100"), _flow(60, 90, "150"))
    fields: dict[str, object] = {"status": Status.COMPLETED, "flow": Flow.STOPPED, "ended_at": after(90), "segments": whole}
    return running(**{**fields, **parts})


def test_a_session_that_went_as_planned_is_as_ordered():
    found = outcome(_completed(), PROTOCOL, after(120))
    assert (found.as_ordered, found.delivered_share, found.duration) == (True, Fraction(1), Quantity(90, "min"))


@pytest.mark.parametrize(
    "parts",
    [
        {"status": Status.OBSERVING},
        {"status": Status.STOPPED, "cut_short": True},
        {"amount": Amount.UNCERTAIN},
        {"open": frozenset({OpenMatter.RECONCILE})},
    ],
)
def test_anything_unsettled_is_not_as_ordered(parts):
    assert not outcome(_completed(**parts), PROTOCOL, after(120)).as_ordered


def test_a_part_of_the_volume_is_its_exact_share():
    found = outcome(_completed(_flow(0, 30, "50"), _flow(30, 60, "50")), PROTOCOL, after(120))
    assert (found.as_ordered, found.delivered_share) == (False, Fraction(1, 3))  # 50 of 150 mL


def test_a_difference_within_one_per_cent_is_as_ordered():
    assert outcome(_completed(_flow(0, 60, "149")), PROTOCOL, after(120)).as_ordered
    assert not outcome(_completed(_flow(0, 60, "148")), PROTOCOL, after(120)).as_ordered


def test_a_programme_on_demand_has_no_share():
    demand = OnDemand(Quantity(10, "mL"), Quantity(10, "min"), Quantity(20, "mL"), Quantity(1, "h"))
    plan = plan_with(rates=RatePlan("pcea", "patient_controlled", Derivation(), volume=Quantity(250, "mL"), on_demand=demand))
    bolus = Segment(SegmentKind.BOLUS, after(5), after(5), None, Quantity(10, "mL"))
    found = outcome(_completed(bolus, plan=plan), PROTOCOL, after(120))
    assert (found.as_ordered, found.delivered_share) == (True, None)


def test_before_any_start_there_is_no_duration_and_nothing_delivered():
    found = outcome(SessionState(status=Status.READY, plan=plan_with()), PROTOCOL, START)
    assert (found.as_ordered, found.delivered_share, found.duration) == (False, Fraction(0), None)


def test_reactions_are_told_with_grade_scale_and_action():
    state = _completed(
        reactions=(Reaction(after(10), None, grade=2, scale="CTCAE 5.0", action="pause", resolved_at=after(40)), Reaction(after(50), None))
    )
    found = outcome(state, PROTOCOL, after(120))
    assert found.reactions == (ReactionSeen(2, "CTCAE 5.0", "pause"), ReactionSeen(None, "", ""))


def test_only_printable_evidence_is_set_beside_an_outcome():
    fields = {
        "outcome": "failure",
        "value": figure("0.152", "1"),
        "n": 500,
        "design": "observational",
        "population": "women",
        "comparator": "none",
    }
    rows = tuple(
        {**fields, "id": name, "printable": printable, "context": (SOURCE,)} for name, printable in (("a", "true"), ("b", "false"))
    )
    protocol = protocol_with(evidence=rows)
    assert [result.id for result in compare(protocol)] == ["a"]
    assert outcome(_completed(), protocol, after(120)).published == compare(protocol)
    assert compare(PROTOCOL) == ()


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 300)), min_size=1, max_size=5))
def test_the_share_is_the_integral_over_the_planned_volume(runs):
    segments, at = [], 0
    for minutes, rate in runs:
        segments.append(_flow(at, at + minutes, str(rate)))
        at += minutes
    expected = sum(Fraction(minutes * rate, 60) for minutes, rate in runs) / 150
    assert outcome(replace(_completed(*segments), ended_at=after(at)), PROTOCOL, after(at)).delivered_share == expected
