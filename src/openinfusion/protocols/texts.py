"""Reads the words that stand beside protocols: what codes are called, the sentence of each rule for staff, the patient's leaflet. Never
holds a
figure of its own."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from openinfusion.protocols.reading import Problems, parse, read_document, read_text

QUESTIONS = (
    "food_and_medicines",
    "companions",
    "pain",
    "allergic_reaction",
    "sessions",
    "side_effects_at_home",
    "home_training",
    "measuring",
)
"""The eight questions a patient asks before a therapy; every leaflet answers each."""

BLOCKS = ("what_it_is", *QUESTIONS, "what_to_expect", "call_now")
"""The blocks of a leaflet, in the order in which they are printed."""

PLACEHOLDERS = frozenset(
    {
        "bolus",  # what one press of the button gives
        "dose",  # the dose of the order, as prepared
        "drug",  # generic name, with the product where one was chosen
        "duration",  # how long the infusion runs by the plan
        "interval",  # time from one session to the next
        "lockout",  # how long the button rests after a press
        "observation",  # how long the patient is watched after the end
        "premedication",  # medicines given before, as a list in words
        "rate",  # first rate of the plan
        "sessions",  # how many sessions the course has
        "sites",  # how many places at once
        "volume",  # how much fluid
    }
)
"""What a leaflet may leave open to be filled from the patient's own order."""

_HEADING = re.compile(r"^## +(\S+)\s*$")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_LANGUAGE = re.compile(r"^(?:wording|leaflet|terms)\.([a-z]{2,3}(?:-[A-Za-z0-9]+)*)\.(?:yaml|md)$")


class _WordingFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_: Literal["openinfusion.wording/1"] = Field(alias="schema")
    wording: Mapping[str, str]


class _TermsFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_: Literal["openinfusion.terms/1"] = Field(alias="schema")
    terms: Mapping[str, str]


def read_terms(roots: Sequence[Path], problems: Problems) -> Mapping[str, Mapping[str, str]]:
    """What codes are called, by language, from `terms/terms.<language>.yaml` under the roots; a site may rename a code for its own
    staff."""
    found: dict[str, dict[str, str]] = {}
    for path in (path for root in roots for path in sorted((root / "terms").glob("terms.*.yaml"))):
        document = read_document(path, problems)
        parsed = None if document is None else parse(_TermsFile, document.tree, document, problems)
        if parsed is not None:
            found.setdefault(language_of(path), {}).update(parsed.terms)
    return found


def language_of(path: Path) -> str:
    """The language in a file name like `leaflet.en.md`, empty when there is none."""
    found = _LANGUAGE.match(path.name)
    return found[1] if found else ""


def read_wording(path: Path, ids: Collection[str], problems: Problems) -> Mapping[str, str]:
    """The sentence of each rule id; an id that no rule has and a rule without a sentence are problems."""
    document = read_document(path, problems)
    if document is None:
        return {}
    parsed = parse(_WordingFile, document.tree, document, problems)
    if parsed is None:
        return {}
    for name, sentence in parsed.wording.items():
        if name not in ids:
            problems.add(document, ("wording", name), f'no rule has the id "{name}"', "correct the id or remove the sentence")
        if not sentence.strip():
            problems.add(document, ("wording", name), "the sentence is empty", "write what staff should read")
    for missing in sorted(set(ids) - set(parsed.wording)):
        problems.add(document, ("wording",), f'the rule "{missing}" has no sentence', f"add `{missing}: ...`")
    return parsed.wording


def read_leaflet(path: Path, problems: Problems) -> Mapping[str, str]:
    """The blocks of a leaflet by name; unknown, repeated, empty and missing blocks and unknown placeholders are problems."""
    text = read_text(path, problems)
    if text is None:
        return {}
    blocks: dict[str, list[str]] = {}
    starts: dict[str, int] = {}
    name = ""
    for n, line in enumerate(text.splitlines(), 1):
        if heading := _HEADING.match(line):
            name = heading[1]
            if name not in BLOCKS or name in blocks:
                problems.at(path, n, name, "this block is unknown or stands twice", f"the blocks are {', '.join(BLOCKS)}")
            starts[name] = n
            blocks[name] = []
        elif name:
            _check_line(path, n, name, line, problems)
            blocks[name].append(line)
        elif line.strip():
            problems.at(path, n, "", "text before the first block", "begin with `## what_it_is`")
    found = {block: "\n".join(lines).strip() for block, lines in blocks.items()}
    for block in BLOCKS:
        if not found.get(block):
            problems.at(path, starts.get(block, 1), block, "the leaflet does not answer this", f"add `## {block}` and its answer")
    return found


def _check_line(path: Path, n: int, block: str, line: str, problems: Problems) -> None:
    for placeholder in _PLACEHOLDER.findall(line):
        if placeholder not in PLACEHOLDERS:
            problems.at(path, n, block, f"the placeholder {{{placeholder}}} is unknown", f"write one of {', '.join(sorted(PLACEHOLDERS))}")
