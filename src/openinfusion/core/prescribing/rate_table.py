"""A rate plan as rows that follow one another: when each begins and ends, how fast it flows, and what is given by then, exactly.

The rows of the drug add up to the planned volume; priming and flush stand beside them and never count as given. What a patient may ask
for is shown as it would flow at the fastest. Nothing here starts, limits or rounds a flow; only drops are rounded, and both stand there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from openinfusion.core.prescribing.kinds import convert
from openinfusion.core.prescribing.order import Around, OnDemand, RatePlan
from openinfusion.core.quantity import Quantity

START = Quantity(0, "min")
NONE = Quantity(0, "mL")
ONE_DROP = Quantity(1, "[drp]/min")


class Kind(StrEnum):
    """What a row is."""

    PRIMING = "priming"
    FLOW = "flow"
    BOLUS = "bolus"
    REST = "rest"
    INJECTION = "injection"
    FLUSH = "flush"

    @property
    def counts(self) -> bool:
        """Whether its volume is part of what is given."""
        return self not in (Kind.PRIMING, Kind.FLUSH)


@dataclass(frozen=True, slots=True)
class Drops:
    """A flow counted in a drip chamber: exact, in whole drops, and the flow that the whole drops come to."""

    exact: Quantity
    whole: Quantity
    rate: Quantity


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, from `begins` to `ends` after the start; `given` is the volume of the drug by its end. `per_site` and
    `drops` are those of one line or site."""

    n: int
    kind: Kind
    begins: Quantity
    lasts: Quantity
    volume: Quantity
    given: Quantity
    rate: Quantity | None = None
    dose_rate: Quantity | None = None
    dose: Quantity | None = None
    per_site: Quantity | None = None
    drops: Drops | None = None

    @property
    def ends(self) -> Quantity:
        """When it ends, after the start."""
        return self.begins + self.lasts


@dataclass(frozen=True, slots=True)
class RateTable:
    """All rows in their order, the priming first. `volume` is what the rows of the drug add up to, `ends` when the last of them ends,
    `is_fastest` whether less may flow, `container` what is in the container where more is in it than is given."""

    shape: str
    rows: tuple[Row, ...]
    volume: Quantity
    ends: Quantity
    is_fastest: bool = False
    sites: int | None = None
    drop_factor: Quantity | None = None
    around: Around | None = None
    container: Quantity | None = None
    holds: Quantity | None = None

    @property
    def flowing(self) -> tuple[Row, ...]:
        """The rows of the drug."""
        return tuple(row for row in self.rows if row.kind.counts)

    @property
    def all_ends(self) -> Quantity:
        """When the last row ends, the flush included."""
        return self.rows[-1].ends if self.rows else self.ends


def rate_table(rates: RatePlan, concentration: Quantity | None = None, drop_factor: Quantity | None = None) -> RateTable | None:
    """The table of a rate plan; None where its volumes are not known. `concentration` is that of what flows, `drop_factor` that of the
    giving set; raises UnitError for a drop factor that is none."""
    rows = tuple(_of_drug(rates, concentration))
    if not rows:
        return None
    if drop_factor is not None:
        rows = tuple(_in_drops(row, drop_factor, rates) for row in rows)
    volume, ends = rows[-1].given, rows[-1].ends
    around, demand = rates.around, rates.on_demand
    return RateTable(
        shape=rates.shape,
        rows=(*_before(around), *rows, *_after(around, rows)),
        volume=volume,
        ends=ends,
        is_fastest=demand is not None,
        sites=rates.sites,
        drop_factor=drop_factor,
        around=around,
        container=_container(around, rates.volume),
        holds=rates.volume if demand is not None else None,
    )


def _of_drug(rates: RatePlan, concentration: Quantity | None) -> Iterator[Row]:
    if rates.steps:
        yield from _steps(rates)
    elif rates.boluses:
        yield from _portions(rates)
    elif rates.on_demand is not None:
        yield from _asked_for(rates.on_demand, concentration)
    elif rates.volume is not None:
        yield from _injections(rates.volume, rates.sites or 1)


