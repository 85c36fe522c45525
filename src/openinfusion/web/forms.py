"""Fields and forms as people here fill them in: numbers with a point and a unit, times in the site's zone, one command id for each form.

A value that cannot be read is never guessed; the form comes back with everything that was typed and says what to write.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from openinfusion.app.present import Words
from openinfusion.core.quantity import NumberError, Quantity, number
from openinfusion.web.house import today
from openinfusion.web.people import ProofRefused, prove_self


class ClinicRenderer(DjangoTemplates):
    """Renders whole forms and single fields with the templates of this application."""

    form_template_name = "web/parts/form.html"
    field_template_name = "web/parts/field.html"


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the error summary; `anchor` is the id of the field it belongs to."""

    anchor: str
    label: str
    text: str


class ClinicForm(forms.Form):
    """Base of all forms. `command_id` is made once when the form is shown, so that the same form sent twice is the same command."""

    default_renderer = ClinicRenderer
    required_css_class = "required"
    safe_now = _("Nothing was changed. What you typed is still here.")
    all_may_stay_empty = False
    command_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.refusals: list[Words] = []
        self.links: list[Problem] = []
        self.fields["command_id"].initial = uuid.uuid4
        for field in self.fields.values():
            if field.required:
                field.error_messages["required"] = str(_("This is empty. Fill it in."))
            field.widget.attrs.setdefault("autocomplete", "off")

    def problems(self) -> Sequence[Problem]:
        """Every error with the field it belongs to, in the order of the form."""
        found = [Problem("", "", str(text)) for text in self.non_field_errors()]
        for bound in self:
            found += [Problem(self._anchor(bound), str(bound.label), str(text)) for text in bound.errors]
        return [*found, *self.links]

    @staticmethod
    def _anchor(bound: forms.BoundField) -> str:
        return f"{bound.auto_id}_0" if bound.use_fieldset else bound.auto_id


class NumberInput(forms.TextInput):
    """A text field with a number keypad: a browser's own number field hides what was typed wrong."""

    def __init__(self, attrs: Mapping[str, object] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "class": "number", "spellcheck": "false", **(attrs or {})})


class QuantityField(forms.CharField):
    """A plain decimal number of one fixed unit, cleaned to a Quantity. Commas, blanks and units inside are refused, never read."""

    widget = NumberInput

    def __init__(self, *, unit: str, unit_text: str | None = None, positive: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unit, self.positive = unit, positive
        self.unit_text = unit if unit_text is None else unit_text

    def clean(self, value: object) -> Quantity | None:
        """The quantity, None when the field may stay empty and does."""
        text = str(super().clean(value)).strip()
        if not text:
            return None
        return Quantity(read_number(text, positive=self.positive), self.unit)


def read_number(text: str, *, positive: bool = True) -> Fraction:
    """The exact number of what a person typed; raises ValidationError that says what to write."""
    try:
        value = number(text)
    except NumberError:
        raise ValidationError(
            _("“%(typed)s” cannot be read as one number. Write digits and a point, without comma, blank or unit: 71.5"),
            params={"typed": text},
        ) from None
    if positive and value <= 0:
        raise ValidationError(_("“%(typed)s” is not above zero. Write the value that was measured."), params={"typed": text})
    return value


class DayField(forms.CharField):
    """A calendar day, typed as year-month-day, or T for today and T+7, T-1 from it: 03/04/27 means two different days and is refused.

    A text field on purpose: a browser's own date field shows days in the order of its own language."""

    widget = forms.TextInput(attrs={"class": "day", "placeholder": "2026-05-31", "spellcheck": "false"})

    def clean(self, value: object) -> date | None:
        """The day; None when the field may stay empty and does."""
        text = str(super().clean(value)).strip()
        if not text:
            return None
        return _day(text)

    def prepare_value(self, value: object) -> object:
        """A day in ISO form."""
        return value.isoformat() if isinstance(value, date) else value


class MomentField(forms.CharField):
    """A date and time in the site's zone, or a time of today; empty means now."""

    widget = forms.TextInput(attrs={"class": "moment", "placeholder": "2026-05-31 14:05", "spellcheck": "false"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def clean(self, value: object) -> datetime | None:
        """Aware, in UTC; None when it is empty."""
        text = str(super().clean(value)).strip()
        return _moment(text) if text else None


_FROM_TODAY = re.compile(r"[Tt](?:([+-])(\d{1,3}))?\Z")
_TIME = re.compile(r"\d{1,2}:\d{2}\Z")


def _day(text: str) -> date:
    shift = _FROM_TODAY.match(text)
    if shift:
        days = int(shift[2] or 0)
        return today() + timedelta(days=-days if shift[1] == "-" else days)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValidationError(_("This is not a date we can read without guessing. Write year-month-day: 1980-05-31.")) from None


def _moment(text: str) -> datetime:
    """A moment as typed; a time that the clocks skip or repeat at the site is read as the first that fits."""
    try:
        typed = datetime.fromisoformat(f"{today().isoformat()} {text.zfill(5)}" if _TIME.match(text) else text)
    except ValueError:
        raise ValidationError(_("This is not a date and time. Write it like 2026-05-31 14:05, or 14:05 for today.")) from None
    local = typed if typed.tzinfo else typed.replace(tzinfo=timezone.get_current_timezone())
    return local.astimezone(UTC)


class SignatureForm(ClinicForm):
    """A form that is signed with the password of the person who sends it."""

    password = forms.CharField(
        label=_("Your password, as your signature"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self) -> str:
        """Refuse anything but the signer's own password."""
        try:
            prove_self(self.request, str(self.cleaned_data["password"]))
        except ProofRefused as refused:
            wrong = gettext("This is not the password of %(name)s. Nothing was signed. Type it again.")
            raise ValidationError(refused.words(wrong % {"name": self.request.user.get_username()})) from None
        return ""
