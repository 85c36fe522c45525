"""Every alarm says its cause, its value and what to do; a dose says its basis; what is owed says when."""

from datetime import timedelta

import pytest

from openinfusion.app import present
from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import Alarm
from openinfusion.core.monitoring.observation import Due
from openinfusion.core.monitoring.response import EmergencyDose, emergency_dose, respond
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Alarms, EpinephrineDoses, PumpEvents, ResponseScript
from openinfusion.protocols.load import load_all
from tests.core.monitoring.cast import SOURCE, START, after, running, shipped_table

ALARMS, PUMPS = shipped_table("alarms-2"), shipped_table("pump-events-2")
KINDS = {**ALARMS.wording["en"], **PUMPS.wording["en"]}
LABELS = present.Glossary(
    fields={"bp.systolic": "Systolic blood pressure", "spo2": "Oxygen saturation"}, rules=load_all()["ep-labour"].protocol.wording["en"]
)
NO_SIGNAL, PRESENT = False, True


def _alarm(code: str, key: str = "", rule: str = "", reading: Reading | None = None) -> Alarm:
    return Alarm(key or code, code, "high", physiological=False, raised_at=START, reading=reading, rule=rule)


def test_every_kind_of_alarm_has_a_cause_and_something_to_do():
    assert isinstance(ALARMS, Alarms)
    assert isinstance(PUMPS, PumpEvents)
    for kind in (*ALARMS.kinds, *PUMPS.events, PUMPS.unknown):
        words = present.alarm(_alarm(kind.id), KINDS)
        assert words.what_is_true
        assert words.what_to_do


def test_a_crossed_limit_shows_its_value_and_the_protocols_own_sentence():
    low = Reading("bp.systolic", Quantity(65, "mm[Hg]"))
    words = present.alarm(_alarm("limit-crossed", "limit:hypotension-profound", "hypotension-profound", low), KINDS, present.plain, LABELS)
    assert words.what_is_true == "Systolic blood pressure 65 mmHg. Profound low blood pressure."
    assert words.what_to_do == "Tilt, call the anaesthetist now, fetal heart."


def test_a_channel_without_a_reading_is_named():
    words = present.alarm(_alarm("no-reading", "no-reading:spo2"), KINDS, present.plain, LABELS)
    assert words.what_is_true == "Oxygen saturation: No usable reading."


def test_the_words_of_an_unknown_pump_alarm_are_shown_as_they_came():
    assert "“E-47 Xq”" in present.alarm(_alarm("pump-unknown", rule="E-47 Xq"), KINDS).what_is_true


def test_an_alarm_without_words_still_speaks():
    words = present.alarm(_alarm("from-elsewhere"), KINDS)
    assert "from elsewhere" in words.what_is_true
    assert words.what_to_do


@pytest.mark.parametrize(
    ("reading", "text"),
    [
        (Reading("spo2", Quantity(97, "%")), "Oxygen saturation 97%"),
        (Reading("spo2", NO_SIGNAL), "Oxygen saturation no reading"),
        (Reading("motor_bromage", Quantity(1, "{score}"), "Bromage"), "motor bromage 1 (Bromage)"),
        (Reading("symptoms", "none"), "symptoms none"),
        (Reading("rash", PRESENT), "rash yes"),
    ],
)
def test_a_reading_names_what_it_is_and_its_scale(reading, text):
    assert present.reading(reading, present.plain, LABELS) == text


def test_what_is_owed_says_when_or_how_long_ago():
    owed = Due(("bp.systolic", "spo2"), after(30), None, "vitals", (SOURCE,), blocks_increase=False)
    line = present.due_line(owed, after(26) - timedelta(seconds=10), present.plain, LABELS)
    assert line == "Systolic blood pressure, Oxygen saturation: due in 04:10"
    assert present.due_line(owed, after(31), present.plain, LABELS).endswith("overdue for 01:00")


def _dose(**known: Quantity) -> EmergencyDose:
    table = shipped_table("epinephrine-im-1")
    assert isinstance(table, EpinephrineDoses)
    return emergency_dose(table, "us", known.get("weight"), known.get("age"))


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({"weight": Quantity(20, "kg")}, "0.2 mg = 0.2 mL (by weight; scheme us)"),
        ({"age": Quantity(8, "a")}, "0.3 mg = 0.3 mL (by age, weight unknown, by the rows of the scheme rcuk; scheme us)"),
        ({}, "0.5 mg = 0.5 mL (adult dose, weight and age unknown; scheme us)"),
    ],
)
def test_an_emergency_dose_is_printed_with_its_basis(known, line):
    assert present.emergency_dose_line(_dose(**known)) == line


def test_a_script_step_shows_its_dose_its_amounts_and_the_standing_order():
    table = shipped_table("anaphylaxis-response-1")
    assert isinstance(table, ResponseScript)
    script = respond(table, _dose(weight=Quantity(80, "kg")), running(), Quantity(80, "kg"))
    lines = {step.id: present.script_step_line(step, table.wording["en"]) for step in script.steps}
    assert "0.5 mg = 0.5 mL (by weight; scheme us)" in lines["epinephrine"]
    assert "bolus: 1600 mL" in lines["fluid"]
    assert "by the standing order of the site" in lines["refractory"]


def test_figures_that_run_from_and_to_are_one_range():
    table = shipped_table("epidural-hypotension-response-1")
    assert isinstance(table, ResponseScript)
    lines = {step.id: present.script_step_line(step, table.wording["en"]) for step in respond(table, None, running(), None).steps}
    # Southeast Asian consensus 2023: phenylephrine 50 to 100 micrograms, or 25 to 50 micrograms a minute
    assert "bolus: 50 mcg to 100 mcg — infusion: 25 mcg/min to 50 mcg/min" in lines["phenylephrine"]
    table = shipped_table("extravasation-response-1")
    assert isinstance(table, ResponseScript)
    lines = {step.id: present.script_step_line(step, table.wording["en"]) for step in respond(table, None, running(), None).steps}
    assert "— 5 mg to 10 mg — in: 10 mL to 20 mL —" in lines["extravasation-vasopressor"]


def test_a_priority_is_a_word_in_capitals():
    assert [present.priority_word(one) for one in ("high", "medium", "low", "odd")] == ["HIGH", "MEDIUM", "LOW", "odd"]


def test_every_text_of_the_presenter_is_offered_to_translators_once():
    texts = present.message_ids()
    assert len(texts) == len(set(texts)) > 300
    assert all(text.strip() == text for text in texts)
