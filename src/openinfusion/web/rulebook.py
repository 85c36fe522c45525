"""A protocol laid out for reading: each part with its rules, each rule with words, condition, figures and sources. Leaves nothing out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from django.utils.translation import gettext as _
from pydantic import BaseModel

from openinfusion.core.condition import AllOf, AnyOf, Compare, Comparison, Condition, Fields, Not, Within
from openinfusion.core.figure import Figure, Source
from openinfusion.core.part import Rule
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.web.wording import amount_text

_SIGN = {
    Comparison.EQUAL: "=",
    Comparison.UNEQUAL: "≠",
    Comparison.LESS: "<",
    Comparison.AT_MOST: "≤",
    Comparison.MORE: ">",
    Comparison.AT_LEAST: "≥",
    Comparison.IN: "=",
    Comparison.ANY_OF: "=",
}
_OPS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "="}
_SHOWN_APART = frozenset({"id", "when", "regions", "products", "sources"})


@dataclass(frozen=True, slots=True)
class FigureShown:
    """One number of a rule."""

    label: str
    quantity: Quantity
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One rule, ready to read."""

    id: str
    words: str
    when: str
    belongs: str
    details: tuple[tuple[str, str], ...]
    figures: tuple[FigureShown, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the protocol."""

    name: str
    title: str
    rules: tuple[RuleShown, ...]


def sections(protocol: Protocol, wording: Mapping[str, str], fields: Fields) -> tuple[Section, ...]:
    """All parts of a protocol that hold rules, in the order of a therapy."""
    shown = []
    for name, title in _titles():
        held = getattr(protocol, name)
        items: Sequence[object] = held if isinstance(held, tuple) else () if held is None else (held,)
        rules = tuple(_rule(item, wording, fields) for item in items if isinstance(item, BaseModel))
        if rules:
            shown.append(Section(name, title, rules))
    return tuple(shown)


def _titles() -> tuple[tuple[str, str], ...]:
    return (
        ("drug", _("Drug")),
        ("indications", _("Indications")),
        ("needs", _("Facts that must be known")),
        ("contraindications", _("Who should not have it")),
        ("cautions", _("Cautions")),
        ("doses", _("Dose")),
        ("limits", _("Limits")),
        ("preparation", _("Preparation")),
        ("rates", _("Rate")),
        ("schedule", _("Course")),
        ("premedication", _("Premedication")),
        ("monitoring", _("What is watched")),
        ("alarms", _("Alarm limits")),
        ("observation_after", _("Observation after the end")),
        ("reactions", _("Reactions")),
        ("sites", _("Sites")),
        ("route_bans", _("Routes that are banned")),
        ("double_check", _("Second check")),
        ("effects", _("Effects")),
        ("evidence", _("Published results")),
        ("home", _("At home")),
    )


def _rule(item: BaseModel, wording: Mapping[str, str], fields: Fields) -> RuleShown:
    name = str(getattr(item, "id", getattr(item, "code", getattr(item, "field", ""))))
    condition = getattr(item, "when", None)
    sources = getattr(item, "sources", getattr(item, "context", ()))
    belongs = [
        *(getattr(item, "products", ()) if isinstance(item, Rule) else ()),
        *(region.value for region in getattr(item, "regions", ())),
    ]
    return RuleShown(
        name,
        wording.get(name, ""),
        condition_text(condition, fields) if condition is not None else "",
        ", ".join(belongs),
        tuple(_details(item, "", wording)),
        tuple(_figures(item, "")),
        tuple(sources),
    )


def _figures(item: object, label: str) -> Iterator[FigureShown]:
    """Every figure inside a part, named by its place; those of the condition stand in its text."""
    match item:
        case Figure():
            yield FigureShown(label, item.quantity, item.sources)
        case BaseModel():
            for name in type(item).model_fields:
                if name != "when":
                    yield from _figures(getattr(item, name), f"{label} {name.replace('_', ' ')}".strip())
        case tuple():
            for n, part in enumerate(item, 1):
                inner = getattr(part, "id", "") or str(n)
                yield from _figures(part, f"{label} {inner}")
        case _:
            return


def _details(item: BaseModel, label: str, wording: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a part says besides figures."""
    for name in type(item).model_fields:
        value, told = getattr(item, name), f"{label} {name.replace('_', ' ')}".strip()
        if name in _SHOWN_APART and not (label and name == "id"):
            continue
        match value:
            case None | "" | () | Figure():
                continue
            case bool():
                yield told, _("yes") if value else _("no")
            case Enum():
                yield told, str(value.value).replace("_", " ")
            case str() | int():
                yield told, wording.get(str(value)) or _OPS.get(str(value), str(value))
            case tuple() if all(isinstance(one, str) for one in value):
                yield told, ", ".join(wording.get(one) or one for one in value)
            case tuple():
                for n, part in enumerate(value, 1):
                    if isinstance(part, BaseModel) and not isinstance(part, Source | Figure):
                        yield from _details(part, f"{told} {n}", wording)
            case BaseModel():
                yield from _details(value, told, wording)
            case _:
                continue


def condition_text(condition: Condition, fields: Fields) -> str:
    """A condition in one line: field names as on the forms, figures as everywhere."""
    match condition:
        case Compare(field=field, op=op, operand=operand):
            return f"{_label(field, fields)} {_SIGN[op]} {_operand(operand)}"
        case Within(field=field, age=age):
            return _("%(field)s not older than %(age)s") % {"field": _label(field, fields), "age": amount_text(age.quantity)}
        case AllOf(parts=parts):
            return f" {_('and')} ".join(_inside(part, fields) for part in parts)
        case AnyOf(parts=parts):
            return f" {_('or')} ".join(_inside(part, fields) for part in parts)
        case Not(part=part):
            return f"{_('not')} {_inside(part, fields)}"
        case _:
            assert_never(condition)


def _inside(part: Condition, fields: Fields) -> str:
    text = condition_text(part, fields)
    return f"({text})" if isinstance(part, AllOf | AnyOf) else text


def _label(field: str, fields: Fields) -> str:
    return f"“{_(fields[field].meaning)}”" if field in fields else field


def _operand(operand: Figure | bool | str | tuple[str, ...]) -> str:
    match operand:
        case Figure():
            return amount_text(operand.quantity)
        case bool():
            return _("yes") if operand else _("no")
        case tuple():
            return f" {_('or')} ".join(operand)
        case str():
            return operand
        case _:
            assert_never(operand)
