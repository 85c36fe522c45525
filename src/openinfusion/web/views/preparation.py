"""Prepare a container for a session: what was made, from which lot, until when; it gets a code of its own. By the pharmacist, or by the
nurse where the protocol allows preparation at the bedside."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from openinfusion.app import bedside, chart
from openinfusion.app.access import Action, Role, may
from openinfusion.app.prescribing import order_of
from openinfusion.app.protocols import is_usable
from openinfusion.core.administration.commands import PrepareContainer
from openinfusion.core.administration.parts import Actor, Container
from openinfusion.core.administration.preparing import diluents, stated_times
from openinfusion.core.administration.scancode import CodeKind, scancode
from openinfusion.core.administration.session import SessionState
from openinfusion.core.errors import CommandRefused, Conflict, NotFound
from openinfusion.core.prescribing.order import Plan
from openinfusion.core.prescribing.rule import Order
from openinfusion.core.protocol import Protocol
from openinfusion.protocols.load import LoadedProtocol
from openinfusion.web.chairside import place_in_course
from openinfusion.web.forms import ClinicForm, DayField, MomentField, QuantityField
from openinfusion.web.house import ports, today
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.posted import command_id_of, envelope_of, saved
from openinfusion.web.templatetags.clinic import plain
from openinfusion.web.wording import amount_text, finding_words, step_text, unit_words, wording_of


def _moment(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


class ContainerForm(ClinicForm):
    """What is in the container that was made. Nothing is filled in beforehand: it is written from the container, not from the order."""

    safe_now = gettext_lazy("Nothing is released. What you typed is still here.")
    product = forms.ChoiceField(label=gettext_lazy("Product"), required=False, widget=forms.RadioSelect)
    amount = QuantityField(unit="mg", label=gettext_lazy("Amount of drug in the container"))
    diluent = forms.ChoiceField(label=gettext_lazy("Diluent"), required=False)
    volume = QuantityField(unit="mL", unit_text="mL", label=gettext_lazy("Total volume in the container"))
    lot = forms.CharField(label=gettext_lazy("Lot of the product"), max_length=40)
    expiry = DayField(label=gettext_lazy("Expiry date of the product"))
    use_before = MomentField(
        label=gettext_lazy("Use before"), help_text=gettext_lazy("The end of the time for which this preparation is stable.")
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, order: Order, plan: Plan, wording: Mapping[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        protocol = order.protocol
        unit = plan.dose.amount.unit if plan.dose else "mg"
        planned = _("As ordered: %(amount)s.") % {"amount": amount_text(plan.dose.amount)} if plan.dose else ""
        self.fields["amount"] = QuantityField(
            unit=unit, unit_text=unit_words(unit), label=_("Amount of drug in the container"), help_text=planned
        )
        volume = (plan.rates.volume if plan.rates else None) or (plan.dose.volume if plan.dose else None)
        if volume is not None:
            self.fields["volume"].help_text = _("As ordered: %(amount)s.") % {"amount": amount_text(volume)}
        self._offer("diluent", diluents(protocol), ("", _("choose")))
        if "diluent" in self.fields:
            self._must("diluent", _("With what it is diluted is not told. Choose what is in it."))
        self._until(order, wording)
        self._offer("product", protocol.drug.products, None)

    def _must(self, name: str, problem: str) -> None:
        """This field may not stay empty here."""
        self.fields[name].required = True
        self.fields[name].error_messages["required"] = problem

    def _until(self, order: Order, wording: Mapping[str, str]) -> None:
        """Where the sources state how long it may wait: that it must be told, and the latest moment under each condition."""
        now, times = ports().clock.now(), stated_times(order, "")
        if times:
            listed = "; ".join(
                _("%(at)s (%(condition)s)")
                % {"condition": (wording.get(rule.id) or plain(rule.condition)).rstrip("."), "at": _moment(now + lasts)}
                for rule, lasts in times
            )
            self.fields["use_before"].help_text = _("Made now, at the latest: %(listed)s.") % {"listed": listed}
            self._must("use_before", _("Until when it may be used is not told. Write the moment that fits how it is kept."))

    def _offer(self, name: str, codes: tuple[str, ...], first: tuple[str, str] | None) -> None:
        field = self.fields[name]
        if not codes:
            del self.fields[name]
        elif isinstance(field, forms.ChoiceField):
            field.choices = [*([first] if first else []), *((code, plain(code)) for code in codes)]

    def clean_expiry(self) -> date:
        """An expired product goes into no container."""
        expiry: date = self.cleaned_data["expiry"]
        if expiry < today():
            raise forms.ValidationError(_("This product is expired. Put it aside and prepare from another lot."))
        return expiry

    def container(self, code: str, drug: str, plan: Plan, actor: Actor) -> Container:
        """The container that was made."""
        given = self.cleaned_data
        return Container(
            code=code,
            drug=drug,
            amount=given["amount"],
            volume=given["volume"],
            route=plan.route,
            lot=given["lot"],
            expiry=given["expiry"],
            prepared_by=actor.id,
            prepared_at=ports().clock.now(),
            use_before=given["use_before"],
            diluent=given.get("diluent") or "",
            product=given.get("product") or "",
        )


@signed_in(Action.READ_CHART)
@require_http_methods(["GET", "POST"])
def prepare(request: HttpRequest, session: uuid.UUID) -> HttpResponseBase:
    """Show what is to be prepared and what was; release one more container."""
    house, session_id, actor = ports(), str(session), actor_of(request)
    state = bedside.state_of(house, session_id)
    if state.plan is None:
        raise NotFound("session", session_id)
    loaded = house.library.of_hash(state.plan.content_hash)
    order = bedside.view(house, session_id, actor).context.order
    form = ContainerForm(order, state.plan, wording_of(house, loaded), request.POST or None, initial={"seen": state.seq})
    if request.method != "POST" or not form.is_valid():
        return _page(request, state, loaded, form, session_id, 400 if form.errors else 200)
    code = scancode(CodeKind.CONTAINER, uuid.uuid5(command_id_of(request), "container"))
    command = PrepareContainer(form.container(code, loaded.protocol.drug.generic, state.plan, actor))
    try:
        answer = bedside.handle(house, session_id, command, envelope_of(request), actor, form.cleaned_data["seen"])
    except CommandRefused as refused:
        form.refusals = [finding_words(finding, wording_of(house, loaded)) for finding in refused.findings]
        return _page(request, state, loaded, form, session_id, 422)
    except Conflict:
        form.add_error(
            None, _("Something happened in this session after you opened the page. Nothing is released. Look at it, then release again.")
        )
        form.data = {**request.POST.dict(), "seen": str(state.seq)}
        return _page(request, state, loaded, form, session_id, 409)
    return saved(request, answer.receipt, reverse("preparation", args=[session_id]))


def may_prepare(actor: Actor, protocol: Protocol) -> bool:
    """The pharmacist always, the nurse where the protocol allows preparation at the bedside."""
    return may(actor, PrepareContainer) and (Role.PHARMACIST in actor.roles or protocol.preparation.bedside)


def _page(
    request: HttpRequest, state: SessionState, loaded: LoadedProtocol, form: ContainerForm, session_id: str, status: int
) -> HttpResponse:
    house, protocol, plan = ports(), loaded.protocol, state.plan
    steps = plan.dose.derivation.steps if plan and plan.dose else ()
    shown: dict[str, Any] = {
        "banner": chart.banner(house, state.patient),
        "banner_route": protocol.route,
        "banner_session": place_in_course(state.number, order_of(house, state.course).plan),
        "banner_protocol": f"{protocol.title} {protocol.version}",
        "is_example": not is_usable(house, loaded),
        "session": session_id,
        "state": state,
        "plan": plan,
        "protocol": protocol,
        "wording": wording_of(house, loaded),
        "working": [(step, step_text(step)) for step in steps],
        "form": form if may_prepare(actor_of(request), protocol) else None,
        "containers": list(state.containers.values()),
    }
    return render(request, "web/preparation.html", shown, status=status)
