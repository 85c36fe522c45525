"""The level that one drug is expected to reach by each route that a model knows, side by side. It compares and recommends nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openinfusion.app.present.kinetic_drawing import Line, Picture, drawing_of, figure, time_text
from openinfusion.app.present.numbers import quantity, unit_text
from openinfusion.app.present.words import Translate, plain
from openinfusion.core.pharmacokinetics.comparison import Traced, level_of, settles_h, traced, typical
from openinfusion.core.pharmacokinetics.edge import above_zero
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Via
from openinfusion.core.pharmacokinetics.patient_facts import Fact, read_person
from openinfusion.core.pharmacokinetics.regimen import Regimen

_ROUTES = {Via.IV: "into a vein", Via.SC: "under the skin", Via.IM: "into a muscle", Via.EPIDURAL: "epidural", Via.ORAL: "by mouth"}
_OVER = "{route}, over {over}"
_TITLE = "{drug} {dose}, by route"
_HALF = 0.5
_POINTS = 480


@dataclass(frozen=True, slots=True)
class Row:
    """One way of giving in figures for people; empty text where it never counts."""

    name: str
    onset: str
    peak: str
    peak_at: str
    above: str
    last: str
    area: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Some ways of giving one dose: what was asked about, each in figures, and all in one picture. `exact` are the figures themselves."""

    model: Model
    above: str
    is_half_of_least: bool
    rows: tuple[Row, ...]
    exact: tuple[Traced, ...]
    picture: Picture
    until: str


def route_text(route: Via, translate: Translate = plain) -> str:
    """A route in words."""
    return translate(_ROUTES[route])


def routes_of(model: Model) -> tuple[Via, ...]:
    """The routes that a model knows, the vein first."""
    return tuple(via for via in Via if model.layout.of(via))


def reference_facts(model: Model) -> Mapping[str, str | float]:
    """The patient whom the model calls typical; what it does not say of one is left out."""
    found: dict[str, str | float] = {}
    for name, covariate in model.file.covariates.items():
        if covariate.reference is not None:
            found[name] = covariate.reference if covariate.unit == "1" else f"{covariate.reference:g} {covariate.unit}"
    return found


def by_route(
    model: Model, dose: str, over: str = "", above: str = "", facts: Mapping[str, Fact] | None = None, translate: Translate = plain
) -> Compared:
    """The same dose by every route of a model; into a vein `over` a time, or at once where that is empty. Raises CommandRefused."""
    amount = above_zero(dose, "amount", model.file.units.amount)
    length = above_zero(over, "over", "h") if over else None
    ways = []
    for via in routes_of(model):
        name = route_text(via, translate)
        if via is Via.IV and length is not None:
            lasting = translate(_OVER).format(route=name, over=quantity(length, translate))
            ways.append((lasting, Regimen().infuse(amount, over=length)))
        else:
            ways.append((name, Regimen().dose(amount, route=via.value)))
    title = translate(_TITLE).format(drug=model.file.drug, dose=quantity(amount, translate))
    return compared(model, ways, title, above=above, facts=facts, translate=translate)


def compared(  # noqa: PLR0913 - the parts of one comparison
    model: Model,
    ways: Sequence[tuple[str, Regimen]],
    title: str,
    *,
    until_h: float | None = None,
    above: str = "",
    facts: Mapping[str, Fact] | None = None,
    at_effect: bool = False,
    translate: Translate = plain,
) -> Compared:
    """Some ways of giving, of the typical patient. Without a level to ask about, it is half of the lowest of their peaks, so that no figure
    is made up. Raises CommandRefused."""
    person = read_person(model, facts if facts is not None else reference_facts(model))
    outlooks = tuple(typical(person, regimen) for _, regimen in ways)
    until = until_h or settles_h(outlooks)
    unit = model.file.units.concentration
    if above:
        level = level_of(above, unit)
    else:
        first = [traced("", one, until, 0.0, at_effect=at_effect) for one in outlooks]
        level = _HALF * min(one.peak for one in first) + _HALF * float(first[0].level[0])
    exact = tuple(traced(name, one, until, level, at_effect=at_effect) for (name, _), one in zip(ways, outlooks, strict=True))
    rows = tuple(_row(one, translate) for one in exact)
    picture = Picture(title, unit, tuple(_line(one) for one in exact))
    said = f"{figure(level)} {unit_text(unit, translate)}"
    return Compared(model, said, not above, rows, exact, picture, time_text(until, translate))


def svg_of(made: Compared, name: str, translate: Translate = plain, ground: str = "") -> str:
    """The picture of a comparison."""
    return drawing_of(made.picture, translate, name, ground=ground)


def _line(one: Traced) -> Line:
    step = max(1, len(one.time_h) // _POINTS)
    places = sorted({*range(0, len(one.time_h), step), int(one.level.argmax()), len(one.time_h) - 1, *_steep(one)})
    return Line(one.name, tuple(float(one.time_h[n]) for n in places), tuple(float(one.level[n]) for n in places))


def _steep(one: Traced) -> list[int]:
    """Places where the curve turns within one step of the drawing, so that a bolus stays upright."""
    rise = abs(one.level[1:] - one.level[:-1])
    return [int(n) + side for n in (rise > 0.05 * one.peak).nonzero()[0] for side in (0, 1)]


def _row(one: Traced, translate: Translate) -> Row:
    unit = unit_text(one.unit, translate)
    return Row(
        name=one.name,
        onset="" if one.onset_h is None else time_text(one.onset_h, translate),
        peak=f"{figure(one.peak)} {unit}",
        peak_at=time_text(one.peak_h, translate),
        above=time_text(one.above_h, translate) if one.above_h > 0 else "",
        last="" if one.last_h is None else time_text(one.last_h, translate),
        area=f"{figure(one.area)} {unit}·h",
    )


def message_ids() -> tuple[str, ...]:
    """Every English text of this room, for the translation files."""
    return (*_ROUTES.values(), _OVER, _TITLE)
