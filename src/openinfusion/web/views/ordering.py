"""Order a therapy: choose a protocol, choose what it leaves open, read what follows, sign. Nothing is stored before the signature, and
what is signed is what was read: when facts, protocol or choices changed in between, the page shows the new plan instead."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from openinfusion.app import chart
from openinfusion.app.access import Action
from openinfusion.app.chart import Known
from openinfusion.app.earlier import Earlier, earlier_doses
from openinfusion.app.library import entry
from openinfusion.app.ports import Ports
from openinfusion.app.prescribing import OrderRequest, draft, facts_of, sign_order
from openinfusion.app.protocols import is_usable
from openinfusion.core.canonical import canonical, sha256
from openinfusion.core.condition import Compare, Within, fields_of
from openinfusion.core.errors import CommandRefused, Conflict
from openinfusion.core.finding import Verdict
from openinfusion.core.forms import form as stored_form
from openinfusion.core.patient import PatientFacts
from openinfusion.core.prescribing.order import Choice, Plan
from openinfusion.core.prescribing.ordering import blocking, needing_reason
from openinfusion.core.protocol import Need
from openinfusion.protocols.checks import parts_of
from openinfusion.protocols.load import LoadedProtocol
from openinfusion.web.choices import ChoiceForm
from openinfusion.web.forms import Problem
from openinfusion.web.house import ports, today
from openinfusion.web.people import ProofRefused, actor_of, prove_self, signed_in
from openinfusion.web.posted import command_id_of, envelope_of, reasons_in, saved
from openinfusion.web.wording import finding_words, step_text, verdict_word, wording_of

LOOK_OF_VERDICT = {
    Verdict.NONE: "proceed",
    Verdict.INFO: "proceed",
    Verdict.CAUTION: "decide",
    Verdict.INCOMPLETE: "decide",
    Verdict.CONTRAINDICATED: "stop",
    Verdict.BANNED: "stop",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What one page of ordering works on."""

    house: Ports
    patient: str
    loaded: LoadedProtocol
    facts: PatientFacts
    facts_seq: int

    @property
    def wording(self) -> Mapping[str, str]:
        """The staff-facing words of the protocol's rules."""
        return wording_of(self.house, self.loaded)


@signed_in(Action.SIGN_ORDER)
@require_http_methods(["GET"])
def choose(request: HttpRequest, patient: uuid.UUID) -> HttpResponse:
    """The protocols that can be ordered here, by route."""
    house = ports()
    offered = sorted(house.library.entries().values(), key=lambda one: (one.protocol.route.value, one.protocol.title))
    shown = {
        "banner": chart.banner(house, str(patient)),
        "protocols": [(one.protocol, is_usable(house, one), wording_of(house, one)) for one in offered],
    }
    return render(request, "web/order_choose.html", shown)


@sensitive_post_parameters("password")
@signed_in(Action.SIGN_ORDER)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, patient: uuid.UUID, protocol: str) -> HttpResponseBase:
    """Choose, read and sign. A post that asks only for the plan stores nothing."""
    house = ports()
    facts, facts_seq = facts_of(house, str(patient))
    desk = Desk(house, str(patient), entry(house, protocol), facts, facts_seq)
    earlier = earlier_doses(house, str(patient), desk.loaded.protocol.drug.ingredients)
    initial = {"start_on": today(), "infusion_number": earlier.following if earlier else None}
    form = ChoiceForm(desk.loaded.protocol, desk.wording, house.site.region, request.POST or None, initial=initial)
    form.fields["infusion_number"].help_text = _why_this_number(earlier)
    if request.method != "POST" or not form.is_valid():
        return _page(request, desk, form, None, status=400 if form.errors else 200)
    choice = form.choice()
    seen = _seen(desk, choice)
    plan = draft(house, desk.patient, protocol, choice)
    if request.POST.get("do") != "sign":
        return _page(request, desk, form, plan, seen=seen)
    return _sign(request, desk, form, plan, seen)


def _why_this_number(earlier: Earlier | None) -> str:
    """Where the number of the infusion comes from, or whom to ask."""
    if earlier is None:
        return _("This record holds no infusion of this drug. Ask the patient: write 1 when there was none elsewhere either.")
    words = _(
        "This record holds %(count)s of this drug, the newest of %(on)s with number %(number)s. Write a higher one if more were given."
    )
    on = timezone.localtime(earlier.at).strftime("%Y-%m-%d")
    return words % {"count": earlier.count, "number": earlier.number, "on": on}


