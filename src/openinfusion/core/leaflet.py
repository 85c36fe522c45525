"""A patient's leaflet as structure: blocks of sentences whose open places are filled with words from the patient's own order.

A sentence whose figure is not known is left out and its figure is named: the team tells the patient. Nothing is ever made up in its place.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PLACE = re.compile(r"\{(\w+)\}")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Filled:
    """One block: its paragraphs with every place filled, and the names of the figures that were not known."""

    name: str
    paragraphs: tuple[str, ...]
    missing: tuple[str, ...]


def fill(name: str, text: str, values: Mapping[str, str | None]) -> Filled:
    """Fill the places of a block; a place that `values` does not hold, or holds as None, is missing."""
    missing: dict[str, None] = {}
    paragraphs = tuple(_filled(paragraph, values, missing) for paragraph in re.split(r"\n\s*\n", text.strip()))
    return Filled(name, tuple(paragraph for paragraph in paragraphs if paragraph), tuple(missing))


def places(text: str) -> tuple[str, ...]:
    """The names of the open places of a text, in order."""
    return tuple(dict.fromkeys(_PLACE.findall(text)))


def _filled(paragraph: str, values: Mapping[str, str | None], missing: dict[str, None]) -> str:
    """The sentences of a paragraph that can be said; lines of a list stay lines."""
    lines = (_line(line, values, missing) for line in paragraph.splitlines())
    return "\n".join(line for line in lines if line)


def _line(line: str, values: Mapping[str, str | None], missing: dict[str, None]) -> str:
    said: list[str] = []
    for sentence in _SENTENCE.split(line.strip()):
        unknown = [name for name in places(sentence) if not values.get(name)]
        missing.update(dict.fromkeys(unknown))
        if not unknown:
            said.append(_PLACE.sub(lambda place: str(values[place[1]]), sentence))
    return " ".join(said)
