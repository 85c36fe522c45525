"""What a dose is meant to reach: an exposure over a window, a concentration at a time, a trough, a peak, a time above a level.

A target measures courses; it chooses no dose. Its times count from the start of the first proposed dose."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.edge import Text, above_zero, not_below_zero, quantity
from openinfusion.core.pharmacokinetics.refusal import refuse
from openinfusion.core.quantity import Quantity, UnitError, unit

_POINTS = 480
_MOMENT = 1e-9


class Outlook(Protocol):
    """The expected courses of n individuals, as a target asks for them."""

    @property
    def unit(self) -> str:
        """The unit of the concentrations."""

    def concentration(self, times_h: Array) -> Array:
        """Concentrations, shape (times, n); at the time of a dose, before it."""

    def auc(self, start_h: float, end_h: float) -> Array:
        """Areas under the curve in the concentration's unit times hours, shape (n,)."""

    def breaks(self, start_h: float, end_h: float) -> Array:
        """The times strictly between two at which an input starts, stops or changes."""


@dataclass(frozen=True, slots=True)
class Aim:
    """The wished value and the range that counts as reached, open where None."""

    wanted: Quantity
    low: Quantity | None = None
    high: Quantity | None = None

    @classmethod
    def read(cls, wanted: Text, low: Text | None, high: Text | None) -> "Aim":
        """From text or quantities; raises CommandRefused, also where the range is of another kind or does not hold the target."""
        aim = above_zero(wanted, "target")
        lowest, highest = (None if bound is None else quantity(bound, "target", aim.unit).to(aim.unit) for bound in (low, high))
        if (lowest is not None and lowest > aim) or (highest is not None and highest < aim):
            refuse("pk.target-outside-range", target=aim, low=lowest, high=highest)
        return cls(aim, lowest, highest)

    @property
    def has_range(self) -> bool:
        """Whether anything bounds it, so that a probability of reaching it has a meaning."""
        return self.low is not None or self.high is not None

    def reached(self, values: Array, scale: float) -> Array:
        """1 where a value lies in the range, ends inside, else 0; `scale` is one unit of the target in that of the values."""
        low = -np.inf if self.low is None else float(self.low.value) * scale
        high = np.inf if self.high is None else float(self.high.value) * scale
        slack = 1e-9 * float(self.wanted.value) * scale
        return np.asarray((values >= low - slack) & (values <= high + slack), dtype=np.float64)


class Target(Protocol):
    """What dose search and population runs ask of a target."""

    @property
    def aim(self) -> Aim:
        """What is wished, in the target's unit."""

    @property
    def is_linear(self) -> bool:
        """Whether twice the dose adds twice as much, in a linear model."""

    def scale(self, concentration: str) -> float:
        """One unit of the target in that of `measure`, for concentrations in a unit; raises UnitError where they cannot meet."""

    def window(self, every_h: float) -> tuple[float, float]:
        """From when to when it looks, in hours after the start of the first proposed dose, for doses at an interval."""

    def measure(self, outlook: Outlook, window_h: tuple[float, float]) -> Array:
        """Its value for each individual, shape (n,), over a window of the outlook's own time."""


@dataclass(frozen=True, slots=True)
class _Windowed:
    """A target over a window; without a length it is one interval between doses."""

    aim: Aim
    length_h: float | None
    start_h: float

    def window(self, every_h: float) -> tuple[float, float]:
        """From its start for its length."""
        return self.start_h, self.start_h + (every_h if self.length_h is None else self.length_h)

    def scale(self, concentration: str) -> float:
        """A concentration in the model's unit."""
        return _in_unit(self.aim.wanted.unit, concentration)


@dataclass(frozen=True, slots=True, init=False)
class Auc(_Windowed):
    """The area under the concentration over a window: `Auc("400 mg.h/L", window="24 h", low="400 mg.h/L", high="600 mg.h/L")`."""

    is_linear = True

    def __init__(
        self, wanted: Text, window: Text = "24 h", *, low: Text | None = None, high: Text | None = None, start: Text = "0 h"
    ) -> None:
        _Windowed.__init__(self, Aim.read(wanted, low, high), _length(window), _start(start))

    def scale(self, concentration: str) -> float:
        """A concentration in the model's unit times hours."""
        return _in_unit(self.aim.wanted.unit, concentration, "h")

    def measure(self, outlook: Outlook, window_h: tuple[float, float]) -> Array:
        """The exact area."""
        return outlook.auc(*window_h)


@dataclass(frozen=True, slots=True, init=False)
class At(_Windowed):
    """The concentration at one time: `At("15 mg/L", time="12 h")`."""

    is_linear = True

    def __init__(self, wanted: Text, time: Text, *, low: Text | None = None, high: Text | None = None) -> None:
        _Windowed.__init__(self, Aim.read(wanted, low, high), 0.0, _start(time, "time"))

    def measure(self, outlook: Outlook, window_h: tuple[float, float]) -> Array:
        """The concentration at the end of the window, which has no length."""
        return _last(outlook, window_h)


@dataclass(frozen=True, slots=True, init=False)
class Trough(_Windowed):
    """The concentration just before the next dose: `Trough("15 mg/L")`; with `start` before the dose after that interval."""

    is_linear = True

    def __init__(self, wanted: Text, *, low: Text | None = None, high: Text | None = None, start: Text = "0 h") -> None:
        _Windowed.__init__(self, Aim.read(wanted, low, high), None, _start(start))

    def measure(self, outlook: Outlook, window_h: tuple[float, float]) -> Array:
        """The concentration at the end of the interval."""
        return _last(outlook, window_h)


