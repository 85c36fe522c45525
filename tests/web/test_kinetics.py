"""Kinetics on pages: routes compared, an order's expected level, a session's level from what flowed, levels that were measured. Each page
says that it is a simulation, and none orders anything."""

import ast
from pathlib import Path

from django.test import Client

import openinfusion
from openinfusion.protocols.kinetics import load_kinetics
from tests.web.cast import text_of

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
