"""Loads protocols whole or not at all, with the evidence, fields and tables they rely on, and names each by the hash of its canonical
content.

Never decides whether a protocol may be used (that is `review`), never computes a dose.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import cast

from pydantic import RootModel, ValidationError

from openinfusion.core.canonical import canonical, sha256
from openinfusion.core.errors import ProtocolError
from openinfusion.core.figure import Source
from openinfusion.core.patient import FieldSpec
from openinfusion.core.protocol import Protocol, ScreenRule
from openinfusion.core.table import AnyTable, GeneralScreening, Plausibility, Table
from openinfusion.protocols.checks import check_parts, check_protocol, codes_of, parts_of, rule_ids
from openinfusion.protocols.code_maps import CodeMap, read_code_map
from openinfusion.protocols.evidence import Publication, read_evidence
from openinfusion.protocols.fields import read_fields
from openinfusion.protocols.reading import Document, Problems, parse, read_document
from openinfusion.protocols.sources import with_sources
from openinfusion.protocols.texts import language_of, read_leaflet, read_terms, read_wording

PACKAGE_DATA = Path(str(files("openinfusion.protocols"))) / "data"
"""The protocols that ship with the program."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What protocols rely on: the evidence files, the dictionary of fields, the rule tables, what codes are called by language, and what
    the codes of other systems mean."""

    publications: Mapping[str, Publication]
    fields: Mapping[str, FieldSpec]
    tables: Mapping[str, AnyTable]
    terms: Mapping[str, Mapping[str, str]]
    codes: CodeMap


@dataclass(frozen=True, slots=True)
class LoadedProtocol:
    """A protocol with what it uses. `content_hash` is the SHA-256 of `canonical`, which the archive keeps and `from_canonical` reads
    back."""

    protocol: Protocol
    publications: Mapping[str, Publication]
    tables: Mapping[str, AnyTable]
    canonical: str
    content_hash: str
    directory: Path | None = None

    @property
    def general_rules(self) -> tuple[ScreenRule, ...]:
        """The rules that every screening of this protocol asks besides its own."""
        return tuple(rule for table in self.tables.values() if isinstance(table, GeneralScreening) for rule in table.rules)


@dataclass(frozen=True, slots=True)
class Library:
    """All protocols by id, what they rely on, and the problems of protocols that were left out."""

    reference: Reference
    protocols: Mapping[str, LoadedProtocol]
    problems: tuple[str, ...] = ()


class _TableFile(RootModel[AnyTable]):
    """A table of any kind."""


def load_library(roots: Sequence[Path] = ()) -> Library:
    """Everything under the package's own data and then the given roots, a later protocol replacing an earlier one of the same id.

    Raises ProtocolError with every problem of every file. The result is kept per process until a file changes.
    """
    library = load_sound(roots)
    if library.problems:
        raise ProtocolError(library.problems)
    return library


def load_sound(roots: Sequence[Path] = ()) -> Library:
    """The same, with a broken protocol left out and named instead: the others stay in use, and nothing older takes its place.

    Raises ProtocolError when evidence, fields, tables or terms are broken.
    """
    everywhere = tuple(dict.fromkeys((PACKAGE_DATA, *roots)))
    return _library(everywhere, _stamps(everywhere))


def load_all(roots: Sequence[Path] = ()) -> Mapping[str, LoadedProtocol]:
    """All protocols by id, from the package and the given roots; raises ProtocolError."""
    return load_library(roots).protocols


def load_protocol(directory: Path, roots: Sequence[Path] = ()) -> LoadedProtocol:
    """The protocol in one folder, read against the reference data of the package and the given roots; raises ProtocolError."""
    problems = Problems()
    reference = _read_reference((PACKAGE_DATA, *roots), problems)
    loaded = _read_protocol(directory, reference, problems)
    problems.settle()
    if loaded is None:
        raise AssertionError("a protocol that is not read leaves a problem")
    return loaded


def load_reference(roots: Sequence[Path] = ()) -> Reference:
    """The evidence, fields and rule tables without the protocols; raises ProtocolError."""
    problems = Problems()
    reference = _read_reference((PACKAGE_DATA, *roots), problems)
    problems.settle()
    return reference


def from_canonical(text: str) -> LoadedProtocol:
    """The protocol that the archive kept under its hash; raises ProtocolError when this program cannot read its form."""
    content = json.loads(text)
    try:
        protocol = Protocol.model_validate(content["protocol"])
        publications = {cite: Publication.model_validate(row) for cite, row in content["evidence"].items()}
        tables = {name: _TableFile.model_validate(row).root for name, row in content["tables"].items()}
    except ValidationError as error:
        why = f"archived content {sha256(text)[:12]} is of another form than this program reads; run the program that archived it"
        raise ProtocolError((why,)) from error
    return LoadedProtocol(protocol, publications, tables, text, sha256(text))


def content_text(protocol: Protocol, publications: Mapping[str, Publication], tables: Mapping[str, AnyTable]) -> str:
    """One text for one content, parts at their default left out: a new optional part changes no hash, and a default never changes."""
    return canonical(
        {
            "schema": "openinfusion.content/1",
            "protocol": protocol.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            "evidence": {cite: publication.model_dump(mode="json") for cite, publication in publications.items()},
            "tables": {name: table.model_dump(mode="json", by_alias=True, exclude_defaults=True) for name, table in tables.items()},
        }
    )


def _stamps(roots: tuple[Path, ...]) -> tuple[tuple[str, int, int], ...]:
    return tuple(stamp for root in roots if root.is_dir() for stamp in sorted(_stamps_under(str(root))))


def _stamps_under(folder: str) -> Iterator[tuple[str, int, int]]:
    """Name, time and size of every file that is read. Asked many times for each page: a directory entry costs a tenth of a Path."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _stamps_under(entry.path)
            elif entry.name.endswith((".yaml", ".md")):
                stat = entry.stat()
                yield entry.path, stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=4)
