"""The one text form of a value that is hashed: UTF-8 JSON, keys sorted, no blanks, decimals as text."""

import hashlib
import json
from json.encoder import encode_basestring

Json = str | int | bool | list["Json"] | dict[str, "Json"] | None
"""What canonical text may hold. There is no float in it, so that no dose is ever rounded by a text form: mypy refuses one, and `forms`
makes none."""


def _no_form(value: object) -> object:
    raise TypeError(f"{type(value).__name__} has no canonical form")


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_no_form)


def canonical(value: Json) -> str:
    """The canonical text of a JSON value; raises TypeError for anything that is not JSON."""
    return _ENCODER.encode(value)


def quoted(text: str) -> str:
    """The canonical text of one string, with its quotation marks; raises TypeError for anything else."""
    return encode_basestring(text)


def sha256(text: str) -> str:
    """The SHA-256 of the UTF-8 text, in lower-case hex; raises UnicodeEncodeError when the text is not valid Unicode."""
    return hashlib.sha256(text.encode()).hexdigest()
