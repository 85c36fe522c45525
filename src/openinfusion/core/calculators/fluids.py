"""Fluids and iron by body mass: what a day or a burn asks for, and what iron is missing."""

from collections.abc import Mapping
from fractions import Fraction

from openinfusion.core.calculator import Calculator, Given, Input, Result, Usual, Worked, choice, notice, refused
from openinfusion.core.calculators.measures import WEIGHT, kilograms
from openinfusion.core.figure import Figure
from openinfusion.core.finding import Step
from openinfusion.core.prescribing.citations import FOUR_TWO_ONE, GANZONI, HOLLIDAY_SEGAR, PARKLAND
from openinfusion.core.quantity import Quantity, ratio

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.holliday-segar": ("weight",),
    "calc.four-two-one": ("weight",),
    "calc.of-an-hour": ("volume",),
    "calc.of-a-day": ("rate",),
    "calc.ganzoni": ("weight", "target", "hemoglobin", "stores"),
    "calc.stores": ("stores", "weight"),
    "calc.parkland": ("weight", "burned_surface"),
    "calc.half-of": ("volume",),
    "calc.rate-of-rest": ("volume", "hours"),
}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.target-assumed": ("target", "weight"),
    "calc.stores-assumed": ("stores", "weight"),
    "calc.no-deficit": ("hemoglobin", "target"),
    "calc.fluid-not-newborns": (),
    "calc.eight-hours-over": ("elapsed",),
}
TABLE = "fluids-1"


def _banded(weight: Fraction, first: int, second: int, rest: int) -> Fraction:
    """So much for each of the first ten kilograms, of the second ten, and of the rest."""
    ten = Fraction(10)
    return min(weight, ten) * first + min(max(weight - ten, Fraction(0)), ten) * second + max(weight - 2 * ten, Fraction(0)) * rest


def _maintenance_fluid(given: Given) -> Worked:
    mass = kilograms(given)
    if mass.amount is None:
        return Worked({}, mass.steps, mass.findings)
    weight = mass.amount
    found = (*mass.findings, notice("calc.fluid-not-newborns", HOLLIDAY_SEGAR))
    if given.word("rule") == "holliday-segar":
        daily = Quantity(_banded(weight.value, 100, 50, 20), "mL/d")
        hourly = daily.to("mL/h")
        steps = (
            Step("calc.holliday-segar", (("weight", weight),), daily, HOLLIDAY_SEGAR),
            Step("calc.of-an-hour", (("volume", daily),), hourly),
        )
        return Worked({"volume": daily, "rate": hourly}, (*mass.steps, *steps), found)
    hourly = Quantity(_banded(weight.value, 4, 2, 1), "mL/h")
    daily = hourly.to("mL/d")
    steps = (Step("calc.four-two-one", (("weight", weight),), hourly, FOUR_TWO_ONE), Step("calc.of-a-day", (("rate", hourly),), daily))
    return Worked({"rate": hourly, "volume": daily}, (*mass.steps, *steps), found)


def _iron_deficit(given: Given) -> Worked:
    mass = kilograms(given)
    if mass.amount is None:
        return Worked({}, mass.steps, mass.findings)
    weight, hemoglobin = mass.amount.to("kg"), given["hemoglobin"].to("g/dL")
    is_light = weight < given.figure(f"{TABLE}/iron-light-below").quantity
    target, told = given.get("target"), list(mass.findings)
    if target is None:
        figure = given.figure(f"{TABLE}/iron-target-light" if is_light else f"{TABLE}/iron-target")
        target = figure.quantity
        told.append(notice("calc.target-assumed", figure.sources, target=target, weight=weight))
    target = target.to("g/dL")
    stores, steps = _stores(given, weight, is_light=is_light)
    if "stores" not in given:
        told.append(notice("calc.stores-assumed", GANZONI, stores=stores, weight=weight))
    if hemoglobin >= target:
        return Worked({}, steps, (*told, refused("calc.no-deficit", hemoglobin=hemoglobin, target=target).findings[0]))
    deficit = Quantity(weight.value * (target.value - hemoglobin.value) * Fraction("2.4") + stores.value, "mg")
    inputs = (("weight", weight), ("target", target), ("hemoglobin", hemoglobin), ("stores", stores))
    return Worked({"deficit": deficit}, (*mass.steps, *steps, Step("calc.ganzoni", inputs, deficit, GANZONI)), tuple(told))


