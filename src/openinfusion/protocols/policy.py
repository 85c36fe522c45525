"""Reads the site's own policy, `policy.yaml` in its home: figures for rules of monitoring and observation, and steps of a value that no
body makes, each from a signed document.

Whole or not at all: a rule that no protocol has, a figure that is no time and one that a sourced minimum forbids are problems with a line.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from openinfusion.core.figure import Figure
from openinfusion.core.part import Code
from openinfusion.core.protocol import Moment, Monitoring, ObservationAfter, Protocol
from openinfusion.core.site_policy import Own, interval, observation
from openinfusion.core.table import Jump
from openinfusion.protocols.load import Library
from openinfusion.protocols.reading import Document, Problems, Tree, parse, read_document

CITE = "site-policy"
"""The source of every figure of the site's own."""


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    protocol: Code
    rule: Code
    figure: Figure
    document: str = Field(min_length=1)
    at: str = Field(min_length=1)


class _JumpRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    observation: Code
    step: Figure
    within: Figure
    document: str = Field(min_length=1)
    at: str = Field(min_length=1)


class _PolicyFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    schema_: Literal["openinfusion.policy/1"] = Field(alias="schema")
    rules: tuple[_Row, ...] = ()
    jumps: tuple[_JumpRow, ...] = ()


def read_policy(path: Path, library: Library) -> Mapping[str, Own]:
    """The site's figures by protocol and rule; raises ProtocolError with every problem and its line."""
    return _read(path, library)[0]


def _read(path: Path, library: Library) -> tuple[Mapping[str, Own], tuple[Jump, ...]]:
    problems = Problems()
    found: dict[str, dict[str, Figure]] = {}
    document = read_document(path, problems)
    tier = library.reference.publications[CITE].tier.value
    parsed = None if document is None else parse(_PolicyFile, _sourced(document.tree, tier), document, problems)
    if document is not None and parsed is not None:
        for n, row in enumerate(parsed.rules):
            for wrong, write in _wrong(row, library, found):
                problems.add(document, ("rules", n), wrong, write)
            found.setdefault(row.protocol, {})[row.rule] = row.figure
        for n, jump in enumerate(parsed.jumps):
            for wrong, write in _no_jump(jump, [one.observation for one in parsed.jumps[:n]]):
                problems.add(document, ("jumps", n), wrong, write)
        _no_sources(document, problems)
    problems.settle()
    return found, tuple(Jump(observation=one.observation, step=one.step, within=one.within) for one in parsed.jumps) if parsed else ()


def _no_jump(row: _JumpRow, earlier: Collection[str]) -> Iterator[tuple[str, str]]:
    if row.observation in earlier:
        yield f"the observation {row.observation} stands twice", "keep one of them"
    if row.step.quantity.value <= 0:
        yield "the step is not above 0", "write the least step that no body makes, in the unit of the monitor"
    if not row.within.quantity.is_like("s") or row.within.quantity.value <= 0:
        yield "within is not a time above 0", "write a value with unit s"


def _sourced(tree: Tree, tier: str) -> Tree:
    """The file with the site's document as the source of each figure."""
    if not isinstance(tree, dict):
        return tree
    lists = {name: rows for name in ("rules", "jumps") if isinstance(rows := tree.get(name), list)}
    return {**tree, **{name: [_row(row, tier) for row in rows] for name, rows in lists.items()}}


_FIGURES = ("figure", "step", "within")


def _row(rule: Tree, tier: str) -> Tree:
    if not isinstance(rule, dict):
        return rule
    source: Tree = {"cite": CITE, "at": f"{rule.get('document', '')}, {rule.get('at', '')}", "tier": tier}
    figures = {name: figure for name in _FIGURES if isinstance(figure := rule.get(name), dict)}
    return {**rule, **{name: {**figure, "sources": [source]} for name, figure in figures.items()}}


def _no_sources(document: Document, problems: Problems) -> None:
    for place in document.lines:
        if len(place) == 4 and place[2] in _FIGURES and place[3] == "sources":
            problems.add(document, place, "the source of a site's figure is its document", "remove sources; write document: and at:")


def _wrong(row: _Row, library: Library, found: Mapping[str, Mapping[str, Figure]]) -> Iterator[tuple[str, str]]:
    if row.rule in found.get(row.protocol, {}):
        yield f'the rule "{row.rule}" of {row.protocol} stands twice', "keep one of them"
    loaded = library.protocols.get(row.protocol)
    if loaded is None:
        # A protocol that is left out because its own file is broken may be the one that is meant.
        if not library.problems:
            yield f'there is no protocol "{row.protocol}"', f"write one of {', '.join(sorted(library.protocols))}"
        return
    watched: tuple[Monitoring | ObservationAfter, ...] = (*loaded.protocol.monitoring, *loaded.protocol.observation_after)
    rules = {rule.id: rule for rule in watched}
    rule = rules.get(row.rule)
    if rule is None:
        known = ", ".join(sorted(rules)) or "none"
        yield f'{row.protocol} has no rule "{row.rule}" of monitoring or observation', f"write one of {known}"
    elif not row.figure.quantity.is_like("s") or row.figure.quantity.value <= 0:
        yield "the figure is not a time above 0", "write a value with unit min or h"
    else:
        yield from _forbidden(row.figure, rule, loaded.protocol)


def _forbidden(figure: Figure, rule: Monitoring | ObservationAfter, protocol: Protocol) -> Iterator[tuple[str, str]]:
    """What the rule does not leave to the site."""
    if isinstance(rule, ObservationAfter):
        kept, wanted = observation(rule, figure), "longer"
    elif rule.moment is Moment.BEFORE_INCREASE:
        yield "what is watched before each step of the ladder follows the ladder", "remove this row"
        return
    else:
        kept, wanted = interval(rule, figure) or figure, "shorter"
    if kept.quantity != figure.quantity:
        stated = f"{kept.quantity.text} {kept.quantity.unit}"
        yield f"{protocol.id} has a sourced minimum of {stated} for {rule.id}", f"write a {wanted} time, or remove this row"


def policy_at(path: Path | None, library: Library) -> Mapping[str, Own]:
    """The policy of a site that may have none; raises ProtocolError."""
    return read_policy(path, library) if path is not None and path.is_file() else {}


def jumps_at(path: Path | None, library: Library) -> tuple[Jump, ...]:
    """The steps of an observation that the site holds for impossible; none without a policy. Raises ProtocolError."""
    return _read(path, library)[1] if path is not None and path.is_file() else ()
