"""The hand-over: a page, and a print, with what the next nurse needs of each patient, made from the record; and the one action that gives
them over. Both nurses are named: who gives is signed in, who takes proves it with their own password.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters

from openinfusion.app import complications as cx
from openinfusion.app import handover
from openinfusion.app.access import Action, require
from openinfusion.app.ports import Identity, Ports
from openinfusion.app.scores import is_of_a_place
from openinfusion.core.administration.checklist import criteria
from openinfusion.core.administration.commands import HandOver
from openinfusion.core.administration.parts import Amount, Flow, Status
from openinfusion.core.administration.session import SessionState
from openinfusion.core.errors import NotFound
from openinfusion.web.chairside import Chairside, chairside
from openinfusion.web.folding import state_at
from openinfusion.web.house import ports
from openinfusion.web.people import ProofRefused, actor_of, signature, signed_in
from openinfusion.web.placing import places
from openinfusion.web.posted import envelope_of
from openinfusion.web.views.stages.run import panel, vitals

MOST = 30
_MOST_OPEN = 1000
_NOT_HERE = (Status.PLANNED, Status.COMPLETED, Status.STOPPED, Status.NOT_DONE)


@dataclass(frozen=True, slots=True)
class Line:
    """A session that is somebody else's, or nobody's: enough to choose it."""

    session: str
    identity: Identity | None
    chair: str
    carer: str


@sensitive_post_parameters("password")
@signed_in(Action.READ_CHART)
def hand_over(request: HttpRequest) -> HttpResponseBase:
    """What the next nurse needs of one's own patients, or of those that the address names; a POST hands over those that are ticked."""
    house, me = ports(), actor_of(request)
    here = tuple(_here(house))
    asked = request.POST.getlist("session") or request.GET.getlist("session")
    wanted = [one for one in asked if one in dict(here)] or [one for one, state in here if handover.carer_of(state) == me.id]
    if request.method != "POST":
        return _page(request, here, wanted)
    require(me, HandOver)
    chosen = [one for one in request.POST.getlist("take") if one in dict(here)]
    if not chosen:
        return _page(request, here, wanted, _("Nothing was handed over. Tick the patients first."))
    name = request.POST.get("to", "").strip()
    if name == me.id:
        return _page(request, here, wanted, _("Nothing was handed over. The person who takes over signs here, and cannot be you."))
    try:
        to = signature(request, name, request.POST.get("password", ""))
    except ProofRefused as refused:
        wrong = _("Name and password of the person who takes over do not belong together. Nothing was handed over. Type both again.")
        return _page(request, here, wanted, refused.words(wrong))
    if not handover.may_take_over(to):
        return _page(request, here, wanted, _("Nothing was handed over. Only a nurse can take patients over."))
    told = handover.hand_over(house, chosen, to, envelope_of(request), me)
    at = timezone.localtime(told[-1].events[0].recorded_at).strftime("%H:%M:%S")
    text = ngettext("%(n)s patient handed over to %(to)s at %(at)s.", "%(n)s patients handed over to %(to)s at %(at)s.", len(chosen))
    messages.success(request, text % {"n": len(chosen), "to": to.id, "at": at})
    return HttpResponseRedirect(reverse("hand-over"))


def _here(house: Ports) -> Iterable[tuple[str, SessionState]]:
    """Every session whose patient is here."""
    for row in house.models.listed("sessions", "open/", _MOST_OPEN):
        state = state_at(house, row.key, int(str(row.content["seq"])))
        if state.status not in _NOT_HERE:
            yield row.key, state


def _page(request: HttpRequest, here: Sequence[tuple[str, SessionState]], wanted: Sequence[str], problem: str = "") -> HttpResponse:
    house, me = ports(), actor_of(request)
    names = house.identities.many([state.patient for _one, state in here])
    others = [Line(one, names.get(state.patient), state.chair, handover.carer_of(state)) for one, state in here if one not in wanted]
    shown = {
        "patients": [_patient(chairside(house, one, me)) for one in wanted[:MOST]],
        "left_out": max(len(wanted) - MOST, 0),
        "others": others,
        "wanted": wanted,
        "problem": problem,
        "ticked": request.POST.getlist("take") if request.method == "POST" else wanted,
        "to": request.POST.get("to", ""),
        "now": house.clock.now(),
        "may_hand_over": handover.may_take_over(me),
    }
    return render(request, "web/hand_over.html", shown, status=400 if problem else 200)


def _patient(chair: Chairside) -> dict[str, Any]:
    """One patient: the situation, what is behind it, how it stands, what comes next."""
    state, shown = chair.state, panel(chair)
    return {
        **shown,
        "chair": chair,
        "state": state,
        "plan": chair.plan,
        "protocol": chair.protocol,
        "terms": chair.terms,
        "banner": chair.banner,
        "carer": handover.carer_of(state),
        "vitals": [one for one in vitals(chair) if not is_of_a_place(one.code)],
        "places": places(chair)["places"],
        "open_scripts": _scripts(chair),
        "stop_unconfirmed": state.flow is Flow.STOPPED and state.stop_confirmed_at is None,
        "is_uncertain": state.amount is Amount.UNCERTAIN,
        "unmet": [one for one in criteria(state, chair.protocol, chair.now) if not one.met] if state.ended_at is not None else [],
    }


def _scripts(chair: Chairside) -> list[tuple[str, int, int]]:
    """The scripts that are open, with how many of their steps are done and how many there are."""
    try:
        found = cx.entries(chair.ports.library.reference, chair.ports.site.language)
    except NotFound:
        return []
    led = [one for one in cx.opened(chair.ports, chair.state, found) if not one.over_at]
    return [(one.entry.title, sum(step.ticked_at is not None for step in one.running.steps), len(one.running.steps)) for one in led]
