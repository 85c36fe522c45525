"""One therapy from an empty store to the discharge: two reviewers sign the protocol, a patient is registered by hand, and two nurses carry
a first infusion of rituximab through with the keyboard alone, past a pause, an occlusion and a reaction of grade 2.

The clock of the server is set by the test (`served.py`); it exists in no part of the program. The pump is simulated by its messages, sent
to the address that gateways use.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page

from tests.e2e import steps
from tests.e2e.keyboard import Keyboard
from tests.e2e.site import PASSWORD, Site

RITA = {
    "family_name": "Example",
    "given_name": "Rita",
    "birth_date": "1970-03-01",
    "sex": "female",
    "mrn": "EX-1002",
    "phone": "555 0100",
    "contact_name": "Otto Example",
    "contact_phone": "555 0101",
}
FACTS: dict[str, dict[str, str]] = {
    "allergies": {"allergy": "none"},
    "body": {"weight": "90", "weight.unit": "kg", "height": "160"},
    "medicines": {"concurrent": "none"},
    "laboratory": {
        "lab.hbsag_antihbc_done": "yes",
        "lab.hbv": "negative",
        "lab.neutrophils": "4.2",
        "lab.platelets": "250",
        "lab.lymphocytes": "1.8",
        "lab.circulating_malignant_cells": "0",
    },
}
CHOICE = {
    "indication": "NHL",
    "infusion_number": "1",
    "product": "Rituxan",
    "phase": "relapsed-nhl",
    "diluent": "sodium-chloride-0.9%",
    "final_volume": "375",
    "start_on": "T",
}
BAG = {"product": "Rituxan", "amount": "750", "volume": "375", "lot": "RX2209", "diluent": "sodium-chloride-0.9%"}
WELL = {"bp.systolic": "118", "bp.diastolic": "72", "pulse": "74", "resp_rate": "14", "spo2": "98", "temp": "36.8"}
SHIVERING = {"bp.systolic": "108", "bp.diastolic": "66", "pulse": "102", "resp_rate": "20", "spo2": "96", "temp": "38.4"}


class Chair:
    """Two nurses at one chair: both use the keyboard of one page; the second signs with their own name and password."""

    def __init__(self, site: Site, page: Page, patient_code: str, container: str) -> None:
        self.site, self.page, self.hands = site, page, Keyboard(page)
        self.patient_code, self.container = patient_code, container
        self._told = 0

    def after(self, minutes: float) -> None:
        """Time goes by; then the page is loaded anew, as F5 does, and the nurse begins to work on it: from then on it stays as it is."""
        self.site.passes(timedelta(minutes=minutes))
        self.page.reload()
        if "/sign-in" in self.page.url:  # nobody touched it for longer than the site allows
            self.hands.enter(self.page.locator("[name=name]"), "nora")
            self.hands.enter(self.page.locator("[name=password]"), PASSWORD)
            self.hands.press("Enter")
        self.page.keyboard.press("Tab")

    def says(self, *texts: str) -> None:
        """The page says each of these."""
        shown = " ".join(self.page.locator("main").inner_text().split())
        for text in texts:
            assert text in shown, (text, shown)

    def at(self, stage: str) -> None:
        """Go to a stage by its link, and be there."""
        if self.page.locator("h1").inner_text() != stage:
            self.hands.follow(stage)
        assert self.page.locator("h1").inner_text() == stage

    def alarm(self, text: str) -> None:
        """The alarm comes by itself, without anybody pressing a key."""
        self.page.locator(".alarm", has_text=text).wait_for()

    def chart(self, values: dict[str, str]) -> None:
        """Chart vital signs on the stage that is shown: those that it asks for."""
        form = self.hands.form("RecordObservation")
        asked = {f"readings.{code}": text for code, text in values.items() if form.locator(f'[name="readings.{code}"]').count()}
        assert asked
        self.hands.give("RecordObservation", asked, key="v")

    def pump(self, state: str, rate: str, volume: str, alarm: str = "") -> None:
        """What the pump says, through its gateway."""
        self._told += 1
        at = self.site.now().isoformat()
        report = {
            "state": state,
            "rate": {"value": rate, "unit": "mL/h"},
            "volume": {"value": volume, "unit": "mL"},
            "alarm": alarm,
            "buffered": False,
        }
        told = {"message_id": str(uuid.uuid4()), "device": "pump-1", "device_seq": self._told, "occurred_at": at, "sent_at": at}
        answer = self.site.device_says({**told, "report": report})
        assert answer.status_code == 201, answer.text

    def check(self, name: str) -> None:
        """One blind check, signed by this nurse at the chair."""
        read = {
            "values.patient_code": self.patient_code,
            "values.container_code": self.container,
            "values.drug": "rituximab",
            "values.dose": "750",
            "values.volume": "375",
            "values.rate": "25",
            "values.expiry": "2028-01-31",
            "values.appearance_good": "yes",
            "signer": name,
            "password": PASSWORD,
        }
        self.hands.give("EnterCheck", read, key="s")


def an_order_that_waits_at_the_chair(site: Site, page_of: Callable[[str], Page]) -> tuple[str, str, str]:
    """Everything before the chair; returns the session, the code on the wristband and the code on the bag."""
    paula, peter, fay, nora = (page_of(name) for name in ("paula", "peter", "fay", "nora"))
    for page, name in ((paula, "paula"), (peter, "peter"), (fay, "fay"), (nora, "nora"), (page_of("nils"), "nils")):
        steps.first_sign_in(page, site.codes[name])
    patient = steps.register(nora, RITA)
    for subject, facts in FACTS.items():
        steps.record(nora, patient, subject, facts)
    nora.goto(f"/patients/{patient}/facts/conditions")
    steps.record(nora, patient, "conditions", {**steps.harmless(nora), "history.nyha": "0"})

    paula.goto(f"/patients/{patient}/order/iv-rituximab")
    steps.answer(paula, CHOICE)
    steps.sent(paula, "Work it out")
    assert "This protocol is not signed by a prescriber and a pharmacist of this site" in paula.locator("main").inner_text()
    for reviewer in (peter, fay):
        steps.sign_protocol(reviewer, "iv-rituximab")
    course = steps.order(paula, patient, "iv-rituximab", CHOICE)
    steps.verify(fay, course)
    session = steps.plan_session(nora, course)
    tomorrow = (site.now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    container = steps.prepare(fay, session, {**BAG, "expiry": "2028-01-31", "use_before": tomorrow})
    return session, steps.wristband(nora, patient), container


def before_the_flow(chair: Chair) -> None:
    """Check-in to the second nurse's check."""
    hands = chair.hands
    hands.give("CheckIn", {"patient_code": chair.patient_code, "chair": "2"}, key="w")
    chair.at("Check-in")
    hands.give("RecordConsent", {"given": "yes"})
    hands.give("RecordKitCheck", {"complete": "yes"})
    hands.give("RecordFacts", {"active.severe_infection": "no", "weight": "90", "weight.unit": "kg"}, key="d")
    chair.at("Check-in")
    chair.chart(WELL)
    chair.at("Access")
    access = {"access.route": "IV", "access.device": "peripheral-cannula", "access.site": "right-forearm", "access.gauge": "20 G"}
    line = chair.page.locator('[name="access.line"]').input_value()
    hands.give("RecordAccess", {**access, "access.antiseptic": "chlorhexidine-alcohol", "access.blood_return": "yes"}, key="w")
    for drug in ("acetaminophen", "antihistamine"):
        chair.at("Premedicate")
        hands.give("RecordPremedication", {"given.route": "PO"}, among=f'[value="{drug}"]')
    chair.at("Verify")
    for code in (chair.patient_code, chair.container, line):
        hands.scan(code)
    chair.at("Verify")
    chair.says("✓ patient", "✓ container", "✓ line")
    chair.check("nora")
    chair.says("The first check is stored. What it says is not shown")
    assert chair.page.locator('[name="values.dose"]').input_value() == ""
    chair.check("nora")
    chair.says("One person did both checks. Recorded; the second does not count.")
    chair.check("nils")
    chair.says("nora and nils agree with the order")
    hands.give("AssociateDevice", {"device": "pump-1", "kind": "pump"})


