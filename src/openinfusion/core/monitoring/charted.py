"""What is charted in a session, judged: cited criteria of complications and of anaphylaxis, early warning scores. Each raises an alarm.

Only a criterion with an edition and a source speaks; a sign that is merely asked about never does. Nothing here treats or grades.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import SessionState
from openinfusion.core.complication import Complication, Recognition
from openinfusion.core.figure import Source
from openinfusion.core.monitoring.classify import Judged, Met, anaphylaxis, grades
from openinfusion.core.monitoring.early_warning import HIGH, INTERMEDIATE, MEDIUM, Person, Warned, warned
from openinfusion.core.monitoring.found import Found, charted_signs
from openinfusion.core.monitoring.kind import WATCHED, AlarmCondition, AlarmTables, condition
from openinfusion.core.monitoring.limit import LIMIT
from openinfusion.core.monitoring.recognise import Findings, charted, codes_of, recognised
from openinfusion.core.monitoring.response import ANAPHYLAXIS
from openinfusion.core.patient import duration
from openinfusion.core.protocol import Route
from openinfusion.core.table import AdverseEvents, ReactionCriteria, Score

EMERGENCY_CALL = "call-emergency-team"
"""Whose criterion is told as high: a complication for which the emergency team is called."""

OVER = "over"


@dataclass(frozen=True, slots=True)
class Judging:
    """The tables by which a chart is judged, and the script of each complication."""

    complications: tuple[Complication, ...] = ()
    criteria: ReactionCriteria | None = None
    events: AdverseEvents | None = None
    scores: Mapping[str, Score] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opening:
    """Criteria of anaphylaxis that the chart meets while its steps are not open: the signs and rules, and when the newest was charted."""

    signs: tuple[str, ...]
    rules: tuple[str, ...]
    at: datetime


def findings(judging: Judging, state: SessionState, person: Person) -> Findings:
    """What the chart says, with the signs of the open reaction and the verdicts of the classifiers."""
    told = charted(state)
    reaction = state.reaction
    signs = told.signs | frozenset(reaction.signs) if reaction is not None else told.signs
    return replace(told, signs=signs, verdicts=verdicts(judging, state, person))


def verdicts(judging: Judging, state: SessionState, person: Person) -> frozenset[str]:
    """The standards of anaphylaxis that are met, and the adverse events that have a grade; a grade opens nothing by itself."""
    met = {one.standard for one in _met(judging, state, person)}
    found = charted_signs(state, person.age)
    if found is None or judging.events is None or judging.criteria is None or state.reaction is None:
        return frozenset(met)
    graded = grades(judging.events, judging.criteria, found.signs)
    return frozenset(met | {one.term for one in graded if one.grade is not None})


def opening(judging: Judging, state: SessionState, person: Person) -> Opening | None:
    """The emergency that has to open by itself; None where nothing new meets a criterion, or where it is led already."""
    found = charted_signs(state, person.age)
    met = _met(judging, state, person)
    if found is None or not met or state.status not in WATCHED or _is_led_already(judging, state, found):
        return None
    signs = tuple(sorted({sign for one in met for sign in one.because} & found.signs.seen))
    return Opening(signs, tuple(one.criterion for one in met), found.at)


def _is_led_already(judging: Judging, state: SessionState, found: Found) -> bool:
    """Whether the steps were opened in this episode, and no sign came after they were over."""
    before = [at for at in (state.complications_at.get(ANAPHYLAXIS), *(one.emergency_at for one in state.reactions)) if at is not None]
    if not before or max(before) < found.since:
        return False
    over = state.steps.get(f"{judging.scripts.get(ANAPHYLAXIS, '')}/{OVER}")
    return over is None or over < max(before) or found.at <= over


def charted_conditions(
    judging: Judging, state: SessionState, person: Person, tables: AlarmTables, held: Iterable[AlarmCondition] = ()
) -> tuple[AlarmCondition, ...]:
    """The criteria and scores that hold now. One that a crossed limit tells already, in `held` or as an alarm, is not told twice."""
    if state.status not in WATCHED or state.plan is None:
        return ()
    limits = tuple(one for one in held if one.code == LIMIT)
    told = frozenset(one.response for one in limits if one.response)
    crossed = frozenset(one.reading.code for one in limits if one.reading is not None)
    found = [*_criteria(judging, state, person, tables, told), *_scores(judging, state, person, tables, crossed)]
    return tuple(found)


def _met(judging: Judging, state: SessionState, person: Person) -> tuple[Judged, ...]:
    found = charted_signs(state, person.age)
    if found is None or judging.criteria is None:
        return ()
    return tuple(one for one in anaphylaxis(judging.criteria, found.signs) if one.met is Met.YES)


def _criteria(judging: Judging, state: SessionState, person: Person, tables: AlarmTables, told: frozenset[str]) -> Iterator[AlarmCondition]:
    """One condition for each complication with a criterion that is met and newer than its open script."""
    anew = opening(judging, state, person)
    if anew is not None:
        sources = tuple(source for one in _met(judging, state, person) for source in one.sources)
        yield _condition(tables, "emergency-criterion", ANAPHYLAXIS, anew.rules[0], anew.at, sources)
    rows = {row.code: row for row in judging.complications}
    found, seen = findings(judging, state, person), set(told)
    for one in recognised(judging.complications, found, _route(state)):
        at = _evidence(one.criterion, state)
        if one.criterion.by or one.complication in seen or at is None or _is_led(judging, state, one.complication, at):
            continue
        seen.add(one.complication)
        is_emergency = any(call.id == EMERGENCY_CALL for call in rows[one.complication].call)
        kind = "emergency-criterion" if is_emergency else "criterion-met"
        yield _condition(tables, kind, one.complication, one.criterion.id, at, one.criterion.sources)


def _condition(tables: AlarmTables, kind: str, complication: str, rule: str, at: datetime, sources: tuple[Source, ...]) -> AlarmCondition:
    made = condition(tables, kind, complication, rule=rule)
    return replace(made, key=f"criterion:{complication}", response=complication, evidence_at=at, sources=sources)


def _route(state: SessionState) -> Route | None:
    return state.plan.route if state.plan is not None else None


def _is_led(judging: Judging, state: SessionState, complication: str, at: datetime) -> bool:
    """Whether the steps of a complication were opened after the evidence was charted, or are open still."""
    opened = state.complications_at.get(complication)
    if opened is None:
        return False
    over = state.steps.get(f"{judging.scripts.get(complication, '')}/{OVER}")
    return at <= opened or over is None or over < opened


def _evidence(criterion: Recognition, state: SessionState) -> datetime | None:
    """When the newest of what a criterion rests on was charted; of a reaction's signs, when it was reported."""
    names = {name for group in criterion.all_of for name in group} | set(criterion.signs)
    codes = names | {code for name in criterion.measures for code in codes_of(name)}
    measured = frozenset(criterion.measures)
    times = [
        told.at for code, told in state.seen.items() if code in codes or {told.reading.scale.lower(), code.partition(".")[0]} & measured
    ]
    reaction = state.reaction
    if reaction is not None and names & set(reaction.signs):
        times.append(reaction.reported_at)
    return max(times, default=None)


