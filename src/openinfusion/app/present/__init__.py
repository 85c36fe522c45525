"""The one presenter: the only place that turns numbers, units, times and findings into words for people. It decides nothing."""

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
from openinfusion.app.present.words import Glossary, Message, Translate, Words, plain, readable

__all__ = [
    "Glossary",
    "Message",
    "Translate",
    "Words",
    "broken",
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
    "quantity",
    "readable",
    "screen_word",
    "sources_json",
    "step_line",
    "unit",
    "verdict_words",
]
