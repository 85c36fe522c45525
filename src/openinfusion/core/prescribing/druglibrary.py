"""An order against a drug library of the shape that pump libraries use: soft and hard bounds of dose, rate, duration, concentration,
volume and weight for one drug in one care area.

Every bound is looked at and equality is inside. What cannot be compared is never fine: it is a hit of level `missing`. Nothing is changed
or brought down to a bound.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.prescribing.kinds import convert
from openinfusion.core.prescribing.library_order import Asked, Given, Measured, folded
from openinfusion.core.prescribing.library_shape import Bounds, Entry, Side, of_kind
from openinfusion.core.prescribing.practice import DEFAULT_PRACTICE, Practice
from openinfusion.core.protocol import Strength
from openinfusion.core.quantity import Quantity

WITHIN = Fraction(1, 100)
"""Two statements of one amount may differ by this much, which is what rounding to a pump's step makes (safety.md 6.3, ours)."""


_BODY: Mapping[str, str] = {"body_mass": "weight", "area": "area"}
"""The kind below the line of a unit, and the field that it asks for."""


class Outcome(StrEnum):
    """The answer of a check. `hard` also when something could not be compared."""

    OK = "ok"
    SOFT = "soft"
    HARD = "hard"


class HitLevel(StrEnum):
    """How much a hit weighs: `missing` stops as a hard limit does, until what it names is known."""

    SOFT = "soft"
    HARD = "hard"
    MISSING = "missing"


_LEVELS: Mapping[HitLevel, Level] = {HitLevel.SOFT: Level.CAUTION, HitLevel.HARD: Level.BANNED, HitLevel.MISSING: Level.MISSING}


@dataclass(frozen=True, slots=True)
class Hit:
    """One bound that an order passes, or one comparison that cannot be made. `value` and `limit` are in one unit, `given` is what the
    order says, `of` the fields it comes from; `binds` names the bound that decides among those of one measure and side."""

    code: str
    level: HitLevel
    params: Mapping[str, Param]
    measure: Measured | None = None
    side: Side | None = None
    value: Quantity | None = None
    limit: Quantity | None = None
    given: Quantity | None = None
    of: tuple[str, ...] = ()
    binds: bool = False
    entry: Entry | None = None

    @property
    def finding(self) -> Finding:
        """The hit as a finding, for words."""
        return Finding(self.code, _LEVELS[self.level], self.params, rule=self.entry.line.id if self.entry else "")


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer to one order."""

    outcome: Outcome
    hits: tuple[Hit, ...]
    entry: Entry | None = None


@dataclass(frozen=True)
class Library:
    """The lines of one library, in the order of its file."""

    name: str
    version: str
    care_areas: tuple[str, ...]
    entries: tuple[Entry, ...]

    @cached_property
    def by_drug(self) -> Mapping[str, tuple[Entry, ...]]:
        """The lines of each drug, whose name is compared without regard to capitals and blanks."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(folded(entry.line.drug), []).append(entry)
        return {drug: tuple(entries) for drug, entries in found.items()}


def check(library: Library, asked: Asked, practice: Practice = DEFAULT_PRACTICE) -> Checked:
    """The order against the one line that is for it; a body beyond what is plausible is asked about, not reckoned with."""
    unreadable = tuple(Hit(code, HitLevel.MISSING, params) for code, params in asked.problems)
    chosen = _line(library, asked)
    if isinstance(chosen, Hit):
        return _answer((*unreadable, chosen), None)
    hits = (*unreadable, *_implausible(asked, practice), *_needs(chosen, asked), *_contradictions(chosen, asked), *_measured(chosen, asked))
    return _answer(_binding(tuple(replace(hit, entry=chosen) for hit in hits)), chosen)


def unreadable(why: str) -> Checked:
    """The answer to what is no order at all."""
    return _answer((_missing("library.order-unreadable", why=why),), None)


def _answer(hits: tuple[Hit, ...], entry: Entry | None) -> Checked:
    levels = {hit.level for hit in hits}
    if levels & {HitLevel.HARD, HitLevel.MISSING}:
        return Checked(Outcome.HARD, hits, entry)
    return Checked(Outcome.SOFT if hits else Outcome.OK, hits, entry)


def _missing(code: str, **params: Param) -> Hit:
    return Hit(code, HitLevel.MISSING, params)


def _line(library: Library, asked: Asked) -> Entry | Hit:
    """The only line for this drug, area, mode and use, or why there is none."""
    if not asked.drug or not asked.care_area:
        return _missing("library.not-named", field="care_area" if asked.drug else "drug")
    of_drug = library.by_drug.get(folded(asked.drug), ())
    if not of_drug:
        near = get_close_matches(folded(asked.drug), library.by_drug, 3)
        names = tuple(library.by_drug[name][0].line.drug for name in near)
        return _missing("library.drug-unknown", drug=asked.drug, near=names)
    if asked.care_area not in library.care_areas:
        return _missing("library.care-area-unknown", care_area=asked.care_area, care_areas=library.care_areas)
    here = tuple(entry for entry in of_drug if entry.line.care_area == asked.care_area)
    if not here:
        areas = tuple(dict.fromkeys(entry.line.care_area for entry in of_drug))
        return _missing("library.drug-not-in-area", drug=asked.drug, care_area=asked.care_area, care_areas=areas)
    fitting = tuple(entry for entry in here if _fits(entry, asked))
    if len(fitting) == 1:
        return fitting[0]
    code = "library.several-lines" if fitting else "library.no-such-line"
    lines = tuple(entry.line.id for entry in fitting or here)
    return _missing(code, drug=asked.drug, care_area=asked.care_area, lines=lines)


