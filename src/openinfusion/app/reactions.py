"""The reaction of a session as three independent classifiers judge it, from what people entered and what was charted since it began.

It decides nothing: the grade is a person's, and the emergency path stays open to everybody at any time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from openinfusion.app.monitoring import age_of
from openinfusion.app.ports import Ports
from openinfusion.app.prescribing import facts_of
from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import Reaction, SessionState
from openinfusion.core.errors import NotFound
from openinfusion.core.monitoring.classify import Graded, Judged, Met, anaphylaxis, emergency, grades
from openinfusion.core.monitoring.reaction import Consequence, after_anaphylaxis, consequence
from openinfusion.core.monitoring.signs import Exposure, Response, Signs, called
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import AdverseEvents, ReactionCriteria, ReactionDefaults, Table

SYSTOLIC, SATURATION, TEMPERATURE = "bp.systolic", "spo2", "temp"
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


def signs_of(state: SessionState, reaction: Reaction, age: Quantity | None) -> Signs:
    """A reaction as it was found: its signs, and the gravest value of each measure that was charted since it was reported."""
    since = reaction.reported_at
    before = state.baseline.get(SYSTOLIC)
    return Signs(
        seen=frozenset(called(sign) for sign in reaction.signs),
        exposure=Exposure(reaction.exposure) if reaction.exposure in list(Exposure) else None,
        systolic=_gravest(state, SYSTOLIC, since, min),
        baseline=before.value if before is not None and isinstance(before.value, Quantity) and before.value.value > 0 else None,
        age=age,
        saturation=_gravest(state, SATURATION, since, min),
        temperature=_gravest(state, TEMPERATURE, since, max),
        done=frozenset(called(word) for word in reaction.done),
        response=Response(reaction.response) if reaction.response in list(Response) else None,
        recurred=any((one.grade or 0) > 0 for one in state.reactions if one is not reaction),
    )


def _gravest(state: SessionState, code: str, since: datetime, pick: Callable[[list[Quantity]], Quantity]) -> Quantity | None:
    values = [one.value for one in _readings(state, code, since) if isinstance(one.value, Quantity)]
    return pick(values) if values else None


def _readings(state: SessionState, code: str, since: datetime) -> Iterator[Reading]:
    """The readings of a code since a moment, newest first, as far back as they are kept."""
    seen = state.seen.get(code)
    if seen is None:
        return
    if seen.at >= since:
        yield seen.reading
    times = [at for charted, at in reversed(state.observed_at) if charted == code and at < seen.at]
    yield from (reading for reading, at in zip(seen.earlier, times, strict=False) if at >= since)


def _age(ports: Ports, state: SessionState) -> Quantity | None:
    facts, _ = facts_of(ports, state.patient)
    return age_of(ports, facts)


OfKind = TypeVar("OfKind", bound=Table)


def _table(ports: Ports, kind: type[OfKind]) -> OfKind:
    found = next((table for table in ports.library.reference.tables.values() if isinstance(table, kind)), None)
    if found is None:
        raise NotFound("table", kind.__name__)
    return found
