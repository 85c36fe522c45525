"""The reaction of a session as three independent classifiers judge it, from what people entered and what was charted since it began.

It decides nothing: the grade is a person's, and the emergency path stays open to everybody at any time.
"""

from dataclasses import dataclass
from typing import TypeVar

from openinfusion.app.monitoring import age_of
from openinfusion.app.ports import Ports
from openinfusion.app.prescribing import facts_of
from openinfusion.core.administration.session import SessionState
from openinfusion.core.errors import NotFound
from openinfusion.core.monitoring.classify import Graded, Judged, Met, anaphylaxis, emergency, grades
from openinfusion.core.monitoring.found import signs_of
from openinfusion.core.monitoring.reaction import Consequence, after_anaphylaxis, consequence
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import AdverseEvents, ReactionCriteria, ReactionDefaults, Table

INFUSION_REACTION = "ctcae-infusion-related-reaction"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the classifiers say side by side. `offered` is the grade of an infusion related reaction, None where there is none; `follows` is
    what the protocol's rule makes of it, `if_anaphylaxis` what holds when it is that."""

    criteria: tuple[Judged, ...]
    met: Met
    grades: tuple[Graded, ...]
    terminology: str
    edition: str
    offered: int | None
    follows: Consequence | None
    if_anaphylaxis: Consequence

    @property
    def standards(self) -> tuple[tuple[str, Met, tuple[Judged, ...]], ...]:
        """Each standard with whether it is met, and its criteria that are."""
        names = dict.fromkeys(one.standard for one in self.criteria)
        held = [(name, tuple(one for one in self.criteria if one.standard == name)) for name in names]
        return tuple((name, emergency(own), tuple(one for one in own if one.met is not Met.NO)) for name, own in held)


def judgement(ports: Ports, state: SessionState, protocol: Protocol, defaults: ReactionDefaults) -> Judgement | None:
    """The newest reaction of a session judged; None without one. Raises NotFound when a table is not there."""
    last = state.reactions[-1] if state.reactions else None
    if last is None:
        return None
    criteria, events = _table(ports, ReactionCriteria), _table(ports, AdverseEvents)
    signs = signs_of(state, last, _age(ports, state))
    judged, graded = anaphylaxis(criteria, signs), grades(events, criteria, signs)
    offered = next((one.grade for one in graded if one.term == INFUSION_REACTION), None)
    earlier = any((one.grade or 0) > 0 for one in state.reactions[:-1])
    follows = consequence(protocol, offered, earlier, last.rate_before, defaults) if offered is not None else None
    return Judgement(judged, emergency(judged), graded, events.terminology, events.edition, offered, follows, after_anaphylaxis(defaults))


def _age(ports: Ports, state: SessionState) -> Quantity | None:
    facts, _ = facts_of(ports, state.patient)
    return age_of(ports, facts)


OfKind = TypeVar("OfKind", bound=Table)


def _table(ports: Ports, kind: type[OfKind]) -> OfKind:
    found = next((table for table in ports.library.reference.tables.values() if isinstance(table, kind)), None)
    if found is None:
        raise NotFound("table", kind.__name__)
    return found
