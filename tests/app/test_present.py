"""People read numbers and findings in one way: no trailing zero, a leading zero, units in full, and what is true, safe and to do."""

import ast
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openinfusion.app import present
from openinfusion.app.present.bedside_messages import BROKEN
from openinfusion.app.present.findings import MESSAGES
from openinfusion.app.present.numbers import STEPS
from openinfusion.app.present.words import Message
from openinfusion.core.administration.parts import Amount, Confirmation, Flow, OpenMatter, Status
from openinfusion.core.administration.session import Alarm, SessionState, Stated
from openinfusion.core.codes import CODES, OPERATIONS
from openinfusion.core.errors import CommandRefused
from openinfusion.core.figure import Source, Tier
from openinfusion.core.finding import Derivation, Finding, Level, Step, Verdict
from openinfusion.core.quantity import UNITS, Quantity
from openinfusion.protocols.load import load_all, load_reference

SOURCE = Source(cite="label", at="2.2", tier=Tier.A)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SRC = Path(present.__file__).parents[2]


# Numbers
@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("0.5", "mg", "0.5 mg"),  # a leading zero
        ("5.0", "mg", "5 mg"),  # no trailing zero
        ("150", "ug", "150 mcg"),
        ("1000", "[iU]", "1000 units"),
        ("1", "[iU]", "1 unit"),
        ("375", "mg/m2", "375 mg/m²"),
        ("2", "[iU]/kg", "2 units/kg"),
        ("35", "mL/h/{site}", "35 mL/h per site"),
        ("80", "%", "80%"),
        ("12", "/min", "12 per minute"),
        ("120", "mm[Hg]", "120 mmHg"),
        ("36.6", "Cel", "36.6 °C"),
        ("2", "{session}", "2 sessions"),
        ("1", "wk", "1 week"),
        ("3", "{score}", "3"),
    ],
)
def test_an_amount_is_written_for_people(value, unit, text):
    assert present.quantity(Quantity(value, unit)) == text


def test_an_amount_that_is_no_decimal_is_rounded_and_says_so():
    assert present.quantity(Quantity("1/3", "mL")) == "≈ 0.33333 mL"
    assert present.quantity(Quantity("1.8429374", "m2")) == "≈ 1.8429 m²"


def test_json_numbers_are_decimal_text_with_a_unit():
    assert present.quantity_json(Quantity("0.25", "mL")) == {"value": "0.25", "unit": "mL"}
    assert present.quantity_json(Quantity("1/3", "mL")) == {"value": "0.333333333333", "unit": "mL"}
    assert present.quantity_json(None) is None


@given(st.fractions(min_value=-10000, max_value=10000), st.sampled_from(sorted(UNITS)))
def test_every_amount_has_a_leading_and_no_trailing_zero_and_no_code_of_a_unit(value, unit):
    text = present.quantity(Quantity(value, unit))
    digits = text.removeprefix("≈ ").split(" ")[0].rstrip("%")
    assert (
        not any(sign in text for sign in "[]{}eE_") or "per site" in text or unit in ("[drp]/min", "[drp]/mL") or not {"[", "{"} & set(text)
    )
    assert not digits.startswith((".", "-."))
    assert "." not in digits or not digits.endswith("0")


@given(st.fractions(min_value=Fraction(1, 10**6), max_value=10**6))
def test_what_is_shown_lies_close_to_what_is(value):
    shown = Fraction(present.number_text(value).removeprefix("≈ "))
    assert abs(shown - value) <= value / 10000


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=5), "00:05"),
        (timedelta(minutes=61, seconds=1), "1:01:01"),
        (timedelta(seconds=-70), "-01:10"),
        (timedelta(0), "00:00"),
    ],
)
def test_a_running_time_is_minutes_and_seconds(span, text):
    assert present.elapsed(span) == text


def test_a_worked_step_reads_as_arithmetic():
    inputs = (("amount", Quantity("375", "mg/m2")), ("surface", Quantity("1.8", "m2")))
    step = Step("dose.per-surface", inputs, Quantity(675, "mg"), (SOURCE,))
    assert present.derivation_lines(Derivation((step,))) == ("375 mg/m² × 1.8 m² = 675 mg",)


