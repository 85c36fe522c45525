"""What templates need to show simulated levels. A simulated number is a float and never a dose; it is shown to three digits."""

from django import template
from django.utils.translation import gettext

from openinfusion.app.present.kinetic_drawing import figure, time_text
from openinfusion.app.present.numbers import unit_text

register = template.Library()


@register.filter
def simulated(value: float) -> str:
    """A simulated or printed level to three digits."""
    return figure(value)


@register.filter
def after_hours(value: float) -> str:
    """A time in hours as people say it."""
    return time_text(value, gettext)


@register.filter
def unit_word(symbol: str) -> str:
    """A unit as it is written for people."""
    return unit_text(symbol, gettext)
