"""An order as a drug library is asked about it: plain text values made exact, each with what is wrong with it, and the amounts that
follow from one another. Never a default, never a guess."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import assert_never

from openinfusion.core.finding import Param
from openinfusion.core.prescribing.kinds import convert
from openinfusion.core.quantity import UNITS, Quantity
from openinfusion.core.spelling import spelled

AMOUNTS = frozenset(
    kind for symbol in ("mg", "[iU]", "mmol", "meq", "mL", "{dose}") if symbol in UNITS for kind, _ in UNITS[symbol].dimensions
)
"""The kinds in which a dose can be counted."""

PER_BODY = frozenset({"body_mass", "area"})


class Mode(StrEnum):
    """A flow that goes on, or an amount over a time."""

    CONTINUOUS = "continuous"
    INTERMITTENT = "intermittent"


class Measured(StrEnum):
    """What a library bounds."""

    DOSE = "dose"
    RATE = "rate"
    DURATION = "duration"
    CONCENTRATION = "concentration"
    VOLUME = "volume"
    WEIGHT = "weight"

    def wanted(self, quantity: Quantity, mode: Mode | None = None) -> str:
        """Units to write instead where a quantity is of another kind than this measure, empty where it fits."""
        powers = dict(quantity.dimensions)
        counted = [kind for kind, power in powers.items() if kind in AMOUNTS and power == 1]
        match self:
            case Measured.DOSE:
                return _unfit_dose(powers, mode)
            case Measured.RATE:
                fits = bool(counted) and powers.get("time") == -1 and set(powers) <= {counted[0], "time", *PER_BODY}
                return "" if fits else "mL/h or mg/min"
            case Measured.CONCENTRATION:
                fits = len(powers) == 2 and bool(counted) and powers.get("volume") == -1
                return "" if fits else "mg/mL or [iU]/mL"
            case Measured.DURATION:
                return "" if quantity.is_like("min") else "min or h"
            case Measured.VOLUME:
                return "" if quantity.is_like("mL") else "mL"
            case Measured.WEIGHT:
                return "" if quantity.is_like("kg") else "kg"
            case _:
                assert_never(self)


def _unfit_dose(powers: Mapping[str, int], mode: Mode | None) -> str:
    """An amount, perhaps per body mass or surface; per time exactly where the flow goes on."""
    counted = [kind for kind, power in powers.items() if kind in AMOUNTS and power == 1]
    rest = {kind: power for kind, power in powers.items() if kind not in AMOUNTS}
    per_body = sum(kind in PER_BODY for kind in rest)
    is_dose = len(counted) == 1 and set(rest) <= {"time", *PER_BODY} and per_body <= 1 and all(power == -1 for power in rest.values())
    in_time = "time" in rest
    if is_dose and (mode is None or in_time == (mode is Mode.CONTINUOUS)):
        return ""
    match mode:
        case Mode.CONTINUOUS:
            return "mg/h or ug/kg/min"
        case Mode.INTERMITTENT:
            return "mg, mg/kg or mg/m2"
        case None:
            return "mg, mg/kg, mg/m2 or ug/kg/min"
        case _:
            assert_never(mode)


@dataclass(frozen=True, slots=True)
class Given:
    """One value of a measure, the fields it comes from, and what the first of these says."""

    value: Quantity
    of: tuple[str, ...]
    said: Quantity


TEXTS = ("id", "drug", "care_area", "mode", "use", "line")
QUANTITIES = ("dose", "rate", "duration", "concentration", "amount", "volume", "weight", "area")
_OTHERS: Mapping[str, str] = {"amount": "mg, [iU] or mmol", "area": "m2"}
_EXAMPLES: Mapping[str, str] = {
    "dose": "5 ug/kg/min",
    "rate": "20 mL/h",
    "duration": "60 min",
    "concentration": "4 mg/mL",
    "amount": "400 mg",
    "volume": "100 mL",
    "weight": "71 kg",
    "area": "1.8 m2",
}
"""How each field is written, for messages only."""

Problem = tuple[str, Mapping[str, Param]]


_OF_DRUG = frozenset({"dose", "amount", "concentration"})
"""Fields in which "units" can only be units of drug activity; a line in mg is then not comparable."""

_EXPONENT = re.compile(r"[eE/][0-9+-]")
"""What makes a number of another form, not a unit."""


def folded(name: str) -> str:
    """A name without regard to capitals and to how many blanks stand in it."""
    return " ".join(name.split()).casefold()


@dataclass(frozen=True, slots=True)
class Asked:
    """An order. `problems` are codes with parameters, `unread` the fields that were given and could not be read."""

    id: str = ""
    drug: str = ""
    care_area: str = ""
    mode: Mode | None = None
    use: str = ""
    line: str = ""
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unread: frozenset[str] = frozenset()

    def readings(self, measure: Measured, mode: Mode, symbol: str) -> tuple[Given, ...]:
        """Every value of a measure that the order states or that follows from it, in one unit; none where nothing leads there."""
        stated = self._by((measure.value,), symbol, *_BRIDGES[measure])
        return (*stated, *self.derived(measure, mode, symbol))

    def derived(self, measure: Measured, mode: Mode, symbol: str) -> tuple[Given, ...]:
        """The values of a measure that follow from other fields: dose = rate x concentration, volume = rate x time and their like."""
        ways = _WAYS[mode].get(measure, ())
        return tuple(given for way in ways for given in self._by(way, symbol, "weight", "area"))

    def _by(self, way: tuple[str, ...], symbol: str, *bridges: str) -> Iterator[Given]:
        """The first field brought to a unit through all the others of a way, and through as few bridges as it takes."""
        if any(name not in self.quantities for name in way):
            return
        first, *others = (self.quantities[name] for name in way)
        value = convert(first, symbol, *others, *(self.quantities.get(name) for name in bridges))
        if value is not None:
            yield Given(value, way, first)


_BRIDGES: Mapping[Measured, tuple[str, ...]] = {
    Measured.DOSE: ("weight", "area"),
    Measured.RATE: ("concentration", "amount", "volume", "weight", "area"),
    Measured.DURATION: (),
    Measured.CONCENTRATION: (),
    Measured.VOLUME: (),
    Measured.WEIGHT: (),
}
"""What a stated value may be brought to the unit of a bound with."""

_CONTAINER = ("amount", "volume")
_WAYS: Mapping[Mode, Mapping[Measured, tuple[tuple[str, ...], ...]]] = {
    Mode.CONTINUOUS: {
        Measured.DOSE: (("rate", "concentration"), ("rate", *_CONTAINER)),
        Measured.CONCENTRATION: (_CONTAINER,),
        Measured.RATE: (("dose", "concentration"), ("dose", *_CONTAINER)),
    },
    Mode.INTERMITTENT: {
        Measured.DOSE: (("amount",), ("volume", "concentration"), ("rate", "duration", "concentration"), ("rate", "duration", *_CONTAINER)),
        Measured.CONCENTRATION: (_CONTAINER,),
        Measured.DURATION: (("volume", "rate"),),
        Measured.RATE: (("volume", "duration"), ("dose", "duration")),
        Measured.VOLUME: (("rate", "duration"),),
    },
}
"""What follows from what. An intermittent container is given whole."""


def read(raw: Mapping[str, object]) -> Asked:
    """The order of a file or a line: each field as text "5 mg/kg" or as {value, unit}. What cannot be read is a problem, never a value."""
    problems: list[Problem] = []
    quantities: dict[str, Quantity] = {}
    texts: dict[str, str] = {}
    for name, given in raw.items():
        if given is None or name == "schema":
            continue
        if name in TEXTS:
            if isinstance(given, str):
                texts[name] = given.strip()
            else:
                problems.append(("library.not-text", {"field": name}))
        elif name in QUANTITIES:
            made = _quantity(name, given)
            if isinstance(made, Quantity):
                quantities[name] = made
            else:
                problems.append(made)
        else:
            near = tuple(get_close_matches(name, (*TEXTS, *QUANTITIES), 1))
            problems.append(("library.field-unknown", {"field": name, "near": near}))
    mode = _mode(texts.pop("mode", ""), problems)
    unread = frozenset(name for name in QUANTITIES if name not in quantities and raw.get(name) is not None)
    return Asked(**texts, mode=mode, quantities=quantities, problems=tuple(problems), unread=unread)


def _mode(text: str, problems: list[Problem]) -> Mode | None:
    if text in ("", *Mode):
        return Mode(text) if text else None
    problems.append(("library.mode-unknown", {"mode": text, "modes": tuple(Mode)}))
    return None


def _quantity(name: str, given: object) -> Quantity | Problem:
    """One field; the problem says what to write instead."""
    text = _text(given)
    shown: dict[str, Param] = {"field": name, "text": text, "example": _EXAMPLES[name]}
    read_as = spelled(text, is_activity=name in _OF_DRUG)
    if read_as.wrong == "unit" and not _EXPONENT.match(read_as.shown):
        return "library.unit-unknown", shown
    if read_as.wrong:
        return "library.number-unreadable", shown
    if not read_as.symbol:
        return "library.unit-missing", shown
    made = Quantity(read_as.value, read_as.symbol)
    if wanted := _unfit(name, made):
        return "library.unit-other-kind", {"field": name, "text": text, "wanted": wanted}
    if made.value <= 0:
        return "library.not-above-zero", shown
    if made.unit == "[lb_av]":
        return "library.in-pounds", {"weight": made, "kilograms": made.to("kg")}
    return made


def _text(given: object) -> str:
    match given:
        case str():
            return given.strip()
        case {"value": str() as value, "unit": str() as unit, **rest} if not rest:
            return f"{value} {unit}".strip()
        case _:
            return str(given)


def _unfit(name: str, made: Quantity) -> str:
    if name == "area":
        return "" if made.is_like("m2") else _OTHERS[name]
    if name == "amount":
        powers = dict(made.dimensions)
        return "" if list(powers.values()) == [1] and powers.keys() <= AMOUNTS and not made.is_like("mL") else _OTHERS[name]
    return Measured(name).wanted(made)
