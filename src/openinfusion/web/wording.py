"""The presenter's words in the language of the page. The one place where pages call it; nothing is formatted here."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from openinfusion.app import present
from openinfusion.app.ports import Ports
from openinfusion.app.present import Glossary, Words
from openinfusion.core.errors import OpenInfusionError
from openinfusion.core.finding import Finding, Level, Step, Verdict
from openinfusion.core.quantity import Quantity
from openinfusion.protocols.load import LoadedProtocol
from openinfusion.web.house import ports


def amount_text(quantity: Quantity) -> str:
    """An amount with its unit."""
    return present.quantity(quantity, gettext)


def unit_words(symbol: str) -> str:
    """A unit as it is written for people."""
    return present.unit(symbol, gettext)


def lasting_text(span: Quantity) -> str:
    """A length of time."""
    return present.duration_text(span, gettext)


def step_text(step: Step) -> str:
    """One line of worked arithmetic."""
    return present.step_line(step, gettext)


def finding_words(finding: Finding, rules: Mapping[str, str] | None = None) -> Words:
    """A finding: what is true, what is safe now, what to do. `rules` holds the protocol's own words for its rules."""
    words = rules or {}
    return present.finding(finding, gettext, Glossary(fields={**terms(), **words, **labels()}, rules=words, moment=_moment))


def error_words(error: OpenInfusionError) -> Words:
    """An expected failure: what is true, what is safe now, what to do."""
    return present.error(error, gettext)


def verdict_word(verdict: Verdict) -> str:
    """Proceed, Needs decision or Stop."""
    return present.screen_word(verdict, gettext)


def level_word(level: Level) -> str:
    """The weight of a finding in a word."""
    return present.level_word(level, gettext)


def wording_of(house: Ports, loaded: LoadedProtocol) -> Mapping[str, str]:
    """What codes and rules are called in the site's language, else in English; the protocol's own words win."""
    found: dict[str, str] = {}
    for table in (*house.library.reference.tables.values(), *loaded.tables.values()):
        found |= table.wording.get(house.site.language) or table.wording.get("en", {})
    return {**found, **loaded.protocol.words(house.site.language)}


def terms() -> Mapping[str, str]:
    """What codes of the dictionary are called, such as the substances of allergies."""
    house = ports()
    found = house.library.reference.terms
    return found.get(house.site.language) or found.get("en", {})


def _moment(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M")


def labels(house: Ports | None = None) -> Mapping[str, str]:
    """The label of every field of the dictionary; who has ports at hand gives them, so that the files are not looked at once more."""
    return {name: spec.meaning for name, spec in (house or ports()).library.reference.fields.items()}
