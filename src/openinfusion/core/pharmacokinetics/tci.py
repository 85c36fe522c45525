"""Target-controlled infusion as a simulation and for teaching: the rate of each step of ten seconds that keeps plasma or effect site at a
target.

Rates are in closed form from the exponential modes of a linear model (`citations.TARGET_CONTROLLED`). For plasma the level at the end of
each step is the target. For the effect site each step is as fast as it can be without the level there ever passing the target, if nothing
more were given: the greatest rate for which the peak still to come is the target. No rate is ever sent to a pump, and none is below nothing
or above the greatest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp, isfinite
from typing import Final

import numpy as np

from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.disposition import Micro, Modes, micro, modes
from openinfusion.core.pharmacokinetics.layout import CENTRAL, EFFECT_RATE
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.parameters import Parameters
from openinfusion.core.pharmacokinetics.refusal import lacking, refuse, refuse_all, shown

STEP_H: Final = 10.0 / 3600.0
_APART: Final = 1e-5
"""Relatively nearer rates are moved apart by this: their closed form would divide by nothing."""
_NEAR: Final = 1e-4
"""A last step so short, relatively, leaves less than 1e-11 of the ratio: at its least it changes with the square only."""
_ROUNDS: Final = 60

CODES: Mapping[str, tuple[str, ...]] = {
    "pk.tci-simulation-only": (),
    "pk.tci-rate-limited": ("greatest", "first", "steps"),
    "pk.tci-not-linear": ("model",),
    "pk.tci-one-patient": (),
    "pk.tci-no-effect-site": (),
    "pk.tci-unknown-site": ("word",),
    "pk.tci-target": ("number",),
    "pk.tci-target-order": ("number",),
    "pk.tci-no-target": (),
    "pk.tci-greatest-rate": (),
    "pk.tci-duration": (),
}


class Site(StrEnum):
    """Where the target is to be kept."""

    PLASMA = "plasma"
    EFFECT = "effect"


@dataclass(frozen=True, slots=True)
class Kinetics:
    """One patient's linear kinetics as modes: `rates_h` per hour, and how much a unit in each counts for the level in plasma and at the
    effect site (empty without one). Rates that fall together are moved apart by some 1e-5."""

    rates_h: tuple[float, ...]
    plasma: tuple[float, ...]
    effect: tuple[float, ...]

    @classmethod
    def of(cls, model: Model, parameters: Parameters) -> "Kinetics":
        """The modes of one patient's model; refused where it is not linear or there are more patients."""
        if not model.is_linear:
            refuse("pk.tci-not-linear", model=model.id)
        if parameters.n != 1:
            refuse("pk.tci-one-patient")
        found = _apart(micro(model, parameters))
        rates = [float(rate) for rate in found.rates[:, 0]]
        per_volume = model.concentration_factor / float(found.constants.volume[0])
        plasma = [per_volume * float(np.ravel(found.part(mode, CENTRAL, CENTRAL))[0]) for mode in range(len(rates))]
        if not model.layout.has_effect:
            return cls(tuple(rates), tuple(plasma), ())
        ke0 = float(parameters[EFFECT_RATE][0]) / model.hours_per_unit
        while any(abs(ke0 - rate) < _APART * ke0 for rate in rates):
            ke0 *= 1.0 + 2.0 * _APART
        effect = [part * ke0 / (ke0 - rate) for part, rate in zip(plasma, rates, strict=True)]
        return cls((*rates, ke0), (*plasma, 0.0), (*effect, -sum(effect)))

    def at(self, site: Site) -> tuple[float, ...]:
        """The weights of one site; refused for an effect site that the model does not have."""
        if site is Site.EFFECT and not self.effect:
            refuse("pk.tci-no-effect-site")
        return self.effect if site is Site.EFFECT else self.plasma


