"""Which dose would bring a fitted patient to a target: found exactly where the model is linear, made deliverable, held within limits, and
given with what it would reach and how probably. A proposal, never an order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from openinfusion.core.errors import CommandRefused
from openinfusion.core.finding import Finding, Level
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course, Doses
from openinfusion.core.pharmacokinetics.delivery import Giving, Limits, deliverable
from openinfusion.core.pharmacokinetics.dose_search import Infeasible, curved, straight
from openinfusion.core.pharmacokinetics.fit import MOST_LIKELY_90, Fit
from openinfusion.core.pharmacokinetics.outlook import Repeated, Solved
from openinfusion.core.pharmacokinetics.parameters import Epochs, Parameters
from openinfusion.core.pharmacokinetics.person import Person
from openinfusion.core.pharmacokinetics.refusal import refuse, shown
from openinfusion.core.pharmacokinetics.target import Target
from openinfusion.core.prescribing.flow import Bolus, Given, Segment
from openinfusion.core.prescribing.rule import Order
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity, UnitError

Outcome = Callable[[float], Array]
"""The target's value for each possible patient, the most probable one first, by the size of each dose."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How and from when doses would be given, and whether the target is judged once nothing changes any more."""

    giving: Giving
    route: str
    first_h: float
    steady: bool = False

    @property
    def repeated(self) -> Repeated:
        """The doses in hours."""
        over = 0.0 if self.giving.over is None else float(self.giving.over.to("h").value)
        return Repeated(self.route, self.first_h, float(self.giving.every.to("h").value), over, self.steady)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A dose to propose. `exact` reaches the target, `dose` is what of it can be given within the limits, `achieved` what that reaches in
    the most probable patient, `band` the middle nine tenths of what remains possible, `probability` that of the target's range, if it has
    one. `residual` is what earlier doses alone leave. A pharmacist proposes it and a prescriber signs it: `proposal`."""

    dose: Quantity
    exact: Quantity
    plan: Plan
    flow: Quantity | None
    volume: Quantity | None
    wanted: Quantity
    residual: Quantity
    achieved: Quantity
    band: tuple[Quantity, Quantity] | None
    probability: float | None
    findings: tuple[Finding, ...]


def recommend(fit: Fit, target: Target, plan: Plan, limits: Protocol | Order | None = None) -> Recommendation:
    """The dose for a target. Raises CommandRefused where the fit is not believed, the target cannot be reached, or no dose is left."""
    if not fit.is_believed:
        raise CommandRefused([one for one in fit.findings if one.level.rank >= Level.MISSING.rank])
    scale = scale_of(target, fit.person.model.file.units.concentration)
    outlooks = _outlooks(fit, target, plan)
    residual, exact = _searched(outlooks, target, scale)
    given = _given(fit, plan, limits, shown(exact, fit.person.model.file.units.amount))
    if given.dose is None:
        raise CommandRefused(given.findings)
    reached = outlooks.possible(float(given.dose.value))
    aim = target.aim
    values = [shown(float(value) / scale, aim.wanted.unit) for value in (residual, reached[0])]
    findings = (*fit.findings, *given.findings, *_foreign(fit, plan, limits), *_missed(target, values[1]))
    return Recommendation(
        dose=given.dose,
        exact=given.exact,
        plan=plan,
        flow=plan.giving.flow(given.dose),
        volume=plan.giving.volume(given.dose),
        wanted=aim.wanted,
        residual=values[0],
        achieved=values[1],
        band=_band(reached[1:] / scale, aim.wanted.unit),
        probability=float(np.mean(aim.reached(reached[1:], scale))) if aim.has_range and len(reached) > 1 else None,
        findings=findings,
    )


def scale_of(target: Target, concentration: str) -> float:
    """One unit of a target in that of its values; refused where it cannot meet the model's concentrations."""
    try:
        return target.scale(concentration)
    except UnitError:
        refuse("pk.wrong-unit", field="target", given=target.aim.wanted, expected=(concentration,))


@dataclass(frozen=True, slots=True)
class _Outlooks:
    """How the target depends on the dose: in all that is possible, in the most probable patient, and whether by a straight line."""

    possible: Outcome
    likely: Outcome
    is_straight: bool
    usual: float


def _outlooks(fit: Fit, target: Target, plan: Plan) -> _Outlooks:
    person, etas = fit.possible(plan.first_h)
    is_straight = person.model.is_linear and target.is_linear
    usual = _usual(fit.course)
    possible = _outcome(fit, person.parameters(etas), target, plan)
    if is_straight:
        none = possible(0.0)
        each = (possible(usual) - none) / usual
        return _Outlooks(lambda dose: none + dose * each, lambda dose: none[:1] + dose * each[:1], is_straight, usual)
    return _Outlooks(possible, _outcome(fit, person.parameters(etas[:1]), target, plan), is_straight, usual)


