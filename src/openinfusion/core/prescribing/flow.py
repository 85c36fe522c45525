"""What flows over time, exactly: segments of constant rate and boluses, their total in a sliding window, its peak, and when a limit is
first passed.

The look-ahead of windowed limits: every source counts, to the end of what is programmed. Nothing here slows, stops or decides.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from openinfusion.core.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Segment:
    """A constant flow from `start` until `end` (times since one common origin); `rate` is an amount per time."""

    start: Quantity
    end: Quantity
    rate: Quantity


@dataclass(frozen=True, slots=True)
class Bolus:
    """An amount given at one moment. An uncertain amount stands here with its upper bound."""

    at: Quantity
    amount: Quantity


Given = Segment | Bolus


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest total of any window, and the end of the first window that reaches it."""

    total: Quantity
    at: Quantity


@dataclass(frozen=True, slots=True)
class _Window:
    """The sources on one scale: seconds and the base of their amount."""

    flows: tuple[tuple[Fraction, Fraction, Fraction], ...]
    doses: tuple[tuple[Fraction, Fraction], ...]
    span: Fraction

    def total(self, at: Fraction) -> Fraction:
        """What the window (at - span, at] holds."""
        since = at - self.span
        flowed = sum((max(Fraction(0), min(end, at) - max(start, since)) * rate for start, end, rate in self.flows), Fraction(0))
        return flowed + sum((amount for moment, amount in self.doses if since < moment <= at), Fraction(0))

    def total_before(self, at: Fraction) -> Fraction:
        """What it held just before, while boluses of exactly one span ago were still inside."""
        since = at - self.span
        flowed = sum((max(Fraction(0), min(end, at) - max(start, since)) * rate for start, end, rate in self.flows), Fraction(0))
        return flowed + sum((amount for moment, amount in self.doses if since <= moment < at), Fraction(0))

    def corners(self) -> tuple[Fraction, ...]:
        """The times between which the total is a straight line."""
        edges = {edge for start, end, _ in self.flows for edge in (start, end)} | {moment for moment, _ in self.doses}
        return tuple(sorted(edges | {edge + self.span for edge in edges}))


def window_total(sources: Iterable[Given], window: Quantity, at: Quantity, symbol: str) -> Quantity:
    """The amount of all sources inside the window that ends at a time, in the unit `symbol`; raises UnitError for unlike kinds."""
    return _amount(_window(sources, window, symbol).total(at.to("s").value), symbol)


def window_peak(sources: Sequence[Given], window: Quantity, symbol: str) -> Peak:
    """The exact maximum over all windows of this span: at a corner of the piecewise straight line, or just before one."""
    scaled = _window(sources, window, symbol)
    best, when = Fraction(0), Fraction(0)
    for at in scaled.corners():
        total = max(scaled.total(at), scaled.total_before(at))
        if total > best:
            best, when = total, at
    return Peak(_amount(best, symbol), Quantity(when, "s"))


def first_passing(sources: Sequence[Given], window: Quantity, limit: Quantity, since: Quantity | None = None) -> Quantity | None:
    """The time (with `since`, from then on) from which the window's total is above the limit, None when it never is. Equality is inside."""
    scaled = _window(sources, window, limit.unit)
    ceiling = limit.value
    before: tuple[Fraction, Fraction] | None = None
    corners = scaled.corners()
    if since is not None:
        first = since.to("s").value
        corners = (first, *(at for at in corners if at > first))
    for at in corners:
        reached = scaled.total_before(at)
        if before is not None and reached > ceiling:
            start, total = before
            return Quantity(start + (at - start) * (ceiling - total) / (reached - total), "s")
        total_here = scaled.total(at)
        if total_here > ceiling:
            return Quantity(at, "s")
        before = (at, total_here)
    return None


def _window(sources: Iterable[Given], window: Quantity, symbol: str) -> _Window:
    flows, doses = [], []
    for given in sources:
        match given:
            case Segment(start=start, end=end, rate=rate):
                amount = rate.times(end - start, symbol).value
                first, last = start.to("s").value, end.to("s").value
                if last > first:
                    flows.append((first, last, amount / (last - first)))
            case Bolus(at=at, amount=amount_given):
                doses.append((at.to("s").value, amount_given.to(symbol).value))
    return _Window(tuple(flows), tuple(doses), window.to("s").value)


def _amount(value: Fraction, symbol: str) -> Quantity:
    return Quantity(value, symbol)


def in_row(steps: Iterable[tuple[Quantity, Quantity]]) -> Iterator[Segment]:
    """Segments one after another from time zero, of (rate, duration) pairs."""
    start = Quantity(0, "s")
    for rate, lasts in steps:
        end = start + lasts
        yield Segment(start, end, rate)
        start = end
