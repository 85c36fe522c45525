"""One calculation from what somebody entered: read, checked against the calculator's inputs, worked out, rounded. The same for every
calculator; it prints nothing and fetches nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from openinfusion.core.calculator import (
    NO_TABLES,
    Amount,
    Approximate,
    Calculator,
    Given,
    Input,
    InputKind,
    Result,
    TimeOfDay,
    Usual,
    Value,
    Word,
    Worked,
    lacking,
    notice,
)
from openinfusion.core.figure import Figure
from openinfusion.core.finding import Finding, Level, Param, Step
from openinfusion.core.quantity import Quantity, Rounding, UnitError
from openinfusion.core.spelling import spelled
from openinfusion.core.table import Table

Entered = str | int | bool | float | Decimal | Quantity | Mapping[str, object] | list[object] | None
"""What an input may be entered as; None is not given."""

WISHES = ("as", "select", "round_to")
"""Inputs of every calculator: the unit of the primary result, the result that is primary, and what it is rounded to."""

DROP_STEP = "rounding-1/drops"
SMALL_VOLUME = "rounding-1/small-volume"
SMALL_VOLUME_STEP = "rounding-1/small-volume-step"
VOLUME_STEP = "rounding-1/volume-step"
ROUNDING = "rounding-1"
_DECIMAL_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9]{1,2}(?![0-9]))")
_LONGEST = 1000
"""Bits of a whole number from which it is no amount; Python writes no decimal text of the longest ones."""

_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Shown:
    """A result and what it is rounded to, None where it is not rounded."""

    amount: Amount
    rounded: Amount | None = None


@dataclass(frozen=True, slots=True)
class Calculation:
    """What came of it; `primary` is None when it was refused, and a finding says why."""

    name: str
    primary: Shown | None
    results: Mapping[str, Shown]
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    tables: tuple[str, ...]


def calculate(
    calculator: Calculator, entered: Mapping[str, Entered], figures: Mapping[str, Figure], tables: Mapping[str, Table] = NO_TABLES
) -> Calculation:
    """Work out one calculation. `figures` are those of the calculator's tables and of the rounding table. It never raises for what was
    entered."""
    values: dict[str, Value] = {}
    found: list[Finding] = []
    for name, value in entered.items():
        if value is None or name in WISHES:
            continue
        declared = calculator.by_name.get(name)
        if declared is None:
            found.append(lacking("calc.unknown-input", name=name, known=tuple(calculator.by_name)))
        elif calculator.never_refuses:
            _read_or_leave(declared, value, values, found)
        else:
            _read(declared, value, values, found)
    found.extend(_not_given(calculator, values, entered))
    if calculator.never_refuses:
        found = [_left_out(one) for one in found]
    if _refuses(found) and not calculator.warns_anyway:
        return _without(calculator, found)
    worked = calculator.run(Given(values, figures, tables))
    if _refuses(found):
        return _without(calculator, [*found, *worked.findings], worked.steps)
    found.extend(worked.findings)
    if not worked.results:
        return _without(calculator, found, worked.steps)
    if calculator.never_refuses:
        return _shown_always(calculator, worked, found, entered, figures)
    return _shown(calculator, worked, found, entered, figures)


def _read_or_leave(declared: Input, entered: Entered, values: dict[str, Value], found: list[Finding]) -> None:
    """Read one input of a calculator that never refuses: a decimal comma and capital letters stop nothing there."""
    first: list[Finding] = []
    _read(declared, entered, values, first)
    if declared.name not in values and isinstance(entered, str):
        again: list[Finding] = []
        _read(declared, _DECIMAL_COMMA.sub(".", entered.lower()), values, again)
        value = values.get(declared.name)
        if isinstance(value, Quantity | str):
            first = [*again, Finding("calc.read-as", Level.CAUTION, {"name": declared.name, "text": entered, "value": value})]
    found.extend(first)


def _left_out(one: Finding) -> Finding:
    """What would refuse elsewhere, as what was left out."""
    if one.level.rank < Level.MISSING.rank:
        return one
    given = one.params.get("text") or one.params.get("value")
    return Finding("calc.left-out", Level.CAUTION, {"name": one.params.get("name"), "given": given})


def _shown_always(
    calculator: Calculator, worked: Worked, found: list[Finding], entered: Mapping[str, Entered], figures: Mapping[str, Figure]
) -> Calculation:
    """The results as they were wished where that can be done; never rounded again, for they are what can be measured."""
    kept = {name: value for name, value in entered.items() if name in WISHES and name != "round_to" and value is not None}
    left = [name for name in WISHES if entered.get(name) is not None and name not in kept]
    made = _shown(calculator, worked, [*found], kept, figures)
    if made.primary is None:
        left += kept
        made = _shown(calculator, worked, [*found], {}, figures)
    said = (Finding("calc.left-out", Level.CAUTION, {"name": name, "given": _text(entered[name])}) for name in left)
    return replace(made, findings=(*made.findings, *said))


def _refuses(found: Sequence[Finding]) -> bool:
    return any(one.level.rank >= Level.MISSING.rank for one in found)


def _without(calculator: Calculator, found: Sequence[Finding], steps: tuple[Step, ...] = ()) -> Calculation:
    return Calculation(calculator.name, None, {}, steps, tuple(found), calculator.tables)


def _read(declared: Input, entered: Entered, values: dict[str, Value], found: list[Finding]) -> None:
    """Read one input into the values, or say why it cannot be read."""
    match declared.kind:
        case InputKind.QUANTITY:
            value: Value | None = _quantity(declared, entered, found)
        case InputKind.GROUP:
            value = _group(declared, entered, found)
        case InputKind.CHOICE | InputKind.TRUTH | InputKind.TIME | InputKind.WORD:
            value = _word(declared, _text(entered), found)
    if value is not None:
        values[declared.name] = value


def _text(entered: Entered) -> str:
    if isinstance(entered, bool):
        return "true" if entered else "false"
    if isinstance(entered, int) and entered.bit_length() > _LONGEST:
        return hex(entered)
    return repr(entered) if isinstance(entered, float) else str(entered)


def _group(declared: Input, entered: Entered, found: list[Finding]) -> Mapping[str, str] | None:
    if isinstance(entered, Mapping):
        return {str(name): str(value) for name, value in entered.items()}
    if declared.is_list and isinstance(entered, str | list):
        parts = entered.split(",") if isinstance(entered, str) else entered
        return {str(place): str(part).strip() for place, part in enumerate(parts, 1)}
    found.append(lacking("calc.not-a-group", name=declared.name, text=_text(entered)))
    return None


def _word(declared: Input, text: str, found: list[Finding]) -> Value | None:
    plain = text.strip()
    if declared.kind is InputKind.WORD:
        return plain
    if declared.kind is InputKind.CHOICE:
        if plain in declared.choices:
            return plain
        found.append(lacking("calc.not-a-choice", name=declared.name, text=text, choices=declared.choices))
        return None
    value: Value | None = _TRUTHS.get(plain.lower()) if declared.kind is InputKind.TRUTH else _time(plain)
    if value is None:
        code = "calc.not-yes-or-no" if declared.kind is InputKind.TRUTH else "calc.not-a-time"
        found.append(lacking(code, name=declared.name, text=text))
    return value


def _time(text: str) -> TimeOfDay | None:
    """ "07:30", or an ISO date-time; without its date a time stands on a day that nobody named."""
    try:
        if len(text) == len("07:30") and text[2] == ":":
            return TimeOfDay(datetime.fromisoformat(f"2000-01-01T{text}"), has_date=False)
        return TimeOfDay(datetime.fromisoformat(text), has_date=True) if "T" in text or " " in text else None
    except ValueError:
        return None


def _quantity(declared: Input, entered: Entered, found: list[Finding]) -> Quantity | None:
    if isinstance(entered, Quantity):
        return _in_domain(declared, entered, found)
    if isinstance(entered, bool | Mapping):
        found.append(lacking("calc.not-a-number", name=declared.name, text=_text(entered), wanted=declared.units))
        return None
    text = _text(entered)
    read = spelled(text, is_activity=declared.has_activity)
    if read.wrong:
        found.append(_unread(declared, read.wrong, text, read.shown))
        return None
    symbol = declared.shorthand.get(read.symbol, read.symbol) or declared.assumed
    if not symbol:
        found.append(lacking("calc.no-unit", name=declared.name, text=text, wanted=declared.units))
        return None
    value = Quantity(read.value, symbol)
    if read.has_trailing_zero:
        found.append(Finding("calc.trailing-zero", Level.INFO, {"name": declared.name, "text": text, "value": value}))
    if read.discouraged:
        found.append(Finding("calc.discouraged-unit", Level.INFO, {"name": declared.name, "written": read.discouraged, "value": value}))
    if symbol != read.symbol and symbol not in ("1", "%", "{score}"):
        found.append(Finding("calc.unit-assumed", Level.INFO, {"name": declared.name, "value": value}))
    return _in_domain(declared, value, found)


def _unread(declared: Input, wrong: str, text: str, shown: str) -> Finding:
    params: dict[str, Param] = {"name": declared.name, "text": text, "wanted": declared.units}
    match wrong:
        case "comma":
            return lacking("calc.comma", name=declared.name, text=text)
        case "naked":
            return lacking("calc.naked-decimal", name=declared.name, text=text)
        case "unit":
            return Finding("calc.unknown-unit", Level.MISSING, {**params, "unit": shown})
        case _:
            return Finding("calc.not-a-number", Level.MISSING, params)


def _in_domain(declared: Input, value: Quantity, found: list[Finding]) -> Quantity | None:
    """The value where it is of a kind that fits and inside the bounds."""
    name = declared.name
    if value.dimensions not in declared.dimensions:
        found.append(lacking("calc.other-kind", name=name, value=value, wanted=declared.units))
    elif declared.is_whole and value.value.denominator != 1:
        found.append(lacking("calc.not-whole", name=name, value=value))
    elif declared.least is not None and value < declared.least:
        found.append(lacking("calc.below-domain", name=name, value=value, least=declared.least))
    elif declared.least is None and (value.value < 0 or (value.value == 0 and not declared.may_be_zero)):
        found.append(lacking("calc.not-positive" if not declared.may_be_zero else "calc.negative", name=name, value=value))
    elif declared.most is not None and value > declared.most:
        found.append(lacking("calc.above-domain", name=name, value=value, most=declared.most))
    else:
        return value
    return None


def _not_given(calculator: Calculator, values: Mapping[str, Value], entered: Mapping[str, Entered]) -> list[Finding]:
    """Required inputs that were not given, and groups of ways of which none is whole. What was given and could not be read is told
    already."""
    told = {name for name, value in entered.items() if value is not None and name not in values}
    grouped = {name for group in calculator.ways for way in group for name in way}
    missing = [
        lacking("calc.missing", name=one.name, wanted=one.units or one.choices)
        for one in calculator.inputs
        if one.is_required and one.name not in grouped and one.name not in values and one.name not in told
    ]
    for group in calculator.ways:
        whole = any(all(name in values for name in way) for way in group)
        if not whole and not any(name in told for way in group for name in way):
            missing.append(lacking("calc.missing-way", ways=tuple(" + ".join(way) for way in group)))
    return missing


def _shown(
    calculator: Calculator,
    worked: Worked,
    found: list[Finding],
    entered: Mapping[str, Entered],
    figures: Mapping[str, Figure],
) -> Calculation:
    results, steps = worked.results, worked.steps
    name = _text(entered["select"]).strip() if entered.get("select") is not None else next(iter(results))
    if name not in results:
        code = "calc.result-not-given" if name in calculator.result_by_name else "calc.no-such-result"
        return _without(calculator, [*found, lacking(code, name=name, known=tuple(results))], steps)
    primary = _as_wished(name, results, entered.get("as"), found)
    shown = {}
    for key, amount in results.items():
        wish, kept = (entered.get("round_to"), primary or amount) if key == name else (None, amount)
        is_lined = wish is None and key in worked.lines
        step = worked.lines[key] if is_lined else _step(calculator.result_by_name[key], kept, wish, figures, found)
        shown[key] = _rounded(kept, step, worked.most.get(key), found)
    if primary is None or _refuses(found):
        return _without(calculator, found, steps)
    rounds = any(one.rounded is not None and not isinstance(one.rounded, TimeOfDay) for one in shown.values())
    tables = tuple(dict.fromkeys((*calculator.tables, *((ROUNDING,) if rounds else ()))))
    return Calculation(calculator.name, shown[name], shown, steps, tuple(found), tables)


def _as_wished(name: str, results: Mapping[str, Amount], wish: Entered, found: list[Finding]) -> Amount | None:
    amount = results[name]
    if wish is None or isinstance(amount, TimeOfDay | Word):
        return amount
    text, quantity = _text(wish).strip(), _quantity_of(amount)
    converted = _converted(quantity, text)
    if converted is not None:
        return Approximate(converted) if isinstance(amount, Approximate) else converted
    others = [key for key, one in results.items() if not isinstance(one, TimeOfDay | Word) and _converted(_quantity_of(one), text)]
    if others:
        found.append(lacking("calc.as-of-other-result", unit=text, result=quantity, select=tuple(others)))
    else:
        found.append(lacking("calc.as-of-other-kind", unit=text, result=quantity))
    return None


def _quantity_of(amount: Quantity | Approximate) -> Quantity:
    return amount.quantity if isinstance(amount, Approximate) else amount


def _converted(quantity: Quantity, text: str) -> Quantity | None:
    """The quantity in a unit as people write it, None where that is of another kind or no unit."""
    read = spelled(f"1 {text}", is_activity=any(kind == "activity" for kind, _ in quantity.dimensions))
    try:
        return quantity.to(read.symbol if not read.wrong else text)
    except UnitError:
        return None


def _step(result: Result, amount: Amount, wish: Entered, figures: Mapping[str, Figure], found: list[Finding]) -> Quantity | None:
    """What a result is rounded to: as was asked, else what a dropper or syringe can do where the rounding table has a row for it."""
    if isinstance(amount, TimeOfDay | Word):
        return None
    quantity = _quantity_of(amount)
    if wish is not None:
        declared, quiet = Input("round_to", (quantity.unit,), assumed=quantity.unit), list[Finding]()
        step = _quantity(declared, wish, quiet)
        found.extend(one for one in quiet if one.code != "calc.unit-assumed")
        return step
    match result.usual:
        case Usual.DROPS:
            return Quantity(figures[DROP_STEP].quantity.value, quantity.unit)
        case Usual.VOLUME:
            is_small = quantity < figures[SMALL_VOLUME].quantity
            return figures[SMALL_VOLUME_STEP if is_small else VOLUME_STEP].quantity
        case Usual.EXACT | Usual.TIME:
            return None


def _rounded(amount: Amount, step: Quantity | None, most: Quantity | None, found: list[Finding]) -> Shown:
    """Half up, but never past what a limit allows; a time to the minute."""
    if isinstance(amount, TimeOfDay):
        return Shown(amount, _to_the_minute(amount))
    if step is None or isinstance(amount, Word):
        return Shown(amount)
    value = _quantity_of(amount)
    rounded = value.rounded(step)
    if most is not None and rounded > most:
        rounded = value.rounded(step, Rounding.DOWN)
        found.append(notice("calc.rounded-down", rounded=rounded, most=most))
    if not rounded.value and value.value:
        found.append(notice("calc.rounded-to-nothing", level=Level.CAUTION, amount=value, step=step))
    return Shown(amount, rounded)


def _to_the_minute(moment: TimeOfDay) -> TimeOfDay:
    """Half up: thirty seconds belong to the next minute."""
    whole = moment.at.replace(second=0, microsecond=0)
    past = Fraction(moment.at.second) + moment.seconds
    return TimeOfDay(whole + timedelta(minutes=1) if past >= 30 else whole, moment.has_date)
