"""Low blood pressure: below the limit of the age, or too far below the own pressure. Nothing is taken for a pressure that nobody knows."""

from collections.abc import Mapping

from openinfusion.core.calculator import Amount, Calculator, Given, Input, Result, Word, Worked, lacking, notice
from openinfusion.core.calculators.scores import AGE, edition, yes_or_no
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.prescribing.citations import LOW_PRESSURE
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Score

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.pressure-limit-of-child": ("base", "per_year", "years"),
    "calc.pressure-fall": ("baseline_sbp", "sbp"),
}
CODES: Mapping[str, tuple[str, ...]] = {"calc.no-baseline": (), "calc.pressure-age-outside": ("age", "since")}
HYPOTENSION = "hypotension-1"


def _hypotension(given: Given) -> Worked:
    table = given.table(Score, HYPOTENSION)
    pressure = given["sbp"]
    limit, steps, told = _limit(given, table)
    by_age = None if limit is None else pressure < limit
    by_own, fall = _fallen(given, table, pressure)
    steps = (*steps, *fall)
    if by_age is None and not by_own:
        return Worked({}, steps, told or (lacking("calc.missing", name="age_y", wanted=("a",)),))
    is_low = bool(by_age) or bool(by_own)
    results: dict[str, Amount] = {"hypotension": _yes(is_low), "by_age": _yes(by_age), "by_own_pressure": _yes(by_own)}
    if limit is not None:
        results["limit"] = limit
    if fall:
        results["fall"] = fall[0].result
    found = [edition(table), *told]
    if by_own is None:
        found.append(notice("calc.no-baseline", table.sources, level=Level.INFO if is_low else Level.CAUTION))
    return Worked(results, steps, tuple(found))


def _yes(is_so: bool | None) -> Word:
    return Word("not-judged" if is_so is None else "yes" if is_so else "no")


def _limit(given: Given, table: Score) -> tuple[Quantity | None, tuple[Step, ...], tuple[Finding, ...]]:
    """The pressure below which it is low at this age; children from one to ten by completed years."""
    age, figures = given.get("age_y"), table.figures
    if age is None:
        return None, (), ()
    if age < figures["from"].quantity:
        since = figures["from"].quantity
        return None, (), (notice("calc.pressure-age-outside", table.sources, level=Level.CAUTION, age=age, since=since),)
    if age < figures["infant-until"].quantity:
        return figures["infant-below"].quantity, (), ()
    if age >= figures["child-until"].quantity:
        return figures["below"].quantity, (), ()
    years, per_year = Quantity(int(age.to("a").value), "a"), figures["child-per-year"].quantity
    base = figures["child-base"].quantity
    limit = Quantity(base.value + per_year.value * years.value, base.unit)
    step = Step("calc.pressure-limit-of-child", (("base", base), ("per_year", per_year), ("years", years)), limit, table.sources)
    return limit, (step,), ()


def _fallen(given: Given, table: Score, pressure: Quantity) -> tuple[bool | None, tuple[Step, ...]]:
    """Whether it fell too far from the own pressure, and by how much."""
    own = given.get("baseline_sbp")
    if own is None:
        return None, ()
    share = (own.value - pressure.to(own.unit).value) / own.value
    fall = Quantity(share * 100, "%")
    step = Step("calc.pressure-fall", (("baseline_sbp", own), ("sbp", pressure)), fall, table.figures["fall-above"].sources)
    is_low = fall > table.figures["fall-above"].quantity
    if given.truth("spinal_caesarean"):
        is_low = is_low or fall.value > 100 - table.figures["caesarean-below"].quantity.value
    return is_low, (step,)


CALCULATORS = (
    Calculator(
        "hypotension",
        (
            Input("sbp", ("mm[Hg]",), assumed="mm[Hg]", may_be_zero=True),
            AGE,
            Input("baseline_sbp", ("mm[Hg]",), is_required=False, assumed="mm[Hg]"),
            yes_or_no("spinal_caesarean"),
        ),
        (
            Result("hypotension", "1"),
            Result("by_age", "1"),
            Result("by_own_pressure", "1"),
            Result("limit", "mm[Hg]"),
            Result("fall", "%"),
        ),
        "sbp below the limit of the age, or (baseline_sbp - sbp) / baseline_sbp above its limit",
        _hypotension,
        LOW_PRESSURE,
        tables=(HYPOTENSION,),
    ),
)
