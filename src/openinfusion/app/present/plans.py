"""A plan, a protocol and the difference between two, as lines for people and as JSON. Numbers in JSON are decimal text with a unit."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from openinfusion.app.present.findings import finding, finding_json, level_word, sources_json, verdict_words
from openinfusion.app.present.numbers import derivation_lines, duration_text, quantity, quantity_json
from openinfusion.app.present.rate_tables import rate_table_json, rate_table_lines
from openinfusion.app.present.words import NO_GLOSSARY, Glossary, Translate, plain, readable
from openinfusion.core.canonical import Json
from openinfusion.core.figure import Figure, Source
from openinfusion.core.finding import Derivation
from openinfusion.core.part import Rule
from openinfusion.core.prescribing.order import DosePlan, OnDemand, Plan, RatePlan, RateStep
from openinfusion.core.prescribing.rate_table import RateTable, rate_table
from openinfusion.core.protocol import Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.review import Change, Leaf


def derivation_json(derivation: Derivation) -> list[Json]:
    """Each step with its operation, inputs, result, sources and its line for people."""
    lines = derivation_lines(derivation)
    return [
        {
            "operation": step.operation,
            "inputs": {name: quantity_json(amount) for name, amount in step.inputs},
            "result": quantity_json(step.result),
            "sources": sources_json(step.sources),
            "text": line,
        }
        for step, line in zip(derivation.steps, lines, strict=True)
    ]


def table_of(plan: Plan, drop_factor: Quantity | None = None) -> RateTable | None:
    """The rate table of a plan; None where it has no rates or their volumes are not known."""
    return None if plan.rates is None else rate_table(plan.rates, plan.concentration, drop_factor)


def plan_json(
    plan: Plan, translate: Translate = plain, glossary: Glossary = NO_GLOSSARY, drop_factor: Quantity | None = None
) -> dict[str, Json]:
    """Everything that follows from an order; `dose`, `rates` and `rate_table` are null where something is missing, and the findings say
    what. With a drop factor the table has drops."""
    return {
        "protocol": {"id": plan.protocol, "version": plan.version, "hash": plan.content_hash},
        "route": plan.route.value,
        "verdict": plan.verdict.value,
        "findings": [finding_json(found, translate, glossary) for found in plan.findings],
        "dose": _dose_json(plan.dose),
        "rates": _rates_json(plan.rates),
        "rate_table": rate_table_json(table_of(plan, drop_factor)),
        "concentration": quantity_json(plan.concentration),
        "observation": quantity_json(plan.observation),
        "course": [
            {"number": one.number, "infusion_number": one.infusion_number, "on": one.on.isoformat(), "phase": one.phase}
            for one in plan.course
        ],
        "premedication": [
            {
                "id": one.id,
                "drug": one.drug,
                "route": one.route,
                "mandatory": one.mandatory,
                "before": quantity_json(one.before),
                "dose": quantity_json(one.dose),
            }
            for one in plan.premedication
        ],
    }


def _dose_json(dose: DosePlan | None) -> Json:
    if dose is None:
        return None
    return {
        "rule": dose.rule,
        "exact": quantity_json(dose.exact),
        "amount": quantity_json(dose.amount),
        "residual": quantity_json(dose.residual),
        "volume": quantity_json(dose.volume),
        "container": quantity_json(dose.container),
        "containers": dose.containers,
        "waste": quantity_json(dose.waste),
        "tier": dose.derivation.tier.value if dose.derivation.tier else None,
        "derivation": derivation_json(dose.derivation),
    }


def _rates_json(rates: RatePlan | None) -> Json:
    if rates is None:
        return None
    return {
        "rule": rates.rule,
        "shape": rates.shape,
        "volume": quantity_json(rates.volume),
        "duration": quantity_json(rates.duration),
        "steps": [_step_json(step) for step in rates.steps],
        "on_demand": _on_demand_json(rates.on_demand),
        "sites": rates.sites,
        "per_site": quantity_json(rates.per_site),
        "derivation": derivation_json(rates.derivation),
    }


def _step_json(step: RateStep) -> Json:
    return {
        "n": step.n,
        "after_start": quantity_json(step.after_start),
        "lasts": quantity_json(step.lasts),
        "rate": quantity_json(step.rate),
        "volume": quantity_json(step.volume),
        "dose_rate": quantity_json(step.dose_rate),
    }


def _on_demand_json(demand: OnDemand | None) -> Json:
    if demand is None:
        return None
    parts = {"bolus": demand.bolus, "lockout": demand.lockout, "most": demand.most, "window": demand.window, "basal": demand.basal}
    return {name: quantity_json(amount) for name, amount in parts.items()}


def plan_lines(
    plan: Plan, translate: Translate = plain, glossary: Glossary = NO_GLOSSARY, drop_factor: Quantity | None = None
) -> Iterator[str]:
    """A plan for the command line: verdict, findings, dose with its arithmetic, rates, course, premedication."""
    yield verdict_words(plan.verdict, translate)
    for found in plan.findings:
        yield f"  [{level_word(found.level, translate)}] {finding(found, translate, glossary).text}{_cited(found.sources)}"
    if plan.dose is not None:
        yield from _dose_lines(plan.dose, translate)
    if plan.rates is not None:
        yield from _rate_lines(plan.rates, translate)
        table = table_of(plan, drop_factor)
        yield from () if table is None else (f"  {line}" for line in rate_table_lines(table, translate))
    for before in plan.premedication:
        amount = quantity(before.dose, translate) if before.dose is not None else translate("by its own label or standing order")
        yield translate("Before: {drug}, {dose}").format(drug=readable(before.drug), dose=amount)
    for one in plan.course:
        yield translate("Session {number}: {on}").format(number=one.number, on=one.on.isoformat())
    if plan.observation is not None:
        yield translate("Observation after the end: {time}").format(time=duration_text(plan.observation, translate))


def _dose_lines(dose: DosePlan, translate: Translate) -> Iterator[str]:
    yield translate("Dose: {dose}").format(dose=quantity(dose.amount, translate))
    yield from (f"  {line}" for line in derivation_lines(dose.derivation, translate))
    if dose.residual.value:
        yield "  " + translate("Rounding left {residual}").format(residual=quantity(dose.residual, translate))
    if dose.containers is not None and dose.container is not None:
        yield "  " + translate("Containers: {count} of {size}").format(count=dose.containers, size=quantity(dose.container, translate))
    if dose.waste is not None and dose.waste.value:
        yield "  " + translate("Left in them: {waste}").format(waste=quantity(dose.waste, translate))
    if dose.derivation.tier is not None:
        yield "  " + translate("Weakest source used: tier {tier}").format(tier=dose.derivation.tier.value)


def _rate_lines(rates: RatePlan, translate: Translate) -> Iterator[str]:
    if rates.volume is not None and rates.duration is not None:
        over = translate("Rates: {volume} in {time}")
        yield over.format(volume=quantity(rates.volume, translate), time=duration_text(rates.duration, translate))
    if rates.on_demand is not None:
        demand = rates.on_demand
        line = translate("On demand: {bolus}, then {lockout} rest, at most {most} in {window}")
        yield line.format(
            bolus=quantity(demand.bolus, translate),
            lockout=quantity(demand.lockout, translate),
            most=quantity(demand.most, translate),
            window=quantity(demand.window, translate),
        )
    if rates.sites is not None and rates.per_site is not None:
        yield translate("Places: {sites}, each {rate}").format(sites=rates.sites, rate=quantity(rates.per_site, translate))


def protocol_lines(protocol: Protocol, content_hash: str, language: str = "en") -> Iterator[str]:
    """A protocol for reading: every rule with its sentence, every figure with its sources and tiers, and what the sources do not give."""
    wording = protocol.words(language)
    yield f"{protocol.title} ({protocol.id} {protocol.version})"
    yield f"{protocol.route.value}, {readable(protocol.delivery.value)}, {readable(protocol.legal.value)}, {protocol.maturity.value}"
    yield content_hash
    for name in type(protocol).model_fields:
        part = getattr(protocol, name)
        lines = list(_part_lines(part, wording, "  ")) if name not in ("terms", "wording", "leaflet", "gaps") else []
        if lines:
            yield f"{readable(name).capitalize()}:"
            yield from lines
    for gap in protocol.gaps:
        yield f"Not in the sources: {readable(gap.id)} ({readable(gap.about)})"


def _part_lines(part: object, wording: Mapping[str, str], indent: str, name: str = "") -> Iterator[str]:
    match part:
        case Figure():
            yield f"{indent}{readable(name) + ': ' if name else ''}{quantity(part.quantity)}{_cited(part.sources)}"
        case Source():
            return
        case BaseModel():
            inner = indent
            if isinstance(part, Rule):
                yield f"{indent}{part.id}: {wording.get(part.id, '')}".rstrip(": ") + _cited(part.sources)
                inner = f"{indent}  "
            for field in type(part).model_fields:
                yield from _part_lines(getattr(part, field), wording, inner, field)
        case tuple():
            for item in part:
                yield from _part_lines(item, wording, indent, name)
        case _:
            return


def _cited(sources: tuple[Source, ...]) -> str:
    return "".join(f" [{source.cite}, {source.at}, {source.tier.value}]" for source in sources)


def change_line(change: Change, translate: Translate = plain) -> str:
    """One difference: where, what it was, what it is."""
    where = " / ".join(readable(part) for part in change.path)
    return f"{where}: {_leaf(change.old, translate)} -> {_leaf(change.new, translate)}"


def change_json(change: Change) -> dict[str, Json]:
    """One difference with exact values."""
    return {"path": [*change.path], "old": _leaf_json(change.old), "new": _leaf_json(change.new)}


def _leaf(leaf: Leaf | None, translate: Translate) -> str:
    if leaf is None:
        return translate("absent")
    return quantity(leaf, translate) if isinstance(leaf, Quantity) else leaf


def _leaf_json(leaf: Leaf | None) -> Json:
    return quantity_json(leaf) if isinstance(leaf, Quantity) else leaf
