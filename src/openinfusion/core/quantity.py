"""Exact amounts with units: Fractions inside, decimal text at the edges, a closed table of UCUM units.

Kinds, not dimensions: drug mass and body mass never convert into each other, nor activity into mass. An unknown unit is an error.
Nothing here rounds unless asked, clamps, or prints for people.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache, lru_cache, total_ordering
from typing import Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema


class UnitError(ValueError):
    """A unit outside the closed table, or two quantities of different kinds brought together."""


class NumberError(ValueError):
    """Text that is not one plain decimal number with a point."""


class Rounding(StrEnum):
    """How `Quantity.rounded` treats what does not fit a step."""

    HALF_UP = "half_up"
    DOWN = "down"
    UP = "up"


_ATOMS: Mapping[str, tuple[Fraction, str]] = {
    "1": (Fraction(1), ""),
    "%": (Fraction(1, 100), ""),
    "ng": (Fraction(1, 1_000_000), "drug_mass"),
    "ug": (Fraction(1, 1000), "drug_mass"),
    "mg": (Fraction(1), "drug_mass"),
    "g": (Fraction(1000), "drug_mass"),
    "kg": (Fraction(1), "body_mass"),
    "[lb_av]": (Fraction("0.45359237"), "body_mass"),
    "m[iU]": (Fraction(1, 1000), "activity"),
    "[iU]": (Fraction(1), "activity"),
    "k[iU]": (Fraction(1000), "activity"),
    "nmol": (Fraction(1, 1_000_000), "substance"),
    "umol": (Fraction(1, 1000), "substance"),
    "mmol": (Fraction(1), "substance"),
    "mol": (Fraction(1000), "substance"),
    "meq": (Fraction(1), "equivalents"),
    "uL": (Fraction(1, 1000), "volume"),
    "mL": (Fraction(1), "volume"),
    "dL": (Fraction(100), "volume"),
    "L": (Fraction(1000), "volume"),
    "[drp]": (Fraction(1), "drops"),
    "ms": (Fraction(1, 1000), "time"),
    "s": (Fraction(1), "time"),
    "min": (Fraction(60), "time"),
    "h": (Fraction(3600), "time"),
    "d": (Fraction(86400), "time"),
    "wk": (Fraction(604800), "time"),
    "mo": (Fraction(2629800), "time"),
    "a": (Fraction(31557600), "time"),
    "um": (Fraction(1, 10_000), "length"),
    "mm": (Fraction(1, 10), "length"),
    "cm": (Fraction(1), "length"),
    "m": (Fraction(100), "length"),
    "[in_i]": (Fraction("2.54"), "length"),
    "m2": (Fraction(1), "area"),
    "mm[Hg]": (Fraction(1), "pressure"),
    "Cel": (Fraction(1), "temperature"),
    "10*9": (Fraction(10**9), "cells"),
    "{cells}": (Fraction(1), "cells"),
    "{site}": (Fraction(1), "site"),
    "{dose}": (Fraction(1), "dose"),
    "{session}": (Fraction(1), "session"),
    "{score}": (Fraction(1), "score"),
    "{body}": (Fraction(1), "body_standard"),
}

_DRUG = "ng ug mg g m[iU] [iU] k[iU] nmol umol mmol mol meq".split()
_FLUID = "uL mL L".split()
_PER_BODY = ("", "/kg", "/m2")
_PER_TIME = ("", "/min", "/h", "/d", "/wk", "/mo")
_SYMBOLS = (
    "1 % kg [lb_av] dL s ms min h d wk mo a um mm cm m [in_i] m2 mm[Hg] Cel {site} {dose} {session} {score} "
    "[drp] [drp]/min [drp]/h [drp]/mL mL/h/{site} mL/{site} mg/{site} mL/{dose} kg/m2 mg.min/mL mL/min/{1.73_m2} "
    "mL/g g/[iU] mg/dL/[iU] mmol/L/[iU] /min /s 10*9/L /uL"
).split()
_AMOUNTS = tuple(f"{amount}{body}{time}" for amount in (*_DRUG, *_FLUID) for body in _PER_BODY for time in _PER_TIME)
_STRENGTHS = tuple(f"{drug}/{fluid}" for drug in _DRUG for fluid in ("mL", "dL", "L"))
"""What a drug or a fluid is dosed in: an amount, for a body mass or area or not, in a time or not; and a drug in a fluid."""
_EXPOSURES = tuple(f"{drug}.{time}/{fluid}" for drug in _DRUG for time in ("h", "d") for fluid in ("mL", "L"))
"""What a course leads to: the area under its concentrations."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One UCUM unit of the closed table; `dimensions` are sorted (kind, exponent) pairs and `factor` leads to the base of its kinds."""

    symbol: str
    factor: Fraction
    dimensions: tuple[tuple[str, int], ...]


