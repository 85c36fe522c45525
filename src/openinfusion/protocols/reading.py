"""Reads one YAML file into plain text values, keeps the line of every key, and words each problem as `file:line: path: what is wrong;
what to write`.

Every scalar stays text ("1:30" is not 90, "NO" is not False). Never guesses, never repairs: duplicate keys, tags and aliases are refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from openinfusion.core.errors import ProtocolError
from openinfusion.core.quantity import ALIASES, UNITS, NumberError, UnitError

Place = tuple[str | int, ...]
Tree = str | list["Tree"] | dict[str, "Tree"]
Model = TypeVar("Model", bound=BaseModel)

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the same grammar, ten times faster where libyaml is built in
_PLAIN_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its tree of text values and the line of every place in it."""

    path: Path
    tree: Tree
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest place around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def located(self, loc: Iterable[str | int]) -> Place:
        """A place of the validated model as a place of the file: union tags and inner names drop out, a missing last key stays."""
        parts = tuple(loc)
        place: Place = ()
        for part in parts:
            if (*place, part) in self.lines:
                place = (*place, part)
            elif part == "quantity" and (*place, "value") in self.lines:
                place = (*place, "value")
        return place


@dataclass(slots=True)
class Problems:
    """Everything wrong in the files read so far, each in one line."""

    found: list[str] = field(default_factory=list)

    def add(self, document: Document, place: Place, wrong: str, write: str) -> None:
        """Note a problem at a place of a document."""
        self.at(document.path, document.line(place), _path_text(place), wrong, write)

    def at(self, path: Path, line: int, where: str, wrong: str, write: str) -> None:
        """Note a problem at a line of a file."""
        self.found.append(f"{path}:{line}: {where or 'file'}: {wrong}; {write}")

    def settle(self) -> None:
        """Raise ProtocolError with all problems, if there is one."""
        if self.found:
            raise ProtocolError(tuple(dict.fromkeys(self.found)))


