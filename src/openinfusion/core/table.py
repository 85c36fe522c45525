"""The shape of the rule tables that stand beside protocols: what every screening asks, emergency doses, responses, volumes and plausible
ranges.

Each number is a Figure. Nothing here reads a file, chooses a dose or decides anything.
"""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from openinfusion.core.complication import Complication
from openinfusion.core.criteria import Criterion, GradedTerm, LowPressure
from openinfusion.core.figure import Figure, Source
from openinfusion.core.part import Authority, Code, Part, Rule, Selection, When
from openinfusion.core.protocol import ReactionAction, ReactionRule, ScreenRule
from openinfusion.core.quantity import Quantity, unit
from openinfusion.core.scoring import Band, Grade, Parameter


class Table(Part):
    """Base of all tables. The name ends in its version: a changed table is a new one."""

    schema_: Literal["openinfusion.table/1"] = Field(alias="schema")
    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+-\d+$")]
    wording: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)


class GeneralScreening(Table):
    """Rules asked for every protocol of the named routes and drugs' kinds."""

    kind: Literal["general_screening"]
    rules: tuple[ScreenRule, ...] = Field(min_length=1)


class PlausibleRange(Rule):
    """Bounds outside which a value of a field is asked about; recording is never refused by them."""

    field: Code
    least: Figure | None = None
    most: Figure | None = None
    authority: Authority = Authority.SITE_POLICY


class Plausibility(Table):
    """What makes an entered number worth a question."""

    kind: Literal["plausibility"]
    ranges: tuple[PlausibleRange, ...] = Field(min_length=1)
    weight_change: Figure
    pounds_per_kilogram: Figure
    pounds_tolerance: Figure
    keep_open_rate: Figure


class WeightCap(Part):
    """The most that the dose per body mass may reach for weights under `below` or from `at_least`; without either, for every weight."""

    below: Figure | None = None
    at_least: Figure | None = None
    most: Figure


class AgeDose(Part):
    """The dose for ages from `since` up to and without `until`; with `low` and `high` the standing order fixes one, else the upper end
    holds."""

    since: Figure | None = None
    until: Figure | None = None
    dose: Figure | None = None
    low: Figure | None = None
    high: Figure | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "AgeDose":
        if (self.dose is None) == (self.low is None or self.high is None):
            raise ValueError("an age row with neither one dose nor a range; write dose, or low and high")
        return self


class EpinephrineScheme(Rule):
    """One published scheme for intramuscular epinephrine; never blended with another."""

    per_mass: Figure
    caps: tuple[WeightCap, ...] = Field(min_length=1)
    age_first: bool = False
    ages: tuple[AgeDose, ...] = ()
    ages_of: Code | None = None
    adult: Figure
    repeat: Figure
    repeat_latest: Figure | None = None
    refractory_after: Figure | None = None


class EpinephrineDoses(Table):
    """Intramuscular epinephrine in anaphylaxis: the site chooses one scheme by a signed standing order."""

    kind: Literal["epinephrine"]
    concentration: Figure
    volume_step: Figure | None = None
    site: Code
    schemes: tuple[EpinephrineScheme, ...] = Field(min_length=1)


class ResponseStep(Rule):
    """One step of a response, in order. `dose_from` names the table that computes its dose; `per_standing_order` prints the site's own
    signed value. It holds for body masses from `since_mass` up to and without `until_mass`, is due again `every` so often, is best done
    `within` a time, and may go on with the script of another complication."""

    n: int = Field(ge=1)
    figures: Mapping[str, Figure] = Field(default_factory=dict)
    gives: Code | None = None
    dose_from: Code | None = None
    per_standing_order: bool = False
    since_mass: Figure | None = None
    until_mass: Figure | None = None
    every: Figure | None = None
    within: Figure | None = None
    goes_on_with: Code | None = None

    @model_validator(mode="after")
    def _has_a_dose(self) -> "ResponseStep":
        if self.gives is not None and not (self.figures or self.dose_from or self.per_standing_order):
            raise ValueError("a drug without a dose; write figures with their sources, or per_standing_order: true")
        return self


class Watch(Rule):
    """How long to observe after a reaction; of several that hold, the longest. A prescriber selects what is not computable."""

    lasting: Figure
    selection: Selection = Selection.PRESCRIBER


class ResponseScript(Table):
    """What to do when a complication is met, step by step."""

    kind: Literal["response"]
    complication: Code
    asks: tuple[Code, ...] = ()
    steps: tuple[ResponseStep, ...] = Field(min_length=1)
    observe: tuple[Watch, ...] = ()
    sources: tuple[Source, ...] = ()


class Complications(Table):
    """Complications with the statements of the guide that they answer, how each is recognised and who is called; what is done stands in
    the script of each."""

    kind: Literal["complications"]
    complications: tuple[Complication, ...] = Field(min_length=1)


class SiteVolume(Rule):
    """The most that one of these places takes (none named: any other place) in a person of whom `when` holds: above `soft` a reason is
    asked, above `hard` nobody passes."""

    places: tuple[Code, ...] = ()
    when: When
    soft: Figure
    hard: Figure


