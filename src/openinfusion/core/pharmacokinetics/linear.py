"""Linear models in closed form: each input's response as a sum of exponentials, superposed. Exact for any steps of rate and any times.

Chains of transit compartments, parameters that change and rates that fall together have no such form; `oddlinear` solves those.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array, Mask
from openinfusion.core.pharmacokinetics.course import Course, Doses
from openinfusion.core.pharmacokinetics.disposition import Modes, micro, modes
from openinfusion.core.pharmacokinetics.engine import Loops
from openinfusion.core.pharmacokinetics.inflow import Past, Steps, duration_h, inflow, is_shared, lag_h, share, steps
from openinfusion.core.pharmacokinetics.layout import CENTRAL, EFFECT_RATE, Way
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Uptake
from openinfusion.core.pharmacokinetics.parameters import Parameters
from openinfusion.core.pharmacokinetics.response import Poles, Response, are_close
from openinfusion.core.pharmacokinetics.state import State
from openinfusion.core.pharmacokinetics.superposition import Feed, route, superposed

EFFECT = "effect"
CONCENTRATION = "concentration"
FEW = 16
"""Fewer patients than this are sooner solved at all times together than step by step."""
Target = int | str
"""What is asked for: the amount in a compartment by its place, `CONCENTRATION` or `EFFECT`."""


@dataclass(frozen=True)
class LinearSystem:
    """A linear model with the parameters of n patients: its exponentials, and what a unit put in anywhere leads to."""

    model: Model
    parameters: Parameters
    modes: Modes
    poles: Poles = field(default_factory=dict)

    @classmethod
    def of(cls, model: Model, parameters: Parameters) -> "LinearSystem":
        """The system; its models have no transit compartments."""
        found = modes(micro(model, parameters))
        poles = {f"mode {place}": rate for place, rate in enumerate(found.rates)}
        per_h = 1.0 / model.hours_per_unit
        for way in model.layout.ways:
            if way.stages:
                poles[way.key] = parameters[f"{way.key}.ka"] * per_h
        if model.layout.has_effect:
            poles[EFFECT] = parameters[EFFECT_RATE] * per_h
        return cls(model, parameters, found, poles)

    def is_close(self, wants_effect: bool) -> Mask:
        """The patients whose closed form does not hold since two rates fall together."""
        names = [name for name in self.poles if wants_effect or name != EFFECT]
        found, before = self.modes.is_close, list(self.modes.rates)
        for name in names[len(before) :]:
            others = [*self.modes.rates, *([self.poles[EFFECT]] if wants_effect and name != EFFECT else [])]
            found = found | are_close(self.poles[name], others)
        return found

    def from_compartment(self, into: int, target: Target) -> Response:
        """What a unit in a compartment of the disposition leads to."""
        of = target if isinstance(target, int) else CENTRAL
        n = self.parameters.n
        weights = {f"mode {place}": np.broadcast_to(self.modes.part(place, of, into), (n,)) for place in range(len(self.modes.rates))}
        amount = Response(weights)
        if isinstance(target, int):
            return amount
        level = amount.times(self.model.concentration_factor / self.modes.constants.volume)
        return level.through(EFFECT, self.poles) if target == EFFECT else level

    def from_way(self, way: Way, target: Target) -> Response | None:
        """What a unit given by a way leads to, None where it never gets there."""
        arrived = self._from_entry(way, target)
        return arrived if arrived is None or not way.key else arrived.times(share(way, self.parameters))

    def _from_entry(self, way: Way, target: Target) -> Response | None:
        if isinstance(target, int) and target >= self.model.layout.disposition:
            return Response({way.key: np.ones(self.parameters.n)}) if way.stages and way.entry == target else None
        arrived = self.from_compartment(CENTRAL, target)
        return arrived.through(way.key, self.poles) if way.stages else arrived

    def from_state(self, place: int, target: Target) -> Response | None:
        """What a unit of the state leads to: an amount in a compartment, or the level at the effect site."""
        layout = self.model.layout
        if place == len(layout.compartments):
            return Response({EFFECT: np.ones(self.parameters.n)}) if target == EFFECT else None
        if place < layout.disposition:
            return self.from_compartment(place, target) if not isinstance(target, int) or target < layout.disposition else None
        return self._from_entry(next(way for way in layout.ways if way.stages and way.entry == place), target)


def feeds(system: LinearSystem, course: Course, target: Target, start: State | None) -> Iterator[Feed]:
    """Every input with what it leads to."""
    if start is not None:
        at = Steps(np.array([np.nextafter(start.time_h, -np.inf)]), np.ones((1, 1)), np.zeros((1, 1)))
        for place, amounts in enumerate(start.amounts):
            response = system.from_state(place, target)
            if response is not None and bool(np.any(amounts)):
                yield Feed(response.times(amounts), at)
    for doses in course:
        for way in system.model.layout.of(doses.route):
            response = system.from_way(way, target)
            if response is not None and len(doses):
                yield from _fed(system, way, doses, response, start)


def _fed(system: LinearSystem, way: Way, doses: Doses, response: Response, start: State | None) -> Iterator[Feed]:
    """The input of one way; with a delay of its own for each patient where delays differ."""
    lag, even = lag_h(system.model, way, system.parameters), 0.0
    if way.kind is Uptake.ZERO_ORDER:
        lengths = duration_h(system.model, way, system.parameters)
        if not is_shared(lengths):
            yield from _even(response, doses, lag, lengths)
            return
        even = float(lengths[0])
    common = is_shared(lag)
    arriving = inflow(way, doses, float(lag[0]) if common else 0.0, even, spread=0.0 if common else float(np.max(lag)))
    if start is not None:
        arriving = arriving.since(start.time_h)
    shift = None if common else lag
    if len(arriving.start_h):
        yield Feed(response, steps(arriving), shift)
    for past in arriving.past:
        at = Steps(np.array([np.nextafter(past.at_h, -np.inf)]), np.ones((1, 1)), np.zeros((1, 1)))
        yield Feed(_echo(response, past, system.poles), at, shift)


def _even(response: Response, doses: Doses, lag: Array, lengths: Array) -> Iterator[Feed]:
    """An even uptake of a length for each patient: it begins, and is taken back when it ends."""
    begins = Steps(doses.start_h, np.zeros_like(doses.amount), np.cumsum(doses.amount, axis=0))
    yield Feed(response.times(1.0 / lengths), begins, lag)
    yield Feed(response.times(-1.0 / lengths), begins, lag + lengths)


def _echo(response: Response, past: Past, poles: Poles) -> Response:
    """What doses repeated from ever have left when the last has arrived: a geometric sum for each exponential."""
    weights = {}
    for name, weight in response.weights.items():
        rate = poles[name]
        flowed = past.rate / rate * -np.expm1(-rate * past.length_h) * np.exp(-rate * (past.ago_h - past.length_h))
        weights[name] = weight * (past.amount * np.exp(-rate * past.ago_h) + flowed) / -np.expm1(-rate * past.period_h)
    return Response(weights)


def superpose(found: list[Feed], poles: Poles, times_h: Array, loops: Loops, out: Array) -> None:
    """Write `out[time, patient]`: what all inputs lead to at times (t,), or (t, n) where each patient has their own."""
    together = [feed for feed in found if feed.shift_h is None]
    when, is_first = times_h[:, None] if times_h.ndim == 1 else times_h, True
    if together:
        sum_ = superposed(together, poles)
        if times_h.ndim == 1 and out.shape[1] >= FEW:
            loops.shared(sum_, route(times_h, sum_.at_h), out)
        else:
            loops.scattered(sum_, when, np.zeros(1), out, is_first=True)
        is_first = False
    for feed in found:
        if feed.shift_h is not None:
            loops.scattered(superposed([feed], poles), when, feed.shift_h, out, is_first=is_first)
            is_first = False


def areas(found: list[Feed], poles: Poles, times_h: Array, loops: Loops, out: Array) -> None:
    """Write the area under what all inputs lead to, from before the first of them: what went in times its whole area, less what is left."""
    parts = [feed.response.integral(poles) for feed in found]
    left = [Feed(response.times(-1.0), feed.steps, feed.shift_h) for feed, (response, _) in zip(found, parts, strict=True)]
    superpose(left, poles, times_h, loops, out)
    when = times_h[:, None] if times_h.ndim == 1 else times_h
    for feed, (_, whole) in zip(found, parts, strict=True):
        out += whole * feed.steps.given(when if feed.shift_h is None else when - feed.shift_h)