def test_every_operation_has_a_form_with_exactly_its_inputs():
    assert {name: _places(form) for name, form in STEPS.items()} == {name: set(inputs) for name, inputs in OPERATIONS.items()}


def test_an_operation_without_a_form_names_its_inputs():
    step = Step("area.new-way", (("weight", Quantity(70, "kg")),), Quantity(7, "mg"))
    assert present.step_line(step) == "area new way (weight 70 kg) = 7 mg"


# Findings
def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _named(message: Message) -> set[str]:
    return {name for text in message.texts for name in _places(text)} | set(message.extras)


def test_every_code_has_words_with_exactly_its_parameters():
    # The id of the session at hand tells a person nothing: it may be left out.
    worded = {code: _named(MESSAGES[code]) | {"session"} for code in CODES}
    assert worded == {code: set(parameters) | {"session"} for code, parameters in CODES.items()}


def test_every_finding_that_the_program_makes_has_words():
    made = {
        node.args[0].value
        for path in SRC.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    }
    assert made - set(MESSAGES) == set()


def test_every_rule_that_a_record_can_break_has_words():
    records = ast.parse((SRC / "core" / "administration" / "records.py").read_text(encoding="utf-8"))
    yielded = [node.value for node in ast.walk(records) if isinstance(node, ast.Yield) and node.value is not None]
    listed = [
        keyword.value for node in ast.walk(records) if isinstance(node, ast.Call) for keyword in node.keywords if keyword.arg == "broke"
    ]
    codes = {
        leaf.value
        for tree in (*yielded, *listed)
        for leaf in ast.walk(tree)
        if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and leaf.value
    }
    assert codes
    assert codes - set(BROKEN) == set()


def test_every_message_says_what_to_do_or_what_is_safe():
    assert [code for code, message in MESSAGES.items() if not (message.safe or message.do)] == []


def test_a_refusal_says_what_is_true_what_is_safe_and_what_to_do():
    words = present.finding(Finding("check.by-author", Level.BANNED))
    assert words.what_is_safe == "Not started. Nothing has been given."
    assert words.what_to_do == "Ask a second nurse."
    assert words.text.startswith("The person who ordered this cannot also check it.")


def test_fields_rules_and_times_are_called_by_their_names():
    glossary = present.Glossary(fields={"lab.platelets": "Platelets"}, rules={"low": "Platelets below the bound."})
    stale = Finding("fact.stale", Level.MISSING, {"field": "lab.platelets", "at": NOW})
    assert present.finding(stale, present.plain, glossary).what_is_true == "Too old: Platelets, of 2026-03-02 09:00 UTC."
    unknown = Finding("screen.unknown", Level.MISSING, {"rule": "low", "fields": ("lab.platelets",)})
    assert present.finding(unknown, present.plain, glossary).what_is_true == "Not known: Platelets. It decides: Platelets below the bound."


def test_a_sentence_about_nothing_is_not_said():
    limit, dose = Quantity(10, "mg/kg"), Quantity(12, "mg/kg")
    closed = Finding("dose-per-mass.above-hard-limit", Level.BANNED, {"value": dose, "limit": limit, "open": ()})
    assert "open" not in present.finding(closed).text
    still = Finding("dose-per-mass.above-hard-limit", Level.BANNED, {"value": dose, "limit": limit, "open": ("region",)})
    assert "The strictest rule is used while this is open: region." in present.finding(still).text


def test_a_time_to_wait_is_shown_as_a_clock():
    early = Finding(
        "rate.too-early", Level.MISSING, {"rate": Quantity(100, "mL/h"), "wait": Quantity(250, "s"), "interval": Quantity(30, "min")}
    )
    assert present.finding(early).what_is_true == "Each step lasts 30 min; 04:10 is left before 100 mL/h."


