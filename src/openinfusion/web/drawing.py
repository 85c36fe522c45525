"""Points of server-made drawings. Pixels only: the numbers that people read stand in the table beside the drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from openinfusion.core.prescribing.order import RateStep
from openinfusion.core.quantity import Quantity

WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP = 680, 220, 72, 40, 34, 14


@dataclass(frozen=True, slots=True)
class Mark:
    """A tick of an axis, in pixels, with the quantity it stands for."""

    at: str
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class StepPlot:
    """A rate over time as a line of steps."""

    width: int
    height: int
    line: str
    area: str
    times: tuple[Mark, ...]
    rates: tuple[Mark, ...]
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


def step_plot(steps: Sequence[RateStep]) -> StepPlot | None:
    """The drawing of a rate ladder; None where there is nothing to draw."""
    if not steps:
        return None
    last = steps[-1]
    longest, fastest = float((last.after_start + last.lasts).base), float(max(step.rate.base for step in steps))
    if longest <= 0 or fastest <= 0:
        return None

    def x(seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / longest

    def y(rate: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * rate / fastest

    corners: list[tuple[float, float]] = []
    for step in steps:
        begin, end, height = float(step.after_start.base), float((step.after_start + step.lasts).base), y(float(step.rate.base))
        corners += [(x(begin), height), (x(end), height)]
    line = " ".join(f"{px:.1f},{py:.1f}" for px, py in corners)
    ground = HEIGHT - BOTTOM
    area = f"{corners[0][0]:.1f},{ground} {line} {corners[-1][0]:.1f},{ground}"
    ends = [last.after_start + last.lasts]
    shown = _spread([step.after_start for step in steps] + ends, 8)
    times = tuple(Mark(f"{x(float(one.base)):.1f}", one.to("min") if one.is_like("min") else one) for one in shown)
    rates = tuple(Mark(f"{y(float(one.base)):.1f}", one) for one in _spread([step.rate for step in steps], 6))
    return StepPlot(WIDTH, HEIGHT, line, area, times, rates)


def _spread(marks: Sequence[Quantity], most: int) -> list[Quantity]:
    """At most so many of the marks, always the first and the last."""
    if len(marks) <= most:
        return list(dict.fromkeys(marks))
    every = -(-(len(marks) - 1) // (most - 1))
    return list(dict.fromkeys([*marks[:-1:every], marks[-1]]))
