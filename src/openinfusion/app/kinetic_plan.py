"""The planned sessions of an order as doses for a kinetic model. It plans nothing itself and fills in no dose."""

from dataclasses import dataclass
from enum import StrEnum

from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.prescribing.order import Plan
from openinfusion.core.quantity import Quantity, ratio

MOST_SESSIONS = 12
"""So many sessions of a course are followed."""


class Unplanned(StrEnum):
    """Why a plan has no doses that are known beforehand."""

    NO_DOSE = "no-dose"
    ON_DEMAND = "on-demand"
    NO_STRENGTH = "no-strength"


@dataclass(frozen=True, slots=True)
class Planned:
    """The sessions of a plan as doses, when each begins, and until when one interval after the last goes; None for a single one."""

    regimen: Regimen
    sessions_h: tuple[float, ...]
    until_h: float | None


def planned(plan: Plan) -> Planned | Unplanned:
    """The first sessions of a plan, as they are planned."""
    if plan.dose is None or plan.rates is None:
        return Unplanned.NO_DOSE
    if plan.rates.on_demand is not None:
        return Unplanned.ON_DEMAND
    days = [(one.on - plan.course[0].on).days * 24.0 for one in plan.course][:MOST_SESSIONS] or [0.0]
    gap = days[-1] - days[-2] if len(days) > 1 else None
    dose = _amount(plan.dose.amount, plan.concentration)
    if dose is None:
        return Unplanned.NO_STRENGTH
    regimen = Regimen()
    for start in days:
        regimen = _given(regimen, plan, dose, start)
    return Planned(regimen, tuple(days), None if gap is None else days[-1] + gap)


def _amount(dose: Quantity, concentration: Quantity | None) -> Quantity | None:
    """The amount of drug of a dose; of one that is a volume by its concentration, None where that is not known."""
    if not dose.is_like("mL"):
        return dose
    if concentration is None:
        return None
    unit = next((one for one in ("mg", "[iU]", "mmol", "meq") if concentration.is_like(f"{one}/mL")), None)
    return None if unit is None else ratio(unit, (dose, concentration))


def _given(regimen: Regimen, plan: Plan, dose: Quantity, start_h: float) -> Regimen:
    """One session of a plan as doses: the ladder by the share that each rung delivers, portions by hand, or all of it at once."""
    rates, via = plan.rates, plan.route.value
    if rates is None:
        return regimen
    at = Quantity(str(start_h), "h")
    if rates.steps:
        whole = sum((step.volume for step in rates.steps[1:]), rates.steps[0].volume)
        for step in rates.steps:
            amount = ratio(dose.unit, (dose, step.volume), (whole,))
            regimen = regimen.infuse(amount, over=step.lasts, start=at + step.after_start.to("h"), route=via)
        return regimen
    if rates.boluses:
        whole = sum((one.volume for one in rates.boluses[1:]), rates.boluses[0].volume)
        for one in rates.boluses:
            portion = ratio(dose.unit, (dose, one.volume), (whole,))
            regimen = regimen.dose(portion, start=at + one.after_start.to("h"), route=via)
        return regimen
    return regimen.dose(dose, start=at, route=via)
