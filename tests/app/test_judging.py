"""What is charted at the bedside is judged by the watch: an emergency opens by itself, a score alarms, and both stand in the record."""

from typing import Any

from openinfusion.app import complications, records
from openinfusion.app.judging import scores_of, verdicts_of
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import Flow, Reading, Status
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity
from tests.app.test_monitoring import bed, events, heard, look, raised
from tests.app.ward import Bed

__all__ = ["bed"]


def _charted(bed: Bed, **told: bool | str | Quantity) -> Bed:
    bed.do(c.RecordObservation(tuple(Reading(code.replace("__", "."), value) for code, value in told.items())))
    return bed


def test_charted_findings_that_meet_a_criterion_stop_the_flow_and_open_the_steps_once(bed: Bed):
    heard(heard(bed.wait(minutes=5), "mon-1"))
    _charted(bed, urticaria=True)
    assert look(bed).opened is None
    _charted(bed.wait(seconds=20), wheeze=True)
    watched = look(bed)
    assert watched.opened is not None
    assert set(watched.opened.rules) == {"wao-2020-1", "niaid-2006-1"}
    assert [one.code for one in watched.changed if isinstance(one, c.RaiseAlarm)] == ["emergency-criterion"]
    state = bed.state
    assert (state.flow, state.status) == (Flow.PAUSED, Status.ON_HOLD)
    assert state.reaction is not None
    assert set(state.reaction.signs) == {"urticaria", "wheeze"}
    entries = complications.entries(bed.ward.ports.library.reference)
    (led,) = complications.opened(bed.ward.ports, state, entries)
    assert led.running.opened_at == bed.ward.fakes.clock.now()
    assert look(bed.wait(seconds=1)).opened is None
    assert (len(events(bed, "criteria-met")), len(events(bed, "complication-recorded"))) == (1, 1)
    # Nothing is decided by it: the flow may go on only after two prescribers decided, and whoever treats says so.
    assert state.reaction.emergency == ""
    bed.do(c.TreatAsAnaphylaxis())
    assert bed.state.status is Status.OBSERVING


def test_two_watchers_open_one_emergency(bed: Bed):
    heard(heard(bed.wait(minutes=5), "mon-1"))
    _charted(bed, urticaria=True, wheeze=True)
    bed.ward.fakes.log.before_commit.append(lambda: look(bed))
    look(bed)
    assert len(events(bed, "criteria-met")) == 1


def test_one_red_value_alarms_though_the_score_is_incomplete_and_both_stand_in_the_record(bed: Bed):
    heard(heard(bed.wait(minutes=20), "mon-1"))
    _charted(bed, temp=Quantity("35.0", "Cel"))  # NEWS2 chart 1: 35.0 and less is 3
    (alarm,) = raised(bed)
    assert (alarm.code, alarm.rule, alarm.priority) == ("score-red", "news2-1", "medium")
    ports, state = bed.ward.ports, bed.state
    shown: Any = records.record(state, ports.library.of_hash(bed.plan.content_hash).protocol, ports.clock.now(), scores_of(ports, state))
    (score,) = shown["early_warning"]
    assert (score["scale"], score["least"]["value"], score["red"][0]["code"]) == ("NEWS2", "3", "temp")
    assert "acvpu" in score["missing"]
    assert look(bed).changed == ()


def test_a_whole_set_of_news2_has_its_total(bed: Bed):
    _charted(bed.vitals(), oxygen=False, acvpu="A")
    (score,) = scores_of(bed.ward.ports, bed.state)
    assert (score.least, score.is_whole, score.band) == (Quantity(0, "{score}"), True, "low")


def test_the_classifiers_verdicts_offer_the_steps_of_a_reaction(bed: Bed):
    entries = complications.entries(bed.ward.ports.library.reference)
    bed.wait(minutes=5).do(c.ReportReaction(("fever", "rigors")))
    said = verdicts_of(bed.ward.ports, bed.state)
    assert "ctcae-infusion-related-reaction" in said
    offered = {entry.code for entry, _ in complications.met(bed.state, entries, Route.IV, said)}
    assert "cx.infusion_reaction" in offered
    assert look(bed).opened is None