def test_a_code_without_words_is_shown_and_not_hidden():
    assert "made.up" in present.finding(Finding("made.up", Level.CAUTION)).text


def test_words_go_through_the_given_translation():
    upper = present.finding(Finding("reaction.open", Level.BANNED), str.upper)
    assert upper.what_is_true == "THE REACTION IS NOT RESOLVED."


def test_the_json_form_keeps_code_level_text_and_sources():
    found = Finding("dose.capped", Level.CAUTION, {"dose": Quantity(900, "mg"), "cap": Quantity(800, "mg")}, (SOURCE,), "flat")
    shown = present.finding_json(found)
    assert (shown["code"], shown["level"], shown["rule"]) == ("dose.capped", "caution", "flat")
    assert shown["sources"] == [{"cite": "label", "at": "2.2", "tier": "A"}]
    assert shown["params"] == {"dose": {"value": "900", "unit": "mg"}, "cap": {"value": "800", "unit": "mg"}}


def test_several_refusals_are_said_together():
    both = CommandRefused((Finding("start.consent-unknown", Level.MISSING), Finding("start.kit-not-checked", Level.MISSING)))
    words = present.error(both)
    assert "Consent is not recorded. The emergency kit was not checked." in words.what_is_true
    assert words.what_is_safe == "Not started. Nothing has been given."


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        (Verdict.NONE, "Proceed"),
        (Verdict.INFO, "Proceed"),
        (Verdict.CAUTION, "Needs decision"),
        (Verdict.INCOMPLETE, "Needs decision"),
        (Verdict.CONTRAINDICATED, "Stop"),
        (Verdict.BANNED, "Stop"),
    ],
)
def test_a_screen_has_three_words(verdict, word):
    assert present.screen_word(verdict) == word
    assert present.verdict_words(verdict).startswith(word)


def test_the_glossary_of_a_protocol_names_its_rules_and_the_fields():
    loaded = load_all()["iv-infliximab"]
    names = present.glossary_of(loaded, load_reference().fields)
    assert names.fields["weight"] == "Weight"
    assert names.rules["max-dose"] == loaded.protocol.wording["en"]["max-dose"]
    assert "consent-refused" in names.rules  # of the general table
    unknown = Finding("screen.unknown", Level.MISSING, {"rule": "under-6", "fields": ("weight",)})
    text = present.finding(unknown, present.plain, names).text
    assert text.startswith("Not known: Weight. It decides: ")
    assert "under-6" not in text
    assert ".." not in text


# Boards
@pytest.mark.parametrize(
    ("flow", "delivery", "words"),
    [
        (Flow.RUNNING, Confirmation.CONFIRMED, "RUNNING"),
        (Flow.PAUSED, Confirmation.CONFIRMED, "PAUSED"),
        (Flow.STOPPED, Confirmation.CONFIRMED, "STOPPED"),
        (Flow.STOPPED, Confirmation.ORDERED, "STOP ordered – not confirmed"),
        (Flow.RUNNING, Confirmation.UNKNOWN, "UNKNOWN"),
        (Flow.STOPPED, Confirmation.UNKNOWN, "UNKNOWN"),
    ],
)
def test_only_a_confirmed_flow_is_shown_in_full(flow, delivery, words):
    state = SessionState(status=Status.INFUSING, flow=flow, delivery=delivery)
    assert present.state_words(state, NOW).delivery == words


@pytest.mark.parametrize("code", ["pump-silent", "pump-state-unknown"])
def test_while_the_pump_is_silent_a_confirmed_flow_is_unknown_and_never_running(code):
    silent = Alarm("one", code, "medium", physiological=False, raised_at=NOW)
    state = SessionState(status=Status.INFUSING, flow=Flow.RUNNING, delivery=Confirmation.CONFIRMED, alarms={"one": silent})
    assert (present.state_words(state, NOW).delivery, present.state_words(state, NOW).confirmed) == ("UNKNOWN", False)
    looked = replace(state, stated=Stated(Flow.RUNNING, None, NOW + timedelta(seconds=30), "anna"))
    assert present.state_words(looked, NOW + timedelta(minutes=1)).delivery == "RUNNING"
    heard = SessionState(
        status=Status.INFUSING, flow=Flow.RUNNING, delivery=Confirmation.CONFIRMED, alarms={"one": replace(silent, ended_at=NOW)}
    )
    assert present.state_words(heard, NOW).delivery == "RUNNING"


