"""Reads the evidence files: which documents exist, how far each can be trusted and how much of it was read. Never holds a clinical
figure."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from openinfusion.core.figure import Tier
from openinfusion.protocols.reading import Problems, parse, read_document


class Publication(BaseModel):
    """One document: its trust tier, how much of it was read, where it is, and what it is in our words."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tier: Tier
    seen: Literal["full", "excerpt", "none"]
    url: str
    title: str = Field(min_length=1)


class _EvidenceFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_: Literal["openinfusion.evidence/1"] = Field(alias="schema")
    sources: Mapping[str, Publication]


def read_evidence(roots: Sequence[Path], problems: Problems) -> Mapping[str, Publication]:
    """All documents of `evidence/*.yaml` under the roots; the same cite with another content is a problem."""
    found: dict[str, Publication] = {}
    for path in (path for root in roots for path in sorted((root / "evidence").glob("*.yaml"))):
        document = read_document(path, problems)
        if document is None:
            continue
        parsed = parse(_EvidenceFile, document.tree, document, problems)
        if parsed is None:
            continue
        for cite, row in parsed.sources.items():
            if found.setdefault(cite, row) != row:
                problems.add(document, ("sources", cite), f'the cite "{cite}" is already another document', "choose another name")
    return found
