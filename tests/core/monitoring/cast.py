"""The small protocol, plan and session that the tests of monitoring share, and the tables as they ship."""

from datetime import UTC, date, datetime, timedelta

from openinfusion.core.administration.parts import Flow, Status
from openinfusion.core.administration.session import SessionState
from openinfusion.core.figure import Figure, Source, Tier
from openinfusion.core.finding import Derivation, Verdict
from openinfusion.core.prescribing.order import Choice, Plan, RatePlan, RateStep
from openinfusion.core.protocol import Protocol, Route
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import AnyTable
from openinfusion.protocols.load import load_reference

SOURCE = Source(cite="label", at="2.1", tier=Tier.A)
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_TABLES = load_reference().tables


def shipped_table(name: str) -> AnyTable:
    """A rule table as it ships."""
    return _TABLES[name]


def figure(value: str, unit: str) -> Figure:
    """A sourced figure."""
    return Figure(quantity=Quantity(value, unit), sources=(SOURCE,))


def after(minutes: float) -> datetime:
    """So many minutes after the start."""
    return START + timedelta(minutes=minutes)


def protocol_with(**parts: object) -> Protocol:
    """A small infusion protocol with some parts of its own."""
    fields: dict[str, object] = {
        "schema": "openinfusion.protocol/1",
        "id": "iv-example",
        "version": "1.0.0",
        "title": "Example",
        "maturity": "example",
        "legal": "labelled",
        "route": "IV",
        "delivery": "stepped_infusion",
        "author": "author",
        "drug": {"generic": "example", "drug_class": "example", "ingredients": ("example",)},
        "indications": ({"code": "use", "sources": (SOURCE,)},),
        "doses": ({"id": "flat", "basis": "flat", "amount": figure("100", "mg"), "sources": (SOURCE,)},),
        "no_hard_maximum": tuple({"measure": m, "reason": "no-figure-in-sources"} for m in ("dose", "rate", "duration")),
        "preparation": {},
        "rates": ({"id": "two-hours", "shape": "fixed_duration", "duration": figure("2", "h"), "sources": (SOURCE,)},),
        "schedule": ({"id": "once", "kind": "once", "sources": (SOURCE,)},),
        "double_check": {"required": False},
        "home": {"suitability": "not_suitable", "sources": (SOURCE,)},
    }
    return Protocol.model_validate({**fields, **parts})


def ladder(*rates: str, lasts: str = "30") -> RatePlan:
    """A ladder of rates in mL/h, each for some minutes."""
    steps = tuple(
        RateStep(
            n=n + 1,
            after_start=Quantity(lasts, "min").scaled(n),
            lasts=Quantity(lasts, "min"),
            rate=Quantity(rate, "mL/h"),
            volume=Quantity(rate, "mL/h").times(Quantity(lasts, "min"), "mL"),
        )
        for n, rate in enumerate(rates)
    )
    volume = sum((step.volume for step in steps[1:]), steps[0].volume)
    return RatePlan(
        rule="ladder",
        shape="stepped_increment",
        derivation=Derivation(),
        steps=steps,
        volume=volume,
        duration=Quantity(lasts, "min").scaled(len(steps)),
    )


def plan_with(**parts: object) -> Plan:
    """The plan of one session of the small protocol."""
    fields: dict[str, object] = {
        "protocol": "iv-example",
        "version": "1.0.0",
        "content_hash": "0" * 64,
        "route": Route.IV,
        "choice": Choice(indication="use", start_on=date(2026, 3, 2)),
        "findings": (),
        "verdict": Verdict.NONE,
        "rates": ladder("50", "100", "150"),
    }
    return Plan(**{**fields, **parts})  # type: ignore[arg-type]  # the parts of a test are named, not typed


def running(**parts: object) -> SessionState:
    """A session that has run since the start."""
    fields: dict[str, object] = {
        "status": Status.INFUSING,
        "flow": Flow.RUNNING,
        "rate": Quantity(50, "mL/h"),
        "plan": plan_with(),
        "arrived_at": after(-60),
        "started_at": START,
        "ordered_at": START,
    }
    return SessionState(**{**fields, **parts})  # type: ignore[arg-type]  # the parts of a test are named, not typed
