"""The therapies that the demo centre gives, each as the day of one made-up patient. Doses and rates are those that the protocols plan for
these patients; a test plays every day to its end."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from openinfusion.app.scenario import Scenario
from openinfusion_demo.day import CALM, Casting, Day, ml, ml_h
from openinfusion_demo.people import NURSE, PHARMACIST, PRESCRIBER, SECOND_NURSE, patient

Therapy = Callable[[Casting], Scenario]

_RITUXIMAB_FACTS = {
    "weight": "90 kg",
    "height": "160 cm",
    "allergy": "none",
    "concurrent": "none",
    "active.heavy_bleeding": "no",
    "history.cardiac": "no",
    "history.cardiac_uncontrolled": "no",
    "history.nyha": "0",
    "history.lung_disease": "no",
    "history.cardiopulmonary_reaction": "no",
    "history.severe_infusion_reaction": "no",
    "history.severely_immunocompromised": "no",
    "history.hypertension": "no",
    "history.vte": "no",
    "lab.hbsag_antihbc_done": "yes",
    "lab.hbv": "negative",
    "lab.neutrophils": "4.2 10*9/L",
    "lab.platelets": "250 10*9/L",
    "lab.lymphocytes": "1.8 10*9/L",
    "lab.circulating_malignant_cells": "0 /uL",
}
_RITUXIMAB_CHOICE = {
    "indication": "NHL",
    "infusion_number": "1",
    "product": "Rituxan",
    "region": "US",
    "phase": "relapsed-nhl",
    "diluent": "sodium-chloride-0.9%",
    "final_volume": "375 mL",
}
_RITUXIMAB_STEPS = ((50, "15"), (75, "45"), (100, "90"), (125, "150"), (150, "225"), (175, "315"))
"""The rates of the plan's ladder in mL/h, with what is in when each begins: 25 mL/h for 36 minutes is 15 mL."""
_START = 62
_EVERY = 36
"""Each step may be taken after half an hour; a colleague comes some minutes later, so that a visitor can take it first."""


def _rituximab_day(casting: Casting, *, second: str) -> Day:
    """Until the second check, which `second` enters; nobody does when it is empty."""
    day = Day(casting)
    day.ordered()
    content = {"drug": "rituximab", "product": "Rituxan", "amount": {"value": "750", "unit": "mg"}, "volume": ml("375")}
    day.prepared(10, PHARMACIST, route="IV", diluent="sodium-chloride-0.9%", **content)
    day.arrived(20, {"active.severe_infection": "no", "weight": "90 kg"}, CALM)
    cannula = {
        "device": "peripheral-cannula",
        "site": "forearm-right",
        "route": "IV",
        "line": "$line1",
        "gauge": "20 G",
        "blood_return": "true",
    }
    day.give(27, NURSE, "RecordAccess", access=cannula)
    day.give(30, NURSE, "RecordPremedication", id="give-paracetamol", given={"drug": "acetaminophen", "dose": "null", "route": "PO"})
    day.give(31, NURSE, "RecordPremedication", id="give-antihistamine", given={"drug": "antihistamine", "dose": "null", "route": "PO"})
    day.scanned(32, "container", "line")
    values = {"drug": "rituximab", "dose": {"value": "750", "unit": "mg"}, "volume": ml("375"), "rate": ml_h("25")}
    day.checked(40, NURSE, **values)
    day.joined(41)
    if second:
        day.checked(43, second, **values)
    return day


def _rituximab(day: Day, title: str) -> Scenario:
    who = patient(day.casting.number, "female", date(1970, 3, 1))
    return day.scenario(title, "iv-rituximab", who, _RITUXIMAB_FACTS, _RITUXIMAB_CHOICE)


def _climbing(day: Day) -> None:
    day.give(_START, NURSE, "StartInfusion", container_code="$container1", rate=ml_h("25"))
    day.tell(_START + 0.25, "infusing", "25", "0.1")
    for n, (rate, volume) in enumerate(_RITUXIMAB_STEPS, start=1):
        day.raised(_START + n * _EVERY, str(rate), volume)


