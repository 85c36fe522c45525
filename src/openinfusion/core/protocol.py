"""The shape of a therapy protocol: a reviewed data file in which every number has a source. Frozen, closed, without prose.

Texts live in the leaflet and wording files. Nothing here reads a file, computes a dose or decides anything.
"""

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from openinfusion.core.figure import Figure, Source
from openinfusion.core.finding import Level
from openinfusion.core.part import Authority, Code, Part, Rule, Selection, When
from openinfusion.core.rate_shape import RateRule


class Route(StrEnum):
    """The four ways into the body."""

    IV = "IV"
    EPIDURAL = "EPIDURAL"
    IM = "IM"
    SC = "SC"


class Maturity(StrEnum):
    """What a file claims of itself; whether it may be used is a function of signatures."""

    DRAFT = "draft"
    EXAMPLE = "example"


class Legal(StrEnum):
    """Standing with the regulator. A withdrawn protocol cannot be ordered and stays readable."""

    LABELLED = "labelled"
    OFF_LABEL = "off_label"
    PRACTICE = "practice"
    LABELLED_AND_PRACTICE = "labelled_and_practice"
    WITHDRAWN = "withdrawn"


class Delivery(StrEnum):
    """How the drug is given. An injection has no pump and no infusion timer."""

    INTERMITTENT_INFUSION = "intermittent_infusion"
    STEPPED_INFUSION = "stepped_infusion"
    PATIENT_CONTROLLED = "patient_controlled"
    INJECTION = "injection"
    MULTI_SITE_INFUSION = "multi_site_infusion"


class Coding(Part):
    """A code of a public terminology."""

    system: Literal["ATC", "RxNorm", "SNOMED"]
    code: Code
    sources: tuple[Source, ...] = Field(min_length=1)


class Component(Part):
    """One ingredient of a mixture and how much of it is in it."""

    ingredient: Code
    concentration: Figure


class Mixture(Part):
    """A product with several ingredients: a volume of it is an amount of each."""

    product: Code
    components: tuple[Component, ...] = Field(min_length=1)


class Drug(Part):
    """What is given. `ingredients` are the names that allergies and windowed limits are matched against; `mixtures` say how much of each a
    product holds."""

    generic: str
    drug_class: str
    ingredients: tuple[Code, ...] = Field(min_length=1)
    high_alert: bool = False
    codes: tuple[Coding, ...] = ()
    products: tuple[Code, ...] = ()
    concentration: Figure | None = None
    mixtures: tuple[Mixture, ...] = ()


class Indication(Part):
    """What it is given for."""

    code: Code
    sources: tuple[Source, ...] = Field(min_length=1)


class Basis(StrEnum):
    """What a dose amount is multiplied with."""

    FLAT = "flat"
    PER_MASS = "per_mass"
    PER_AREA = "per_area"
    FROM_PREVIOUS = "from_previous"


class DoseRule(Rule):
    """How much. With `amount` it computes; with `low` and `high` a prescriber must choose inside the range; `per` is the interval of a
    periodic dose. With basis `from_previous` it replaces another product: the amount in field `previous`, over the interval in field
    `previous_every`, times `per`, times `factor`."""

    basis: Basis
    amount: Figure | None = None
    low: Figure | None = None
    high: Figure | None = None
    cap: Figure | None = None
    per: Figure | None = None
    factor: Figure | None = None
    previous: Code | None = None
    previous_every: Code | None = None
    selection: Selection = Selection.AUTOMATIC
    superseded_by: Code | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "DoseRule":
        converts = [part is not None for part in (self.factor, self.previous, self.previous_every)]
        if any(converts) != (self.basis is Basis.FROM_PREVIOUS) or any(converts) != all(converts):
            raise ValueError("factor, previous and previous_every stand together, with basis: from_previous only; write all three or none")
        if self.basis is Basis.FROM_PREVIOUS:
            if self.per is None or any(part is not None for part in (self.amount, self.low, self.high)):
                raise ValueError("a converted dose has no amount and no range of its own; write per and factor")
            return self
        if (self.amount is None) == (self.low is None or self.high is None):
            raise ValueError("write either amount, or low and high")
        if self.amount is None and self.selection is not Selection.PRESCRIBER:
            raise ValueError("a range needs selection: prescriber")
        return self


