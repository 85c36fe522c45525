"""What stands at the head of every patient page, and the facts of a patient by subject. Reads and sorts; judges nothing, shows nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openinfusion.app.ports import Identity, Ports
from openinfusion.app.prescribing import facts_of, history_of, reactions_of
from openinfusion.core.patient import OF_IDENTITY, Answer, Fact, FieldKind, FieldSpec, PatientFacts, elapsed
from openinfusion.core.prescribing.events import ReactionRemembered
from openinfusion.core.quantity import Quantity


class AllergyAnswer(StrEnum):
    """What is known of allergies. Only a named person's answer is an answer."""

    NOT_ASKED = "not-asked"
    UNKNOWN = "unknown"
    NONE_KNOWN = "none-known"
    SOME = "some"


@dataclass(frozen=True, slots=True)
class WeightSeen:
    """The newest weight and what it was before. `change` is a percentage of the earlier weight; None without an earlier one."""

    fact: Fact
    is_stale: bool
    before: Fact | None = None
    change: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Banner:
    """Who this is and what everybody must know before touching anything. `years` are completed ones."""

    identity: Identity
    years: int | None
    weight: WeightSeen | None
    allergies: AllergyAnswer
    allergic_to: tuple[str, ...]
    access: Fact | None
    reactions: tuple[ReactionRemembered, ...]


def banner(ports: Ports, patient_id: str) -> Banner:
    """The banner of a patient; raises NotFound."""
    identity, (facts, _) = ports.identities.get(patient_id), facts_of(ports, patient_id)
    answer, codes = allergies(facts)
    age = elapsed(identity.birth_date, ports.clock.now())
    return Banner(
        identity,
        None if age is None else age.to("a").value.__floor__(),
        weight_seen(ports, patient_id, facts),
        answer,
        codes,
        facts.get("access.device"),
        reactions_of(ports, patient_id),
    )


def allergies(facts: PatientFacts) -> tuple[AllergyAnswer, tuple[str, ...]]:
    """The answer to the question after allergies, and the substances when there are some."""
    fact = facts.get("allergy")
    match fact.value if fact else None:
        case None:
            return AllergyAnswer.NOT_ASKED, ()
        case Answer.NONE_KNOWN:
            return AllergyAnswer.NONE_KNOWN, ()
        case tuple() as codes if codes:
            return AllergyAnswer.SOME, codes
        case _:
            return AllergyAnswer.UNKNOWN, ()


def weight_seen(ports: Ports, patient_id: str, facts: PatientFacts) -> WeightSeen | None:
    """The newest weight with its change; None when there is none."""
    spec, newest = ports.library.reference.fields["weight"], facts.get("weight")
    if newest is None or not isinstance(newest.value, Quantity):
        return None
    stale = facts.is_stale(spec, ports.clock.now())
    earlier = [fact for fact in history_of(ports, patient_id, "weight") if fact.at < newest.at and isinstance(fact.value, Quantity)]
    before = max(earlier, key=lambda fact: fact.at, default=None)
    if before is None or not isinstance(before.value, Quantity) or before.value.value <= 0:
        return WeightSeen(newest, stale, before)
    ratio = newest.value.over(before.value, "1").value - 1
    return WeightSeen(newest, stale, before, Quantity(ratio * 100, "%").rounded(Quantity("0.1", "%")))


class Subject(StrEnum):
    """How facts are grouped on paper and on screen."""

    ALLERGIES = "allergies"
    BODY = "body"
    CONDITIONS = "conditions"
    MEDICINES = "medicines"
    LABORATORY = "laboratory"
    ACCESS = "access"
    THERAPY = "therapy"


_CHOSEN_WITH_THE_ORDER = frozenset(
    {"indication", "product", "region", "diluent", "infusion_number", "phase", "rate_rule", "first_of_course"}
)
_ASKED_IN_THE_SESSION = frozenset(
    {"consent", "site.anaphylaxis_kit_checked", "bp.systolic", "bp.systolic_low_in_labour", "access.iv_cannula"}
)
_BODY = frozenset({"weight", "height", "postmenstrual_age"})
_MEDICINES = frozenset({"concurrent", "last_lmwh_at"})
_THERAPY = frozenset({"previous_infusion_tolerated", "last_dose_at", "first_dose_at", "responded", "delivery_device"})


def subject_of(spec: FieldSpec) -> Subject | None:
    """Where a field is asked on the patient's pages; None for what is computed, chosen with the order, asked on the day, or identity."""
    if spec.kind in (FieldKind.ELAPSED, FieldKind.AGE) or spec.supplied_by == "computed" or spec.name in OF_IDENTITY:
        return None
    if spec.name in _CHOSEN_WITH_THE_ORDER | _ASKED_IN_THE_SESSION:
        return None
    by_name = {"allergy": Subject.ALLERGIES, "access.device": Subject.ACCESS}
    by_name |= dict.fromkeys(_BODY, Subject.BODY) | dict.fromkeys(_MEDICINES, Subject.MEDICINES) | dict.fromkeys(_THERAPY, Subject.THERAPY)
    if spec.name in by_name:
        return by_name[spec.name]
    if spec.supplied_by == "laboratory":
        return Subject.LABORATORY
    return Subject.THERAPY if spec.name.startswith("iv_immunoglobulin.") else Subject.CONDITIONS


def by_subject(fields: Mapping[str, FieldSpec]) -> Mapping[Subject, tuple[FieldSpec, ...]]:
    """The fields of each subject in the order of the dictionary."""
    grouped: dict[Subject, list[FieldSpec]] = {subject: [] for subject in Subject}
    for spec in fields.values():
        subject = subject_of(spec)
        if subject is not None:
            grouped[subject].append(spec)
    return {subject: tuple(specs) for subject, specs in grouped.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """One field with what is known of it; `fact` is None when it was never asked."""

    spec: FieldSpec
    fact: Fact | None
    is_stale: bool

    @property
    def subject(self) -> Subject | None:
        """Where the field is asked."""
        return subject_of(self.spec)


def known(facts: PatientFacts, specs: Sequence[FieldSpec], now: datetime) -> tuple[Known, ...]:
    """What is known of some fields."""
    return tuple(Known(spec, facts.get(spec.name), facts.is_stale(spec, now)) for spec in specs)


@dataclass(frozen=True, slots=True)
class Listed:
    """One order or session in a list, as its read model has it."""

    id: str
    title: str
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Therapies:
    """The orders and sessions of a patient, newest first."""

    orders: tuple[Listed, ...]
    sessions: tuple[Listed, ...]


def therapies(ports: Ports, patient_id: str) -> Therapies:
    """The orders and sessions of a patient."""
    return Therapies(_listed(ports, f"{patient_id}/course/", "orders"), _listed(ports, f"{patient_id}/session/", "sessions"))


def _listed(ports: Ports, prefix: str, model: str) -> tuple[Listed, ...]:
    ids = [row.key for row in reversed(ports.models.listed("therapies", prefix))]
    found = ports.models.many(model, ids)
    protocols = ports.library.entries()
    shown = []
    for one in ids:
        if one in found:
            name = str(found[one].content["protocol"])
            shown.append(Listed(one, protocols[name].protocol.title if name in protocols else name, found[one].content))
    return tuple(shown)