def rituximab(casting: Casting) -> Scenario:
    """A first infusion up the ladder until all is in."""
    day = _rituximab_day(casting, second=SECOND_NURSE)
    _climbing(day)
    # The last 60 mL at 175 mL/h take 20.6 minutes.
    done = _START + len(_RITUXIMAB_STEPS) * _EVERY + 20.5
    day.completed(done, "375")
    day.observed(done + 2, CALM)
    day.gone_home(done + 35)
    return _rituximab(day, "Rituximab, first infusion")


def rituximab_with_reaction(casting: Casting) -> Scenario:
    """A first infusion with a reaction of grade 2 on the third rung; from then on at half the rate."""
    day = _rituximab_day(casting, second=SECOND_NURSE)
    _climbing(day)
    reacts = 140
    day.steps = [step for step in day.steps if float(step["at"].split()[0]) < reacts]
    signs = ["rigors", "flushing", "fever"]
    day.give(reacts, NURSE, "ReportReaction", signs=signs)
    # 36 minutes each at 25 and at 50 mL/h, then 6 minutes at 75 mL/h: 15 + 30 + 7.5 mL.
    day.tell(reacts + 0.25, "stopped", "0", "52.5")
    day.observed(reacts + 1, {**CALM, "bp": "108", "bp.systolic": "108", "pulse": "102", "temp": "38.4", "resp_rate": "20", "spo2": "96"})
    day.give(reacts + 2, NURSE, "GradeReaction", grade="2", scale="CTCAE-5", signs=signs)
    day.give(reacts + 3, NURSE, "RecordComplication", complication="cx.infusion_reaction", grade="2")
    day.give(reacts + 40, NURSE, "ResolveReaction")
    day.observed(reacts + 41, CALM)
    day.give(reacts + 42, NURSE, "ResumeAfterReaction", rate=ml_h("37.5"), second=SECOND_NURSE)
    day.tell(reacts + 42.25, "infusing", "37.5", "52.6")
    day.watched(range(reacts + 72, reacts + 530, 30), CALM)
    # What is left, 322.5 mL, takes 8.6 hours at 37.5 mL/h.
    done = reacts + 42 + 516
    day.completed(done, "375")
    day.observed(done + 2, CALM)
    day.gone_home(done + 35)
    return _rituximab(day, "Rituximab, first infusion with a reaction")


def rituximab_to_check(casting: Casting) -> Scenario:
    """A first infusion that waits for the second person at the check; a visitor goes on from there."""
    return _rituximab(_rituximab_day(casting, second=""), "Rituximab, waiting for the second check")


_INFLIXIMAB_FACTS = {
    "weight": "71 kg",
    "allergy": "none",
    "concurrent": "none",
    "active.heavy_bleeding": "no",
    "history.nyha": "0",
    "history.cardiac": "no",
    "history.demyelinating": "no",
    "history.hypertension": "no",
    "history.vte": "no",
    "lab.tb_screen_done": "yes",
    "lab.hbv": "negative",
}
_INFLIXIMAB_KEEPS = timedelta(hours=3)
"""The infusion is begun within three hours of preparation (iv2-remicade-hcp)."""
_INFLIXIMAB_CHOICE = {"indication": "CD", "infusion_number": "1", "product": "Remicade", "region": "US", "diluent": "sodium-chloride-0.9%"}
_CALM_WITH_SYMPTOMS = {**{code: CALM[code] for code in ("bp", "bp.systolic", "pulse", "temp")}, "symptoms": "none"}


