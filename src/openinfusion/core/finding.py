"""What the rules found, and how a number came about: values with sources, never text. `app.present` turns them into words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from openinfusion.core.figure import Source, Tier, worst
from openinfusion.core.quantity import Quantity

Param = str | int | bool | Quantity | datetime | date | tuple[str, ...] | None


class Level(StrEnum):
    """One vocabulary of weight for all findings, lightest first."""

    INFO = "info"
    CAUTION = "caution"
    MISSING = "missing"
    CONTRAINDICATED = "contraindicated"
    BANNED = "banned"

    @property
    def rank(self) -> int:
        """Position in the order of weight."""
        return _RANKS[self]


_RANKS = {level: place for place, level in enumerate(Level)}


class Verdict(StrEnum):
    """The highest level found, in the words of a screening."""

    NONE = "none"
    INFO = "info"
    CAUTION = "caution"
    INCOMPLETE = "incomplete"
    CONTRAINDICATED = "contraindicated"
    BANNED = "banned"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found. `code` names a row of the message catalogue, `params` fill it, `rule` is the protocol's rule id,
    `until` names the fact whose change lifts it (empty: it stays)."""

    code: str
    level: Level
    params: Mapping[str, Param] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    rule: str = ""
    until: str = ""

    @property
    def key(self) -> str:
        """What a reason for overriding this finding refers to."""
        return f"{self.code}:{self.rule}" if self.rule else self.code


def verdict(findings: Iterable[Finding]) -> Verdict:
    """The highest level among findings: `incomplete` when that is `missing`, `none` when nothing was found."""
    top = max((finding.level for finding in findings), key=lambda level: level.rank, default=None)
    if top is None:
        return Verdict.NONE
    return Verdict.INCOMPLETE if top is Level.MISSING else Verdict(top.value)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of worked arithmetic: `operation` names it in the catalogue, `inputs` are named, `result` is exact."""

    operation: str
    inputs: tuple[tuple[str, Quantity], ...]
    result: Quantity
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Derivation:
    """The worked steps of one number, in order."""

    steps: tuple[Step, ...] = ()

    @property
    def tier(self) -> Tier | None:
        """The worst among the best tiers of its sourced steps; None when no step needed a source."""
        from_steps = (min((source.tier for source in step.sources), key=list(Tier).index) for step in self.steps if step.sources)
        return worst(from_steps)

    def then(self, *steps: Step) -> "Derivation":
        """The derivation with further steps."""
        return Derivation((*self.steps, *steps))
