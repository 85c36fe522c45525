"""The page of one session: eight stages and the reaction panel, the scan field, and the one address to which every form of it is posted.

What a person may do now, and what holds it back, is the core's answer; this page shows it and posts commands.
"""

import uuid
from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from openinfusion.app import bedside
from openinfusion.app.access import Action
from openinfusion.app.commands import BY_NAME
from openinfusion.app.ports import Envelope, Receipt
from openinfusion.app.present import broken
from openinfusion.core.administration import commands as c
from openinfusion.core.administration.checklist import Stage
from openinfusion.core.administration.events import CodeScanned, ReviewOpened
from openinfusion.core.administration.parts import Actor, ScanKind
from openinfusion.core.administration.scancode import CodeKind, is_scancode
from openinfusion.core.administration.session import SessionState
from openinfusion.core.errors import CommandRefused, Conflict
from openinfusion.web.chairside import Chairside, Posted, chairside, sound_test_every
from openinfusion.web.forms import MomentField
from openinfusion.web.house import ports
from openinfusion.web.people import ProofRefused, actor_of, signature, signed_in
from openinfusion.web.posted import FormRefused, command_of, envelope_of, saved
from openinfusion.web.serving import WATCH
from openinfusion.web.views.stages import REACTION, shown_stage, stage_context
from openinfusion.web.views.stages.before import TodayForm
from openinfusion.web.views.stages.run import panel as panel_of

_WITH_SIGNER = frozenset({"EnterCheck"})
_WITH_OWN_PASSWORD = frozenset({"AcceptFindings"})
_WITH_SECOND = frozenset({"ResumeAfterReaction"})
_TO_REACTION = frozenset({"ReportReaction", "GradeReaction", "TreatAsAnaphylaxis", "GiveEmergencyDrug", "TickStep", "ResolveReaction"})


@signed_in(Action.READ_CHART)
@require_GET
def session(request: HttpRequest, session: uuid.UUID, stage: str = "") -> HttpResponse:
    """The stage that has work to do, or the one that was asked for: a step back is always allowed."""
    chair = chairside(ports(), str(session), actor_of(request))
    if stage and stage != REACTION and stage not in set(Stage):
        raise Http404
    return page(request, chair, stage, Posted())


@signed_in(Action.READ_CHART)
@require_GET
def panel(request: HttpRequest, session: uuid.UUID) -> HttpResponse:
    """The part of the page that changes while people look at it, for the script that puts it in place."""
    chair = chairside(ports(), str(session), actor_of(request))
    return render(request, "web/session/panel.html", {**about(chair, Posted(), shown_stage(chair)), **panel_of(chair)})


@sensitive_post_parameters("password")
@signed_in(Action.READ_CHART)
@require_POST
def act(request: HttpRequest, session: uuid.UUID, command: str) -> HttpResponseBase:
    """Give one command; when it cannot be read or is refused, the page comes back with everything that was typed."""
    house, session_id = ports(), str(session)
    if command not in BY_NAME:
        raise Http404
    posted = Posted(command, request.POST)
    try:
        given, sent, actor = _read(request, session_id, command)
        answer = bedside.handle(house, session_id, given, sent, actor, _seen(request.POST))
    except FormRefused as refused:
        return _back(request, session_id, replace(posted, problems=refused.problems), 400)
    except CommandRefused as refused:
        return _back(request, session_id, replace(posted, findings=refused.findings), 422)
    except Conflict:
        text = _("This session changed after your page was shown. Nothing was changed by you. Look at it as it is now, then decide.")
        return _back(request, session_id, replace(posted, text=text), 409)
    WATCH.wake()
    return _onward(request, session_id, command, answer.receipt)


@signed_in(c.Scan)
@require_POST
def scan(request: HttpRequest, session: uuid.UUID) -> HttpResponseBase:
    """Take a scanned or typed code to where it belongs by its first letter; a wrong one is recorded and says so."""
    house, session_id = ports(), str(session)
    code = request.POST.get("code", "").strip().upper()
    if not is_scancode(code):
        text = _(
            "“%(code)s” is none of our codes, or a character is wrong. Nothing was recorded. Scan again, or type all of it: P-…, C-… or N-…"
        )
        return _back(request, session_id, Posted("Scan", request.POST, text=text % {"code": code}), 400)
    state = bedside.state_of(house, session_id)
    command = _scanned(code, state)
    answer = bedside.handle(house, session_id, command, envelope_of(request, house.clock.now()), actor_of(request))
    return _onward(request, session_id, "Scan", answer.receipt)


def _scanned(code: str, state: SessionState) -> c.Command:
    kind = CodeKind(code[0])
    if kind is CodeKind.PATIENT:
        return c.CheckIn(code, state.chair) if state.arrived_at is None else c.Scan(ScanKind.PATIENT, code)
    return c.Scan(ScanKind.CONTAINER if kind is CodeKind.CONTAINER else ScanKind.LINE, code)


