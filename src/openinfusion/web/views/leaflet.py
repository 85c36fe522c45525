"""The patient's leaflet of one order, to read and to print. The words are the protocol's own leaflet, the figures those of the order."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from openinfusion.app import chart, leaflet
from openinfusion.app.access import Action
from openinfusion.app.prescribing import order_of
from openinfusion.app.protocols import is_usable
from openinfusion.core.errors import NotFound
from openinfusion.web.house import ports
from openinfusion.web.people import signed_in


@signed_in(Action.READ_CHART)
@require_GET
def of_order(request: HttpRequest, course: uuid.UUID) -> HttpResponse:
    """The leaflet in the patient's language where the protocol has it, else in English."""
    house = ports()
    state = order_of(house, str(course))
    if state.plan is None:
        raise NotFound("order", str(course))
    loaded = house.library.of_hash(state.plan.content_hash)
    banner = chart.banner(house, state.patient)
    text = leaflet.html(loaded.protocol, state.plan, banner.identity.language, gettext)
    shown = {
        "banner": banner,
        "course": str(course),
        "protocol": loaded.protocol,
        "plan": state.plan,
        "is_example": not is_usable(house, loaded),
        "is_current": not state.is_cancelled,
        "has_language": banner.identity.language in loaded.protocol.leaflet,
        "text": mark_safe(text),  # noqa: S308 - the presenter of leaflets lets only the leaflet's own markup through, and its test says so
    }
    return render(request, "web/leaflet.html", shown)
