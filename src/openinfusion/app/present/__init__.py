"""The one presenter: the only place that turns numbers, units, times and findings into words for people. It decides nothing."""

from openinfusion.app.present.boards import StateWords, state_words
from openinfusion.app.present.findings import (
    broken,
    error,
    finding,
    finding_json,
    level_word,
    message_ids,
    screen_word,
    sources_json,
    verdict_words,
)
from openinfusion.app.present.numbers import derivation_lines, duration_text, elapsed, number_text, quantity, step_line
from openinfusion.app.present.numbers import unit_text as unit
from openinfusion.app.present.plans import (
    change_json,
    change_line,
    derivation_json,
    plan_json,
    plan_lines,
    protocol_lines,
    quantity_json,
)
from openinfusion.app.present.words import Glossary, Message, Translate, Words, plain, readable

__all__ = [
    "Glossary",
    "Message",
    "StateWords",
    "Translate",
    "Words",
    "broken",
    "change_json",
    "change_line",
    "derivation_json",
    "derivation_lines",
    "duration_text",
    "elapsed",
    "error",
    "finding",
    "finding_json",
    "level_word",
    "message_ids",
    "number_text",
    "plain",
    "plan_json",
    "plan_lines",
    "protocol_lines",
    "quantity",
    "quantity_json",
    "readable",
    "screen_word",
    "sources_json",
    "state_words",
    "step_line",
    "unit",
    "verdict_words",
]
