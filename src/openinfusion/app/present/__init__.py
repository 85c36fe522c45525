"""The one presenter: the only place that turns numbers, units, times and findings into words for people. It decides nothing."""

from openinfusion.app.present import (
    boards,
    body_picture,
    complications,
    druglibrary,
    findings,
    kinetic_drawing,
    rate_drawing,
    rate_tables,
    reactions,
    watching,
)
from openinfusion.app.present.boards import StateWords, state_words
from openinfusion.app.present.findings import (
    broken,
    error,
    finding,
    finding_json,
    level_word,
    screen_word,
    sources_json,
    verdict_words,
)
from openinfusion.app.present.naming import glossary_of
from openinfusion.app.present.numbers import derivation_lines, duration_text, elapsed, number_text, quantity, quantity_json, step_line
from openinfusion.app.present.numbers import unit_text as unit
from openinfusion.app.present.plans import (
    change_json,
    change_line,
    derivation_json,
    plan_json,
    plan_lines,
    protocol_lines,
    table_of,
)
from openinfusion.app.present.rate_drawing import drawing_of
from openinfusion.app.present.rate_tables import RowWords, clock_text, row_words
from openinfusion.app.present.watching import (
    alarm,
    due_line,
    emergency_dose_line,
    observation,
    priority_word,
    reading,
    reading_value,
    script_step_line,
)
from openinfusion.app.present.words import Glossary, Message, Translate, Words, code_words, plain, readable


def message_ids() -> tuple[str, ...]:
    """Every English text that the presenter may say, for the translation files."""
    rooms = (findings, boards, watching, complications, reactions, druglibrary, rate_tables, rate_drawing, kinetic_drawing, body_picture)
    return tuple(dict.fromkeys(text for room in rooms for text in room.message_ids()))


__all__ = [
    "Glossary",
    "Message",
    "RowWords",
    "StateWords",
    "Translate",
    "Words",
    "alarm",
    "broken",
    "change_json",
    "change_line",
    "clock_text",
    "code_words",
    "derivation_json",
    "derivation_lines",
    "drawing_of",
    "due_line",
    "duration_text",
    "elapsed",
    "emergency_dose_line",
    "error",
    "finding",
    "finding_json",
    "glossary_of",
    "level_word",
    "message_ids",
    "number_text",
    "observation",
    "plain",
    "plan_json",
    "plan_lines",
    "priority_word",
    "protocol_lines",
    "quantity",
    "quantity_json",
    "readable",
    "reading",
    "reading_value",
    "row_words",
    "screen_word",
    "script_step_line",
    "sources_json",
    "state_words",
    "step_line",
    "table_of",
    "unit",
    "verdict_words",
]
