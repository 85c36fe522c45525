"""Body: mass, surface and the weights that formulas ask for. Coefficients stand here beside their citation; what a site may change is a
figure of `body-1`."""

from collections.abc import Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from math import isqrt

from openinfusion.core.calculator import Amount, Approximate, Calculator, Given, Input, Result, Worked, choice, notice, refused
from openinfusion.core.calculators.measures import HEIGHT, WEIGHT, Measure, kilograms
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.prescribing.citations import (
    ADJUSTED_WEIGHT,
    BODY_MASS_INDEX,
    BOER,
    BOYD,
    DEVINE,
    DU_BOIS,
    GEHAN_GEORGE,
    HAYCOCK,
    JANMAHASATIAN,
    MOSTELLER,
    POUND,
    Sources,
)
from openinfusion.core.quantity import Quantity

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.weight-converted": ("weight",),
    "calc.surface-mosteller": ("height", "weight"),
    "calc.surface-dubois": ("weight", "height"),
    "calc.surface-haycock": ("weight", "height"),
    "calc.surface-gehan-george": ("weight", "height"),
    "calc.surface-boyd": ("grams", "height"),
    "calc.body-mass-index": ("weight", "height"),
    "calc.ideal-male": ("height",),
    "calc.ideal-female": ("height",),
    "calc.adjusted-weight": ("ideal", "factor", "weight"),
    "calc.lean-male": ("weight", "height"),
    "calc.lean-female": ("weight", "height"),
    "calc.fat-free-male": ("weight", "index"),
    "calc.fat-free-female": ("weight", "index"),
}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.formula-assumed": ("formula",),
    "calc.factor-assumed": ("factor",),
    "calc.below-sixty-inches": ("height",),
    "calc.below-ideal": ("weight", "ideal"),
    "calc.above-weight": ("result", "weight"),
    "calc.formula-fails": ("result",),
    "calc.not-validated": ("value", "least", "most"),
}

TABLE = "body-1"
SEX = choice("sex", "male", "female")
FACTOR = Input("factor", ("1",), assumed="1", is_required=False, may_be_zero=True)
_PRECISION = 28
_SIXTY_INCHES = Quantity("152.4", "cm")
_DEVINE = {"male": Fraction(50), "female": Fraction("45.5")}
_DEVINE_PER_INCH = Fraction("2.3")
_BOER = {
    "male": (Fraction("0.407"), Fraction("0.267"), Fraction("19.2")),
    "female": (Fraction("0.252"), Fraction("0.473"), Fraction("48.3")),
}
_JANMAHASATIAN = {"male": (9270, 6680, 216), "female": (9270, 8780, 244)}
_VALIDATED = ((Quantity("40.7", "kg"), Quantity("216.5", "kg")), (Quantity("17.1", "kg/m2"), Quantity("69.9", "kg/m2")))
"""Weights and body mass indices of the people in whom Janmahasatian 2005 found the equation."""

_POWERS: Mapping[str, tuple[str, str, str, Sources]] = {
    "dubois": ("0.007184", "0.425", "0.725", DU_BOIS),
    "haycock": ("0.024265", "0.5378", "0.3964", HAYCOCK),
    "gehan-george": ("0.0235", "0.51456", "0.42246", GEHAN_GEORGE),
}
"""Coefficient, power of the weight in kg and of the height in cm."""


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def root(value: Fraction) -> tuple[Fraction, bool]:
    """The square root and whether it is exact."""
    up, down = isqrt(value.numerator), isqrt(value.denominator)
    if up * up == value.numerator and down * down == value.denominator:
        return Fraction(up, down), True
    with localcontext(prec=_PRECISION):
        return Fraction(_decimal(value).sqrt()), False


def surface(weight: Quantity, height: Quantity, formula: str) -> tuple[Amount, Step]:
    """The body surface of a mass in kg and a height, with its step."""
    kg, cm = weight.to("kg"), height.to("cm")
    if formula == "mosteller":
        value, is_exact = root(kg.value * cm.value / 3600)
        area = Quantity(value, "m2")
        return (area if is_exact else Approximate(area)), Step("calc.surface-mosteller", (("height", cm), ("weight", kg)), area, MOSTELLER)
    if formula == "boyd":
        return _boyd(kg, cm)
    coefficient, of_weight, of_height, sources = _POWERS[formula]
    with localcontext(prec=_PRECISION):
        power = Decimal(coefficient) * _decimal(kg.value) ** Decimal(of_weight) * _decimal(cm.value) ** Decimal(of_height)
    area = Quantity(Fraction(power), "m2")
    return Approximate(area), Step(f"calc.surface-{formula}", (("weight", kg), ("height", cm)), area, sources)


