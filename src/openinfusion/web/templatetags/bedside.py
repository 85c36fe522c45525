"""Tags of the session's pages: forms that post one command, fields that keep what was typed, clocks that run. Nothing is computed here."""

import uuid
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.translation import gettext

from openinfusion.app import present
from openinfusion.core.administration.checklist import Need, Stage
from openinfusion.core.administration.parts import Reading
from openinfusion.core.monitoring.observation import Due
from openinfusion.core.prescribing.order import PlannedPremedication
from openinfusion.core.quantity import Quantity
from openinfusion.web.chairside import Chairside, Posted
from openinfusion.web.naming import NEED_WORDS, STAGE_WORDS, command_words, event_words
from openinfusion.web.observing import Kind, Observed
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
        "which": context.get("which", ""),
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
        "wording": context.get("terms") or {},
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
    return present.code_words(str(code), context.get("terms") or {})


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


@register.inclusion_tag("web/session/ids.html", takes_context=True)
def ids(context: template.Context) -> dict[str, object]:
    """The id of one posted form, and the stage it stands on."""
    return {"command_id": uuid.uuid4(), "which": context.get("which")}


@register.filter
def anchor(name: str) -> str:
    """The name of a field as a part of an HTML id."""
    return name.replace(".", "-")


@register.simple_tag(takes_context=True)
def field_word(context: template.Context, name: str) -> str:
    """The name of a field of a form as people read it: what an observation is called, else its last part."""
    if name.startswith(_READINGS):
        return called(context, name.removeprefix(_READINGS).removesuffix(".unit"))
    return present.readable(name.rsplit(".", 1)[-1])


_READINGS = "readings."


@register.filter
def rounded(volume: Quantity | None) -> str:
    """A running volume to a tenth of a millilitre, as pumps show it; the record holds it exactly."""
    return "" if volume is None else present.quantity(volume.to("mL").rounded(_TENTH), gettext)


_TENTH = Quantity("0.1", "mL")


@register.inclusion_tag("web/session/entry.html", takes_context=True)
def reading_entry(context: template.Context, one: Observed) -> dict[str, object]:
    """The field for one observation."""
    kinds = {Kind.NUMBER: "number", Kind.ANSWER: "answer", Kind.WORDS: "text"}
    shown = entry(context, "RecordObservation", f"readings.{one.code}", called(context, one.code), kind=kinds[one.kind], unit=one.unit)
    return {**shown, "narrow": one.kind is Kind.NUMBER}


@register.inclusion_tag("web/session/entry.html", takes_context=True)
def premedication_dose(context: template.Context, planned: PlannedPremedication) -> dict[str, object]:
    """The dose of a premedication: as planned, else free to write with its unit."""
    unit = planned.dose.unit if planned.dose is not None else "mg"
    value = plain_number(planned.dose)
    return entry(context, "RecordPremedication", "given.dose", gettext("Dose"), unit=unit, value=value, optional=planned.dose is None)
