"""Numbers with their units for people: a leading zero, no trailing zero, "mcg" and "units" in full, mL. Rounding is never silent."""

import re
from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from functools import cache

from openinfusion.app.present.calculators import STEPS as CALCULATOR_STEPS
from openinfusion.app.present.words import Translate, plain, readable
from openinfusion.core.canonical import Json
from openinfusion.core.finding import Derivation, Step
from openinfusion.core.quantity import Quantity, decimal_text, exact_text, significant_text, unit

MOST_DIGITS = 6
"""An exact value of more digits than these is shown rounded, with a sign that says so."""

ROUNDED_DIGITS = 5

_ONE: Mapping[str, str] = {
    "1": "",
    "ug": "mcg",
    "m[iU]": "milliunits",
    "[iU]": "units",
    "k[iU]": "thousand units",
    "meq": "mEq",
    "mg.min": "mg·min",
    "[lb_av]": "lb",
    "uL": "microlitre",
    "um": "micrometres",
    "[drp]": "drops",
    "d": "days",
    "wk": "weeks",
    "mo": "months",
    "a": "years",
    "[in_i]": "in",
    "m2": "m²",
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "10*9": "× 10⁹",
    "{site}": "sites",
    "{dose}": "doses",
    "{session}": "sessions",
    "{score}": "",
}
_SINGULAR: Mapping[str, str] = {
    "m[iU]": "milliunit",
    "[iU]": "unit",
    "[drp]": "drop",
    "d": "day",
    "wk": "week",
    "mo": "month",
    "a": "year",
    "{site}": "site",
    "{dose}": "dose",
    "{session}": "session",
}
_BELOW: Mapping[str, str] = {
    "d": "/day",
    "wk": "/week",
    "mo": "/month",
    "m2": "/m²",
    "uL": "/microlitre",
    "{site}": " per site",
    "{dose}": " per dose",
    "{1.73_m2}": "/1.73 m²",
    "[drp]": "/drop",
    "[iU]": "/unit",
}
_WHOLE: Mapping[str, str] = {"/min": "per minute", "/s": "per second", "/uL": "per microlitre"}


def unit_text(symbol: str, translate: Translate = plain, *, one: bool = False) -> str:
    """A unit as it is written for people; raises UnitError for a unit outside the closed table."""
    return "".join(translate(part) if is_word else part for part, is_word in _unit_words(symbol, one))


@cache
def _unit_words(symbol: str, one: bool) -> tuple[tuple[str, bool], ...]:
    """The parts of a unit's text, and whether each is a word of a language."""
    known = unit(symbol).symbol
    if known in _WHOLE:
        return ((_WHOLE[known], True),)
    head, *below = known.split("/")
    first = _SINGULAR[head] if one and head in _SINGULAR and not below else _ONE.get(head, head)
    made = [(first, True)] if first else []
    if "." in head and head not in _ONE:  # a product, such as an amount in a volume for a time
        drug, time = head.split(".")
        made = [(_ONE.get(drug, drug), True), ("·", False), (_SINGULAR.get(time, time), True)]
    return (*made, *((_BELOW[part], True) if part in _BELOW else (f"/{part}", False) for part in below))


def number_text(value: Fraction) -> str:
    """Decimal text with a leading and without a trailing zero; with a sign for "about" where it had to be rounded."""
    text = exact_text(value)
    if text is not None and ("." not in text or len(text.lstrip("-").replace(".", "").lstrip("0")) <= MOST_DIGITS):
        return text
    return f"≈ {significant_text(value, ROUNDED_DIGITS)}"


def quantity(amount: Quantity, translate: Translate = plain) -> str:
    """An amount with its unit."""
    words = unit_text(amount.unit, translate, one=amount.value.numerator == amount.value.denominator)
    if not words:
        return number_text(amount.value)
    return number_text(amount.value) + ("" if words == "%" else " ") + words


def quantity_json(amount: Quantity | None) -> dict[str, Json] | None:
    """`{"value", "unit"}` with the value as decimal text: exact, or to twelve digits where no decimal is; None for none."""
    return None if amount is None else {"value": decimal_text(amount.value)[0], "unit": amount.unit}


def elapsed(span: timedelta) -> str:
    """A running time as mm:ss, with hours in front from one hour on; what is still to come has a minus sign."""
    seconds = int(abs(span).total_seconds())
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    text = f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes:02}:{left:02}"
    return f"-{text}" if span < timedelta(0) and seconds else text


def duration_text(span: Quantity, translate: Translate = plain) -> str:
    """A length of time in hours and minutes where it is made of whole minutes, else as it stands."""
    minutes = span.to("min").value
    if minutes.denominator != 1 or minutes < 60 or span.unit not in ("min", "h", "s"):
        return quantity(span, translate)
    hours, rest = divmod(int(minutes), 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def derivation_lines(derivation: Derivation, translate: Translate = plain) -> tuple[str, ...]:
    """The worked arithmetic, one line a step."""
    return tuple(step_line(step, translate) for step in derivation.steps)


def step_line(step: Step, translate: Translate = plain) -> str:
    """One line of worked arithmetic, such as "375 mg/m² × 1.8 m² = 675 mg"; an operation without a form of its own names its inputs."""
    inputs = {name: quantity(amount, translate) for name, amount in step.inputs}
    result = quantity(step.result, translate)
    form = STEPS.get(step.operation)
    if form is not None and _places(form) == inputs.keys():
        return f"{translate(form).format(**inputs)} = {result}"
    named = ", ".join(f"{readable(name)} {text}" for name, text in inputs.items())
    return f"{translate(readable(step.operation))} ({named}) = {result}"


_PLACE = re.compile(r"\{(\w+)\}")


@cache
def _places(form: str) -> frozenset[str]:
    return frozenset(_PLACE.findall(form))


STEPS: Mapping[str, str] = {
    "body.pounds": "{weight} × 0.45359237 kg/lb",
    "body.mosteller": "√({height} × {weight} / 3600)",
    "dose.flat": "{amount}",
    "dose.per-weight": "{amount} × {weight}",
    "dose.per-surface": "{amount} × {surface}",
    "dose.from-previous": "{previous} each {every}, for {per}, × {factor}",
    "dose.chosen": "{chosen}, chosen between {low} and {high}",
    "dose.chosen-instead": "{chosen}, chosen instead of {rule_dose}",
    "dose.cap": "{dose}, at most {cap}",
    "dose.of-one-session": "{dose} in {per}, for one session each {every}",
    "dose.round": "{dose} to the nearest {step}",
    "dose.round-containers": "{dose} in whole containers of {step}",
    "volume.from-concentration": "{dose} / {concentration}",
    "volume.round": "{volume} to the nearest {step}",
    "site.count": "{total} at most {per_site} in each place",
    "rate.flow": "{rate} / {concentration}",
    "rate.all-sites": "{per_site} × {sites}",
    "rate.pump-step": "{rate} to the step of the pump",
    "rate.duration": "duration of {volume}",
    "rate.portions": "{volume} in portions of {increment}, each after {wait}",
    "rate.on-demand": "{bolus} at most each {lockout}, in {window}",
    "syringe.line": "{volume} at the nearest line, one at every {line}",
    "syringe.units": "{volume} × {concentration}",
    **CALCULATOR_STEPS,
}
"""The written form of each operation of `core.codes.OPERATIONS`."""
