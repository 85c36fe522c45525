"""What arrives and when: the doses of a course after delay and share, by each way, and what a steady state did before the first of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course, Doses
from openinfusion.core.pharmacokinetics.layout import Way
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Uptake
from openinfusion.core.pharmacokinetics.parameters import Epochs, Parameters
from openinfusion.core.pharmacokinetics.refusal import refuse


@dataclass(frozen=True, slots=True)
class Past:
    """Doses every `period_h` from ever until the last that had arrived whole at `at_h`; it began to arrive `ago_h` before. An even one took
    `length_h` at `rate`, else it was an `amount`; both (1,) or (n,)."""

    at_h: float
    ago_h: float
    period_h: float
    length_h: float
    amount: Array
    rate: Array


@dataclass(frozen=True, slots=True)
class Inflow:
    """What arrives by one way, before its share is taken: k boluses of `amount`, or flows at `rate` until `stop_h`; (k, 1) or (k, n)."""

    way: Way
    start_h: Array
    stop_h: Array
    amount: Array
    rate: Array
    past: tuple[Past, ...] = ()

    def since(self, time_h: float) -> "Inflow":
        """What arrives from a time on, the bolus at that very time with it; the past is left out."""
        stays = (self.start_h >= time_h) | (self.stop_h > time_h)
        start = np.maximum(self.start_h[stays], time_h)
        return Inflow(self.way, start, self.stop_h[stays], self.amount[stays], self.rate[stays])


def share(way: Way, parameters: Parameters) -> Array:
    """The part of a dose that gets to the central compartment by this way, (n,)."""
    if not way.key:
        return np.ones(parameters.n)
    whole = parameters[f"{way.key}.F"]
    return whole * parameters[f"{way.key}.fraction"] * parameters[f"{way.route}.F"] if way.is_one_of_several else whole


def lag_h(model: Model, way: Way, parameters: Parameters) -> Array:
    """The delay before anything arrives, (n,)."""
    return parameters[f"{way.key}.lag"] * model.hours_per_unit if way.key else np.zeros(parameters.n)


def duration_h(model: Model, way: Way, parameters: Parameters) -> Array:
    """How long an even uptake lasts, (n,)."""
    return parameters[f"{way.key}.duration"] * model.hours_per_unit


def is_shared(values: Array) -> bool:
    """Whether all patients have the same value."""
    return bool(np.all(values == values[0]))


def are_shared(model: Model, parameters: Parameters | Epochs, course: Course) -> bool:
    """Whether all patients have the same delays and times of even uptake, so that one list of times serves all."""
    sets = parameters.parameters if isinstance(parameters, Epochs) else (parameters,)
    ways = [way for doses in course for way in model.layout.of(doses.route) if way.key]
    lags = [lag_h(model, way, one) for one in sets for way in ways]
    lengths = [duration_h(model, way, one) for one in sets for way in ways if way.kind is Uptake.ZERO_ORDER]
    return all(is_shared(values) for values in (*lags, *lengths))


def inflow(way: Way, doses: Doses, lag: float, length: float = 0.0, *, spread: float = 0.0) -> Inflow:
    """What arrives by a way after a common delay. `length` is that of an even uptake, zero for others; `spread` is the longest further
    delay that single patients will have."""
    start, stop = doses.start_h, doses.stop_h
    if length > 0:
        if bool(np.any(stop > start)):
            refuse("pk.flow-into-even-uptake", route=doses.route)
        stop, amount, rate = start + length, np.zeros_like(doses.amount), doses.amount / length
    else:
        amount, rate = doses.amount, doses.rate
    found = [_before(place, doses.period_h[place], start, stop, lag + spread) for place in np.flatnonzero(doses.period_h > 0)]
    past = tuple(
        Past(
            float(start[place]) - spread,
            count * period - lag - spread,
            period,
            float(stop[place] - start[place]),
            amount[place],
            rate[place],
        )
        for place, period, count in found
    )
    if not found:
        return Inflow(way, start + lag, stop + lag, amount, rate)
    again = np.concatenate([np.full(count - 1, place) for place, _, count in found]).astype(np.intp)
    back = np.concatenate([period * np.arange(1, count) for _, period, count in found])
    starts, stops = np.concatenate((start[again] - back, start)), np.concatenate((stop[again] - back, stop))
    return Inflow(way, starts + lag, stops + lag, np.concatenate((amount[again], amount)), np.concatenate((rate[again], rate)), past)


def _before(place: np.intp, period: float, start: Array, stop: Array, delay: float) -> tuple[int, float, int]:
    """An entry that repeats, its period, and how many periods back the last dose lies that has arrived whole when the entry starts."""
    whole = float(stop[place] - start[place]) + delay
    return int(place), float(period), max(1, int(np.ceil(whole / float(period) - 1e-12)))


def inflows(model: Model, parameters: Parameters, course: Course) -> Iterator[Inflow]:
    """Everything that arrives, for patients with common delays (`are_shared`)."""
    for doses in course:
        for way in model.layout.of(doses.route):
            even = float(duration_h(model, way, parameters)[0]) if way.kind is Uptake.ZERO_ORDER else 0.0
            yield inflow(way, doses, float(lag_h(model, way, parameters)[0]), even)


@dataclass(frozen=True, slots=True)
class Steps:
    """An input as times at which it changes: `bolus` put in at each, `flow` from each on; shapes (b, 1) or (b, n)."""

    at_h: Array
    bolus: Array
    flow: Array

    def given(self, times_h: Array) -> Array:
        """How much went in before each time, for times (t, 1) or (t, n); the same shape, or (t, n) where patients get their own."""
        lengths = np.diff(self.at_h, append=self.at_h[-1:])[:, None]
        before = np.concatenate((np.zeros_like(self.bolus[:1]), np.cumsum(self.bolus + self.flow * lengths, axis=0)[:-1]))
        place = np.searchsorted(self.at_h, times_h, side="left") - 1
        at, patient = np.maximum(place, 0), np.arange(self.bolus.shape[1])
        so_far = before[at, patient] + self.bolus[at, patient] + self.flow[at, patient] * (times_h - self.at_h[at])
        return np.where(place >= 0, so_far, 0.0)


def steps(arriving: Inflow) -> Steps:
    """The changes of one inflow, in time order."""
    ends = np.isfinite(arriving.stop_h) & (arriving.stop_h > arriving.start_h)
    at, place = np.unique(np.concatenate((arriving.start_h, arriving.stop_h[ends])), return_inverse=True)
    begin, end = place[: len(arriving.start_h)], place[len(arriving.start_h) :]
    bolus, change = np.zeros((len(at), arriving.amount.shape[1])), np.zeros((len(at), arriving.amount.shape[1]))
    np.add.at(bolus, begin, arriving.amount)
    np.add.at(change, begin, arriving.rate)
    np.subtract.at(change, end, arriving.rate[ends])
    flow = np.cumsum(change, axis=0)
    return Steps(at, bolus, np.where(np.abs(flow) < 1e-13 * np.max(np.abs(flow), initial=0.0), 0.0, flow))
