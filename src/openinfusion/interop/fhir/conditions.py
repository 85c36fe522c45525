"""Diseases as facts: one that is recorded is true, one that is not recorded was not asked. It never says that somebody has not got
something."""

from collections.abc import Iterator, Sequence

from openinfusion.core.finding import Finding, Level
from openinfusion.core.patient import Fact
from openinfusion.interop.fhir.document import Node, Unreadable, shortened
from openinfusion.interop.fhir.reading import Context, Found, by, concept, not_understood, recorded, status, unreadable
from openinfusion.protocols.code_maps import Use

_OVER = frozenset({"inactive", "resolved", "remission"})
_DOUBTFUL = frozenset({"unconfirmed", "provisional", "differential"})


def read_conditions(nodes: Sequence[Node], context: Context) -> Found:
    """A fact for each disease that is understood and stands; the rest is named."""
    facts: list[Fact] = []
    findings: list[Finding] = []
    for node in nodes:
        try:
            for item in _read(node, context):
                if isinstance(item, Fact):
                    facts.append(item)
                else:
                    findings.append(item)
        except Unreadable as error:
            findings.append(unreadable(error))
    return Found(tuple(facts), tuple(findings))


def _read(node: Node, context: Context) -> Iterator[Fact | Finding]:
    read = concept(node.node("code"))
    meanings = read.meanings(context, Use.CONDITION)
    if not meanings:
        yield not_understood(node, read)
        return
    verification, clinical = status(node, "verificationStatus"), status(node, "clinicalStatus")
    if verification in ("entered-in-error", "refuted"):
        yield Finding("fhir.withdrawn", Level.INFO, {"where": node.name, "status": verification})
        return
    if verification in _DOUBTFUL:
        yield Finding("fhir.unconfirmed", Level.CAUTION, {"where": node.name, "status": shortened(verification)})
    over = clinical in _OVER or any(name.startswith("abatement") for name in node.members)
    for meaning in meanings:
        if over and not meaning.ever:
            yield Finding("fhir.withdrawn", Level.INFO, {"where": node.name, "status": shortened(clinical) or "over"})
        elif meaning.value is not None:
            yield Fact(meaning.field, meaning.value, recorded(node, context), by(node))
