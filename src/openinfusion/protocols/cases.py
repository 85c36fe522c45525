"""Worked patients beside a protocol: facts and choice in, expected numbers with their citation out. A case never bends to the code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from openinfusion.core.entry import read_value
from openinfusion.core.errors import Malformed
from openinfusion.core.figure import Source
from openinfusion.core.part import Region
from openinfusion.core.patient import Fact, FieldSpec, PatientFacts
from openinfusion.core.prescribing.order import Choice, Plan
from openinfusion.core.prescribing.plan import plan
from openinfusion.core.prescribing.practice import Practice
from openinfusion.core.quantity import NumberError, Quantity, UnitError
from openinfusion.protocols.load import LoadedProtocol, Reference
from openinfusion.protocols.reading import Document, Place, Problems, parse, read_document
from openinfusion.protocols.sources import with_sources


class Result(StrEnum):
    """What of a plan a case can expect."""

    DOSE = "dose"
    CONTAINERS = "containers"
    WASTE = "waste"
    VOLUME = "volume"
    CONCENTRATION = "concentration"
    DURATION = "duration"
    RATES = "rates"
    PER_SITE = "per_site"
    SITES = "sites"
    BOLUS = "bolus"
    LOCKOUT = "lockout"
    MOST = "most"
    OBSERVATION = "observation"
    PREMEDICATION = "premedication"
    COURSE = "course"
    VERDICT = "verdict"
    FINDINGS = "findings"
    WITHOUT = "without"


_UNCITED = {Result.COURSE, Result.VERDICT, Result.FINDINGS, Result.WITHOUT, Result.PREMEDICATION, Result.SITES}
"""Results that follow from rules which cite their own source; every other one is a number and needs a citation here."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _TimedFact(_Strict):
    value: str
    at: AwareDatetime


class _Choice(_Strict):
    indication: str = ""
    start_on: date | None = None
    infusion_number: int = 1
    product: str = ""
    region: Region | None = None
    phase: str = ""
    dose_rule: str = ""
    dose: Quantity | None = None
    rate_rule: str = ""
    rate: Quantity | None = None
    diluent: str = ""
    reconstitution: str = ""
    final_volume: Quantity | None = None
    whole_containers: bool = False
    sites: int | None = None


class Expected(_Strict):
    """One expected result: a value or a list of values, the citation of its number, and how it was worked out by hand."""

    value: str | None = None
    values: tuple[str, ...] | None = None
    sources: tuple[Source, ...] = ()
    working: str = ""

    @model_validator(mode="after")
    def _one_form(self) -> "Expected":
        if (self.value is None) == (self.values is None):
            raise ValueError("write either value or values")
        return self

    @property
    def wanted(self) -> tuple[str, ...]:
        """The expected values as a list."""
        return (self.value,) if self.value is not None else self.values or ()


class _CaseRow(_Strict):
    name: str = Field(min_length=1)
    at: AwareDatetime
    facts: Mapping[str, str | _TimedFact] = Field(default_factory=dict)
    not_asked: tuple[str, ...] = ()
    choice: _Choice
    expect: Mapping[Result, Expected] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_cited(self) -> "_CaseRow":
        for result, expected in self.expect.items():
            if result not in _UNCITED and not expected.sources:
                raise ValueError(f"the expected {result.value} has no source; add sources: [{{cite: ..., at: ...}}] to it")
        return self


