"""Which rules of a protocol hold for one order. An unknown region, product or fact never makes a rule disappear; nothing here computes an
amount."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from openinfusion.core.condition import Fields, Truth, explain
from openinfusion.core.finding import Finding, Level
from openinfusion.core.part import Region, Rule, Selection
from openinfusion.core.patient import Fact, FactValue, PatientFacts
from openinfusion.core.prescribing.order import Choice
from openinfusion.core.prescribing.practice import DEFAULT_PRACTICE, Practice
from openinfusion.core.protocol import Delivery, DoseRule, Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.rate_shape import RateRule

ORDER_FIELDS = frozenset({"region", "product", "indication", "infusion_number"})
"""Fields that an order supplies. While one of them is unset, every rule that it might select holds: the stricter wins."""

_TOLD_BY_ORDER = ORDER_FIELDS | {"diluent", "phase", "rate_rule", "route", "dose_per_kg"}
"""Fields of which only this order speaks: what an earlier one said of them is not taken over."""

Selectable = TypeVar("Selectable", bound=DoseRule | RateRule)


@dataclass(frozen=True, slots=True)
class Order:
    """Everything a rule may depend on: the protocol, the choice, the facts with those of the order merged in, and the moment."""

    protocol: Protocol
    choice: Choice
    facts: PatientFacts
    fields: Fields
    now: datetime
    region: Region | None = None
    practice: Practice = DEFAULT_PRACTICE

    def value(self, name: str) -> FactValue | None:
        """The usable value of a field now; None when it is not declared, not asked, unknown or stale."""
        spec = self.fields.get(name)
        return None if spec is None else self.facts.value(spec, self.now)

    def quantity(self, name: str) -> Quantity | None:
        """The usable value of a field that is a quantity."""
        value = self.value(name)
        return value if isinstance(value, Quantity) else None

    def infers(self, name: str, value: FactValue) -> "Order":
        """The order with one more fact that follows from it, such as the dose per body mass; empty text is not a fact."""
        return replace(self, facts=self.facts.having(Fact(name, value, self.now, "order"))) if value != "" else self


def merged(facts: PatientFacts, protocol: Protocol, choice: Choice, region: Region | None, now: datetime) -> PatientFacts:
    """The patient's facts with those that the order itself supplies; what the order leaves open stays unknown."""
    told: dict[str, FactValue] = {"infusion_number": Quantity(choice.infusion_number, "1"), "route": protocol.route.value}
    optional = {
        "indication": choice.indication,
        "product": choice.product,
        "region": region.value if region else "",
        "diluent": choice.diluent or dissolved_in(protocol, choice),
        "rate_rule": choice.rate_rule,
        "phase": choice.phase,
    }
    told.update({name: text for name, text in optional.items() if text})
    known = PatientFacts({name: fact for name, fact in facts.facts.items() if name not in _TOLD_BY_ORDER})
    return known.having(*(Fact(name, value, now, "order") for name, value in told.items()))


def dissolved_in(protocol: Protocol, choice: Choice) -> str:
    """The diluent of the chosen reconstitution, where nothing is added after it; empty where another fluid is or none was chosen."""
    if protocol.delivery is not Delivery.INJECTION:
        return ""
    return next((way.diluent for way in protocol.preparation.reconstitutions if way.id == choice.reconstitution), "")


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a rule holds, and which fields would decide it when that is unknown."""

    truth: Truth
    missing: tuple[str, ...] = ()

    @property
    def may_hold(self) -> bool:
        """Whether it holds or could hold."""
        return self.truth is not Truth.FALSE

    @property
    def binds(self) -> bool:
        """Whether it must be obeyed: it holds, or only an open choice of the order stands between."""
        return self.truth is Truth.TRUE or (self.truth is Truth.UNKNOWN and ORDER_FIELDS.issuperset(self.missing))


def standing(rule: Rule, order: Order) -> Standing:
    """Join region, product and condition of a rule by Kleene's and."""
    missing: list[str] = []
    if rule.regions:
        if order.region is None:
            missing.append("region")
        elif order.region not in rule.regions:
            return Standing(Truth.FALSE)
    if rule.products:
        if not order.choice.product:
            missing.append("product")
        elif order.choice.product not in rule.products:
            return Standing(Truth.FALSE)
    if rule.when is not None:
        why = explain(rule.when, order.facts, order.fields, order.now)
        if why.truth is Truth.FALSE:
            return Standing(Truth.FALSE)
        missing.extend(why.missing)
    return Standing(Truth.UNKNOWN, tuple(dict.fromkeys(missing))) if missing else Standing(Truth.TRUE)


def select(rules: Sequence[Selectable], chosen: str, order: Order, area: str) -> tuple[Selectable | None, tuple[Finding, ...]]:
    """The one rule that holds, or the prescriber's; a rule that needs a prescriber is never taken alone. `area` is "dose" or "rate"."""
    if chosen:
        return _chosen(rules, chosen, order, area)
    automatic = [(rule, standing(rule, order)) for rule in rules if rule.selection is Selection.AUTOMATIC]
    possible = [(rule, held) for rule, held in automatic if held.may_hold]
    certain = [rule for rule, held in possible if held.truth is Truth.TRUE]
    if len(possible) == 1 and certain:
        return certain[0], ()
    missing = tuple(dict.fromkeys(name for _, held in possible for name in held.missing))
    if missing:
        names = tuple(rule.id for rule, _ in possible)
        return None, (Finding(f"{area}.rule-undecided", Level.MISSING, {"fields": missing, "rules": names}),)
    if certain:
        return None, (Finding(f"{area}.several-rules", Level.MISSING, {"rules": tuple(rule.id for rule in certain)}),)
    offered = tuple(rule.id for rule in rules if rule.selection is Selection.PRESCRIBER and standing(rule, order).may_hold)
    return None, (Finding(f"{area}.choose-rule" if offered else f"{area}.no-rule", Level.MISSING, {"rules": offered} if offered else {}),)


def _chosen(rules: Sequence[Selectable], chosen: str, order: Order, area: str) -> tuple[Selectable | None, tuple[Finding, ...]]:
    rule = next((rule for rule in rules if rule.id == chosen), None)
    if rule is None:
        return None, (Finding(f"{area}.no-such-rule", Level.BANNED, {"rule": chosen}),)
    held = standing(rule, order)
    match held.truth:
        case Truth.TRUE:
            return rule, ()
        case Truth.FALSE:
            return rule, (Finding(f"{area}.rule-does-not-hold", Level.CONTRAINDICATED, {"rule": chosen}, rule.sources, rule.id),)
        case Truth.UNKNOWN:
            return rule, (
                Finding(f"{area}.rule-unconfirmed", Level.MISSING, {"rule": chosen, "fields": held.missing}, rule.sources, rule.id),
            )
