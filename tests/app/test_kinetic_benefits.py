"""The four benefits are computed, their numbers follow from the models' own by hand, and the document and its pictures are current."""

from math import exp, log
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from openinfusion.app.kinetic_benefits import benefit_pictures, benefits_page, usual_benefits
from openinfusion.app.kinetic_routes import by_route
from openinfusion.core.errors import CommandRefused
from openinfusion.core.pharmacokinetics.comparison import Traced
from openinfusion.protocols.kinetics import load_model

EXPLAINED = Path(__file__).parents[2] / "docs" / "explanation"


def ways(n: int) -> tuple[Traced, Traced]:
    first, second = usual_benefits()[n].made.exact
    return first, second


def test_the_document_and_its_pictures_are_current() -> None:
    # Made anew by `python scripts/reference.py`.
    assert (EXPLAINED / "four-benefits-of-infusion.md").read_text(encoding="utf-8") == benefits_page()
    for name, picture in benefit_pictures().items():
        assert (EXPLAINED / name).read_text(encoding="utf-8") == picture


def test_into_a_vein_it_acts_sooner_and_all_of_it_arrives() -> None:
    vein, tablet = ways(0)
    assert vein.onset_h is not None
    assert tablet.onset_h is not None
    assert vein.onset_h < tablet.onset_h - 5.3 / 60  # the tablet's lag alone, which the model states as 5.3 min
    assert vein.peak_h == pytest.approx(0.25)  # the end of 15 min
    assert vein.peak > tablet.peak


def test_an_even_flow_holds_the_level_that_rate_over_clearance_gives_and_tablets_swing_around_it() -> None:
    even, mouth = ways(1)
    clearance = 91.9 * (83 / 70) ** 0.75  # L/h, of the model at its reference weight
    assert even.level[-1] == pytest.approx(2 / clearance, rel=1e-5)
    late = mouth.level[mouth.time_h >= 60]
    assert late.max() / late.min() > 2.5
    assert even.level[even.time_h >= 60].max() / even.level[even.time_h >= 60].min() < 1.001
    day = mouth.time_h >= 48
    mean = ((mouth.level[day][1:] + mouth.level[day][:-1]) / 2 * (mouth.time_h[day][1:] - mouth.time_h[day][:-1])).sum() / 24
    assert mean == pytest.approx(2 / clearance, rel=0.01)  # as much of it in the blood


def test_a_muscle_needs_no_swallowing_and_takes_up_more_than_the_mouth() -> None:
    muscle, mouth = ways(2)
    assert muscle.peak_h == pytest.approx(0.689, abs=1e-4)  # h, the duration of uptake of the model
    assert mouth.area / muscle.area == pytest.approx(0.844, rel=0.01)  # F by mouth of the model


def test_a_depot_lasts_by_its_release_and_not_by_its_elimination() -> None:
    depot, straight = ways(3)
    release, elimination = 0.001, 197 / 12300  # per h, of the model at its reference weight
    assert depot.peak_h == pytest.approx(log(elimination / release) / (elimination - release), rel=1e-3)  # of one compartment, by hand
    assert depot.above_h > 3.5 * straight.above_h
    base, gain = 572 / 197, 750_000 / 12300 * release / (elimination - release)
    for passed in (depot.onset_h, depot.last_h):
        assert passed is not None
        level = base + gain * (exp(-release * passed) - exp(-elimination * passed))
        assert level == pytest.approx(base + (depot.peak - base) / 2, rel=1e-3)


def test_every_model_with_several_routes_compares_them_and_half_the_dose_is_half_the_level() -> None:
    model = load_model("enoxaparin-feng-2006")
    whole, half = (by_route(model, dose, above=above) for dose, above in (("4000 [iU]", "200 [iU]/L"), ("2000 [iU]", "100 [iU]/L")))
    assert [row.name for row in whole.rows] == ["into a vein", "under the skin"]
    for one, other in zip(whole.exact, half.exact, strict=True):
        assert other.peak == pytest.approx(one.peak / 2)
        assert other.above_h == pytest.approx(one.above_h, rel=1e-6)
    with pytest.raises(CommandRefused):
        by_route(model, "40 mg")


def test_a_picture_says_itself_in_words_and_tells_its_curves_apart_without_colour() -> None:
    svg = "{http://www.w3.org/2000/svg}"
    for picture in benefit_pictures().values():
        root = ET.fromstring(picture)
        title, words = (root.find(f"{svg}{tag}") for tag in ("title", "desc"))
        assert title is not None
        assert title.text
        assert words is not None
        assert "not measured" in str(words.text)
        curves = [one for one in root.iter(f"{svg}polyline") if str(one.get("class")).startswith("curve")]
        assert len({one.get("stroke-dasharray") for one in curves}) == len(curves) == 2
        assert "Expected level, m" in "".join(root.itertext())
