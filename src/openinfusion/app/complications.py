"""Complications as they are looked up, opened and led at the bedside: the entry of each, the scripts a session has open, and drills.

A drill is worked out of what its own page holds; nothing of it is appended anywhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from openinfusion.app.ports import Ports
from openinfusion.app.prescribing import facts_of
from openinfusion.core.administration.parts import GivenDrug
from openinfusion.core.administration.session import Given, SessionState
from openinfusion.core.complication import Complication, Recognition
from openinfusion.core.errors import NotFound
from openinfusion.core.monitoring.recognise import charted, recognised
from openinfusion.core.monitoring.response import EPINEPHRINE, EmergencyDose, RunningScript, emergency_dose, opened_at, respond, ticked_at
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import AnyTable, Complications, EpinephrineDoses, ResponseScript
from openinfusion.protocols.load import Reference

Body = tuple[Quantity | None, Quantity | None]
"""A body mass and an age, each as far as it is known."""


OVER = "over"
"""What is ticked when a complication is over; charting it again opens its script anew."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One complication with the script of its response. `title`, the sentences of its criteria and calls, and those of the steps are in one
    language."""

    complication: Complication
    script: ResponseScript
    title: str
    wording: Mapping[str, str]

    @property
    def code(self) -> str:
        """The code of the complication."""
        return self.complication.code

    @property
    def first_step(self) -> str:
        """The sentence of the first step."""
        first = min(self.script.steps, key=lambda step: step.n)
        return self.wording[first.id]

    @property
    def criteria(self) -> tuple[Recognition, ...]:
        """What opens the script by itself."""
        return self.complication.criteria


def entries(reference: Reference, language: str = "en") -> tuple[Entry, ...]:
    """Every complication in the order of the tables; raises NotFound when one has no script."""
    tables = tuple(reference.tables.values())
    scripts = {table.complication: table for table in tables if isinstance(table, ResponseScript)}
    titles = {**reference.terms.get("en", {}), **reference.terms.get(language, {})}
    found = []
    for table in (table for table in tables if isinstance(table, Complications)):
        for row in table.complications:
            if row.code not in scripts:
                raise NotFound("script", row.code)
            wording = {**_words(table, language), **_words(scripts[row.code], language)}
            found.append(Entry(row, scripts[row.code], titles[row.code], wording))
    return tuple(found)


def of_statement(found: Iterable[Entry], statement: int) -> tuple[Entry, ...]:
    """The entries that answer a statement of the guide; raises NotFound when none does."""
    chosen = tuple(entry for entry in found if statement in entry.complication.statements)
    if not chosen:
        raise NotFound("statement", str(statement))
    return chosen


def entry_of(found: Iterable[Entry], code: str) -> Entry:
    """The entry of a complication; raises NotFound."""
    chosen = next((entry for entry in found if entry.code == code), None)
    if chosen is None:
        raise NotFound("complication", code)
    return chosen


def by_route(found: Iterable[Entry], route: Route) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """The entries of a route, and the others, each by title: what is likely stands first, and nothing is hidden."""
    ordered = sorted(found, key=lambda entry: entry.title)
    return tuple(one for one in ordered if route in one.complication.routes), tuple(
        one for one in ordered if route not in one.complication.routes
    )


@dataclass(frozen=True, slots=True)
class Led:
    """A script that runs: its entry, its steps as they stand, who was called when, and since when it is over."""

    entry: Entry
    running: RunningScript
    calls: tuple[tuple[str, datetime | None], ...]
    over_at: datetime | None

    @property
    def next_step(self) -> str:
        """The first step that nobody ticked; empty when all are."""
        return next((step.id for step in self.running.steps if step.ticked_at is None), "")


def led(ports: Ports, state: SessionState, entry: Entry) -> Led:
    """The script of a complication for this patient."""
    return leading(ports, state, entry, _body(ports, state.patient))


def leading(ports: Ports, state: SessionState, entry: Entry, body: Body) -> Led:
    """The same for a body mass and an age that are given."""
    dose = _dose(ports, entry.script, body)
    running = respond(entry.script, dose, state, body[0])
    script, since = entry.script.name, running.opened_at
    calls = tuple((call.id, ticked_at(script, call.id, state, since)) for call in entry.complication.call)
    return Led(entry, running, calls, ticked_at(script, OVER, state, since))


def opened(ports: Ports, state: SessionState, found: Iterable[Entry]) -> tuple[Led, ...]:
    """The scripts of every complication that was charted in a session and has one, the newest first."""
    known = {entry.code: entry for entry in found if entry.code in state.complications_at}
    newest = sorted(known.values(), key=lambda entry: state.complications_at[entry.code], reverse=True)
    return tuple(led(ports, state, entry) for entry in newest)


def met(
    state: SessionState, found: Iterable[Entry], route: Route, verdicts: frozenset[str] = frozenset()
) -> tuple[tuple[Entry, Recognition], ...]:
    """Every criterion that the chart of a session meets, with what the classifiers say of it, and whose script is not open."""
    entered = {entry.code: entry for entry in found}
    rows = (entry.complication for entry in entered.values())
    judged = ((entered[one.complication], one.criterion) for one in recognised(rows, replace(charted(state), verdicts=verdicts), route))
    return tuple((entry, criterion) for entry, criterion in judged if not _is_open(entry, state))


def _is_open(entry: Entry, state: SessionState) -> bool:
    since = opened_at(entry.script, state)
    return since is not None and ticked_at(entry.script.name, OVER, state, since) is None


def drill(ports: Ports, entry: Entry, since: datetime, ticks: Mapping[str, datetime], body: Body) -> Led:
    """The script of a complication as a drill has it, for a made-up body. A ticked step that gives epinephrine counts as a dose.

    Reads the tables and no patient; stores nothing.
    """
    script = entry.script
    steps = {f"{script.name}/{step}": at for step, at in ticks.items()}
    gives = {step.id for step in script.steps if step.dose_from is not None}
    given = tuple(Given(GivenDrug(EPINEPHRINE, None, "IM"), at, "") for step, at in ticks.items() if step in gives)
    return leading(ports, SessionState(complications_at={entry.code: since}, steps=steps, emergency_drugs=given), entry, body)


def _dose(ports: Ports, script: ResponseScript, body: Body) -> EmergencyDose | None:
    """The one dose of epinephrine where a step of the script gives it."""
    names = {step.dose_from for step in script.steps if step.dose_from is not None}
    if not names:
        return None
    tables = ports.library.reference.tables.values()
    doses = next((table for table in tables if isinstance(table, EpinephrineDoses) and table.name in names), None)
    return emergency_dose(doses, ports.site.epinephrine_scheme, *body) if doses is not None else None


def _body(ports: Ports, patient: str) -> Body:
    """The last weight, however old, for in an emergency an old one is better than none; and the age."""
    facts, _ = facts_of(ports, patient)
    weighed, aged = facts.get("weight"), ports.library.reference.fields.get("age")
    weight = weighed.value if weighed is not None else None
    age = facts.value(aged, ports.clock.now()) if aged is not None else None
    return weight if isinstance(weight, Quantity) else None, age if isinstance(age, Quantity) else None


def _words(table: AnyTable, language: str) -> Mapping[str, str]:
    return table.wording.get(language) or table.wording.get("en", {})
