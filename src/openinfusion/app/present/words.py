"""The shapes of words for people: what is true, what is safe now, what to do; and the ways in which they are translated and named."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

Translate = Callable[[str], str]
"""Gives the text of an English message in the reader's language; the pages pass gettext, the command line nothing."""


def plain(text: str) -> str:
    """English as it is written."""
    return text


def in_utc(at: datetime) -> str:
    """A moment as ISO date and time in UTC, and so named."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Words:
    """One thing said to a person. Empty parts are left out of `text`."""

    what_is_true: str
    what_is_safe: str = ""
    what_to_do: str = ""

    @property
    def text(self) -> str:
        """All of it in one line."""
        return " ".join(part for part in (self.what_is_true, self.what_is_safe, self.what_to_do) if part)


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the catalogue: English sentences with named places for parameters. An extra sentence is said only when its parameter
    holds something."""

    true: str
    safe: str = ""
    do: str = ""
    extras: Mapping[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> tuple[str, ...]:
        """Every sentence that is there."""
        return tuple(text for text in (self.true, self.safe, self.do, *self.extras.values()) if text)


@dataclass(frozen=True, slots=True)
class Glossary:
    """What codes are called: `fields` the label of a field of the dictionary, `rules` the sentence of a rule; a code without an entry is
    shown as it is written. `moment` writes a time in the reader's zone."""

    fields: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    moment: Callable[[datetime], str] = in_utc


NO_GLOSSARY = Glossary()


def readable(code: str) -> str:
    """A code of a file as readable text: dots, dashes and underscores become blanks; the point of a number stays."""
    return _DOT_OF_NO_NUMBER.sub(" ", code).replace("_", " ").replace("-", " ")


def code_words(code: str, terms: Mapping[str, str]) -> str:
    """What a code is called; of a part without a word of its own, what the whole and the part are called."""
    whole, _, part = code.partition(".")
    if code in terms or whole not in terms or not part:
        return terms.get(code) or readable(code)
    return f"{terms[whole]}, {terms.get(part) or readable(part)}"


_DOT_OF_NO_NUMBER = re.compile(r"(?<![0-9])\.|\.(?![0-9])")
