"""The page of kinetics: the four benefits, any modelled drug by all its routes, the models, and what is absent. It reads no chart and gives
nothing. What computes is loaded when a page of kinetics is first asked for, never when the server starts.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from openinfusion.app.access import Action
from openinfusion.core.errors import CommandRefused
from openinfusion.web.forms import ClinicRenderer
from openinfusion.web.people import signed_in
from openinfusion.web.wording import finding_words

if TYPE_CHECKING:
    from openinfusion.app.kinetic_library import Listed
    from openinfusion.app.kinetic_routes import Compared


class ComparisonForm(forms.Form):
    """Which model, how much, and from which level on it counts."""

    default_renderer = ClinicRenderer
    model = forms.ChoiceField(label=gettext_lazy("Drug and model"))
    dose = forms.CharField(label=gettext_lazy("Amount, the same by each route"), max_length=40)
    over = forms.CharField(label=gettext_lazy("Into a vein over"), max_length=40, required=False)
    above = forms.CharField(label=gettext_lazy("Counts from a level of"), max_length=40, required=False)

    def __init__(self, *args: Any, listed: "tuple[Listed, ...]", **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        choice = self.fields["model"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - declared above
        choice.choices = [(one.model.id, f"{one.model.file.drug} ({one.model.id})") for one in listed if one.is_comparable]
        self.fields["dose"].help_text = _("A number with its unit, such as 1 g. It is an amount to compare by, not a dose to give.")
        self.fields["over"].help_text = _("Such as 15 min; empty for at once.")
        self.fields["above"].help_text = _("Such as 4 mg/L; empty for half of the lowest peak.")


@signed_in(Action.READ_PROTOCOL)
@require_GET
def kinetics(request: HttpRequest) -> HttpResponse:
    """The page, with a comparison where one is asked for."""
    from openinfusion.app import kinetic_benefits, kinetic_library, kinetic_routes

    models = kinetic_library.listed()
    form = ComparisonForm(request.GET if "model" in request.GET else None, listed=models)
    shown: dict[str, Any] = {"form": form, "compared": None, "refusals": []}
    if form.is_bound and form.is_valid():
        shown |= _compared(form)
    shown |= {
        "benefits": [
            (one, _drawn(kinetic_routes.svg_of(one.made, one.name, _))) for one in kinetic_benefits.benefits_in(get_language() or "", _)
        ],
        "depot": kinetic_benefits.depot_table(_),
        "models": models,
        "absent": kinetic_library.absent(),
    }
    return render(request, "web/kinetics.html", shown)


def _compared(form: ComparisonForm) -> dict[str, Any]:
    """A comparison, or why there is none."""
    from openinfusion.app import kinetic_library, kinetic_routes

    asked = form.cleaned_data
    model = kinetic_library.model_called(asked["model"])
    if model is None:
        return {}
    try:
        made: Compared = kinetic_routes.by_route(model, asked["dose"], asked["over"], asked["above"], translate=_)
    except CommandRefused as refused:
        return {"refusals": [finding_words(one) for one in refused.findings]}
    return {"compared": made, "drawing": _drawn(kinetic_routes.svg_of(made, "compared", _))}


def _drawn(picture: str) -> str:
    return mark_safe(picture)  # noqa: S308 - made by the presenter, which escapes every word
