"""Whether what one order says twice agrees: arithmetic, units, text against coded, label against itself, what a pump can be set to.

Every contradiction is a finding with both numbers side by side. Nothing is corrected here, and no number is taken for the right one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from openinfusion.core.figure import Source
from openinfusion.core.finding import Finding, Level, Param
from openinfusion.core.prescribing.dose_text import Look, Use, Written, amounts
from openinfusion.core.prescribing.kinds import convert
from openinfusion.core.prescribing.tolerances import Tolerances
from openinfusion.core.quantity import Quantity

_DRUG = frozenset({"drug_mass", "activity", "substance", "volume", "cells", "dose"})
_DIMENSIONS = {
    "weight": (("body_mass", 1),),
    "volume": (("volume", 1),),
    "rate": (("time", -1), ("volume", 1)),
    "duration": (("time", 1),),
    "pump_step": (("time", -1), ("volume", 1)),
}
_BELOW = {"dose": (), "amount": (), "per_weight": ("body_mass",), "concentration": ("volume",), "dose_rate": ("time",)}
_WANTED = {
    "weight": "kg",
    "volume": "mL",
    "rate": "mL/h",
    "duration": "min",
    "pump_step": "mL/h",
    "dose": "mg",
    "amount": "mg",
    "per_weight": "mg/kg",
    "concentration": "mg/mL",
    "dose_rate": "mg/h",
}
PARTS = tuple(_WANTED)


@dataclass(frozen=True, slots=True)
class Stated:
    """What one order, label or line of a record says; None or empty where it says nothing.

    `dose` is what the patient shall get and `amount` what a container holds; `expected` is the dose by a rule, `usual_low` and
    `usual_high` the ends of its usual range. `text` is the free text of the order, `label` that of the container.
    """

    dose: Quantity | None = None
    per_weight: Quantity | None = None
    weight: Quantity | None = None
    concentration: Quantity | None = None
    amount: Quantity | None = None
    volume: Quantity | None = None
    rate: Quantity | None = None
    dose_rate: Quantity | None = None
    duration: Quantity | None = None
    expected: Quantity | None = None
    usual_low: Quantity | None = None
    usual_high: Quantity | None = None
    pump_step: Quantity | None = None
    text: str = ""
    label: str = ""

    def part(self, name: str) -> Quantity | None:
        """The quantity of this name; raises KeyError for another name."""
        found: Quantity | None = {
            "dose": self.dose,
            "per_weight": self.per_weight,
            "weight": self.weight,
            "concentration": self.concentration,
            "amount": self.amount,
            "volume": self.volume,
            "rate": self.rate,
            "dose_rate": self.dose_rate,
            "duration": self.duration,
            "pump_step": self.pump_step,
        }[name]
        return found


def check(stated: Stated, by: Tolerances) -> tuple[Finding, ...]:
    """Everything in which the statements contradict each other or look like a slip; nothing is found where too little is said."""
    found = tuple(_units(stated))
    sound = _without(stated, frozenset(str(one.params["part"]) for one in found))
    return (
        *found,
        *_arithmetic(sound, by),
        *_against_usual(sound, by),
        *_text(sound, by),
        *_label(sound, by),
        *settable(sound.rate, sound.pump_step, by),
    )


def _without(stated: Stated, names: frozenset[str]) -> Stated:
    """The statements without those that cannot be meant."""
    kept = {name: stated.part(name) for name in PARTS if name not in names}
    return Stated(
        **kept,
        expected=stated.expected,
        usual_low=stated.usual_low,
        usual_high=stated.usual_high,
        text=stated.text,
        label=stated.label,
    )


def _units(stated: Stated) -> Iterator[Finding]:
    """Each part whose unit is of another kind, or whose number cannot be meant."""
    for name in PARTS:
        value = stated.part(name)
        if value is None:
            continue
        if not _fits(name, value):
            params: dict[str, Param] = {"part": name, "stated": value, "wanted": _WANTED[name]}
            yield Finding("consistency.unit-of-other-kind", Level.MISSING, params)
        elif value.value <= 0:
            yield Finding("consistency.not-above-zero", Level.MISSING, {"part": name, "stated": value})


def _fits(name: str, value: Quantity) -> bool:
    if name in _DIMENSIONS:
        return value.dimensions == _DIMENSIONS[name]
    above = [kind for kind, power in value.dimensions if power == 1]
    below = {kind for kind, power in value.dimensions if power == -1}
    wanted = set(_BELOW[name])
    return len(above) == 1 and above[0] in _DRUG and (below == wanted or (name == "dose_rate" and below == {"time", "body_mass"}))


def _arithmetic(stated: Stated, by: Tolerances) -> Iterator[Finding]:
    volume, rate, duration = stated.volume, stated.rate, stated.duration
    if volume and rate and duration:
        worked_out = rate.times(duration, volume.unit)
        step = stated.pump_step or by.pump_step
        rounding = step.scaled(1).times(duration, volume.unit).base / 2
        if abs(volume.base - worked_out.base) > max(rounding, by.share * worked_out.base):
            yield from _differ("volume", volume, worked_out, {"rate": rate, "duration": duration}, by)
    held = stated.amount or stated.dose
    if held and stated.concentration and volume:
        yield from _product("amount", held, stated.concentration, volume, by)
    if stated.dose and stated.per_weight and stated.weight:
        yield from _product("dose", stated.dose, stated.per_weight, stated.weight, by)
    if rate and stated.dose_rate and stated.concentration:
        yield from _flow(rate, stated.dose_rate, stated, by)


_NAMES = {"amount": ("concentration", "volume"), "dose": ("per_weight", "weight")}


def _product(what: str, stated: Quantity, one: Quantity, other: Quantity, by: Tolerances) -> Iterator[Finding]:
    """A stated amount beside the product of two other statements; kinds that cannot meet are a finding too."""
    worked_out = convert(one, stated.unit, other)
    first, second = _NAMES[what]
    if worked_out is None:
        yield Finding("consistency.kinds-do-not-meet", Level.MISSING, {"part": what, "stated": stated, "other": one})
    elif not by.agree(stated, worked_out):
        yield from _differ(what, stated, worked_out, {first: one, second: other}, by)


def _flow(rate: Quantity, dose_rate: Quantity, stated: Stated, by: Tolerances) -> Iterator[Finding]:
    """The flow beside the one that dose rate and concentration give; a dose rate per body mass without a weight is not compared."""
    if any(kind == "body_mass" for kind, _ in dose_rate.dimensions) and stated.weight is None:
        return
    worked_out = convert(dose_rate, rate.unit, stated.concentration, stated.weight)
    if worked_out is None:
        params: dict[str, Param] = {"part": "rate", "stated": dose_rate, "other": stated.concentration}
        yield Finding("consistency.kinds-do-not-meet", Level.MISSING, params)
    elif abs(rate.base - worked_out.base) > max((stated.pump_step or by.pump_step).base / 2, by.share * worked_out.base):
        yield from _differ("rate", rate, worked_out, {"dose_rate": dose_rate, "concentration": stated.concentration}, by)


def _differ(what: str, stated: Quantity, worked_out: Quantity, of: dict[str, Quantity | None], by: Tolerances) -> Iterator[Finding]:
    params: dict[str, Param] = {"stated": stated, "worked_out": worked_out, **of}
    yield Finding(f"consistency.{what}", Level.MISSING, params, by.sources)
    yield from suspected(stated, worked_out, by, weighed=what == "dose")


def suspected(stated: Quantity, expected: Quantity, by: Tolerances, *, weighed: bool = False) -> tuple[Finding, ...]:
    """The slip that would explain how far an amount is from the expected one of its kind: ten-fold, thousand-fold, or - for what follows
    from a weight - pounds."""
    slip = by.slip(stated, expected, weighed=weighed) if stated.is_like(expected) else None
    if slip is None:
        return ()
    return (Finding(f"consistency.{slip.name}", Level.CAUTION, {"stated": stated, "expected": expected}, slip.sources),)


def _against_usual(stated: Stated, by: Tolerances) -> Iterator[Finding]:
    """A dose that one slip would bring to what the rule gives, or into its usual range, when it lies outside."""
    for one in (stated.dose, stated.per_weight):
        if one is not None and stated.expected is not None:
            yield from suspected(one, stated.expected, by, weighed=True)
        if one is not None and stated.usual_low is not None and stated.usual_high is not None:
            yield from usual(one, stated.usual_low, stated.usual_high, by)


def usual(dose: Quantity, low: Quantity, high: Quantity, by: Tolerances) -> tuple[Finding, ...]:
    """The slip that would bring a dose into its usual range, when it lies outside; nothing for amounts of unlike kinds."""
    if not (dose.is_like(low) and dose.is_like(high)) or low <= dose <= high:
        return ()
    for slip in by.slips:
        meant = dose.scaled(1 / slip.factor if dose > high else slip.factor)
        if low <= meant <= high:
            params: dict[str, Param] = {"stated": dose, "expected": meant, "low": low, "high": high}
            return (Finding(f"consistency.{slip.name}-of-usual", Level.CAUTION, params, slip.sources),)
    return suspected(dose, high if dose > high else low, by, weighed=True)


def _text(stated: Stated, by: Tolerances) -> Iterator[Finding]:
    """How the text writes its numbers, and each coded part that the text gives otherwise."""
    if not stated.text:
        return
    written = amounts(stated.text, by.spellings)
    yield from looks(written, by, tuple(one for name in PARTS if (one := stated.part(name)) is not None))
    plain = [one.amount for one in written if one.amount is not None and one.use is Use.PLAIN]
    over = [one.amount for one in written if one.amount is not None and one.use is Use.OVER]
    for name in ("dose", "per_weight", "volume", "rate", "dose_rate", "concentration"):
        coded = stated.part(name)
        if coded is not None and not (name == "dose" and stated.volume is not None and coded.is_like(stated.volume)):
            yield from _otherwise(name, coded, plain, by)
    if stated.duration is not None:
        yield from _otherwise("duration", stated.duration, over, by)


def _otherwise(name: str, coded: Quantity, told: list[Quantity], by: Tolerances) -> Iterator[Finding]:
    """The text's amounts of the kind of a coded part, when there are some and none is the coded one."""
    alike = [one for one in told if one.is_like(coded)]
    if not alike or any(by.agree(one, coded) for one in alike):
        return
    weighed = name in ("dose", "per_weight")
    nearest = next((one for one in alike if by.slip(one, coded, weighed=weighed)), alike[0])
    yield Finding("consistency.text", Level.MISSING, {"part": name, "text": nearest, "coded": coded}, by.sources)
    yield from suspected(nearest, coded, by, weighed=weighed)


