"""What the record holds of earlier doses counts in the totals of a new order, over all orders of the ingredient."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from openinfusion.app.given import given_before
from openinfusion.app.prescribing import OrderRequest, draft, sign_order
from openinfusion.core.errors import CommandRefused
from openinfusion.core.prescribing.flow import Bolus, Segment
from openinfusion.core.protocol import Limit
from openinfusion.core.quantity import Quantity
from tests.app.test_prescribing import INFLIXIMAB
from tests.app.ward import DOCTOR, PATIENT, Bed, ward

ONE = UUID("22222222-2222-4222-8222-222222222201")


@pytest.fixture
def bed() -> Bed:
    """One infusion of infliximab, planned."""
    return ward("iv-infliximab", INFLIXIMAB).admitted({"concurrent": ("methotrexate",)}).ordered().planned(ONE)


def limited(bed: Bed, spare: str) -> None:
    """Give the protocol a hard total for life: what the listed sessions of one order come to, and a little to spare."""
    made = draft(bed.ward.ports, str(PATIENT), "iv-infliximab", INFLIXIMAB)
    assert made.dose is not None
    most = made.dose.amount.scaled(len(made.course)) + Quantity(spare, "mg")
    figure = {**most.to_json(), "sources": [{"cite": "made-up", "at": "test", "tier": "A"}]}
    ever = Limit.model_validate(
        {
            "id": "ever",
            "measure": "dose",
            "op": "<=",
            "figure": figure,
            "strength": "hard",
            "cumulative": True,
            "sources": figure["sources"],
        }
    )
    library = bed.ward.fakes.library
    loaded = library.entries()["iv-infliximab"]
    library.others["iv-infliximab"] = replace(
        loaded, protocol=loaded.protocol.model_copy(update={"limits": (*loaded.protocol.limits, ever)})
    )


def found(bed: Bed) -> set[str]:
    made = draft(bed.ward.ports, str(PATIENT), "iv-infliximab", INFLIXIMAB)
    return {finding.code for finding in made.findings if finding.rule == "ever"}


def given(bed: Bed) -> Bed:
    bed.ready()
    bed.do(bed.start())
    return bed.wait(hours=1)


def test_a_total_for_life_counts_what_another_order_gave_and_will_give(bed):
    limited(bed, "100")
    assert found(bed) == set()  # planned is not given
    given(bed)
    assert found(bed) == {"dose.above-hard-window"}


def test_an_order_that_would_pass_it_is_not_signed(bed):
    limited(bed, "100")
    given(bed)
    request = OrderRequest("course-2", str(PATIENT), "iv-infliximab", INFLIXIMAB, {})
    with pytest.raises(CommandRefused) as refused:
        sign_order(bed.ward.ports, request, bed.ward.sent("doctor"), DOCTOR)
    assert "dose.above-hard-window" in {finding.code for finding in refused.value.findings}


def test_equality_is_inside_over_all_sources_too(bed):
    dose = bed.plan.dose
    assert dose is not None
    limited(bed, dose.amount.to("mg").text)
    given(bed)
    assert found(bed) == set()


def test_the_amounts_stand_at_their_times_before_the_start_of_the_order(bed):
    given(bed)
    today = bed.ward.fakes.clock.now().date()
    (flowing, to_come) = given_before(bed.ward.ports, str(PATIENT), ["infliximab"], today)["infliximab"]
    assert isinstance(flowing, Segment)
    assert isinstance(to_come, Segment)
    assert (flowing.start, flowing.end, to_come.start) == (Quantity(-1, "h"), Quantity(0, "h"), Quantity(0, "h"))
    (later, _) = given_before(bed.ward.ports, str(PATIENT), ["infliximab"], today + timedelta(days=7))["infliximab"]
    assert not isinstance(later, Bolus)
    assert later.end == Quantity(-7, "d")


def test_other_ingredients_and_other_patients_have_nothing(bed):
    given(bed)
    today = bed.ward.fakes.clock.now().date()
    assert given_before(bed.ward.ports, str(PATIENT), ["rituximab"], today) == {"rituximab": ()}
    assert given_before(bed.ward.ports, "somebody-else", ["infliximab"], today) == {}
