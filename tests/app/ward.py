"""A patient with a verified order of a shipped protocol and a planned session, on the fakes: where the use cases of the bedside begin."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID, uuid5

from openinfusion.app import bedside
from openinfusion.app.commands import envelope, write_command
from openinfusion.app.ports import Envelope, Identity
from openinfusion.app.prescribing import OrderRequest, draft, plan_session, record_facts, register_patient, sign_order, verify_order
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.parts import Access, Actor, CheckValues, Container, GivenDrug, Reading, ScanKind
from openinfusion.core.administration.preparing import diluents, latest_use
from openinfusion.core.administration.session import SessionState
from openinfusion.core.errors import CommandRefused
from openinfusion.core.finding import Level
from openinfusion.core.patient import Answer, Fact, FactValue, FieldKind, FieldSpec
from openinfusion.core.prescribing.order import Choice, Plan
from openinfusion.core.quantity import Quantity
from tests.app.fakes import Fakes, fakes, sent

PATIENT = UUID("11111111-1111-4111-8111-111111111111")
ANNA, BEN = Actor("anna", frozenset({"nurse"})), Actor("ben", frozenset({"nurse"}))
DOCTOR, PHARMA = Actor("doctor", frozenset({"prescriber"})), Actor("pharma", frozenset({"pharmacist"}))
PUMP = Actor("pump-1", frozenset({"device"}))
BAG, LINE = "C-BAG", "N-LINE"

RITUXIMAB = Choice("RA", date(2026, 11, 25), final_volume=Quantity(250, "mL"), diluent="sodium-chloride-0.9%", phase="ra-course")


def a_value(spec: FieldSpec) -> FactValue | None:
    """The harmless value of a field, None where there is none to make up."""
    match spec.kind:
        case FieldKind.BOOLEAN:
            return spec.name.endswith(("_done", "_tolerated", "_checked")) or spec.name == "consent"
        case FieldKind.CODES:
            return ("none",) if "none" in spec.codes else ()
        case _:
            return None


@dataclass
class Ward:
    """One patient, one course, any number of sessions."""

    fakes: Fakes
    protocol: str = "iv-rituximab"
    choice: Choice = RITUXIMAB

    def admitted(self, facts: Mapping[str, FactValue] | None = None) -> "Ward":
        """Register the patient with harmless answers to every question, and with these facts."""
        identity = Identity(str(PATIENT), "Example", "Eva", date(1980, 5, 1), "female", "MRN-1")
        register_patient(self.ports, identity, self.sent("clerk"), ANNA)
        harmless = {spec.name: a_value(spec) for spec in self.ports.library.reference.fields.values() if spec.supplied_by != "order"}
        usual: dict[str, FactValue] = {
            **{name: value for name, value in harmless.items() if value is not None},
            "allergy": Answer.NONE_KNOWN, "weight": Quantity(71, "kg"), "height": Quantity(178, "cm"),
            "lab.neutrophils": Quantity(4, "10*9/L"), "lab.platelets": Quantity(250, "10*9/L"), "lab.lymphocytes": Quantity(2, "10*9/L"),
            "lab.hbv": "negative", "history.nyha": Quantity(1, "1"), **(facts or {}),
        }  # fmt: skip
        at = self.fakes.clock.now()
        record_facts(self.ports, str(PATIENT), [Fact(name, value, at, "anna") for name, value in usual.items()], self.sent("anna"), ANNA)
        return self

    def ordered(self, course: str = "course-1") -> "Ward":
        """Sign with a reason for every caution, and verify."""
        plan = draft(self.ports, str(PATIENT), self.protocol, self.choice)
        reasons = {finding.key: "discussed" for finding in plan.findings if finding.level is Level.CAUTION}
        request = OrderRequest(course, str(PATIENT), self.protocol, self.choice, reasons)
        sign_order(self.ports, request, self.sent("doctor"), DOCTOR)
        verify_order(self.ports, course, self.sent("pharma"), PHARMA, 1)
        return self

    def planned(self, session: UUID, course: str = "course-1", number: int = 1) -> "Bed":
        """Plan one session."""
        plan_session(self.ports, course, number, session, self.sent("anna"), ANNA)
        return Bed(self, str(session))

    @property
    def ports(self):
        """The ports."""
        return self.fakes.ports

    def sent(self, actor: str) -> Envelope:
        """A new envelope now."""
        return sent(actor, self.fakes.clock.now())


@dataclass
class Bed:
    """One session of the patient, and the usual steps of a visit through the use case."""

    ward: Ward
    session: str
    bag_code: str = BAG

    @property
    def state(self) -> SessionState:
        """The session as it stands."""
        return bedside.state_of(self.ward.ports, self.session)

    @property
    def plan(self) -> Plan:
        """Its plan."""
        plan = self.state.plan
        assert plan is not None
        return plan

    def envelope(self, command: c.Command, by: Actor, key: str = "", minutes_ago: float = 0) -> Envelope:
        """The envelope of a command now; the same key makes the same id."""
        at = self.ward.fakes.clock.now() - timedelta(minutes=minutes_ago)
        identity = uuid5(PATIENT, key) if key else sent(by.id, at).command_id
        return envelope(identity, write_command(command), by.id, at)

    def do(self, command: c.Command, by: Actor = ANNA, seen: int | None = None, key: str = "", minutes_ago: float = 0) -> bedside.Answer:
        """Carry out a command."""
        return bedside.handle(self.ward.ports, self.session, command, self.envelope(command, by, key, minutes_ago), by, seen)

    def refused(self, command: c.Command, by: Actor = ANNA) -> frozenset[str]:
        """The codes of a refusal, empty when accepted."""
        try:
            self.do(command, by)
        except CommandRefused as refusal:
            return frozenset(finding.code for finding in refusal.findings)
        return frozenset()

    def wait(self, **span: float) -> "Bed":
        """Let time pass."""
        self.ward.fakes.clock.wait(**span)
        return self

    def bag(self) -> Container:
        """The bag of the plan."""
        dose, rates = self.plan.dose, self.plan.rates
        assert dose is not None
        assert rates is not None
        volume = rates.volume or dose.volume or Quantity(250, "mL")
        now = self.ward.fakes.clock.now()
        protocol = self.ward.ports.library.of_hash(self.plan.content_hash).protocol
        diluent = self.plan.choice.diluent or next(iter(diluents(protocol)), "")
        until = latest_use(bedside.view(self.ward.ports, self.session, ANNA).context.order, "", now)
        return Container(
            self.bag_code,
            protocol.drug.generic,
            dose.amount,
            volume,
            self.plan.route,
            "LOT",
            date(2026, 12, 31),
            "pharma",
            now,
            until,
            diluent,
        )

    def ready(self) -> "Bed":
        """Everything before the start."""
        bag = self.bag()
        self.do(c.PrepareContainer(bag), PHARMA)
        self.do(c.CheckIn(self.state.patient_code, "chair 1"))
        self.do(c.RecordConsent(given=True, version="1"))
        self.do(c.RecordKitCheck(complete=True))
        self.do(c.RecordAccess(Access("cannula", "left forearm", self.plan.route, LINE)))
        for one in self.plan.premedication:
            self.do(c.RecordPremedication(one.id, GivenDrug(one.drug, one.dose, one.route)))
        self.wait(minutes=30)
        self.do(c.Scan(ScanKind.CONTAINER, self.bag_code))
        self.do(c.Scan(ScanKind.LINE, LINE))
        rates = self.plan.rates
        first = rates.steps[0].rate if rates is not None and rates.steps else None
        values = CheckValues(
            self.state.patient_code, bag.code, bag.drug, bag.amount, bag.expiry, appearance_good=True, volume=bag.volume, rate=first
        )
        self.do(c.EnterCheck(values), ANNA)
        self.do(c.EnterCheck(values), BEN)
        return self

    def start(self) -> c.StartInfusion:
        """The start by the plan."""
        rates = self.plan.rates
        assert rates is not None
        return c.StartInfusion(self.bag_code, rates.steps[0].rate)

    def vitals(self) -> "Bed":
        """Vital signs in the normal range."""
        readings = (
            Reading("bp.systolic", Quantity(120, "mm[Hg]")), Reading("bp.diastolic", Quantity(75, "mm[Hg]")),
            Reading("pulse", Quantity(70, "/min")), Reading("temp", Quantity("36.8", "Cel")), Reading("resp_rate", Quantity(14, "/min")),
            Reading("spo2", Quantity(98, "%")),
        )  # fmt: skip
        self.do(c.RecordObservation(readings))
        return self


def ward(protocol: str = "iv-rituximab", choice: Choice = RITUXIMAB, *, is_demo: bool = True) -> Ward:
    """An empty ward for one protocol."""
    return Ward(fakes(is_demo=is_demo), protocol, replace(choice))
