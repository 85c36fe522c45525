"""What a protocol or table must hold beyond its shape: declared fields, fitting comparisons and units, unique ids, names that exist.
Never changes anything."""

from collections.abc import Iterator, Mapping
from typing import assert_never

from pydantic import BaseModel

from openinfusion.core.condition import AllOf, AnyOf, Compare, Comparison, Not, Within
from openinfusion.core.figure import Figure
from openinfusion.core.part import Region, Rule
from openinfusion.core.patient import FieldKind, FieldSpec
from openinfusion.core.protocol import Basis, DoseRule, Limit, Measure, Need, Protocol, ScreenRule
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.reading import Document, Place, Problems

Fields = Mapping[str, FieldSpec]

_AMOUNT = ("mg", "[iU]", "mmol", "meq", "mL", "{dose}")
_PER_MASS = ("mg/kg", "[iU]/kg", "mmol/kg", "meq/kg", "mL/kg")
_PER_AREA = ("mg/m2", "[iU]/m2", "mmol/m2", "mL/m2")
_DRUG_RATES = tuple(f"{amount}{body}/h" for amount in ("mg", "[iU]", "mmol", "meq") for body in ("", "/kg", "/m2"))
_BASIS_UNITS: Mapping[Basis, tuple[str, ...]] = {
    Basis.FLAT: _AMOUNT,
    Basis.PER_MASS: (*_PER_MASS, "mL/kg/mo", "mg/kg/d"),
    Basis.PER_AREA: _PER_AREA,
}
_MEASURE_UNITS: Mapping[Measure, tuple[str, ...]] = {
    Measure.DOSE: _AMOUNT,
    Measure.DOSE_PER_MASS: _PER_MASS,
    Measure.DOSE_PER_AREA: _PER_AREA,
    Measure.DOSE_PER_SITE: ("mg", "[iU]", "mg/{site}"),
    Measure.DOSE_RATE: _DRUG_RATES,
    Measure.RATE: ("mL/h", "mL/kg/h", *_DRUG_RATES),
    Measure.RATE_PER_SITE: ("mL/h", "mL/h/{site}"),
    Measure.VOLUME: ("mL", "mL/kg"),
    Measure.VOLUME_PER_SITE: ("mL", "mL/{site}"),
    Measure.CONCENTRATION: ("mg/mL", "[iU]/mL", "mmol/mL", "meq/mL"),
    Measure.DURATION: ("s",),
    Measure.INTERVAL: ("s",),
    Measure.SITES: ("1", "{site}"),
    Measure.SITE_GAP: ("cm",),
    Measure.AGE: ("a",),
    Measure.BOLUS: ("mL", "mg"),
    Measure.RATE_CHANGE: ("mL/h", "mL/kg/h", *_DRUG_RATES),
}
_TIME, _COUNT = ("s",), ("1", "{session}")
_ATTRIBUTE_UNITS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "duration",
            "every",
            "after",
            "since",
            "until",
            "lockout",
            "window",
            "offsets",
            "before",
            "lasting",
            "per",
            "lasts",
            "age",
            "repeat",
            "repeat_latest",
        ),
        _TIME,
    ),
    **dict.fromkeys(("fraction", "restart_factor", "sessions", "fewest"), _COUNT),
    **dict.fromkeys(("add", "final_volume"), ("mL",)),
}


def check_protocol(protocol: Protocol, document: Document, fields: Fields, problems: Problems) -> None:
    """All checks of one protocol; each problem is noted at its line."""
    _unique_ids(protocol, document, problems)
    _names_exist(protocol, document, problems)
    check_parts(protocol, document, _narrowed(protocol, fields), problems)
    if protocol.id != document.path.parent.name:
        problems.add(
            document,
            ("id",),
            f'the id "{protocol.id}" is not the name of the folder',
            f"write id: {document.path.parent.name}, or rename the folder",
        )


def check_parts(part: BaseModel, document: Document, fields: Fields, problems: Problems) -> None:
    """Fields, comparisons and units of every rule inside a protocol or table."""
    for place, item in parts_of(part, ()):
        match item:
            case Compare() | Within():
                _comparison(item, document, place, fields, problems)
            case Need(field=name) if name not in fields:
                _undeclared(name, document, (*place, "field"), problems)
            case ScreenRule(until=str(name)) if name not in fields:
                _undeclared(name, document, (*place, "until"), problems)
            case DoseRule() | Limit():
                _amounts(item, document, place, problems)
                _previous(item, document, place, fields, problems)
            case Figure() if place and (units := _ATTRIBUTE_UNITS.get(_attribute(place))):
                _like(item.quantity, units, document, place, problems)