def _read(request: HttpRequest, session_id: str, name: str) -> tuple[c.Command, Envelope, Actor]:
    """The command of a posted form with its envelope, by the person who signs it. Raises FormRefused, Malformed."""
    actor = _signer(request, name)
    post = _with_second(request) if name in _WITH_SECOND else request.POST
    command = _today(request, session_id, actor) if name == "RecordFacts" else command_of(name, post)
    return command, replace(envelope_of(request, _when(post)), actor=actor.id), actor


def _when(post: QueryDict) -> datetime:
    """When it happened, as typed; empty means now."""
    try:
        return MomentField().clean(post.get("occurred_at", "")) or ports().clock.now()
    except ValidationError as error:
        raise FormRefused({"occurred_at": error.messages[0]}) from None


def _signer(request: HttpRequest, name: str) -> Actor:
    """Who gives the command: the person who is signed in, or for a check whoever proves at this moment to be somebody else."""
    actor = actor_of(request)
    if name in _WITH_SIGNER:
        return _proved(request, request.POST.get("signer", "") or actor.id)
    if name in _WITH_OWN_PASSWORD:
        return _proved(request, actor.id)
    return actor


def _with_second(request: HttpRequest) -> QueryDict:
    """A second person signs with their own password; a name alone is no signature."""
    post = request.POST.copy()
    second = str(request.POST.get("second", "")).strip()
    if second:
        post["second"] = _proved(request, second).id
    return post


def _proved(request: HttpRequest, name: str) -> Actor:
    try:
        return signature(request, name, str(request.POST.get("password", "")))
    except ProofRefused as refused:
        wrong = _("This name and password do not belong together. Nothing was signed. Type both again.")
        raise FormRefused({"password": refused.words(wrong)}) from None


def _today(request: HttpRequest, session_id: str, actor: Actor) -> c.Command:
    form = TodayForm.of(chairside(ports(), session_id, actor_of(request)), request.POST)
    if not form.is_valid():
        raise FormRefused({name: str(errors[0]) for name, errors in form.errors.items()})
    return c.RecordFacts(tuple(replace(fact, by=actor.id) for fact in form.cleaned_data["facts"]))


def _seen(post: QueryDict) -> int | None:
    text = post.get("seen", "")
    return int(text) if text.isdecimal() else 0


def _onward(request: HttpRequest, session_id: str, command: str, receipt: Receipt) -> HttpResponseRedirect:
    """Say what was saved and what of it has to be looked at, then go on to the stage with work to do."""
    wrong = any(isinstance(one.event, CodeScanned) and not one.event.matched for one in receipt.events)
    for one in receipt.events:
        if isinstance(one.event, ReviewOpened):
            for rule in one.event.rules:
                messages.add_message(request, messages.ERROR if wrong else messages.WARNING, broken(rule, _).text)
    stay = request.POST.get("stay", "") or (REACTION if command in _TO_REACTION else "")
    known = stay == REACTION or stay in set(Stage)
    to = reverse("session-stage", args=[session_id, stay]) if known else reverse("session", args=[session_id])
    return saved(request, receipt, to)


def _back(request: HttpRequest, session_id: str, posted: Posted, status: int) -> HttpResponse:
    chair = chairside(ports(), session_id, actor_of(request))
    on = request.POST.get("on", "")
    return page(request, chair, on if on == REACTION or on in set(Stage) else "", posted, status)


def page(request: HttpRequest, chair: Chairside, stage: str, posted: Posted, status: int = 200) -> HttpResponse:
    """The whole page at one stage."""
    which = stage or shown_stage(chair)
    return render(request, f"web/session/{which}.html", _shown(request, chair, which, posted), status=status)


def _shown(request: HttpRequest, chair: Chairside, which: str, posted: Posted) -> dict[str, object]:
    return {**about(chair, posted, which), **stage_context(which, chair, request, posted)}


def about(chair: Chairside, posted: Posted, which: str = "") -> dict[str, object]:
    """What every page of a session shows of it: the banner, the words, the state."""
    return {
        "chair": chair,
        "state": chair.state,
        "plan": chair.plan,
        "protocol": chair.protocol,
        "wording": chair.wording,
        "terms": chair.terms,
        "now": chair.now,
        "posted": posted,
        "which": which,
        "stages": tuple(Stage),
        "banner": chair.banner,
        "banner_route": chair.protocol.route,
        "banner_session": chair.place_in_course,
        "banner_protocol": f"{chair.protocol.title} {chair.protocol.version}",
        "is_example": chair.is_example,
        "sound_test_every": sound_test_every(chair.ports),
    }
