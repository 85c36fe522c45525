"""How a Python value is written as JSON and read back, decided once per type from its type hints; knows no event and no database.

A union that could be read in two ways is tagged: `{"type": "datetime", "value": "..."}`. Floats have no form. Nothing is converted in
silence.
"""

import dataclasses
import types
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Literal, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import BaseModel

from openinfusion.core.canonical import Json
from openinfusion.core.quantity import Quantity

T = TypeVar("T")

LATER: Mapping[str, bool] = types.MappingProxyType({"later": True})
"""The metadata of a dataclass field that joined a stored type after its first records: at its default it is left out, so that what was
written before is written the same."""


class FormError(ValueError):
    """A value or stored text does not have the form its type asks for; the text names the place."""


class Form(NamedTuple):
    """Both directions of one type. `native` is the JSON type it is written as, for telling the members of a union apart."""

    write: Callable[[object], Json]
    read: Callable[[Json], object]
    native: type


_FORMS: dict[object, Form] = {}


def form(hint: object) -> Form:
    """The form of a type hint; raises TypeError for a type that may not be stored (float, Any, bare containers)."""
    found = _FORMS.get(hint)
    if found is None:
        found = _build(hint)
        _FORMS[hint] = found
    return found


def utc_text(moment: datetime) -> str:
    """ISO text in UTC with microseconds and "Z"; sorts like time. Raises FormError for a naive datetime."""
    if moment.tzinfo is None:
        raise FormError("a moment without time zone")
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat(timespec="microseconds")[:-6] + "Z"


