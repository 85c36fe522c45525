"""What is given, when, and by which route, in quantities. It becomes floats once, for one model, and gives nothing by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Self

import numpy as np

from openinfusion.core.administration.apply import Occurrence
from openinfusion.core.finding import Finding
from openinfusion.core.pharmacokinetics.arrays import Array
from openinfusion.core.pharmacokinetics.course import Course, Doses
from openinfusion.core.pharmacokinetics.edge import Text, above_zero, not_below_zero, quantity
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Via
from openinfusion.core.pharmacokinetics.refusal import refuse, refused
from openinfusion.core.quantity import Quantity

NO_TIME = Quantity(0, "h")
MOST_DOSES = 1_000_000
_AMOUNTS = ("mg", "[iU]", "mmol", "meq")
_BODIES = ("", "/kg", "/m2")
_ALIASES = {"PO": Via.ORAL}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a regimen: a size that is an amount, or a rate where `is_rate`; `length` is zero for a bolus and None for a flow that
    nobody stops. `n` times `every`; `steady`: so for ever before the first one here."""

    via: Via
    size: Quantity
    is_rate: bool
    start: Quantity
    length: Quantity | None
    every: Quantity | None = None
    n: int = 1
    steady: bool = False


@dataclass(frozen=True, slots=True)
class Regimen:
    """Entries in the order written; each method gives a longer regimen. `findings` are what the record left in doubt."""

    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()

    def infuse(  # noqa: PLR0913 - an order has as many parts
        self, amount: Text, *, over: Text, route: str = Via.IV, start: Text = "0 h", every: Text | None = None, n: int | None = None,
        steady: bool = False,
    ) -> Self:  # fmt: skip
        """An amount at an even rate over a time, once or `n` times `every`; `steady`: repeated so often before that nothing changes."""
        size, length = not_below_zero(amount, "amount", *_kinds("")), above_zero(over, "over", "h")
        return self._with(Entry(_via(route), size, is_rate=False, start=_start(start), length=length), every, n, steady=steady)

    def dose(
        self,
        amount: Text,
        *,
        route: str = Via.IV,
        start: Text = "0 h",
        every: Text | None = None,
        n: int | None = None,
        steady: bool = False,
    ) -> Self:
        """An amount at once: a bolus into a vein, a depot elsewhere."""
        size = not_below_zero(amount, "amount", *_kinds(""))
        return self._with(Entry(_via(route), size, is_rate=False, start=_start(start), length=NO_TIME), every, n, steady=steady)

    def rate(self, rate: Text, *, start: Text = "0 h", stop: Text | None = None, route: str = Via.IV) -> Self:
        """A flow from start to stop, or without an end. Flows at the same time add up."""
        size, begin = not_below_zero(rate, "rate", *_kinds("/h")), _start(start)
        end = None if stop is None else quantity(stop, "stop", "h")
        if end is not None and end <= begin:
            refuse("pk.stop-before-start", start=begin, stop=end)
        return self._with(Entry(_via(route), size, is_rate=True, start=begin, length=None if end is None else end - begin), None, None)

    def _with(self, entry: Entry, every: Text | None, n: int | None, *, steady: bool = False) -> Self:
        if every is None:
            if steady or (n is not None and n != 1):
                refuse("pk.interval-missing")
            return replace(self, entries=(*self.entries, entry))
        if n is None and not steady:
            refuse("pk.number-missing")
        count = 1 if n is None else n
        if type(count) is not int or not 1 <= count <= MOST_DOSES:
            refuse("pk.impossible-number", n=str(n))
        repeated = replace(entry, every=above_zero(every, "every", "h"), n=count, steady=steady)
        return replace(self, entries=(*self.entries, repeated))

    @classmethod
    def from_events(
        cls, events: Iterable[Occurrence], *, since: datetime | None = None, drug: str = "", strength: Quantity | None = None
    ) -> Self:
        """What a session's record says was given: each flow, bolus and injection of the drug, in hours after `since` (the first of them).

        What flows at the end of the record has no end. Of a container labelled by its volume alone `strength` makes the amount. An amount
        in doubt is a finding. Raises CommandRefused where a container is unknown
        or holds another drug.
        """
        from openinfusion.core.pharmacokinetics.record import recorded

        entries, findings = recorded(events, since, drug, strength)
        return cls(entries, findings)

    def course(self, model: Model, covariates: Mapping[str, Array] | None = None) -> Course:
        """The regimen in hours and the model's unit of amount. Doses per body mass or area are multiplied by the covariate that the model
        names for it. Raises CommandRefused for a route or unit that the model does not know."""
        routes: dict[Via, list[Entry]] = {}
        for entry in self.entries:
            if not model.layout.of(entry.via):
                refuse("pk.route-not-in-model", route=entry.via.value, model=model.id)
            routes.setdefault(entry.via, []).append(entry)
        return Course(tuple(_doses(via, entries, model, covariates or {}) for via, entries in routes.items()))


