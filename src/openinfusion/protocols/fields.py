"""Reads the closed dictionary of fields: what may be known of a patient, an order or a site. A field that does not stand here does not
exist."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from openinfusion.core.figure import Figure
from openinfusion.core.part import Authority
from openinfusion.core.patient import FieldKind, FieldSpec
from openinfusion.core.quantity import unit
from openinfusion.protocols.reading import Problems, parse, read_document
from openinfusion.protocols.sources import with_sources


class Supplier(StrEnum):
    """Who or what supplies a field."""

    REGISTRATION = "registration"
    ORDER = "order"
    CHECK_IN = "check_in"
    LABORATORY = "laboratory"
    BEDSIDE = "bedside"
    COMPUTED = "computed"


class _MaximumAge(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    figure: Figure
    authority: Authority


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: FieldKind
    supplied_by: Supplier
    meaning: str = Field(min_length=1)
    unit: str = ""
    codes: tuple[str, ...] = ()
    of: str = ""
    maximum_age: _MaximumAge | None = None

    @model_validator(mode="after")
    def _complete(self) -> "_Row":
        match self.kind:
            case FieldKind.QUANTITY | FieldKind.ELAPSED | FieldKind.AGE:
                unit(self.unit)
            case _ if self.unit:
                raise ValueError(f"a field of kind {self.kind.value} has no unit; remove it")
            case _:
                pass
        if self.kind in (FieldKind.ELAPSED, FieldKind.AGE) and self.maximum_age:
            raise ValueError("a field that is worked out has no maximum age; write it on the field it counts from")
        if (self.kind is FieldKind.ELAPSED) != bool(self.of):
            raise ValueError("`of` names the moment from which an elapsed field counts; write it there and only there")
        return self


class _FieldsFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_: Literal["openinfusion.fields/1"] = Field(alias="schema")
    fields: Mapping[str, _Row]


def read_fields(roots: Sequence[Path], tiers: Mapping[str, str], problems: Problems) -> Mapping[str, FieldSpec]:
    """All fields of `fields.yaml` under the roots; a site may add fields, never change one."""
    found: dict[str, FieldSpec] = {}
    for path in (root / "fields.yaml" for root in roots if (root / "fields.yaml").exists()):
        document = read_document(path, problems)
        if document is None:
            continue
        parsed = parse(_FieldsFile, with_sources(document, tiers, problems), document, problems)
        if parsed is None:
            continue
        for name, row in parsed.fields.items():
            if name in found:
                problems.add(document, ("fields", name), f'the field "{name}" is already declared', "choose another name")
            found.setdefault(name, _spec(name, row))
        for name, row in parsed.fields.items():
            if row.of and row.of not in found:
                problems.add(document, ("fields", name, "of"), f'the field "{row.of}" is not declared', "declare it, kind moment")
    return found


def _spec(name: str, row: _Row) -> FieldSpec:
    oldest = row.maximum_age.figure.quantity if row.maximum_age else None
    return FieldSpec(name, row.kind, row.supplied_by.value, row.unit, row.codes, row.of, oldest, row.meaning)