@pytest.mark.parametrize(
    ("delivery", "heard", "age"),
    [
        (Confirmation.CONFIRMED, timedelta(seconds=5), "00:05"),  # the newest of what was stated and what was heard
        (Confirmation.CONFIRMED, timedelta(minutes=40), "21:00"),
        (Confirmation.CONFIRMED, None, "21:00"),
        (Confirmation.ORDERED, timedelta(seconds=5), "21:00"),  # a sample confirms no order
    ],
)
def test_a_confirmed_flow_is_as_old_as_the_newest_sign_of_life(delivery, heard, age):
    stated = Stated(Flow.RUNNING, None, NOW - timedelta(minutes=21), "pump-1")
    state = SessionState(status=Status.INFUSING, flow=Flow.RUNNING, delivery=delivery, stated=stated)
    assert present.state_words(state, NOW, heard=None if heard is None else NOW - heard).age == age


def test_before_any_flow_the_status_speaks():
    words = present.state_words(SessionState(status=Status.READY), NOW)
    assert (words.delivery, words.text) == ("", "Ready")


def test_what_is_open_and_an_uncertain_amount_are_named():
    state = SessionState(
        status=Status.ON_HOLD,
        flow=Flow.PAUSED,
        amount=Amount.UNCERTAIN,
        open=frozenset({OpenMatter.ALARM, OpenMatter.REACTION}),
        stated=Stated(Flow.PAUSED, None, NOW - timedelta(seconds=75), "pump-1"),
    )
    words = present.state_words(state, NOW)
    assert words.text == "PAUSED · AMOUNT UNCERTAIN · REACTION · ALARM"
    assert words.age == "01:15"


@given(
    st.builds(
        SessionState,
        status=st.sampled_from(Status),
        flow=st.sampled_from(Flow),
        delivery=st.sampled_from(Confirmation),
        amount=st.sampled_from(Amount),
    )
)
def test_a_board_never_shows_as_running_what_is_not_confirmed(state):
    words = present.state_words(state, NOW)
    assert words.status
    if words.delivery in ("RUNNING", "PAUSED", "STOPPED"):
        assert words.confirmed


# Protocols
@pytest.mark.parametrize("name", sorted(load_all()))
def test_every_shipped_protocol_reads_with_its_figures_and_sources(name):
    loaded = load_all()[name]
    text = "\n".join(present.protocol_lines(loaded.protocol, loaded.content_hash))
    assert loaded.protocol.title in text
    assert loaded.content_hash in text
    for limit in loaded.protocol.limits:
        assert present.quantity(limit.figure.quantity) in text


@pytest.mark.parametrize(("after", "when"), [(0, ""), (1800, " It would be too much 30:00 from now.")])
def test_a_full_programme_says_how_much_would_be_in_and_when_unless_it_is_now(after, when):
    params = {"limit": Quantity(20, "mL"), "window": Quantity(1, "h"), "value": Quantity(30, "mL"), "after": Quantity(after, "s")}
    said = present.finding(Finding("bolus.window-full", Level.BANNED, params))
    assert said.what_is_true == "With this bolus 30 mL would have gone in within 1 h; the programme allows 20 mL."
    assert said.what_to_do == f"Wait, or call the prescriber when the patient needs more.{when}"


@pytest.mark.parametrize(
    ("code", "text"), [("CTCAE-5.0", "CTCAE 5.0"), ("bp.systolic", "bp systolic"), ("chlorhexidine-0.5%", "chlorhexidine 0.5%")]
)
def test_a_code_becomes_words_and_keeps_the_point_of_its_number(code, text):
    assert present.readable(code) == text
