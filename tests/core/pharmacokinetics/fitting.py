"""Models and patients for tests of fitting, from public tests of other programs. They are test figures and belong to no patient."""

import math
from collections.abc import Mapping
from typing import Any

from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.patient_facts import Fact
from openinfusion.core.pharmacokinetics.regimen import Regimen
from openinfusion.core.pharmacokinetics.samples import Observed

UNITS = {"time": "h", "amount": "mg", "concentration": "mg/L"}


def model(structure: str, parameters: Mapping[str, str], variability: Mapping[str, Any], error: Mapping[str, Any], **more: Any) -> Model:
    """A complete model of plain data."""
    plain = {
        "id": "test", "units": UNITS, "structure": structure, "parameters": parameters, "variability": variability, "error": error,
        "status": "complete", "citation": "test", **more,
    }  # fmt: skip
    return Model.from_dict(plain)


GOTI = model(
    "two-compartment",
    {"CL": "4.5 * (CRCL/120)**0.8 * 0.7**DIAL", "V1": "58.4 * WT/70 * 0.5**DIAL", "V2": "38.4", "Q": "6.5"},
    {"CL": 0.147, "V1": 0.510, "V2": 0.282},
    {"form": "combined1", "additive": 3.4, "proportional": 0.227},
    covariates={"CRCL": {"unit": "mL/min", "low": 10, "high": 150}, "WT": {"unit": "kg", "low": 33, "high": 255}, "DIAL": {"unit": "1"}},
)
"""Goti 2018 as posologyr's test states it (github.com/levenc/posologyr, tests/testthat/test_map_mlx.R, read 2026-12-01)."""
GOTI_PATIENT: Mapping[str, Fact] = {"CRCL": "34 mL/min", "WT": "62 kg", "DIAL": 0}
GOTI_DOSES = Regimen().infuse("1900 mg", over="1 h").infuse("1750 mg", over="1 h", start="22.2 h")
GOTI_LEVELS: list[Observed] = [("12 h", "14.8 mg/L"), ("37.5 h", "22.5 mg/L")]

ABSORBED = model(
    "one-compartment",
    {"CL": "4", "V1": "70", "KA": "1"},
    {"CL": 0.2, "V1": 0.2, "KA": 0.2},
    {"form": "proportional", "proportional": 0.05**0.5},
    absorption={"ORAL": {"kind": "first-order", "ka": "KA"}},
)
"""The first example model of mapbayr (github.com/FelicienLL/mapbayr, inst/nm001/run001.mod, read 2026-12-01)."""

DAPTOMYCIN = model(
    "two-compartment",
    {
        "CL": "((0.807 + 0.00514*(CRCL - 91.2)) + 0.14*(TEMP - 37.2)) * 0.8**SEX",
        "V1": "4.80",
        "V2": "(3.13 + 0.0458*(WT - 75.1)) * 1.93",
        "Q": "3.46 + 0.0593*(WT - 75.1)",
    },
    {name: math.sqrt(math.log(cv**2 + 1)) for name, cv in {"CL": 0.306, "V1": 0.567, "V2": 0.191, "Q": 0.652}.items()},
    {"form": "additive", "additive": 4.72**0.5},
    covariates={"CRCL": {"unit": "mL/min"}, "TEMP": {"unit": "Cel"}, "SEX": {"unit": "1"}, "WT": {"unit": "kg"}},
)
"""Daptomycin of Dvorchik 2004 as posologyr's test states it (tests/testthat/test_doseoptim_tdm.R, read 2026-12-01)."""
DAPTOMYCIN_PATIENT: Mapping[str, Fact] = {"CRCL": "53 mL/min", "TEMP": "37.2 Cel", "SEX": 1, "WT": "100 kg"}
DAPTOMYCIN_DOSES = (
    Regimen().infuse("1000 mg", over="1 h").infuse("1000 mg", over="1 h", start="24 h").infuse("1000 mg", over="1 h", start="49 h")
)
DAPTOMYCIN_LEVELS: list[Observed] = [("23.5 h", "26.9 mg/L"), ("48.75 h", "48.7 mg/L"), ("97.25 h", "27.7 mg/L")]
