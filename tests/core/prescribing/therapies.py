"""Made-up therapies, patients and orders for tests. The figures are chosen for easy arithmetic and belong to no drug."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from openinfusion.core.figure import Source, Tier
from openinfusion.core.patient import Fact, FactValue, FieldKind, FieldSpec, PatientFacts
from openinfusion.core.prescribing.order import Choice
from openinfusion.core.prescribing.plan import plan
from openinfusion.core.prescribing.practice import Practice, WeightChange
from openinfusion.core.prescribing.rule import Order, merged
from openinfusion.core.protocol import Protocol, ScreenRule
from openinfusion.core.quantity import Quantity

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
SOURCE = {"cite": "made-up", "at": "test", "tier": "A"}
CUSTOMS = Practice(weight_change=WeightChange(share=Fraction(1, 10), pounds_ratio=Fraction("2.2"), pounds_tolerance=Fraction(1, 10)))
SOURCES = (Source(cite="made-up", at="test", tier=Tier.A),)

FIELDS: Mapping[str, FieldSpec] = {
    spec.name: spec
    for spec in (
        FieldSpec("weight", FieldKind.QUANTITY, "check_in", unit="kg", maximum_age=Quantity(30, "d")),
        FieldSpec("height", FieldKind.QUANTITY, "check_in", unit="cm", maximum_age=Quantity(365, "d")),
        FieldSpec("birth_date", FieldKind.DAY, "registration"),
        FieldSpec("age", FieldKind.AGE, "computed", unit="a"),
        FieldSpec("allergy", FieldKind.CODES, "registration"),
        FieldSpec("consent", FieldKind.BOOLEAN, "check_in"),
        FieldSpec("infected", FieldKind.BOOLEAN, "check_in"),
        FieldSpec("heart_class", FieldKind.QUANTITY, "registration", unit="1"),
        FieldSpec("indication", FieldKind.CODE, "order"),
        FieldSpec("product", FieldKind.CODE, "order"),
        FieldSpec("region", FieldKind.CODE, "order"),
        FieldSpec("diluent", FieldKind.CODE, "order"),
        FieldSpec("phase", FieldKind.CODE, "order"),
        FieldSpec("rate_rule", FieldKind.CODE, "order"),
        FieldSpec("infusion_number", FieldKind.QUANTITY, "order", unit="1"),
        FieldSpec("dose_per_kg", FieldKind.QUANTITY, "computed", unit="mg/kg"),
        FieldSpec("last_dose_at", FieldKind.MOMENT, "order"),
        FieldSpec("time_since_last_dose", FieldKind.ELAPSED, "computed", of="last_dose_at"),
        FieldSpec("earlier.dose", FieldKind.QUANTITY, "order", unit="g"),
        FieldSpec("earlier.every", FieldKind.QUANTITY, "order", unit="wk"),
    )
}


def figure(text: str) -> dict[str, Any]:
    """ "5 mg/kg" as a sourced figure in the form of the files."""
    value, _, unit = text.partition(" ")
    return {"value": value, "unit": unit or "1", "sources": [SOURCE]}


def compare(field: str, op: str, text: str) -> dict[str, Any]:
    """A comparison with a sourced figure."""
    return {"field": field, "op": op, **figure(text)}


def limit(id: str, measure: str, op: str, text: str, strength: str = "hard", **more: Any) -> dict[str, Any]:
    """A limit in the form of the files."""
    return {"id": id, "measure": measure, "op": op, "figure": figure(text), "strength": strength, "sources": [SOURCE], **more}


def screen_rule(id: str, when: dict[str, Any], level: str = "contraindicated", **more: Any) -> ScreenRule:
    """A screening rule."""
    return ScreenRule.model_validate({"id": id, "when": when, "level": level, "sources": [SOURCE], **more})


PER_MASS = {"id": "by-weight", "basis": "per_mass", "amount": figure("5 mg/kg"), "sources": [SOURCE]}
PER_AREA = {"id": "by-surface", "basis": "per_area", "amount": figure("375 mg/m2"), "sources": [SOURCE]}
FLAT = {"id": "flat", "basis": "flat", "amount": figure("1000 mg"), "sources": [SOURCE]}
RANGE = {
    "id": "range",
    "basis": "per_mass",
    "low": figure("2 mg/kg"),
    "high": figure("4 mg/kg"),
    "selection": "prescriber",
    "sources": [SOURCE],
}
TWO_HOURS = {"id": "two-hours", "shape": "fixed_duration", "duration": figure("120 min"), "sources": [SOURCE]}
LADDER = {
    "id": "ladder", "shape": "stepped_increment", "start": figure("50 mg/h"), "step": figure("50 mg/h"), "every": figure("30 min"),
    "maximum": figure("400 mg/h"), "sources": [SOURCE],
}  # fmt: skip
SINGLE = {"id": "by-hand", "shape": "single_injection", "sources": [SOURCE]}
ON_DEMAND = {
    "id": "demand", "shape": "patient_controlled", "bolus": figure("10 mL"), "lockout": figure("10 min"), "most": figure("20 mL"),
    "window": figure("1 h"), "sources": [SOURCE],
}  # fmt: skip
ONCE = {"id": "once", "kind": "once", "sources": [SOURCE]}
VIALS = {"containers": [figure("100 mg")], "diluents": ["saline"], "final_volume": figure("250 mL"), "sources": [SOURCE]}


def therapy(**parts: Any) -> Protocol:
    """An intermittent infusion of 5 mg/kg in 250 mL over two hours, with any of its parts replaced."""
    return Protocol.model_validate(
        {
            "schema": "openinfusion.protocol/1", "id": "iv-made-up", "version": "1.0.0", "title": "Made up", "maturity": "example",
            "legal": "labelled", "route": "IV", "delivery": "intermittent_infusion", "author": "test",
            "drug": {"generic": "drug", "drug_class": "class", "ingredients": ["drug"]},
            "indications": [{"code": "illness", "sources": [SOURCE]}],
            "doses": [PER_MASS], "rates": [TWO_HOURS], "schedule": [ONCE], "preparation": VIALS,
            "no_hard_maximum": [{"measure": name, "reason": "no-figure-in-sources"} for name in ("dose", "rate", "duration")],
            "double_check": {"required": True}, "home": {"suitability": "not_suitable", "sources": [SOURCE]},
            **parts,
        }
    )  # fmt: skip


def facts(at: datetime = NOW - timedelta(days=1), **values: FactValue) -> PatientFacts:
    """A patient of 71 kg and 178 cm, born 1980, without known allergies, with any of it replaced; `__` in a name is a point."""
    usual: dict[str, FactValue] = {
        "weight": Quantity(71, "kg"), "height": Quantity(178, "cm"), "birth_date": date(1980, 5, 1), "allergy": (),
    }  # fmt: skip
    told = {**usual, **{name.replace("__", "."): value for name, value in values.items()}}
    return PatientFacts.of(Fact(name, value, at, "nurse") for name, value in told.items())


def without(known: PatientFacts, *names: str) -> PatientFacts:
    """The facts without some."""
    return PatientFacts({name: fact for name, fact in known.facts.items() if name not in names})


def choice(**chosen: Any) -> Choice:
    """An order for the one illness, beginning today."""
    return Choice(**{"indication": "illness", "start_on": NOW.date(), **chosen})


def planned(protocol: Protocol, known: PatientFacts | None = None, rules: tuple[ScreenRule, ...] = (), **chosen: Any):
    """The plan of an order; its parts are not narrowed, so that a test may read them without asking whether they are there."""
    return plan(protocol, "hash", rules, facts() if known is None else known, choice(**chosen), FIELDS, NOW, practice=CUSTOMS)


def order(protocol: Protocol, known: PatientFacts | None = None, **chosen: Any) -> Order:
    """An order ready for a room of its own."""
    picked = choice(**chosen)
    told = facts() if known is None else known
    return Order(protocol, picked, merged(told, protocol, picked, picked.region, NOW), FIELDS, NOW, picked.region, CUSTOMS)


def codes(made) -> set[str]:
    """The codes of all findings of a plan."""
    return {finding.code for finding in made.findings}
