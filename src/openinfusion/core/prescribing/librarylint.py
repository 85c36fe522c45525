"""What is wrong with a drug library that can be read: lines without a hard maximum, ranges the wrong way round, soft bounds outside hard
ones, a standard container outside its own line, lines that nobody can tell apart. Nothing is corrected."""

from collections.abc import Iterator

from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.prescribing.druglibrary import Library, concentration
from openinfusion.core.prescribing.library_order import Measured, folded
from openinfusion.core.prescribing.library_shape import Bounds, Entry, Side
from openinfusion.core.quantity import Quantity

Found = tuple[Entry, Finding]


def lint(library: Library) -> tuple[Found, ...]:
    """Every finding with its line, in the order of the file."""
    return (*(found for entry in library.entries for found in _line(entry)), *_repeated(library))


def _found(code: str, entry: Entry, **params: Param) -> Found:
    line = entry.line
    shared: dict[str, Param] = {"drug": line.drug, "care_area": line.care_area}
    return entry, Finding(code, Level.BANNED, {**shared, **params}, rule=line.id)


def _line(entry: Entry) -> Iterator[Found]:
    line = entry.line
    if line.dose is None:
        yield _found("library-line.no-dose-bounds", entry)
    elif line.dose.hard_max is None and line.no_hard_maximum is None:
        yield _found("library-line.no-hard-maximum", entry)
    elif line.dose.hard_max is not None and line.no_hard_maximum is not None:
        yield _found("library-line.both-maximum-and-none", entry, limit=line.dose.hard_max)
    for measure, bounds in line.measures:
        yield from _order_of(entry, measure, bounds)
    yield from _standard(entry)


def _order_of(entry: Entry, measure: Measured, bounds: Bounds) -> Iterator[Found]:
    """Hard minimum, soft minimum, soft maximum, hard maximum rise in this order; equal ones are allowed."""
    outside = ((bounds.hard_min, bounds.soft_min), (bounds.soft_max, bounds.hard_max))
    for low, high in outside:
        if low is not None and high is not None and low > high:
            yield _found("library-line.soft-outside-hard", entry, measure=measure.value, low=low, high=high)
    for low in (bounds.hard_min, bounds.soft_min):
        for high in (bounds.soft_max, bounds.hard_max):
            if low is not None and high is not None and low > high:
                yield _found("library-line.inverted", entry, measure=measure.value, low=low, high=high)


def _standard(entry: Entry) -> Iterator[Found]:
    """The standard container keeps the line's own bounds of concentration and volume."""
    bag = entry.line.standard
    for measure, bounds in entry.line.measures if bag is not None else ():
        value: Quantity | None = None
        if measure is Measured.CONCENTRATION:
            value = concentration(entry, bounds.unit)
            if value is None:
                yield _found("library-line.standard-not-comparable", entry, measure=measure.value, unit=bounds.unit)
        elif measure is Measured.VOLUME and bag is not None:
            value = bag.volume
        for side, strength, limit in bounds.each if value is not None else ():
            if value is not None and (value > limit if side is Side.ABOVE else value < limit):
                params: dict[str, Param] = {"measure": measure.value, "value": value, "limit": limit, "strength": strength.value}
                yield _found("library-line.standard-outside", entry, **params)


def _repeated(library: Library) -> Iterator[Found]:
    """Two lines for one drug, area, mode and use that an order could not tell apart but by their ids."""
    seen: dict[tuple[str, ...], Entry] = {}
    for entry in library.entries:
        line = entry.line
        bag = line.standard
        key = (folded(line.drug), line.care_area, line.mode.value, folded(line.use), "" if bag is None else _strength(entry))
        first = seen.setdefault(key, entry)
        if first is not entry:
            yield _found("library-line.repeated", entry, other=first.line.id, at=first.at)


def _strength(entry: Entry) -> str:
    """The concentration of the standard container as a text that is equal for equal concentrations."""
    bag = entry.line.standard
    return "" if bag is None else f"{bag.amount.dimensions} {bag.amount.base / bag.volume.base}"
