"""`pk`: kinetics as JSON in and out, and what is refused with a reason."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from openinfusion.core.errors import ERROR_TABLE, Code

Call = Callable[..., Any]
REFUSED, MALFORMED, NOT_FOUND = (ERROR_TABLE[code].exit for code in (Code.REFUSED, Code.MALFORMED, Code.NOT_FOUND))

# One compartment, so that every expected number follows from arithmetic: CL 2 L/h, V 20 L, k = 0.1 per hour.
PLAIN = {
    "id": "plain",
    "drug": "made up",
    "units": {"time": "h", "amount": "mg", "concentration": "mg/L"},
    "structure": "one-compartment",
    "covariates": {"weight": {"unit": "kg", "low": 40, "high": 120, "reference": 70}},
    "parameters": {"CL": "2 * weight/70", "V1": "20"},
    "variability": {"CL": 0.09},
    "error": {"form": "proportional", "proportional": 0.1},
    "status": "complete",
    "citation": "made up",
}
ONE = {"model": PLAIN, "covariates": {"weight": "70 kg"}, "regimen": [{"dose": "100 mg"}], "times": ["0 h", "10 h"]}
LEVELS = {**ONE, "levels": [["10 h", "1.8394 mg/L"]]}
AIMED = {
    **LEVELS,
    "target": {"kind": "auc", "wanted": "50 mg.h/L", "window": "24 h", "low": "40 mg.h/L", "high": "60 mg.h/L"},
    "give": {"every": "24 h", "step": "5 mg", "steady": True},
}
del LEVELS["times"], AIMED["times"]


@pytest.fixture
def pk(openinfusion: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Call:
    """A `pk` command with a request on standard input."""
    monkeypatch.setenv("OPENINFUSION_HOME", str(tmp_path / "home"))

    def call(command: str, request: object, *options: str) -> Any:
        text = request if isinstance(request, str) else json.dumps(request)
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        return openinfusion("pk", command, "-", *options)

    return call


def answer(done: Any) -> Any:
    return json.loads(done.stdout)


def test_one_patient_has_levels_amounts_and_areas(pk: Call):
    told = answer(pk("simulate", {**ONE, "areas": [["0 h", "10 h"]]}, "--json"))
    # 100 mg in 20 L; after 10 h exp(-1) of it is left. A level at the time of a dose is the one before it.
    assert told["concentration"] == pytest.approx([0.0, 1.8393972])
    assert told["amounts"]["central"] == pytest.approx([0.0, 36.787944])
    assert told["areas"][0]["area"] == pytest.approx(31.606028)  # 50 x (1 - exp(-1))
    assert "no order" in told["notice"]


def test_a_population_is_counted_by_subgroup_and_by_dose(pk: Call, tmp_path: Path):
    aim = {"kind": "auc", "wanted": "50 mg.h/L", "low": "40 mg.h/L", "high": "60 mg.h/L"}
    people = {
        "n": 40,
        "by": {"weight": ["40 kg", "70 kg", "120 kg"]},
        "targets": [aim],
        "sweep": {"doses": ["50 mg", "100 mg"], "every": "24 h", "target": aim},
    }
    asked = {**ONE, "covariates": {"weight": {"uniform": ["40 kg", "120 kg"]}}, "population": people}
    file = tmp_path / "answer.json"
    done = pk("simulate", asked, "--seed", "3", "--out", str(file))
    assert done.returncode == 0, done.stderr
    told = json.loads(file.read_text(encoding="utf-8"))
    everybody, light, heavy = told["targets"][0]["groups"]
    assert (everybody["n"], light["n"] + heavy["n"], told["seed"]) == (40, 40, 3)
    assert everybody["reached"] == light["reached"] + heavy["reached"]
    low, middle, high = (told["percentiles"][name][1] for name in ("5", "50", "95"))
    assert 0 < low < middle < high < 5.0  # nobody has more after 10 h than at once
    # The dose that was given is one of the row: both are counted from the same patients.
    assert told["sweep"]["doses"][1]["groups"] == told["targets"][0]["groups"]
    assert list(tmp_path.glob("*.part")) == []
    lines = pk("simulate", asked, "--seed", "3").stdout
    assert f"({everybody['reached']} of 40)" in lines


def test_a_protocol_tells_model_and_doses_and_what_was_taken(openinfusion: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("OPENINFUSION_HOME", str(tmp_path / "home"))
    file = tmp_path / "answer.json"
    done = openinfusion("pk", "simulate", "--protocol", "iv-infliximab", "--n", "20", "--seed", "1", "--out", str(file))
    assert done.returncode == 0, done.stderr
    told = json.loads(file.read_text(encoding="utf-8"))
    # 5 mg/kg at weeks 0, 2 and 6, then every 8 weeks (the protocol's sources), for the 77 kg of the model's typical patient.
    assert told["protocol"]["dose"] == {"value": "385", "unit": "mg"}
    assert told["protocol"]["sessions_h"][:4] == [0.0, 336.0, 1008.0, 2352.0]
    assert told["protocol"]["taken"] == {
        "weight": "77 kg",
        "albumin": "4.1 g/dL",
        "antibodies": "0.0",
        "female": "0.0",  # the typical patient of the model's file
        "indication": "CD",
    }
    assert set(told["protocol"]["sessions_h"]) <= set(told["time_h"])
    heavier = openinfusion("pk", "simulate", "--protocol", "iv-infliximab", "-f", "weight=100 kg", "-c", "indication=RA", "--json")
    assert answer(heavier)["protocol"]["dose"]["value"] == "300"  # 3 mg/kg
    own = tmp_path / "own.json"
    own.write_text('{"covariates": {"weight": "50 kg"}, "times": ["2 h"]}', encoding="utf-8")
    lighter = answer(openinfusion("pk", "simulate", str(own), "--protocol", "iv-infliximab", "--json"))
    assert lighter["protocol"]["dose"]["value"] == "250"  # the weight of the request doses too
    assert "weight" not in lighter["protocol"]["taken"]
    own.write_text('{"regimen": [{"infuse": "5 mg/kg", "over": "2 h"}], "times": ["2 h"]}', encoding="utf-8")
    assert "dose" not in answer(openinfusion("pk", "simulate", str(own), "--protocol", "iv-infliximab", "--json"))["protocol"]
    without = openinfusion("pk", "simulate", "--protocol", "ep-labour")
    assert without.returncode == REFUSED
    assert "No model of" in without.stderr


def test_a_level_as_expected_leaves_the_typical_patient_and_a_dose_follows_from_arithmetic(pk: Call):
    fitted = answer(pk("estimate", {**LEVELS, "times": ["12 h"]}, "--json"))
    assert fitted["believed"]
    assert fitted["etas"]["CL"] == pytest.approx(0.0, abs=0.01)
    assert fitted["band"]["lower"][0] < fitted["band"]["concentration"][0] < fitted["band"]["upper"][0]
    made = answer(pk("recommend", AIMED, "--json"))
    assert float(made["proposal"]["dose"]["value"]) == 100.0  # in steady state area = dose / CL
    assert 0.5 < made["proposal"]["probability"] <= 1.0
    assert "prescriber signs" in made["notice"]
    lines = pk("recommend", AIMED).stdout
    assert "100 mg every 24 h" in lines
    far = pk("estimate", {**LEVELS, "levels": [["10 h", "4.9 mg/L"]]})
    assert far.returncode == REFUSED
    assert "no dose may follow" in far.stdout


def test_a_target_is_held_without_ever_giving_less_than_nothing(pk: Call):
    asked = {"model": PLAIN, "covariates": {"weight": "70 kg"}, "targets": [["0 min", "4 mg/L"]], "until": "10 min", "greatest": "6 g/h"}
    told = answer(pk("tci", asked, "--json"))
    assert told["plasma"][-1] == pytest.approx(4.0)
    assert told["rate"][-1] == pytest.approx(8.0)  # CL x level
    assert min(told["rate"]) >= 0
    assert all(later >= earlier for earlier, later in pairwise(told["given"]))
    assert "No pump" in pk("tci", asked).stdout


def test_models_are_listed_by_drug_with_their_source_and_absent_ones_with_the_reason(openinfusion: Call):
    told = answer(openinfusion("pk", "models", "--json"))
    assert all(one["citation"] for one in told["models"])
    assert told["absent"]
    assert all(one["reason"] for one in told["absent"])
    assert "typical 79" in openinfusion("pk", "models", "vancomycin-goti-2018").stdout
    assert openinfusion("pk", "models", "no-such-model").returncode == NOT_FOUND


@pytest.mark.parametrize(
    ("command", "request_", "status", "said"),
    [
        ("simulate", {**ONE, "model": "no-such-model"}, NOT_FOUND, "no-such-model"),
        ("simulate", {**ONE, "covariates": {"weight": "200 kg"}}, REFUSED, "was not built on such patients"),
        ("simulate", {**ONE, "covariates": {"weight": 70}}, REFUSED, "has no unit"),
        ("simulate", {**ONE, "covariates": {}}, REFUSED, "needs weight"),
        ("simulate", {**ONE, "covariates": {"weight": "NaN kg"}}, REFUSED, "not a number"),
        ("simulate", {**ONE, "covariates": {"weight": True}}, MALFORMED, "covariates.weight"),
        ("simulate", {**ONE, "covariates": {"weight": {"uniform": ["40 kg", "90 kg"]}}}, MALFORMED, "is of a population"),
        ("simulate", {**ONE, "regimen": [{"dose": "100 mL"}]}, REFUSED, "of another kind"),
        ("simulate", {**ONE, "regimen": [{"infuse": "100 mg"}]}, MALFORMED, "regimen.0: infuse goes with over"),
        ("simulate", {**ONE, "regimen": []}, REFUSED, "dose"),
        ("simulate", {**ONE, "times": ["2 h", "1 h"]}, REFUSED, "do not follow one another"),
        ("simulate", {**ONE, "population": {}}, MALFORMED, "how many patients"),
        ("simulate", {**ONE, "population": {"n": 0}}, REFUSED, "no number"),
        ("simulate", {**ONE, "population": {"n": 9}, "times": {"to": "501 h", "step": "1 h"}}, REFUSED, "more than 500 times"),
        ("simulate", {**ONE, "dosage": []}, MALFORMED, "dosage"),
        ("simulate", '{"model": NaN}', MALFORMED, "NaN is no number"),
        ("simulate", '{"model": "a", "model": "b"}', MALFORMED, "stands twice"),
        ("simulate", "[" * 100_000, MALFORMED, "no JSON"),
        ("simulate", "[]", MALFORMED, "no JSON object"),
        ("estimate", {**LEVELS, "levels": []}, REFUSED, "level"),
        ("estimate", {**LEVELS, "levels": [["9 h", "2 mg/L"], ["8 h", "2 mg/L"]]}, REFUSED, "8 h"),
        ("estimate", {**LEVELS, "levels": [["9 h", "2 mg"]]}, REFUSED, "of another kind"),
        ("estimate", {**LEVELS, "levels": [["9 h", "BLQ"]]}, REFUSED, "quantification"),
        ("estimate", {**LEVELS, "model": {**PLAIN, "variability": {}}}, REFUSED, "plain"),
        ("recommend", {**AIMED, "limits": "no-such-protocol"}, NOT_FOUND, "no-such-protocol"),
        ("recommend", {**AIMED, "target": {"kind": "at", "wanted": "5 mg/L"}}, MALFORMED, "needs time"),
        ("recommend", {**AIMED, "target": {"kind": "auc", "wanted": "5 mg"}}, REFUSED, "of another kind"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(command: str, request_: object, status: int, said: str, pk: Call):
    done = pk(command, request_)
    assert done.returncode == status, done.stderr
    assert said in done.stderr
    assert done.stdout == ""


def test_a_folder_that_is_not_there_is_said_before_anything_is_computed(pk: Call, tmp_path: Path):
    done = pk("simulate", "this is not read", "--out", str(tmp_path / "no" / "answer.json"))
    assert done.returncode == NOT_FOUND
    assert "folder" in done.stderr


def test_the_command_line_loads_numbers_only_for_kinetics_and_django_never():
    script = (
        "import sys; from openinfusion.cli import command_line; command_line('pk');"
        "print(sorted({'numpy', 'scipy', 'numba', 'django'} & set(sys.modules)));"
        "from openinfusion.app import kinetics; print(sorted({'django', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]