def _boyd(kg: Quantity, cm: Quantity) -> tuple[Amount, Step]:
    """0.0003207 * grams^(0.7285 - 0.0188 log10 grams) * cm^0.3, in m2."""
    with localcontext(prec=_PRECISION):
        grams = _decimal(kg.value * 1000)
        power = Decimal("0.7285") - Decimal("0.0188") * grams.log10()
        value = Decimal("0.0003207") * grams**power * _decimal(cm.value) ** Decimal("0.3")
    area = Quantity(Fraction(value), "m2")
    return Approximate(area), Step("calc.surface-boyd", (("grams", Quantity(kg.value * 1000, "g")), ("height", cm)), area, BOYD)


def body_mass_index(weight: Quantity, height: Quantity) -> Step:
    """Mass in kg over the square of the height in m."""
    metres = height.to("m")
    index = Quantity(weight.to("kg").value / metres.value**2, "kg/m2")
    return Step("calc.body-mass-index", (("weight", weight), ("height", metres)), index, BODY_MASS_INDEX)


def ideal_weight(sex: str, height: Quantity) -> tuple[Step, tuple[Finding, ...]]:
    """Devine's weight for a sex and height; it was made for heights from 60 inches, and is told below."""
    cm = height.to("cm")
    above = cm.value / Fraction("2.54") - 60
    ideal = Quantity(_DEVINE[sex] + _DEVINE_PER_INCH * above, "kg")
    step = Step(f"calc.ideal-{sex}", (("height", cm),), ideal, DEVINE)
    short = (notice("calc.below-sixty-inches", DEVINE, level=Level.CAUTION, height=cm),) if cm < _SIXTY_INCHES else ()
    return step, short


def adjusted_weight(weight: Quantity, ideal: Quantity, factor: Quantity) -> Step:
    """Ideal + factor * (actual - ideal), in kg."""
    value = ideal.value + factor.value * (weight.to("kg").value - ideal.value)
    return Step("calc.adjusted-weight", (("ideal", ideal), ("factor", factor), ("weight", weight)), Quantity(value, "kg"), ADJUSTED_WEIGHT)


def factor_of(given: Given) -> tuple[Quantity, tuple[Finding, ...]]:
    """The factor that was given, else the table's, which is told."""
    told = given.get("factor")
    if told is not None:
        return told, ()
    figure = given.figure(f"{TABLE}/adjustment")
    return figure.quantity, (notice("calc.factor-assumed", figure.sources, factor=figure.quantity),)


def _weight_conversion(given: Given) -> Worked:
    weight = given["weight"]
    other = weight.to("kg" if weight.unit == "[lb_av]" else "[lb_av]")
    step = Step("calc.weight-converted", (("weight", weight),), other, POUND)
    return Worked({"weight": weight.to("kg"), "pounds": weight.to("[lb_av]")}, (step,))


def _body_surface_area(given: Given) -> Worked:
    mass, formula = kilograms(given), given.word("formula") if "formula" in given else "mosteller"
    area, step = surface(_known(mass), given["height"], formula)
    assumed = () if "formula" in given else (notice("calc.formula-assumed", MOSTELLER, formula=formula),)
    return Worked({"area": area}, (*mass.steps, step), (*mass.findings, *assumed))


def _known(mass: Measure) -> Quantity:
    if mass.amount is None:
        raise TypeError("weight")
    return mass.amount


def _body_mass_index(given: Given) -> Worked:
    mass = kilograms(given)
    step = body_mass_index(_known(mass), given["height"])
    return Worked({"index": step.result}, (*mass.steps, step), mass.findings)


def _ideal_body_weight(given: Given) -> Worked:
    step, found = ideal_weight(given.word("sex"), given["height"])
    return Worked({"weight": step.result}, (step,), found) if step.result.value > 0 else _fails(step)


def _fails(*steps: Step) -> Worked:
    failed = refused("calc.formula-fails", result=steps[-1].result)
    return Worked({}, steps, failed.findings)


def _adjusted_body_weight(given: Given) -> Worked:
    mass, (ideal, short), (factor, assumed) = kilograms(given), ideal_weight(given.word("sex"), given["height"]), factor_of(given)
    actual = _known(mass)
    step = adjusted_weight(actual, ideal.result, factor)
    steps = (*mass.steps, ideal, step)
    if step.result.value <= 0 or ideal.result.value <= 0:
        return _fails(*steps)
    below = (notice("calc.below-ideal", level=Level.CAUTION, weight=actual, ideal=ideal.result),) if actual < ideal.result else ()
    return Worked({"weight": step.result, "ideal": ideal.result}, steps, (*mass.findings, *short, *assumed, *below))


