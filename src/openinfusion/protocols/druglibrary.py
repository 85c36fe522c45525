"""Reads a drug library and an order to be checked against it: plain text values, each problem with its line. Never repairs, never guesses.

A library is used whole or not at all; only `lint` goes on with the lines that can be read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openinfusion.core.errors import Malformed
from openinfusion.core.part import Code
from openinfusion.core.prescribing.druglibrary import Library
from openinfusion.core.prescribing.library_order import Asked, read
from openinfusion.core.prescribing.library_shape import Entry, Line
from openinfusion.protocols.reading import Document, Problems, Tree, note, parse, read_document

SCHEMA = "openinfusion.drug-library/1"


class _Head(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_: Literal["openinfusion.drug-library/1"] = Field(alias="schema")
    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    care_areas: tuple[Code, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class SoundLibrary:
    """The lines that can be read, and the problems of the others."""

    library: Library
    problems: tuple[str, ...] = ()


def read_library(path: Path) -> Library:
    """The library of a file; raises ProtocolError with every problem and its line."""
    problems = Problems()
    library = _library(path, problems)
    problems.settle()
    if library is None:
        raise AssertionError("a library that is not read leaves a problem")
    return library


def read_sound_library(path: Path) -> SoundLibrary:
    """The same with unreadable lines left out and named; raises ProtocolError where the file as such does not hold."""
    problems = Problems()
    library = _library(path, problems)
    if library is None:
        problems.settle()
        raise AssertionError("a library that is not read leaves a problem")
    return SoundLibrary(library, tuple(dict.fromkeys(problems.found)))


def _library(path: Path, problems: Problems) -> Library | None:
    document = read_document(path, problems)
    if document is None:
        return None
    rows = document.tree.get("lines") if isinstance(document.tree, dict) else None
    if not isinstance(document.tree, dict) or not isinstance(rows, list) or not rows:
        problems.add(document, ("lines",), "a library without lines", f"write schema: {SCHEMA}, name, version, care_areas and lines")
        return None
    head = parse(_Head, {name: part for name, part in document.tree.items() if name != "lines"}, document, problems)
    if head is None:
        return None
    entries = [entry for n, row in enumerate(rows) if (entry := _entry(row, n, document, problems)) is not None]
    _names(entries, head, document, problems)
    return Library(head.name, head.version, head.care_areas, tuple(entries))


def _entry(row: Tree, number: int, document: Document, problems: Problems) -> Entry | None:
    place = ("lines", number)
    try:
        return Entry(Line.model_validate(row), document.line(place))
    except ValidationError as invalid:
        note(invalid, document, problems, place)
        return None


def _names(entries: list[Entry], head: _Head, document: Document, problems: Problems) -> None:
    seen: dict[str, int] = {}
    for entry in entries:
        line = entry.line
        if line.care_area not in head.care_areas:
            known = ", ".join(head.care_areas)
            problems.at(document.path, entry.at, f"lines.{line.id}", f'there is no care area "{line.care_area}"', f"write one of {known}")
        if line.id in seen:
            wrong = f'the id "{line.id}" stands in line {seen[line.id]} too'
            problems.at(document.path, entry.at, f"lines.{line.id}", wrong, "give each line its own id")
        seen.setdefault(line.id, entry.at)


def read_order(path: Path) -> Asked:
    """The order of a YAML or JSON file; raises Malformed when it is no list of fields with values. A value that cannot be read is a problem
    of the order."""
    problems = Problems()
    document = read_document(path, problems)
    if problems.found or document is None:
        where, _, why = problems.found[0].partition(": ")
        raise Malformed(f"order {where}", why)
    if not isinstance(document.tree, dict):
        raise Malformed(f"order {path}", "it is no list of fields", "drug:, care_area: and the amounts, each with its unit")
    return read(document.tree)


def read_order_line(line: bytes) -> Asked | str:
    """The order of one line of JSON in UTF-8, or why it is none. Numbers stay text, as they are in a file."""
    try:
        raw = json.loads(line.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=str, parse_float=str, parse_int=str)
    except UnicodeDecodeError:
        return "it is not UTF-8 text"
    except (json.JSONDecodeError, RecursionError) as error:
        return f"it is not JSON ({getattr(error, 'msg', 'too deep')})"
    except ValueError as error:
        return str(error)
    return read(raw) if isinstance(raw, dict) else "it is no object with fields"


def _once(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"the field {twice} stands twice")
    return dict(pairs)