class Measure(StrEnum):
    """What a limit limits."""

    DOSE = "dose"
    DOSE_PER_MASS = "dose_per_mass"
    DOSE_PER_AREA = "dose_per_area"
    DOSE_PER_SITE = "dose_per_site"
    DOSE_RATE = "dose_rate"
    RATE = "rate"
    RATE_PER_SITE = "rate_per_site"
    VOLUME = "volume"
    VOLUME_PER_SITE = "volume_per_site"
    CONCENTRATION = "concentration"
    DURATION = "duration"
    INTERVAL = "interval"
    SITES = "sites"
    SITE_GAP = "site_gap"
    AGE = "age"
    BOLUS = "bolus"
    RATE_CHANGE = "rate_change"


class Strength(StrEnum):
    """A soft limit asks for a reason; nobody passes a hard one."""

    SOFT = "soft"
    HARD = "hard"


class Limit(Rule):
    """A bound on a measure. `of` names the ingredient that is measured (default: the drug as given). With `window` it bounds the total
    within any such span, with `course` that of the course and with `cumulative` that of the whole therapy, over all sources of the
    ingredient. A rate change is a rise: from one rate to the next, or with `window` above the lowest rate within such a span."""

    measure: Measure
    op: Literal["<", "<=", ">", ">=", "=="]
    figure: Figure
    strength: Strength
    window: Figure | None = None
    course: bool = False
    cumulative: bool = False
    of: Code | None = None
    supersedes: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _one_span(self) -> "Limit":
        if sum((self.window is not None, self.course, self.cumulative)) > 1:
            raise ValueError("several spans for one total; write one of window, course and cumulative, and another limit for the other")
        if self.measure is Measure.RATE_CHANGE and (self.op not in ("<", "<=") or self.course or self.cumulative):
            raise ValueError("a rise of the rate has an upper bound, in steps or within a window; write op: <= and perhaps window:")
        return self

    @property
    def is_total(self) -> bool:
        """Whether it bounds the sum of all that is given in a span."""
        return self.measure is not Measure.RATE_CHANGE and (self.window is not None or self.course or self.cumulative)


class NoHardMaximum(Part):
    """The explicit statement that a measure has no hard upper limit here: why, by which two roles it was signed, and on which day. In an
    example, which nobody has signed, the signatures on its whole content sign it."""

    measure: Measure
    reason: Literal["no-figure-in-sources", "not-applicable-to-delivery", "set-by-product-volume"]
    signed_by: tuple[Code, Code] | None = None
    date: dt.date | None = None

    @model_validator(mode="after")
    def _by_two(self) -> "NoHardMaximum":
        if (self.signed_by is None) != (self.date is None):
            raise ValueError("a signature has two roles and a day; write signed_by: [role, role] and date: YYYY-MM-DD")
        if self.signed_by is not None and self.signed_by[0] == self.signed_by[1]:
            raise ValueError("one role signed twice; write two different roles under signed_by")
        return self


class Reconstitution(Rule):
    """How a vial is dissolved: what it holds, what is added, what comes out."""

    holds: Figure
    diluent: Code
    add: Figure
    gives: Figure | None = None
    concentration: Figure | None = None


class Stability(Rule):
    """How long a preparation may wait, and where."""

    lasts: Figure
    condition: Code


class Preparation(Part):
    """How it is made ready. `containers` are the sizes of the product to which a dose can be rounded or from which it is drawn; `priming`
    fills the line, `flush` follows the infusion, `overfill` is more in the container than will be given."""

    diluents: tuple[Code, ...] = ()
    final_volume: Figure | None = None
    priming: Figure | None = None
    flush: Figure | None = None
    overfill: Figure | None = None
    containers: tuple[Figure, ...] = ()
    reconstitutions: tuple[Reconstitution, ...] = ()
    filter: Figure | None = None
    steps: tuple[Code, ...] = ()
    stability: tuple[Stability, ...] = ()
    bedside: bool = False
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _are_volumes(self) -> "Preparation":
        around = (self.priming, self.flush, self.overfill)
        if any(each is not None and (not each.quantity.is_like("mL") or each.quantity.value <= 0) for each in around):
            raise ValueError("priming, flush and overfill are volumes; write each in mL, above 0")
        return self


