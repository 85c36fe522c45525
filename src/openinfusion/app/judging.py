"""The tables by which a session's chart is judged, what of the patient decides, and what the chart comes to. It stores nothing."""

from collections.abc import Iterable
from datetime import timedelta

from openinfusion.app.ports import Ports
from openinfusion.app.prescribing import facts_of
from openinfusion.core.administration.session import SessionState
from openinfusion.core.monitoring.charted import Judging, verdicts
from openinfusion.core.monitoring.early_warning import Person, Warned, warned
from openinfusion.core.patient import duration
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import AdverseEvents, Alarms, AnyTable, Complications, ReactionCriteria, ResponseScript, Score


def judging_of(tables: Iterable[AnyTable]) -> Judging:
    """The tables that judge a chart, as far as they are there."""
    held = tuple(tables)
    return Judging(
        complications=tuple(row for table in held if isinstance(table, Complications) for row in table.complications),
        criteria=next((table for table in held if isinstance(table, ReactionCriteria)), None),
        events=next((table for table in held if isinstance(table, AdverseEvents)), None),
        scores={table.name: table for table in held if isinstance(table, Score)},
        scripts={table.complication: table.name for table in held if isinstance(table, ResponseScript)},
    )


def person_of(ports: Ports, patient: str) -> Person:
    """Age and pregnancy of a patient now, as far as they are known."""
    facts, _ = facts_of(ports, patient)
    fields, now = ports.library.reference.fields, ports.clock.now()
    known = {name: facts.value(fields[name], now) for name in ("age", "pregnant") if name in fields}
    age, pregnant = known.get("age"), known.get("pregnant")
    return Person(age if isinstance(age, Quantity) else None, pregnant if isinstance(pregnant, bool) else None)


def verdicts_of(ports: Ports, state: SessionState) -> frozenset[str]:
    """What the classifiers say of a session's chart."""
    return verdicts(judging_of(ports.library.reference.tables.values()), state, person_of(ports, state.patient))


def scores_of(ports: Ports, state: SessionState) -> tuple[Warned, ...]:
    """The early warning scores of a session, as far as they are charted; those that lack something say the least that they are."""
    tables = tuple(ports.library.reference.tables.values())
    within = next((table.score_set_within for table in tables if isinstance(table, Alarms)), None)
    span = duration(within.quantity) if within is not None else timedelta(0)
    return warned(judging_of(tables).scores, state, person_of(ports, state.patient), span)