def _compose(symbol: str) -> Unit:
    text = {"/min": "1/min", "/s": "1/s", "/uL": "{cells}/uL"}.get(symbol, symbol)
    head, *below = text.replace("{1.73_m2}", "{body}").split("/")
    factor, powers = Fraction(1), dict[str, int]()
    for atom, sign in (*((part, 1) for part in head.split(".")), *((part, -1) for part in below)):
        size, kind = _ATOMS[atom]
        factor = factor * size if sign > 0 else factor / size
        if kind:
            powers[kind] = powers.get(kind, 0) + sign
    return Unit(symbol, factor, tuple(sorted((kind, power) for kind, power in powers.items() if power)))


UNITS: Mapping[str, Unit] = {symbol: _compose(symbol) for symbol in (*_SYMBOLS, *_AMOUNTS, *_STRENGTHS, *_EXPOSURES)}
ALIASES: Mapping[str, str] = {
    "mcg": "ug",
    "ml": "mL",
    "l": "L",
    "mmHg": "mm[Hg]",
    "lb": "[lb_av]",
    "lbs": "[lb_av]",
    "in": "[in_i]",
    "°C": "Cel",
    "C": "Cel",
}
"""Spellings that are accepted where text comes in from people and never written out again."""

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?\Z", re.ASCII)
_RATIO = re.compile(r"[+-]?\d+/[1-9]\d*\Z", re.ASCII)


@cache
def unit(symbol: str) -> Unit:
    """The unit with this UCUM symbol; raises UnitError for anything outside the closed table."""
    found = UNITS.get(symbol)
    if found is None:
        raise UnitError(symbol)
    return found


def number(text: str) -> Fraction:
    """The exact value of decimal text ("0.5") or of a stored ratio ("1/3"); raises NumberError for commas, exponents, blanks and signs
    alone."""
    if not (_NUMBER.match(text) or _RATIO.match(text)):
        raise NumberError(text)
    return Fraction(text)


def decimal_text(value: Fraction, digits: int = 12) -> tuple[str, bool]:
    """Decimal text of a fraction and whether it is exact; a non-terminating one is rounded half up to `digits` significant digits."""
    exact = exact_text(value)
    return (significant_text(value, digits), False) if exact is None else (exact, True)


def exact_text(value: Fraction) -> str | None:
    """Decimal text of a fraction that has one, else None."""
    return _exact_text(*value.as_integer_ratio())


