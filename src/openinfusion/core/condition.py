"""The closed grammar of `when:` and its three-valued meaning. It explains itself as structure; it never guesses a missing fact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from openinfusion.core.figure import Figure
from openinfusion.core.patient import Answer, FactValue, FieldSpec, PatientFacts
from openinfusion.core.quantity import Quantity


class Truth(StrEnum):
    """Kleene's three values."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def negated(self) -> "Truth":
        """True and false change places; unknown stays."""
        return {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}[self]


class Comparison(StrEnum):
    """The comparisons of the grammar. `in` asks whether a code is one of some, `any_of` whether a set of codes holds one of some."""

    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    IN = "in"
    ANY_OF = "any_of"


@dataclass(frozen=True, slots=True)
class Compare:
    """One field against a figure, a truth value, a code or a set of codes."""

    field: str
    op: Comparison
    operand: Figure | bool | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """Whether the fact of a field is not older than a figure."""

    field: str
    age: Figure


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when one part is."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is false."""

    part: "Condition"


Condition = Compare | Within | AllOf | AnyOf | Not
Fields = Mapping[str, FieldSpec]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a condition is true, false or unknown: the value used and the fields that were missing or stale, part by part."""

    condition: Condition
    truth: Truth
    used: FactValue | None = None
    missing: tuple[str, ...] = ()
    parts: tuple["Explanation", ...] = ()


_NO_SHAPE = (
    "a condition is {field, op, value, unit, sources}, {field, is}, {field, in}, {field, any_of}, {all}, {any}, {not} or "
    "{within: {field, age}}; sources may stand on the rule"
)


def read_condition(raw: object) -> Condition:
    """Build a condition from the form of the files; raises ValueError that says which shapes exist."""
    match raw:
        case Compare() | Within() | AllOf() | AnyOf() | Not():
            return raw
        case {"all": [*parts], **rest} if not rest:
            return AllOf(tuple(read_condition(part) for part in parts))
        case {"any": [*parts], **rest} if not rest:
            return AnyOf(tuple(read_condition(part) for part in parts))
        case {"not": part, **rest} if not rest:
            return Not(read_condition(part))
        case {"within": {"field": str(name), "age": age, **inner}, **rest} if not rest and not inner:
            return Within(name, Figure.model_validate(age))
        case {"field": str(name), **asked}:
            return _read_compare(name, asked)
        case _:
            raise ValueError(_NO_SHAPE)


def _read_compare(name: str, asked: Mapping[object, object]) -> Compare:
    """What is asked of one field: a figure by an operator, a truth value, a code, or a list of codes."""
    match asked:
        case {"is": str() | bool() as wanted, **rest} if not rest:
            return Compare(name, Comparison.EQUAL, {"true": True, "false": False}.get(str(wanted).lower(), str(wanted)))
        case {"in": [*codes], **rest} if not rest and codes:
            return Compare(name, Comparison.IN, tuple(str(code) for code in codes))
        case {"any_of": [*codes], **rest} if not rest and codes:
            return Compare(name, Comparison.ANY_OF, tuple(str(code) for code in codes))
        case {"op": str(op), "value": _, "unit": _, "sources": _} if len(asked) == 4 and op in list(Comparison)[:6]:
            return Compare(name, Comparison(op), Figure.model_validate({key: asked[key] for key in ("value", "unit", "sources")}))
        case _:
            raise ValueError(_NO_SHAPE)


def write_condition(condition: Condition) -> dict[str, object]:
    """The inverse of `read_condition`, in the form of the files."""
    match condition:
        case Compare(field=name, op=op, operand=operand):
            match operand:
                case Figure():
                    return {"field": name, "op": op.value, **operand.model_dump(mode="json")}
                case tuple():
                    return {"field": name, op.value: list(operand)}
                case bool():
                    return {"field": name, "is": str(operand).lower()}
                case _:
                    return {"field": name, "is": operand}
        case Within(field=name, age=age):
            return {"within": {"field": name, "age": age.model_dump(mode="json")}}
        case AllOf(parts=parts):
            return {"all": [write_condition(part) for part in parts]}
        case AnyOf(parts=parts):
            return {"any": [write_condition(part) for part in parts]}
        case Not(part=part):
            return {"not": write_condition(part)}
        case _:
            assert_never(condition)


def fields_of(condition: Condition) -> tuple[str, ...]:
    """Every field a condition asks for, in order of appearance."""
    match condition:
        case Compare() | Within():
            return (condition.field,)
        case AllOf() | AnyOf():
            return tuple(dict.fromkeys(name for part in condition.parts for name in fields_of(part)))
        case Not():
            return fields_of(condition.part)
        case _:
            assert_never(condition)


def explain(condition: Condition, facts: PatientFacts, fields: Fields, now: datetime) -> Explanation:
    """Evaluate a condition; raises KeyError for a field that the dictionary does not declare (the loader refuses such files)."""
    match condition:
        case Compare():
            used = facts.value(fields[condition.field], now)
            if used is None or not _is_comparable(used, condition.operand):
                return Explanation(condition, Truth.UNKNOWN, missing=(condition.field,))
            return Explanation(condition, Truth.TRUE if _holds(used, condition) else Truth.FALSE, used)
        case Within():
            fact = facts.get(condition.field)
            if fact is None or fact.value is Answer.UNKNOWN:
                return Explanation(condition, Truth.UNKNOWN, missing=(condition.field,))
            age = Quantity(int((now - fact.at).total_seconds()), "s")
            return Explanation(condition, Truth.TRUE if age <= condition.age.quantity else Truth.FALSE, age)
        case AllOf():
            return _joined(condition, tuple(explain(part, facts, fields, now) for part in condition.parts), Truth.FALSE)
        case AnyOf():
            return _joined(condition, tuple(explain(part, facts, fields, now) for part in condition.parts), Truth.TRUE)
        case Not():
            inner = explain(condition.part, facts, fields, now)
            return Explanation(condition, inner.truth.negated(), missing=inner.missing, parts=(inner,))
        case _:
            assert_never(condition)


def _joined(condition: Condition, parts: tuple[Explanation, ...], deciding: Truth) -> Explanation:
    """Kleene's and/or: one part with the deciding value decides, else one unknown makes it unknown."""
    truths = {part.truth for part in parts}
    truth = deciding if deciding in truths else Truth.UNKNOWN if Truth.UNKNOWN in truths else deciding.negated()
    missing = tuple(dict.fromkeys(name for part in parts for name in part.missing)) if truth is Truth.UNKNOWN else ()
    return Explanation(condition, truth, missing=missing, parts=parts)


