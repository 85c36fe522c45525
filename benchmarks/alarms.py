"""Claim: of fifty scripted deteriorations none is missed, and quiet recordings interrupt at most once per hour of a chair.

The recordings and their labels are made by tests/reference/deteriorations.py, which knows nothing of the program; the signals are made
up by us and are no recordings of patients. Each is played by `openinfusion replay` into a session of its own on a throw-away store, through
the ingestion of devices. `also_raised` counts, on the deteriorations, the alarms that no label names: mostly further limits of
the same falling pressure. Prints one JSON object.

    .venv/bin/python benchmarks/alarms.py [--every 1]
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LIMIT_PER_HOUR = 1.0


def cases() -> Any:
    """The module that writes the recordings."""
    spec = importlib.util.spec_from_file_location("deteriorations", ROOT / "tests" / "reference" / "deteriorations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["deteriorations"] = module
    spec.loader.exec_module(module)
    return module


def played(case: Any, folder: Path) -> Any:
    """The score of one recording against its labels, as the command prints it."""
    recording, labels = folder / "case.ndjson", folder / "labels.csv"
    recording.write_text("\n".join(case.lines))
    labels.write_text("\n".join(("at,until,codes,within", *(f"{at},{until},{codes},{within}" for at, until, codes, within in case.labels))))
    command = [
        str(Path(sys.executable).parent / "openinfusion"),
        "replay",
        str(recording),
        "--session",
        case.session,
        "--labels",
        str(labels),
    ]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    return json.loads(done.stdout)["score"]


def main() -> int:
    """Play them all, print the figures, and say whether the claim holds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1, help="only every n-th recording")
    every, began, module = parser.parse_args().every, time.monotonic(), cases()
    with tempfile.TemporaryDirectory() as folder:
        bad = [played(case, Path(folder)) for case in module.deteriorations()[::every]]
        quiet = [played(case, Path(folder)) for case in module.quiet_recordings()[::every]]
    outcomes = {name: sum(each[name] for each in bad) for name in ("caught", "late", "missed")}
    delays = sorted(float(label["delay_seconds"]) for each in bad for label in each["each"] if "delay_seconds" in label)
    hours = sum(float(each["hours"]) for each in quiet)
    false = [one for each in quiet for one in each["false_alarms"]]
    interrupting = sum(one["priority"] in ("high", "medium") for one in false)
    shown = {
        "claim": "alarms",
        "deteriorations": len(bad),
        **outcomes,
        "delay_seconds": {"median": delays[len(delays) // 2], "longest": delays[-1]},
        "also_raised": sum(each["false"] for each in bad),
        "quiet_hours": round(hours, 2),
        "false_per_hour": round(len(false) / hours, 2),
        "interrupting_per_hour": round(interrupting / hours, 2),
        "seconds": round(time.monotonic() - began),
    }
    shown["holds"] = not outcomes["missed"] and not outcomes["late"] and interrupting / hours <= LIMIT_PER_HOUR
    print(json.dumps(shown))
    return 0 if shown["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
