"""What to do in an emergency, step by step, with this patient's doses and running clocks. It never refuses, shows a range, or waits.

Emergency treatment is exempt from every gate: whatever is unknown, there is exactly one dose, and its basis stands beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openinfusion.core.administration.session import SessionState
from openinfusion.core.figure import Source
from openinfusion.core.patient import duration
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import AgeDose, EpinephrineDoses, EpinephrineScheme, ResponseScript, ResponseStep, WeightCap

EPINEPHRINE = "epinephrine"
ANAPHYLAXIS = "cx.anaphylaxis"


class DoseBasis(StrEnum):
    """What an emergency dose was found by."""

    WEIGHT = "weight"
    AGE = "age"
    AGE_OF_OTHER_SCHEME = "age-of-other-scheme"
    ADULT = "adult"


@dataclass(frozen=True, slots=True)
class EmergencyDose:
    """One dose to give now. `exact` is the rule's own result, `dose` what the syringe can measure, `volume` its volume; `scheme` is the one
    that was used, `rows_of` the scheme whose age row was taken."""

    dose: Quantity
    volume: Quantity
    exact: Quantity
    basis: DoseBasis
    scheme: str
    rows_of: str
    repeat_after: Quantity
    repeat_latest: Quantity | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """One step as it stands now. `amounts` are the step's figures, per body mass worked out where the weight is known; `due_at` is when it
    comes again, `latest_at` by when it is best done, `goes_on_with` the complication whose script goes on from here."""

    id: str
    n: int
    amounts: Mapping[str, Quantity]
    dose: EmergencyDose | None
    per_standing_order: bool
    ticked_at: datetime | None
    due_at: datetime | None
    sources: tuple[Source, ...]
    latest_at: datetime | None = None
    goes_on_with: str = ""


@dataclass(frozen=True, slots=True)
class RunningScript:
    """A response in progress: its clock, its steps in order, the doses given, when the next is due, and whether more help is called for."""

    script: str
    complication: str
    opened_at: datetime | None
    steps: tuple[ScriptStep, ...]
    doses_given: tuple[datetime, ...]
    repeat_at: datetime | None
    repeat_latest_at: datetime | None
    is_refractory: bool


def emergency_dose(table: EpinephrineDoses, scheme: str, weight: Quantity | None, age: Quantity | None) -> EmergencyDose:
    """The one dose of epinephrine for a patient, in mg, by the scheme of the site: by weight, else by age, else the adult dose.

    A scheme that goes by age takes its age row first. Of a range that no standing order fixes, the upper end. A weight of nothing or less,
    and an age below nothing, are unknown. A scheme that the table does not hold is answered by the table's first.
    """
    used = _scheme(table, scheme) or table.schemes[0]
    weight = known_mass(weight)
    age = age if age is not None and age.is_like("a") and age.value >= 0 else None
    rows_from = used if used.ages else _scheme(table, used.ages_of or "")
    row = _age_row(rows_from.ages, age) if rows_from is not None and age is not None else None
    if weight is not None and not (used.age_first and row is not None):
        found, basis, sources, rows_of = _by_weight(used, weight), DoseBasis.WEIGHT, used.per_mass.sources, ""
    elif row is not None and rows_from is not None:
        basis = DoseBasis.AGE if rows_from is used else DoseBasis.AGE_OF_OTHER_SCHEME
        found, sources, rows_of = _row_dose(row, used), _row_sources(row), rows_from.id
    else:
        found, basis, sources, rows_of = used.adult.quantity, DoseBasis.ADULT, used.adult.sources, ""
    return _measured(table, used, found.to("mg"), (basis, rows_of, sources))


def respond(table: ResponseScript, dose: EmergencyDose | None, state: SessionState, weight: Quantity | None) -> RunningScript:
    """The script of a complication as it stands: what was ticked and when, each dose, and the time of the next one."""
    opened = opened_at(table, state)
    given = tuple(sorted(one.at for one in state.emergency_drugs if one.given.drug == EPINEPHRINE))
    last = given[-1] if given else None
    repeat_at = last + duration(dose.repeat_after) if last is not None and dose is not None else None
    latest = last + duration(dose.repeat_latest) if last is not None and dose is not None and dose.repeat_latest is not None else None
    now = _Standing(state, weight, opened, repeat_at)
    steps = tuple(_step(table, step, dose, now) for step in _for_this_patient(table, weight))
    return RunningScript(
        script=table.name,
        complication=table.complication,
        opened_at=opened,
        steps=steps,
        doses_given=given,
        repeat_at=repeat_at,
        repeat_latest_at=latest,
        is_refractory=_is_refractory(table.steps, len(given)),
    )


def opened_at(table: ResponseScript, state: SessionState) -> datetime | None:
    """When the script was last opened: by charting its complication, or by treating a reaction as anaphylaxis."""
    opened = [reaction.emergency_at for reaction in state.reactions if reaction.emergency_at is not None]
    treated = opened if table.complication == ANAPHYLAXIS else []
    charted = [at for code, at in state.complications_at.items() if code == table.complication]
    return max([*treated, *charted], default=None)


def ticked_at(script: str, step: str, state: SessionState, opened: datetime | None) -> datetime | None:
    """When a step, or a call, was ticked; a tick from before the script was opened again is over."""
    at = state.steps.get(f"{script}/{step}")
    return None if at is None or (opened is not None and at < opened) else at


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a step is worked out against."""

    state: SessionState
    weight: Quantity | None
    opened: datetime | None
    repeat_at: datetime | None