def the_flow_to_the_reaction(chair: Chair) -> None:
    """Start, two rate steps, a pause, an occlusion, and the reaction."""
    hands = chair.hands
    chair.at("Verify")
    assert chair.page.get_by_role("button", name="Start at 25 mL/h").is_disabled()
    chair.says("What holds the start back")
    chair.after(31)  # ritux-drugs2: both premedications at least 30 minutes before the start
    hands.give("StartInfusion", key="g")
    chair.says("RUN ordered – not confirmed", "25 mL/h")
    chair.pump("infusing", "25", "0")
    chair.after(29)
    chair.pump("infusing", "25", "12")  # a pump that is silent for half an hour would leave the flow unknown
    chair.after(0)
    chair.page.locator("main", has_text="RUNNING").wait_for()  # once the watch has looked, the panel says so by itself
    chair.says("RUNNING", "What the next step waits for")
    assert chair.page.get_by_role("button", name="Next step: 50 mL/h").is_disabled()
    chair.after(1.5)
    chair.chart(WELL)
    hands.give("RaiseRate", key="n")
    chair.pump("infusing", "50", "12.7")
    chair.after(8)
    hands.give("Pause", key="t")
    chair.says("rests; ran at 50 mL/h")
    chair.pump("paused", "0", "19.4")
    chair.after(5)
    hands.give("Resume", key="g")
    chair.pump("infusing", "50", "19.4")
    chair.after(25)
    chair.chart(WELL)
    hands.give("RaiseRate", key="n")
    chair.pump("infusing", "75", "40.2")
    chair.after(10)
    chair.pump("alarm", "0", "52.7", "occlusion-downstream")
    chair.alarm("The line is blocked")
    hands.give("AcknowledgeAlarm")
    chair.says("seen by nora")
    hands.give("Pause", key="p")
    chair.after(1)
    hands.give("Resume", key="g")
    chair.pump("infusing", "75", "52.7")
    chair.after(9)


