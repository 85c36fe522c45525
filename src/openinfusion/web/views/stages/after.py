"""Observe and discharge: the countdown from the confirmed stop, the checks that remain, and the criteria computed from events."""

from typing import Any

from django.http import HttpRequest

from openinfusion.app.records import delivery_of
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.checklist import DischargeItem, Need, criteria
from openinfusion.core.administration.parts import Amount
from openinfusion.core.administration.volume import is_reconciled
from openinfusion.core.protocol import Delivery
from openinfusion.web.chairside import Chairside, Posted
from openinfusion.web.observing import USUAL, observed
from openinfusion.web.views.stages.run import charts, vitals

_TICKS = {
    Need.ACCESS_REMOVED: (DischargeItem.ACCESS_REMOVED, DischargeItem.ACCESS_LOCKED),
    Need.SITE_COVERED: (DischargeItem.SITE_COVERED,),
    Need.TEACH_BACK: (DischargeItem.TEACH_BACK,),
    Need.LEAFLET_GIVEN: (DischargeItem.LEAFLET_GIVEN,),
    Need.CONTACT_GIVEN: (DischargeItem.CONTACT_GIVEN,),
}


def observe(chair: Chairside, request: HttpRequest, posted: Posted) -> dict[str, Any]:
    """How long the patient stays, and what is looked at meanwhile."""
    del request, posted
    wanted = dict.fromkeys([*(code for one in chair.owed for code in one.codes), *USUAL])
    return {
        "observations": observed(wanted),
        "vitals": vitals(chair),
        **charts(chair),
        "is_injection": chair.protocol.delivery is Delivery.INJECTION,
        "diary": chair.protocol.home.diary if chair.protocol.home.nurse_present else (),
        **_amount(chair),
    }


def discharge(chair: Chairside, request: HttpRequest, posted: Posted) -> dict[str, Any]:
    """The criteria, the ticks, and the form that closes the session."""
    del request
    found = criteria(chair.state, chair.protocol, chair.now)
    unmet = [one for one in found if not one.met]
    return {
        "criteria": [(one, _TICKS.get(one.id, ())) for one in found],
        "unmet": [(one, posted.data.get(f"reasons.{one.id.value}", "")) for one in unmet],
        "may_close": chair.may(c.Discharge),
        "next_session": next((slot for slot in chair.plan.course if slot.number == chair.state.number + 1), None),
        "diary": chair.protocol.home.diary if chair.protocol.home.nurse_present else (),
        **_amount(chair),
    }


def _amount(chair: Chairside) -> dict[str, Any]:
    """How much went in, and whether a person has to settle it."""
    state = chair.state
    return {
        "delivery": delivery_of(state, chair.now),
        "is_settled": is_reconciled(state, chair.now),
        "is_uncertain": state.amount is Amount.UNCERTAIN,
        "pump_volume": state.pump.volume if state.pump else None,
        "read_volume": state.reported_volume,
    }
