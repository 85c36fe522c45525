"""Measured levels of one patient: a fit to them after doses typed by hand or read from the record, what speaks against it, and a dose for a
target. The dose is a proposal: nothing is stored, ordered or given; whoever wants it writes an order and signs it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from openinfusion.app import chart
from openinfusion.app.bedside import state_of
from openinfusion.app.kinetic_facts import Asked, drugs_of, facts_from
from openinfusion.app.ports import Ports
from openinfusion.app.present.kinetic_drawing import Band, Line, Picture, figure, time_text
from openinfusion.app.present.numbers import quantity, unit_text
from openinfusion.app.present.words import Translate, plain
from openinfusion.core.errors import CommandRefused
from openinfusion.core.finding import Finding
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.comparison import traced, typical
from openinfusion.core.pharmacokinetics.edge import quantity as quantity_of
from openinfusion.core.pharmacokinetics.estimate import FURTHEST, found, unfit
from openinfusion.core.pharmacokinetics.fit import Fit
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Status
from openinfusion.core.pharmacokinetics.outlook import Solved
from openinfusion.core.pharmacokinetics.parameters import Epochs
from openinfusion.core.pharmacokinetics.patient_facts import read_person
from openinfusion.core.pharmacokinetics.recommend import Recommendation
from openinfusion.core.pharmacokinetics.refusal import lacking, refuse, refuse_all
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.samples import Observed, read
from openinfusion.core.pharmacokinetics.target import Auc, Target, Trough
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.kinetics import load_kinetics

_BAND_TIMES = 46
"""So many times a thousand possible patients are still computed without a compiler."""
_AHEAD = 3
_MOST_DOSES = 200
_MOMENT, _HOUR, _YEAR, _YEARS, _DAY_BEFORE = "1 s", "1 h", "366 d", "3660 d", "-1 d"
_THIS, _TYPICAL = "this patient, fitted", "typical patient with these facts"
_POSSIBLE = "nine of ten courses that the levels leave possible"
_FROM_HERE = "from here as proposed"
_TITLE = "Levels of {drug}: measured and fitted"
_AUC, _TROUGH = "auc", "trough"
KINDS = (_AUC, _TROUGH)


@dataclass(frozen=True, slots=True)
class DoseLine:
    """A dose as it was typed: an amount, over a time or at once, from a start, once or repeated."""

    amount: str
    over: str = ""
    start: str | datetime = "0 h"
    every: str = ""
    n: str = ""
    route: str = "IV"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new dose should reach, and how it can be given; an empty `wanted` asks for none."""

    kind: str = _AUC
    wanted: str = ""
    low: str = ""
    high: str = ""
    every: str = ""
    over: str = ""
    step: str = ""
    steady: bool = True


@dataclass(frozen=True, slots=True)
class Entered:
    """All that was typed on the page of levels. `zero` is when the first dose began, for times that are written by the clock."""

    model: Model
    asked: tuple[Asked, ...]
    doses: tuple[DoseLine, ...]
    levels: tuple[tuple[str | datetime, str], ...]
    lloq: str = ""
    zero: datetime | None = None
    from_record: bool = False
    wish: Wish = Wish()


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One level: when, what was measured, what the typical and the fitted patient have, how many standard deviations apart."""

    at: str
    measured: str
    of_typical: str
    fitted: str
    apart: str
    is_far: bool


@dataclass(frozen=True, slots=True)
class Proposed:
    """A dose to propose, in words; `probability` is empty where the target has no range."""

    dose: str
    every: str
    over: str
    flow: str
    exact: str
    first: str
    achieved: str
    band: str
    probability: str
    findings: tuple[Finding, ...]
    limited_by: str


@dataclass(frozen=True, slots=True)
class Levels:
    """A fit with everything to judge it by. `proposed` is None where no dose was asked for, or `refused` says why there is none."""

    model: Model
    picture: Picture
    samples: tuple[SampleRow, ...]
    parameters: tuple[tuple[str, str, str, str], ...]
    findings: tuple[Finding, ...]
    is_believed: bool
    zero: datetime | None
    proposed: Proposed | None = None
    refused: tuple[Finding, ...] = ()


def fittable() -> tuple[Model, ...]:
    """The models that measured levels may be fitted by, by drug."""
    found = [model for model in load_kinetics().models.values() if model.status is Status.COMPLETE]
    return tuple(sorted(found, key=lambda model: (model.file.drug, model.id)))


def recorded_sessions(ports: Ports, patient: str, model: Model) -> tuple[str, ...]:
    """The sessions of a patient in which the model's drug flowed, oldest first."""
    begun = []
    for one in chart.therapies(ports, patient).sessions:
        state = state_of(ports, one.id)
        if state.plan is None or not state.segments:
            continue
        if model.file.drug in drugs_of(ports.library.of_hash(state.plan.content_hash).protocol):
            begun.append((min(segment.start for segment in state.segments), one.id))
    return tuple(session for _, session in sorted(begun))


