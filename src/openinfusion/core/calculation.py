"""One calculation from what somebody entered: read, checked against the calculator's inputs, worked out, rounded. The same for every
calculator; it prints nothing and fetches nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from openinfusion.core.calculator import Amount, Approximate, Calculator, Given, Input, InputKind, Result, TimeOfDay, Usual, Value, lacking
from openinfusion.core.figure import Figure
from openinfusion.core.finding import Finding, Level, Param, Step
from openinfusion.core.quantity import Quantity, UnitError
from openinfusion.core.spelling import spelled

Entered = str | int | bool | float | Decimal | Quantity | Mapping[str, object] | None
"""What an input may be entered as; None is not given."""

WISHES = ("as", "select", "round_to")
"""Inputs of every calculator: the unit of the primary result, the result that is primary, and what it is rounded to."""

DROP_STEP = "rounding-1/drops"
SMALL_VOLUME = "rounding-1/small-volume"
SMALL_VOLUME_STEP = "rounding-1/small-volume-step"
VOLUME_STEP = "rounding-1/volume-step"
ROUNDING = "rounding-1"
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


def calculate(calculator: Calculator, entered: Mapping[str, Entered], figures: Mapping[str, Figure]) -> Calculation:
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
        else:
            _read(declared, value, values, found)
    found.extend(_not_given(calculator, values, entered))
    if _refuses(found):
        return _without(calculator, found)
    worked = calculator.run(Given(values, figures))
    found.extend(worked.findings)
    if not worked.results:
        return _without(calculator, found, worked.steps)
    return _shown(calculator, worked.results, worked.steps, found, entered, figures)


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
        case InputKind.CHOICE | InputKind.TRUTH | InputKind.TIME:
            value = _word(declared, _text(entered), found)
    if value is not None:
        values[declared.name] = value


def _text(entered: Entered) -> str:
    if isinstance(entered, bool):
        return "true" if entered else "false"
    return repr(entered) if isinstance(entered, float) else str(entered)


def _group(declared: Input, entered: Entered, found: list[Finding]) -> Mapping[str, str] | None:
    if isinstance(entered, Mapping):
        return {str(name): str(value) for name, value in entered.items()}
    found.append(lacking("calc.not-a-group", name=declared.name, text=_text(entered)))
    return None


def _word(declared: Input, text: str, found: list[Finding]) -> Value | None:
    plain = text.strip()
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
    symbol = read.symbol or declared.assumed
    if not symbol:
        found.append(lacking("calc.no-unit", name=declared.name, text=text, wanted=declared.units))
        return None
    value = Quantity(read.value, symbol)
    if read.has_trailing_zero:
        found.append(Finding("calc.trailing-zero", Level.INFO, {"name": declared.name, "text": text, "value": value}))
    if read.discouraged:
        found.append(Finding("calc.discouraged-unit", Level.INFO, {"name": declared.name, "written": read.discouraged, "value": value}))
    if not read.symbol and symbol not in ("1", "%", "{score}"):
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
    results: Mapping[str, Amount],
    steps: tuple[Step, ...],
    found: list[Finding],
    entered: Mapping[str, Entered],
    figures: Mapping[str, Figure],
) -> Calculation:
    name = _text(entered["select"]).strip() if entered.get("select") is not None else next(iter(results))
    if name not in results:
        code = "calc.result-not-given" if name in calculator.result_by_name else "calc.no-such-result"
        return _without(calculator, [*found, lacking(code, name=name, known=tuple(results))], steps)
    primary = _as_wished(results[name], entered.get("as"), found)
    shown = {key: _usual(calculator.result_by_name[key], amount, figures) for key, amount in results.items()}
    if primary is not None:
        shown[name] = _rounded(calculator.result_by_name[name], primary, entered.get("round_to"), figures, found)
    if primary is None or _refuses(found):
        return _without(calculator, found, steps)
    rounds = any(one.rounded is not None and not isinstance(one.rounded, TimeOfDay) for one in shown.values())
    tables = tuple(dict.fromkeys((*calculator.tables, *((ROUNDING,) if rounds else ()))))
    return Calculation(calculator.name, shown[name], shown, steps, tuple(found), tables)


def _as_wished(amount: Amount, wish: Entered, found: list[Finding]) -> Amount | None:
    if wish is None or isinstance(amount, TimeOfDay):
        return amount
    quantity = amount.quantity if isinstance(amount, Approximate) else amount
    text = _text(wish).strip()
    is_activity = any(kind == "activity" for kind, _ in quantity.dimensions)
    read = spelled(f"1 {text}", is_activity=is_activity)
    try:
        converted = quantity.to(read.symbol if not read.wrong else text)
    except UnitError:
        found.append(lacking("calc.as-of-other-kind", unit=text, result=quantity))
        return None
    return Approximate(converted) if isinstance(amount, Approximate) else converted


def _usual(result: Result, amount: Amount, figures: Mapping[str, Figure]) -> Shown:
    """A result rounded to what a dropper or syringe can do, where the rounding table has a row for it."""
    if isinstance(amount, TimeOfDay):
        return Shown(amount, _to_the_minute(amount))
    quantity = amount.quantity if isinstance(amount, Approximate) else amount
    match result.usual:
        case Usual.DROPS:
            step = figures[DROP_STEP].quantity
            return Shown(amount, quantity.rounded(Quantity(step.value, quantity.unit)))
        case Usual.VOLUME:
            is_small = quantity < figures[SMALL_VOLUME].quantity
            return Shown(amount, quantity.rounded(figures[SMALL_VOLUME_STEP if is_small else VOLUME_STEP].quantity))
        case Usual.EXACT | Usual.TIME:
            return Shown(amount)


def _to_the_minute(moment: TimeOfDay) -> TimeOfDay:
    """Half up: thirty seconds belong to the next minute."""
    whole = moment.at.replace(second=0, microsecond=0)
    past = Fraction(moment.at.second) + moment.seconds
    return TimeOfDay(whole + timedelta(minutes=1) if past >= 30 else whole, moment.has_date)


def _rounded(result: Result, amount: Amount, wish: Entered, figures: Mapping[str, Figure], found: list[Finding]) -> Shown:
    """The primary result, rounded as was asked, else as usual."""
    if wish is None or isinstance(amount, TimeOfDay):
        return _usual(result, amount, figures)
    quantity = amount.quantity if isinstance(amount, Approximate) else amount
    declared = Input("round_to", (quantity.unit,), assumed=quantity.unit)
    quiet: list[Finding] = []
    step = _quantity(declared, wish, quiet)
    found.extend(one for one in quiet if one.code != "calc.unit-assumed")
    return Shown(amount, None if step is None else quantity.rounded(step))
