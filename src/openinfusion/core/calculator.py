"""A calculator: what goes in, by which formula and from where, and what comes out, each step shown. It refuses what it cannot know.

Reads no text and writes none: `calculation` reads what people type, `app.present` writes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from openinfusion.core.figure import Figure, Source
from openinfusion.core.finding import Finding, Level, Param, Step
from openinfusion.core.quantity import Quantity, unit
from openinfusion.core.table import Table

DRUGS = ("mg", "[iU]", "mmol", "meq")
"""One unit of each kind in which a drug is measured: mass, activity, substance, equivalents."""


class InputKind(StrEnum):
    """What an input holds."""

    QUANTITY = "quantity"
    CHOICE = "choice"
    TRUTH = "truth"
    TIME = "time"
    GROUP = "group"
    WORD = "word"


@dataclass(frozen=True)
class Input:
    """One value that a calculator asks for.

    `units` name one unit of each kind that fits, the usual one first; a number without unit has the unit `assumed`, where that is declared;
    `shorthand` leads a unit that is said for a longer one to it.
    A quantity is above zero unless it `may_be_zero` or has bounds of its own, which are inside. A word is one that a table knows. A group
    that `is_list` may also be written as one text with commas; its values are then named 1, 2, 3. Of a choice that is not required the
    first is taken and told, unless it `has_no_default`.
    """

    name: str
    units: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    kind: InputKind = InputKind.QUANTITY
    is_required: bool = True
    assumed: str = ""
    shorthand: Mapping[str, str] = field(default_factory=dict)
    may_be_zero: bool = False
    least: Quantity | None = None
    most: Quantity | None = None
    is_whole: bool = False
    is_list: bool = False
    has_no_default: bool = False

    @cached_property
    def dimensions(self) -> frozenset[tuple[tuple[str, int], ...]]:
        """The kinds that fit."""
        return frozenset(unit(symbol).dimensions for symbol in self.units)

    @cached_property
    def has_activity(self) -> bool:
        """Whether "units" can only mean units of drug activity here."""
        return any(kind == "activity" for dimensions in self.dimensions for kind, _ in dimensions)


def choice(name: str, *choices: str, is_required: bool = True) -> Input:
    """An input that is one of a closed list of words; the first is taken where it is not required and not given."""
    return Input(name, choices=choices, kind=InputKind.CHOICE, is_required=is_required)


class Usual(StrEnum):
    """What a result is rounded to when nobody says otherwise, by the rounding table."""

    EXACT = "exact"
    DROPS = "drops"
    VOLUME = "volume"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that comes out, with its usual unit."""

    name: str
    unit: str
    usual: Usual = Usual.EXACT


@dataclass(frozen=True, slots=True)
class Approximate:
    """A quantity that no decimal states, such as a root: right to at least fifteen digits."""

    quantity: Quantity


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A moment: of a day that nobody named, or with its date, then with the offset that it was given with."""

    at: datetime
    has_date: bool
    seconds: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Word:
    """A result that is one of a closed list of words, such as a band or a monitoring interval."""

    text: str


OfKind = TypeVar("OfKind", bound=Table)
NO_TABLES: Mapping[str, Table] = {}
Amount = Quantity | Approximate | TimeOfDay | Word
Value = Quantity | str | bool | TimeOfDay | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Worked:
    """What a calculator came to. Without results it refused, and a finding says what it needs. A result that has a step in `lines` is
    rounded to it when nobody says otherwise; none is rounded past its `most`."""

    results: Mapping[str, Amount]
    steps: tuple[Step, ...] = ()
    findings: tuple[Finding, ...] = ()
    most: Mapping[str, Quantity] = field(default_factory=dict)
    lines: Mapping[str, Quantity] = field(default_factory=dict)


class Given:
    """The values that were read, by name, and the calculator's tables with their figures."""

    __slots__ = ("_figures", "_tables", "_values")

    def __init__(self, values: Mapping[str, Value], figures: Mapping[str, Figure], tables: Mapping[str, Table] = NO_TABLES) -> None:
        self._values, self._figures, self._tables = values, figures, tables

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __getitem__(self, name: str) -> Quantity:
        """A quantity that was given; raises KeyError, TypeError."""
        value = self._values[name]
        if not isinstance(value, Quantity):
            raise TypeError(name)
        return value

    def get(self, name: str) -> Quantity | None:
        """A quantity, None when it was not given."""
        return self[name] if name in self._values else None

    def word(self, name: str) -> str:
        """The chosen word; raises KeyError."""
        return str(self._values[name])

    def truth(self, name: str) -> bool | None:
        """Yes or no, None when it was not given."""
        value = self._values.get(name)
        return value if isinstance(value, bool) else None

    def time(self, name: str) -> TimeOfDay:
        """The moment that was given; raises KeyError, TypeError."""
        value = self._values[name]
        if not isinstance(value, TimeOfDay):
            raise TypeError(name)
        return value

    def group(self, name: str) -> Mapping[str, str]:
        """The texts of a group, empty when it was not given."""
        value = self._values.get(name)
        return value if isinstance(value, Mapping) else {}

    def figure(self, name: str) -> Figure:
        """A figure of the calculator's tables, as `table-name/figure-name`; raises KeyError."""
        return self._figures[name]

    def table(self, kind: type[OfKind], name: str) -> OfKind:
        """A table of the calculator, of the kind that it must be; raises KeyError, TypeError."""
        held = self._tables[name]
        if not isinstance(held, kind):
            raise TypeError(name)
        return held


Way = tuple[str, ...]
"""Names of inputs that say one thing together, such as amount and volume for a concentration."""


@dataclass(frozen=True)
class Calculator:
    """One formula with its inputs, named results (the first is the primary one), sources and tables.

    Of each group of `ways` at least one must be given whole. `formula` is written in the names of the inputs. One that `never_refuses`
    requires nothing: what is missing or cannot be read is left out, and said, and the result stands as it came. One that `warns_anyway`
    looks at what could be read even when it must refuse: its findings stand then, never a result.
    """

    name: str
    inputs: tuple[Input, ...]
    results: tuple[Result, ...]
    formula: str
    run: Callable[[Given], Worked] = field(repr=False)
    sources: tuple[Source, ...] = ()
    tables: tuple[str, ...] = ()
    ways: tuple[tuple[Way, ...], ...] = ()
    never_refuses: bool = False
    warns_anyway: bool = False

    @cached_property
    def by_name(self) -> Mapping[str, Input]:
        """The inputs by name."""
        return {one.name: one for one in self.inputs}

    @cached_property
    def result_by_name(self) -> Mapping[str, Result]:
        """The results by name."""
        return {one.name: one for one in self.results}


def refused(code: str, /, sources: tuple[Source, ...] = (), **params: Param) -> Worked:
    """Nothing was worked out, and why."""
    return Worked({}, findings=(lacking(code, sources, **params),))


def lacking(code: str, sources: tuple[Source, ...] = (), /, **params: Param) -> Finding:
    """A finding that keeps a calculator from working anything out."""
    return Finding(code, Level.MISSING, params, sources)


def notice(code: str, sources: tuple[Source, ...] = (), /, *, level: Level = Level.INFO, **params: Param) -> Finding:
    """A finding beside a result."""
    return Finding(code, level, params, sources)
