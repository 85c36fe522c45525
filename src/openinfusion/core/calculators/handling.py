"""Handling: how long a push lasts, what is left in the container, how much drug goes into a bag."""

from collections.abc import Mapping

from openinfusion.core.calculator import DRUGS, Calculator, Given, Input, Result, Usual, Worked, notice
from openinfusion.core.calculators.dosing import (
    DRUGS_AND_FLUIDS,
    MAYBE_WEIGHT,
    amounts,
    divided,
    for_patient,
    head,
    other_kind,
    without_result,
)
from openinfusion.core.calculators.flow import RATE, VOLUME
from openinfusion.core.calculators.measures import CONCENTRATION
from openinfusion.core.finding import Step
from openinfusion.core.prescribing.citations import AMOUNT_TO_ADD, DOSE_VOLUME, PUSH_TIME, WEIGHT_DOSE
from openinfusion.core.quantity import Quantity, ratio, unit

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.push-time": ("dose", "push_rate"),
    "calc.container-volume": ("container", "concentration"),
    "calc.drawn": ("dose", "concentration"),
    "calc.containers": ("volume", "container"),
    "calc.waste": ("containers", "container", "volume"),
    "calc.waste-amount": ("waste", "concentration"),
    "calc.amount-to-add": ("dose", "volume", "rate"),
    "calc.bag-strength": ("amount", "volume"),
}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.more-containers": ("containers", "volume", "container"),
    "calc.final-volume": ("amount", "volume"),
}


def _push_time(given: Given) -> Worked:
    """dose / push_rate; both of one drug, both fluid, or both per kg."""
    dose, rate = given["dose"], given["push_rate"]
    step = divided("calc.push-time", "min", ("dose", dose), ("push_rate", rate), PUSH_TIME)
    return without_result(other_kind(dose, rate)) if step is None else Worked({"time": step.result}, (step,))


def _waste_volume(given: Given) -> Worked:
    """What is left of as many whole containers as the dose takes: waste = containers × container – dose / concentration."""
    dose, strength, container = given["dose"], given["concentration"], given["container"]
    drawn = divided("calc.drawn", "mL", ("dose", dose), ("concentration", strength), DOSE_VOLUME)
    if drawn is None:
        return without_result(other_kind(dose, strength))
    steps = [drawn]
    if not container.is_like("mL"):
        held = divided("calc.container-volume", "mL", ("container", container), ("concentration", strength))
        if held is None:
            return without_result(other_kind(container, strength))
        steps, container = [held, drawn], held.result
    count = Quantity(-(-drawn.result.base // container.base), "1")
    left = container.to("mL").scaled(count.value) - drawn.result
    steps.append(Step("calc.containers", (("volume", drawn.result), ("container", container)), count))
    steps.append(Step("calc.waste", (("containers", count), ("container", container), ("volume", drawn.result)), left))
    amount = ratio(head(dose), (left, strength))
    steps.append(Step("calc.waste-amount", (("waste", left), ("concentration", strength)), amount))
    results = {"waste": left, "volume": drawn.result, "waste_amount": amount, "containers": count}
    more = (notice("calc.more-containers", containers=count, volume=drawn.result, container=container),) if count.value > 1 else ()
    return Worked(results, tuple(steps), more)


def _amount_to_add(given: Given) -> Worked:
    """dose [× weight] × volume / rate, where volume is all that is in the bag, drug included."""
    dose, volume, rate = for_patient(given), given["volume"], given["rate"]
    if dose.amount is None:
        return without_result(dose)
    drug = _usual(head(dose.amount))
    amount = ratio(drug, (dose.amount, volume), (rate,))
    step = Step("calc.amount-to-add", (("dose", dose.amount), ("volume", volume), ("rate", rate)), amount, AMOUNT_TO_ADD)
    strength = ratio(f"{drug}/mL", (amount,), (volume,))
    steps = (*dose.steps, step, Step("calc.bag-strength", (("amount", amount), ("volume", volume)), strength))
    whole = notice("calc.final-volume", AMOUNT_TO_ADD, amount=amount, volume=volume)
    return Worked({"amount": amount, "concentration": strength}, steps, (*dose.findings, whole))


def _usual(symbol: str) -> str:
    """The unit in which an amount of this kind is measured out: mg for any mass."""
    return next(drug for drug in DRUGS if unit(drug).dimensions == unit(symbol).dimensions)


CALCULATORS = (
    Calculator(
        "push-time",
        (Input("dose", amounts(DRUGS_AND_FLUIDS, "", "/kg")), Input("push_rate", amounts(DRUGS_AND_FLUIDS, "/min", "/kg/min"))),
        (Result("time", "min"),),
        "time = dose / push_rate",
        _push_time,
        PUSH_TIME,
    ),
    Calculator(
        "waste-volume",
        (
            Input("dose", DRUGS),
            Input("concentration", CONCENTRATION.units),
            Input("container", ("mL", *DRUGS)),
        ),
        (
            Result("waste", "mL", Usual.VOLUME),
            Result("volume", "mL", Usual.VOLUME),
            Result("waste_amount", "mg"),
            Result("containers", "1"),
        ),
        "volume = dose / concentration; waste = containers * container - volume, in as many whole containers as the dose takes; "
        "a container may be named by its volume or by what it holds",
        _waste_volume,
        DOSE_VOLUME,
    ),
    Calculator(
        "amount-to-add",
        (Input("dose", amounts(DRUGS, "/h", "/kg/h")), MAYBE_WEIGHT, RATE, VOLUME),
        (Result("amount", "mg"), Result("concentration", "mg/mL")),
        "amount = dose * volume / rate, where volume is all that is in the bag, drug included; a dose per kg is times weight",
        _amount_to_add,
        (*AMOUNT_TO_ADD, *WEIGHT_DOSE),
    ),
)