def _for_this_patient(table: ResponseScript, weight: Quantity | None) -> tuple[ResponseStep, ...]:
    """The steps in order, without those for another body mass; all of them while the weight is unknown."""
    steps = sorted(table.steps, key=lambda step: step.n)
    known = known_mass(weight)
    return tuple(step for step in steps if known is None or _is_for(step, known))


def _is_for(step: ResponseStep, weight: Quantity) -> bool:
    since, until = step.since_mass, step.until_mass
    return (since is None or weight >= since.quantity) and (until is None or weight < until.quantity)


def known_mass(weight: Quantity | None) -> Quantity | None:
    """A body mass that can be reckoned with: of nothing or less, it is unknown."""
    return weight if weight is not None and weight.is_like("kg") and weight.value > 0 else None


def _scheme(table: EpinephrineDoses, name: str) -> EpinephrineScheme | None:
    return next((scheme for scheme in table.schemes if scheme.id == name), None)


def _by_weight(scheme: EpinephrineScheme, weight: Quantity) -> Quantity:
    """The dose per body mass up to the scheme's cap for that weight; never above the adult dose."""
    caps = [cap.most.quantity for cap in scheme.caps if _is_capped(cap, weight)]
    return min([scheme.per_mass.quantity.times(weight, "mg"), scheme.adult.quantity, *caps])


def _is_capped(cap: WeightCap, weight: Quantity) -> bool:
    return (cap.below is None or weight < cap.below.quantity) and (cap.at_least is None or weight >= cap.at_least.quantity)


def _age_row(rows: Iterable[AgeDose], age: Quantity) -> AgeDose | None:
    since = (row for row in rows if row.since is None or age >= row.since.quantity)
    return next((row for row in since if row.until is None or age < row.until.quantity), None)


def _row_dose(row: AgeDose, scheme: EpinephrineScheme) -> Quantity:
    figure = row.dose or row.high
    return min(figure.quantity, scheme.adult.quantity) if figure is not None else scheme.adult.quantity


def _row_sources(row: AgeDose) -> tuple[Source, ...]:
    figure = row.dose or row.high
    return figure.sources if figure is not None else ()


def _measured(
    table: EpinephrineDoses, scheme: EpinephrineScheme, exact: Quantity, found: tuple[DoseBasis, str, tuple[Source, ...]]
) -> EmergencyDose:
    """The dose as the syringe can measure it; a dose too small for its step stays exact rather than become nothing."""
    basis, rows_of, sources = found
    concentration = table.concentration.quantity
    volume = exact.over(concentration, "mL")
    if table.volume_step is not None:
        measurable = volume.rounded(table.volume_step.quantity)
        volume = measurable if measurable.value > 0 else volume
    return EmergencyDose(
        dose=volume.times(concentration, "mg"),
        volume=volume,
        exact=exact,
        basis=basis,
        scheme=scheme.id,
        rows_of=rows_of,
        repeat_after=scheme.repeat.quantity,
        repeat_latest=scheme.repeat_latest.quantity if scheme.repeat_latest is not None else None,
        sources=sources,
    )


def _step(table: ResponseScript, step: ResponseStep, dose: EmergencyDose | None, now: _Standing) -> ScriptStep:
    gives = [one.id for one in sorted(table.steps, key=lambda one: one.n) if one.dose_from is not None]
    ticked = ticked_at(table.name, step.id, now.state, now.opened)
    again = ticked + duration(step.every.quantity) if ticked is not None and step.every is not None else None
    latest = now.opened + duration(step.within.quantity) if now.opened is not None and step.within is not None else None
    return ScriptStep(
        id=step.id,
        n=step.n,
        amounts={name: _for_weight(figure.quantity, now.weight) for name, figure in step.figures.items()},
        dose=dose if step.dose_from is not None else None,
        per_standing_order=step.per_standing_order,
        ticked_at=ticked,
        due_at=now.repeat_at if step.id in gives[1:] else again,
        sources=step.sources,
        latest_at=latest if ticked is None else None,
        goes_on_with=step.goes_on_with or "",
    )


_PER_MASS = "/kg"


def _for_weight(amount: Quantity, weight: Quantity | None) -> Quantity:
    """An amount per body mass for this patient; as it stands while the weight is unknown."""
    known = known_mass(weight)
    if known is None or _PER_MASS not in amount.unit:
        return amount
    return amount.times(known, amount.unit.replace(_PER_MASS, ""))


def _is_refractory(steps: Iterable[ResponseStep], given: int) -> bool:
    """Whether as many doses were given as the script calls appropriate before it calls for more help."""
    bounds = [step.figures["after_doses"].quantity.value for step in steps if "after_doses" in step.figures]
    return any(given >= bound for bound in bounds)