class Phase(Rule):
    """A stretch of a course: sessions at offsets from the first, or every so often, or once."""

    kind: Literal["offsets", "sessions", "once", "continuous", "prescribed"]
    offsets: tuple[Figure, ...] = ()
    every: Figure | None = None
    sessions: Figure | None = None
    fewest: Figure | None = None
    most: Figure | None = None
    selection: Selection = Selection.AUTOMATIC

    @model_validator(mode="after")
    def _says_when(self) -> "Phase":
        if self.kind == "offsets" and not self.offsets:
            raise ValueError("a phase of offsets without one; write offsets, the first usually 0")
        if self.kind == "sessions" and self.every is None:
            raise ValueError("a phase of sessions without an interval; write every")
        return self


class Premedication(Rule):
    """What is given before, at the latest `before` the start; without `dose` it follows its own label or standing order."""

    drug: Code
    route: str
    mandatory: bool
    before: Figure | None = None
    dose: Figure | None = None


class ScreenRule(Rule):
    """Who should not have it, and how strongly. `until` names the field whose change lifts it; one of `before: start` is asked on the
    day only."""

    when: When
    level: Level
    before: Literal["order", "start"] = "order"
    until: Code | None = None
    sources: tuple[Source, ...] = Field(min_length=1)


class Need(Rule):
    """A fact that must be known: before the order is signed, or before the infusion starts."""

    field: Code
    before: Literal["order", "start"]


class Moment(StrEnum):
    """When something is watched."""

    BASELINE = "baseline"
    BEFORE_INCREASE = "before_increase"
    DURING = "during"
    AFTER_BOLUS = "after_bolus"
    AFTER_END = "after_end"


class Monitoring(Rule):
    """What is watched, when and how often. `lasting` ends it after that time; without `every` it is watched once at its moment."""

    what: tuple[Code, ...] = Field(min_length=1)
    moment: Moment
    every: Figure | None = None
    lasting: Figure | None = None
    continuous: bool = False
    authority: Authority


class AlarmLimit(Rule):
    """A bound on an observed value whose crossing raises an alarm; with `of_baseline` the figure is a percentage of the baseline value."""

    observation: Code
    op: Literal["<", "<=", ">", ">="]
    figure: Figure
    of_baseline: bool = False
    priority: Literal["high", "medium", "low"]
    response: Code
    authority: Authority = Authority.PROTOCOL_MINIMUM


class ObservationAfter(Rule):
    """How long the patient stays observed after the confirmed end; of several that hold, the longest."""

    lasting: Figure
    authority: Authority


class ReactionAction(StrEnum):
    """What a grade means for this infusion."""

    CONTINUE = "continue"
    PAUSE = "pause"
    STOP_TODAY = "stop_today"
    STOP_FOR_GOOD = "stop_for_good"


class ReactionRule(Rule):
    """What follows a reaction of one of these grades; a restart is at most `restart_factor` times the last rate."""

    grades: tuple[int, ...] = Field(min_length=1)
    action: ReactionAction
    restart_factor: Figure | None = None
    recurrence: ReactionAction | None = None


class Sites(Part):
    """Where it may go in, and how far apart."""

    allowed: tuple[Code, ...] = Field(min_length=1)
    most: Figure | None = None
    gap: Figure | None = None
    rotate: bool = False
    sources: tuple[Source, ...] = ()


class RouteBan(Rule):
    """A route by which this preparation may never be given, whoever asks; with `diluent` only when so prepared."""

    route: Route
    diluent: Code | None = None
    sources: tuple[Source, ...] = Field(min_length=1)


class DoubleCheck(Part):
    """Whether a second person verifies blind before the start."""

    required: bool
    sources: tuple[Source, ...] = ()


class Evidence(Part):
    """A published result with what makes it readable: outcome, population, design, number, comparator. Only a printable one reaches a
    leaflet."""

    id: Code
    outcome: Code
    value: Figure
    n: int | None = None
    design: str
    population: str
    comparator: str
    printable: bool
    context: tuple[Source, ...] = Field(min_length=1)


