"""Two persons' own values against the order and against each other, judged only after both are stored; neither is shown the other's."""

from collections.abc import Iterator
from itertools import pairwise

from openinfusion.core.administration.context import Context
from openinfusion.core.administration.ladder import first_rate
from openinfusion.core.administration.parts import CheckValues
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.volume import agree, planned_volume
from openinfusion.core.protocol import Delivery
from openinfusion.core.quantity import Quantity


def broken_by(state: SessionState, actor: str, ctx: Context) -> tuple[str, ...]:
    """The rules that a person breaks by entering a check now; such a check is stored and does not count."""
    broke: list[str] = []
    if actor == ctx.signed.ordered_by:
        broke.append("check-by-author")
    if state.checks:
        if state.checks[0][0] == actor:
            broke.append("witness-is-performer")
        if any(container.prepared_by == actor for container in state.containers.values()):
            broke.append("witness-is-preparer")
    return tuple(broke)


def differing(state: SessionState, checks: tuple[CheckValues, ...], ctx: Context) -> tuple[str, ...]:
    """The fields in which any of the checks differs from the order, or the checks from each other, in the order of the form."""
    named = dict.fromkeys(name for values in checks for name in _against_order(state, values, ctx))
    for one, other in pairwise(checks):
        named |= dict.fromkeys(_against_each_other(one, other, ctx))
    order = list(CheckValues.__dataclass_fields__)
    return tuple(sorted(named, key=order.index))


def _against_order(state: SessionState, values: CheckValues, ctx: Context) -> Iterator[str]:
    container = state.containers.get(values.container_code)
    if values.patient_code != state.patient_code:
        yield "patient_code"
    if container is None:
        yield "container_code"
        return
    drug = ctx.protocol.drug
    if values.drug.lower() not in {drug.generic.lower(), *(product.lower() for product in drug.products)}:
        yield "drug"
    dose = state.plan.dose.amount if state.plan is not None and state.plan.dose is not None else container.amount
    if not agree(values.dose, dose):
        yield "dose"
    if values.expiry != container.expiry:
        yield "expiry"
    if not values.appearance_good:
        yield "appearance_good"
    if _differs(values.volume, planned_volume(state) or container.volume, None):
        yield "volume"
    if ctx.protocol.delivery is not Delivery.INJECTION and _differs(values.rate, first_rate(state), ctx.pump_step):
        yield "rate"


def _differs(entered: Quantity | None, wanted: Quantity | None, step: Quantity | None) -> bool:
    """What the order has must be entered and agree; what it has not is not asked."""
    return wanted is not None and (entered is None or not agree(entered, wanted, step))


def _against_each_other(one: CheckValues, other: CheckValues, ctx: Context) -> Iterator[str]:
    for name in ("patient_code", "container_code", "drug", "expiry", "appearance_good"):
        if str(getattr(one, name)).lower() != str(getattr(other, name)).lower():
            yield name
    if not agree(one.dose, other.dose):
        yield "dose"
    for name, mine, theirs, step in (("volume", one.volume, other.volume, None), ("rate", one.rate, other.rate, ctx.pump_step)):
        if (mine is None) is not (theirs is None) or (mine is not None and theirs is not None and not agree(mine, theirs, step)):
            yield name