def _kinds(per_time: str) -> tuple[str, ...]:
    return tuple(f"{amount}{body}{per_time}" for amount in _AMOUNTS for body in _BODIES)


def _via(route: str) -> Via:
    try:
        return _ALIASES.get(route) or Via(route)
    except ValueError:
        refuse("pk.unknown-route", route=str(route))


def _start(text: Text) -> Quantity:
    return quantity(text, "start", "h")


def _doses(via: Via, entries: list[Entry], model: Model, covariates: Mapping[str, Array]) -> Doses:
    """The doses of one route in order of their start. Times are added exactly, so that a sample at the time of a dose meets it."""
    starts, stops, periods, amounts, rates = [], [], [], [], []
    for entry in entries:
        begin, every = _exact_h(entry.start), Fraction(0) if entry.every is None else _exact_h(entry.every)
        length = None if entry.length is None else _exact_h(entry.length)
        starts.append([float(begin + place * every) for place in range(entry.n)])
        stops.append([np.inf if length is None else float(begin + place * every + length) for place in range(entry.n)])
        periods.append([float(every) if entry.steady and place == 0 else 0.0 for place in range(entry.n)])
        size = _size(entry, model, covariates)
        flow = size if entry.is_rate or not length else size / float(length)
        amounts.append(np.broadcast_to(np.zeros(1) if entry.is_rate or length else size, (entry.n, len(size))))
        rates.append(np.broadcast_to(flow if entry.is_rate or length else np.zeros(1), (entry.n, len(size))))
    width = max(len(one[0]) for one in amounts)
    start = np.concatenate(starts)
    order = np.argsort(start, kind="stable")
    amount, rate = (np.concatenate([np.broadcast_to(one, (len(one), width)) for one in parts])[order] for parts in (amounts, rates))
    return Doses(via.value, start[order], np.concatenate(stops)[order], amount, rate, np.concatenate(periods)[order])


def _exact_h(time: Quantity) -> Fraction:
    return time.to("h").value


def _size(entry: Entry, model: Model, covariates: Mapping[str, Array]) -> Array:
    """An amount or a rate per hour in the model's unit, shape (1,), or (n,) where it depends on each body."""
    per_time = "/h" if entry.is_rate else ""
    for body in _BODIES:
        symbol = f"{model.file.units.amount}{body}{per_time}"
        if entry.size.is_like(symbol):
            value = np.full(1, float(entry.size.to(symbol).value))
            return value * np.atleast_1d(_body(body, model, covariates)) if body else value
    expected = (f"{model.file.units.amount}{per_time}",)
    raise refused("pk.wrong-unit", field="rate" if entry.is_rate else "amount", given=entry.size, expected=expected)


def _body(body: str, model: Model, covariates: Mapping[str, Array]) -> Array:
    """What a dose per body mass or area is multiplied by."""
    for per, name in model.file.body.items():
        if f"/{per}" == body and name in covariates:
            return covariates[name]
    raise refused("pk.body-unknown", per=body.strip("/"), model=model.id)
