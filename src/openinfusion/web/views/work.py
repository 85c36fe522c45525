"""The first pages of prescribers, pharmacists and administrators: what waits for this person, and for nobody who may not do it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from openinfusion import wiring
from openinfusion.app import bedside
from openinfusion.app.access import Action, Role
from openinfusion.app.ports import Identity, Ports
from openinfusion.app.prescribing import order_of
from openinfusion.app.protocols import signatures_of, status_of
from openinfusion.core.administration.parts import Actor
from openinfusion.core.administration.parts import Status as SessionStatus
from openinfusion.core.administration.rate_gates import learnt_since
from openinfusion.core.errors import Malformed, NotFound
from openinfusion.core.finding import Level
from openinfusion.core.prescribing.ordering import needing_cosignature
from openinfusion.core.protocol import Legal, Protocol
from openinfusion.protocols.review import Status
from openinfusion.web.chairside import Chairside, chairside
from openinfusion.web.forms import ClinicForm
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.templatetags.clinic import ROLE_WORDS
from openinfusion.web.wording import finding_words, wording_of

_BEFORE_FLOW = (SessionStatus.PLANNED, SessionStatus.ARRIVED, SessionStatus.PREPARING, SessionStatus.READY)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One order or session that waits, with its patient."""

    id: str
    content: Mapping[str, Any]
    identity: Identity | None
    title: str
    why: tuple[str, ...] = ()
    """What a prescriber is asked to decide, in words."""


@signed_in(Action.SIGN_ORDER)
@require_GET
def decisions(request: HttpRequest) -> HttpResponse:
    """What waits for a prescriber."""
    house, me = ports(), actor_of(request).id
    cosign = [_with_reasons(house, one) for one in _orders(house, "awaits-cosignature/")]
    second = [one for one in cosign if one.content["ordered_by"] != me]
    shown = {
        "second": second,
        "held": _held_for_prescriber(house, actor_of(request)),
        "protocols": unsigned_by(house, Role.PRESCRIBER, me),
        "mine": [one for one in (*cosign, *_orders(house, "signed/")) if one.content["ordered_by"] == me],
    }
    return render(request, "web/decisions.html", shown)


def _held_for_prescriber(house: Ports, actor: Actor) -> list[Waiting]:
    """Sessions with the patient here that a prescriber's reason holds back, or in which a reaction is open."""
    here = [one for one in _sessions(house) if one.content["arrived"]]
    asked = [replace(one, why=_asked_of_prescriber(chairside(house, one.id, actor))) for one in here]
    return [one for one in asked if one.why]


def _asked_of_prescriber(chair: Chairside) -> tuple[str, ...]:
    """What only a prescriber can settle in this session: an open reaction, a contraindication before the start or learnt since."""
    state, asked = chair.state, list[str]()
    if state.reaction is not None:
        asked.append(_reaction_words(chair))
    found = chair.open_findings if state.status in _BEFORE_FLOW else learnt_since(state, chair.context)
    flows = state.status in (*_BEFORE_FLOW, SessionStatus.INFUSING, SessionStatus.ON_HOLD)
    grave = (finding for finding in found if finding.level is Level.CONTRAINDICATED) if flows else ()
    return (*asked, *(finding_words(finding, chair.wording).what_is_true for finding in grave))


def _reaction_words(chair: Chairside) -> str:
    reaction = chair.state.reaction
    if reaction is None or reaction.grade is None:
        return _("A reaction is open; nobody has graded it yet.")
    return _("A reaction of grade %(grade)s is open.") % {"grade": reaction.grade}


def _with_reasons(house: Ports, order: Waiting) -> Waiting:
    """An order with what its second prescriber decides."""
    plan = order_of(house, order.id).plan
    if plan is None:
        return order
    words = wording_of(house, house.library.of_hash(plan.content_hash))
    return replace(order, why=tuple(finding_words(one, words).what_is_true for one in needing_cosignature(plan.findings)))