@dataclass(frozen=True, slots=True, init=False)
class Peak(_Windowed):
    """The highest concentration in an interval between doses: `Peak("30 mg/L")`."""

    is_linear = False

    def __init__(
        self, wanted: Text, *, low: Text | None = None, high: Text | None = None, window: Text | None = None, start: Text = "0 h"
    ) -> None:
        length = None if window is None else _length(window)
        _Windowed.__init__(self, Aim.read(wanted, low, high), length, _start(start))

    def measure(self, outlook: Outlook, window_h: tuple[float, float]) -> Array:
        """The highest of a fine grid that holds every change of input, refined by a parabola where the curve is smooth."""
        times = grid(outlook, window_h)
        edges = outlook.breaks(*window_h)
        return highest(times, outlook.concentration(times), np.concatenate((edges, edges + _MOMENT)))


@dataclass(frozen=True, slots=True, init=False)
class TimeAbove(_Windowed):
    """How much of a window the concentration stays above a level, as a share or a time: `TimeAbove("4 mg/L", "50 %", window="24 h")`."""

    level: Quantity

    is_linear = False

    def __init__(
        self,
        level: Text,
        wanted: Text,
        *,
        low: Text | None = None,
        high: Text | None = None,
        window: Text = "24 h",
        start: Text = "0 h",
    ) -> None:
        _Windowed.__init__(self, Aim.read(wanted, low, high), _length(window), _start(start))
        object.__setattr__(self, "level", above_zero(level, "level"))
        whole = Quantity(1, "1") if self.aim.wanted.is_like("1") else quantity(window, "window", "h")
        if not self.aim.wanted.is_like(whole):
            refuse("pk.wrong-unit", field="target", given=self.aim.wanted, expected=("%", "h"))
        if self.aim.wanted > whole:
            refuse("pk.target-out-of-reach", target=self.aim.wanted, reached=whole)

    def scale(self, concentration: str) -> float:
        """Hours; a share is one of the window."""
        _in_unit(self.level.unit, concentration)
        is_share = self.aim.wanted.is_like("1")
        return _in_unit(self.aim.wanted.unit, "1") * (self.length_h or 0.0) if is_share else _in_unit(self.aim.wanted.unit, "h")

    def measure(self, outlook: Outlook, window_h: tuple[float, float]) -> Array:
        """The time above the level in hours, crossings found between the points of a fine grid."""
        times = grid(outlook, window_h)
        level = float(self.level.value) * _in_unit(self.level.unit, outlook.unit)
        return time_above(times, outlook.concentration(times), level)


def _length(text: Text) -> float:
    return float(above_zero(text, "window", "h").to("h").value)


def _start(text: Text, field: str = "start") -> float:
    return float(not_below_zero(text, field, "h").to("h").value)


def _in_unit(symbol: str, *of: str) -> float:
    """One of a unit in the product of others; raises UnitError across kinds."""
    factor, powers = unit(symbol).factor, dict(unit(symbol).dimensions)
    for each in of:
        factor /= unit(each).factor
        for kind, power in unit(each).dimensions:
            powers[kind] = powers.get(kind, 0) - power
    if any(powers.values()):
        raise UnitError(f"{symbol} <> {'.'.join(of)}")
    return float(factor)


def _last(outlook: Outlook, window_h: tuple[float, float]) -> Array:
    found: Array = outlook.concentration(np.array(window_h[1:]))[0]
    return found


def grid(outlook: Outlook, window_h: tuple[float, float]) -> Array:
    """Times of a window, ends included, no gap wider than a 480th of it, with each change of input and the moment after it, since at the
    time of a bolus the concentration is that before it."""
    changes = np.concatenate((window_h[:1], outlook.breaks(*window_h)))
    return np.union1d(np.linspace(*window_h, _POINTS + 1), np.concatenate((changes, changes + _MOMENT)))


def highest(times_h: Array, courses: Array, breaks_h: Array) -> Array:
    """The highest concentration of each course (times, n): at a point, or at the top of the parabola through it and its neighbours where no
    input changes at it."""
    best = np.argmax(courses, axis=0)
    top = np.take_along_axis(courses, best[None, :], axis=0)[0]
    inner = (best > 0) & (best < len(times_h) - 1)
    middle = np.clip(best, 1, len(times_h) - 2)
    before, after = (times_h[middle + n] - times_h[middle] for n in (-1, 1))
    low, high = (np.take_along_axis(courses, (middle + n)[None, :], axis=0)[0] - top for n in (-1, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = (low / before - high / after) / (before - after)
        tilt = low / before - bend * before
        rise = -(tilt**2) / (4.0 * bend)
    is_smooth = inner & ~np.isin(times_h[middle], breaks_h) & (bend < 0)
    return np.asarray(top + np.where(is_smooth, rise, 0.0), dtype=np.float64)


def time_above(times_h: Array, courses: Array, level: float) -> Array:
    """How long each course (times, n) is above a level, straight between its points on a logarithmic scale where it falls, else linear."""
    left, right = courses[:-1], courses[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where((right < left) & (right > 0), np.log(left / level) / np.log(left / right), (level - left) / (right - left))
    crossed = (left > level) != (right > level)
    part = np.where(crossed, np.where(left > level, share, 1.0 - share), (left > level).astype(np.float64))
    return np.asarray(np.diff(times_h) @ part, dtype=np.float64)
