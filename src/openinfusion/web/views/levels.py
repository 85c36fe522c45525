"""The expected level of one order and of one session, each on a page of its own, and as a part of others. It shows and changes nothing;
what computes is loaded when a page first needs it.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from openinfusion.app import chart
from openinfusion.app.access import Action
from openinfusion.app.ports import Ports
from openinfusion.app.prescribing import order_of
from openinfusion.core.errors import NotFound
from openinfusion.web.chairside import Posted, chairside
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.views.session import about
from openinfusion.web.wording import finding_words

if TYPE_CHECKING:
    from openinfusion.app.kinetic_views import Expected, Lacking


@signed_in(Action.READ_CHART)
@require_GET
def of_order(request: HttpRequest, course: uuid.UUID) -> HttpResponse:
    """What an order is expected to give, before anything of it is given."""
    from openinfusion.app import kinetic_views

    house = ports()
    state = order_of(house, str(course))
    if state.plan is None:
        raise NotFound("order", str(course))
    protocol = house.library.of_hash(state.plan.content_hash).protocol
    found = kinetic_views.of_order(house, state.patient, state.plan, written(request), _)
    shown = {
        "banner": chart.banner(house, state.patient),
        "banner_route": protocol.route,
        "banner_protocol": f"{protocol.title} {protocol.version}",
        "protocol": protocol,
        "course": course,
        **level_context(found),
    }
    return render(request, "web/kinetics/of_order.html", shown)


@signed_in(Action.READ_CHART)
@require_GET
def of_session(request: HttpRequest, session: uuid.UUID) -> HttpResponse:
    """What a session is expected to have given by what flowed."""
    chair = chairside(ports(), str(session), actor_of(request))
    shown = {**about(chair, Posted()), **of_record(chair.ports, str(session), chair.now, written(request))}
    return render(request, "web/kinetics/of_session.html", shown)


def of_record(house: Ports, session: str, now: datetime, said: Mapping[str, str]) -> dict[str, Any]:
    """The level of a session for a template."""
    from openinfusion.app import kinetic_views

    return level_context(kinetic_views.of_session(house, session, said, now, _))


def written(request: HttpRequest) -> dict[str, str]:
    """What a person wrote of the patient for one picture: fields that begin with `f.`."""
    given = request.POST if request.method == "POST" else request.GET
    return {name.removeprefix("f."): str(given.get(name, ""))[:40] for name in given if name.startswith("f.")}


def level_context(found: "Expected | Lacking") -> dict[str, Any]:
    """What the part of a template that shows a level needs: `level` or `lacking`."""
    from openinfusion.app.kinetic_views import Lacking
    from openinfusion.app.present.kinetic_drawing import drawing_of

    said = {
        "refusals": [finding_words(one) for one in found.findings],
        "to_write": [one for one in found.asked if not one.is_charted],
    }
    if isinstance(found, Lacking):
        return {"lacking": found, **said}
    drawing = mark_safe(drawing_of(found.picture, _))  # noqa: S308 - made by the presenter, which escapes every word
    return {"level": found, "drawing": drawing, **said}
