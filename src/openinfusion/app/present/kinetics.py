"""Answers of kinetics as JSON and as plain lines. It computes nothing; every answer says that it is a simulation or a proposal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from openinfusion.app.present.findings import finding, finding_json, level_word
from openinfusion.app.present.kinetic_drawing import figure, time_text
from openinfusion.app.present.numbers import quantity, quantity_json, unit_text
from openinfusion.core.finding import Finding
from openinfusion.core.quantity import Quantity

if TYPE_CHECKING:
    from openinfusion.app.kinetic_library import Listed
    from openinfusion.app.kinetic_protocol import Told
    from openinfusion.app.kinetics import Estimated, Simulated, Surveyed
    from openinfusion.core.pharmacokinetics.control import Control
    from openinfusion.core.pharmacokinetics.fit import Prediction
    from openinfusion.core.pharmacokinetics.model import Model
    from openinfusion.core.pharmacokinetics.population import Subgroup
    from openinfusion.core.pharmacokinetics.recommend import Recommendation
    from openinfusion.protocols.kinetics import AbsentModel

Plain = None | bool | int | float | str | Sequence["Plain"] | Mapping[str, "Plain"]
"""An answer of kinetics: the one place where a number of JSON is a float and not a text."""

SIMULATED = "A simulation: what the model expects of patients like those it was built on. It is no order, and nothing is given by it."
PROPOSED = "A proposal, not an order: a pharmacist proposes it and a prescriber signs it."
_TAKEN = "Taken because nobody said it: {taken}."
_NOT_BELIEVED = "The fit is shown, but no dose may follow from it."
_ROWS, _ROWS_OF_CONTROL = 13, 11
_STILL = 9


def model_json(one: "Listed") -> dict[str, Plain]:
    """One model: what it is for, its domain and where it comes from."""
    file = one.model.file
    covariates: dict[str, Plain] = {
        name: {"unit": fact.unit, "low": fact.low, "high": fact.high, "reference": fact.reference, "meaning": fact.meaning}
        for name, fact in file.covariates.items()
    }
    return {
        "id": file.id,
        "drug": file.drug,
        "status": one.model.status.value,
        "routes": [via.value for via in one.routes],
        "population": file.population,
        "units": {"time": file.units.time, "amount": file.units.amount, "concentration": file.units.concentration},
        "covariates": covariates,
        "varies": [*one.model.etas],
        "varies_by_occasion": [*one.model.kappas],
        "citation": file.citation,
    }


def absent_json(one: "AbsentModel") -> dict[str, Plain]:
    """A model that was looked for and is not here."""
    return {"drug": one.drug, "routes": [via.value for via in one.routes], "reason": one.reason}


def model_lines(models: Iterable["Listed"], absent: Iterable["AbsentModel"]) -> Iterator[str]:
    """The list of models, and what is absent with the reason."""
    for one in models:
        yield f"{one.model.id}: {one.model.file.drug}, {'/'.join(via.value for via in one.routes)}, {one.model.status.value}"
    for gone in absent:
        yield f"absent: {gone.drug}, {'/'.join(via.value for via in gone.routes)}: {gone.reason}"


def model_details(one: "Listed") -> Iterator[str]:
    """One model in lines."""
    file = one.model.file
    yield f"{file.id}: {file.drug}, {'/'.join(via.value for via in one.routes)}, {one.model.status.value}"
    yield f"built on: {file.population}"
    for name, fact in file.covariates.items():
        unit = "" if fact.unit == "1" else f" {unit_text(fact.unit)}"
        low, high, typical = ("–" if value is None else f"{value:g}" for value in (fact.low, fact.high, fact.reference))
        yield f"  {name}: {fact.meaning or name}, {low} to {high}{unit}, typical {typical}"
    yield f"differs between patients: {', '.join(one.model.etas) or 'nothing is known'}"
    yield file.citation


def simulated_json(made: "Simulated") -> dict[str, Plain]:
    """One patient's course, its amounts and areas, in the model's units."""
    course, unit = made.course, made.course.model.file.units.concentration
    answer: dict[str, Plain] = {
        **_head(course.model),
        "time_h": floats(course.time_h),
        "concentration": floats(course.concentration),
        "amounts": {name: floats(values) for name, values in course.amounts.items()},
        "areas": [{"begin": begin, "end": end, "area": area, "unit": f"{unit}.h"} for begin, end, area in made.areas],
    }
    if course.model.layout.has_effect:
        answer["effect"] = floats(course.effect)
    return {**answer, **_told_json(made.told), "findings": _findings_json(course.findings), "notice": SIMULATED}


def simulated_lines(made: "Simulated") -> Iterator[str]:
    """One patient's course at a few times, and the areas asked for."""
    course, unit = made.course, unit_text(made.course.model.file.units.concentration)
    yield from _told_lines(made.told)
    for place in _places(len(course.time_h)):
        yield f"{time_text(float(course.time_h[place])):>10}  {figure(float(course.concentration[place]))} {unit}"
    for begin, end, area in made.areas:
        yield f"area from {begin} to {end}: {figure(area)} {unit}·h"
    yield from _last(course.findings, SIMULATED)


