"""A calculation and a calculator, as one JSON object and as lines for people."""

from collections.abc import Iterator

from openinfusion.app.present.calculators import TITLES
from openinfusion.app.present.calculators.labels import word
from openinfusion.app.present.findings import finding, param_json, sources_json
from openinfusion.app.present.numbers import number_text, quantity, quantity_json, step_line
from openinfusion.app.present.words import Translate, plain, readable
from openinfusion.core.calculation import Calculation, Shown
from openinfusion.core.calculator import Amount, Approximate, Calculator, Input, TimeOfDay, Word
from openinfusion.core.canonical import Json
from openinfusion.core.figure import Source
from openinfusion.core.finding import Finding, Step
from openinfusion.core.quantity import Quantity, exact_text, significant_text

DIGITS = 12
"""Significant digits of a value that no decimal states."""


def calculation_json(made: Calculation, translate: Translate = plain) -> dict[str, Json]:
    """`{"name", "status", "result", "results", "steps", "findings", "tables"}`; values are decimal text, units UCUM."""
    return {
        "name": made.name,
        "status": "refused" if made.primary is None else "ok",
        "result": None if made.primary is None else shown_json(made.primary),
        "results": {name: shown_json(shown) for name, shown in made.results.items()},
        "steps": [_step_json(step, translate) for step in made.steps],
        "findings": [_finding_json(found, translate) for found in made.findings],
        "tables": [*made.tables],
    }


def shown_json(shown: Shown) -> dict[str, Json]:
    """`{"value", "unit", "exact"}`, with what it is rounded to."""
    if isinstance(shown.amount, TimeOfDay):
        made: dict[str, Json] = {"value": _clock(shown.amount, "seconds"), "unit": "1", "exact": True}
        return made if shown.rounded is None else {**made, "rounded": _clock(shown.rounded, "minutes")}
    if isinstance(shown.amount, Word):
        return {"value": shown.amount.text, "unit": "1", "exact": True}
    text, is_exact = _decimal(shown.amount)
    made = {"value": text, "unit": _quantity(shown.amount).unit, "exact": is_exact}
    return made if shown.rounded is None else {**made, "rounded": _decimal(shown.rounded)[0]}


def calculation_lines(made: Calculation, translate: Translate = plain) -> Iterator[str]:
    """The result first, then how it came about, then what was found."""
    if made.primary is not None:
        yield f"{translate(TITLES.get(made.name, made.name))}: {shown_text(made.primary, translate)}"
        others = {name: shown for name, shown in made.results.items() if shown is not made.primary}
        yield from (f"  {readable(name)}: {shown_text(shown, translate)}" for name, shown in others.items())
    yield from (f"  {step_line(step, translate)}" for step in made.steps)
    yield from (f"  [{found.level.value}] {finding(found, translate).text}" for found in made.findings)


def shown_text(shown: Shown, translate: Translate = plain) -> str:
    """A result as people read it: rounded first, the value behind it where they differ."""
    if isinstance(shown.amount, TimeOfDay):
        return _clock(shown.rounded or shown.amount, "minutes")
    if isinstance(shown.amount, Word):
        return word(shown.amount.text, translate)
    value = _quantity(shown.amount)
    if shown.rounded is None or _quantity(shown.rounded) == value:
        return quantity(value, translate)
    return f"{quantity(_quantity(shown.rounded), translate)} ({number_text(value.value)})"


def calculator_json(calculator: Calculator, translate: Translate = plain) -> dict[str, Json]:
    """What a calculator asks for, what it gives, by which formula and from where."""
    return {
        "name": calculator.name,
        "title": translate(TITLES.get(calculator.name, calculator.name)),
        "inputs": [_input_json(one) for one in calculator.inputs],
        "ways": [[[*way] for way in group] for group in calculator.ways],
        "results": [{"name": one.name, "unit": one.unit} for one in calculator.results],
        "formula": calculator.formula,
        "sources": sources_json(calculator.sources),
        "tables": [*calculator.tables],
    }


def _input_json(one: Input) -> dict[str, Json]:
    return {
        "name": one.name,
        "kind": one.kind.value,
        "units": [*one.units],
        "choices": [*one.choices],
        "required": one.is_required,
        "assumed": one.assumed or None,
        "may_be_zero": one.may_be_zero,
        "least": quantity_json(one.least),
        "most": quantity_json(one.most),
    }


def _step_json(step: Step, translate: Translate) -> Json:
    return {
        "operation": step.operation,
        "inputs": {name: quantity_json(amount) for name, amount in step.inputs},
        "result": quantity_json(step.result),
        "text": step_line(step, translate),
        "sources": _sources(step.sources),
    }


def _finding_json(found: Finding, translate: Translate) -> Json:
    return {
        "code": found.code,
        "level": found.level.value,
        "text": finding(found, translate).text,
        "params": {name: param_json(value) for name, value in found.params.items()},
        "sources": _sources(found.sources),
    }


def _sources(sources: tuple[Source, ...]) -> list[Json]:
    return sources_json(sources) if sources else []


def _quantity(amount: Amount) -> Quantity:
    if isinstance(amount, TimeOfDay | Word):
        raise TypeError("a time of day or a word is no quantity")
    return amount.quantity if isinstance(amount, Approximate) else amount


def _decimal(amount: Amount) -> tuple[str, bool]:
    value = _quantity(amount).value
    exact = None if isinstance(amount, Approximate) else exact_text(value)
    return (significant_text(value, DIGITS), False) if exact is None else (exact, True)


def _clock(amount: Amount, precision: str) -> str:
    if not isinstance(amount, TimeOfDay):
        raise TypeError("a quantity is no time of day")
    return amount.at.isoformat(timespec=precision) if amount.has_date else amount.at.time().isoformat(timespec=precision)
