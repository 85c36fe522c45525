"""Which syringe a dose is drawn up with, and at which of its lines the plunger then stands.

The line is the nearest one, half up, and what it is beside the dose is said. Nothing here rounds the dose, splits it over two syringes, or
reads an insulin syringe for another concentration than its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from openinfusion.core.figure import Source
from openinfusion.core.finding import Derivation, Finding, Level, Step
from openinfusion.core.part import Region
from openinfusion.core.prescribing.citations import INSULIN_SYRINGE
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Syringe


@dataclass(frozen=True, slots=True)
class ToDraw:
    """What is drawn up: its volume, the step that volume is rounded to, and for insulin its concentration."""

    volume: Quantity
    step: Quantity | None = None
    is_insulin: bool = False
    concentration: Quantity | None = None
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """The line nearest to the dose: its number from zero, its volume, what stands there on the scale (mL or units), and by how much it is
    more than the dose (less: negative)."""

    line: int
    volume: Quantity
    reading: Quantity
    residual: Quantity


@dataclass(frozen=True, slots=True)
class Drawn:
    """A dose in a syringe. Without a mark it cannot be measured with this syringe, or with none at all, and a finding says why."""

    volume: Quantity
    syringe: Syringe | None = None
    mark: Mark | None = None
    derivation: Derivation = field(default_factory=Derivation)
    findings: tuple[Finding, ...] = ()

    @property
    def share(self) -> Fraction:
        """The part of the scale that is filled: where the front edge of the plunger stands, 0 at the tip and 1 at the last line."""
        return Fraction(0) if self.syringe is None else self.volume.base / self.syringe.capacity.quantity.base


def lines(syringe: Syringe) -> int:
    """How many lines its scale has after the zero."""
    return int(syringe.capacity.quantity.base / syringe.step.base)


def reading(syringe: Syringe, volume: Quantity) -> Quantity:
    """A volume as the scale names it: units on an insulin syringe, mL on any other."""
    return volume.to("mL") if syringe.marks_for is None else volume.times(syringe.marks_for.quantity, "[iU]")


def in_stock(syringes: Iterable[Syringe], region: Region | None = None) -> tuple[Syringe, ...]:
    """The syringes of a region, smallest first and of equal ones the coarser first, which is easier to read. One that is made for a region
    takes the place of the general one of the same size there, and is offered nowhere else."""
    listed = [one for one in syringes if not one.regions or region in one.regions]
    of_region = {_size(one) for one in listed if one.regions}
    kept = [one for one in listed if one.regions or _size(one) not in of_region] if of_region else listed
    return tuple(sorted(kept, key=lambda one: one.order))


def resolves(syringe: Syringe, wanted: ToDraw) -> bool:
    """Whether the dose stands on a line, or every dose of its rounding does."""
    line = syringe.step.base
    return (wanted.volume.base / line).denominator == 1 or (
        wanted.step is not None and (_step_base(wanted.step, wanted) / line).denominator == 1
    )


def choose(syringes: Sequence[Syringe], wanted: ToDraw) -> Drawn:
    """The dose in the smallest syringe that holds it and resolves its rounding; where none resolves it, in the smallest that holds it, with
    a finding. Insulin is measured in a syringe with the lines of its own concentration, or not at all."""
    refusal = _unusable(wanted)
    if refusal is not None:
        return Drawn(wanted.volume, findings=(refusal,))
    marked = [one for one in in_stock(syringes, wanted.region) if _is_made_for(one, wanted)]
    if not marked:
        return Drawn(wanted.volume, findings=(_mismatch(wanted),))
    holding = [one for one in marked if wanted.volume <= one.capacity.quantity]
    if not holding:
        return Drawn(wanted.volume, findings=(_too_large(marked[-1], wanted),))
    smallest = [one for one in holding if _size(one) == _size(holding[0])]
    return draw(next((one for one in holding if resolves(one, wanted)), smallest[-1]), wanted)


def draw(syringe: Syringe, wanted: ToDraw) -> Drawn:
    """The dose in this syringe; without a mark where it does not hold it, has no line near it, or is made for another concentration."""
    refusal = _unusable(replace(wanted, is_insulin=wanted.is_insulin or syringe.marks_for is not None)) or _misfit(syringe, wanted)
    if refusal is not None:
        return Drawn(wanted.volume, syringe, findings=(refusal,))
    mark = _nearest(syringe, wanted.volume)
    return Drawn(wanted.volume, syringe, mark, _derivation(syringe, wanted, mark), tuple(_remarks(syringe, wanted, mark)))


def _misfit(syringe: Syringe, wanted: ToDraw) -> Finding | None:
    """Why this syringe cannot measure what another could."""
    if syringe.marks_for is not None and wanted.concentration != syringe.marks_for.quantity:
        return _mismatch(wanted, syringe.marks_for.quantity)
    if wanted.volume > syringe.capacity.quantity:
        return _too_large(syringe, wanted)
    if 2 * wanted.volume.base < syringe.step.base:
        return Finding("syringe.below-first-line", Level.BANNED, {"volume": wanted.volume, "line": syringe.step}, _lines_from(syringe))
    return None


def _remarks(syringe: Syringe, wanted: ToDraw, mark: Mark) -> Iterable[Finding]:
    if wanted.is_insulin and syringe.marks_for is None:
        yield Finding("syringe.insulin-by-volume", Level.CAUTION, {"volume": wanted.volume}, INSULIN_SYRINGE)
    if mark.residual.base == 0:
        return
    off = Quantity(abs(mark.residual.value), mark.residual.unit)
    is_within = wanted.step is not None and resolves(syringe, wanted) and 2 * off.base <= _step_base(wanted.step, wanted)
    params = {"volume": wanted.volume, "reading": mark.reading, "off": off, "side": "more" if mark.residual.base > 0 else "less"}
    yield Finding("syringe.between-lines", Level.INFO if is_within else Level.CAUTION, params, _lines_from(syringe))


def _nearest(syringe: Syringe, volume: Quantity) -> Mark:
    at = volume.rounded(syringe.step).to("mL")
    return Mark(int(at.base / syringe.step.base), at, reading(syringe, at), at - volume)


def _derivation(syringe: Syringe, wanted: ToDraw, mark: Mark) -> Derivation:
    nearest = Step("syringe.line", (("volume", wanted.volume), ("line", syringe.step)), mark.volume, _lines_from(syringe))
    if syringe.marks_for is None:
        return Derivation((nearest,))
    units = Step(
        "syringe.units", (("volume", mark.volume), ("concentration", syringe.marks_for.quantity)), mark.reading, syringe.marks_for.sources
    )
    return Derivation((nearest, units))


def _unusable(wanted: ToDraw) -> Finding | None:
    """Why no syringe can measure this at all."""
    if not wanted.volume.is_like("mL") or wanted.volume.base <= 0:
        return Finding("syringe.no-volume", Level.MISSING, {"volume": wanted.volume})
    if wanted.is_insulin and wanted.concentration is None:
        return Finding("syringe.concentration-missing", Level.MISSING, {}, INSULIN_SYRINGE)
    return None


def _is_made_for(syringe: Syringe, wanted: ToDraw) -> bool:
    marked = None if syringe.marks_for is None else syringe.marks_for.quantity
    return marked == wanted.concentration if wanted.is_insulin else marked is None


def _mismatch(wanted: ToDraw, marked: Quantity | None = None) -> Finding:
    params = {"concentration": wanted.concentration, "marked": marked}
    return Finding("syringe.other-concentration", Level.BANNED, params, INSULIN_SYRINGE)


def _too_large(syringe: Syringe, wanted: ToDraw) -> Finding:
    params = {"volume": wanted.volume, "capacity": syringe.capacity.quantity}
    return Finding("syringe.too-large", Level.BANNED, params, syringe.capacity.sources)


def _step_base(step: Quantity, wanted: ToDraw) -> Fraction:
    """The rounding as a volume; a rounding in units is one at the insulin's concentration."""
    if step.is_like("mL") or wanted.concentration is None:
        return step.to("mL").base
    return step.over(wanted.concentration, "mL").base


def _size(syringe: Syringe) -> tuple[Quantity, Quantity | None]:
    return syringe.capacity.quantity, None if syringe.marks_for is None else syringe.marks_for.quantity


def _lines_from(syringe: Syringe) -> tuple[Source, ...]:
    return syringe.graduation.sources
