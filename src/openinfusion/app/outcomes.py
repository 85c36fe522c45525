"""The outcome of a session as JSON: what was delivered, what happened, and what was published of the therapy, with its sources."""

from datetime import datetime

from openinfusion.app.present import quantity_json, sources_json
from openinfusion.core.administration.session import SessionState
from openinfusion.core.canonical import Json
from openinfusion.core.outcome import Outcome, outcome
from openinfusion.core.protocol import Evidence, Protocol
from openinfusion.core.quantity import decimal_text


def outcome_json(state: SessionState, protocol: Protocol, now: datetime) -> dict[str, Json]:
    """`{"as_ordered", "delivered_share", "reactions", "duration", "published"}`.

    `delivered_share` is decimal text, to twelve digits where it is no decimal; `published` is null, or the first printable result of the
    protocol with any further ones under `also`.
    """
    return written(outcome(state, protocol, now))


def written(result: Outcome) -> dict[str, Json]:
    """An outcome in its JSON form."""
    share = result.delivered_share
    return {
        "as_ordered": result.as_ordered,
        "delivered_share": None if share is None else decimal_text(share)[0],
        "reactions": [{"grade": one.grade, "scale": one.scale, "action": one.action} for one in result.reactions],
        "duration": quantity_json(result.duration),
        "published": _published(result.published),
    }


def _published(found: tuple[Evidence, ...]) -> Json:
    if not found:
        return None
    first, *others = (_cited(result) for result in found)
    return {**first, "also": [*others]} if others else first


def _cited(result: Evidence) -> dict[str, Json]:
    """One published result with everything that makes it readable."""
    return {
        "id": result.id,
        "outcome": result.outcome,
        "rate": quantity_json(result.value.quantity),
        "n": result.n,
        "population": result.population,
        "design": result.design,
        "comparator": result.comparator,
        "sources": sources_json((*result.value.sources, *result.context)),
    }
