"""The administration record of one session, for reading and for paper, and the correction of an entry. Nothing is removed from it: what was
entered in error stays, struck through, with the reason.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from openinfusion.app.access import Action
from openinfusion.app.present import broken
from openinfusion.app.records import Entry, chronicle, delivery_of
from openinfusion.core.administration import commands as c
from openinfusion.core.administration import events as e
from openinfusion.core.quantity import Quantity
from openinfusion.web.chairside import Chairside, Posted, chairside
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.telling import told
from openinfusion.web.timeline import timeline

_MOST_SERIES = 4


@signed_in(Action.READ_CHART)
@require_GET
def record(request: HttpRequest, session: uuid.UUID) -> HttpResponse:
    """Containers, ordered against given, every change, people, overrides, vital signs, reactions, corrections."""
    chair = chairside(ports(), str(session), actor_of(request))
    entries = chronicle(chair.ports.log.read(f"session/{session}"))
    rates = chair.plan.rates
    shown = {
        "chair": chair,
        "state": chair.state,
        "plan": chair.plan,
        "protocol": chair.protocol,
        "wording": chair.wording,
        "terms": chair.terms,
        "now": chair.now,
        "posted": Posted(),
        "which": "",
        "banner": chair.banner,
        "banner_route": chair.protocol.route,
        "banner_session": chair.place_in_course,
        "banner_protocol": f"{chair.protocol.title} {chair.protocol.version}",
        "is_example": chair.is_example,
        "delivery": delivery_of(chair.state, chair.now),
        "ordered_volume": rates.volume if rates else None,
        "entries": [(one, told(one.event, chair.terms)) for one in entries],
        "plot": timeline(chair.state, chair.now, _series(entries, chair)),
        "may_correct": chair.may(c.CorrectEntry),
        "reviews": [(seq, [broken(rule, _).text for rule in rules]) for seq, rules in chair.state.reviews],
        "made_at": chair.now,
    }
    return render(request, "web/record.html", shown)


def _series(entries: Iterable[Entry], chair: Chairside) -> dict[str, list[tuple[datetime, Quantity]]]:
    """The observed values over time of the first few codes; what was entered in error is not drawn."""
    found: dict[str, list[tuple[datetime, Quantity]]] = {}
    for one in entries:
        if one.struck or not isinstance(one.event, e.ObservationRecorded):
            continue
        for reading in one.event.readings:
            if isinstance(reading.value, Quantity):
                found.setdefault(reading.code, []).append((one.at, reading.value))
    for code in [code for code in found if any(part.startswith(f"{code}.") for part in found)]:
        del found[code]
    watched = [limit.observation for limit in chair.protocol.alarms]
    order = sorted(found, key=lambda code: (code not in watched, list(found).index(code)))
    return {code: sorted(found[code], key=lambda pair: pair[0]) for code in order[:_MOST_SERIES]}