def surveyed_json(made: "Surveyed") -> dict[str, Plain]:
    """A population: percentiles, how many of each group reach each target, and a row of doses."""
    counts, people = made.found.survey, made.people
    names = [f"{one:g}" for one in people.percentiles]
    percentiles: dict[str, Plain] = {name: floats(row) for name, row in zip(names, made.found.percentiles(people.percentiles), strict=True)}
    targets: list[Plain] = [
        {"target": _plain(asked.model_dump(exclude_none=True)), "groups": [_group_json(one, made) for one in made.found.attainment(place)]}
        for place, asked in enumerate(people.targets)
    ]
    answer: dict[str, Plain] = {
        **_head(counts.population.model),
        "patients": counts.population.n,
        "seed": counts.population.seed,
        "time_h": floats(counts.time_h),
        "percentiles": percentiles,
        "targets": targets,
    }
    if made.swept is not None and people.sweep is not None:
        answer["sweep"] = {
            "target": _plain(people.sweep.target.model_dump(exclude_none=True)),
            "every": people.sweep.every,
            "doses": [
                {"dose": dose, "groups": [_group_json(one, made) for one in made.swept.attainment(place)]}
                for place, dose in enumerate(people.sweep.doses)
            ],
        }
    return {**answer, **_told_json(made.told), "findings": _findings_json(counts.regimen.findings), "notice": SIMULATED}


def surveyed_lines(made: "Surveyed") -> Iterator[str]:
    """A population at a few times, and how many reach what."""
    counts, people = made.found.survey, made.people
    unit = unit_text(counts.population.model.file.units.concentration)
    yield from _told_lines(made.told)
    yield f"{counts.population.n} patients of {counts.population.model.id}, seed {counts.population.seed}; {unit}"
    yield f"{'percentile':>10}  " + "  ".join(f"{one:>8g}" for one in people.percentiles)
    rows = made.found.percentiles(people.percentiles)
    for place in _places(len(counts.time_h)):
        yield f"{time_text(float(counts.time_h[place])):>10}  " + "  ".join(f"{figure(float(row[place])):>8}" for row in rows)
    for place, asked in enumerate(people.targets):
        yield f"target {asked.kind} {asked.low or '–'} to {asked.high or '–'}:"
        yield from (_group_line(one, made) for one in made.found.attainment(place))
    if made.swept is not None and people.sweep is not None:
        for place, dose in enumerate(people.sweep.doses):
            yield f"{dose} every {people.sweep.every}, {people.sweep.target.kind}:"
            yield from (_group_line(one, made) for one in made.swept.attainment(place))
    yield from _last(counts.regimen.findings, SIMULATED)