def _fits(entry: Entry, asked: Asked) -> bool:
    line = entry.line
    return (
        asked.line in ("", line.id)
        and asked.mode in (None, line.mode)
        and (not asked.use or folded(asked.use) == folded(line.use))
    )  # fmt: skip


def _needs(entry: Entry, asked: Asked) -> Iterator[Hit]:
    """A line per body mass needs the weight and one per body surface the area, also where the dose already says per kg."""
    for kind, field in _BODY.items():
        per = next((bound.unit for _, bounds in entry.line.measures for bound in bounds.stated if of_kind(bound, kind) < 0), "")
        if per and field not in asked.quantities and field not in asked.unread:
            yield _missing("library.per-body", field=field, unit=per)
    if not entry.line.measures:
        yield _missing("library.nothing-stated", drug=entry.line.drug, care_area=entry.line.care_area)


def _implausible(asked: Asked, practice: Practice) -> Iterator[Hit]:
    """A body mass or surface that is probably a slip: a dose per body hides behind it."""
    for field, greatest in (("weight", practice.greatest_weight), ("area", practice.greatest_surface)):
        said = asked.quantities.get(field)
        if said is not None and said > greatest:
            yield _missing("library.implausible", field=field, value=said, greatest=greatest)


def _contradictions(entry: Entry, asked: Asked) -> Iterator[Hit]:
    """Two statements of one amount that differ by more than rounding: neither is taken for the right one."""
    for measure in (Measured.CONCENTRATION, Measured.DOSE, Measured.DURATION):
        said = asked.quantities.get(measure.value)
        if said is None:
            continue
        for given in asked.derived(measure, entry.line.mode, said.unit):
            if abs(given.value.value - said.value) > said.value * WITHIN:
                yield _missing("library.contradiction", field=measure.value, value=said, other=given.value, parts=given.of)


def _measured(entry: Entry, asked: Asked) -> Iterator[Hit]:
    for measure, bounds in entry.line.measures:
        readings = asked.readings(measure, entry.line.mode, bounds.unit)
        if not readings:
            yield from _unread(measure, bounds, asked)
        for given in readings:
            yield from _passed(entry, measure, bounds, given)


def _unread(measure: Measured, bounds: Bounds, asked: Asked) -> Iterator[Hit]:
    """The measure is not stated, or stated in a unit that does not meet the bounds; what was unreadable has been said already."""
    said = asked.quantities.get(measure.value)
    if any(of_kind(bounds.stated[0], kind) < 0 and field not in asked.quantities for kind, field in _BODY.items()):
        return
    per = next((field for kind, field in _BODY.items() if said and of_kind(said, kind) < 0 and field not in asked.quantities), "")
    if said is not None and per:
        yield replace(_missing("library.per-body", field=per, unit=said.unit), measure=measure)
    elif said is not None:
        yield replace(_missing("library.not-comparable", field=measure.value, value=said, unit=bounds.unit), measure=measure)
    elif measure.value not in asked.unread:
        yield replace(_missing("library.not-stated", field=measure.value, unit=bounds.unit), measure=measure)


def _passed(entry: Entry, measure: Measured, bounds: Bounds, given: Given) -> Iterator[Hit]:
    for side, strength, limit in bounds.each:
        beyond = given.value > limit if side is Side.ABOVE else given.value < limit
        if beyond:
            line = entry.line
            params: dict[str, Param] = {
                "measure": measure.value,
                "value": given.value,
                "limit": limit,
                "drug": line.drug,
                "care_area": line.care_area,
                "line": line.id,
                "parts": () if given.of == (measure.value,) else given.of,
                "advisory": line.advisory,
            }
            level = HitLevel.HARD if strength is Strength.HARD else HitLevel.SOFT
            code = f"library.{side.value}-{strength.value}"
            yield Hit(code, level, params, measure, side, given.value, limit, given.said, given.of)


def _binding(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Of the bounds passed on one side of one measure, the one that decides: a hard one before a soft one, then the tightest."""
    deciding: dict[tuple[Measured | None, Side | None], Hit] = {}
    for hit in hits:
        if hit.limit is not None:
            first = deciding.setdefault((hit.measure, hit.side), hit)
            deciding[hit.measure, hit.side] = _nearer(first, hit)
    return tuple(replace(hit, binds=_is_bound(hit, deciding.get((hit.measure, hit.side)))) for hit in hits)


def _is_bound(hit: Hit, deciding: Hit | None) -> bool:
    """Whether a hit is against the bound that decides: the same bound may be passed by what is stated and by what follows."""
    return deciding is not None and hit.limit is not None and (hit.level, hit.limit) == (deciding.level, deciding.limit)


def _nearer(one: Hit, other: Hit) -> Hit:
    if one.level is not other.level:
        return one if one.level is HitLevel.HARD else other
    if one.limit is None or other.limit is None:
        return one
    tighter = other.limit < one.limit if one.side is Side.ABOVE else other.limit > one.limit
    return other if tighter else one


def concentration(entry: Entry, symbol: str) -> Quantity | None:
    """What the standard container of a line holds per volume; None without one, or in another kind."""
    bag = entry.line.standard
    return None if bag is None else convert(bag.amount, symbol, bag.volume)
