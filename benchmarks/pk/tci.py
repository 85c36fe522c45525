"""Claim: one step of target-controlled infusion takes at most 50 microseconds, for plasma and for the effect site.

A three-compartment model with an effect site, two hours in steps of ten seconds with a target that changes every twenty minutes; the
median of several runs, CPU time of one process. Beside it the same effect-site rate found by SciPy's bounded search over the same closed
form, on some of the steps, and how far the two are apart. Prints one JSON object.

    .venv/bin/python benchmarks/pk/tci.py [--rounds 15]
"""

import argparse
import json
import os
import statistics
import sys
import time

import numpy as np
from scipy.optimize import minimize_scalar

from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.tci import STEP_H, Aim, Controller, Kinetics, Modal, Site, controlled

LIMIT_US = 50.0
MODEL = Model.from_dict(
    {
        "id": "bench", "units": {"time": "min", "amount": "mg", "concentration": "mg/L"}, "structure": "three-compartment",
        "parameters": {"V": "15.96", "KE": "0.119", "K12": "0.112", "K21": "0.055", "K13": "0.042", "K31": "0.0031", "KE0": "0.26"},
    }
)  # fmt: skip
AIMS = [Aim(place / 3, level) for place, level in enumerate((3.0, 4.0, 2.0, 5.0, 3.5, 1.0))]
UNTIL_H = 2.0


def step_us(kinetics: Kinetics, site: Site) -> float:
    """CPU time of one step of a whole course."""
    began = time.process_time()
    found = controlled(kinetics, site, AIMS, UNTIL_H, 1e9)
    return 1e6 * (time.process_time() - began) / len(found.rate)


def by_search(kinetics: Kinetics, state: Modal, target: float) -> float:
    """The greatest rate whose peak does not pass the target, by SciPy."""
    rates, weights = np.array(kinetics.rates_h), np.array(kinetics.effect)
    later = weights * np.exp(-rates * STEP_H) * np.array(state)
    gain = weights * -np.expm1(-rates * STEP_H) / rates

    def ratio(t: float) -> float:
        decay = np.exp(-rates * t)
        return float((target - later @ decay) / (gain @ decay))

    return max(0.0, float(minimize_scalar(ratio, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-9}).fun))


def main() -> int:
    """Measure, print, and say whether the claim holds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()
    kinetics = Kinetics.of(MODEL, MODEL.parameters({}))
    found = {site: statistics.median(step_us(kinetics, site) for _ in range(asked.rounds)) for site in Site}
    controller, state, apart, spent = Controller(kinetics, Site.EFFECT), (0.0,) * len(kinetics.rates_h), 0.0, 0.0
    for step in range(100):
        rate = controller.rate(state, 4.0)
        began = time.process_time()
        searched = by_search(kinetics, state, 4.0)
        spent += time.process_time() - began
        apart = max(apart, abs(searched - rate) / max(rate, 1.0)) if step > 30 else apart
        state = controller.after(state, rate)
    holds = max(found.values()) <= LIMIT_US
    report = {f"{site}_us": round(value, 1) for site, value in found.items()}
    searched_us = {"scipy_search_us": round(1e4 * spent, 1), "apart": apart}
    print(json.dumps({**report, **searched_us, "load": os.getloadavg()[0], "limit_us": LIMIT_US, "holds": holds}))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
