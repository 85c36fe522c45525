"""Writes the missing samples of event versions; never touches one that exists.

.venv/bin/python -m tests.golden.add
"""

import dataclasses
import sys
import types
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import BaseModel

from openinfusion.core.quantity import Quantity
from openinfusion.store.kinds import CODEC

FOLDER = Path(__file__).parent / "events"

_PLAIN: Mapping[type, Any] = {
    str: "text",
    int: 1,
    bool: True,
    datetime: datetime(2027, 3, 1, 9, 0, 0, 250, tzinfo=UTC),
    date: date(2027, 3, 1),
    UUID: UUID("12345678-1234-4234-8234-123456789abc"),
    Fraction: Fraction(1, 3),
    Decimal: Decimal("0.50"),
    Quantity: Quantity("12.5", "mL"),
}


def file_of(kind: str, version: int) -> Path:
    """Where the sample of this event version stands."""
    return FOLDER / f"{kind}.{version}.json"


def example(hint: Any) -> Any:
    """A value of a type: the first member of a union, one element in each collection, every field filled."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return example(arguments[0])
    if origin in (Union, types.UnionType):
        return example(arguments[0])
    if origin is Literal:
        return arguments[0]
    if origin is tuple:
        return tuple(example(argument) for argument in arguments if argument is not Ellipsis)
    if origin is frozenset:
        return frozenset([example(arguments[0])])
    if origin is not None and issubclass(origin, Mapping):
        return {example(arguments[0]): example(arguments[1])}
    return _instance(hint)


def _instance(cls: type) -> Any:
    if cls in _PLAIN:
        return _PLAIN[cls]
    if issubclass(cls, StrEnum):
        return next(iter(cls))
    hints = get_type_hints(cls, include_extras=True)
    if dataclasses.is_dataclass(cls):
        return cls(**{item.name: example(hints[item.name]) for item in dataclasses.fields(cls) if item.init})
    assert issubclass(cls, BaseModel)
    return cls(**{name: example(hints[name]) for name in cls.model_fields})


def main() -> None:
    """Write what is missing and name it."""
    for cls in CODEC.classes:
        file = file_of(cls.KIND, cls.VERSION)
        if not file.exists():
            file.write_text(CODEC.encode(example(cls)) + "\n", encoding="utf-8")
            sys.stdout.write(f"{file.name}\n")


if __name__ == "__main__":
    main()
