"""What a prescriber chooses and what follows from it. A plan is a value: the same protocol, facts and choice always give the same plan."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from openinfusion.core.finding import Derivation, Finding, Verdict
from openinfusion.core.forms import LATER
from openinfusion.core.part import Region
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity


@dataclass(frozen=True, slots=True)
class Choice:
    """What the protocol cannot decide alone. Empty text and None mean: the protocol's own conditions decide, or it is missing and
    becomes a finding."""

    indication: str
    start_on: date
    infusion_number: int = 1
    product: str = ""
    region: Region | None = None
    phase: str = ""
    dose_rule: str = ""
    dose: Quantity | None = None
    rate_rule: str = ""
    rate: Quantity | None = None
    diluent: str = ""
    reconstitution: str = ""
    final_volume: Quantity | None = None
    whole_containers: bool = False
    sites: int | None = None


@dataclass(frozen=True, slots=True)
class DosePlan:
    """The amount to give: `exact` by the rule, `amount` after rounding to what can be prepared, `residual` their difference.

    `containers` counts units of `container`; `waste` is what is left in them. `volume` is that of the drug before dilution, where its
    concentration is known."""

    rule: str
    exact: Quantity
    amount: Quantity
    residual: Quantity
    derivation: Derivation
    volume: Quantity | None = None
    container: Quantity | None = None
    containers: int | None = None
    waste: Quantity | None = None


@dataclass(frozen=True, slots=True)
class RateStep:
    """One rung of the rate ladder, from `after_start` (infusing time) for `lasts`; `rate` is what the pump is set to, `volume` what it
    delivers."""

    n: int
    after_start: Quantity
    lasts: Quantity
    rate: Quantity
    volume: Quantity
    dose_rate: Quantity | None = None


@dataclass(frozen=True, slots=True)
class OnDemand:
    """A patient-controlled programme."""

    bolus: Quantity
    lockout: Quantity
    most: Quantity
    window: Quantity
    basal: Quantity | None = None


@dataclass(frozen=True, slots=True)
class PlannedBolus:
    """One portion by hand, at a time after the first; `dose` where the protocol writes the portion as an amount of drug."""

    n: int
    after_start: Quantity
    volume: Quantity
    dose: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """Volumes of the protocol that are not the infusion: what fills the line before, flushes it after, and is more in the container than
    will be given."""

    priming: Quantity | None = None
    flush: Quantity | None = None
    overfill: Quantity | None = None


@dataclass(frozen=True, slots=True)
class RatePlan:
    """How fast. `steps` is the ladder for the whole flow (all sites together); `per_site` the rate of one of `sites`; `boluses` are
    portions by hand; one injection has none of them."""

    rule: str
    shape: str
    derivation: Derivation
    steps: tuple[RateStep, ...] = ()
    volume: Quantity | None = None
    duration: Quantity | None = None
    on_demand: OnDemand | None = None
    sites: int | None = None
    per_site: Quantity | None = None
    boluses: tuple[PlannedBolus, ...] = field(default=(), metadata=LATER)
    around: Around | None = field(default=None, metadata=LATER)


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One session of the course; `number` counts from the first of the course, `infusion_number` over the patient's life with the drug."""

    number: int
    infusion_number: int
    on: date
    phase: str


@dataclass(frozen=True, slots=True)
class PlannedPremedication:
    """What is given before the start, at the latest `before` it; no dose means: by its own label or standing order."""

    id: str
    drug: str
    route: str
    mandatory: bool
    before: Quantity | None = None
    dose: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that follows from an order. `dose` and `rates` are None where something is missing; the findings say what."""

    protocol: str
    version: str
    content_hash: str
    route: Route
    choice: Choice
    findings: tuple[Finding, ...]
    verdict: Verdict
    dose: DosePlan | None = None
    rates: RatePlan | None = None
    course: tuple[PlannedSession, ...] = ()
    premedication: tuple[PlannedPremedication, ...] = ()
    concentration: Quantity | None = None
    observation: Quantity | None = None
    restart_factor: Fraction | None = None
