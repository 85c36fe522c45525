"""Reads the kinetic models that ship and those of a site, what was looked for and not found, and tables of published levels.

A file without a source does not load. Nothing here computes a level; `core.pharmacokinetics` does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from openinfusion.core.errors import ProtocolError
from openinfusion.core.figure import Figure, Source
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Via
from openinfusion.core.quantity import unit
from openinfusion.protocols.evidence import Publication, read_evidence
from openinfusion.protocols.load import PACKAGE_DATA
from openinfusion.protocols.reading import Document, Problems, Tree, parse, read_document
from openinfusion.protocols.sources import with_sources

_SCHEMA = "openinfusion.kinetic-model/1"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AbsentModel(_Part):
    """A model that was looked for and is not here: the drug, the routes, and why."""

    drug: str = Field(min_length=1)
    routes: tuple[Via, ...] = Field(min_length=1)
    reason: str = Field(min_length=1)
    sources: tuple[Source, ...] = ()


class PublishedLevels(_Part):
    """Measured levels after a dose as a document prints them: pairs of time and level."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    drug: str = Field(min_length=1)
    route: Via
    dose: Figure
    population: str = Field(min_length=1)
    time_unit: Literal["min", "h", "d", "wk"]
    unit: str
    values: tuple[tuple[float, float], ...] = Field(min_length=1)
    notes: str = ""
    sources: tuple[Source, ...] = Field(min_length=1)

    @field_validator("unit")
    @classmethod
    def _is_unit(cls, symbol: str) -> str:
        unit(symbol)
        return symbol

    @field_validator("values")
    @classmethod
    def _is_sound(cls, values: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        times = [time for time, _ in values]
        if min(min(pair) for pair in values) < 0 or times != sorted(set(times)):
            raise ValueError("a time or level is below zero, or the times do not rise; write what the document prints")
        return values


class _AbsentFile(_Part):
    schema_: Literal["openinfusion.kinetic-absent/1"] = Field(alias="schema")
    absent: tuple[AbsentModel, ...]


class _LevelsFile(_Part):
    schema_: Literal["openinfusion.kinetic-levels/1"] = Field(alias="schema")
    levels: tuple[PublishedLevels, ...]


@dataclass(frozen=True, slots=True)
class Kinetics:
    """All models by id, what is absent, the published levels by id, and the documents they rest on."""

    models: Mapping[str, Model]
    absent: tuple[AbsentModel, ...]
    levels: Mapping[str, PublishedLevels]
    publications: Mapping[str, Publication]

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every source of a model, of an absent one and of a table of levels."""
        groups = [model.file.sources for model in self.models.values()]
        groups += [one.sources for one in self.absent] + [table.sources for table in self.levels.values()]
        return tuple(source for group in groups for source in group)

    def of(self, drug: str) -> tuple[Model, ...]:
        """The models of a drug, those that may be fitted first."""
        found = [model for model in self.models.values() if model.file.drug == drug]
        return tuple(sorted(found, key=lambda model: (model.status.value, model.id)))


def load_kinetics(roots: Sequence[Path] = ()) -> Kinetics:
    """Everything under `models/` of the package and then of the given roots; a later model replaces an earlier one of the same id.

    Raises ProtocolError with every problem of every file. The result is kept per process until a file changes.
    """
    everywhere = tuple(dict.fromkeys((PACKAGE_DATA, *roots)))
    return _kinetics(everywhere, tuple(_stamp(path) for path in _files(everywhere)))


def load_model(name: str, roots: Sequence[Path] = ()) -> Model:
    """One model by its id; raises ProtocolError, which names the ids there are."""
    models = load_kinetics(roots).models
    if name not in models:
        raise ProtocolError((f'there is no model "{name}"; choose one of {", ".join(models)}',))
    return models[name]


def _files(roots: Sequence[Path]) -> list[Path]:
    return [path for root in roots for folder in ("models", "evidence") for path in sorted((root / folder).glob("*.yaml"))]


def _stamp(path: Path) -> tuple[str, int, int]:
    stat = path.stat()
    return str(path), stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=4)
def _kinetics(roots: tuple[Path, ...], stamps: tuple[tuple[str, int, int], ...]) -> Kinetics:
    del stamps  # only the key under which the result is kept
    problems = Problems()
    publications = read_evidence(roots, problems)
    tiers = {cite: publication.tier.value for cite, publication in publications.items()}
    models: dict[str, Model] = {}
    absent: list[AbsentModel] = []
    levels: dict[str, PublishedLevels] = {}
    for document in _documents(roots, problems):
        tree = with_sources(document, tiers, problems)
        match document.path.name:
            case "absent.yaml":
                listed = parse(_AbsentFile, tree, document, problems)
                absent += listed.absent if listed else ()
            case "levels.yaml":
                table = parse(_LevelsFile, tree, document, problems)
                levels |= {row.id: row for row in table.levels} if table else {}
            case _:
                models |= {model.id: model for model in _model(document, tree, problems)}
    problems.settle()
    return Kinetics(dict(sorted(models.items())), tuple(absent), levels, publications)


def _documents(roots: Sequence[Path], problems: Problems) -> Iterator[Document]:
    paths = [path for root in roots for path in sorted((root / "models").glob("*.yaml"))]
    return (document for path in paths if (document := read_document(path, problems)) is not None)


def _model(document: Document, tree: Tree, problems: Problems) -> Iterator[Model]:
    """The model of a file, or none with its problems noted."""
    if not isinstance(tree, dict) or tree.get("schema") != _SCHEMA:
        problems.add(document, ("schema",), "this is no kinetic model", f"write schema: {_SCHEMA}")
        return
    try:
        model = Model.from_dict({key: value for key, value in tree.items() if key != "schema"})
    except ProtocolError as failure:
        for line in failure.problems:
            problems.add(document, (), line, "see the reference of kinetic models")
        return
    if model.id != document.path.stem:
        problems.add(document, ("id",), f'the id "{model.id}" is not that of the file', f"write id: {document.path.stem}")
    if not model.file.sources:
        problems.add(document, ("sources",), "a model without a source", "add sources: [{cite: ..., at: ...}]")
    if not model.file.citation:
        problems.add(document, ("citation",), "a model without its citation", "add citation: authors, journal, year, pages")
    yield model
