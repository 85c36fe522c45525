"""Which of several passed limits decides: a hard one before a soft one, then the one that is passed furthest. All stay reported."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from openinfusion.core.finding import Finding
from openinfusion.core.protocol import Limit, Measure, Strength
from openinfusion.core.quantity import Quantity

_FAMILY: Mapping[Measure, Measure] = {
    Measure.DOSE_PER_MASS: Measure.DOSE,
    Measure.DOSE_PER_AREA: Measure.DOSE,
    Measure.DOSE_PER_SITE: Measure.DOSE,
    Measure.DOSE_RATE: Measure.RATE,
    Measure.RATE_PER_SITE: Measure.RATE,
    Measure.VOLUME_PER_SITE: Measure.VOLUME,
}
"""Measures of one amount in other terms: lowering one lowers the other."""

_ENDLESS = Fraction(10**30)

Group = tuple[Measure, bool, bool]
"""Of what, on which side, and whether of a total."""


def name_binding(found: Sequence[tuple[Limit, Finding]]) -> tuple[Finding, ...]:
    """The findings in their order; of several passed limits on one side of one amount the deciding one has `binds`."""
    groups: dict[Group, list[tuple[tuple[bool, Fraction], Finding]]] = {}
    for limit, finding in found:
        if (excess := _excess(limit, finding)) is not None:
            group = (_FAMILY.get(limit.measure, limit.measure), limit.op in (">", ">="), limit.is_total)
            groups.setdefault(group, []).append(((limit.strength is Strength.HARD, excess), finding))
    deciding = [max(group, key=lambda one: one[0])[1] for group in groups.values() if len(group) > 1]
    return tuple(
        replace(finding, params={**finding.params, "binds": True}) if any(finding is one for one in deciding) else finding
        for _, finding in found
    )


def _excess(limit: Limit, finding: Finding) -> Fraction | None:
    """How many times the limit is passed; None for a finding that does not say that it is."""
    value, bound = finding.params.get("value"), limit.figure.quantity
    if not isinstance(value, Quantity) or not finding.code.endswith(("-limit", "-window")):
        return None
    over, under = (bound.base, value.base) if limit.op in (">", ">=") else (value.base, bound.base)
    return over / under if under else _ENDLESS