def parts_of(item: object, place: Place) -> Iterator[tuple[Place, object]]:
    """Every part, figure and comparison inside a model, with its place in the file."""
    match item:
        case Compare():
            yield place, item
            yield from parts_of(item.operand, place)
        case Within():
            yield (*place, "within"), item
            yield from parts_of(item.age, (*place, "within", "age"))
        case AllOf(parts=parts) | AnyOf(parts=parts):
            key = "all" if isinstance(item, AllOf) else "any"
            for n, part in enumerate(parts):
                yield from parts_of(part, (*place, key, n))
        case Not(part=part):
            yield from parts_of(part, (*place, "not"))
        case BaseModel():
            yield place, item
            for name, spec in type(item).model_fields.items():
                yield from parts_of(getattr(item, name), (*place, spec.alias or name))
        case tuple():
            for n, part in enumerate(item):
                yield from parts_of(part, (*place, n))
        case Mapping():
            for key, part in item.items():
                yield from parts_of(part, (*place, str(key)))
        case _:
            return


def rule_ids(part: BaseModel) -> tuple[str, ...]:
    """The id of every rule, effect, result and gap, in the order of the file."""
    return tuple(
        name
        for place, item in parts_of(part, ())
        if place and isinstance(item, BaseModel) and isinstance(name := getattr(item, "id", None), str)
    )


def codes_of(protocol: Protocol) -> tuple[str, ...]:
    """Every code that people read and that is neither a rule id nor a product's own name; each needs a term."""
    preparation = protocol.preparation
    return tuple(
        dict.fromkeys(
            (
                *(indication.code for indication in protocol.indications),
                *protocol.drug.ingredients,
                *preparation.diluents,
                *(reconstitution.diluent for reconstitution in preparation.reconstitutions),
                *preparation.steps,
                *(stability.condition for stability in preparation.stability),
                *(each.drug for each in protocol.premedication),
                *(what for watched in protocol.monitoring for what in watched.what),
                *(code for alarm in protocol.alarms for code in (alarm.observation, alarm.response)),
                *(effect.complication for effect in protocol.effects if effect.complication),
                *(protocol.sites.allowed if protocol.sites else ()),
                *protocol.home.diary,
                *(result.outcome for result in protocol.evidence),
            )
        )
    )


def _attribute(place: Place) -> str:
    return next(str(part) for part in reversed(place) if isinstance(part, str))


def _unique_ids(protocol: Protocol, document: Document, problems: Problems) -> None:
    seen = set[str]()
    for place, item in parts_of(protocol, ()):
        name = getattr(item, "id", None)
        if place and isinstance(item, BaseModel) and isinstance(name, str):
            if name in seen:
                problems.add(
                    document,
                    (*place, "id"),
                    f'the id "{name}" stands twice',
                    "give each rule its own id; reasons and differences refer to it",
                )
            seen.add(name)


def _names_exist(protocol: Protocol, document: Document, problems: Problems) -> None:
    doses, limits = {rule.id for rule in protocol.doses}, {limit.id for limit in protocol.limits}
    for place, item in parts_of(protocol, ()):
        match item:
            case DoseRule(superseded_by=str(name)) if name not in doses:
                problems.add(
                    document, (*place, "superseded_by"), f'no dose rule has the id "{name}"', f"write one of {', '.join(sorted(doses))}"
                )
            case Limit(supersedes=names) if set(names) - limits:
                problems.add(
                    document, (*place, "supersedes"), f"no limit has the id {', '.join(sorted(set(names) - limits))}", "correct the id"
                )
            case _:
                pass
        if isinstance(item, Rule) and (unknown := set(item.products) - set(protocol.drug.products)):
            problems.add(
                document,
                (*place, "products"),
                f"{', '.join(sorted(unknown))} is no product of the drug",
                "add it under drug.products or correct it",
            )


