"""The form of what a prescriber chooses, made from one protocol: only what it leaves open is asked. Reads a Choice, judges nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openinfusion.core.part import Region, Selection
from openinfusion.core.prescribing.order import Choice
from openinfusion.core.protocol import Delivery, DoseRule, Protocol
from openinfusion.core.quantity import Quantity
from openinfusion.core.rate_shape import RateRange
from openinfusion.web.forms import ClinicForm, DayField, QuantityField
from openinfusion.web.templatetags.clinic import plain
from openinfusion.web.wording import unit_words

OPEN = ("", gettext_lazy("the protocol decides"))
NOT_CHOSEN = ("", gettext_lazy("not chosen"))
_OWN_CHOICE = ("diluent", "region")


class ChoiceForm(ClinicForm):
    """What the protocol cannot decide alone."""

    safe_now = gettext_lazy("Nothing is signed. What you chose is still here.")
    indication = forms.ChoiceField(label=gettext_lazy("Indication"), widget=forms.RadioSelect)
    product = forms.ChoiceField(label=gettext_lazy("Product"), required=False, widget=forms.RadioSelect)
    region = forms.ChoiceField(
        label=gettext_lazy("Region whose label applies"), required=False, help_text=gettext_lazy("Not chosen: the stricter rule holds.")
    )
    start_on = DayField(label=gettext_lazy("First session on"))
    infusion_number = forms.IntegerField(
        label=gettext_lazy("Number of this infusion in the patient's life with this drug"),
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "number"}),
    )
    phase = forms.ChoiceField(label=gettext_lazy("Phase of the course"), required=False)
    dose_rule = forms.ChoiceField(label=gettext_lazy("Dose rule"), required=False)
    dose = QuantityField(
        unit="mg",
        unit_text="",
        label=gettext_lazy("Chosen dose"),
        required=False,
        help_text=gettext_lazy("Where the protocol gives a range."),
    )
    dose_unit = forms.ChoiceField(label=gettext_lazy("Unit of the chosen dose"), required=False)
    rate_rule = forms.ChoiceField(label=gettext_lazy("Way of running it"), required=False)
    rate = QuantityField(
        unit="mL/h",
        unit_text="",
        label=gettext_lazy("Chosen rate"),
        required=False,
        help_text=gettext_lazy("Where the protocol gives a range."),
    )
    rate_unit = forms.ChoiceField(label=gettext_lazy("Unit of the chosen rate"), required=False)
    diluent = forms.ChoiceField(label=gettext_lazy("Diluent"), required=False)
    reconstitution = forms.ChoiceField(label=gettext_lazy("Reconstitution"), required=False)
    final_volume = QuantityField(unit="mL", label=gettext_lazy("Volume of the mixture"), required=False)
    whole_containers = forms.BooleanField(label=gettext_lazy("Round the dose to whole containers"), required=False)
    sites = forms.IntegerField(
        label=gettext_lazy("Number of sites"),
        min_value=1,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "number"}),
    )

    def __init__(self, protocol: Protocol, wording: Mapping[str, str], region: Region | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wording = wording
        self._offer("indication", [one.code for one in protocol.indications])
        self._offer("product", protocol.drug.products)
        self._offer("region", () if region else _regions(protocol))
        self._offer("phase", [phase.id for phase in protocol.schedule] if len(protocol.schedule) > 1 else ())
        self._offer("dose_rule", _rules(protocol.doses))
        self._offer("rate_rule", _rules(protocol.rates))
        self._offer("diluent", protocol.preparation.diluents)
        self._offer("reconstitution", [way.id for way in protocol.preparation.reconstitutions])
        self._offer_units("dose", _dose_units(protocol))
        self._offer_units("rate", sorted({rule.low.quantity.unit for rule in protocol.rates if isinstance(rule, RateRange)}))
        if not protocol.preparation.containers:
            del self.fields["whole_containers"]
        if protocol.delivery is not Delivery.MULTI_SITE_INFUSION:
            del self.fields["sites"]
        if protocol.delivery is Delivery.INJECTION:
            del self.fields["final_volume"]
        self.fields["infusion_number"].error_messages["invalid"] = _("This is not a whole number. Write digits only.")

    def _offer(self, name: str, codes: Iterable[str]) -> None:
        """The choices of a field; a field with nothing to choose is not shown."""
        field = self.fields[name]
        listed = [(code, self._word(code)) for code in codes]
        if not listed:
            del self.fields[name]
        elif isinstance(field, forms.ChoiceField):
            field.choices = (
                listed if field.required else [*([] if name == "product" else [NOT_CHOSEN if name in _OWN_CHOICE else OPEN]), *listed]
            )

    def _word(self, code: str) -> str:
        return self.wording.get(code) or plain(code)

    def _offer_units(self, name: str, units: Iterable[str]) -> None:
        listed = [(unit, unit_words(unit)) for unit in units]
        if not listed:
            del self.fields[name], self.fields[f"{name}_unit"]
            return
        field = self.fields[f"{name}_unit"]
        if isinstance(field, forms.ChoiceField):
            field.choices = listed

    def choice(self) -> Choice:
        """What was chosen."""
        given: dict[str, Any] = self.cleaned_data
        region = given.get("region")
        return Choice(
            indication=given["indication"],
            start_on=given["start_on"],
            infusion_number=given["infusion_number"],
            product=given.get("product") or "",
            region=Region(region) if region else None,
            phase=given.get("phase") or "",
            dose_rule=given.get("dose_rule") or "",
            dose=_in_unit(given.get("dose"), given.get("dose_unit")),
            rate_rule=given.get("rate_rule") or "",
            rate=_in_unit(given.get("rate"), given.get("rate_unit")),
            diluent=given.get("diluent") or "",
            reconstitution=given.get("reconstitution") or "",
            final_volume=given.get("final_volume"),
            whole_containers=bool(given.get("whole_containers")),
            sites=given.get("sites"),
        )


def _in_unit(typed: Quantity | None, unit: str | None) -> Quantity | None:
    """The typed number in the chosen unit; the number was read without a unit of its own."""
    return Quantity(typed.value, unit) if typed is not None and unit else None


def _rules(rules: Iterable[Any]) -> list[str]:
    """The rules among which a prescriber may choose: all, where one of them is chosen by a prescriber only or there are several."""
    found = list(rules)
    open_to_choice = len(found) > 1 or any(rule.selection is Selection.PRESCRIBER for rule in found)
    return [rule.id for rule in found] if open_to_choice else []


def _regions(protocol: Protocol) -> list[str]:
    rules = (*protocol.doses, *protocol.rates, *protocol.limits, *protocol.contraindications, *protocol.cautions)
    named = {region for rule in rules for region in rule.regions}
    return [region.value for region in Region if region in named]


def _dose_units(protocol: Protocol) -> list[str]:
    """The units of the dose rules, and of the whole amount where a rule is per body mass or area."""
    units: dict[str, None] = {}
    for rule in protocol.doses:
        for symbol in _units_of(rule):
            units[symbol] = None
    return list(units)


def _units_of(rule: DoseRule) -> tuple[str, ...]:
    figure = rule.amount or rule.low
    if figure is None:
        return ()
    symbol = figure.quantity.unit
    return tuple(dict.fromkeys((symbol, symbol.split("/")[0])))
