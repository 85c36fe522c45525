"""Kinetics on pages: routes compared, an order's expected level, a session's level from what flowed, levels that were measured. Each page
says that it is a simulation, and none orders anything."""

import ast
from pathlib import Path

from django.test import Client

import openinfusion
from openinfusion.app import kinetic_views
from openinfusion.core.administration.volume import delivered
from openinfusion.core.quantity import ratio
from openinfusion.protocols.kinetics import load_kinetics
from tests.web.cast import Clinic, text_of
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
    found = kinetic_views.of_session(clinic.ports, session, {}, clinic.clock.now())
    assert isinstance(found, kinetic_views.Expected)
    # Until now, mg in over V1 * (bsa/1.72)**1.11 of the model, less the little that left in an hour and a half of a half-life of days.
    given = delivered(state(clinic, session), clinic.clock.now())[0]
    held = next(iter(state(clinic, session).containers.values()))
    bsa = float(next(one.text for one in found.asked if one.name == "bsa").split()[0])
    most = float(ratio("mg", (given, held.amount), (held.volume,)).value) / (3.191 * (bsa / 1.72) ** 1.11)
    assert 0.93 * most < found.picture.lines[0].level[-1] < most
    record = nurse.get(f"/sessions/{session}/record")
    assert "Expected level, simulated" in text_of(record)
    assert 'class="level-drawing"' in record.content.decode()
    assert f'hx-get="/sessions/{session}/level"' in nurse.get(f"/sessions/{session}/at/run").content.decode()


def test_a_session_without_a_model_says_why_in_a_line(nurse: Client, clinic: Clinic) -> None:
    session = play(clinic, "ep-labour", 40)
    assert "No level is shown: no model of" in text_of(nurse.get(f"/sessions/{session}/level"))
    assert "the slow absorption was not" in text_of(nurse.get(f"/sessions/{session}/level"))


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
    found = []
    for path in [*(package / "web").rglob("*.py"), *(one for one in (package / "app").glob("*.py") if not one.name.startswith("kinetic"))]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in getattr(node, "names", ())]
            found += [f"{path.name}: {name}" for name in names if str(name).startswith(heavy)]
    assert found == []
