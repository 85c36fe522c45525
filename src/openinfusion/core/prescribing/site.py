"""Into how many sites a volume must be divided so that each keeps its limits."""

from dataclasses import dataclass

from openinfusion.core.finding import Derivation, Step
from openinfusion.core.prescribing.kinds import convert, drug_concentration
from openinfusion.core.prescribing.rule import Order, standing
from openinfusion.core.protocol import Measure
from openinfusion.core.quantity import Quantity

ONE_SITE = Quantity(1, "{site}")


@dataclass(frozen=True, slots=True)
class SitesNeeded:
    """The fewest sites, and the limits that make them so many."""

    count: int
    derivation: Derivation


def sites_needed(order: Order, amount: Quantity, volume: Quantity) -> SitesNeeded:
    """The fewest sites at which every limit per site holds, 1 where none is stated; limits of an open region or product count too."""
    count, steps = 1, list[Step]()
    for limit in order.protocol.limits:
        if (
            limit.measure not in (Measure.VOLUME_PER_SITE, Measure.DOSE_PER_SITE)
            or limit.op not in ("<", "<=")
            or not standing(limit, order).binds
        ):
            continue
        total = volume if limit.measure is Measure.VOLUME_PER_SITE else amount
        bound = convert(limit.figure.quantity, total.unit, ONE_SITE, drug_concentration(order))
        if bound is None or bound.value <= 0:
            continue
        needed = int(-(-total.value // bound.value))
        if needed > 1 or count == 1:
            inputs = (("total", total), ("per_site", bound))
            steps.append(Step("site.count", inputs, Quantity(needed, "{site}"), limit.sources))
        count = max(count, needed)
    return SitesNeeded(count, Derivation(tuple(step for step in steps if step.result.value == count)))
