"""What another session of the same patient gives, told as amounts of each ingredient, so that one limit can hold over all of them."""

from collections.abc import Iterator
from datetime import datetime

from openinfusion.core.administration.container import concentration
from openinfusion.core.administration.context import Elsewhere
from openinfusion.core.administration.parts import Amount, Flow
from openinfusion.core.administration.session import SessionState
from openinfusion.core.administration.volume import bounds, delivered, pieces, planned_volume
from openinfusion.core.patient import seconds
from openinfusion.core.prescribing.flow import Bolus, Given, Segment
from openinfusion.core.prescribing.kinds import concentration_of, convert, drug_concentration
from openinfusion.core.prescribing.rule import Order
from openinfusion.core.quantity import UNITS, Quantity

DAY_AHEAD = Quantity(1, "d")
"""How far a flow without a planned end is taken to go on."""


def of_session(stream: str, state: SessionState, order: Order, now: datetime) -> Elsewhere:
    """Everything another session gave and will give if nobody touches it; an uncertain amount with its upper bound."""
    volumes = (*_given(state, now), *_doubt(state, now), *_to_come(state, now))
    amounts = {
        ingredient: tuple(_amount(given, _holds(ingredient, state, order)) for given in volumes)
        for ingredient in order.protocol.drug.ingredients
    }
    return Elsewhere(stream, state.amount is Amount.UNCERTAIN, amounts, state.started_at, state.sites, state.boluses)


def _given(state: SessionState, now: datetime) -> Iterator[Given]:
    for piece in pieces(state, now):
        start = seconds(piece.segment.start - now)
        if piece.segment.volume is not None or piece.segment.rate is None:
            yield Bolus(start, piece.volume)
        else:
            yield Segment(start, seconds(piece.until - now), piece.segment.rate)


def _doubt(state: SessionState, now: datetime) -> Iterator[Given]:
    """What may have gone in above the sum of the pieces, by doubt or by what a person settled."""
    most = max(bounds(state, now)[1], delivered(state, now)[0])
    summed = sum((piece.volume for piece in pieces(state, now)), Quantity(0, "mL"))
    if most > summed:
        yield Bolus(seconds((state.settled_at or state.doubted_at or now) - now), most - summed)


def _to_come(state: SessionState, now: datetime) -> Iterator[Given]:
    if state.flow is not Flow.RUNNING or state.rate is None or state.rate.value <= 0:
        return
    planned = planned_volume(state)
    given, _ = delivered(state, now)
    lasts = DAY_AHEAD if planned is None else (planned - given).over(state.rate, "h")
    if lasts.value > 0:
        yield Segment(Quantity(0, "s"), lasts, state.rate)


def _holds(ingredient: str, state: SessionState, order: Order) -> Quantity | None:
    if order.protocol.drug.mixtures:
        return concentration_of(order, ingredient)
    mixed = state.plan.concentration if state.plan is not None else None
    container = state.containers.get(state.current_container)
    return mixed or (concentration(container) if container is not None else None) or drug_concentration(order)


def _amount(given: Given, holds: Quantity | None) -> Given:
    """The volume as an amount of the ingredient; a volume where no concentration is known, which a limit by amount then cannot read."""
    if holds is None:
        return given
    symbol = holds.unit.partition("/")[0]
    match given:
        case Bolus(at=at, amount=volume):
            made = convert(volume, symbol, holds)
            return given if made is None else Bolus(at, made)
        case Segment(start=start, end=end, rate=rate):
            flow = convert(rate, f"{symbol}/h", holds) if f"{symbol}/h" in UNITS else None
            return given if flow is None else Segment(start, end, flow)