class Effect(Part):
    """An effect to expect or to act on; the words stand in the leaflet and the wording file."""

    id: Code
    serious: bool
    complication: Code | None = None
    sources: tuple[Source, ...] = Field(min_length=1)


class Home(Part):
    """Whether it may be given at home, and how."""

    suitability: Literal["suitable", "conditional", "not_suitable"]
    nurse_present: bool = False
    diary: tuple[Code, ...] = ()
    sources: tuple[Source, ...] = Field(min_length=1)


class Gap(Part):
    """What the sources read do not give; the protocol has no figure there and says so."""

    id: Code
    about: Code


class Protocol(Part):
    """One therapy, whole. `tables` names the rule tables it relies on. By language: `terms` the words of its codes, `wording` the
    staff-facing sentence of each rule id, `leaflet` the patient's blocks."""

    schema_: Literal["openinfusion.protocol/1"] = Field(alias="schema")
    id: Code
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    title: str
    maturity: Maturity
    legal: Legal
    route: Route
    delivery: Delivery
    emergency: bool = False
    author: str
    drug: Drug
    indications: tuple[Indication, ...] = Field(min_length=1)
    needs: tuple[Need, ...] = ()
    doses: tuple[DoseRule, ...] = Field(min_length=1)
    limits: tuple[Limit, ...] = ()
    no_hard_maximum: tuple[NoHardMaximum, ...] = ()
    preparation: Preparation
    rates: tuple[RateRule, ...] = Field(min_length=1)
    schedule: tuple[Phase, ...] = Field(min_length=1)
    premedication: tuple[Premedication, ...] = ()
    contraindications: tuple[ScreenRule, ...] = ()
    cautions: tuple[ScreenRule, ...] = ()
    monitoring: tuple[Monitoring, ...] = ()
    alarms: tuple[AlarmLimit, ...] = ()
    observation_after: tuple[ObservationAfter, ...] = ()
    reactions: tuple[ReactionRule, ...] = ()
    sites: Sites | None = None
    route_bans: tuple[RouteBan, ...] = ()
    double_check: DoubleCheck
    effects: tuple[Effect, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    home: Home
    gaps: tuple[Gap, ...] = ()
    tables: tuple[Code, ...] = ()
    terms: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    wording: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    leaflet: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)

    def words(self, language: str) -> Mapping[str, str]:
        """What its codes are called and what its rules say, in a language where written, else in English; a rule's sentence goes first."""
        return {
            **self.terms.get("en", {}),
            **self.terms.get(language, {}),
            **self.wording.get("en", {}),
            **self.wording.get(language, {}),
        }

    @model_validator(mode="after")
    def _is_signed(self) -> "Protocol":
        """What has no hard maximum is signed by two roles, unless the whole file is an example that awaits its signatures."""
        unsigned = [said.measure.value for said in self.no_hard_maximum if said.signed_by is None]
        if unsigned and self.maturity is not Maturity.EXAMPLE:
            measures = ", ".join(unsigned)
            raise ValueError(f"no_hard_maximum of {measures} is not signed; add signed_by: [role, role] and date:, or a hard limit")
        return self

    @model_validator(mode="after")
    def _has_upper_limits(self) -> "Protocol":
        """Silence about a hard maximum of dose, rate or duration is refused (safety.md 6.1)."""
        said = {statement.measure for statement in self.no_hard_maximum}
        bounded = {limit.measure for limit in self.limits if limit.strength is Strength.HARD and limit.op in ("<", "<=", "==")}
        alike = {
            Measure.DOSE: {Measure.DOSE, Measure.DOSE_PER_MASS, Measure.DOSE_PER_AREA, Measure.DOSE_PER_SITE},
            Measure.RATE: {Measure.RATE, Measure.DOSE_RATE, Measure.RATE_PER_SITE},
            Measure.DURATION: {Measure.DURATION},
        }
        for measure, ways in alike.items():
            if not (ways & (bounded | said)):
                raise ValueError(f"no hard maximum for {measure.value}: add a hard limit, or say so under no_hard_maximum")
        return self
