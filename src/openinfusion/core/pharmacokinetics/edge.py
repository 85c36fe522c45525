"""The seam between text with units and floats: the only place where kinetics reads a quantity. What cannot be read is refused."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.refusal import refuse
from openinfusion.core.quantity import NumberError, Quantity, UnitError

Text = str | Quantity
Times = Sequence[Text] | Array
"""A grid in hours, or texts such as "1 h"."""

MOST_TIMES: Final = 10_000_000


def quantity(text: Text, field: str, *kinds: str) -> Quantity:
    """A quantity of one of the kinds, which units name; refused otherwise."""
    if not isinstance(text, str | Quantity):
        refuse("pk.unit-missing", field=field, text=str(text), expected=" ".join(kinds))
    try:
        read = Quantity.parse(text) if isinstance(text, str) else text
    except (NumberError, UnitError, ZeroDivisionError):
        refuse("pk.unreadable", field=field, text=str(text))
    if kinds and not any(read.is_like(kind) for kind in kinds):
        refuse("pk.wrong-unit", field=field, given=read, expected=kinds)
    return read


def hours(text: Text, field: str = "time") -> float:
    """A time in hours."""
    return float(quantity(text, field, "h").to("h").value)


def above_zero(text: Text, field: str, *kinds: str) -> Quantity:
    """A quantity of one of the kinds that is more than nothing; refused otherwise."""
    read = quantity(text, field, *kinds)
    if read.value <= 0:
        refuse("pk.not-above-zero", field=field, given=read)
    return read


def not_below_zero(text: Text, field: str, *kinds: str) -> Quantity:
    """A quantity of one of the kinds that is not below nothing; refused otherwise."""
    read = quantity(text, field, *kinds)
    if read.value < 0:
        refuse("pk.below-zero", field=field, given=read)
    return read


def grid(start: Text, stop: Text, step: Text) -> Array:
    """Times in hours from start to stop, that included when a step falls on it."""
    first, last, by = quantity(start, "start", "h"), quantity(stop, "stop", "h"), above_zero(step, "step", "h")
    if last < first:
        refuse("pk.stop-before-start", start=first, stop=last)
    count = (last.to("h").value - first.to("h").value) / by.to("h").value
    if count >= MOST_TIMES:
        refuse("pk.too-many-times", most=MOST_TIMES)
    begin, width = first.to("h").value, by.to("h").value
    return np.array([float(begin + Fraction(place) * width) for place in range(int(count) + 1)])


def times_h(times: Times) -> Array:
    """Sample times in hours, in the order given; refused when there are none, they fall or are no numbers."""
    read = times if isinstance(times, np.ndarray) else np.array([hours(one) for one in times])
    if read.dtype != np.float64 or read.ndim != 1 or not len(read) or not bool(np.all(np.isfinite(read))):
        refuse("pk.no-times")
    if bool(np.any(np.diff(read) < 0)):
        refuse("pk.unordered-times", field="times")
    return read