def fitted_levels(ports: Ports, patient: str, entered: Entered, translate: Translate = plain, *, may_propose: bool = False) -> Levels:
    """Fit one patient to levels. Raises CommandRefused with every reason; what refuses only the dose stands in the answer."""
    model = entered.model
    refuse_all((*unfit(model), *_unbounded(entered)))
    regimen, zero = _regimen(ports, patient, entered)
    person = read_person(model, facts_from(entered.asked))
    samples = read(_in_order(entered, zero), model.file.units.concentration, entered.lloq or None)
    course = regimen.course(model, person.covariates[0])
    fit = Fit(person, regimen, course, samples, found(person, course, samples, may_compile=False))
    made = Levels(
        model=model,
        picture=_picture(fit, regimen, None, translate),
        samples=_samples(fit, translate),
        parameters=_parameters(fit),
        findings=fit.findings,
        is_believed=fit.is_believed,
        zero=zero,
    )
    return _with_dose(ports, made, fit, entered.wish, translate) if may_propose and entered.wish.wanted else made


def _unbounded(entered: Entered) -> Iterator[Finding]:
    """Times that nobody means, and that would keep the page busy: before the first dose by more than a day, after it by more than years, a
    dose that is not over when the next one begins."""
    wish = entered.wish
    for line in entered.doses:
        yield from _outside(line.over, "over", _MOMENT, line.every or _YEAR)
        yield from _outside(line.every, "every", _MOMENT, _YEAR)
        yield from _outside(line.start, "start", _DAY_BEFORE, _YEARS)
    for at, _ in entered.levels:
        yield from _outside(at, "time", _DAY_BEFORE, _YEARS)
    if wish.wanted:
        yield from _outside(wish.every, "every", _HOUR, _YEAR)
        yield from _outside(wish.over, "over", _MOMENT, wish.every or _YEAR)


def _outside(text: str | datetime, field: str, low: str, high: str) -> Iterator[Finding]:
    """A time outside its bounds; what cannot be read is refused elsewhere."""
    if not text or isinstance(text, datetime):
        return
    given, least, most = quantity_of(text, field, "h"), quantity_of(low, field, "h"), quantity_of(high, field, "h")
    if not least <= given <= most:
        yield lacking("pk.time-out-of-bounds", field=field, given=given, low=least, high=most)


def _regimen(ports: Ports, patient: str, entered: Entered) -> tuple[Regimen, datetime | None]:
    """What was given: from the record, by hand, or both, on one clock."""
    sessions = recorded_sessions(ports, patient, entered.model) if entered.from_record else ()
    states = [state_of(ports, session) for session in sessions]
    starts = [segment.start for state in states for segment in state.segments]
    zero = min(starts, default=entered.zero)
    regimen = Regimen()
    for session, state in zip(sessions, states, strict=True):
        strength = None if state.plan is None else state.plan.concentration
        one = Regimen.from_events(ports.log.read(f"session/{session}"), since=zero, strength=strength)
        regimen = replace(regimen, entries=(*regimen.entries, *one.entries), findings=(*regimen.findings, *one.findings))
    for line in entered.doses:
        regimen = _added(regimen, line, zero)
    if not regimen.entries:
        refuse("pk.no-doses")
    return regimen, zero