def estimated_json(made: "Estimated") -> dict[str, Plain]:
    """A fit: parameters, deviations, samples with their residuals, and the band where one was asked for."""
    fit = made.fit
    answer: dict[str, Plain] = {
        **_head(fit.person.model),
        "parameters": {name: float(fit.parameters[name][0]) for name in fit.parameters},
        "etas": {name: float(value) for name, value in fit.eta.items()},
        "covariance": [floats(row) for row in fit.covariance],
        "samples": [
            {
                "time": quantity_json(time),
                "measured": quantity_json(value),
                "below_quantification": bool(below),
                "predicted": float(predicted),
                "residual": None if below else float(residual),
            }
            for time, value, below, predicted, residual in zip(
                fit.samples.times, fit.samples.values, fit.samples.measured.below, fit.predicted, fit.residuals, strict=True
            )
        ],
        "deviance": fit.deviance,
        "believed": fit.is_believed,
    }
    if made.band is not None:
        answer["band"] = _band_json(made.band)
    return {**answer, "findings": _findings_json(fit.findings), "notice": SIMULATED}


def estimated_lines(made: "Estimated") -> Iterator[str]:
    """A fit in a few lines."""
    fit, unit = made.fit, unit_text(made.fit.person.model.file.units.concentration)
    for name, value in fit.eta.items():
        yield f"{name}: {figure(float(fit.parameters[name.partition('@')[0]][0]))} (eta {value:+.3f})"
    rows = zip(fit.samples.times, fit.samples.values, fit.samples.measured.below, fit.predicted, fit.residuals, strict=True)
    for time, measured, below, predicted, residual in rows:
        apart = "below quantification" if below else f"{residual:+.2f} standard deviations"
        told = f"{'<' if below else ''}{quantity(measured)}"
        yield f"{quantity(time):>10}  measured {told}, fitted {figure(float(predicted))} {unit}, {apart}"
    if not fit.is_believed:
        yield _NOT_BELIEVED
    yield from _last(fit.findings, SIMULATED)


def recommended_json(made: "Estimated", proposal: "Recommendation") -> dict[str, Plain]:
    """A proposed dose with the fit it rests on."""
    given: dict[str, Quantity | None] = {
        "dose": proposal.dose,
        "exact": proposal.exact,
        "every": proposal.plan.giving.every,
        "over": proposal.plan.giving.over,
        "flow": proposal.flow,
        "volume": proposal.volume,
        "wanted": proposal.wanted,
        "residual": proposal.residual,
        "achieved": proposal.achieved,
    }
    answer: dict[str, Plain] = {name: None if value is None else quantity_json(value) for name, value in given.items()}
    answer |= {
        "route": proposal.plan.route,
        "first_h": proposal.plan.first_h,
        "band": None if proposal.band is None else [quantity_json(one) for one in proposal.band],
        "probability": proposal.probability,
        "findings": _findings_json(proposal.findings),
    }
    return {"proposal": answer, "fit": estimated_json(made), "notice": PROPOSED}


def recommended_lines(proposal: "Recommendation") -> Iterator[str]:
    """A proposed dose in a few lines."""
    over = "" if proposal.plan.giving.over is None else f" over {quantity(proposal.plan.giving.over)}"
    first = time_text(proposal.plan.first_h)
    yield f"{quantity(proposal.dose)} every {quantity(proposal.plan.giving.every)}{over}, {proposal.plan.route}, from {first} on"
    band = "" if proposal.band is None else f", nine of ten between {_rounded(proposal.band[0])} and {_rounded(proposal.band[1])}"
    yield f"reaches {_rounded(proposal.achieved)} of {quantity(proposal.wanted)} wanted{band}"
    if proposal.probability is not None:
        yield f"probability of the range: {proposal.probability:.2f}"
    yield f"exactly it would be {_rounded(proposal.exact)}; earlier doses leave {_rounded(proposal.residual)}"
    yield from _last(proposal.findings, PROPOSED)


def controlled_json(made: "Control") -> dict[str, Plain]:
    """Each step of a simulated controller."""
    course, units = made.course, made.model.file.units
    return {
        **_head(made.model),
        "site": made.site.value,
        "time_h": floats(course.time_h),
        "rate": floats(course.rate),
        "rate_unit": f"{units.amount}/h",
        "plasma": floats(course.plasma),
        "effect": None if course.effect is None else floats(course.effect),
        "given": floats(course.given),
        "amount_unit": units.amount,
        "peak_h": made.peak_h,
        "first_dose": made.first_dose,
        "findings": _findings_json(course.findings),
        "notice": SIMULATED,
    }


