"""The drawing over the clock for a page that is open: the same strips and events as the server's own drawing, as numbers for a script to
draw again while they change. Moments are seconds since 1970; a value of null is a gap.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from openinfusion.app.access import Action
from openinfusion.app.present import code_words
from openinfusion.core.administration.parts import Flow, SegmentKind
from openinfusion.core.quantity import Quantity
from openinfusion.web.chairside import Chairside, chairside
from openinfusion.web.charting import Charted, Strip, charted_now
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.timeline import corners_ahead
from openinfusion.web.wording import amount_text, unit_words

Points = Sequence[tuple[datetime, Quantity | None]]


@signed_in(Action.READ_CHART)
@require_GET
def chart(request: HttpRequest, session: uuid.UUID) -> JsonResponse:
    """The newest drawing of one session."""
    chair = chairside(ports(), str(session), actor_of(request))
    return JsonResponse(drawn(chair, charted_now(chair)))


def drawn(chair: Chairside, found: Charted) -> dict[str, Any]:
    """The drawing as a JSON object."""
    flow = _flow(chair)
    strips: list[Any] = [_joined(gettext("Rate"), "rate", flow)] if flow else []
    strips += [_strip(strip, chair) for strip in found.strips]
    return {
        "zone": timezone.get_current_timezone_name(),
        "now": chair.now.timestamp() if chair.state.flow in (Flow.RUNNING, Flow.PAUSED) else None,
        "strips": strips,
        "events": [{"n": one.n, "at": one.at.timestamp(), "text": one.text, "grave": one.is_grave} for one in found.happenings],
    }


def _flow(chair: Chairside) -> list[tuple[str, Points]]:
    """The rate as it was and as it is planned, as corners."""
    flows = [one for one in chair.state.segments if one.kind is SegmentKind.FLOW and one.rate is not None]
    if not flows:
        return []
    was: list[tuple[datetime, Quantity | None]] = []
    for before, one in zip([None, *flows], flows, strict=False):
        if before is not None and before.end is not None and before.end < one.start:
            was += [(before.end, Quantity(0, "mL/h")), (one.start, Quantity(0, "mL/h"))]
        was += [(one.start, one.rate), (one.end or chair.now, one.rate)]
    return [(gettext("as it flowed"), was), (gettext("as planned"), corners_ahead(chair.state, chair.now))]


def _strip(strip: Strip, chair: Chairside) -> dict[str, Any]:
    unit = strip.curves[0].values[0][1].unit
    curves = [(code_words(curve.code, chair.terms), [(at, value.to(unit)) for at, value in curve.values]) for curve in strip.curves]
    limits = [
        {"y": float(one.figure.quantity.to(unit).value), "text": f"{gettext('alarm')} {one.op} {amount_text(one.figure.quantity)}"}
        for one in strip.limits
    ]
    shown = _joined(code_words(strip.code, chair.terms), "values", curves)
    return {**shown, "limits": limits}


def _joined(name: str, kind: str, curves: Iterable[tuple[str, Points]]) -> dict[str, Any]:
    """Curves on one list of moments. Two corners at one moment are kept apart by a thousandth of a second, so that a step stays a step."""
    held = [(label, _apart(points)) for label, points in curves if points]
    times = sorted({at for _, points in held for at in points})
    unit = next((value.unit for _, points in held for value in points.values() if value is not None), "")
    series = [{"label": label, "y": [_number(points.get(at)) for at in times]} for label, points in held]
    return {"label": name, "unit": unit_words(unit), "kind": kind, "x": times, "series": series}


def _apart(points: Points) -> dict[float, Quantity | None]:
    found: dict[float, Quantity | None] = {}
    for at, value in points:
        when = at.timestamp()
        found[when if when not in found else when + 0.001] = value
    return found


def _number(value: Quantity | None) -> float | None:
    """A value as a height of the drawing only."""
    return None if value is None else float(value.value)
