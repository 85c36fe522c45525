"""The parts of which drawings of values over time are made: even steps of an axis, points, words and lines. SVG in black on any ground."""

from collections.abc import Iterator, Sequence
from html import escape

_PARTS = (0.2, 0.25, 0.5, 1, 2, 5)


def even(most: float, count: int) -> Iterator[float]:
    """Even values from zero up to the highest, at most `count` after zero."""
    size = 1.0
    while size > most:
        size /= 10
    while size * 10 <= most:
        size *= 10
    step = next((size * part for part in _PARTS if most / (size * part) <= count), size * 10)
    for n in range(int(most / step + 1e-9) + 1):
        yield round(n * step, 12)


def joined(points: Sequence[tuple[float, float]]) -> str:
    """Places as SVG writes them."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def text(x: float, y: float, words: str, anchor: str, *, bold: bool = False) -> str:
    """Words at a place."""
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'


def line(start: tuple[float, float], end: tuple[float, float], look: str, width: str = "1.5", opacity: str = "", dashes: str = "") -> str:
    """A straight line; `look` is its class."""
    more = "".join(f' {name}="{value}"' for name, value in (("stroke-opacity", opacity), ("stroke-dasharray", dashes)) if value)
    return (
        f'<line class="{look}" x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" '
        f'stroke="currentColor" stroke-width="{width}"{more}/>'
    )
