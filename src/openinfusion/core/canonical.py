"""The one text form of a value that is hashed: UTF-8 JSON, keys sorted, no blanks, decimals as text."""

import hashlib
import json
from collections.abc import Callable, Iterable
from json import encoder

Json = str | int | bool | list["Json"] | dict[str, "Json"] | None
"""What canonical text may hold. There is no float in it, so that no dose is ever rounded by a text form: mypy refuses one, and `forms`
makes none."""


def _no_form(value: object) -> object:
    raise TypeError(f"{type(value).__name__} has no canonical form")


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_no_form)

quoted: Callable[[str], str] = encoder.encode_basestring
"""The canonical text of one string, with its quotation marks; raises TypeError for anything else."""


def _pieces() -> Callable[[Json, int], Iterable[str]]:
    """What `_ENCODER.encode` makes anew for every value, made once: on the way of an append that cost more than the encoding itself."""
    make = getattr(encoder, "c_make_encoder", None)  # CPython has it, other Pythons need not
    if make is None:
        return lambda value, _: _ENCODER.iterencode(value)
    made: Callable[[Json, int], Iterable[str]] = make(
        markers=None,
        default=_no_form,
        encoder=quoted,
        indent=None,
        key_separator=":",
        item_separator=",",
        sort_keys=True,
        skipkeys=False,
        allow_nan=False,
    )
    return made


_PIECES = _pieces()
_UNFED = hashlib.sha256()


def canonical(value: Json) -> str:
    """The canonical text of a JSON value; raises TypeError for anything that is not JSON."""
    return "".join(_PIECES(value, 0))


def sha256(text: str) -> str:
    """The SHA-256 of the UTF-8 text, in lower-case hex; raises UnicodeEncodeError when the text is not valid Unicode."""
    digest = _UNFED.copy()
    digest.update(text.encode())
    return digest.hexdigest()
