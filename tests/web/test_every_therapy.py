"""Each therapy of examples/ is ordered, verified, planned and prepared through the pages alone, with its scenario's facts and choices."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client

from openinfusion.app import chart
from openinfusion.app.bedside import state_of
from openinfusion.core.patient import FieldKind, FieldSpec
from tests.web.cast import Clinic, order_through, plan_session, posted, register, text_of, verify

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


def as_posted(spec: FieldSpec, text: str) -> dict[str, Any]:
    """A fact of a scenario as the fields of a form."""
    match spec.kind:
        case FieldKind.QUANTITY:
            return {spec.name: text.split(maxsplit=1)[0]}
        case FieldKind.CODES if text != "none":
            return {spec.name: "some", f"{spec.name}.these": text.replace(" ", "").split(",")}
        case _:
            return {spec.name: text}


def record_all(client: Client, clinic: Clinic, patient: str, facts: dict[str, str]) -> None:
    """Every fact that the pages of a patient ask for; what belongs to the day is asked in the session."""
    for subject, specs in chart.by_subject(clinic.ports.library.reference.fields).items():
        given = {name: value for spec in specs if spec.name in facts for name, value in as_posted(spec, str(facts[spec.name])).items()}
        if given:
            answer = client.post(f"/patients/{patient}/facts/{subject.value}", posted(**{"weight.unit": "kg"}, **given))
            assert answer.status_code == 302, text_of(answer)


def choices(scenario: dict[str, Any]) -> dict[str, str]:
    """The choices of a scenario as the fields of the order page."""
    typed = {"start_on": "T", "infusion_number": "1"} | {name: str(value) for name, value in scenario["choice"].items()}
    for name in ("dose", "rate"):
        if name in typed:
            typed[name], typed[f"{name}_unit"] = typed[name].split(" ")
    if "final_volume" in typed:
        typed["final_volume"] = typed["final_volume"].removesuffix(" mL")
    return typed


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_a_therapy_is_ordered_verified_planned_and_prepared_through_the_pages(
    file: Path, prescriber: Client, pharmacist: Client, nurse: Client, clinic: Clinic
) -> None:
    scenario = yaml.safe_load(file.read_text(encoding="utf-8"))
    person = {**scenario["patient"], "birth_date": str(scenario["patient"]["birth_date"])}
    patient = register(nurse, **person)
    record_all(nurse, clinic, patient, scenario["facts"])
    course = order_through(prescriber, patient, scenario["protocol"], choices(scenario))
    assert verify(pharmacist, course).status_code == 302
    plan_session(nurse, course)
    session = clinic.ports.log.streams("session/")[0].removeprefix("session/")
    made = next(step["command"]["container"] for step in scenario["steps"] if step.get("command", {}).get("type") == "PrepareContainer")
    container = {"amount": made["amount"]["value"], "volume": made["volume"]["value"], "lot": made["lot"], "expiry": str(made["expiry"])}
    named = {name: made[name] for name in ("product", "diluent") if name in made}
    if "use_before" in made:
        named["use_before"] = str(made["use_before"])[:16].replace("T", " ")
    answer = pharmacist.post(f"/sessions/{session}/preparation", posted(**container, **named, seen="1"))
    assert answer.status_code == 302, text_of(answer)
    assert len(state_of(clinic.ports, session).containers) == 1
