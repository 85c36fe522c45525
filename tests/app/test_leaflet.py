"""Every shipped leaflet answers every question, from the patient's own order where it is known."""

import re
from dataclasses import replace
from datetime import date

import pytest

from openinfusion.app import leaflet
from openinfusion.core.finding import Derivation, Finding, Level
from openinfusion.core.prescribing.order import Choice, DosePlan, PlannedPremedication, PlannedSession
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.load import load_all
from openinfusion.protocols.texts import BLOCKS, PLACEHOLDERS, QUESTIONS
from tests.core.monitoring.cast import plan_with

PROTOCOLS = load_all()
RITUXIMAB = PROTOCOLS["iv-rituximab"].protocol


def _dose(amount: str) -> DosePlan:
    given = Quantity(amount, "mg")
    return DosePlan("by-surface", given, given, Quantity(0, "mg"), Derivation())


def _course(*days: int, phase: str = "") -> tuple[PlannedSession, ...]:
    start = date(2026, 3, 2)
    return tuple(PlannedSession(n + 1, n + 1, date.fromordinal(start.toordinal() + day), phase) for n, day in enumerate(days))


def test_every_placeholder_that_a_leaflet_may_use_has_a_value_and_a_sentence_for_its_absence():
    assert set(leaflet.TOLD_BY_TEAM) == set(PLACEHOLDERS)
    assert set(leaflet.values(RITUXIMAB, None)) == set(leaflet.values(RITUXIMAB, plan_with())) == set(PLACEHOLDERS)
    assert set(leaflet.HEADINGS) == set(BLOCKS)


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
@pytest.mark.parametrize("planned", [True, False])
def test_every_leaflet_answers_every_question_with_or_without_an_order(name, planned):
    made = leaflet.blocks(PROTOCOLS[name].protocol, plan_with(dose=_dose("100")) if planned else None)
    answered = {block.question: block for block in made}
    assert set(QUESTIONS) <= set(answered)
    for block in made:
        assert block.text.strip()
        assert "{" not in block.text
        assert "None" not in block.text
        assert bool(block.missing) == ("Your team will tell you" in block.text)


@pytest.mark.parametrize("name", sorted(PROTOCOLS))
def test_without_an_order_a_leaflet_names_no_dose_volume_or_rate(name):
    text = " ".join(block.text for block in leaflet.blocks(PROTOCOLS[name].protocol, None))
    assert re.findall(r"\d+(?:\.\d+)? ?(?:mg|mcg|g|mL|units)\b", text) == []


def test_the_answer_carries_the_figures_of_the_order():
    plan = plan_with(
        dose=_dose("675"),
        observation=Quantity(30, "min"),
        premedication=(PlannedPremedication("p", "paracetamol", "oral", mandatory=True, dose=Quantity(1, "g")),),
    )
    text = " ".join(block.text for block in leaflet.blocks(RITUXIMAB, plan))
    assert "Your dose is 675 mg." in text
    assert "We watch you for 30 min." in text
    assert "paracetamol 1 g" in text
    assert "It takes about 1 h 30 min." in text  # three rungs of 30 min


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((0, 7, 14), "1 week"),
        ((0, 14, 42, 98, 154), "2 weeks, then 4 weeks, then 8 weeks"),
        ((0, 10), "10 days"),
        ((0,), None),
    ],
)
def test_the_time_between_sessions_is_read_from_the_course(days, words):
    assert leaflet.values(RITUXIMAB, plan_with(course=_course(*days)))["interval"] == words


def test_an_open_or_endless_course_has_no_number_of_sessions():
    endless = next(phase for phase in PROTOCOLS["iv-infliximab"].protocol.schedule if phase.kind == "sessions" and phase.sessions is None)
    plan = plan_with(course=_course(0, 56, phase=endless.id))
    assert leaflet.values(PROTOCOLS["iv-infliximab"].protocol, plan)["sessions"] is None
    undecided = replace(plan_with(course=_course(0, 7)), findings=(Finding("course.number-open", Level.INFO),))
    assert leaflet.values(RITUXIMAB, undecided)["sessions"] is None


def test_what_an_order_says_is_inert_on_the_page():
    choice = Choice(indication="use", start_on=date(2026, 3, 2), product="<script>x</script> [a](http://b) **c**")
    page = leaflet.html(RITUXIMAB, plan_with(choice=choice))
    assert "<script>" not in page
    assert "<a " not in page
    assert "<strong>" not in page
    assert "**c**" in page


def test_a_page_has_one_section_for_each_block():
    page = leaflet.html(RITUXIMAB, None)
    assert re.findall(r'<section id="(\w+)">', page) == list(BLOCKS)
    assert "<li>" in page


def test_an_unknown_language_falls_back_to_english():
    assert leaflet.blocks(RITUXIMAB, None, "xx") == leaflet.blocks(RITUXIMAB, None, "en")
