"""How people spell numbers and units, read into quantities of the closed table. What is ambiguous is refused, what is discouraged noticed.

Guesses nothing: a comma, a naked decimal point, an exponent and "U" have no reading here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from openinfusion.core.quantity import ALIASES, UNITS

_TEXT = re.compile(r"\s*([+-]?[0-9]{1,200}(?:\.([0-9]{1,200}))?)(?![0-9])(?:\s*(.*?))?\s*", re.ASCII | re.DOTALL)
"""A number of at most so many digits as no amount has, and what stands behind it."""

SPELLINGS: Mapping[str, str] = {
    **ALIASES,
    **dict.fromkeys(("µg", "μg"), "ug"),  # the micro sign and the Greek letter
    **dict.fromkeys(("gm", "gram", "grams"), "g"),
    **dict.fromkeys(("mEq", "mEqs"), "meq"),
    **dict.fromkeys(("cc", "mls"), "mL"),
    "dl": "dL",
    **dict.fromkeys(("gtt", "gtts", "drop", "drops", "drp"), "[drp]"),
    **dict.fromkeys(("sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    **dict.fromkeys(("week", "weeks"), "wk"),
    **dict.fromkeys(("month", "months"), "mo"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), "a"),
    **dict.fromkeys(("kgs",), "kg"),
    **dict.fromkeys(("pound", "pounds"), "[lb_av]"),
    **dict.fromkeys(("inch", "inches"), "[in_i]"),
    **dict.fromkeys(("m²", "m^2"), "m2"),
    **dict.fromkeys(("1.73m2", "1.73m²", "1.73_m2", "1.73 m2", "1.73 m²"), "{1.73_m2}"),
    **dict.fromkeys(("mg·min", "min.mg"), "mg.min"),
    **dict.fromkeys(("percent",), "%"),
    **dict.fromkeys(("site", "sites"), "{site}"),
    **dict.fromkeys(("dose", "doses"), "{dose}"),
}
"""Part of a unit as people write it -> UCUM."""

OF_ACTIVITY: Mapping[str, str] = {
    **dict.fromkeys(("IU", "iu", "unit", "units", "Unit", "Units"), "[iU]"),
    **dict.fromkeys(("mU", "milliunit", "milliunits"), "m[iU]"),
}
"""Spellings that mean units of drug activity only where nothing else can be meant."""

_WHOLE: Mapping[str, str] = {"bpm": "/min", "beats/min": "/min", "breaths/min": "/min", "{beats}/min": "/min", "{breaths}/min": "/min"}

DISCOURAGED = frozenset({"µg", "μg", "cc", "IU", "iu", "ml", "l", "dl", "mU"})
"""Spellings on ISMP's list of error-prone abbreviations; they are read and noticed, never printed."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """A number and the symbol it stands before, as far as they could be read: `wrong` names what kept them from it, empty when nothing.

    `symbol` is empty for a bare number. `discouraged` are the parts of the unit that are noticed.
    """

    value: Fraction
    symbol: str
    wrong: str = ""
    shown: str = ""
    has_trailing_zero: bool = False
    discouraged: tuple[str, ...] = ()


def spelled(text: str, *, is_activity: bool) -> Spelled:
    """Read "150 mL", "10 mcg/kg/min" or "3"; `is_activity` says that "units" can only be units of drug activity."""
    found = _TEXT.fullmatch(text)
    if found is None:
        return Spelled(Fraction(0), "", _why(text), text.strip())
    digits, decimals, tail = found.groups()
    if tail and tail[0] in ",.":
        return Spelled(Fraction(0), "", "comma" if tail[0] == "," else "number", text.strip())
    symbol, discouraged = _symbol(tail, is_activity) if tail else ("", ())
    if symbol is None:
        return Spelled(Fraction(0), "", "unit", tail)
    return Spelled(Fraction(digits), symbol, "", tail, decimals is not None and decimals.endswith("0"), discouraged)


def _why(text: str) -> str:
    plain = text.strip().lstrip("+-")
    if plain.startswith(".") and plain[1:2].isdigit():
        return "naked"
    return "empty" if not plain else "number"


@lru_cache(maxsize=4096)
def _symbol(text: str, is_activity: bool) -> tuple[str | None, tuple[str, ...]]:
    """The UCUM unit that a spelling means, None for none, and what of it is discouraged."""
    if text in UNITS:
        return text, ()
    if text in _WHOLE:
        return _WHOLE[text], ()
    parts = [part.strip() for part in text.split("/")]
    read = [_part(part, is_activity) for part in parts]
    symbol = "/".join(read)
    return (symbol if symbol in UNITS else None), tuple(part for part in parts if part in DISCOURAGED)


def _part(part: str, is_activity: bool) -> str:
    if is_activity and part in OF_ACTIVITY:
        return OF_ACTIVITY[part]
    return SPELLINGS.get(part, part)
