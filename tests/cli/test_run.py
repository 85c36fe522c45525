"""`openinfusion run`: each shipped scenario plays from arrival to discharge; one that goes otherwise than written fails."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
CONTROL = {"StartInfusion", "GiveInjection", "RaiseRate", "Resume", "ResumeAfterReaction", "RequestBolus", "Discharge", "verify-order"}


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(Path(sys.executable).parent / "openinfusion"), *arguments], capture_output=True, text=True, check=False, cwd=ROOT, timeout=100
    )


@pytest.fixture(scope="module")
def played() -> dict[str, dict]:
    """The JSON of every shipped scenario, each played once."""
    answers = {}
    for path in EXAMPLES:
        done = run("run", str(path), "--json")
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        answers[path.stem] = json.loads(done.stdout)
    return answers


def test_there_is_a_scenario_for_every_route_and_way_of_giving():
    assert {path.stem for path in EXAMPLES} == {
        "iv-rituximab",
        "iv-infliximab",
        "ep-labour",
        "im-influenza-vaccine",
        "im-ceftriaxone",
        "sc-ig",
    }


def test_every_scenario_says_that_it_is_not_for_clinical_use(played):
    assert all(answer["notice"].startswith("NOT FOR CLINICAL USE") for answer in played.values())


def test_every_scenario_plays_from_arrival_to_discharge(played):
    for name, answer in played.items():
        kinds = [kind for step in answer["steps"] for kind in step["events"]]
        assert len(kinds) >= 8, name
        assert "patient-arrived" in kinds
        assert kinds[-1] == "session-closed", name
        assert answer["record"]["status"] in ("completed", "stopped")


def test_every_scenario_holds_a_control_command_that_is_refused_with_findings(played):
    for name, answer in played.items():
        refused = [step for step in answer["steps"] if not step["accepted"] and step.get("command") in CONTROL and step["findings"]]
        assert refused, name
        assert all(not step["events"] for step in refused)
        assert all({"code", "level", "text", "sources"} <= finding.keys() for step in refused for finding in step["findings"])


def test_what_was_delivered_is_the_sum_of_the_segments(played):
    for name, answer in played.items():
        record = answer["record"]
        delivered = record["delivered"]
        assert delivered["unit"] == "mL"
        assert delivered["from"] in ("segments", "pump", "person")
        if name.startswith("im-"):
            # A single injection is not a segment: it has no rate and no time.
            assert record["segments"] == []
            continue
        assert sum(Decimal(segment["volume"]["value"]) for segment in record["segments"]) == Decimal(delivered["value"]), name


def test_the_rituximab_patient_restarts_at_half_the_rate_after_the_reaction(played):
    record = played["iv-rituximab"]["record"]
    rates = [segment["rate"]["value"] for segment in record["segments"]]
    # 75 mL/h before the reaction; the label restarts at half of it (ritux-drugs2, infusion reactions).
    assert rates[rates.index("37.5") - 1] == "75"
    assert record["reactions"][0]["grade"] == 2


def test_the_outcome_never_claims_a_published_rate_that_has_no_source(played):
    for answer in played.values():
        published = answer["outcome"]["published"]
        assert published is None or published["sources"]
        assert {"as_ordered", "delivered_share", "reactions", "duration", "published"} <= answer["outcome"].keys()


def test_a_scenario_that_goes_otherwise_than_written_ends_with_status_1(tmp_path):
    text = (ROOT / "examples" / "im-influenza-vaccine.yaml").read_text(encoding="utf-8")
    other = tmp_path / "other.yaml"
    other.write_text(text.replace("delivered: 0.5 mL", "delivered: 5 mL"), encoding="utf-8")
    done = run("run", str(other), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["unmet"]


def test_a_broken_scenario_is_named_by_file_line_and_place(tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("schema: openinfusion.scenario/1\ntitle: x\ntitle: y\n", encoding="utf-8")
    done = run("run", str(broken))
    assert done.returncode == 4
    assert "broken.yaml:3" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_scenario_that_does_not_exist_is_said_so_without_a_stack_trace(tmp_path):
    done = run("run", str(tmp_path / "none.yaml"))
    assert done.returncode == 4
    assert "missing" in done.stderr
    assert "Traceback" not in done.stderr