def utc_moment(text: str) -> datetime:
    """The inverse of `utc_text`; raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise FormError("a moment without time zone")
    return moment.astimezone(UTC)


def _build(hint: object) -> Form:
    origin = get_origin(hint)
    if origin is Annotated:
        return form(get_args(hint)[0])
    if origin in (Union, types.UnionType):
        return _union(get_args(hint))
    if origin is Literal:
        return _literal(get_args(hint))
    if origin is tuple:
        return _tuple(get_args(hint))
    if origin is frozenset:
        return _set(form(get_args(hint)[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(*get_args(hint))
    if isinstance(hint, type) and origin is None:
        return _plain(hint)
    if hasattr(hint, "__supertype__"):
        return form(hint.__supertype__)
    raise TypeError(f"no stored form for {hint!r}")


def _plain(hint: type) -> Form:
    if hint in (str, int, bool, types.NoneType):
        return _same(hint)
    if hint in _TEXT:
        return _as_text(hint, *_TEXT[hint])
    if hint is Quantity:
        return Form(_quantity, lambda stored: Quantity.from_json(_object(stored)), dict)
    if issubclass(hint, StrEnum):
        return _as_text(hint, str.__str__, hint)
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint).form()
    if issubclass(hint, BaseModel):
        return _Record(hint, {name: not item.is_required() for name, item in hint.model_fields.items()}).form()
    raise TypeError(f"no stored form for {hint!r}")


def _quantity(value: object) -> Json:
    if type(value) is not Quantity:
        _expect(Quantity, value)
        raise AssertionError("a value of another type is refused")
    return cast(Json, value.to_json())


def _same(hint: type) -> Form:
    def same(value: object) -> Json:
        if type(value) is not hint:
            raise FormError(f"{hint.__name__} expected, found {type(value).__name__}")
        return cast(Json, value)

    return Form(same, same, hint)


_TEXT: Mapping[type, tuple[Callable[..., str], Callable[[str], object]]] = {
    datetime: (utc_text, utc_moment),
    date: (date.isoformat, date.fromisoformat),
    UUID: (str, UUID),
    Fraction: (lambda value: f"{value.numerator}/{value.denominator}", Fraction),
    Decimal: (lambda value: format(value, "f"), Decimal),
}


def _as_text(hint: type, write: Callable[..., str], read: Callable[[str], object]) -> Form:
    def checked(value: object) -> Json:
        if type(value) is not hint:
            raise FormError(f"{hint.__name__} expected, found {type(value).__name__}")
        return write(value)

    def back(stored: Json) -> object:
        if not isinstance(stored, str):
            raise FormError(f"text of {hint.__name__} expected, found {type(stored).__name__}")
        return read(stored)

    return Form(checked, back, str)


def _expect(hint: type[T], value: object) -> T:
    if type(value) is not hint:
        raise FormError(f"{hint.__name__} expected, found {type(value).__name__}")
    return value


def _object(stored: Json) -> dict[str, Json]:
    if not isinstance(stored, dict):
        raise FormError(f"an object expected, found {type(stored).__name__}")
    return stored


def _list(stored: Json) -> list[Json]:
    if not isinstance(stored, list):
        raise FormError(f"a list expected, found {type(stored).__name__}")
    return stored


def _has_default(item: "dataclasses.Field[object]") -> bool:
    return item.default is not dataclasses.MISSING or item.default_factory is not dataclasses.MISSING


def _dataclass(hint: type) -> "_Record":
    members = [item for item in dataclasses.fields(hint) if item.init]
    later = {item.name: item.default for item in members if item.metadata.get("later")}
    return _Record(hint, {item.name: _has_default(item) for item in members}, later)


class _Record:
    """A frozen dataclass or pydantic model as an object of its fields. Hints are resolved at first use: a type may contain itself.
    `later` are fields that are left out at the default named here."""

    def __init__(self, cls: type, optional: Mapping[str, bool], later: Mapping[str, object] = types.MappingProxyType({})) -> None:
        self._cls, self._optional, self._later = cls, optional, later
        self._fields: dict[str, Form] = {}
        self._writers: tuple[tuple[str, Callable[[object], Json], bool], ...] = ()

    def form(self) -> Form:
        return Form(self.write, self.read, dict)

    def _resolved(self) -> dict[str, Form]:
        if not self._fields:
            hints = get_type_hints(self._cls, include_extras=True)
            self._fields = {name: form(hints[name]) for name in self._optional}
            self._writers = tuple((name, made.write, types.NoneType in get_args(hints[name])) for name, made in self._fields.items())
        return self._fields

    def write(self, value: object) -> Json:
        if type(value) is not self._cls:
            _expect(self._cls, value)
        if not self._writers:
            self._resolved()
        written: dict[str, Json] = {}
        name = ""
        try:
            for name, write, may_be_none in self._writers:
                held = getattr(value, name)
                if held is None and may_be_none and name not in self._later:  # most fields of most events, on the way of every append
                    written[name] = None
                elif name not in self._later or held != self._later[name]:
                    written[name] = write(held)
        except FormError as error:
            raise FormError(f"{name}: {error}") from error
        return written

    def read(self, stored: Json) -> object:
        given, fields = _object(stored), self._fields or self._resolved()
        if given.keys() - fields.keys():
            raise FormError(f"unknown: {', '.join(sorted(given.keys() - fields.keys()))}")
        values: dict[str, object] = {}
        for name, (_, read, _) in fields.items():
            if name in given:
                values[name] = _at(name, read, given[name])
            elif not self._optional[name]:
                raise FormError(f"{name}: missing")
        return self._cls(**values)


def _at(name: str, step: Callable[[Json], object], stored: Json) -> object:
    try:
        return step(stored)
    except (ValueError, KeyError, ArithmeticError) as error:
        raise FormError(f"{name}: {error}") from error


def _literal(allowed: Sequence[object]) -> Form:
    def same(value: object) -> Json:
        if not any(value == one and type(value) is type(one) for one in allowed):
            raise FormError(f"one of {list(allowed)} expected")
        return cast(Json, value)

    return Form(same, same, type(allowed[0]))


def _tuple(arguments: Sequence[object]) -> Form:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        write, read, _ = form(arguments[0])
        return Form(
            lambda value: [write(item) for item in _expect(tuple, value)], lambda stored: tuple(read(item) for item in _list(stored)), list
        )
    parts = tuple(form(argument) for argument in arguments)

    def write_parts(value: object) -> Json:
        return [part.write(item) for part, item in zip(parts, _expect(tuple, value), strict=True)]

    def read_parts(stored: Json) -> object:
        return tuple(part.read(item) for part, item in zip(parts, _list(stored), strict=True))

    return Form(write_parts, read_parts, list)


def _set(item: Form) -> Form:
    def write(value: object) -> Json:
        return sorted((item.write(one) for one in _expect(frozenset, value)), key=str)

    return Form(write, lambda stored: frozenset(item.read(one) for one in _list(stored)), list)


def _mapping(key: object, value: object) -> Form:
    keys, values = form(key), form(value)
    if keys.native is not str:
        raise TypeError(f"a stored mapping has text keys, not {key!r}")

    def write(mapping: object) -> Json:
        if not isinstance(mapping, Mapping):
            raise FormError(f"a mapping expected, found {type(mapping).__name__}")
        return {cast(str, keys.write(name)): values.write(item) for name, item in mapping.items()}

    return Form(write, lambda stored: {keys.read(name): _at(name, values.read, item) for name, item in _object(stored).items()}, dict)


def _union(members: Sequence[object]) -> Form:
    others = [member for member in members if member is not types.NoneType]
    one = form(others[0]) if len(others) == 1 else _Tagged(others).form()
    if len(others) == len(members):
        return one
    write, read, native = one
    return Form(lambda value: None if value is None else write(value), lambda stored: None if stored is None else read(stored), native)


class _Tagged:
    """A union: text, whole numbers, truth values and one tuple stand as they are; every other member carries its class name as "type"."""

    def __init__(self, members: Sequence[object]) -> None:
        self._bare: dict[type, Callable[[Json], object]] = {}
        self._named: dict[str, Form] = {}
        self._writers: dict[type, tuple[str, Form]] = {}
        for member in members:
            self._add(member)

    def _add(self, member: object) -> None:
        made = form(member)
        cls = get_origin(member) or member
        if (
            not isinstance(cls, type)
            or (made.native is dict and issubclass(cls, Mapping))
            or "type" in getattr(cls, "__dataclass_fields__", ())
        ):
            raise TypeError(f"{member!r} cannot be told apart inside a union")
        if member in (str, int, bool) or made.native is list:
            if made.native in self._bare:
                raise TypeError(f"two members of a union are written as {made.native.__name__}")
            self._bare[made.native], self._writers[cls] = made.read, ("", made)
        else:
            self._named[cls.__name__], self._writers[cls] = made, (cls.__name__, made)

    def form(self) -> Form:
        return Form(self.write, self.read, dict)

    def write(self, value: object) -> Json:
        found = self._writers.get(type(value))
        if found is None:
            raise FormError(f"{type(value).__name__} is no member of the union")
        name, made = found
        written = made.write(value)
        if not name:
            return written
        return {"type": name, **written} if isinstance(written, dict) else {"type": name, "value": written}

    def read(self, stored: Json) -> object:
        if not isinstance(stored, dict):
            bare = self._bare.get(type(stored))
            if bare is None:
                raise FormError(f"{type(stored).__name__} is no member of the union")
            return bare(stored)
        made = self._named.get(str(stored.get("type")))
        if made is None:
            raise FormError(f"type {stored.get('type')!r} is no member of the union")
        rest = {name: item for name, item in stored.items() if name != "type"}
        return made.read(rest if made.native is dict else rest.get("value"))
