"""Allergies as one fact: the ingredients that are known, "none known" only where the record says so in whole, "unknown" where it says
that. No entry at all means that nobody was asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from openinfusion.core.finding import Finding, Level
from openinfusion.core.patient import Answer, Fact, FactValue
from openinfusion.interop.fhir.document import Node, Unreadable, shortened
from openinfusion.interop.fhir.reading import Concept, Context, Found, concept, not_understood, recorded, status, unreadable
from openinfusion.protocols.code_maps import Use

FIELD = "allergy"
_OVER = frozenset({"inactive", "resolved"})


@dataclass(slots=True)
class _Told:
    """What the entries said so far."""

    codes: list[str] = field(default_factory=list)
    none_known: bool = False
    unknown: bool = False
    other: bool = False
    at: list[datetime] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_allergies(nodes: Sequence[Node], context: Context) -> Found:
    """The fact of field `allergy`, and every entry that was left out, doubted or not understood."""
    told = _Told()
    for node in nodes:
        try:
            if _counts(node, told):
                _take(node, context, told)
        except Unreadable as error:
            told.other = True
            told.findings.append(unreadable(error, FIELD))
    value = _value(told)
    facts = () if value is None else (Fact(FIELD, value, max(told.at, default=context.now), "FHIR AllergyIntolerance"),)
    return Found(facts, tuple(told.findings))


def _counts(node: Node, told: _Told) -> bool:
    """Whether the entry stands; one that is unconfirmed stands too, with a word on it."""
    verification, clinical = status(node, "verificationStatus"), status(node, "clinicalStatus")
    if verification in ("entered-in-error", "refuted"):
        told.findings.append(Finding("fhir.withdrawn", Level.INFO, {"where": node.name, "status": verification}))
        return False
    if clinical in _OVER:
        told.findings.append(Finding("fhir.withdrawn", Level.INFO, {"where": node.name, "status": clinical}))
        return False
    if verification != "confirmed" or clinical != "active":
        said = shortened(", ".join(text for text in (clinical, verification) if text)) or "missing"
        told.findings.append(Finding("fhir.unconfirmed", Level.CAUTION, {"where": node.name, "status": said}, until=FIELD))
    return True


def _take(node: Node, context: Context, told: _Told) -> None:
    named = (concept(node.node("code")), *(concept(reaction.node("substance")) for reaction in node.nodes("reaction")))
    absence = named[0].meanings(context, Use.NO_ALLERGY)
    if absence:
        told.none_known |= any(meaning.value is Answer.NONE_KNOWN for meaning in absence)
        told.unknown |= any(meaning.value is not Answer.NONE_KNOWN for meaning in absence)
    elif named[0].meanings(context, Use.NO_ALLERGY_OF_A_KIND):
        params = {"where": node.name, "text": named[0].text or named[0].code}
        told.findings.append(Finding("fhir.one-kind-none-known", Level.INFO, params, until=FIELD))
        return
    else:
        codes = _against(named, context)
        told.codes += codes
        if not codes:
            told.other = True
            told.findings.append(
                not_understood(node, next((one for one in named if one.codings or one.text), named[0]), Level.MISSING, FIELD)
            )
    told.at.append(recorded(node, context))


def _against(named: Sequence[Concept], context: Context) -> tuple[str, ...]:
    values = (meaning.value for one in named for meaning in one.meanings(context, Use.ALLERGY))
    return tuple(dict.fromkeys(code for value in values if isinstance(value, tuple) for code in value))


def _value(told: _Told) -> FactValue | None:
    """The codes that are known; else the answer, where nothing contradicts it."""
    if told.none_known and (told.codes or told.other or told.unknown):
        told.findings.append(Finding("fhir.allergies-disagree", Level.MISSING, {}, until=FIELD))
    if told.codes:
        return tuple(dict.fromkeys(told.codes))
    if told.other:
        return None
    if told.unknown:
        return Answer.UNKNOWN
    return Answer.NONE_KNOWN if told.none_known else None