def _path_text(place: Place) -> str:
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_text(path: Path, problems: Problems) -> str | None:
    """The text of a UTF-8 file, or None with a problem noted."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.at(path, 1, "", "the file is missing", "add it")
    except UnicodeDecodeError:
        problems.at(path, 1, "", "the file is not UTF-8 text", "save it as UTF-8")
    except OSError as error:
        problems.at(path, 1, "", f"the file cannot be read ({error.strerror})", "make it readable")
    return None


def read_document(path: Path, problems: Problems) -> Document | None:
    """Read one YAML file, or None with the problems noted."""
    text = read_text(path, problems)
    if text is None:
        return None
    sound = _sound(path, text)
    return _told(path, text, problems) if sound is None else Document(path, *sound)


@lru_cache(maxsize=1024)
def _sound(path: Path, text: str) -> tuple[Tree, Mapping[Place, int]] | None:
    """What a text without problems holds, read once; None for any other, whose problems are told each time that it is read."""
    quiet = Problems()
    document = _told(path, text, quiet)
    return None if document is None or quiet.found else (document.tree, document.lines)


def _told(path: Path, text: str, problems: Problems) -> Document | None:
    """The document of a text, or None with the problems noted."""
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        why = str(getattr(error, "problem", None) or "it cannot be parsed")
        problems.at(
            path,
            mark.line + 1 if mark else 1,
            "",
            f"this is not valid YAML ({why})",
            "check indentation, quotes and brackets near this line",
        )
        return None
    if node is None:
        problems.at(path, 1, "", "the file is empty", "write its schema line first")
        return None
    walk = _Walk(path, problems)
    return Document(path, walk.plain(node, ()), walk.lines)


class _Walk:
    """One pass over the nodes of a file."""

    def __init__(self, path: Path, problems: Problems) -> None:
        self.path, self.problems = path, problems
        self.lines: dict[Place, int] = {}
        self._seen: set[int] = set()

    def plain(self, node: yaml.Node, place: Place) -> Tree:
        """The node as text, list or mapping."""
        self.lines.setdefault(place, node.start_mark.line + 1)
        if id(node) in self._seen:
            self._refuse(node, place, "an alias (*name) hides what a reviewer must see", "write the content out here")
            return ""
        self._seen.add(id(node))
        if node.tag not in _PLAIN_TAGS:
            self._refuse(node, place, f"a tag ({node.tag}) is not allowed", "write the plain value")
        match node:
            case yaml.MappingNode():
                return self._mapping(node, place)
            case yaml.SequenceNode():
                return [self.plain(item, (*place, n)) for n, item in enumerate(node.value)]
            case _:
                return str(node.value)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> Tree:
        tree: dict[str, Tree] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            if not key:
                self._refuse(key_node, place, "a key must be a word", "write `name: value`")
            elif key in tree:
                self._refuse(key_node, (*place, key), f'the key "{key}" stands twice', "keep one of them")
            else:
                self.lines[(*place, key)] = key_node.start_mark.line + 1
                tree[key] = self.plain(value_node, (*place, key))
        return tree

    def _refuse(self, node: yaml.Node, place: Place, wrong: str, write: str) -> None:
        self.problems.at(self.path, node.start_mark.line + 1, _path_text(place), wrong, write)


def parse(model: type[Model], tree: object, document: Document, problems: Problems) -> Model | None:
    """Validate a tree against a model, or None with each problem noted at its line."""
    try:
        return model.model_validate(tree)
    except ValidationError as invalid:
        note(invalid, document, problems, ())
        return None


def note(invalid: ValidationError, document: Document, problems: Problems, around: Place) -> None:
    """Note every error of a failed validation."""
    for error in invalid.errors():
        loc = (*around, *error["loc"])
        inner = error.get("ctx", {}).get("error")
        if isinstance(inner, ValidationError):
            note(inner, document, problems, loc)
            continue
        place = document.located(loc)
        wrong, write = _worded(error, inner)
        problems.add(document, (*place, loc[-1]) if error["type"] == "missing" else place, wrong, write)


def _worded(error: ErrorDetails, inner: object) -> tuple[str, str]:
    """What is wrong and what to write, for one error of the validator."""
    name, given = str(error["loc"][-1]) if error["loc"] else "", error["input"]
    context = error.get("ctx", {})
    match error["type"], inner:
        case _, NumberError():
            return f'"{inner}" is not a plain decimal number', "write digits with a point and no blanks, like 71.5"
        case _, UnitError():
            return _unit_worded(str(inner))
        case "value_error", ValueError():
            wrong, _, write = str(inner).partition("; ")
            return wrong, write or "see the schema of this part"
        case "missing", _ if name == "sources":
            return "a figure without a source", "add sources: [{cite: ..., at: ...}] here or on the rule around it"
        case "missing", _:
            return f'"{name}" is missing', f"add `{name}:`"
        case "extra_forbidden", _:
            near = get_close_matches(name, _known_keys(), 1)
            return f'the key "{name}" is unknown here', f'write "{near[0]}" or remove it' if near else "remove it"
        case "too_short", _:
            return "the list is empty", "write at least one entry"
        case _:
            wanted = context.get("expected") or context.get("expected_tags") or context.get("pattern")
            shown = given if isinstance(given, str | int | bool) else type(given).__name__
            return (
                f'"{shown}" does not fit ({error["msg"][:1].lower()}{error["msg"][1:]})',
                f"write {wanted}" if wanted else "write a value of that type",
            )


def _unit_worded(symbol: str) -> tuple[str, str]:
    if not symbol:
        return "a number without a unit", 'add `unit:` with a UCUM symbol ("1" for a count)'
    close = get_close_matches(ALIASES.get(symbol, symbol), UNITS, 3, 0.4)
    return f'the unit "{symbol}" is not in the closed table', f"write a UCUM symbol, for example {', '.join(close) or 'mg/kg'}"


@cache
def _known_keys() -> tuple[str, ...]:
    models, names = [BaseModel], set[str]()
    while models:
        model = models.pop()
        if model.__module__.startswith("openinfusion"):
            names |= {spec.alias or name for name, spec in model.model_fields.items()}
        models += model.__subclasses__()
    return tuple(sorted(names | {"value", "unit"}))