def _added(regimen: Regimen, line: DoseLine, zero: datetime | None) -> Regimen:
    """One typed line more."""
    start, every = _hours(line.start, zero), line.every or None
    n = None if not every else _count(line.n)
    if line.over:
        return regimen.infuse(line.amount, over=line.over, route=line.route, start=start, every=every, n=n)
    return regimen.dose(line.amount, route=line.route, start=start, every=every, n=n)


def _count(text: str) -> int:
    if not text.strip().isdecimal() or int(text) > _MOST_DOSES:
        refuse("pk.impossible-number", n=text or "–")
    return int(text)


def _hours(at: str | datetime, zero: datetime | None) -> str:
    """A time after the first dose; one by the clock needs the clock time of the first dose."""
    if isinstance(at, str):
        return at or "0 h"
    if zero is None:
        refuse("pk.unreadable", field="time", text=at.isoformat(sep=" ", timespec="minutes"))
    hours = (at - zero).total_seconds() / 3600
    refuse_all(tuple(_outside(f"{hours:.6f} h", "time", _DAY_BEFORE, _YEARS)))
    return f"{hours:.6f} h"


def _in_order(entered: Entered, zero: datetime | None) -> list[Observed]:
    return [(_hours(at, zero), level) for at, level in entered.levels]


def _samples(fit: Fit, translate: Translate) -> tuple[SampleRow, ...]:
    unit = unit_text(fit.person.model.file.units.concentration, translate)
    usual = typical(fit.person, fit.regimen).concentration(fit.samples.measured.time_h)[:, 0]
    rows = []
    for n, (at, value) in enumerate(zip(fit.samples.times, fit.samples.values, strict=True)):
        below, apart = bool(fit.samples.measured.below[n]), float(fit.residuals[n])
        rows.append(
            SampleRow(
                at=time_text(float(at.to("h").value), translate),
                measured=("< " if below else "") + quantity(value, translate),
                of_typical=f"{figure(float(usual[n]))} {unit}",
                fitted=f"{figure(float(fit.predicted[n]))} {unit}",
                apart="–" if below else f"{round(apart, 1) + 0.0:+.1f}",
                is_far=not below and abs(apart) > FURTHEST,
            )
        )
    return tuple(rows)


def _parameters(fit: Fit) -> tuple[tuple[str, str, str, str], ...]:
    """Each parameter that varies: of the typical patient, of this one, and their ratio in per cent."""
    usual, own = fit.person.parameters(np.zeros((1, len(fit.person.names)))), fit.parameters
    first = usual.parameters[-1] if isinstance(usual, Epochs) else usual
    found = []
    for name in fit.person.model.etas:
        if name in own:
            before, now = float(np.ravel(first[name])[0]), float(np.ravel(own[name])[0])
            found.append((name, figure(before), figure(now), f"{100 * now / before - 100:+.0f} %"))
    return tuple(found)


def _picture(fit: Fit, regimen: Regimen, until_h: float | None, translate: Translate) -> Picture:
    """The fitted patient with a band, the typical one, the levels and the doses."""
    model = fit.person.model
    own = Solved(model, fit.held, regimen.course(model, fit.person.covariates[0]))
    last = max(float(fit.samples.measured.time_h[-1]) * 1.1, _last(own)) + 1.0
    until = until_h or last
    curves = ((_THIS, traced("", own, until, 0.0)), (_TYPICAL, traced("", typical(fit.person, regimen), until, 0.0)))
    lines = [Line(translate(label), *_drawn(one.time_h, one.level)) for label, one in curves]
    points = tuple((float(t), float(v)) for t, v in zip(fit.samples.measured.time_h, fit.samples.measured.value, strict=True))
    title = translate(_TITLE).format(drug=model.file.drug)
    band, doses = _band(fit, regimen, own, until), own.given(until)
    return Picture(title, own.unit, tuple(lines), band, doses=doses, points=points, band_label=translate(_POSSIBLE))


