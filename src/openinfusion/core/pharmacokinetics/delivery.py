"""What of a computed dose can be delivered, and how much of it the protocol's limits leave. It proposes nothing: `recommend` does.

A hard limit is never exceeded, rounding goes toward its safe side, and what was taken away is said."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction

from openinfusion.core.finding import Derivation, Finding, Level
from openinfusion.core.patient import Fact, FieldKind, FieldSpec, PatientFacts
from openinfusion.core.pharmacokinetics.refusal import lacking
from openinfusion.core.prescribing import limits as house
from openinfusion.core.prescribing.flow import Bolus, Given
from openinfusion.core.prescribing.order import Choice, DosePlan, RatePlan, RateStep
from openinfusion.core.prescribing.practice import DEFAULT_PRACTICE, Practice
from openinfusion.core.prescribing.rule import Order, standing
from openinfusion.core.protocol import Measure, Protocol, Strength
from openinfusion.core.quantity import Quantity, Rounding, ratio

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""Facts and decision stand at one moment: the kinetics have no calendar."""
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Giving:
    """How each dose will be given: how often, over which time (none: at once), of which concentration, in which portions.

    `vial` gives whole vials; `step` multiples of it; a concentration with a time multiples of the pump's step; a concentration alone what a
    syringe measures; nothing of these what can be prepared by the rounding table."""

    every: Quantity
    over: Quantity | None = None
    concentration: Quantity | None = None
    step: Quantity | None = None
    vial: Quantity | None = None
    practice: Practice = DEFAULT_PRACTICE

    def portion(self, dose: Quantity) -> Quantity:
        """The amount whose multiples can be delivered, for doses of about this size, in its unit."""
        if self.vial is not None or self.step is not None:
            return (self.vial or self.step or dose).to(dose.unit)
        if self.concentration is None:
            return self.practice.step_for(dose)
        if self.over is not None:
            return ratio(dose.unit, (self.practice.pump_step, self.over, self.concentration))
        volume = ratio("mL", (dose,), (self.concentration,))
        return ratio(dose.unit, (self.practice.step_for(volume), self.concentration))

    def volume(self, dose: Quantity) -> Quantity | None:
        """What a dose measures, where its concentration is known."""
        return None if self.concentration is None else ratio("mL", (dose,), (self.concentration,))

    def flow(self, dose: Quantity) -> Quantity | None:
        """What the pump is set to: a volume per hour where the concentration is known, else an amount; None for a dose at once."""
        if self.over is None:
            return None
        volume = self.volume(dose)
        return ratio("mL/h", (volume,), (self.over,)) if volume is not None else ratio(f"{dose.unit}/h", (dose,), (self.over,))


@dataclass(frozen=True, slots=True)
class Deliverable:
    """A dose that can be given: what it is, what rounding alone would have made of it, and what was found on the way; None where the limits
    leave none."""

    dose: Quantity | None
    rounded: Quantity
    portion: Quantity
    findings: tuple[Finding, ...]


Checked = Callable[[Quantity], tuple[Finding, ...]]
"""What the limits say of a dose."""


def deliverable(exact: Quantity, giving: Giving, checked: Checked) -> Deliverable:
    """The nearest dose that can be delivered, rounded to the safe side of a limit that lies between, or the greatest below it that no hard
    limit bans."""
    portion = giving.portion(exact)
    rounded, turned = _rounded(exact, portion, checked)
    count = int(rounded.base / portion.base)
    said = (*turned, *checked(rounded))
    banned = _bans(said)
    if count > 0 and not banned:
        return Deliverable(rounded, rounded, portion, said)
    kept = _greatest(count, lambda n: not _bans(checked(portion.scaled(n))))
    if kept == 0:
        code = "pk.rounds-to-nothing" if count == 0 else "pk.limits-leave-no-dose"
        return Deliverable(None, rounded, portion, (lacking(code, dose=exact, step=portion), *said))
    dose = portion.scaled(kept).to(exact.unit)
    sources = tuple(dict.fromkeys(source for one in banned for source in one.sources))
    names = tuple(dict.fromkeys(one.rule for one in banned))
    lowered = Finding("pk.lowered-to-limit", Level.CAUTION, {"dose": rounded, "lowered": dose, "limits": names}, sources)
    return Deliverable(dose, rounded, portion, (lowered, *checked(dose)))


