"""Solutions: what a powder makes with its diluent, and what a percentage holds. No powder is taken to have no volume of its own."""

from collections.abc import Mapping

from openinfusion.core.calculator import DRUGS, Calculator, Given, Input, Result, Usual, Worked, lacking, notice
from openinfusion.core.calculators.measures import AMOUNT, CONCENTRATION
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.prescribing.citations import DISPLACEMENT, PERCENT
from openinfusion.core.quantity import Quantity, UnitError, ratio

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.displacement": ("amount", "displacement"),
    "calc.final-volume": ("diluent", "displacement"),
    "calc.final-volume-stated": ("amount", "concentration"),
    "calc.displacement-found": ("final_volume", "diluent"),
    "calc.powder-concentration": ("amount", "final_volume"),
    "calc.powder-dose": ("dose", "concentration"),
    "calc.percent-solution": ("percent", "volume", "one_percent"),
}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.final-volume-below-diluent": ("final_volume", "diluent"),
    "calc.more-than-container": ("dose", "amount"),
    "calc.percent-above-hundred": ("percent",),
}
_ONE_PERCENT = Quantity(1, "g/dL")
_HUNDRED = Quantity(100, "%")


def _reconstitution(given: Given) -> Worked:
    try:
        steps, problem = _mixed(given)
    except UnitError:
        return Worked({}, findings=(_unlike(given),))
    if problem is not None:
        return Worked({}, steps, (problem,))
    results = {_RESULT_OF[step.operation]: step.result for step in steps if step.operation in _RESULT_OF}
    stated, dose, amount = given.get("concentration"), given.get("dose"), given.get("amount")
    if stated is not None:
        results["concentration"] = stated
    if dose is None:
        return Worked(_in_order(results), steps)
    strength = results["concentration"]
    if not _fits(dose, strength):
        return Worked({}, steps, (lacking("calc.not-of-one-kind", one=dose, other=strength),))
    drawn = Step("calc.powder-dose", (("dose", dose), ("concentration", strength)), ratio("mL", (dose,), (strength,)))
    is_more = amount is not None and dose > amount
    found = (notice("calc.more-than-container", level=Level.CAUTION, dose=dose, amount=amount),) if is_more else ()
    return Worked(_in_order({**results, "volume": drawn.result}), (*steps, drawn), found)


def _fits(amount: Quantity, strength: Quantity) -> bool:
    """Whether an amount over this strength is a volume."""
    return amount.is_like(strength.unit.rpartition("/")[0])


_RESULT_OF: Mapping[str, str] = {
    "calc.final-volume": "final_volume",
    "calc.final-volume-stated": "final_volume",
    "calc.displacement-found": "displacement",
    "calc.powder-concentration": "concentration",
}
_NAMES = ("volume", "concentration", "final_volume", "displacement")


def _in_order(results: Mapping[str, Quantity]) -> dict[str, Quantity]:
    return {name: results[name] for name in _NAMES if name in results}


def _mixed(given: Given) -> tuple[tuple[Step, ...], Finding | None]:
    """How the final volume and concentration come about, by the displacement, the stated concentration, or both, which must agree.

    Raises UnitError where the amount and the concentration or displacement are not of one kind."""
    amount, diluent, stated = given.get("amount"), given.get("diluent"), given.get("concentration")
    by_powder = _by_displacement(amount, diluent, given.get("displacement"))
    if stated is None or amount is None:
        return by_powder, None
    if by_powder:
        made = by_powder[-1].result
        return by_powder, None if made == stated else lacking("calc.contradictory", one=stated, other=made)
    volume = ratio("mL", (amount,), (stated,))
    made_of = Step("calc.final-volume-stated", (("amount", amount), ("concentration", stated)), volume)
    if diluent is None:
        return (made_of,), None
    powder = volume - diluent
    if powder.value < 0:
        return (made_of,), lacking("calc.final-volume-below-diluent", final_volume=volume, diluent=diluent)
    return (made_of, Step("calc.displacement-found", (("final_volume", volume), ("diluent", diluent)), powder, DISPLACEMENT)), None


def _by_displacement(amount: Quantity | None, diluent: Quantity | None, displacement: Quantity | None) -> tuple[Step, ...]:
    if amount is None or diluent is None or displacement is None:
        return ()
    steps: tuple[Step, ...] = ()
    if not displacement.is_like("mL"):
        of_all = ratio("mL", (amount, displacement))
        steps = (Step("calc.displacement", (("amount", amount), ("displacement", displacement)), of_all),)
        displacement = of_all
    volume = diluent.to("mL") + displacement
    final = Step("calc.final-volume", (("diluent", diluent), ("displacement", displacement)), volume, DISPLACEMENT)
    made = ratio("mg/mL" if amount.unit == "g" else f"{amount.unit}/mL", (amount,), (volume,))
    return (*steps, final, Step("calc.powder-concentration", (("amount", amount), ("final_volume", volume)), made, DISPLACEMENT))


def _unlike(given: Given) -> Finding:
    amount, displacement, stated = given["amount"], given.get("displacement"), given.get("concentration")
    per_mass = displacement is not None and not displacement.is_like("mL") and not amount.is_like("g")
    return lacking("calc.not-of-one-kind", one=amount, other=displacement if per_mass else stated)


def _percent_solution(given: Given) -> Worked:
    percent, volume = given["percent"].to("%"), given["volume"]
    grams = Quantity(percent.value * ratio("g", (volume, _ONE_PERCENT)).value, "g")
    step = Step("calc.percent-solution", (("percent", percent), ("volume", volume), ("one_percent", _ONE_PERCENT)), grams, PERCENT)
    found = (notice("calc.percent-above-hundred", level=Level.CAUTION, percent=percent),) if percent > _HUNDRED else ()
    return Worked({"amount": grams}, (step,), found)


CALCULATORS = (
    Calculator(
        "reconstitution",
        (
            AMOUNT,
            Input("diluent", ("mL",), is_required=False),
            Input("displacement", ("mL", "mL/g"), is_required=False, may_be_zero=True),
            CONCENTRATION,
            Input("dose", DRUGS, is_required=False),
        ),
        (
            Result("volume", "mL", Usual.VOLUME),
            Result("concentration", "mg/mL"),
            Result("final_volume", "mL", Usual.VOLUME),
            Result("displacement", "mL"),
        ),
        "final_volume = diluent + displacement; concentration = amount / final_volume; volume = dose / concentration",
        _reconstitution,
        DISPLACEMENT,
        ways=((("amount", "diluent", "displacement"), ("amount", "concentration"), ("concentration", "dose")),),
    ),
    Calculator(
        "percent-solution",
        (Input("percent", ("%",), assumed="%"), Input("volume", ("mL",))),
        (Result("amount", "g"),),
        "percent * volume * 1 g/dL",
        _percent_solution,
        PERCENT,
    ),
)
