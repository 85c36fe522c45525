"""Levels over time as a drawing: the band of a population, curves each with a pattern of its own, a window that is aimed at, doses as bars
under the axis, measured levels as crosses. Complete SVG, in black on any ground; the numbers that decide stand in a table beside it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from openinfusion.app.present import drawing
from openinfusion.app.present.numbers import unit_text
from openinfusion.app.present.words import Translate, plain

WIDTH, LEFT, RIGHT, HEAD, PANEL, FOOT = 660, 62, 20, 34, 250, 66
_KEY = 21
_PATTERNS = ("", "9 4", "2 4", "12 4 2 4", "5 2")
_STEPS_H = (0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 24)
_STEPS_D = (0.5, 1, 2, 3, 7, 14, 28, 56, 91, 182)
_DAYS_FROM_H = 72.0

_LEVEL, _HOURS, _DAYS = "Expected level, {unit}", "Time, hours", "Time, days"
_BAND, _WINDOW, _DOSE, _MEASURED, _NOW = "nine of ten patients", "aimed at", "doses", "measured", "now"
_SAYS = "{label}: highest {peak} {unit} after {at}."
_SAYS_BAND = "A shaded band shows {label}."
_SAYS_WINDOW = "A hatched window from {low} to {high} {unit} is aimed at."
_SAYS_MEASURED = "{count} measured levels are crosses."
_SIMULATED = "Simulated from a published model, not measured."
_DAY_TEXT, _HOUR_TEXT, _MINUTE_TEXT = "{n} d", "{n} h", "{n} min"


@dataclass(frozen=True, slots=True)
class Line:
    """One curve, with what it is called."""

    label: str
    time_h: tuple[float, ...]
    level: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """The room that nine of ten patients fill."""

    time_h: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """All that one drawing shows. `doses` are starts and ends in hours; `points` are measured levels; `now_h` is where the
    record ends; what is higher than `most`, where that is not zero, leaves the picture at its top."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    band: Band | None = None
    window: tuple[float, float] | None = None
    doses: tuple[tuple[float, float], ...] = ()
    points: tuple[tuple[float, float], ...] = ()
    now_h: float | None = None
    most: float = 0.0
    band_label: str = ""
    now_label: str = ""


