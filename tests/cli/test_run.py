"""`openinfusion run`: each shipped scenario plays from arrival to discharge; one that goes otherwise than written fails."""

import json
import os
import subprocess
import sys
from datetime import datetime
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


def test_a_scenario_that_does_not_exist_is_not_found(tmp_path, openinfusion):
    for path in (tmp_path / "none.yaml", tmp_path):
        done = openinfusion("run", str(path))
        assert done.returncode == 2
        assert f"There is no scenario file {path}" in done.stderr


def test_the_shape_of_what_run_prints(played):
    # Demand 8 of the issue that this command was made for writes these names down; other programs read them.
    for name, answer in played.items():
        assert answer["protocol"].keys() == {"id", "version", "hash"}
        assert answer["protocol"]["id"] == name
        for step in answer["steps"]:
            assert {"at", "accepted", "events", "findings"} <= step.keys()
            assert ("command" in step) != ("message" in step)
            assert datetime.fromisoformat(step["at"]).tzinfo is not None
            assert isinstance(step["accepted"], bool)
        assert {"status", "delivered", "segments"} <= answer["record"].keys()
        assert answer["record"]["delivered"].keys() == {"value", "unit", "from"}
        for segment in answer["record"]["segments"]:
            assert {"start", "end", "rate", "volume"} <= segment.keys()
            assert segment["volume"].keys() == {"value", "unit"}
        assert not list(_floats(answer)), name


def _floats(tree):
    """Numbers that are neither whole nor decimal text."""
    if isinstance(tree, float):
        yield tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _floats(part)


def test_a_path_elsewhere_on_disk_plays_from_any_folder_and_leaves_nothing_behind(tmp_path):
    elsewhere, here = tmp_path / "a folder" / "my scenario.yaml", tmp_path / "here"
    elsewhere.parent.mkdir()
    here.mkdir()
    elsewhere.write_bytes((ROOT / "examples" / "im-influenza-vaccine.yaml").read_bytes())
    environment = {**os.environ, "TMPDIR": str(here), "OPENINFUSION_HOME": str(tmp_path / "home")}
    program = str(Path(sys.executable).parent / "openinfusion")
    done = subprocess.run([program, "run", str(elsewhere)], cwd=here, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "NOT FOR CLINICAL USE" in done.stdout
    assert list(here.iterdir()) == []
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("was", "becomes", "status", "said"),
    [
        ("protocol: iv-infliximab", "protocol: iv-nothing", 2, "There is no protocol iv-nothing"),
        ("by: n-amara, do: plan-session", "by: n-nobody, do: plan-session", 4, "n-nobody is neither under people nor under devices"),
        ("n-amara: nurse", "n-amara: surgeon", 4, "surgeon is no role"),
        ("type: CheckIn", "type: CheckOut", 4, "'CheckOut' is no command"),
        ("do: plan-session", "do: sing-order", 4, "sing-order"),
        ("delivered: 250 mL", "delivered: '25,0 mL'", 4, "25,0"),
        ("delivered: 250 mL", "delivered: 250 sips", 4, "sips"),
        ("weight: 71 kg", "weight: 71 stone", 2, "'stone' is not a unit"),
        ("infusion_number: 1", "infusion_nr: 1", 2, "no order knows this choice"),
    ],
)
def test_a_scenario_that_cannot_be_meant_is_refused_with_what_to_write(was, becomes, status, said, tmp_path, openinfusion):
    text = (ROOT / "examples" / "iv-infliximab.yaml").read_text(encoding="utf-8")
    assert was in text
    path = tmp_path / "other.yaml"
    path.write_text(text.replace(was, becomes), encoding="utf-8")
    # A file that does not hold is refused before a store is made; what needs one plays in a process of its own.
    done = openinfusion("run", str(path), "--json") if status == 4 else run("run", str(path), "--json")
    assert done.returncode == status, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["status"] == "error"
    assert said in answer["text"]
    assert "fault" not in answer["text"]


def test_a_step_that_cannot_be_read_is_told_with_its_reason(tmp_path):
    text = (ROOT / "examples" / "im-influenza-vaccine.yaml").read_text(encoding="utf-8")
    path = tmp_path / "other.yaml"
    path.write_text(text.replace("chair:", "stool:"), encoding="utf-8")
    done = run("run", str(path), "--json")
    assert done.returncode == 1
    [step] = [step for step in json.loads(done.stdout)["steps"] if step.get("command") == "CheckIn"]
    assert not step["accepted"]
    assert step["error"] == "malformed"
    assert "stool is no field of it" in step["text"]


def test_an_order_that_never_becomes_a_session_is_told_in_the_same_shape(tmp_path):
    text = (ROOT / "examples" / "im-influenza-vaccine.yaml").read_text(encoding="utf-8")
    path = tmp_path / "other.yaml"
    path.write_text(text.replace("by: ph-lang, do: verify-order", "by: n-amara, do: verify-order"), encoding="utf-8")
    done = run("run", str(path), "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["record"] is None
    assert answer["outcome"] is None
    assert "no session was planned" in answer["unmet"][0]