def the_reaction(chair: Chair) -> None:
    """Grade 2: stopped at once, never restarted above half the rate, and only when two people agree that it is over."""
    hands = chair.hands
    hands.give("ReportReaction", key="r")
    chair.at("Reaction")
    chair.pump("stopped", "0", "64")
    hands.give("ReportReaction", {"signs": "fever,chills,flushing"}, among="[name=signs]")
    chair.chart(SHIVERING)
    hands.give("GradeReaction", {"grade": "2", "scale": "CTCAE-5"}, key="s")
    chair.says("Grade 2", "restart at most at 37.5 mL/h")  # iv2-ritux-ra-hcp: restart at half the rate before, 75 / 2
    chair.after(30)
    hands.give("ResolveReaction")
    chair.chart(WELL)
    by_nils = {"second": "nils", "password": PASSWORD}
    above = hands.refused("ResumeAfterReaction", {"rate": "75", **by_nils}, key="g")
    assert "37.5 mL/h" in above
    alone = hands.refused("ResumeAfterReaction", {"rate": "37.5", "second": "nils", "password": "not the one of nils"}, key="g")
    assert "This name and password do not belong together. Nothing was signed." in alone
    hands.give("ResumeAfterReaction", {"rate": "37.5", **by_nils}, key="g")
    chair.at("Run")
    chair.pump("infusing", "37.5", "64")
    chair.after(31)
    chair.chart(WELL)
    hands.give("RaiseRate", key="n")
    chair.pump("infusing", "50", "83.5")
    chair.after(12)


def the_end(chair: Chair) -> None:
    """Stop, the time of observation, the criteria, the discharge."""
    hands = chair.hands
    hands.give("Stop", key="x")
    chair.says("STOP ordered – not confirmed")
    chair.pump("stopped", "0", "93.5")
    chair.page.reload()
    chair.at("Observe")
    chair.chart(WELL)
    chair.after(31)
    chair.at("Discharge")
    for item in ("access-removed", "site-covered", "teach-back", "leaflet-given", "contact-given"):
        hands.give("TickDischarge", among=f'[value="{item}"]')
    chair.says("the pump said 93.5 mL")
    hands.give("Discharge", key="s")


def the_record(page: Page) -> None:
    """What the printed record says: rates in their order, each volume the rate times its time, the sum of them as the total, the people."""
    rows = [[cell.strip() for cell in row.split("\t")] for row in page.locator("[aria-labelledby=r-seg] tbody tr").all_inner_texts()]
    assert [row[3] for row in rows] == [f"{rate} mL/h" for rate in ("25", "50", "50", "75", "75", "37.5", "50")]
    volumes = [Decimal(row[4].removesuffix(" mL")) for row in rows]
    for (_, start, end, rate, *_), volume in zip(rows, volumes, strict=True):
        hours = Decimal(_seconds(end) - _seconds(start)) / 3600
        assert abs(Decimal(rate.removesuffix(" mL/h")) * hours - volume) < Decimal("0.05")  # times are printed to the second
    total = page.locator("[aria-labelledby=r-seg] tfoot tr").first.locator("td.number").inner_text()
    assert Decimal(total.removesuffix(" mL")) == sum(volumes)
    text = " ".join(page.locator("main").inner_text().split())
    for part in (
        "performer nora, witness nils",
        "paula; verified by fay",
        f"rituximab (Rituxan) {page.locator('[aria-labelledby=r-cont] th.code').inner_text()}",
        "grade 2 (CTCAE version 5): Flushed, Fever, Chills; pause, at most 37.5 mL/h",
        "occlusion-downstream",
        "stopped at the bedside",
    ):
        assert part in text, (part, text)


def _seconds(clock: str) -> int:
    hours, minutes, seconds = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


@pytest.mark.timeout(300)  # about two hundred pages, each with its own key presses; the suite's limit is for single pages
def test_a_therapy_is_carried_from_an_empty_store_to_the_discharge_by_keyboard(site: Site, page_of: Callable[[str], Page]) -> None:
    site.until(hour=8)
    session, patient_code, container = an_order_that_waits_at_the_chair(site, page_of)
    page = page_of("nora")
    chair = Chair(site, page, patient_code, container)
    page.goto(f"/sessions/{session}")
    before_the_flow(chair)
    the_flow_to_the_reaction(chair)
    the_reaction(chair)
    the_end(chair)
    chair.hands.follow("Record")
    the_record(page)
    assert chair.hands.pointers_used() == 0
    walked = site.run("verify")
    assert walked["status"] == "ok"
    assert walked["events"] > 60