def _library(roots: tuple[Path, ...], stamps: tuple[tuple[str, int, int], ...]) -> Library:
    del stamps  # only the key under which the result is kept
    shared = Problems()
    reference = _read_reference(roots, shared)
    shared.settle()
    found: dict[str, LoadedProtocol] = {}
    left_out: list[str] = []
    for path in (path for root in roots for path in sorted(root.glob("*/protocol.yaml"))):
        problems = Problems()
        loaded = _read_protocol(path.parent, reference, problems)
        if loaded is None or problems.found:
            found.pop(path.parent.name, None)
            left_out += problems.found
        else:
            found[loaded.protocol.id] = loaded
    return Library(reference, found, tuple(dict.fromkeys(left_out)))


def _read_reference(roots: Sequence[Path], problems: Problems) -> Reference:
    publications = read_evidence(roots, problems)
    tiers = {cite: publication.tier.value for cite, publication in publications.items()}
    fields = read_fields(roots, tiers, problems)
    tables: dict[str, AnyTable] = {}
    for path in (path for root in roots for path in sorted((root / "tables").glob("*-[0-9]*.yaml"))):
        table = _read_table(path, tiers, fields, problems)
        if table is not None and tables.setdefault(table.name, table) != table:
            problems.at(
                path, 1, "name", f'the table "{table.name}" exists with another content', "give a changed table a new version number"
            )
    return Reference(publications, fields, tables, read_terms(roots, problems), read_code_map(roots, tiers, fields, problems))


def _read_table(path: Path, tiers: Mapping[str, str], fields: Mapping[str, FieldSpec], problems: Problems) -> AnyTable | None:
    document = read_document(path, problems)
    if document is None:
        return None
    parsed = parse(_TableFile, with_sources(document, tiers, problems), document, problems)
    if parsed is None:
        return None
    table = parsed.root
    if table.name != path.stem:
        problems.add(document, ("name",), f'the name "{table.name}" is not that of the file', f"write name: {path.stem}")
    check_parts(table, document, fields, problems)
    return cast(AnyTable, _with_wording(table, path, problems))


