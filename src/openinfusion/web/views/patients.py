"""Find, register and read a patient. No name, birth date or record number stands in an address; people who look alike are never merged."""

import uuid
from datetime import date

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from openinfusion.app import chart
from openinfusion.app.access import Action, may
from openinfusion.app.ports import Contact, Identity, Ports
from openinfusion.app.prescribing import amend_patient, facts_of, register_patient
from openinfusion.core.administration.scancode import CodeKind, scancode
from openinfusion.core.errors import Malformed
from openinfusion.web.forms import ClinicForm, DayField
from openinfusion.web.house import ports, today
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.posted import command_id_of, envelope_of, saved_at
from openinfusion.web.templatetags.clinic import LANGUAGE_WORDS

_RECENT = "recent_patients"
_RECENT_KEPT = 8


class SearchForm(forms.Form):
    """One field for every way to find a patient."""

    q = forms.CharField(
        label=gettext_lazy("Find a patient"),
        help_text=gettext_lazy(
            "First letters of the family name, a blank, first letters of the given name (“smi jo”); MRN, phone, or birth date 1980-05-31."
        ),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "spellcheck": "false"}),
    )


class RegisterForm(ClinicForm):
    """Who the patient is. What is not known is left empty, not guessed."""

    family_name = forms.CharField(label=gettext_lazy("Family name"), max_length=120)
    given_name = forms.CharField(label=gettext_lazy("Given names"), max_length=120)
    birth_date = DayField(label=gettext_lazy("Birth date"))
    sex = forms.ChoiceField(
        label=gettext_lazy("Sex"),
        widget=forms.RadioSelect,
        choices=[
            ("female", gettext_lazy("female")),
            ("male", gettext_lazy("male")),
            ("other", gettext_lazy("other")),
            ("unknown", gettext_lazy("asked, not known")),
        ],
    )
    mrn = forms.CharField(label=gettext_lazy("Medical record number (MRN)"), max_length=40, required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=list(LANGUAGE_WORDS.items()), initial="en")
    contact_name = forms.CharField(label=gettext_lazy("Emergency contact: name"), max_length=120, required=False)
    contact_phone = forms.CharField(
        label=gettext_lazy("Emergency contact: phone"), max_length=40, required=False, widget=forms.TextInput(attrs={"type": "tel"})
    )
    contact_relation = forms.CharField(label=gettext_lazy("Emergency contact: relation"), max_length=60, required=False)
    is_another = forms.BooleanField(
        label=gettext_lazy("I have compared them: this is another person"), required=False, widget=forms.HiddenInput
    )

    def clean_birth_date(self) -> date:
        """A birth date lies in the past."""
        born: date = self.cleaned_data["birth_date"]
        if born > today():
            raise forms.ValidationError(_("This birth date lies in the future. Check the year."))
        return born

    def identity(self, patient_id: str) -> Identity:
        """The identity that was typed."""
        given = self.cleaned_data
        contact = Contact(given["contact_name"], given["contact_phone"], given["contact_relation"])
        return Identity(
            patient_id,
            given["family_name"],
            given["given_name"],
            given["birth_date"],
            given["sex"],
            given["mrn"],
            given["phone"],
            given["language"],
            contact,
        )

    def ask_about(self, alike: tuple[Identity, ...]) -> None:
        """Show a tick that must be set before a patient who looks like another is registered."""
        field = self.fields["is_another"]
        field.widget = forms.CheckboxInput()
        field.required = bool(alike)