def _apart(constants: Micro) -> Modes:
    """The modes, with compartments that return a little sooner until no two fall together."""
    found = modes(constants)
    while bool(found.is_close.any()):
        back = tuple(rate * (1.0 + 2.0 * place * _APART) for place, rate in enumerate(found.constants.back, 1))
        found = modes(replace(found.constants, back=back))
    return found


Modal = tuple[float, ...]
"""The state: how much is in each mode, in the model's amount."""


@dataclass(frozen=True, slots=True)
class Aim:
    """From a time on, the level that is to be kept, in the model's unit of concentration."""

    start_h: float
    level: float


@dataclass(frozen=True, slots=True)
class Controlled:
    """What a controller would do: at `time_h` (t,) the levels and what was given in all, and between two times the rate, (t - 1,) per hour.

    It is a simulation; its first finding says so."""

    time_h: Array
    rate: Array
    plasma: Array
    effect: Array | None
    given: Array
    findings: tuple[Finding, ...]


class Controller:
    """The steps of one length: what decays, and what a rate of one adds to each mode."""

    __slots__ = ("_added", "_decay", "_gain", "_guess_h", "_weights", "kinetics", "site", "step_h")

    def __init__(self, kinetics: Kinetics, site: Site, step_h: float = STEP_H) -> None:
        self.kinetics, self.site, self.step_h = kinetics, site, step_h
        self._decay = tuple(exp(-rate * step_h) for rate in kinetics.rates_h)
        self._added = tuple((1.0 - kept) / rate for kept, rate in zip(self._decay, kinetics.rates_h, strict=True))
        weights = kinetics.at(site)
        self._weights = tuple(weight * kept for weight, kept in zip(weights, self._decay, strict=True))
        self._gain = tuple(weight * added for weight, added in zip(weights, self._added, strict=True))
        self._guess_h = 0.0

    def rate(self, state: Modal, target: float) -> float:
        """The rate per hour for the next step, as if no pump had a limit; never below nothing."""
        later = [weight * amount for weight, amount in zip(self._weights, state, strict=True)]
        if self.site is Site.PLASMA:
            return max(0.0, (target - sum(later)) / sum(self._gain))
        if target <= sum(later):
            return 0.0
        rate, self._guess_h = least_ratio(self.kinetics.rates_h, target, later, self._gain, self._guess_h)
        return max(0.0, rate)

    def after(self, state: Modal, rate: float) -> Modal:
        """The state at the end of a step at a rate."""
        return tuple(amount * kept + rate * added for amount, kept, added in zip(state, self._decay, self._added, strict=True))


def least_ratio(
    rates_h: Sequence[float], target: float, free: Sequence[float], gain: Sequence[float], guess_h: float
) -> tuple[float, float]:
    """The least of (target - free(t)) / gain(t) over t from 0, and when: the greatest input whose peak does not pass the target.

    Both are sums of exponentials with these rates. Newton's steps on the slope, kept between bounds; the last, short one is made by the
    slope alone.
    """
    low, high, t = -1.0, float("inf"), guess_h
    f, g = 0.0, 1.0
    for _ in range(_ROUNDS):
        f, g, slope, bend = _slope(rates_h, target, free, gain, t)
        if t == 0.0 and slope <= 0.0:
            break
        if slope > 0.0:
            low = t
        else:
            high = t
        step = -slope / bend if bend < 0.0 else float("inf")
        if abs(step) <= _NEAR * t:
            return (target - f) / g - 0.5 * slope * step / (g * g), t + step
        moved = t + step
        if not max(low, 0.0) < moved < high:
            at_start, beyond = 0.5 * (low + high) if low >= 0.0 else 0.0, 2.0 * max(t, 0.05 / max(rates_h))
            moved = at_start if high < float("inf") else beyond
        t = moved
    return (target - f) / g, t


