"""Emergencies: epinephrine into the muscle, lipid emulsion after local anaesthetic, naloxone by infusion.

Epinephrine is never refused: whatever is missing or cannot be read, there is exactly one dose, and its basis stands beside it.
"""

from collections.abc import Mapping

from openinfusion.core.calculator import Calculator, Given, Input, Result, Worked, choice, notice
from openinfusion.core.calculators.measures import WEIGHT, kilograms
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.monitoring.response import DoseBasis, EmergencyDose, emergency_dose
from openinfusion.core.prescribing.citations import EPINEPHRINE_IM, LIPID_AAGBI, LIPID_ASRA, NALOXONE_INFUSION
from openinfusion.core.quantity import Quantity, ratio
from openinfusion.core.table import EpinephrineDoses

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.epinephrine-by-weight": ("per_mass", "weight"),
    "calc.epinephrine-cap": ("dose", "cap"),
    "calc.epinephrine-by-age": ("age",),
    "calc.epinephrine-adult": (),
    "calc.epinephrine-volume": ("dose", "concentration"),
    "calc.lipid-bolus": ("per_mass", "weight"),
    "calc.lipid-bolus-fixed": ("bolus", "above"),
    "calc.lipid-rate": ("per_mass", "weight"),
    "calc.lipid-rate-fixed": ("volume", "time"),
    "calc.lipid-doubled": ("rate", "factor"),
    "calc.lipid-maximum": ("per_mass", "weight"),
    "calc.naloxone-rate": ("bolus", "share"),
    "calc.naloxone-mixture": ("amount", "volume"),
    "calc.naloxone-volume-rate": ("rate", "mixture"),
}
CODES: Mapping[str, tuple[str, ...]] = {
    "calc.epinephrine-basis-weight": ("weight", "scheme"),
    "calc.epinephrine-basis-age": ("age", "scheme"),
    "calc.epinephrine-basis-age-of": ("age", "scheme", "rows_of"),
    "calc.epinephrine-basis-adult": ("scheme",),
    "calc.epinephrine-capped": ("dose", "cap"),
    "calc.epinephrine-scheme": ("scheme",),
    "calc.epinephrine-again": ("site", "repeat_after"),
    "calc.lipid-scheme": ("scheme",),
    "calc.lipid-how": ("within", "doubled", "maximum"),
    "calc.lipid-fastest": ("volume", "time", "slowest"),
    "calc.lipid-boundary": ("weight", "bolus", "fixed"),
    "calc.naloxone-target": ("breathing",),
    "calc.naloxone-rethink": ("bolus", "after"),
}
EPINEPHRINE, LIPID, NALOXONE = "epinephrine-im-1", "lipid-rescue-1", "naloxone-infusion-1"
_SCHEMES = ("us", "rcuk", "ascia")


def epinephrine(given: Given) -> Worked:
    """The one dose, from weight, age and scheme, each of which may be missing."""
    table = given.table(EpinephrineDoses, EPINEPHRINE)
    mass = kilograms(given) if "weight" in given else None
    weight, age = mass.amount if mass is not None else None, given.get("age")
    asked = given.word("scheme") if "scheme" in given else ""
    made = emergency_dose(table, asked, weight, age)
    steps, capped = _dose_steps(table, made, weight, age)
    before, noticed = (mass.steps, mass.findings) if mass is not None else ((), ())
    found = [*noticed, _basis(made, weight, age), *capped]
    if made.scheme != asked:
        found.append(notice("calc.epinephrine-scheme", made.sources, level=Level.CAUTION, scheme=made.scheme))
    found.append(notice("calc.epinephrine-again", made.sources, site=table.site, repeat_after=made.repeat_after))
    strength = table.concentration
    volume = ratio("mL", (made.exact,), (strength.quantity,))
    drawn = Step("calc.epinephrine-volume", (("dose", made.exact), ("concentration", strength.quantity)), volume, strength.sources)
    results = {"dose": made.exact, "volume": volume, "repeat_after": made.repeat_after}
    return Worked(results, (*before, *steps, drawn), tuple(found), lines=_lines(table, made))