def _infliximab_day(casting: Casting, *, is_prepared: bool = True) -> Day:
    """Until the start, or until a container is needed."""
    day = Day(casting)
    day.ordered()
    day.arrived(20, {"active.severe_infection": "no", "active.infection": "no", "weight": "71 kg"}, _CALM_WITH_SYMPTOMS)
    if not is_prepared:
        return day
    content = {"drug": "infliximab", "product": "Remicade", "amount": {"value": "355", "unit": "mg"}, "volume": ml("250")}
    until = casting.start + timedelta(minutes=30) + _INFLIXIMAB_KEEPS
    day.prepared(30, PHARMACIST, route="IV", diluent="sodium-chloride-0.9%", use_before=until.isoformat(), **content)
    cannula = {
        "device": "peripheral-cannula",
        "site": "forearm-left",
        "route": "IV",
        "line": "$line1",
        "gauge": "22 G",
        "blood_return": "true",
    }
    day.give(35, NURSE, "RecordAccess", access=cannula)
    day.scanned(38, "container", "line")
    day.joined(39)
    day.give(40, NURSE, "StartInfusion", container_code="$container1", rate=ml_h("125"))
    day.tell(40.25, "infusing", "125", "0.5")
    return day


def _infliximab(day: Day, title: str, minute: float) -> Scenario:
    day.watched(range(69, int(minute), 29), _CALM_WITH_SYMPTOMS)
    day.completed(minute, "250")
    day.watched((int(minute) + 5, int(minute) + 30), _CALM_WITH_SYMPTOMS)
    day.gone_home(minute + 65)
    return _of_infliximab(day, title)


def _of_infliximab(day: Day, title: str) -> Scenario:
    who = patient(day.casting.number, "female", date(1980, 5, 1))
    return day.scenario(title, "iv-infliximab", who, _INFLIXIMAB_FACTS, _INFLIXIMAB_CHOICE)


def infliximab(casting: Casting) -> Scenario:
    """Two hours at one rate, with a short pause."""
    day = _infliximab_day(casting)
    day.give(100, NURSE, "Pause", reason="toilet")
    day.tell(100.25, "paused", "0", "125")
    day.give(112, NURSE, "Resume", rate=ml_h("125"))
    day.tell(112.25, "infusing", "125", "125.5")
    return _infliximab(day, "Infliximab, first infusion", 172)


def infliximab_with_occlusion(casting: Casting) -> Scenario:
    """The line closes; a nurse finds it a good while later."""
    day = _infliximab_day(casting)
    day.tell(70, "alarm", "0", "62.5", "occlusion-downstream")
    day.give(100, NURSE, "Pause", reason="occlusion")
    # The flow that the chart counted while the line was closed did not happen: the nurse settles on what the pump says.
    day.give(100.5, NURSE, "DeclareAmountUncertain", lower=ml("62.5"), upper=ml("125"), reason="occlusion, seen late")
    day.give(101, NURSE, "ReconcileAmount", volume=ml("62.5"), reason="figure of the pump")
    day.give(102, NURSE, "Resume", rate=ml_h("125"))
    day.tell(102.25, "infusing", "125", "62.5")
    return _infliximab(day, "Infliximab with an occlusion", 192)


def infliximab_to_prepare(casting: Casting) -> Scenario:
    """The patient is here and the container is not; a visitor goes on from there."""
    return _of_infliximab(_infliximab_day(casting, is_prepared=False), "Infliximab, waiting for its container")


def infliximab_to_cosign(casting: Casting) -> Scenario:
    """An order against a contraindication of the European text, which waits for a second prescriber."""
    day = Day(casting)
    day.do(
        0,
        PRESCRIBER,
        "sign-order",
        reasons={"screen.contraindication:heart-failure-any-dose": "no other therapy is left; cardiology agrees"},
    )
    facts = {**_INFLIXIMAB_FACTS, "history.nyha": "3", "history.cardiac": "yes"}
    choice = {**_INFLIXIMAB_CHOICE, "product": "Inflectra", "region": "EU"}
    return day.scenario("Infliximab, to co-sign", "iv-infliximab", patient(casting.number, "male", date(1972, 9, 14)), facts, choice)


