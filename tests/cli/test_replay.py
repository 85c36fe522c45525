"""`openinfusion replay`: a recording goes through ingestion, and its alarms come out with their times and their score."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def replay(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(Path(sys.executable).parent / "openinfusion"), "replay", *arguments], capture_output=True, text=True, check=False, timeout=100
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[str, str]:
    """Forty seconds of a pump that is occluded after twenty, and the label of it."""
    folder = tmp_path_factory.mktemp("replay")
    rows = ["time,device,channel,value,unit"]
    for second in range(0, 40, 5):
        state, rate = ("infusing", "125") if second < 20 else ("alarm", "0")
        rows += [f"{second},pump-1,pump.state,{state},", f"{second},pump-1,pump.rate,{rate},mL/h"]
        rows += [f"{second},pump-1,pump.alarm,occlusion-downstream,"] if second >= 20 else []
    (folder / "pump.csv").write_text("\n".join(rows))
    (folder / "labels.csv").write_text("at,until,codes,within\n20,40,occlusion-downstream,5\n30,35,air-in-line,5\n")
    return str(folder / "pump.csv"), str(folder / "labels.csv")


def test_an_occlusion_is_told_when_it_happened_and_scored(files):
    recording, labels = files
    done = replay(recording, "--labels", labels, "--json")
    assert done.returncode == 1, done.stderr  # the second label never happened: missed
    shown = json.loads(done.stdout)
    assert shown["notice"].startswith("NOT FOR CLINICAL USE")
    (alarm,) = shown["alarms"]
    assert (alarm["change"], alarm["code"], alarm["priority"], alarm["seconds"]) == ("raised", "occlusion-downstream", "medium", "21.000")
    assert [shown["score"][name] for name in ("labels", "caught", "late", "missed", "false")] == [2, 1, 0, 1, 0]
    assert shown["messages"] == {"stored": 8, "repeated": 0, "commands": 0, "flagged": 0}


def test_without_json_each_alarm_is_a_line(files):
    done = replay(files[0], "--speed", "100")
    assert done.returncode == 0
    assert "21.000 s  raised       MEDIUM occlusion-downstream" in done.stdout


def test_a_file_that_is_not_there_is_told_in_words(tmp_path):
    done = replay(str(tmp_path / "none.csv"), "--json")
    assert (done.returncode, json.loads(done.stdout)["code"]) == (2, "not-found")