def _with_wording(table: Table, path: Path, problems: Problems) -> Table:
    folder, ids = path.parent / "wording", rule_ids(table)
    languages = ({"en"} if ids else set()) | {language.name.split(".")[-2] for language in folder.glob(f"{table.name}.*.yaml")}
    words = {language: read_wording(folder / f"{table.name}.{language}.yaml", ids, problems) for language in sorted(languages)}
    return table.model_copy(update={"wording": words})


def _read_protocol(directory: Path, reference: Reference, problems: Problems) -> LoadedProtocol | None:
    document = read_document(directory / "protocol.yaml", problems)
    if document is None:
        return None
    tiers = {cite: publication.tier.value for cite, publication in reference.publications.items()}
    protocol = parse(Protocol, with_sources(document, tiers, problems), document, problems)
    if protocol is None:
        return None
    check_protocol(protocol, document, reference.fields, problems)
    tables = _tables_of(protocol, document, reference, problems)
    protocol = _with_texts(protocol, directory, problems).model_copy(update={"terms": _terms_of(protocol, document, reference, problems)})
    used = sorted({source.cite for part in (protocol, *tables.values()) for source in sources_of(part)})
    publications = {cite: reference.publications[cite] for cite in used if cite in reference.publications}
    text = content_text(protocol, publications, tables)
    return LoadedProtocol(protocol, publications, tables, text, sha256(text), directory)


def sources_of(part: Protocol | Table) -> tuple[Source, ...]:
    """Every source named anywhere inside a protocol or table."""
    return tuple(item for _, item in parts_of(part, ()) if isinstance(item, Source))


_INDISPENSABLE: Mapping[type[Table], str] = {
    GeneralScreening: "the rules that every screening asks are",
    Plausibility: "what makes a weight worth a question is",
}
"""Tables without which no protocol is whole."""


def _tables_of(protocol: Protocol, document: Document, reference: Reference, problems: Problems) -> Mapping[str, AnyTable]:
    for n, name in enumerate(protocol.tables):
        if name not in reference.tables:
            known = ", ".join(sorted(reference.tables))
            problems.add(document, ("tables", n), f'there is no table "{name}"', f"write one of {known}")
    tables = {name: reference.tables[name] for name in protocol.tables if name in reference.tables}
    for kind, missing in _INDISPENSABLE.items():
        if not any(isinstance(table, kind) for table in tables.values()):
            known = ", ".join(sorted(name for name, table in reference.tables.items() if isinstance(table, kind)))
            problems.add(document, ("tables",), f"{missing} missing", f"add to `tables:` one of {known}")
    return tables


def _terms_of(protocol: Protocol, document: Document, reference: Reference, problems: Problems) -> Mapping[str, Mapping[str, str]]:
    """The terms of the codes that this protocol uses; one without an English term is a problem, and so is a rule with the name of a
    code."""
    codes = codes_of(protocol)
    for name in rule_ids(protocol):
        if name in reference.terms.get("en", {}):
            problems.add(document, (), f'the rule id "{name}" is also a code, which people read by other words', "give the rule another id")
    for code in codes:
        if code not in reference.terms.get("en", {}):
            problems.add(document, (), f'the code "{code}" has no words for people', "add it to terms/terms.en.yaml")
    return {language: {code: terms[code] for code in codes if code in terms} for language, terms in reference.terms.items()}


def _with_texts(protocol: Protocol, directory: Path, problems: Problems) -> Protocol:
    if protocol.wording or protocol.leaflet or protocol.terms:
        problems.at(
            directory / "protocol.yaml",
            1,
            "",
            "text does not stand in the protocol file",
            "write wording.en.yaml and leaflet.en.md beside it",
        )
    ids = rule_ids(protocol)
    languages = {"en"} | {language_of(path) for pattern in ("wording.*.yaml", "leaflet.*.md") for path in directory.glob(pattern)}
    wording = {language: read_wording(directory / f"wording.{language}.yaml", ids, problems) for language in sorted(languages)}
    leaflet = {language: read_leaflet(directory / f"leaflet.{language}.md", problems) for language in sorted(languages)}
    return protocol.model_copy(update={"wording": wording, "leaflet": leaflet})
