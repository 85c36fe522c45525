"""A chair to test at: one session, its people, a clock that the test moves, and the history that the store would hold."""

from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.apply import fold, resume
from openinfusion.core.administration.context import Context, Elsewhere, Usability
from openinfusion.core.administration.decide import decide
from openinfusion.core.administration.events import SessionPlanned
from openinfusion.core.administration.parts import Access, Actor, CheckValues, Container, GivenDrug, Reading, ScanKind
from openinfusion.core.administration.preparing import diluents
from openinfusion.core.administration.session import SessionState
from openinfusion.core.errors import CommandRefused
from openinfusion.core.event import Event
from openinfusion.core.finding import Finding
from openinfusion.core.patient import PatientFacts
from openinfusion.core.prescribing.order import Plan
from openinfusion.core.prescribing.ordering import OrderState
from openinfusion.core.prescribing.rule import Order, merged
from openinfusion.core.protocol import Protocol, Route
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import InjectionVolumes, PumpFlow, ReactionDefaults
from tests.core.prescribing.therapies import FIELDS, FLAT, LADDER, ON_DEMAND, SINGLE, SOURCE, choice, facts, figure, limit, planned, therapy

START = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
PATIENT, BAG, LINE = "P-0000001", "C-0000001", "N-0000001"
STAFF = {
    "anna": Actor("anna", frozenset({"nurse"})),
    "ben": Actor("ben", frozenset({"nurse"})),
    "doctor": Actor("doctor", frozenset({"prescriber"})),
    "second": Actor("second", frozenset({"prescriber"})),
    "pharma": Actor("pharma", frozenset({"pharmacist"})),
    "pump-1": Actor("pump-1", frozenset({"device"})),
    "monitor-1": Actor("monitor-1", frozenset({"device"})),
}
DEFAULTS = ReactionDefaults.model_validate(
    {
        "schema": "openinfusion.table/1", "name": "reaction-defaults-1", "kind": "reaction_defaults", "recurrence": "stop_today",
        "anaphylaxis": "stop_for_good", "sources": [SOURCE],
        "rules": [
            {"id": "mild", "grades": [1], "action": "pause", "sources": [SOURCE]},
            {"id": "moderate", "grades": [2], "action": "pause", "restart_factor": figure("0.5 1"), "sources": [SOURCE]},
            {"id": "severe", "grades": [3], "action": "stop_today", "sources": [SOURCE]},
            {"id": "grave", "grades": [4, 5], "action": "stop_for_good", "sources": [SOURCE]},
        ],
    }
)  # fmt: skip
"""The engine's defaults of safety.md 8.4."""

PUMP_STATES = {"running": PumpFlow.FLOWS, "stopped": PumpFlow.RESTS, "paused": PumpFlow.RESTS, "kvo": PumpFlow.KEEP_OPEN}
VITALS = (Reading("bp.systolic", Quantity(120, "mm[Hg]")), Reading("pulse", Quantity(70, "/min")))


def stepped(**parts: Any) -> Protocol:
    """1000 mg in 250 mL by vein, from 50 mg/h in steps of 50 mg/h every 30 min up to 400 mg/h; vital signs before each step."""
    usual: dict[str, Any] = {
        "delivery": "stepped_infusion",
        "doses": [FLAT],
        "rates": [LADDER],
        "preparation": {"containers": [figure("1000 mg")], "diluents": ["saline"], "final_volume": figure("250 mL"), "sources": [SOURCE]},
        "premedication": [
            {"id": "fever", "drug": "acetaminophen", "route": "PO", "mandatory": True, "before": figure("30 min"), "sources": [SOURCE]}
        ],
        "monitoring": [
            {"id": "step", "what": ["bp", "pulse"], "moment": "before_increase", "authority": "site_policy", "sources": [SOURCE]}
        ],
        "observation_after": [{"id": "after", "lasting": figure("30 min"), "authority": "site_policy", "sources": [SOURCE]}],
        "reactions": [
            {"id": "mild", "grades": [1, 2], "action": "pause", "restart_factor": figure("0.5 1"), "sources": [SOURCE]},
            {"id": "severe", "grades": [3, 4], "action": "stop_today", "sources": [SOURCE]},
        ],
    }
    return therapy(**{**usual, **parts})