def _is_comparable(used: FactValue, operand: Figure | bool | str | tuple[str, ...]) -> bool:
    """Whether a value can meet a figure at all. What was recorded in another kind of unit, or as no quantity, is unknown here."""
    return not isinstance(operand, Figure) or (isinstance(used, Quantity) and used.is_like(operand.quantity))


def _holds(used: FactValue, compare: Compare) -> bool:
    operand = compare.operand
    match operand:
        case Figure():
            if not isinstance(used, Quantity):
                raise TypeError(f"{compare.field} is not a quantity")
            return _ordered(used, compare.op, operand.quantity)
        case tuple():
            held = used if isinstance(used, tuple) else (str(used),)
            return any(code in operand for code in held)
        case bool() | str():
            equal = operand in used if isinstance(used, tuple) else used == operand
            return equal is (compare.op is not Comparison.UNEQUAL)
        case _:
            assert_never(operand)


def _ordered(left: Quantity, op: Comparison, right: Quantity) -> bool:
    match op:
        case Comparison.EQUAL:
            return left == right
        case Comparison.UNEQUAL:
            return left != right
        case Comparison.LESS:
            return left < right
        case Comparison.AT_MOST:
            return left <= right
        case Comparison.MORE:
            return left > right
        case Comparison.AT_LEAST:
            return left >= right
        case Comparison.IN | Comparison.ANY_OF:
            raise TypeError(op.value)
        case _:
            assert_never(op)
