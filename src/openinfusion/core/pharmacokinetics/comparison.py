"""What one way of giving a drug does to its level: how soon it counts, how high it rises, how long it stays. It compares
and prefers none."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.edge import Text, quantity
from openinfusion.core.pharmacokinetics.outlook import Solved
from openinfusion.core.pharmacokinetics.parameters import Epochs, impossible
from openinfusion.core.pharmacokinetics.person import Person
from openinfusion.core.pharmacokinetics.refusal import refuse, refuse_all
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.solve import Wanted, solve
from openinfusion.core.pharmacokinetics.target import grid, time_above

_FINER = 201
_FAINT = 0.05
_LONGEST_H = 24.0 * 7 * 52
_COARSE = 120


@dataclass(frozen=True, slots=True)
class Traced:
    """The level after one way of giving, of the typical patient: on a fine grid, and in figures. `onset_h` is when it first passes the
    level asked about, `last_h` when it is last above it; None where it never is. `area` counts from the start to the end of the grid."""

    name: str
    time_h: Array
    level: Array
    peak: float
    peak_h: float
    onset_h: float | None
    last_h: float | None
    above_h: float
    area: float
    unit: str


def typical(person: Person, regimen: Regimen) -> Solved:
    """The typical patient under a regimen. Raises CommandRefused for parameters that cannot be and routes that the model does not know."""
    parameters = person.parameters(np.zeros((1, len(person.names))))
    sets = parameters.parameters if isinstance(parameters, Epochs) else (parameters,)
    refuse_all([finding for one in sets for finding in impossible(one)])
    return Solved(person.model, parameters, regimen.course(person.model, person.covariates[0]))


def traced(name: str, outlook: Solved, until_h: float, above: float, *, at_effect: bool = False) -> Traced:
    """Follow one way of giving from zero until a time, asking when it is above a level in the model's unit. `at_effect` follows the effect
    site; refused for a model without one."""
    if at_effect and not outlook.model.layout.has_effect:
        refuse("pk.no-effect-site", model=outlook.model.id)
    wanted = Wanted.EFFECT if at_effect else Wanted.CONCENTRATION

    def levels(times_h: Array) -> Array:
        return np.asarray(solve(outlook.model, outlook.parameters, outlook.course, times_h, wanted=wanted)[:, 0], dtype=np.float64)

    times = grid(outlook, (0.0, until_h))
    course = levels(times)
    best = int(np.argmax(course))
    near = np.linspace(times[max(best - 1, 0)], times[min(best + 1, len(times) - 1)], _FINER)
    peaks = levels(near)
    top = int(np.argmax(peaks))
    is_finer = bool(peaks[top] > course[best])
    over = np.flatnonzero(course > above)
    return Traced(
        name=name,
        time_h=times,
        level=course,
        peak=float(peaks[top] if is_finer else course[best]),
        peak_h=float(near[top] if is_finer else times[best]),
        onset_h=_crossed(levels, times, int(over[0]) - 1, above) if len(over) else None,
        last_h=_crossed(levels, times, int(over[-1]), above) if len(over) else None,
        above_h=float(time_above(times, course[:, None], above)[0]),
        area=float(outlook.auc(0.0, until_h)[0]),
        unit=outlook.unit,
    )


def _crossed(levels: Callable[[Array], Array], times: Array, place: int, above: float) -> float:
    """When the level passes between a point and the next one; the end of the grid where it does not."""
    if place < 0 or place >= len(times) - 1:
        return float(times[max(place, 0)])
    near = np.linspace(times[place], times[place + 1], _FINER)
    side = levels(near) > above
    changes = np.flatnonzero(side[1:] != side[:-1])
    return float(near[changes[0] + 1]) if len(changes) else float(times[place + 1])


def settles_h(outlooks: tuple[Solved, ...], first_h: float = 12.0) -> float:
    """A time by which the level of each has fallen to a twentieth of its highest above where it began, by doubling; a year at most."""
    until = first_h
    while until < _LONGEST_H and any(_is_high(one, until) for one in outlooks):
        until *= 2.0
    return until


def _is_high(outlook: Solved, until_h: float) -> bool:
    course = outlook.concentration(np.linspace(0.0, until_h, _COARSE))[:, 0] - outlook.concentration(np.zeros(1))[0, 0]
    begun = [float(np.max(one.start_h)) for one in outlook.course if len(one)]
    return max(begun, default=0.0) >= until_h or bool(course[-1] > _FAINT * np.max(course))


def level_of(text: Text, unit: str) -> float:
    """A level in a unit of concentration; refused for another kind."""
    return float(quantity(text, "level", unit).to(unit).value)
