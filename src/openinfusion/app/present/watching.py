"""Alarms, owed observations, emergency doses and readings in words. Every alarm says its cause, its value, and what to do next."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from openinfusion.app.present.numbers import elapsed, quantity
from openinfusion.app.present.words import NO_GLOSSARY, Glossary, Translate, Words, plain, readable
from openinfusion.core.administration.parts import Reading
from openinfusion.core.administration.session import Alarm
from openinfusion.core.monitoring.limit import LIMIT
from openinfusion.core.monitoring.observation import Due
from openinfusion.core.monitoring.response import DoseBasis, EmergencyDose, ScriptStep
from openinfusion.core.quantity import Quantity
from openinfusion.core.table import Priority

_NO_READING = "no reading"
_WORDLESS = "An alarm without words: {code}."
_LOOK = "Look at the patient, then at the device."
_DUE_IN = "{what}: due in {time}"
_OVERDUE = "{what}: overdue for {time}"
_BY_STANDING_ORDER = "by the standing order of the site"
_PRIORITIES: Mapping[Priority, str] = {Priority.HIGH: "HIGH", Priority.MEDIUM: "MEDIUM", Priority.LOW: "LOW"}
_BASES: Mapping[DoseBasis, str] = {
    DoseBasis.WEIGHT: "by weight",
    DoseBasis.AGE: "by age",
    DoseBasis.AGE_OF_OTHER_SCHEME: "by age, weight unknown, by the rows of the scheme {rows_of}",
    DoseBasis.ADULT: "adult dose, weight and age unknown",
}
_DOSE = "{dose} = {volume} ({basis}; scheme {scheme})"


def alarm(raised: Alarm, kinds: Mapping[str, str], translate: Translate = plain, glossary: Glossary = NO_GLOSSARY) -> Words:
    """The words of an alarm; `kinds` holds the sentences of the alarm tables, `glossary.rules` those of the protocol.

    A limit speaks through the protocol's own sentence with the value in front; what a pump said in words of its own is shown as it came.
    """
    sentence = glossary.rules.get(raised.rule, "") if raised.code == LIMIT else kinds.get(raised.code, "")
    if not sentence:
        return Words(translate(_WORDLESS).format(code=readable(raised.code)), "", translate(_LOOK))
    cause, _, what_to_do = translate(sentence).partition(". ")
    parts = [_about(raised, translate, glossary), f"{cause.rstrip('.')}."]
    return Words(" ".join(part for part in parts if part), "", what_to_do)


def _about(raised: Alarm, translate: Translate, glossary: Glossary) -> str:
    """What stands before the cause: the value, the channel, the rule, or the pump's own words."""
    if raised.code in ("no-reading", "trend-to-limit", "criterion-met", "emergency-criterion"):
        return f"{observation(raised.key.partition(':')[2], translate, glossary)}:"
    if raised.reading is not None:
        return f"{reading(raised.reading, translate, glossary)}."
    if raised.code in ("pump-unknown", "pump-state-unknown"):
        return f"“{raised.rule}”:"
    return translate(glossary.rules[raised.rule]) if raised.rule in glossary.rules and raised.code != LIMIT else ""


def priority_word(priority: str, translate: Translate = plain) -> str:
    """HIGH, MEDIUM or LOW; a priority of another origin as it is written."""
    return translate(_PRIORITIES[Priority(priority)]) if priority in list(Priority) else priority


def observation(code: str, translate: Translate = plain, glossary: Glossary = NO_GLOSSARY) -> str:
    """What an observation is called: the label of its field, else its code as text."""
    return translate(glossary.fields[code]) if code in glossary.fields else readable(code)


def reading(seen: Reading, translate: Translate = plain, glossary: Glossary = NO_GLOSSARY) -> str:
    """One observed value with what it is a value of; a technical one is said to be no reading."""
    name = observation(seen.code, translate, glossary)
    return f"{name} {reading_value(seen, translate)}"


def reading_value(seen: Reading, translate: Translate = plain) -> str:
    """The value alone, with the scale it belongs to."""
    match seen.value:
        case bool():
            return translate("yes") if seen.value else translate(_NO_READING)
        case str():
            text = readable(seen.value)
        case _:
            text = quantity(seen.value, translate)
    return f"{text} ({seen.scale})" if seen.scale else text


def due_line(owed: Due, now: datetime, translate: Translate = plain, glossary: Glossary = NO_GLOSSARY) -> str:
    """What is owed, and in how many minutes and seconds it is due or for how long it is overdue."""
    what = ", ".join(observation(code, translate, glossary) for code in owed.codes)
    form = _OVERDUE if owed.at <= now else _DUE_IN
    return translate(form).format(what=what, time=elapsed(abs(now - owed.at)))


def emergency_dose_line(dose: EmergencyDose, translate: Translate = plain) -> str:
    """The one dose with its volume, its basis and the scheme it is from."""
    basis = translate(_BASES[dose.basis]).format(rows_of=dose.rows_of)
    return translate(_DOSE).format(
        dose=quantity(dose.dose, translate), volume=quantity(dose.volume, translate), basis=basis, scheme=dose.scheme
    )


def script_step_line(step: ScriptStep, wording: Mapping[str, str], translate: Translate = plain) -> str:
    """One step of a response script: its sentence, its dose or amounts, and where the site's standing order decides."""
    parts = [translate(wording.get(step.id, readable(step.id)))]
    if step.dose is not None:
        parts.append(emergency_dose_line(step.dose, translate))
    parts.extend(_amounts(step.amounts, translate))
    if step.per_standing_order:
        parts.append(translate(_BY_STANDING_ORDER))
    return " — ".join(part.rstrip(".") for part in parts) + "."


_RANGE = "{low} to {high}"


def _amounts(amounts: Mapping[str, Quantity], translate: Translate) -> Iterator[str]:
    """The figures of a step, each after its name; one that runs from and to is one range."""
    for name, amount in amounts.items():
        head, _, end = name.rpartition("_")
        prefix = f"{head}_" if head else ""
        if end == "to" and f"{prefix}from" in amounts:
            continue
        partner = amounts.get(f"{prefix}to")
        text = quantity(amount, translate)
        if end == "from" and partner is not None:
            name, text = head, translate(_RANGE).format(low=text, high=quantity(partner, translate))
        yield f"{readable(name)}: {text}" if name else text


def message_ids() -> tuple[str, ...]:
    """Every English text of this room, for the translation files."""
    fixed = (_NO_READING, _WORDLESS, _LOOK, _DUE_IN, _OVERDUE, _BY_STANDING_ORDER, _DOSE, _RANGE)
    return (*fixed, *_PRIORITIES.values(), *_BASES.values())
