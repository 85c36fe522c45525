"""Doses: of one patient, in how much fluid, in which parts, inside which range.

What a dose is of stands in its unit: mg/d is of a day, mg is of one time. A dose of a day becomes one of a time only by the number of
doses; one of any other time, such as a week, never does. Nothing is cut to a range: the dose stays, and the finding says where it stands.
"""

from collections.abc import Mapping
from fractions import Fraction

from openinfusion.core.calculator import DRUGS, Calculator, Given, Input, InputKind, Result, Usual, Worked, lacking, notice
from openinfusion.core.calculators.dosing import (
    AREA,
    DRUGS_AND_FLUIDS,
    MAYBE_WEIGHT,
    amounts,
    capped,
    divided,
    for_patient,
    head,
    not_used,
    other_kind,
    strength,
    without_result,
)
from openinfusion.core.calculators.measures import AMOUNT, CONCENTRATION, STRENGTH, VOLUME, Measure, kilograms
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.prescribing.citations import DOSE_VOLUME, SAFE_RANGE, WEIGHT_DOSE
from openinfusion.core.quantity import NumberError, Quantity, UnitError, number, ratio, unit

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.dose-of-day": ("dose", "doses_per_day"),
    "calc.dose-volume": ("dose", "concentration"),
    "calc.volume-of-day": ("volume", "doses_per_day"),
    "calc.day-whole": ("dose",),
    "calc.equal-part": ("dose", "times"),
    "calc.part": ("dose", "fraction"),
    "calc.end-for-weight": ("end", "weight"),
    "calc.end-per-weight": ("end", "weight"),
    "calc.dose-per-weight": ("dose", "weight"),
}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.not-of-a-day": ("dose",),
    "calc.doses-per-day-needed": ("dose",),
    "calc.dose-or-day": ("dose", "doses_per_day"),
    "calc.no-fraction": ("name", "text"),
    "calc.too-many-parts": ("parts", "most"),
    "calc.parts-not-whole": ("sum", "fractions"),
    "calc.range-upside-down": ("low", "high"),
    "calc.below-range": ("dose", "low", "high"),
    "calc.in-range": ("dose", "low", "high"),
    "calc.above-range": ("dose", "low", "high"),
}

MOST_PARTS = 12
ONE_DAY = Quantity(1, "d")
CAP = Input("cap", amounts(DRUGS_AND_FLUIDS, "", "/d"), is_required=False)


def is_of_day(dose: Quantity) -> bool:
    """Whether it is the dose of a day."""
    return dose.unit.endswith("/d")


def has_time(dose: Quantity) -> bool:
    """Whether it is the dose of some time."""
    return any(kind == "time" for kind, _ in unit(dose.unit).dimensions)


# The dose of one patient
def _weight_dose(given: Given) -> Worked:
    """dose × weight or area, at most cap. `uncapped` is the dose before it."""
    dose, cap = for_patient(given), given.get("cap")
    if dose.amount is None:
        return without_result(dose)
    kept = capped(dose.amount, cap)
    if kept.amount is None:
        return without_result(dose, kept)
    steps, findings = (*dose.steps, *kept.steps), (*dose.findings, *kept.findings)
    if cap is None:
        return Worked({"dose": kept.amount}, steps, findings)
    return Worked({"dose": kept.amount, "uncapped": dose.amount}, steps, findings, {"dose": cap})


# Its volume
def _dose_volume(given: Given) -> Worked:
    """dose [× weight] [/ doses_per_day] / concentration."""
    made, whole, count = strength(given), for_patient(given), given.get("doses_per_day")
    if made.amount is None or whole.amount is None:
        return without_result(made, whole)
    one = _of_one_time(whole.amount, count, given["dose"])
    if one.amount is None:
        return without_result(made, whole, one)
    step = divided("calc.dose-volume", "mL", ("dose", one.amount), ("concentration", made.amount), DOSE_VOLUME)
    if step is None:
        return without_result(made, whole, other_kind(given["dose"], made.amount))
    results, steps = {"volume": step.result, "dose": one.amount}, [*made.steps, *whole.steps, *one.steps, step]
    if count is not None:
        of_day = Quantity(step.result.value * count.value, "mL/d")
        results["volume_per_day"] = of_day
        steps.append(Step("calc.volume-of-day", (("volume", step.result), ("doses_per_day", count)), of_day))
    return Worked(results, tuple(steps), (*made.findings, *whole.findings))