def _dose_steps(
    table: EpinephrineDoses, made: EmergencyDose, weight: Quantity | None, age: Quantity | None
) -> tuple[tuple[Step, ...], tuple[Finding, ...]]:
    """How the rule's own dose came about; a cap that binds is a step of its own and a finding."""
    if made.basis is DoseBasis.WEIGHT and weight is not None:
        per_mass = next(one for one in table.schemes if one.id == made.scheme).per_mass
        full = ratio("mg", (per_mass.quantity, weight))
        step = Step("calc.epinephrine-by-weight", (("per_mass", per_mass.quantity), ("weight", weight)), full, made.sources)
        if full == made.exact:
            return (step,), ()
        cap = Step("calc.epinephrine-cap", (("dose", full), ("cap", made.exact)), made.exact, made.sources)
        return (step, cap), (notice("calc.epinephrine-capped", made.sources, dose=full, cap=made.exact),)
    if made.basis is DoseBasis.ADULT or age is None:
        return (Step("calc.epinephrine-adult", (), made.exact, made.sources),), ()
    return (Step("calc.epinephrine-by-age", (("age", age),), made.exact, made.sources),), ()


def _lines(table: EpinephrineDoses, made: EmergencyDose) -> Mapping[str, Quantity]:
    """What a syringe can measure of the volume, and what that is in the dose; nothing where that would leave no dose."""
    if table.volume_step is None or made.dose == made.exact:
        return {}
    line = table.volume_step.quantity
    return {"volume": line, "dose": ratio("mg", (line, table.concentration.quantity))}


def _basis(made: EmergencyDose, weight: Quantity | None, age: Quantity | None) -> Finding:
    """What the dose was found by, to stand beside it."""
    match made.basis:
        case DoseBasis.WEIGHT:
            return notice("calc.epinephrine-basis-weight", made.sources, weight=weight, scheme=made.scheme)
        case DoseBasis.AGE:
            return notice("calc.epinephrine-basis-age", made.sources, age=age, scheme=made.scheme)
        case DoseBasis.AGE_OF_OTHER_SCHEME:
            params = {"age": age, "scheme": made.scheme, "rows_of": made.rows_of}
            return Finding("calc.epinephrine-basis-age-of", Level.CAUTION, params, made.sources)
        case DoseBasis.ADULT:
            return notice("calc.epinephrine-basis-adult", made.sources, level=Level.CAUTION, scheme=made.scheme)


def _lipid(given: Given) -> Worked:
    mass = kilograms(given)
    if mass.amount is None:
        return Worked({}, mass.steps, mass.findings)
    weight = mass.amount
    scheme = given.word("scheme") if "scheme" in given else "asra"
    sources = LIPID_ASRA if scheme == "asra" else LIPID_AAGBI
    found = [*mass.findings]
    if "scheme" not in given:
        found.append(notice("calc.lipid-scheme", sources, level=Level.CAUTION, scheme=scheme))
    if scheme == "asra" and weight > given.figure(f"{LIPID}/asra-fixed-above").quantity:
        bolus, rate, said = _fixed(given)
        found.append(said)
    else:
        bolus, rate = (_per_mass(given, f"{scheme}-{name}", f"calc.lipid-{name}", weight) for name in ("bolus", "rate"))
        if scheme == "asra" and weight == given.figure(f"{LIPID}/asra-fixed-above").quantity:
            fixed = given.figure(f"{LIPID}/asra-fixed-bolus")
            found.append(notice("calc.lipid-boundary", fixed.sources, weight=weight, bolus=bolus.result, fixed=fixed.quantity))
    factor = given.figure(f"{LIPID}/doubling")
    doubled = Step(
        "calc.lipid-doubled",
        (("rate", rate.result), ("factor", factor.quantity)),
        rate.result.scaled(factor.quantity.value),
        factor.sources,
    )
    maximum = _per_mass(given, f"{scheme}-maximum", "calc.lipid-maximum", weight)
    within = given.figure(f"{LIPID}/{scheme}-bolus-time").quantity
    found.append(notice("calc.lipid-how", sources, within=within, doubled=doubled.result, maximum=maximum.result))
    results = {"bolus": bolus.result, "rate": rate.result, "maximum": maximum.result, "doubled_rate": doubled.result}
    return Worked(results, (*mass.steps, bolus, rate, doubled, maximum), tuple(found))


