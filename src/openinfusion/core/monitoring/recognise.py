"""Which complications a set of findings fulfils. A sign that is only asked about fulfils none; it never grades and never treats."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import SessionState
from openinfusion.core.complication import Complication, Recognition, Use
from openinfusion.core.criteria import Bound
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity

SYSTOLIC = "bp.systolic"


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found: signs, measured values by observation or score, and verdicts of classifiers and calculators."""

    signs: frozenset[str] = frozenset()
    measures: Mapping[str, Quantity] = field(default_factory=dict)
    verdicts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Recognised:
    """A complication with the criterion that opens its script."""

    complication: str
    criterion: Recognition


def recognised(rows: Iterable[Complication], found: Findings, route: Route | None = None) -> tuple[Recognised, ...]:
    """Every criterion that is met, in the order of the tables; of one route, or of all when none is named."""
    on_route = (row for row in rows if route is None or route in row.routes)
    return tuple(Recognised(row.code, one) for row in on_route for one in row.recognise if is_met(one, found))


def charted(state: SessionState) -> Findings:
    """What a session's own chart says: the newest value of each observation and score, a pressure against the own baseline, how far the
    temperature rose above it, and what was answered with yes. What was no reading says nothing."""
    values = {code: seen.reading for code, seen in state.seen.items()}
    measures = {
        name: one.value for code, one in values.items() if isinstance(one.value, Quantity) for name in (code, one.scale.lower()) if name
    }
    measures |= _worst_of_places(values.values())
    before = {code: one.value for code, one in state.baseline.items() if isinstance(one.value, Quantity)}
    return Findings(
        frozenset(code for code, one in values.items() if one.value is True),
        {**measures, **_against_baseline(measures, before)},
    )


def _worst_of_places(readings: Iterable[Reading]) -> Mapping[str, Quantity]:
    """A grade that is charted for each place, as in `phlebitis.left-arm`: the highest counts."""
    found: dict[str, Quantity] = {}
    for one in readings:
        scale, _, place = one.code.partition(".")
        if place and isinstance(one.value, Quantity) and one.value.is_like("{score}"):
            found[scale] = max(one.value, found.get(scale, one.value))
    return found


_DERIVED: Mapping[str, str] = {f"{SYSTOLIC}_percent_of_baseline": SYSTOLIC, "temperature_rise": "temp", "temperature": "temp"}


def codes_of(measure: str) -> tuple[str, ...]:
    """The observation codes that a measure of a criterion is made of."""
    return (_DERIVED.get(measure, measure),)


def _against_baseline(measures: Mapping[str, Quantity], before: Mapping[str, Quantity]) -> Mapping[str, Quantity]:
    found = {}
    pressure, usual = measures.get(SYSTOLIC), before.get(SYSTOLIC)
    if pressure is not None and usual is not None and usual.value > 0 and pressure.is_like(usual.unit):
        found[f"{SYSTOLIC}_percent_of_baseline"] = pressure.over(usual, "%")
    warmth, at_first = measures.get("temp"), before.get("temp")
    if warmth is not None and at_first is not None and warmth.is_like(at_first.unit):
        found["temperature_rise"] = warmth - at_first
    return found if warmth is None else {**found, "temperature": warmth}


def is_met(criterion: Recognition, found: Findings) -> bool:
    """Whether a criterion holds: one of its verdicts was given, or all that it names was found and measured. What is only asked about never
    holds, and neither does a value that is missing or of another kind."""
    if criterion.use is not Use.ALARM:
        return False
    if found.verdicts & set(criterion.by):
        return True
    if not (criterion.all_of or criterion.need or criterion.measures):
        return False
    return (
        all(found.signs & set(group) for group in criterion.all_of)
        and len(found.signs & set(criterion.signs)) >= criterion.need
        and all(_inside(bound, found.measures.get(name)) for name, bound in criterion.measures.items())
    )


def _inside(bound: Bound, value: Quantity | None) -> bool:
    """Whether a value lies within every end that is set."""
    ends = [end.quantity for end in (bound.least, bound.above, bound.below, bound.most) if end is not None]
    if value is None or not all(value.is_like(end.unit) for end in ends):
        return False
    return (
        (bound.least is None or value >= bound.least.quantity)
        and (bound.above is None or value > bound.above.quantity)
        and (bound.below is None or value < bound.below.quantity)
        and (bound.most is None or value <= bound.most.quantity)
    )