def on_demand(**parts: Any) -> Protocol:
    """10 mL on request, 10 min apart, at most 20 mL in any hour, over a basal flow of 4 mL/h, into the epidural space."""
    usual: dict[str, Any] = {
        "route": "EPIDURAL",
        "delivery": "patient_controlled",
        "doses": [FLAT],
        "rates": [{**ON_DEMAND, "basal": figure("4 mL/h")}],
        "preparation": {"containers": [figure("1000 mg")], "diluents": ["saline"], "final_volume": figure("250 mL"), "sources": [SOURCE]},
        "double_check": {"required": False},
    }
    return therapy(**{**usual, **parts})


def injected(**parts: Any) -> Protocol:
    """1000 mg in 4 mL by one needle into the thigh; a nurse may prepare it; never into a vein."""
    usual: dict[str, Any] = {
        "route": "IM",
        "delivery": "injection",
        "doses": [FLAT],
        "rates": [SINGLE],
        "preparation": {
            "containers": [figure("1000 mg")], "bedside": True, "sources": [SOURCE],
            "reconstitutions": [
                {
                    "id": "vial", "holds": figure("1000 mg"), "diluent": "lidocaine", "add": figure("3 mL"), "gives": figure("4 mL"),
                    "concentration": figure("250 mg/mL"), "sources": [SOURCE],
                }
            ],
        },
        "double_check": {"required": False},
        "sites": {"allowed": ["thigh", "gluteal"]},
        "route_bans": [{"id": "never-iv", "route": "IV", "sources": [SOURCE]}],
    }  # fmt: skip
    return therapy(**{**usual, **parts})


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as a store would hold it."""

    seq: int
    event: Event
    actor: str
    occurred_at: datetime
    recorded_at: datetime


class Chair:
    """One session on a clock. Every command is decided, appended and folded; the fold from scratch must give the same state."""

    def __init__(self, protocol: Protocol, plan: Plan | None = None, known: PatientFacts | None = None, now: datetime = START) -> None:
        self.protocol, self.now = protocol, now
        self.plan = planned(protocol) if plan is None else plan
        self.facts = facts() if known is None else known
        self.signed = OrderState(seq=2, patient="one", plan=self.plan, ordered_by="doctor", verified_by="pharma")
        self.usability = Usability.ACTIVE
        self.history: list[Happened] = []
        self.elsewhere: tuple[Elsewhere, ...] = ()
        self.screened: tuple[Finding, ...] = ()
        self.site_volumes: InjectionVolumes | None = None
        self.of_patient: list[Event] = []
        self.state = SessionState()
        self._take([SessionPlanned("one", "course", 1, self.plan, PATIENT)], "doctor", now)

    @property
    def status(self) -> str:
        """Where the session stands."""
        return self.state.status.value

    def copied(self) -> "Chair":
        """A chair with the same history, which goes its own way."""
        other = copy(self)
        other.history, other.of_patient = [*self.history], [*self.of_patient]
        return other

    def wait(self, **span: float) -> "Chair":
        """Let time pass."""
        self.now += timedelta(**span)
        return self

    def context(self, by: str, at: datetime | None = None) -> Context:
        """The surroundings of a decision by one person now, told to have happened `at`."""
        picked = choice()
        order = Order(self.protocol, picked, merged(self.facts, self.protocol, picked, None, self.now), FIELDS, self.now)
        return Context(
            session="one", order=order, signed=self.signed, usability=self.usability, actor=STAFF[by], now=self.now,
            occurred_at=at or self.now, reaction_defaults=DEFAULTS, screened=self.screened, elsewhere=self.elsewhere,
            pump_states=PUMP_STATES, pump_step=Quantity("0.1", "mL/h"),
            site_volumes=self.site_volumes,
        )  # fmt: skip

    def do(self, command: c.Command, by: str = "anna", at: datetime | None = None) -> tuple[Any, ...]:
        """Carry out a command; returns its events of this session, whose kind the test knows. Raises CommandRefused."""
        decided = decide(self.state, command, self.context(by, at))
        self.of_patient.extend(event for stream, event in decided if stream.startswith("patient/"))
        events = tuple(event for stream, event in decided if stream == "session/one")
        self._take(events, by, at or self.now)
        return events

    def refused(self, command: c.Command, by: str = "anna", at: datetime | None = None) -> frozenset[str]:
        """The codes for which a command is refused, empty when it is accepted; nothing changes."""
        try:
            decide(self.state, command, self.context(by, at))
        except CommandRefused as refusal:
            return frozenset(finding.code for finding in refusal.findings)
        return frozenset()

    def _take(self, events: list[Event] | tuple[Event, ...], by: str, at: datetime) -> None:
        fresh = [Happened(len(self.history) + n, event, by, at, self.now) for n, event in enumerate(events, 1)]
        self.history.extend(fresh)
        further = resume(self.state, fresh)
        self.state = fold(self.history) if further is None else further
        assert self.state == fold(self.history)

    # The usual steps of a visit
    def bag(self, code: str = BAG, **other: Any) -> Container:
        """The container of the plan, with any of its parts replaced."""
        dose, rates = self.plan.dose, self.plan.rates
        assert dose is not None
        assert rates is not None
        volume = rates.volume or dose.volume or Quantity(250, "mL")
        usual = Container(
            code, "drug", dose.amount, volume, Route(self.protocol.route), "LOT1", date(2026, 12, 31), "pharma", self.now,
            diluent=next(iter(diluents(self.protocol)), ""),
        )  # fmt: skip
        return replace(usual, **other)

    def checked_in(self) -> "Chair":
        """The patient is here and agrees; the kit is complete."""
        self.do(c.CheckIn(PATIENT, "chair 1"))
        self.do(c.RecordConsent(given=True, version="1"))
        self.do(c.RecordKitCheck(complete=True))
        return self

    def prepared(self, bag: Container | None = None) -> "Chair":
        """The pharmacist made the bag."""
        self.do(c.PrepareContainer(bag or self.bag()), "pharma")
        return self

    def with_access(self, **other: Any) -> "Chair":
        """There is a way in."""
        self.do(
            c.RecordAccess(
                replace(Access("cannula", "thigh" if self.protocol.sites else "left forearm", self.protocol.route, LINE), **other)
            )
        )
        return self

    def premedicated(self) -> "Chair":
        """All premedication was given and has had its time."""
        for one in self.plan.premedication:
            self.do(c.RecordPremedication(one.id, GivenDrug(one.drug, one.dose, one.route)))
        return self.wait(minutes=30)

    def scanned(self, code: str = BAG) -> "Chair":
        """The bag and the line were scanned at the chair."""
        self.do(c.Scan(ScanKind.CONTAINER, code))
        if self.state.access is not None and self.state.access.line:
            self.do(c.Scan(ScanKind.LINE, self.state.access.line))
        return self

    def values(self, **other: Any) -> CheckValues:
        """What a careful person reads and computes."""
        bag = self.state.containers[other.get("container_code", BAG)]
        rates = self.plan.rates
        first = rates.steps[0].rate if rates is not None and rates.steps else None
        if rates is not None and rates.on_demand is not None:
            first = rates.on_demand.basal or Quantity(0, "mL/h")
        usual = CheckValues(PATIENT, bag.code, "drug", bag.amount, bag.expiry, appearance_good=True, volume=bag.volume, rate=first)
        return replace(usual, **other)

    def verified(self) -> "Chair":
        """Both nurses checked on their own."""
        self.do(c.EnterCheck(self.values()), "anna")
        if self.protocol.double_check.required:
            self.do(c.EnterCheck(self.values()), "ben")
        return self

    def ready(self) -> "Chair":
        """Everything before the start is done."""
        return self.prepared().checked_in().with_access().premedicated().scanned().verified()

    def start(self) -> c.StartInfusion:
        """The start by the plan."""
        rates = self.plan.rates
        assert rates is not None
        first = (
            rates.steps[0].rate
            if rates.steps
            else (rates.on_demand.basal or Quantity(0, "mL/h"))
            if rates.on_demand
            else Quantity(0, "mL/h")
        )
        return c.StartInfusion(BAG, first)

    def running(self) -> "Chair":
        """The flow was started a moment ago."""
        self.ready().do(self.start())
        return self

    def vitals(self) -> "Chair":
        """Vital signs were charted."""
        self.do(c.RecordObservation(VITALS))
        return self


def rate(text: str) -> Quantity:
    """ "12.5" as mL/h."""
    return Quantity(text, "mL/h")


def window(text: str, span: str, **more: Any) -> dict[str, Any]:
    """A hard limit on the dose in any such span."""
    return limit("in-window", "dose", "<=", text, window=figure(span), **more)
