"""What all scores share: their name and edition beside every result, values read to the step of the scale, signs that nobody looked for.

What is incomplete gives no result: it says what the score is at least, and what is missing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from openinfusion.core.calculator import Amount, Calculator, Given, Input, InputKind, Word, Worked, lacking, notice
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.quantity import Quantity
from openinfusion.core.scoring import Parameter, Signs, graded
from openinfusion.core.table import Score

OPERATIONS: Mapping[str, tuple[str, ...]] = {"calc.to-scale": ("measured", "step")}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.score-edition": ("scale", "edition"),
    "calc.score-incomplete": ("least", "count", "missing"),
    "calc.grade-open": ("least", "most", "missing"),
    "calc.signs-fit-no-grade": ("signs",),
    "calc.signs-beyond": ("signs", "grade"),
    "calc.definition-open": ("scale", "missing"),
    "calc.definition-signs": ("signs",),
    "calc.share-for-percent": ("name", "value"),
}
CALCULATORS: tuple[Calculator, ...] = ()
POINTS = "{score}"
NONE = Quantity(0, POINTS)


@dataclass(frozen=True, slots=True)
class Scored:
    """What one parameter came to; None where it is not known."""

    name: str
    points: Quantity | None
    steps: tuple[Step, ...] = ()


def yes_or_no(name: str) -> Input:
    """A sign that may be left out; then it counts as not looked for."""
    return Input(name, kind=InputKind.TRUTH, is_required=False)


def measured(name: str, symbol: str, most: Quantity | None = None) -> Input:
    """A measurement that may be left out or come bare, and may be zero."""
    return Input(name, (symbol,), is_required=False, assumed=symbol, may_be_zero=True, most=most)


def part(name: str, most: int) -> Input:
    """Points that a person gave, from none to `most`."""
    return Input(name, (POINTS,), is_required=False, assumed=POINTS, may_be_zero=True, is_whole=True, most=Quantity(most, POINTS))


def one_of(name: str, *choices: str) -> Input:
    """A word of a closed list that may be left out; nothing is taken for it then."""
    return Input(name, choices=choices, kind=InputKind.CHOICE, is_required=False, has_no_default=True)


AGE = Input("age_y", ("a",), is_required=False, assumed="a", may_be_zero=True)
SATURATION = measured("spo2", "%", Quantity(100, "%"))
VITALS = (measured("rr", "/min"), SATURATION, yes_or_no("o2"), measured("sbp", "mm[Hg]"), measured("hr", "/min"))


def is_share(value: Quantity) -> bool:
    """Whether 0.97 was written where 97 % is meant."""
    return 0 < value.to("%").value <= 1


def share_for_percent(value: Quantity) -> Finding:
    """What is said of a saturation that was written as a share."""
    return lacking("calc.share-for-percent", name="spo2", value=value)


def edition(table: Score) -> Finding:
    """Which scale, in which edition."""
    return notice("calc.score-edition", table.sources, scale=table.scale, edition=table.edition)


def scored(parameter: Parameter, name: str, operation: str, value: Quantity | None) -> Scored:
    """The points of one measurement, with the step that gives them."""
    if value is None:
        return Scored(name, None)
    read = parameter.read(value)
    figure = parameter.points(read)
    step = Step(operation, ((name, read),), figure.quantity, figure.sources)
    if read == value or parameter.step is None:
        return Scored(name, figure.quantity, (step,))
    to_scale = Step("calc.to-scale", (("measured", value), ("step", parameter.step.quantity)), read, parameter.step.sources)
    return Scored(name, figure.quantity, (to_scale, step))


def total_of(parts: Iterable[Scored]) -> Quantity:
    """The sum of what is known."""
    return sum((one.points for one in parts if one.points is not None), NONE)


def incomplete(table: Score, parts: Iterable[Scored]) -> Finding | None:
    """What is missing, and what the score is at least; None when nothing is."""
    held = tuple(parts)
    missing = tuple(one.name for one in held if one.points is None)
    if not missing:
        return None
    return lacking("calc.score-incomplete", table.sources, least=total_of(held), count=len(missing), missing=missing)


def staged(table: Score, signs: Signs, extra: tuple[Finding, ...] = (), *, is_nested: bool = True) -> Worked:
    """The highest grade that the signs make. No sign at all, each looked for, is grade 0; signs that make no grade are refused. Where a
    row holds all signs of those below it (`is_nested`), what was seen beyond the row is said."""
    made = graded(table.grades, signs)
    if not made.is_settled:
        return Worked({}, findings=(_open(table, made.least, made.most, made.unknown), *extra))
    seen = tuple(name for name, is_there in signs.items() if is_there)
    if made.least is None:
        if seen:
            return Worked({}, findings=(lacking("calc.signs-fit-no-grade", table.sources, signs=seen), *extra))
        return Worked(_graded_results(NONE, "none", "observe" if table.grades[0].action else None), findings=(edition(table), *extra))
    counted = {name for need in made.least.needs for name in need.of}
    beyond = tuple(name for name in seen if name not in counted)
    grade = made.least.points.quantity
    found = [edition(table), *extra]
    if beyond and is_nested:
        found.append(notice("calc.signs-beyond", made.least.sources, level=Level.CAUTION, signs=beyond, grade=grade))
    return Worked(_graded_results(grade, made.least.name, made.least.action), findings=tuple(found))


def _open(table: Score, least: object, most: object, unknown: tuple[str, ...]) -> Finding:
    low, high = (_number(table, one) for one in (least, most))
    return lacking("calc.grade-open", table.sources, least=low, most=high, missing=unknown)


def _number(table: Score, grade: object) -> Quantity:
    return next((one.points.quantity for one in table.grades if one is grade), NONE)


def _graded_results(grade: Quantity, name: str, action: str | None) -> Mapping[str, Amount]:
    results: dict[str, Amount] = {"grade": grade, "stage": Word(name)}
    return results if action is None else {**results, "action": Word(action)}


def defined(table: Score, name: str, signs: Signs, otherwise: str = "not-met") -> Worked:
    """Whether a definition is met, by the name of what is met; open when something unknown would decide."""
    made = graded(table.grades, signs)
    if made.least is not made.most:
        return Worked({}, findings=(lacking("calc.definition-open", table.sources, scale=table.scale, missing=made.unknown),))
    word = otherwise if made.least is None else made.least.name
    seen = tuple(one for one, is_there in signs.items() if is_there)
    return Worked({name: Word(word)}, findings=(edition(table), notice("calc.definition-signs", table.sources, signs=seen)))


def truths(given: Given, *names: str) -> dict[str, bool | None]:
    """The signs that were answered, None where nobody looked."""
    return {name: given.truth(name) for name in names}