@signed_in(Action.VERIFY_ORDER)
@require_GET
def pharmacy(request: HttpRequest) -> HttpResponse:
    """What waits for a pharmacist: orders to verify, containers to prepare, protocols to sign."""
    house, me = ports(), actor_of(request).id
    shown = {
        "verify": [one for one in _orders(house, "signed/") if one.content["ordered_by"] != me],
        "prepare": [one for one in _sessions(house) if _lacks_container(house, one.id)],
        "protocols": unsigned_by(house, Role.PHARMACIST, me),
    }
    return render(request, "web/pharmacy.html", shown)


def _lacks_container(house: Ports, session_id: str) -> bool:
    state = bedside.state_of(house, session_id)
    return state.status in _BEFORE_FLOW and not state.containers


def _orders(house: Ports, prefix: str) -> list[Waiting]:
    return _waiting(house, house.models.listed("orders", prefix))


def _sessions(house: Ports) -> list[Waiting]:
    return _waiting(house, house.models.listed("sessions", "open/"))


def _waiting(house: Ports, rows: Iterable[Any]) -> list[Waiting]:
    found = list(rows)
    people = house.identities.many([str(row.content["patient"]) for row in found])
    titles = {name: one.protocol.title for name, one in house.library.entries().items()}
    return [
        Waiting(
            row.key,
            row.content,
            people.get(str(row.content["patient"])),
            titles.get(str(row.content["protocol"]), str(row.content["protocol"])),
        )
        for row in found
    ]


def unsigned_by(house: Ports, role: Role, person: str) -> list[tuple[Protocol, Status]]:
    """Protocols that lack a signature of this role and that this person may still give."""
    found = []
    for loaded in house.library.entries().values():
        signatures, _seq = signatures_of(house, loaded.content_hash)
        lacking = all(one.role != role for one in signatures.signed) and all(one.person != person for one in signatures.signed)
        if lacking and not signatures.retired and loaded.protocol.legal is not Legal.WITHDRAWN and loaded.protocol.author != person:
            found.append((loaded.protocol, status_of(house, loaded)))
    return found


class UserForm(ClinicForm):
    """A new person."""

    safe_now = gettext_lazy("Nobody was added.")
    name = forms.CharField(label=gettext_lazy("Sign-in name"), max_length=150, help_text=gettext_lazy("For example m.silva."))
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        widget=forms.RadioSelect,
        choices=[(role.value, ROLE_WORDS[role.value]) for role in Role if role.value in ROLE_WORDS],
    )


@signed_in(Action.MANAGE_USERS)
@require_http_methods(["GET", "POST"])
def users(request: HttpRequest) -> HttpResponseBase:
    """Everybody who may sign in; a new person or a new code, shown once."""
    form, code, whose = UserForm(), "", ""
    if request.method == "POST" and "again" in request.POST:
        whose = request.POST["again"]
        try:
            code = wiring.users().new_code(whose)
        except NotFound:
            messages.error(request, _("There is nobody of this name. No code was made."))
    elif request.method == "POST":
        form = UserForm(request.POST)
        if form.is_valid():
            whose = form.cleaned_data["name"]
            try:
                code = wiring.users().create_user(whose, Role(form.cleaned_data["role"]))
                form = UserForm()
            except Malformed as error:
                form.add_error("name", _("%(why)s. Write %(write)s.") % {"why": error.params["why"], "write": error.params["write"]})
    house = ports()
    people = User.objects.prefetch_related("groups").order_by("username")
    shown = {
        "form": form,
        "code": code,
        "whose": whose,
        "people": [(user.get_username(), [group.name for group in user.groups.all()], user.last_login) for user in people],
        "protocols": [(one.protocol, status_of(house, one)) for one in house.library.entries().values()],
        "events": house.log.head(),
        "site": house.site,
    }
    return render(request, "web/users.html", shown, status=400 if form.errors else 200)
