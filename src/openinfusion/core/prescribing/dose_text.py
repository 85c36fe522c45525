"""Amounts in free text, exactly as people write them: "10 mg per hour", "50 mg/5 mL", "1.0 mg", ".5 mg", "5 cc".

What is not plainly one number and one known unit is passed over. Nothing here compares or decides.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from openinfusion.core.quantity import UNITS, Quantity
from openinfusion.core.table import Spelling

_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("ng", "nanogram", "nanograms"), "ng"),
    **dict.fromkeys(("ug", "mcg", "µg", "μg", "microgram", "micrograms"), "ug"),
    **dict.fromkeys(("mg", "milligram", "milligrams"), "mg"),
    **dict.fromkeys(("g", "gm", "gram", "grams"), "g"),
    **dict.fromkeys(("kg", "kilogram", "kilograms"), "kg"),
    **dict.fromkeys(("unit", "units", "iu"), "[iU]"),
    **dict.fromkeys(("mmol", "millimole", "millimoles"), "mmol"),
    **dict.fromkeys(("ml", "milliliter", "milliliters", "millilitre", "millilitres", "cc"), "mL"),
    **dict.fromkeys(("l", "liter", "liters", "litre", "litres"), "L"),
    **dict.fromkeys(("gtt", "gtts", "drop", "drops"), "[drp]"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    "m2": "m2",
    "m²": "m2",
    "dose": "",
}
"""Units as they are written, in small letters; what stands for no unit of its own is empty."""

_NUMBER = r"(?:\d[\d,]*(?:\.\d+)?|\.\d+)"
_UNIT = r"[A-Za-zµμ]+[2²]?"
_AMOUNT = re.compile(
    rf"(?<![\w.,/])(?P<low>{_NUMBER}\s*(?:-|–|to)\s*)?(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})"
    rf"(?P<below>(?:\s*(?:/|per\s)\s*(?:{_NUMBER}\s*)?{_UNIT})*)(?![\w²])"
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z")
_BELOW = re.compile(rf"(?:/|per\s)\s*(?P<number>{_NUMBER})?\s*(?P<unit>{_UNIT})")
_CEILING = re.compile(r"(?:max(?:imum)?\.?|up to|exceed(?:ing)?|at most)\s*(?:of\s+|dose\s+|:\s*)*\Z", re.IGNORECASE)
_OVER = re.compile(r"(?:over|during|within)\s*\Z", re.IGNORECASE)


class Use(StrEnum):
    """What the words before an amount make of it."""

    PLAIN = "plain"
    CEILING = "ceiling"
    OVER = "over"


class Look(StrEnum):
    """What is misread in the way in which a number or unit is written."""

    TRAILING_ZERO = "trailing-zero"
    NAKED_DECIMAL = "naked-decimal"
    SPELLING = "spelling"
    COMMA = "comma"


@dataclass(frozen=True, slots=True)
class Written:
    """One amount of a text: `text` as it stands there, `amount` what it means, None where that is not certain; `may_be` what somebody
    may read instead."""

    text: str
    amount: Quantity | None
    use: Use = Use.PLAIN
    looks: tuple[Look, ...] = ()
    may_be: Quantity | None = None
    spelling: Spelling | None = None


def amounts(text: str, spellings: Sequence[Spelling] = ()) -> tuple[Written, ...]:
    """The amounts of a text in their order; both ends of a range count."""
    return tuple(written for found in _AMOUNT.finditer(text) for written in _read(found, text, spellings))


def _read(found: re.Match[str], text: str, spellings: Sequence[Spelling]) -> Iterator[Written]:
    head, below = found["unit"], found["below"]
    spelling = next((one for one in spellings for part in _UNIT_ONLY.findall(head + below) if part == one.written), None)
    before = text[: found.start()]
    use = Use.CEILING if _CEILING.search(before) else Use.OVER if _OVER.search(before) else Use.PLAIN
    low = re.match(_NUMBER, found["low"]) if found["low"] else None
    for digits in (*((low[0],) if low else ()), found["number"]):
        whole = f"{digits} {head}{below}".strip()
        written = _one(digits, head, below, spelling)
        if written is not None:
            amount, looks, misread = written
            yield Written(whole, amount, use, looks, misread, spelling)


_UNIT_ONLY = re.compile(r"[A-Za-zµμ]+")


def _one(digits: str, head: str, below: str, spelling: Spelling | None) -> tuple[Quantity | None, tuple[Look, ...], Quantity | None] | None:
    """What digits and units mean, how they look, and what may be read instead; None where the unit is none that is known."""
    symbol = spelling.unit if spelling is not None and spelling.written == head else _WORDS.get(head.lower(), "")
    if not symbol:
        return None
    looks = [Look.SPELLING] if spelling is not None else []
    if "," in digits:
        grouped = _with_unit(Fraction(digits.replace(",", "")), symbol, below) if _GROUPED.match(digits) else None
        return None, (*looks, Look.COMMA), grouped
    amount = _with_unit(Fraction(digits if digits[0] != "." else f"0{digits}"), symbol, below)
    misread = None
    if "." in digits and (digits[0] == "." or digits.endswith("0")):
        looks.append(Look.NAKED_DECIMAL if digits[0] == "." else Look.TRAILING_ZERO)
        misread = _with_unit(Fraction(digits.replace(".", "")), symbol, below)
    certain = spelling is None or spelling.read
    return (amount if certain else None), tuple(looks), misread or amount


def _with_unit(value: Fraction, symbol: str, below: str) -> Quantity | None:
    """The number with its unit and what stands below it; None where that is no unit of the closed table."""
    for part in _BELOW.finditer(below):
        under = _WORDS.get(part["unit"].lower())
        count = Fraction(part["number"]) if part["number"] and "," not in part["number"] else Fraction(1)
        if under is None or count == 0:
            return None
        if under:
            value, symbol = value / count, f"{symbol}/{under}"
    return Quantity(value, symbol) if symbol in UNITS else None
