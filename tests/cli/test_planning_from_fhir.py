"""`plan` and `screen` from a FHIR Bundle: what it left open weighs like every other finding, and what a person enters settles it."""

import json
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "fhir-iv-infliximab.json"
ORDER = (
    "--at",
    "2027-03-01T09:00+00:00",
    "-c",
    "indication=CD",
    "-c",
    "product=Remicade",
    "-c",
    "region=US",
    "-c",
    "diluent=sodium-chloride-0.9%",
)
REST = ("history.nyha=0", "history.demyelinating=no", "lab.tb_screen_done=yes", "lab.hbv=negative", "concurrent=none")
ENTERED = tuple(part for fact in REST for part in ("-f", fact))


@pytest.fixture
def planned(openinfusion, tmp_path):
    """Plan infliximab from the example Bundle, changed by a function first."""

    def call(command: str = "plan", change=lambda bundle: None, *more: str):
        changed = json.loads(EXAMPLE.read_text(encoding="utf-8"))
        change(changed)
        path = tmp_path / "bundle.json"
        path.write_text(json.dumps(changed), encoding="utf-8")
        return openinfusion(command, "iv-infliximab", "--fhir", str(path), *ORDER, *more)

    return call


def resource(bundle, name):
    return next(entry["resource"] for entry in bundle["entry"] if entry["resource"]["id"] == name)


def test_the_example_bundle_and_the_answers_it_lacks_give_the_dose(planned):
    done = planned("plan", lambda bundle: None, *ENTERED, "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    # 5 mg/kg x 71 kg, the newest of the two weights (inflix-120ty, highlights, dosage)
    assert answer["dose"]["amount"] == {"value": "355", "unit": "mg"}
    assert [one["code"] for one in answer["imported"]] == ["fhir.text-only"]


def test_the_bundle_alone_is_incomplete_and_says_what_is_not_known(planned):
    done = planned()
    assert done.returncode == 1
    assert "Not known: Tested for latent tuberculosis." in done.stdout
    assert "Medicines in the record: Infliximab." in done.stdout


def test_a_weight_without_a_unit_gives_no_dose_until_a_person_enters_one(planned):
    def without_unit(bundle):
        resource(bundle, "weight-today")["valueQuantity"] = {"value": 71}

    done = planned("plan", without_unit, *ENTERED, "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["dose"], answer["verdict"]) == (1, None, "incomplete")
    assert "fhir.no-unit" in [one["code"] for one in answer["imported"]]
    settled = planned("plan", without_unit, *ENTERED, "-f", "weight=71 kg", "--json")
    assert settled.returncode == 0
    assert "fhir.no-unit" not in settled.stdout


def test_a_patient_who_has_died_stops_the_plan_and_the_screening(planned):
    def died(bundle):
        resource(bundle, "rosa")["deceasedBoolean"] = True

    for command in ("plan", "screen"):
        done = planned(command, died, *ENTERED)
        assert done.returncode == 1
        assert "Stop: nobody can go on with this." in done.stdout
        assert "The record says that this patient has died." in done.stdout


def test_weights_that_jump_are_asked_about(planned):
    def doubled(bundle):
        resource(bundle, "weight-in-february")["valueQuantity"]["value"] = 156.5

    assert "weight.pounds" in planned("plan", doubled, *ENTERED, "--json").stdout


def test_a_bundle_that_is_none_is_refused_with_what_to_write(openinfusion, tmp_path):
    path = tmp_path / "patient.json"
    path.write_text('{"resourceType": "Patient"}', encoding="utf-8")
    done = openinfusion("plan", "iv-infliximab", "--fhir", str(path))
    assert done.returncode == 2
    assert "it is a Patient, not a Bundle" in done.stderr
    assert "Traceback" not in done.stderr