def _per_mass(given: Given, name: str, operation: str, weight: Quantity) -> Step:
    figure = given.figure(f"{LIPID}/{name}")
    unit = "mL" if figure.quantity.is_like("mL/kg") else "mL/h"
    return Step(operation, (("per_mass", figure.quantity), ("weight", weight)), ratio(unit, (figure.quantity, weight)), figure.sources)


def _fixed(given: Given) -> tuple[Step, Step, Finding]:
    """The fixed doses of the heavier; of the published range of times the shortest, which gives the most, and a notice of the range."""
    above, bolus, volume, time, slowest = (
        given.figure(f"{LIPID}/asra-{name}") for name in ("fixed-above", "fixed-bolus", "fixed-volume", "fixed-time", "slowest-time")
    )
    first = Step("calc.lipid-bolus-fixed", (("bolus", bolus.quantity), ("above", above.quantity)), bolus.quantity, bolus.sources)
    rate = ratio("mL/h", (volume.quantity,), (time.quantity,))
    then = Step("calc.lipid-rate-fixed", (("volume", volume.quantity), ("time", time.quantity)), rate, volume.sources)
    params = {"volume": volume.quantity, "time": time.quantity, "slowest": slowest.quantity}
    return first, then, Finding("calc.lipid-fastest", Level.INFO, params, time.sources)


def _naloxone(given: Given) -> Worked:
    bolus, share = given["bolus"], given.figure(f"{NALOXONE}/share")
    per_hour = Quantity(ratio("ug", (bolus, share.quantity)).value, "ug/h")
    amount, volume = given.figure(f"{NALOXONE}/amount"), given.figure(f"{NALOXONE}/volume")
    mixture = ratio("ug/mL", (amount.quantity,), (volume.quantity,))
    flow = ratio("mL/h", (per_hour,), (mixture,))
    steps = (
        Step("calc.naloxone-rate", (("bolus", bolus), ("share", share.quantity)), per_hour, share.sources),
        Step("calc.naloxone-mixture", (("amount", amount.quantity), ("volume", volume.quantity)), mixture, amount.sources),
        Step("calc.naloxone-volume-rate", (("rate", per_hour), ("mixture", mixture)), flow, amount.sources),
    )
    breathing, rethink = given.figure(f"{NALOXONE}/breathing-above"), given.figure(f"{NALOXONE}/rethink-after")
    found = [notice("calc.naloxone-target", breathing.sources, breathing=breathing.quantity)]
    if bolus >= rethink.quantity:
        found.append(notice("calc.naloxone-rethink", rethink.sources, level=Level.CAUTION, bolus=bolus, after=rethink.quantity))
    return Worked({"rate": per_hour, "volume_rate": flow}, steps, tuple(found))


CALCULATORS = (
    Calculator(
        "epinephrine-im",
        (
            Input("weight", ("kg",), is_required=False, assumed="kg"),
            Input("age", ("a",), is_required=False, assumed="a", may_be_zero=True),
            choice("scheme", *_SCHEMES, is_required=False),
        ),
        (Result("dose", "mg"), Result("volume", "mL"), Result("repeat_after", "min")),
        "per_mass * weight up to the cap; without a weight the dose of the age; without either the dose of an adult",
        epinephrine,
        EPINEPHRINE_IM,
        tables=(EPINEPHRINE,),
        never_refuses=True,
    ),
    Calculator(
        "lipid-rescue",
        (WEIGHT, choice("scheme", "asra", "aagbi", is_required=False)),
        (Result("bolus", "mL"), Result("rate", "mL/h"), Result("maximum", "mL"), Result("doubled_rate", "mL/h")),
        "per_mass * weight; by asra above 70 kg the fixed doses",
        _lipid,
        (*LIPID_ASRA, *LIPID_AAGBI),
        tables=(LIPID,),
    ),
    Calculator(
        "naloxone-infusion",
        (Input("bolus", ("ug",)),),
        (Result("rate", "ug/h"), Result("volume_rate", "mL/h")),
        "share * bolus in an hour; volume_rate = rate / (amount / volume)",
        _naloxone,
        NALOXONE_INFUSION,
        tables=(NALOXONE,),
    ),
)