def _drawn(times: Array, level: Array) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(float(one) for one in times), tuple(float(one) for one in level)


def _last(own: Solved) -> float:
    ends = [float(edge) for one in own.course for edge in (*one.start_h, *one.stop_h) if np.isfinite(edge)]
    return max(ends, default=0.0)


def _band(fit: Fit, regimen: Regimen, own: Solved, until: float) -> Band | None:
    """What the levels leave possible, at few enough times to be computed at once; none where the search did not settle."""
    if not fit.is_settled:
        return None
    edges = own.breaks(0.0, until)
    kept = edges[: max(0, _BAND_TIMES - 24)]
    times = np.union1d(np.linspace(0.0, until, _BAND_TIMES - len(kept)), kept)
    said = fit.predict(regimen, times)
    return Band(*(tuple(float(one) for one in row) for row in (said.time_h, said.lower, said.upper)))


def _with_dose(ports: Ports, made: Levels, fit: Fit, wish: Wish, translate: Translate) -> Levels:
    """The same with a dose to propose, or with what refuses one."""
    limits = _limits(ports, made.model)
    try:
        found = fit.recommend(
            _target(wish), every=wish.every, over=wish.over or None, limits=limits, steady=wish.steady, step=wish.step or None
        )
    except CommandRefused as refused:
        return replace(made, refused=tuple(refused.findings))
    after = _AHEAD * float(found.plan.giving.every.to("h").value)
    longer = fit.regimen
    for start in np.arange(_AHEAD) * float(found.plan.giving.every.to("h").value) + found.plan.first_h:
        longer = _one_more(longer, found, float(start))
    drawn = _picture(fit, longer, found.plan.first_h + after, translate)
    picture = replace(drawn, now_h=found.plan.first_h, now_label=translate(_FROM_HERE))
    return replace(made, picture=picture, proposed=_proposed(found, limits, translate))


def _one_more(regimen: Regimen, found: Recommendation, start_h: float) -> Regimen:
    start, giving = Quantity(f"{start_h:.6f}", "h"), found.plan.giving
    if giving.over is None:
        return regimen.dose(found.dose, route=found.plan.route, start=start)
    return regimen.infuse(found.dose, over=giving.over, route=found.plan.route, start=start)


def _target(wish: Wish) -> Target:
    low, high = wish.low or None, wish.high or None
    return Trough(wish.wanted, low=low, high=high) if wish.kind == _TROUGH else Auc(wish.wanted, low=low, high=high)


def _limits(ports: Ports, model: Model) -> Protocol | None:
    """The protocol of this house for the model's drug into a vein, whose limits bound a proposal."""
    held = (one.protocol for one in ports.library.entries().values())
    return next((one for one in held if model.file.drug in drugs_of(one) and one.route.value == "IV"), None)


def _proposed(found: Recommendation, limits: Protocol | None, translate: Translate) -> Proposed:
    giving, unit = found.plan.giving, unit_text(found.wanted.unit, translate)
    band = "" if found.band is None else f"{_short(found.band[0])} – {_short(found.band[1])} {unit}"
    return Proposed(
        dose=quantity(found.dose, translate),
        every=quantity(giving.every, translate),
        over="" if giving.over is None else quantity(giving.over, translate),
        flow="" if found.flow is None else f"{_short(found.flow)} {unit_text(found.flow.unit, translate)}",
        exact=f"{_short(found.exact)} {unit_text(found.exact.unit, translate)}",
        first=time_text(found.plan.first_h, translate),
        achieved=f"{_short(found.achieved)} {unit}",
        band=band,
        probability="" if found.probability is None else f"{100 * found.probability:.0f} %",
        findings=found.findings,
        limited_by="" if limits is None else f"{limits.title} {limits.version}",
    )


def _short(value: Quantity) -> str:
    return figure(float(value.value))


def message_ids() -> tuple[str, ...]:
    """Every English text of this room, for the translation files."""
    return (_THIS, _TYPICAL, _POSSIBLE, _FROM_HERE, _TITLE)