def _of_one_time(dose: Quantity, count: Quantity | None, ordered: Quantity) -> Measure:
    """The dose of one time. Refused where the unit and the number of doses do not say together what is given at once."""
    if not has_time(dose):
        if count is None:
            return Measure(dose)
        return Measure(None, findings=(lacking("calc.dose-or-day", dose=ordered, doses_per_day=count),))
    if not is_of_day(dose):
        return Measure(None, findings=(lacking("calc.not-of-a-day", dose=ordered),))
    if count is None:
        return Measure(None, findings=(lacking("calc.doses-per-day-needed", dose=ordered),))
    made = ratio(head(dose), (dose, ONE_DAY), (count,))
    return Measure(made, (Step("calc.dose-of-day", (("dose", dose), ("doses_per_day", count)), made),))


# Its parts
def _split_dose(given: Given) -> Worked:
    """The dose of one time or of a day, at most cap, in equal parts or in the given fractions, which are one together."""
    dose = for_patient(given)
    kept = capped(dose.amount, given.get("cap")) if dose.amount is not None else Measure(None)
    if kept.amount is None:
        return without_result(dose, kept)
    total = _whole(kept.amount, given["dose"])
    if total.amount is None:
        return without_result(dose, kept, total)
    parts = _parts(given, total.amount)
    if isinstance(parts, Finding):
        return without_result(dose, kept, total, Measure(None, findings=(parts,)))
    steps = (*dose.steps, *kept.steps, *total.steps, *parts.values())
    results = {name: step.result for name, step in parts.items()}
    most = results if "cap" in given and kept.steps else {}
    return Worked({**results, "total": total.amount}, steps, (*dose.findings, *kept.findings), most)


def _whole(dose: Quantity, ordered: Quantity) -> Measure:
    """What is split: the amount of one time, or of a day."""
    if not has_time(dose):
        return Measure(dose)
    if not is_of_day(dose):
        return Measure(None, findings=(lacking("calc.not-of-a-day", dose=ordered),))
    made = ratio(head(dose), (dose, ONE_DAY))
    return Measure(made, (Step("calc.day-whole", (("dose", dose),), made),))


def _parts(given: Given, total: Quantity) -> Mapping[str, Step] | Finding:
    """The parts by name of the result; a finding where the fractions are none, are not one together, or are not as many as the times."""
    times, texts = given.get("times"), tuple(given.group("fractions").values())
    if not texts and times is not None:
        return {"part": Step("calc.equal-part", (("dose", total), ("times", times)), total.scaled(1 / times.value))}
    if len(texts) > MOST_PARTS:
        return lacking("calc.too-many-parts", parts=len(texts), most=MOST_PARTS)
    if times is not None and times.value != len(texts):
        return lacking("calc.contradictory", one=times, other=Quantity(len(texts), "1"))
    shares = [_fraction(text) for text in texts]
    bad = next((text for text, share in zip(texts, shares, strict=True) if share is None), None)
    if bad is not None:
        return lacking("calc.no-fraction", name="fractions", text=bad)
    known = [Quantity(share, "1") for share in shares if share is not None]
    together = sum((share.value for share in known), Fraction(0))
    if together != 1:
        return lacking("calc.parts-not-whole", sum=Quantity(together, "1"), fractions=texts)
    steps = (Step("calc.part", (("dose", total), ("fraction", share)), total.scaled(share.value)) for share in known)
    return {f"part_{place}": step for place, step in enumerate(steps, 1)}


def _fraction(text: str) -> Fraction | None:
    """ "1/4", "0.25" or "25 %", above zero; None for anything else."""
    plain = text.strip()
    try:
        share = number(plain.removesuffix("%").strip()) / (100 if plain.endswith("%") else 1)
    except NumberError:
        return None
    return share if share > 0 else None


# Its range
def _range_check(given: Given) -> Worked:
    """low ≤ dose ≤ high, both ends inside; an end per kg is brought to the terms of the dose by the weight."""
    dose, weighed = given["dose"], kilograms(given) if "weight" in given else Measure(None)
    low, high = _end(given["low"], dose, weighed.amount), _end(given["high"], dose, weighed.amount)
    if low.amount is None or high.amount is None:
        return without_result(low, high)
    if low.amount > high.amount:
        return without_result(Measure(None, findings=(lacking("calc.range-upside-down", low=given["low"], high=given["high"]),)))
    results, steps = {"dose": dose, "low": low.amount, "high": high.amount}, [*low.steps, *high.steps]
    if not steps:
        return Worked(results, (), (_verdict(dose, low.amount, high.amount), *not_used(given, "weight")))
    if "/kg" not in dose.unit and weighed.amount is not None:
        symbol = next(end.unit for end in (given["low"], given["high"]) if "/kg" in end.unit)
        results["dose_per_weight"] = ratio(symbol, (dose,), (weighed.amount,))
        steps.append(Step("calc.dose-per-weight", (("dose", dose), ("weight", weighed.amount)), results["dose_per_weight"], WEIGHT_DOSE))
    return Worked(results, (*weighed.steps, *steps), (_verdict(dose, low.amount, high.amount), *weighed.findings))


