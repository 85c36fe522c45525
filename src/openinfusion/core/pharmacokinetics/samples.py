"""What was measured in a patient, read from text: times, concentrations, and what was below quantification. What cannot be is refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from openinfusion.core.finding import Finding
from openinfusion.core.pharmacokinetics.edge import Text, above_zero, hours, quantity
from openinfusion.core.pharmacokinetics.likelihood import Measured
from openinfusion.core.pharmacokinetics.refusal import lacking, refuse, refuse_all, shown
from openinfusion.core.quantity import Quantity

BELOW = "BLQ"
Observed = tuple[Text, Text]
"""A time and a concentration: `("12 h", "14.8 mg/L")`; below quantification `("12 h", "<0.5 mg/L")`, or `("12 h", "BLQ")` where the limit
is told apart."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one patient in order, as quantities for people and as floats for the search."""

    times: tuple[Quantity, ...]
    values: tuple[Quantity, ...]
    measured: Measured


def read(observed: Sequence[Observed], unit: str, lloq: Text | None = None) -> Samples:
    """Samples in the model's unit of concentration; a value under `lloq` counts as below it. Raises CommandRefused for none, for missing or
    wrong units, for times that fall, and for what is below quantification without a limit of it."""
    limit = None if lloq is None else above_zero(lloq, "lloq", unit)
    if not observed:
        refuse("pk.no-samples")
    pairs = [_pair(one) for one in observed]
    times = [quantity(time, "time", "h") for time, _ in pairs]
    rows = [_value(value, unit, limit) for _, value in pairs]
    refuse_all(_out_of_order(times))
    measured = Measured(
        np.array([hours(time) for time in times]),
        np.array([float(value.to(unit).value) for value, _ in rows]),
        np.array([below for _, below in rows]),
    )
    return Samples(tuple(times), tuple(value for value, _ in rows), measured)


def _pair(one: Sequence[Text]) -> tuple[Text, Text]:
    """A time and a value; refused for anything else."""
    if isinstance(one, str) or len(one) != 2:
        refuse("pk.unreadable", field="level", text=str(one))
    return one[0], one[1]


def _value(text: Text, unit: str, limit: Quantity | None) -> tuple[Quantity, bool]:
    """A concentration and whether it is below quantification; then it is the limit."""
    if isinstance(text, str) and text.strip() == BELOW:
        if limit is None:
            refuse("pk.limit-of-quantification-missing")
        return limit, True
    if isinstance(text, str) and text.strip().startswith("<"):
        return above_zero(text.strip().removeprefix("<").strip(), "concentration", unit), True
    value = above_zero(text, "concentration", unit)
    return (limit, True) if limit is not None and value < limit else (value, False)


def _out_of_order(times: Sequence[Quantity]) -> tuple[Finding, ...]:
    return tuple(lacking("pk.unordered-samples", time=later, before=time) for time, later in pairwise(times) if later < time)


def before_dose(samples: Samples, first_dose_h: float) -> tuple[Finding, ...]:
    """A refusal for each sample that was taken before the first dose, or at its time, which counts as before it."""
    first = shown(first_dose_h, "h")
    early = samples.measured.time_h <= first_dose_h
    return tuple(
        lacking("pk.sample-before-dose", time=time, first_dose=first)
        for time, is_early in zip(samples.times, early, strict=True)
        if is_early
    )
