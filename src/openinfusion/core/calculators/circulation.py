"""Pressure and heart: mean arterial pressure and the QT interval corrected for the heart rate."""

from collections.abc import Mapping
from decimal import Decimal, localcontext
from fractions import Fraction

from openinfusion.core.calculator import Amount, Approximate, Calculator, Given, Input, Result, Worked, choice, notice, refused
from openinfusion.core.calculators.body import root
from openinfusion.core.finding import Level, Step
from openinfusion.core.prescribing.citations import BAZETT, FRIDERICIA, MEAN_PRESSURE
from openinfusion.core.quantity import Quantity

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.mean-pressure": ("diastolic", "systolic"),
    "calc.interval-of-beats": ("heart_rate",),
    "calc.bazett": ("qt", "interval"),
    "calc.fridericia": ("qt", "interval"),
}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.diastolic-above": ("systolic", "diastolic"),
    "calc.bazett-outside": ("heart_rate",),
}
_HOLDS = (Quantity(60, "/min"), Quantity(100, "/min"))
"""Heart rates in which Bazett's correction holds."""


def _mean_arterial_pressure(given: Given) -> Worked:
    systolic, diastolic = given["systolic"], given["diastolic"]
    if diastolic > systolic:
        return refused("calc.diastolic-above", systolic=systolic, diastolic=diastolic)
    mean = diastolic + (systolic - diastolic).scaled(Fraction(1, 3))
    return Worked(
        {"pressure": mean}, (Step("calc.mean-pressure", (("diastolic", diastolic), ("systolic", systolic)), mean, MEAN_PRESSURE),)
    )


def _cube_root(value: Fraction) -> tuple[Fraction, bool]:
    up, down = (round(part ** (1 / 3)) for part in value.as_integer_ratio()) if max(value.as_integer_ratio()) < 10**15 else (0, 1)
    if down and Fraction(up, down) ** 3 == value:
        return Fraction(up, down), True
    with localcontext(prec=40):
        return Fraction((Decimal(value.numerator) / Decimal(value.denominator)) ** (Decimal(1) / Decimal(3))), False


def _qtc(given: Given) -> Worked:
    qt, heart_rate = given["qt"].to("ms"), given["heart_rate"].to("/min")
    formula = given.word("formula") if "formula" in given else "bazett"
    beat = Fraction(60) / heart_rate.value
    interval = Quantity(beat, "s")
    divisor, is_exact = root(beat) if formula == "bazett" else _cube_root(beat)
    corrected = Quantity(qt.value / divisor, "ms")
    shown: Amount = corrected if is_exact else Approximate(corrected)
    sources = BAZETT if formula == "bazett" else FRIDERICIA
    steps = (
        Step("calc.interval-of-beats", (("heart_rate", heart_rate),), Quantity(beat * 1000, "ms")),
        Step(f"calc.{formula}", (("qt", qt), ("interval", Quantity(interval.value * 1000, "ms"))), corrected, sources),
    )
    found = [] if "formula" in given else [notice("calc.formula-assumed", sources, formula=formula)]
    if formula == "bazett" and not _HOLDS[0] <= heart_rate <= _HOLDS[1]:
        found.append(notice("calc.bazett-outside", BAZETT, level=Level.CAUTION, heart_rate=heart_rate))
    return Worked({"qtc": shown}, steps, tuple(found))


_PRESSURE = ("mm[Hg]",)

CALCULATORS = (
    Calculator(
        "mean-arterial-pressure",
        (Input("systolic", _PRESSURE), Input("diastolic", _PRESSURE)),
        (Result("pressure", "mm[Hg]"),),
        "diastolic + (systolic - diastolic) / 3",
        _mean_arterial_pressure,
        MEAN_PRESSURE,
    ),
    Calculator(
        "qtc",
        (Input("qt", ("ms",)), Input("heart_rate", ("/min",)), choice("formula", "bazett", "fridericia", is_required=False)),
        (Result("qtc", "ms"),),
        "bazett: qt / (60 / heart_rate)^1/2; fridericia: qt / (60 / heart_rate)^1/3",
        _qtc,
        (*BAZETT, *FRIDERICIA),
    ),
)
