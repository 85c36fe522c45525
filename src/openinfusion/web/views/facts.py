"""Forms for what is true of a patient, one for each subject, made from the dictionary of fields. Recording is never refused for its
content: only what cannot be read comes back, with what to write."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, assert_never

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from openinfusion.app import chart
from openinfusion.app.access import Action
from openinfusion.app.chart import Known, Subject
from openinfusion.app.prescribing import facts_of, history_of, record_facts
from openinfusion.core.patient import Answer, Fact, FactValue, FieldKind, FieldSpec
from openinfusion.core.quantity import Quantity
from openinfusion.web.forms import ClinicForm, DayField, MomentField, QuantityField
from openinfusion.web.house import ports
from openinfusion.web.people import actor_of, signed_in
from openinfusion.web.posted import envelope_of, saved
from openinfusion.web.templatetags.clinic import fact_value, moment, plain
from openinfusion.web.wording import unit_words

UNKNOWN = ("unknown", gettext_lazy("asked, not known"))
SOME, NONE = "some", "none"
_ANSWERS: Mapping[str, FactValue] = {"yes": True, "no": False, "unknown": Answer.UNKNOWN}


class FactsForm(ClinicForm):
    """The fields of one subject. What is left empty stays as it was."""

    safe_now = gettext_lazy("Nothing was recorded yet. What you typed is still here.")
    all_may_stay_empty = True
    at = MomentField(
        label=gettext_lazy("When was this so?"), help_text=gettext_lazy("Empty: now. Give the time of the blood sample, not of its report.")
    )

    def __init__(self, rows: Sequence[Known], now: datetime, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows, self.now = tuple(rows), now
        for row in self.rows:
            self.fields.update(_fields(row))
        self.order_fields([*(name for name in self.fields if name != "at"), "at"])

    def clean_at(self) -> datetime | None:
        """A fact cannot be true of a time that has not come."""
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and at > self.now:
            raise ValidationError(_("This time lies in the future. Write when it was measured or asked."))
        return at

    def clean(self) -> dict[str, Any]:
        """The typed facts; a form in which nothing was filled in says so."""
        cleaned = super().clean() or {}
        at = cleaned.get("at") or self.now
        values = {row.spec.name: self._value(row.spec, cleaned) for row in self.rows}
        cleaned["facts"] = tuple(Fact(name, value, at) for name, value in values.items() if value is not None)
        if not cleaned["facts"] and not self.errors:
            raise ValidationError(_("Nothing is filled in. Fill in at least one field, or go back."))
        return cleaned

    def _value(self, spec: FieldSpec, cleaned: dict[str, Any]) -> FactValue | None:
        given = cleaned.get(spec.name)
        match spec.kind:
            case FieldKind.BOOLEAN:
                return _ANSWERS.get(given or "")
            case FieldKind.CODE:
                return Answer.UNKNOWN if given == UNKNOWN[0] else given or None
            case FieldKind.CODES:
                return self._codes(spec, given or "", cleaned)
            case FieldKind.QUANTITY:
                return self._quantity(spec, cleaned)
            case FieldKind.DAY | FieldKind.MOMENT:
                return given if isinstance(given, date) else None
            case FieldKind.ELAPSED | FieldKind.AGE:
                return None
            case _:
                assert_never(spec.kind)

    def _quantity(self, spec: FieldSpec, cleaned: dict[str, Any]) -> FactValue | None:
        given: Quantity | None = cleaned.get(spec.name)
        if cleaned.get(f"{spec.name}.unknown"):
            if given is not None:
                self.add_error(spec.name, _("There is a number and also “not known”. Keep one of them."))
            return Answer.UNKNOWN
        if given is not None and cleaned.get(f"{spec.name}.unit") == "[lb_av]":
            return Quantity(given.value, "[lb_av]")
        return given

    def _codes(self, spec: FieldSpec, state: str, cleaned: dict[str, Any]) -> FactValue | None:
        ticked = tuple(cleaned.get(f"{spec.name}.these") or ())
        others = tuple(f"other:{one.strip()}" for one in cleaned.get(f"{spec.name}.others", "").split(",") if one.strip())
        chosen = (*ticked, *others)
        if chosen and state in (NONE, UNKNOWN[0]):
            self.add_error(
                spec.name,
                _("Some are named below, and the answer above says that there are none or that it is not known. Keep one of them."),
            )
        if state == SOME and not chosen:
            self.add_error(spec.name, _("Tick or write which ones."))
        if chosen:
            return chosen
        return {NONE: Answer.NONE_KNOWN, UNKNOWN[0]: Answer.UNKNOWN}.get(state)


def _fields(row: Known) -> Iterator[tuple[str, forms.Field]]:
    spec, label, seen = row.spec, _(row.spec.meaning), _now_known(row)
    common: dict[str, Any] = {"label": label, "required": False, "help_text": seen}
    match spec.kind:
        case FieldKind.BOOLEAN:
            choices = [("yes", _("yes")), ("no", _("no")), UNKNOWN]
            yield spec.name, forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
        case FieldKind.CODE if spec.codes:
            choices = [*((code, plain(code)) for code in spec.codes if code != UNKNOWN[0]), UNKNOWN]
            yield spec.name, forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)
        case FieldKind.CODE:
            yield spec.name, forms.CharField(max_length=80, **common)
        case FieldKind.CODES:
            yield from _codes_fields(row, common)
        case FieldKind.QUANTITY:
            yield from _quantity_fields(spec, common)
        case FieldKind.DAY:
            yield spec.name, DayField(**common)
        case FieldKind.MOMENT:
            yield spec.name, MomentField(**common)
        case FieldKind.ELAPSED | FieldKind.AGE:
            return
        case _:
            assert_never(spec.kind)


def _quantity_fields(spec: FieldSpec, common: dict[str, Any]) -> Iterator[tuple[str, forms.Field]]:
    if spec.name != "weight":
        yield spec.name, QuantityField(unit=spec.unit, unit_text=unit_words(spec.unit), positive=False, **common)
    else:
        yield spec.name, QuantityField(unit="kg", unit_text="", **common)
        choices = [("kg", _("kilograms (kg)")), ("[lb_av]", _("pounds (lb)"))]
        yield "weight.unit", forms.ChoiceField(label=_("The weight above is in"), choices=choices, initial="kg", widget=forms.RadioSelect)
    if spec.name in ("weight", "height"):
        yield f"{spec.name}.unknown", forms.BooleanField(label=_("%(what)s: asked, not known") % {"what": common["label"]}, required=False)


def _codes_fields(row: Known, common: dict[str, Any]) -> Iterator[tuple[str, forms.Field]]:
    spec, held = row.spec, row.fact.value if row.fact else None
    codes = held if isinstance(held, tuple) else ()
    state = {Answer.NONE_KNOWN: NONE, Answer.UNKNOWN: UNKNOWN[0]}.get(held, "") if isinstance(held, Answer) else SOME if codes else ""
    choices = [(SOME, _("these:")), (NONE, _("none known")), UNKNOWN]
    yield spec.name, forms.ChoiceField(choices=choices, widget=forms.RadioSelect, initial=state, **common)
    yield (
        f"{spec.name}.these",
        forms.MultipleChoiceField(
            label=_("Which ones"),
            choices=[(code, plain(code)) for code in spec.codes],
            widget=forms.CheckboxSelectMultiple,
            initial=[code for code in codes if code in spec.codes],
            required=False,
        ),
    )
    others = ", ".join(code.removeprefix("other:") for code in codes if code not in spec.codes)
    yield (
        f"{spec.name}.others",
        forms.CharField(
            label=_("Others, not in the list"), help_text=_("Separate them with commas."), initial=others, required=False, max_length=200
        ),
    )


def _now_known(row: Known) -> str:
    if row.fact is None:
        return _("Never asked.")
    told = {"value": fact_value(row.fact.value), "time": moment(row.fact.at)}
    return _("Now: %(value)s (%(time)s; too old to use).") % told if row.is_stale else _("Now: %(value)s (%(time)s).") % told


@signed_in(Action.RECORD_FACTS)
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, patient: uuid.UUID, subject: str) -> HttpResponseBase:
    """Show and take the form of one subject."""
    if subject not in set(Subject):
        raise Http404
    house, patient_id, asked = ports(), str(patient), Subject(subject)
    now, (facts, _seq) = house.clock.now(), facts_of(house, patient_id)
    rows = chart.known(facts, chart.by_subject(house.library.reference.fields)[asked], now)
    form = FactsForm(rows, now, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor = actor_of(request)
        typed = [Fact(fact.field, fact.value, fact.at, actor.id) for fact in form.cleaned_data["facts"]]
        receipt = record_facts(house, patient_id, typed, envelope_of(request, form.cleaned_data["at"]), actor)
        return saved(request, receipt, reverse("patient", args=[patient_id]))
    shown = {
        "banner": chart.banner(house, patient_id),
        "form": form,
        "subject": asked,
        "weights": history_of(house, patient_id, "weight") if asked is Subject.BODY else (),
    }
    return render(request, "web/facts.html", shown, status=400 if form.errors else 200)