def labour_epidural(casting: Casting) -> Scenario:
    """A patient-controlled epidural: the establishing dose by hand, then boluses on request."""
    day = Day(casting)
    day.ordered()
    signs = {"bp": "116", "bp.systolic": "116", "pulse": "84"}
    block: Mapping[str, object] = {
        "sensory_level": "T10",
        "motor_bromage": {"value": "0", "unit": "{score}"},
        "pain": {"value": "2", "unit": "{score}"},
        "sedation": {"value": "1", "unit": "{score}"},
    }
    day.arrived(10, {"bp.systolic": "118 mm[Hg]"}, signs)
    day.observed(17, {"fetal_heart": "reassuring"})
    drug = "levobupivacaine-0.1%-fentanyl-2"
    day.prepared(18, PHARMACIST, drug=drug, product=drug, amount={"value": "250", "unit": "mg"}, volume=ml("250"), route="EPIDURAL")
    catheter = {"device": "epidural-catheter", "site": "L3-4", "route": "EPIDURAL", "line": "$line1", "antiseptic": "chlorhexidine-0.5%"}
    day.give(25, NURSE, "RecordAccess", access=catheter)
    day.scanned(26, "container", "line")
    values = {"drug": drug, "dose": ml("15"), "volume": ml("250"), "rate": ml_h("0")}
    day.checked(28, NURSE, **values)
    day.checked(29, SECOND_NURSE, **values)
    day.joined(30)
    day.give(31, NURSE, "StartInfusion", container_code="$container1", rate=ml_h("0"))
    day.give(32, NURSE, "RecordGiven", volume=ml("15"), container_code="$container1", reason="establishing dose by the anaesthetist")
    day.watched((37, 42, 47, 52), signs)
    day.watched(range(53, 330, 50), block)
    for bolus in (95, 107, 170, 240, 300):
        day.give(bolus, NURSE, "RequestBolus", by_patient="true")
        day.watched((bolus + 5, bolus + 10, bolus + 15), signs)
    day.give(330, NURSE, "Stop", reason="birth")
    day.give(331, NURSE, "ConfirmFlow", running="false")
    day.observed(335, block)
    day.give(340, NURSE, "TickDischarge", item="access-removed")
    day.observed(560, {**signs, **block})
    day.gone_home(570, with_access=False)
    who = patient(casting.number, "female", date(1994, 3, 2))
    facts = {
        "allergy": "none",
        "concurrent": "none",
        "lab.platelets": "210 10*9/L",
        "lab.wcc": "11 10*9/L",
        "bleeding.abnormal": "no",
        "infection.site": "no",
        "active.heavy_bleeding": "no",
        "raised_icp": "no",
        "bp.systolic": "118 mm[Hg]",
        "access.iv_cannula": "yes",
    }
    choice = {"indication": "labour-analgesia", "product": drug, "region": "UK", "dose_rule": "establish", "dose": "15 mL"}
    return day.scenario("Labour epidural", "ep-labour", who, facts, choice)


