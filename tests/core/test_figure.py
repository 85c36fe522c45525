"""A number has an origin or does not exist, and the trust in a result is that of its weakest figure."""

import pytest
from pydantic import ValidationError

from openinfusion.core.figure import Figure, Source, Tier, best, worst
from openinfusion.core.quantity import Quantity

LABEL = {"cite": "label", "at": "section 2", "tier": "A"}
COPY = {"cite": "copy", "at": "page 3", "tier": "D"}


def test_a_figure_reads_and_writes_the_form_of_the_files() -> None:
    form = {"value": "5", "unit": "mg/kg", "sources": [LABEL]}
    figure = Figure.model_validate(form)
    assert figure.quantity == Quantity(5, "mg/kg")
    assert figure.model_dump(mode="json") == form


@pytest.mark.parametrize(
    "raw",
    [
        {"value": "5", "unit": "mg"},
        {"value": "5", "unit": "mg", "sources": []},
        {"value": "5", "sources": [LABEL]},
        {"value": "71,5", "unit": "kg", "sources": [LABEL]},
        {"value": "5", "unit": "U", "sources": [LABEL]},
        {"value": "5", "unit": "mg", "sources": [{"cite": "label", "at": "", "tier": "A"}]},
        {"value": "5", "unit": "mg", "sources": [LABEL], "note": "about"},
    ],
)
def test_a_figure_without_source_place_unit_or_plain_number_is_refused(raw: object) -> None:
    with pytest.raises(ValidationError):
        Figure.model_validate(raw)


def test_one_good_source_carries_a_figure() -> None:
    assert Figure.model_validate({"value": "5", "unit": "mg", "sources": [COPY, LABEL]}).tier is Tier.A


def test_the_weakest_figure_decides_for_a_result() -> None:
    assert worst([Tier.A, Tier.C, Tier.B]) is Tier.C
    assert worst([]) is None
    assert best([]) is Tier.U
    assert best([Source.model_validate(COPY)]) is Tier.D


@pytest.mark.parametrize(("tier", "may"), [("A", True), ("B", True), ("C", True), ("D", False), ("S", False), ("U", False)])
def test_only_the_first_three_tiers_may_stand_in_an_active_dose(tier: str, may: bool) -> None:
    # fact base, table of trust tiers: D, S and U may not
    assert Tier(tier).may_be_active is may
