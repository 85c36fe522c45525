"""Take facts of a patient from a FHIR R4 Bundle: first read and shown, then recorded after a person has compared who it is about.

What the reader left open is shown as findings; a Bundle about somebody else, or one that cannot be read safely, is recorded by nobody.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from openinfusion.app import chart
from openinfusion.app.access import Action
from openinfusion.app.ports import Identity, Ports
from openinfusion.app.prescribing import facts_of, record_facts
from openinfusion.core.errors import Malformed
from openinfusion.core.finding import Finding, Level
from openinfusion.core.patient import OF_IDENTITY, Fact
from openinfusion.interop.fhir.bundle import BundleFacts, read_bundle
from openinfusion.web.forms import ClinicForm
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.posted import envelope_of, saved

LARGEST = 2_000_000


class BundleForm(ClinicForm):
    """The text of a Bundle, pasted or as a file."""

    safe_now = gettext_lazy("Nothing was recorded. What you pasted is still here.")
    bundle = forms.CharField(
        label=gettext_lazy("Paste the Bundle (JSON)"),
        required=False,
        max_length=LARGEST,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )
    file = forms.FileField(label=gettext_lazy("Or choose its file"), required=False)
    is_same = forms.BooleanField(label=gettext_lazy("I have compared them: this is the same person"), required=False)

    def clean(self) -> dict[str, Any]:
        """One of the two, as text."""
        cleaned = super().clean() or {}
        upload, text = cleaned.get("file"), cleaned.get("bundle") or ""
        if isinstance(upload, UploadedFile):
            if (upload.size or 0) > LARGEST:
                raise forms.ValidationError(_("The file is larger than 2 MB. Export a Bundle with this patient's facts only."))
            try:
                text = upload.read().decode("utf-8")
            except UnicodeDecodeError:
                raise forms.ValidationError(_("The file is not UTF-8 text. Export it as FHIR JSON.")) from None
        if not text.strip():
            raise forms.ValidationError(_("Paste a Bundle, or choose its file."))
        cleaned["text"] = text
        return cleaned


@dataclass(frozen=True, slots=True)
class Compared:
    """One part of who it is: here and in the Bundle. `differs` only where both say something."""

    what: str
    here: str
    there: str
    differs: bool
    decides: bool


@signed_in(Action.RECORD_FACTS)
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, patient: uuid.UUID) -> HttpResponseBase:
    """Read a Bundle, show what it says, and record it when a person has said that it is about this patient."""
    house, patient_id = ports(), str(patient)
    form = BundleForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, house, patient_id, form, status=400 if form.errors else 200)
    try:
        told = read_bundle(form.cleaned_data["text"], house.library.reference.fields, house.clock.now(), house.library.reference.codes)
    except Malformed as broken:
        form.add_error(None, _("This cannot be read as a FHIR R4 Bundle. %(at)s: %(why)s. Needed: %(write)s.") % broken.params)
        return _page(request, house, patient_id, form, status=400)
    if request.POST.get("do") != "record":
        return _page(request, house, patient_id, form, told)
    identity = house.identities.get(patient_id)
    if _blocking(told) or any(one.differs and one.decides for one in compare(identity, told)) or not _facts(told):
        form.add_error(None, _("This Bundle cannot be recorded for this patient; the reasons stand below."))
        return _page(request, house, patient_id, form, told, 422)
    if not form.cleaned_data["is_same"]:
        form.add_error("is_same", _("Compare name and birth date, then set this tick."))
        return _page(request, house, patient_id, form, told, 422)
    receipt = record_facts(house, patient_id, _facts(told), envelope_of(request), actor_of(request))
    return saved(request, receipt, _next(request, patient_id))


def compare(identity: Identity, told: BundleFacts) -> tuple[Compared, ...]:
    """Name, birth date and record number, here and there. A different birth date or number is a different person."""
    there = told.identity
    if there is None:
        return ()
    ours = f"{identity.given_name} {identity.family_name}".strip()
    same_name = any(set(ours.casefold().split()) == set(name.casefold().replace(",", " ").split()) for name in there.names)
    born = there.birth_date.isoformat() if there.birth_date else ""
    return (
        Compared(_("Name"), ours, "; ".join(there.names), bool(there.names) and not same_name, decides=False),
        Compared(
            _("Birth date"), identity.birth_date.isoformat(), born, bool(born) and born != identity.birth_date.isoformat(), decides=True
        ),
        Compared(_("MRN"), identity.mrn, there.mrn, bool(there.mrn and identity.mrn) and there.mrn != identity.mrn, decides=True),
    )


def _blocking(told: BundleFacts) -> tuple[Finding, ...]:
    """What forbids recording: a Bundle that does not say whom it is about, and everything that nobody may pass."""
    return tuple(
        finding for finding in told.findings if finding.level is Level.BANNED or (told.identity is None and finding.level is Level.MISSING)
    )


def _facts(told: BundleFacts) -> tuple[Fact, ...]:
    """The facts without those of the identity, which are corrected on the identity itself."""
    return tuple(fact for fact in told.facts if fact.field not in OF_IDENTITY)


def _next(request: HttpRequest, patient_id: str) -> str:
    wanted = request.GET.get("next", "")
    inside = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if inside else reverse("patient", args=[patient_id])


def _page(
    request: HttpRequest, house: Ports, patient_id: str, form: BundleForm, told: BundleFacts | None = None, status: int = 200
) -> HttpResponseBase:
    fields = house.library.reference.fields
    shown: dict[str, Any] = {"banner": chart.banner(house, patient_id), "form": form, "told": told, "next": request.GET.get("next", "")}
    if told is not None:
        known, _seq = facts_of(house, patient_id)
        compared = compare(house.identities.get(patient_id), told)
        shown |= {
            "text": form.cleaned_data["text"],
            "compared": compared,
            "rows": [(fields[fact.field], fact, known.get(fact.field)) for fact in _facts(told)],
            "is_blocked": bool(_blocking(told)) or any(one.differs and one.decides for one in compared) or not _facts(told),
        }
    return render(request, "web/fhir.html", shown, status=status)
