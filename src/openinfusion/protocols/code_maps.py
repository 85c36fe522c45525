"""What codes of other systems (LOINC, SNOMED CT, RxNorm, ATC, ICD-10) mean in our own fields, each row with the document it was taken from.

A code that stands in no file means nothing here: it is never guessed from its text, its parents or a code that looks like it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from openinfusion.core.entry import read_value
from openinfusion.core.errors import Malformed
from openinfusion.core.figure import Source
from openinfusion.core.patient import FactValue, FieldKind, FieldSpec
from openinfusion.protocols.reading import Problems, parse, read_document
from openinfusion.protocols.sources import with_sources


class Use(StrEnum):
    """Where a code stands: what was measured, what was answered, a disease, what an allergy is against, and "no allergy known" in whole or
    in part."""

    OBSERVATION = "observation"
    ANSWER = "answer"
    CONDITION = "condition"
    ALLERGY = "allergy"
    NO_ALLERGY = "no_allergy"
    NO_ALLERGY_OF_A_KIND = "no_allergy_of_a_kind"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one code means: a field, and the value it gives where it gives one. `ever` holds for a disease that counts when it is over."""

    field: str
    value: FactValue | None = None
    ever: bool = False
    sources: tuple[Source, ...] = ()


CodeMap = Mapping[tuple[Use, str, str, str], Meaning]
"""(use, field of an answer or empty, system, code) -> what it means."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    code: str = Field(min_length=1)
    field: str
    value: str = ""
    ever: Literal["true", ""] = ""
    sources: tuple[Source, ...] = Field(min_length=1)


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    use: Use
    system: str = Field(min_length=1)
    codes: tuple[_Row, ...]


class _CodesFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_: Literal["openinfusion.codes/1"] = Field(alias="schema")
    groups: tuple[_Group, ...]


def read_code_map(roots: Sequence[Path], tiers: Mapping[str, str], fields: Mapping[str, FieldSpec], problems: Problems) -> CodeMap:
    """All codes of `terms/fhir-*.yaml` under the roots; a site may add codes, never change the meaning of one."""
    found: dict[tuple[Use, str, str, str], Meaning] = {}
    for path in (path for root in roots for path in sorted((root / "terms").glob("fhir-*.yaml"))):
        document = read_document(path, problems)
        if document is None:
            continue
        parsed = parse(_CodesFile, with_sources(document, tiers, problems), document, problems)
        for g, group in enumerate(parsed.groups if parsed else ()):
            for n, row in enumerate(group.codes):
                place = ("groups", g, "codes", n)
                key = (group.use, row.field if group.use is Use.ANSWER else "", group.system, row.code)
                try:
                    meaning = _meaning(group.use, row, fields)
                except Malformed as error:
                    problems.add(document, (*place, str(error.params["at"])), str(error.params["why"]), f"write {error.params['write']}")
                    continue
                if found.setdefault(key, meaning) != meaning:
                    problems.add(document, (*place, "code"), f'the code "{row.code}" already means something else', "keep one of them")
    return found


def _meaning(use: Use, row: _Row, fields: Mapping[str, FieldSpec]) -> Meaning:
    """What a row means; raises Malformed at the key that does not hold."""
    spec = fields.get(row.field)
    if spec is None:
        raise Malformed("field", f'the field "{row.field}" is not declared', "a field of fields.yaml")
    if (use is Use.OBSERVATION) == bool(row.value):
        raise Malformed("value", "the value does not fit the use", "`value` for everything but an observation")
    if not row.value:
        return Meaning(row.field, None, bool(row.ever), row.sources)
    if spec.kind not in (FieldKind.BOOLEAN, FieldKind.CODE, FieldKind.CODES):
        raise Malformed("field", "a code cannot give a number or a day", "a field of codes, or one of yes and no")
    return Meaning(row.field, read_value(spec, row.value), bool(row.ever), row.sources)
