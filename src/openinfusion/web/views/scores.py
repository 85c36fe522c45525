"""A score at the chair: the calculator's own form with the newest values of the session in it, worked out, and charted with one press.

What is charted is worked out anew on the server from what was sent; a total is never taken from a page.
"""

import uuid
from collections.abc import Mapping
from dataclasses import replace

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from openinfusion.app import bedside, scores
from openinfusion.app import calculators as registry
from openinfusion.app.access import Action
from openinfusion.app.present.calculators import TITLES
from openinfusion.app.present.numbers import number_text
from openinfusion.app.scores import AtChair
from openinfusion.core.administration.checklist import Stage
from openinfusion.core.administration.commands import RecordObservation
from openinfusion.core.administration.session import Seen
from openinfusion.core.errors import NotFound
from openinfusion.core.quantity import Quantity
from openinfusion.web import calculating
from openinfusion.web.calculating import UNIT_OF, FieldGroup, FieldShown, Option
from openinfusion.web.chairside import Chairside, Posted, chairside, moment_words
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.posted import envelope_of, saved
from openinfusion.web.views.calculators import worked
from openinfusion.web.views.session import about
from openinfusion.web.views.stages import REACTION
from openinfusion.web.views.stages.choices import places_of
from openinfusion.web.views.stages.run import vitals

PLACE = "place"
MOST_BUTTONS = 6


@signed_in(Action.READ_CHART)
def score(request: HttpRequest, session: uuid.UUID, score: str) -> HttpResponseBase:
    """The form, worked out as far as it is filled in; a POST charts it, or comes back saying what is missing."""
    one = scores.AT_CHAIR.get(score)
    if one is None:
        raise NotFound("calculator", score)
    chair = chairside(ports(), str(session), actor_of(request))
    source = request.POST if request.method == "POST" else request.GET
    sent = {name: value for name, value in source.items() if isinstance(value, str)}
    if request.method != "POST":
        return _page(request, chair, one, sent if _is_filled(one, sent) else {**_prefilled(chair, one), **sent})
    entered = calculating.entered_of(registry.calculators()[one.calculator], sent)
    made = registry.calculation(one.calculator, entered)
    place = sent.get(PLACE, "").strip()
    told = scores.readings(one, made, entered, place, chair.state)
    if not told or (one.at_place and not place):
        return _page(request, chair, one, sent, 422)
    answer = bedside.handle(ports(), str(session), RecordObservation(told), envelope_of(request), actor_of(request))
    on = sent.get("on", "")
    stage = on if on == REACTION or on in set(Stage) else Stage.RUN.value
    return saved(request, answer.receipt, f"{reverse('session-stage', args=[session, stage])}#scores")


def _is_filled(one: AtChair, sent: Mapping[str, str]) -> bool:
    return any(declared.name in sent for declared in registry.calculators()[one.calculator].inputs)


def _newest(chair: Chairside, one: AtChair) -> Mapping[str, Seen]:
    return scores.newest(one, chair.state, (vital.code for vital in vitals(chair) if vital.is_old))


def _prefilled(chair: Chairside, one: AtChair) -> dict[str, str]:
    """What the session and the patient's facts say, as it would be typed."""
    inputs = registry.calculators()[one.calculator].by_name
    sent: dict[str, str] = {}
    for name, seen in _newest(chair, one).items():
        match seen.reading.value:
            case bool():
                sent[name] = "yes"
            case scores.NOT_THERE:
                sent[name] = "no"
            case Quantity():
                sent |= {name: number_text(seen.reading.value.value), f"{name}{UNIT_OF}": seen.reading.value.unit}
            case str():
                sent[name] = seen.reading.value
    years, pregnant = chair.banner.years, chair.context.order.value("pregnant")
    if "age_y" in inputs and years is not None:
        sent |= {"age_y": str(years), f"age_y{UNIT_OF}": "a"}
    if "pregnant" in inputs and isinstance(pregnant, bool):
        sent["pregnant"] = "yes" if pregnant else "no"
    return sent


def _page(request: HttpRequest, chair: Chairside, one: AtChair, sent: Mapping[str, str], status: int = 200) -> HttpResponse:
    found = registry.calculators()[one.calculator]
    entered = calculating.entered_of(found, sent)
    made = registry.calculation(found.name, entered) if entered else None
    shown = {
        **about(chair, Posted()),
        "one": one,
        "on": sent.get("on", ""),
        "title": _(TITLES.get(found.name, found.name)),
        "calculator": found,
        "groups": [_at_hand(group, _newest(chair, one)) for group in calculating.groups(found, sent, made, {})],
        "places": places_of(chair) if one.at_place else (),
        "place": sent.get(PLACE, "") or (chair.state.access.site if chair.state.access is not None else ""),
        "lacks_place": status == 422 and one.at_place and not sent.get(PLACE, "").strip(),
        "is_back": status != 200,
        "made": made,
        **(worked(made) if made is not None else {}),
    }
    return render(request, "web/session/score.html", shown, status=status)


def _at_hand(group: FieldGroup, newest: Mapping[str, Seen]) -> FieldGroup:
    """The fields as they are pressed with gloves on: each choice a button of its own, and when its newest value was charted."""
    return replace(group, fields=tuple(_pressed(one, newest.get(one.name)) for one in group.fields if one.way != "lines"))


def _pressed(one: FieldShown, seen: Seen | None) -> FieldShown:
    told = _("Charted %(at)s by %(by)s.") % {"at": moment_words(seen.at), "by": seen.by} if seen is not None else ""
    shown = replace(one, help=(*one.help, told)) if told else one
    if one.way != "select" or len(one.options) > MOST_BUTTONS:
        return shown
    options = (*one.options, Option("", _("not known"), not one.typed)) if not one.is_required else one.options
    return replace(shown, way="radio", options=options)
