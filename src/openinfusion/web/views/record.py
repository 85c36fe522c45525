"""The administration record of one session, for reading and for paper, and the correction of an entry. Nothing is removed from it: what was
entered in error stays, struck through, with the reason.
"""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from openinfusion.app.access import Action
from openinfusion.app.present import broken
from openinfusion.app.records import chronicle, delivery_of
from openinfusion.core.administration import commands as c
from openinfusion.web.chairside import Posted, chairside
from openinfusion.web.charting import charted
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.telling import told
from openinfusion.web.timeline import timeline


@signed_in(Action.READ_CHART)
@require_GET
def record(request: HttpRequest, session: uuid.UUID) -> HttpResponse:
    """Containers, ordered against given, every change, people, overrides, vital signs, reactions, corrections."""
    chair = chairside(ports(), str(session), actor_of(request))
    entries = chronicle(chair.ports.log.read(f"session/{session}"))
    rates, drawn = chair.plan.rates, charted(chair, entries)
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
        "charted": drawn,
        "plot": timeline(chair.state, chair.now, drawn.strips, drawn.happenings),
        "may_correct": chair.may(c.CorrectEntry),
        "reviews": [(seq, [broken(rule, _).text for rule in rules]) for seq, rules in chair.state.reviews],
        "made_at": chair.now,
    }
    return render(request, "web/record.html", shown)
