"""A course as what happens to single compartments: amounts put in, flows and parameters that change. Engines that integrate read it.

Delays, shares, several ways and even uptake are resolved, each patient's own where they differ. Doses in steady state are unrolled: so many
times before as is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course, Doses
from openinfusion.core.pharmacokinetics.dormand import Places, Timeline
from openinfusion.core.pharmacokinetics.inflow import duration_h, lag_h, share
from openinfusion.core.pharmacokinetics.layout import Way
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Uptake
from openinfusion.core.pharmacokinetics.oddlinear import epoch_at
from openinfusion.core.pharmacokinetics.parameters import Epochs, Parameters
from openinfusion.core.pharmacokinetics.refusal import refuse


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What arrives in one compartment: k entries from `on_h` to `off_h`, an `amount` at once or a `rate`; each (k, 1) or (k, n)."""

    entry: int
    on_h: Array
    off_h: Array
    amount: Array
    rate: Array


def arrivals(model: Model, epochs: Epochs, course: Course, repeats: int = 0) -> Iterator[Arrivals]:
    """Everything that arrives. An entry in steady state is given `repeats` times before; delay and share are those of when it is given."""
    for doses in course:
        unrolled = _unrolled(doses, repeats)
        for way in model.layout.of(doses.route):
            for place, parameters in enumerate(epochs.parameters):
                mine = np.array([epoch_at(epochs, time) == place for time in unrolled.start_h.tolist()], dtype=np.bool_)
                if mine.any():
                    yield _arriving(model, way, unrolled.some(mine), parameters)


def _unrolled(doses: Doses, repeats: int) -> Doses:
    repeated = np.flatnonzero(doses.period_h > 0)
    if not len(repeated) or not repeats:
        return doses
    back = np.tile(np.arange(repeats, 0, -1), len(repeated)) * np.repeat(doses.period_h[repeated], repeats)
    place = np.concatenate((np.repeat(repeated, repeats), np.arange(len(doses))))
    back = np.concatenate((back, np.zeros(len(doses))))
    order = np.argsort(doses.start_h[place] - back, kind="stable")
    place, back = place[order], back[order]
    stop = doses.stop_h[place] - back
    return Doses(doses.route, doses.start_h[place] - back, stop, doses.amount[place], doses.rate[place], np.zeros(len(place)))


def _arriving(model: Model, way: Way, doses: Doses, parameters: Parameters) -> Arrivals:
    part, lag = _own(share(way, parameters)), _own(lag_h(model, way, parameters))
    on, off = doses.start_h[:, None] + lag, doses.stop_h[:, None] + lag
    if way.kind is not Uptake.ZERO_ORDER:
        return Arrivals(way.entry, on, off, doses.amount * part, doses.rate * part)
    if bool(np.any(doses.stop_h > doses.start_h)):
        refuse("pk.flow-into-even-uptake", route=doses.route)
    length = _own(duration_h(model, way, parameters))
    return Arrivals(way.entry, on, on + length, np.zeros((len(doses), 1)), doses.amount * part / length)


def _own(values: Array) -> Array:
    """(1, 1) where all patients have the same value, else (1, n)."""
    return values[None, :1] if np.all(values == values[0]) else values[None, :]


def are_common(found: list[Arrivals]) -> bool:
    """Whether everything happens to all patients at the same times."""
    return all(one.on_h.shape[1] == 1 and one.off_h.shape[1] == 1 for one in found)


def of_patients(found: list[Arrivals], patients: Places) -> list[Arrivals]:
    """The same for some patients."""

    def some(values: Array) -> Array:
        return values if values.shape[1] == 1 else values[:, patients]

    return [Arrivals(one.entry, some(one.on_h), some(one.off_h), some(one.amount), some(one.rate)) for one in found]


def timeline(found: list[Arrivals], epochs: Epochs, compartments: int, begin_h: float, *, is_resumed: bool) -> Timeline:
    """What happens from `begin_h` on. Where it goes on from a state, what was put in before is in that state already."""
    changes = [np.array([begin_h]), epochs.start_h[epochs.start_h > begin_h]]
    for one in found:
        changes += [np.maximum(one.on_h, begin_h).ravel(), one.off_h[(one.off_h > begin_h) & np.isfinite(one.off_h)]]
    break_h = np.unique(np.concatenate(changes))
    width = max((array.shape[1] for one in found for array in (one.on_h, one.off_h, one.amount, one.rate)), default=1)
    bolus, change = np.zeros((2, len(break_h), compartments, width))
    for one in found:
        _put(one, break_h, bolus, change, is_resumed=is_resumed)
    rate = np.cumsum(change, axis=0)
    rate[np.abs(rate) < 1e-13 * np.max(np.abs(rate), initial=0.0)] = 0.0
    piece = np.array([epoch_at(epochs, time) for time in break_h.tolist()], dtype=np.int64)
    return Timeline(break_h, piece, bolus, rate)


def _put(one: Arrivals, break_h: Array, bolus: Array, change: Array, *, is_resumed: bool) -> None:
    """Write one set of arrivals into the changes at each break."""
    shape = (len(one.on_h), bolus.shape[2])
    on, off, amount, rate = (np.broadcast_to(array, shape) for array in (one.on_h, one.off_h, one.amount, one.rate))
    patient = np.broadcast_to(np.arange(shape[1]), shape)
    begin = break_h[0]
    given = (on >= begin) | (not is_resumed)
    np.add.at(bolus, (np.searchsorted(break_h, on[given]), one.entry, patient[given]), amount[given])
    flows = (off > on) & (off > begin)
    np.add.at(change, (np.searchsorted(break_h, np.maximum(on, begin)[flows]), one.entry, patient[flows]), rate[flows])
    ends = flows & np.isfinite(off)
    np.subtract.at(change, (np.searchsorted(break_h, off[ends]), one.entry, patient[ends]), rate[ends])
