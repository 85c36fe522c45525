"""What is made for a session says with what it was diluted and until when it may be used; the sources' own times are the longest."""

from datetime import timedelta
from typing import Any

import pytest

from openinfusion.core.administration import commands as c
from openinfusion.core.administration.preparing import latest_use
from tests.core.prescribing.therapies import SOURCE, figure

from .chair import Chair, injected, stepped

KEPT = [
    {"id": "warm", "lasts": figure("3 h"), "condition": "room-temperature", "sources": [SOURCE]},
    {"id": "cold", "lasts": figure("24 h"), "condition": "refrigerated", "sources": [SOURCE]},
    {"id": "other", "products": ["Other"], "lasts": figure("9 d"), "condition": "refrigerated", "sources": [SOURCE]},
    {"id": "closed", "lasts": figure("60 d"), "condition": "vial-unopened", "sources": [SOURCE]},
]


@pytest.fixture
def chair() -> Chair:
    """A therapy diluted with saline that keeps three hours, or a day in the cold."""
    bag = {"containers": [figure("1000 mg")], "diluents": ["saline"], "final_volume": figure("250 mL"), "sources": [SOURCE]}
    return Chair(stepped(preparation={**bag, "stability": KEPT}))


def released(chair: Chair, **parts: Any) -> frozenset[str]:
    usual: dict[str, Any] = {"use_before": chair.now + timedelta(hours=24)}
    return chair.refused(c.PrepareContainer(chair.bag(**{**usual, **parts})), "pharma")


def test_what_is_told_in_full_is_released_to_the_longest_stated_time(chair):
    assert latest_use(chair.context("pharma").order, "", chair.now) == chair.now + timedelta(hours=24)
    assert released(chair) == frozenset()
    assert released(chair, use_before=chair.now + timedelta(hours=24, microseconds=1)) == {"container.use-before-too-late"}


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"use_before": None}, "container.use-before-missing"),
        ({"diluent": " "}, "container.diluent-missing"),
        ({"diluent": "glucose"}, "container.diluent-differs"),
    ],
)
def test_what_is_not_told_or_not_allowed_is_not_released(chair, parts, code):
    assert released(chair, **parts) == {code}


def test_where_the_sources_state_no_time_none_is_asked():
    assert latest_use(Chair(stepped()).context("pharma").order, "", Chair(stepped()).now) is None
    assert released(Chair(stepped()), use_before=None) == frozenset()


def test_a_product_that_comes_ready_to_use_has_no_diluent():
    preparation = {"containers": [figure("1000 mg")], "final_volume": figure("250 mL"), "sources": [SOURCE]}
    assert released(Chair(stepped(preparation=preparation)), use_before=None, diluent="") == frozenset()


def test_what_dissolves_a_powder_counts_as_its_diluent():
    assert released(Chair(injected()), diluent="") == {"container.diluent-missing"}
    assert released(Chair(injected()), diluent="lidocaine") == frozenset()


def test_an_emergency_waits_for_neither(chair):
    hurried = Chair(stepped(emergency=True, preparation=chair.protocol.preparation.model_dump(by_alias=True, mode="json")))
    assert released(hurried, use_before=None, diluent="") == frozenset()