def _stores(given: Given, weight: Quantity, *, is_light: bool) -> tuple[Quantity, tuple[Step, ...]]:
    """Iron for the stores: as given, else by weight for the light and one amount for the others."""
    told = given.get("stores")
    if told is not None:
        return told.to("mg"), ()
    if not is_light:
        return given.figure(f"{TABLE}/iron-stores").quantity, ()
    per_mass: Figure = given.figure(f"{TABLE}/iron-stores-light")
    stores = ratio("mg", (per_mass.quantity, weight))
    return stores, (Step("calc.stores", (("stores", per_mass.quantity), ("weight", weight)), stores, per_mass.sources),)


def _burn_fluid(given: Given) -> Worked:
    """Four millilitres for each kilogram and per cent; half of it in the first eight hours from the burn, half in the next sixteen."""
    mass = kilograms(given)
    if mass.amount is None:
        return Worked({}, mass.steps, mass.findings)
    weight, burned, elapsed = mass.amount, given["burned_surface"], given.get("elapsed")
    total = Quantity(4 * weight.to("kg").value * burned.to("%").value, "mL")
    half = total.scaled(Fraction(1, 2))
    left = Quantity(8, "h") if elapsed is None else Quantity(8, "h") - elapsed.to("h")
    if left.value <= 0:
        return Worked({}, (), (refused("calc.eight-hours-over", elapsed=elapsed).findings[0],))
    first, next_rate = ratio("mL/h", (half,), (left,)), ratio("mL/h", (half,), (Quantity(16, "h"),))
    steps = (
        Step("calc.parkland", (("weight", weight), ("burned_surface", burned)), total, PARKLAND),
        Step("calc.half-of", (("volume", total),), half, PARKLAND),
        Step("calc.rate-of-rest", (("volume", half), ("hours", left)), first),
        Step("calc.rate-of-rest", (("volume", half), ("hours", Quantity(16, "h"))), next_rate),
    )
    results = {"total": total, "first_8_h": half, "next_16_h": half, "first_rate": first, "next_rate": next_rate}
    return Worked(results, (*mass.steps, *steps), mass.findings)


CALCULATORS = (
    Calculator(
        "maintenance-fluid",
        (WEIGHT, choice("rule", "holliday-segar", "4-2-1")),
        (Result("volume", "mL/d"), Result("rate", "mL/h")),
        "holliday-segar: 100, 50, 20 mL/kg/d for the first 10 kg, the second 10 kg, the rest; 4-2-1: 4, 2, 1 mL/kg/h",
        _maintenance_fluid,
        tuple(dict.fromkeys((*HOLLIDAY_SEGAR, *FOUR_TWO_ONE))),
    ),
    Calculator(
        "iron-deficit",
        (
            WEIGHT,
            Input("hemoglobin", ("g/dL",)),
            Input("target", ("g/dL",), is_required=False),
            Input("stores", ("mg",), is_required=False, may_be_zero=True),
        ),
        (Result("deficit", "mg"),),
        "ganzoni: weight * (target - hemoglobin) * 2.4 + stores",
        _iron_deficit,
        GANZONI,
        (TABLE,),
    ),
    Calculator(
        "burn-fluid",
        (
            WEIGHT,
            Input("burned_surface", ("%",), assumed="%", most=Quantity(100, "%")),
            Input("elapsed", ("h",), is_required=False, may_be_zero=True),
        ),
        (
            Result("total", "mL", Usual.VOLUME),
            Result("first_8_h", "mL", Usual.VOLUME),
            Result("next_16_h", "mL", Usual.VOLUME),
            Result("first_rate", "mL/h"),
            Result("next_rate", "mL/h"),
        ),
        "parkland: 4 mL * weight in kg * burned_surface in per cent; half in 8 h from the burn, half in the next 16 h",
        _burn_fluid,
        PARKLAND,
    ),
)
