"""Flow: drops, rates and times of a volume. Every formula is volume = rate * time in another coat."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from openinfusion.core.calculator import Calculator, Given, Input, InputKind, Result, TimeOfDay, Usual, Worked, notice
from openinfusion.core.finding import Finding, Level, Step
from openinfusion.core.prescribing.citations import FLOW
from openinfusion.core.quantity import Quantity, ratio

OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "calc.drop-rate": ("volume", "drop_factor", "time"),
    "calc.drop-volume": ("drop_rate", "time", "drop_factor"),
    "calc.drop-to-flow": ("drop_rate", "drop_factor"),
    "calc.flow-rate": ("volume", "time"),
    "calc.time-of-volume": ("volume", "rate"),
    "calc.time-of-drops": ("volume", "drop_factor", "drop_rate"),
    "calc.time-of-amount": ("amount", "dose"),
    "calc.mixed-volume": ("volume", "drug_volume"),
    "calc.mixed-volume-changed": ("volume", "drug_volume", "removed"),
}
CODES: Mapping[str, tuple[str, ...]] = {"calc.next-day": ("days",), "calc.no-such-time": ("time",)}

VOLUME = Input("volume", ("mL",))
TIME = Input("time", ("h",))
DROP_FACTOR = Input("drop_factor", ("[drp]/mL",), assumed="[drp]/mL")
DROP_RATE = Input("drop_rate", ("[drp]/min",))
RATE = Input("rate", ("mL/h",))
AMOUNT = Input("amount", ("mg", "[iU]", "mmol", "meq"), is_required=False)
DOSE_RATE = Input("dose", ("mg/h", "[iU]/h", "mmol/h", "meq/h"), is_required=False)


def _drop_rate(given: Given) -> Worked:
    result = ratio("[drp]/min", (given["volume"], given["drop_factor"]), (given["time"],))
    return _one("drop_rate", result, Step("calc.drop-rate", _named(given, "volume", "drop_factor", "time"), result))


def _drop_volume(given: Given) -> Worked:
    result = ratio("mL", (given["drop_rate"], given["time"]), (given["drop_factor"],))
    return _one("volume", result, Step("calc.drop-volume", _named(given, "drop_rate", "time", "drop_factor"), result))


def _drop_to_flow(given: Given) -> Worked:
    result = ratio("mL/h", (given["drop_rate"],), (given["drop_factor"],))
    return _one("rate", result, Step("calc.drop-to-flow", _named(given, "drop_rate", "drop_factor"), result))


def _flow_rate(given: Given) -> Worked:
    result = ratio("mL/h", (given["volume"],), (given["time"],))
    return _one("rate", result, Step("calc.flow-rate", _named(given, "volume", "time"), result))


def _admixture_rate(given: Given) -> Worked:
    volume, drug = given["volume"], given["drug_volume"].to("mL")
    if given.truth("added"):
        total = volume.to("mL") + drug
        mixed = Step("calc.mixed-volume", (("volume", volume), ("drug_volume", drug)), total)
    else:
        total = volume.to("mL")
        mixed = Step("calc.mixed-volume-changed", (("volume", volume), ("drug_volume", drug), ("removed", drug)), total)
    result = ratio("mL/h", (total,), (given["time"],))
    step = Step("calc.flow-rate", (("volume", total), ("time", given["time"])), result)
    return Worked({"rate": result, "volume": total}, (mixed, step))


_WAYS = (("volume", "rate"), ("volume", "drop_rate", "drop_factor"), ("amount", "dose"))


def time_steps(given: Given) -> tuple[Step, ...]:
    """The time of an infusion by each way that was given whole, in hours."""
    steps = []
    if "volume" in given and "rate" in given:
        steps.append(_step("calc.time-of-volume", given, ("volume",), ("rate",)))
    if "volume" in given and "drop_rate" in given and "drop_factor" in given:
        steps.append(_step("calc.time-of-drops", given, ("volume", "drop_factor"), ("drop_rate",)))
    if "amount" in given and "dose" in given and given["amount"].dimensions == _of_an_hour(given["dose"]):
        steps.append(_step("calc.time-of-amount", given, ("amount",), ("dose",)))
    return tuple(steps)


def _of_an_hour(rate: Quantity) -> tuple[tuple[str, int], ...]:
    return tuple(one for one in rate.dimensions if one[0] != "time")


def _step(operation: str, given: Given, over: tuple[str, ...], under: tuple[str, ...]) -> Step:
    result = ratio("h", [given[name] for name in over], [given[name] for name in under])
    return Step(operation, _named(given, *over, *under), result)


def _infusion_time(given: Given) -> Worked:
    steps = time_steps(given)
    problem = _no_one_time(steps, given)
    return Worked({}, steps, problem) if problem else Worked({"time": steps[0].result}, steps)


def _no_one_time(steps: tuple[Step, ...], given: Given) -> tuple[Finding, ...]:
    if not steps:
        return (notice("calc.not-of-one-kind", level=Level.MISSING, one=given["amount"], other=given["dose"]),)
    different = next((step.result for step in steps if step.result != steps[0].result), None)
    if different is None:
        return ()
    return (notice("calc.contradictory", level=Level.MISSING, one=steps[0].result, other=different),)


def _completion_time(given: Given) -> Worked:
    steps, start = time_steps(given), given.time("start")
    problem = _no_one_time(steps, given)
    if problem:
        return Worked({}, steps, problem)
    seconds = steps[0].result.to("s").value
    whole = (seconds + Fraction(1, 2)).__floor__()
    try:
        end = TimeOfDay(start.at + timedelta(seconds=whole), start.has_date)
    except OverflowError:
        return Worked({}, steps, (notice("calc.no-such-time", level=Level.MISSING, time=steps[0].result),))
    days = (end.at.date() - start.at.date()).days
    later = (notice("calc.next-day", days=Quantity(days, "d")),) if days else ()
    return Worked({"end": end, "time": steps[0].result}, steps, later)


def _named(given: Given, *names: str) -> tuple[tuple[str, Quantity], ...]:
    return tuple((name, given[name]) for name in names)


def _one(name: str, result: Quantity, *steps: Step) -> Worked:
    return Worked({name: result}, steps)


def _optional(*inputs: Input) -> tuple[Input, ...]:
    return tuple(replace(one, is_required=False) for one in inputs)


_OF_TIME = _optional(VOLUME, RATE, DROP_RATE, DROP_FACTOR, AMOUNT, DOSE_RATE)

CALCULATORS = (
    Calculator(
        "drop-rate",
        (VOLUME, TIME, DROP_FACTOR),
        (Result("drop_rate", "[drp]/min", Usual.DROPS),),
        "volume * drop_factor / time",
        _drop_rate,
        FLOW,
    ),
    Calculator(
        "drop-volume",
        (DROP_RATE, DROP_FACTOR, TIME),
        (Result("volume", "mL", Usual.VOLUME),),
        "drop_rate * time / drop_factor",
        _drop_volume,
        FLOW,
    ),
    Calculator("drop-to-flow", (DROP_RATE, DROP_FACTOR), (Result("rate", "mL/h"),), "drop_rate / drop_factor", _drop_to_flow, FLOW),
    Calculator("flow-rate", (VOLUME, TIME), (Result("rate", "mL/h"),), "volume / time", _flow_rate, FLOW),
    Calculator(
        "infusion-time",
        _OF_TIME,
        (Result("time", "h"),),
        "volume / rate, or volume * drop_factor / drop_rate, or amount / dose",
        _infusion_time,
        FLOW,
        ways=(_WAYS,),
    ),
    Calculator(
        "completion-time",
        (Input("start", kind=InputKind.TIME), *_OF_TIME),
        (Result("end", "1", Usual.TIME), Result("time", "h")),
        "start + infusion-time",
        _completion_time,
        FLOW,
        ways=(_WAYS,),
    ),
    Calculator(
        "admixture-rate",
        (VOLUME, Input("drug_volume", ("mL",)), Input("added", kind=InputKind.TRUTH), TIME),
        (Result("rate", "mL/h"), Result("volume", "mL", Usual.VOLUME)),
        "(volume + drug_volume where it is added, else volume) / time",
        _admixture_rate,
        FLOW,
    ),
)
