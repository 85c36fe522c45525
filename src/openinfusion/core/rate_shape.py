"""The closed set of ways in which a rate can be written in a protocol. `core.prescribing.rate` works them out."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from openinfusion.core.figure import Figure
from openinfusion.core.part import Part, Rule, Selection


class FixedDuration(Rule):
    """The whole volume over one time."""

    shape: Literal["fixed_duration"]
    selection: Selection = Selection.AUTOMATIC
    duration: Figure


class TimedRate(Part):
    """A rate from a time after the start."""

    after: Figure
    rate: Figure


class SteppedIncrement(Rule):
    """Start, raise by a step at each interval, up to a maximum."""

    shape: Literal["stepped_increment"]
    selection: Selection = Selection.AUTOMATIC
    start: Figure
    step: Figure
    every: Figure
    maximum: Figure

    @model_validator(mode="after")
    def _climbs(self) -> "SteppedIncrement":
        if self.step.quantity.value <= 0 or self.every.quantity.value <= 0 or self.start.quantity > self.maximum.quantity:
            raise ValueError("a ladder that does not climb; write a step and an interval above 0 and a start not above the maximum")
        return self


class ExplicitSteps(Rule):
    """A table of rates by time after the start."""

    shape: Literal["explicit_steps"]
    selection: Selection = Selection.AUTOMATIC
    steps: tuple[TimedRate, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> "ExplicitSteps":
        times = [step.after.quantity for step in self.steps]
        if times[0].value != 0 or any(later <= earlier for earlier, later in pairwise(times)):
            raise ValueError("steps out of order; begin with after: 0 and let each step be later than the one before")
        return self


class DosePart(Part):
    """A fraction of the dose between two times after the start."""

    since: Figure
    until: Figure
    fraction: Figure


class FractionOfDose(Rule):
    """Fractions of the dose in spans of time."""

    shape: Literal["fraction_of_dose"]
    selection: Selection = Selection.AUTOMATIC
    parts: tuple[DosePart, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> "FractionOfDose":
        edges = [edge for part in self.parts for edge in (part.since.quantity, part.until.quantity)]
        joined = edges[0].value == 0 and all(edges[n] == edges[n + 1] for n in range(1, len(edges) - 1, 2))
        if not joined or any(part.since.quantity >= part.until.quantity for part in self.parts):
            raise ValueError("parts that do not follow each other; begin with since: 0 and let each part begin where the one before ends")
        if sum(part.fraction.quantity.to("1").value for part in self.parts) != 1:
            raise ValueError("fractions that are not the whole dose; let them add up to exactly 1")
        return self


class PatientControlled(Rule):
    """The patient asks, the pump grants: bolus, lockout, most per window, and a basal flow where the source gives one."""

    shape: Literal["patient_controlled"]
    selection: Selection = Selection.AUTOMATIC
    bolus: Figure
    lockout: Figure
    most: Figure
    window: Figure
    basal: Figure | None = None


class SessionRate(Part):
    """The rate per site from a session on."""

    session: int = Field(ge=1)
    rate: Figure


class PerSiteBySession(Rule):
    """Several sites at once, each at a rate that depends on how many sessions went before."""

    shape: Literal["per_site_by_session"]
    selection: Selection = Selection.AUTOMATIC
    steps: tuple[SessionRate, ...] = Field(min_length=1)


class SingleInjection(Rule):
    """One injection by hand: no pump, no timer."""

    shape: Literal["single_injection"]
    selection: Selection = Selection.AUTOMATIC


class IncrementalBolus(Rule):
    """The whole volume in portions by hand, with a wait for effect between them; the last portion is what is left."""

    shape: Literal["incremental_bolus"]
    selection: Selection = Selection.AUTOMATIC
    increment: Figure
    wait: Figure

    @model_validator(mode="after")
    def _goes_on(self) -> "IncrementalBolus":
        if self.increment.quantity.value <= 0 or self.wait.quantity.value < 0:
            raise ValueError("portions that never end; write an increment above 0 and a wait that is not negative")
        return self


class RateRange(Rule):
    """A range from which a prescriber must choose; never planned alone."""

    shape: Literal["range"]
    selection: Literal[Selection.PRESCRIBER]
    low: Figure
    high: Figure


RateRule = Annotated[
    FixedDuration
    | SteppedIncrement
    | ExplicitSteps
    | FractionOfDose
    | PatientControlled
    | PerSiteBySession
    | IncrementalBolus
    | SingleInjection
    | RateRange,
    Field(discriminator="shape"),
]