@lru_cache(maxsize=4096)  # a value stands in a result, in a step and in its line
def _exact_text(numerator: int, denominator: int) -> str | None:
    if denominator == 1:
        return str(numerator)
    twos = (denominator & -denominator).bit_length() - 1
    left, fives = denominator >> twos, 0
    while left % 5 == 0:
        left, fives = left // 5, fives + 1
    if left != 1:
        return None
    places = max(twos, fives)
    return _fixed(numerator * 10**places // denominator, places)


def significant_text(value: Fraction, digits: int) -> str:
    """Decimal text rounded half up to so many significant digits; digits before the point all stay."""
    up, down = abs(value.numerator), value.denominator
    if up >= down:
        places = max(0, digits - len(str(up // down)))
    else:
        places = digits + max(0, len(str(down // up)) - 1) if up else 0
        while up and up * 10**places >= down * 10**digits:  # the estimate may be one too many
            places -= 1
    scaled = (2 * up * 10**places + down) // (2 * down)
    return _fixed(-scaled if value < 0 else scaled, places)


def _fixed(scaled: int, places: int) -> str:
    digits = str(abs(scaled)).rjust(places + 1, "0")
    cut = len(digits) - places
    part = digits[cut:].rstrip("0")
    return ("-" if scaled < 0 else "") + digits[:cut] + (f".{part}" if part else "")


def _half_up(value: Fraction) -> int:
    up, down = value.as_integer_ratio()
    whole = (2 * abs(up) + down) // (2 * down)
    return whole if up >= 0 else -whole


_set = object.__setattr__


@total_ordering
class Quantity:
    """An exact value with a unit of the closed table. Equal amounts are equal whatever the spelling; unlike kinds never compare."""

    __slots__ = ("unit", "value")
    value: Fraction
    unit: str

    def __init__(self, value: Fraction | int | str, unit_symbol: str) -> None:
        if type(value) is not Fraction:
            value = number(value) if isinstance(value, str) else Fraction(value)
        _set(self, "value", value)
        _set(self, "unit", unit(unit_symbol).symbol)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(name)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(name)

    def __reduce__(self) -> tuple[type[Self], tuple[Fraction, str]]:
        return type(self), (self.value, self.unit)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "5 mg/kg" or "150 mL"; raises NumberError or UnitError. Aliases of `ALIASES` are accepted per unit part."""
        head, _, tail = text.strip().partition(" ")
        parts = tail.strip().split("/")
        return cls(number(head), "/".join(ALIASES.get(part, part) for part in parts) if tail else "1")

    @property
    def dimensions(self) -> tuple[tuple[str, int], ...]:
        """The (kind, exponent) pairs of the unit."""
        return unit(self.unit).dimensions

    @property
    def base(self) -> Fraction:
        """The value in the base of its kinds, for comparison only."""
        return self.value * unit(self.unit).factor

    def to(self, symbol: str) -> Self:
        """The same amount in another unit of the same kind; raises UnitError across kinds."""
        if symbol == self.unit:
            return self
        target = unit(symbol)
        if target.dimensions != self.dimensions:
            raise UnitError(f"{self.unit} -> {symbol}")
        return type(self)(self.base / target.factor, symbol)

    def is_like(self, other: "Quantity | str") -> bool:
        """Whether the other quantity or unit is of the same kind."""
        return self.dimensions == (unit(other).dimensions if isinstance(other, str) else other.dimensions)

    def times(self, other: "Quantity", symbol: str) -> Self:
        """The product, in a named unit whose kinds must be those of the product."""
        return self._combine(other, symbol, 1)

    def over(self, other: "Quantity", symbol: str) -> Self:
        """The quotient, in a named unit whose kinds must be those of the quotient; raises ZeroDivisionError."""
        return self._combine(other, symbol, -1)

    def _combine(self, other: "Quantity", symbol: str, sign: int) -> Self:
        powers = dict(self.dimensions)
        for kind, power in other.dimensions:
            powers[kind] = powers.get(kind, 0) + sign * power
        target = unit(symbol)
        if tuple(sorted((kind, power) for kind, power in powers.items() if power)) != target.dimensions:
            raise UnitError(f"{self.unit} {'*' if sign > 0 else '/'} {other.unit} -> {symbol}")
        base = self.base * other.base if sign > 0 else self.base / other.base
        return type(self)(base / target.factor, symbol)

    def scaled(self, factor: Fraction | int) -> Self:
        """The quantity multiplied by a bare number."""
        return type(self)(self.value * factor, self.unit)

    def rounded(self, step: "Quantity", mode: Rounding = Rounding.HALF_UP) -> Self:
        """The nearest multiple of `step` by the given rule, in this quantity's unit."""
        ratio = self.base / step.base if self.is_like(step) else _unlike(self, step)
        match mode:
            case Rounding.HALF_UP:
                count = _half_up(ratio)
            case Rounding.DOWN:
                count = ratio.__floor__()
            case Rounding.UP:
                count = ratio.__ceil__()
        return type(self)(count * step.base / unit(self.unit).factor, self.unit)

    def __add__(self, other: "Quantity") -> Self:
        return type(self)(self.value + other.to(self.unit).value, self.unit)

    def __sub__(self, other: "Quantity") -> Self:
        return type(self)(self.value - other.to(self.unit).value, self.unit)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return False
        if self.unit == other.unit:  # by far the most frequent, and without a multiplication
            return self.value == other.value
        return self.dimensions == other.dimensions and self.base == other.base

    def __lt__(self, other: "Quantity") -> bool:
        if self.unit == other.unit:
            return self.value < other.value
        if not self.is_like(other):
            _unlike(self, other)
        return self.base < other.base

    def __hash__(self) -> int:
        return hash((self.dimensions, self.base))

    def __repr__(self) -> str:
        return f"Quantity({self.text!r}, {self.unit!r})"

    @property
    def text(self) -> str:
        """Exact text of the value: a decimal where it terminates, else a ratio. `number` reads it back."""
        numerator, denominator = self.value.as_integer_ratio()
        text = _exact_text(numerator, denominator)
        return f"{numerator}/{denominator}" if text is None else text

    def to_json(self) -> dict[str, str]:
        """`{"value", "unit"}`, exact."""
        return {"value": self.text, "unit": self.unit}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """The inverse of `to_json`; raises KeyError, NumberError or UnitError."""
        return cls(str(stored["value"]), str(stored["unit"]))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        def read(value: object) -> Quantity:
            if isinstance(value, Quantity):
                return value
            if isinstance(value, str):
                return cls.parse(value)
            if isinstance(value, Mapping) and set(value) == {"value", "unit"}:
                return cls.from_json(value)
            raise ValueError('write {value: "...", unit: ...}')

        return core_schema.no_info_plain_validator_function(
            read, serialization=core_schema.plain_serializer_function_ser_schema(lambda q: q.to_json())
        )


def ratio(symbol: str, over: Sequence[Quantity], under: Sequence[Quantity] = ()) -> Quantity:
    """The product of some quantities over that of others, in a named unit whose kinds must be those of the ratio.

    Raises UnitError, ZeroDivisionError."""
    value = _factor(symbol, tuple(one.unit for one in over), tuple(one.unit for one in under))
    for one in over:
        value *= one.value
    for one in under:
        value /= one.value
    return Quantity(value, symbol)


@cache
def _factor(symbol: str, over: tuple[str, ...], under: tuple[str, ...]) -> Fraction:
    """What the bare numbers of a ratio are multiplied by."""
    powers, factor = dict[str, int](), 1 / unit(symbol).factor
    for units, sign in ((over, 1), (under, -1)):
        for one in units:
            factor = factor * unit(one).factor if sign > 0 else factor / unit(one).factor
            for kind, power in unit(one).dimensions:
                powers[kind] = powers.get(kind, 0) + sign * power
    if tuple(sorted((kind, power) for kind, power in powers.items() if power)) != unit(symbol).dimensions:
        raise UnitError(f"{' * '.join(over)} / ({' * '.join(under)}) -> {symbol}")
    return factor


def _unlike(one: Quantity, other: Quantity) -> Fraction:
    raise UnitError(f"{one.unit} <> {other.unit}")
