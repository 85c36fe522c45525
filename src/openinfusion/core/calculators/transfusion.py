"""Kinds of reaction to a transfusion, each by its own definition, side by side. Treatment waits for none of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from openinfusion.core.calculator import Amount, Calculator, Given, Input, Result, Word, Worked, lacking, notice
from openinfusion.core.calculators.scores import AGE, POINTS, edition, truths, yes_or_no
from openinfusion.core.finding import Level
from openinfusion.core.prescribing.citations import TRANSFUSION_REACTIONS
from openinfusion.core.quantity import Quantity
from openinfusion.core.scoring import Signs, graded
from openinfusion.core.table import Score

OPERATIONS: Mapping[str, tuple[str, ...]] = {}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.transfusion-stop": ("kinds",),
    "calc.transfusion-open": ("kinds", "missing"),
    "calc.transfusion-elsewhere": (),
}
TABLE = "transfusion-reaction-1"
_KINDS = ("allergic", "febrile", "hypotensive", "haemolysis")
_SEEN = ("rash", "urticaria", "itching", "flushing", "angioedema", "respiratory_distress", "rigors", "vomiting", "back_pain", "dark_urine")


@dataclass(frozen=True, slots=True)
class _Judged:
    """A kind: what of it is met, whether that could change, and by what."""

    met: str = ""
    missing: tuple[str, ...] = ()

    @property
    def word(self) -> Word:
        return Word(self.met or ("open" if self.missing else "none"))


def _transfusion_reaction(given: Given) -> Worked:
    table = given.table(Score, TABLE)
    signs = {**truths(given, *_SEEN), **_times(given, table), **_temperatures(given, table), **_pressures(given, table)}
    judged = {kind: _judged(table, kind, signs) for kind in _KINDS}
    met = tuple(one.met for one in judged.values() if one.met)
    open_kinds = tuple(kind for kind, one in judged.items() if one.missing)
    missing = tuple(dict.fromkeys(name for one in judged.values() for name in one.missing))
    lacks = {"kinds": open_kinds, "missing": missing}
    elsewhere = notice("calc.transfusion-elsewhere", table.sources, level=Level.CAUTION)
    if not met and open_kinds:
        return Worked({}, findings=(lacking("calc.transfusion-open", table.sources, **lacks), elsewhere))
    found = [edition(table)]
    if met:
        found.append(notice("calc.transfusion-stop", table.sources, level=Level.CAUTION, kinds=met))
    if open_kinds:
        found.append(notice("calc.transfusion-open", table.sources, level=Level.CAUTION, **lacks))
    results: dict[str, Amount] = {"kinds": Quantity(len(met), POINTS), **{kind: one.word for kind, one in judged.items()}}
    return Worked(results, findings=(*found, elsewhere))


def _judged(table: Score, kind: str, signs: Signs) -> _Judged:
    grades = tuple(grade for grade in table.grades if grade.name.startswith(kind))
    needed = dict.fromkeys(name for grade in grades for need in grade.needs for name in need.of)
    made = graded(grades, {name: signs[name] for name in needed})
    if made.least is None and made.most is None:
        return _Judged()
    return _Judged("" if made.least is None else made.least.name, made.unknown)


def _times(given: Given, table: Score) -> Signs:
    after, figures = given["after_end"], table.figures
    limits = {"within-2-h": "febrile-within", "within-4-h": "allergic-within", "within-24-h": "haemolysis-within"}
    return {sign: after <= figures[name].quantity for sign, name in limits.items()}


def _temperatures(given: Given, table: Score) -> Signs:
    before, now = given.get("temp_before"), given.get("temp")
    rise = None if before is None or now is None else now - before
    limits = {"rise-from-1": "mild", "rise-from-2": "major"}
    return {sign: None if rise is None else rise >= table.figures[name].quantity for sign, name in limits.items()}


def _pressures(given: Given, table: Score) -> Signs:
    """Whether the pressure fell as haemolysis may show it, and whether it is low for the age."""
    own, now, age, figures = given.get("baseline_sbp"), given.get("sbp"), given.get("age_y"), table.figures
    if own is None or now is None:
        return {"fall-of-20": None, "low-pressure": None}
    fall = own - now
    is_low_of_adult = fall >= figures["adult-fall"].quantity and now <= figures["adult-at-most"].quantity
    is_low_of_child = fall.to(own.unit).value * 100 > own.value * figures["child-fall-above"].quantity.value
    if age is None:
        low = is_low_of_adult if is_low_of_adult == is_low_of_child else None
    else:
        low = is_low_of_adult if age >= figures["adult-from"].quantity else is_low_of_child
    return {"fall-of-20": fall >= figures["haemolysis-fall"].quantity, "low-pressure": low}


CALCULATORS = (
    Calculator(
        "transfusion-reaction",
        (
            Input("after_end", ("h",), may_be_zero=True),
            Input("temp_before", ("Cel",), is_required=False, assumed="Cel"),
            Input("temp", ("Cel",), is_required=False, assumed="Cel"),
            Input("baseline_sbp", ("mm[Hg]",), is_required=False, assumed="mm[Hg]"),
            Input("sbp", ("mm[Hg]",), is_required=False, assumed="mm[Hg]", may_be_zero=True),
            AGE,
            *(yes_or_no(name) for name in _SEEN),
        ),
        (Result("kinds", POINTS), *(Result(kind, "1") for kind in _KINDS)),
        "each kind by its own definition; after_end is 0 h while it runs",
        _transfusion_reaction,
        TRANSFUSION_REACTIONS,
        tables=(TABLE,),
    ),
)
