"""Whether a protocol may be used: its weak figures, its signatures, and what changed since the content that was signed before. Never
edits or signs."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from openinfusion.core.canonical import Json
from openinfusion.core.errors import CommandRefused
from openinfusion.core.event import Event
from openinfusion.core.figure import Figure, Tier, best
from openinfusion.core.finding import Finding, Level
from openinfusion.core.part import Rule
from openinfusion.core.protocol import Maturity, Mixture, Protocol
from openinfusion.core.protocol_events import ProtocolRetired, ProtocolSigned
from openinfusion.core.quantity import Quantity
from openinfusion.core.rate_shape import SingleInjection
from openinfusion.protocols.checks import parts_of
from openinfusion.protocols.load import LoadedProtocol


class Status(StrEnum):
    """Where a content stands: only an active one may be ordered outside demonstration."""

    EXAMPLE = "example"
    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


PRESCRIBER, PHARMACIST = "prescriber", "pharmacist"
REVIEWERS = frozenset({PRESCRIBER, PHARMACIST})
"""The two roles whose signatures together make a content active."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed which content in which role."""

    person: str
    role: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Signatures:
    """What the stream of one content holds."""

    signed: tuple[Signature, ...] = ()
    retired: bool = False

    @classmethod
    def of(cls, history: Iterable[tuple[str, Event]]) -> "Signatures":
        """Read (actor, event) pairs of a protocol stream; other events count nothing."""
        signed: list[Signature] = []
        retired = False
        for actor, event in history:
            match event:
                case ProtocolSigned(content_hash=content_hash, role=role):
                    signed.append(Signature(actor, role, content_hash))
                case ProtocolRetired():
                    retired = True
                case _:
                    pass
        return cls(tuple(signed), retired)


def status(content_hash: str, signatures: Signatures, protocol: Protocol) -> Status:
    """Active with a prescriber's and a pharmacist's signature on this very hash, by two people of whom neither is the author."""
    if signatures.retired:
        return Status.RETIRED
    signed = [each for each in signatures.signed if each.content_hash == content_hash and each.person != protocol.author]
    prescribers = {each.person for each in signed if each.role == PRESCRIBER}
    pharmacists = {each.person for each in signed if each.role == PHARMACIST}
    two = any(one != other for one in prescribers for other in pharmacists)
    if two and not weak_figures(protocol):
        return Status.ACTIVE
    return Status.EXAMPLE if protocol.maturity is Maturity.EXAMPLE else Status.DRAFT


def sign(loaded: LoadedProtocol, signatures: Signatures, person: str, role: str) -> ProtocolSigned:
    """The signature of one reviewer on one content; raises CommandRefused with every reason why not."""
    refusals = tuple(_refusals(loaded, signatures, person, role))
    if refusals:
        raise CommandRefused(refusals)
    return ProtocolSigned(loaded.content_hash, loaded.protocol.id, loaded.protocol.version, role)


def retire(loaded: LoadedProtocol, signatures: Signatures, reason: str) -> ProtocolRetired:
    """Take a content out of use for new orders; raises CommandRefused when it is retired already."""
    if signatures.retired:
        raise CommandRefused((Finding("protocol.retired", Level.BANNED, {"protocol": loaded.protocol.id}),))
    return ProtocolRetired(loaded.content_hash, loaded.protocol.id, loaded.protocol.version, reason)


def _refusals(loaded: LoadedProtocol, signatures: Signatures, person: str, role: str) -> Iterator[Finding]:
    protocol = loaded.protocol
    if signatures.retired:
        yield Finding("protocol.retired", Level.BANNED, {"protocol": protocol.id})
    if role not in REVIEWERS:
        yield Finding("protocol.signer-role", Level.BANNED, {"role": role})
    if person == protocol.author:
        yield Finding("protocol.signer-is-author", Level.BANNED, {"person": person})
    if any(each.person == person for each in signatures.signed if each.content_hash == loaded.content_hash):
        yield Finding("protocol.signed-already", Level.BANNED, {"person": person})
    for weak in weak_figures(protocol):
        params = {"part": weak.part, "rule": weak.rule, "figure": weak.quantity, "tier": weak.tier.value}
        yield Finding("protocol.weak-figure", Level.BANNED, params, rule=weak.rule)