class InjectionVolumes(Table):
    """Volumes per injection site; a product's own label wins over them."""

    kind: Literal["injection_volumes"]
    volumes: tuple[SiteVolume, ...] = Field(min_length=1)
    gap: Figure


class ReactionDefaults(Table):
    """What follows from a reaction where a protocol is silent: for every grade from 1 to 5, for a recurrence, and for anaphylaxis."""

    kind: Literal["reaction_defaults"]
    rules: tuple[ReactionRule, ...] = Field(min_length=1)
    recurrence: ReactionAction
    anaphylaxis: ReactionAction
    sources: tuple[Source, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _covers_all_grades(self) -> "ReactionDefaults":
        silent = set(range(1, 6)) - {grade for rule in self.rules for grade in rule.grades}
        if silent:
            raise ValueError(f"no rule for grade {min(silent)}; write one for every grade from 1 to 5")
        return self


class Harm(StrEnum):
    """What comes of an alarm that nobody answers."""

    IRREVERSIBLE = "irreversible"
    REVERSIBLE = "reversible"
    DISCOMFORT = "discomfort"


class Onset(StrEnum):
    """How soon it comes."""

    IMMEDIATE = "immediate"
    PROMPT = "prompt"
    DELAYED = "delayed"


class Priority(StrEnum):
    """How loudly an alarm calls, most urgent first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class AlarmClass(StrEnum):
    """Whether the patient, a device or the work is the matter."""

    PHYSIOLOGICAL = "physiological"
    TECHNICAL = "technical"
    WORKFLOW = "workflow"


class AlarmKind(Rule):
    """One kind of alarm. A latching one stays until a person resolves it with a reason."""

    alarm_class: AlarmClass
    harm: Harm
    onset: Onset
    latching: bool = False


class Escalation(Part):
    """Who is told of a high alarm that nobody acknowledged, and how long after it was raised."""

    to: Code
    after: Figure


class Trend(Part):
    """Of which observations a trend is told: one value `every` so often, over at least `over`, with so many pairs of them that `agree`,
    that would cross a limit within `ahead`."""

    channels: tuple[Code, ...]
    every: Figure
    over: Figure
    agree: Figure
    ahead: Figure


class Jump(Part):
    """A step of an observation, between two values no further apart than `within`, that no body makes: `step` or more."""

    observation: Code
    step: Figure
    within: Figure


class Asystole(Part):
    """When a heart rate of zero is told, and which other observations show a pulse all the same: `claims` at zero for `after`."""

    claims: tuple[Code, ...] = Field(min_length=1)
    pulses: tuple[Code, ...] = ()
    after: Figure


class Alarms(Table):
    """Every kind of alarm except the protocol's own limits, the one matrix that gives its priority, and the timings of all alarms."""

    kind: Literal["alarms"]
    priorities: Mapping[Harm, Mapping[Onset, Priority]]
    kinds: tuple[AlarmKind, ...] = Field(min_length=1)
    samples_to_end: Figure
    stale_after: Figure
    report_every: Figure
    keep_open_rate: Figure
    mismatch_after: Figure
    confirm_within: Figure
    overdue_after: Figure
    flush_lasts: Figure
    rate_tolerance: Figure
    again_after: Mapping[Priority, Figure]
    escalation: tuple[Escalation, ...] = ()
    unseen_after: Figure | None = None
    sound_pause: Figure | None = None
    sound_test_every: Figure | None = None
    trend: Trend | None = None
    zero_is_no_reading: tuple[Code, ...] = ()
    dead_band: Figure | None = None
    lost_after: Figure | None = None
    frozen_after: Figure | None = None
    frozen_is_no_reading: tuple[Code, ...] = ()
    jumps: tuple[Jump, ...] = ()
    score_set_within: Figure | None = None
    asystole: Asystole | None = None
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _is_total(self) -> "Alarms":
        for harm in Harm:
            for onset in Onset:
                if onset not in self.priorities.get(harm, {}):
                    raise ValueError(f"no priority for {harm.value} harm with {onset.value} onset; fill the whole matrix")
        return self


class PumpFlow(StrEnum):
    """What a pump's own state word says of the flow. Keep-open flow holds the line and is not the infusion."""

    FLOWS = "flows"
    BOLUS = "bolus"
    KEEP_OPEN = "keep_open"
    RESTS = "rests"


class PumpEvents(Table):
    """The state words and alarm codes that pumps send; a code that stands in no row is kept as it came and raises the `unknown` kind."""

    kind: Literal["pump_events"]
    states: Mapping[str, PumpFlow]
    events: tuple[AlarmKind, ...] = Field(min_length=1)
    unknown: AlarmKind
    sources: tuple[Source, ...] = ()


class Fold(Part):
    """By which factor a slip makes a number wrong, and how near to it a ratio must be to raise the question."""

    factor: Figure
    within: Figure


class Spelling(Part):
    """A way of writing a unit that is misread; one that is not `read` is only asked about, never taken for an amount."""

    written: Annotated[str, Field(min_length=1)]
    unit: Annotated[str, AfterValidator(lambda symbol: unit(symbol).symbol)]
    read: bool = True
    sources: tuple[Source, ...] = Field(min_length=1)


class DecimalPoint(Part):
    """Why a number is not written with a zero at its end or without one before its point."""

    sources: tuple[Source, ...] = Field(min_length=1)


class Consistency(Table):
    """How far two statements of one order may lie apart before they contradict each other, and which slips are suspected then."""

    kind: Literal["consistency"]
    tolerance: Figure
    pump_step: Figure
    ten_fold: Fold
    thousand_fold: Fold
    pounds: Fold
    spellings: tuple[Spelling, ...] = ()
    decimal_point: DecimalPoint


class DripSet(Rule):
    """A giving set for gravity: how many drops it makes of one millilitre."""

    drop_factor: Figure


class DripSets(Table):
    """The giving sets between which a nurse chooses; the package of the set has the last word."""

    kind: Literal["drip_sets"]
    sets: tuple[DripSet, ...] = Field(min_length=1)


class Figures(Table):
    """Figures that a guideline or a site may change, by name: steps of rounding, thresholds and factors of calculators."""

    kind: Literal["figures"]
    figures: Mapping[Code, Figure] = Field(min_length=1)


class Syringe(Rule):
    """A syringe: what it holds and what lies between two of its lines. Lines in units are made for one concentration of insulin."""

    capacity: Figure
    graduation: Figure
    marks_for: Figure | None = None

    @model_validator(mode="after")
    def _lines_fill_it(self) -> "Syringe":
        lines_in = "mL" if self.marks_for is None else "[iU]"
        for name, figure, kind in (("capacity", self.capacity, "mL"), ("graduation", self.graduation, lines_in)):
            if not figure.quantity.is_like(kind) or figure.quantity.base <= 0:
                raise ValueError(f"the {name} of a syringe is above zero and in {kind}")
        if self.marks_for is not None and not self.marks_for.quantity.is_like("[iU]/mL"):
            raise ValueError("marks_for is the concentration that the lines are made for, in [iU]/mL")
        if (self.capacity.quantity.base / self.step.base).denominator != 1:
            raise ValueError("the lines of a syringe end at its capacity; write a graduation that divides it")
        return self

    @cached_property
    def step(self) -> Quantity:
        """The volume between two lines."""
        line = self.graduation.quantity
        return line.to("mL") if self.marks_for is None else line.over(self.marks_for.quantity, "mL")

    @cached_property
    def order(self) -> tuple[Fraction, Fraction]:
        """Where it stands among others: smallest first, and of equal ones the coarser first."""
        return self.capacity.quantity.base, -self.step.base


class Syringes(Table):
    """The syringes between which a nurse chooses; what is printed on the barrel has the last word."""

    kind: Literal["syringes"]
    syringes: tuple[Syringe, ...] = Field(min_length=1)


class ReactionCriteria(Table):
    """The published criteria of anaphylaxis. A group is any of its marks; the groups `low-pressure` and `low-saturation` also hold by
    measurement."""

    kind: Literal["reaction_criteria"]
    pressure: LowPressure
    saturation: Figure
    groups: Mapping[Code, tuple[Code, ...]]
    criteria: tuple[Criterion, ...] = Field(min_length=1)


class AdverseEvents(Table):
    """Adverse events and what makes each of their grades, by one edition of the terminology."""

    kind: Literal["adverse_events"]
    terminology: Code
    edition: Code
    fever: Figure
    groups: Mapping[Code, tuple[Code, ...]] = Field(default_factory=dict)
    terms: tuple[GradedTerm, ...] = Field(min_length=1)


class Score(Table):
    """A published score or scale, by its name and edition: what scores points, how totals are banded, which signs make which grade.

    `single` is the least band that one parameter brings by itself.
    """

    kind: Literal["score"]
    scale: str = Field(min_length=1)
    edition: str = Field(min_length=1)
    parameters: tuple[Parameter, ...] = ()
    bands: tuple[Band, ...] = ()
    single: Band | None = None
    grades: tuple[Grade, ...] = ()
    figures: Mapping[Code, Figure] = Field(default_factory=dict)
    sources: tuple[Source, ...] = Field(min_length=1)

    @cached_property
    def by_name(self) -> Mapping[str, Parameter]:
        """The parameters by name."""
        return {one.name: one for one in self.parameters}


AnyTable = Annotated[
    GeneralScreening
    | Plausibility
    | EpinephrineDoses
    | ResponseScript
    | Complications
    | InjectionVolumes
    | ReactionDefaults
    | Alarms
    | PumpEvents
    | Consistency
    | DripSets
    | Figures
    | Syringes
    | Score
    | ReactionCriteria
    | AdverseEvents,
    Field(discriminator="kind"),
]