def _end(end: Quantity, dose: Quantity, weight: Quantity | None) -> Measure:
    """One end of the range in the unit of the dose."""
    if end.is_like(dose):
        return Measure(end.to(dose.unit))
    is_per_kg = "/kg" in end.unit
    if is_per_kg == ("/kg" in dose.unit) or "/m2" in end.unit or "/m2" in dose.unit:
        return other_kind(dose, end)
    if weight is None:
        return Measure(None, findings=(lacking("calc.weight-needed", dose=end if is_per_kg else dose),))
    try:
        made = ratio(dose.unit, (end, weight)) if is_per_kg else ratio(dose.unit, (end,), (weight,))
    except UnitError:
        return other_kind(dose, end)
    operation = "calc.end-for-weight" if is_per_kg else "calc.end-per-weight"
    return Measure(made, (Step(operation, (("end", end), ("weight", weight)), made, SAFE_RANGE),))


def _verdict(dose: Quantity, low: Quantity, high: Quantity) -> Finding:
    if dose < low:
        return notice("calc.below-range", SAFE_RANGE, level=Level.CAUTION, dose=dose, low=low, high=high)
    if dose > high:
        return notice("calc.above-range", SAFE_RANGE, level=Level.CAUTION, dose=dose, low=low, high=high)
    return notice("calc.in-range", SAFE_RANGE, dose=dose, low=low, high=high)


COUNT = ("1",)
ONE_TIME_OR_DAY = amounts(DRUGS, "", "/kg", "/d", "/kg/d")
IN_RANGE = amounts(DRUGS_AND_FLUIDS, "", "/kg", "/m2", "/h", "/kg/h", "/m2/h")

CALCULATORS = (
    Calculator(
        "weight-dose",
        (Input("dose", amounts(DRUGS_AND_FLUIDS, "/kg", "/m2", "/kg/h", "/m2/h")), MAYBE_WEIGHT, AREA, CAP),
        (Result("dose", "mg"), Result("uncapped", "mg")),
        "dose = dose * weight, or dose * area for a dose per m2, at most cap; never rounded past the cap",
        _weight_dose,
        WEIGHT_DOSE,
        ways=((("weight",), ("area",)),),
    ),
    Calculator(
        "dose-volume",
        (
            Input("dose", ONE_TIME_OR_DAY),
            CONCENTRATION,
            AMOUNT,
            VOLUME,
            MAYBE_WEIGHT,
            Input("doses_per_day", COUNT, assumed="1", is_required=False, is_whole=True),
        ),
        (Result("volume", "mL", Usual.VOLUME), Result("dose", "mg"), Result("volume_per_day", "mL/d")),
        "volume = dose / concentration; concentration = amount / volume; a dose per kg is times weight; one of a day is over doses_per_day",
        _dose_volume,
        (*DOSE_VOLUME, *WEIGHT_DOSE),
        ways=(STRENGTH,),
    ),
    Calculator(
        "split-dose",
        (
            Input("dose", amounts(DRUGS_AND_FLUIDS, "", "/kg", "/d", "/kg/d")),
            MAYBE_WEIGHT,
            CAP,
            Input("fractions", kind=InputKind.GROUP, is_required=False, is_list=True),
            Input("times", COUNT, assumed="1", is_required=False, is_whole=True),
        ),
        (Result("part", "mg"), *(Result(f"part_{place}", "mg") for place in range(1, MOST_PARTS + 1)), Result("total", "mg")),
        "part = dose / times, or part_n = dose * fraction_n for fractions such as 1/2, 1/4, 1/4 that are 1 together; "
        "a dose per kg is times weight; at most cap, before it is split; a dose of a day is split into its times",
        _split_dose,
        WEIGHT_DOSE,
        ways=((("times",), ("fractions",)),),
    ),
    Calculator(
        "range-check",
        (Input("dose", IN_RANGE), Input("low", IN_RANGE, may_be_zero=True), Input("high", IN_RANGE), MAYBE_WEIGHT),
        (Result("dose", "mg"), Result("low", "mg"), Result("high", "mg"), Result("dose_per_weight", "mg/kg")),
        "low <= dose <= high, both ends inside; an end per kg is times weight; dose_per_weight = dose / weight",
        _range_check,
        SAFE_RANGE,
    ),
)
