"""An order's own statements put before the consistency check: what was chosen beside the rule, the rates beside the pump's step, the vial
beside its concentration. Without a consistency table nothing is compared."""

from collections.abc import Iterator

from openinfusion.core.finding import Finding
from openinfusion.core.prescribing.consistency import Stated, check, settable, suspected, usual
from openinfusion.core.prescribing.kinds import way_to_dissolve
from openinfusion.core.prescribing.rule import Order
from openinfusion.core.prescribing.tolerances import Tolerances
from openinfusion.core.prescribing.worked import Worked
from openinfusion.core.quantity import Quantity

_CHOSEN = {"dose.differs-from-rule": ("dose", "rule_dose"), "rate.differs-from-rule": ("rate", "rule_rate")}


def contradictions(order: Order, worked: Worked) -> tuple[Finding, ...]:
    """Everything in which an order and what it comes to contradict each other, or look like a slip."""
    by = order.practice.tolerances
    if by is None:
        return ()
    return (*_choices(worked, by), *_rates(order, worked, by), *_vial(order, by))


def _choices(worked: Worked, by: Tolerances) -> Iterator[Finding]:
    """A chosen dose or rate beside the one of the rule or its range."""
    for finding in worked.findings:
        if finding.code in _CHOSEN:
            stated, expected = (finding.params[name] for name in _CHOSEN[finding.code])
            if isinstance(stated, Quantity) and isinstance(expected, Quantity):
                yield from suspected(stated, expected, by, weighed=finding.code.startswith("dose."))
        if finding.code == "dose.outside-range":
            dose, low, high = (finding.params[name] for name in ("dose", "low", "high"))
            if isinstance(dose, Quantity) and isinstance(low, Quantity) and isinstance(high, Quantity):
                yield from usual(dose, low, high, by)


def _rates(order: Order, worked: Worked, by: Tolerances) -> Iterator[Finding]:
    """The flows that the pump cannot be set to: each that a prescriber chose, and of the worked-out ones those that rounding changes
    more than the tolerance; the smaller changes stand in the working."""
    for one in worked.rates.derivation.steps if worked.rates is not None else ():
        if one.operation == "rate.pump-step" and (order.choice.rate is not None or not by.agree(one.result, one.inputs[0][1])):
            yield from settable(one.inputs[0][1], order.practice.pump_step, by, one.result)


def _vial(order: Order, by: Tolerances) -> tuple[Finding, ...]:
    """What the chosen vial holds, beside the volume it gives and the concentration it is said to have."""
    way = way_to_dissolve(order)
    if way is None or way.concentration is None or way.gives is None:
        return ()
    return check(Stated(amount=way.holds.quantity, volume=way.gives.quantity, concentration=way.concentration.quantity), by)