def _outcome(fit: Fit, parameters: Parameters | Epochs, target: Target, plan: Plan) -> Outcome:
    """The target's values by dose, for some sets of parameters, after what was given before."""
    repeated = plan.repeated
    offsets = target.window(repeated.every_h)
    window = (plan.first_h + offsets[0], plan.first_h + offsets[1])
    unit, before = repeated.course(window[1]), Course(()) if plan.steady else fit.course.until(plan.first_h)
    return lambda dose: target.measure(Solved(fit.person.model, parameters, before.with_(unit.scaled(dose))), window)


def _usual(course: Course) -> float:
    """A dose of the size that was given before, by which a straight line is measured without loss of digits."""
    sizes = [np.max(np.where(one.stop_h > one.start_h, _amounts(one), one.amount[:, 0])) for one in course if len(one)]
    return float(max(sizes, default=1.0)) or 1.0


def _amounts(doses: Doses) -> Array:
    lasts = np.where(np.isfinite(doses.stop_h), doses.stop_h - doses.start_h, 1.0)
    return np.asarray(doses.rate[:, 0] * lasts, dtype=np.float64)


def _searched(outlooks: _Outlooks, target: Target, scale: float) -> tuple[float, float]:
    """What earlier doses leave and the exact dose, or a refusal that names how far the target is."""
    wanted = float(target.aim.wanted.value) * scale
    search = straight if outlooks.is_straight else curved
    found = search(lambda dose: float(outlooks.likely(dose)[0]), wanted, outlooks.usual)
    if isinstance(found, Infeasible):
        refuse(f"pk.{found.why.value}", target=target.aim.wanted, reached=shown(found.value / scale, target.aim.wanted.unit))
    return float(outlooks.likely(0.0)[0]), found


@dataclass(frozen=True, slots=True)
class _Given:
    exact: Quantity
    dose: Quantity | None
    findings: tuple[Finding, ...]


def _given(fit: Fit, plan: Plan, limits: Protocol | Order | None, exact: Quantity) -> _Given:
    """What of the exact dose can be delivered within the limits."""
    held = None if limits is None else Limits.of(limits, weight_of(fit.person), history(fit.course, plan.first_h, exact.unit))
    made = deliverable(exact, plan.giving, lambda dose: () if held is None else held.check(dose, plan.giving))
    return _Given(exact, made.dose, made.findings)


def _foreign(fit: Fit, plan: Plan, limits: Protocol | Order | None) -> Iterator[Finding]:
    """Limits that were written for another drug or route than the proposal's."""
    if limits is None:
        return
    protocol, drug = limits.protocol if isinstance(limits, Order) else limits, fit.person.model.file.drug
    if drug and drug.casefold() not in {one.casefold() for one in (protocol.drug.generic, *protocol.drug.ingredients)}:
        yield Finding("pk.limits-of-another-drug", Level.CAUTION, {"protocol": protocol.id, "drug": drug})
    if protocol.route.value != plan.route:
        yield Finding("pk.limits-of-another-route", Level.CAUTION, {"protocol": protocol.id, "route": str(plan.route)})


def weight_of(person: Person) -> Quantity | None:
    """The body mass, where the model has exactly one covariate of that kind or names one to dose by."""
    file = person.model.file
    masses = [name for name, covariate in file.covariates.items() if covariate.unit in ("kg", "[lb_av]")]
    name = file.body.get("kg") or (masses[0] if len(masses) == 1 else None)
    return None if name is None else shown(float(np.ravel(person.covariates[-1][name])[0]), file.covariates[name].unit)


def history(course: Course, first_h: float, unit: str) -> tuple[Given, ...]:
    """What was given before the first proposed dose, at times relative to it, for limits on totals."""
    found: list[Given] = []
    for doses in course.until(first_h):
        for n in range(len(doses)):
            start, stop = (shown(float(edge[n]) - first_h, "h") for edge in (doses.start_h, doses.stop_h))
            if doses.stop_h[n] > doses.start_h[n]:
                found.append(Segment(start, stop, shown(float(doses.rate[n, 0]), f"{unit}/h")))
            else:
                found.append(Bolus(start, shown(float(doses.amount[n, 0]), unit)))
    return tuple(found)


def next_due(course: Course, every_h: float, last_sample_h: float) -> float:
    """When the next dose would be due: one interval after the last one began, not before its end; of a flow without an end, at the last
    sample, when it would be changed."""
    if any(len(one) and not np.isfinite(one.stop_h[-1]) for one in course):
        return max(last_sample_h, 0.0)
    ends = [float(np.max(one.stop_h)) for one in course if len(one)]
    begins = [float(one.start_h[-1]) for one in course if len(one)]
    return max([*ends, *(begin + every_h for begin in begins)], default=0.0)


def _missed(target: Target, achieved: Quantity) -> tuple[Finding, ...]:
    low, high = target.aim.low, target.aim.high
    if (low is None or achieved >= low) and (high is None or achieved <= high):
        return ()
    return (Finding("pk.target-missed", Level.CAUTION, {"achieved": achieved, "low": low, "high": high}),)


def _band(values: Array, unit: str) -> tuple[Quantity, Quantity] | None:
    if not len(values):
        return None
    low, high = np.quantile(values, MOST_LIKELY_90)
    return shown(float(low), unit), shown(float(high), unit)