@signed_in(Action.READ_CHART)
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Find a patient; the text that was searched for is posted, so that it stands in no address and no log."""
    form = SearchForm(request.POST if request.method == "POST" else None)
    house, text = ports(), ""
    if form.is_valid():
        text = form.cleaned_data["q"].strip()
    recent = house.identities.many(request.session.get(_RECENT, []))
    shown = {
        "form": form,
        "text": text,
        "found": house.identities.search(text) if text else (),
        "recent": [recent[one] for one in request.session.get(_RECENT, []) if one in recent],
        "may_register": may(actor_of(request), Action.REGISTER_PATIENT),
    }
    return render(request, "web/patients.html", shown)


@signed_in(Action.REGISTER_PATIENT)
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponseBase:
    """Register a patient; someone who looks like one we have is shown first and must be told apart by a person."""
    form = RegisterForm(request.POST or None)
    alike: tuple[Identity, ...] = ()
    if request.method == "POST" and form.is_valid():
        house, identity = ports(), form.identity(str(uuid.uuid5(command_id_of(request), "patient")))
        alike = house.identities.alike(identity)
        taken = next((one for one in alike if one.mrn and one.mrn == identity.mrn), None)
        if taken is not None:
            form.add_error("mrn", _("This MRN belongs to a patient we have. Open that patient, or correct the number."))
        elif not alike or form.cleaned_data["is_another"]:
            return _registered(request, house, identity, form)
    form.ask_about(alike)
    return render(request, "web/patient_new.html", {"form": form, "alike": alike}, status=422 if request.method == "POST" else 200)


def _registered(request: HttpRequest, house: Ports, identity: Identity, form: RegisterForm) -> HttpResponseBase:
    envelope = envelope_of(request)
    earlier = house.log.receipt(envelope.command_id, envelope.sha256)
    try:
        register_patient(house, identity, envelope, actor_of(request))
    except Malformed:
        form.add_error("mrn", _("This MRN belongs to a patient we have. Open that patient, or correct the number."))
        return render(request, "web/patient_new.html", {"form": form, "alike": ()}, status=422)
    at = earlier.events[0].recorded_at if earlier else house.clock.now()
    return saved_at(request, at, reverse("patient", args=[identity.patient_id]), repeated=earlier is not None)


@signed_in(Action.REGISTER_PATIENT)
@require_http_methods(["GET", "POST"])
def amend(request: HttpRequest, patient: uuid.UUID) -> HttpResponseBase:
    """Correct who a patient is. What stood before is kept."""
    house, patient_id = ports(), str(patient)
    form = RegisterForm(request.POST or None, initial=_as_typed(house.identities.get(patient_id)))
    del form.fields["is_another"]
    if request.method == "POST" and form.is_valid():
        try:
            amend_patient(house, form.identity(patient_id), envelope_of(request), actor_of(request))
        except Malformed:
            form.add_error("mrn", _("This MRN belongs to another patient. Correct the number."))
        else:
            return saved_at(request, house.clock.now(), reverse("patient", args=[patient_id]))
    shown = {"form": form, "banner": chart.banner(house, patient_id)}
    return render(request, "web/patient_amend.html", shown, status=422 if request.method == "POST" else 200)


def _as_typed(identity: Identity) -> dict[str, object]:
    contact = identity.emergency_contact
    own = {name: getattr(identity, name) for name in ("family_name", "given_name", "birth_date", "sex", "mrn", "phone", "language")}
    return {**own, "contact_name": contact.name, "contact_phone": contact.phone, "contact_relation": contact.relation}


@signed_in(Action.READ_CHART)
def patient(request: HttpRequest, patient: uuid.UUID) -> HttpResponse:
    """Everything that is known of a patient, by subject, with the orders and sessions."""
    house, patient_id = ports(), str(patient)
    _remember(request, patient_id)
    (facts, _seq), now = facts_of(house, patient_id), house.clock.now()
    grouped = chart.by_subject(house.library.reference.fields)
    shown = {
        "banner": chart.banner(house, patient_id),
        "wristband": scancode(CodeKind.PATIENT, patient),
        "subjects": [(subject, *_split(chart.known(facts, specs, now))) for subject, specs in grouped.items()],
        "may_record": may(actor_of(request), Action.RECORD_FACTS),
        "may_order": may(actor_of(request), Action.SIGN_ORDER),
        "may_register": may(actor_of(request), Action.REGISTER_PATIENT),
        "therapies": chart.therapies(house, patient_id),
    }
    return render(request, "web/patient.html", shown)


def _split(rows: tuple[chart.Known, ...]) -> tuple[list[chart.Known], list[chart.Known]]:
    """What is known: first all that matters at a glance, then the questions whose answer was no."""
    known = [(row, row.fact.value) for row in rows if row.fact is not None]
    return [row for row, value in known if value is not False], [row for row, value in known if value is False]


def _remember(request: HttpRequest, patient_id: str) -> None:
    """Keep the patients this person opened last, newest first; ids only."""
    earlier = [one for one in request.session.get(_RECENT, []) if one != patient_id]
    request.session[_RECENT] = [patient_id, *earlier][:_RECENT_KEPT]
