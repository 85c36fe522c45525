"""What a protocol tells of a simulation: which model, which doses, and which facts are taken where nobody said them. It screens nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from openinfusion.app.kinetic_facts import models_for, why_none
from openinfusion.app.kinetic_plan import Planned, Unplanned, planned
from openinfusion.app.kinetic_requests import ModelName, ToSimulate
from openinfusion.app.kinetic_routes import reference_facts
from openinfusion.core.entry import read_choice, read_value
from openinfusion.core.errors import CommandRefused, Malformed, NotFound
from openinfusion.core.finding import Level
from openinfusion.core.patient import Fact as ChartFact
from openinfusion.core.patient import PatientFacts
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.patient_facts import Fact
from openinfusion.core.pharmacokinetics.refusal import refuse
from openinfusion.core.prescribing.order import Plan
from openinfusion.core.prescribing.plan import plan as make_plan
from openinfusion.core.prescribing.practice import Practice
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.kinetics import load_kinetics
from openinfusion.protocols.load import Library, LoadedProtocol, load_library

_CHARTED = ("weight", "height")
_OF_A_DOSE = ("order", "dose", "rate", "course", "preparation")


@dataclass(frozen=True, slots=True)
class Told:
    """What a protocol tells of a simulation: the model, its sessions as doses (None beside a written regimen), covariates, and what
    was taken because nobody said it."""

    protocol: LoadedProtocol
    model: Model
    planned: Planned | None
    dose: Quantity | None
    covariates: Mapping[str, Fact]
    taken: Mapping[str, str]


def model_of(name: ModelName | None) -> Model:
    """A model by its id, or one written out; raises NotFound, or ProtocolError with every problem."""
    if isinstance(name, dict):
        return Model.from_dict(name)
    if name is None:
        raise Malformed("request", "no model is named", 'such as "model": "vancomycin-goti-2018"')
    model = load_kinetics().models.get(name)
    if model is None:
        raise NotFound("kinetic model", name)
    return model


def told_by(name: str, asked: ToSimulate, texts: Mapping[str, str], choices: Mapping[str, str], at: datetime) -> Told:
    """What a protocol tells of a simulation, by the first model of its drug and route unless the request names one.

    Facts that nobody told are those of the patient whom the model calls typical, and an indication that nobody chose is the first one; both
    are in `taken`. Raises NotFound, or CommandRefused where the protocol has no model or no doses."""
    library = load_library()
    loaded = library.protocols.get(name)
    if loaded is None:
        raise NotFound("protocol", name)
    model = model_of(asked.model) if asked.model is not None else _first_model(loaded.protocol)
    covariates = {**reference_facts(model), **{field: text for field, text in texts.items() if field in model.file.covariates}}
    taken = {field: str(value) for field, value in covariates.items() if field not in texts and field not in asked.covariates}
    if asked.regimen:
        return Told(loaded, model, None, None, covariates, taken)
    written = {field: one for field, one in asked.covariates.items() if field in _CHARTED and isinstance(one, str)}
    patient = {field: str(value) for field, value in covariates.items() if field in _CHARTED} | written | dict(texts)
    taken |= {field: patient[field] for field in _CHARTED if field in patient and field not in texts and field not in written}
    chosen = dict(choices)
    if "indication" not in chosen:
        taken["indication"] = chosen["indication"] = loaded.protocol.indications[0].code
    doses, dose = _sessions(library, loaded, patient, chosen, at)
    return Told(loaded, model, doses, dose, covariates, taken)


def _first_model(protocol: Protocol) -> Model:
    models = models_for(protocol, protocol.route)
    if not models:
        reason = why_none(protocol, protocol.route)
        refuse("pk.no-model-of-protocol", protocol=protocol.id, drug=protocol.drug.generic, route=protocol.route.value, reason=reason)
    return models[0]


def _sessions(
    library: Library, loaded: LoadedProtocol, texts: Mapping[str, str], choices: Mapping[str, str], at: datetime
) -> tuple[Planned, Quantity]:
    """The planned sessions as doses and the dose of one, for the model alone: nobody is screened here."""
    fields = library.reference.fields
    for field in texts:
        if field not in fields:
            raise NotFound("field", field)
    facts = PatientFacts.of(tuple(ChartFact(field, read_value(fields[field], text), at, "request") for field, text in texts.items()))
    choice, practice = read_choice(dict(choices), at.date()), Practice.among(loaded.tables.values())
    plan = make_plan(loaded.protocol, loaded.content_hash, loaded.general_rules, facts, choice, fields, at, practice=practice)
    doses = planned(plan)
    if isinstance(doses, Unplanned) or plan.dose is None:
        _refuse(plan, doses)
    return doses, plan.dose.amount


def _refuse(plan: Plan, why: Planned | Unplanned) -> NoReturn:
    """No doses: what is missing for them, or that they are not known beforehand."""
    lacking = [one for one in plan.findings if one.level is Level.MISSING]
    about = [one for one in lacking if one.code.partition(".")[0] in _OF_A_DOSE]
    if why is Unplanned.NO_DOSE and lacking:
        raise CommandRefused(about or lacking)
    refuse("pk.doses-not-known", protocol=plan.protocol)
