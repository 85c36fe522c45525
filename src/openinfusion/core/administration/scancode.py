"""Our own codes for wristbands, containers and lines: a letter, seven characters and a check character, easy to read aloud and to type.

Characters are Crockford's base 32 (no I, L, O, U); the check character is the value modulo 37, so that one wrong or two swapped
characters are found.
"""

from enum import StrEnum
from uuid import UUID

_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKS = _CHARACTERS + "*~$=+"
_LENGTH = 7


class CodeKind(StrEnum):
    """What a code hangs on; its first letter."""

    PATIENT = "P"
    CONTAINER = "C"
    LINE = "N"


def scancode(kind: CodeKind, identity: UUID) -> str:
    """The code of a thing, always the same for the same identity."""
    value = identity.int % len(_CHARACTERS) ** _LENGTH
    body = "".join(_CHARACTERS[value // 32**place % 32] for place in range(_LENGTH - 1, -1, -1))
    return f"{kind.value}-{body}{_CHECKS[value % 37]}"


def is_scancode(text: str) -> bool:
    """Whether text is one of our codes with the right check character."""
    kind, dash, rest = text.partition("-")
    if kind not in set(CodeKind) or not dash or len(rest) != _LENGTH + 1 or any(char not in _CHARACTERS for char in rest[:-1]):
        return False
    value = 0
    for char in rest[:-1]:
        value = value * 32 + _CHARACTERS.index(char)
    return _CHECKS[value % 37] == rest[-1]