@dataclass(frozen=True, slots=True)
class WeakFigure:
    """A dose-critical figure, or a rule without one, whose best source is not good enough for an active protocol."""

    part: str
    rule: str
    quantity: Quantity | None
    tier: Tier


_CRITICAL = ("doses", "limits", "rates", "premedication", "contraindications")
_STOPPING = (Level.CONTRAINDICATED, Level.BANNED)


def weak_figures(protocol: Protocol) -> tuple[WeakFigure, ...]:
    """Every dose, limit, rate, premedication, contraindication, strength and way to dissolve without a source of tier A, B or C; a caution
    counts where it keeps the therapy from somebody."""
    return tuple(weak for part, rule in _critical(protocol) for weak in _weak(part, rule))


def _critical(protocol: Protocol) -> Iterator[tuple[str, Rule | Mixture]]:
    for part in _CRITICAL:
        yield from ((part, rule) for rule in getattr(protocol, part))
    yield from (("cautions", rule) for rule in protocol.cautions if rule.level in _STOPPING)
    yield from (("preparation", way) for way in protocol.preparation.reconstitutions)
    yield from (("drug", mixture) for mixture in protocol.drug.mixtures)


def _weak(part: str, rule: Rule | Mixture) -> Iterator[WeakFigure]:
    name = rule.product if isinstance(rule, Mixture) else rule.id
    figures = [item for _, item in parts_of(rule, ()) if isinstance(item, Figure)]
    for figure in figures:
        if not figure.tier.may_be_active:
            yield WeakFigure(part, name, figure.quantity, figure.tier)
    if not figures and isinstance(rule, Rule) and not isinstance(rule, SingleInjection) and not best(rule.sources).may_be_active:
        yield WeakFigure(part, name, None, best(rule.sources))


Leaf = Quantity | str


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs between two contents: where it stands (part, rule id, name ...), what it was and what it is; None where
    absent."""

    path: tuple[str, ...]
    old: Leaf | None
    new: Leaf | None


def difference(old: LoadedProtocol, new: LoadedProtocol) -> tuple[Change, ...]:
    """Everything that differs, rule by rule and figure by figure: the protocol with its texts, its tables and its evidence."""
    before, after = _leaves(old), _leaves(new)
    paths = tuple(dict.fromkeys((*before, *after)))
    return tuple(Change(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path))


def _leaves(loaded: LoadedProtocol) -> Mapping[tuple[str, ...], Leaf]:
    content: Mapping[str, Json] = json.loads(loaded.canonical)
    protocol = content["protocol"]
    rest = {name: content[name] for name in ("tables", "evidence")}
    return dict([*_walk(protocol, ()), *_walk(rest, ())])


def _walk(tree: Json, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Leaf]]:
    match tree:
        case dict() if {"value", "unit"} <= set(tree):
            yield path, Quantity(str(tree["value"]), str(tree["unit"]))
            yield from _walk({name: part for name, part in tree.items() if name not in ("value", "unit")}, path)
        case dict() if set(tree) == {"cite", "at", "tier"}:
            yield path, f"{tree['cite']}, {tree['at']} [{tree['tier']}]"
        case dict():
            for name, part in tree.items():
                yield from _walk(part, (*path, name))
        case list() if all(isinstance(item, str) for item in tree):
            yield path, ", ".join(str(item) for item in tree)
        case list():
            for name, item in zip(_names(tree), tree, strict=True):
                yield from _walk(item, (*path, name))
        case _:
            yield path, str(tree)


def _names(items: Sequence[Json]) -> tuple[str, ...]:
    """The id, code or measure of each item; its position where it has none or shares it."""
    named = [
        next((str(item[key]) for key in ("id", "code", "measure") if key in item), "") if isinstance(item, dict) else "" for item in items
    ]
    return tuple(name if name and named.count(name) == 1 else str(n + 1) for n, name in enumerate(named))
