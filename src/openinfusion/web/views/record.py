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
from openinfusion.app.records import delivery_of
from openinfusion.core.administration import commands as c
from openinfusion.web.chairside import Posted, chairside
from openinfusion.web.charting import charted
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.placing import places
from openinfusion.web.telling import told
from openinfusion.web.timeline import timeline
from openinfusion.web.views.levels import of_record
from openinfusion.web.views.session import about


@signed_in(Action.READ_CHART)
@require_GET
def record(request: HttpRequest, session: uuid.UUID) -> HttpResponse:
    """Containers, ordered against given, every change, people, overrides, vital signs, reactions, corrections."""
    chair = chairside(ports(), str(session), actor_of(request))
    rates, drawn = chair.plan.rates, charted(chair)
    shown = {
        **about(chair, Posted()),
        "delivery": delivery_of(chair.state, chair.now),
        "ordered_volume": rates.volume if rates else None,
        "entries": [(one, told(one.event, chair.terms)) for one in chair.entries],
        **places(chair),
        "charted": drawn,
        "plot": timeline(chair.state, chair.now, drawn.strips, drawn.happenings),
        "may_correct": chair.may(c.CorrectEntry),
        "reviews": [(seq, [broken(rule, _).text for rule in rules]) for seq, rules in chair.state.reviews],
        "made_at": chair.now,
        **(of_record(chair.ports, chair.session, chair.now, {}) if chair.state.segments else {}),
    }
    return render(request, "web/record.html", shown)
