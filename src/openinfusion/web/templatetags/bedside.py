"""Tags of the session's pages: forms that post one command, fields that keep what was typed, clocks that run. Nothing is computed here."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.translation import gettext

from openinfusion.app import present
from openinfusion.core.administration.checklist import Need, Stage
from openinfusion.core.administration.parts import Reading
from openinfusion.core.finding import Finding
from openinfusion.core.monitoring.observation import Due
from openinfusion.core.quantity import Quantity
from openinfusion.web.chairside import Chairside, Posted
from openinfusion.web.naming import NEED_WORDS, STAGE_WORDS, command_words, event_words
from openinfusion.web.wording import unit_words

register = template.Library()


@register.inclusion_tag("web/session/opening.html", takes_context=True)
def opening(context: template.Context, command: str, stay: str = "") -> dict[str, object]:
    """The head of a form that gives one command; `stay` names the stage to come back to."""
    chair: Chairside = context["chair"]
    return {
        "session": chair.session,
        "command": command,
        "seen": chair.state.seq,
        "stay": stay,
        "command_id": uuid.uuid4(),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("web/session/entry.html", takes_context=True)
def entry(context: template.Context, command: str, name: str, label: str, **more: object) -> dict[str, object]:
    """One labelled field of a command's form. `more` may hold value, unit, help, kind (text, date, number), choices, required, list."""
    posted: Posted = context["posted"]
    is_back = posted.command == command
    value = posted.data.get(name, "") if is_back and name in posted.data else more.pop("value", "")
    unit = str(more.get("unit") or "")
    return {
        "id": f"{command}-{name}".replace(".", "-"),
        "name": name,
        "label": label,
        "value": "" if value is None else value,
        "problem": posted.problems.get(name, "") if is_back else "",
        "unit_words": unit_words(unit) if unit else "",
        **more,
    }


@register.filter
def plain_number(amount: Quantity | None) -> str:
    """The bare number of an amount as it is typed into a field; empty where it has no finite decimal form."""
    text = "" if amount is None else present.number_text(amount.value)
    return "" if text.startswith("≈") else text


@register.inclusion_tag("web/session/due.html", takes_context=True)
def until(context: template.Context, at: datetime | None, what: str = "") -> dict[str, object]:
    """A clock that counts down to a moment and past it; without scripts it shows the moment."""
    now: datetime = context["now"]
    return {"at": at, "what": what, "span": present.elapsed(at - now) if at else "", "is_past": at is not None and at <= now}


@register.inclusion_tag("web/session/since.html", takes_context=True)
def since(context: template.Context, at: datetime | None) -> dict[str, object]:
    """A clock that counts up from a moment."""
    now: datetime = context["now"]
    return {"at": at, "span": present.elapsed(max(now - at, timedelta(0))) if at else ""}


@register.simple_tag(takes_context=True)
def called(context: template.Context, code: str) -> str:
    """What a code is called here."""
    wording = context.get("wording") or {}
    return str(wording.get(code) or present.readable(code))


@register.simple_tag(takes_context=True)
def owed_words(context: template.Context, owed: Due) -> str:
    """The observations that are owed."""
    return ", ".join(called(context, code) for code in owed.codes)


@register.filter
def reading_text(reading: Reading) -> str:
    """An observed value in words."""
    return present.reading_value(reading, gettext)


@register.filter
def stage_word(stage: Stage | str) -> str:
    """The word for a stage."""
    return str(STAGE_WORDS[Stage(stage)])


@register.filter
def need_word(need: Need) -> str:
    """What a criterion of the discharge asks."""
    return str(NEED_WORDS[need])


@register.filter
def command_word(name: str) -> str:
    """What a command is called."""
    return command_words(name)


@register.filter
def event_word(event: object) -> str:
    """What an event says, in a few words."""
    return event_words(event)


@register.filter
def iso(at: datetime | None) -> str:
    """A moment for a script: ISO with its offset."""
    return "" if at is None else at.isoformat()


@register.filter
def seconds_clock(at: datetime | None) -> str:
    """Time of day with seconds in the site's zone."""
    return "–" if at is None else timezone.localtime(at).strftime("%H:%M:%S")


@register.filter
def priority_word(priority: str) -> str:
    """The word for the priority of an alarm."""
    return present.priority_word(priority, gettext)


@register.filter
def without(findings: Iterable[Finding], level: str) -> list[Finding]:
    """The findings of other levels than this."""
    return [one for one in findings if one.level.value != level]
