"""How each observation is typed at the bedside: a number of one unit, an answer, or words. It holds no limit and no normal value."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a value is entered."""

    NUMBER = "number"
    ANSWER = "answer"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Observed:
    """One value to enter: its code, its kind, and the unit of a number."""

    code: str
    kind: Kind
    unit: str = ""


_PARTS = {"bp": ("bp.systolic", "bp.diastolic")}
_UNITS = {
    "bp.systolic": "mm[Hg]",
    "bp.diastolic": "mm[Hg]",
    "pulse": "/min",
    "resp_rate": "/min",
    "spo2": "%",
    "temp": "Cel",
    "pain": "{score}",
    "sedation": "{score}",
    "motor_bromage": "{score}",
    "fetal_heart": "/min",
}
_ANSWERS = frozenset({"rash"})
USUAL = ("bp", "pulse", "resp_rate", "spo2", "temp")
"""What can always be charted, whatever the protocol asks."""


def place(code: str) -> int:
    """Where a code stands in the order of the form; one that is not known here comes last."""
    return list(_UNITS).index(code) if code in _UNITS else len(_UNITS)


def observed(codes: Iterable[str]) -> tuple[Observed, ...]:
    """What to enter for these observation codes, each once, in the order of the form, so that a field keeps its place when others come and
    go; a code that is not known here is entered in words."""
    parts = {part for code in codes for part in _PARTS.get(code, (code,))}
    return tuple(_observed(code) for code in sorted(parts, key=lambda code: (place(code), code)))


def _observed(code: str) -> Observed:
    if code in _UNITS:
        return Observed(code, Kind.NUMBER, _UNITS[code])
    return Observed(code, Kind.ANSWER if code in _ANSWERS else Kind.WORDS)
