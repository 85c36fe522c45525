"""Claim: a slow fall of pressure is told before its limit is crossed, at most once an hour without cause.

The rule is that of the shipped alarm table. Its false alarms are counted on twenty hours of made-up quiet recordings (half of them with
lost values), its lead on ten made-up falls of each length, from 118 to 85 mm[Hg] with noise of 1.5; both are made by
tests/reference/deteriorations.py or in its way. A trend is of low priority and interrupts nobody. Prints one JSON object.

    .venv/bin/python benchmarks/trends.py
"""

import importlib.util
import json
import random
import sys
from pathlib import Path
from statistics import median
from typing import Any

from openinfusion.core.monitoring.trend import Point, approaches
from openinfusion.core.table import Alarms, Trend
from openinfusion.protocols.load import load_reference

ROOT = Path(__file__).parents[1]
WINDOW_S, EVERY_S, BEFORE_S, TO = 180, 10, 120, 85.0
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


def shipped() -> Trend:
    """The rule of the alarm table."""
    rules = [table.trend for table in load_reference().tables.values() if isinstance(table, Alarms)]
    assert rules[0] is not None
    return rules[0]


def points(case: Any) -> list[Point]:
    """The pressures of a recording, one in ten seconds."""
    found = []
    for line in case.lines:
        body = json.loads(line)
        value = body["samples"]["channels"]["bp.systolic"]["values"][0]
        if value not in (None, "0") and int(body["occurred_at"]) % EVERY_S == 0:
            found.append((float(body["occurred_at"]), float(value)))
    return found


def told(series: list[Point], rule: Trend, bound: float) -> list[float]:
    """When a trend began to be told, as the watch does it."""
    times, on = [], False
    for at, _ in series:
        seen = [one for one in series if at - WINDOW_S < one[0] <= at]
        heads = approaches(seen, bound, rule, falls=True, slack=2.0 if on else 1.0)
        times += [at] if heads and not on else []
        on = heads
    return times


def lead(over: int, bound: float, rule: Trend) -> dict[str, Any]:
    """How many of ten falls were told before the limit, and how long before."""
    crossed, leads = BEFORE_S + over * (118 - bound) / (118 - TO), []
    for n in range(10):
        chance = random.Random(f"ramp{n}{over}")  # noqa: S311 - noise of a made-up signal
        fall = [(float(at), round(118 + (TO - 118) * max(0.0, (at - BEFORE_S) / over) + chance.gauss(0, 1.5)) * 1.0)
                for at in range(0, BEFORE_S + over, EVERY_S)]  # fmt: skip
        leads += [crossed - at for at in told(fall, rule, bound)[:1] if at < crossed]
    return {"told_of_10": len(leads), "median_lead_seconds": round(median(leads)) if leads else None}


def main() -> int:
    """Measure, print, and say whether the claim holds."""
    module, rule = cases(), shipped()
    quiet = [points(module.quiet(n, artefacts=n % 2 == 1, seconds=3600)) for n in range(20)]
    per_hour = sum(len(told(series, rule, module.LOW)) for series in quiet) / len(quiet)
    falls = {f"fall_of_{over}_s": lead(over, module.LOW, rule) for over in (60, 120, 240, 480, 900)}
    holds = per_hour <= LIMIT_PER_HOUR and falls["fall_of_240_s"]["told_of_10"] == falls["fall_of_480_s"]["told_of_10"] == 10
    print(json.dumps({"claim": "trends", "quiet_hours": len(quiet), "false_per_hour": per_hour, **falls, "holds": holds}))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