def _narrowed(protocol: Protocol, fields: Fields) -> Fields:
    """The dictionary with the codes that this protocol itself lists."""
    own = {
        "indication": tuple(indication.code for indication in protocol.indications),
        "product": protocol.drug.products,
        "region": tuple(region.value for region in Region),
        "diluent": protocol.preparation.diluents,
        "rate_rule": tuple(rule.id for rule in protocol.rates),
        "phase": tuple(phase.id for phase in protocol.schedule),
    }
    return {
        name: FieldSpec(
            spec.name, spec.kind, spec.supplied_by, spec.unit, own.get(name, spec.codes), spec.of, spec.maximum_age, spec.meaning
        )
        for name, spec in fields.items()
    }


def _undeclared(name: str, document: Document, place: Place, problems: Problems) -> None:
    problems.add(
        document,
        place,
        f'the field "{name}" is not declared',
        "use a field of fields.yaml, or declare it there with kind, unit and who supplies it",
    )


def _comparison(item: Compare | Within, document: Document, place: Place, fields: Fields, problems: Problems) -> None:
    spec = fields.get(item.field)
    if spec is None:
        _undeclared(item.field, document, (*place, "field"), problems)
    elif isinstance(item, Compare) and (wanted := _unfit(item, spec)):
        problems.add(document, place, f'this comparison does not fit the field "{spec.name}" of kind {spec.kind.value}', wanted)


def _unfit(item: Compare, spec: FieldSpec) -> str:
    """What to write instead where operand and operator do not fit the kind of field, empty where they do."""
    match spec.kind, item.operand:
        case FieldKind.BOOLEAN, bool():
            return ""
        case FieldKind.BOOLEAN, _:
            return "write `is: true` or `is: false`"
        case ((FieldKind.QUANTITY | FieldKind.ELAPSED | FieldKind.AGE), Figure(quantity=quantity)):
            return "" if quantity.is_like(spec.unit) else f"write a unit of the same kind as {spec.unit}"
        case ((FieldKind.QUANTITY | FieldKind.ELAPSED | FieldKind.AGE), _):
            return f"write op, value and a unit like {spec.unit}"
        case ((FieldKind.CODE | FieldKind.CODES), (str() | tuple()) as operand):
            return _unfit_codes((operand,) if isinstance(operand, str) else operand, item.op, spec)
        case ((FieldKind.CODE | FieldKind.CODES), _):
            return "write `is: code`, or `in` (one code) or `any_of` (a set of codes) with a list"
        case ((FieldKind.MOMENT | FieldKind.DAY), _):
            return "ask for its age with `within`, or compare an elapsed field"
        case _:
            assert_never(spec.kind)


def _unfit_codes(wanted: tuple[str, ...], op: Comparison, spec: FieldSpec) -> str:
    if (op is Comparison.IN and spec.kind is FieldKind.CODES) or (op is Comparison.ANY_OF and spec.kind is FieldKind.CODE):
        return "write `any_of` for a field of kind codes, `in` for a field of kind code"
    unknown = [code for code in wanted if code not in spec.codes]
    return f"{', '.join(unknown)} is none of its codes: {', '.join(spec.codes) or 'it has none here'}" if unknown else ""


def _previous(item: DoseRule | Limit, document: Document, place: Place, fields: Fields, problems: Problems) -> None:
    """The fields from which a converted dose is taken are declared."""
    names = {"previous": item.previous, "previous_every": item.previous_every} if isinstance(item, DoseRule) else {}
    for key, name in names.items():
        if name is not None and name not in fields:
            _undeclared(name, document, (*place, key), problems)


def _amounts(item: DoseRule | Limit, document: Document, place: Place, problems: Problems) -> None:
    if isinstance(item, Limit):
        _like(item.figure.quantity, _MEASURE_UNITS[item.measure], document, (*place, "figure"), problems)
        return
    for name in ("amount", "low", "high"):
        figure = getattr(item, name)
        if isinstance(figure, Figure):
            _like(figure.quantity, _BASIS_UNITS[item.basis], document, (*place, name), problems)
    if item.cap is not None:
        _like(item.cap.quantity, _AMOUNT, document, (*place, "cap"), problems)


def _like(quantity: Quantity, units: tuple[str, ...], document: Document, place: Place, problems: Problems) -> None:
    if not any(quantity.is_like(symbol) for symbol in units):
        problems.add(
            document,
            (*place, "unit"),
            f'the unit "{quantity.unit}" is of another kind than this figure',
            f"write a unit like {' or '.join(units)}",
        )
