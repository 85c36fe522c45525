"""What every reader of a resource needs: the dictionary, the meanings of codes, the moment of reading, coded concepts, and FHIR's times.

A time of day precision is the whole day: two readings of one day have no order unless both say the hour.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.patient import Fact, FieldSpec
from openinfusion.core.prescribing.tolerances import Tolerances
from openinfusion.interop.fhir.document import Node, Unreadable, shortened
from openinfusion.protocols.code_maps import CodeMap, Meaning, Use

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_PART = re.compile(r"\d{4}(-\d{2})?\Z", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Context:
    """What is the same for every resource of one Bundle."""

    fields: Mapping[str, FieldSpec]
    codes: CodeMap
    now: datetime
    tolerances: Tolerances | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What one kind of resource gave: facts, and what was left open."""

    facts: tuple[Fact, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Concept:
    """A CodeableConcept: its (system, code) pairs and what people call it."""

    codings: tuple[tuple[str, str], ...]
    text: str

    @property
    def code(self) -> str:
        """The codes as one text, for a message."""
        return ", ".join(f"{system}|{code}" if system else code for system, code in self.codings)

    def meanings(self, context: Context, use: Use, field: str = "") -> tuple[Meaning, ...]:
        """What its codes mean in one use, each meaning once."""
        found = (context.codes.get((use, field, system, code)) for system, code in self.codings)
        return tuple({(one.field, str(one.value)): one for one in found if one is not None}.values())


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last moment that a FHIR time may mean."""

    since: datetime
    until: datetime


def concept(node: Node | None) -> Concept:
    """A CodeableConcept, empty when it is not there."""
    if node is None:
        return Concept((), "")
    codings = node.nodes("coding")
    pairs = tuple((coding.text("system"), coding.text("code")) for coding in codings if coding.text("code"))
    shown = next((coding.text("display") for coding in codings if coding.text("display")), "")
    return Concept(pairs, shortened(node.text("text") or shown))


def status(node: Node, name: str) -> str:
    """The code of a status that R4 binds to one code system; the text where it has no code."""
    read = concept(node.node(name))
    codes = tuple(dict.fromkeys(code for _, code in read.codings))
    return ", ".join(codes) or read.text


def span(node: Node, name: str) -> Span | None:
    """The time of a member; None when it is not there or tells less than a day; raises Unreadable for what is no time."""
    text = node.text(name)
    if not text or _PART.match(text):
        return None
    try:
        if _DAY.match(text):
            start = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return Span(start, start + timedelta(days=1))
        if _MOMENT.match(text):
            moment = datetime.fromisoformat(text).astimezone(UTC)
            return Span(moment, moment)
    except (ValueError, OverflowError) as error:
        raise Unreadable(f"{node.place}.{name}", f"{shortened(text)} is not a time") from error
    raise Unreadable(f"{node.place}.{name}", f"{shortened(text)} is not a time")


def recorded(node: Node, context: Context) -> datetime:
    """When a record was made, never later than now; a record without a date was true when it was read."""
    found = span(node, "recordedDate")
    return context.now if found is None or found.since > context.now else found.since


def not_understood(node: Node, read: Concept, level: Level = Level.INFO, until: str = "") -> Finding:
    """The finding for a concept whose codes mean nothing here, or that has no code at all."""
    params: dict[str, Param] = {"where": node.name, "code": shortened(read.code), "text": read.text}
    if not read.codings:
        return Finding("fhir.text-only", level, {"where": node.name, "text": read.text}, until=until)
    return Finding("fhir.not-understood", level, params, until=until)


def unreadable(error: Unreadable, until: str = "") -> Finding:
    """The finding for a part that is not as R4 says."""
    return Finding("fhir.unreadable", Level.MISSING, {"where": error.where, "why": error.why}, until=until)


def by(node: Node) -> str:
    """Who said so: the resource."""
    return f"FHIR {node.name}"


def once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The heaviest first; a code that is not understood is said once, whatever the number of resources that use it."""
    seen: set[tuple[str, Param, Param]] = set()
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda one: -one.level.rank):
        key = (finding.code, finding.params.get("code"), finding.params.get("text"))
        if finding.code in ("fhir.not-understood", "fhir.text-only"):
            if key in seen:
                continue
            seen.add(key)
        kept.append(finding)
    return tuple(kept)