def immune_globulin_at_home(casting: Casting) -> Scenario:
    """Under the skin at two sites, at home with a nurse present."""
    day = Day(casting)
    day.ordered()
    calm = {"bp": "122", "symptoms": "none"}
    day.arrived(10, {"weight": "60 kg"}, calm)
    volume = ml("40")
    day.prepared(16, NURSE, drug="human normal immunoglobulin 20 %", product="Hizentra", amount=volume, volume=volume, route="SC")
    needles = {"device": "sc-needle-set-9mm", "site": "abdomen-left", "route": "SC", "antiseptic": "alcohol-70%"}
    day.give(20, NURSE, "RecordAccess", access=needles)
    day.scanned(21, "container")
    sites = ["abdomen-left", "abdomen-right"]
    day.give(23, NURSE, "StartInfusion", container_code="$container1", rate=ml_h("40"), sites=sites, gap_confirmed="true")
    day.give(23.5, NURSE, "ConfirmFlow", running="true", rate=ml_h("40"))
    day.watched((38, 53, 68), calm)
    day.completed(83, "40")
    diary = {"site": "abdomen left and right", "batch": f"DEMO{casting.number}", "volume": "40 mL", "reactions": "none"}
    day.give(85, NURSE, "RecordDiary", entries={"date": casting.start.date().isoformat(), **diary})
    day.watched((98, 113, 128, 143), calm)
    day.gone_home(144)
    facts = {
        "weight": "60 kg",
        "allergy": "none",
        "concurrent": "none",
        "renal_risk": "no",
        "history.hyperprolinaemia": "no",
        "lab.iga_deficient": "no",
        "lab.iga_deficient_with_antibody_and_reaction": "no",
        "history.vte_or_vascular_or_immobile": "no",
        "history.immunoglobulin": "no",
        "history.switched_product": "no",
        "history.switched_from_iv_immunoglobulin": "no",
    }
    choice = {
        "indication": "primary-immunodeficiency",
        "region": "EU",
        "product": "Hizentra",
        "dose_rule": "replacement-month",
        "dose": "40 mL",
        "phase": "replacement-weekly",
        "infusion_number": "1",
        "sites": "2",
    }
    return day.scenario("Immune globulin at home", "sc-ig", patient(casting.number, "female", date(1979, 5, 30)), facts, choice)


def influenza_vaccine(casting: Casting) -> Scenario:
    """One injection and a quarter of an hour of watching."""
    day = Day(casting)
    day.ordered()
    day.arrived(10, {}, {})
    volume = ml("0.5")
    day.prepared(15, NURSE, drug="influenza vaccine, inactivated", product="Fluarix", amount=volume, volume=volume, route="IM")
    day.give(
        16, NURSE, "RecordAccess", access={"device": "needle-25G-25mm", "site": "deltoid-left", "route": "IM", "antiseptic": "alcohol-70%"}
    )
    day.scanned(18, "container")
    day.give(19, NURSE, "GiveInjection", container_code="$container1", site="deltoid-left", volume=volume)
    day.gone_home(36, with_access=False)
    facts = {
        "allergy": "none",
        "bleeding_risk": "no",
        "history.anaphylaxis_influenza_vaccine": "no",
        "history.influenza_vaccine_this_season": "no",
        "active.illness": "none",
        "history.gbs_within_6wk": "no",
        "history.influenza_vaccine_doses": "3 {dose}",
    }
    choice = {"indication": "influenza-prevention", "region": "US", "product": "Fluarix"}
    return day.scenario("Influenza vaccine", "im-influenza-vaccine", patient(casting.number, "male", date(1986, 4, 11)), facts, choice)


_CEFTRIAXONE_FACTS = {
    "weight": "72 kg",
    "allergy": "none",
    "concurrent": "none",
    "bleeding_risk": "no",
    "history.severe_betalactam_allergy": "no",
}
_CEFTRIAXONE_CHOICE = {"indication": "gonorrhoea", "region": "US", "diluent": "lidocaine-1%", "reconstitution": "lidocaine-3.5-mL"}


def ceftriaxone_to_verify(casting: Casting) -> Scenario:
    """An order that waits for a pharmacist."""
    day = Day(casting)
    day.do(0, PRESCRIBER, "sign-order")
    who = patient(casting.number, "male", date(1996, 2, 9))
    return day.scenario("Ceftriaxone, to verify", "im-ceftriaxone", who, _CEFTRIAXONE_FACTS, _CEFTRIAXONE_CHOICE)


THERAPIES: Mapping[str, Therapy] = {
    one.__name__: one
    for one in (
        rituximab,
        rituximab_with_reaction,
        rituximab_to_check,
        infliximab,
        infliximab_with_occlusion,
        infliximab_to_prepare,
        infliximab_to_cosign,
        labour_epidural,
        immune_globulin_at_home,
        influenza_vaccine,
        ceftriaxone_to_verify,
    )
}
