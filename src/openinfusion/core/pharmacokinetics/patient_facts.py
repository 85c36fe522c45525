"""A patient's covariates as people give them, read for one model: with units, inside its domain, constant or changing with time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from openinfusion.core.finding import Finding
from openinfusion.core.pharmacokinetics.edge import Text, hours, quantity
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Covariate
from openinfusion.core.pharmacokinetics.person import Person
from openinfusion.core.pharmacokinetics.refusal import lacking, refuse, refuse_all, shown
from openinfusion.core.quantity import Quantity

Value = Text | int | float
"""Text or a quantity with its unit; a bare number where the covariate has none, such as 0 or 1."""
Fact = Value | Sequence[tuple[Text, Value]]
"""One value for all times, or values with the times at which they were measured."""


class Between(StrEnum):
    """What holds between two measurements: the last one (`locf`) or the next one (`nocb`)."""

    LOCF = "locf"
    NOCB = "nocb"


@dataclass(frozen=True, slots=True)
class _Series:
    """Values of one covariate, each from a time on; the first also before."""

    since_h: tuple[float, ...]
    values: tuple[float, ...]

    def at(self, time_h: float) -> float:
        """The value at a time."""
        return self.values[max(int(np.searchsorted(self.since_h, time_h, side="right")) - 1, 0)]


def read_person(
    model: Model, covariates: Mapping[str, Fact], *, between: str = Between.LOCF, occasions: Sequence[Text] = ("0 h",)
) -> Person:
    """The patient to a model. Refused, with every reason: a covariate that lacks, is unknown, of another unit, no number, or outside the
    values the model was built on; and occasions out of order."""
    refuse_all(tuple(_unfit(model, covariates)))
    series = {name: _series(name, covariates[name], one, _between(between)) for name, one in model.file.covariates.items()}
    refuse_all(tuple(_outside(model, series)))
    begins = tuple(hours(one, "occasion") for one in occasions)
    if not begins or any(later <= earlier for earlier, later in pairwise(begins)):
        refuse("pk.unordered-occasions")
    since = tuple(sorted({time for one in series.values() if len(one.values) > 1 for time in one.since_h})) or (0.0,)
    facts = tuple({name: np.full(1, one.at(time)) for name, one in series.items()} for time in since)
    return Person(model, since, facts, begins)


def _between(word: str) -> Between:
    try:
        return Between(word.lower())
    except ValueError:
        refuse("pk.unknown-between", word=word)


def _unfit(model: Model, covariates: Mapping[str, Fact]) -> Iterator[Finding]:
    known = model.file.covariates
    yield from (lacking("pk.covariate-missing", covariate=name, model=model.id) for name in known if name not in covariates)
    for name in covariates:
        if name not in known:
            yield lacking("pk.covariate-unknown", covariate=name, known=tuple(known), model=model.id)


def _series(name: str, given: Fact, covariate: Covariate, between: Between) -> _Series:
    if isinstance(given, str | Quantity | int | float):
        return _Series((0.0,), (_value(name, given, covariate),))
    times = tuple(hours(time, name) for time, _ in given)
    values = tuple(_value(name, value, covariate) for _, value in given)
    if not times or any(later <= earlier for earlier, later in pairwise(times)):
        refuse("pk.unordered-times", field=name)
    if between is Between.NOCB:
        times = (min(0.0, times[0] - 1.0), *times[:-1])
    return _Series(times, values)


def _value(name: str, given: Value, covariate: Covariate) -> float:
    if isinstance(given, str | Quantity):
        return float(quantity(given, name, covariate.unit).to(covariate.unit).value)
    if covariate.unit != "1":
        refuse("pk.unit-missing", field=name, text=str(given), expected=covariate.unit)
    if not np.isfinite(given):
        refuse("pk.not-a-number", field=name)
    return float(given)


def _outside(model: Model, series: Mapping[str, _Series]) -> Iterator[Finding]:
    for name, one in series.items():
        covariate = model.file.covariates[name]
        low = -np.inf if covariate.low is None else covariate.low
        high = np.inf if covariate.high is None else covariate.high
        for value in one.values:
            if not low <= value <= high:
                yield lacking("pk.covariate-outside-domain", covariate=name, value=shown(value, covariate.unit), count=1, model=model.id)
