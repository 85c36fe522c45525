"""What templates need to show amounts, times, routes and findings. The wording is the presenter's; nothing is computed here."""

from collections.abc import Iterable
from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from openinfusion.app import present
from openinfusion.core.figure import Source, Tier
from openinfusion.core.finding import Finding, Level
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity

register = template.Library()

NOTHING = "\N{EN DASH}"

ROLE_WORDS = {
    "prescriber": gettext_lazy("prescriber"),
    "pharmacist": gettext_lazy("pharmacist"),
    "nurse": gettext_lazy("nurse"),
    "administrator": gettext_lazy("administrator"),
}
ROUTE_WORDS = {
    Route.IV: gettext_lazy("IV (into a vein)"),
    Route.EPIDURAL: gettext_lazy("EPIDURAL"),
    Route.IM: gettext_lazy("IM (into a muscle)"),
    Route.SC: gettext_lazy("SC (under the skin)"),
}
WEIGHT_OF_LEVEL = {
    Level.INFO: ("proceed", gettext_lazy("Proceed")),
    Level.CAUTION: ("decide", gettext_lazy("Needs decision")),
    Level.MISSING: ("stop", gettext_lazy("Missing")),
    Level.CONTRAINDICATED: ("decide", gettext_lazy("Needs two prescribers")),
    Level.BANNED: ("stop", gettext_lazy("Stop")),
}


@register.filter
def role_word(role: str) -> str:
    """The word for a role."""
    return str(ROLE_WORDS.get(role, role))


@register.filter
def amount(quantity: Quantity | None) -> str:
    """A quantity in words of the presenter, a dash for none."""
    return NOTHING if quantity is None else present.quantity(quantity)


@register.filter
def moment(at: datetime | None) -> str:
    """Date and time in the site's zone, ISO."""
    return NOTHING if at is None else timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


@register.filter
def clock(at: datetime | None) -> str:
    """Time of day in the site's zone."""
    return NOTHING if at is None else timezone.localtime(at).strftime("%H:%M")


@register.filter
def day(on: date | None) -> str:
    """A calendar day, ISO."""
    return NOTHING if on is None else on.isoformat()


@register.filter
def plain(code: str) -> str:
    """A code of a file as readable text: dashes and underscores become blanks."""
    return code.replace("_", " ").replace("-", " ")


@register.filter
def is_weak(tier: Tier) -> bool:
    """Whether a tier keeps a dose-critical figure from an active protocol."""
    return not tier.may_be_active


@register.inclusion_tag("web/parts/route.html")
def route_sign(route: Route | str) -> dict[str, object]:
    """The sign of a route: its own shape, colour and word."""
    found = Route(route)
    return {"route": found.value.lower(), "word": ROUTE_WORDS[found]}


@register.inclusion_tag("web/parts/sources.html")
def sources(found: Iterable[Source]) -> dict[str, object]:
    """The sources of a figure, rule or finding, each with its tier."""
    return {"sources": tuple(found)}


@register.inclusion_tag("web/parts/finding.html", takes_context=True)
def finding(context: template.Context, found: Finding) -> dict[str, object]:
    """One finding in words, with its weight, rule and sources; with the wording of the protocol where there is one."""
    css, word = WEIGHT_OF_LEVEL[found.level]
    wording = context.get("wording") or {}
    return {
        "finding": found,
        "css": css,
        "level_word": word,
        "words": present.finding(found, gettext),
        "rule_text": wording.get(found.rule, ""),
    }
