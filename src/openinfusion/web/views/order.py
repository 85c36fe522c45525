"""A signed order: read it, co-sign, verify, cancel, plan its sessions. Each step is a signature of its own, decided on the view shown."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from openinfusion.app import chart
from openinfusion.app.access import Action, may
from openinfusion.app.ports import Ports, Receipt
from openinfusion.app.prescribing import cancel_order, cosign_order, order_of, plan_session, verify_order
from openinfusion.app.present import Words
from openinfusion.app.protocols import is_usable
from openinfusion.core.errors import CommandRefused, Conflict, NotFound
from openinfusion.core.finding import Verdict
from openinfusion.core.prescribing.ordering import OrderState, OrderStatus, needing_cosignature, needing_reason
from openinfusion.web.forms import ClinicForm, SignatureForm
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.posted import command_id_of, envelope_of, reasons_in, saved
from openinfusion.web.views.ordering import LOOK_OF_VERDICT, plan_context
from openinfusion.web.wording import finding_words, wording_of


class StepForm(SignatureForm):
    """A signature under an order as it was shown."""

    safe_now = gettext_lazy("Nothing was signed. The order is as it was.")
    seen = forms.IntegerField(widget=forms.HiddenInput)


class CancelForm(ClinicForm):
    """Why an order ends."""

    safe_now = gettext_lazy("The order still holds.")
    reason = forms.CharField(label=gettext_lazy("Why the order ends"), max_length=200)


class SessionForm(ClinicForm):
    """Which session of the course."""

    number = forms.IntegerField(widget=forms.HiddenInput)


@signed_in(Action.READ_CHART)
@require_GET
def order(request: HttpRequest, course: uuid.UUID) -> HttpResponse:
    """Read an order, with the forms of what this person may do with it now."""
    return _page(request, ports(), str(course))


@sensitive_post_parameters("password")
@signed_in(Action.COSIGN_ORDER)
@require_POST
def cosign(request: HttpRequest, course: uuid.UUID) -> HttpResponseBase:
    """A second prescriber agrees, with reasons of their own."""
    reasons = reasons_in(request.POST)
    form = StepForm(request.POST, request=request)
    return _step(
        request,
        str(course),
        form,
        lambda house, seen: cosign_order(house, str(course), reasons, envelope_of(request), actor_of(request), seen),
    )


@sensitive_post_parameters("password")
@signed_in(Action.VERIFY_ORDER)
@require_POST
def verify(request: HttpRequest, course: uuid.UUID) -> HttpResponseBase:
    """A pharmacist verifies what somebody else ordered."""
    form = StepForm(request.POST, request=request)
    return _step(
        request, str(course), form, lambda house, seen: verify_order(house, str(course), envelope_of(request), actor_of(request), seen)
    )


@signed_in(Action.CANCEL_ORDER)
@require_POST
def cancel(request: HttpRequest, course: uuid.UUID) -> HttpResponseBase:
    """End an order with a reason."""
    form = CancelForm(request.POST)
    return _step(
        request,
        str(course),
        form,
        lambda house, _seen: cancel_order(house, str(course), form.cleaned_data["reason"], envelope_of(request), actor_of(request)),
    )


@signed_in(Action.PLAN_SESSION)
@require_POST
def session(request: HttpRequest, course: uuid.UUID) -> HttpResponseBase:
    """Plan one session of a verified order."""
    form = SessionForm(request.POST)
    identity = uuid.uuid5(command_id_of(request), "session")
    return _step(
        request,
        str(course),
        form,
        lambda house, _seen: plan_session(
            house, str(course), form.cleaned_data["number"], identity, envelope_of(request), actor_of(request)
        ),
    )


def _step(request: HttpRequest, course: str, form: ClinicForm, take: Callable[[Ports, int], Receipt]) -> HttpResponseBase:
    """Take one step of an order, or show the order again with what refused it."""
    house = ports()
    if not form.is_valid():
        return _page(request, house, course, form, status=400)
    try:
        receipt = take(house, form.cleaned_data.get("seen", 0))
    except CommandRefused as refused:
        form.refusals = _refused(house, course, refused)
        return _page(request, house, course, form, status=422)
    except Conflict:
        form.add_error(
            None, _("The order changed after this page was shown. Nothing was signed. Read the order as it is now, then decide.")
        )
        return _page(request, house, course, form, status=409)
    return saved(request, receipt, reverse("order", args=[course]))


def _refused(house: Ports, course: str, refused: CommandRefused) -> list[Words]:
    """What refused, in the words of the order's protocol."""
    plan = order_of(house, course).plan
    wording = wording_of(house, house.library.of_hash(plan.content_hash)) if plan else {}
    return [finding_words(finding, wording) for finding in refused.findings]


