"""Bring an amount to the kind in which a rule speaks: through a concentration, a body mass, a number of sites. Where no way leads there it
says None."""

from collections.abc import Iterator
from functools import cache
from itertools import product

from openinfusion.core.prescribing.order import Choice
from openinfusion.core.prescribing.rule import Order
from openinfusion.core.protocol import Reconstitution
from openinfusion.core.quantity import Quantity, unit


def convert(value: Quantity, symbol: str, *by: Quantity | None) -> Quantity | None:
    """The value in a unit, multiplied or divided by as few of `by` as needed; None where the kinds cannot meet. Zero is never a divisor."""
    if value.is_like(symbol):
        return value.to(symbol)
    known = tuple(each for each in by if each is not None and each.value != 0)
    target = unit(symbol)
    signs = _way(value.dimensions, target.dimensions, tuple(each.dimensions for each in known))
    if signs is None:
        return None
    base = value.base
    for each, sign in zip(known, signs, strict=True):
        if sign:
            base = base * each.base if sign > 0 else base / each.base
    return Quantity(base / target.factor, symbol)


Kinds = tuple[tuple[str, int], ...]


@cache
def _way(start: Kinds, end: Kinds, by: tuple[Kinds, ...]) -> tuple[int, ...] | None:
    """Which of several quantities to multiply with (1) or divide by (-1) to come from some kinds to others, as few as needed; None where no
    way leads there. Kinds are few, so that each way is looked for once."""
    for signs in _fewest_first(len(by)):
        powers = dict(start)
        for dimensions, sign in zip(by, signs, strict=True):
            for kind, power in dimensions:
                powers[kind] = powers.get(kind, 0) + sign * power
        if tuple(sorted((kind, power) for kind, power in powers.items() if power)) == end:
            return signs
    return None


def _fewest_first(count: int) -> Iterator[tuple[int, ...]]:
    yield from sorted(product((0, 1, -1), repeat=count), key=lambda signs: sum(map(abs, signs)))


def drug_concentration(order: Order) -> Quantity | None:
    """Amount per volume of the drug before dilution: of the reconstitution that was chosen (or the only one), else of the mixture, else
    of the product."""
    made = reconstitution(order)
    if made is not None:
        return made
    mixture = next((mixture for mixture in order.protocol.drug.mixtures if mixture.product == order.choice.product), None)
    if mixture is not None:
        return mixture.components[0].concentration.quantity
    labelled = order.protocol.drug.concentration
    return labelled.quantity if labelled else None


def reconstitution(order: Order) -> Quantity | None:
    """The concentration a vial gives when dissolved as chosen, or in the only way there is; None where several are open or none is
    stated."""
    way = way_to_dissolve(order)
    if way is None:
        return None
    if way.concentration is not None:
        return way.concentration.quantity
    if way.gives is None:
        return None
    head = way.holds.quantity.unit
    return convert(way.holds.quantity, f"{head}/mL", way.gives.quantity)


def way_to_dissolve(order: Order) -> Reconstitution | None:
    """The way chosen, or the only one there is; None where several are open or there is none."""
    chosen = [way for way in order.protocol.preparation.reconstitutions if _fits(way, order.choice)]
    return chosen[0] if len(chosen) == 1 else None


def _fits(way: Reconstitution, choice: Choice) -> bool:
    if choice.reconstitution:
        return way.id == choice.reconstitution
    return choice.diluent in ("", way.diluent)


def lacks(order: Order, ingredient: str) -> bool:
    """Whether the chosen mixture is known to hold nothing of an ingredient."""
    chosen = [mixture for mixture in order.protocol.drug.mixtures if mixture.product == order.choice.product]
    return bool(chosen) and all(component.ingredient != ingredient for mixture in chosen for component in mixture.components)


def concentration_of(order: Order, ingredient: str) -> Quantity | None:
    """How much of one ingredient a volume of the chosen mixture holds; None where no mixture or none with it is chosen."""
    for mixture in order.protocol.drug.mixtures:
        if mixture.product == order.choice.product:
            for component in mixture.components:
                if component.ingredient == ingredient:
                    return component.concentration.quantity
    return None