def _scores(
    judging: Judging, state: SessionState, person: Person, tables: AlarmTables, crossed: frozenset[str]
) -> Iterator[AlarmCondition]:
    """One condition for each score: its band where one is reached that asks for somebody, else its red values that no limit tells."""
    within = tables.alarms.score_set_within
    if within is None:
        return
    for one in warned(judging.scores, state, person, duration(within.quantity)):
        told = _told(one, crossed)
        if told is not None:
            kind, reading, at = told
            made = condition(tables, kind, one.table, reading, one.table)
            yield replace(made, key=f"score:{one.table}", evidence_at=at, sources=one.sources)


_BANDS: Mapping[str, str] = {HIGH: "score-emergency", MEDIUM: "score-urgent", INTERMEDIATE: "score-urgent"}
"""The bands in which a score asks for somebody, by the kind of alarm."""


def _told(one: Warned, crossed: frozenset[str]) -> tuple[str, Reading, datetime] | None:
    """The kind of alarm of a score with the value it shows, None where nobody has to come."""
    name = one.table.rpartition("-")[0]
    if one.least is not None and one.band in _BANDS:
        return _BANDS[one.band], Reading(name, one.least, one.scale), one.at
    reds = [red for red in one.reds if red.reading.code not in crossed]
    return ("score-red", reds[0].reading, max(red.at for red in reds)) if reds else None