def _page(request: HttpRequest, house: Ports, course: str, form: ClinicForm | None = None, status: int = 200) -> HttpResponse:
    state = order_of(house, course)
    if state.plan is None:
        raise NotFound("order", course)
    loaded = house.library.of_hash(state.plan.content_hash)
    protocol = loaded.protocol
    wording = wording_of(house, loaded)
    shown: dict[str, Any] = {
        "banner": chart.banner(house, state.patient),
        "banner_route": protocol.route,
        "banner_protocol": f"{protocol.title} {protocol.version}",
        "course": course,
        "state": state,
        "protocol": protocol,
        "content_hash": state.plan.content_hash,
        "is_example": not is_usable(house, loaded),
        "form": form,
        "reasons": [
            (finding, state.reasons.get(finding.key, ""), state.cosign_reasons.get(finding.key, ""))
            for finding in needing_reason(state.plan.findings)
        ],
        **plan_context(state.plan, wording),
        **_decided(state),
        **_forms(request, state, form),
        "sessions": _sessions(house, course, state),
    }
    return render(request, "web/order.html", shown, status=status)


def _decided(state: OrderState) -> dict[str, str]:
    """What stands in place of the plan's verdict once it was decided on: who decided, or for whom it waits."""
    if state.plan is None or state.status is OrderStatus.CANCELLED or not needing_reason(state.plan.findings):
        return {}
    if state.status is OrderStatus.AWAITS_COSIGNATURE:
        words = _("Decided by %(first)s; waits for a second prescriber")
        return {"verdict": words % {"first": state.ordered_by}, "verdict_css": LOOK_OF_VERDICT[Verdict.CAUTION]}
    words = _("Decided with reasons by %(first)s and %(second)s") if state.cosigned_by else _("Decided with reasons by %(first)s")
    return {
        "verdict": words % {"first": state.ordered_by, "second": state.cosigned_by},
        "verdict_css": LOOK_OF_VERDICT[Verdict.NONE],
    }


def _forms(request: HttpRequest, state: OrderState, posted: ClinicForm | None) -> dict[str, Any]:
    """The forms of the steps that this person may take with the order as it is."""
    actor, status = actor_of(request), state.status
    initial = {"seen": state.seq}
    forms_: dict[str, Any] = {}
    if status is OrderStatus.AWAITS_COSIGNATURE and may(actor, Action.COSIGN_ORDER) and actor.id != state.ordered_by and state.plan:
        forms_["cosign_form"] = StepForm(request=request, initial=initial)
        forms_["to_cosign"] = [
            (finding, request.POST.get(f"reason.{finding.key}", "")) for finding in needing_cosignature(state.plan.findings)
        ]
    if status is OrderStatus.SIGNED and may(actor, Action.VERIFY_ORDER) and actor.id not in (state.ordered_by, state.cosigned_by):
        forms_["verify_form"] = StepForm(request=request, initial=initial)
    if status is not OrderStatus.CANCELLED and may(actor, Action.CANCEL_ORDER):
        forms_["cancel_form"] = posted if isinstance(posted, CancelForm) else CancelForm()
    forms_["may_plan"] = status is OrderStatus.VERIFIED and may(actor, Action.PLAN_SESSION)
    return forms_


def _sessions(house: Ports, course: str, state: OrderState) -> list[tuple[Any, Any, SessionForm]]:
    """Each session of the course with the session that was planned for it, and the form that plans it."""
    held = {item.content["number"]: item for item in chart.therapies(house, state.patient).sessions if item.content["course"] == course}
    planned = state.plan.course if state.plan else ()
    return [(slot, held.get(slot.number), SessionForm(initial={"number": slot.number})) for slot in planned]
