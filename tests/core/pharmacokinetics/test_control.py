"""Target-controlled infusion and insulin on board asked for in text."""

import pytest

from openinfusion.core.errors import CommandRefused
from openinfusion.core.pharmacokinetics.control import insulin_on_board
from openinfusion.core.pharmacokinetics.model import Model
from openinfusion.core.pharmacokinetics.tci import Site

MODEL = Model.from_dict(
    {
        "id": "marsh-like", "units": {"time": "min", "amount": "mg", "concentration": "mg/L"}, "structure": "three-compartment",
        "covariates": {"WT": {"unit": "kg", "low": 30, "high": 150}},
        "parameters": {"V": "0.228*WT", "KE": "0.119", "K12": "0.112", "K21": "0.055", "K13": "0.042", "K31": "0.0031", "KE0": "0.26"},
    }
)  # fmt: skip


def _control(**changed):
    asked = {"targets": [("0 min", "2 mg/L")], "until": "60 s", "greatest": "20000 mg/h", **changed}
    return MODEL.control({"WT": "70 kg"}, **asked)


def test_targets_and_the_greatest_rate_are_read_with_their_units():
    found = _control(targets=[("0 min", "2 ug/mL")])
    assert found.course.rate[0] / 3600 == pytest.approx(3.27269899102373, rel=0.005)  # PyTCI, tests/test_infusions.py, mg/s
    # 1200 mL/h of 10 mg/mL is 12000 mg/h, 3.33 mg/s
    limited = _control(targets=[("0 min", "4 mg/L")], greatest="1200 mL/h", concentration="10 mg/mL")
    assert limited.course.rate[0] == pytest.approx(12000)
    assert [one.code for one in limited.course.findings] == ["pk.tci-simulation-only", "pk.tci-rate-limited"]


def test_an_aim_at_the_effect_site_says_when_a_dose_would_peak_and_how_much_it_takes():
    found = _control(site="effect", until="5 min", greatest="100000 mg/h")
    assert found.site is Site.EFFECT
    assert found.peak_h is not None
    assert found.first_dose is not None
    assert found.course.given[3] == pytest.approx(found.first_dose, rel=0.05)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"site": "liver"}, "pk.tci-unknown-site"),
        ({"targets": [("0 min", "2 mg")]}, "pk.wrong-unit"),
        ({"targets": []}, "pk.tci-no-target"),
        ({"greatest": "1200 mL/h"}, "pk.wrong-unit"),
        ({"greatest": "1200 mL/h", "concentration": "10 [iU]/mL"}, "pk.wrong-unit"),
        ({"greatest": "0 mg/h"}, "pk.not-above-zero"),
        ({"until": "soon"}, "pk.unreadable"),
    ],
)
def test_what_cannot_be_read_is_refused(changed, code):
    with pytest.raises(CommandRefused) as refused:
        _control(**changed)
    assert refused.value.findings[0].code == code


def test_insulin_is_read_with_its_units():
    # LoopAlgorithm, iob_timeline.json: 2 units, after 120 and 370 minutes
    found = insulin_on_board([("2 [iU]", "0 h", "0 h")], ["120 min", "370 min"], duration="6 h", peak="75 min", delay="10 min")
    assert found == pytest.approx([1.0011536330991004, 0], abs=1e-12)
    with pytest.raises(CommandRefused, match="peak-too-late"):
        insulin_on_board([], ["1 h"], duration="6 h", peak="4 h", delay="0 min")
