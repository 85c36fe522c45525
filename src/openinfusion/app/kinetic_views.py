"""What level an order or a session is expected to give: a curve, a band where the model allows one, figures, or in a line why there is
none.

It shows a simulation of a typical patient and changes nothing. The order's curve follows its plan, the session's what really flowed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from openinfusion.app.bedside import state_of
from openinfusion.app.kinetic_facts import Asked, covariates_of, facts_from, models_for, why_none
from openinfusion.app.kinetic_plan import Unplanned, planned
from openinfusion.app.ports import Ports
from openinfusion.app.present.kinetic_drawing import Band, Line, Picture, figure, time_text
from openinfusion.app.present.numbers import quantity, unit_text
from openinfusion.app.present.words import Translate, plain
from openinfusion.core.errors import CommandRefused
from openinfusion.core.finding import Finding
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.comparison import Traced, settles_h, traced, typical
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Status
from openinfusion.core.pharmacokinetics.outlook import Solved
from openinfusion.core.pharmacokinetics.patient_facts import Fact, read_person
from openinfusion.core.pharmacokinetics.population import Given
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.prescribing.order import Plan
from openinfusion.core.protocol import Protocol, Route
from openinfusion.core.quantity import Quantity

_PEOPLE, _SEED, _BAND = 200, 1, (5.0, 95.0)
_AFTER_H = 24.0
_IN_DAYS_H = 72.0
_NO_MODEL = "No level is shown: no model of {drug} by the route {route} has a source that was read."
_NOT_YET = "No level is shown: nothing of the drug was given yet."
_ON_DEMAND = "No level is shown: the patient asks for the doses, so they are not known beforehand."
_NO_DOSE = "No level is shown: the order has no dose or rate."
_NO_STRENGTH = "No level is shown: the dose is {dose}, and the order does not say how much of the drug that holds."
_UNPLANNED = {Unplanned.NO_DOSE: _NO_DOSE, Unplanned.ON_DEMAND: _ON_DEMAND, Unplanned.NO_STRENGTH: _NO_STRENGTH}
_TOO_SHORT = "No level is shown yet: the first minute is not over."
_TYPICAL, _OF_RECORD = "typical patient with these facts", "typical patient, from what flowed"
_TITLE, _TITLE_RECORD = "Expected level of {drug} by this order", "Expected level of {drug} by what was given"
_ROWS = (
    "Highest",
    "Lowest before the next session",
    "At the end of the curve",
    "Area under the curve",
)
_AFTER = "{level} after {at}"
_AREA = "{area} {unit} in {time}"
_ROWS_SHOWN = 9


@dataclass(frozen=True, slots=True)
class Expected:
    """A curve and its figures. `figures` are pairs of what and how much; `rows` a table of times with the typical level and the band."""

    model: Model
    picture: Picture
    figures: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, str], ...]
    asked: tuple[Asked, ...]
    findings: tuple[Finding, ...] = ()
    sessions: int = 1


@dataclass(frozen=True, slots=True)
class Lacking:
    """Why there is no curve: a reason in a line, or the findings that refused it; `asked` are the covariates that a person could write."""

    reason: str = ""
    findings: tuple[Finding, ...] = ()
    asked: tuple[Asked, ...] = field(default=())
    model: Model | None = None


def of_order(ports: Ports, patient: str, plan: Plan, written: Mapping[str, str], translate: Translate = plain) -> Expected | Lacking:
    """The level that the sessions of an order are expected to give, as they are planned."""
    protocol = ports.library.of_hash(plan.content_hash).protocol
    found = planned(plan)
    if isinstance(found, Unplanned):
        dose = "" if plan.dose is None else quantity(plan.dose.amount, translate)
        return Lacking(translate(_UNPLANNED[found]).format(dose=dose))
    title = translate(_TITLE).format(drug=protocol.drug.generic)
    asked = _Question(ports, patient, protocol, plan.route, written, translate)
    return _answered(asked, _Course(found.regimen, title, translate(_TYPICAL), found.until_h, found.sessions_h))


def of_session(ports: Ports, session: str, written: Mapping[str, str], now: datetime, translate: Translate = plain) -> Expected | Lacking:
    """The level that a session is expected to give by what its record says has flowed, until now or a day after its end."""
    state = state_of(ports, session)
    if state.plan is None or not state.segments:
        return Lacking(translate(_NOT_YET))
    protocol = ports.library.of_hash(state.plan.content_hash).protocol
    origin = min(one.start for one in state.segments)
    ends = [one.end for one in state.segments if one.end is not None]
    now_h = (now - origin).total_seconds() / 3600.0
    runs = any(one.end is None for one in state.segments)
    end_h = now_h if runs else (max(ends) - origin).total_seconds() / 3600.0 + _AFTER_H
    if end_h < 1 / 60:
        return Lacking(translate(_TOO_SHORT))
    try:
        regimen = Regimen.from_events(ports.log.read(f"session/{session}"), since=origin, strength=state.plan.concentration)
    except CommandRefused as refused:
        return Lacking(findings=tuple(refused.findings))
    title = translate(_TITLE_RECORD).format(drug=protocol.drug.generic)
    asked = _Question(ports, state.patient, protocol, state.plan.route, written, translate)
    return _answered(asked, _Course(regimen, title, translate(_OF_RECORD), end_h, (0.0,), None if runs else now_h))


@dataclass(frozen=True, slots=True)
class _Question:
    ports: Ports
    patient: str
    protocol: Protocol
    route: Route
    written: Mapping[str, str]
    translate: Translate


@dataclass(frozen=True, slots=True)
class _Course:
    regimen: Regimen
    title: str
    label: str
    until_h: float | None
    sessions_h: tuple[float, ...]
    now_h: float | None = None


def _answered(asked: _Question, course: _Course) -> Expected | Lacking:
    """By the first model that takes this patient; else what the first one refuses."""
    found = models_for(asked.protocol, asked.route)
    if not found:
        words = asked.translate(_NO_MODEL).format(drug=asked.protocol.drug.generic, route=asked.route.value)
        return Lacking(f"{words} {why_none(asked.protocol, asked.route)}".strip())
    refusals = []
    for model in found:
        covariates = covariates_of(asked.ports, asked.patient, model, asked.written)
        try:
            return _expected(model, covariates, course, asked.translate)
        except CommandRefused as refused:
            refusals.append(Lacking(findings=tuple(refused.findings), asked=covariates, model=model))
    return refusals[0]


def _expected(model: Model, asked: Sequence[Asked], course: _Course, translate: Translate) -> Expected:
    facts = facts_from(asked)
    outlook = typical(read_person(model, facts), course.regimen)
    until = course.until_h or settles_h((outlook,))
    curve = traced(course.label, outlook, until, 0.0)
    places = _places(curve)
    times = curve.time_h[places]
    band = _band(model, facts, course.regimen, times)
    line = Line(course.label, _floats(times), _floats(curve.level[places]))
    picture = Picture(course.title, curve.unit, (line,), band, doses=outlook.given(until), now_h=course.now_h)
    return Expected(
        model=model,
        picture=picture,
        figures=tuple(_figures(curve, outlook, course, translate)),
        rows=_rows(picture, translate),
        asked=tuple(asked),
        findings=course.regimen.findings,
        sessions=len(course.sessions_h),
    )


def _places(curve: Traced) -> list[int]:
    """Points enough for a drawing, with the highest one and each steep rise."""
    step = max(1, len(curve.time_h) // 240)
    rise = np.flatnonzero(np.abs(np.diff(curve.level)) > 0.03 * curve.peak)
    kept = {*range(0, len(curve.time_h), step), int(np.argmax(curve.level)), len(curve.time_h) - 1, *map(int, rise), *map(int, rise + 1)}
    return sorted(kept)


def _band(model: Model, facts: Mapping[str, Fact], regimen: Regimen, times: Array) -> Band | None:
    """What nine of ten patients with these facts would have; none where the model says nothing of how patients differ."""
    if model.status is not Status.COMPLETE:
        return None
    alike: dict[str, Given] = {name: value for name, value in facts.items() if isinstance(value, str | Quantity | int | float)}
    low, high = model.population(alike, _PEOPLE, _SEED).simulate(regimen, times).percentiles(_BAND)
    return Band(_floats(times), _floats(low), _floats(high))


def _figures(curve: Traced, outlook: Solved, course: _Course, translate: Translate) -> Sequence[tuple[str, str]]:
    unit = unit_text(curve.unit, translate)
    last_h = float(curve.time_h[-1])
    area, per = (curve.area / 24.0, "d") if last_h >= _IN_DAYS_H else (curve.area, "h")
    whole = translate(_AREA).format(area=figure(area), unit=f"{unit}·{per}", time=time_text(last_h, translate))
    last = f"{figure(float(curve.level[-1]))} {unit}"
    found = [(translate(_ROWS[0]), translate(_AFTER).format(level=f"{figure(curve.peak)} {unit}", at=time_text(curve.peak_h, translate)))]
    if len(course.sessions_h) > 1:
        before = outlook.concentration(np.array([*course.sessions_h[1:], float(curve.time_h[-1])]))[:, 0]
        found.append((translate(_ROWS[1]), f"{figure(float(before.min()))} {unit}"))
    return (*found, (translate(_ROWS[2]), last), (translate(_ROWS[3]), whole))


def _rows(picture: Picture, translate: Translate) -> tuple[tuple[str, str, str], ...]:
    """The curve as a table of a few times."""
    line, band = picture.lines[0], picture.band
    wanted = np.linspace(line.time_h[0], line.time_h[-1], _ROWS_SHOWN)
    unit, found = unit_text(picture.unit, translate), []
    for at in wanted:
        level = f"{figure(float(np.interp(at, line.time_h, line.level)))} {unit}"
        low, high = ("", "") if band is None else (figure(float(np.interp(at, band.time_h, one))) for one in (band.lower, band.upper))
        found.append((time_text(float(at), translate), level, f"{low} – {high}" if band else ""))
    return tuple(found)


def _floats(values: Array) -> tuple[float, ...]:
    return tuple(float(one) for one in values)


def with_window(picture: Picture, low: float, high: float) -> Picture:
    """The same picture with a window that is aimed at."""
    return replace(picture, window=(low, high))


def message_ids() -> tuple[str, ...]:
    """Every English text of this room, for the translation files."""
    reasons = (_NO_MODEL, _NOT_YET, _ON_DEMAND, _NO_DOSE, _NO_STRENGTH, _TOO_SHORT)
    return (*reasons, _TYPICAL, _OF_RECORD, _TITLE, _TITLE_RECORD, *_ROWS, _AFTER, _AREA)