def _rounded(exact: Quantity, portion: Quantity, checked: Checked) -> tuple[Quantity, tuple[Finding, ...]]:
    """The nearest multiple, or the one below where only rounding up would pass a limit; that is said."""
    nearest = exact.rounded(portion)
    below = exact.rounded(portion, Rounding.DOWN)
    if nearest <= exact or below.value <= 0 or _passed(checked(nearest)) <= _passed(checked(exact)):
        return nearest, ()
    return below, (Finding("dose.rounded-to-safe-side", Level.INFO, {"dose": exact, "rounded": below}),)


def _passed(findings: Sequence[Finding]) -> frozenset[str]:
    """The limits that some findings name."""
    return frozenset(one.rule for one in findings)


def _bans(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(one for one in findings if one.level is Level.BANNED)


def _greatest(above: int, allowed: Callable[[int], bool]) -> int:
    """The greatest number below another that is allowed, found by halving; 0 where none is. What bans a dose bans more of it."""
    low, high = 0, above
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if allowed(middle) else (low, middle)
    return low if low and allowed(low) else 0


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an order, or those of a protocol for a patient of whom only the weight is known. `history` holds what was given before,
    at times relative to the first proposed dose."""

    order: Order
    history: tuple[Given, ...] = field(default=())

    @classmethod
    def of(cls, given: Protocol | Order, weight: Quantity | None, history: tuple[Given, ...]) -> "Limits":
        """Of an order as it stands, or of a protocol: what its limits ask beyond the weight is then missing."""
        if isinstance(given, Order):
            return cls(given, history)
        facts = PatientFacts() if weight is None else PatientFacts.of([Fact("weight", weight, _EPOCH, "model")])
        choice = Choice(given.indications[0].code, _EPOCH.date())
        return cls(Order(given, choice, facts, _AnyField(), _EPOCH), history)

    def check(self, dose: Quantity, giving: Giving) -> tuple[Finding, ...]:
        """All limits that repeated doses pass, cannot be compared with, or may pass."""
        plan = DosePlan("", dose, dose, Quantity(0, dose.unit), Derivation(), giving.volume(dose))
        starts = [giving.every.scaled(n) for n in range(self._repeats(giving.every))]
        rates, later = None, self.history
        if giving.over is not None:
            rates = RatePlan("", "", Derivation(), tuple(_steps(dose, giving, starts)), giving.volume(dose), giving.over)
        else:
            later = (*later, *(Bolus(start, dose) for start in starts[1:]))
        parts = house.Parts(dose=plan, rates=rates, concentration=giving.concentration, history=later)
        return (*house.check(self.order, parts), *self._interval(giving.every))

    def _repeats(self, every: Quantity) -> int:
        """How many doses the longest window of a limit can hold, and one more."""
        windows = [limit.window.quantity for limit in self.order.protocol.limits if limit.window is not None]
        longest = max((window.base / every.base for window in windows), default=Fraction(0))
        return min(_LONGEST, int(longest) + 2)

    def _interval(self, every: Quantity) -> Iterator[Finding]:
        """Limits on the time between doses."""
        for limit in self.order.protocol.limits:
            if limit.measure is not Measure.INTERVAL or house.inside(every, limit):
                continue
            held = standing(limit, self.order)
            if held.binds or held.may_hold:
                level = Level.BANNED if limit.strength is Strength.HARD else Level.CAUTION
                side = "above" if limit.op.startswith("<") else "below"
                params = {"value": every, "limit": limit.figure.quantity}
                yield Finding(f"interval.{side}-{limit.strength.value}-limit", level, params, limit.sources, limit.id)


def _steps(dose: Quantity, giving: Giving, starts: Sequence[Quantity]) -> Iterator[RateStep]:
    over, flow = giving.over, giving.flow(dose)
    if over is None or flow is None:
        return
    amount = ratio(f"{dose.unit}/h", (dose,), (over,))
    volume = giving.volume(dose) or Quantity(0, "mL")
    for n, start in enumerate(starts, 1):
        yield RateStep(n, start, over, flow, volume, amount)


class _AnyField(Mapping[str, FieldSpec]):
    """Every field may be asked, and none but the weight is known."""

    def __getitem__(self, name: str) -> FieldSpec:
        return FieldSpec(name, FieldKind.QUANTITY, "model", unit="kg" if name == "weight" else "")

    def __iter__(self) -> Iterator[str]:
        return iter(("weight",))

    def __len__(self) -> int:
        return 1
