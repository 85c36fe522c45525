"""What is charted raises an alarm by a cited criterion or a score, once, and stays silent on everything that is merely asked about."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.app.judging import judging_of
from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import Alarm, Reaction, Seen, SessionState
from openinfusion.core.monitoring.alarm import conditions, transitions
from openinfusion.core.monitoring.charted import charted_conditions, opening, verdicts
from openinfusion.core.monitoring.early_warning import Person, warned
from openinfusion.core.protocol import AlarmLimit, Route
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.load import load_reference
from tests.core.monitoring.cast import SOURCE, after, figure, protocol_with, running
from tests.core.monitoring.test_alarm import TABLES

JUDGING = judging_of(load_reference().tables.values())
ADULT = Person(Quantity(45, "a"), pregnant=False)
UNITS = {
    "bp.systolic": "mm[Hg]", "bp.diastolic": "mm[Hg]", "pulse": "/min", "resp_rate": "/min", "spo2": "%", "temp": "Cel",
    "glucose": "mg/dL", **dict.fromkeys(
        ("news2", "maternal-warning", "phlebitis.left-arm", "phlebitis.right-arm", "sedation", "pain"), "{score}"
    ),
}  # fmt: skip


def _chart(minute: float = 10, route: Route = Route.IV, scale: str = "", **told: str | bool) -> SessionState:
    """A running session in which these values were charted by a nurse."""
    seen = {
        code: Seen(
            Reading(code, Quantity(value, UNITS[code]) if code in UNITS and isinstance(value, str) else value, scale), after(minute), "n"
        )
        for code, value in ((name.replace("__", "."), value) for name, value in told.items())
    }
    state = running(seen=seen)
    assert state.plan is not None
    return replace(state, plan=replace(state.plan, route=route))


def _told(state: SessionState, person: Person = ADULT) -> list[tuple[str, str, str]]:
    return [(one.key, one.code, one.priority.value) for one in charted_conditions(JUDGING, state, person, TABLES)]


PLACES: dict[str, Any] = {"phlebitis.left-arm": "1", "phlebitis.right-arm": "0"}


# Criteria of complications
@pytest.mark.parametrize(
    ("state", "key", "code", "priority"),
    [
        # ms2-westmead: profound below 70; no limit of a protocol tells it here
        (_chart(route=Route.EPIDURAL, bp__systolic="69"), "criterion:cx.epidural_hypotension", "criterion-met", "medium"),
        # West Midlands: breathing below 8 and unconscious; its table calls the emergency team
        (_chart(unconscious=True, resp_rate="7"), "criterion:cx.opioid_toxicity", "emergency-criterion", "high"),
        (_chart(sedation="3", scale="POSS"), "criterion:cx.opioid_toxicity", "emergency-criterion", "high"),
        # INS 2011: from grade 1 on, at whatever place; another place without any does not hide it
        (
            _chart(route=Route.IM, **PLACES),
            "criterion:cx.site_redness",
            "criterion-met",
            "medium",
        ),
        (_chart(line_open=True, sudden_hypoxia=True), "criterion:cx.air_embolism", "emergency-criterion", "high"),
        (_chart(route=Route.SC, glucose="69"), "criterion:cx.hypoglycaemia", "emergency-criterion", "high"),
    ],
)
def test_a_cited_criterion_of_the_chart_is_an_alarm_that_names_its_complication(state, key, code, priority):
    found = [one for one in charted_conditions(JUDGING, state, ADULT, TABLES) if one.key == key]
    assert [(one.code, one.priority.value) for one in found] == [(code, priority)]
    assert found[0].sources
    assert found[0].response == key.partition(":")[2]


SILENT = (
    {"urticaria": True}, {"isolated_urticaria": True}, {"vomiting": True, "nausea": True}, {"vomiting_under_chemotherapy": True},
    {"pinpoint_pupils": True}, {"pinpoint_pupils": True, "drowsy_but_rousable": True}, {"pulse": "130"}, {"fast_pulse": True},
    {"tachycardia": True}, {"pain": "9"}, {"pain": True}, {"pallor_with_slow_pulse": True}, {"rash": True}, {"flushing": True},
)  # fmt: skip


@pytest.mark.parametrize("told", SILENT, ids=str)
def test_what_is_asked_about_and_never_enough_stays_silent(told):
    # Isolated urticaria, vomiting under chemotherapy, small pupils under a stable opioid, a fast pulse alone, pain (issue 4, demand 3).
    for route in Route:
        state = _chart(route=route, **told)
        assert _told(state) == []
        assert opening(JUDGING, state, ADULT) is None


NOTHING = Quantity(0, "{score}")
ASKED = sorted({sign for row in JUDGING.complications for sign in row.asks})


@given(st.sampled_from(ASKED), st.sampled_from(list(Route)))
def test_no_sign_that_is_asked_about_alarms_alone(sign, route):
    alone = {
        sign for row in JUDGING.complications for one in row.criteria if one.opens_by_one_sign for group in one.all_of for sign in group
    }
    if sign not in alone:
        told: dict[str, Any] = {sign: True}
        assert _told(_chart(route=route, **told)) == []


def test_a_limit_that_tells_of_the_complication_is_not_doubled_by_its_criterion():
    limit = AlarmLimit.model_validate(
        {
            "id": "low", "observation": "bp.systolic", "op": "<", "figure": figure("80", "mm[Hg]"), "priority": "high",
            "response": "cx.epidural_hypotension", "sources": (SOURCE,),
        }
    )  # fmt: skip
    state = _chart(route=Route.EPIDURAL, bp__systolic="69")
    held = conditions(protocol_with(alarms=(limit,)), state, TABLES, after(11))
    assert [one.key for one in charted_conditions(JUDGING, state, Person(pregnant=True), TABLES, held)] == []


def test_a_script_that_is_open_is_not_told_and_an_old_chart_does_not_speak_again():
    state = replace(_chart(unconscious=True, resp_rate="7"), complications_at={"cx.opioid_toxicity": after(11)})
    assert "criterion:cx.opioid_toxicity" not in {key for key, _, _ in _told(state)}
    over = replace(state, steps={f"{JUDGING.scripts['cx.opioid_toxicity']}/over": after(20)})
    assert "criterion:cx.opioid_toxicity" not in {key for key, _, _ in _told(over)}
    again = replace(_chart(25, unconscious=True, resp_rate="7"), complications_at=over.complications_at, steps=over.steps)
    assert "criterion:cx.opioid_toxicity" in {key for key, _, _ in _told(again)}


@pytest.mark.parametrize("done", ["acknowledged_at", "ended_at"])
def test_what_a_person_answered_speaks_again_for_a_newer_entry_only(done):
    state = _chart(route=Route.EPIDURAL, bp__systolic="69", numbness_beyond_the_block=True)
    (found,) = [one for one in charted_conditions(JUDGING, state, Person(pregnant=True), TABLES) if "epidural_nerve" in one.key]
    answered: dict[str, Any] = {done: after(12)}
    alarm = Alarm(found.key, found.code, found.priority.value, physiological=True, raised_at=after(10), **answered)
    assert transitions({found.key: alarm}, (found,), TABLES, after(60)) == ()
    newer = replace(found, evidence_at=after(13))
    assert [one.key for one in transitions({found.key: alarm}, (newer,), TABLES, after(60))] == [found.key]


# Anaphylaxis
def _reaction(**parts: object) -> Reaction:
    return Reaction(reported_at=after(10), rate_before=None, **parts)  # type: ignore[arg-type]  # named parts of a test


@pytest.mark.parametrize(
    ("told", "rules"),
    [
        ({"urticaria": True, "wheeze": True}, {"wao-2020-1", "niaid-2006-1"}),  # WAO 2020 and NIAID 2006, criterion 1
        ({"urticaria": True, "bp__systolic": "85"}, {"wao-2020-1", "niaid-2006-1"}),  # adults below 90
        ({"urticaria": True, "spo2": "91"}, {"wao-2020-1", "niaid-2006-1"}),  # Brown: at most 92 %
        ({"urticaria": True, "severe-cramps": True}, {"wao-2020-1"}),
    ],
)
def test_a_charted_set_of_findings_opens_the_emergency_by_itself_and_is_high(told, rules):
    state = _chart(**told)
    found = opening(JUDGING, state, ADULT)
    assert found is not None
    assert set(found.rules) == rules
    assert "urticaria" in found.signs
    assert ("criterion:cx.anaphylaxis", "emergency-criterion", "high") in _told(state)


@pytest.mark.parametrize(
    "told", [{"urticaria": True, "bp__systolic": "90"}, {"urticaria": True, "spo2": "93"}, {"bp__systolic": "60"}, {"wheeze": True}]
)
def test_a_set_one_step_beside_a_criterion_opens_nothing(told):
    # Low pressure and wheeze alone need an exposure that somebody stated.
    assert opening(JUDGING, _chart(**told), ADULT) is None


def test_signs_of_the_reported_reaction_count_with_what_was_charted():
    state = replace(_chart(12, spo2="90"), reactions=(_reaction(signs=("urticaria",)),))
    found = opening(JUDGING, state, ADULT)
    assert found is not None
    assert verdicts(JUDGING, state, ADULT) >= {"wao-2020", "niaid-2006", "ctcae-infusion-related-reaction"}
    assert verdicts(JUDGING, replace(state, seen={}), ADULT) == {"ctcae-infusion-related-reaction", "ctcae-urticaria"}


def test_what_was_charted_before_the_flow_is_no_reaction_to_it():
    assert opening(JUDGING, _chart(-5, urticaria=True, wheeze=True), ADULT) is None


def test_an_emergency_that_is_led_is_not_opened_again_until_a_new_sign_after_its_end():
    led = replace(_chart(urticaria=True, wheeze=True), complications_at={"cx.anaphylaxis": after(11)})
    assert opening(JUDGING, led, ADULT) is None
    over = replace(led, steps={f"{JUDGING.scripts['cx.anaphylaxis']}/over": after(30)})
    assert opening(JUDGING, over, ADULT) is None
    assert opening(JUDGING, replace(over, seen=_chart(31, urticaria=True, wheeze=True).seen), ADULT) is not None
    resolved = replace(_chart(urticaria=True, wheeze=True), reactions=(_reaction(resolved_at=after(40)),))
    assert opening(JUDGING, resolved, ADULT) is None


# Scores
@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"resp_rate": "25"}, "score-red"),  # NEWS2 chart 1: 25 and more is 3, although six values are missing
        ({"resp_rate": "24"}, ""),
        ({"resp_rate": "24", "spo2": "93", "oxygen": True}, "score-urgent"),  # 2 + 2 + 2 = 6 of a total that can only rise
        ({"resp_rate": "25", "spo2": "91", "acvpu": "V"}, "score-emergency"),  # 3 + 3 + 3
        ({"acvpu": "c"}, "score-red"),
        ({"temp": "98"}, ""),  # Fahrenheit is no temperature of NEWS2
        ({"spo2": "0.97"}, ""),
        ({"news2": "4"}, ""),
        ({"news2": "5"}, "score-urgent"),
        ({"news2": "7"}, "score-emergency"),
        ({"oxygen": False}, ""),
        ({"maternal-warning": "0"}, ""),
        ({"maternal-warning": "1"}, "score-red"),
    ],
)
def test_a_score_alarms_by_its_band_or_by_one_red_value(told, code):
    assert [found for _, found, _ in _told(_chart(**told))] == ([code] if code else [])


def test_news2_is_not_for_children_nor_in_pregnancy_where_the_maternal_criteria_hold():
    state = _chart(resp_rate="25", bp__systolic="115")
    assert _told(state, Person(Quantity(15, "a"), pregnant=False)) == []
    assert _told(state, Person(Quantity(30, "a"), pregnant=True)) == []  # the maternal limit is above 30
    assert [key for key, _, _ in _told(_chart(pulse="121"), Person(Quantity(30, "a"), pregnant=True))] == ["score:maternal-warning-1"]


def test_a_red_value_that_a_limit_tells_is_not_told_twice():
    limit = AlarmLimit.model_validate(
        {
            "id": "low", "observation": "bp.systolic", "op": "<", "figure": figure("91", "mm[Hg]"), "priority": "high",
            "response": "cx.low", "sources": (SOURCE,),
        }
    )  # fmt: skip
    state = _chart(bp__systolic="90")
    held = conditions(protocol_with(alarms=(limit,)), state, TABLES, after(11))
    assert charted_conditions(JUDGING, state, ADULT, TABLES, held) == ()
    assert [code for _, code, _ in _told(state)] == ["score-red"]


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "resp_rate": st.integers(4, 40).map(str), "spo2": st.integers(70, 100).map(str), "oxygen": st.booleans(),
            "bp__systolic": st.integers(50, 240).map(str), "pulse": st.integers(30, 180).map(str), "temp": st.integers(33, 41).map(str),
            "acvpu": st.sampled_from("ACVPU"),
        },
    )
)  # fmt: skip
def test_more_of_the_chart_never_makes_the_certain_points_fewer(told):
    within = timedelta(minutes=15)
    whole = [one for one in warned(JUDGING.scores, _chart(**told), ADULT, within) if one.table == "news2-1"]
    for name in told:
        part = {key: value for key, value in told.items() if key != name}
        less = [one for one in warned(JUDGING.scores, _chart(**part), ADULT, within) if one.table == "news2-1"]
        if less:
            assert (less[0].least or NOTHING) <= (whole[0].least or NOTHING)
            assert len(less[0].missing) == len(whole[0].missing) + 1


def test_values_of_another_hour_are_not_of_the_same_set():
    state = _chart(resp_rate="24", spo2="93")
    older = replace(state, seen={**state.seen, **_chart(40, oxygen=True).seen})
    (one,) = warned(JUDGING.scores, older, ADULT, timedelta(minutes=15))
    assert (one.least, set(one.missing)) == (
        Quantity(2, "{score}"), {"resp_rate", "spo2", "bp.systolic", "pulse", "temp", "acvpu"},
    )  # fmt: skip