def notices(text: str, by: Tolerances) -> tuple[Finding, ...]:
    """How a text writes its numbers, where somebody may misread them."""
    return tuple(looks(amounts(text, by.spellings), by))


def looks(written: tuple[Written, ...], by: Tolerances, coded: tuple[Quantity, ...] = ()) -> Iterator[Finding]:
    """One finding for each way of writing that is misread, with what may be read instead. A comma that groups the digits of a coded amount
    is only told."""
    for one in written:
        for look in one.looks:
            sources: tuple[Source, ...] = by.about_point
            if look is Look.COMMA:
                meant = one.may_be
                is_coded = meant is not None and any(meant.is_like(other) and by.agree(meant, other) for other in coded)
                yield Finding("consistency.comma", Level.INFO if is_coded else Level.CAUTION, {"written": one.text})
                continue
            if look is Look.SPELLING:
                sources = one.spelling.sources if one.spelling is not None else ()
            code = f"consistency.{look.value}" if look is not Look.SPELLING or one.amount is not None else "consistency.unit-not-read"
            level = Level.CAUTION if code == "consistency.unit-not-read" else Level.INFO
            yield Finding(code, level, {"written": one.text, "may_be": one.may_be}, sources)


def _label(stated: Stated, by: Tolerances) -> Iterator[Finding]:
    """A label whose strengths differ among themselves, from its amount in its volume, or from what is coded."""
    told = [one.amount for one in amounts(stated.label, by.spellings) if one.amount is not None]
    strengths = [one for one in told if _fits("concentration", one)]
    volumes = [one for one in told if _fits("volume", one)]
    held = [one for one in told if _fits("amount", one) and not _fits("volume", one)]
    if not strengths:
        return
    strength, others = strengths[0], strengths[1:]
    if len(volumes) == 1 and len(held) == 1:
        of_amount = convert(held[0], strength.unit, volumes[0])
        others += [of_amount] if of_amount is not None else []
    if stated.concentration is not None:
        others.append(stated.concentration)
    for other in others:
        if other.is_like(strength) and not by.agree(other, strength):
            yield Finding("consistency.label", Level.MISSING, {"stated": strength, "worked_out": other}, by.sources)
            yield from suspected(strength, other, by)
            return


def settable(rate: Quantity | None, step: Quantity | None, by: Tolerances, planned: Quantity | None = None) -> tuple[Finding, ...]:
    """A rate between two steps of the pump, with the one that is planned instead or else the nearest; none without a known step."""
    if rate is None or step is None or not rate.is_like(step):
        return ()
    nearest = rate.rounded(step) if planned is None else planned
    if nearest == rate:
        return ()
    level = Level.INFO if by.agree(nearest, rate) else Level.CAUTION
    return (Finding("consistency.rate-not-settable", level, {"rate": rate, "nearest": nearest, "step": step}, by.sources),)