def controlled_lines(made: "Control") -> Iterator[str]:
    """A simulated controller at a few times."""
    course, units = made.course, made.model.file.units
    level, amount = unit_text(units.concentration), unit_text(units.amount)
    for place in _places(len(course.time_h), _ROWS_OF_CONTROL):
        rate = figure(round(float(course.rate[min(place, len(course.rate) - 1)]), _STILL))
        effect = "" if course.effect is None else f", effect site {figure(float(course.effect[place]))} {level}"
        plasma, given = figure(float(course.plasma[place])), figure(float(course.given[place]))
        at = time_text(float(course.time_h[place]))
        yield f"{at:>10}  {rate} {amount}/h, plasma {plasma} {level}{effect}, {given} {amount} given"
    yield from _last(course.findings, SIMULATED)


def floats(values: Iterable[float]) -> list[Plain]:
    """Numbers of an array as JSON has them; what is no number is null."""
    return [float(one) if abs(one) < float("inf") else None for one in values]


def _head(model: "Model") -> dict[str, Plain]:
    return {
        "model": model.id,
        "drug": model.file.drug,
        "status": model.status.value,
        "unit": model.file.units.concentration,
        "amount_unit": model.file.units.amount,
        "citation": model.file.citation,
    }


def _band_json(band: "Prediction") -> dict[str, Plain]:
    return {
        "time_h": floats(band.time_h),
        "concentration": floats(band.concentration),
        "lower": floats(band.lower),
        "median": floats(band.median),
        "upper": floats(band.upper),
        "levels": [*band.levels],
    }


def _told_json(told: "Told | None") -> dict[str, Plain]:
    if told is None:
        return {}
    protocol = told.protocol.protocol
    answer: dict[str, Plain] = {"id": protocol.id, "version": protocol.version, "taken": {**told.taken}}
    if told.planned is not None and told.dose is not None:
        answer |= {"dose": quantity_json(told.dose), "sessions_h": floats(told.planned.sessions_h)}
    return {"protocol": answer}


def _told_lines(told: "Told | None") -> Iterator[str]:
    if told is None:
        return
    if told.planned is not None and told.dose is not None:
        yield f"{told.protocol.protocol.id}: {quantity(told.dose)}, {len(told.planned.sessions_h)} sessions, by {told.model.id}"
    if told.taken:
        yield _TAKEN.format(taken=", ".join(f"{name} {value}" for name, value in told.taken.items()))


def _group_json(group: "Subgroup", made: "Surveyed") -> dict[str, Plain]:
    found: dict[str, Plain] = {"n": group.n, "reached": group.reached, "probability": group.probability}
    if group.covariate:
        unit = made.found.survey.population.model.file.covariates[group.covariate].unit
        return {"covariate": group.covariate, "low": group.low, "high": group.high, "unit": unit, **found}
    return found


def _group_line(group: "Subgroup", made: "Surveyed") -> str:
    share = "nobody" if group.probability is None else f"{group.probability:.3f}"
    if not group.covariate:
        return f"  everybody: {share} ({group.reached} of {group.n})"
    unit = unit_text(made.found.survey.population.model.file.covariates[group.covariate].unit)
    return f"  {group.covariate} {group.low:g} to {group.high:g} {unit}: {share} ({group.reached} of {group.n})"


def _findings_json(findings: Iterable[Finding]) -> list[Plain]:
    return [finding_json(one) for one in findings]


def _last(findings: Iterable[Finding], notice: str) -> Iterator[str]:
    for one in findings:
        yield f"[{level_word(one.level)}] {finding(one).text}"
    yield notice


def _places(count: int, rows: int = _ROWS) -> Sequence[int]:
    """A few places of a row, both ends among them."""
    few = min(count, rows)
    return [round(n * (count - 1) / max(few - 1, 1)) for n in range(few)]


def _rounded(value: Quantity) -> str:
    return f"{figure(float(value.value))} {unit_text(value.unit)}"


def _plain(told: Mapping[str, object]) -> dict[str, Plain]:
    return {name: str(value) for name, value in told.items()}