def _sign(request: HttpRequest, desk: Desk, form: ChoiceForm, plan: Plan, seen: str) -> HttpResponseBase:
    reasons = reasons_in(request.POST)
    if request.POST.get("seen") != seen:
        changed = _("Choices or facts changed after this plan was worked out. Nothing is signed. Read the plan below again, then sign it.")
        form.add_error(None, changed)
        return _page(request, desk, form, plan, seen=seen, reasons=reasons, status=409)
    try:
        prove_self(request, str(request.POST.get("password", "")))
    except ProofRefused as refused:
        wrong = refused.words(_("This is not your password. Nothing is signed. Type it again."))
        form.links.append(Problem("id_password", _("Password"), wrong))
        return _page(request, desk, form, plan, seen=seen, reasons=reasons, status=403)
    course = str(uuid.uuid5(command_id_of(request), "course"))
    wanted = OrderRequest(course, desk.patient, plan.protocol, form.choice(), reasons)
    try:
        receipt = sign_order(desk.house, wanted, envelope_of(request), actor_of(request))
    except CommandRefused as refused:
        form.refusals = [finding_words(finding, desk.wording) for finding in refused.findings]
        return _page(request, desk, form, plan, seen=seen, reasons=reasons, status=422)
    except Conflict:
        form.add_error(
            None, _("Somebody recorded something about this patient at this moment. Nothing is signed. Read the plan again, then sign it.")
        )
        return _page(request, desk, form, plan, seen="", reasons=reasons, status=409)
    return saved(request, receipt, reverse("order", args=[course]))


def _seen(desk: Desk, choice: Choice) -> str:
    """A digest of all that a plan follows from, so that nobody signs what they have not read."""
    content = stored_form(Choice).write(choice)
    return sha256(canonical({"choice": content, "facts": desk.facts_seq, "protocol": desk.loaded.content_hash}))


def _page(  # noqa: PLR0913 - the parts of one page
    request: HttpRequest,
    desk: Desk,
    form: ChoiceForm,
    plan: Plan | None,
    *,
    seen: str = "",
    reasons: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    protocol = desk.loaded.protocol
    shown: dict[str, Any] = {
        "banner": chart.banner(desk.house, desk.patient),
        "banner_route": protocol.route,
        "banner_protocol": f"{protocol.title} {protocol.version}",
        "protocol": protocol,
        "is_example": not is_usable(desk.house, desk.loaded),
        "is_usable": is_usable(desk.house, desk.loaded),
        "wording": desk.wording,
        "form": form,
        "facts": facts_used(desk.loaded, desk.facts, desk.house),
        "seen": seen,
    }
    if plan is not None:
        shown |= plan_context(plan, desk.wording)
        shown["to_decide"] = [(finding, (reasons or {}).get(finding.key, "")) for finding in needing_reason(plan.findings)]
        shown["blocking"] = blocking(plan.findings)
    return render(request, "web/order_new.html", shown, status=status)


def plan_context(plan: Plan, wording: Mapping[str, str]) -> dict[str, Any]:
    """What the template of a plan needs: findings by weight, worked steps."""
    derivations = [part.derivation for part in (plan.dose, plan.rates) if part is not None]
    return {
        "plan": plan,
        "wording": wording,
        "verdict": verdict_word(plan.verdict),
        "verdict_css": LOOK_OF_VERDICT[plan.verdict],
        "findings": plan.findings,
        "working": [(step, step_text(step)) for derivation in derivations for step in derivation.steps],
    }


def facts_used(loaded: LoadedProtocol, facts: PatientFacts, house: Ports) -> tuple[Known, ...]:
    """The facts that the protocol and the general rules ask about, known or not, by subject."""
    asked: set[str] = set()
    for rule in loaded.general_rules:
        asked |= set(fields_of(rule.when))
    for _place, part in parts_of(loaded.protocol, ()):
        if isinstance(part, Need | Compare | Within):
            asked.add(part.field)
    fields = house.library.reference.fields
    asked |= {fields[name].of for name in asked if name in fields and fields[name].of}
    specs = [spec for spec in fields.values() if spec.name in asked and chart.subject_of(spec) is not None]
    rows = chart.known(facts, specs, house.clock.now())
    return tuple(sorted(rows, key=lambda row: list(chart.Subject).index(row.subject) if row.subject else -1))
