"""Claim: `calc --batch` works out at least 4,000 calculations a second with their steps, on one core.

A mix of the calculators as a file of lines, read, worked out and written as JSON by the function that the command line uses; beside it, in
turn in the same run, the bare arithmetic of the same lines in floats and in pint (which reads the same texts with their units, and shows no
step, source or finding). Prints one JSON object.

    .venv/bin/python benchmarks/calculations.py [--blocks 15] [--each 4000]
"""

import argparse
import itertools
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import pint

from openinfusion.cli.calculate import judged

WANTED_PER_S = 4000
UNITS: Any = pint.UnitRegistry()
UNITS.define("drop = []")

Line = tuple[str, dict[str, str]]


def lines(count: int) -> list[Line]:
    """A mix of calculations, always the same one."""
    drawn = random.Random(20261130)  # noqa: S311 - a mix, no secret
    makers: Sequence[Callable[[], Line]] = (
        lambda: (
            "drop-rate",
            {"volume": f"{drawn.randint(50, 3000)} mL", "time": f"{drawn.randint(1, 24)} h", "drop_factor": "20 [drp]/mL"},
        ),
        lambda: ("flow-rate", {"volume": f"{drawn.randint(50, 3000)} mL", "time": f"{drawn.randint(10, 600)} min"}),
        lambda: ("infusion-time", {"volume": f"{drawn.randint(50, 3000)} mL", "rate": f"{drawn.randint(5, 400)} mL/h"}),
        lambda: (
            "mean-arterial-pressure",
            {"systolic": f"{drawn.randint(90, 200)} mm[Hg]", "diastolic": f"{drawn.randint(40, 89)} mm[Hg]"},
        ),
        lambda: (
            "creatinine-clearance",
            {
                "sex": "male",
                "age": f"{drawn.randint(18, 95)} a",
                "weight": f"{drawn.randint(40, 150)} kg",
                "creatinine": f"{drawn.randint(5, 60) / 10} mg/dL",
                "weight_rule": "actual",
            },
        ),
        lambda: (
            "body-surface-area",
            {"weight": f"{drawn.randint(40, 150)} kg", "height": f"{drawn.randint(140, 205)} cm", "formula": "mosteller"},
        ),
        lambda: ("carboplatin-calvert", {"target_auc": f"{drawn.randint(2, 7)} mg.min/mL", "gfr": f"{drawn.randint(35, 120)} mL/min"}),
        lambda: ("ideal-body-weight", {"sex": "female", "height": f"{drawn.randint(153, 190)} cm"}),
    )
    return [makers[n % len(makers)]() for n in range(count)]


def number(text: str) -> float:
    """The number of a text, whatever its unit."""
    return float(text.partition(" ")[0])


def in_floats(name: str, entered: dict[str, str]) -> float:
    """The bare arithmetic; units are taken for granted."""
    given = {key: number(text) for key, text in entered.items() if text[0].isdigit()}
    match name:
        case "drop-rate":
            return given["volume"] * given["drop_factor"] / (given["time"] * 60)
        case "flow-rate":
            return given["volume"] / given["time"] * 60
        case "infusion-time":
            return given["volume"] / given["rate"]
        case "mean-arterial-pressure":
            return float(given["diastolic"] + (given["systolic"] - given["diastolic"]) / 3)
        case "creatinine-clearance":
            return (140 - given["age"]) * given["weight"] / (72 * given["creatinine"])
        case "body-surface-area":
            return float((given["weight"] * given["height"] / 3600) ** 0.5)
        case "carboplatin-calvert":
            return given["target_auc"] * (given["gfr"] + 25)
        case "ideal-body-weight":
            return 45.5 + 2.3 * (given["height"] / 2.54 - 60)
        case _:
            raise ValueError(name)


_PINT = {"mm[Hg]": "mmHg", "[drp]/mL": "drop/mL", "mg.min/mL": "mg*min/mL", "a": "year"}


def of_pint(text: str) -> Any:
    """A text with its unit as pint reads it."""
    head, _, tail = text.partition(" ")
    return UNITS.Quantity(float(head), _PINT.get(tail, tail))


def in_pint(name: str, entered: dict[str, str]) -> float:
    """The arithmetic with units, where pint knows them; the formulas of numbers alone are those of floats after reading the units."""
    given = {key: of_pint(text) for key, text in entered.items() if text[0].isdigit()}
    match name:
        case "drop-rate":
            found = (given["volume"] * given["drop_factor"] / given["time"]).to("drop/min")
        case "flow-rate":
            found = (given["volume"] / given["time"]).to("mL/h")
        case "infusion-time":
            found = (given["volume"] / given["rate"]).to("h")
        case "mean-arterial-pressure":
            found = given["diastolic"] + (given["systolic"] - given["diastolic"]) / 3
        case "carboplatin-calvert":
            found = (given["target_auc"] * (given["gfr"] + UNITS.Quantity(25, "mL/min"))).to("mg")
        case _:
            return in_floats(name, entered)
    return float(found.magnitude)


def per_second(work: Callable[[], object], count: int) -> float:
    """Calculations in a second of CPU."""
    began = time.process_time()
    work()
    return count / (time.process_time() - began)


def main() -> int:
    """Print the medians and whether the claim holds; exit status 1 when it does not."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--blocks", type=int, default=15)
    options.add_argument("--each", type=int, default=4000)
    chosen = options.parse_args()
    asked = lines(chosen.each)
    texts = [json.dumps({"id": n, "name": name, "inputs": entered}) for n, (name, entered) in enumerate(asked)]
    for text, (name, entered) in itertools.islice(zip(texts, asked, strict=True), 200):
        made = judged(text)
        value = float(made["result"]["value"])  # type: ignore[index,call-overload,arg-type] # the shape is the contract's
        assert made["status"] == "ok", made
        assert made["steps"], made
        for other in (in_floats(name, entered), in_pint(name, entered)):
            assert abs(value - other) <= 1e-9 * abs(other), (name, entered, value, other)
    peers: dict[str, Callable[[], object]] = {
        "ours": lambda: [json.dumps(judged(text), ensure_ascii=False) for text in texts],
        "floats": lambda: [in_floats(name, entered) for name, entered in asked],
        "pint": lambda: [in_pint(name, entered) for name, entered in asked],
    }
    measured: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(chosen.blocks):
        for name, work in peers.items():
            measured[name].append(per_second(work, chosen.each))
    median = {name: round(statistics.median(found)) for name, found in measured.items()}
    holds = median["ours"] >= WANTED_PER_S
    ratios = {f"to_{name}": round(median["ours"] / median[name], 3) for name in ("floats", "pint")}
    load = round(os.getloadavg()[0], 1)
    print(json.dumps({"claim": "calculations", "per_s": median, **ratios, "wanted_per_s": WANTED_PER_S, "load": load, "holds": holds}))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