class _CasesFile(_Strict):
    """The cases of a protocol. `facts` hold for every case that does not say otherwise or lists them under `not_asked`."""

    schema_: Literal["openinfusion.cases/1"] = Field(alias="schema")
    facts: Mapping[str, str] = Field(default_factory=dict)
    cases: tuple[_CaseRow, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Case:
    """One worked patient."""

    name: str
    at: datetime
    facts: PatientFacts
    choice: Choice
    expect: Mapping[Result, Expected]


def read_cases(loaded: LoadedProtocol, reference: Reference) -> tuple[Case, ...]:
    """The cases beside a protocol; raises ProtocolError with every problem of the file. A protocol from the archive has none."""
    if loaded.directory is None:
        return ()
    problems = Problems()
    tiers = {cite: publication.tier.value for cite, publication in reference.publications.items()}
    cases = _read(loaded.directory / "cases.yaml", reference.fields, tiers, problems)
    problems.settle()
    return cases


def _read(path: Path, dictionary: Mapping[str, FieldSpec], tiers: Mapping[str, str], problems: Problems) -> tuple[Case, ...]:
    document = read_document(path, problems)
    if document is None:
        return ()
    parsed = parse(_CasesFile, with_sources(document, tiers, problems), document, problems)
    if parsed is None:
        return ()
    return tuple(_case(row, _Saying(document, ("cases", n), parsed.facts, dictionary, problems)) for n, row in enumerate(parsed.cases))


@dataclass(frozen=True, slots=True)
class _Saying:
    """Where a case stands, what holds for all cases, and where problems go."""

    document: Document
    place: Place
    common: Mapping[str, str]
    dictionary: Mapping[str, FieldSpec]
    problems: Problems


def _case(row: _CaseRow, saying: _Saying) -> Case:
    facts: list[Fact] = []
    dictionary, problems, document = saying.dictionary, saying.problems, saying.document
    common = {name: text for name, text in saying.common.items() if name not in row.not_asked}
    for name, said in {**common, **row.facts}.items():
        text, at = (said.value, said.at) if isinstance(said, _TimedFact) else (said, row.at)
        place = (*saying.place, "facts", name) if name in row.facts else ("facts", name)
        if name not in dictionary:
            problems.add(document, place, f'the field "{name}" is not declared', "use a field of fields.yaml")
            continue
        try:
            facts.append(Fact(name, read_value(dictionary[name], text), at, "case"))
        except Malformed as malformed:
            problems.add(document, place, str(malformed.params["why"]), f"write {malformed.params['write']}")
    chosen = {**dict(row.choice), "start_on": row.choice.start_on or row.at.date()}
    choice = Choice(**{field.name: chosen[field.name] for field in fields(Choice)})
    return Case(row.name, row.at, PatientFacts.of(facts), choice, row.expect)


def worked(case: Case, loaded: LoadedProtocol, dictionary: Mapping[str, FieldSpec]) -> Plan:
    """The plan that the program makes for a case."""
    practice = Practice.among(loaded.tables.values())
    return plan(loaded.protocol, loaded.content_hash, loaded.general_rules, case.facts, case.choice, dictionary, case.at, practice=practice)


def differences(case: Case, made: Plan) -> tuple[str, ...]:
    """Every expected result that the plan does not give, in one line each; empty when the case holds."""
    return tuple(
        f"{case.name}: {result.value}: expected {', '.join(expected.wanted) or 'nothing'}, planned {', '.join(got) or 'nothing'}"
        for result, expected in case.expect.items()
        if not _fits(result, expected.wanted, got := _RESULTS[result](made))
    )


def _fits(result: Result, wanted: Sequence[str], got: Sequence[str]) -> bool:
    match result:
        case Result.FINDINGS:
            return set(wanted) <= set(got)
        case Result.WITHOUT:
            return not set(wanted) & set(got)
        case _:
            return len(wanted) == len(got) and all(_same(one, other) for one, other in zip(wanted, got, strict=True))


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        return Quantity.parse(one) == Quantity.parse(other)
    except (NumberError, UnitError):
        return False


def _shown(value: object) -> str:
    return f"{value.text} {value.unit}" if isinstance(value, Quantity) else str(value)


def _at(path: str) -> Callable[[Plan], tuple[str, ...]]:
    """What stands at a dotted path of the plan, nothing where a part of the path is absent."""

    def read(made: Plan) -> tuple[str, ...]:
        value: object = made
        for name in path.split("."):
            value = None if value is None else getattr(value, name)
        return () if value is None else (_shown(value),)

    return read


def _keys(made: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for finding in made.findings for name in (finding.key, finding.code)))


def _volume(made: Plan) -> tuple[str, ...]:
    return _at("rates.volume")(made) or _at("dose.volume")(made)


_RESULTS: Mapping[Result, Callable[[Plan], tuple[str, ...]]] = {
    Result.DOSE: _at("dose.amount"),
    Result.CONTAINERS: _at("dose.containers"),
    Result.WASTE: _at("dose.waste"),
    Result.VOLUME: _volume,
    Result.CONCENTRATION: _at("concentration"),
    Result.DURATION: _at("rates.duration"),
    Result.RATES: lambda made: tuple(_shown(step.rate) for step in made.rates.steps) if made.rates else (),
    Result.PER_SITE: _at("rates.per_site"),
    Result.SITES: _at("rates.sites"),
    Result.BOLUS: _at("rates.on_demand.bolus"),
    Result.LOCKOUT: _at("rates.on_demand.lockout"),
    Result.MOST: _at("rates.on_demand.most"),
    Result.OBSERVATION: _at("observation"),
    Result.PREMEDICATION: lambda made: tuple(each.id for each in made.premedication),
    Result.COURSE: lambda made: tuple(session.on.isoformat() for session in made.course),
    Result.VERDICT: lambda made: (made.verdict.value,),
    Result.FINDINGS: _keys,
    Result.WITHOUT: _keys,
}
