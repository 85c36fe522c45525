"""A syringe with its lines and the plunger at the dose, as an SVG that needs neither colour nor style sheet nor script.

The front edge of the plunger stands exactly at the dose, also where that is between two lines. Without a mark nothing is drawn.
"""

from collections.abc import Iterator
from fractions import Fraction
from html import escape

from openinfusion.app.present.numbers import number_text, quantity
from openinfusion.app.present.words import Translate, plain
from openinfusion.core.prescribing.syringe import Drawn, Mark, lines, reading
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Syringe

WIDTH, HEIGHT = 760, 200
ZERO, SCALE = 90, 520
"""Where the zero of the scale stands, and how long the scale is, in units of the drawing."""

TOP, BOTTOM = 56, 122
_SHORT, _MIDDLE, _LONG = 12, 18, 26
_STOPPER, _BEHIND, _ROD = 18, 28, 8
_MOST_NUMBERS = 10


def syringe_picture(drawn: Drawn, name: str, translate: Translate = plain) -> str:
    """The picture of a measured dose, empty text where it was not measured. `name` is what people call the syringe."""
    if drawn.syringe is None or drawn.mark is None:
        return ""
    title = translate("{syringe} The plunger is at {dose}.").format(syringe=name, dose=_dose(drawn.syringe, drawn.volume, translate))
    parts = (
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(description(drawn.syringe, drawn.mark, drawn.volume, translate))}</desc>",
        *_body(position(drawn.share)),
        *_scale(drawn.syringe, translate),
        *_pointer(position(drawn.share), _dose(drawn.syringe, drawn.volume, translate)),
    )
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" class="syringe" {size} font-family="sans-serif" font-size="20"'
    return f'{opening} fill="#000" stroke="none">{"".join(parts)}</svg>'


def description(syringe: Syringe, mark: Mark, volume: Quantity, translate: Translate = plain) -> str:
    """What the picture shows, for people who do not see it."""
    spoken = translate("One line at every {line}, a number at every {number}. The front edge of the plunger is at {dose}").format(
        line=quantity(reading(syringe, syringe.step), translate),
        number=quantity(reading(syringe, syringe.step.scaled(numbered_every(syringe))), translate),
        dose=_dose(syringe, volume, translate),
    )
    if mark.residual.base == 0:
        return spoken + translate(", on line {line} from zero.").format(line=mark.line)
    low, high = (reading(syringe, syringe.step.scaled(count)) for count in _between(syringe, volume))
    return spoken + translate(", between {low} and {high}; the nearest line is {near}.").format(
        low=quantity(low, translate), high=quantity(high, translate), near=quantity(mark.reading, translate)
    )


def position(share: Fraction) -> Fraction:
    """Where a part of the scale ends in the drawing, from the left."""
    return ZERO + SCALE * share


def numbered_every(syringe: Syringe) -> int:
    """Every how many lines a number stands: at steps of 1, 2 or 5 and tens of them, as fine as ten numbers allow."""
    line, count = reading(syringe, syringe.step).value, lines(syringe)
    for power in range(-3, 4):
        for digit in (1, 2, 5):
            every = digit * Fraction(10) ** power / line
            if every.denominator == 1 and count <= _MOST_NUMBERS * every:
                return int(every)
    return count


def _between(syringe: Syringe, volume: Quantity) -> tuple[int, int]:
    below = int(volume.base / syringe.step.base)
    return below, below + 1


def _dose(syringe: Syringe, volume: Quantity, translate: Translate) -> str:
    in_volume = quantity(volume.to("mL"), translate)
    return in_volume if syringe.marks_for is None else f"{quantity(reading(syringe, volume), translate)} ({in_volume})"


def _body(edge: Fraction) -> Iterator[str]:
    """Tip, barrel, what is in it, stopper and rod. The left side of the stopper is the edge that is read."""
    tip, rod, end = (TOP + BOTTOM) // 2, BOTTOM - 24, ZERO + SCALE + _BEHIND
    thumb = end + 24 + (edge - ZERO) / 8
    outline = 'fill="none" stroke="#000" stroke-width="2"'
    yield f'<path d="M14 {tip} H46 M46 {tip - 9} H{ZERO} M46 {tip + 9} H{ZERO} M46 {tip - 9} V{tip + 9}" {outline}/>'
    yield f'<rect x="{ZERO}" y="{TOP}" width="{_px(edge - ZERO)}" height="{BOTTOM - TOP}" fill="#d6e8f5"/>'
    yield f'<path d="M{ZERO} {TOP} H{end} M{ZERO} {BOTTOM} H{end} M{ZERO} {TOP} V{BOTTOM}" {outline}/>'
    yield f'<path d="M{end} {TOP - 16} V{TOP} M{end} {BOTTOM} V{BOTTOM + 16}" {outline}/>'
    back = _px(edge + _STOPPER)
    yield f'<path d="M{back} {rod - _ROD} H{_px(thumb)} M{back} {rod + _ROD} H{_px(thumb)}" {outline}/>'
    yield f'<path d="M{_px(thumb)} {rod - 28} V{rod + 28}" {outline}/>'
    yield f'<rect x="{_px(edge)}" y="{TOP + 1}" width="{_STOPPER}" height="{BOTTOM - TOP - 2}" fill="#9a9a9a"/>'


def _scale(syringe: Syringe, translate: Translate) -> Iterator[str]:
    """The lines hang from the upper side of the barrel, the numbers stand above it."""
    every, middle, count = numbered_every(syringe), _middle_every(syringe), lines(syringe)
    for line in range(count + 1):
        x = _px(position(Fraction(line, count)))
        is_numbered = line % every == 0
        length = _LONG if is_numbered else _MIDDLE if line % middle == 0 else _SHORT
        yield f'<path d="M{x} {TOP} v{length}" stroke="#000" stroke-width="{2 if is_numbered else 1}"/>'
        if is_numbered:
            text = number_text(reading(syringe, syringe.step.scaled(line)).value)
            yield f'<text x="{x}" y="{TOP - 8}" text-anchor="middle">{text}</text>'
    unit = translate("mL") if syringe.marks_for is None else translate("units")
    yield f'<text x="{ZERO - 16}" y="{TOP - 8}" text-anchor="end" font-weight="bold">{escape(unit)}</text>'


def _middle_every(syringe: Syringe) -> int:
    """Every how many lines one is a little longer: a fifth of a step of five, half of any other, where lines are left between."""
    every = numbered_every(syringe)
    number = number_text(reading(syringe, syringe.step.scaled(every)).value)
    parts = 5 if "5" in number else 2
    return every // parts if every % parts == 0 and every > parts else every


def _pointer(edge: Fraction, dose: str) -> Iterator[str]:
    """The edge that is read, drawn through, with the dose under it."""
    x = _px(edge)
    yield f'<path d="M{x} {TOP} V{BOTTOM + 22}" stroke="#000" stroke-width="2"/>'
    yield f'<path d="M{x} {BOTTOM + 4} l-7 14 h14 z"/>'
    beside = _px(min(max(edge, Fraction(130)), Fraction(WIDTH - 140)))
    yield f'<text x="{beside}" y="{HEIGHT - 26}" text-anchor="middle" font-size="24" font-weight="bold">{escape(dose)}</text>'


def _px(value: Fraction) -> str:
    return f"{float(value):.3f}".rstrip("0").rstrip(".")
