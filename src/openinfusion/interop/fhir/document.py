"""JSON text as a tree that knows its places: exact numbers, no duplicate keys, bounded size and depth, and a typed question at each step.

It never repairs: a value of another type than asked for is `Unreadable`, text that is no JSON is `Malformed`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from openinfusion.core.errors import Malformed

Tree = str | bool | Decimal | None | list["Tree"] | dict[str, "Tree"]

LARGEST = 64 * 1024 * 1024
"""The longest text that is read, in characters: a whole life of one synthetic patient takes about a third of it."""
DEEPEST = 100
"""The deepest nesting that is read; the resources of R4 stay far below it."""

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z", re.ASCII)


class Unreadable(Exception):
    """A part of a resource is not as R4 says: `where` it is and `why` it cannot be read."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)
        self.where, self.why = where, why


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON object and its place in the text."""

    place: str
    members: Mapping[str, Tree]

    def has(self, name: str) -> bool:
        """Whether the member is there with a value."""
        return self.members.get(name) is not None

    def text(self, name: str) -> str:
        """The text of a member, empty when it is not there."""
        value = self.members.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Unreadable(f"{self.place}.{name}", "is not text")
        return value.strip()

    def flag(self, name: str) -> bool | None:
        """The truth value of a member, None when it is not there."""
        value = self.members.get(name)
        if value is not None and not isinstance(value, bool):
            raise Unreadable(f"{self.place}.{name}", "is neither true nor false")
        return value

    def number(self, name: str) -> Decimal | None:
        """The exact number of a member, None when it is not there."""
        value = self.members.get(name)
        if value is not None and not isinstance(value, Decimal):
            raise Unreadable(f"{self.place}.{name}", "is not a number")
        return value

    def node(self, name: str) -> "Node | None":
        """The object of a member, None when it is not there."""
        value = self.members.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Unreadable(f"{self.place}.{name}", "is not an object")
        return Node(f"{self.place}.{name}", value)

    def nodes(self, name: str) -> tuple["Node", ...]:
        """The objects of a list, none when it is not there."""
        return tuple(self._object(name, n, value) for n, value in enumerate(self._list(name)))

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list; a gap that only carries an extension is left out."""
        values = tuple(value for value in self._list(name) if value is not None)
        if not all(isinstance(value, str) for value in values):
            raise Unreadable(f"{self.place}.{name}", "holds something else than text")
        return tuple(str(value).strip() for value in values)

    def _list(self, name: str) -> list[Tree]:
        value = self.members.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise Unreadable(f"{self.place}.{name}", "is not a list")
        return value

    def _object(self, name: str, n: int, value: Tree) -> "Node":
        if not isinstance(value, dict):
            raise Unreadable(f"{self.place}.{name}[{n}]", "is not an object")
        return Node(f"{self.place}.{name}[{n}]", value)

    @property
    def kind(self) -> str:
        """The resource type, empty when it says none."""
        value = self.members.get("resourceType")
        return value if isinstance(value, str) else ""

    @property
    def id(self) -> str:
        """The logical id, empty when it has none that R4 allows."""
        value = self.members.get("id")
        return value if isinstance(value, str) and _ID.match(value) else ""

    @property
    def name(self) -> str:
        """What a person can find it by: `Observation/17`, else its place in the text."""
        return f"{self.kind}/{self.id}" if self.kind and self.id else f"{self.place} ({self.kind or 'no resource type'})"

    def parts(self) -> Iterator[tuple[str, Tree]]:
        """Every member at every depth, with its name; the object's own first."""
        waiting: list[Mapping[str, Tree]] = [self.members]
        while waiting:
            members = waiting.pop()
            for name, value in members.items():
                yield name, value
                waiting.extend(_objects(value))


def _objects(value: Tree) -> Iterator[Mapping[str, Tree]]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)


def read_document(text: str) -> Node:
    """The one object of a JSON text; raises Malformed that says what to write."""
    if len(text) > LARGEST:
        raise Malformed("the Bundle", f"it is longer than {LARGEST // 1024 // 1024} million characters", "a Bundle with less history")
    try:
        tree: Tree = json.loads(
            text.removeprefix("\ufeff"), object_pairs_hook=_object, parse_float=_number, parse_int=_number, parse_constant=_no_number
        )
    except json.JSONDecodeError as error:
        raise Malformed(
            f"the Bundle, line {error.lineno}, column {error.colno}",
            f"it is not valid JSON ({error.msg})",
            "a whole FHIR R4 Bundle as JSON",
        ) from error
    except RecursionError as error:
        raise _too_deep() from error
    if not isinstance(tree, dict):
        raise Malformed("the Bundle", "it is not a JSON object", '{"resourceType": "Bundle", ...}')
    _check_depth(tree)
    return Node("Bundle", tree)


def _object(pairs: list[tuple[str, Tree]]) -> dict[str, Tree]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise Malformed("the Bundle", f"the member {shortened(twice)} stands twice in one object", "each member once")
    return members


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise _no_number(text) from error


def _no_number(text: str) -> Malformed:
    raise Malformed("the Bundle", f"{shortened(text)} is not a number", "a decimal number such as 71.5")


def _too_deep() -> Malformed:
    return Malformed("the Bundle", f"it is nested more than {DEEPEST} levels deep", "a FHIR R4 Bundle, whose resources are flat")


def _check_depth(tree: Tree) -> None:
    level: list[Tree] = [tree]
    for _ in range(DEEPEST):
        level = [
            inner for value in level for inner in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
        ]
        if not level:
            return
    raise _too_deep()


def shortened(text: str, most: int = 120) -> str:
    """Foreign text in one line that a message can hold; what is cut is shown as cut, and what would move a cursor as a mark."""
    line = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in " ".join(text.split()))
    return line if len(line) <= most else f"{line[: most - 1]}…"
