"""Which kinetic model fits a drug and a route, and what a chart says of its covariates. What the chart does not hold, a person may
write for one picture; nothing is assumed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from openinfusion.app.ports import Ports
from openinfusion.app.prescribing import facts_of
from openinfusion.core.patient import FactValue, PatientFacts
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.model_file import Status, Via
from openinfusion.core.pharmacokinetics.patient_facts import Fact
from openinfusion.core.prescribing.body import surface
from openinfusion.core.prescribing.order import Choice
from openinfusion.core.prescribing.practice import DEFAULT_PRACTICE
from openinfusion.core.prescribing.rule import Order
from openinfusion.core.protocol import Protocol, Route
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.kinetics import Kinetics, load_kinetics

_CALLED = {"immunoglobulin": "immunoglobulin G, human"}
"""Ingredients of protocols whose models bear another name."""
_FROM_CHART = ("weight", "height", "age", "bsa", "female")


@dataclass(frozen=True, slots=True)
class Asked:
    """One covariate of a model: the name of its field in a form, what it is, its unit, what stands in it, and whether the chart says so."""

    name: str
    meaning: str
    unit: str
    text: str
    is_charted: bool
    low: float | None
    high: float | None


def drugs_of(protocol: Protocol) -> tuple[str, ...]:
    """What the models would call the drug of a protocol."""
    return tuple(dict.fromkeys(_CALLED.get(one, one) for one in (protocol.drug.generic, *protocol.drug.ingredients)))


def models_for(protocol: Protocol, route: Route, *, only_complete: bool = False) -> tuple[Model, ...]:
    """The models of a protocol's drug that know its route, those that may be fitted first."""
    kinetics = load_kinetics()
    found = [model for drug in drugs_of(protocol) for model in kinetics.of(drug) if model.layout.of(Via(route.value))]
    whole = [model for model in found if model.status is Status.COMPLETE]
    return tuple(whole if only_complete else [*whole, *(model for model in found if model not in whole)])


def why_none(protocol: Protocol, route: Route, kinetics: Kinetics | None = None) -> str:
    """Why there is no model, where somebody looked for one; else empty."""
    drugs = drugs_of(protocol)
    found = [one for one in (kinetics or load_kinetics()).absent if one.drug in drugs and Via(route.value) in one.routes]
    return " ".join(one.reason for one in found)


def covariates_of(ports: Ports, patient: str, model: Model, written: Mapping[str, str]) -> tuple[Asked, ...]:
    """Each covariate of a model with what the chart or a person says of it; a person's word goes before the chart's."""
    facts, _ = facts_of(ports, patient)
    charted = dict(_charted(ports, facts, model.file.covariates, ports.clock.now()))
    return tuple(
        Asked(
            name=name,
            meaning=one.meaning or name,
            unit=one.unit,
            text=written.get(name, "").strip() or charted.get(name, ""),
            is_charted=name in charted and not written.get(name, "").strip(),
            low=one.low,
            high=one.high,
        )
        for name, one in model.file.covariates.items()
    )


def facts_from(asked: Iterable[Asked]) -> dict[str, Fact]:
    """What was said, for the model to judge: text with its unit, bare numbers where there is none. What nobody said is left out."""
    found: dict[str, Fact] = {}
    for one in asked:
        if one.text:
            found[one.name] = _number(one.text) if one.unit == "1" else one.text
    return found


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _charted(ports: Ports, facts: PatientFacts, names: Iterable[str], now: datetime) -> Iterator[tuple[str, str]]:
    wanted = [name for name in names if name in _FROM_CHART]
    for name in wanted:
        value = _body_surface(ports, facts, now) if name == "bsa" else _value(ports, facts, "sex" if name == "female" else name, now)
        if name == "female" and value in ("female", "male"):
            yield name, "1" if value == "female" else "0"
        elif isinstance(value, Quantity):
            yield name, f"{float(value.value):.6g} {value.unit}"


def _value(ports: Ports, facts: PatientFacts, field: str, now: datetime) -> FactValue | None:
    spec = ports.library.reference.fields.get(field)
    return None if spec is None else facts.value(spec, now)


def _body_surface(ports: Ports, facts: PatientFacts, now: datetime) -> Quantity | None:
    """By Mosteller, as a dose would use it."""
    protocol = next(iter(ports.library.entries().values())).protocol
    choice = Choice("", now.date())
    return surface(Order(protocol, choice, facts, ports.library.reference.fields, now, None, DEFAULT_PRACTICE)).amount
