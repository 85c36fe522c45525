"""What templates need to show amounts, times, routes and findings. The wording is the presenter's; nothing is computed here."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import assert_never

from django import template
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from openinfusion.app.chart import Subject
from openinfusion.core.figure import Source, Tier
from openinfusion.core.finding import Finding, Level
from openinfusion.core.patient import Answer, FactValue
from openinfusion.core.protocol import Route
from openinfusion.core.quantity import Quantity
from openinfusion.web.wording import amount_text, finding_words, labels, lasting_text, level_word, terms

register = template.Library()

NOTHING = "\N{EN DASH}"

ROLE_WORDS = {
    "prescriber": gettext_lazy("prescriber"),
    "pharmacist": gettext_lazy("pharmacist"),
    "nurse": gettext_lazy("nurse"),
    "administrator": gettext_lazy("administrator"),
}
SUBJECT_WORDS = {
    Subject.ALLERGIES: gettext_lazy("Allergies"),
    Subject.BODY: gettext_lazy("Weight and height"),
    Subject.CONDITIONS: gettext_lazy("Conditions"),
    Subject.MEDICINES: gettext_lazy("Medicines"),
    Subject.LABORATORY: gettext_lazy("Laboratory"),
    Subject.ACCESS: gettext_lazy("Access device"),
    Subject.THERAPY: gettext_lazy("Earlier therapy"),
}
ORDER_WORDS = {
    "awaits-cosignature": gettext_lazy("waits for a second prescriber"),
    "signed": gettext_lazy("waits for the pharmacist"),
    "verified": gettext_lazy("verified"),
    "cancelled": gettext_lazy("cancelled"),
}
LANGUAGE_WORDS = {
    "en": gettext_lazy("English"),
    "de": gettext_lazy("German"),
    "es": gettext_lazy("Spanish"),
    "fr": gettext_lazy("French"),
    "pt": gettext_lazy("Portuguese"),
    "other": gettext_lazy("another language"),
}
ROUTE_WORDS = {
    Route.IV: gettext_lazy("IV (into a vein)"),
    Route.EPIDURAL: gettext_lazy("EPIDURAL"),
    Route.IM: gettext_lazy("IM (into a muscle)"),
    Route.SC: gettext_lazy("SC (under the skin)"),
}
LOOK_OF_LEVEL = {
    Level.INFO: "proceed",
    Level.CAUTION: "decide",
    Level.MISSING: "decide",
    Level.CONTRAINDICATED: "stop",
    Level.BANNED: "stop",
}


@register.filter
def role_word(role: str) -> str:
    """The word for a role."""
    return str(ROLE_WORDS.get(role, role))


@register.filter
def amount(quantity: Quantity | None) -> str:
    """A quantity in words of the presenter, a dash for none."""
    return NOTHING if quantity is None else amount_text(quantity)


@register.filter
def fact_value(value: FactValue) -> str:
    """The value of a fact in words; "asked, not known" and "none known" are answers of their own."""
    match value:
        case Answer.UNKNOWN:
            return gettext("asked, not known")
        case Answer.NONE_KNOWN:
            return gettext("none known")
        case bool():
            return gettext("yes") if value else gettext("no")
        case Quantity():
            return amount_text(value)
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case tuple():
            return ", ".join(substance(code) for code in value)
        case str():
            return plain(value)
        case _:
            assert_never(value)


@register.filter
def catalogue(text: str) -> str:
    """A text of a data file, such as the meaning of a field, through the message catalogue."""
    return gettext(text) if text else ""


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
def iso_moment(text: str) -> str:
    """A stored ISO moment in the site's zone."""
    return moment(datetime.fromisoformat(text)) if text else NOTHING


@register.filter
def signed(quantity: Quantity) -> str:
    """A change with its sign."""
    return ("+" if quantity.value > 0 else "") + amount_text(quantity)


@register.filter
def substance(code: str) -> str:
    """What a substance of an allergy is called; one that is in no list as it was written."""
    return terms().get(code) or plain(code.removeprefix("other:"))


@register.filter
def subject_word(subject: Subject) -> str:
    """The heading of a subject."""
    return str(SUBJECT_WORDS[subject])


@register.filter
def language_word(code: str) -> str:
    """The name of a language."""
    return str(LANGUAGE_WORDS.get(code, code))


@register.filter
def order_word(status: str) -> str:
    """What an order waits for."""
    return str(ORDER_WORDS.get(status, status))


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
def finding(context: template.Context, found: Finding, *, holds: bool = False) -> dict[str, object]:
    """One finding in words, with its weight, rule and sources; with the wording of the protocol where there is one. What `holds` a step
    back only until something is done or its time has come says so."""
    wording = context.get("wording") or {}
    return {
        "finding": found,
        "css": LOOK_OF_LEVEL[found.level],
        "level": gettext("Not yet") if holds and found.level is Level.MISSING else level_word(found.level),
        "words": finding_words(found, wording),
        "until": gettext(labels().get(found.until, found.until)) if found.until else "",
    }


@register.filter
def worded(code: str, wording: Mapping[str, str]) -> str:
    """What staff read for a rule, else its id as text."""
    return wording.get(code) or plain(code)


@register.filter
def lasting(span: Quantity | None) -> str:
    """A length of time."""
    return NOTHING if span is None else lasting_text(span)


@register.filter
def leaf(value: Quantity | str) -> str:
    """One value of a content: a figure in words, text as it is."""
    return amount_text(value) if isinstance(value, Quantity) else value
