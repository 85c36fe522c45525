"""Kinetics on pages: routes compared, an order's expected level, a session's level from what flowed, levels that were measured. Each page
says that it is a simulation, and none orders anything."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

import openinfusion
from openinfusion.app import kinetic_views
from openinfusion.app.present.kinetic_drawing import figure
from openinfusion.core.administration.volume import delivered
from openinfusion.core.pharmacokinetics.estimate import found
from openinfusion.core.pharmacokinetics.fit import Fit
from openinfusion.core.pharmacokinetics.patient_facts import read_person
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.samples import read
from openinfusion.core.pharmacokinetics.target import Auc
from openinfusion.core.quantity import ratio
from openinfusion.protocols.kinetics import load_kinetics, load_model
from tests.web.cast import Clinic, register, text_of
from tests.web.ward import play, state

SIMULATION = "is a simulation from a published model for a typical patient, not a measured level"


def test_the_page_lists_every_model_and_every_absent_one_with_its_reason(nurse: Client) -> None:
    page = text_of(nurse.get("/kinetics"))
    assert SIMULATION in page
    kinetics = load_kinetics()
    assert [name for name in kinetics.models if name not in page] == []
    assert [one.reason for one in kinetics.absent if one.reason not in page] == []
    for title in ("It acts fast", "Its amount is controlled", "It works without swallowing", "A depot stays longer"):
        assert title in page


def test_one_drug_is_compared_by_its_routes_or_the_page_says_why_not(nurse: Client) -> None:
    asked = {"model": "enoxaparin-feng-2006", "dose": "4000 [iU]", "above": "200 [iU]/L"}
    answer = nurse.get("/kinetics", asked)
    assert "Above 200 units/L after" in text_of(answer)
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="level-drawing"' in answer.content.decode()
    wrong = text_of(nurse.get("/kinetics", {**asked, "dose": "40 mg"}))
    assert "40 mg is of another kind than amount is measured in. Nothing was computed." in wrong
    assert "This field is required" in text_of(nurse.get("/kinetics", {**asked, "dose": ""}))
    assert nurse.get("/kinetics", {**asked, "model": "nobody"}).status_code == 200


def test_a_session_shows_its_level_from_what_flowed_on_its_page_and_in_the_printed_record(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-rituximab", 99)
    level = text_of(nurse.get(f"/sessions/{session}/level"))
    assert SIMULATION in level
    assert "rituximab-candelaria-2018" in level
    assert "Nine of ten patients" in level
    shown = kinetic_views.of_session(clinic.ports, session, {}, clinic.clock.now())
    assert isinstance(shown, kinetic_views.Expected)
    # Until now, mg in over V1 * (bsa/1.72)**1.11 of the model, less the little that left in an hour and a half of a half-life of days.
    given = delivered(state(clinic, session), clinic.clock.now())[0]
    held = next(iter(state(clinic, session).containers.values()))
    bsa = float(next(one.text for one in shown.asked if one.name == "bsa").split()[0])
    most = float(ratio("mg", (given, held.amount), (held.volume,)).value) / (3.191 * (bsa / 1.72) ** 1.11)
    assert 0.93 * most < shown.picture.lines[0].level[-1] < most
    record = nurse.get(f"/sessions/{session}/record")
    assert "Expected level, simulated" in text_of(record)
    assert 'class="level-drawing"' in record.content.decode()
    assert "Start: 25 mL/h" in text_of(record)  # examples/iv-rituximab.yaml: the marks of the drawing keep their words beside a level
    assert f'hx-get="/sessions/{session}/level"' in nurse.get(f"/sessions/{session}/at/run").content.decode()


def test_a_session_without_a_model_says_why_in_a_line(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "ep-labour", 40)
    assert "No level is shown: no model of" in text_of(nurse.get(f"/sessions/{session}/level"))
    assert "the slow absorption was not" in text_of(nurse.get(f"/sessions/{session}/level"))


def test_an_order_in_millilitres_is_shown_by_its_concentration(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "sc-ig", 60)
    page = text_of(nurse.get(f"/orders/{state(clinic, session).course}/level"))
    assert "igg-zhang-2020" in page
    assert "8 sessions with the same dose" in page
    flowed = kinetic_views.of_session(clinic.ports, session, {}, clinic.clock.now())
    assert isinstance(flowed, kinetic_views.Expected)
    assert flowed.picture.lines[0].level[0] == pytest.approx(4)  # g/L, the body's own by the model
    assert flowed.picture.lines[0].level[-1] > 4


def test_an_order_shows_its_level_where_the_chart_or_a_person_gives_what_the_model_needs(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-infliximab", 5)
    course = state(clinic, session).course
    assert f'hx-get="/orders/{course}/level"' in nurse.get(f"/orders/{course}").content.decode()
    lacks = text_of(nurse.get(f"/orders/{course}/level"))
    assert "needs albumin" in lacks
    assert "not stored" in lacks
    written = {"f.albumin": "40 g/L", "f.antibodies": "0"}
    shown = text_of(nurse.get(f"/orders/{course}/level", written))
    assert SIMULATION in shown
    assert "Lowest before the next session" in shown
    assert "none with a source" in shown
    outside = text_of(nurse.get(f"/orders/{course}/level", {**written, "f.weight": "400 kg"}))
    assert "was not built on such patients" in outside
    assert nurse.get(f"/orders/{course}/level", {"f.albumin": "nan"}).status_code == 200
    assert nurse.get(f"/orders/{session}/level").status_code == 404


VANCOMYCIN = {
    "f.weight": "79 kg",
    "f.crcl": "62 mL/min",
    "f.hd": "0",
    "d1.amount": "1250 mg",
    "d1.over": "2 h",
    "d1.every": "12 h",
    "d1.n": "3",
    "l1.time": "2027-03-01 16:30",
    "l1.level": "27 mg/L",
    "l2.time": "35.5 h",
    "l2.level": "22 mg/L",
    "zero": "2027-03-01 04:00",
    "kind": "auc",
    "wanted": "500 mg.h/L",
    "low": "400 mg.h/L",
    "high": "600 mg.h/L",
    "every": "12 h",
    "over": "2 h",
    "step": "250 mg",
}


def test_levels_are_fitted_and_a_dose_is_proposed_to_those_who_may_and_nothing_is_stored(
    pharmacist: Client, nurse: Client, clinic: Clinic
) -> None:
    patient = register(nurse)
    address, head = f"/patients/{patient}/levels?model=vancomycin-goti-2018", clinic.ports.log.head()
    assert "Take this model" in text_of(pharmacist.get(f"/patients/{patient}/levels"))
    page = text_of(pharmacist.post(address, VANCOMYCIN))
    assert "It stores, orders and gives nothing" in page
    model, regimen = load_model("vancomycin-goti-2018"), Regimen().infuse("1250 mg", over="2 h", every="12 h", n=3)
    person = read_person(model, {"weight": "79 kg", "crcl": "62 mL/min", "hd": 0})
    samples, course = read([("12.5 h", "27 mg/L"), ("35.5 h", "22 mg/L")], "mg/L"), regimen.course(model)
    fitted = Fit(person, regimen, course, samples, found(person, course, samples, may_compile=False))
    for value in fitted.predicted:
        assert f"{figure(float(value))} mg/L" in page
    wanted = Auc("500 mg.h/L", low="400 mg.h/L", high="600 mg.h/L")
    dose = fitted.recommend(wanted, every="12 h", over="2 h", step="250 mg", steady=True)
    assert f"Proposed, not ordered {float(dose.dose.value):g} mg" in page
    assert f"Probability of the range {100 * (dose.probability or 0):.0f} %" in page
    assert "no protocol here limits this drug" in page
    assert "Nothing was ordered" in page
    seen = text_of(nurse.post(address, VANCOMYCIN))
    assert "The fit" in seen
    assert "Proposed" not in seen
    assert clinic.ports.log.head() == head


def test_what_cannot_be_fitted_is_refused_with_its_reason_and_stays_typed(pharmacist: Client, nurse: Client) -> None:
    patient = register(nurse)
    address = f"/patients/{patient}/levels?model=vancomycin-goti-2018"
    for changed, said in (
        ({"zero": ""}, "is not a number with a unit (time)"),
        ({"l1.level": "27"}, "27 is of another kind than concentration is measured in"),
        ({"f.crcl": "900 mL/min"}, "was not built on such patients"),
        ({"d1.amount": "", "d1.over": "", "d1.every": "", "d1.n": ""}, "There is no dose"),
        ({"d1.over": "30 h"}, "The over is 30 h, not between"),
        ({"over": "99999999 h"}, "not between"),
        ({"l2.time": "99999999 h"}, "not between"),
        ({"d1.n": "many"}, "Many is no number of times"),
    ):
        answer = pharmacist.post(address, {**VANCOMYCIN, **changed})
        assert answer.status_code == 422, changed
        assert said in text_of(answer), re.findall(r'role="alert">(.*?)</div>', answer.content.decode())
        assert 'value="22 mg/L"' in answer.content.decode()
    far = text_of(pharmacist.post(address, {**VANCOMYCIN, "l2.level": "300 mg/L"}))
    assert "No dose is proposed" in far
    assert "⚠ far" in far or "standard deviations" in far


def test_infliximab_is_fitted_by_what_the_record_says_flowed(pharmacist: Client, clinic: Clinic) -> None:
    session = play(clinic, "iv-infliximab", 400)
    patient, begun = state(clinic, session).patient, state(clinic, session).segments[0].start
    taken = (begun + timedelta(days=14)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    typed = {"f.albumin": "41 g/L", "f.antibodies": "0", "from_record": "yes", "l1.time": taken, "l1.level": "28 mg/L"}
    model = "infliximab-fasanmade-2009"
    page = text_of(pharmacist.post(f"/patients/{patient}/levels?model={model}", typed))
    assert "1 session of the record, as it flowed" in page
    assert "14 d 28 mg/L" in page
    assert "Nothing speaks against the fit" in page


def test_what_a_server_loads_at_its_start_imports_no_kinetics() -> None:
    # Numbers are loaded by the first page of kinetics: an import at the head of a module of pages or of the use cases loads them.
    heavy = (
        "openinfusion.app.kinetic",
        "openinfusion.core.pharmacokinetics",
        "openinfusion.protocols.kinetics",
        "openinfusion.pk",
        "numpy",
    )
    package = Path(openinfusion.__file__).parent
    wrong = []
    for path in [*(package / "web").rglob("*.py"), *(one for one in (package / "app").glob("*.py") if not one.name.startswith("kinetic"))]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in getattr(node, "names", ())]
            wrong += [f"{path.name}: {name}" for name in names if str(name).startswith(heavy)]
    assert wrong == []
