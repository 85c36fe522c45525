"""The course of one patient as people ask for it: with units, from a model or the record, refused with reasons where it cannot be."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openinfusion import pk
from openinfusion.core.administration import events as e
from openinfusion.core.administration.parts import Container
from openinfusion.core.errors import CommandRefused, ProtocolError
from openinfusion.core.event import Event
from openinfusion.core.finding import Level
from openinfusion.core.pharmacokinetics import engine
from openinfusion.core.pharmacokinetics.patient_facts import Fact
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity
from tests.core.pharmacokinetics.plain import made

MODEL = made(
    2,
    covariates={"CR": {"unit": "mL/min", "low": 20, "high": 150}, "HD": {"unit": "1", "low": 0, "high": 1}},
    parameters={"CL": "5 * CR/100 * 0.5**HD", "KE0": "0.7"},
    absorption={"SC": {"kind": "first-order", "ka": "0.9"}},
)
PATIENT: Mapping[str, Fact] = {"CR": "80 mL/min", "HD": 0}
DAY = ["1 h", "6 h", "24 h"]


def test_the_example_of_the_plan_gives_one_level_for_each_time():
    model = pk.Model.load("vancomycin-goti-2018")
    regimen = pk.Regimen().infuse("1750 mg", over="2 h").rate("40 mg/h", start="2 h", stop="48 h")
    found = model.simulate({"weight": "79 kg", "crcl": "62 mL/min", "hd": 0}, regimen, times=pk.grid("0 h", "50 h", "0.5 h"))
    assert found.concentration.shape == found.time_h.shape == (101,)
    assert set(found.amounts) == {"central", "peripheral1"}
    # Goti 2018: CL = 4.5 (62/120)^0.8 L/h; a flow for ever comes to rate over clearance
    lasting = model.simulate({"weight": "79 kg", "crcl": "62 mL/min", "hd": 0}, pk.Regimen().rate("40 mg/h"), times=["10000 h"])
    assert lasting.concentration[0] == pytest.approx(40 / (4.5 * (62 / 120) ** 0.8), rel=1e-12)


def test_the_area_of_a_window_is_its_share_of_dose_over_clearance():
    steady = pk.Regimen().dose("400 mg", every="12 h", n=3, steady=True)
    assert MODEL.simulate(PATIENT, steady, DAY).auc("0 h", "24 h") == pytest.approx(800 / 4.0, rel=1e-12)  # CL = 5 * 80/100


def test_texts_of_any_unit_of_time_are_the_same_times():
    regimen = pk.Regimen().dose("400 mg")
    assert MODEL.simulate(PATIENT, regimen, ["90 min", "1 d"]).concentration.tolist() == pytest.approx(
        MODEL.simulate(PATIENT, regimen, ["1.5 h", "24 h"]).concentration.tolist()
    )


def test_a_course_goes_on_from_a_state():
    regimen = pk.Regimen().dose("400 mg", route="SC", every="8 h", n=3)
    whole = MODEL.simulate(PATIENT, regimen, DAY)
    later = MODEL.simulate(PATIENT, regimen, ["6 h", "24 h"], start=whole.state("5 h"))
    assert later.concentration == pytest.approx(whole.concentration[1:], rel=1e-12)
    assert later.effect == pytest.approx(whole.effect[1:], rel=1e-12)


def test_between_two_measurements_the_last_or_the_next_one_holds():
    # With clearances of 4 and 2 L/h before and after 6 h, or 2 L/h from the first measurement on.
    changing: Mapping[str, Fact] = {"CR": [("0 h", "80 mL/min"), ("6 h", "40 mL/min")], "HD": 0}
    regimen = pk.Regimen().dose("400 mg")
    first, second = MODEL.simulate(PATIENT, regimen, DAY), MODEL.simulate({"CR": "40 mL/min", "HD": 0}, regimen, DAY)
    last, following = (MODEL.simulate(changing, regimen, DAY, between=word).concentration for word in ("locf", "nocb"))
    assert last[:2] == pytest.approx(first.concentration[:2], rel=1e-12)
    assert first.concentration[2] < last[2] < second.concentration[2]
    assert following == pytest.approx(second.concentration, rel=1e-12)


def test_the_code_of_the_how_to_runs():
    text = (Path(__file__).parents[3] / "docs" / "how-to" / "levels-in-python.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        exec(block, names)  # it is our own
    assert names["course"].concentration.shape == (101,)
    assert names["own"].status == "complete"


def _simulated(**changed: object) -> Callable[[], object]:
    asked: dict[str, Any] = {"covariates": PATIENT, "regimen": pk.Regimen().dose("1 mg"), "times": DAY, **changed}
    return lambda: MODEL.simulate(**asked).concentration


STEADY = pk.Regimen().dose("1 mg", start="5 h", every="8 h", n=1, steady=True)
REFUSED: list[tuple[Callable[[], object], str]] = [
    (_simulated(covariates={"HD": 0}), "pk.covariate-missing"),
    (_simulated(covariates={**PATIENT, "WT": "70 kg"}), "pk.covariate-unknown"),
    (_simulated(covariates={**PATIENT, "CR": "19 mL/min"}), "pk.covariate-outside-domain"),
    (_simulated(covariates={**PATIENT, "CR": [("0 h", "80 mL/min"), ("1 h", "151 mL/min")]}), "pk.covariate-outside-domain"),
    (_simulated(covariates={**PATIENT, "CR": "80 kg"}), "pk.wrong-unit"),
    (_simulated(covariates={**PATIENT, "CR": 80}), "pk.unit-missing"),
    (_simulated(covariates={**PATIENT, "CR": "eighty mL/min"}), "pk.unreadable"),
    (_simulated(covariates={**PATIENT, "CR": "nan mL/min"}), "pk.unreadable"),
    (_simulated(covariates={**PATIENT, "HD": float("nan")}), "pk.not-a-number"),
    (_simulated(covariates={**PATIENT, "CR": [("2 h", "80 mL/min"), ("1 h", "80 mL/min")]}), "pk.unordered-times"),
    (_simulated(covariates={**PATIENT, "CR": []}), "pk.unordered-times"),
    (_simulated(between="guess"), "pk.unknown-between"),
    (_simulated(times=["3 h", "1 h"]), "pk.unordered-times"),
    (_simulated(times=["3 mg"]), "pk.wrong-unit"),
    (_simulated(regimen=STEADY), "pk.before-steady-state"),
    (_simulated(regimen=pk.Regimen().dose("1 mg", route="IM")), "pk.route-not-in-model"),
    (lambda: made().simulate({}, pk.Regimen().dose("1 mg"), DAY).effect, "pk.no-effect-site"),
    (lambda: made(parameters={"CL": "0 - 1"}).simulate({}, pk.Regimen().dose("1 mg"), DAY), "pk.impossible-parameter"),
    (lambda: MODEL.simulate(PATIENT, pk.Regimen(), DAY).auc("3 h", "1 h"), "pk.stop-before-start"),
    (lambda: MODEL.simulate(PATIENT, pk.Regimen(), DAY, start=MODEL.simulate(PATIENT, pk.Regimen(), DAY).state("2 h")), "pk.before-state"),
]


@pytest.mark.parametrize(("asked", "code"), REFUSED, ids=[f"{code}-{place}" for place, (_, code) in enumerate(REFUSED)])
def test_what_cannot_be_worked_out_is_refused_with_its_reason(asked: Callable[[], object], code: str):
    with pytest.raises(CommandRefused) as refusal:
        asked()
    assert {finding.code for finding in refusal.value.findings} == {code}
    assert all(finding.level is Level.MISSING for finding in refusal.value.findings)


def test_every_covariate_that_is_wrong_is_told_at_once():
    with pytest.raises(CommandRefused) as refusal:
        MODEL.simulate({"WT": "70 kg"}, pk.Regimen(), DAY)
    assert [finding.code for finding in refusal.value.findings] == ["pk.covariate-missing", "pk.covariate-missing", "pk.covariate-unknown"]


def test_a_model_that_nobody_knows_names_those_there_are():
    with pytest.raises(ProtocolError, match="vancomycin-goti-2018"):
        pk.Model.load("elixir")


def test_without_a_place_to_keep_compiled_code_numpy_computes_and_the_result_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engine, "_compiled", lambda: "no-cache")
    found = MODEL.simulate(PATIENT, pk.Regimen().dose("1 mg"), np.linspace(0, 24, engine.SMALL))
    assert [(finding.code, finding.params) for finding in found.findings] == [("pk.not-compiled", {"why": "no-cache"})]
    assert found.concentration.shape == (engine.SMALL,)


@dataclass(frozen=True)
class Happened:
    """An event as a store holds it."""

    event: Event
    seq: int
    occurred_at: datetime
    actor: str = "nurse"

    @property
    def recorded_at(self) -> datetime:
        """At once."""
        return self.occurred_at


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def bag(code: str, drug: str = "vancomycin") -> Container:
    """500 mg in 100 mL."""
    amounts = Quantity(500, "mg"), Quantity(100, "mL")
    return Container(code, drug, *amounts, Route.IV, "L1", date(2027, 1, 1), "pharmacist", NOON)


def record(*happened: tuple[int, Event]) -> list[Happened]:
    """Events at minutes after noon."""
    return [Happened(event, seq, NOON + timedelta(minutes=minute)) for seq, (minute, event) in enumerate(happened, 1)]


def test_the_record_of_a_session_is_a_regimen_of_what_truly_flowed():
    ran = record(
        (0, e.ContainerPrepared(bag("A"))),
        (10, e.InfusionStarted("A", Quantity(60, "mL/h"))),
        (40, e.RateChanged(Quantity(120, "mL/h"))),
        (55, e.InfusionPaused()),
        (70, e.InfusionResumed(Quantity(60, "mL/h"))),
        (85, e.InfusionStopped("nausea")),
    )
    # 5 mg/mL: 300 mg/h for half an hour, 600 for a quarter, nothing for a quarter, 300 for a quarter
    (doses,) = pk.Regimen.from_events(ran).course(MODEL).doses
    assert doses.start_h.tolist() == [0, 0.5, 1.0]
    assert doses.stop_h.tolist() == [0.5, 0.75, 1.25]
    assert doses.rate[:, 0] == pytest.approx([300, 600, 300])
    later = pk.Regimen.from_events(ran, since=NOON).course(MODEL).doses[0]
    assert later.start_h[0] == pytest.approx(10 / 60)


def test_what_still_flows_has_no_end_and_another_drug_or_an_unknown_bag_is_refused():
    prepared, started = (0, e.ContainerPrepared(bag("A"))), (0, e.InfusionStarted("A", Quantity(60, "mL/h")))
    assert pk.Regimen.from_events(record(prepared, started)).course(MODEL).doses[0].stop_h.tolist() == [np.inf]
    for asked, code in (
        (lambda: pk.Regimen.from_events(record(started)), "pk.container-unknown"),
        (lambda: pk.Regimen.from_events(record(prepared, started), drug="infliximab"), "pk.several-drugs"),
    ):
        with pytest.raises(CommandRefused) as refusal:
            asked()
        assert [finding.code for finding in refusal.value.findings] == [code]