@dataclass(frozen=True, slots=True)
class _Scale:
    first_h: float
    until_h: float
    most: float

    def x(self, at_h: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (at_h - self.first_h) / (self.until_h - self.first_h)

    def y(self, level: float) -> float:
        return HEAD + PANEL - PANEL * max(level, 0.0) / self.most

    @property
    def in_days(self) -> bool:
        return self.until_h - self.first_h > _DAYS_FROM_H


def time_text(hours: float, translate: Translate = plain) -> str:
    """A time as people say it: minutes below two hours, days from three days on."""
    if abs(hours) >= _DAYS_FROM_H:
        return translate(_DAY_TEXT).format(n=figure(hours / 24.0))
    if abs(hours) < 2.0:
        return translate(_MINUTE_TEXT).format(n=f"{hours * 60.0:.0f}")
    return translate(_HOUR_TEXT).format(n=figure(hours))


def figure(value: float) -> str:
    """A simulated number: three digits, never in powers of ten, without a trailing zero."""
    if value == 0.0 or not abs(value) < float("inf"):
        return "0" if value == 0.0 else "–"
    places = max(0, 3 - len(str(int(abs(value))))) if abs(value) >= 1 else next(n for n in range(1, 20) if abs(value) * 10**n >= 1) + 2
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def drawing_of(picture: Picture, translate: Translate = plain, name: str = "level", *, ground: str = "") -> str:
    """The drawing as SVG text; empty where there is nothing to draw. `name` begins the ids of its title and description; `ground` is a
    colour laid under it where it stands as a file of its own."""
    times = [time for line in picture.lines for time in line.time_h]
    highest = max([level for line in picture.lines for level in line.level] + [level for _, level in picture.points], default=0.0)
    if len(times) < 2 or highest <= 0.0 or max(times) <= min(times):
        return ""
    most = picture.most or max([highest * 1.06, *(_near(picture.band, highest) if picture.band else ()), *((picture.window or (0, 0))[1:])])
    scale = _Scale(min(times), max(times), most)
    key = [*_key(picture, translate)]
    height = HEAD + PANEL + FOOT + _KEY * len(key) + 4
    ids = f"{name}-title {name}-description"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="level-drawing" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="{ids}" font-family="sans-serif" font-size="13" fill="currentColor">'
    )
    parts = [
        head,
        f'<title id="{name}-title">{escape(picture.title)}</title>',
        f'<desc id="{name}-description">{escape(_said(picture, translate))}</desc>',
        *([f'<rect width="{WIDTH}" height="{height}" fill="{ground}"/>'] if ground else ()),
        *_window(picture, scale, name),
        *_frame(picture, scale, translate),
        f'<clipPath id="{name}-inside"><rect x="0" y="{HEAD - 4}" width="{WIDTH}" height="{PANEL + 6}"/></clipPath>',
        f'<g clip-path="url(#{name}-inside)">',
        *_band(picture, scale),
        *_curves(picture, scale),
        "</g>",
        *_doses(picture, scale),
        *_points(picture, scale),
        *_now(picture, scale, translate),
        *(one.format(y=HEAD + PANEL + FOOT + _KEY * n) for n, one in enumerate(key)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _near(band: Band, highest: float) -> tuple[float]:
    """The top of the band, as far as it leaves the curve room."""
    return (min(max(band.upper) * 1.04, highest * 3.0),)


def _said(picture: Picture, translate: Translate) -> str:
    """The drawing in a few sentences."""
    unit = unit_text(picture.unit, translate)
    found = []
    for line in picture.lines:
        place = max(range(len(line.level)), key=line.level.__getitem__)
        at = time_text(line.time_h[place], translate)
        found.append(translate(_SAYS).format(label=line.label, peak=figure(line.level[place]), unit=unit, at=at))
    if picture.band:
        found.append(translate(_SAYS_BAND).format(label=picture.band_label or translate(_BAND)))
    if picture.window:
        low, high = (figure(one) for one in picture.window)
        found.append(translate(_SAYS_WINDOW).format(low=low, high=high, unit=unit))
    if picture.points:
        found.append(translate(_SAYS_MEASURED).format(count=len(picture.points)))
    return " ".join((*found, translate(_SIMULATED)))


def _frame(picture: Picture, scale: _Scale, translate: Translate) -> Iterator[str]:
    right, base = WIDTH - RIGHT, HEAD + PANEL
    yield drawing.text(LEFT, HEAD - 14, translate(_LEVEL).format(unit=unit_text(picture.unit, translate)), "start", bold=True)
    for value in drawing.even(scale.most, 6):
        y = scale.y(value)
        yield drawing.line((LEFT, y), (right, y), "grid", width="1", opacity="0.25")
        yield drawing.text(LEFT - 8, y + 4.5, figure(value), "end")
    yield drawing.line((LEFT, base), (right, base), "axis")
    yield drawing.line((LEFT, HEAD - 4), (LEFT, base), "axis")
    each, steps = (24.0, _STEPS_D) if scale.in_days else (1.0, _STEPS_H)
    length = (scale.until_h - scale.first_h) / each
    step = next((one for one in steps if length / one <= 8), steps[-1] * 2)
    for n in range(int(length / step + 1e-9) + 1):
        x = scale.x(scale.first_h + n * step * each)
        yield drawing.line((x, base), (x, base + 5), "axis")
        yield drawing.text(x, base + 30, figure(scale.first_h / each + n * step), "middle")
    yield drawing.text((LEFT + right) / 2, base + 50, translate(_DAYS if scale.in_days else _HOURS), "middle")


def _band(picture: Picture, scale: _Scale) -> Iterator[str]:
    if picture.band:
        band = picture.band
        up = [(scale.x(t), scale.y(v)) for t, v in zip(band.time_h, band.upper, strict=True)]
        down = [(scale.x(t), scale.y(v)) for t, v in zip(band.time_h, band.lower, strict=True)]
        around = drawing.joined([*up, *reversed(down)])
        yield f'<polygon class="band" points="{around}" fill-opacity="0.14" stroke="currentColor" stroke-opacity="0.4"/>'


def _curves(picture: Picture, scale: _Scale) -> Iterator[str]:
    for n, line in enumerate(picture.lines):
        points = drawing.joined([(scale.x(t), scale.y(v)) for t, v in zip(line.time_h, line.level, strict=True)])
        yield f'<polyline class="curve n{n}" points="{points}" fill="none" stroke="currentColor" stroke-width="2.5"{_dashes(n)}/>'


def _dashes(n: int) -> str:
    pattern = _PATTERNS[n % len(_PATTERNS)]
    return f' stroke-dasharray="{pattern}"' if pattern else ""


def _window(picture: Picture, scale: _Scale, name: str) -> Iterator[str]:
    if picture.window:
        low, high = (scale.y(one) for one in picture.window)
        yield (
            f'<pattern id="{name}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
            '<line x1="0" y1="0" x2="0" y2="7" stroke="currentColor" stroke-opacity="0.35" stroke-width="1.5"/></pattern>'
        )
        width = WIDTH - LEFT - RIGHT
        yield f'<rect class="window" x="{LEFT}" y="{high:.1f}" width="{width}" height="{low - high:.1f}" fill="url(#{name}-hatch)"/>'


def _doses(picture: Picture, scale: _Scale) -> Iterator[str]:
    base = HEAD + PANEL + 8
    for start, stop in picture.doses:
        if scale.first_h <= start <= scale.until_h:
            left, right = scale.x(start), scale.x(min(stop, scale.until_h))
            yield f'<rect class="dose" x="{left:.1f}" y="{base}" width="{max(right - left, 3.0):.1f}" height="7"/>'


def _points(picture: Picture, scale: _Scale) -> Iterator[str]:
    for at, level in picture.points:
        yield _cross(scale.x(at), scale.y(level))


def _cross(x: float, y: float) -> str:
    at = f"M{x - 5:.1f} {y - 5:.1f} l10 10 m0 -10 l-10 10"
    return f'<path class="measured" d="{at}" stroke="currentColor" stroke-width="2.5" fill="none"/>'


def _now(picture: Picture, scale: _Scale, translate: Translate) -> Iterator[str]:
    if picture.now_h is not None and scale.first_h <= picture.now_h <= scale.until_h:
        x = scale.x(picture.now_h)
        yield drawing.line((x, HEAD), (x, HEAD + PANEL), "present", dashes="3 3")
        yield drawing.text(x + 4, HEAD + 4, picture.now_label or translate(_NOW), "start")


def _key(picture: Picture, translate: Translate) -> Iterator[str]:
    """What each pattern means, one below the other; `{y}` is the place of the row."""
    for n, line in enumerate(picture.lines):
        sign = f'<path class="curve n{n}" d="M0 0 h34" fill="none" stroke="currentColor" stroke-width="2.5"{_dashes(n)}/>'
        yield _row(sign, line.label)
    if picture.band:
        yield _row(
            '<rect class="band" x="0" y="-6" width="34" height="12" fill-opacity="0.14" stroke="currentColor"/>',
            picture.band_label or translate(_BAND),
        )
    if picture.window:
        yield _row('<path d="M2 6 l10 -12 m0 12 l10 -12 m0 12 l10 -12" stroke="currentColor" fill="none"/>', translate(_WINDOW))
    if picture.doses:
        yield _row('<rect class="dose" x="0" y="-3" width="34" height="7"/>', translate(_DOSE))
    if picture.points:
        yield _row(_cross(17, 0), translate(_MEASURED))


def _row(sign: str, words: str) -> str:
    safe = escape(words).replace("{", "{{").replace("}", "}}")
    return f'<g class="legend" transform="translate({LEFT} {{y}})">{sign}<text x="44" y="4.5">{safe}</text></g>'


def message_ids() -> tuple[str, ...]:
    """Every English text of this room, for the translation files."""
    said = (_SAYS, _SAYS_BAND, _SAYS_WINDOW, _SAYS_MEASURED, _SIMULATED, _DAY_TEXT, _HOUR_TEXT, _MINUTE_TEXT)
    return (_LEVEL, _HOURS, _DAYS, _BAND, _WINDOW, _DOSE, _MEASURED, _NOW, *said)
