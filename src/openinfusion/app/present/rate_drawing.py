"""A rate table as a drawing: the rate above, the volume given below, on one axis of time. Complete SVG, in black on any ground.

Every number that decides stands in the table beside it; the drawing has a title and a description, and no sign by colour alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from openinfusion.app.present import drawing
from openinfusion.app.present.numbers import quantity
from openinfusion.app.present.rate_tables import clock_text
from openinfusion.app.present.words import Translate, plain
from openinfusion.core.prescribing.rate_table import Kind, RateTable, Row
from openinfusion.core.quantity import Quantity

WIDTH, LEFT, RIGHT, HEAD, PANEL, FOOT = 660, 60, 26, 30, 128, 44
_MINUTES = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 480, 720, 1440, 2880, 10080)
_MOST_TICKS, _MOST_LABELS = 9, 6

_TITLE = "Rate and volume over time"
_RATE, _GIVEN, _AXIS = "Rate, mL/h", "Volume given, mL", "Time after the start, h:min"
_FLUSH = "flush"
_SAYS_FLOW = "The rate goes from {first} to {last} in {count} steps."
_SAYS_ONE = "The rate is {first}."
_SAYS_BOLUS = "{count} portions by bolus."
_SAYS_END = "After {ends} {volume} are given. Each number stands in the table."


@dataclass(frozen=True, slots=True)
class _Panel:
    """One field of the drawing: what stands at its head, its top in pixels, and the value at its upper edge."""

    head: str
    top: int
    most: float

    @property
    def base(self) -> int:
        """The height of zero."""
        return self.top + PANEL

    def y(self, value: float) -> float:
        """A value as a height."""
        return self.base - PANEL * value / self.most


@dataclass(frozen=True, slots=True)
class _Time:
    """The axis of time, in seconds."""

    longest: float

    def x(self, at: Quantity) -> float:
        """A time as a place."""
        return LEFT + (WIDTH - LEFT - RIGHT) * float(at.base) / self.longest


def drawing_of(table: RateTable, translate: Translate = plain, name: str = "rates") -> str:
    """The drawing as SVG text; empty where nothing lasts. `name` begins the ids of its title and description."""
    rows = [row for row in table.rows if row.kind is not Kind.PRIMING]
    longest = float(table.all_ends.base)
    if longest <= 0 or table.volume.value <= 0:
        return ""
    time, flows = _Time(longest), [row for row in rows if row.rate is not None]
    panels: list[str] = []
    top = HEAD
    if flows:
        rate = _Panel(translate(_RATE), top, float(max(row.rate.value for row in flows if row.rate is not None)))
        panels += [*_frame(rate), *_rates(rate, time, rows, translate)]
        top = rate.base + FOOT
    given = _Panel(translate(_GIVEN), top, float(table.volume.value))
    panels += [*_frame(given), *_given(given, time, rows, translate), *_axis(given, time, table.all_ends, translate)]
    height = given.base + FOOT
    ids = f"{name}-title {name}-description"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="rate-drawing" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="{ids}" font-family="sans-serif" font-size="13" fill="currentColor">'
    )
    title = f'<title id="{name}-title">{escape(translate(_TITLE))}</title>'
    description = f'<desc id="{name}-description">{escape(_said(table, flows, translate))}</desc>'
    return "\n".join((head, title, description, *panels, "</svg>")) + "\n"


def _said(table: RateTable, flows: Sequence[Row], translate: Translate) -> str:
    """The drawing in a few sentences."""
    parts = []
    rates = [row.rate for row in flows if row.rate is not None and row.kind is Kind.FLOW]
    if rates:
        form = _SAYS_ONE if len(set(rates)) == 1 else _SAYS_FLOW
        parts.append(translate(form).format(first=quantity(rates[0], translate), last=quantity(rates[-1], translate), count=len(rates)))
    boluses = sum(row.kind is Kind.BOLUS for row in table.rows)
    if boluses:
        parts.append(translate(_SAYS_BOLUS).format(count=boluses))
    parts.append(translate(_SAYS_END).format(ends=clock_text(table.ends), volume=quantity(table.volume, translate)))
    return " ".join(parts)


def _frame(panel: _Panel) -> Iterator[str]:
    """The head, the lines at even values with their numbers, and the axes."""
    yield drawing.text(LEFT, panel.top - 12, panel.head, "start", bold=True)
    right = WIDTH - RIGHT
    for value in drawing.even(panel.most, 5):
        y = panel.y(value)
        if value:
            yield drawing.line((LEFT, y), (right, y), "grid", width="1", opacity="0.25")
        yield drawing.text(LEFT - 8, y + 4.5, f"{value:g}", "end")
    yield drawing.line((LEFT, panel.base), (right, panel.base), "axis")
    yield drawing.line((LEFT, panel.top - 4), (LEFT, panel.base), "axis")


def _rates(panel: _Panel, time: _Time, rows: Sequence[Row], translate: Translate) -> Iterator[str]:
    """The rate as a line of steps over its area; the flush dashed; each bolus an arrow from above with its volume."""
    for kind, look in ((Kind.FLOW, ""), (Kind.FLUSH, "4 3")):
        points: list[tuple[float, float]] = []
        for row in (row for row in rows if row.kind is kind or (kind is Kind.FLOW and row.kind is Kind.REST)):
            height = panel.y(float(row.rate.value) if row.rate is not None else 0)
            points += [(time.x(row.begins), height), (time.x(row.ends), height)]
        if points:
            around = [(points[0][0], panel.base), *points, (points[-1][0], panel.base)]
            yield f'<polygon class="area" points="{drawing.joined(around)}" fill-opacity="0.12"/>'
            dashes = f' stroke-dasharray="{look}"' if look else ""
            steps = drawing.joined(points)
            yield f'<polyline class="steps" points="{steps}" fill="none" stroke="currentColor" stroke-width="2.5"{dashes}/>'
        if points and kind is Kind.FLUSH:
            yield drawing.text((points[0][0] + points[-1][0]) / 2, panel.y(0) - 6, translate(_FLUSH), "middle")
    boluses = [row for row in rows if row.kind is Kind.BOLUS]
    for row in boluses:
        x, label = time.x(row.begins), quantity(row.volume, translate) if len(boluses) <= _MOST_LABELS else ""
        yield drawing.line((x, panel.top - 2), (x, panel.base), "bolus", width="2", dashes="1 3")
        yield f'<path class="bolus" d="M{x - 4:.1f} {panel.base - 8} L{x + 4:.1f} {panel.base - 8} L{x:.1f} {panel.base} Z"/>'
        if label:
            yield drawing.text(x + 6, panel.top + 10, label, "start")


def _given(panel: _Panel, time: _Time, rows: Sequence[Row], translate: Translate) -> Iterator[str]:
    """What is given, as a line that never falls, with the whole at its end."""
    points = [(time.x(rows[0].begins), panel.y(0))]
    for row in rows:
        before = row.given - row.volume if row.kind.counts else row.given
        points += [(time.x(row.begins), panel.y(float(before.value))), (time.x(row.ends), panel.y(float(row.given.value)))]
    yield f'<polyline class="given" points="{drawing.joined(points)}" fill="none" stroke="currentColor" stroke-width="2.5"/>'
    end = next(row for row in reversed(rows) if row.kind.counts)
    x, y = time.x(end.ends), panel.y(float(end.given.value))
    yield f'<circle class="given" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
    yield drawing.text(x, y - 9, quantity(end.given, translate), "end", bold=True)


def _axis(panel: _Panel, time: _Time, longest: Quantity, translate: Translate) -> Iterator[str]:
    minutes = float(longest.to("min").value)
    step = next((each for each in _MINUTES if minutes / each < _MOST_TICKS), _MINUTES[-1] * (int(minutes / _MINUTES[-1] / _MOST_TICKS) + 1))
    for n in range(int(minutes // step) + 1):
        at = Quantity(n * step, "min")
        x = time.x(at)
        yield drawing.line((x, panel.base), (x, panel.base + 5), "axis")
        yield drawing.text(x, panel.base + 19, clock_text(at), "middle")
    yield drawing.text((LEFT + WIDTH - RIGHT) / 2, panel.base + 37, translate(_AXIS), "middle")


def message_ids() -> tuple[str, ...]:
    """Every English text of this room, for the translation files."""
    return (_TITLE, _RATE, _GIVEN, _AXIS, _FLUSH, _SAYS_FLOW, _SAYS_ONE, _SAYS_BOLUS, _SAYS_END)