def _lean_body_weight(given: Given) -> Worked:
    mass, cm, sex = kilograms(given), given["height"].to("cm"), given.word("sex")
    actual, (of_weight, of_height, less) = _known(mass), _BOER[sex]
    lean = Quantity(of_weight * actual.value + of_height * cm.value - less, "kg")
    steps = (*mass.steps, Step(f"calc.lean-{sex}", (("weight", actual), ("height", cm)), lean, BOER))
    if lean.value <= 0:
        return _fails(*steps)
    return Worked({"weight": lean}, steps, (*mass.findings, *_above_weight(lean, actual)))


def _above_weight(result: Quantity, actual: Quantity) -> tuple[Finding, ...]:
    return (notice("calc.above-weight", level=Level.CAUTION, result=result, weight=actual),) if result > actual else ()


def _fat_free_mass(given: Given) -> Worked:
    mass, sex = kilograms(given), given.word("sex")
    actual, (times, plus, of_index) = _known(mass), _JANMAHASATIAN[sex]
    index = body_mass_index(actual, given["height"])
    free = Quantity(times * actual.to("kg").value / (plus + of_index * index.result.value), "kg")
    step = Step(f"calc.fat-free-{sex}", (("weight", actual), ("index", index.result)), free, JANMAHASATIAN)
    outside = tuple(
        notice("calc.not-validated", JANMAHASATIAN, level=Level.CAUTION, value=value, least=least, most=most)
        for value, (least, most) in zip((actual, index.result), _VALIDATED, strict=True)
        if not least <= value <= most
    )
    found = (*mass.findings, *outside, *_above_weight(free, actual))
    return Worked({"mass": free}, (*mass.steps, index, step), found)


_KG = (Result("weight", "kg"),)
_SURFACES = ("mosteller", *_POWERS, "boyd")


CALCULATORS = (
    Calculator("weight-conversion", (WEIGHT,), (*_KG, Result("pounds", "[lb_av]")), "1 lb = 0.45359237 kg", _weight_conversion, POUND),
    Calculator(
        "body-surface-area",
        (WEIGHT, HEIGHT, choice("formula", *_SURFACES, is_required=False)),
        (Result("area", "m2"),),
        "mosteller: (height * weight / 3600)^1/2; dubois: 0.007184 * weight^0.425 * height^0.725; haycock: 0.024265 * weight^0.5378 * "
        "height^0.3964; gehan-george: 0.0235 * weight^0.51456 * height^0.42246; boyd: 0.0003207 * grams^(0.7285 - 0.0188 * log10 grams) "
        "* height^0.3",
        _body_surface_area,
        tuple(dict.fromkeys((*MOSTELLER, *DU_BOIS, *HAYCOCK, *GEHAN_GEORGE, *BOYD))),
    ),
    Calculator("body-mass-index", (WEIGHT, HEIGHT), (Result("index", "kg/m2"),), "weight / height^2", _body_mass_index, BODY_MASS_INDEX),
    Calculator(
        "ideal-body-weight",
        (SEX, HEIGHT),
        _KG,
        "devine: 50 kg (male) or 45.5 kg (female) + 2.3 kg * (height in inches - 60)",
        _ideal_body_weight,
        DEVINE,
    ),
    Calculator(
        "adjusted-body-weight",
        (SEX, HEIGHT, WEIGHT, FACTOR),
        (*_KG, Result("ideal", "kg")),
        "ideal + factor * (weight - ideal)",
        _adjusted_body_weight,
        (*ADJUSTED_WEIGHT, *DEVINE),
        (TABLE,),
    ),
    Calculator(
        "lean-body-weight",
        (SEX, HEIGHT, WEIGHT),
        _KG,
        "boer: 0.407 * weight + 0.267 * height - 19.2 (male), 0.252 * weight + 0.473 * height - 48.3 (female)",
        _lean_body_weight,
        BOER,
    ),
    Calculator(
        "fat-free-mass",
        (SEX, HEIGHT, WEIGHT),
        (Result("mass", "kg"),),
        "janmahasatian: 9270 * weight / (6680 + 216 * index) (male), 9270 * weight / (8780 + 244 * index) (female)",
        _fat_free_mass,
        JANMAHASATIAN,
    ),
)