def _slope(rates_h: Sequence[float], target: float, free: Sequence[float], gain: Sequence[float], t: float) -> tuple[float, ...]:
    """F and G at a time; of the ratio's slope what has its opposite sign, F' G + (T - F) G', and how that changes, F'' G + (T - F) G''."""
    f = f1 = f2 = g = g1 = g2 = 0.0
    for rate, one, other in zip(rates_h, free, gain, strict=True):
        kept = exp(-rate * t)
        a, b = one * kept, other * kept
        f += a
        g += b
        a *= rate
        b *= rate
        f1 -= a
        g1 -= b
        f2 += rate * a
        g2 += rate * b
    return f, g, f1 * g + (target - f) * g1, f2 * g + (target - f) * g2


def peak_h(kinetics: Kinetics) -> float:
    """When the effect site is highest after a dose at once into nothing: the exact peak of the unit response."""
    weights = kinetics.at(Site.EFFECT)
    return least_ratio(kinetics.rates_h, 1.0, [0.0] * len(weights), weights, 0.0)[1]


def effect_bolus(kinetics: Kinetics, target: float, state: Modal | None = None) -> float:
    """The dose at once after which the effect site rises to the target and not above it, in the model's amount."""
    weights = kinetics.at(Site.EFFECT)
    inside = state or (0.0,) * len(weights)
    free = [weight * amount for weight, amount in zip(weights, inside, strict=True)]
    return max(0.0, least_ratio(kinetics.rates_h, target, free, weights, 0.0)[0])


def controlled(kinetics: Kinetics, site: Site, aims: Sequence[Aim], until_h: float, greatest_rate: float) -> Controlled:
    """What a controller would do from time zero on. `greatest_rate` is what the pump delivers at most, in amount per hour; where it binds,
    a finding says so. Refused: targets that are no numbers, below nothing or out of order, and no time or rate at all."""
    refuse_all(list(_problems(aims, until_h, greatest_rate)))
    controller, state = Controller(kinetics, site), (0.0,) * len(kinetics.rates_h)
    steps = int(np.ceil(until_h / STEP_H - 1e-9))
    rate, path, bound, place = np.empty(steps), [state], list[int](), -1
    for step in range(steps):
        while place + 1 < len(aims) and aims[place + 1].start_h <= step * STEP_H + 1e-9:
            place += 1
        wanted = controller.rate(state, aims[place].level) if place >= 0 else 0.0
        rate[step] = min(wanted, greatest_rate)
        if wanted > greatest_rate:
            bound.append(step)
        state = controller.after(state, float(rate[step]))
        path.append(state)
    levels = np.array(path)
    effect = levels @ np.array(kinetics.effect) if kinetics.effect else None
    given = np.append(0.0, np.cumsum(rate * STEP_H))
    time_h = np.arange(steps + 1, dtype=np.float64) * STEP_H
    return Controlled(time_h, rate, levels @ np.array(kinetics.plasma), effect, given, _findings(bound, greatest_rate))


def _findings(bound: Sequence[int], greatest_rate: float) -> tuple[Finding, ...]:
    said = (Finding("pk.tci-simulation-only", Level.INFO),)
    if not bound:
        return said
    params: dict[str, Param] = {"greatest": f"{greatest_rate:.6g}", "first": shown(bound[0] * STEP_H, "h"), "steps": len(bound)}
    return (*said, Finding("pk.tci-rate-limited", Level.CAUTION, params))


def _problems(aims: Sequence[Aim], until_h: float, greatest_rate: float) -> Iterator[Finding]:
    if not aims:
        yield lacking("pk.tci-no-target")
    for number, aim in enumerate(aims, 1):
        if not (isfinite(aim.level) and isfinite(aim.start_h)) or aim.level < 0 or aim.start_h < 0:
            yield lacking("pk.tci-target", number=number)
        elif number > 1 and not aim.start_h > aims[number - 2].start_h:
            yield lacking("pk.tci-target-order", number=number)
    if not isfinite(greatest_rate) or greatest_rate <= 0:
        yield lacking("pk.tci-greatest-rate")
    if not isfinite(until_h) or until_h <= 0:
        yield lacking("pk.tci-duration")