def _steps(rates: RatePlan) -> Iterator[Row]:
    given = NONE
    for step in rates.steps:
        given += step.volume
        per_site = (
            None
            if rates.sites is None or rates.per_site is None
            else step.rate.scaled(1).over(Quantity(rates.sites, "{site}"), "mL/h/{site}")
        )
        yield Row(step.n, Kind.FLOW, step.after_start, step.lasts, step.volume, given, step.rate, step.dose_rate, per_site=per_site)


def _portions(rates: RatePlan) -> Iterator[Row]:
    """Each portion at its time, and the wait until the next."""
    given, n = NONE, 0
    following = (*(bolus.after_start for bolus in rates.boluses[1:]), None)
    for bolus, until in zip(rates.boluses, following, strict=True):
        given, n = given + bolus.volume, n + 1
        yield Row(n, Kind.BOLUS, bolus.after_start, START, bolus.volume, given, dose=bolus.dose)
        if until is not None and until > bolus.after_start:
            n += 1
            yield Row(n, Kind.REST, bolus.after_start, until - bolus.after_start, NONE, given)


def _asked_for(demand: OnDemand, concentration: Quantity | None) -> Iterator[Row]:
    """One window in which the patient asks as often as the pump grants: a bolus at each lockout while one fits beside the basal flow."""
    bolus, most = convert(demand.bolus, "mL", concentration), convert(demand.most, "mL", concentration)
    basal = NONE.over(Quantity(1, "h"), "mL/h") if demand.basal is None else convert(demand.basal, "mL/h", concentration)
    if bolus is None or most is None or basal is None or bolus.value <= 0:
        return
    window, lockout = demand.window.to("min"), demand.lockout.to("min")
    beside = most - basal.times(window, "mL")
    room = max(0, beside.base // bolus.base)
    times = min(room, -(-window.base // lockout.base)) if lockout.value > 0 else min(room, 1)
    moments = [lockout.scaled(n) for n in range(int(times))]
    given, n, at = NONE, 0, START
    for moment in (*moments, window):
        if moment > at:
            n, lasts = n + 1, moment - at
            volume = basal.times(lasts, "mL")
            given += volume
            yield Row(n, Kind.FLOW if basal.value else Kind.REST, at, lasts, volume, given, basal if basal.value else None)
            at = moment
        if moment is not window:
            n, given = n + 1, given + bolus
            dose = None if demand.bolus.is_like("mL") else demand.bolus
            yield Row(n, Kind.BOLUS, at, START, bolus, given, dose=dose)


def _injections(volume: Quantity, sites: int) -> Iterator[Row]:
    """The volume by hand, in equal parts where it is divided among sites."""
    part = volume.to("mL").over(Quantity(sites, "1"), "mL")
    for n in range(1, sites + 1):
        yield Row(n, Kind.INJECTION, START, START, part, part.scaled(n))


def _in_drops(row: Row, factor: Quantity, rates: RatePlan) -> Row:
    """The row with its drops; of several sites each has a line of its own."""
    if row.rate is None:
        return row
    in_line = row.rate.scaled(1) if rates.sites is None else row.rate.over(Quantity(rates.sites, "1"), "mL/h")
    exact = in_line.times(factor, "[drp]/min")
    whole = exact.rounded(ONE_DROP)
    return replace(row, drops=Drops(exact, whole, whole.over(factor, "mL/h")))


def _before(around: Around | None) -> Iterator[Row]:
    if around is not None and around.priming is not None:
        yield Row(0, Kind.PRIMING, START, START, around.priming, NONE)


def _after(around: Around | None, rows: tuple[Row, ...]) -> Iterator[Row]:
    """The flush, at the rate that flowed last; by hand where none did."""
    if around is None or around.flush is None:
        return
    last = rows[-1]
    lasts = START if last.rate is None else around.flush.over(last.rate, "min")
    yield Row(last.n + 1, Kind.FLUSH, last.ends, lasts, around.flush, last.given, last.rate, per_site=last.per_site, drops=last.drops)


def _container(around: Around | None, volume: Quantity | None) -> Quantity | None:
    """What must be in the container: the volume to give, what fills the line, and what is more in it; None where nothing is added."""
    if around is None or volume is None or (around.priming is None and around.overfill is None):
        return None
    return volume.to("mL") + (around.priming or NONE) + (around.overfill or NONE)
